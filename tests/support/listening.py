"""What the product says while any test runs: nothing of it may be anybody's business.

* Heard is what `hilo run` would write: our own rooms from INFO on, libraries from WARNING on, in the same format;
  every line of the processes that tests start; and whatever else a test or a process of its own writes and nobody
  reads. All of it, from the first import to the last thing that is put away, in each worker.
* The canaries are what the tests' women are called and reached by, what they type, and what opens doors.
"""

from __future__ import annotations

import logging
import re
import subprocess

import pytest

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


class Ear:
    """Keeps each line that the log would have, whichever handlers there are and whatever a test does to them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._format = lines(LogFormat.TEXT).format

    def hear(self, record: logging.LogRecord) -> None:
        """Keep it, if it would be written."""
        room = record.name.partition(".")[0]
        if record.levelno >= (logging.INFO if room in OURS else logging.WARNING):
            self.lines.append(self._format(record))

    def overhear(self, ended: subprocess.CompletedProcess[str]) -> None:
        """Keep what a command wrote beside its answer; a refusal may quote what was typed, but for its log."""
        written = ended.stderr.splitlines()
        self.lines += written if ended.returncode == 0 else [line for line in written if _LOGGED.match(line)]

    def taken(self) -> list[str]:
        """What was heard since this was asked last."""
        heard, self.lines = self.lines, []
        return heard


_LOGGED = re.compile(r"at=|\{\"at\"")
"""How a line of the log begins."""

EAR = Ear()
"""One for the whole run: the lines of processes come here too."""


def listen() -> None:
    """Hear from now on whatever is logged in this process."""
    for room in OURS:
        logging.getLogger(room).setLevel(logging.INFO)
    setattr(logging.Logger, "handle", _handle)  # noqa: B010 - a handler could be taken away


_handled = logging.Logger.handle


def _handle(logger: logging.Logger, record: logging.LogRecord) -> None:
    EAR.hear(record)
    _handled(logger, record)


def leaks(lines: list[str]) -> list[str]:
    """Those lines that tell something of somebody."""
    return [line for line in lines if CANARIES.search(line)]


def judged(report: pytest.TestReport) -> pytest.TestReport:
    """The report of one phase of a test, failed where anything that was logged or written meanwhile tells of somebody:
    by the test, by what stands for longer than it, or by a process that it started and did not listen to."""
    written = [text for name, text in report.sections if name in _CAPTURED and name.endswith(report.when or "")]
    told = leaks([*EAR.taken(), *"\n".join(written).splitlines()])
    if told:
        report.outcome = "failed"
        report.longrepr = "\n".join(("what was written tells of somebody:", *told))
    return report


_CAPTURED = {f"Captured {stream} {when}" for stream in ("stdout", "stderr") for when in ("setup", "call", "teardown")}
