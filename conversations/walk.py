"""The way through an instrument: what comes next, what stood before, what no longer applies, what a change amounts to.

* Order is the instrument's own; relevance is evaluated anew at each step over the answers that stand.
* A question without the consent it needs is never asked, whatever else is answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from conversations.answers import Answer, AnswerStatus, Value
from conversations.effects import CaseOpened, OutcomesChanged, ResultChanged, SessionStatus
from conversations.expressions import Expression, as_text
from conversations.instrument import Choice, Instrument, Question, QuestionType

NOT_APPLICABLE = Answer(AnswerStatus.NOT_APPLICABLE)

Answers = Mapping[str, Answer]
Values = dict[str, Value | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """The answers that stand, and the first question or note that is still open (None at the end)."""

    answers: dict[str, Answer]
    open: Question | None


@dataclass(frozen=True, slots=True)
class Way:
    """One instrument, walked at one moment by somebody who consents to these purposes."""

    instrument: Instrument
    purposes: tuple[str, ...]
    at: datetime

    def walked(self, answers: Answers) -> Standing:
        """What stands: answers that no longer apply are dropped, calculations are made anew.

        One pass in order is enough, since a question may only refer to earlier ones (checked at loading).
        """
        standing: dict[str, Answer] = {}
        known: Values = {}
        first_open: Question | None = None
        for question in self.instrument.questions:
            if not self._applies(question, known):
                continue
            answer = self._standing(question, answers.get(question.name), before=standing, known=known)
            if answer is not None:
                standing[question.name] = answer
                known[question.name] = answer.value
            elif first_open is None and question.type is not QuestionType.CALCULATE:
                first_open = question
        return Standing(standing, first_open)

    def _applies(self, question: Question, known: Values) -> bool:
        return self.consented(question) and not self.ruled_out(question, known)

    def consented(self, question: Question) -> bool:
        """Whether she has given the consent that the question needs, if it needs one."""
        return question.purpose is None or question.purpose in self.purposes

    def ruled_out(self, question: Question, known: Values, *, unknown: Set[str] = frozenset()) -> bool:
        """Whether it does not apply, whatever the answers to the `unknown` questions are."""
        for condition in question.relevant:
            if unknown.isdisjoint(condition.reads) and not condition.holds(known, at=self.at):
                return True
        return False

    def _standing(self, question: Question, answer: Answer | None, *, before: Answers, known: Values) -> Answer | None:
        if question.calculation is not None:
            return self._calculated(question.calculation, before, known=known)
        if answer is None or question.choice_filter is None or answer.value is None:
            return answer
        chosen = answer.value if isinstance(answer.value, tuple) else (answer.value,)
        offered = {choice.name for choice in self.offered(question, known)}
        return answer if offered.issuperset(chosen) else None

    def _calculated(self, calculation: Expression, before: Answers, *, known: Values) -> Answer | None:
        """The result; an empty one is missing for the reason that what it reads is missing, or does not stand yet."""
        text = as_text(calculation.value(known, at=self.at))
        if text:
            return Answer(AnswerStatus.GIVEN, text)
        reads = (before[name] for name in sorted(calculation.reads) if name in before)
        missing = (answer.status for answer in reads if answer.status is not AnswerStatus.GIVEN)
        return next(map(Answer, missing), None)

    def offered(self, question: Question, known: Values) -> tuple[Choice, ...]:
        """The choices that she may choose from, given these values."""
        if (allowed := question.choice_filter) is None:
            return question.choices
        return tuple(
            choice
            for choice in question.choices
            if allowed.holds(known, at=self.at, row={**choice.attributes, "name": choice.name})
        )

    def before(self, name: str, answers: Answers) -> Question | None:
        """The nearest earlier question that she was asked, or None if this is the first."""
        earlier = self.instrument.questions[: self.instrument.position(name)]
        return next((question for question in reversed(earlier) if question.waits and question.name in answers), None)

    def number(self, name: str, answers: Answers) -> int:
        """Which question this is for her, counted from 1 over those she has been asked."""
        earlier = self.instrument.questions[: self.instrument.position(name)]
        return 1 + sum(1 for question in earlier if question.waits and question.name in answers)

    def left_open(self, answers: Answers, *, ending: SessionStatus, current: str | None) -> dict[str, Answer]:
        """When a session ends: the reason why each question without an answer has none.

        Where a condition reads what was never reached, nobody knows whether the question would have applied.
        """
        left: dict[str, Answer] = {}
        known = values(answers)
        unreached: set[str] = set()
        for question in self.instrument.questions:
            if question.name in answers or question.type is QuestionType.NOTE:
                continue
            reason = self._reason(question, known, unreached=unreached, ending=ending)
            if question.name == current and reason is AnswerStatus.NOT_REACHED:
                reason = AnswerStatus.UNANSWERED
            if reason in _UNREACHED:
                unreached.add(question.name)
            left[question.name] = Answer(reason)
        return left

    def left_now(self, left: Answers, before: Answers, *, after: Answers) -> dict[str, Answer]:
        """The reasons that have been told for questions without an answer, once `changes` has been told as well."""
        still = {name: reason for name, reason in left.items() if name not in after}
        dropped = (name for name in before if name not in after)
        asked = (name for name in dropped if self.instrument.by_name[name].type is not QuestionType.NOTE)
        return still | dict.fromkeys(asked, NOT_APPLICABLE)

    def _reason(self, question: Question, known: Values, *, unreached: Set[str], ending: SessionStatus) -> AnswerStatus:
        if not self.consented(question):
            return AnswerStatus.NO_CONSENT
        if ending is SessionStatus.COMPLETED or self.ruled_out(question, known, unknown=unreached):
            return AnswerStatus.NOT_APPLICABLE
        if question.calculation is not None and unreached.isdisjoint(question.calculation.reads):
            return AnswerStatus.NOT_APPLICABLE  # it came to nothing
        return AnswerStatus.INTERRUPTED if ending is SessionStatus.INTERRUPTED else AnswerStatus.NOT_REACHED

    def changes(self, before: Answers, after: Answers) -> tuple[ResultChanged | OutcomesChanged, ...]:
        """What must be remembered when the answers that stand change from `before` to `after`."""
        changed = [
            question
            for question in self.instrument.questions
            if before.get(question.name) != after.get(question.name) and question.type is not QuestionType.NOTE
        ]
        results = tuple(
            ResultChanged(question.name, after.get(question.name, NOT_APPLICABLE), question.free_text)
            for question in changed
        )
        if all(question.outcome is None for question in changed):
            return results
        outcomes = {
            question.outcome: after[question.name]
            for question in self.instrument.questions
            if question.outcome is not None and question.name in after
        }
        return (*results, OutcomesChanged(outcomes))


def kept(instrument: Instrument, answers: Answers) -> Answers:
    """Of answers given elsewhere, perhaps to another version, those that this one asks for, and as given the notes that
    stand before the last of them."""
    fit = {q.name: answers[q.name] for q in instrument.questions if q.name in answers and _may_be(q, answers[q.name])}
    last = max((instrument.position(name) for name in fit), default=0)
    notes = [question.name for question in instrument.questions[:last] if question.type is QuestionType.NOTE]
    return {**dict.fromkeys(notes, Answer(AnswerStatus.GIVEN)), **fit}


def _may_be(question: Question, answer: Answer) -> bool:
    chosen = answer.value if isinstance(answer.value, tuple) else (answer.value,)
    known = not question.choices or answer.value is None
    return known or all(isinstance(name, str) and question.choice(name) is not None for name in chosen)


_UNREACHED = (AnswerStatus.NOT_REACHED, AnswerStatus.UNANSWERED, AnswerStatus.INTERRUPTED)


def values(answers: Answers) -> Values:
    """The bare values, as expressions see them."""
    return {name: answer.value for name, answer in answers.items()}


def cases(question: Question, answer: Answer) -> tuple[CaseOpened, ...]:
    """The cases that choosing these choices opens, each kind once."""
    names = answer.value if isinstance(answer.value, tuple) else (answer.value,)
    chosen = (question.choice(name) for name in names if isinstance(name, str))
    kinds = dict.fromkeys(choice.case for choice in chosen if choice is not None and choice.case is not None)
    return tuple(CaseOpened(kind, question.name) for kind in kinds)
