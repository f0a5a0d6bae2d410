"""What takes long to look up holds up its own chat and no other, and nobody's writing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from bot.stateless import Stateless
from conversations.session import Sprint
from conversations.speech import Phrase, Said
from scheduler.dialogue import Dialogue, Event, Facts, FromHer, Wrote
from storage.database import Tx
from storage.facts import Who
from storage.interviews import Conversation
from storage.records import Lengthy, Need
from storage.schema import inbox
from tests.integration.test_runner import rows, texts, wrote
from tests.support.chat import Bot
from tests.support.world import Store

SLOW, BROKEN = "slow", "broken"
WORDS = {True: "office.today", False: "office.tomorrow"}


@dataclass
class Gate:
    """Lets what is looked up be found; `tries` counts how often somebody looked."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Found(Lengthy):
    """Whether the gate is open by then; it breaks the first time if so wished."""

    gate: Gate = field(hash=False)
    broken: bool = False

    async def find(self, tx: Tx) -> bool:
        self.gate.tries += 1
        if self.broken and self.gate.tries == 1:
            raise LookupError("not now")
        if not self.broken:
            await self.gate.open.wait()
        return True


class Slowly(Stateless):
    """Says whether it was found."""

    name = "slowly"

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def needs(self, state: None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """What takes long, where that is what was written."""
        text = event.text if isinstance(event, Wrote) else ""
        return (Found(self._gate, text == BROKEN),) if text in (SLOW, BROKEN) else ()

    def step(self, state: None, event: Event, facts: Facts) -> Sprint[None, Any]:
        """Say it."""
        text = event.text if isinstance(event, Wrote) else ""
        known = text not in (SLOW, BROKEN) or facts.get(Found(self._gate, text == BROKEN)) is True
        return Sprint(None, (Said(Phrase(WORDS[known], {"hour": "9"})),))


@dataclass
class SlowDesk:
    """Where all is done slowly."""

    gate: Gate = field(default_factory=Gate)

    def choose(self, event: Event, *, who: Who, conversation: Conversation | None) -> Dialogue:
        """The only one."""
        return Slowly(self.gate)

    def admitted(self, event: FromHer, who: Who) -> Who:
        """Everybody who is in."""
        return who

    def gives_way(self, dialogue: str) -> bool:
        """No."""
        return False


@pytest.fixture
def desk() -> SlowDesk:
    return SlowDesk()


@pytest.fixture
def bot(store: Store, desk: SlowDesk) -> Bot:
    return Bot(store, desk=desk)


async def waiting(store: Store) -> int:
    return [row.state for row in await rows(store, inbox)].count("waiting")


async def test_others_are_taken_and_anybody_may_write_while_one_is_looked_up_for(
    store: Store, bot: Bot, desk: SlowDesk
) -> None:
    await bot.receive(wrote(bot, 501, SLOW), wrote(bot, 502, "hola"))
    assert await bot.runner.take_letters() == 1
    async with store.database.transact() as tx:
        assert (await tx.run(select(inbox))).first() is not None, "the writer's turn is free"
    await bot.receive(wrote(bot, 502, "hola"), wrote(bot, 501, "y otra cosa"))
    assert await bot.runner.take_letters() == 1
    assert await bot.runner.take_letters() == 1, "there is still something to come"
    assert await waiting(store) == 2, "hers, in their order"
    desk.gate.open.set()
    await bot.settle()
    assert await waiting(store) == 0
    assert len(texts(bot, 501)) == len(texts(bot, 502)) == 2
    assert desk.gate.tries == 1, "nobody looked for it twice"
    assert await bot.runner.take_letters() == 0


async def test_after_a_crash_it_is_looked_up_once_more(store: Store, bot: Bot, desk: SlowDesk) -> None:
    await bot.receive(wrote(bot, 501, SLOW))
    assert await bot.runner.take_letters() == 1
    after = Bot(store, desk=desk)
    after.chats, after.numbers = bot.chats, bot.numbers
    desk.gate.open.set()
    await after.settle()
    assert len(texts(after, 501)) == 1


async def test_what_could_not_be_looked_up_is_left_to_the_step(store: Store, bot: Bot, desk: SlowDesk) -> None:
    await bot.receive(wrote(bot, 501, BROKEN))
    await bot.settle()
    assert desk.gate.tries == 2
    assert len(texts(bot, 501)) == 1
    assert [row.state for row in await rows(store, inbox)] == ["done"]
