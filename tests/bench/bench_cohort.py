"""Two thousand scripted women over 24 virtual months, through the real intake, runner, tick, courier and store.

* The simulator answers in this process, Telegram's limits are off, and the clock goes from one due moment to the next.
* It counts only if the ledger tells, at the end and as of earlier days, what the script knows to be true.
"""

from __future__ import annotations

import asyncio
import os
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

from storage.upgrade import upgrade
from tests.bench.peers import in_process
from tests.integration.test_cohort import play
from tests.support.fieldwork import without_threads
from tests.support.truths import INVITED, WINDOWS
from tests.support.world import sqlite_url

WOMEN = int(os.environ.get("HILO_COHORT", "2000"))
MONTHS, SEED = 6, 7


def measure() -> Iterator[str]:
    """The lines to print."""
    women, checkins, invitations, seconds, cpu, peak = in_process(_played)
    yield (
        f"{women:,} women, {checkins:,} check-ins, {invitations:,} invited, 24 months: {seconds:.0f} s"
        f" ({cpu:.0f} s of CPU), at most {peak:.0f} MB; the funnel told the truth on all five days"
    )


def _played() -> tuple[int, int, int, float, float, float]:
    with tempfile.TemporaryDirectory(prefix="hilo-cohort-") as folder, without_threads():
        migrated = Path(folder, "migrated.sqlite3")
        asyncio.run(upgrade(sqlite_url(migrated)))
        began, busy = perf_counter(), process_time()
        truth = asyncio.run(play(Path(folder, "home"), migrated, SEED, women=WOMEN, months=MONTHS))
        took, worked = perf_counter() - began, process_time() - busy
    invited = sum(count for (_, stands), count in truth.items() if stands == INVITED)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return WOMEN, WOMEN * len(WINDOWS), invited, took, worked, peak
