"""What a plan makes of a check-in that is due while another one of hers is open: pure, by what both ask and when.

* Whatever is not given up here waits its turn, to the end of its own window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.plan import Overlap, Plan
from storage.fates import Reason


@dataclass(frozen=True, slots=True)
class Rival:
    """Another check-in of hers that is invited or begun, and when it closes at the latest."""

    instrument: str
    due_on: date
    closes_at: datetime


def given_up(instrument: str, due_on: date | None, *, rivals: Sequence[Rival], plan: Plan) -> Reason | None:
    """Why a check-in that these overlap is not due any more; None if it just waits its turn."""
    match plan.overlap:
        case Overlap.CANCEL:
            return Reason.OVERLAPPED
        case Overlap.MERGE if any(
            _asks_as_much(one, instrument) and _is_near(one, due_on, plan=plan) for one in rivals
        ):
            return Reason.MERGED
        case _:
            return None


def _asks_as_much(rival: Rival, instrument: str) -> bool:
    return set(instrument.split("+")) <= set(rival.instrument.split("+"))


def _is_near(rival: Rival, due_on: date | None, *, plan: Plan) -> bool:
    return due_on is not None and abs(due_on - rival.due_on) <= timedelta(days=plan.merge_within)
