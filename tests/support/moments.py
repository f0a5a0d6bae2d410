"""The running loop, with its time told by a clock that only a test moves.

* Nothing waits: where nothing more happens at this moment, `quiet` returns, and whoever asked moves the clock.
* Only for a store `without_threads`: what another thread does, the loop cannot know of. What the program gives to one
  is done at once here.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import courier
from tests.support.world import START, HeldClock


class Moments:
    """The loop's time while the block lasts."""

    def __init__(self, clock: HeldClock) -> None:
        self._clock = clock
        loop: Any = asyncio.get_running_loop()
        self._loop, self._select, self._to_thread = loop, loop._selector.select, asyncio.to_thread
        self._asked: asyncio.Future[None] | None = None

    def __enter__(self) -> Moments:
        self._loop._selector.select = self._at_once
        asyncio.to_thread = _here
        self._loop.time = lambda: (self._clock.at - START).total_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        del self._loop.time, self._loop._selector.select
        asyncio.to_thread = self._to_thread

    async def quiet(self) -> None:
        """Return once nothing more happens at this moment."""
        self._asked = self._loop.create_future()
        await self._asked

    def next_timer(self) -> datetime | None:
        """When something that waits for its time goes on, or None."""
        waiting = (timer.when() for timer in self._loop._scheduled if not timer.cancelled())
        first = min(waiting, default=math.inf)
        return START + timedelta(seconds=first, microseconds=1) if math.isfinite(first) else None

    def _at_once(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout > 0:
            assert self._asked is not None, "nothing will ever happen here again"
            asked, self._asked = self._asked, None
            asked.set_result(None)
        return self._select(0)


async def _here(work: Callable[..., Any], *given: Any, **named: Any) -> Any:
    return work(*given, **named)


@contextmanager
def seldom_tried() -> Iterator[None]:
    """What cannot leave is tried every half hour instead of every 15 seconds, and given up after as long as ever."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(courier, "LOOK_EVERY", 1800.0)
        patch.setattr(courier, "LONGEST_RETRY", 1800.0)
        patch.setattr(courier, "MAX_ATTEMPTS", 28)
        yield
