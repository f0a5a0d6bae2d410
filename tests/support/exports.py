"""A store with something of everything that an export tells, and the way to write an export of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from bot.cli.opening import open_plan
from bot.cli.results import every_version
from conversations.answers import Answer, AnswerStatus, Money, Period, Value, Voice
from conversations.xlsform import parse_instrument
from scheduler.applied import Plans
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN
from storage import instruments, interviews
from storage.database import Tx
from storage.exports.exporting import Asked, Exporter, Made, Progress, Shelf
from storage.imports.participants import ParticipantFile, read_participants
from storage.imports.sheets import read_sheet
from storage.interviews import AnswerChanged
from storage.records import Entry
from storage.schema import checkins, enrolments, measurements, participants, supports
from storage.schema import imports as imported
from tests.support.world import START, Store

ROSTER = (
    b"record_id,name,phone,release_date,birth_year,centre\n"
    b"LC-001,Rosa Prueba,5512345678,2026-02-28,1990,Santa Martha Acatitla\n"
    b"LC-002,Luz Ejemplo,,,,\n"
)
FORM = """
| settings |         |
|          | version |
|          | {version} |

| survey |                        |         |                     |               |             |               |
|        | type                   | name    | label::Español (es) | hilo::outcome | hilo::money | relevant      |
|        | {type}                 | trabaja | {label}             | employed      |             |               |
|        | select_multiple tipos  | tipos   | ¿En qué?            | work_kinds    |             | ${{trabaja}} = 'si' |
|        | text                   | ingreso | ¿Cuánto?            |               | yes         |               |
|        | integer                | hijos   | ¿Cuántas hijas?     |               |             |               |
|        | integer                | edad    | ¿Edad?              |               |             |               |
|        | date                   | cuando  | ¿Desde cuándo?      |               |             |               |
|        | decimal                | gasto   | ¿Gasto?             |               |             |               |
|        | text                   | cuenta  | ¿Qué más?           |               |             |               |

| choices |           |      |                     |
|         | list_name | name | label::Español (es) |
|         | si_no     | si   | =Sí                 |
|         | si_no     | no   | No                  |
|         | tipos     | autoempleo | Por mi cuenta |
|         | tipos     | otro | Otro, o varios      |
"""
NAME, VERSION = "seguimiento", "7"
SOURCE = FORM.format(version=VERSION, type="select_one si_no", label="¿Trabajas?")
INSTRUMENT = parse_instrument(NAME, SOURCE)

POINT = "m1"


def read_roster() -> ParticipantFile:
    """The two women of ROSTER."""
    return read_participants(read_sheet(ROSTER, "x.csv"), today=START.date(), zone_for=lambda *_: None)


async def answer(
    tx: Tx, checkin: int, question: str, *, given: Answer, free_text: bool = False, version: str = VERSION
) -> None:
    """She answers, or does not, in her chat."""
    record = AnswerChanged(question, given, free_text, NAME, version)
    entry = Entry(record, START, "o", "lane", 1, 1, checkin_id=checkin)
    await interviews.WRITERS[AnswerChanged](tx, [entry])


def given(value: Value | None, status: AnswerStatus = AnswerStatus.GIVEN) -> Answer:
    """An answer with words that never leave."""
    return Answer(status, value, "sus palabras")


async def checkin_of(tx: Tx, woman: int, point: str = POINT) -> int:
    """Her check-in of that point."""
    (row,) = await tx.run(checkins.select().where(checkins.c.participant_id == woman, checkins.c.point == point))
    return int(row.id)


async def fill(store: Store) -> int:
    """Two women; the one with a date has answered once, and corrected one answer, and has outcomes of every kind.

    Returns her."""
    async with store.database.transact() as tx:
        await instruments.keep_instruments(tx, [(NAME, VERSION, SOURCE)])
        her, _ = await enrol(tx, read_roster().rows, plans=Plans.of(open_plan(SHIPPED_PLAN)))
        checkin = await checkin_of(tx, her)
        await answer(tx, checkin, "trabaja", given=given("no"))
        await answer(tx, checkin, "trabaja", given=given("si"))
        await answer(tx, checkin, "tipos", given=given(("autoempleo",)))
        money = Money(Decimal("1500.50"), Period.FORTNIGHT, Decimal("1600"))
        await answer(tx, checkin, "ingreso", given=given(money))
        await answer(tx, checkin, "hijos", given=given(None, AnswerStatus.REFUSED))
        await answer(tx, checkin, "edad", given=given(-3))
        await answer(tx, checkin, "cuando", given=given(date(2026, 1, 2)))
        await answer(tx, checkin, "formula", given=given("=1+1"))
        await answer(tx, checkin, "gasto", given=given(Voice("ref-of-a-voice-note", 12)))
        await answer(tx, checkin, "cuenta", given=given("Me llamo Rosa"), free_text=True)
        await _outcomes(tx, her, checkin)
        return her


async def _outcomes(tx: Tx, her: int, checkin: int) -> None:
    start = START - timedelta(days=400)
    row = {"id": tx.ids.random(), "kind": "registry", "file_hash": "h", "imported_by": "command", "at": START}
    await tx.run(imported.insert(), [{**row, "file_name": b"sealed", "done_at": START}])
    source = {"participant_id": her, "learned_at": START, "import_id": row["id"], "line": 2}
    trained = {**source, "id": tx.ids.random(), "axis": "laboral", "workshop": "costura", "centre": "santa_martha"}
    await tx.run(
        enrolments.insert(), [{**trained, "started_on": start.date(), "completed": True, "sessions_attended": 12}]
    )
    scored = {**source, "instrument": "gad7", "version": "1", "taken_on": start.date(), "score": Decimal("12.5")}
    await tx.run(measurements.insert(), [{**scored, "id": tx.ids.random(), "moment": "pre"}])
    told = {"participant_id": her, "checkin_id": checkin, "given": 1, "received": -88, "as_of_on": START.date()}
    await tx.run(supports.insert(), [{**told, "id": tx.ids.random(), "learned_at": START}])


async def write_export(
    store: Store, out: Path, *, shelf: Shelf = every_version, progress: Progress = lambda *_: None, **asked: object
) -> Made:
    """Write an export; `reason` is there unless said otherwise, so that nothing is left out."""
    wanted = replace(Asked(out, reason="prueba"), **asked)  # type: ignore[arg-type]
    return await Exporter(store.database, store.url, shelf=shelf).export(wanted, progress)


async def copies(store: Store, number: int) -> None:
    """So many more women who are, in all that is looked at, like nobody else or like each other."""
    async with store.database.transact() as tx:
        rows = [
            {"id": tx.ids.random(), "person": f"p{tx.ids.token(64)}", "added_at": START, "centre": "tepepan"}
            for _ in range(number)
        ]
        await tx.run(participants.insert(), rows)
