"""Plays a transcript: a conversation as a text file, of which the person's half is the script and all else is expected.

    # A remark, kept as it stands; so are empty lines.
    = Rosa is invited                 what happens outside the chat (the table ASIDE says what can)
    Rosa> hola                        she writes;  Rosa> [Sí]  she taps the newest button that says so
    Rosa> (photo)                     she sends something else;  Rosa edits> hola  she changes a message
    Hilo> Hola.                       what the bot says, with its buttons in their rows
          [Sí] [No]

* `{token}` stands for the token of the last invitation.
* `[Sí] again` repeats the tap, `[Sí] from before` taps the oldest button that said so; `(4000 letters)` are typed.
* The answer of the bot is written down call by call: an edit, a deletion and a short notice are seen as well.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from zoneinfo import ZoneInfo

from pydantic_core import from_json
from sqlalchemy import select

from storage.schema import answers, cases, checkins, employments, incomes
from tests.support.chat import Bot, Chat, Shown

BOT = "Hilo"
INDENT = "      "
ZONE = ZoneInfo("America/Mexico_City")
FIRST_CHAT = 501

_SAID = re.compile(r"(?P<who>\w+)(?P<edits> edits)?> (?P<what>.*)")
_TAPPED = re.compile(r"\[(?P<label>.+)\](?P<how> again| from before)?")
_SENT = re.compile(r"\((?P<kind>[a-z_]+)\)")
_LONG = re.compile(r"\((?P<count>[0-9]+) letters\)")
_LATER = re.compile(r"(?P<count>[0-9]+) (?P<unit>minutes|hours|days) later")
_TAG = re.compile(r"</?[bi]>")


def is_script(line: str) -> bool:
    """Whether a line of a transcript stays as it is: a remark, an empty line, or something that a person does."""
    return not line or line.startswith(("#", "= ")) or (line[0] != " " and not line.startswith((BOT, "- ", "@ ")))


@dataclass
class Play:
    """One transcript being played."""

    bot: Bot
    chats: dict[str, Chat] = field(default_factory=dict)
    women: dict[str, int] = field(default_factory=dict)
    token: str = ""
    last_tap: str = ""

    async def lines(self, script: list[str]) -> list[str]:
        """The whole conversation, with what the bot does after each line of the script."""
        played: list[str] = []
        for line in filter(is_script, script):
            played.append(line)
            if line and not line.startswith("#"):
                played += await self._after(line)
        return played

    async def _after(self, line: str) -> list[str]:
        before, at = len(self.bot.shown), self.bot.store.clock.at
        told = await self._aside(line[2:]) if line.startswith("= ") else await self._act(line)
        actor = line.partition(">")[0].removesuffix(" edits")
        seen = []
        for shown in self.bot.shown[before:]:
            if shown.at != at:
                at = shown.at
                seen.append(f"@ {at.astimezone(ZONE):%Y-%m-%d %H:%M}")
            seen += self._told(shown, actor)
        return [line.replace(self.token, "{token}") if self.token else line for line in seen + told]

    # --- what people do

    async def _act(self, line: str) -> list[str]:
        said = _SAID.fullmatch(line)
        assert said, f"not a line of a script: {line}"
        chat, what = self._chat(said["who"]), said["what"].replace("{token}", self.token)
        if said["edits"]:
            await chat.edit(what)
        elif tapped := _TAPPED.fullmatch(what):
            await self._tap(chat, tapped["label"], how=(tapped["how"] or "").strip())
        elif sent := _SENT.fullmatch(what):
            await chat.send(sent["kind"])
        elif long := _LONG.fullmatch(what):
            await chat.say("bla " * (int(long["count"]) // 4))
        else:
            await chat.say(what)
        return []

    async def _tap(self, chat: Chat, label: str, *, how: str) -> None:
        if how == "again":
            await chat.tap_data(self.last_tap)
            return
        newest_first = sorted(chat.messages.values(), key=lambda seen: -seen.message_id)
        there = [item for seen in newest_first for item in seen.buttons.items()]
        found = [data for text, data in (chat.offered if how else there) if text == label]
        assert found, f"no button says {label}; there are {[text for text, _ in there]}"
        self.last_tap = found[0]
        await chat.tap_data(self.last_tap)

    def _chat(self, who: str) -> Chat:
        return self.chats.setdefault(who, self.bot.chat(FIRST_CHAT + len(self.chats)))

    # --- what happens outside the chat

    async def _aside(self, what: str) -> list[str]:
        if later := _LATER.fullmatch(what):
            await self.bot.pass_time(**{later["unit"]: int(later["count"])})
            return []
        who, _, deed = what.partition(" ")
        if deed in ASIDE:
            return await ASIDE[deed](self, who)
        return [f"- {line}" for line in await WRITTEN[what](self)]

    async def invited(self, who: str) -> list[str]:
        """Staff register her, released today, and give her an invitation."""
        if who not in self.women:
            self.women[who] = await self.bot.register(f"R-{who}", name=f"{who} Prueba")
        self.token = await self.bot.invite(self.women[who])
        return []

    async def staff(self, who: str) -> list[str]:
        """A new promotora is invited."""
        self.token = await self.bot.invite_staff(f"{who} Prueba")
        return []

    async def joined(self, who: str) -> list[str]:
        """She has gone through first contact; its calls are left out here."""
        self._chat(who)
        await self.bot.enrolled(self.chats[who].chat_id)
        self.bot.shown.clear()
        return []

    # --- what is written down

    async def answers(self) -> list[str]:
        """The answers that stand, in the order in which they were given."""
        async with self.bot.store.database.read() as tx:
            rows = await tx.run(select(answers).where(answers.c.replaced_at.is_(None)).order_by(answers.c.variable))
            return [
                f"{row.variable}: {_plain(row.value)} (status {row.status}, revision {row.revision})" for row in rows
            ]

    async def work(self) -> list[str]:
        """The kinds of work and the incomes that the answers amount to."""
        async with self.bot.store.database.read() as tx:
            jobs = [
                f"work: {row.kind}, social security {row.social_security}" for row in await tx.run(select(employments))
            ]
            pays = [
                f"income: {row.amount} {row.period}, {row.monthly} a month ({row.factor_version})"
                for row in await tx.run(select(incomes))
            ]
        return sorted(jobs) + pays

    async def ledger(self) -> list[str]:
        """The check-ins that are open or have an end."""
        async with self.bot.store.database.read() as tx:
            rows = await tx.run(select(checkins).order_by(checkins.c.due_on))
            return [f"{row.point}: {row.state} {row.fate or ''}".rstrip() for row in rows if row.state != "expected"]

    async def cases(self) -> list[str]:
        """The cases that wait for a person."""
        async with self.bot.store.database.read() as tx:
            return [f"case: {row.kind} ({row.state})" for row in await tx.run(select(cases))]

    # --- what the bot does

    def _told(self, shown: Shown, actor: str) -> Iterator[str]:
        names = {chat.chat_id: who for who, chat in self.chats.items()}
        who = names.get(shown.chat_id, "")
        speaker = BOT if who == actor or len(names) == 1 else f"{BOT} to {who}"
        params = shown.call.params
        rows = params.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [INDENT + " ".join(f"[{button['text']}]" for button in row) for row in rows]
        match shown.call.method:
            case "sendMessage":
                yield from (*_spoken(f"{speaker}>", params["text"]), *buttons)
            case "editMessageText":
                yield from (*_spoken(f"{speaker} edits>", params["text"]), *buttons)
            case "editMessageReplyMarkup":
                yield f"{speaker} changes the buttons of «{_first_line(shown.before[0].text)}»"
                yield from buttons
            case "deleteMessages":
                yield from (f"{speaker} deletes «{_first_line(seen.text)}»" for seen in shown.before)
            case "answerCallbackQuery":
                yield from (f"{speaker} (notice)> {params[name]}" for name in ("text",) if name in params)
            case method:
                raise AssertionError(f"a transcript cannot show {method}")


ASIDE: dict[str, Callable[[Play, str], Awaitable[list[str]]]] = {
    "is invited": Play.invited,
    "is invited as staff": Play.staff,
    "has joined": Play.joined,
}
"""What can be said of somebody: `= Rosa is invited`."""

WRITTEN: dict[str, Callable[[Play], Awaitable[list[str]]]] = {
    "answers": Play.answers,
    "work": Play.work,
    "ledger": Play.ledger,
    "cases": Play.cases,
}
"""What of the store can be shown: `= answers`."""


def _spoken(speaker: str, text: str) -> list[str]:
    first, *rest = unescape(_TAG.sub("", text)).split("\n")
    return [f"{speaker} {first}", *(f"{INDENT}{line}".rstrip() or INDENT + "·" for line in rest)]


def _first_line(text: str) -> str:
    lines = [line for line in unescape(_TAG.sub("", text)).split("\n") if line]
    told = lines[0] if not lines[0].startswith("Pregunta") or len(lines) == 1 else lines[1]
    return told if len(told) <= 60 else f"{told[:60]}…"


def _plain(value: str | None) -> str:
    return "nothing" if value is None else str(from_json(value))
