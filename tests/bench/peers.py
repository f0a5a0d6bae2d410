"""The peers' way to know what is due: one APScheduler job for each participant."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.base import BaseJobStore
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.base import STATE_RUNNING, BaseScheduler

FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cost:
    """What one job per participant costs: microseconds to add each, megabytes beyond an empty scheduler, milliseconds
    to start with all of them and to wake up for those that are due."""

    add: float
    resident: float
    start: float
    wake: float


def in_process(work: Callable[..., Any], *given: Any) -> Any:
    """What `work` returns in a process of its own, whose memory nobody else has used."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def resident() -> float:
    """Megabytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def peak() -> float:
    """Megabytes that this program held at most; getrusage also tells what whoever started it held before."""
    (told,) = (line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if "VmHWM" in line)
    return int(told.split()[1]) / 1e3


class Woken(BaseScheduler):  # type: ignore[misc]
    """A scheduler that looks for what is due when it is told to, and not before."""

    def shutdown(self, wait: bool = True) -> None:
        """End."""
        super().shutdown(wait)

    def wakeup(self) -> None:
        """Not by itself."""


def no_work() -> None:
    """What is due costs nothing by itself."""


def one_job_each(file: str | None, participants: int, due: int) -> Cost:
    """APScheduler with a job for each participant, in memory or in the SQLite database `file`."""
    store = _store(file)
    scheduler = _scheduler(store)
    scheduler.start(paused=True)
    before, began = resident(), perf_counter()
    for number in range(participants):
        at = datetime.now(UTC) if number < due else FAR + timedelta(seconds=number)
        scheduler.add_job(no_work, "date", run_date=at, id=str(number), misfire_grace_time=None)
    added = perf_counter() - began
    held = resident() - before
    if file is not None:
        scheduler.shutdown()
        scheduler = _scheduler(_store(file))
        began = perf_counter()
        scheduler.start(paused=True)
        started = perf_counter() - began
    else:  # nothing survived: a start is adding them all
        started = added
    scheduler.state = STATE_RUNNING
    began = perf_counter()
    scheduler._process_jobs()
    woke = perf_counter() - began
    assert len(scheduler.get_jobs()) == participants - due
    return Cost(added / participants * 1e6, held, started * 1e3, woke * 1e3)


def _store(file: str | None) -> BaseJobStore:
    return MemoryJobStore() if file is None else SQLAlchemyJobStore(f"sqlite:///{file}")


def _scheduler(store: BaseJobStore) -> Woken:
    return Woken(jobstores={"default": store}, executors={"default": DebugExecutor()}, timezone="UTC")
