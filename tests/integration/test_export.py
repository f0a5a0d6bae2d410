"""What an export writes, byte for byte where it matters, and what never leaves the store."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.cli.opening import open_plan
from conversations.answers import Answer, AnswerStatus, Money, Period, Value, Voice
from conversations.xlsform import parse_instrument
from scheduler.applied import Plans
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN
from storage import interviews
from storage.database import Tx
from storage.exports.files import Cell, Target, open_target
from storage.exports.tables import export
from storage.imports.participants import ParticipantFile, read_participants
from storage.imports.sheets import read_sheet
from storage.interviews import AnswerChanged
from storage.records import Entry
from storage.roster import checkins_of
from storage.schema import checkins
from tests.support.world import START, Store

ROSTER = b"record_id,name,phone,release_date\nLC-001,Rosa Prueba,5512345678,2026-02-28\nLC-002,Luz Ejemplo,,\n"
INSTRUMENT = parse_instrument(
    "seguimiento",
    """
| settings |         |
|          | version |
|          | 7       |

| survey |                    |        |                     |                |
|        | type               | name   | label::Español (es) | hilo::outcome  |
|        | select_one si_no   | trabaja | ¿Trabajas?         | employed       |
|        | text               | cuenta | ¿Qué más?           |                |

| choices |           |      |                     |
|         | list_name | name | label::Español (es) |
|         | si_no     | si   | =Sí                 |
|         | si_no     | no   | No                  |
""",
)


def read_roster() -> ParticipantFile:
    return read_participants(read_sheet(ROSTER, "x.csv"), today=START.date(), zone_for=lambda *_: None)


async def answer(tx: Tx, checkin: int, question: str, *, given: Answer, free_text: bool = False) -> None:
    record = AnswerChanged(question, given, free_text, "seguimiento", "7")
    entry = Entry(record, START, "o", "lane", 1, 1, checkin_id=checkin)
    await interviews.WRITERS[AnswerChanged](tx, [entry])


def given(value: Value | None, status: AnswerStatus = AnswerStatus.GIVEN) -> Answer:
    return Answer(status, value, "sus palabras")


@pytest.fixture
async def answered(store: Store) -> Store:
    """Two women; the one with a date has answered once, and corrected one answer."""
    async with store.database.transact() as tx:
        her, _ = await enrol(tx, read_roster().rows, plans=Plans.of(open_plan(SHIPPED_PLAN)))
        ids = await tx.run(checkins.select().where(checkins.c.participant_id == her, checkins.c.point == "m1"))
        (checkin,) = [row.id for row in ids]
        await answer(tx, checkin, "trabaja", given=given("no"))
        await answer(tx, checkin, "trabaja", given=given("si"))
        await answer(tx, checkin, "tipos", given=given(("autoempleo", "otro")))
        money = Money(Decimal("1500.50"), Period.FORTNIGHT, Decimal("1600"))
        await answer(tx, checkin, "ingreso", given=given(money))
        await answer(tx, checkin, "hijos", given=given(None, AnswerStatus.REFUSED))
        await answer(tx, checkin, "edad", given=given(-3))
        await answer(tx, checkin, "cuando", given=given(date(2026, 1, 2)))
        await answer(tx, checkin, "formula", given=given("=1+1"))
        await answer(tx, checkin, "gasto", given=given(Voice("ref-of-a-voice-note", 12)))
        await answer(tx, checkin, "cuenta", given=given("Me llamo Rosa"), free_text=True)
    return store


async def write_export(store: Store, out: Path, *, force: bool = False) -> dict[str, int]:
    async with store.database.read() as tx:
        with open_target(out, at=tx.now, force=force) as target:
            return await export(tx, target, instruments=[INSTRUMENT])


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


async def test_the_ledger_is_written(answered: Store, tmp_path: Path) -> None:
    counts = await write_export(answered, tmp_path / "out")
    found = rows(tmp_path / "out" / "checkins.csv")
    assert len(found) == counts["checkins"] == 12
    dated = [row for row in found if row["due_on"]]
    assert [row["point"] for row in dated] == ["s1", "m1", "m3", "m6", "m12", "m24"]
    assert {row["state"] for row in found} == {"expected", "waiting_for_date"}
    assert dated[1] == {
        **{"person": dated[1]["person"], "point": "m1", "plan": "seguimiento", "instrument": "seguimiento"},
        **{"state": "expected", "fate": "", "fate_reason": "", "due_on": "2026-03-28", "reminders_sent": "0"},
        **{"invited_on": "", "reminded_on": "", "started_on": "", "closed_on": "", "mode": "chat"},
    }


async def test_answers_that_stand_are_written(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    found = rows(tmp_path / "out" / "answers.csv")
    assert {row["variable"]: (row["value"], row["status"]) for row in found} == {
        "trabaja": ("si", "0"),
        "tipos": ("autoempleo otro", "0"),
        "ingreso": ("1500.50", "0"),
        "hijos": ("", "-88"),
        "edad": ("-3", "0"),
        "cuando": ("2026-01-02", "0"),
        "formula": ("'=1+1", "0"),
        "gasto": ("nota de voz", "0"),
        "cuenta": ("", "0"),
    }
    assert {row["variable"]: row["reason"] for row in found if row["reason"] != "given"} == {"hijos": "refused"}
    income = next(row for row in found if row["variable"] == "ingreso")
    assert (income["amount_high"], income["amount_period"]) == ("1600", "quincena")
    assert list(income)[:2] == ["person", "point"]
    assert (income["mode"], income["version"], income["answered_on"]) == ("chat", "7", "2026-03-02")


@pytest.mark.parametrize("status", AnswerStatus)
async def test_the_reason_stands_beside_one_of_four_codes(store: Store, tmp_path: Path, status: AnswerStatus) -> None:
    async with store.database.transact() as tx:
        her, _ = await enrol(tx, read_roster().rows, plans=Plans.of(open_plan(SHIPPED_PLAN)))
        (row,) = await tx.run(checkins.select().where(checkins.c.participant_id == her, checkins.c.point == "m1"))
        await answer(tx, row.id, "trabaja", given=given("si" if status is AnswerStatus.GIVEN else None, status))
    await write_export(store, tmp_path / "out")
    (found,) = rows(tmp_path / "out" / "answers.csv")
    assert found["status"] in {"0", "-66", "-77", "-88", "-99"}
    assert found["status"] == str(status.missing_code or 0)
    assert found["reason"] == status.name.lower()
    codebook = rows(tmp_path / "out" / "codebook.csv")
    assert {found["status"], found["reason"]} <= {"0", *(row["choice"] for row in codebook)}


async def test_days_are_those_of_her_zone(answered: Store, tmp_path: Path) -> None:
    late = datetime(2026, 3, 29, 2, tzinfo=UTC)  # the evening of the 28th in Mexico City
    async with answered.database.transact() as tx:
        await tx.run(checkins.update().where(checkins.c.point == "m1").values(invited_at=late))
    await write_export(answered, tmp_path / "out")
    assert {row["invited_on"] for row in rows(tmp_path / "out" / "checkins.csv")} == {"", "2026-03-28"}


async def test_nothing_that_names_her_leaves(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    written = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()]
    assert len(written) == 4
    for secret in ("LC-001", "Rosa", "Prueba", "5512345678", "sus palabras", "Me llamo", "ref-of-a-voice-note"):
        assert not any(secret in text for text in written), secret


async def test_codebook_and_metadata(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    codebook = rows(tmp_path / "out" / "codebook.csv")
    assert [(row["variable"], row["choice"], row["choice_label"]) for row in codebook] == [
        ("trabaja", "", ""),
        ("trabaja", "si", "'=Sí"),
        ("trabaja", "no", "No"),
        ("cuenta", "", ""),
        ("status", "-66", "no aplica"),
        ("status", "-77", "no sabe"),
        ("status", "-88", "prefiere no decir"),
        ("status", "-99", "sin respuesta"),
        ("reason", "given", "contestó"),
        ("reason", "not_applicable", "no le tocaba esa pregunta"),
        ("reason", "unknown", "dijo que no sabe"),
        ("reason", "refused", "prefirió no decir"),
        ("reason", "no_consent", "no dio permiso para ese dato, o lo retiró"),
        ("reason", "interrupted", "la conversación se interrumpió antes de que contestara"),
        ("reason", "not_reached", "el plazo se cerró antes de preguntarle"),
        ("reason", "skipped", "saltó la pregunta"),
        ("reason", "unanswered", "se le preguntó y no contestó a tiempo"),
    ]
    told = {row["name"]: row["value"] for row in rows(tmp_path / "out" / "metadata.csv")}
    assert told["cut_off"] == "2026-03-02T16:00:00+00:00"
    assert (told["rows_checkins"], told["rows_answers"]) == ("12", "9")


async def test_the_bytes_are_what_excel_reads(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    data = (tmp_path / "out" / "checkins.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfperson,point,")
    assert data.count(b"\r\n") == data.count(b"\n") == 13


async def test_the_same_rows_are_the_same_bytes(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "one.zip")
    await write_export(answered, tmp_path / "two.ZIP")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.ZIP").read_bytes()
    with ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["checkins.csv", "answers.csv", "codebook.csv", "metadata.csv"]
        assert archive.testzip() is None
    await write_export(answered, tmp_path / "out")
    answered.clock.advance(days=1)
    await write_export(answered, tmp_path / "later.zip")
    assert (tmp_path / "later.zip").read_bytes() != (tmp_path / "one.zip").read_bytes()


@pytest.mark.parametrize("name", ["out", "out.zip"])
async def test_what_is_there_is_kept_unless_forced(answered: Store, tmp_path: Path, name: str) -> None:
    await write_export(answered, tmp_path / name)
    with pytest.raises(FileExistsError):
        await write_export(answered, tmp_path / name)
    await write_export(answered, tmp_path / name, force=True)


async def test_force_touches_no_other_file(answered: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("kept", encoding="utf-8")
    await write_export(answered, out, force=True)
    assert (out / "mine.txt").read_text(encoding="utf-8") == "kept"
    assert sorted(path.name for path in out.iterdir()) == [
        *("answers.csv", "checkins.csv", "codebook.csv", "metadata.csv", "mine.txt")
    ]


async def test_files_are_their_owners_alone(answered: Store, tmp_path: Path) -> None:
    await write_export(answered, tmp_path / "out")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}


def write_cells(target: Target, cells: list[Cell]) -> None:
    with target("cells") as write:
        for cell in cells:
            write([cell, "x"])


def written_cells(folder: Path) -> Iterator[str]:
    with (folder / "cells.csv").open(encoding="utf-8-sig", newline="") as file:
        yield from (row[0] for row in csv.reader(file))


def test_formulas_are_made_harmless_and_numbers_let_be(tmp_path: Path) -> None:
    texts = ["=HYPERLINK()", "+52", "-1", "@x", "\tx", "\rx", "a=b", "", '«ñ», "y"\nz']
    numbers: list[Cell] = [-88, Decimal("-0.50"), None, Decimal("1E+3")]
    with open_target(tmp_path / "out", at=START, force=False) as target:
        write_cells(target, [*texts, *numbers])
    assert list(written_cells(tmp_path / "out")) == [
        *("'=HYPERLINK()", "'+52", "'-1", "'@x", "'\tx", "'\rx", "a=b", "", '«ñ», "y"\nz'),
        *("-88", "-0.50", "", "1000"),
    ]


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_failed_export_leaves_nothing(tmp_path: Path, name: str) -> None:
    def fail() -> None:
        with open_target(tmp_path / name, at=START, force=False) as target:
            write_cells(target, [1])
            with target("half") as write:
                write([1])
                raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        fail()
    assert list(tmp_path.iterdir()) == []


async def test_her_check_ins_are_listed_in_order(answered: Store) -> None:
    async with answered.database.read() as tx:
        (row,) = await tx.run(checkins.select().where(checkins.c.point == "m1", checkins.c.due_on.is_not(None)))
        cards = await checkins_of(tx, row.participant_id)
    assert [card.point for card in cards] == ["s1", "m1", "m3", "m6", "m12", "m24"]
    assert cards[1].due_on is not None
    assert cards[1].due_on - timedelta(days=28) == date(2026, 2, 28)
