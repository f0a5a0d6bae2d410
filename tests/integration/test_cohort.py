"""Two years of a cohort of scripted women through the real intake, runner, tick, courier and store: what the ledger
tells of them, at the end and as of earlier days, is what the script knows to be true."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage import funnel
from storage.fates import Fate
from tests.support.cohort import Cohort
from tests.support.fieldwork import Fieldwork, fieldwork, fresh_store, without_threads
from tests.support.lives import Days
from tests.support.truths import INVITED, OPEN, STARTED, WINDOWS, Totals
from tests.support.world import migrated_file

__all__ = ["migrated_file"]

WOMEN, MONTHS = 27, 3
"""So many women are released, on one day of each of these first months."""

LASTS = timedelta(days=730)
DOWN_FROM, DOWN_TO = 245, 280
"""On these days the bot is down: longer than m6 of the third month's women is open."""


async def told(bot: Fieldwork, at: datetime) -> Totals:
    """What the ledger tells as of that moment."""
    found: Totals = Counter()
    async with bot.store.database.read() as tx:
        for tally in await funnel.tallies(tx, at):
            stands = str(tally.stood) if isinstance(tally.stood, Fate) else OPEN
            found[tally.point, stands] += tally.count
            found[tally.point, INVITED] += tally.count * tally.invited
            found[tally.point, STARTED] += tally.count * tally.started
    return found


async def play(home: Path, migrated: Path, seed: int, *, women: int = WOMEN, months: int = MONTHS) -> Totals:
    """The two years; returns the truth at their end. Raises AssertionError where script and ledger differ."""
    async with fresh_store(home, migrated, seed=str(seed)) as store, fieldwork(store) as bot:
        cohort = Cohort(Days(bot), seed)
        began = bot.now
        truths: list[tuple[datetime, Totals]] = []
        for month in range(months):
            await cohort.join(women // months, (bot.now - timedelta(days=30 * (month % 2))).date())
            await cohort.days.pass_to(began + timedelta(days=33 * (month + 1), hours=5))
        for days in (200, DOWN_FROM):
            await cohort.days.pass_to(began + timedelta(days=days, hours=7))
            truths.append((bot.now, cohort.totals()))
        await cohort.days.down_to(began + timedelta(days=DOWN_TO))
        for days in (400, 600, LASTS.days):
            await cohort.days.pass_to(began + timedelta(days=days, hours=7))
            truths.append((bot.now, cohort.totals()))
        assert not bot.failures.told
        for at, truth in truths:
            found = await told(bot, at)
            assert +found == +truth, (at, found - truth, truth - found)
        return truths[-1][1]


@pytest.mark.parametrize("seed", [1])
def test_the_funnel_tells_what_happened(seed: int, tmp_path: Path, migrated_file: Path) -> None:
    with without_threads():
        truth = asyncio.run(play(tmp_path, migrated_file, seed))
    assert {stands for _, stands in +truth} >= {*(fate.value for fate in Fate), INVITED, STARTED}
    assert {point for point, _ in +truth} == set(WINDOWS)
