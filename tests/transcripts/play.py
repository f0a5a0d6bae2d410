"""Plays a transcript: a conversation as a text file, of which the person's half is the script and all else is expected.

    # A remark, kept as it stands; so are empty lines.
    = Rosa is invited                 what happens outside the chat (the table ASIDE says what can)
    Rosa> hola                        she writes;  Rosa> [Sí]  she taps the newest button that says so
    Rosa> (photo)                     she sends something else;  Rosa> (voice 5)  a voice note of five seconds
    Rosa> (photo) mi recibo           she sends it with words below it
    Rosa edits> hola                  she changes her last message;  Rosa edits «hila»> hola  the one that says so
    Rosa replies to «¿Cuál?»> hola    she writes in reply to the newest message that says so
    Hilo> Hola.                       what the bot says, with its buttons in their rows
          [Sí] [No]

* `= the check-in asks: FILE` installs an instrument that stands beside the transcripts, `= the plan is: FILE` puts a
  plan in place of the shipped one, `= the process starts again` ends the bot and starts it anew over the same store.
* `{token}` stands for the token of the last invitation, whoever drew it, `{shown}` for the word that is asked for.
* `[Sí] again` repeats the tap, `[Sí] from before` taps the oldest button that said so; `(4000 letters)` are typed.
* The answer of the bot is written down call by call: an edit, a deletion and a short notice are seen as well.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from pathlib import Path

from sqlalchemy import select, update

from bot.desk import Desk
from bot.participant.notice import Notice
from conversations.xlsform import parse_instrument
from scheduler.applied import Plans
from scheduler.checkins import Checkins
from scheduler.plan import read_plan
from storage import cases, cases_work, files, installation, instruments
from storage.consents import ConsentGiven, Purpose, record_consents
from storage.database import Tx
from storage.members import Role
from storage.schema import accounts, preferences
from tests.support.chat import Bot, Chat, Shown, word_shown
from tests.support.exporting import made
from tests.support.fixture import store_all, women
from tests.support.points import ask_all
from tests.support.staff import at_work
from tests.transcripts.record import Of, Record, WatchedDesk
from tests.transcripts.written import WRITTEN, ZONE

BOT = "Hilo"
INDENT = "      "
FIRST_CHAT = 501
JOINED = " has joined"
ASKS = "the check-in asks: "
ASKED = "llegada"
"""What the plan asks a week out."""

ANSWER = "Hola {nombre}, ya hay lugar en el taller."
"""What the team answers."""

PLAN = "the plan is: "
RESTART, EXPORTED = "the process starts again", "the export is made"
NOTICE = "the notice changes"
HANDED = {
    "sendDocument": ("sends the file", "document"),
    "sendPhoto": ("shows the picture", "photo"),
    "sendVoice": ("plays", "voice"),
}
"""How a file of ours is shown, by the call that brings it, and under which name."""

_SAID = re.compile(
    r"(?P<who>\w+)(?P<edits> edits(?: «(?P<of>[^»]+)»)?)?(?: replies to «(?P<about>[^»]+)»)?> (?P<what>.*)"
)
_TAPPED = re.compile(r"\[(?P<label>.+)\](?P<how> again| from before)?")
_SENT = re.compile(r"\((?P<kind>[a-z_]+)(?: (?P<seconds>[0-9]+))?\)(?: (?P<caption>.+))?")
_PROGRESS = re.compile(r"[0-9]+ (?:de|of) [0-9]+")
_LONG = re.compile(r"\((?P<count>[0-9]+) letters\)")
_LATER = re.compile(r"(?P<count>[0-9]+) (?P<unit>minutes|hours|days) later")
_LINK = re.compile(r"\?start=(?P<token>[\w-]+)")
_TAG = re.compile(r"</?[bi]>")


def is_script(line: str) -> bool:
    """Whether a line of a transcript stays as it is: a remark, an empty line, or something that a person does."""
    return not line or line.startswith(("#", "= ")) or (line[0] != " " and not line.startswith((BOT, "- ", "@ ")))


@dataclass
class Play:
    """One transcript being played: `opened` starts the bot, `folder` is where the instruments of transcripts stand.

    Where it has `begun`, the first woman has gone through first contact before the first line.
    """

    opened: Callable[[], Bot]
    folder: Path
    record: Record
    begun: bool = False
    bot: Bot = field(init=False)
    chats: dict[str, Chat] = field(default_factory=dict)
    women: dict[str, int] = field(default_factory=dict)
    token: str = ""
    last_tap: str = ""

    def __post_init__(self) -> None:
        self.bot = self.opened()

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
        actor = line.partition(">")[0].partition(" ")[0]
        seen = []
        for shown in self.bot.shown[before:]:
            if shown.at != at:
                at = shown.at
                seen.append(f"@ {at.astimezone(ZONE):%Y-%m-%d %H:%M}")
            seen += self._told(shown, actor)
            drawn = _LINK.search(shown.call.params.get("text", ""))
            self.token = drawn["token"] if drawn else self.token
        return [line.replace(self.token, "{token}") if self.token else line for line in seen + told]

    # --- what people do

    async def _act(self, line: str) -> list[str]:
        said = _SAID.fullmatch(line)
        assert said, f"not a line of a script: {line}"
        chat, what = self._chat(said["who"]), said["what"].replace("{token}", self.token)
        what = word_shown(chat.last.text) if what == "{shown}" else what
        if said["about"]:
            self.record.note(Of.DID, "replies")
        if said["edits"]:
            self.record.note(Of.DID, "edits")
            await chat.edit(what, of=said["of"] or "")
        elif tapped := _TAPPED.fullmatch(what):
            await self._tap(chat, tapped["label"], how=(tapped["how"] or "").strip())
        elif sent := _SENT.fullmatch(what):
            seconds = {"duration": int(sent["seconds"])} if sent["seconds"] else {}
            await chat.send(sent["kind"], caption=sent["caption"] or "", file_id="file", **seconds)
        elif long := _LONG.fullmatch(what):
            await chat.say("bla " * (int(long["count"]) // 4))
        else:
            await chat.say(what, about=said["about"])
        return []

    async def _tap(self, chat: Chat, label: str, *, how: str) -> None:
        if how:
            self.record.note(Of.DID, "taps", how)
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
        if what.startswith(ASKS):
            return await self.asks(what.removeprefix(ASKS))
        if what.startswith(PLAN):
            return self.planned(what.removeprefix(PLAN))
        who, _, deed = what.partition(" ")
        if deed in ASIDE:
            self.record.note(Of.DID, deed)
            return await ASIDE[deed](self, who)
        if what == RESTART:
            return await self.restarted()
        if what == EXPORTED:
            return await self.exported()
        if what == NOTICE:
            return self.noticed()
        async with self.bot.store.database.transact() as tx:
            return [f"- {line}" for line in await WRITTEN[what](tx)]

    async def invited(self, who: str) -> list[str]:
        """Staff register her, released today, and give her an invitation."""
        if who not in self.women:
            self.women[who] = await self.bot.register(f"R-{who}", name=f"{who} Prueba")
        self.token = await self.bot.invite(self.women[who])
        return []

    async def staff(self, who: str) -> list[str]:
        """A new coordinator is invited."""
        self.token = await self.bot.invite_staff(f"{who} Prueba", Role.COORDINATOR)
        return []

    async def at_work(self, who: str, role: Role = Role.COORDINATOR) -> list[str]:
        """Somebody of the team has come in and chosen her PIN; its calls are left out here."""
        async with self.bot.store.database.transact() as tx:
            await installation.remember(tx, {installation.BOT_USERNAME: "hilo_prueba_bot"})
        await at_work(self.bot, role, chat_id=self._chat(who).chat_id, name=f"{who} Prueba")
        self.bot.shown.clear()
        return []

    async def known(self, _: str) -> list[str]:
        """The women behind the published figures are in the store, some with check-ins behind them."""
        await store_all(self.bot.store.database, women())
        await ask_all(self.bot.store.database)
        return []

    async def fetched(self, _: str) -> list[str]:
        """What was said aloud has come from Telegram."""
        async with self.bot.store.database.transact() as tx:
            for wanted in await files.due(tx, 10):
                await files.keep(tx, wanted, files.seal(tx.vault, wanted, content=b"sound"))
        return []

    async def joined(self, who: str) -> list[str]:
        """She has gone through first contact; its calls are left out here."""
        chat = self._chat(who)
        if not self.begun or chat.chat_id != FIRST_CHAT:
            await self.bot.enrolled(chat.chat_id)
        self.bot.shown.clear()
        return []

    async def asks(self, file: str) -> list[str]:
        """A coordinator installs this instrument: from now on it is what a check-in asks."""
        self.record.note(Of.DID, ASKS.strip())
        text = (self.folder / file).read_text(encoding="utf-8")
        source = (ASKED, parse_instrument(ASKED, text).version, text)
        async with self.bot.store.database.transact() as tx:
            await instruments.install(tx, source, by="command")
        self.bot.store.clock.advance(seconds=1)  # what is installed last is in use
        await self.bot.tick()
        return []

    def planned(self, file: str) -> list[str]:
        """Whoever is registered from now on is asked by this plan."""
        self.bot.plans = Plans.of(read_plan(self.folder / file))
        self.bot.checkins = Checkins(self.bot.store.database, self.bot.runner, plans=self.bot.plans)
        return []

    async def tells_nobody(self, who: str) -> list[str]:
        """She did not agree that the team be told where she may be in danger."""
        given = ConsentGiven(await self._woman(who), Purpose.ALERTS, "1", "h", given=False)
        self.bot.store.clock.advance(seconds=1)  # after all that she allowed as she joined
        async with self.bot.store.database.transact() as tx:
            await record_consents(tx, [(given, tx.now)])
        return []

    async def lives(self, who: str) -> list[str]:
        """She lives in Mexico City."""
        hers = preferences.c.participant_id == await self._woman(who)
        async with self.bot.store.database.transact() as tx:
            await tx.run(update(preferences).where(hers).values(region="CMX"))
        return []

    async def _woman(self, who: str) -> int:
        lane = self.bot.lane(self.chats[who].chat_id)
        async with self.bot.store.database.read() as tx:
            hers = select(accounts.c.participant_id).where(accounts.c.lane == lane)
            return int((await tx.run(hers)).scalar_one())

    async def restarted(self) -> list[str]:
        """The process ends and starts again over the same store; the chats stay as they are."""
        self.record.note(Of.DID, RESTART)
        before, self.bot = self.bot, self.opened()
        self.bot.chats, self.bot.numbers, self.bot.shown = before.chats, before.numbers, before.shown
        for chat in self.bot.chats.values():
            chat.bot = self.bot
        await self.bot.tick()
        return []

    async def exported(self) -> list[str]:
        """What staff asked for is made, beside all else, and has left."""
        await made(self.bot)
        return []

    def noticed(self) -> list[str]:
        """From now on another version counts of what she agrees to."""
        desk = Desk(self.bot.library, plans=self.bot.plans, notice=Notice("2", "h2", "Aviso. Versión 2\nTodo."))
        self.bot.runner._desk = WatchedDesk(desk, self.record)
        return []

    async def blocked(self, who: str) -> list[str]:
        """She blocks the bot."""
        await self._chat(who).block()
        return []

    async def let_in(self, who: str) -> list[str]:
        """She lets it in again."""
        await self._chat(who).block(blocked=False)
        return []

    async def seen_to(self, who: str) -> list[str]:
        """Somebody of the team sees to all that she waits for."""
        return await self._moved(who, cases.attend)

    async def satisfied(self, who: str) -> list[str]:
        """All that she waited for is resolved."""
        return await self._moved(who, cases.close_case)

    async def answered(self, who: str) -> list[str]:
        """Somebody of the team answers all that she waits for; half a minute later it leaves."""

        async def answer(tx: Tx, woman: int, kind: str) -> bool:
            case = next(case.id for case in await cases.who_waits(tx, woman) if case.kind == kind)
            cause = f"case:{case}:{tx.ids.random():x}"
            await cases_work.answer(tx, cases_work.CaseAnswered(case, None, cause, ANSWER))
            return True

        await self._moved(who, answer)
        self.bot.store.clock.advance(seconds=cases_work.UNDO.total_seconds())
        await self.bot.settle()
        return []

    async def _moved(self, who: str, move: Callable[[Tx, int, str], Awaitable[bool]]) -> list[str]:
        woman = await self._woman(who)
        async with self.bot.store.database.transact() as tx:
            for case in await cases.who_waits(tx, woman):
                await move(tx, woman, case.kind)
        await self.bot.settle()
        return []

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
            case "sendPhoto" | "sendDocument" | "sendVoice" if "caption" in params:
                yield from (*_spoken(f"{speaker}> ({shown.call.method[4:].lower()})", params["caption"]), *buttons)
            case method if method in HANDED:
                does, what = HANDED[method]
                yield f"{speaker} {does} «{params[what].filename}»"
            case "answerCallbackQuery":
                yield from (f"{speaker} (notice)> {params[name]}" for name in ("text",) if name in params)
            case "setMyCommands" | "deleteMyCommands" as method:
                listed = "the commands that there are for her" if method == "setMyCommands" else "no commands any more"
                yield f"{speaker} lists {listed}"
            case method:
                raise AssertionError(f"a transcript cannot show {method}")


ASIDE: dict[str, Callable[[Play, str], Awaitable[list[str]]]] = {
    "is invited": Play.invited,
    "is invited as coordinator": Play.staff,
    "is at work as promotora": partial(Play.at_work, role=Role.STAFF),
    "is at work as coordinator": Play.at_work,
    "is at work as admin": partial(Play.at_work, role=Role.ADMIN),
    "are known": Play.known,
    "has been heard": Play.fetched,
    "has joined": Play.joined,
    "blocks the bot": Play.blocked,
    "lets the bot in again": Play.let_in,
    "is seen to": Play.seen_to,
    "has what she asked for": Play.satisfied,
    "is answered": Play.answered,
    "lets nobody be told": Play.tells_nobody,
    "lives in CMX": Play.lives,
}
"""What can be said of somebody: `= Rosa is invited`."""


def _spoken(speaker: str, text: str) -> list[str]:
    first, *rest = unescape(_TAG.sub("", text)).split("\n")
    return [f"{speaker} {first}", *(f"{INDENT}{line}".rstrip() or INDENT + "·" for line in rest)]


def _first_line(text: str) -> str:
    lines = [line for line in unescape(_TAG.sub("", text)).split("\n") if line]
    told = lines[1] if _PROGRESS.fullmatch(lines[0]) and len(lines) > 1 else lines[0]
    return told if len(told) <= 60 else f"{told[:60]}…"
