"""The tick: APScheduler wakes us at intervals, and does nothing else.

* It holds no business state: what is due stands in the database, and is found anew at each tick.
* A tick that fails is logged and the next one tries again; ticks of one kind never overlap.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]


class Tick:
    """Runs jobs at their intervals on the running event loop, from `start` to `stop`."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def every(self, seconds: float, job: Job, *, name: str) -> None:
        """Have `job` run every so many seconds. What a missed run would have done, the next one does."""
        self._scheduler.add_job(
            _guarded(job, name),
            "interval",
            seconds=seconds,
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        self._scheduler.shutdown(wait=False)


def _guarded(job: Job, name: str) -> Job:
    async def run() -> None:
        try:
            await job()
        except Exception as error:  # whatever it is, the next tick tries again
            log.error("tick failed", extra={"action": "tick_failed", "job": name, "error": type(error).__name__})

    return run
