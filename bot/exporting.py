"""Exports for chats: made one after another in a process beside the bot, registered and handed over in one commit.

* A file leaves once or not at all. Whatever becomes of it, whoever asked is told: that it comes, or why it does not.
* Whether she may still have it is asked again when it is made; then it is registered, audited and posted together.
* What stands on disk goes as soon as it has left, or can't leave any more.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.staff import export_views as views
from bot.staff.permissions import MAY
from conversations.speech import ButtonsRemoved, Changed, Phrase, Said, Speech, StoredFileHanded
from storage import cases_office
from storage.database import STORE_AWAY, Database, Tx
from storage.exports import jobs
from storage.exports.exporting import Asked, Exporter, Made, Shelf, register
from storage.exports.exporting import Progress as Told
from storage.exports.jobs import Job, JobState, Progress, Way
from storage.mail import Parcel, post
from storage.phones import Phone

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=3)
"""A message is changed this often at most: Telegram allows some twenty changes a minute in a chat."""

FRESH = timedelta(hours=1)
"""What was asked for longer ago is not begun: her phone may be in other hands by now."""

MOST_BYTES = views.LIMIT * views.MEGABYTE

HOURS = 24
"""After which a file leaves the chat."""

ROLES = MAY["export.menu"]

Make = Callable[[Asked, Told], Awaitable[Made]]
"""Writes an export where it is wanted, without registering it; to be cancelled. Raises whatever went wrong."""


def making(database: Database, url: str, *, shelf: Shelf) -> Make:
    """Makes exports of the store at that URL, as `hilo export` does."""
    exporter = Exporter(database, url, shelf=shelf)

    async def make(asked: Asked, told: Told) -> Made:
        async with exporter.written(asked, told) as (stage, made):
            stage.publish(single=asked.single)
        return made

    return make


@dataclass(slots=True)
class _Making:
    """The export that is being made."""

    job: Job
    asked: Asked
    progress: Progress = field(default_factory=Progress)
    task: asyncio.Task[Made] | None = None

    def tell(self, table: str, rows: int) -> None:
        """Called in another thread."""
        tables = self.job.order.tables
        self.progress = Progress(tables.index(table) + 1, len(tables), rows)

    def give_up(self) -> None:
        """Nobody wants it any more."""
        if self.task is not None:
            self.task.cancel()


class Exporting:
    """Makes what staff asked for, and hands it over; to be asked every second or so. `folder` is its own."""

    def __init__(self, database: Database, folder: Path, *, make: Make) -> None:
        self._database = database
        self._folder = folder
        self._make = make
        self._making: _Making | None = None
        self._begun = False

    @property
    def under_way(self) -> asyncio.Task[Made] | None:
        """The work on the export that is being made."""
        return None if self._making is None else self._making.task

    async def step(self) -> int:
        """Do what is due now; returns how much was posted."""
        if not self._begun:
            await self._begin()
        async with self._database.read() as tx:
            found = await jobs.open_jobs(tx)
        posted = 0
        for job in found:
            if job.state is JobState.HANDING:
                posted += await self._see_whether_it_arrived(job)
        if self._making is None:
            waiting = [job for job in found if job.state is JobState.WAITING]
            return posted + (await self._take(waiting[0]) if waiting else 0)
        if (task := self._making.task) is not None and task.done():
            return posted + await self._finish(self._making, task)
        return posted + await self._look(self._making)

    async def stop(self) -> None:
        """Give up what is being made; it is made anew when the bot is back."""
        if self._making is not None and self._making.task is not None:
            self._making.give_up()
            await asyncio.wait({self._making.task})

    async def _begin(self) -> None:
        """After a crash: make again what was being made, and keep on disk only what is on its way."""
        async with self._database.transact() as tx:
            await jobs.again(tx)
            handed = {f"{job.id:x}" for job in await jobs.open_jobs(tx) if job.state is JobState.HANDING}
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for left in self._folder.iterdir():
            if left.name not in handed:
                shutil.rmtree(left, ignore_errors=True)
        self._begun = True

    # --- one export

    async def _take(self, job: Job) -> int:
        """Begin with it, if it may still be made."""
        async with self._database.transact() as tx:
            if await jobs.phone(tx, job, ROLES) is None:
                await jobs.end(tx, job, JobState.WITHHELD)
                return 0
            if tx.now - job.asked_at > FRESH:
                return await _over(tx, job, JobState.TOO_LATE, said=views.too_late())
            if not await jobs.begin(tx, job):
                return 0
            day = tx.now.astimezone(ZoneInfo((await cases_office.office(tx)).zone)).date()
        out = self._room(job) / views.file_name(job.order, day)
        self._making = _Making(job, job.order.asked(out, by=job.member))
        self._making.task = asyncio.create_task(self._work(self._making))
        return 0

    async def _work(self, making: _Making) -> Made:
        making.asked.out.parent.mkdir(mode=0o700)
        return await self._make(making.asked, making.tell)

    async def _look(self, making: _Making) -> int:
        """Show how far it is; give it up where nobody wants it any more, or may have it."""
        async with self._database.transact() as tx:
            job = await jobs.now(tx, making.job)
            phone = None if job is None else await jobs.phone(tx, job, ROLES)
            if job is None or phone is None:
                await jobs.end(tx, making.job, JobState.WITHHELD)
                making.give_up()
                return 0
            if making.progress == job.progress or tx.now - job.shown_at < EVERY:
                return 0
            await jobs.tell(tx, job, making.progress)
            view = views.under_way(JobState.MAKING, making.progress)
            await _post(tx, job, phone, Changed(view.phrase, view.rows, job.session, job.sprint))
            return 1

    async def _finish(self, making: _Making, task: asyncio.Task[Made]) -> int:
        """Hand it over, or say why not. While the store is away all stays as it is: raises what STORE_AWAY names."""
        handed, posted = False, 0
        if not task.cancelled():  # else whoever cancelled it has written down why
            error = task.exception()
            if error is None:
                try:
                    handed, posted = await self._hand(making, task.result())
                except STORE_AWAY:
                    raise
                except Exception as fault:
                    error = fault
            if error is not None:
                posted = await self._fail(making.job, error)
        self._making = None
        if not handed:
            self._clear(making.job)
        return posted

    async def _fail(self, job: Job, error: BaseException) -> int:
        log.error("an export failed", extra={"action": "export_failed", "error": type(error).__name__})
        async with self._database.transact() as tx:
            return await _over(tx, job, JobState.FAILED, said=views.failed())

    async def _hand(self, making: _Making, made: Made) -> tuple[bool, int]:
        """Register it and post it, in one commit; returns whether it is on its way, and how much was posted."""
        out = making.asked.out
        size = out.stat().st_size
        async with self._database.transact() as tx:
            job = await jobs.now(tx, making.job)
            phone = None if job is None else await jobs.phone(tx, job, ROLES)
            if job is None or phone is None:
                await jobs.end(tx, making.job, JobState.WITHHELD)
                return False, 0
            if size > MOST_BYTES:
                return False, await _over(tx, job, JobState.TOO_BIG, said=views.too_big(size, job.order))
            await jobs.hand(tx, job)
            await register(tx, making.asked, made)
            await _post(tx, job, phone, Changed(views.handed(made.facts), (), job.session, job.sprint))
            file = StoredFileHanded(out.name, str(out.relative_to(self._folder)), HOURS)
            await post(tx, [Parcel(jobs.origin_of(job), phone.lane, phone.chat_id, file, once=True)])
            return True, 2

    async def _see_whether_it_arrived(self, job: Job) -> int:
        async with self._database.transact() as tx:
            match await jobs.arrived(tx, job):
                case Way.COMING:
                    return 0
                case Way.ARRIVED:
                    await jobs.end(tx, job, JobState.DONE)
                    posted = 0
                case Way.DOUBTFUL:
                    posted = await _over(tx, job, JobState.LOST, said=views.doubtful())
                case Way.REFUSED:
                    posted = await _over(tx, job, JobState.LOST, said=views.refused())
        self._clear(job)
        return posted

    def _room(self, job: Job) -> Path:
        return self._folder / f"{job.id:x}"

    def _clear(self, job: Job) -> None:
        shutil.rmtree(self._room(job), ignore_errors=True)


async def _over(tx: Tx, job: Job, state: JobState, *, said: Phrase) -> int:
    """It did not come to anything: the message that showed it loses its button, and a new one says why."""
    now = await jobs.now(tx, job)
    if now is None or not await jobs.end(tx, now, state) or (phone := await jobs.phone(tx, now, ROLES)) is None:
        return 0
    return await _post(tx, now, phone, ButtonsRemoved(now.session, now.sprint), Said(said))


async def _post(tx: Tx, job: Job, phone: Phone, *spoken: Speech) -> int:
    origins = [f"export:{job.id:x}:{tx.ids.random():x}" for _ in spoken]
    parcels = [
        Parcel(origin, phone.lane, phone.chat_id, said, session_id=job.session, sprint=job.sprint)
        for origin, said in zip(origins, spoken, strict=True)
    ]
    await post(tx, parcels)
    return len(spoken)
