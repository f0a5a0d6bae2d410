"""The one place where time, ids and chance come from; everything else is handed them.

The demo's clock stands in a file that holds an offset in seconds, so that its simulator and its bot always agree.
Time is read anew at every call, so that a corrected system clock is noticed at once.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

_RANDOM_BITS = 63
_COUNTER_BITS = 20


def now() -> datetime:
    """The system's time, aware, in UTC."""
    return datetime.now(UTC)


class DemoClock:
    """A clock that can be moved forward; whoever opens the same file shares it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = (-1, -1)
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """The demo's present."""
        found = self._path.stat()
        stamp = found.st_mtime_ns, found.st_ino  # two moves within one tick of the kernel's clock differ in the file
        if stamp != self._stamp:
            self._offset, self._stamp = timedelta(seconds=float(self._path.read_text(encoding="ascii") or 0)), stamp
        return now() + self._offset

    def move_to(self, moment: datetime) -> None:
        """Make it that moment, now."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(str((moment - now()).total_seconds()), encoding="ascii")
        fresh.replace(self._path)  # a reader sees the old offset or the new one, never half of one


class SystemIds:
    """Ids and secrets from the operating system's generator."""

    def __init__(self) -> None:
        self._last = 0

    def random(self) -> int:
        """A positive 63-bit integer that says nothing."""
        return secrets.randbits(_RANDOM_BITS) or 1

    def ordered(self) -> int:
        """A positive 63-bit integer greater than all that this process drew before: milliseconds, then a counter."""
        self._last = max(self._last + 1, int(now().timestamp() * 1000) << _COUNTER_BITS)
        return self._last

    def token(self, bits: int) -> str:
        """A URL-safe secret of at least so many bits."""
        return secrets.token_urlsafe(-(-bits // 8))

    def pick(self, options: int) -> int:
        """A secret number from 0 up to, but not including, `options`."""
        return secrets.randbelow(options)


def chance(length: int) -> bytes:
    """So many random bytes."""
    return secrets.token_bytes(length)
