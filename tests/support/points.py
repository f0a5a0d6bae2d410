"""The women of the fixture with check-ins that are over and what they said there: a report has points to tell of.

* Of each point fewer answer than of the one before; who is missing is rather young than old.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, select, update

from conversations.income import FACTOR_VERSION
from storage.database import Database, Tx
from storage.schema import checkins, employments, incomes, participants, supports
from tests.support.fixture import CENTRES

POINTS = {"m1": 330, "m3": 270, "m6": 180, "m12": 7}
"""Each point, and how many days before the cut-off it was due."""

WOMEN = 400
"""Of those who found work, so many are asked."""

DUE_BEFORE = date(2026, 3, 1)


async def ask_all(database: Database) -> None:
    """Every point for the first WOMEN, and something known of each of them before."""
    async with database.transact() as tx:
        found = select(participants.c.id, participants.c.person, participants.c.birth_year)
        hers = {int(row.person[1:]): row for row in await tx.run(found)}
        rows: dict[Table, list[dict[str, Any]]] = {checkins: [], employments: [], incomes: [], supports: []}
        for number in range(WOMEN):
            told = {"centre": CENTRES[number % 8], "schooling": ("primaria", "secundaria", None)[number % 3]}
            told |= {"dependants_0_5": number % 2, "dependants_6_11": 0}
            await tx.run(update(participants).where(participants.c.id == hers[number].id).values(told))
            for table, row in _asked(tx, hers[number], number):
                rows[table].append(row)
        for table, each in rows.items():
            await tx.run(table.insert(), each)


def _asked(tx: Tx, her: Any, number: int) -> Iterator[tuple[Table, dict[str, Any]]]:
    young = (her.birth_year or 1980) > 1990
    for rank, (point, days) in enumerate(POINTS.items()):
        due, id_ = DUE_BEFORE - timedelta(days=days), tx.ids.random()
        answered = (number + rank * 3) % 10 >= rank + 2 * young
        fate = "completed" if answered else ("unreachable", "refused", "missed_by_us")[number % 3]
        over = tx.now - timedelta(days=days)
        times = dict.fromkeys(("added_at", "opens_at", "closes_at", "closed_at", "invited_at"), over)
        times["started_at"] = over if answered else None
        row = {"id": id_, "participant_id": her.id, "plan": "p", "point": point, "series": point, "instrument": "i"}
        yield checkins, {**row, **times, "state": "closed", "due_on": due, "fate": fate}
        if answered:
            same = {"participant_id": her.id, "checkin_id": id_, "as_of_on": due, "learned_at": over}
            yield from _told(tx, same, number=number, rank=rank)


def _told(tx: Tx, same: dict[str, Any], *, number: int, rank: int) -> Iterator[tuple[Table, dict[str, Any]]]:
    free, pay = {"scope": "en_libertad"}, Decimal(2_500 + 250 * rank + 40 * (number % 60))
    kind = "sin_trabajo" if (number + rank) % 4 == 0 else "otro"
    yield employments, {"id": tx.ids.random(), **same, **free, "kind": kind}
    if kind != "sin_trabajo":
        known = {"amount": pay, "monthly": pay, "period": "mes", "factor_version": FACTOR_VERSION}
        yield incomes, {"id": tx.ids.random(), **same, **free, "moment": "actual", "status": 0, **known}
    yield supports, {"id": tx.ids.random(), **same, "given": int(number % 3 > 0)}
