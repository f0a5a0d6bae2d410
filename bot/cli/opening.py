"""How a command gets at the store: the right home, key and schema, or a line that says which of them is wrong."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot import clock
from bot.cli.refusals import Refused
from bot.nightly import Terms
from bot.settings import Settings
from conversations import wages
from scheduler.applied import Plans, Shelf, require_askable
from scheduler.plan import Plan, read_plan, read_source
from storage import audit, installation, plans
from storage.database import Database, Tx, World
from storage.journal import Journal
from storage.outcomes import scoring
from storage.outcomes.pack import PackInvalid
from storage.safekeeping import Kept
from storage.upgrade import is_current
from storage.vault import open_vault

if TYPE_CHECKING:
    from bot.library import Library

PACKS = "packs"
"""The folder, in the data folder, of an organisation's own scoring packs."""


def open_world(settings: Settings) -> World:
    """The time, ids and keys of this installation; its scoring packs and minimum wages count from now on.

    Raises KeyFileInvalid, or Refused if the store's key is gone, or a pack or the wages cannot be read.
    """
    require_key_file(settings)
    adopt_packs(settings)
    adopt_wages(settings)
    now = clock.now if settings.demo_clock is None else clock.DemoClock(settings.demo_clock)
    return World(now=now, ids=clock.SystemIds(), vault=open_vault(settings.key_file, clock.chance))


def adopt_packs(settings: Settings) -> None:
    """Score by the organisation's own packs too. Raises Refused with all that is wrong with them."""
    try:
        scoring.adopt(settings.home / PACKS)
    except PackInvalid as invalid:
        raise Refused("\n".join(f"{PACKS}/{problem}" for problem in invalid.problems)) from None


def adopt_wages(settings: Settings) -> None:
    """Count by the organisation's own minimum wages too. Raises Refused with all that is wrong with them."""
    file = settings.home / wages.FILE_NAME
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        wages.adopt(wages.read_wages(text, file=file.name))
    except UnicodeDecodeError:
        raise Refused(f"{file.name}: is not a text in UTF-8") from None
    except wages.WagesInvalid as invalid:
        raise Refused(str(invalid)) from None


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Database]:
    """The store, at the present schema. Raises Refused, KeyFileInvalid or DatabaseNewer before anything is touched."""
    require_home(settings)
    world = open_world(settings)
    if not settings.database_file.exists():
        raise Refused(f"there is no database {settings.database_file}: run hilo init, or put back a backup")
    if not await is_current(settings.database_url):
        raise Refused("the database is older than this version of Hilo: run hilo db upgrade")
    database = Database(settings.database_url, world)
    try:
        await require_key(database)
        before = await _last_entry(database)
        try:
            yield database
        finally:
            with suppress(OSError, SQLAlchemyError):  # whoever writes next does it; verify and doctor tell
                if await _last_entry(database) != before:
                    await _keep_apart(settings, database)
                await audit.keep_head(database)
    finally:
        await database.close()


async def _last_entry(database: Database) -> int:
    ((number,),) = await database.glance("SELECT coalesce(max(number), 0) FROM audit", ())
    return int(number)


async def _keep_apart(settings: Settings, database: Database) -> None:
    """What was done stands in the journal, too, before anybody is told so."""
    async with database.read() as tx:
        await open_journal(settings, database).follow(tx)


def open_journal(settings: Settings, database: Database) -> Journal:
    """The journal of this installation."""
    return Journal(settings.journal_folder, database.vault, ids=clock.SystemIds())


def nightly_terms(settings: Settings) -> Terms:
    """What is set about backups."""
    kept = Kept(settings.backups_daily, settings.backups_weekly, settings.backups_monthly)
    ping = None if settings.backup_ping_url is None else settings.backup_ping_url.get_secret_value()
    where = (settings.database_file, settings.backup_folder)
    return Terms(*where, settings.backup_hour, settings.office_zone, kept, ping)


def require_home(settings: Settings) -> None:
    """Raises Refused if nobody has run `hilo init` there."""
    if not settings.home.is_dir():
        raise Refused(f"there is no folder {settings.home}: run hilo init, or set HILO_HOME to the folder that you use")


def require_key_file(settings: Settings) -> None:
    """Raises Refused if there is a database without its key file: a new key would not open it."""
    if settings.database_file.exists() and not settings.key_file.exists():
        raise Refused(f"the database is there, but its key file {settings.key_file} is not: put back your copy of it")


def claim_database_file(settings: Settings) -> None:
    """See to it that a new database is its owner's alone from the first; SQLite's files beside it follow its mode."""
    os.close(os.open(settings.database_file, os.O_RDONLY | os.O_CREAT, 0o600))


def is_bot_running(settings: Settings) -> bool:
    """Whether a bot holds the lock of this database, wherever it was started."""
    if not settings.lock_file.exists():
        return False
    with settings.lock_file.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


async def require_key(database: Database) -> None:
    """Raises Refused if the store was made with another key."""
    async with database.read() as tx:
        if not await installation.key_fits(tx):
            raise Refused("the key file is not the one that this database was made with: put that one back")


def open_plan(path: Path, shelf: Shelf | None = None) -> Plan:
    """The plan of that file, whose check-ins can be asked with what stands on the shelf; without one, with the shipped
    instruments. Raises PlanError."""
    plan = read_plan(path)
    require_askable(plan, shelf or _shipped(), told_of=path.name)
    return plan


def _shipped() -> Library:
    from bot import library  # pyxform takes longer to import than most commands to run

    return library.build([], library.shipped_sources())


async def open_shelf(settings: Settings) -> Library:
    """The shipped instruments and those that the store of this installation keeps, if there is one yet."""
    if not settings.database_file.exists():
        return _shipped()
    async with open_store(settings) as database, database.read() as tx:
        return await shelf_of(tx)


async def shelf_of(tx: Tx) -> Library:
    """The shipped instruments and those that this store keeps."""
    shelf = _shipped()
    await shelf.refresh(tx)
    return shelf


async def open_plans(tx: Tx, settings: Settings, *, shelf: Shelf | None = None, keep: bool = True) -> Plans:
    """The applied plans. The one of the settings' file is among them, and applied by this where none of its name is
    yet (`keep`: the transaction is one that writes). Raises PlanError, or Refused if it can't be read any more."""
    file = read_plan(settings.plan_file)
    found = Plans(default=file.name)
    await found.refresh(tx)
    if all(name != file.name for name, _ in await plans.state(tx)):
        require_askable(file, shelf or await shelf_of(tx), told_of=settings.plan_file.name)
        if keep:
            source = read_source(settings.plan_file)
            await plans.keep_plan(tx, file.name, version=file.version, source=source, by="command")
        return found.with_plan(file)
    if found.get(file.name) is None:
        raise Refused(f"the plan {file.name} can't be read by this version of Hilo: mend its file and apply it")
    return found
