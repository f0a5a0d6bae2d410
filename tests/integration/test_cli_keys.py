"""`hilo keys` and `hilo audit` as an operator types them, and what doctor says of keys."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from storage.vault import read_keys
from tests.support.operator import NOBODY_LISTENS, Operator

ROSTER = "record_id,name\nR-1,Ana Ejemplo\nR-2,Eva Ejemplo\n"


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """An installation with two women, whose key lies apart."""
    home, apart = tmp_path / "home", tmp_path / "apart"
    apart.mkdir(mode=0o700)
    settled = Operator(home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_KEY_FILE": str(apart / "key")})
    settled.begins()
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    settled.done("participants", "import", tmp_path / "roster.csv")
    return settled


def key_file(operator: Operator) -> Path:
    return Path(operator.environment["HILO_KEY_FILE"])


def change(operator: Operator, statement: str) -> None:
    with closing(sqlite3.connect(operator.home / "hilo.sqlite3")) as database, database:
        database.execute(statement)


# --- the copy


def test_a_copy_is_whole_its_owners_alone_and_never_written_over(operator: Operator, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    said = operator.done("keys", "backup", copy)
    assert "Take it to another place now" in said
    assert read_keys(copy) == read_keys(key_file(operator))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    before = copy.read_bytes()
    assert "nothing is overwritten" in operator.refused("keys", "backup", copy)
    assert copy.read_bytes() == before
    assert all(key.hex() not in said for key in read_keys(copy).sealing.values())


@pytest.mark.holds("T-server-3")
@pytest.mark.parametrize("where", ["home/copy", "home/backups/copy", "apart/copy", "link/copy", "home/../home/copy"])
def test_a_copy_beside_what_it_opens_is_refused(operator: Operator, tmp_path: Path, where: str) -> None:
    (operator.home / "backups").mkdir()
    (tmp_path / "link").symlink_to(operator.home)
    assert "on another disk" in operator.refused("keys", "backup", tmp_path / where)
    assert not (tmp_path / where).exists()
    assert "no copy of today's keys" in operator.types("doctor").stdout


def test_a_copy_into_nowhere_is_told(operator: Operator, tmp_path: Path) -> None:
    assert "no such file" in operator.refused("keys", "backup", tmp_path / "none" / "copy")


def test_the_copy_opens_what_the_lost_key_file_opened(operator: Operator, tmp_path: Path) -> None:
    operator.done("keys", "backup", tmp_path / "copy")
    key_file(operator).unlink()
    assert "put back your copy" in operator.refused("participants", "list")
    (tmp_path / "copy").rename(key_file(operator))
    assert "Ana Ejemplo" in operator.done("participants", "show", "R-1")


# --- new keys


def test_keys_change_in_three_steps(operator: Operator, tmp_path: Path) -> None:
    first = read_keys(key_file(operator))
    said = operator.done("keys", "rotate")
    assert "New keys stand in" in said
    assert "hilo keys backup FILE" in said
    both = read_keys(key_file(operator))
    assert (list(both.sealing), list(both.lookup), list(both.audit)) == (["s1", "s2"], ["d1", "d2"], ["a1", "a2"])
    assert "hilo keys backup FILE" in operator.done("keys", "rotate"), "without a copy the earlier keys stay"
    assert read_keys(key_file(operator)) == both
    operator.done("keys", "backup", tmp_path / "copy")
    assert "hilo keys rotate" in operator.types("doctor").stdout
    assert "The earlier keys are gone" in operator.done("keys", "rotate")
    last = read_keys(key_file(operator))
    assert (list(last.sealing), list(last.lookup), list(last.audit)) == (["s2"], ["d2"], ["a1", "a2"])
    assert not {*first.sealing.values(), *first.lookup.values()} & {*last.sealing.values(), *last.lookup.values()}
    assert "Ana Ejemplo" in operator.done("participants", "show", "r-1")
    assert "the audit trail holds" in operator.done("audit", "verify")
    assert "the database is sound" in operator.done("db", "check")
    assert "already registered" in operator.refused("participants", "import", tmp_path / "roster.csv")


def test_a_database_from_before_opens_with_the_copy(operator: Operator, tmp_path: Path) -> None:
    older = (operator.home / "hilo.sqlite3").read_bytes()
    operator.done("keys", "rotate")
    operator.done("keys", "backup", tmp_path / "copy")
    operator.done("keys", "rotate")
    for file in operator.home.glob("hilo.sqlite3*"):
        file.unlink()
    (operator.home / "hilo.sqlite3").write_bytes(older)
    (operator.home / "hilo.sqlite3").chmod(0o600)
    assert "not the one that this database was made with" in operator.refused("participants", "list")
    key_file(operator).unlink()
    (tmp_path / "copy").rename(key_file(operator))
    assert "Ana Ejemplo" in operator.done("participants", "show", "R-1")


def test_what_still_needs_the_earlier_keys_is_told(operator: Operator) -> None:
    row = "values (1, 'd1.00', 1, '2099-01-01', '2099-01-01')"
    change(operator, "insert into staff (id, name, role, added_at) values (1, x'00', 'coordinator', '2026-01-01')")
    change(operator, f"insert into approvals (id, code_digest, drawn_by, drawn_at, expires_at) {row}")
    said = operator.refused("keys", "rotate")
    assert "1 approval codes wait to be used" in said
    assert "run hilo keys rotate again" in said
    change(operator, "update approvals set used_at = '2026-01-01'")
    assert "hilo keys backup FILE" in operator.done("keys", "rotate")


# --- the trail


def test_a_trail_nobody_touched_holds(operator: Operator) -> None:
    assert operator.done("audit", "verify").startswith("the audit trail holds: ")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("delete from audit where number = (select max(number) from audit)", "somebody took it away"),
        ("delete from audit", "ends with entry 0, but entry 1 was there"),
        ("delete from audit where number = 1", "does not hold from entry 1 on"),
        ("update audit set action = 'nothing' where number = 2", "does not hold from entry 2 on"),
        ("update audit set number = case number when 1 then -2 else -1 end where number < 3", "from entry 1 on"),
    ],
)
def test_a_touched_trail_is_told_by_number(operator: Operator, statement: str, words: str) -> None:
    change(operator, statement)
    assert words in operator.refused("audit", "verify")
    assert words in operator.refused("db", "check")
    assert "Ana Ejemplo" in operator.done("participants", "show", "R-1"), "which is written down after it"
    assert operator.types("audit", "verify").exit_code == 1, "and hides nothing"


def test_a_lost_head_is_told_once_and_written_anew(operator: Operator) -> None:
    head = key_file(operator).with_name("key.head")
    head.unlink()
    assert "is gone" in operator.refused("audit", "verify")
    assert stat.S_IMODE(head.stat().st_mode) == 0o600
    assert "holds" in operator.done("audit", "verify")
    head.write_text("?")
    assert "cannot be read" in operator.refused("audit", "verify")


# --- doctor


@pytest.mark.holds("T-server-3")
def test_doctor_minds_keys_that_lie_with_the_data(operator: Operator, tmp_path: Path) -> None:
    said = operator.types("doctor").stdout
    assert "apart from the database" in said
    beside = operator.home / "key"
    beside.write_bytes(key_file(operator).read_bytes())
    beside.chmod(0o600)
    said = operator.types("doctor", key_file=str(beside)).stdout
    assert "MIND   the key file lies with the database" in said
    operator.done("keys", "backup", tmp_path / "copy")
    assert "a copy of the keys was made" in operator.types("doctor").stdout


def test_doctor_refuses_a_folder_where_others_may_put_a_key(operator: Operator) -> None:
    key_file(operator).parent.chmod(0o770)
    assert "others may put another key file" in operator.types("doctor").stdout
