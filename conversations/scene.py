"""A session, and the moves of which every step of an interview is made: ask, consider, take, correct, finish.

* A session holds names and values, never rendered text; a move returns a new one and the effects that go with it.
* Everything doubtful is confirmed by her before it counts, and every amount of money is.
* What she corrects out of turn leaves the open question where it is, unless it no longer applies.
* What waits for her word is a stack, one reading a question; moves only change it, and `waiting` makes the chat fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from conversations import interpret, walk
from conversations.answers import Answer, AnswerStatus, Money, Value
from conversations.effects import (
    AnswerCorrected,
    AnswerRejected,
    Detail,
    Effect,
    NoteShown,
    Occasion,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    ResultChanged,
    SessionEnded,
    SessionStatus,
    SummaryShown,
)
from conversations.instrument import Question, QuestionType
from conversations.length import still_to_ask
from conversations.reading.courtesies import Courtesy, read_courtesy
from conversations.reading.dates import other_days
from conversations.reading.result import Clear, Reading, Unclear, Unreadable

MISSES_BEFORE_RESCUE = 3
"""Answers that could not be read before the question comes again with buttons and a person."""

LACKING = {Detail.PERIOD: Unreadable.NOT_A_PERIOD, Detail.DAYS_PER_WEEK: Unreadable.NOT_DAYS_PER_WEEK}
"""What her words are not where an amount lacks this."""

S = TypeVar("S")
E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Sprint(Generic[S, E_co]):
    """What one call yields: the state after it, and the effects in the order in which they are to happen."""

    session: S
    effects: tuple[E_co, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """A reading that waits for her word: for a missing detail, or (detail None) for her yes.

    `taken_in` is the sprint of the message of hers that it was read from, `asked_in` that of its own prompt while this
    one is seen, 0 otherwise.
    """

    question: str
    value: Value
    raw: str
    taken_in: int | None = None
    detail: Detail | None = None
    asked_in: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """One interview: in progress, or completed and open to corrections.

    `asked_in` is the sprint that showed the open question (or the summary); `shown_in` says where each question was
    asked last, `taken_in` where the message stands that answered it; `marked` are ticks not yet sent; `waiting` are the
    readings that wait for her word, the newest, which alone is seen, at the end; `misses` counts what could not be read
    since the question was asked, and `unread` is the last of it; `left` are the reasons already told for questions
    without an answer; `earlier_pay` is what she earned a month when last asked; `finished` says that she has been
    through it once, whatever she corrects now.
    """

    instrument: str
    version: str
    status: SessionStatus = SessionStatus.WAITING
    purposes: tuple[str, ...] = ()
    earlier_pay: Decimal | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    current: str | None = None
    sprint: int = 0
    asked_in: int = 0
    shown_in: Mapping[str, int] = field(default_factory=dict)
    taken_in: Mapping[str, int] = field(default_factory=dict)
    marked: tuple[str, ...] = ()
    page: int = 0
    waiting: tuple[Pending, ...] = ()
    misses: int = 0
    unread: str | None = None
    left: Mapping[str, Answer] = field(default_factory=dict)
    finished: bool = False

    @property
    def pending(self) -> Pending | None:
        """The reading that she is asked about now."""
        return self.waiting[-1] if self.waiting else None

    @property
    def waiting_since(self) -> int:
        """The sprint whose buttons settle what is asked now: about a reading, or else by the question or summary."""
        return self.asked_in if self.pending is None else self.pending.asked_in

    def about(self, question: str) -> Pending | None:
        """What waits of this question."""
        return next((said for said in self.waiting if said.question == question), None)

    def waiting_beside(self, question: str) -> tuple[Pending, ...]:
        """What waits of all other questions."""
        return tuple(said for said in self.waiting if said.question != question)


InterviewSprint = Sprint[Session, Effect]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an event is taken: the session as it stands in the new sprint, and the way that lies before it."""

    session: Session
    way: walk.Way

    @property
    def question(self) -> Question:
        """The open question; only where there is one."""
        assert self.session.current is not None
        return self.way.instrument.by_name[self.session.current]

    def named(self, name: str) -> Question:
        """A question of the instrument."""
        return self.way.instrument.by_name[name]

    def having(self, **changes: Any) -> Scene:
        """The same scene with the session changed."""
        return Scene(replace(self.session, **changes), self.way)

    def offered(self, question: Question) -> tuple[str, ...] | None:
        """The names that she may choose from, or None where no filter narrows them down."""
        if question.choice_filter is None:
            return None
        known = walk.values(self.session.answers)
        return tuple(choice.name for choice in self.way.offered(question, known))

    def reading(self, question: Question, text: str) -> Reading[Value]:
        """Her words as an answer to this question."""
        return interpret.read(question, text, today=self.way.at.date(), offered=self.offered(question))


# --- asking ---


def go_on(scene: Scene, standing: walk.Standing, *, before: tuple[Effect, ...] = ()) -> InterviewSprint:
    """Show the notes that come next and ask the next open question, or finish."""
    while (question := standing.open) is not None:
        if question.type is not QuestionType.NOTE:
            return ask(_with(scene, standing), question, before=before)
        before = (*before, NoteShown(question.name))
        standing = scene.way.walked({**standing.answers, question.name: Answer(AnswerStatus.GIVEN)})
    return finish(_with(scene, standing), before=before)


def _with(scene: Scene, standing: walk.Standing) -> Scene:
    return scene if scene.session.answers is standing.answers else scene.having(answers=standing.answers)


def ask(
    scene: Scene,
    question: Question,
    *,
    before: tuple[Effect, ...] = (),
    rescue: bool = False,
    unread: Unreadable | None = None,
) -> InterviewSprint:
    """Ask a question, with her earlier ticks if she comes back to it."""
    session = scene.session
    offered = scene.offered(question)
    asked = replace(
        session,
        status=SessionStatus.WAITING,
        current=question.name,
        asked_in=session.sprint,
        shown_in={**session.shown_in, question.name: session.sprint},
        marked=_ticked(scene, question),
        page=0,
        misses=0 if rescue or question.name != session.current else session.misses,
        unread=None,
    )
    number = scene.way.number(question.name, session.answers)
    shown = QuestionAsked(
        question=question.name,
        sprint=session.sprint,
        number=number,
        of=max(number, _asked(scene) + still_to_ask(scene.way, session.answers)),
        marked=asked.marked,
        offered=offered,
        rescue=rescue,
        unread=unread,
    )
    return Sprint(asked, (*before, shown))


def _ticked(scene: Scene, question: Question) -> tuple[str, ...]:
    """What a select_multiple begins with: her earlier answer, or the default."""
    earlier, offered = scene.session.answers.get(question.name), scene.offered(question)
    ticked = question.default if earlier is None else earlier.value
    if not isinstance(ticked, tuple):
        return ()
    return ticked if offered is None else tuple(name for name in ticked if name in offered)


def _asked(scene: Scene) -> int:
    return sum(1 for name in scene.session.answers if scene.named(name).waits)


def ask_again(
    scene: Scene, question: Question, *, rescue: bool = False, unread: Unreadable | None = None
) -> InterviewSprint:
    """Ask instead of what is open; what the chat shows of either makes room for it."""
    session = scene.session
    withdrawn: list[Effect] = [QuestionWithdrawn(question.name, session.asked_in, session.sprint)]
    if question.name != session.current and (shown_in := session.shown_in.get(question.name)) is not None:
        withdrawn.insert(0, QuestionWithdrawn(question.name, shown_in, shown_in + 1))
    return ask(scene, question, before=tuple(withdrawn), rescue=rescue, unread=unread)


# --- answers ---


def read(
    scene: Scene, question: Question, *, text: str, taken_in: int, asked: Pending | None = None
) -> InterviewSprint:
    """Read her words as an answer to a question, the open one or an earlier one.

    Where they are none, and a reading that was `asked` about lacks something, she is told what that could be.
    """
    reading = _reading_of(scene, question, text=text, asked=asked)
    if question.name == scene.session.current and scene.session.marked != _ticked(scene, question):
        reading = interpret.with_ticks(question, reading, ticked=scene.session.marked)
    if isinstance(reading, Unclear):
        if read_courtesy(text) is Courtesy.GREETING:
            greeted = AnswerRejected(question.name, scene.session.sprint, Unreadable.GREETING)
            return Sprint(scene.session, (greeted,))
        if asked is not None and asked.detail is not None:
            return reject(scene, scene.named(asked.question), reason=LACKING[asked.detail], text=text)
        return reject(scene, question, reason=reading.reason, text=text)
    said = Pending(question.name, reading.value, text, taken_in)
    return consider(scene, said, doubtful=not isinstance(reading, Clear))


def _reading_of(scene: Scene, question: Question, *, text: str, asked: Pending | None) -> Reading[Value]:
    if asked is not None and asked.question == question.name and isinstance(asked.value, Money):
        return interpret.read_correction(question, text, of=asked.value, today=scene.way.at.date())
    return scene.reading(question, text)


def consider(scene: Scene, said: Pending, *, doubtful: bool = False, whole: bool = False) -> InterviewSprint:
    """Take a value that was read, or let it wait for what is missing from it (nothing, if it is `whole`) or her yes.

    A day that the constraint refuses may be the same day of another week or year.
    """
    question = scene.named(said.question)
    if not _holds(scene, question, value=said.value):
        others = other_days(said.raw, said.value, today=scene.way.at.date()) if isinstance(said.value, date) else ()
        other = next((day for day in others if _holds(scene, question, value=day)), None)
        if other is None:
            return reject(scene, question, reason=Unreadable.CONSTRAINT, text=said.raw)
        said, doubtful = replace(said, value=other), True
    detail = None if whole else interpret.missing_detail(said.value)
    if detail is None and not doubtful and not isinstance(said.value, Money):
        return take(scene, question, answer=Answer(AnswerStatus.GIVEN, said.value, said.raw), taken_in=said.taken_in)
    newest = replace(said, detail=detail, asked_in=0)
    return Sprint(replace(scene.session, waiting=(*scene.session.waiting_beside(question.name), newest)))


def _holds(scene: Scene, question: Question, *, value: Value) -> bool:
    known = walk.values(scene.session.answers)
    return question.constraint is None or question.constraint.holds(known, at=scene.way.at, this=value)


def reject(scene: Scene, question: Question, *, reason: Unreadable, text: str | None = None) -> InterviewSprint:
    """Say why it could not be read; after too many such answers to the open question, ask it with buttons."""
    session = scene.session
    if question.name != session.current:
        return Sprint(session, (AnswerRejected(question.name, session.sprint, reason, earlier=True),))
    missed = scene.having(misses=session.misses + 1, unread=text)
    if needs_rescue(missed):
        return ask_again(missed, question, rescue=True, unread=reason)
    return Sprint(missed.session, (AnswerRejected(question.name, session.sprint, reason),))


def needs_rescue(scene: Scene) -> bool:
    """Whether she was misunderstood too often since the open question was first asked."""
    return scene.session.misses >= MISSES_BEFORE_RESCUE


def take(scene: Scene, question: Question, *, answer: Answer, taken_in: int | None = None) -> InterviewSprint:
    """Record an answer with all that follows from it, and go on."""
    session = scene.session
    standing = scene.way.walked({**session.answers, question.name: answer})
    cases = () if session.answers.get(question.name) == answer else walk.cases(question, answer)
    changes = (*scene.way.changes(session.answers, standing.answers), *cases)
    messages = {name: sprint for name, sprint in session.taken_in.items() if name != question.name}
    if taken_in is not None:
        messages[question.name] = taken_in
    left = scene.way.left_now(session.left, session.answers, after=standing.answers)
    waiting = session.waiting_beside(question.name)
    after = scene.having(answers=standing.answers, taken_in=messages, waiting=waiting, left=left)
    if question.name == session.current:
        closed = QuestionClosed(question.name, session.asked_in, session.sprint, answer)
        return go_on(after, standing, before=(closed, *changes))
    shown_in = session.shown_in[question.name]
    before = (QuestionClosed(question.name, shown_in, shown_in + 1, answer), *changes)
    if session.current is None:
        summary = QuestionWithdrawn(question.name, session.asked_in, session.asked_in + 1)
        return go_on(after, standing, before=(*before, summary))
    return _corrected(after, standing, before=(*before, AnswerCorrected(question.name, answer)))


def _corrected(scene: Scene, standing: walk.Standing, *, before: tuple[Effect, ...]) -> InterviewSprint:
    """The open question stays where it is, if it still applies and its choices can be no others."""
    session, current = scene.session, scene.question
    stays = current.name in standing.answers or standing.open is current
    if stays and current.choice_filter is None:
        return Sprint(session, before)
    before = (*before, QuestionWithdrawn(current.name, session.asked_in, session.asked_in + 1))
    return ask(scene, current, before=before) if stays else go_on(scene, standing, before=before)


# --- the end ---


def finish(scene: Scene, *, before: tuple[Effect, ...] = ()) -> InterviewSprint:
    """Everything is asked: show what was noted. The answers can still be corrected."""
    session = scene.session
    asked = (q for q in scene.way.instrument.questions if q.waits and q.type is not QuestionType.ACKNOWLEDGE)
    noted = tuple(
        (question.name, session.answers[question.name]) for question in asked if question.name in session.answers
    )
    changed = any(isinstance(effect, ResultChanged) for effect in before)
    again = Occasion.CORRECTED if changed else Occasion.ASKED
    over = scene.having(current=None, asked_in=session.sprint, finished=True)
    ended = end(over, SessionStatus.COMPLETED, before=before)
    summary = SummaryShown(session.sprint, noted, again if session.finished else Occasion.END)
    return Sprint(ended.session, (*ended.effects, summary))


def end(scene: Scene, status: SessionStatus, *, before: tuple[Effect, ...] = ()) -> InterviewSprint:
    """The session is over: each question without an answer gets its reason, once."""
    session = scene.session
    left = scene.way.left_open(session.answers, ending=status, current=session.current)
    told = tuple(ResultChanged(name, answer) for name, answer in left.items() if session.left.get(name) != answer)
    over = replace(session, status=status, current=None, marked=(), left=left)
    asked = (question.name for question in scene.way.instrument.questions if question.waits)
    given = sum(1 for name in asked if name in session.answers and session.answers[name].value is not None)
    return Sprint(over, (*before, *told, SessionEnded(status, given)))
