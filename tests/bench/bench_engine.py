"""The pure engine by itself: a step of `seguimiento`, loading an instrument, and a session's way through JSON.

* A sitting is played as women play it: choices tapped, ticks set, an amount written and confirmed, an answer corrected.
* Beside it, what is typed: each question of a sitting is first answered in words of the corpus, other ones each time;
  what was not understood is then tapped.
* What the process has built up until then is no garbage of the engine's: it is put aside before anything is timed.
"""

import gc
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

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

CORPUS = Path(__file__).parents[1] / "corpus"

Words = Mapping[QuestionType, Iterator[str]]


class Step(NamedTuple):
    """One step: its seconds, whether it was a tap, or else which type of question got words of the corpus."""

    took: float
    tapped: bool
    typed: QuestionType | None
    after: Session


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
    steps = [step.took for sitting in sittings for step in sitting]
    session = sittings[0][-1].after
    words = _words()
    spoken = [step for _ in range(SITTINGS) for step in _sitting(instrument, words)]
    trips = [_timed(lambda: _through_json(session)) for _ in range(SITTINGS)]
    gc.unfreeze()
    yield f"a step of seguimiento: {_spread(steps)} (wanted by the median: {MOST_STEP:.0f} µs)"
    yield f"  tapped: {_spread([step.took for step in spoken if step.tapped])}"
    for type_ in words:
        yield f"  typed to {type_}, in words of the corpus: {_spread([s.took for s in spoken if s.typed is type_])}"
    yield f"{len(steps) / sum(steps):,.0f} steps a second; {len(sittings[0])} steps a sitting"
    yield f"a first start, which finds out how many questions there can be: {statistics.median(firsts) * 1e3:.1f} ms"
    yield f"loading the instrument: {statistics.median(loads) * 1e3:.0f} ms"
    size = len(to_json(session_to_dict(session)))
    yield f"a session to JSON and back: {statistics.median(trips) * 1e6:.0f} µs; {size:,} bytes"


def _spread(seconds: Sequence[float]) -> str:
    median, slow = statistics.median(seconds) * 1e6, statistics.quantiles(seconds, n=20)[-1] * 1e6
    return f"{median:.0f} µs by the median, 95 of 100 at most {slow:.0f} µs, {len(seconds):,} steps"


def _words() -> Words:
    """What women wrote, by the type of question that it answers, over and over again."""
    return {
        type_: cycle([line.split("\t")[at] for line in (CORPUS / name).read_text(encoding="utf-8").splitlines()[1:]])
        for type_, name, at in (
            (QuestionType.SELECT_ONE, "choices.tsv", 1),
            (QuestionType.SELECT_MULTIPLE, "several_choices.tsv", 1),
            (QuestionType.TEXT, "amounts.tsv", 0),
        )
    }


def _timed(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


def _through_json(session: Session) -> Session:
    return session_from_dict(from_json(to_json(session_to_dict(session))))


def _sitting(instrument: Instrument, words: Words | None = None) -> Iterator[Step]:
    """Each step of one sitting to its end; with words, each question is first answered in the next of them."""
    session = start(instrument, AT, purposes=("ingresos",)).session
    corrected = False
    tried: set[str] = set()
    while session.current is not None or not corrected:
        event: events.Event
        typed = None
        if session.current is None:
            corrected, event = True, events.CorrectionAsked(AT, session.asked_in, "apoyo")
        elif words and session.current not in tried and session.pending is None:
            tried.add(session.current)
            typed = instrument.by_name[session.current].type
            event = events.MsgReceived(AT, next(words[typed]))
        else:
            event = _answer(instrument, session)
        began = perf_counter()
        sprint = resume(instrument, session, event)
        yield Step(perf_counter() - began, not isinstance(event, events.MsgReceived), typed, sprint.session)
        session = sprint.session


def _answer(instrument: Instrument, session: Session) -> events.Event:
    question = instrument.by_name[session.current or ""]
    if session.pending is not None and session.pending.detail is not None:
        return events.MsgReceived(AT, "no sé")
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
