"""What staff decide about a woman from their desk: rests, her wish to be left alone, whose she is, her invitation.

* Each is one record, written as the command line would write it, with who decided it in the audit trail.
* Two who decide otherwise at once are told so: the second finds what the first has done, and nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from storage import audit, caseloads, invitations, pauses, stops
from storage.database import Conflict, Tx
from storage.invitations import Key
from storage.pauses import PauseKind
from storage.records import Entry, Writer
from storage.recovery import may_be_invited
from storage.stops import How


@dataclass(frozen=True, slots=True)
class RestOrdered:
    """Her check-ins rest until that local day (None: until somebody ends it)."""

    woman: int
    kind: PauseKind
    until_on: date | None
    by: int


@dataclass(frozen=True, slots=True)
class RestEnded:
    """Her rest is over."""

    woman: int
    by: int


@dataclass(frozen=True, slots=True)
class StopRecorded:
    """She asked staff to be left alone; or (not `wished`) to be written to again."""

    woman: int
    how: How
    wished: bool
    by: int


@dataclass(frozen=True, slots=True)
class GivenTo:
    """She is with this member of staff now (None: with nobody); she was with `was`."""

    woman: int
    to: int | None
    was: int | None
    by: int


@dataclass(frozen=True, slots=True)
class FreshWord:
    """A word out of these, to go with a link by another way."""

    words: tuple[str, ...] = field(compare=False)

    async def find(self, tx: Tx) -> str:
        """Another one each time."""
        return self.words[tx.ids.pick(len(self.words))]


@dataclass(frozen=True, slots=True)
class WomanInvited:
    """She may come in for the first time by this token, with this word."""

    woman: int
    token: str
    word: str
    by: int


async def _rest_ordered(tx: Tx, entries: Sequence[Entry[RestOrdered]]) -> None:
    """Raises Conflict for a woman who is away: her next release ends that, and no other rest."""
    for record in (entry.record for entry in entries):
        if not await pauses.pause(tx, record.woman, record.kind, until_on=record.until_on, by=audit.acting(record.by)):
            raise Conflict("she is away")


async def _rest_ended(tx: Tx, entries: Sequence[Entry[RestEnded]]) -> None:
    for record in (entry.record for entry in entries):
        await pauses.resume(tx, record.woman, by=audit.acting(record.by))


async def _stop_recorded(tx: Tx, entries: Sequence[Entry[StopRecorded]]) -> None:
    for record in (entry.record for entry in entries):
        change = stops.stop if record.wished else stops.lift
        await change(tx, record.woman, record.how, by=audit.acting(record.by))


async def _given(tx: Tx, entries: Sequence[Entry[GivenTo]]) -> None:
    """Raises Conflict if somebody else has given her away meanwhile, or to whom nobody can be given."""
    for record in (entry.record for entry in entries):
        now = await caseloads.with_whom(tx, [record.woman])
        if now.get(record.woman) != record.was:
            raise Conflict("she has been given to somebody meanwhile")
        if record.to is not None and not await caseloads.can_have(tx, record.to):
            raise Conflict("this member of staff can have nobody")
        await caseloads.assign(tx, {record.woman: record.to}, by=audit.acting(record.by))


async def _invited(tx: Tx, entries: Sequence[Entry[WomanInvited]]) -> None:
    """Raises Conflict for a woman who may come back only after a call."""
    for record in (entry.record for entry in entries):
        if not await may_be_invited(tx, record.woman):
            raise Conflict("a call comes before her link")
        await invitations.give(tx, record.woman, Key(record.token, record.word), by=record.by)


WRITERS: dict[type, Writer] = {
    RestOrdered: _rest_ordered,
    RestEnded: _rest_ended,
    StopRecorded: _stop_recorded,
    GivenTo: _given,
    WomanInvited: _invited,
}
