"""The backup that the running bot makes each night, and the sign of life that tells somebody elsewhere that it did.

* It is made beside all else, in a thread; a stop does not wait until it is whole.
* A night that was slept through is made up for as soon as the bot runs again.
* The sign is one GET after a backup that stands; nothing is said by it but that. What fails is logged, kept for
  `hilo doctor`, and tried again after an hour.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

from bot.clock import SystemIds
from storage import backups, safekeeping
from storage.backups import BackupStopped, Making, Manifest
from storage.database import Database
from storage.journal import Journal
from storage.safekeeping import Kept

log = logging.getLogger(__name__)

TRY_AGAIN = timedelta(hours=1)
PING_SECONDS = 20

JOURNAL_KEPT = timedelta(days=200)
"""How long the journal goes back at least: the six months that the oldest backup is kept by default, and some days. It
goes back further where an older one is kept."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the organisation has set: at which full hour of which zone, into which folder, which are kept, and whom to
    tell."""

    store: Path
    folder: Path
    hour: int
    zone: str
    kept: Kept
    ping: str | None = None


class Nightly:
    """Makes the backup of each night; `step` does so where it is time."""

    def __init__(self, database: Database, *, journal: Journal, terms: Terms) -> None:
        self._database = database
        self._journal = journal
        self._terms = terms
        self._stop = Event()

    async def look(self) -> None:
        """`step`, in which no transaction is cut short: cancelled, it only stops writing its file."""
        step = asyncio.create_task(self.step())
        try:
            await asyncio.shield(step)
        except asyncio.CancelledError:
            self._stop.set()
            await asyncio.wait({step})
            raise

    async def step(self) -> bool:
        """Make a backup if one is due; returns whether one stands."""
        if not await self._is_due():
            return False
        try:
            manifest = await self._make()
        except BackupStopped:
            return False
        except (OSError, sqlite3.Error) as error:
            await self._fail(error)
            return False
        async with self._database.transact() as tx:
            await safekeeping.made(tx, manifest, by="tick")
        log.info("a backup was made", extra={"action": "backup_made", "rows": _rows(manifest)})
        await self._tidy()
        await self._tell()
        return True

    async def _is_due(self) -> bool:
        async with self._database.read() as tx:
            known = await safekeeping.standing(tx)
            last = known.last_at or await safekeeping.wanted_since(tx)
            now = tx.now
        if last is None:
            async with self._database.transact() as tx:
                await safekeeping.want(tx)
            return False
        lately = known.failed_at is not None and now < known.failed_at + TRY_AGAIN
        return last < self._last_hour(now) and not lately

    def _last_hour(self, now: datetime) -> datetime:
        """When a backup was to be made last."""
        zone = ZoneInfo(self._terms.zone)
        today = datetime.combine(now.astimezone(zone).date(), time(self._terms.hour), zone)
        if today <= now:
            return today
        return datetime.combine(today.date() - timedelta(days=1), time(self._terms.hour), zone)

    async def _make(self) -> Manifest:
        self._terms.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._terms.folder / safekeeping.nightly_name(self._database.now())
        return await make(self._database, self._journal, store=self._terms.store, target=target, stop=self._stop)

    async def _fail(self, error: Exception) -> None:
        log.error("no backup could be made", extra={"action": "backup_failed", "error": type(error).__name__})
        async with self._database.transact() as tx:
            await safekeeping.failed(tx, type(error).__name__)

    async def _tidy(self) -> None:
        """Drop the backups that are not kept, and what the journal has of a time before all that are."""
        oldest = safekeeping.drop_spare(self._terms.folder, self._terms.kept)
        before = self._database.now() - JOURNAL_KEPT
        self._journal.forget(before if oldest is None else min(before, oldest))

    async def _tell(self) -> None:
        if self._terms.ping is None:
            return
        reached = await ping(self._terms.ping)
        if not reached:
            log.error("the watcher of backups was not reached", extra={"action": "backup_ping_failed"})
        async with self._database.transact() as tx:
            await safekeeping.heard(tx, reached=reached)


def _rows(manifest: Manifest) -> int:
    return sum(one.number for one in manifest.tables.values())


async def make(
    database: Database, journal: Journal, *, store: Path, target: Path, stop: Event | None = None
) -> Manifest:
    """Back the store up into that file. Raises OSError, sqlite3.Error; BackupStopped once `stop` is set."""
    async with database.transact() as tx:
        await journal.follow(tx)
        await journal.begin(tx)
    ended = await asyncio.to_thread(journal.head)  # before the copy: what comes later may not be in it
    making = Making(database.vault, SystemIds(), database.now(), version("hilo"), ended, stop or Event())
    return await asyncio.to_thread(backups.make, store, target, making=making)


async def ping(url: str) -> bool:
    """Whether that address answers that it heard us. Nothing is told there."""
    from aiohttp import ClientError, ClientSession, ClientTimeout  # no command needs it, and it takes long to import

    try:
        async with ClientSession(timeout=ClientTimeout(total=PING_SECONDS)) as session, session.get(url) as answer:
            return answer.ok
    except (ClientError, OSError, TimeoutError):
        return False
