"""What this process has done since it started: whoever does it adds to it, and the status surface tells it."""

from __future__ import annotations

from collections import Counter

DONE = "ok"


class Tally:
    """Counts that begin with the process; nothing of them is kept."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()
        """Calls of the Bot API by method and by how they ended: `ok`, or the name of the error."""
        self.taken = 0
        """Updates that the runner has dealt with."""
