"""How a check-in stands, and what it was before something other than her answering or the calendar changed it.

* Whoever changes a row that stood leaves its former values here first, with the cause: what the ledger said on any past
  day stays known.
* A row is changed only by what was planned from the values that it still has; everything else about it begins anew when
  it is reopened, unless a death had closed it that was none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Update, bindparam, select, update

from storage import bulk, cases
from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.ledger import BOT, STAFF
from storage.schema import checkins, revisions


class Cause(StrEnum):
    """Why a row was changed. The values are stored: none is ever renamed or given a second meaning."""

    PLAN_APPLIED = "plan_applied"
    DATE_KNOWN = "date_known"  # a date that was missing
    CORRECTED = "corrected"  # a date, a group, a plan, a place or her hours
    DIED = "died"
    RETURNED = "returned"  # a pause without end is over, with a new date
    INVITED_AGAIN = "invited_again"  # she had put it off
    NEVER_LEFT = "never_left"  # the invitation that was posted did not leave, and was none
    LEFT_LATE = "left_late"  # it left long after it was posted, and counts from then


@dataclass(frozen=True, slots=True)
class Standing:
    """One check-in as the ledger has it. `due_on` is a local date, all else UTC."""

    id: int
    participant: int
    plan: str
    point: str
    series: str
    instrument: str
    state: CheckinState
    due_on: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    invited_at: datetime | None = None
    started_at: datetime | None = None
    fate: Fate | None = None
    reason: Reason | None = None
    closed_at: datetime | None = None
    before_death: CheckinState | None = None
    """The state in which her death closed it, where that was kept."""

    @property
    def is_open(self) -> bool:
        """Whether it has no fate yet."""
        return self.state is not CheckinState.CLOSED

    @property
    def is_untouched(self) -> bool:
        """Whether nothing of it has left us: neither date nor hour has been told to her."""
        return self.invited_at is None and self.state in (CheckinState.WAITING_FOR_DATE, CheckinState.EXPECTED)


@dataclass(frozen=True, slots=True)
class Revised:
    """A check-in that stood, and what it is from now on; `next_at` only where it is open."""

    was: Standing
    instrument: str
    state: CheckinState
    next_at: datetime | None
    due_on: date | None
    opens_at: datetime | None
    closes_at: datetime | None
    fate: Fate | None
    reason: Reason | None

    @property
    def begins_anew(self) -> bool:
        """Whether it is expected again; one that a death closed goes on where it was."""
        return self.fate is None and self.was.fate is not None and self.was.reason is not Reason.DIED


_COLUMNS = (
    *(checkins.c.id, checkins.c.participant_id, checkins.c.plan, checkins.c.point, checkins.c.series),
    *(checkins.c.instrument, checkins.c.state, checkins.c.due_on, checkins.c.opens_at, checkins.c.closes_at),
    *(checkins.c.invited_at, checkins.c.started_at, checkins.c.fate, checkins.c.fate_reason, checkins.c.closed_at),
)

# Built once: SQLAlchemy takes longer to build and recognise the one than SQLite to answer it.
_OF_THESE_WOMEN = select(*_COLUMNS).where(checkins.c.participant_id.in_(bindparam("women", expanding=True)))
_OF_THESE = select(*_COLUMNS).where(checkins.c.id.in_(bindparam("checkins", expanding=True)))
_FORMERLY = bulk.Shape(revisions, tuple(revisions.c.keys()))


async def standing(tx: Tx, women: Collection[int]) -> dict[int, list[Standing]]:
    """Every check-in of these women, a few hundred of them at most; whoever has none is left out."""
    rows = [_standing(row) for row in await tx.run(_OF_THESE_WOMEN, [{"women": list(women)}])]
    if mourned := [row.id for row in rows if row.reason is Reason.DIED]:
        before = await _before_death(tx, mourned)
        rows = [replace(row, before_death=before.get(row.id)) for row in rows]
    found: dict[int, list[Standing]] = {}
    for row in rows:
        found.setdefault(row.participant, []).append(row)
    return found


async def _before_death(tx: Tx, checkin_ids: Collection[int]) -> dict[int, CheckinState]:
    """In which states her death closed these; what was then held back had never been an invitation."""
    of_these = revisions.c.checkin_id.in_(checkin_ids) & revisions.c.cause.in_((Cause.DIED, Cause.NEVER_LEFT))
    kept = await tx.run(select(revisions).where(of_these).order_by(revisions.c.at, revisions.c.id))
    states = {row.checkin_id: CheckinState(row.state) for row in kept}
    return {id_: CheckinState.EXPECTED if state is CheckinState.CLOSED else state for id_, state in states.items()}


def _standing(row: Any) -> Standing:
    return Standing(
        id=row.id,
        participant=row.participant_id,
        plan=row.plan,
        point=row.point,
        series=row.series,
        instrument=row.instrument,
        state=CheckinState(row.state),
        due_on=row.due_on,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        invited_at=row.invited_at,
        started_at=row.started_at,
        fate=row.fate and Fate(row.fate),
        reason=row.fate_reason and Reason(row.fate_reason),
        closed_at=row.closed_at,
    )


async def keep(tx: Tx, checkin_ids: Collection[int], *, cause: Cause) -> None:
    """Keep what these check-ins are, a batch of them at most, before something else changes them in this commit."""
    if checkin_ids:
        rows = await tx.run(_OF_THESE, [{"checkins": list(checkin_ids)}])
        await _FORMERLY.insert(tx, [_former(tx, _standing(row), cause) for row in rows])


async def revise(tx: Tx, rows: Sequence[Revised], *, cause: Cause) -> None:
    """Change check-ins that stood, and keep what they were. Nobody needs to call about one that this closes, or whose
    window it moves ahead of now."""
    await _FORMERLY.insert(tx, [_former(tx, row.was, cause) for row in rows])
    await tx.run(_changing(), [_values(tx, row) for row in rows if not row.begins_anew])
    await tx.run(_reopening(), [_values(tx, row) for row in rows if row.begins_anew])
    await cases.settle_calls(tx, [row.was.id for row in rows if _is_not_on(row, tx.now)])


def _is_not_on(row: Revised, now: datetime) -> bool:
    """Whether there is nothing to answer: it has its fate, or no day yet, or one that is to come."""
    return row.fate is not None or row.opens_at is None or row.opens_at > now


def _former(tx: Tx, was: Standing, cause: Cause) -> tuple[Any, ...]:
    return (
        *(tx.ids.ordered(), was.id, tx.now, cause, was.state, was.due_on, was.opens_at, was.closes_at),
        *(was.invited_at, was.started_at, was.fate, was.reason, was.closed_at),
    )


_CHANGED = (
    *("instrument", "state", "owner", "due_on", "opens_at", "closes_at"),
    *("next_at", "fate", "fate_reason", "closed_at"),
)


def _changing() -> Update:
    as_it_was = (checkins.c.id == bindparam("checkin")) & (checkins.c.state == bindparam("was"))
    return update(checkins).where(as_it_was).values({name: bindparam(f"new_{name}") for name in _CHANGED})


def _reopening() -> Update:
    """What happened in its former window stands in `revisions`; the new one begins with nothing."""
    forgotten = ("invited_at", "reminded_at", "started_at", "last_heard_at", "resting_until", "help_asked_at")
    return _changing().values(dict.fromkeys((*forgotten, "called_for_at")) | {"reminders_sent": 0})


def _values(tx: Tx, row: Revised) -> dict[str, Any]:
    closed = row.state is CheckinState.CLOSED
    return {
        "checkin": row.was.id,
        "was": row.was.state,
        "new_instrument": row.instrument,
        "new_state": row.state,
        "new_owner": None if closed else STAFF if row.state is CheckinState.WAITING_FOR_DATE else BOT,
        "new_due_on": row.due_on,
        "new_opens_at": row.opens_at,
        "new_closes_at": row.closes_at,
        "new_next_at": None if closed else row.next_at,
        "new_fate": row.fate,
        "new_fate_reason": row.reason,
        "new_closed_at": tx.now if closed else None,
    }
