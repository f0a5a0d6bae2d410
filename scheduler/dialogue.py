"""The one protocol that the runner knows: a conversation is a pure step from a state, an event and facts to a state
and effects.

* A dialogue keeps nothing between steps but its state, which is stored; it survives any crash by construction.
* What it needs to know it names beforehand (`needs`), and what it wants remembered or shown it returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from conversations.session import Sprint
from storage.facts import Person, Who
from storage.interviews import Conversation
from storage.records import Need

F = TypeVar("F")

SILENCE = timedelta(minutes=10)
"""Long enough to think about an answer, short enough that a phone that was put down shows nothing for long."""

# --- events: what happens in a chat, whatever the channel


@dataclass(frozen=True, slots=True)
class Started:
    """She opened the chat, with the token of an invitation if she came by one; `for_another`: whether that is for a
    woman whose chat this is not yet, once it was looked at."""

    at: datetime
    token: str | None = None
    for_another: bool | None = None


@dataclass(frozen=True, slots=True)
class Wrote:
    """She wrote, or changed what she had written."""

    at: datetime
    text: str
    edited: bool = False


@dataclass(frozen=True, slots=True)
class FileSent:
    """A file as it stands with the channel: its id there, its size in bytes where that is known, its name if it has
    one, and how long it plays."""

    file_id: str
    size: int | None = None
    name: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Attached:
    """She sent something other than text; `kind` is the Bot API's field name, `file` what can be fetched of it,
    `caption` what she wrote below it, and `within` the words that it is made of: a question and its options, a name."""

    at: datetime
    kind: str
    file: FileSent | None = None
    caption: str = ""
    within: str = ""


@dataclass(frozen=True, slots=True)
class FileArrived:
    """A file that a step wanted has been fetched and kept, or (not `kept`) cannot be had. `file` is its id with us."""

    at: datetime
    file: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Tapped:
    """She tapped a button that a session showed in one of its sprints. `tap` lets the tap be answered."""

    at: datetime
    tap: str
    session: int
    sprint: int
    action: str


@dataclass(frozen=True, slots=True)
class BlockedChanged:
    """She blocked the bot, or let it in again."""

    at: datetime
    blocked: bool


@dataclass(frozen=True, slots=True)
class CheckinDue:
    """It is time to invite her to this check-in."""

    at: datetime
    checkin: int


@dataclass(frozen=True, slots=True)
class ReminderDue:
    """It is time to remind her of this check-in, for the `number`-th time."""

    at: datetime
    checkin: int
    number: int


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """The time for answering this check-in is over."""

    at: datetime
    checkin: int


@dataclass(frozen=True, slots=True)
class TimeIsUp:
    """The conversation's own time is over."""

    at: datetime


FromHer = Started | Wrote | Attached | Tapped
"""What nobody can do in a chat that does not let the bot in."""

Event = FromHer | FileArrived | BlockedChanged | CheckinDue | ReminderDue | WindowClosed | TimeIsUp


@dataclass(frozen=True, slots=True)
class TakenUp:
    """An effect: what happened here before is taken now, as if it had just happened, by whichever dialogue it is for by
    what this step has changed."""

    event: FromHer


@dataclass(frozen=True, slots=True)
class Facts:
    """What a step knows: whose chat it is, what it asked to look up, and the session and sprint that its buttons
    will carry. `about` is the sprint, in this session, of the message that she replied to, changed or tapped;
    `replied_to` its session and sprint, whosever that is. `cleared`: nothing that this conversation has shown stands in
    the chat. `silence`: after how long nobody is taken to be there any more."""

    who: Who
    session: int
    sprint: int
    found: Mapping[Need[Any], Any] = field(default_factory=dict)
    about: int | None = None
    replied_to: tuple[int | None, int | None] = (None, None)
    cleared: bool = False
    silence: timedelta = SILENCE

    def get(self, need: Need[F]) -> F | None:
        """What was found of this, if it was asked for and exists."""
        return self.found.get(need)

    @property
    def person(self) -> Person:
        """The woman whose chat this is; only for dialogues that are hers alone."""
        assert self.who.person is not None
        return self.who.person


class Dialogue(Protocol):
    """A kind of conversation. `State` is its own affair; None stands for a conversation that is not open."""

    name: str

    def load(self, data: bytes) -> Any:
        """The state that `dump` wrote."""
        ...

    def dump(self, state: Any) -> bytes:
        """The state as bytes."""
        ...

    def needs(self, state: Any, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """What the step will want to know beyond who it is."""
        ...

    def expires_at(self, state: Any) -> datetime | None:
        """When a conversation in this state ends by itself, or None."""
        ...

    def step(self, state: Any, event: Event, facts: Facts) -> Sprint[Any, Any]:
        """Take one event.

        Effects are speech (shown in the chat) and records (remembered by the store), in their order.
        """
        ...


class Desk(Protocol):
    """Decides which dialogue takes an event."""

    def choose(self, event: Event, *, who: Who, conversation: Conversation | None) -> Dialogue:
        """The dialogue for this event: the open conversation's own, or another.

        Where another opens a conversation of its own, the one that was open is over.
        """
        ...

    def admitted(self, event: FromHer, who: Who) -> Who:
        """The chat as this event finds it: what needs no code is heard as if she had given it."""
        ...

    def gives_way(self, dialogue: str) -> bool:
        """Whether an open conversation of this dialogue makes room for a check-in that is due."""
        ...
