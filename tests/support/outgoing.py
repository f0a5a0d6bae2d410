"""Where a courier is tried: the simulator over HTTP, a real store, an outbox to post to, and virtual time.

Time stands still while anything happens and jumps to the next timer when nothing does; the wall clock goes along.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from bot.api import Api, Call
from bot.courier import Courier, Hours
from bot.demo.chats import Message
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator
from bot.pacing import Limits, Pacer
from conversations.speech import ButtonsRemoved, ChatCleaned, Phrase, Said, Speech, TapAnswered
from scheduler.calendar import Calendar, Preferences, Slot, next_allowed
from storage import mail, traces
from storage.leaving import HerHours
from storage.mail import Claimed, Parcel, Urgency
from storage.schema import outbox
from storage.traces import Standing
from tests.support.world import START, Store

TOKEN = "4242:una-palabra"
SESSION = 77
GRACE = 0.003
"""Real seconds in which nothing must happen before time jumps."""

PATIENCE = 600
"""Virtual seconds to wait for something to be seen."""


class VirtualTime:
    """The running loop's time, which jumps from timer to timer and takes the wall clock along.

    What the store does happens in other threads, so time waits while any of its connections is in use.
    """

    def __init__(self, loop: Any, store: Store) -> None:
        self._loop = loop
        self._clock = store.clock
        self._pools: list[Any] = [engine.pool for engine in (store.database._writer, store.database._readers)]
        self._passed = 0.0
        self._select = loop._selector.select

    def __enter__(self) -> None:
        self._loop._selector.select = self._jump
        self._loop.time = lambda: 1_000.0 + self._passed

    def __exit__(self, *_: object) -> None:
        del self._loop.time, self._loop._selector.select

    def _jump(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return self._select(timeout)
        happened = self._select(GRACE)
        if not happened and not any(pool.checkedout() for pool in self._pools):
            self._passed += timeout
            self._clock.at = START + timedelta(seconds=self._passed)
        return happened


class Plainly:
    """Says a phrase by its key; the one keyed "broken" cannot be said."""

    def needs_standing(self, speech: Speech) -> bool:
        return isinstance(speech, ButtonsRemoved | ChatCleaned)

    def __call__(self, claimed: Claimed, standing: Sequence[Standing]) -> list[Call]:
        chat = {"chat_id": claimed.parcel.chat_id}
        ids = [message.message_id for message in standing]
        match claimed.parcel.speech:
            case Said(phrase):
                if phrase.key == "broken":
                    raise KeyError("palabras suyas")
                return [Call("sendMessage", {**chat, "text": phrase.key})]
            case TapAnswered(tap):
                return [Call("answerCallbackQuery", {"callback_query_id": tap})]
            case ButtonsRemoved():
                edits = [Call("editMessageReplyMarkup", {**chat, "message_id": id_}) for id_ in ids]
                return [*edits, Call("sendMessage", {**chat, "text": "quitados"})]
            case _:
                return [Call("deleteMessages", {**chat, "message_ids": ids})]


def may_send(hers: HerHours, at: datetime) -> datetime:
    """Hilo's own calendar."""
    days = frozenset(map(int, hers.days or ""))
    return next_allowed(at, Preferences(ZoneInfo(hers.zone), Slot(hers.slot), days), calendar=Calendar())


class Post:
    """Puts parcels into the outbox, and looks at what became of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._number = 0

    async def __call__(self, chat_id: int, *said: str | Speech, urgency: Urgency = Urgency.REPLY, **more: Any) -> None:
        parcels = []
        for one in said:
            self._number += 1
            speech = Said(Phrase(one)) if isinstance(one, str) else one
            lane = f"lane-{chat_id}"
            parcels.append(Parcel(f"o{self._number}", lane, chat_id, speech, urgency, session_id=SESSION, **more))
        async with self._store.database.transact() as tx:
            await mail.post(tx, parcels)

    async def rows(self) -> list[Any]:
        """The whole outbox in the order of posting."""
        async with self._store.database.read() as tx:
            return list(await tx.run(select(outbox).order_by(outbox.c.id)))

    async def states(self) -> Counter[str]:
        """How many parcels stand how."""
        return Counter(row.state for row in await self.rows())

    async def ends(self) -> list[tuple[str, str | None]]:
        """State and reason of each parcel, in the order of posting."""
        return [(row.state, row.reason) for row in await self.rows()]

    async def standing(self, chat_id: int = 101) -> list[int]:
        """The messages that are known to stand in a chat."""
        async with self._store.database.read() as tx:
            return [one.message_id for one in await traces.of_session(tx, SESSION, lane=f"lane-{chat_id}")]


@dataclass(frozen=True)
class Outgoing:
    """All that a courier needs, and the phones at the other end."""

    store: Store
    simulator: Simulator
    api: Api
    post: Post

    def courier(self, limits: Limits | None = None, hours: Hours | None = None) -> Courier:
        """A courier as a start of the bot would make it."""
        hours = hours or Hours(self.store.clock, may_send)
        return Courier(self.api, self.store.database, render=Plainly(), pacer=Pacer(limits), hours=hours)

    def phone(self, user_id: int) -> Phone:
        """The phone of somebody who has started the bot."""
        phone = self.simulator.phone(user_id=user_id, first_name=f"P{user_id}")
        phone.start()
        return phone

    @property
    def sent_at(self) -> list[float]:
        """When each message was made, in seconds since the start."""
        calls = self.simulator.calls
        return [(call.at - START).total_seconds() for call in calls if call.method == "sendMessage"]

    async def first_answer(self, phone: Phone) -> Message:
        """The bot's first message in this chat, once it is there."""

        def answers() -> list[Message]:
            return [message for message in phone.history if message.sender == "bot"]

        return (await self.simulator.wait_for(answers, seconds=PATIENCE))[0]

    async def rename(self, table: str, name: str) -> None:
        """Take a table away, or bring it back: the plainest trouble that a store can have."""
        async with self.store.database.transact() as tx:
            await tx.run(text(f"ALTER TABLE {table} RENAME TO {name}"))


@asynccontextmanager
async def outgoing(store: Store) -> AsyncIterator[Outgoing]:
    """The stage, served and in virtual time until the block ends."""
    simulator = Simulator(token=TOKEN, now=store.clock)
    with VirtualTime(asyncio.get_running_loop(), store):
        async with simulator.serve() as url, Api(TOKEN, url) as api:
            yield Outgoing(store, simulator, api, Post(store))


def heard(phone: Phone) -> list[str]:
    """What the bot has said in this chat, oldest first."""
    return [message.text for message in phone.history if message.sender == "bot"]


def actions(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The action keys that the courier has logged."""
    return [vars(record)["action"] for record in caplog.records if record.name == "bot.courier"]
