"""A chat without Telegram: updates go through the real runner and store, and what would be sent is rendered and kept.

The clock moves only when a test moves it, and time passes the way it does for the bot: by ticks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from bot import library
from bot.desk import Desk
from bot.library import Library
from bot.rendering import Renderer
from bot.routing import read
from locales.catalog import load_catalog
from scheduler.checkins import Checkins
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN, Plan, read_plan
from scheduler.runner import Runner
from storage import ledger, mail, people
from storage.database import Tx
from storage.imports.participants import ParticipantRow
from storage.mail import Letter
from tests.support.world import Store

BOT_ID = 7
WORD = "girasol"


@dataclass
class Seen:
    """One message as it stands in the chat."""

    message_id: int
    text: str
    buttons: dict[str, str] = field(default_factory=dict)


class Chat:
    """One private chat with the bot."""

    def __init__(self, bot: "Bot", chat_id: int) -> None:
        self.bot = bot
        self.chat_id = chat_id
        self.messages: dict[int, Seen] = {}
        self.toasts: list[str] = []

    async def say(self, text: str) -> list[str]:
        """She writes; returns the texts of the messages that come back."""
        return await self._update({"message": self._message({"text": text})})

    async def start(self, token: str = "") -> list[str]:
        return await self.say(f"/start {token}".strip())

    async def send(self, kind: str) -> list[str]:
        return await self._update({"message": self._message({kind: {}})})

    async def edit(self, text: str) -> list[str]:
        return await self._update({"edited_message": self._message({"text": text})})

    async def tap(self, label: str) -> list[str]:
        """She taps the newest button that says so (or begins so)."""
        for seen in sorted(self.messages.values(), key=lambda seen: -seen.message_id):
            for text, data in seen.buttons.items():
                if label in text:
                    return await self.tap_data(data)
        raise AssertionError(f"no button says {label}: {[list(seen.buttons) for seen in self.messages.values()]}")

    async def tap_data(self, data: str) -> list[str]:
        query = {
            "id": str(next(self.bot.numbers)),
            "from": {"id": self.chat_id},
            "data": data,
            "message": {"chat": self._chat},
        }
        return await self._update({"callback_query": query})

    @property
    def last(self) -> Seen:
        return self.messages[max(self.messages)]

    @property
    def _chat(self) -> dict[str, Any]:
        return {"id": self.chat_id, "type": "private"}

    def _message(self, content: dict[str, Any]) -> dict[str, Any]:
        return {"message_id": next(self.bot.numbers), "chat": self._chat, "from": {"id": self.chat_id}, **content}

    async def _update(self, content: dict[str, Any]) -> list[str]:
        letter = Letter(BOT_ID, next(self.bot.numbers), self.bot.lane(self.chat_id), content)
        async with self.bot.store.database.transact() as tx:
            await mail.receive(tx, [letter])
        return await self.bot.settle(self)


class Bot:
    """The real runner, tick and renderer over a store, with no network."""

    def __init__(self, store: Store, shelf: Library | None = None, plan: Plan | None = None) -> None:
        self.store = store
        self.library = shelf or library.build([], library.shipped_sources())
        self.plan = plan or read_plan(SHIPPED_PLAN)
        self.runner = Runner(store.database, Desk(self.library, notice_version="1", notice_hash="h"), read=read)
        self.checkins = Checkins(store.database, self.runner, plan=self.plan)
        self.render = Renderer(load_catalog(), self.library)
        self.chats: dict[int, Chat] = {}
        self.numbers = count(1000)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def lane(self, chat_id: int) -> str:
        return self.store.vault.digest("lane", f"{BOT_ID}:{chat_id}")

    def chat(self, chat_id: int = 501) -> Chat:
        return self.chats.setdefault(chat_id, Chat(self, chat_id))

    async def settle(self, chat: Chat | None = None) -> list[str]:
        """Let runner and courier do all that can be done now; returns what was newly said in `chat`."""
        said: list[str] = []
        while await self.runner.take_letters() or await self._deliver(chat, said):
            pass
        return said

    async def tick(self) -> None:
        """Let the tick do all that is due now."""
        while await self.checkins.take_due() or await self.checkins.end_expired():
            pass
        await self.settle()

    async def pass_days(self, days: float) -> None:
        """Time goes by, stopping wherever something is due."""
        until = self.store.clock.at.timestamp() + days * 86400
        while True:
            await self.tick()
            async with self.store.database.read() as tx:
                moments = [await ledger.next_look_at(tx), await mail.next_ready_at(tx)]
            due = [moment for moment in moments if moment is not None and moment.timestamp() <= until]
            if not due or min(due) <= self.store.clock.at:
                break
            self.store.clock.at = min(due)
        self.store.clock.advance(seconds=until - self.store.clock.at.timestamp())
        await self.tick()

    async def _deliver(self, chat: Chat | None, said: list[str]) -> int:
        async with self.store.database.transact() as tx:
            claimed = await mail.claim(tx, 10)
            for one in claimed:
                standing = []
                if self.render.needs_standing(one.parcel.speech) and one.parcel.session_id is not None:
                    standing = await mail.standing(tx, one.parcel.session_id)
                await self._show(tx, one, standing, said if chat and one.parcel.chat_id == chat.chat_id else [])
        return len(claimed)

    async def _show(self, tx: Tx, one: mail.Claimed, standing: list[mail.Standing], said: list[str]) -> None:
        sent = []
        chat = self.chat(one.parcel.chat_id)
        for call in self.render(one, standing):
            self.calls.append((call.method, call.params))
            keyboard = call.params.get("reply_markup", {}).get("inline_keyboard", [])
            buttons = {button["text"]: button["callback_data"] for row in keyboard for button in row}
            match call.method:
                case "sendMessage":
                    message_id = next(self.numbers)
                    sent.append(message_id)
                    chat.messages[message_id] = Seen(message_id, call.params["text"], buttons)
                    said.append(call.params["text"])
                case "editMessageText":
                    chat.messages[call.params["message_id"]].text = call.params["text"]
                    chat.messages[call.params["message_id"]].buttons = buttons
                case "editMessageReplyMarkup":
                    chat.messages[call.params["message_id"]].buttons = buttons
                case "deleteMessages":
                    for message_id in call.params["message_ids"]:
                        chat.messages.pop(message_id, None)
                    await mail.removed(tx, one.parcel.lane, call.params["message_ids"])
                case "answerCallbackQuery":
                    if "text" in call.params:
                        chat.toasts.append(call.params["text"])
        await mail.delivered(tx, one, sent)

    # --- people

    async def register(self, record_id: str = "R-1", release_on: date | None = None) -> int:
        """A woman whom staff have registered, with her expected check-ins; released today unless another day is given."""
        row = ParticipantRow(
            line=2, record_id=record_id, name="Rosa Prueba", release_date=release_on or self.store.clock.at.date()
        )
        async with self.store.database.transact() as tx:
            return (await enrol(tx, [row], plan=self.plan))[0]

    async def invite(self, participant: int) -> str:
        async with self.store.database.transact() as tx:
            return (await people.invite_participant(tx, participant, [WORD])).token

    async def enrolled(self, chat_id: int = 501, slot: str = "En la mañana", income: str = "Sí") -> Chat:
        """A woman who has said yes to everything."""
        token = await self.invite(await self.register(f"R-{chat_id}"))
        chat = self.chat(chat_id)
        await chat.start(token)
        await chat.tap("Sí, puedo")
        await chat.say(WORD)
        await chat.tap("Sí, acepto")
        await chat.tap(income)
        await chat.say("Rosa")
        await chat.tap(slot)
        return chat
