"""The command line as an operator meets it: what each verb prints, and the one clear line when it can't be done."""

import asyncio
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.refusals import explain
from bot.demo.simulator import Simulator
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import HeldClock

TOKEN = "4242:una-palabra"
ROSTER = "record_id,name,release_date\nLC-001,Rosa Prueba,2026-02-28\nLC-002,Luz Ejemplo,\n"


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Somebody who has not begun."""
    return Operator(tmp_path / "home", {"HILO_BOT_API_URL": NOBODY_LISTENS})


@pytest.fixture
def settled(operator: Operator) -> Operator:
    """Somebody whose installation stands, without a token."""
    operator.begins()
    return operator


@pytest.fixture
def staffed(settled: Operator, tmp_path: Path) -> Operator:
    """Somebody who has registered two women."""
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    settled.done("participants", "import", tmp_path / "roster.csv")
    return settled


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- init


def test_init_makes_what_is_missing_for_its_owner_alone(operator: Operator) -> None:
    said = operator.done("init", "--no-input")
    home = operator.home
    assert (mode(home), mode(home / "key"), mode(home / "config.toml")) == (0o700, 0o600, 0o600)
    assert mode(home / "hilo.sqlite3") == 0o600
    assert "Next: write the bot's token" in said
    assert (home / "key").read_text(encoding="utf-8") not in said
    assert operator.done("db", "check").startswith("the database is sound")


@pytest.mark.parametrize("command", [("init", "--no-input"), ("db", "upgrade")])
def test_a_database_elsewhere_is_its_owners_alone(settled: Operator, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    settled.done(*command, database_url=f"sqlite+aiosqlite:///{tmp_path}/elsewhere/hilo.sqlite3")
    assert {mode(path) for path in (tmp_path / "elsewhere").iterdir()} == {0o600}


def test_init_can_be_repeated(settled: Operator) -> None:
    before = {path.name: path.read_bytes() for path in settled.home.iterdir() if "sqlite" not in path.name}
    (settled.home / "config.toml").write_text("# mine\n", encoding="utf-8")
    settled.done("init", "--no-input")
    assert (settled.home / "key").read_bytes() == before["key"]
    assert (settled.home / "config.toml").read_text(encoding="utf-8") == "# mine\n"


def test_init_asks_for_the_token(operator: Operator) -> None:
    environment = {"HILO_HOME": str(operator.home), "HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_BOT_TOKEN": None}
    result = CliRunner().invoke(app, ["init"], env=environment, input=f"mal copiado\n{TOKEN}\n")
    assert result.exit_code == 0, result.output
    assert "copy it whole" in result.stderr
    assert f'bot_token = "{TOKEN}"' in (operator.home / "config.toml").read_text(encoding="utf-8")
    assert TOKEN not in result.output
    assert f"For later: {NOBODY_LISTENS} can't be reached" in result.stderr


def test_init_makes_no_new_key_for_an_old_database(settled: Operator) -> None:
    (settled.home / "key").unlink()
    assert "put back your copy" in settled.refused("init", "--no-input")
    assert not (settled.home / "key").exists()


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file", encoding="utf-8")
    assert "home" in Operator(tmp_path / "home", {}).refused("init", "--no-input")


# --- before anything else


@pytest.mark.parametrize(
    "command",
    [
        ("participants", "list"),
        ("participants", "show", "LC-001"),
        ("ledger",),
        ("db", "check"),
        ("db", "upgrade"),
        ("export", "--out", "out"),
        ("invite", "participant", "LC-001"),
        ("invite", "staff", "--role", "admin", "--name", "Ana"),
        ("run",),
    ],
)
def test_without_an_installation_each_verb_says_so(operator: Operator, command: tuple[str, ...]) -> None:
    assert "run hilo init" in operator.refused(*command)


def test_a_missing_database_is_told(settled: Operator) -> None:
    (settled.home / "hilo.sqlite3").unlink()
    assert "there is no database" in settled.refused("participants", "list")


def test_an_older_database_is_told(settled: Operator) -> None:
    (settled.home / "hilo.sqlite3").unlink()
    sqlite3.connect(settled.home / "hilo.sqlite3").close()
    assert "run hilo db upgrade" in settled.refused("participants", "list")
    assert "is upgraded" in settled.done("db", "upgrade")
    assert "up to date" in settled.done("db", "upgrade")


def test_another_installations_key_is_told(staffed: Operator, tmp_path: Path) -> None:
    other = Operator(tmp_path / "other", {})
    other.done("init", "--no-input")
    shutil.copy(other.home / "key", staffed.home / "key")
    assert "not the one that this database was made with" in staffed.refused("participants", "list")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda key: key.chmod(0o644), "chmod 600"),
        (lambda key: key.write_text("{}", encoding="utf-8"), "damaged"),
        (lambda key: key.unlink(), "put back your copy of it"),
    ],
)
def test_a_spoilt_key_is_told(settled: Operator, spoil: object, words: str) -> None:
    assert callable(spoil)
    spoil(settled.home / "key")
    assert words in settled.refused("participants", "list")


def test_a_damaged_database_is_told(settled: Operator) -> None:
    (settled.home / "hilo.sqlite3").write_bytes(b"no database at all, " * 1000)
    assert "no SQLite database" in settled.refused("participants", "list")


def test_bad_settings_are_told_line_by_line(settled: Operator) -> None:
    told = settled.refused("ledger", tick_seconds="60", database_url="postgresql+asyncpg://db/hilo")
    assert [line.partition(":")[0] for line in told.splitlines()] == ["HILO_DATABASE_URL", "HILO_TICK_SECONDS"]


def test_a_changed_audit_trail_is_told(staffed: Operator) -> None:
    with sqlite3.connect(staffed.home / "hilo.sqlite3") as connection:
        connection.execute("UPDATE audit SET subject = '1' WHERE number = 2")
    connection.close()
    assert "from entry 2 on" in staffed.refused("db", "check")


# --- looking things up


def test_the_roster_is_shown(staffed: Operator) -> None:
    assert "LC-001\tRosa Prueba\t2026-02-28\tno chat yet" in staffed.done("participants", "list")
    listed = staffed.read("participants", "list")
    assert [woman["record_id"] for woman in listed] == ["LC-001", "LC-002"]
    assert listed[1]["release_date"] is None


def test_one_woman_is_shown_with_her_check_ins(staffed: Operator) -> None:
    shown = staffed.read("participants", "show", "LC-002")
    assert [checkin["point"] for checkin in shown["checkins"]] == ["s1", "m1", "m3", "m6", "m12", "m24"]
    assert {checkin["state"] for checkin in shown["checkins"]} == {"waiting_for_date"}
    assert "m24\tno date\twaiting_for_date" in staffed.done("participants", "show", "LC-002")


@pytest.mark.parametrize("command", [("participants", "show"), ("invite", "participant")])
def test_an_unknown_record_id_is_told(staffed: Operator, command: tuple[str, ...]) -> None:
    assert "nobody is registered as LC-999" in staffed.refused(*command, "LC-999")


def test_the_ledger_counts_by_point(staffed: Operator) -> None:
    told = staffed.read("ledger")
    assert [(row["point"], row["expected"]) for row in told["points"]] == [
        (point, 2) for point in ("s1", "m1", "m3", "m6", "m12", "m24")
    ]
    assert (told["total"]["expected"], told["total"]["waiting_for_date"]) == (12, 6)
    assert "open: 6 wait for a date" in staffed.done("ledger")


def test_a_plan_is_checked(operator: Operator, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    point = '[[points]]\nname = "{}"\noffset = {{ days = 7 }}\nwindow = {{ after = 9 }}\ninstruments = {}\n'
    plan.write_text('name = "p"\n' + point.format("s1", '["llegada"]'), encoding="utf-8")
    assert "s1\t7 days" in operator.done("plan", "check", plan)
    two = point.format("s1", '["llegada", "seguimiento"]') + point.format("s2", '["encuesta"]')
    plan.write_text('name = "p"\n' + two, encoding="utf-8")
    told = operator.refused("plan", "check", plan)
    assert "point s1" not in told  # both in one sitting is sound
    assert "point s2: instruments: there is no instrument encuesta" in told
    assert "can't be read" in operator.refused("plan", "check", tmp_path / "none.toml")


def test_an_export_is_written_once(staffed: Operator, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "checkins\t12 rows" in staffed.done("export", "--format", "csv", "--out", out)
    assert {"people.csv", "answers.csv", "checkins.csv", "codebook.csv", "datapackage.json"} <= {
        path.name for path in out.iterdir()
    }
    assert "--force" in staffed.refused("export", "--out", out)
    staffed.done("export", "--out", out, "--force")
    assert "no such folder" in staffed.refused("export", "--out", tmp_path / "none" / "out.zip")
    told = staffed.types("export", "--out", tmp_path / "few")
    assert "left out so that no woman stands out" in told.stderr
    assert "left out" not in staffed.types("export", "--out", tmp_path / "why", "--reason", "prueba").stderr
    assert "--reason" in staffed.refused("export", "--identified", "--out", tmp_path / "who")
    wrong = ("--identified", "--reason", "prueba", "--approval", "ABCDEFGHJK")
    assert "not valid" in staffed.refused("export", *wrong, "--out", tmp_path / "who")
    assert not (tmp_path / "who").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("export", "--format", "docx", "--out", "x"),
        ("export",),
        ("invite", "staff", "--role", "queen", "--name", "Ana"),
        ("dance",),
        ("participants", "import"),
    ],
)
def test_wrong_usage_is_status_2(settled: Operator, command: tuple[str, ...]) -> None:
    assert settled.types(*command).exit_code == 2


# --- doctor


async def test_doctor_finds_all_well(settled: Operator) -> None:
    async with Simulator(token=TOKEN, now=HeldClock()).serve() as url:
        said = await asyncio.to_thread(settled.done, "doctor", bot_token=TOKEN, bot_api_url=url)
    await asyncio.to_thread(settled.done, "invite", "staff", "--role", "admin", "--name", "Ana Prueba")
    assert "WRONG" not in said
    assert [line.partition(":")[0] for line in said.splitlines() if line.startswith("MIND")] == [
        f"MIND   the key file lies with the database, in {settled.home}",
        "MIND   no copy of today's keys is kept apart",
        "MIND   nobody is told when a woman asks for help",
        "MIND   telephone lines",
        "MIND   no backup was made yet",
        "MIND   no backup was proved on another machine",
        "MIND   nobody has said how long data are kept",
    ]
    with (settled.home / "config.toml").open("a", encoding="utf-8") as file:
        file.write("\nblocked_days = 30\naccounted_days = 900\n")
    assert "blocked 30 days, and accounted for 900" in (await asyncio.to_thread(settled.types, "doctor")).stdout
    assert "@hilo_demo_bot" in said


def test_doctor_sees_for_itself_that_nothing_leaves(settled: Operator) -> None:
    with closing(sqlite3.connect(settled.home / "hilo.sqlite3")) as database, database:
        waits = "values (1, 'o', 3, 'ready', '2026-01-01 00:00:00')"
        database.execute(f"insert into outbox (id, origin, urgency, state, ready_at) {waits}")
    said = settled.types("doctor").stdout
    assert "MIND   messages are due for an hour and none leaves: is hilo run at work?" in said


def test_doctor_tells_of_a_missing_key_once_and_of_a_database_for_all_to_read(settled: Operator) -> None:
    (settled.home / "hilo.sqlite3").chmod(0o644)
    assert "hilo.sqlite3 can be read by others: run chmod 600 on it" in settled.types("doctor").stdout
    (settled.home / "key").unlink()
    said = settled.types("doctor").stdout
    assert said.count("put back your copy of it") == 1
    assert "hilo init" not in said


def test_doctor_tells_everything_that_is_wrong(settled: Operator, tmp_path: Path) -> None:
    settled.home.chmod(0o755)
    (settled.home / "config.toml").chmod(0o644)
    (settled.home / "key").chmod(0o644)
    (settled.home / "hilo.sqlite3").unlink()
    result = settled.types("doctor", plan_file=str(tmp_path / "none.toml"))
    assert result.exit_code == 1
    wrong = [line for line in result.stdout.splitlines() if line.startswith("WRONG")]
    for words in ("chmod 700", "chmod 600 on it", "no bot token", "none.toml"):
        assert any(words in line for line in wrong), words
    assert "instruments are sound" in result.stdout


def test_doctor_before_init(operator: Operator) -> None:
    result = operator.types("doctor", poll_seconds="99")
    assert (result.exit_code, result.stdout.splitlines()[0][:25]) == (1, "WRONG  HILO_POLL_SECONDS:")
    result = operator.types("doctor")
    assert result.exit_code == 1
    assert "run hilo init" in result.stdout


# --- what the machine does to us


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("database is locked", "more than 10 s"),
        ("database or disk is full", "the disk is full"),
        ("attempt to write a readonly database", "can't be written"),
        ("unable to open database file", "can't be opened"),
    ],
)
def test_what_the_database_says_is_explained(said: str, words: str) -> None:
    told = explain(OperationalError("INSERT INTO vault", {"name": "Rosa"}, sqlite3.OperationalError(said)))
    assert told is not None
    assert words in told
    assert "Rosa" not in told


def test_a_fault_of_ours_is_not_explained_away() -> None:
    assert explain(sqlite3.OperationalError("no such table: vaults")) is None
    assert explain(ValueError("x")) is None
