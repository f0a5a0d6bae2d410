"""A broadcast that is being composed: each change of it as data, and what its maker is shown once it is made.

* A change is made to the draft as it stands in the store, and counted, before the step that keeps it: what she is
  shown is what is kept, and whom she hands it in for are those who were counted.
* Whom she may choose among is what she may see.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time
from hashlib import sha256
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from storage import segments
from storage.broadcast_desk import DraftOf, texts_of
from storage.broadcasts import Definition, When
from storage.database import Tx
from storage.fates import Fate
from storage.members import Member
from storage.mentions import Mentions, mentions
from storage.notices import Content, Media
from storage.records import Lengthy
from storage.segments import Choices, Chosen, Count, MaySend, Segment, Spacing, at_any_hour


class Change(Protocol):
    """One thing that she changes of her draft."""

    def made(self, draft: Definition, among: Choices) -> Definition:
        """The draft with it."""
        ...


@dataclass(frozen=True, slots=True)
class Worded:
    """It says this; what is to be seen stays."""

    text: str

    def made(self, draft: Definition, among: Choices) -> Definition:
        """With another text."""
        return replace(draft, content=Content(self.text, draft.content.media))


@dataclass(frozen=True, slots=True)
class Pictured:
    """It shows this, or (None) nothing; with a `caption`, it says that, too."""

    media: Media | None
    caption: str = ""

    def made(self, draft: Definition, among: Choices) -> Definition:
        """With another picture, file or voice note."""
        return replace(draft, content=Content(self.caption or draft.content.text, self.media))


_FIELDS = {
    "centre": "centres",
    "cohort": "cohorts",
    "axis": "axes",
    "workshop": "workshops",
    "fate": "last_fates",
}
TRAITS = tuple(_FIELDS)
"""What women are chosen by, one value or several of each."""


@dataclass(frozen=True, slots=True)
class Toggled:
    """One value of a trait is chosen, or no longer; `code` is that of the value."""

    trait: str
    code: str

    def made(self, draft: Definition, among: Choices) -> Definition:
        """With or without it; a value that is there no longer changes nothing."""
        value = next((one for one in values_of(self.trait, among) if code_of(one) == self.code), None)
        if value is None:
            return draft
        chosen = chosen_of(self.trait, draft.segment)
        kept = tuple(one for one in chosen if one != value) if value in chosen else (*chosen, value)
        values: dict[str, Any] = {_FIELDS[self.trait]: kept}
        return replace(draft, segment=replace(draft.segment, **values))


@dataclass(frozen=True, slots=True)
class SinceRelease:
    """So many full months since her release, both included; None is no bound."""

    first: int | None
    last: int | None

    def made(self, draft: Definition, among: Choices) -> Definition:
        """With these bounds."""
        return replace(draft, segment=replace(draft.segment, months_from=self.first, months_to=self.last))


@dataclass(frozen=True, slots=True)
class OfCaseload:
    """The women of this member of staff, or (None) of anybody."""

    staff: int | None

    def made(self, draft: Definition, among: Choices) -> Definition:
        """With this caseload."""
        return replace(draft, segment=replace(draft.segment, caseload=self.staff))


@dataclass(frozen=True, slots=True)
class Listed:
    """These record_ids and no others."""

    record_ids: tuple[str, ...]

    def made(self, draft: Definition, among: Choices) -> Definition:
        """With this list."""
        return replace(draft, segment=replace(draft.segment, record_ids=self.record_ids))


@dataclass(frozen=True, slots=True)
class ForAll:
    """Whoever she may see."""

    def made(self, draft: Definition, among: Choices) -> Definition:
        """Without any condition."""
        return replace(draft, segment=Segment())


@dataclass(frozen=True, slots=True)
class Goes:
    """When it goes."""

    when: When

    def made(self, draft: Definition, among: Choices) -> Definition:
        """With this moment."""
        return replace(draft, when=self.when)


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often it goes again, in weeks; None is never. What goes at once does not repeat."""

    weeks: int | None

    def made(self, draft: Definition, among: Choices) -> Definition:
        """With this rhythm."""
        when = draft.when
        weeks = None if when.send_on is None else self.weeks
        return replace(draft, when=When(when.send_on, when.local_hour, weeks))


def values_of(trait: str, among: Choices) -> tuple[str, ...]:
    """What there is to choose from."""
    if trait == "fate":
        return tuple(one for one in Fate if one is not Fate.NOT_DUE)
    found: tuple[str, ...] = getattr(among, _FIELDS[trait])
    return found


def chosen_of(trait: str, segment: Segment) -> tuple[str, ...]:
    """What has been chosen."""
    found: tuple[str, ...] = getattr(segment, _FIELDS[trait])
    return found


def code_of(value: str) -> str:
    """Eight characters that stand for a value on a button."""
    return sha256(value.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Later:
    """How many a broadcast reaches later than it goes: outside their hours, or since they sit over their questions."""

    hours: int = 0
    in_sitting: int = 0


@dataclass(frozen=True, slots=True)
class DraftNow:
    """A draft as she is shown it, and whom it goes to if it is handed in so. `id` is None before it is first kept;
    `named` is whom its words name."""

    id: int | None
    definition: Definition
    choices: Choices
    chosen: Chosen
    named: Mentions
    later: Later = field(default_factory=Later)

    @property
    def count(self) -> Count:
        """How many get it, and how many do not."""
        return self.chosen.count

    @property
    def mark(self) -> str:
        """Five characters that change with anything in it."""
        return mark_of(self.definition)


def mark_of(shown: Definition | Content) -> str:
    """Five characters that change with anything in it: enough to tell that another was on the screen."""
    return sha256(repr(shown).encode()).hexdigest()[:5]


@dataclass(frozen=True, slots=True)
class DraftRead(Lengthy):
    """What she is composing, with this change made to it."""

    member: Member
    spacing: Spacing = field(default_factory=Spacing)
    change: Change | None = None
    may_send: MaySend = at_any_hour

    async def find(self, tx: Tx) -> DraftNow:
        """The draft, and whom it would reach now; an empty one where she has none."""
        kept = await DraftOf(self.member).find(tx)
        definition = Definition() if kept is None else kept.definition
        among = await segments.choices(tx, self.member)
        if self.change is not None:
            definition = self.change.made(definition, among)
        chosen = await segments.choose(tx, definition.segment, self.member, spacing=self.spacing)
        named = await mentions(tx, texts_of(definition.content), self.member)
        later = self._later(chosen, definition.when, now=tx.now)
        return DraftNow(None if kept is None else kept.id, definition, among, chosen, named, later)

    def _later(self, chosen: Chosen, when: When, *, now: datetime) -> Later:
        """Whom it reaches later than the moment for which it is set."""
        waiting = 0
        for hers, women in chosen.hours.items():
            moment = _set_for(when, hers.zone, now=now)
            waiting += women if self.may_send(hers, moment) > moment else 0
        return Later(waiting, chosen.in_sitting if when.send_on is None else 0)


def _set_for(when: When, zone: str, *, now: datetime) -> datetime:
    if when.send_on is None or when.local_hour is None:
        return now
    return max(now, datetime.combine(when.send_on, time(when.local_hour), ZoneInfo(zone)))
