"""What waits for her word, as the chat shows it: after every step the newest reading is asked about, and no other.

* A move of `scene` only changes the stack; here alone prompts are shown and taken away.
* A prompt has a sprint of its own, so that nothing that makes room takes it along unseen.
"""

from __future__ import annotations

from dataclasses import replace

from conversations import walk
from conversations.answers import Money
from conversations.effects import (
    AnswerCorrected,
    AnswerRejected,
    CaseOpened,
    ConfirmationAsked,
    DetailAsked,
    Effect,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    SessionPaused,
    SessionStatus,
    SummaryShown,
)
from conversations.income import is_unusual
from conversations.scene import InterviewSprint, Pending, Scene, Session, Sprint

_SHOWN = (QuestionAsked, AnswerRejected, AnswerCorrected, SummaryShown, SessionPaused, CaseOpened)
"""Effects with a message of their own in the step's sprint."""


def show_waiting(before: Session, step: InterviewSprint, *, way: walk.Way) -> InterviewSprint:
    """The step with what is to be seen of the stack after it; readings that can no longer stand are dropped.

    Where the step has shown something, its sprint is counted on by one for the prompt.
    """
    was, effects = before.pending, step.effects
    if was is None and step.session.pending is None:
        return step
    scene = Scene(step.session, way)
    stack = tuple(said for said in step.session.waiting if _may_stand(scene, said))
    newest = stack[-1] if stack else None
    if was is not None and not _makes_room(effects, was.asked_in):
        if newest is not None and newest.asked_in == was.asked_in:
            return Sprint(replace(step.session, waiting=stack), effects)
        effects = (QuestionWithdrawn(was.question, was.asked_in, was.asked_in + 1), *effects)
    if newest is None:
        return Sprint(replace(step.session, waiting=()), effects)
    sprint = step.session.sprint + any(isinstance(effect, _SHOWN) for effect in effects)
    shown = replace(newest, asked_in=sprint)
    below = (replace(said, asked_in=0) for said in stack[:-1])
    return Sprint(replace(step.session, sprint=sprint, waiting=(*below, shown)), (*effects, _prompt(scene, shown)))


def _may_stand(scene: Scene, said: Pending) -> bool:
    """Whether it can still be the answer to its question."""
    session = scene.session
    if session.status not in (SessionStatus.WAITING, SessionStatus.COMPLETED):
        return False
    if said.question != session.current and said.question not in session.answers:
        return False
    offered = scene.offered(scene.named(said.question))
    return offered is None or {*offered}.issuperset(said.value if isinstance(said.value, tuple) else (said.value,))


def _makes_room(effects: tuple[Effect, ...], sprint: int) -> bool:
    """Whether what the chat shows of this sprint goes in this step."""
    ranges = (effect for effect in effects if isinstance(effect, QuestionClosed | QuestionWithdrawn))
    return any(one.sprint <= sprint < one.until for one in ranges)


def _prompt(scene: Scene, said: Pending) -> DetailAsked | ConfirmationAsked:
    earlier = said.question != scene.session.current
    if said.detail is not None:
        return DetailAsked(said.question, said.asked_in, said.detail, said.value, earlier)
    pay = scene.session.earlier_pay
    unusual = isinstance(said.value, Money) and is_unusual(said.value, scene.way.at.date(), earlier=pay)
    return ConfirmationAsked(said.question, said.asked_in, said.value, unusual, earlier)
