"""The way into the database: one writer at a time, readers beside it, and an instant that holds for a whole
transaction.

* A write transaction begins IMMEDIATE, so that it never fails halfway for want of the lock; SQLite commits with
  synchronous=FULL.
* What several tasks of one process write is serialised here; another process waits up to BUSY_MS.
* The current time, fresh ids and the vault travel with the transaction: nothing below asks the world for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Protocol

from sqlalchemy import Dialect, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.vault import Vault

BUSY_MS = 10_000
"""How long a command waits for another process's write transaction (design.md D11)."""

SYNCHRONOUS = "FULL"
"""What a commit waits for, in SQLite's words: until the disk has it, so that it outlives a loss of power."""

STORE_AWAY = (OperationalError, InterfaceError)
"""What says that nothing can be written now, whatever it is: a full disk, a lock, a lost connection."""


class Conflict(Exception):
    """A uniqueness or an invariant of the schema refused what was written; the transaction has left nothing behind."""


class Ids(Protocol):
    """Where fresh ids come from."""

    def random(self) -> int:
        """A positive 63-bit integer that says nothing."""
        ...

    def ordered(self) -> int:
        """A positive 63-bit integer greater than all that this process drew before."""
        ...

    def token(self, bits: int) -> str:
        """A URL-safe secret of at least so many bits."""
        ...

    def pick(self, options: int) -> int:
        """A secret number from 0 up to, but not including, `options`."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """What a transaction may know of the world: the time, fresh ids, the keys."""

    now: Callable[[], datetime]
    ids: Ids
    vault: Vault


@dataclass(frozen=True, slots=True)
class Tx:
    """One transaction: its connection, the instant it stands for, fresh ids, and the vault."""

    connection: AsyncConnection
    now: datetime
    ids: Ids
    vault: Vault

    async def run(self, statement: Any, rows: list[dict[str, Any]] | None = None) -> Any:
        """Execute one statement, over many rows where they are given; an empty list does nothing."""
        if rows is None:
            return await self.connection.execute(statement)
        return await self.connection.execute(statement, rows) if rows else None


class Database:
    """One open database; `transact` for whatever writes, `read` for what only looks."""

    def __init__(self, url: str, world: World) -> None:
        self._world = world
        self._writer = open_engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
        self._readers = open_engine(url, begin="BEGIN", pool_size=4)
        self._turn = asyncio.Lock()

    @property
    def vault(self) -> Vault:
        """The installation's keys."""
        return self._world.vault

    def now(self) -> datetime:
        """The present, as the next transaction would have it."""
        return self._world.now()

    @asynccontextmanager
    async def transact(self) -> AsyncIterator[Tx]:
        """A write transaction: commits at the end, rolls back on any exception. Raises Conflict."""
        try:
            async with self._turn, self._writer.begin() as connection:
                yield self._tx(connection)
        except IntegrityError as error:
            raise Conflict(str(error.orig)) from None

    @asynccontextmanager
    async def transact_in_turn(self) -> AsyncIterator[Tx]:
        """`transact` for one of many in a row, beside others who write: they have as much time as this one took."""
        began = monotonic()
        async with self.transact() as tx:
            yield tx
        await asyncio.sleep(monotonic() - began)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A consistent view of the store as it stands now."""
        async with self._readers.begin() as connection:
            yield self._tx(connection)

    async def glance(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The rows of one statement in the driver's own words, outside any transaction.

        On SQLite it costs two hand-overs to the connection's thread, where a transaction costs eight.
        """
        async with self._readers.connect() as connection:
            if self.dialect.name != "sqlite":
                return (await connection.exec_driver_sql(sql, tuple(values))).all()
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            rows: Sequence[Sequence[Any]] = await driver.execute_fetchall(sql, values)
            return rows

    @property
    def dialect(self) -> Dialect:
        """How this database is spoken to."""
        return self._readers.dialect

    async def close(self) -> None:
        """Let go of all connections."""
        await self._writer.dispose()
        await self._readers.dispose()

    def _tx(self, connection: AsyncConnection) -> Tx:
        self._world.vault.refresh()  # keys change while nobody else writes: who writes now uses the newest
        return Tx(connection, self._world.now(), self._world.ids, self._world.vault)


def open_engine(url: str, *, begin: str, pool_size: int) -> AsyncEngine:
    """An engine whose transactions open with `begin`; errors of its statements never show what they were about."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_async_engine(url, pool_size=pool_size, hide_parameters=True)
    engine = create_async_engine(
        url, pool_size=pool_size, hide_parameters=True, connect_args={"timeout": BUSY_MS / 1000}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver would say it too late
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={SYNCHRONOUS}",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={BUSY_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
