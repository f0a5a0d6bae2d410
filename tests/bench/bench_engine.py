"""The pure engine by itself: a step of `seguimiento`, loading an instrument, and a session's way through JSON.

* A sitting is played as women play it: choices tapped, ticks set, an amount written and confirmed, an answer corrected.
* What the process has built up until then is no garbage of the engine's: it is put aside before anything is timed.
"""

import gc
import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import perf_counter

from pydantic_core import from_json, to_json

from bot.library import SHIPPED
from conversations import events
from conversations.codec import session_from_dict, session_to_dict
from conversations.instrument import Instrument, QuestionType
from conversations.session import Session, resume, start
from conversations.xlsform import parse_instrument

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
SITTINGS, LOADS = 300, 10
MOST_STEP = 150.0
"""Microseconds that a step may take by the median (issue 3, done when 5)."""


def measure() -> Iterator[str]:
    """The lines to print."""
    source = (SHIPPED / "seguimiento.md").read_text(encoding="utf-8")
    loads = [_timed(lambda: parse_instrument("seguimiento", source)) for _ in range(LOADS)]
    fresh = [parse_instrument("seguimiento", source) for _ in range(LOADS)]
    gc.collect()
    gc.freeze()
    firsts = [_timed(lambda new=new: start(new, AT, purposes=("ingresos",))) for new in fresh]  # type: ignore[misc]
    instrument = fresh[0]
    sittings = [list(_sitting(instrument)) for _ in range(SITTINGS)]
    steps = [took for sitting in sittings for took, _ in sitting]
    session = sittings[0][-1][1]
    trips = [_timed(lambda: _through_json(session)) for _ in range(SITTINGS)]
    gc.unfreeze()
    median, slow = statistics.median(steps) * 1e6, statistics.quantiles(steps, n=20)[-1] * 1e6
    yield f"a step of seguimiento: {median:.0f} µs by the median (wanted: {MOST_STEP:.0f}); 95 of 100: {slow:.0f} µs"
    yield f"{len(steps) / sum(steps):,.0f} steps a second; {len(sittings[0])} steps a sitting"
    yield f"a first start, which finds out how many questions there can be: {statistics.median(firsts) * 1e3:.1f} ms"
    yield f"loading the instrument: {statistics.median(loads) * 1e3:.0f} ms"
    size = len(to_json(session_to_dict(session)))
    yield f"a session to JSON and back: {statistics.median(trips) * 1e6:.0f} µs; {size:,} bytes"


def _timed(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


def _through_json(session: Session) -> Session:
    return session_from_dict(from_json(to_json(session_to_dict(session))))


def _sitting(instrument: Instrument) -> Iterator[tuple[float, Session]]:
    """Each step of one sitting to its end: the seconds that it took, and the session after it."""
    session = start(instrument, AT, purposes=("ingresos",)).session
    corrected = False
    while session.current is not None or not corrected:
        event: events.Event
        if session.current is None:
            corrected, event = True, events.CorrectionAsked(AT, session.asked_in, "apoyo")
        else:
            event = _answer(instrument, session)
        began = perf_counter()
        sprint = resume(instrument, session, event)
        yield perf_counter() - began, sprint.session
        session = sprint.session


def _answer(instrument: Instrument, session: Session) -> events.Event:
    question = instrument.by_name[session.current or ""]
    if session.pending is not None:
        return events.ConfirmationGiven(AT, session.waiting_since, right=True)
    match question.type:
        case QuestionType.SELECT_ONE:
            return events.ChoiceSelected(AT, session.asked_in, question.choices[0].name)
        case QuestionType.SELECT_MULTIPLE if not session.marked:
            return events.ChoiceMarked(AT, session.asked_in, question.choices[0].name, on=True)
        case QuestionType.SELECT_MULTIPLE:
            return events.ChoicesDone(AT, session.asked_in)
        case _:
            return events.MsgReceived(AT, "mil quinientos a la quincena")
