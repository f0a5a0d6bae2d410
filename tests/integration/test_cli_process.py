"""The console script as a process: how light it is, and what a machine without room or a busy database makes it say."""

import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.operator import SCRIPT, Operator

HEAVY = ("sqlalchemy", "telegram", "aiohttp", "pydantic", "pyxform", "cryptography", "babel")
NAMES = [
    f"{given} {first} {second}" for given in "ABCDEFGHIJ" for first in "KLMNOPQRST" for second in "UVWXYZABCDEFGHIJKLMN"
]
ROSTER = "record_id,name,birth_year,release_date\n" + "".join(
    f"LC-{n:05},{name},{1950 + n % 50},2026-02-28\n" for n, name in enumerate(NAMES)
)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Somebody whose installation stands."""
    found = Operator(tmp_path / "home", {})
    assert found.runs("init", "--no-input").returncode == 0
    return found


def test_help_is_light(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom bot.cli import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        f"print('heavy:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "participants" in said
    assert said.endswith("heavy: []\n")


def test_refusals_are_one_line_and_status_1(operator: Operator) -> None:
    result = operator.runs("participants", "show", "LC-999")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "nobody is registered as LC-999: hilo participants list shows who is\n"
    assert operator.runs("dance").returncode == 2


def test_a_full_disk_is_told_and_the_rest_is_stored_once_there_is_room(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")

    def with_little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    result = subprocess.run(
        [SCRIPT, "participants", "import", tmp_path / "roster.csv"],
        env={"HILO_HOME": str(operator.home), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=with_little_room,
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert "disk" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert operator.runs("db", "check").returncode == 0
    stored = len(operator.runs("participants", "list").stdout.splitlines())
    assert stored < len(NAMES)
    assert operator.runs("participants", "import", tmp_path / "roster.csv", "--skip-errors").returncode == 0
    assert len(operator.runs("participants", "list").stdout.splitlines()) == len(NAMES)


def test_a_busy_database_is_waited_for_and_then_told(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER.partition("LC-00001")[0], encoding="utf-8")
    other = sqlite3.connect(operator.home / "hilo.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert operator.runs("ledger").returncode == 0, "who only reads need not wait"
    result = operator.runs("participants", "import", tmp_path / "roster.csv")
    other.execute("ROLLBACK")
    other.close()
    assert (result.returncode, result.stdout) == (1, "")
    assert "more than 10 s" in result.stderr
    assert operator.runs("participants", "import", tmp_path / "roster.csv").returncode == 0


def test_run_without_a_token_says_so(operator: Operator) -> None:
    result = operator.runs("run")
    assert result.returncode == 1
    assert "there is no bot token" in result.stderr
