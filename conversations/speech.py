"""What is shown in a chat, before it is rendered: catalogue keys, buttons by action, and the interview's own effects.

These are the rows of the outbox. They hold no rendered text and no Telegram id, so that language, form of address,
quiet hours and withdrawals are those of the moment of sending.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, get_args

from pydantic import PlainSerializer, PlainValidator

from conversations.codec import Tagged
from conversations.effects import (
    AnswerCorrected,
    AnswerRejected,
    ChoicesShown,
    ConfirmationAsked,
    DatePartAsked,
    DetailAsked,
    NoteShown,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    SummaryShown,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text of the catalogue by its key, with the values that it names; `lines` stand below it, each on its own."""

    key: str
    values: dict[str, str | int] = field(default_factory=dict)
    lines: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button: what tapping it does (`action`, at most 40 ASCII characters) and what stands on it."""

    action: str
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Said:
    """A message of ours. One that names its session belongs to that session's `sprint`, buttons and all, and makes room
    with it; any other stays until the chat is cleared.

    What is `harmless` gives nothing away to whoever reads it, and stays then, too.
    """

    phrase: Phrase
    rows: tuple[tuple[Button, ...], ...] = ()
    session: int | None = None
    sprint: int = 0
    harmless: bool = False


Asking = (
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
)
"""The effects of an interview that are seen in a chat."""

_ASKING: Tagged[Asking] = Tagged(*get_args(Asking))


def _sound(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else b64decode(data)


def _asking(data: object) -> Asking:
    return data if isinstance(data, Asking) else _ASKING.from_dict(data)


@dataclass(frozen=True, slots=True)
class Interviewed:
    """One effect of an interview, and what showing it needs: the session whose buttons it carries, the instrument."""

    session: int
    instrument: str
    version: str
    effect: Annotated[Asking, PlainSerializer(_ASKING.to_dict), PlainValidator(_asking)]


@dataclass(frozen=True, slots=True)
class TapAnswered:
    """The tap is answered, so that her button stops spinning; with a short word where there is something to say."""

    tap: str
    phrase: Phrase | None = None


@dataclass(frozen=True, slots=True)
class ButtonsRemoved:
    """The message that this session said in that sprint keeps its text and loses its buttons."""

    session: int
    sprint: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The message that this session said in that sprint now says this; where it is gone, it is said anew."""

    phrase: Phrase
    rows: tuple[tuple[Button, ...], ...]
    session: int
    sprint: int


@dataclass(frozen=True, slots=True)
class ChatCleaned:
    """Every message of this session, or of one sprint of it, or of all sprints up to but not including `until`, that
    Telegram lets us delete, hers and ours, is deleted."""

    session: int
    sprint: int | None = None
    until: int | None = None

    def covers(self, sprint: int | None) -> bool:
        """Whether what belongs to that sprint goes."""
        if self.sprint is None or self.until is None:
            return self.sprint in (None, sprint)
        return sprint is not None and self.sprint <= sprint < self.until


@dataclass(frozen=True, slots=True)
class Stood:
    """A message that stood in a chat: whether it was ours, was text, and was harmless; and when it came."""

    message_id: int
    ours: bool
    words: bool
    harmless: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ChatCleared:
    """Whatever stands in the chat goes, hers and ours, but for what is harmless; where nothing of that kind stands, the
    last words of ours become `left`, so that no new message arrives.

    `stood` is what is known of the chat already, for when nobody else may remember it any more. `files`: those go, too,
    which she was handed to keep.
    """

    left: Phrase
    stood: tuple[Stood, ...] = ()
    files: bool = False


@dataclass(frozen=True, slots=True)
class MessagesTaken:
    """These messages of ours go, as far as Telegram lets us delete them, whatever conversation they belong to."""

    messages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CommandsListed:
    """The list of commands that this chat offers beside the field for typing."""

    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PromptPlayed:
    """The recording of a question of this instrument and version; or, without an instrument, that of the catalogue's
    text with this key. Where there is none, she is told so if she `asked` for this very one."""

    name: str
    instrument: str = ""
    version: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Relayed:
    """What a person of the team wrote, in her own words, and what she sent with it: "photo", "document" or "voice" by
    the channel's own id for it (empty: words alone). Like `Said` it belongs to its session's `sprint`."""

    text: str
    kind: str = ""
    file_id: str = ""
    rows: tuple[tuple[Button, ...], ...] = ()
    session: int | None = None
    sprint: int = 0


@dataclass(frozen=True, slots=True)
class SoundPlayed:
    """A voice note, as it was sent by somebody else, is played in this session's chat; it belongs to the sprint."""

    sound: Annotated[bytes, PlainSerializer(lambda sound: b64encode(sound).decode()), PlainValidator(_sound)]
    session: int
    sprint: int


@dataclass(frozen=True, slots=True)
class FileHanded:
    """A file that was made for this chat, under this name; like `Said` it belongs to its session's sprint. With `hours`
    it leaves the chat so long after it arrived, whatever happens there meanwhile."""

    name: str
    content: Annotated[bytes, PlainSerializer(lambda content: b64encode(content).decode()), PlainValidator(_sound)]
    session: int
    hours: int = 0


@dataclass(frozen=True, slots=True)
class StoredFileHanded:
    """The same of a file that is too large to travel here: it stands at `place` in the folder of what is to leave."""

    name: str
    place: str
    hours: int = 0


@dataclass(frozen=True, slots=True)
class PictureShown:
    """A picture that was drawn for this session's chat is shown there; it belongs to its sprint."""

    picture: Annotated[bytes, PlainSerializer(lambda picture: b64encode(picture).decode()), PlainValidator(_sound)]
    session: int


Speech = (
    SoundPlayed
    | FileHanded
    | StoredFileHanded
    | PictureShown
    | Said
    | Relayed
    | Changed
    | Interviewed
    | TapAnswered
    | ButtonsRemoved
    | ChatCleaned
    | ChatCleared
    | MessagesTaken
    | CommandsListed
    | PromptPlayed
)


def shown_in(speech: Speech, sprint: int) -> int | None:
    """The sprint that its message belongs to and goes with, when the step's own is `sprint`: what asks about a reading
    has one for itself. None for notes and plain words, which stay."""
    match speech:
        case Interviewed(effect=ConfirmationAsked(sprint=own) | DetailAsked(sprint=own)):
            return own
        case Changed(sprint=own):
            return own
        case Interviewed(effect=NoteShown()) | Said(session=None) | Relayed(session=None):
            return None
        case _:
            return sprint


def is_words(speech: Speech) -> bool:
    """Whether the message that it makes is text, which can be changed into another."""
    return isinstance(speech, Said | Changed | Interviewed) or (isinstance(speech, Relayed) and not speech.kind)


def is_harmless(speech: Speech) -> bool:
    """Whether its message stays when the chat is cleared: a file does, which she asked for in order to keep it."""
    return isinstance(speech, FileHanded) or (isinstance(speech, Said) and speech.harmless)


SPEECH: Tagged[Speech] = Tagged(*get_args(Speech))
"""How speech stands in the outbox."""
