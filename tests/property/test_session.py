"""The interview under random events: it raises nothing but the named rejection, loses no answer, and always ends.

The paths of the shipped instruments are walked to their ends: nobody is asked more than six questions of a sitting.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st

from conversations import events
from conversations.events import Event
from conversations.instrument import Instrument, Question, QuestionType
from conversations.session import Session, resume, start
from tests.support.draws import AHEAD, ANY_TEXT, AT, ENDS, PURPOSES, SCRIPTS, WAITING_DRAWS, WORDS, Draw
from tests.support.instruments import EVERYTHING_READ, every, shipped
from tests.support.runs import Run

MOST_ASKED = 6


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*every(), *[EVERYTHING_READ] * 3]), st.sampled_from(PURPOSES), AHEAD, SCRIPTS, ENDS)
def test_any_events(
    instrument: Instrument, purposes: tuple[str, ...], ahead: list[Draw], script: list[Draw], end: list[Draw]
) -> None:
    run = Run.begin(instrument, *purposes)
    run.take_all([*ahead, *script, *end])
    run.end_by_refusing()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([EVERYTHING_READ, *shipped()]), AHEAD, st.lists(WAITING_DRAWS, min_size=10, max_size=40))
def test_corrections_that_wait(instrument: Instrument, ahead: list[Draw], script: list[Draw]) -> None:
    run = Run.begin(instrument, "ingresos")
    run.take_all([*ahead, *script])
    target(float(run.most_waiting))


@settings(max_examples=60, deadline=None)
@given(instrument=st.sampled_from(every()), texts=st.lists(WORDS | ANY_TEXT, max_size=40))
def test_any_words(instrument: Instrument, texts: list[str]) -> None:
    run = Run.begin(instrument, "ingresos")
    for text in texts:
        run.take(events.MsgReceived(AT, text))


# --- every path


def _answers(question: Question, session: Session) -> Iterator[Event]:
    """Ways to answer a question that can lead to different questions."""
    yield events.RefusalAsked(AT)
    match question.type:
        case QuestionType.SELECT_ONE:
            yield from (events.ChoiceSelected(AT, session.asked_in, choice.name) for choice in question.choices)
        case QuestionType.SELECT_MULTIPLE:
            alone = [choice.label["es"] for choice in question.choices if choice.exclusive]
            together = [choice.label["es"] for choice in question.choices if not choice.exclusive]
            some = (combination for size in range(1, len(together) + 1) for combination in combinations(together, size))
            yield from (events.MsgReceived(AT, "; ".join(ticked)) for ticked in (*((one,) for one in alone), *some))
        case _:
            yield events.MsgReceived(AT, "1500 a la quincena")


def _after(instrument: Instrument, session: Session, event: Event) -> Session:
    sprint = resume(instrument, session, event)
    if sprint.session.pending is not None:
        sprint = resume(instrument, sprint.session, events.MsgReceived(AT, "sí"))
    assert sprint.session.current != session.current, f"every answer leads on: {event}"
    return sprint.session


def _asked_on_every_path(instrument: Instrument, purposes: tuple[str, ...]) -> Iterator[int]:
    """How many questions were asked on each path to the end; paths are one where nothing to come tells them apart."""
    looked_at = {name for q in instrument.questions for condition in q.relevant for name in condition.reads}
    looked_at |= {name for q in instrument.questions if q.calculation for name in q.calculation.reads}
    waiting, seen = [start(instrument, AT, purposes=purposes).session], set()
    while waiting:
        session = waiting.pop()
        asked = sum(instrument.by_name[name].waits for name in session.answers)
        if session.current is None:
            yield asked
            continue
        values = frozenset((name, answer.value) for name, answer in session.answers.items() if name in looked_at)
        if (session.current, asked, values) not in seen:
            seen.add((session.current, asked, values))
            question = instrument.by_name[session.current]
            decides = question.name in looked_at
            ways = list(_answers(question, session))
            waiting += [_after(instrument, session, event) for event in (ways if decides else ways[:2])]


@pytest.mark.parametrize(("name", "least"), [("llegada", 2), ("seguimiento", 100)])
def test_nobody_is_asked_more_than_six_questions(name: str, least: int) -> None:
    instrument = next(instrument for instrument in shipped() if instrument.name == name)
    counts = [asked for purposes in ((), ("ingresos",)) for asked in _asked_on_every_path(instrument, purposes)]
    assert len(counts) > least, "the paths were walked"
    assert max(counts) <= MOST_ASKED
    assert min(counts) >= 1
