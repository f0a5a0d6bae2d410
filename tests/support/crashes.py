"""Death at any step: a process that ends before its n-th write, commit or call, and leaves what was committed.

* Whatever a dead process would still do is refused: no statement, no call; its open transaction is rolled back, as
  SQLite does for a process that is gone.
* A call can die before Telegram has heard of it, or after.
* To die before a read is to die before whatever is written or called next: neither store nor Telegram tells them apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import event

from storage.database import Database


class Killed(BaseException):
    """The process has ended here."""


class Death:
    """Counts steps, and ends the process before the one numbered `at` (none if 0)."""

    def __init__(self, at: int = 0) -> None:
        self._at = at
        self.steps = 0
        self.came = asyncio.Event()

    def strike(self, *_: Any) -> None:
        """One more step is about to be taken. Raises Killed."""
        if self.came.is_set():
            raise Killed
        self.steps += 1
        if self.steps == self._at:
            self.came.set()
            raise Killed

    @contextmanager
    def over(self, database: Database) -> Iterator[None]:
        """Count its writes and commits."""
        writer, readers = (engine.sync_engine for engine in (database._writer, database._readers))
        statements = [(engine, "before_cursor_execute", self._on_statement) for engine in (writer, readers)]
        places = [*statements, (writer, "commit", self.strike)]
        for place in places:
            event.listen(*place)
        yield
        for place in places:
            event.remove(*place)

    def _on_statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self.came.is_set() or not statement.lstrip().upper().startswith("SELECT"):
            self.strike()

    def on_line(self, line: Any) -> None:
        """Count its calls, and their answers."""
        call = line.call

        async def mortal(method: str, /, **params: Any) -> Any:
            await self._strike_on_line()
            result = await call(method, **params)
            await self._strike_on_line()
            return result

        line.call = mortal

    async def _strike_on_line(self) -> None:
        """One more step; whoever waits for a dead process waits for ever."""
        try:
            self.strike()
        except Killed:
            await asyncio.Event().wait()

    async def during(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do this until it ends or death comes; returns whether it came."""
        task: asyncio.Future[None] = asyncio.ensure_future(work())
        came = asyncio.ensure_future(self.came.wait())
        waited: set[asyncio.Future[Any]] = {task, came}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        came.cancel()
        if not self.came.is_set():
            await task
            return False
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for one in others:
            one.cancel()
        with suppress(Killed):
            await asyncio.gather(task, *others, return_exceptions=True)
        return True
