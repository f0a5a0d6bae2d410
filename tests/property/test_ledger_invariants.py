"""Whatever happens in three years: every expected check-in is open with a deadline or has one fate, nobody is invited
twice or outside her hours, and nothing leaves against her wish.

The real intake, runner, tick, courier and store, on a clock that goes from one due moment to the next. Hypothesis draws
what happens (`tests/support/fortunes.py`); what must hold is looked at after every moment (`tests/support/watch.py`).
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from hypothesis import Phase, given, settings

from scheduler.plan import read_plan
from tests.support.fieldwork import fieldwork, fresh_store, without_threads
from tests.support.fortunes import HABITS, STEPS, Play, Step
from tests.support.lives import Days
from tests.support.moments import Moments, seldom_tried
from tests.support.short_plans import first_plan, install
from tests.support.watch import Watch
from tests.support.world import migrated_file

__all__ = ["migrated_file"]

# No shrinking: to play three years again and again takes longer than to read what was drawn.
EXAMPLES = int(os.environ.get("HILO_EXAMPLES", "30"))
THREE_YEARS = 3 * 365


async def play(
    home: Path, migrated: Path, *, steps: Sequence[Step], habits: Sequence[Sequence[str]], days: int
) -> None:
    """What was drawn, and so many days after. Raises Broken where something does not hold."""
    async with fresh_store(home, migrated) as store:
        await install(store.database)
        plan = first_plan(home)
        async with fieldwork(store, plan=plan) as bot:
            with Moments(store.clock) as bot.moments, closing(Watch(home / "hilo.sqlite3")) as watch:
                watch.follow(read_plan(plan))
                played = Play(Days(bot), watch, habits)
                for step in steps:
                    await played.take(step)
                await played.days.pass_to(bot.now + timedelta(days=days))
                watch.at_the_end(bot.now)
                assert not bot.failures.told


def live(migrated: Path, steps: Sequence[Step], habits: Sequence[Sequence[str]], *, days: int = THREE_YEARS) -> None:
    """The same from a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="hilo-fortunes-") as home, seldom_tried(), without_threads():
        asyncio.run(play(Path(home) / "home", migrated, steps=steps, habits=habits, days=days))


@given(steps=STEPS, habits=HABITS)
@settings(max_examples=EXAMPLES, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_whatever_happens(migrated_file: Path, steps: list[Step], habits: list[list[str]]) -> None:
    live(migrated_file, steps, habits)
