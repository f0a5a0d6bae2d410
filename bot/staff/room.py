"""What each room of the staff's desk is: a pure step from what it holds and what she does there to what it shows.

* A room knows no chat, no session and no sprint: the desk shows what it returns, in place of what she tapped or anew.
* A button says all that it needs in its verb and argument, so that it works in an old message and after a restart;
  what must be about what she sees now, a confirmation, asks `fresh`.
* The desk has asked the table of permissions before a room is entered; whose women she sees is the store's to filter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from conversations.codec import Tagged
from conversations.speech import Button, Phrase
from scheduler.dialogue import Attached, Event, Facts, FileArrived, Tapped, Wrote
from storage.members import Member
from storage.records import Need

HEX, LONGEST_ID, HIGHEST_ID = frozenset("0123456789abcdef"), 16, 2**63 - 1
"""How an id is written on a button, and what a column of either store holds."""

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Act:
    """What she does in a room: the verb, its argument (of the button, or behind the command), and the event itself."""

    room: str
    verb: str
    about: str
    event: Event
    fresh: bool = False

    @property
    def at(self) -> datetime:
        """When."""
        return self.event.at

    @property
    def id(self) -> int:
        """Whose or which one it is about: the id that stands first in its argument; 0, which nobody has, for none."""
        first = self.about.partition(".")[0]
        found = int(first, 16) if 0 < len(first) <= LONGEST_ID and set(first) <= HEX else 0
        return found if found <= HIGHEST_ID else 0

    @property
    def rest(self) -> str:
        """What its argument says behind the id."""
        return self.about.partition(".")[2]

    @property
    def words(self) -> str:
        """What she wrote, where she wrote."""
        return self.event.text.strip() if isinstance(self.event, Wrote) else ""

    @property
    def sent(self) -> Attached | None:
        """What she sent that is no text."""
        return self.event if isinstance(self.event, Attached) else None

    @property
    def arrived(self) -> FileArrived | None:
        """The file that has been fetched, or cannot be had."""
        return self.event if isinstance(self.event, FileArrived) else None


@dataclass(frozen=True, slots=True)
class View:
    """One message of a room: what it says and its buttons, whose actions are verbs and arguments ("roster.card.1f")."""

    phrase: Phrase
    rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes of an act: what the room holds from now on (None: nothing), what it shows, and what else follows.

    `effects` are records and speech; `toast` is a short word on the tapped button. With `anew` the view is a message
    of its own though a button was tapped. With `stays` her next words are this room's. With `over` the buttons under
    what the room showed before go. `onward` is what another room takes then, in this one's stead.
    """

    held: Any = None
    view: View | None = None
    effects: tuple[Any, ...] = ()
    toast: Phrase | None = None
    anew: bool = False
    stays: bool = True
    over: bool = False
    onward: Act | None = None


class Room(Protocol):
    """One kind of work at the staff's desk."""

    name: str
    states: Tagged[Any]

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """What the step will want to know."""
        ...

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Take one act; None for words and files that this room can do nothing with now."""
        ...

    def until(self, held: Any) -> datetime | None:
        """When what it holds has waited long enough, or None; the act is then "late"."""
        ...


def button(verb: str, key: str, **values: str | int) -> Button:
    """A button that does this; its text is the catalogue's."""
    return Button(verb, Phrase(key, dict(values)))


def in_rows(buttons: Sequence[Button], width: int) -> Rows:
    """So many beside each other."""
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def turning(verb: str, page: int, *, of: int) -> Rows:
    """The row that leads to the pages before and after this one, from 0 on; none where there is neither."""
    beside = ((page - 1, "button.page_back"), (page + 1, "button.page_on"))
    row = tuple(button(f"{verb}.{to}", key) for to, key in beside if 0 <= to < of)
    return (row,) if row else ()


A_SCREEN = 20
"""Buttons of a list of people on one screen: Telegram takes a hundred in a message, and a thumb fewer."""


def paged(rows: Rows, verb: str, *, page: int) -> Rows:
    """One screen of these rows (the last one where there are fewer), and the row that leads to the others."""
    of = max(1, -(-len(rows) // A_SCREEN))
    here = min(page, of - 1)
    return (*rows[here * A_SCREEN : (here + 1) * A_SCREEN], *turning(verb, here, of=of))


def whole(text: str) -> int:
    """The whole number that a button carries; 0 for anything else, and for what no list is as long as."""
    return int(text) if text.isdecimal() and len(text) < LONGEST_ID else 0


def stale(held: Any = None) -> Turn:
    """The button is an old one, or forged: she is told so, and all stays as it is."""
    return Turn(held, toast=Phrase("rejected.stale"))


def tapped_in(event: Event, facts: Facts) -> int | None:
    """The sprint of this desk below whose message she tapped; None for an alert's button, and for all else."""
    return event.sprint if isinstance(event, Tapped) and event.session == facts.session else None


def member_of(facts: Facts) -> Member:
    """The member of staff whose desk it is."""
    assert facts.who.staff is not None
    return facts.who.staff
