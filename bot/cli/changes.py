"""What planning changes in the ledger, as people and programs read it before and after it is written.

* A change is told by point and kind, with what stood and what stands then; nothing here names a woman.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.planning import Appear, Change, Close, Expected, Move, Reopen
from storage.fates import CheckinState
from storage.revisions import Standing

KINDS: dict[type, str] = {Appear: "appear", Move: "move", Close: "not_due", Reopen: "reopen"}
"""What each kind of change is called, in the order in which they are counted."""


def kind(change: Change) -> str:
    """What this change is called; one that appears closed is told by its reason."""
    return KINDS[type(change)]


def change_told(change: Change) -> dict[str, Any]:
    """One change as programs read it; `from` is null for a check-in that appears."""
    was = None if isinstance(change, Appear) else _told(change.row)
    return {"point": change.to.point, "change": kind(change), "from": was, "to": _told(change.to)}


def _told(row: Standing | Expected) -> dict[str, Any]:
    return {
        "state": row.state,
        "due_on": row.due_on,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "fate": row.fate,
        "reason": row.reason,
        "instrument": row.instrument,
    }


def change_line(change: Change, zone: str) -> str:
    """One change as people read it, by her own clock."""
    to = _line(change.to, zone)
    stood = "" if isinstance(change, Appear) else f"{_line(change.row, zone)} → "
    return f"{change.to.point}\t{kind(change)}\t{stood}{to}"


def _line(row: Standing | Expected, zone: str) -> str:
    if row.fate is not None:
        because = f" ({row.reason})" if row.reason else ""
        return f"{_day(row.due_on)} {row.fate}{because}"
    if row.state is CheckinState.WAITING_FOR_DATE:
        return "waits for a date"
    return f"{_day(row.due_on)} opens {_moment(row.opens_at, zone)} {row.instrument}"


def _day(day: date | None) -> str:
    return "no date" if day is None else day.isoformat()


def _moment(at: datetime | None, zone: str) -> str:
    return "" if at is None else at.astimezone(ZoneInfo(zone)).isoformat(" ", "minutes")
