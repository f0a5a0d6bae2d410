"""What first contact asks, one thing after another, and how it reads what she taps or writes instead.

* Nothing is marked for her, and every question can be answered in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.participant import purposes
from bot.participant.hours import SLOT_WORDS
from conversations.reading.choices import Option, read_choice
from conversations.reading.controls import Control
from conversations.reading.result import Clear
from conversations.reading.words import entries, normalise
from conversations.speech import Button, Phrase
from scheduler.calendar import Slot
from scheduler.dialogue import Event, Tapped, Wrote


class Phase(StrEnum):
    """What was asked last."""

    SAFE = "safe"
    WORD = "word"
    NOTICE = "notice"
    CONFIRM = "confirm"
    PURPOSES = "purposes"
    NAME = "name"
    SLOT = "slot"


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Where a first contact stands; `shown_in` is the sprint whose buttons count, `manner` how she asked to be spoken
    to before she consented; `cleaned`: nothing of it stands in the chat, since she was silent until `clean_at`;
    `marked` is what else she allows so far; `shared`: others use this chat, each behind her code."""

    phase: Phase
    invitation: int
    participant: int
    shown_in: int
    heard_at: datetime
    clean_at: datetime
    called: str = ""
    cleaned: bool = False
    manner: Control | None = None
    marked: tuple[str, ...] = ()
    shared: bool = False


YES, NO, WHOLE = "yes", "no", "whole"

BUTTONS: dict[Phase, tuple[tuple[Button, ...], ...]] = {
    Phase.SAFE: ((Button(YES, Phrase("enrolment.safe_yes")), Button(NO, Phrase("enrolment.safe_no"))),),
    Phase.WORD: (),
    Phase.NOTICE: (
        (Button(YES, Phrase("enrolment.accept")),),
        (Button(NO, Phrase("enrolment.decline")),),
        (Button(WHOLE, Phrase("notice.whole")),),
    ),
    Phase.CONFIRM: ((Button(NO, Phrase("enrolment.decline")),),),
    Phase.PURPOSES: purposes.rows(()),
    Phase.NAME: (),
    Phase.SLOT: tuple((Button(slot.value, Phrase(f"slot.{slot.value}")),) for slot in Slot),
}

WORDS: dict[Phase, tuple[Option, ...]] = {
    Phase.SAFE: (Option(YES, "Sí", ("Sí puedo", "Puedo")), Option(NO, "No", ("Ahora no", "No puedo"))),
    Phase.NOTICE: (Option(YES, "Sí", ("Sí acepto", "Acepto")), Option(NO, "No", ("No acepto",))),
    Phase.CONFIRM: (Option(NO, "No", ("No acepto", "Ya no")),),
    Phase.SLOT: SLOT_WORDS,
}
"""What she may write instead of tapping."""

QUESTION_KEYS = (
    "enrolment.greeting",
    "enrolment.word",
    "enrolment.notice_3",
    "enrolment.confirm",
    "purposes.ask",
    "enrolment.name",
    "enrolment.slot",
)

CONFIRM_KEYS = ("enrolment.confirm", "enrolment.confirm_again")
"""How a yes is confirmed: at first, and after another word."""

QUESTIONS = dict(zip(Phase, QUESTION_KEYS, strict=True))

CONSENTED = frozenset({Phase.PURPOSES, Phase.NAME, Phase.SLOT})

ASKS_FOR_WHOLE = frozenset(entries("aviso|aviso completo|el aviso|aviso de privacidad|leer el aviso|aviso integral"))
"""What she may write to have the whole notice as a file."""

CONFIRMING = ("luna", "nube", "arena", "mango", "playa", "trigo", "vela", "lluvia")
"""The words by which a yes is confirmed: none of them is the word of an invitation."""


def shown_word(number: int) -> str:
    """The word by which a yes is confirmed; `number` decides which."""
    return CONFIRMING[number % len(CONFIRMING)]


def asks_for_whole(event: Event) -> bool:
    """Whether she wants to read the whole notice."""
    return isinstance(event, Wrote) and not event.edited and normalise(event.text) in ASKS_FOR_WHOLE


def choice_in(phase: Phase, event: Event) -> str | None:
    """Which of the phase's buttons she tapped, or said in words."""
    if isinstance(event, Tapped):
        return event.action if any(event.action == button.action for row in BUTTONS[phase] for button in row) else None
    if not isinstance(event, Wrote) or event.edited:
        return None
    said = read_choice(event.text, WORDS.get(phase, ()))
    return said.value if isinstance(said, Clear) else None
