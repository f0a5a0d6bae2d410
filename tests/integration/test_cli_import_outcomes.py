"""Registry, measurements and work as an operator brings them in: dry and real, again, corrected, and cut off."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from storage import importing
from storage.database import Conflict, Database
from storage.importing import Counts, Decided, Prepared, Source, prepare, today_of
from storage.imports.facts import FactFile
from storage.imports.measurements import read_measurements
from storage.imports.registry import read_registry
from storage.imports.sheets import read_sheet
from storage.imports.work import read_work
from storage.outcomes.known import known
from storage.people import NewParticipant, add_participants
from storage.schema import enrolments, imports, incomes, measurements, participants
from tests.support.crashes import Death, Killed
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import Store

REGISTRY = "record_id,axis,workshop,centre,started_on,completed,sessions_attended\n"
SOME = REGISTRY + (
    "A-1,laboral,costura,BAR,2024-02-01,si,12\n"
    "A-1,laboral,costura,CHA,2024-02-05,no,3\n"
    "A-2,salud_mental,yoga,BAR,2024-02-01,no sabe,\n"
)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Somebody whose installation stands, and knows two women."""
    operator = Operator(tmp_path / "home", {"HILO_BOT_API_URL": NOBODY_LISTENS})
    operator.begins()
    roster = written(tmp_path, "roster.csv", "record_id,name\nA-1,Rosa Prueba\nA-2,Luz Ejemplo\n")
    operator.done("participants", "import", roster)
    return operator


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def stored(operator: Operator, query: str) -> list[Any]:
    with sqlite3.connect(operator.home / "hilo.sqlite3") as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


# --- dry and real


@pytest.mark.parametrize(
    ("kind", "text", "lines"),
    [
        ("registry", SOME, ["enrolments\t3 new, 0 there already, 0 corrected"]),
        (
            "measurements",
            "record_id,instrument,moment,taken_on,score\nA-1,GAD-7,pre,2024-02-01,12\nA-1,GAD-7,m3,2024-09-01,7\n"
            "A-2,GAD-7,pre,2024-02-01,40\n",
            ["measurements\t2 new, 0 there already, 0 corrected", "refused\t1 line"],
        ),
        (
            "work",
            "record_id,scope,kind,as_of,income_amount,income_period,gave_to_family\n"
            'A-1,dentro,produccion_la_cana,2024-09-01,"1,500",quincena,si\nA-2,en_libertad,sin_trabajo,2024-09-01,,,\n'
            "A-9,dentro,autoempleo,2024-09-01,,,\n",
            [
                "employments\t2 new, 0 there already, 0 corrected",
                "incomes\t1 new, 0 there already, 0 corrected",
                "supports\t1 new, 0 there already, 0 corrected",
                "refused\t1 line",
            ],
        ),
    ],
)
def test_a_dry_run_says_what_the_real_one_does(
    operator: Operator, tmp_path: Path, kind: str, text: str, lines: list[str]
) -> None:
    file = written(tmp_path, "file.csv", text)
    dry = operator.done("import", kind, file, "--dry-run", "--skip-errors")
    assert dry.splitlines() == lines
    assert stored(operator, "SELECT * FROM imports") == []
    assert operator.done("import", kind, file, "--skip-errors") == dry
    tables = [line.partition("\t") for line in lines if not line.startswith("refused")]
    for table, _, told in tables:
        assert stored(operator, f"SELECT count(*) FROM {table}") == [(int(told.split()[0]),)]
    again = operator.done("import", kind, file, "--skip-errors")
    for table, _, told in tables:
        assert f"{table}\t0 new, {told.split()[0]} there already, 0 corrected" in again
        assert stored(operator, f"SELECT count(*) FROM {table}") == [(int(told.split()[0]),)]


def test_nothing_is_stored_while_a_row_is_wrong(operator: Operator, tmp_path: Path) -> None:
    file = written(
        tmp_path, "file.csv", SOME + "A-1,laboral,costura,BAR,pronto,si,1\nA-9,laboral,yoga,BAR,2024-01-01,si,1\n"
    )
    for option in ((), ("--dry-run",)):
        told = operator.refused("import", "registry", file, *option)
        assert "line 5, started_on: is not a date" in told
        assert "line 6, record_id: nobody is registered under this" in told
        assert "2 problems to mend" in told
        assert "pronto" not in told
        assert "A-9" not in told
    assert stored(operator, "SELECT * FROM imports") == []


def test_an_import_is_written_down_with_its_file(operator: Operator, tmp_path: Path) -> None:
    operator.done("import", "registry", written(tmp_path, "secreto.csv", SOME))
    ((kind, file_hash, by, done_at, counts),) = stored(
        operator, "SELECT kind, file_hash, imported_by, done_at, counts FROM imports"
    )
    assert (kind, len(file_hash), by, done_at is None) == ("registry", 64, "command", False)
    assert counts == '{"women":0,"new":{"enrolments":3},"same":{},"corrected":{},"withdrawn":{},"refused":0}'
    ((actor, detail),) = stored(operator, "SELECT actor, detail FROM audit WHERE action = 'outcomes_imported'")
    format_of, shown, *numbers = detail.split()
    assert (actor, format_of, shown.replace("-", "")) == ("command", "registry", file_hash)
    assert numbers == ["0", "3", "0", "0", "0", "0"]
    assert stored(operator, "SELECT line FROM enrolments ORDER BY line") == [(2,), (3,), (4,)]
    assert b"secreto" not in (operator.home / "hilo.sqlite3").read_bytes()
    assert operator.done("db", "check").startswith("the database is sound")


def test_a_correction_takes_the_place_of_what_it_corrects(operator: Operator, tmp_path: Path) -> None:
    operator.done("import", "registry", written(tmp_path, "file.csv", SOME))
    told = operator.done("import", "registry", written(tmp_path, "file.csv", SOME.replace("no,3", "si,9")))
    assert told == "enrolments\t0 new, 2 there already, 1 corrected\n"
    rows = stored(operator, "SELECT sessions_attended FROM enrolments WHERE centre = 'CHA' AND replaced_at IS NULL")
    assert rows == [(9,)]
    assert stored(operator, "SELECT sessions_attended FROM enrolments WHERE replaced_at IS NOT NULL") == [(3,)]


# --- women who are not known


def test_a_woman_from_the_registry_alone_is_expected_nowhere(operator: Operator, tmp_path: Path) -> None:
    text = (
        REGISTRY
        + "B-1,laboral,costura,BAR,2024-02-01,si,1\n"
        + "b-1,laboral,yoga,BAR,2024-02-01,si,1\n"
        + "A-1,laboral,yoga,BAR,2024-02-01,si,1\n"
    )
    file = written(tmp_path, "file.csv", text)
    dry = operator.done("import", "registry", file, "--create-people", "--dry-run")
    assert [woman["record_id"] for woman in operator.read("participants", "list")] == ["A-1", "A-2"]
    assert operator.done("import", "registry", file, "--create-people") == dry
    assert dry.splitlines() == ["women\t1 created", "enrolments\t3 new, 0 there already, 0 corrected"]
    plan = operator.home.parent / "plan.toml"
    point = '[[points]]\nname = "s1"\noffset = { days = 7 }\nwindow = { after = 9 }\ninstruments = ["llegada"]\n'
    plan.write_text('name = "otro"\nanchor = "enrolment"\n' + point, encoding="utf-8")
    operator.done("plan", "apply", plan, "--yes")
    shown = operator.read("participants", "show", "B-1")
    assert (shown["name"], shown["checkins"], shown["cases"]) == ("", [], [])
    assert stored(operator, "SELECT count(*) FROM consents") == [(0,)]
    assert "women" not in operator.done("import", "registry", file, "--create-people")


# --- enrolments that may be one


def test_what_may_be_known_waits_for_a_decision(operator: Operator, tmp_path: Path) -> None:
    operator.done("import", "registry", written(tmp_path, "old.csv", SOME))
    near = written(
        tmp_path,
        "near.csv",
        REGISTRY + "A-1,laboral,costura,BAR,2024-02-10,si,12\nA-2,laboral,joyeria,BAR,2024-02-10,si,2\n",
    )
    told = operator.refused("import", "registry", near)
    assert "line 2, started_on: may be one that is stored" in told
    assert "--other 2" in told
    assert "--same 2" in told
    assert "enrolments\t1 new" in operator.done("import", "registry", near, "--skip-errors", "--dry-run")
    assert "enrolments\t1 new, 0 there already, 1 corrected" in operator.done(
        "import", "registry", near, "--same", "2", "--dry-run"
    )
    assert "enrolments\t2 new, 0 there already, 0 corrected" in operator.done(
        "import", "registry", near, "--other", "2"
    )
    assert "enrolments\t0 new, 2 there already" in operator.done("import", "registry", near)


def test_the_same_enrolment_on_a_truer_day_replaces_the_one_that_is_stored(operator: Operator, tmp_path: Path) -> None:
    operator.done("import", "registry", written(tmp_path, "old.csv", SOME))
    near = written(tmp_path, "near.csv", REGISTRY + "A-1,laboral,costura,BAR,2024-02-10,si,12\n")
    operator.done("import", "registry", near, "--same", "2")
    rows = stored(
        operator,
        "SELECT started_on FROM enrolments WHERE centre = 'BAR' AND workshop = 'costura' AND replaced_at IS NULL",
    )
    assert rows == [("2024-02-10",)]


def test_two_lines_that_may_be_one_are_told(operator: Operator, tmp_path: Path) -> None:
    row = "A-1,laboral,costura,BAR,2024-02-{},si,12\n"
    file = written(tmp_path, "file.csv", REGISTRY + row.format("01") + row.format("15") + row.format("16"))
    assert "line 3, started_on: may be the one on line 2" in operator.refused("import", "registry", file)
    far = written(tmp_path, "far.csv", REGISTRY + row.format("01") + row.format("16"))
    assert "2 new" in operator.done("import", "registry", far)


# --- around it


def test_an_installations_own_catalogue_is_used(operator: Operator, tmp_path: Path) -> None:
    own = operator.home / "catalogue.toml"
    own.write_text('[[centres]]\ncode = "TEP"\nnames = ["Tepepan"]\n', encoding="utf-8")
    file = written(tmp_path, "file.csv", REGISTRY + "A-1,laboral,costura,tepepan,2024-02-10,si,12\n")
    operator.done("import", "registry", file)
    assert stored(operator, "SELECT centre FROM enrolments") == [("TEP",)]
    own.write_text("[[centres]]\n", encoding="utf-8")
    assert "catalogue.toml: centres 1: code: write letters" in operator.refused("import", "registry", file)


@pytest.mark.parametrize("kind", ["registry", "measurements", "work"])
def test_what_is_no_sheet_is_told(operator: Operator, tmp_path: Path, kind: str) -> None:
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\r\n")
    assert "is a picture" in operator.refused("import", kind, tmp_path / "photo.csv")
    assert "no such file" in operator.refused("import", kind, tmp_path / "none.csv")
    assert operator.types("import", kind).exit_code == 2


# --- in the store


def read(store: Store, text: str, kind: str = "registry") -> FactFile:
    sheet, today = read_sheet(text.encode(), f"{kind}.csv"), today_of(store.clock())
    if kind == "work":
        return read_work(sheet, today=today)
    if kind == "measurements":
        return read_measurements(sheet, today=today, points=())
    return read_registry(sheet, today=today)


async def prepared(store: Store, text: str, kind: str = "registry") -> Prepared:
    file = read(store, text, kind)
    assert file.problems == ()
    async with store.database.read() as tx:
        return await prepare(tx, file, Decided(create_people=True))


async def bring_in(store: Store, text: str, kind: str = "registry") -> Counts:
    found = await prepared(store, text, kind)
    await importing.store(store.database, found, source=Source(kind, f"{kind}.csv", "0" * 64))
    return found.counts


async def visible(database: Database, at: datetime | None = None) -> set[tuple[str, int | None]]:
    async with database.read() as tx:
        which = select(enrolments.c.centre, enrolments.c.sessions_attended).where(known(enrolments, at))
        return {(row.centre, row.sessions_attended) for row in await tx.run(which)}


MANY = 700


def many(sessions: Sequence[int]) -> str:
    rows = (f"A-{n % 50},laboral,taller {n},BAR,2024-02-01,si,{sessions[n]}\n" for n in range(len(sessions)))
    return REGISTRY + "".join(rows)


async def numbers(database: Database) -> tuple[int, int]:
    """How many enrolments hold, and their sessions."""
    async with database.read() as tx:
        told = select(func.count(), func.sum(enrolments.c.sessions_attended)).where(known(enrolments))
        count, total = (await tx.run(told)).one()
    return count, total


async def test_an_import_that_is_cut_off_shows_nothing_and_leaves_nothing(store: Store) -> None:
    before, after = many([1] * MANY), many([2] * MANY + [5])
    await bring_in(store, before)
    shown = await numbers(store.database)
    found = await prepared(store, after)
    source = Source("registry", "after.csv", "1" * 64)
    at = 1
    while True:
        death = Death(at)
        with death.over(store.database), suppress(Killed):
            await importing.store(store.database, found, source=source)
        if not death.came.is_set():
            break
        assert await numbers(store.database) == shown
        at += 1
    assert at > 10
    assert await numbers(store.database) == (MANY + 1, 2 * MANY + 5)
    async with store.database.read() as tx:
        assert (await tx.run(select(func.count()).select_from(imports))).scalar_one() == 2
        assert (await tx.run(select(func.count()).select_from(enrolments))).scalar_one() == 2 * MANY + 1


async def test_what_was_known_before_a_correction_stays_known(store: Store) -> None:
    await bring_in(store, SOME)
    then = store.clock()
    store.clock.advance(days=1)
    counts = await bring_in(store, SOME.replace("no,3", "si,9"))
    assert (counts.same, counts.corrected) == ({"enrolments": 2}, {"enrolments": 1})
    assert ("CHA", 9) in await visible(store.database)
    assert ("CHA", 3) in await visible(store.database, then)
    assert ("CHA", 9) not in await visible(store.database, then)


async def test_rows_without_a_day_are_the_same_on_another_day(store: Store) -> None:
    text = "record_id,scope,kind,income_amount,income_period,gave_to_family\nA-1,dentro,autoempleo,500,semana,si\n"
    await bring_in(store, text, "work")
    store.clock.advance(days=3)
    again = await bring_in(store, text, "work")
    assert (again.new, again.corrected) == ({}, {})
    corrected = await bring_in(store, text.replace("500", "600"), "work")
    assert (corrected.new, corrected.corrected) == ({}, {"incomes": 1})


async def test_incomes_of_one_day_are_told_together(store: Store) -> None:
    header, row = "record_id,scope,kind,as_of,income_amount,income_period\n", "A-1,dentro,{},2025-01-31,{},semana\n"
    both = row.format("autoempleo", 500) + row.format("produccion_la_cana", 500)
    await bring_in(store, header + both, "work")
    counts = await bring_in(store, header + row.format("autoempleo", 500), "work")
    assert (counts.same["incomes"], counts.withdrawn) == (1, {"incomes": 1})
    async with store.database.read() as tx:
        assert (await tx.run(select(func.count()).select_from(incomes).where(known(incomes)))).scalar_one() == 1


async def test_a_score_is_corrected_by_its_key(store: Store) -> None:
    text = "record_id,instrument,moment,taken_on,score\nA-1,gad7,pre,2025-01-31,{}\n"
    await bring_in(store, text.format(12), "measurements")
    assert (await bring_in(store, text.format("12.0"), "measurements")).same == {"measurements": 1}
    assert (await bring_in(store, text.format(11), "measurements")).corrected == {"measurements": 1}
    async with store.database.read() as tx:
        scores = (await tx.run(select(measurements.c.score).where(known(measurements)))).scalars().all()
    assert [int(score) for score in scores] == [11]


async def test_of_two_imports_at_once_the_later_is_refused(store: Store) -> None:
    found = await prepared(store, many([1] * 5))
    await bring_in(store, SOME)
    with pytest.raises(Conflict):
        await importing.store(store.database, found, source=Source("registry", "r.csv", "0" * 64))
    assert len(await visible(store.database)) == 3


async def test_a_whole_registry_comes_in_at_once(store: Store) -> None:
    async with store.database.transact() as tx:
        women = [NewParticipant(f"A-{n}", name="", zone="America/Mexico_City") for n in range(4221)]
        await add_participants(tx, women)
    start = date(2023, 1, 1)
    rows = (f"A-{n},laboral,Cerámica,BAR,{start + timedelta(days=n % 365)},si,{n % 20}\n" for n in range(4221))
    counts = await bring_in(store, REGISTRY + "".join(rows))
    assert counts.new == {"enrolments": 4221}
    async with store.database.read() as tx:
        women_there = select(func.count(enrolments.c.participant_id.distinct())).where(known(enrolments))
        assert (await tx.run(women_there)).scalar_one() == 4221
        assert (await tx.run(select(func.count()).select_from(participants))).scalar_one() == 4221
