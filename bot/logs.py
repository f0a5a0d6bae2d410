"""What the process says on standard error: one line an event, with a stable `action` and ids; never what anyone
wrote.

A traceback is not told: what it quotes could be anybody's.
"""

from __future__ import annotations

import logging
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from bot.settings import LogFormat

OURS = ("bot", "scheduler", "storage")
"""The rooms whose events are told from INFO on."""

_BY_OTHERS = ("exc_info", "message", "asctime")
"""What a formatter of another handler has left on a record, and the traceback."""

_FIRST = ("at", "level", "action", "event")


def lines(form: LogFormat) -> logging.Formatter:
    """An event in a line: when (UTC), how grave, its action, a sentence, and its facts."""
    facts: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", key="at"),
        _named,
    ]
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form is LogFormat.JSON
        else structlog.processors.LogfmtRenderer(key_order=_FIRST, bool_as_flag=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=facts,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        keep_exc_info=False,
    )


def _named(*given: Any) -> EventDict:
    """Each event, which structlog gives last, has an action; of a library's it is the name of its log."""
    event: EventDict = given[-1]
    record: logging.LogRecord = event["_record"]
    event.setdefault("action", record.name)
    for added in _BY_OTHERS:
        event.pop(added, None)
    return event


def start_logging(form: LogFormat = LogFormat.TEXT) -> None:
    """Log from now on: our own events from INFO up, of the libraries only warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(lines(form))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # That a tick was skipped is no news: the next one does its work.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # Of a tick that fails our own line tells; theirs would come only for one that a stop has cut short.
    logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)
    for room in OURS:
        logging.getLogger(room).setLevel(logging.INFO)
