"""What happens while a transcript is played, in words that a registry of the code can be compared with.

* Whoever records looks on: real dialogues and the engine's own table of transitions take every event.
* Each thing is noted once, under what it is a member of; how often and in which order it happened is the lines' affair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from bot.participant import actions
from bot.participant.front import AtTheDoor, Front
from bot.participant.menus import Menu
from bot.participant.sitting import Sitting
from bot.participant.wishes import wish
from conversations.effects import AnswerRejected, NoteShown, QuestionAsked, ResultChanged
from conversations.errors import EventRejected
from conversations.instrument import QuestionType
from conversations.reading.pauses import read_pause
from conversations.scene import Scene
from conversations.session import TRANSITIONS
from conversations.speech import Interviewed, Said, Speech, TapAnswered
from scheduler.dialogue import Attached, Desk, Dialogue, Tapped, Wrote
from storage.interviews import AnswerChanged
from storage.ledger import CheckinResting
from storage.records import About


class Of(StrEnum):
    """What can be noted."""

    TRANSITION = "transition"  # "waiting MsgReceived": a key of the engine's table
    ANSWERED = "answered"  # "integer MsgReceived": a question of this type was answered, or corrected, by this event
    ASKED = "asked"  # "integer": a question of this type was asked, shown or worked out
    CONFIRMED = "confirmed"  # "integer": a doubtful reading was confirmed
    UNREADABLE = "unreadable"  # "integer wrong_kind"
    STATUS = "status"  # an AnswerStatus that was stored
    EVENT = "event"  # "checkin Wrote": a dialogue took it
    SPEECH = "speech"  # a kind of Speech, or of what an interview shows
    SAID = "said"  # a key of the catalogue
    WORD = "word"  # "checkin back": a control in words
    ATTACHED = "attached"  # "checkin photo"
    TAPPED = "tapped"  # what a button does, without its argument
    PAUSED = "paused"  # "word hour", "tap week"
    DIALOGUE = "dialogue"  # it took an event
    MENU = "menu"  # "tap slot", "word days": a menu about what she wants of us was settled
    RECORD = "record"  # a kind of record that the store was asked to write
    DID = "did"  # how somebody acts, or what happens outside the chat


@dataclass
class Record:
    """What has happened, by what it is a member of."""

    noted: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, plain: Mapping[str, list[str]]) -> Record:
        """The record that `plain` wrote."""
        return cls(defaultdict(set, {kind: set(names) for kind, names in plain.items()}))

    def plain(self) -> dict[str, list[str]]:
        """The record in JSON's own types."""
        return {kind: sorted(names) for kind, names in self.noted.items()}

    def note(self, kind: Of, *words: str) -> None:
        """This has happened."""
        self.noted[kind].add(" ".join(words))

    def __add__(self, other: Record) -> Record:
        kinds = {*self.noted, *other.noted}
        return Record.of({kind: [*self.noted[kind], *other.noted[kind]] for kind in kinds})


@contextmanager
def recording() -> Iterator[Record]:
    """Every transition of the engine is noted until the block ends; `watched` adds what a desk's dialogues do."""
    record = Record()
    with pytest.MonkeyPatch.context() as patch:
        for key, handle in TRANSITIONS.items():
            patch.setitem(TRANSITIONS, key, _noting(record, key, handle))
        yield record


def _noting(record: Record, key: Any, handle: Callable[[Scene, Any], Any]) -> Callable[[Scene, Any], Any]:
    def handled(scene: Scene, event: Any) -> Any:
        record.note(Of.TRANSITION, key[0], key[1].__name__)
        try:
            sprint = handle(scene, event)
        except EventRejected as rejection:
            record.note(Of.SAID, f"rejected.{rejection.reason}")
            raise
        for effect in sprint.effects:
            _note_effect(record, scene, event, effect)
        waits = sprint.session.pending
        if waits is not None and waits.detail is None:
            record.note(Of.CONFIRMED, scene.named(waits.question).type)
        return sprint

    return handled


def _note_effect(record: Record, scene: Scene, event: Any, effect: Any) -> None:
    kind = scene.named(effect.question).type if getattr(effect, "question", None) else ""
    match effect:
        case QuestionAsked() | NoteShown():
            record.note(Of.ASKED, kind)
        case ResultChanged(answer=answer) if kind is QuestionType.CALCULATE and answer.value is not None:
            record.note(Of.ASKED, kind)
        case ResultChanged(answer=answer) if answer.value is not None:
            record.note(Of.ANSWERED, kind, type(event).__name__)
        case AnswerRejected(reason=reason):
            record.note(Of.UNREADABLE, kind, reason)
        case _:
            pass


def _menu(state: Any) -> Menu | None:
    """The menu that stands in this state, wherever it is kept."""
    if isinstance(state, Sitting):
        state = None if state.held is None else Front().load(state.held.encode())
    return state.menu if isinstance(state, AtTheDoor) else None


@dataclass(frozen=True)
class _Watched:
    """A dialogue whose steps are noted."""

    dialogue: Dialogue
    record: Record

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dialogue, name)

    def step(self, state: Any, event: Any, facts: Any) -> Any:
        sprint = self.dialogue.step(state, event, facts)
        self._note_event(event)
        self._note_menu(event, _menu(state), _menu(sprint.session))
        for effect in sprint.effects:
            self._note_effect(event, effect.record if isinstance(effect, About) else effect)
        return sprint

    def _note_event(self, event: Any) -> None:
        name = self.dialogue.name
        self.record.note(Of.DIALOGUE, name)
        self.record.note(Of.EVENT, name, type(event).__name__)
        match event:
            case Wrote() if (control := wish(event)) is not None:
                self.record.note(Of.WORD, name, control)
            case Attached(kind=kind):
                self.record.note(Of.ATTACHED, name, kind)
            case Tapped(action=action):
                plain = action[:2] if action[1:2] == ":" else action
                self.record.note(Of.TAPPED, plain)
            case _:
                pass

    def _note_menu(self, event: Any, before: Menu | None, after: Menu | None) -> None:
        if before is not None and before != after and isinstance(event, Tapped | Wrote):
            self.record.note(Of.MENU, "tap" if isinstance(event, Tapped) else "word", before.kind)

    def _note_effect(self, event: Any, effect: Any) -> None:
        if not isinstance(effect, Speech):
            self.record.note(Of.RECORD, type(effect).__name__)
        match effect:
            case Said(phrase) | TapAnswered(phrase=phrase) if phrase is not None:
                self.record.note(Of.SAID, phrase.key)
                self.record.note(Of.SPEECH, type(effect).__name__)
            case Interviewed(effect=shown):
                self.record.note(Of.SPEECH, type(shown).__name__)
                self.record.note(Of.SPEECH, type(effect).__name__)
            case AnswerChanged(answer=answer):
                self.record.note(Of.STATUS, answer.status.name)
            case CheckinResting() if isinstance(event, Tapped):
                self.record.note(Of.PAUSED, "tap", event.action.removeprefix(actions.REST))
            case CheckinResting() if isinstance(event, Wrote):
                self.record.note(Of.PAUSED, "word", str(read_pause(event.text)))
            case _:
                self.record.note(Of.SPEECH, type(effect).__name__)


@dataclass(frozen=True)
class WatchedDesk:
    """A desk whose dialogues' steps are noted."""

    desk: Desk
    record: Record

    def choose(self, event: Any, **where: Any) -> Any:
        return _Watched(self.desk.choose(event, **where), self.record)

    def admitted(self, event: Any, who: Any) -> Any:
        return self.desk.admitted(event, who)

    def gives_way(self, dialogue: str) -> bool:
        return self.desk.gives_way(dialogue)
