"""A score from a file and one from a check-in, of one woman, one instrument and one day: which of them counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from storage.database import Tx
from storage.outcomes.figures import Asked, Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute
from storage.schema import checkins, imports, measurements, participants
from tests.support.fixture import CUT_OFF, Score, Woman, store_all
from tests.support.world import Store

BEFORE, DAY = date(2025, 1, 10), date(2025, 6, 10)


async def file_of(tx: Tx) -> int:
    number = tx.ids.random()
    row = {"id": number, "kind": "measurements", "file_name": b"x", "file_hash": "x", "imported_by": "command"}
    await tx.run(imports.insert(), [{**row, "at": tx.now, "done_at": tx.now}])
    return number


async def checkin_of(tx: Tx, her: int) -> int:
    number = tx.ids.random()
    times = dict.fromkeys(("added_at", "opens_at", "closes_at", "closed_at"), tx.now)
    row = {"id": number, "participant_id": her, "plan": "p", "point": "m3", "series": "m3", "instrument": "i"}
    closed = {"state": "closed", "due_on": DAY, "fate": "completed"}
    await tx.run(checkins.insert(), [{**row, **times, **closed}])
    return number


async def anxiety(store: Store, *scores: tuple[str, str, int], version: str = "1") -> Figure:
    """F8 of a woman who had 12 before, and these scores of one day: where from, of which moment, how high."""
    await store_all(store.database, [Woman(1, scores=(Score("gad7", "pre", Decimal(12), BEFORE),))])
    async with store.database.transact() as tx:
        her = (await tx.run(select(participants.c.id))).scalar_one()
        of_file = {"import_id": await file_of(tx), "line": 2}
        source = {"file": of_file, "checkin": {"checkin_id": await checkin_of(tx, her)}}
        for where, moment, score in scores:
            row = {"id": tx.ids.random(), "participant_id": her, "instrument": "gad7", "subscale": "", "taken_on": DAY}
            told = {"moment": moment, "score": Decimal(score), "learned_at": tx.now, "version": version}
            await tx.run(measurements.insert(), [{**row, **told, **source[where]}])
    return next(one for one in compute(gather(store.url, CUT_OFF), Asked(CUT_OFF)) if one.id == "F8")


FILE, CHECKIN = ("file", "m3", 4), ("checkin", "m3", 13)
WORSE, BETTER = ("file", "post", 13), ("checkin", "m3", 4)


@pytest.mark.parametrize("scores", [(WORSE, BETTER), (BETTER, WORSE)])
async def test_of_one_day_the_less_favourable_counts(store: Store, scores: tuple[tuple[str, str, int], ...]) -> None:
    found = await anxiety(store, *scores)
    assert (found.numerator, found.denominator) == (0, 1)


@pytest.mark.parametrize("scores", [(FILE, CHECKIN), (CHECKIN, FILE)])
async def test_wherever_it_comes_from(store: Store, scores: tuple[tuple[str, str, int], ...]) -> None:
    found = await anxiety(store, *scores)
    assert (found.numerator, found.denominator) == (0, 1)


async def test_of_another_version_neither_is_compared(store: Store) -> None:
    found = await anxiety(store, WORSE, BETTER, version="2")
    assert (found.numerator, found.denominator, found.eligible) == (0, 0, 1)
