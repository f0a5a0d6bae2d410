"""Bringing a database to the schema that this version of Hilo knows.

* An upgrade happens whole or not at all, and waits for another process's write like any other write.
* A database of a newer Hilo is refused, never touched.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseNewer(Exception):
    """The database was written by a newer Hilo than this one."""


async def upgrade(url: str) -> bool:
    """Bring the database to the present schema, creating it if need be; returns whether anything changed.

    Raises DatabaseNewer if it holds steps that this version does not know.
    """
    async with _connected(url, begin="BEGIN IMMEDIATE") as connection:
        return await connection.run_sync(_upgrade)


async def is_current(url: str) -> bool:
    """Whether the database stands at the present schema; raises DatabaseNewer as `upgrade` does."""
    async with _connected(url, begin="BEGIN") as connection:
        return await connection.run_sync(_stands_at_head)


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for this connection; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@asynccontextmanager
async def _connected(url: str, *, begin: str) -> AsyncIterator[AsyncConnection]:
    engine = open_engine(url, begin=begin, pool_size=1)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> bool:
    if _stands_at_head(connection):
        return False
    command.upgrade(alembic_config(connection), "head")
    return True


def known_revisions() -> frozenset[str]:
    """The steps that this version knows."""
    return frozenset(step.revision for step in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _stands_at_head(connection: Connection) -> bool:
    steps = ScriptDirectory.from_config(alembic_config(connection))
    known = {step.revision for step in steps.walk_revisions()}
    standing = set(MigrationContext.configure(connection).get_current_heads())
    if standing - known:
        raise DatabaseNewer("the database was written by a newer Hilo: install that version, or a later one")
    return standing == set(steps.get_heads())
