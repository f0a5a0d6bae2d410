"""What can go wrong between a bot and Telegram, made to happen on purpose.

- A fault hits the next calls of one method, in the order in which faults were asked for, then is spent.
- Whether the call was carried out before things went wrong is part of the fault: a bot can't tell, a test must.
- The sending limit is off until asked for; a refused call doesn't count against it.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.refusal import RefusedError


@dataclass(frozen=True, slots=True)
class Fault:
    """How a call goes wrong.

    `error_code` 0 and no `drop` means that it only takes `delay` seconds; `applied` carries the call out first;
    `drop` closes the connection without an answer.
    """

    error_code: int = 0
    description: str = ""
    retry_after: int | None = None
    applied: bool = False
    drop: bool = False
    delay: float = 0.0

    def refusal(self) -> RefusedError | None:
        """The error that the bot gets to see, if any."""
        if not self.error_code:
            return None
        described = self.description or {
            429: f"Too Many Requests: retry after {self.retry_after}",
            500: "Internal Server Error",
            502: "Bad Gateway",
        }.get(self.error_code, "Bad Request: fault asked for")
        return RefusedError(self.error_code, described, retry_after=self.retry_after)


class FaultPlan:
    """The faults still to come, by method."""

    def __init__(self) -> None:
        self._to_come: dict[str, deque[Fault]] = defaultdict(deque)

    def add(self, method: str, faults: list[Fault]) -> None:
        """Let the next calls of `method` go wrong, each in its way."""
        self._to_come[method].extend(faults)

    def next_for(self, method: str) -> Fault | None:
        """The fault of this call; asking uses it up."""
        faults = self._to_come[method]
        return faults.popleft() if faults else None


@dataclass(frozen=True, slots=True)
class SendingLimit:
    """At most `per_second` sends overall, and `burst` to one chat in any `burst / per_chat` seconds (sliding)."""

    per_second: int = 30
    per_chat: float = 1
    burst: int = 1

    def wait(self, sent: Iterator[tuple[int, datetime]], *, chat_id: int, at: datetime) -> int:
        """Seconds to wait before the next send to `chat_id`, 0 for none; `sent` yields earlier sends, latest first."""
        overall: list[datetime] = []
        to_chat: list[datetime] = []
        span = timedelta(seconds=self.burst / self.per_chat)
        horizon = at - max(span, timedelta(seconds=1))
        for chat, moment in sent:
            if moment <= horizon:
                break
            overall.append(moment)
            if chat == chat_id:
                to_chat.append(moment)
        return max(
            _until_free(overall, self.per_second, span=timedelta(seconds=1), at=at),
            _until_free(to_chat, self.burst, span=span, at=at),
        )


def _until_free(moments: list[datetime], most: int, *, span: timedelta, at: datetime) -> int:
    """Seconds, rounded up, until fewer than `most` of `moments` (latest first) lie within `span` before."""
    inside = [moment for moment in moments if moment > at - span]
    return math.ceil((inside[most - 1] + span - at).total_seconds()) if len(inside) >= most else 0
