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
    """She wrote something; `about` is the sprint of the message that she replied to, if she replied to one."""

    at: datetime
    text: str
    about: int | None = None


@dataclass(frozen=True, slots=True)
class MsgEdited:
    """She changed a message of hers that had been taken in the sprint `taken_in`."""

    at: datetime
    text: str
    taken_in: int


@dataclass(frozen=True, slots=True)
class VoiceReceived:
    """She sent a voice note, which the store keeps under `ref`."""

    at: datetime
    ref: str
    seconds: int


@dataclass(frozen=True, slots=True)
class AttachmentReceived:
    """She sent something that is neither text nor voice; `kind` is the Bot API's field name (photo, sticker …)."""

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class PageTurned:
    """She wants to see another page of the choices; pages count from 0."""

    at: datetime
    sprint: int
    page: int


@dataclass(frozen=True, slots=True)
class DatePartGiven:
    """She tapped the next part of a date: `2026`, then `2026-05`, then `2026-05-12`; empty begins anew."""

    at: datetime
    sprint: int
    part: str


@dataclass(frozen=True, slots=True)
class BandSelected:
    """She tapped one of the bands that are offered where an amount could not be read; counted from 0."""

    at: datetime
    sprint: int
    band: int


@dataclass(frozen=True, slots=True)
class CorrectionAsked:
    """She wants to answer this question anew."""

    at: datetime
    sprint: int
    question: str


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
    | MsgEdited
    | VoiceReceived
    | AttachmentReceived
    | PageTurned
    | DatePartGiven
    | BandSelected
    | CorrectionAsked
    | BackAsked
    | SkipAsked
    | RefusalAsked
    | PauseAsked
    | HelpAsked
    | ResumeAsked
    | WaitExpired
    | SessionInterrupted
)
