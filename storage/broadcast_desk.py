"""What the desk and the command line see of broadcasts, and what staff have done to them from their chat.

* Questions are answered for whoever asks: a member of staff sees the women whom she may see, and her own broadcasts;
  coordinators and admins all.
* Each step checks again what the menu showed: whoever comes second gets a Conflict, and then sees how it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select, true

from storage import broadcasts as steps
from storage import recipients
from storage.broadcast_bounds import goes_beyond, lists_others
from storage.broadcasts import COUNTS, BroadcastState, Definition, Rules, definition_of
from storage.database import Conflict, Tx
from storage.members import SEES_ALL, SEES_OWN, Member
from storage.mentions import Mentions, mentions
from storage.notices import Content
from storage.recipients import RecipientState
from storage.records import Entry, Lengthy, Writer
from storage.retiring import Retired
from storage.schema import broadcasts, staff
from storage.segments import Chosen


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One broadcast as it stands; `total` are those on its list (0 before it is frozen), `tally` says how they stand,
    `excluded` how many were left out of it and why. `made_by` None is the command line; `maker_left` says that whoever
    made it has left the team, `beyond` that she does not see all on its list any more. Resumed, it stands as
    `paused_from` again."""

    id: int
    state: BroadcastState
    definition: Definition
    made_by: int | None
    approved_by: int | None
    made_at: datetime
    next_at: datetime | None
    begun_at: datetime | None
    done_at: datetime | None
    retired_at: datetime | None
    list_hash: str | None
    excluded: Mapping[str, int]
    retired: Retired | None
    tally: Mapping[RecipientState, int]
    paused_from: BroadcastState | None = None
    maker_left: bool = False
    beyond: bool = False

    @property
    def total(self) -> int:
        """How many are on its list."""
        return sum(self.tally.values())

    @property
    def through(self) -> int:
        """For how many of them it is known what became of it."""
        return self.total - self.remaining

    @property
    def remaining(self) -> int:
        """How many it has still to reach."""
        return self.tally.get(RecipientState.WAITING, 0) + self.tally.get(RecipientState.POSTED, 0)

    def seconds_left(self, per_second: float) -> float:
        """How long the rest takes if nothing delays it."""
        return self.remaining / per_second


async def get(tx: Tx, broadcast: int, member: Member | None = None) -> Broadcast | None:
    """The broadcast as it stands, or None if there is none of that id that she may see (None: the command line)."""
    row = (await tx.run(_kept().where(broadcasts.c.id == broadcast, seen_by(member)))).first()
    return None if row is None else await _broadcast(tx, row)


async def listed(tx: Tx, member: Member | None = None, *, limit: int = 20) -> list[Broadcast]:
    """The latest broadcasts that she may see; of those being composed only the command line's own, for itself."""
    composing = broadcasts.c.state == BroadcastState.DRAFT
    shown = ~composing if member is not None else ~composing | broadcasts.c.made_by.is_(None)
    kept = _kept().where(shown, seen_by(member))
    rows = list(await tx.run(kept.order_by(broadcasts.c.made_at.desc(), broadcasts.c.id).limit(limit)))
    return [await _broadcast(tx, row) for row in rows]


def _kept() -> Select[Any]:
    left = staff.c.revoked_at.is_not(None).label("maker_left")
    return select(broadcasts, left, goes_beyond().label("beyond")).outerjoin(staff, staff.c.id == broadcasts.c.made_by)


async def _broadcast(tx: Tx, row: Any) -> Broadcast:
    return Broadcast(
        id=row.id,
        state=BroadcastState(row.state),
        definition=definition_of(tx, row),
        made_by=row.made_by,
        approved_by=row.approved_by,
        made_at=row.made_at,
        next_at=row.next_at,
        begun_at=row.begun_at,
        done_at=row.done_at,
        retired_at=row.retired_at,
        list_hash=row.list_hash,
        excluded={} if row.excluded is None else COUNTS.validate_json(row.excluded),
        retired=None if row.retired is None else Retired(**COUNTS.validate_json(row.retired)),
        tally=await recipients.tally(tx, row.id),
        paused_from=None if row.paused_from is None else BroadcastState(row.paused_from),
        maker_left=bool(row.maker_left),
        beyond=bool(row.beyond),
    )


# --- what her desk asks


def texts_of(content: Content) -> tuple[str, ...]:
    """All that can be read of it."""
    return tuple(text for text in (content.text, "" if content.media is None else content.media.name) if text)


@dataclass(frozen=True, slots=True)
class NamedIn(Lengthy):
    """Whom a broadcast that waits for approval names, among the women whom this member may see."""

    broadcast: int
    member: Member

    async def find(self, tx: Tx) -> Mentions:
        """Who; nobody where no such broadcast of those that she sees waits for it."""
        found = await get(tx, self.broadcast, self.member)
        if found is None or found.state is not BroadcastState.WAITING_APPROVAL:
            return Mentions()
        return await mentions(tx, texts_of(found.definition.content), self.member)


@dataclass(frozen=True, slots=True)
class BroadcastById:
    """One broadcast, if she may see it."""

    broadcast: int
    member: Member

    async def find(self, tx: Tx) -> Broadcast | None:
        """How it stands now."""
        return await get(tx, self.broadcast, self.member)


@dataclass(frozen=True, slots=True)
class DraftOf:
    """What she is composing."""

    member: Member

    async def find(self, tx: Tx) -> Broadcast | None:
        """Her draft, if she has one."""
        hers = (broadcasts.c.made_by == self.member.staff) & (broadcasts.c.state == BroadcastState.DRAFT)
        row = (await tx.run(_kept().where(hers))).first()
        return None if row is None else await _broadcast(tx, row)


@dataclass(frozen=True, slots=True)
class LatestBroadcasts:
    """The latest that she may see."""

    member: Member
    limit: int = 10

    async def find(self, tx: Tx) -> tuple[Broadcast, ...]:
        """The latest first."""
        return tuple(await listed(tx, self.member, limit=self.limit))


def seen_by(member: Member | None) -> ColumnElement[bool]:
    """Which broadcasts she may see, as a condition: all (None, too), none, or her own that list none but her women."""
    if member is None or member.role in SEES_ALL:
        return true()
    return (broadcasts.c.made_by == member.staff) & ~lists_others() if member.role in SEES_OWN else false()


# --- what she has done


@dataclass(frozen=True, slots=True)
class Composed:
    """Her draft is now this."""

    member: Member
    definition: Definition


@dataclass(frozen=True, slots=True)
class Submitted:
    """Her draft, as the screen showed it, is to be sent to those who were counted for that. Raises Conflict where the
    draft is another by now."""

    broadcast: int
    member: Member
    shown: Definition
    chosen: Chosen
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Approved:
    """She is the second person, and says yes."""

    broadcast: int
    member: Member
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Stepped:
    """One of the other steps: "take_back", "pause", "resume", "cancel", "retire" or "discard"."""

    broadcast: int
    member: Member
    step: str


_STEPS = {
    "take_back": steps.take_back,
    "pause": steps.pause,
    "resume": steps.resume,
    "cancel": steps.cancel,
    "retire": steps.retire,
    "discard": steps.discard,
}


async def _composed(tx: Tx, entries: Sequence[Entry[Composed]]) -> None:
    for entry in entries:
        await steps.draft(tx, entry.record.definition, by=entry.record.member.staff)


async def _submitted(tx: Tx, entries: Sequence[Entry[Submitted]]) -> None:
    for entry in entries:
        one = entry.record
        found = await get(tx, one.broadcast, one.member)
        if found is None or found.definition != one.shown:
            raise Conflict("the draft is another by now")
        await steps.submit(tx, one.broadcast, one.member, rules=one.rules, chosen=one.chosen)


async def _approved(tx: Tx, entries: Sequence[Entry[Approved]]) -> None:
    for entry in entries:
        one = entry.record
        await _require_seen(tx, one.broadcast, one.member)
        await steps.approve(tx, one.broadcast, by=one.member.staff, undo=one.rules.undo)


async def _stepped(tx: Tx, entries: Sequence[Entry[Stepped]]) -> None:
    for entry in entries:
        one = entry.record
        await _require_seen(tx, one.broadcast, one.member)
        await _STEPS[one.step](tx, one.broadcast, by=one.member.staff)


async def _require_seen(tx: Tx, broadcast: int, member: Member) -> None:
    if await get(tx, broadcast, member) is None:
        raise Conflict("there is no such broadcast of hers")


WRITERS: dict[type, Writer] = {
    Composed: _composed,
    Submitted: _submitted,
    Approved: _approved,
    Stepped: _stepped,
}
