"""Time, ids and chance are made in `bot/clock.py` alone: ruff sees them anywhere else in the rooms."""

import re
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOMS, ROOT

MAKING = """\
import datetime
import random
import time
from datetime import UTC, date
from datetime import datetime as instant
from secrets import token_bytes
from uuid import uuid4

MADE = [
    datetime.datetime.now(UTC), instant.now(UTC), instant.utcnow(), date.today(), time.time(),
    random.random(), token_bytes(16), uuid4(),
]
"""
BANNED = {
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today", "time.time"),
    *("random", "secrets", "uuid.uuid4"),
}


def _banned(name: str) -> set[str]:
    """What ruff calls banned in `MAKING`, were it the named file."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", "--output-format", "concise"]
    result = subprocess.run(
        [*command, "--stdin-filename", name, "-"], cwd=ROOT, input=MAKING, check=False, capture_output=True, text=True
    )
    assert not result.stderr
    return set(re.findall(r"TID251 `([\w.]+)` is banned", result.stdout))


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_may_not_make_them(room: str) -> None:
    assert _banned(f"{room}/planted.py") == BANNED


def test_the_clock_may() -> None:
    assert _banned("bot/clock.py") == set()
