"""A death that was written down by mistake and taken back: nobody is asked twice, and nothing stays ended by it.

* The bot and the watch are those of `test_ledger_invariants`; what happens is told here step by step.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.property.test_ledger_invariants import live
from tests.support.fortunes import Step
from tests.support.world import migrated_file

__all__ = ["migrated_file"]

JOINS = Step(1, "joins", 0, 7)
"""Released today, in Cancún: her first check-in opens in a week at nine, and closes in three."""

LINE_AT_OPENING = Step(164, "line", 0, 3)
"""Telegram cannot be reached for thirty hours, in which her first check-in opens."""


@pytest.mark.parametrize(
    "steps",
    [
        (JOINS, Step(24, "dies", 0, 0), Step(24 * 2, "lives", 0, 0)),
        (JOINS, Step(24, "dies", 0, 0), Step(24 * 40, "lives", 0, 0)),
        (JOINS, Step(24 * 9, "dies", 0, 0), Step(24 * 2, "lives", 0, 0)),
        (JOINS, Step(24 * 9, "dies", 0, 0), Step(24 * 40, "lives", 0, 0)),
        (JOINS, Step(24 * 9, "dies", 0, 0), Step(24, "plan", 0, 2), Step(24 * 5, "lives", 0, 0)),
        (JOINS, LINE_AT_OPENING, Step(5, "dies", 0, 0), Step(24 * 3, "lives", 0, 0)),
        (JOINS, LINE_AT_OPENING, Step(5, "dies", 0, 0), Step(5, "lives", 0, 0)),
    ],
    ids=["before", "never asked", "asked", "asked and over", "another plan", "held back", "on its way"],
)
@pytest.mark.parametrize("manner", ["silent", "partly", "puts_off"])
def test_who_lives_goes_on_where_she_was(migrated_file: Path, steps: tuple[Step, ...], manner: str) -> None:
    live(migrated_file, steps, [[manner]] * 3, days=60)
