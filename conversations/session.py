"""The interview itself: `start` opens a session, `resume` takes one event; each returns a session and its effects.

* Pure: the same session and event give the same Sprint. A session holds names and values, never rendered text.
* What may happen when is one table, TRANSITIONS; an event that does not fit raises EventRejected and changes nothing.
* A tap names the sprint that showed its button; only the open question's buttons count, whatever is tapped late.
* Everything doubtful is confirmed by her before it counts, and every amount of money is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from conversations import events, interpret, walk
from conversations.answers import Answer, AnswerStatus, Money, Value
from conversations.effects import (
    AnswerRejected,
    CaseOpened,
    ConfirmationAsked,
    Detail,
    DetailAsked,
    Effect,
    MarksChanged,
    NoteShown,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    SessionEnded,
    SessionPaused,
    SessionStatus,
)
from conversations.errors import EventRejected, Rejection
from conversations.events import Event
from conversations.instrument import Instrument, Question, QuestionType
from conversations.reading.controls import Control, read_control
from conversations.reading.result import Clear, Unclear, Unreadable

HELP = "ayuda"
"""The kind of case that *Ayuda* opens."""

S = TypeVar("S")
E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Sprint(Generic[S, E_co]):
    """What one call yields: the state after it, and the effects in the order in which they are to happen."""

    session: S
    effects: tuple[E_co, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """A reading that waits for her word: for a missing detail, or (detail None) for her yes."""

    value: Value
    raw: str
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One interview in progress.

    `asked_in` is the sprint that showed the open question, `waiting_since` the one that showed the last buttons for it
    (a confirmation may follow a question); `shown_in` says where each question was asked last; `marked` are ticks not
    yet sent.
    """

    instrument: str
    version: str
    status: SessionStatus = SessionStatus.WAITING
    purposes: tuple[str, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    current: str | None = None
    sprint: int = 0
    asked_in: int = 0
    waiting_since: int = 0
    shown_in: Mapping[str, int] = field(default_factory=dict)
    marked: tuple[str, ...] = ()
    pending: Pending | None = None


InterviewSprint = Sprint[Session, Effect]


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where an event is taken: the session as it stands in the new sprint, and the way that lies before it."""

    session: Session
    way: walk.Way

    @property
    def question(self) -> Question:
        assert self.session.current is not None
        return self.way.instrument.by_name[self.session.current]

    def having(self, **changes: Any) -> _Scene:
        return replace(self, session=replace(self.session, **changes))


def _scene(instrument: Instrument, session: Session, *, at: datetime) -> _Scene:
    return _Scene(session, walk.Way(instrument, session.purposes, at))


def start(instrument: Instrument, at: datetime, *, purposes: tuple[str, ...] = (), sprint: int = 1) -> InterviewSprint:
    """Open a session: `purposes` are those that she has consented to, and questions that need another are left out.

    `sprint` is the number of this call, for a chat that has counted some already.
    """
    session = Session(instrument=instrument.name, version=instrument.version, purposes=purposes, sprint=sprint)
    scene = _scene(instrument, session, at=at)
    answers = scene.way.settled({})
    return _go_on(scene.having(answers=answers), scene.way.changes({}, answers))


def resume(instrument: Instrument, session: Session, event: Event) -> InterviewSprint:
    """Take one event; raises EventRejected, with a reason for a kind reply, when it does not fit the session."""
    if (instrument.name, instrument.version) != (session.instrument, session.version):
        raise ValueError(
            f"session of {session.instrument} {session.version} resumed with {instrument.name} {instrument.version}"
        )
    if session.status is not SessionStatus.WAITING:
        raise EventRejected(Rejection.SESSION_OVER)
    shown_in = getattr(event, "sprint", None)
    if shown_in is not None and shown_in not in (session.asked_in, session.waiting_since):
        raise EventRejected(Rejection.STALE)
    handle = TRANSITIONS[session.status, type(event)]
    return handle(_scene(instrument, replace(session, sprint=session.sprint + 1), at=event.at), event)


# --- going on ---


def _go_on(scene: _Scene, effects: tuple[Effect, ...]) -> InterviewSprint:
    """Show the notes that come next and ask the next open question, or end. The answers are settled."""
    answers = dict(scene.session.answers)
    while question := scene.way.next(answers):
        if question.type is not QuestionType.NOTE:
            return _ask(scene.having(answers=answers), question, before=effects)
        answers[question.name] = Answer(AnswerStatus.GIVEN)
        effects = (*effects, NoteShown(question.name))
    return _end(scene.having(answers=answers), SessionStatus.COMPLETED, before=effects)


def _ask(scene: _Scene, question: Question, *, before: tuple[Effect, ...] = ()) -> InterviewSprint:
    """Ask a question, with her earlier ticks if she comes back to it."""
    session = scene.session
    earlier = session.answers.get(question.name)
    marked = earlier.value if earlier is not None and isinstance(earlier.value, tuple) else ()
    asked = replace(
        session,
        current=question.name,
        asked_in=session.sprint,
        waiting_since=session.sprint,
        shown_in={**session.shown_in, question.name: session.sprint},
        marked=marked,
        pending=None,
    )
    number = scene.way.number(question.name, session.answers)
    return Sprint(asked, (*before, QuestionAsked(question.name, session.sprint, number, marked)))


def _ask_again(scene: _Scene, question: Question) -> InterviewSprint:
    """Ask instead of the open question; what the chat shows of either makes room for it."""
    session = scene.session
    withdrawn: list[Effect] = [QuestionWithdrawn(scene.question.name, session.asked_in, session.sprint)]
    if question.name != session.current:
        shown_in = session.shown_in[question.name]
        withdrawn.insert(0, QuestionWithdrawn(question.name, shown_in, shown_in + 1))
    return _ask(scene, question, before=tuple(withdrawn))


def _end(scene: _Scene, status: SessionStatus, *, before: tuple[Effect, ...] = ()) -> InterviewSprint:
    session = scene.session
    over = replace(session, status=status, current=None, pending=None, marked=())
    asked = (question.name for question in scene.way.instrument.questions if question.waits)
    given = sum(1 for name in asked if name in session.answers and session.answers[name].value is not None)
    return Sprint(over, (*before, *scene.way.left_open(session.answers), SessionEnded(status, given)))


# --- answers ---


def _take(scene: _Scene, answer: Answer) -> InterviewSprint:
    """Record the answer to the open question with all that follows from it, and go on."""
    question, session = scene.question, scene.session
    after = scene.way.settled({**session.answers, question.name: answer})
    effects: tuple[Effect, ...] = (
        QuestionClosed(question.name, session.asked_in, session.sprint, answer),
        *scene.way.changes(session.answers, after),
        *walk.cases(question, answer),
    )
    return _go_on(scene.having(answers=after, pending=None, marked=()), effects)


def _consider(scene: _Scene, value: Value, *, raw: str, doubtful: bool) -> InterviewSprint:
    """Take a value that was read, or first ask what is missing from it, or whether it was meant."""
    question, session = scene.question, scene.session
    constraint = question.constraint
    if constraint is not None and not constraint.holds(walk.values(session.answers), at=scene.way.at, this=value):
        return _reject(scene, Unreadable.CONSTRAINT)
    detail = interpret.missing_detail(value)
    if detail is None and not doubtful and not isinstance(value, Money):
        return _take(scene, Answer(AnswerStatus.GIVEN, value, raw))
    waiting = replace(session, pending=Pending(value, raw, detail), waiting_since=session.sprint)
    asked = (
        ConfirmationAsked(question.name, session.sprint, value)
        if detail is None
        else DetailAsked(question.name, session.sprint, detail, value)
    )
    return Sprint(waiting, (asked,))


def _reject(scene: _Scene, reason: Unreadable) -> InterviewSprint:
    return Sprint(scene.session, (AnswerRejected(scene.question.name, scene.session.sprint, reason),))


# --- one handler for each kind of event ---


def _choice_selected(scene: _Scene, event: events.ChoiceSelected) -> InterviewSprint:
    question = scene.question
    if question.type is QuestionType.ACKNOWLEDGE:
        return _take(scene, Answer(AnswerStatus.GIVEN, "ok"))
    if question.type is not QuestionType.SELECT_ONE or question.choice(event.choice) is None:
        raise EventRejected(Rejection.UNKNOWN_CHOICE)
    return _consider(scene, event.choice, raw=event.choice, doubtful=False)


def _choice_marked(scene: _Scene, event: events.ChoiceMarked) -> InterviewSprint:
    question = scene.question
    choice = question.choice(event.choice)
    if question.type is not QuestionType.SELECT_MULTIPLE or choice is None:
        raise EventRejected(Rejection.UNKNOWN_CHOICE)
    exclusive = {other.name for other in question.choices if other.exclusive}
    kept = () if choice.exclusive else tuple(name for name in scene.session.marked if name not in exclusive)
    wanted = {*kept, choice.name} if event.on else {*scene.session.marked} - {choice.name}
    marked = tuple(other.name for other in question.choices if other.name in wanted)
    session = replace(scene.session, marked=marked, pending=None)
    return Sprint(session, (MarksChanged(question.name, session.asked_in, marked),))


def _choices_done(scene: _Scene, event: events.ChoicesDone) -> InterviewSprint:
    if scene.question.type is not QuestionType.SELECT_MULTIPLE:
        raise EventRejected(Rejection.NOT_ACCEPTED)
    if not scene.session.marked:
        return _reject(scene, Unreadable.EMPTY)
    return _consider(scene, scene.session.marked, raw=" ".join(scene.session.marked), doubtful=False)


def _confirmation_given(scene: _Scene, event: events.ConfirmationGiven) -> InterviewSprint:
    pending = scene.session.pending
    if pending is None or pending.detail is not None:
        raise EventRejected(Rejection.STALE)
    if event.right:
        return _take(scene, Answer(AnswerStatus.GIVEN, pending.value, pending.raw))
    return _ask_again(scene, scene.question)


def _detail_given(scene: _Scene, event: events.DetailGiven) -> InterviewSprint:
    pending = scene.session.pending
    if pending is None or pending.detail is None or not isinstance(pending.value, Money):
        raise EventRejected(Rejection.STALE)
    try:
        whole = interpret.with_detail(pending.value, pending.detail, given=event.detail)
    except ValueError:
        raise EventRejected(Rejection.UNKNOWN_CHOICE) from None
    return _consider(scene, whole, raw=pending.raw, doubtful=True)


def _msg_received(scene: _Scene, event: events.MsgReceived) -> InterviewSprint:
    control = read_control(event.text)
    if control in _CONTROLS:
        return _CONTROLS[control](scene, event)
    pending = scene.session.pending
    if pending is not None and (answered := _settle_pending(scene, pending, event=event)) is not None:
        return answered
    reading = interpret.read(scene.question, event.text, today=event.at.date())
    if isinstance(reading, Unclear):
        return _reject(scene, reading.reason)
    return _consider(scene, reading.value, raw=event.text, doubtful=not isinstance(reading, Clear))


def _settle_pending(scene: _Scene, pending: Pending, *, event: events.MsgReceived) -> InterviewSprint | None:
    """A typed yes, no, or detail; None when she wrote something else, which is then read as a new answer."""
    session = scene.session
    if pending.detail is None:
        right = interpret.read_yes_no(event.text)
        if right is None:
            return None
        return _confirmation_given(scene, events.ConfirmationGiven(event.at, session.waiting_since, right))
    detail = interpret.read_detail(pending.detail, event.text)
    if detail is None:
        return None
    return _detail_given(scene, events.DetailGiven(event.at, session.waiting_since, detail))


def _attachment_received(scene: _Scene, event: events.AttachmentReceived) -> InterviewSprint:
    return _reject(scene, Unreadable.WRONG_KIND)


def _back_asked(scene: _Scene, event: Event) -> InterviewSprint:
    if scene.session.pending is not None:
        return _ask_again(scene, scene.question)
    before = scene.way.before(scene.question.name, scene.session.answers)
    if before is None:
        raise EventRejected(Rejection.FIRST_QUESTION)
    return _ask_again(scene, before)


def _skip_asked(scene: _Scene, event: Event) -> InterviewSprint:
    if scene.question.required:
        raise EventRejected(Rejection.REQUIRED)
    earlier = scene.session.answers.get(scene.question.name)  # gone back and forth: what she said stands
    return _take(scene, earlier or Answer(AnswerStatus.UNANSWERED))


def _refusal_asked(scene: _Scene, event: Event) -> InterviewSprint:
    return _take(scene, Answer(AnswerStatus.REFUSED))


def _ignorance_told(scene: _Scene, event: Event) -> InterviewSprint:
    return _take(scene, Answer(AnswerStatus.UNKNOWN))


def _help_asked(scene: _Scene, event: Event) -> InterviewSprint:
    return Sprint(scene.session, (CaseOpened(HELP, scene.question.name),))


def _pause_asked(scene: _Scene, event: Event) -> InterviewSprint:
    return Sprint(scene.session, (SessionPaused(),))


def _resume_asked(scene: _Scene, event: events.ResumeAsked) -> InterviewSprint:
    return _ask_again(scene, scene.question)


def _wait_expired(scene: _Scene, event: events.WaitExpired) -> InterviewSprint:
    return _end(scene, SessionStatus.EXPIRED)


def _session_interrupted(scene: _Scene, event: events.SessionInterrupted) -> InterviewSprint:
    return _end(scene, SessionStatus.INTERRUPTED)


_CONTROLS: dict[Control | None, Callable[[_Scene, Event], InterviewSprint]] = {
    Control.BACK: _back_asked,
    Control.SKIP: _skip_asked,
    Control.REFUSE: _refusal_asked,
    Control.DONT_KNOW: _ignorance_told,
    Control.PAUSE: _pause_asked,
    Control.HELP: _help_asked,
}

TRANSITIONS: dict[tuple[SessionStatus, type], Callable[[_Scene, Any], InterviewSprint]] = {
    (SessionStatus.WAITING, events.ChoiceSelected): _choice_selected,
    (SessionStatus.WAITING, events.ChoiceMarked): _choice_marked,
    (SessionStatus.WAITING, events.ChoicesDone): _choices_done,
    (SessionStatus.WAITING, events.ConfirmationGiven): _confirmation_given,
    (SessionStatus.WAITING, events.DetailGiven): _detail_given,
    (SessionStatus.WAITING, events.MsgReceived): _msg_received,
    (SessionStatus.WAITING, events.AttachmentReceived): _attachment_received,
    (SessionStatus.WAITING, events.BackAsked): _back_asked,
    (SessionStatus.WAITING, events.SkipAsked): _skip_asked,
    (SessionStatus.WAITING, events.RefusalAsked): _refusal_asked,
    (SessionStatus.WAITING, events.PauseAsked): _pause_asked,
    (SessionStatus.WAITING, events.HelpAsked): _help_asked,
    (SessionStatus.WAITING, events.ResumeAsked): _resume_asked,
    (SessionStatus.WAITING, events.WaitExpired): _wait_expired,
    (SessionStatus.WAITING, events.SessionInterrupted): _session_interrupted,
}
