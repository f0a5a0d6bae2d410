"""The interview under random events: it raises nothing but the named rejection, loses no answer, and always ends.

* Every step goes through JSON, as in the store; what a chat's history of results says equals what the session holds.
* The paths of the shipped instruments are walked exhaustively: nobody is asked more than six questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from conversations import events
from conversations.answers import Answer, AnswerStatus
from conversations.codec import session_from_dict, session_to_dict
from conversations.effects import Effect, QuestionAsked, ResultChanged, SessionEnded, SessionStatus
from conversations.errors import EventRejected
from conversations.events import Event
from conversations.instrument import Instrument, Question, QuestionType
from conversations.reading.words import entries
from conversations.session import Session, resume, start
from conversations.speech import SPEECH, Asking, Interviewed
from tests.support.instruments import every, shipped

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
PURPOSES = ((), ("ingresos",), ("ingresos", "seguimiento"))
MOST_ASKED = 6

# What people write: answers that some question understands, controls, doubts, and noise.
WORDS = st.sampled_from(
    entries(
        "sí|no|nel|1|2|5|41|0|-3|2.5|1500|mil quinientos a la quincena|250 al día|cinco|entre 500 y 700 al mes|1.500"
        "|ayer|trabajé|tranaje|por mi cuenta|tejido y cocina|ninguno|tejido, ninguno|nada por ahora|mes|a la semana"
        "|mañana|atrás|saltar|prefiero no decir|no sé|luego|ayuda|ok|😀|5 de mayo|me fue bien, gracias|/start"
    )
)
ANY_TEXT = st.text(max_size=60) | st.just("bla " * 1000)


@dataclass(frozen=True)
class Draw:
    """One random thing that happens; what it means depends on where the session stands."""

    kind: str
    pick: int = 0
    on: bool = True
    text: str = ""
    stale: int = 0

    def event(self, instrument: Instrument, session: Session, *, at: datetime) -> Event:
        shown = (session.asked_in, session.waiting_since, session.asked_in - 1, 0)[self.stale]
        make = _MAKERS.get(self.kind)
        return make(at, shown) if make else self._about(_open(instrument, session), at, sprint=shown)

    def _about(self, question: Question | None, at: datetime, *, sprint: int) -> Event:
        names = [choice.name for choice in question.choices] if question is not None else []
        name = [*names, "ok", "otra"][self.pick % (len(names) + 2)]
        match self.kind:
            case "fit" if question is not None:
                return self._fitting(question, at, sprint=sprint)
            case "choose":
                return events.ChoiceSelected(at, sprint, name)
            case "mark":
                return events.ChoiceMarked(at, sprint, name, self.on)
            case "detail":
                return events.DetailGiven(at, sprint, ["mes", "dia", "5", "7", "siglo"][self.pick % 5])
            case "confirm":
                return events.ConfirmationGiven(at, sprint, self.on)
            case "send":
                return events.AttachmentReceived(at, "sticker")
            case _:
                return events.MsgReceived(at, self.text)

    def _fitting(self, question: Question, at: datetime, *, sprint: int) -> Event:
        """An answer that the question takes, so that runs come far."""
        match question.type:
            case QuestionType.ACKNOWLEDGE:
                return events.ChoiceSelected(at, sprint, "ok")
            case QuestionType.SELECT_ONE:
                return events.ChoiceSelected(at, sprint, question.choices[self.pick % len(question.choices)].name)
            case QuestionType.SELECT_MULTIPLE:
                return events.MsgReceived(at, question.choices[self.pick % len(question.choices)].label["es"])
            case _:
                return events.MsgReceived(at, ("41", "ayer", "sí", "800 a la semana", "5")[self.pick % 5])


_MAKERS: dict[str, Callable[[datetime, int], Event]] = {
    "done": events.ChoicesDone,
    "back": events.BackAsked,
    "skip": events.SkipAsked,
    "refuse": events.RefusalAsked,
    "pause": events.PauseAsked,
    "help": events.HelpAsked,
    "resume": lambda at, _: events.ResumeAsked(at),
    "expire": lambda at, _: events.WaitExpired(at),
    "interrupt": lambda at, _: events.SessionInterrupted(at),
}

KINDS = ["choose", "mark", "done", "confirm", "detail", "skip", "refuse", "pause", "help", "resume", "send"]
DRAWS = st.builds(
    Draw,
    kind=st.sampled_from([*["fit"] * 12, *["back"] * 4, *KINDS]),
    pick=st.integers(0, 9),
    on=st.booleans(),
    stale=st.sampled_from([*[1] * 12, 0, 2, 3]),  # the newest buttons, mostly
) | st.builds(Draw, kind=st.just("say"), text=WORDS | ANY_TEXT)
# She goes back a few questions and answers another way: what no longer applies is dropped.
SECOND_THOUGHTS = st.builds(
    lambda count, pick: [*[Draw("back", stale=1)] * count, Draw("fit", pick=pick, stale=1)],
    st.integers(1, 5),
    st.integers(0, 9),
)
SCRIPTS = st.lists(SECOND_THOUGHTS | st.lists(DRAWS, min_size=1, max_size=5), min_size=1, max_size=12)
ENDS = st.sampled_from([None, Draw("expire"), Draw("interrupt")])


def _open(instrument: Instrument, session: Session) -> Question | None:
    return None if session.current is None else instrument.by_name[session.current]


@dataclass
class Run:
    """One interview under random events, checked at every step."""

    instrument: Instrument
    session: Session
    history: list[Effect] = field(default_factory=list)

    def take(self, event: Event) -> None:
        before = self.session
        try:
            sprint = resume(self.instrument, before, event)
        except EventRejected:
            assert self.session == before
            assert session_to_dict(before) == session_to_dict(self.session)
            return
        self.history += sprint.effects
        self.session = session_from_dict(from_json(to_json(session_to_dict(sprint.session))))
        assert self.session == sprint.session, "a session comes back from JSON as it was"
        self.check(sprint.effects, before)

    def check(self, effects: tuple[Effect, ...], before: Session) -> None:
        session = self.session
        assert session.sprint == before.sprint + 1
        assert (session.current is None) == (session.status is not SessionStatus.WAITING)
        assert isinstance(effects[-1], SessionEnded) == (session.status is not SessionStatus.WAITING)
        assert remembered(self.history) == held(self.instrument, session)
        if session.current is not None:
            question = self.instrument.by_name[session.current]
            assert question.waits
            assert question.purpose is None or question.purpose in session.purposes
        for effect in effects:
            if isinstance(effect, Asking):
                shown = Interviewed(2**63 - 1, self.instrument.name, self.instrument.version, effect)
                assert SPEECH.load(SPEECH.dump(shown)) == shown


def remembered(history: list[Effect]) -> dict[str, Answer]:
    """The answers that stand, by what was told of them alone."""
    told = {effect.question: effect.answer for effect in history if isinstance(effect, ResultChanged)}
    return {name: answer for name, answer in told.items() if answer.status is not AnswerStatus.NOT_APPLICABLE}


def held(instrument: Instrument, session: Session) -> dict[str, Answer]:
    """The answers that the session holds; at its end, what it was not told counts as unanswered where it applied."""
    own = {
        name: answer
        for name, answer in session.answers.items()
        if instrument.by_name[name].type is not QuestionType.NOTE
    }
    if session.status is SessionStatus.WAITING:
        return own
    unanswered = Answer(AnswerStatus.UNANSWERED)
    probe = start(instrument, AT, purposes=session.purposes).session
    ended = resume(instrument, replace(probe, answers=session.answers), events.WaitExpired(AT))
    left = remembered(list(ended.effects))
    assert set(left.values()) <= {unanswered}
    return own | left


@settings(max_examples=400, deadline=None)
@given(
    instrument=st.sampled_from(every()),
    purposes=st.sampled_from(PURPOSES),
    script=SCRIPTS,
    end=ENDS,
)
def test_any_events(
    instrument: Instrument, purposes: tuple[str, ...], script: list[list[Draw]], end: Draw | None
) -> None:
    first = start(instrument, AT, purposes=purposes)
    run = Run(instrument, first.session, list(first.effects))
    for step, draw in enumerate([*chain(*script), *([end] if end else [])]):
        run.take(draw.event(instrument, run.session, at=AT + timedelta(minutes=step)))
    _end_by_refusing(run)


def _end_by_refusing(run: Run) -> None:
    """From wherever it stands, refusing every question is a way to the end."""
    for _ in range(2 * len(run.instrument.questions)):
        run.take(events.RefusalAsked(AT))
    assert run.session.status is not SessionStatus.WAITING


@settings(max_examples=100, deadline=None)
@given(instrument=st.sampled_from(every()), texts=st.lists(WORDS | ANY_TEXT, max_size=40))
def test_any_words(instrument: Instrument, texts: list[str]) -> None:
    first = start(instrument, AT, purposes=("ingresos",))
    run = Run(instrument, first.session, list(first.effects))
    for text in texts:
        run.take(events.MsgReceived(AT, text))


# --- every path


def _answers(question: Question, at: datetime, *, sprint: int) -> Iterator[Event]:
    """Ways to answer a question that can lead to different questions."""
    yield events.RefusalAsked(at)
    match question.type:
        case QuestionType.SELECT_ONE:
            yield from (events.ChoiceSelected(at, sprint, choice.name) for choice in question.choices)
        case QuestionType.SELECT_MULTIPLE:
            yield from (events.MsgReceived(at, choice.label["es"]) for choice in question.choices)
        case _:
            yield events.MsgReceived(at, "1500 a la quincena")


def _asked_on_every_path(instrument: Instrument, purposes: tuple[str, ...]) -> Iterator[int]:
    """How many questions were asked on each path to the end."""
    first = start(instrument, AT, purposes=purposes)
    waiting = [(first.session, 1)]
    while waiting:
        session, asked = waiting.pop()
        if session.current is None:
            yield asked
            continue
        question = instrument.by_name[session.current]
        for event in _answers(question, AT, sprint=session.asked_in):
            sprint = resume(instrument, session, event)
            if sprint.session.pending is not None:
                sprint = resume(instrument, sprint.session, events.MsgReceived(AT, "sí"))
            assert sprint.session.current != question.name, "every answer leads on"
            waiting.append(
                (sprint.session, asked + any(isinstance(effect, QuestionAsked) for effect in sprint.effects))
            )


@pytest.mark.parametrize(("name", "least"), [("llegada", 100), ("seguimiento", 5_000)], ids=lambda value: str(value))
def test_nobody_is_asked_more_than_six_questions(name: str, least: int) -> None:
    instrument = next(instrument for instrument in shipped() if instrument.name == name)
    counts = [asked for purposes in ((), ("ingresos",)) for asked in _asked_on_every_path(instrument, purposes)]
    assert len(counts) > least, "the paths were walked"
    assert max(counts) <= MOST_ASKED
    assert min(counts) >= 1
