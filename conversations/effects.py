"""What a step of the interview asks the world to do, in the field's words and without a word of rendered text.

* Effects name questions, choices and values; whoever shows them turns them into a chat, a form or a line in a terminal.
* Consumers `match` with `assert_never`, so that a new effect is a type error until each of them handles it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conversations.answers import Answer, Value
from conversations.reading.result import Unreadable


class SessionStatus(StrEnum):
    """Where a session stands; all but WAITING are final."""

    WAITING = "waiting"
    COMPLETED = "completed"
    EXPIRED = "expired"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class Detail(StrEnum):
    """What can be missing from an amount of money."""

    PERIOD = "period"
    DAYS_PER_WEEK = "days_per_week"


class Occasion(StrEnum):
    """Why she sees the summary: all is asked; something was corrected; or she only went back to it."""

    END = "end"
    CORRECTED = "corrected"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """Ask this question now.

    `number` counts what she has been asked, from 1, `of` what she will have been asked at most; `marked` are the
    choices now ticked, `offered` those that she may choose from (None: all of them). To the `rescue`: she was
    misunderstood too often, so it comes with buttons that need no typing, and a person; `unread` says why what she
    answered just now could not be read.
    """

    question: str
    sprint: int
    number: int
    of: int
    marked: tuple[str, ...] = ()
    offered: tuple[str, ...] | None = None
    rescue: bool = False
    unread: Unreadable | None = None


@dataclass(frozen=True, slots=True)
class NoteShown:
    """Show this note; nothing is awaited."""

    question: str


@dataclass(frozen=True, slots=True)
class ChoicesShown:
    """The open question's buttons are now these: its ticks, or its page of choices, have changed in place."""

    question: str
    sprint: int
    marked: tuple[str, ...] = ()
    page: int = 0
    offered: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DatePartAsked:
    """The open date's buttons now offer what follows `part`: nine years up to `newest` (''), months, or days."""

    question: str
    sprint: int
    part: str
    newest: int


@dataclass(frozen=True, slots=True)
class ConfirmationAsked:
    """Ask in one tap whether this reading of her words is right; `unusual` where the amount is surprisingly large,
    `earlier` where it is not about the open question."""

    question: str
    sprint: int
    value: Value
    unusual: bool = False
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class DetailAsked:
    """Ask for what is missing from an amount that she gave; `earlier` where it is not about the open question."""

    question: str
    sprint: int
    detail: Detail
    value: Value
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class AnswerRejected:
    """Say kindly why this could not be read, and what would be; `earlier` where it is not about the open question."""

    question: str
    sprint: int
    reason: Unreadable
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class AnswerCorrected:
    """Say that this answer, given before, is now another."""

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class SummaryShown:
    """Everything is asked: show what was noted, each answer with its *Corregir*."""

    sprint: int
    answers: tuple[tuple[str, Answer], ...]
    occasion: Occasion = Occasion.END


@dataclass(frozen=True, slots=True)
class QuestionClosed:
    """The question asked in `sprint` is answered: fold it into one line with her answer, its buttons gone.

    What was said since (confirmations, hints), up to but not including `until`, has served its turn; a correction that
    still waits for her word is asked about anew.
    """

    question: str
    sprint: int
    until: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class QuestionWithdrawn:
    """It is asked again: what the chat shows of it, from `sprint` up to but not including `until`, makes room."""

    question: str
    sprint: int
    until: int


@dataclass(frozen=True, slots=True)
class ResultChanged:
    """This answer is now the valid one, earlier ones are history. A `free_text` value is in her own words."""

    question: str
    answer: Answer
    free_text: bool = False


@dataclass(frozen=True, slots=True)
class OutcomesChanged:
    """All valid answers that feed outcomes, by outcome name: what is derived from them must be derived anew."""

    values: dict[str, Answer]


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """She asked for something that a person must attend to."""

    kind: str
    question: str | None = None


@dataclass(frozen=True, slots=True)
class SessionPaused:
    """She goes on another time; her place is kept."""


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The session is over; `answered` counts the questions with a value."""

    status: SessionStatus
    answered: int


Effect = (
    QuestionAsked
    | NoteShown
    | ChoicesShown
    | DatePartAsked
    | ConfirmationAsked
    | DetailAsked
    | AnswerRejected
    | AnswerCorrected
    | SummaryShown
    | QuestionClosed
    | QuestionWithdrawn
    | ResultChanged
    | OutcomesChanged
    | CaseOpened
    | SessionPaused
    | SessionEnded
)
