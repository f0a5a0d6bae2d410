"""What staff send to many: composed, frozen, approved, sent, and called off.

* A broadcast moves only from the exact state that a step starts from; whoever comes second gets a Conflict. Each step
  is in the audit trail.
* The list is frozen when it is handed in: what changes afterwards takes women off it, never puts any on it.
* Above a number that the organisation sets, somebody else than its maker must approve it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select, update

from storage import audit, recipients, retiring
from storage.broadcast_bounds import goes_beyond
from storage.database import Conflict, Tx
from storage.members import Member
from storage.notices import Content
from storage.retiring import Retired
from storage.schema import broadcasts, staff
from storage.segments import SEGMENT, Chosen, Segment, Spacing, choose
from storage.vault import Place

UNDO = timedelta(seconds=60)
"""How long after it was handed in or approved a broadcast waits, so that it can be taken back."""

FIRST_ANYWHERE = timedelta(hours=14)
"""By so much the earliest zone on earth (UTC+14) is before UTC."""


class BroadcastState(StrEnum):
    """Where a broadcast stands. The values are stored: none is ever renamed."""

    DRAFT = "draft"
    WAITING_APPROVAL = "waiting_approval"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


class MakerApproves(Conflict):
    """Whoever made a broadcast cannot be the second person who approves it."""


class NobodyGetsIt(Conflict):
    """The segment has nobody whom it may go to."""


@dataclass(frozen=True, slots=True)
class When:
    """On which day and at which full hour (0 to 23) of each woman's own zone; now, without these. After `repeat_weeks`
    it goes again, to whoever is then in the segment, and so on until it is called off.

    Raises ValueError where it names a day without an hour, or repeats without them."""

    send_on: date | None = None
    local_hour: int | None = None
    repeat_weeks: int | None = None

    def __post_init__(self) -> None:
        if (self.send_on is None) != (self.local_hour is None):
            raise ValueError("a day goes with an hour")
        if self.repeat_weeks is not None and (self.send_on is None or self.repeat_weeks < 1):
            raise ValueError("what repeats does so every so many weeks from a day on, at an hour")


@dataclass(frozen=True, slots=True)
class Definition:
    """All that its maker says of a broadcast."""

    content: Content = field(default_factory=Content)
    segment: Segment = field(default_factory=Segment)
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the organisation has set: more recipients than `approval_above` need a second person."""

    approval_above: int = 50
    undo: timedelta = UNDO
    spacing: Spacing = field(default_factory=Spacing)


_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
COUNTS: TypeAdapter[dict[str, int]] = TypeAdapter(dict[str, int])
"""How the numbers of those who were left out stand in JSON."""


def cause_of(broadcast: int) -> str:
    """What its notices are caused by."""
    return f"broadcast:{broadcast}"


# --- composing


async def draft(tx: Tx, definition: Definition, *, by: int | None) -> int:
    """Keep what is being composed: the one draft of this member of staff, or a new one of the command line's; returns
    its id. Nothing of it is sent before it is submitted."""
    mine = (broadcasts.c.made_by == by) & (broadcasts.c.state == BroadcastState.DRAFT)
    found = None if by is None else (await tx.run(select(broadcasts.c.id).where(mine))).scalar_one_or_none()
    if found is not None:
        await tx.run(update(broadcasts).where(mine).values(**_sealed(tx, found, definition), made_at=tx.now))
        return int(found)
    return await _new(tx, definition, by=by, state=BroadcastState.DRAFT)


async def _new(tx: Tx, definition: Definition, *, by: int | None, **more: Any) -> int:
    id_ = tx.ids.random()
    values = {"id": id_, "made_by": by, "made_at": tx.now, **_sealed(tx, id_, definition), **more}
    await tx.run(broadcasts.insert().values(values))
    await audit.append(tx, [audit.Act(audit.acting(by), "broadcast_drafted", str(id_))])
    return id_


def _sealed(tx: Tx, broadcast: int, definition: Definition) -> dict[str, Any]:
    when = definition.when
    return {
        "content": tx.vault.seal(_place(broadcast, "content"), _CONTENT.dump_json(definition.content)),
        "segment": tx.vault.seal(_place(broadcast, "segment"), SEGMENT.dump_json(definition.segment)),
        "send_on": when.send_on,
        "local_hour": when.local_hour,
        "repeat_weeks": when.repeat_weeks,
    }


def _place(broadcast: int, column: str) -> Place:
    return Place("broadcasts", column, broadcast)


async def discard(tx: Tx, broadcast: int, *, by: int | None) -> None:
    """She does not go on composing this. Raises Conflict where it is no draft of hers."""
    mine = (broadcasts.c.id == broadcast) & (broadcasts.c.made_by == by)
    if (await tx.run(delete(broadcasts).where(mine, broadcasts.c.state == BroadcastState.DRAFT))).rowcount == 0:
        raise Conflict("there is no such draft of hers")
    await audit.append(tx, [audit.Act(audit.acting(by), "broadcast_discarded", str(broadcast))])


# --- its steps


async def submit(
    tx: Tx, broadcast: int, member: Member | None, *, rules: Rules, chosen: Chosen | None = None
) -> BroadcastState:
    """Freeze the list of this draft and hand it in: to whoever approves, or at once to be sent. Raises NobodyGetsIt,
    or Conflict where it is no draft of hers (None: of the command line's).

    `chosen` is whom it goes to where that was just read, so that nobody else's writing waits for it."""
    row = await _row(tx, broadcast)
    by = None if member is None else member.staff
    if row.made_by != by:
        raise Conflict("the draft is somebody else's")
    definition = definition_of(tx, row)
    chosen = chosen or await choose(tx, definition.segment, member, spacing=rules.spacing)
    needs_approval = len(chosen.included) > rules.approval_above
    state = BroadcastState.WAITING_APPROVAL if needs_approval else BroadcastState.SCHEDULED
    await _move(tx, broadcast, (BroadcastState.DRAFT,), by=by, to=state, next_at=None if needs_approval else tx.now)
    await freeze(tx, broadcast, chosen, when=definition.when, undo=rules.undo)
    return state


async def freeze(tx: Tx, broadcast: int, chosen: Chosen, *, when: When, undo: timedelta) -> None:
    """Fix whom it goes to and from when on; who was left out is kept as numbers. Raises NobodyGetsIt."""
    if not chosen.included:
        raise NobodyGetsIt("the segment has nobody whom it may go to")
    moments = _moments(chosen, when, first=tx.now + undo)
    hashed = await recipients.freeze(tx, broadcast, moments)
    excluded = {str(reason): len(women) for reason, women in chosen.excluded.items()}
    frozen = {"frozen_at": tx.now, "list_hash": hashed, "excluded": COUNTS.dump_json(excluded).decode()}
    under_way = update(broadcasts).where(broadcasts.c.id == broadcast)
    await tx.run(under_way.values(frozen))
    await tx.run(under_way.where(broadcasts.c.next_at.is_not(None)).values(next_at=min(moments.values())))


def _moments(chosen: Chosen, when: When, *, first: datetime) -> dict[int, datetime]:
    if when.send_on is None or when.local_hour is None:
        return dict.fromkeys(chosen.included, first)
    hour = datetime.combine(when.send_on, time(when.local_hour))
    by_zone = {zone: max(first, hour.replace(tzinfo=ZoneInfo(zone))) for zone in set(chosen.zones.values())}
    return {woman: by_zone[chosen.zones[woman]] for woman in chosen.included}


async def approve(tx: Tx, broadcast: int, *, by: int | None, undo: timedelta = UNDO) -> None:
    """The second person says yes. Raises MakerApproves, or Conflict where it does not wait for that."""
    row = await _row(tx, broadcast)
    if row.made_by == by:
        raise MakerApproves("the maker of a broadcast cannot approve it")
    step = (BroadcastState.WAITING_APPROVAL,)
    listed = sum((await recipients.tally(tx, broadcast)).values())
    approved = {"approved_by": by, "approved_at": tx.now, "approved_count": listed}
    await _move(tx, broadcast, step, by=by, to=BroadcastState.SCHEDULED, next_at=tx.now, **approved)
    await look_again(tx, broadcast, await recipients.not_before(tx, broadcast, tx.now + undo))


_UNAPPROVED = {"approved_by": None, "approved_at": None, "approved_count": None}


async def take_back(tx: Tx, broadcast: int, *, by: int | None) -> None:
    """Undo: what has not begun is a draft again, and its list is dropped. Raises Conflict where it has begun, or its
    maker is composing another by now."""
    before = (BroadcastState.WAITING_APPROVAL, BroadcastState.SCHEDULED)
    unfrozen = {"frozen_at": None, "list_hash": None, "excluded": None, "taken_up_at": None}
    await _move(tx, broadcast, before, by=by, to=BroadcastState.DRAFT, next_at=None, **unfrozen, **_UNAPPROVED)
    await recipients.thaw(tx, broadcast)


async def pause(tx: Tx, broadcast: int, *, by: int | None) -> None:
    """Let no more of it leave: only what is on its way in this very second does. Raises Conflict."""
    state = await state_of(tx, broadcast)
    if state not in (BroadcastState.SCHEDULED, BroadcastState.SENDING):
        raise Conflict("only what is under way can be paused")
    await _pause(tx, broadcast, state, by=by)


async def _pause(tx: Tx, broadcast: int, state: BroadcastState, *, by: int | None) -> None:
    await _move(tx, broadcast, (state,), by=by, to=BroadcastState.PAUSED, paused_from=state, next_at=tx.now)
    await _call_back(tx, broadcast)


async def resume(tx: Tx, broadcast: int, *, by: int | None) -> None:
    """Go on where it was paused: what waited for its approval still does. Raises Conflict."""
    row = await _row(tx, broadcast)
    to = BroadcastState(row.paused_from or BroadcastState.SENDING)
    next_at: datetime | None = tx.now
    if to is BroadcastState.WAITING_APPROVAL:
        next_at = None
    elif row.frozen_at is None and row.send_on is not None:
        next_at = max(tx.now, _list_drawn_at(row.send_on, row.local_hour))
    going_on: dict[str, Any] = {"paused_from": None, "next_at": next_at}
    if by != row.made_by:
        going_on["taken_up_at"] = tx.now
    await _move(tx, broadcast, (BroadcastState.PAUSED,), by=by, to=to, **going_on)


async def put_down(tx: Tx, maker: int, *, by: int | None) -> None:
    """Whoever made these has left: nothing of hers leaves before somebody else takes it up by `resume`, and what she
    was composing, which nobody else can see, is dropped."""
    under_way = (BroadcastState.WAITING_APPROVAL, BroadcastState.SCHEDULED, BroadcastState.SENDING)
    hers = broadcasts.c.made_by == maker
    going = select(broadcasts.c.id, broadcasts.c.state).where(hers, broadcasts.c.state.in_(under_way))
    for row in list(await tx.run(going)):
        await _pause(tx, row.id, BroadcastState(row.state), by=by)
    composed = delete(broadcasts).where(hers, broadcasts.c.state == BroadcastState.DRAFT).returning(broadcasts.c.id)
    dropped = list((await tx.run(composed)).scalars())
    await audit.append(tx, [audit.Act(audit.acting(by), "broadcast_discarded", str(id_)) for id_ in dropped])


async def put_down_beyond(tx: Tx, broadcast: int, state: BroadcastState) -> bool:
    """Pause this, which stands so, if its maker does not see all on its list any more; returns whether it was."""
    found = select(broadcasts.c.id).where(broadcasts.c.id == broadcast, goes_beyond())
    if (await tx.run(found)).first() is None:
        return False
    await _pause(tx, broadcast, state, by=None)
    return True


async def cancel(tx: Tx, broadcast: int, *, by: int | None) -> None:
    """Call it off: whoever still waits does not get it. Raises Conflict where it is over."""
    over = {BroadcastState.CANCELLED, BroadcastState.DONE}
    before = tuple(state for state in BroadcastState if state not in over)
    await _move(tx, broadcast, before, by=by, to=BroadcastState.CANCELLED, next_at=tx.now, done_at=tx.now)
    await _call_back(tx, broadcast)
    await recipients.skip_waiting(tx, broadcast, recipients.CANCELLED)


async def _call_back(tx: Tx, broadcast: int) -> None:
    await recipients.unposted(tx, broadcast, await retiring.call_back(tx, cause_of(broadcast)))


async def retire(tx: Tx, broadcast: int, *, by: int | None) -> Retired:
    """Take back what was sent, as far as Telegram lets us: a second time, too, for what has left since, and what both
    did is kept. Returns what this time did. Raises Conflict unless it is over or paused."""
    over = (BroadcastState.DONE, BroadcastState.CANCELLED, BroadcastState.PAUSED)
    here = (broadcasts.c.id == broadcast) & broadcasts.c.state.in_(over)
    if (await tx.run(update(broadcasts).where(here).values(retired_at=tx.now))).rowcount == 0:
        raise Conflict("only what is over or paused can be retired")
    await audit.append(tx, [audit.Act(audit.acting(by), "broadcast_retired", str(broadcast))])
    retired = await retiring.retire(tx, cause_of(broadcast))
    before = (await _row(tx, broadcast)).retired
    both = retired if before is None else Retired(**COUNTS.validate_json(before)) + retired
    await tx.run(update(broadcasts).where(here).values(retired=COUNTS.dump_json(asdict(both)).decode()))
    return retired


async def _move(
    tx: Tx, broadcast: int, before: Collection[BroadcastState], *, by: int | None, to: BroadcastState, **values: Any
) -> None:
    here = (broadcasts.c.id == broadcast) & broadcasts.c.state.in_(before)
    if (await tx.run(update(broadcasts).where(here).values(state=to, **values))).rowcount == 0:
        raise Conflict("the broadcast does not stand where this step begins")
    await audit.append(tx, [audit.Act(audit.acting(by), f"broadcast_{to}", str(broadcast))])


# --- as it goes


async def begin(tx: Tx, broadcast: int, *, rules: Rules) -> BroadcastState:
    """Its time has come; a repeating one leaves the next behind. One that was not frozen yet, being such a next, is
    frozen now: where more get it than need approval, and more than were approved, it waits for that. Returns where it
    stands. Raises Conflict where it is not scheduled."""
    row = await _row(tx, broadcast)
    definition = definition_of(tx, row)
    to = BroadcastState.SENDING
    values: dict[str, Any] = {"begun_at": tx.now, "next_at": tx.now}
    if row.frozen_at is None:
        chosen = await choose(tx, definition.segment, await _maker(tx, row.made_by), spacing=rules.spacing)
        if chosen.included:
            await freeze(tx, broadcast, chosen, when=definition.when, undo=timedelta())
        if len(chosen.included) > max(rules.approval_above, row.approved_count or 0):
            to, values = BroadcastState.WAITING_APPROVAL, {"next_at": None, **_UNAPPROVED}
    await _move(tx, broadcast, (BroadcastState.SCHEDULED,), by=row.made_by, to=to, **values)
    if to is BroadcastState.SENDING and definition.when.repeat_weeks:
        await _repeat(tx, row, definition)
    return to


async def _repeat(tx: Tx, row: Any, definition: Definition) -> None:
    """The next of its kind, some weeks after this one, at the same hour of each woman's zone."""
    when = definition.when
    assert when.send_on is not None
    assert when.local_hour is not None
    on = when.send_on + timedelta(weeks=when.repeat_weeks or 0)
    again = replace(definition, when=replace(when, send_on=on))
    first = _list_drawn_at(on, when.local_hour)
    approved = {name: getattr(row, name) for name in _UNAPPROVED}
    scheduled = {"state": BroadcastState.SCHEDULED, "next_at": first, "repeats": row.id}
    await _new(tx, again, by=row.made_by, **scheduled, **approved)


def _list_drawn_at(on: date, hour: int) -> datetime:
    """When the list of one that repeats is frozen: just before that hour of that day comes to the first zone."""
    return datetime.combine(on, time(hour), UTC) - FIRST_ANYWHERE


async def _maker(tx: Tx, made_by: int | None) -> Member | None:
    if made_by is None:
        return None
    role = (await tx.run(select(staff.c.role).where(staff.c.id == made_by))).scalar_one()
    return Member(made_by, role)


async def look_again(tx: Tx, broadcast: int, moment: datetime | None) -> None:
    """Somebody must look at it then, or never again."""
    await tx.run(update(broadcasts).where(broadcasts.c.id == broadcast).values(next_at=moment))


async def finish(tx: Tx, broadcast: int) -> None:
    """Nobody waits, and nothing of it is on its way. Raises Conflict where it is not being sent."""
    step = (BroadcastState.SENDING,)
    await _move(tx, broadcast, step, by=None, to=BroadcastState.DONE, next_at=None, done_at=tx.now)


# --- looking for it


async def due(tx: Tx) -> list[tuple[int, BroadcastState]]:
    """The broadcasts that somebody must look at now, the longest due first."""
    statement = select(broadcasts.c.id, broadcasts.c.state).where(broadcasts.c.next_at <= tx.now)
    rows = await tx.run(statement.order_by(broadcasts.c.next_at, broadcasts.c.id))
    return [(row.id, BroadcastState(row.state)) for row in rows]


async def next_look_at(tx: Tx) -> datetime | None:
    """When the first of all must be looked at, or None."""
    first: datetime | None = (await tx.run(select(func.min(broadcasts.c.next_at)))).scalar_one()
    return first


async def state_of(tx: Tx, broadcast: int) -> BroadcastState:
    """Where it stands."""
    return BroadcastState((await _row(tx, broadcast)).state)


async def content_of(tx: Tx, broadcast: int) -> Content:
    """What it says."""
    return definition_of(tx, await _row(tx, broadcast)).content


def definition_of(tx: Tx, row: Any) -> Definition:
    """What the row of a broadcast says of it. Raises Unsealable."""
    content = _CONTENT.validate_json(tx.vault.open(_place(row.id, "content"), row.content))
    segment = SEGMENT.validate_json(tx.vault.open(_place(row.id, "segment"), row.segment))
    return Definition(content, segment, When(row.send_on, row.local_hour, row.repeat_weeks))


async def _row(tx: Tx, broadcast: int) -> Any:
    row = (await tx.run(select(broadcasts).where(broadcasts.c.id == broadcast))).first()
    if row is None:
        raise Conflict("there is no such broadcast")
    return row
