"""A questionnaire played in the terminal: the real engine and the real texts and buttons, without Telegram or a store.

* Whoever plays types what she would write; a number taps the button of that number unless a number can be the answer,
  `#2` and `[Sí]` always tap, `(voice)` or `(photo)` stand for something else than text, and «salir» ends it.
* What is printed reads like tests/transcripts. `--repro` prints a transcript that tests replay: its first line is the
  command, its `Rosa>` lines are what was typed, and its last lines the answers that stand.
* Nothing is stored, and nobody is told.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from html import unescape
from pathlib import Path
from typing import assert_never
from zoneinfo import ZoneInfo

import orjson
import typer

from bot import clock
from bot.api import Call
from bot.cli.instruments import find_version, is_file, read_file
from bot.library import Library
from bot.participant import actions
from bot.participant.wishes import STOP_NOTED, help_asked
from bot.rendering import Renderer
from conversations import events
from conversations.answers import Answer, to_json
from conversations.effects import (
    AnswerCorrected,
    AnswerRejected,
    CaseOpened,
    ChoicesShown,
    ConfirmationAsked,
    DatePartAsked,
    DetailAsked,
    Effect,
    NoteShown,
    OutcomesChanged,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    ResultChanged,
    SessionEnded,
    SessionPaused,
    SessionStatus,
    SummaryShown,
)
from conversations.errors import EventRejected
from conversations.instrument import Instrument, QuestionType
from conversations.reading.controls import Control, read_control
from conversations.session import InterviewSprint, Session, resume, start
from conversations.speech import Asking, Interviewed, Phrase, shown_in
from locales.catalog import ENGLISH, SPANISH, USTED, load_catalog
from scheduler.dialogue import Tapped
from scheduler.enrolment import DEFAULT_ZONE
from storage.mail import Claimed, Parcel
from storage.traces import Standing

HER, BOT, INDENT = "Rosa", "Hilo", "      "
END = "salir"
HOUR = time(10)
"""At which she answers: the transcript must not depend on when it was made."""

CHAT, SESSION = 1, 1
VOICE_SECONDS = 5

_NUMBERED = re.compile(r"#?(?P<number>[0-9]{1,3})")
_LABELLED = re.compile(r"\[(?P<label>.+)\]")
_SENT = re.compile(r"\((?P<kind>[a-z_]+)\)")
_TAG = re.compile(r"</?[bi]>")
_CHOOSES = (QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE, QuestionType.ACKNOWLEDGE, QuestionType.NOTE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How it is played: in which language and form of address, on which day, with which consents."""

    language: str
    trato: str
    on: date
    purposes: tuple[str, ...] = ()

    @property
    def texts(self) -> str:
        """The key of the texts."""
        return USTED if (self.language, self.trato) == (SPANISH, "usted") else self.language


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation, or one row of buttons."""

    text: str = ""
    buttons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return INDENT + " ".join(f"[{label}]" for label in self.buttons) if self.buttons else self.text


@dataclass(slots=True)
class _Message:
    """A message of ours as it stands."""

    sprint: int
    text: str
    rows: list[list[dict[str, str]]]


@dataclass
class Preview:
    """One interview being played; `lines` is all of it so far."""

    instrument: Instrument
    wanted: Wanted
    lines: list[Line] = field(default_factory=list)
    over: bool = False
    _messages: dict[int, _Message] = field(default_factory=dict)
    _session: Session | None = None
    _sprint: int = 0

    def __post_init__(self) -> None:
        self._render = Renderer(load_catalog(), Library([self.instrument]))
        self._at = datetime.combine(self.wanted.on, HOUR, ZoneInfo(DEFAULT_ZONE))

    def begin(self) -> list[Line]:
        """Ask the first question; returns what is shown."""
        return self._go_on(start(self.instrument, self._at, purposes=self.wanted.purposes))

    def take(self, typed: str) -> list[Line]:
        """Take what she types; returns what is shown, her own line first."""
        her, event = self._read(typed)
        said = [Line(f"{HER}> {her}")]
        self.lines += said
        if isinstance(event, EventRejected):
            return said + self._refused(event, tapped=True)
        if event is None:
            return said + self._listen()
        assert self._session is not None
        try:
            return said + self._go_on(resume(self.instrument, self._session, event))
        except EventRejected as rejected:
            return said + self._refused(rejected, tapped=her.startswith("["))

    def answers(self) -> list[Line]:
        """The answers that stand, as the store would get them."""
        assert self._session is not None
        kinds = {question.name: question.type for question in self.instrument.questions}
        stand = ((name, one) for name, one in self._session.answers.items() if kinds[name] is not QuestionType.NOTE)
        told = (f"- {name}: {_as_json(one)} (status {int(one.status)})" for name, one in stand)
        return [Line("= answers"), *map(Line, told)]

    # --- what she does

    def _read(self, typed: str) -> tuple[str, events.Event | EventRejected | None]:
        """What the transcript says that she did, and what it means: None asks to listen."""
        typed = typed.strip()
        if (label := self._label(typed)) is not None:
            return f"[{label}]", self._tapped(label)
        if sent := _SENT.fullmatch(typed):
            return typed, self._sent(sent["kind"])
        match read_control(typed):
            case Control.STOP:
                return typed, events.SessionInterrupted(self._at)
            case Control.LISTEN:
                return typed, None
            case _:
                return typed, events.MsgReceived(self._at, typed)

    def _label(self, typed: str) -> str | None:
        """The button that is tapped, or None where it is no tap."""
        if labelled := _LABELLED.fullmatch(typed):
            return labelled["label"]
        numbered = _NUMBERED.fullmatch(typed)
        if numbered is None or (not typed.startswith("#") and self._takes_numbers):
            return None
        place = int(numbered["number"]) - 1
        labels = [button["text"] for button in self._newest_buttons()]
        return labels[place] if 0 <= place < len(labels) else None

    @property
    def _takes_numbers(self) -> bool:
        session = self._session
        if session is None or session.current is None:
            return False
        return session.pending is not None or self.instrument.by_name[session.current].type not in _CHOOSES

    def _newest_buttons(self) -> list[dict[str, str]]:
        rows = next((message.rows for _, message in sorted(self._messages.items(), reverse=True) if message.rows), [])
        return [button for row in rows for button in row]

    def _tapped(self, label: str) -> events.Event | EventRejected | None:
        newest_first = (message for _, message in sorted(self._messages.items(), reverse=True))
        there = [button for message in newest_first for row in message.rows for button in row]
        data = next((button["callback_data"] for button in there if button["text"] == label), "0.0.")
        _, sprint, action = data.split(".", 2)
        if action == actions.LISTEN:
            return None
        try:
            return actions.tapped_event(Tapped(self._at, "tap", SESSION, int(sprint), action))
        except EventRejected as rejected:
            return rejected

    def _sent(self, kind: str) -> events.Event:
        if kind != "voice":
            return events.AttachmentReceived(self._at, kind)
        return events.VoiceReceived(self._at, "preview", VOICE_SECONDS)

    # --- what is shown

    def _go_on(self, sprint: InterviewSprint) -> list[Line]:
        self._sprint = 1 if self._session is None else self._session.sprint + 1
        self._session = sprint.session
        shown = [line for effect in sprint.effects for line in self._show(effect)]
        self.lines += shown
        return shown

    def _show(self, effect: Effect) -> list[Line]:
        match effect:
            case (
                QuestionAsked()
                | NoteShown()
                | ChoicesShown()
                | DatePartAsked()
                | ConfirmationAsked()
                | DetailAsked()
                | AnswerRejected()
                | AnswerCorrected()
                | SummaryShown()
                | QuestionClosed()
                | QuestionWithdrawn()
            ):
                own = shown_in(self._interviewed(effect), self._sprint)
                return [line for call in self._calls(effect) for line in self._apply(call, own or 0)]
            case ResultChanged() | OutcomesChanged():
                return []  # nothing is stored
            case CaseOpened(kind):
                return [Line(f"- case: {kind}"), *self._said(help_asked()[1].phrase)]
            case SessionPaused():
                return self._said(Phrase("checkin.paused"))
            case SessionEnded(status, answered):
                self.over = status is not SessionStatus.COMPLETED
                farewell = self._said(STOP_NOTED) if status is SessionStatus.INTERRUPTED else []
                return [*farewell, Line(f"- {status.value}: {answered} answered")]
            case _:
                assert_never(effect)

    def _calls(self, effect: Asking) -> list[Call]:
        parcel = Parcel("preview", "preview", CHAT, self._interviewed(effect))
        standing = [
            Standing("preview", id_, SESSION, message.sprint, ours=True) for id_, message in self._messages.items()
        ]
        return self._render(Claimed(0, parcel, 0, self.wanted.texts), standing)

    def _interviewed(self, effect: Asking) -> Interviewed:
        return Interviewed(SESSION, self.instrument.name, self.instrument.version, effect)

    def _apply(self, call: Call, sprint: int) -> Iterator[Line]:
        rows = call.params.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [Line(buttons=tuple(button["text"] for button in row)) for row in rows]
        match call.method:
            case "sendMessage":
                number = max(self._messages, default=0) + 1
                self._messages[number] = _Message(sprint, call.params["text"], rows)
                yield from (*_spoken(f"{BOT}>", call.params["text"]), *buttons)
            case "editMessageText":
                message = self._messages[call.params["message_id"]]
                message.text, message.rows = call.params["text"], rows
                yield from (*_spoken(f"{BOT} edits>", message.text), *buttons)
            case "editMessageReplyMarkup":
                message = self._messages[call.params["message_id"]]
                message.rows = rows
                yield from (Line(f"{BOT} changes the buttons of «{_first_line(message.text)}»"), *buttons)
            case "deleteMessages":
                gone = [self._messages.pop(id_) for id_ in call.params["message_ids"]]
                yield from (Line(f"{BOT} deletes «{_first_line(message.text)}»") for message in gone)
            case method:
                raise AssertionError(f"an interview does not call {method}")

    def _said(self, phrase: Phrase) -> list[Line]:
        return _spoken(f"{BOT}>", load_catalog().text(phrase.key, self.wanted.texts, **phrase.values))

    def _refused(self, rejected: EventRejected, *, tapped: bool) -> list[Line]:
        text = load_catalog().text(f"rejected.{rejected.reason.value}", self.wanted.texts)
        told = _spoken(f"{BOT} (notice)>" if tapped else f"{BOT}>", text)
        self.lines += told
        return told

    def _listen(self) -> list[Line]:
        assert self._session is not None
        current = self._session.current
        audio = None if current is None else self.instrument.by_name[current].audio
        told = (
            [Line(f"- plays {', '.join(audio.values())}")] if audio else self._said(Phrase("checkin.nothing_recorded"))
        )
        self.lines += told
        return told


def _as_json(answer: Answer) -> str:
    """The value as it would be stored."""
    return orjson.dumps(None if answer.value is None else to_json(answer.value)).decode()


def _spoken(speaker: str, text: str) -> list[Line]:
    first, *rest = unescape(_TAG.sub("", text)).split("\n")
    return [Line(f"{speaker} {first}"), *(Line(f"{INDENT}{line}".rstrip() or f"{INDENT}·") for line in rest)]


def _first_line(text: str) -> str:
    """The line by which a message is known: of a question its words, not its number."""
    blocks = unescape(_TAG.sub("", text)).split("\n\n")
    line = blocks[-1].split("\n")[0]
    return line if len(line) <= 60 else f"{line[:60]}…"


# --- the terminal


def play(what: str, *, version: str | None, wanted: Wanted, repro: bool) -> None:
    """Play a file or a kept instrument until «salir» or the end of input. Raises Refused for what can't be played."""
    instrument = read_file(Path(what)).instrument if is_file(what) else find_version(what, version)
    preview = Preview(instrument, wanted)
    typer.echo(
        f"{instrument.name} {instrument.version}: an answer, a button's number or [label]; «{END}» ends", err=True
    )
    _print(preview.begin(), err=repro)
    for typed in _typed():
        if typed.lower() == END or preview.over:
            break
        _print(preview.take(typed), err=repro)
    if repro:
        for line in [_command(what, instrument, wanted=wanted), *preview.lines, *preview.answers()]:
            typer.echo(str(line))


def _typed() -> Iterator[str]:
    """What is typed, line by line; empty lines are none, since no chat can send them."""
    while True:
        if sys.stdin.isatty():
            typer.echo("> ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def _print(lines: Sequence[Line], *, err: bool) -> None:
    """Print lines, the buttons of each message numbered."""
    number = 0
    for line in lines:
        if not line.buttons:
            number = 0
            typer.echo(line.text, err=err)
            continue
        labels = []
        for label in line.buttons:
            number += 1
            labels.append(f"{number} [{label}]")
        typer.echo(INDENT + "  ".join(labels), err=err)


def _command(what: str, instrument: Instrument, *, wanted: Wanted) -> str:
    """The command that plays this again, where the file is; whose machine it was played on is nobody's business."""
    words = ["# hilo instruments preview"]
    words += [Path(what).name] if is_file(what) else [what, "--version", instrument.version]
    words += ["--purposes", ",".join(wanted.purposes)] if wanted.purposes else []
    words += ["--language", ENGLISH] if wanted.language == ENGLISH else []
    words += ["--trato", wanted.trato] if wanted.trato != "tu" else []
    return " ".join([*words, "--on", wanted.on.isoformat()])


def today() -> date:
    """The day on which an interview is played if none is named."""
    return clock.now().astimezone(ZoneInfo(DEFAULT_ZONE)).date()
