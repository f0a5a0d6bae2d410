"""Exports that staff ask for in their chat: what was asked, how far it is, and how it ended.

* Each member of staff has one at a time. It stands as a row from the commit that asked for it, so that a crash leaves
  it to be made again, and never forgotten or made twice.
* Nothing here reads or writes a file: whoever does that says so, and the row says what may follow.
* Why and for whom is sealed, and goes into the register with the file; then nothing of it stays here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select, update

from storage import audit
from storage.apart import apart
from storage.audit import acting
from storage.database import Conflict, Tx
from storage.exports.exporting import CLOCK, COMMA, PUBLIC, STATISTICS, TEAM, Asked
from storage.members import Role
from storage.phones import Phone, phones
from storage.records import Entry, Lengthy, Writer
from storage.schema import accounts, export_jobs, outbox, staff
from storage.vault import Place

SEMICOLON = "semicolon"
CASES = ("people", "checkins", "wide")
SINGLE = ("people", "enrolments", "employments", "incomes", "supports", "measurements", "checkins", "answers", "wide")
SUMS = ("indicators", "funnel", "codebook", "codebook_redcap", "metadata")
"""The tables in the order in which they are written: of single women (CASES: a row for each woman or check-in), and the
others."""


class JobState(StrEnum):
    """Where an export stands: in the queue, being made, on its way, or over, and how."""

    WAITING = "waiting"
    MAKING = "making"
    HANDING = "handing"
    DONE = "done"
    CANCELLED = "cancelled"
    WITHHELD = "withheld"  # whoever asked may not have it any more
    FAILED = "failed"
    TOO_BIG = "too_big"
    TOO_LATE = "too_late"  # nobody was there to make it for too long
    LOST = "lost"  # nobody knows whether it arrived


class Way(StrEnum):
    """What became of a file that was handed to the courier."""

    COMING = "coming"
    ARRIVED = "arrived"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, why and for whom. With a `reason` nothing is left out of rows that stand out."""

    format: str
    separator: str = COMMA
    audience: str = TEAM
    reason: str | None = None
    recipient: str | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that it has, in the order in which they are written."""
        if self.audience == PUBLIC:
            return SUMS
        return (*(CASES if self.format in STATISTICS else SINGLE), *SUMS)

    def asked(self, out: Path, *, by: int) -> Asked:
        """The same as `hilo export` would have it, for this member of staff."""
        plain = Asked(out, self.format, self.separator, self.audience, by=acting(by))
        return replace(plain, reason=self.reason, recipient=self.recipient)


@dataclass(frozen=True, slots=True)
class Progress:
    """The table that is being written: which of how many, and how many of its rows there are."""

    step: int = 0
    steps: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """An export that was asked for. Its progress is shown in the message of that session and sprint."""

    id: int
    member: int
    account: int
    session: int
    sprint: int
    order: Order
    state: JobState
    asked_at: datetime
    shown_at: datetime
    progress: Progress


# --- what a step may know and asks for


@dataclass(frozen=True, slots=True)
class Risk:
    """Of so many women, how many stand out (`few`), and how many are like nobody else (`alone`)."""

    women: int
    few: int
    alone: int


@dataclass(frozen=True, slots=True)
class RiskNow(Lengthy):
    """How many women rows about single women would single out, as things stand."""

    async def find(self, tx: Tx) -> Risk:
        """The numbers."""
        from storage.report.findings import url_of  # numpy takes long to import

        return await asyncio.to_thread(_look, url_of(tx), tx.now.astimezone(CLOCK).year)


def _look(url: str, year: int) -> Risk:
    with apart(url) as reader:
        return reader.run(_assessed, year=year)


def _assessed(columns: Any, *, year: int) -> Risk:
    """In the process that reads."""
    from storage.exports.risk import assess  # pyarrow, which the bot need not have

    found = assess(columns, year=year)
    return Risk(found.women, found.few, found.alone)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The export of this member of staff that is not over."""

    member: int

    async def find(self, tx: Tx) -> Job | None:
        """It, if there is one."""
        row = (await tx.run(_open().where(export_jobs.c.staff_id == self.member))).first()
        return None if row is None else _job(tx, row)


@dataclass(frozen=True, slots=True)
class ExportOrdered:
    """A member of staff wants this; the message of that sprint shows how far it is."""

    order: Order
    by: int
    sprint: int


@dataclass(frozen=True, slots=True)
class ExportCancelled:
    """She does not want it any more."""

    by: int


@dataclass(frozen=True, slots=True)
class ExportFollowed:
    """The message of that sprint shows from now on how far hers is."""

    by: int
    sprint: int


async def _ordered(tx: Tx, entries: Sequence[Entry[ExportOrdered]]) -> None:
    """Raises Conflict if she has one that is not over."""
    for entry in entries:
        order, number = entry.record.order, tx.ids.random()
        here = select(accounts.c.id).where(accounts.c.lane == entry.lane, accounts.c.unlinked_at.is_(None))
        row = {
            **{"id": number, "staff_id": entry.record.by, "account_id": (await tx.run(here)).scalar_one()},
            **{"session_id": entry.session_id, "sprint": entry.record.sprint, "state": JobState.WAITING},
            **{"format": order.format, "separator": order.separator, "audience": order.audience},
            **{"asked_at": tx.now, "shown_at": tx.now},
            "reason": tx.vault.seal_text(Place("export_jobs", "reason", number), order.reason),
            "recipient": tx.vault.seal_text(Place("export_jobs", "recipient", number), order.recipient),
        }
        await tx.run(export_jobs.insert(), [row])
        detail = f"{order.format} {order.audience}"
        await audit.append(tx, [audit.Act(acting(entry.record.by), "export_asked", str(number), detail)])


async def _cancelled(tx: Tx, entries: Sequence[Entry[ExportCancelled]]) -> None:
    """Raises Conflict if it is over, or on its way."""
    for member in (entry.record.by for entry in entries):
        found = await UnderWay(member).find(tx)
        if found is None or not await end(tx, found, JobState.CANCELLED):
            raise Conflict("it is on its way, or over")


async def _followed(tx: Tx, entries: Sequence[Entry[ExportFollowed]]) -> None:
    for entry in entries:
        hers = (export_jobs.c.staff_id == entry.record.by) & export_jobs.c.done_at.is_(None)
        here = {"session_id": entry.session_id, "sprint": entry.record.sprint}
        await tx.run(update(export_jobs).where(hers).values(**here))


WRITERS: dict[type, Writer] = {ExportOrdered: _ordered, ExportFollowed: _followed, ExportCancelled: _cancelled}


# --- for whoever makes them


async def open_jobs(tx: Tx) -> list[Job]:
    """All that are not over, the longest asked for first."""
    found = await tx.run(_open().order_by(export_jobs.c.asked_at, export_jobs.c.id))
    return [_job(tx, row) for row in found]


async def now(tx: Tx, job: Job) -> Job | None:
    """How it stands by now; None once it is over."""
    row = (await tx.run(_open().where(export_jobs.c.id == job.id))).first()
    return None if row is None else _job(tx, row)


async def phone(tx: Tx, job: Job, roles: Collection[Role]) -> Phone | None:
    """The phone that it was asked from; None where whoever asked has no such role any more, or left that phone."""
    found = await phones(tx, (staff.c.id == job.member) & staff.c.role.in_(roles))
    return next((one for one in found if one.account == job.account), None)


async def again(tx: Tx) -> None:
    """What was being made when the process ended is made anew."""
    halfway = update(export_jobs).where(export_jobs.c.state == JobState.MAKING)
    await tx.run(halfway.values(state=JobState.WAITING, step=0, steps=0, rows=0))


async def begin(tx: Tx, job: Job) -> bool:
    """It is being made from now on. False if it is no longer wanted."""
    return await _from(tx, job, (JobState.WAITING,), values={"state": JobState.MAKING})


async def tell(tx: Tx, job: Job, progress: Progress) -> None:
    """Its message shows this now."""
    told = {"step": progress.step, "steps": progress.steps, "rows": progress.rows}
    await tx.run(update(export_jobs).where(export_jobs.c.id == job.id).values(**told, shown_at=tx.now))


async def hand(tx: Tx, job: Job) -> None:
    """It is made and on its way to her."""
    await _from(tx, job, (JobState.MAKING,), values={"state": JobState.HANDING, **_EMPTIED})


async def arrived(tx: Tx, job: Job) -> Way:
    """What has become of the file that was posted under `origin_of` this job."""
    found = (await tx.run(select(outbox.c.state).where(outbox.c.origin == origin_of(job)))).scalar_one_or_none()
    ways = {"ready": Way.COMING, "claimed": Way.COMING, "sent": Way.ARRIVED, "unknown": Way.DOUBTFUL}
    return Way.REFUSED if found is None else ways.get(found, Way.REFUSED)


def origin_of(job: Job) -> str:
    """The origin of the parcel that brings the file."""
    return f"export:{job.id:x}:file"


async def end(tx: Tx, job: Job, state: JobState) -> bool:
    """It is over, in this way; what did not leave is written down as such. False if it was over before, or (to be
    cancelled) is on its way."""
    unsent = (JobState.WAITING, JobState.MAKING)
    before = unsent if state is JobState.CANCELLED else (*unsent, JobState.HANDING)
    if not await _from(tx, job, before, values={"state": state, "done_at": tx.now, **_EMPTIED}):
        return False
    if state is not JobState.DONE:
        by = acting(job.member) if state is JobState.CANCELLED else "tick"
        await audit.append(tx, [audit.Act(by, "export_ended", str(job.id), state)])
    return True


_EMPTIED = {"reason": None, "recipient": None}


async def _from(tx: Tx, job: Job, before: Collection[JobState], *, values: dict[str, Any]) -> bool:
    here = update(export_jobs).where(export_jobs.c.id == job.id, export_jobs.c.state.in_(before))
    return bool((await tx.run(here.values(**values))).rowcount)


def _open() -> Select[Any]:
    return select(export_jobs).where(export_jobs.c.done_at.is_(None))


def _job(tx: Tx, row: Any) -> Job:
    order = Order(
        row.format,
        row.separator,
        row.audience,
        tx.vault.open_text(Place("export_jobs", "reason", row.id), row.reason),
        tx.vault.open_text(Place("export_jobs", "recipient", row.id), row.recipient),
    )
    progress = Progress(row.step, row.steps, row.rows)
    state, message = JobState(row.state), (row.session_id, row.sprint)
    return Job(row.id, row.staff_id, row.account_id, *message, order, state, row.asked_at, row.shown_at, progress)
