"""The interview itself: `start` and `take_up` open a session, `resume` takes one event; each returns a session and its
effects.

* Pure: the same session and event give the same Sprint. A session holds names and values, never rendered text.
* What may happen when is one table, TRANSITIONS; an event that does not fit raises EventRejected and changes nothing.
* A tap names the sprint that showed its button; only the buttons of the open question, and of what is asked about a
  reading, count, whatever is tapped late.
* What she says of a reading that waits is about the one that she sees, unless she replies to something else.
* A completed session still takes corrections, until whoever keeps it lets it go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from conversations import events, interpret, taps, walk
from conversations.answers import Answer, AnswerStatus, Money, Value, Voice
from conversations.effects import (
    CaseOpened,
    QuestionWithdrawn,
    SessionPaused,
    SessionStatus,
)
from conversations.errors import EventRejected, Rejection
from conversations.events import Event
from conversations.instrument import Instrument, Question
from conversations.reading.controls import Control, may_be_a_no, read_control
from conversations.reading.result import Clear, Unclear, Unreadable
from conversations.scene import (
    InterviewSprint,
    Pending,
    Scene,
    Session,
    Sprint,
    ask_again,
    consider,
    end,
    finish,
    go_on,
    needs_rescue,
    read,
    reject,
    take,
)
from conversations.taps import DEFAULT
from conversations.waiting import show_waiting

__all__ = ["DEFAULT", "HELP", "TRANSITIONS", "InterviewSprint", "Pending", "Session", "Sprint"]
__all__ += ["resume", "start", "take_up"]

HELP = "ayuda"
"""The kind of case that *Ayuda* opens."""


def start(
    instrument: Instrument,
    at: datetime,
    *,
    purposes: tuple[str, ...] = (),
    sprint: int = 1,
    earlier_pay: Decimal | None = None,
) -> InterviewSprint:
    """Open a session: `purposes` are those that she has consented to, and questions that need another are left out.

    `sprint` is the number of this call, for a chat that has counted some already; `earlier_pay` what she earned a month
    when last asked, in pesos.
    """
    session = Session(instrument.name, instrument.version, purposes=purposes, earlier_pay=earlier_pay, sprint=sprint)
    return take_up(instrument, at, session=session)


def take_up(instrument: Instrument, at: datetime, *, session: Session) -> InterviewSprint:
    """Open a session of which some answers stand already: those that this version asks for are kept, and no note that
    stood before the last of them comes again."""
    way = walk.Way(instrument, session.purposes, at)
    standing = way.walked(walk.kept(instrument, session.answers))
    return go_on(Scene(session, way), standing, before=way.changes(session.answers, standing.answers))


def resume(instrument: Instrument, session: Session, event: Event) -> InterviewSprint:
    """Take one event; raises EventRejected, with a reason for a kind reply, when it does not fit the session."""
    if (instrument.name, instrument.version) != (session.instrument, session.version):
        raise ValueError(
            f"session of {session.instrument} {session.version} resumed with {instrument.name} {instrument.version}"
        )
    handle = TRANSITIONS.get((session.status, type(event)))
    if handle is None:
        raise EventRejected(Rejection.STALE if session.status is SessionStatus.WAITING else Rejection.SESSION_OVER)
    settles = isinstance(event, events.ConfirmationGiven | events.DetailGiven)
    if getattr(event, "sprint", None) not in (None, session.waiting_since if settles else session.asked_in):
        raise EventRejected(Rejection.STALE)
    way = walk.Way(instrument, session.purposes, event.at)
    step = handle(Scene(replace(session, sprint=session.sprint + 1), way), event)
    return show_waiting(session, step, way=way)


# --- one handler for each kind of event ---


def _confirmation_given(scene: Scene, event: events.ConfirmationGiven) -> InterviewSprint:
    pending = scene.session.pending
    if pending is None or pending.detail is not None:
        raise EventRejected(Rejection.STALE)
    question = scene.named(pending.question)
    if event.right:
        return take(
            scene, question, answer=Answer(AnswerStatus.GIVEN, pending.value, pending.raw), taken_in=pending.taken_in
        )
    return _let_go(scene.having(misses=scene.session.misses + 1), pending)


def _let_go(scene: Scene, pending: Pending) -> InterviewSprint:
    """Forget a reading; the open question, if it was about that one, is asked again."""
    left = scene.having(waiting=scene.session.waiting_beside(pending.question))
    if pending.question == scene.session.current:
        return ask_again(left, scene.question, rescue=needs_rescue(scene))
    return Sprint(left.session)


def _detail_given(scene: Scene, event: events.DetailGiven) -> InterviewSprint:
    pending = scene.session.pending
    if pending is None or pending.detail is None or not isinstance(pending.value, Money):
        raise EventRejected(Rejection.STALE)
    try:
        whole = interpret.with_detail(pending.value, pending.detail, given=event.detail)
    except ValueError:
        raise EventRejected(Rejection.UNKNOWN_CHOICE) from None
    return consider(scene, replace(pending, value=whole), doubtful=True)


def _msg_received(scene: Scene, event: events.MsgReceived) -> InterviewSprint:
    session, question = scene.session, scene.question
    control, earlier = read_control(event.text), _answered_about(scene, event.about)
    if earlier is not None and control not in _STEERING:
        return _answer_to(scene, earlier, text=event.text, taken_in=session.sprint)
    pending, steers = _asked_about(scene, event), control in _CONTROLS
    settles = None if steers and control not in _NOT_TOLD else pending
    if settles is not None and (settled := _settle(scene, settles, event=event)) is not None:
        return settled
    if pending is not None and event.about == pending.asked_in and control not in _STEERING:
        return _answer_to(scene, scene.named(pending.question), text=event.text, taken_in=session.sprint)
    if control is Control.PAUSE and (no := _maybe_a_no(scene, question, text=event.text)) is not None:
        return consider(scene, Pending(question.name, no, event.text, session.sprint), doubtful=True)
    if steers and not _is_a_choice(scene, question, text=event.text):
        return _CONTROLS[control](scene, event)
    return read(scene, question, text=event.text, taken_in=session.sprint, asked=pending)


def _asked_about(scene: Scene, event: Event) -> Pending | None:
    """The reading that she is asked about now, unless what she does is to the open question itself."""
    session, pending = scene.session, scene.session.pending
    if pending is None or getattr(event, "sprint", None) is not None:
        return None
    to_the_question = getattr(event, "about", None) == session.asked_in
    return None if to_the_question and pending.question != session.current else pending


def _is_a_choice(scene: Scene, question: Question, *, text: str) -> bool:
    """Whether "no sé" and the like are clearly one of the choices."""
    if read_control(text) not in _WITHOUT_VALUE or not question.choices:
        return False
    return isinstance(scene.reading(question, text), Clear)


def _maybe_a_no(scene: Scene, question: Question, *, text: str) -> Value | None:
    """The choice that a "no" would be, where words that put off may say just that; None where they put off.

    Said again while that choice waits for her yes, they do.
    """
    if not question.choices or scene.session.waiting or not may_be_a_no(text):
        return None
    no = scene.reading(question, "no")
    return None if isinstance(no, Unclear) else no.value


def _answered_about(scene: Scene, about: int | None) -> Question | None:
    """The question that this sprint asked, if it has been answered and is not the one that is open."""
    session = scene.session
    shown = (name for name, sprint in session.shown_in.items() if sprint == about and name in session.answers)
    return None if about in (None, session.asked_in) else next(map(scene.named, shown), None)


def _answer_to(scene: Scene, question: Question, *, text: str, taken_in: int) -> InterviewSprint:
    """Her words as the answer to a question that may have been answered before."""
    status = _WITHOUT_VALUE.get(read_control(text))
    if status is None or _is_a_choice(scene, question, text=text):
        return read(scene, question, text=text, taken_in=taken_in, asked=scene.session.about(question.name))
    if status is AnswerStatus.SKIPPED and question.required:
        raise EventRejected(Rejection.REQUIRED)
    if scene.session.answers.get(question.name) == Answer(status):
        return Sprint(replace(scene.session, waiting=scene.session.waiting_beside(question.name)))
    return take(scene, question, answer=Answer(status), taken_in=taken_in)


def _settle(scene: Scene, pending: Pending, *, event: events.MsgReceived) -> InterviewSprint | None:
    """What her words are to what she is asked about a reading; None where they are something else."""
    shown_in = pending.asked_in
    if pending.detail is None:
        if (right := interpret.read_yes_no(event.text)) is None:
            return None
        return _confirmation_given(scene, events.ConfirmationGiven(event.at, shown_in, right))
    if read_control(event.text) in _NOT_TOLD:  # it stands without, and is compared with nothing
        return consider(scene, pending, doubtful=True, whole=True)
    detail = interpret.read_detail(pending.detail, event.text)
    return None if detail is None else _detail_given(scene, events.DetailGiven(event.at, shown_in, detail))


def _written_when_completed(scene: Scene, event: events.MsgReceived) -> InterviewSprint:
    """Only what corrects is taken; anything else is not about this interview any more."""
    session, pending = scene.session, scene.session.pending
    control, earlier = read_control(event.text), _answered_about(scene, event.about)
    if earlier is not None and control not in _STEERING:
        return _answer_to(scene, earlier, text=event.text, taken_in=session.sprint)
    if pending is not None and control is Control.BACK:
        return _let_go(scene, pending)
    if pending is not None and (settled := _settle(scene, pending, event=event)) is not None:
        return settled
    if control in (Control.BACK, Control.CORRECT):
        return _back_to_the_summary(scene)
    if pending is not None and event.about == pending.asked_in and control not in _STEERING:
        return _answer_to(scene, scene.named(pending.question), text=event.text, taken_in=session.sprint)
    raise EventRejected(Rejection.SESSION_OVER)


def _msg_edited(scene: Scene, event: events.MsgEdited) -> InterviewSprint:
    """What she changed is read anew, as the answer that it was or was meant to be."""
    session = scene.session
    question, was = _meant(scene, event.taken_in)
    if was == event.text:
        return Sprint(session)
    control = read_control(event.text)
    if control in _STEERING:
        if session.status is not SessionStatus.WAITING:
            raise EventRejected(Rejection.SESSION_OVER)
        return _CONTROLS[control](scene, event)
    return _answer_to(scene, question, text=event.text, taken_in=event.taken_in)


def _meant(scene: Scene, taken_in: int) -> tuple[Question, str | None]:
    """The question that a message of hers answers, or was meant to answer, and its words as they were."""
    session = scene.session
    answered = next((name for name, sprint in session.taken_in.items() if sprint == taken_in), None)
    if answered is not None and answered in session.answers:
        return scene.named(answered), session.answers[answered].raw
    if (said := next((said for said in session.waiting if said.taken_in == taken_in), None)) is not None:
        return scene.named(said.question), said.raw
    if session.current is None or taken_in <= session.asked_in:
        raise EventRejected(Rejection.EDITED)
    return scene.question, session.unread


def _voice_received(scene: Scene, event: events.VoiceReceived) -> InterviewSprint:
    if not scene.question.free_text:
        return reject(scene, scene.question, reason=Unreadable.WRONG_KIND)
    return take(scene, scene.question, answer=Answer(AnswerStatus.GIVEN, Voice(event.ref, event.seconds)))


def _attachment_received(scene: Scene, event: events.AttachmentReceived) -> InterviewSprint:
    return reject(scene, scene.question, reason=Unreadable.WRONG_KIND)


def _correction_asked(scene: Scene, event: events.CorrectionAsked) -> InterviewSprint:
    if event.question not in scene.session.answers or not scene.named(event.question).waits:
        raise EventRejected(Rejection.UNKNOWN_CHOICE)
    return ask_again(scene, scene.named(event.question))


def _back_asked(scene: Scene, event: Event) -> InterviewSprint:
    answers, question = scene.session.answers, scene.question
    if (pending := _asked_about(scene, event)) is not None:
        return _let_go(scene, pending)
    if scene.session.finished and scene.way.walked(answers).open is None:
        return _back_to_the_summary(scene)
    before = scene.way.before(question.name, answers)
    if before is None:
        raise EventRejected(Rejection.FIRST_QUESTION)
    return ask_again(scene, before)


def _back_to_the_summary(scene: Scene) -> InterviewSprint:
    session = scene.session
    return finish(scene, before=(QuestionWithdrawn(session.current or "", session.asked_in, session.sprint),))


def _skip_asked(scene: Scene, event: Event) -> InterviewSprint:
    session, question = scene.session, scene.question
    earlier = session.answers.get(question.name)  # gone back and forth: what she said stands
    if earlier is not None:
        return take(scene, question, answer=earlier, taken_in=session.taken_in.get(question.name))
    if question.required:
        raise EventRejected(Rejection.REQUIRED)
    return take(scene, question, answer=Answer(AnswerStatus.SKIPPED), taken_in=_written_in(scene, event))


def _refusal_asked(scene: Scene, event: Event) -> InterviewSprint:
    return take(scene, scene.question, answer=Answer(AnswerStatus.REFUSED), taken_in=_written_in(scene, event))


def _ignorance_told(scene: Scene, event: Event) -> InterviewSprint:
    return take(scene, scene.question, answer=Answer(AnswerStatus.UNKNOWN), taken_in=_written_in(scene, event))


def _written_in(scene: Scene, event: Event) -> int | None:
    return scene.session.sprint if isinstance(event, events.MsgReceived) else None


def _help_asked(scene: Scene, event: Event) -> InterviewSprint:
    return Sprint(scene.session, (CaseOpened(HELP, scene.session.current),))


def _pause_asked(scene: Scene, event: Event) -> InterviewSprint:
    """A "no" that was read from words that put off was none after all."""
    waiting = tuple(said for said in scene.session.waiting if not may_be_a_no(said.raw))
    return Sprint(replace(scene.session, waiting=waiting), (SessionPaused(),))


def _resume_asked(scene: Scene, event: events.ResumeAsked) -> InterviewSprint:
    return ask_again(scene, scene.question)


def _wait_expired(scene: Scene, event: events.WaitExpired) -> InterviewSprint:
    return end(scene, SessionStatus.EXPIRED)


def _session_interrupted(scene: Scene, event: events.SessionInterrupted) -> InterviewSprint:
    return end(scene, SessionStatus.INTERRUPTED)


_WITHOUT_VALUE: dict[Control | None, AnswerStatus] = {
    Control.SKIP: AnswerStatus.SKIPPED,
    Control.REFUSE: AnswerStatus.REFUSED,
    Control.DONT_KNOW: AnswerStatus.UNKNOWN,
}

_NOT_TOLD = (Control.DONT_KNOW, Control.SKIP)
"""What leaves an amount without its period, or its days."""

_CONTROLS: dict[Control | None, Callable[[Scene, Event], InterviewSprint]] = {
    Control.BACK: _back_asked,
    Control.CORRECT: _back_asked,
    Control.SKIP: _skip_asked,
    Control.REFUSE: _refusal_asked,
    Control.DONT_KNOW: _ignorance_told,
    Control.PAUSE: _pause_asked,
    Control.HELP: _help_asked,
}

_STEERING = _CONTROLS.keys() - _WITHOUT_VALUE.keys()
"""Those that are never the answer to a question, whichever one they are written about."""

TRANSITIONS: dict[tuple[SessionStatus, type], Callable[[Scene, Any], InterviewSprint]] = {
    (SessionStatus.WAITING, events.ChoiceSelected): taps.choice_selected,
    (SessionStatus.WAITING, events.ChoiceMarked): taps.choice_marked,
    (SessionStatus.WAITING, events.ChoicesDone): taps.choices_done,
    (SessionStatus.WAITING, events.PageTurned): taps.page_turned,
    (SessionStatus.WAITING, events.DatePartGiven): taps.date_part_given,
    (SessionStatus.WAITING, events.BandSelected): taps.band_selected,
    (SessionStatus.WAITING, events.ConfirmationGiven): _confirmation_given,
    (SessionStatus.WAITING, events.DetailGiven): _detail_given,
    (SessionStatus.WAITING, events.MsgReceived): _msg_received,
    (SessionStatus.WAITING, events.MsgEdited): _msg_edited,
    (SessionStatus.WAITING, events.VoiceReceived): _voice_received,
    (SessionStatus.WAITING, events.AttachmentReceived): _attachment_received,
    (SessionStatus.WAITING, events.BackAsked): _back_asked,
    (SessionStatus.WAITING, events.SkipAsked): _skip_asked,
    (SessionStatus.WAITING, events.RefusalAsked): _refusal_asked,
    (SessionStatus.WAITING, events.PauseAsked): _pause_asked,
    (SessionStatus.WAITING, events.HelpAsked): _help_asked,
    (SessionStatus.WAITING, events.ResumeAsked): _resume_asked,
    (SessionStatus.WAITING, events.WaitExpired): _wait_expired,
    (SessionStatus.WAITING, events.SessionInterrupted): _session_interrupted,
    (SessionStatus.COMPLETED, events.CorrectionAsked): _correction_asked,
    (SessionStatus.COMPLETED, events.ConfirmationGiven): _confirmation_given,
    (SessionStatus.COMPLETED, events.DetailGiven): _detail_given,
    (SessionStatus.COMPLETED, events.MsgReceived): _written_when_completed,
    (SessionStatus.COMPLETED, events.MsgEdited): _msg_edited,
}
