"""What must hold of an interview, whatever happens in it.

* Every step goes through JSON, as in the store; what a chat's history of results says equals what the session holds.
* No reading that waits for her word is lost: each still waits or was settled, and the chat asks about the newest alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pydantic_core import from_json, to_json

from conversations import events, interpret
from conversations.answers import Answer
from conversations.codec import session_from_dict, session_to_dict
from conversations.effects import (
    AnswerRejected,
    CaseOpened,
    ConfirmationAsked,
    DetailAsked,
    Effect,
    Occasion,
    OutcomesChanged,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    ResultChanged,
    SessionEnded,
    SessionStatus,
    SummaryShown,
)
from conversations.errors import EventRejected
from conversations.events import Event
from conversations.instrument import Instrument, Question, QuestionType
from conversations.reading.controls import Control, read_control
from conversations.session import Pending, Session, resume, start
from conversations.speech import SPEECH, Asking, Interviewed
from conversations.walk import Way, values
from tests.support.draws import AT, Draw


@dataclass
class Run:
    """One interview under random events, checked at every step."""

    instrument: Instrument
    session: Session
    history: list[Effect] = field(default_factory=list)
    chat: list[tuple[int, str]] = field(default_factory=list)
    """The prompts about readings that stand in the chat: the sprint and the question of each."""
    most_waiting: int = 0

    @classmethod
    def begin(cls, instrument: Instrument, *purposes: str) -> Run:
        first = start(instrument, AT, purposes=purposes)
        return cls(instrument, first.session, list(first.effects))

    def take_all(self, draws: Sequence[Draw]) -> None:
        """One thing after another, some hours apart, so that days go by."""
        for step, draw in enumerate(draws):
            self.take(draw.event(self.instrument, self.session, at=AT + timedelta(hours=7 * step)))

    def take(self, event: Event) -> None:
        before = self.session
        kept = to_json(session_to_dict(before))
        try:
            sprint = resume(self.instrument, before, event)
        except EventRejected:
            assert to_json(session_to_dict(before)) == kept, "what is rejected changes nothing"
            return
        self.history += sprint.effects
        self.session = session_from_dict(from_json(to_json(session_to_dict(sprint.session))))
        assert self.session == sprint.session, "a session comes back from JSON as it was"
        self._check(sprint.effects, before)
        self._check_waiting(sprint.effects, before, event=event)
        if getattr(event, "sprint", None) is not None:
            self._tap_again(event)

    def _check(self, effects: tuple[Effect, ...], before: Session) -> None:
        session = self.session
        prompts = [effect for effect in effects if isinstance(effect, ConfirmationAsked | DetailAsked)]
        assert session.sprint == max([before.sprint + 1, *(prompt.sprint for prompt in prompts)]) <= before.sprint + 2
        assert (session.current is None) == (session.status is not SessionStatus.WAITING)
        assert told(self.history) == held(self.instrument, session)
        if session.current is not None:
            self._check_open(self.instrument.by_name[session.current])
        ended = [effect for effect in effects if isinstance(effect, SessionEnded)]
        if session.status is before.status is SessionStatus.COMPLETED and not ended:
            assert all(answer == session.answers[name] for name, answer in before.answers.items())
        elif session.status is not SessionStatus.WAITING:
            assert [effect.status for effect in ended] == [session.status]
            if session.status is SessionStatus.COMPLETED:
                (summary,) = (effect for effect in effects if isinstance(effect, SummaryShown))
                assert (summary.sprint, summary.answers) == (session.asked_in, standing(self.instrument, session))
                assert (summary.occasion is not Occasion.END) == before.finished
        for effect in effects:
            if isinstance(effect, QuestionAsked):
                assert 1 <= effect.number <= effect.of
            if isinstance(effect, Asking):
                shown = Interviewed(2**63 - 1, self.instrument.name, self.instrument.version, effect)
                assert SPEECH.load(SPEECH.dump(shown)) == shown

    def _check_open(self, question: Question) -> None:
        session = self.session
        assert question.waits
        assert question.purpose is None or question.purpose in session.purposes
        assert session.marked == () or question.type is QuestionType.SELECT_MULTIPLE
        assert all(said.question in {*session.answers, question.name} for said in session.waiting)

    def _check_waiting(self, effects: tuple[Effect, ...], before: Session, *, event: Event) -> None:
        """Nothing that waited is lost, and she is asked about the newest of what waits, once."""
        self.most_waiting = max(self.most_waiting, len(self.session.waiting))
        for said in before.waiting:
            still = any(replace(one, asked_in=said.asked_in) == said for one in self.session.waiting)
            assert still or self._is_settled(said, effects, before=before, event=event), said
        for effect in effects:
            if isinstance(effect, QuestionClosed | QuestionWithdrawn):
                self.chat = [shown for shown in self.chat if shown[0] not in range(effect.sprint, effect.until)]
            if isinstance(effect, ConfirmationAsked | DetailAsked):
                others = {effect.sprint for effect in effects if isinstance(effect, QuestionAsked | SummaryShown)}
                assert effect.sprint not in others, "a prompt has a sprint of its own"
                self.chat.append((effect.sprint, effect.question))
        assert self.chat == [(said.asked_in, said.question) for said in self.session.waiting[-1:]]
        asked_about = [said.question for said in self.session.waiting]
        assert len({*asked_about}) == len(asked_about), "one reading a question"
        assert all(said.asked_in == 0 for said in self.session.waiting[:-1])
        assert all(self._may_be_chosen(said) for said in self.session.waiting)

    def _may_be_chosen(self, said: Pending) -> bool:
        question = self.instrument.by_name[said.question]
        known = values(self.session.answers)
        offered = {choice.name for choice in Way(self.instrument, self.session.purposes, AT).offered(question, known)}
        return not question.choices or offered.issuperset(said.value if isinstance(said.value, tuple) else [said.value])

    def _is_settled(self, said: Pending, effects: tuple[Effect, ...], *, before: Session, event: Event) -> bool:
        """Whether this step gave a reason why it waits no longer."""
        session, name = self.session, said.question
        if session.status not in (SessionStatus.WAITING, SessionStatus.COMPLETED):
            return True
        if any(isinstance(effect, QuestionClosed) and effect.question == name for effect in effects):
            return True  # she has answered it
        if said == before.pending and _means_no(event):
            return True
        about_it = isinstance(event, events.ChoiceMarked) and name == before.current
        if about_it or any(one.question == name for one in session.waiting) or _takes_back(event):
            return True  # she has said something newer about it
        if name != session.current and name not in session.answers:
            return True
        return self.instrument.by_name[name].choice_filter is not None and bool(told(list(effects)))

    def _tap_again(self, event: Event) -> None:
        """A double tap: the second one is rejected, or shows once more what stands already."""
        try:
            again = resume(self.instrument, self.session, event)
        except EventRejected:
            return
        assert replace(again.session, sprint=self.session.sprint) == self.session
        asks = (QuestionAsked, ConfirmationAsked, DetailAsked, AnswerRejected)
        changes = (ResultChanged, OutcomesChanged, SessionEnded)
        told_again = [effect for effect in again.effects if isinstance(effect, (*asks, *changes))]
        assert told_again == []
        assert isinstance(event, events.HelpAsked) or not any(isinstance(e, CaseOpened) for e in again.effects)

    def end_by_refusing(self) -> None:
        """From wherever it stands, refusing every question is a way to the end."""
        for _ in range(2 * len(self.instrument.questions)):
            self.take(events.RefusalAsked(AT))
        assert self.session.status is not SessionStatus.WAITING


def _means_no(event: Event) -> bool:
    """Whether it lets go of the reading that she is asked about."""
    match event:
        case events.ConfirmationGiven(right=right):
            return not right
        case events.BackAsked(sprint=sprint):
            return sprint is None
        case events.MsgReceived(text=text) | events.MsgEdited(text=text):
            return read_control(text) in (Control.BACK, Control.CORRECT) or interpret.read_yes_no(text) is False
        case _:
            return False


def _takes_back(event: Event) -> bool:
    """Whether she says once more of an answer that she would rather not give one."""
    if not isinstance(event, events.MsgReceived | events.MsgEdited):
        return False
    return read_control(event.text) in (Control.SKIP, Control.REFUSE, Control.DONT_KNOW)


def told(history: list[Effect]) -> dict[str, Answer]:
    """What was last told of each question."""
    return {effect.question: effect.answer for effect in history if isinstance(effect, ResultChanged)}


def held(instrument: Instrument, session: Session) -> dict[str, Answer]:
    """The answers that the session holds, and the reasons for those that it does not."""
    noted = {
        name: answer
        for name, answer in session.answers.items()
        if instrument.by_name[name].type is not QuestionType.NOTE
    }
    assert not noted.keys() & session.left.keys()
    return {**session.left, **noted}


def standing(instrument: Instrument, session: Session) -> tuple[tuple[str, Answer], ...]:
    """What she was asked and what stands for it, as the summary shows it."""
    asked = (q.name for q in instrument.questions if q.waits and q.type is not QuestionType.ACKNOWLEDGE)
    return tuple((name, session.answers[name]) for name in asked if name in session.answers)
