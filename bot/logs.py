"""What the process says on standard error: one line an event, with a stable `action` and ids; never what anyone
wrote."""

from __future__ import annotations

import logging

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


OURS = ("bot", "scheduler", "storage")
"""The rooms whose events are told from INFO on."""


class Lines(logging.Formatter):
    """An event in a line: when, how grave, its action, a sentence, and its facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        facts = {name: value for name, value in vars(record).items() if name not in _OWN}
        action = facts.pop("action", record.name)
        told = " ".join(f"{name}={value}" for name, value in facts.items())
        return f"{self.formatTime(record)} {record.levelname} {action}: {record.getMessage()} {told}".rstrip()


def start_logging() -> None:
    """Log from now on: our own events from INFO up, of the libraries only warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # That a tick was skipped is no news: the next one does its work.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # Of a tick that fails our own line tells; theirs would come only for one that a stop has cut short.
    logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)
    for room in OURS:
        logging.getLogger(room).setLevel(logging.INFO)
