"""Chats without Telegram: updates go through the real runner and store, and what would be sent is rendered and kept.

* The clock moves only when a test moves it, and time passes the way it does for the bot: by ticks.
* A message stays in its chat, hers and the bot's, until a call deletes it; every call is noted in the order of sending.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import func, select

from bot import library
from bot.api import Call
from bot.app import OUTGOING, hours_by
from bot.cli.results import every_version
from bot.desk import Desk
from bot.exporting import Exporting, making
from bot.housekeeping import clear_chats, keep_house
from bot.journey import Journey, standing_for
from bot.library import Library
from bot.participant.notice import notice_of
from bot.participant.purposes import ASKED_APART
from bot.rendering import Renderer
from bot.routing import read
from bot.staff.broadcast_card import Terms
from bot.staff.following import Following
from locales.catalog import load_catalog
from scheduler.applied import Plans
from scheduler.checkins import Checkins
from scheduler.dialogue import Desk as AnyDesk
from scheduler.enrolment import enrol
from scheduler.mailings import Mailings
from scheduler.plan import SHIPPED_PLAN, Plan, read_plan
from scheduler.runner import Runner
from storage import interviews, invitations, leaving, ledger, mail, members
from storage.consents import Purpose
from storage.database import Tx
from storage.imports.participants import ParticipantRow
from storage.mail import Letter
from storage.members import Role
from storage.schema import broadcasts, chats
from tests.support import played
from tests.support.world import Store

BOT_ID = 7
WORD = "girasol"
SOON = timedelta(seconds=15)


@dataclass
class Seen:
    """One message as it stands in a chat, the bot's or (`hers`) the person's own; `buttons` by their labels."""

    message_id: int
    text: str
    buttons: dict[str, str] = field(default_factory=dict)
    rows: tuple[tuple[str, ...], ...] = ()
    hers: bool = False


@dataclass(frozen=True)
class Shown:
    """One call as its chat saw it: when, where, what, and the messages it changed or deleted as they stood before."""

    at: datetime
    chat_id: int
    call: Call
    before: tuple[Seen, ...] = ()


def word_shown(text: str) -> str:
    """The word between quotation marks."""
    return text.partition("«")[2].partition("»")[0]


class Chat:
    """One private chat with the bot."""

    def __init__(self, bot: Bot, chat_id: int) -> None:
        self.bot = bot
        self.chat_id = chat_id
        self.messages: dict[int, Seen] = {}
        self.toasts: list[str] = []
        self.commands: tuple[str, ...] = ()
        self.files: list[bytes] = []
        self.offered: list[tuple[str, str]] = []
        """Every button ever shown here, as (label, callback_data), the newest last."""

    async def say(self, text: str, *, about: str | None = None) -> list[str]:
        """She writes, in reply to the newest message that says `about`; returns the texts of what comes back."""
        replied = {} if about is None else {"reply_to_message": {"message_id": self.newest(about).message_id}}
        message = self._message({"text": text, **replied})
        self.messages[message["message_id"]] = Seen(message["message_id"], text, hers=True)
        return await self._update({"message": message})

    async def start(self, token: str = "") -> list[str]:
        """She presses Iniciar, by an invitation if `token` is one."""
        return await self.say(f"/start {token}".strip())

    async def accept(self) -> list[str]:
        """She says yes to the notice, and confirms it by writing the word that she is shown."""
        await self.tap("Sí, acepto")
        return await self.say(word_shown(self.last.text))

    async def send(self, kind: str, *, caption: str = "", **fields: Any) -> list[str]:
        """She sends something that is not text, by the Bot API's name for it and with the fields that matter."""
        below = {"caption": caption} if caption else {}
        return await self._update({"message": self._message({kind: fields, **below})})

    async def edit(self, text: str, *, of: str = "") -> list[str]:
        """She changes her newest message that says `of` into this."""
        hers = self.newest(of, hers=True)
        hers.text = text
        return await self._update({"edited_message": self._message({"text": text}) | {"message_id": hers.message_id}})

    def newest(self, words: str, *, hers: bool = False) -> Seen:
        """The newest message that says so, the bot's or hers."""
        there = [seen for seen in self.messages.values() if seen.hers is hers and words in seen.text]
        assert there, f"no message says {words}: {self.texts}"
        return max(there, key=lambda seen: seen.message_id)

    async def block(self, *, blocked: bool = True) -> list[str]:
        """She blocks the bot, or lets it in again."""
        status = "kicked" if blocked else "member"
        return await self._update({"my_chat_member": {"chat": self._chat, "new_chat_member": {"status": status}}})

    async def tap(self, label: str) -> list[str]:
        """She taps the newest button that says so."""
        for seen in sorted(self.messages.values(), key=lambda seen: -seen.message_id):
            for text, data in seen.buttons.items():
                if label in text:
                    return await self.tap_data(data)
        raise AssertionError(f"no button says {label}: {[list(seen.buttons) for seen in self.messages.values()]}")

    async def tap_data(self, data: str) -> list[str]:
        """She taps a button that carries this, whether it is still there or not."""
        query = {"id": str(next(self.bot.numbers)), "from": {"id": self.chat_id}, "data": data}
        on = [id_ for id_, seen in self.messages.items() if data in seen.buttons.values()]
        message = {"chat": self._chat, **({"message_id": on[-1]} if on else {})}
        return await self._update({"callback_query": {**query, "message": message}})

    @property
    def last(self) -> Seen:
        """The newest message of the bot's."""
        return self.messages[max(id_ for id_, seen in self.messages.items() if not seen.hers)]

    @property
    def texts(self) -> list[str]:
        """What stands in the chat now, from the top."""
        return [self.messages[id_].text for id_ in sorted(self.messages)]

    @property
    def _chat(self) -> dict[str, Any]:
        return {"id": self.chat_id, "type": "private"}

    def _message(self, content: dict[str, Any]) -> dict[str, Any]:
        return {"message_id": next(self.bot.numbers), "chat": self._chat, "from": {"id": self.chat_id}, **content}

    async def _update(self, content: dict[str, Any]) -> list[str]:
        await self.bot.receive((self.chat_id, content))
        return await self.bot.settle(self)

    def apply(self, call: Call, message_id: int | None) -> tuple[Seen, ...]:
        """Show a call; returns the messages that it changed or deleted, as they stood before."""
        keyboard = call.params.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = {button["text"]: button["callback_data"] for row in keyboard for button in row}
        rows = tuple(tuple(button["text"] for button in row) for row in keyboard)
        self.offered += buttons.items()
        match call.method:
            case "sendDocument" | "sendPhoto" if "caption" not in call.params:
                assert message_id is not None
                file = call.params[call.method.removeprefix("send").lower()]
                self.messages[message_id] = Seen(message_id, f"(file {file.filename})")
                _, content, _ = file.field_tuple
                with io.BytesIO(content) if isinstance(content, bytes) else content as opened:
                    self.files.append(opened.read())
            case "sendVoice" if "caption" not in call.params:
                assert message_id is not None
                self.messages[message_id] = Seen(message_id, "(recorded)")
            case "sendPhoto" | "sendDocument" | "sendVoice":
                assert message_id is not None
                kind = call.method.removeprefix("send").lower()
                self.messages[message_id] = Seen(
                    message_id, f"({kind} {call.params[kind]}) {call.params['caption']}", buttons, rows
                )
            case "sendMessage":
                assert message_id is not None
                self.messages[message_id] = Seen(message_id, call.params["text"], buttons, rows)
            case "editMessageText" | "editMessageReplyMarkup":
                seen = self.messages[call.params["message_id"]]
                text = call.params.get("text", seen.text)
                self.messages[seen.message_id] = Seen(seen.message_id, text, buttons, rows)
                return (seen,)
            case "deleteMessages":
                return tuple(self.messages.pop(id_) for id_ in call.params["message_ids"] if id_ in self.messages)
            case "answerCallbackQuery":
                self.toasts += [call.params["text"]] if "text" in call.params else []
            case "deleteMyCommands":
                self.commands = ()
            case "setMyCommands":
                self.commands = tuple(one["command"] for one in call.params["commands"])
            case method:
                raise AssertionError(f"a chat cannot show {method}")
        return ()


class Bot:
    """The real runner, tick and renderer over a store, with no network."""

    def __init__(
        self,
        store: Store,
        *,
        shelf: Library | None = None,
        plan: Plan | None = None,
        desk: AnyDesk | None = None,
        terms: Terms | None = None,
    ) -> None:
        self.store = store
        self.is_usual = shelf is None and desk is None and terms is None
        """Whether it is made of what is shipped, but for the plan."""
        self.library = shelf or library.build([], library.shipped_sources())
        self.plans = Plans.of(plan or read_plan(SHIPPED_PLAN))
        desk = desk or Desk(self.library, plans=self.plans, notice=notice_of(store.home), terms=terms)
        self.runner = Runner(store.database, desk, read=read)
        self.checkins = Checkins(store.database, self.runner, plans=self.plans)
        may_send = hours_by(self.plans, store.database.now).may_send
        self.mailings = Mailings(store.database, may_send=may_send, rules=None if terms is None else terms.rules)
        self.following = Following(store.database, terms or Terms())
        self.making = making(store.database, store.url, shelf=every_version)
        self.exporting = Exporting(store.database, store.home / OUTGOING, make=self.making)
        self.render = Renderer(load_catalog(), self.library, outgoing=store.home / OUTGOING)
        self.chats: dict[int, Chat] = {}
        self.numbers = count(1000)
        self.shown: list[Shown] = []

    def lane(self, chat_id: int) -> str:
        """The name under which the store knows a chat."""
        return self.store.vault.digest("lane", f"{BOT_ID}:{chat_id}")

    def chat(self, chat_id: int = 501) -> Chat:
        """The chat of that id, empty at first."""
        return self.chats.setdefault(chat_id, Chat(self, chat_id))

    async def receive(self, *updates: tuple[int, dict[str, Any]]) -> None:
        """Updates of these chats arrive together; nothing is done about them yet."""
        letters = [Letter(BOT_ID, next(self.numbers), self.lane(chat_id), content) for chat_id, content in updates]
        async with self.store.database.transact() as tx:
            await mail.receive(tx, letters)

    async def settle(self, chat: Chat | None = None) -> list[str]:
        """Let runner and courier do all that can be done now; returns what was newly said in `chat`."""
        before = len(self.shown)
        while await self.runner.take_letters():
            pass
        while await self._deliver():
            pass
        sent = [shown for shown in self.shown[before:] if shown.call.method == "sendMessage"]
        return [shown.call.params["text"] for shown in sent if chat is not None and shown.chat_id == chat.chat_id]

    async def tick(self) -> None:
        """Let the tick do all that is due now, housekeeping too."""
        async with self.store.database.read() as tx:
            await self.library.refresh(tx)
            await self.plans.refresh(tx)
        while await self.checkins.take_due() or await self.checkins.end_expired():
            pass
        await self.mailings.step()
        await self.settle()
        await self.mailings.step()
        await self.following.step()
        await self.exporting.step()
        await self.settle()
        await keep_house(self.store.database)
        while await clear_chats(self.store.database):
            await self.settle()

    async def pass_time(self, **time: float) -> None:
        """Time goes by, in the words of `timedelta`, stopping wherever something is due."""
        clock = self.store.clock
        until = clock.at + timedelta(**time)
        while (moment := await self._next_moment(until)) is not None:
            clock.at = moment
        clock.at = until
        await self.tick()

    async def _next_moment(self, until: datetime) -> datetime | None:
        await self.tick()
        async with self.store.database.read() as tx:
            moments = [await ledger.next_look_at(tx), await mail.next_ready_at(tx), await interviews.next_expiry_at(tx)]
            moments.append((await tx.run(select(func.min(broadcasts.c.next_at)))).scalar_one())
            moments.append((await tx.run(select(func.min(chats.c.clean_at)))).scalar_one())
        now = self.store.clock.at  # what is due by now has had its chance
        return min((moment for moment in moments if moment is not None and now < moment <= until), default=None)

    async def _deliver(self) -> int:
        async with self.store.database.transact() as tx:
            claimed, _ = await mail.claim(tx, 10)
            for one in claimed:
                (held,) = await leaving.may_leave(tx, [one.parcel]) if leaving.is_checked(one.parcel) else (None,)
                if isinstance(held, leaving.Held):
                    await leaving.drop(tx, [one.id], held)
                else:
                    await self._show(tx, one)
        return len(claimed)

    async def _show(self, tx: Tx, one: mail.Claimed) -> None:
        chat = self.chat(one.parcel.chat_id)
        journey = Journey(one, deque(self.render(one, await standing_for(tx, one, render=self.render))))
        for call in list(journey.calls):
            if self.refuses(call):
                journey.until = self.store.clock.at + SOON
                break
            message_id = next(self.numbers) if call.method.startswith("send") else None
            before = chat.apply(call, message_id)
            self.shown.append(Shown(self.store.clock.at, chat.chat_id, call, before))
            journey.went(call, {"message_id": message_id})
        await journey.mark(tx)

    def refuses(self, call: Call) -> bool:
        """Whether Telegram is away just as this is called: it is tried again soon."""
        return False

    # --- people

    async def register(self, record_id: str = "R-1", *, released: date | None = None, name: str = "Rosa Prueba") -> int:
        """A woman whom staff have registered, with the check-ins expected of her; released today if no day is given."""
        day = released or self.store.clock.at.date()
        row = ParticipantRow(line=2, record_id=record_id, name=name, phone="5512345678", release_date=day)
        async with self.store.database.transact() as tx:
            return (await enrol(tx, [row], plans=self.plans))[0]

    async def invite(self, participant: int) -> str:
        """The token of a fresh invitation, whose word is WORD."""
        async with self.store.database.transact() as tx:
            return (await invitations.invite_participant(tx, participant, words=[WORD])).token

    async def invite_staff(self, name: str = "Lupe Prueba", role: Role = Role.STAFF) -> str:
        """The token of an invitation for a new member of staff."""
        async with self.store.database.transact() as tx:
            return (await members.invite_staff(tx, name, role=role)).token

    async def enrolled(
        self, chat_id: int = 501, *, slot: str = "En la mañana", but_for: Collection[Purpose] = ()
    ) -> Chat:
        """The chat of a woman, released today, who allows everything but these; `test_enrolment.py` plays how."""
        chat = self.chat(chat_id)
        numbers = [str(place) for place, one in enumerate(ASKED_APART, start=1) if one not in but_for]
        await played.once(chat, ("enrolled", slot, *numbers), lambda: self._enrol(chat, slot, allows=" ".join(numbers)))
        return chat

    async def _enrol(self, chat: Chat, slot: str, *, allows: str) -> None:
        token = await self.invite(await self.register(f"R-{chat.chat_id}"))
        await chat.start(token)
        await chat.tap("Sí, puedo")
        await chat.say(WORD)
        await chat.accept()
        await chat.say(allows)
        await chat.say("Rosa")
        await chat.tap(slot)
