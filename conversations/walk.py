"""The way through an instrument: what comes next, what stood before, what no longer applies, what a change amounts to.

* Order is the instrument's own; relevance is evaluated anew at each step over the answers that stand.
* A question without the consent it needs is never asked and counts as not applicable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from conversations.answers import Answer, AnswerStatus, Value
from conversations.effects import CaseOpened, OutcomesChanged, ResultChanged
from conversations.expressions import as_text
from conversations.instrument import Instrument, Question, QuestionType

NOT_APPLICABLE = Answer(AnswerStatus.NOT_APPLICABLE)
UNANSWERED = Answer(AnswerStatus.UNANSWERED)

Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Way:
    """One instrument, walked at one moment by somebody who consents to these purposes."""

    instrument: Instrument
    purposes: Collection[str]
    at: datetime

    def applies(self, question: Question, answers: Answers) -> bool:
        """Whether the question is to be asked of her, given what she answered and consented to."""
        if question.purpose is not None and question.purpose not in self.purposes:
            return False
        return all(condition.holds(values(answers), at=self.at) for condition in question.relevant)

    def settled(self, answers: Answers) -> dict[str, Answer]:
        """The answers that stand: those that no longer apply are dropped, calculations are made anew.

        One pass in order is enough, since a question may only refer to earlier ones (checked at loading).
        """
        standing: dict[str, Answer] = {}
        for question in self.instrument.questions:
            if not self.applies(question, standing):
                continue
            if question.calculation is not None:
                if (result := self._calculated(question, standing)) is not None:
                    standing[question.name] = result
            elif question.name in answers:
                standing[question.name] = answers[question.name]
        return standing

    def _calculated(self, question: Question, standing: Answers) -> Answer | None:
        """The result; an empty one is missing for the reason that what it reads is missing, or does not stand yet."""
        assert question.calculation is not None
        text = as_text(question.calculation.value(values(standing), at=self.at))
        if text:
            return Answer(AnswerStatus.GIVEN, text)
        reads = (standing[name] for name in sorted(question.calculation.reads) if name in standing)
        return next((Answer(answer.status) for answer in reads if answer.value is None), None)

    def next(self, answers: Answers) -> Question | None:
        """The first question or note that applies and has not been answered or shown yet, or None at the end."""
        open_ones = (
            question
            for question in self.instrument.questions
            if question.name not in answers and question.type is not QuestionType.CALCULATE
        )
        return next((question for question in open_ones if self.applies(question, answers)), None)

    def before(self, name: str, answers: Answers) -> Question | None:
        """The nearest earlier question that she was asked, or None if this is the first."""
        earlier = self.instrument.questions[: self.instrument.position(name)]
        return next((question for question in reversed(earlier) if question.waits and question.name in answers), None)

    def number(self, name: str, answers: Answers) -> int:
        """Which question this is for her, counted from 1 over those she has been asked."""
        earlier = self.instrument.questions[: self.instrument.position(name)]
        return 1 + sum(1 for question in earlier if question.waits and question.name in answers)

    def left_open(self, answers: Answers) -> tuple[ResultChanged, ...]:
        """When a session ends: a reason for each question without an answer, unanswered or not applicable."""
        return tuple(
            ResultChanged(question.name, UNANSWERED if self.applies(question, answers) else NOT_APPLICABLE)
            for question in self.instrument.questions
            if question.name not in answers and question.type is not QuestionType.NOTE
        )

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


def values(answers: Answers) -> dict[str, Value | None]:
    """The bare values, as expressions see them."""
    return {name: answer.value for name, answer in answers.items()}


def cases(question: Question, answer: Answer) -> tuple[CaseOpened, ...]:
    """The cases that choosing these choices opens, each kind once."""
    names = answer.value if isinstance(answer.value, tuple) else (answer.value,)
    chosen = (question.choice(name) for name in names if isinstance(name, str))
    kinds = dict.fromkeys(choice.case for choice in chosen if choice is not None and choice.case is not None)
    return tuple(CaseOpened(kind, question.name) for kind in kinds)
