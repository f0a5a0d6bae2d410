"""What the ledger keeps of the check-ins of women who were erased: one row for each, so that its totals add up.

* A row says which point it was and what became of it; days are months, and the pseudonym leads nowhere, not even to
  what she was called in exports.
* What was still open when she was erased ends with that: declined where its time had come, and not due where not.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Select, case, delete, false, literal, null, select, true

from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.schema import checkins, remains

_BITS = 96


async def leave_behind(tx: Tx, woman: int) -> str:
    """Write down what stays of her check-ins; returns the pseudonym under which."""
    pseudonym = f"x{tx.ids.token(_BITS)}"
    rows = list(await tx.run(select(checkins).where(checkins.c.participant_id == woman)))
    await tx.run(remains.insert(), [_left(tx, row, pseudonym) for row in rows])
    return pseudonym


def _left(tx: Tx, row: Any, pseudonym: str) -> dict[str, Any]:
    fate, reason = _ended(row, tx.now)
    return {
        "id": tx.ids.random(),
        "pseudonym": pseudonym,
        "plan": row.plan,
        "point": row.point,
        "series": row.series,
        "added_in": _month(row.added_at.date()),
        "due_in": None if row.due_on is None else _month(row.due_on),
        "closed_in": _month((row.closed_at or tx.now).date()),
        "invited": row.invited_at is not None,
        "started": row.started_at is not None,
        "fate": fate,
        "fate_reason": reason,
    }


def _ended(row: Any, now: datetime) -> tuple[str, str | None]:
    """Its fate, as it was or as the erasure makes it."""
    if row.state == CheckinState.CLOSED:
        return row.fate, row.fate_reason
    if row.state == CheckinState.STARTED:
        return Fate.PARTIAL, Reason.WITHDRAWN
    due = row.opens_at is not None and row.opens_at <= now
    return (Fate.REFUSED if due else Fate.NOT_DUE), Reason.WITHDRAWN


def _month(day: date) -> date:
    return day.replace(day=1)


async def take_back(tx: Tx, pseudonym: str) -> None:
    """She is in the ledger herself again."""
    await tx.run(delete(remains).where(remains.c.pseudonym == pseudonym))


def stood_at(at: datetime, *, open_as: str, point: str | None = None) -> Select[Any]:
    """What had been expected by that moment, of all points or of one (or a series), and how it stood, as far as months
    tell: in the columns plan, point, stood, reason, invited, started, overdue, due_on. What ended later was open:
    `open_as`."""
    over = remains.c.closed_in <= at.date()
    named = true() if point is None else (remains.c.point == point) | (remains.c.series == point)
    return select(
        remains.c.plan,
        remains.c.point,
        case((over, remains.c.fate), else_=literal(open_as)).label("stood"),
        case((over, remains.c.fate_reason), else_=null()).label("reason"),
        case((over, remains.c.invited), else_=false()).label("invited"),
        case((over, remains.c.started), else_=false()).label("started"),
        literal(False, Boolean).label("overdue"),
        remains.c.due_in.label("due_on"),
    ).where(remains.c.added_in <= at.date(), named)
