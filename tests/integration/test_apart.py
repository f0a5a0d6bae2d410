"""Work in a process of its own: what comes back from it, what cannot be done there, and how it ends."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage.apart import apart
from tests.support.world import sqlite_url


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An empty store."""
    file = tmp_path / "store.sqlite3"
    with closing(sqlite3.connect(file)) as rows:
        rows.execute("PRAGMA journal_mode=WAL")
        rows.execute("CREATE TABLE t (id INTEGER)")
    return sqlite_url(file)


def number(columns: Any) -> int:
    return os.getpid()


def add(columns: Any, *, one: int, other: int = 0) -> int:
    print("to nobody's harm")
    return one + other


def count(columns: Any, *, most: int, told: Callable[[int, str], None]) -> None:
    for each in range(most):
        told(each, "of it")


def fail(columns: Any) -> None:
    raise OSError(28, "no room")


class Awkward(Exception):
    """One that cannot be made again from what it says."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def fail_awkwardly(columns: Any) -> None:
    raise Awkward("this", "that")


def vanish(columns: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def open_python_s(columns: Any) -> None:
    sqlite3.connect(":memory:")


def has_pandas(columns: Any) -> bool:
    import pyarrow as pa

    pa.array([{"a": [1.5, None]}])
    return "pandas" in sys.modules


def test_what_work_returns_comes_back(url: str) -> None:
    with apart(url) as reader:
        assert reader.run(add, one=1, other=2) == 3
        assert reader.run(number) != os.getpid()


def test_what_it_tells_comes_in_order(url: str) -> None:
    heard = []
    with apart(url) as reader:
        reader.run(count, most=3, told=lambda *what: heard.append(what))
    assert heard == [(0, "of it"), (1, "of it"), (2, "of it")]


def test_one_that_is_free_is_used_again_and_two_at_once_are_two(url: str) -> None:
    with apart(url) as reader:
        first = reader.run(number)
    with apart(url) as reader, apart(url) as other:
        assert reader.run(number) == first
        assert other.run(number) != first


def test_one_that_waited_for_too_long_makes_way(url: str) -> None:
    with apart(url) as reader:
        first = reader.run(number)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    with apart(url) as reader:
        assert reader.run(number) != first


@pytest.mark.parametrize(
    ("work", "error", "told"),
    [(fail, OSError, "no room"), (fail_awkwardly, RuntimeError, "this and that"), (vanish, ChildProcessError, "gone")],
)
def test_what_fails_there_fails_here(url: str, work: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told), apart(url) as reader:
        reader.run(work)
    with apart(url) as reader:
        assert reader.run(add, one=1) == 1


def test_a_listener_that_fails_ends_it(url: str) -> None:
    def hear(each: int, _: str) -> None:
        raise OSError(f"heard {each}")

    with pytest.raises(OSError, match="heard 0"), apart(url) as reader:
        reader.run(count, most=1_000_000, told=hear)


def test_there_only_one_library_opens_databases(url: str) -> None:
    with pytest.raises(RuntimeError, match="second SQLite"), apart(url) as reader:
        reader.run(open_python_s)


def test_pyarrow_works_there_without_pandas(url: str) -> None:
    with apart(url) as reader:
        assert reader.run(has_pandas) is False


KILLED = """
import os, signal
from storage.apart import apart
from tests.integration.test_apart import number
with apart({url!r}) as reader:
    print(reader.run(number), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_ends_with_whoever_started_it(url: str) -> None:
    """It has the same standard error, and what waits for the end of that would wait for ever."""
    command = [sys.executable, "-c", KILLED.format(url=url)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout.strip().isdigit()
