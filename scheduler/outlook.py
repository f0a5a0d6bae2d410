"""What will happen to open check-ins, and why: as `cadence` will decide it, if she stays silent and only time changes.

* Nothing is guessed: time is let pass from one look at a row to the next, and each look decides as the tick would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.cadence import CallFor, Close, Facts, LedgerRow, Nothing, Open, Postpone, Remind, after, decide, opening
from scheduler.plan import Plan
from storage.fates import Reason


class Why(StrEnum):
    """Why a message leaves; a call and a closing have a Reason."""

    DUE = "due"  # its day has come
    LATE = "late"  # it was held back, and can leave now
    HER_WISH = "her_wish"  # she asked for it to come now
    SILENT = "silent"  # nothing was heard of her for as long as her plan says


@dataclass(frozen=True, slots=True)
class Planned:
    """What will happen to a check-in, at the UTC instant `at`, as things stand."""

    at: datetime
    what: Open | Remind | CallFor | Close
    why: Why | Reason


def forecast(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan | None, until: datetime) -> list[Planned]:
    """What will happen to one check-in from `now` up to, not including, `until`: if she stays silent, and nothing but
    time changes. What is told first is what `decide` will say when that moment comes."""
    return list(_foretold(row, facts, now=now, plan=plan, until=until))


def _foretold(row: LedgerRow, facts: Facts, *, now: datetime, plan: Plan | None, until: datetime) -> Iterator[Planned]:
    while now < until:
        match decide(row, facts, now=now, plan=plan):
            case Nothing(later) | Postpone(later):
                now = later
            case Close() as end:
                yield Planned(now, end, end.reason)
                return
            case step:
                planned_for = opening(row, facts, plan=plan) if isinstance(step, Open) and plan is not None else now
                yield Planned(now, step, _why(row, step, late=planned_for < now))
                row = after(row, step, at=now)


def _why(row: LedgerRow, step: Open | Remind | CallFor, *, late: bool) -> Why | Reason:
    match step:
        case CallFor(reason):
            return reason
        case Remind():
            return Why.SILENT if row.resting_until is None else Why.HER_WISH
        case Open() if late:
            return Why.LATE
        case Open():
            return Why.DUE if row.invited_at is None else Why.HER_WISH
