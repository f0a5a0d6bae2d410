"""`hilo participants import`: every way in which a real file is wrong, and what a right one leaves in the store."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.enrolment import BATCH
from tests.support.operator import Operator

HEADER = "record_id,name,release_date"
GOOD = f"{HEADER}\nLC-001,Rosa Prueba,2026-02-28\nLC-002,Luz Ejemplo,\n"

Importing = Callable[..., str]


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Somebody whose installation stands."""
    found = Operator(tmp_path / "home", {})
    found.begins()
    return found


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a roster file."""

    def written(content: str | bytes) -> Path:
        path = tmp_path / "roster.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


Write = Callable[[str | bytes], Path]


def count(operator: Operator, table: str) -> int:
    with sqlite3.connect(operator.home / "hilo.sqlite3") as connection:
        (found,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(found)


def test_a_good_file_is_registered(operator: Operator, write: Write) -> None:
    said = operator.done("participants", "import", write(GOOD))
    assert "2 participants registered, with 12 check-ins expected" in said
    assert "1 of them without a release date" in said
    assert (count(operator, "participants"), count(operator, "checkins"), count(operator, "cases")) == (2, 12, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("Rosa", "Íñiga").encode("latin-1"),
        GOOD.replace("2026-02-28", "28/02/2026").encode(),
        GOOD.replace("name,", "Name ,").encode(),
    ],
    ids=["BOM", "semicolons", "tabs", "Latin-1", "day first", "capitals"],
)
def test_every_dialect_is_read(operator: Operator, write: Write, content: bytes) -> None:
    operator.done("participants", "import", write(content))
    (first, second) = operator.read("participants", "list")
    assert first["name"] in ("Rosa Prueba", "Íñiga Prueba")
    assert (first["release_date"], second["release_date"]) == ("2026-02-28", None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name,release_date\nRosa Prueba,2026-02-28\n", "line 1, record_id: this column is missing"),
        (f"{HEADER}\nLC-001,Rosa Prueba,13/31/2026\n", "line 2, release_date: there is no month 31"),
        (f"{HEADER}\nLC-001,Rosa Prueba,\nLC-001,Luz Ejemplo,\n", "line 3, record_id: is also on line 2"),
        (f"{HEADER}\n5512345678,Rosa Prueba,\n", "line 2, record_id: looks like a phone number"),
        (f"{HEADER},plan\nLC-001,Rosa Prueba,,otro\n", "line 2, plan: there is no such plan"),
        ("", "roster.csv is empty"),
        (f"{HEADER}\n", "there is no row under the header"),
        (b"\x89PNG\r\n\x1a\n", "is a picture"),
    ],
)
def test_each_mistake_is_told_and_nothing_imported(
    operator: Operator, write: Write, content: str | bytes, told: str
) -> None:
    said = operator.refused("participants", "import", write(content))
    assert told in said
    assert "nothing was imported" in said
    assert "Rosa" not in said
    assert count(operator, "participants") == 0


def test_all_mistakes_are_told_at_once(operator: Operator, write: Write) -> None:
    rows = "LC-001,Rosa Prueba,13/31/2026\n,Luz Ejemplo,\nLC-003,,\nLC-004,Ana Prueba,\n"
    said = operator.refused("participants", "import", write(f"{HEADER}\n{rows}"))
    assert [line.partition(":")[0] for line in said.splitlines()[:3]] == [
        *("line 2, release_date", "line 3, record_id", "line 4, name")
    ]
    assert "3 problems to mend" in said


def test_rows_with_errors_can_be_left_out(operator: Operator, write: Write) -> None:
    path = write(f"{HEADER}\nLC-001,Rosa Prueba,13/31/2026\nLC-002,Luz Ejemplo,2026-02-28\n")
    result = operator.types("participants", "import", path, "--skip-errors")
    assert result.exit_code == 0
    assert "line 2, release_date" in result.stderr
    assert "1 participant registered" in result.stdout
    assert [woman["record_id"] for woman in operator.read("participants", "list")] == ["LC-002"]


def test_nothing_left_to_import_is_a_refusal(operator: Operator, write: Write) -> None:
    path = write(f"{HEADER}\nLC-001,Rosa Prueba,13/31/2026\n")
    assert "no row is left" in operator.refused("participants", "import", path, "--skip-errors")


def test_a_second_import_registers_nobody_twice(operator: Operator, write: Write) -> None:
    operator.done("participants", "import", write(GOOD))
    said = operator.refused("participants", "import", write(GOOD + "LC-003,Ana Prueba,\n"))
    assert "line 2, record_id: is already registered" in said
    assert "line 3, record_id: is already registered" in said
    assert "line 4" not in said
    assert count(operator, "participants") == 2
    assert "1 participant registered" in operator.done(
        "participants", "import", write(GOOD + "LC-003,Ana Prueba,\n"), "--skip-errors"
    )
    assert count(operator, "checkins") == 18


def dates(operator: Operator, record_id: str) -> list[tuple[str, str | None, str]]:
    shown = operator.read("participants", "show", record_id)["checkins"]
    return [(one["point"], one["due_on"], one["state"]) for one in shown]


def test_a_date_that_comes_later_is_filled_in(operator: Operator, write: Write) -> None:
    day = datetime.now(UTC).date()
    operator.done("participants", "import", write(GOOD))
    late = write(f"{HEADER}\nlc-002,Otra Escrita,{day}\nLC-003,Ana Prueba,{day}\n")
    assert "2 rows would be imported" in operator.done("participants", "import", late, "--dry-run")
    assert {state for _, _, state in dates(operator, "LC-002")} == {"waiting_for_date"}
    said = operator.done("participants", "import", late)
    assert "1 participant registered" in said
    assert "1 release date filled in" in said
    assert dates(operator, "LC-002") == dates(operator, "LC-003")
    (luz,) = [woman for woman in operator.read("participants", "list") if woman["record_id"] == "LC-002"]
    assert (luz["name"], luz["release_date"]) == ("Luz Ejemplo", str(day))
    assert operator.read("cases", "list") == []
    assert "sound" in operator.done("db", "check")


def test_a_date_is_filled_in_once(operator: Operator, write: Write) -> None:
    operator.done("participants", "import", write(GOOD))
    late = write(f"{HEADER}\nLC-002,Luz Ejemplo,2020-01-31\n")
    assert "registered" not in operator.done("participants", "import", late)
    assert {state for _, _, state in dates(operator, "LC-002")} == {"closed"}
    later = write(f"{HEADER}\nLC-002,Luz Ejemplo,2026-01-31\nLC-001,Rosa Prueba,2026-01-31\n")
    assert operator.refused("participants", "import", later).count("is already registered") == 2
    assert operator.read("participants", "show", "LC-002")["release_date"] == "2020-01-31"


def test_a_date_of_a_row_with_a_problem_is_not_taken(operator: Operator, write: Write) -> None:
    operator.done("participants", "import", write(GOOD))
    bad = write(f"{HEADER},plan\nLC-002,Luz Ejemplo,2026-02-28,otro\n")
    assert "no row is left" in operator.refused("participants", "import", bad, "--skip-errors")
    assert operator.read("participants", "show", "LC-002")["release_date"] is None


def test_a_long_file_is_stored_in_batches_and_what_was_left_undone_comes_with_the_next(
    operator: Operator, write: Write
) -> None:
    path = write(HEADER + "".join(f"\nLC-{n:03},Persona{n:03} Inventada,2026-02-28" for n in range(BATCH + 50)))
    with _refusing_more_than(operator, women=BATCH + 20):
        said = operator.refused("participants", "import", path)
    assert f"{BATCH} rows imported, and then somebody else" in said
    assert (count(operator, "participants"), count(operator, "checkins")) == (BATCH, 6 * BATCH)
    assert operator.refused("participants", "import", path).count("is already registered") == BATCH
    assert "50 participants registered" in operator.done("participants", "import", path, "--skip-errors")
    assert (count(operator, "participants"), count(operator, "checkins")) == (BATCH + 50, 6 * (BATCH + 50))


@contextmanager
def _refusing_more_than(operator: Operator, women: int) -> Iterator[None]:
    """The store takes no more women than these: to the import it is as if somebody had registered one of its own."""
    _run(
        operator,
        f"CREATE TRIGGER taken BEFORE INSERT ON participants WHEN (SELECT count(*) FROM participants) >= {women} "
        "BEGIN SELECT RAISE(ABORT, 'the same record_id'); END",
    )
    yield
    _run(operator, "DROP TRIGGER taken")


def _run(operator: Operator, statement: str) -> None:
    with sqlite3.connect(operator.home / "hilo.sqlite3") as connection:
        connection.execute(statement)
    connection.close()


def test_a_dry_run_stores_nothing(operator: Operator, write: Write) -> None:
    assert "2 rows would be imported" in operator.done("participants", "import", write(GOOD), "--dry-run")
    assert count(operator, "participants") == 0
    bad = write(f"{HEADER}\nLC-001,Rosa Prueba,13/31/2026\n")
    assert "no month 31" in operator.refused("participants", "import", bad, "--dry-run")


def test_unknown_columns_are_told(operator: Operator, write: Write) -> None:
    path = write(f"{HEADER},shoe_size\nLC-001,Rosa Prueba,,24\n")
    result = operator.types("participants", "import", path)
    assert result.exit_code == 0
    assert "shoe_size: this column is not known" in result.stderr


def test_a_consent_on_paper_is_kept(operator: Operator, write: Write) -> None:
    columns = f"{HEADER},consent_on_paper,consent_version,consent_witness"
    half = write(f"{columns}\nLC-001,Rosa Prueba,,2026-02-01,,\n")
    assert "needs its date, its version and its witness" in operator.refused("participants", "import", half)
    assert count(operator, "consents") == 0
    operator.done("participants", "import", write(f"{columns}\nLC-001,Rosa Prueba,,2026-02-01,v1,Luz Testigo\n"))
    assert count(operator, "consents") == 1


def test_a_file_that_is_not_there(operator: Operator, tmp_path: Path) -> None:
    assert "no such file" in operator.refused("participants", "import", tmp_path / "none.csv")
    assert "is a directory" in operator.refused("participants", "import", tmp_path)


def test_the_place_sets_the_clock(operator: Operator, write: Write) -> None:
    columns = f"{HEADER},zone,state,municipality"
    rows = "LC-1,A A,,America/Tijuana,,\nLC-2,B B,,,Quintana Roo,\nLC-3,C C,,,,\n"
    operator.done("participants", "import", write(f"{columns}\n{rows}"))
    zones = [woman["zone"] for woman in operator.read("participants", "list")]
    assert zones == ["America/Tijuana", "America/Cancun", "America/Mexico_City"]


def test_a_thousand_women_are_soon_registered(operator: Operator, write: Write) -> None:
    rows = "".join(f"LC-{number:04},Persona{number:04} Inventada,2026-02-28\n" for number in range(1000))
    operator.done("participants", "import", write(f"{HEADER}\n{rows}"))
    assert (count(operator, "participants"), count(operator, "checkins")) == (1000, 6000)


def test_the_staff_column_gives_each_woman_to_whom_it_names(operator: Operator, write: Write) -> None:
    _run(operator, "INSERT INTO installation (name, value) VALUES ('bot_username', 'hilo_bot')")
    operator.done("invite", "staff", "--role", "staff", "--name", "Lupe Peña")
    rows = "LC-1,A A,,lupe  PENA\nLC-2,B B,,\n"
    operator.done("participants", "import", write(f"{HEADER},staff\n{rows}"))
    assert given(operator) == 1
    said = operator.refused("participants", "import", write(f"{HEADER},staff\nLC-3,C C,,Nadie\n"))
    assert "line 2, staff: is nobody of the team" in said
    operator.done("participants", "set", "LC-2", "--staff", "Lupe Pena")
    assert given(operator) == 2
    operator.done("participants", "set", "LC-2", "--staff", "none")
    assert given(operator) == 1
    assert "nobody of the team" in operator.refused("participants", "set", "LC-2", "--staff", "Nadie")


def given(operator: Operator) -> int:
    """How many women are with somebody of the team."""
    with sqlite3.connect(operator.home / "hilo.sqlite3") as connection:
        (found,) = connection.execute("SELECT count(*) FROM participants WHERE staff_id IS NOT NULL").fetchone()
    connection.close()
    return int(found)


def test_whoever_may_be_registered_already_is_told_apart_by_somebody(operator: Operator, write: Write) -> None:
    head = "record_id,name,birth_year"
    operator.done("participants", "import", write(f"{head}\nLC-1,María López Hernández,1990\n"))
    rows = "LC-2,Hernandez Maria Lopez,1990\nLC-3,Maria Lopez H.,1990\nLC-4,Maria Lopez Hernandez,1985\n"
    path = write(f"{head}\n{rows}")
    for more in ((), ("--dry-run",), ("--same", "2"), ("--skip-errors",)):
        said = operator.refused("participants", "import", path, *more)
        assert "line 3: Maria Lopez H. may be LC-1 María López Hernández, line 2" in said
        assert ("line 2:" in said) == ("--same" not in more)
        assert "line 4" not in said, "born in another year"
        assert count(operator, "participants") == 1
    operator.done("participants", "import", path, "--same", "2", "--other", "3")
    found = [woman["record_id"] for woman in operator.read("participants", "list")]
    assert found == ["LC-1", "LC-3", "LC-4"]
