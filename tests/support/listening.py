"""What the product says in its log while any test runs: nothing of it may be anybody's business.

* Heard is what `hilo run` would write: our own rooms from INFO on, libraries from WARNING on, in the same format, and
  every line of the processes that tests start.
* The canaries are what the tests' women are called and reached by, what they type, and what opens doors.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from bot.logs import OURS, lines
from bot.settings import LogFormat

NAMES = r"\b(?:Rosa|Luz|Lupe|Maya|Nora|Ana|Eva|Berta|Chela|Rosalinda) ?(?:Prueba|Ejemplo|Canaria)\b"
CANARIES = re.compile(
    "|".join(
        (
            NAMES,
            r"(?i:canari)",  # every planted word has it: see canaries.py
            r"(?<!\d)55\d{8}(?!\d)",  # a phone
            r"\bR-[\w-]+",  # a record_id
            r"\bgirasol\b",  # the word of an invitation
            r"\d{4,}:[A-Za-z][\w-]{8,}",  # a bot's token
            r"\b(?:me duele|quinientos|contarles)\b",  # what they type
        )
    )
)


class Ear(logging.Handler):
    """Keeps each line that the log would have."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(lines(LogFormat.TEXT))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it, if it would be written."""
        room = record.name.partition(".")[0]
        if record.levelno >= (logging.INFO if room in OURS else logging.WARNING):
            self.lines.append(self.format(record))


EAR = Ear()
"""One for the whole run: the lines of processes come here too."""


@contextmanager
def listening() -> Iterator[Ear]:
    """Hear what is logged meanwhile."""
    root = logging.getLogger()
    for room in OURS:
        logging.getLogger(room).setLevel(logging.INFO)
    root.addHandler(EAR)
    try:
        yield EAR
    finally:
        root.removeHandler(EAR)


def leaks(lines: list[str]) -> list[str]:
    """Those lines that tell something of somebody."""
    return [line for line in lines if CANARIES.search(line)]
