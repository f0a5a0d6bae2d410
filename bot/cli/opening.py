"""How a command gets at the store: the right home, key and schema, or a line that says which of them is wrong."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from bot import clock
from bot.cli.refusals import Refused
from bot.settings import Settings
from scheduler.enrolment import load_plan
from scheduler.plan import Plan, read_plan
from storage import installation
from storage.database import Database, World
from storage.upgrade import is_current
from storage.vault import open_vault


def open_world(settings: Settings) -> World:
    """The time, ids and keys of this installation. Raises KeyFileInvalid, or Refused if the store's key is gone."""
    require_key_file(settings)
    now = clock.now if settings.demo_clock is None else clock.DemoClock(settings.demo_clock)
    return World(now=now, ids=clock.SystemIds(), vault=open_vault(settings.key_file, clock.chance))


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
        yield database
    finally:
        await database.close()


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


async def require_key(database: Database) -> None:
    """Raises Refused if the store was made with another key."""
    async with database.read() as tx:
        if not await installation.key_fits(tx):
            raise Refused("the key file is not the one that this database was made with: put that one back")


def open_plan(path: Path, installed: Collection[str] = ()) -> Plan:
    """The plan of that file, whose check-ins the shipped or these instruments can be asked in. Raises PlanError."""
    from bot.library import shipped_sources  # pyxform takes longer to import than most commands to run

    return load_plan(path, {name for name, _, _ in shipped_sources()} | set(installed))


async def installed_names(settings: Settings) -> set[str]:
    """The instruments that the store of this installation keeps, by name; none where there is no store yet."""
    from storage import instruments

    if not settings.database_file.exists():
        return set()
    async with open_store(settings) as database, database.read() as tx:
        return {kept.name for kept in await instruments.kept_instruments(tx)}


def rank_points(settings: Settings) -> Callable[[str], int]:
    """Where a point stands in the plan; one that the plan no longer has comes last. Raises PlanError."""
    names = [point.name for point in read_plan(settings.plan_file).points]
    return lambda name: names.index(name) if name in names else len(names)
