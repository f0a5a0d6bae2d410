"""The store as the demo's page shows it: every kind of answer in Spanish words, and nothing that is sealed."""

from decimal import Decimal

from sqlalchemy import select

from bot import library
from bot.cli.opening import open_plan
from bot.demo.page import Table
from bot.demo.tables import store_tables
from conversations.answers import Answer, AnswerStatus, Money, Period, Value, Voice
from conversations.effects import OutcomesChanged
from scheduler.applied import Plans
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN
from storage import interviews
from storage.imports.participants import read_participants
from storage.imports.sheets import read_sheet
from storage.interviews import AnswerChanged
from storage.records import Entry
from storage.schema import checkins
from tests.support.world import START, Store

ROSTER = b"record_id,name,release_date\nLC-001,Rosa Prueba,2026-02-28\n"
SHELF = library.build([], library.shipped_sources())
NAMES = [question.name for question in SHELF.latest("linea_base").questions]


async def shown(
    store: Store, *answers: Answer, outcomes: dict[str, Answer] | None = None, kinds: str = ""
) -> dict[str, Table]:
    """The tables after these answers, one to each question of the longest instrument, and after calculated `kinds`."""
    async with store.database.transact() as tx:
        file = read_participants(read_sheet(ROSTER, "x.csv"), today=START.date(), zone_for=lambda *_: None)
        (her,) = await enrol(tx, file.rows, plans=Plans.of(open_plan(SHIPPED_PLAN)))
        found = select(checkins.c.id).where(checkins.c.participant_id == her, checkins.c.point == "m1")
        checkin = (await tx.run(found)).scalar_one()
        records = [
            AnswerChanged(name, one, False, "linea_base", "1") for name, one in zip(NAMES, answers, strict=False)
        ]
        if kinds:
            version = SHELF.names["seguimiento"]
            records.append(AnswerChanged("tipos", Answer(AnswerStatus.GIVEN, kinds), False, "seguimiento", version))
        entries = [Entry(record, START, "o", "lane", 1, 1, her, checkin) for record in records]
        await interviews.WRITERS[AnswerChanged](tx, entries)
        learned = Entry(OutcomesChanged(outcomes or {}), START, "o", "lane", 1, 1, her, checkin)
        await interviews.WRITERS[OutcomesChanged](tx, [learned])
        return {table.title: table for table in await store_tables(tx, SHELF)}


async def test_every_reason_is_told_in_words(store: Store) -> None:
    missing = [Answer(status) for status in AnswerStatus if status is not AnswerStatus.GIVEN]
    rows = (await shown(store, *missing))["Respuestas"].rows
    assert {row[2].partition(" ")[0] for row in rows} == {f"−{-answer.status}" for answer in missing}


async def test_answers_are_told_in_words(store: Store) -> None:
    given: list[Value] = [
        ("nada",),
        Voice("ref-of-a-voice-note", 3),
        Money(Decimal(1500), Period.WEEK),
        "autoempleo sin_nombre",
    ]
    rows = (await shown(store, *(Answer(AnswerStatus.GIVEN, value) for value in given)))["Respuestas"].rows
    assert {row[2] for row in rows} == {
        *("No necesito nada por ahora", "(nota de voz)", "$1,500 semana", "autoempleo sin nombre"),
    }


async def test_her_work_is_told_with_where_she_stands(store: Store) -> None:
    said = {"employed": "si", "work_kinds": "con_patron", "social_security": "no_se"}
    outcomes = {name: Answer(AnswerStatus.GIVEN, value) for name, value in said.items()}
    table = (await shown(store, outcomes=outcomes))["Trabajos"]
    assert [row[:4] for row in table.rows] == [["empleo externo", "ocupada", "subordinada", "No sé"]]


async def test_a_code_that_she_never_read_stands_beside_the_words_that_she_did(store: Store) -> None:
    outcomes = {"employed": Answer(AnswerStatus.GIVEN, "si"), "work_kinds": Answer(AnswerStatus.GIVEN, "autoempleo")}
    tables = await shown(store, outcomes=outcomes, kinds="autoempleo otro")
    assert [row[0] for row in tables["Trabajos"].rows] == ["autoempleo (Por mi cuenta)"]
    (row,) = tables["Respuestas"].rows
    assert row[1:3] == ["tipos", "autoempleo (Por mi cuenta), otro (Otro)"]
