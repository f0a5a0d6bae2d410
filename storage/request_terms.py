"""The clocks of what women ask for by law, in working days of the office; and who is told as they run out.

* 20 days to answer her, and 15 more to do what she was granted (LFPDPPP 2025).
* Coordinators are told once of each term that ends soon; the weekly message counts those that do, and those over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from conversations.office import Office
from conversations.speech import Button, Phrase
from storage import cases_office
from storage.database import Tx
from storage.mail import post
from storage.members import SEES_ALL
from storage.phones import alert, phones
from storage.request_kinds import State
from storage.schema import requests, staff

ANSWER_DAYS, CARRY_OUT_DAYS = 20, 15
"""Working days to answer a request, and then to do what was granted (LFPDPPP 2025)."""

WARN_DAYS = 3
"""Working days before a term ends at which it ends soon."""

TO_THE_QUEUE = Button("rights.list", Phrase("staff.rights_back"))

OPEN = requests.c.state != State.CLOSED
"""Which requests are not over."""


def due_on(row: Any) -> date:
    """The last day of the term that runs for this row of an open request."""
    day: date = row.carry_out_by_on if row.state == State.GRANTED else row.answer_by_on
    return day


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests are not over; of how many the term ends within WARN_DAYS, and of how many it is over."""

    open: int
    soon: int
    late: int


async def waiting(tx: Tx) -> Waiting:
    """How it stands now."""
    office = await cases_office.office(tx)
    left = [office.days_left(tx.now, due_on(row)) for row in await tx.run(select(requests).where(OPEN))]
    return Waiting(len(left), sum(0 <= days <= WARN_DAYS for days in left), sum(days < 0 for days in left))


async def warn(tx: Tx) -> int:
    """Tell coordinators, once, of the terms that end soon; returns of how many."""
    soon = await _to_warn_of(tx)
    if soon:
        await tx.run(update(requests).where(requests.c.number.in_(soon)).values(warned_at=tx.now))
        await tell_staff(tx, Phrase("staff.rights_due", {"count": len(soon)}), origin=f"rights:{tx.ids.random():x}")
    return len(soon)


async def any_ends_soon(tx: Tx) -> bool:
    """Whether there is a term that `warn` would tell of."""
    return bool(await _to_warn_of(tx))


async def _to_warn_of(tx: Tx) -> list[int]:
    rows = list(await tx.run(select(requests).where(OPEN, requests.c.warned_at.is_(None))))
    office = await cases_office.office(tx) if rows else Office()
    return [row.number for row in rows if office.days_left(tx.now, due_on(row)) <= WARN_DAYS]


async def tell_staff(tx: Tx, phrase: Phrase, *, origin: str) -> None:
    """A line without a name to whoever coordinates, with a way to the queue."""
    lead = await phones(tx, staff.c.role.in_(SEES_ALL))
    await post(tx, [alert(tx, phone, phrase, origin=origin, onward=TO_THE_QUEUE) for phone in lead])
