"""What takes long to look up is looked up beside everything else, before the step that asks for it.

* Meanwhile its chat waits and all others go on: nobody's writing waits for it.
* Nothing of it is kept: after a crash it is looked up once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from storage import lookups
from storage.database import Database
from storage.records import Lengthy, Need

Found = Mapping[Need[Any], Any]

A_MOMENT = 0.05
"""Seconds after which somebody looks whether another chat has something, while one is looked up for."""


class Ahead:
    """What is being looked up for events that have not been taken yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._under_way: dict[str, asyncio.Task[Found]] = {}

    def found(self, origin: str, needs: Sequence[Need[Any]]) -> Found | None:
        """What was found for the event of this origin, nothing where none of it takes long; None while that is still
        being looked up. What could not be looked up is left to the step."""
        lengthy = [need for need in needs if isinstance(need, Lengthy)]
        if not lengthy:
            return {}
        if origin not in self._under_way:
            self._under_way[origin] = asyncio.create_task(self._look_up(lengthy))
        task = self._under_way[origin]
        if not task.done():
            return None
        del self._under_way[origin]
        return {} if task.exception() is not None else task.result()

    async def a_moment(self) -> bool:
        """Wait until something has been found, but no longer than a moment; False where nothing is looked up."""
        if not self._under_way:
            return False
        await asyncio.wait(self._under_way.values(), timeout=A_MOMENT, return_when=asyncio.FIRST_COMPLETED)
        return True

    async def _look_up(self, needs: Sequence[Need[Any]]) -> Found:
        async with self._database.read() as tx:
            return await lookups.look_up(tx, needs)
