"""What is kept with a chat, beside its conversations, of somebody who gives a code or chooses one.

* It is sealed, holds no name, and never a whole code for longer than until it is given again.
* What was shown of it goes when the chat is cleared, and it goes with that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from conversations.codec import Tagged
from scheduler.dialogue import Attached, FromHer, Started, Tapped, Wrote
from storage.facts import Who


@dataclass(frozen=True, slots=True)
class Knocking:
    """Somebody is asked for a code: the numbers that were `entered`, under which session and sprint they are asked for;
    what she did meanwhile."""

    session: int
    sprint: int
    entered: str = ""
    held: tuple[dict[str, Any], ...] = ()


class Choice(StrEnum):
    """What she is choosing."""

    NUMBER = "number"
    WORD = "word"
    DURESS = "duress"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Choosing:
    """She is asked to choose, by a word where it is `written`: what she gave the `first` time, and what she has tapped
    since; after `until` what she writes is no word of hers any more."""

    choice: Choice
    session: int
    sprint: int
    until: datetime
    written: bool = False
    first: str = ""
    entered: str = ""


@dataclass(frozen=True, slots=True)
class Renewing:
    """She is asked for her yes to a notice that has changed, under this session and sprint; what she did before is
    `held`; `confirming`: she has said yes, and in that session is shown a word to write."""

    session: int
    sprint: int
    held: dict[str, Any]
    confirming: int | None = None


Doorstep = Knocking | Choosing | Renewing

_STATES: Tagged[Doorstep] = Tagged(Knocking, Choosing, Renewing)
_EVENTS: Tagged[FromHer] = Tagged(Started, Wrote, Attached, Tapped)


def held(event: FromHer) -> dict[str, Any]:
    """What she did, as it is kept; a tap is answered at once, and only once."""
    return _EVENTS.to_dict(replace(event, tap="") if isinstance(event, Tapped) else event)


def event_of(kept_event: dict[str, Any]) -> FromHer:
    """What `held` kept."""
    return _EVENTS.from_dict(kept_event)


def doorstep_of(who: Who) -> Doorstep | None:
    """What is kept with this chat, if anything is."""
    return None if who.doorstep is None else _STATES.load(who.doorstep)


def kept(state: Doorstep | None) -> bytes | None:
    """The same as bytes."""
    return None if state is None else _STATES.dump(state)
