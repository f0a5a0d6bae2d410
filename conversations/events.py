"""What can happen to a session.

Every event says when: `at`, aware and in her own zone, so that its date is her date. A tap also says in which sprint
its button was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChoiceSelected:
    """She tapped one choice of a select_one, or OK under an acknowledge."""

    at: datetime
    sprint: int
    choice: str


@dataclass(frozen=True, slots=True)
class ChoiceMarked:
    """She ticked or unticked one choice of a select_multiple; naming the state wanted makes a double tap harmless."""

    at: datetime
    sprint: int
    choice: str
    on: bool


@dataclass(frozen=True, slots=True)
class ChoicesDone:
    """She tapped "Listo" under a select_multiple."""

    at: datetime
    sprint: int


@dataclass(frozen=True, slots=True)
class ConfirmationGiven:
    """She said whether we read her answer rightly."""

    at: datetime
    sprint: int
    right: bool


@dataclass(frozen=True, slots=True)
class DetailGiven:
    """She tapped the missing part of an amount: a period's name, or the number of days a week."""

    at: datetime
    sprint: int
    detail: str


@dataclass(frozen=True, slots=True)
class MsgReceived:
    """She wrote something."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class AttachmentReceived:
    """She sent something that is not text; `kind` is the Bot API's field name (photo, sticker, voice …)."""

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class BackAsked:
    """She wants the question before. `sprint` is None where she typed it."""

    at: datetime
    sprint: int | None = None


@dataclass(frozen=True, slots=True)
class SkipAsked:
    """She wants the next question without answering this one."""

    at: datetime
    sprint: int | None = None


@dataclass(frozen=True, slots=True)
class RefusalAsked:
    """She prefers not to say."""

    at: datetime
    sprint: int | None = None


@dataclass(frozen=True, slots=True)
class PauseAsked:
    """She wants to go on another time."""

    at: datetime
    sprint: int | None = None


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """She wants a person."""

    at: datetime
    sprint: int | None = None


@dataclass(frozen=True, slots=True)
class ResumeAsked:
    """She is back, or the process is: the open question is asked again."""

    at: datetime


@dataclass(frozen=True, slots=True)
class WaitExpired:
    """The time for answering is over."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SessionInterrupted:
    """Something else ended the session: she stopped, withdrew, or staff closed it."""

    at: datetime


Event = (
    ChoiceSelected
    | ChoiceMarked
    | ChoicesDone
    | ConfirmationGiven
    | DetailGiven
    | MsgReceived
    | AttachmentReceived
    | BackAsked
    | SkipAsked
    | RefusalAsked
    | PauseAsked
    | HelpAsked
    | ResumeAsked
    | WaitExpired
    | SessionInterrupted
)
