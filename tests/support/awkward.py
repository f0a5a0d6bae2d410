"""A store whose export is hard to read back: many women, and words that programs like to take for something else."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from conversations.answers import AnswerStatus
from storage.schema import checkins, enrolments, imports, incomes, measurements, participants
from tests.support import fixture
from tests.support.exports import answer, checkin_of, fill, given
from tests.support.world import START, Store

FORMULAS = ("=1+1", '=HYPERLINK("http://x.test")', "+52 55", "-2+3", "@SUM(1)", "\t=1+1", "＝1+1", "=cmd|'/c x'!A1")
"""What a spreadsheet would run."""

AWKWARD = (
    *("Ñandú, «año», niñez", 'Taller "Ánimo"', "uno; dos, tres", "dos\nrenglones", "'comillas", "apóstrofo's"),
    *("1,500", "1.500", "007", "-5", "-5.5", "1e5", "TRUE", "NA", "null", " a los lados ", "#REF!", "5%", "$5"),
    *("ä" * 300, "🧶 tejido", "a\tb"),
)
"""What is easily misread: accents, marks of CSV, what looks like a number, a truth, or nothing."""

WOMEN = (*range(12), 600, 1_001, 1_250, 1_251, 4_221)
"""Of the women of the fixture: who found work, who did not, of whom nothing is known, and who never came."""


async def fill_awkwardly(store: Store) -> None:
    """Two women with answers, some with outcomes, one whose every workshop is a word of the above, and rows that no
    longer hold or never counted."""
    her = await fill(store)
    women = fixture.women()
    measured = [woman for woman in women if woman.scores][:6]
    chosen = {woman.number: woman for woman in (*(women[number] for number in WOMEN), *measured)}
    await fixture.store_all(store.database, list(chosen.values()))
    async with store.database.transact() as tx:
        for question, status in (("trabaja", AnswerStatus.REFUSED), ("tipos", AnswerStatus.NOT_REACHED)):
            await answer(tx, await checkin_of(tx, her, "m3"), question, given=given(None, status))
        await answer(tx, await checkin_of(tx, her, "m3"), "ingreso", given=given(None, AnswerStatus.UNKNOWN))
        await answer(tx, await checkin_of(tx, her, "m3"), "edad", given=given(41))
        times = {"invited_at": START - timedelta(days=2), "started_at": START + timedelta(hours=10)}
        await tx.run(checkins.update().where(checkins.c.point == "m3").values(times))
        await tx.run(participants.update().where(participants.c.person == "p1").values(died_on=date(2026, 1, 5)))
        await tx.run(enrolments.insert(), _enrolments(tx, her))
        await tx.run(incomes.insert(), [{**_row(tx, her), "scope": "dentro", "status": -88, "moment": "pre_taller"}])
        bare = {"amount": Decimal("1234567.89"), "monthly": Decimal("0.07"), "status": 0, "factor_version": "hilo-1"}
        await tx.run(incomes.insert(), [{**_row(tx, her), **bare, "scope": "dentro", "moment": "actual"}])
        scored = {"instrument": "erq_ca9", "version": "1.10", "subscale": "supresion", "moment": "m3"}
        score = {**_row(tx, her, on="taken_on"), **scored, "score": Decimal("3.6667"), "answered": 9}
        await tx.run(measurements.insert(), [score])


def _row(tx: Any, her: int, *, on: str = "as_of_on") -> dict[str, Any]:
    return {"id": tx.ids.random(), "participant_id": her, on: date(2026, 1, 31), "learned_at": START}


def _enrolments(tx: Any, her: int) -> list[dict[str, Any]]:
    row = {"axis": "laboral", "centre": "Cárcel «Ñ»", "completed": None, "sessions_attended": None, "ended_on": None}
    words = [*FORMULAS, *AWKWARD]
    rows = [{**_row(tx, her, on="started_on"), **row, "workshop": word, "replaced_at": None} for word in words]
    return [*rows, {**rows[0], "id": tx.ids.random(), "workshop": "ya no", "replaced_at": START}]


async def leave_unfinished(store: Store) -> None:
    """An import that died half-way: a row of it, which counts nowhere."""
    async with store.database.transact() as tx:
        number = tx.ids.random()
        row = {"id": number, "kind": "registry", "file_name": b"x", "file_hash": "x", "imported_by": "command"}
        await tx.run(imports.insert(), [{**row, "at": START}])
        her = (await tx.run(participants.select().limit(1))).one().id
        told = {"axis": "laboral", "centre": "x", "workshop": "a medias", "import_id": number, "line": 2}
        await tx.run(enrolments.insert(), [{**_row(tx, her, on="started_on"), **told}])
