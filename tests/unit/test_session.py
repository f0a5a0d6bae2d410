"""The interview, event by event: what each one does, what it refuses, and what follows from an answer."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from conversations import events
from conversations.answers import Answer, AnswerStatus
from conversations.effects import (
    CaseOpened,
    NoteShown,
    OutcomesChanged,
    QuestionAsked,
    QuestionWithdrawn,
    ResultChanged,
    SessionEnded,
    SessionPaused,
    SessionStatus,
)
from conversations.errors import EventRejected, Rejection
from conversations.events import Event
from conversations.session import TRANSITIONS, resume, start
from conversations.walk import Way
from tests.support.instruments import EVERYTHING_READ, ONE_READ
from tests.support.interview import AT, LLEGADA, SEGUIMIENTO, Interview, at_money, of, working

GIVEN = AnswerStatus.GIVEN


# --- the table


def test_every_event_has_a_row_and_no_other_has() -> None:
    every = set(typing.get_args(Event))
    assert len(every) > 10
    assert set(TRANSITIONS) == {(SessionStatus.WAITING, event) for event in every}


@pytest.mark.parametrize("status", [status for status in SessionStatus if status is not SessionStatus.WAITING])
def test_what_is_over_takes_nothing_more(status: SessionStatus) -> None:
    over = replace(Interview(LLEGADA).session, status=status, current=None)
    with pytest.raises(EventRejected) as rejected:
        resume(LLEGADA, over, events.MsgReceived(AT, "sí"))
    assert rejected.value.reason is Rejection.SESSION_OVER


def test_a_session_goes_on_with_its_own_version_only() -> None:
    with pytest.raises(ValueError, match="session of llegada 1 resumed with todo 3"):
        resume(EVERYTHING_READ, Interview(LLEGADA).session, events.ResumeAsked(AT))


def test_the_same_event_gives_the_same_sprint() -> None:
    session, event = Interview(LLEGADA).session, events.ChoiceSelected(AT, 1, "no")
    assert resume(LLEGADA, session, event) == resume(LLEGADA, session, event)


# --- opening, notes, acknowledging, ending


def test_it_opens_with_notes_calculations_and_the_first_question() -> None:
    today = ResultChanged("dia", Answer(GIVEN, "2026-03-02"))
    interview = Interview(EVERYTHING_READ)
    assert interview.effects == (today, NoteShown("saludo"), QuestionAsked("enterada", sprint=1, number=1))
    assert (interview.session.status, interview.session.current) == (SessionStatus.WAITING, "enterada")


def test_a_chat_that_has_counted_sprints_goes_on_counting() -> None:
    sprint = start(LLEGADA, AT, sprint=41)
    assert of(QuestionAsked, sprint.effects) == [QuestionAsked("papeles", sprint=41, number=1)]


@pytest.mark.parametrize("text", ["sí", "ok", "Va", "de acuerdo", "Enterada"])
def test_she_acknowledges_in_words_too(text: str) -> None:
    interview = Interview(EVERYTHING_READ)
    interview.says(text)
    if interview.session.pending:
        interview.says("sí")
    assert interview.session.answers["enterada"].value == "ok"


def test_a_note_is_shown_once_and_counts_as_no_question() -> None:
    interview = Interview(EVERYTHING_READ)
    interview.taps("ok")
    assert interview.taps("no")[-1] == QuestionAsked("peso", sprint=3, number=3)
    assert not of(NoteShown, interview.back())
    assert interview.session.current == "trabaja"


def test_it_ends_with_every_question_accounted_for() -> None:
    interview = Interview(EVERYTHING_READ)
    told = [*interview.effects, *interview.taps("ok"), *interview.taps("no")]
    for text in ("60.5", "saltar", "bien"):
        told += interview.says(text)
    assert told.count(NoteShown("animo")) == 1
    assert told[-1] == SessionEnded(SessionStatus.COMPLETED, answered=4)
    results = {effect.question: effect.answer.status for effect in told if isinstance(effect, ResultChanged)}
    assert results == {
        "dia": GIVEN,
        "enterada": GIVEN,
        "trabaja": GIVEN,
        "tipos": AnswerStatus.NOT_APPLICABLE,
        "horas": AnswerStatus.NOT_APPLICABLE,
        "pago": AnswerStatus.NOT_APPLICABLE,
        "cansada": AnswerStatus.NOT_APPLICABLE,
        "peso": GIVEN,
        "desde": AnswerStatus.UNANSWERED,
        "cuenta": GIVEN,
        "resumen": GIVEN,
    }
    assert interview.session.answers["peso"].value == Decimal("60.5")


@pytest.mark.parametrize(
    ("event", "status"),
    [(events.WaitExpired(AT), SessionStatus.EXPIRED), (events.SessionInterrupted(AT), SessionStatus.INTERRUPTED)],
)
def test_an_end_from_outside_leaves_a_reason_for_each_question(event: Event, status: SessionStatus) -> None:
    interview = Interview(LLEGADA)
    interview.taps("no")
    unanswered = Answer(AnswerStatus.UNANSWERED)
    assert interview.take(event) == (
        ResultChanged("lugar", unanswered),
        ResultChanged("necesita", unanswered),
        SessionEnded(status, answered=1),
    )
    assert interview.refused(events.MsgReceived(AT, "sí")) is Rejection.SESSION_OVER


# --- controls


@pytest.mark.parametrize(
    ("event", "text", "status"),
    [
        (events.RefusalAsked(AT), "prefiero no decir", AnswerStatus.REFUSED),
        (events.SkipAsked(AT), "saltar", AnswerStatus.UNANSWERED),
        (None, "no sé", AnswerStatus.UNKNOWN),
    ],
)
def test_a_missing_answer_keeps_its_reason(event: Event | None, text: str, status: AnswerStatus) -> None:
    for taken in [event, events.MsgReceived(AT, text)]:
        interview = Interview(LLEGADA)
        if taken is not None:
            assert interview.take(taken)[1] == ResultChanged("papeles", Answer(status))


def test_a_required_question_may_be_refused_but_not_skipped() -> None:
    interview = Interview(ONE_READ)
    assert interview.refused(events.SkipAsked(AT)) is Rejection.REQUIRED
    assert interview.refused(events.MsgReceived(AT, "saltar")) is Rejection.REQUIRED
    interview.take(events.RefusalAsked(AT))
    assert interview.session.answers["unica"] == Answer(AnswerStatus.REFUSED)


def test_back_from_the_first_question_there_is_nothing() -> None:
    assert Interview(LLEGADA).refused(events.BackAsked(AT, 1)) is Rejection.FIRST_QUESTION


def test_back_asks_the_question_before_and_clears_what_the_chat_shows() -> None:
    interview = Interview(LLEGADA)
    interview.taps("no")
    assert interview.back() == (
        QuestionWithdrawn("papeles", sprint=1, until=2),
        QuestionWithdrawn("lugar", sprint=2, until=3),
        QuestionAsked("papeles", sprint=3, number=1),
    )
    assert interview.session.answers["papeles"].value == "no"


def test_back_from_what_waits_for_her_yes_asks_the_same_again() -> None:
    interview = at_money()
    interview.says("250 pesos")
    assert interview.says("atrás")[-1] == QuestionAsked("pago", 7, number=5)


def test_skipping_what_she_went_back_to_keeps_what_she_said() -> None:
    interview = Interview(LLEGADA)
    interview.taps("no")
    interview.back()
    interview.says("saltar")
    assert interview.session.answers["papeles"].value == "no"
    assert interview.session.current == "lugar"


def test_a_pause_and_a_call_for_help_keep_her_place() -> None:
    interview = at_money()
    interview.says("250 pesos")
    before = interview.session
    assert interview.take(events.PauseAsked(AT)) == interview.says("luego") == (SessionPaused(),)
    assert interview.take(events.HelpAsked(AT)) == interview.says("ayuda") == (CaseOpened("ayuda", "pago"),)
    assert interview.session == replace(before, sprint=before.sprint + 4)


def test_she_resumes_at_the_very_question() -> None:
    interview = Interview(LLEGADA, at=AT)
    interview.taps("no")
    interview.at = AT + timedelta(days=3)
    assert interview.take(events.ResumeAsked(interview.at)) == (
        QuestionWithdrawn("lugar", sprint=2, until=3),
        QuestionAsked("lugar", sprint=3, number=2),
    )


# --- old and repeated taps


@pytest.mark.parametrize("sprint", [1, 99])
@pytest.mark.parametrize(
    "tapped",
    [
        lambda sprint: events.ChoiceSelected(AT, sprint, "no"),
        lambda sprint: events.ChoiceMarked(AT, sprint, "no", on=True),
        lambda sprint: events.ChoicesDone(AT, sprint),
        lambda sprint: events.ConfirmationGiven(AT, sprint, right=True),
        lambda sprint: events.DetailGiven(AT, sprint, "mes"),
        lambda sprint: events.BackAsked(AT, sprint),
        lambda sprint: events.SkipAsked(AT, sprint),
        lambda sprint: events.RefusalAsked(AT, sprint),
        lambda sprint: events.PauseAsked(AT, sprint),
        lambda sprint: events.HelpAsked(AT, sprint),
    ],
)
def test_a_button_of_another_question_does_nothing(tapped: Callable[[int], Event], sprint: int) -> None:
    interview = Interview(LLEGADA)
    interview.taps("no")
    assert interview.refused(tapped(sprint)) is Rejection.STALE


def test_a_yes_tapped_twice_counts_once() -> None:
    interview = at_money()
    interview.says("800 a la semana")
    yes = events.ConfirmationGiven(AT, interview.session.waiting_since, right=True)
    interview.take(yes)
    assert interview.refused(yes) is Rejection.STALE


# --- what follows from an answer


def test_a_correction_drops_what_no_longer_applies() -> None:
    interview = at_money()
    interview.says("800 a la semana")
    interview.confirms()
    assert interview.session.current == "peso"
    for _ in range(4):
        interview.back()
    assert interview.session.current == "trabaja"
    effects = interview.taps("no")
    gone = Answer(AnswerStatus.NOT_APPLICABLE)
    assert of(ResultChanged, effects) == [
        ResultChanged("trabaja", Answer(GIVEN, "no", "no")),
        ResultChanged("tipos", gone),
        ResultChanged("horas", gone),
        ResultChanged("pago", gone),
        ResultChanged("resumen", Answer(GIVEN, "no ")),
    ]
    assert of(OutcomesChanged, effects) == [OutcomesChanged({"activity": Answer(GIVEN, "no", "no")})]
    assert effects[-1] == QuestionAsked("peso", interview.session.sprint, number=3)


def test_a_question_opens_and_closes_with_what_it_depends_on() -> None:
    interview = working()
    interview.says("tejido")
    interview.says("41")
    interview.says("prefiero no decir")
    assert interview.session.current == "cansada"
    interview.back()
    interview.back()
    interview.says("40")
    assert interview.session.current == "peso"


def test_without_a_purpose_its_questions_are_not_asked() -> None:
    interview = Interview(EVERYTHING_READ)
    for event in ("ok", "si"):
        interview.taps(event)
    interview.says("tejido")
    interview.says("40")
    assert interview.session.current == "peso"
    interview.take(events.WaitExpired(AT))
    assert ResultChanged("pago", Answer(AnswerStatus.NOT_APPLICABLE)) in interview.effects


def test_a_calculation_is_missing_for_the_reason_of_what_it_reads() -> None:
    interview = Interview(SEGUIMIENTO)
    effects = interview.take(events.RefusalAsked(AT))
    refused = Answer(AnswerStatus.REFUSED)
    assert of(ResultChanged, effects)[:2] == [
        ResultChanged("trabajo_semana", refused),
        ResultChanged("con_trabajo", refused),
    ]


def test_a_calculation_waits_for_what_it_reads() -> None:
    interview = Interview(SEGUIMIENTO)
    assert interview.session.answers == {}
    interview.taps("trabaje")
    assert interview.session.answers["con_trabajo"] == Answer(GIVEN, "si")
    assert "dio_apoyo" not in interview.session.answers


def test_the_way_knows_no_question_before_the_first() -> None:
    way = Way(LLEGADA, (), AT)
    assert way.before("papeles", {}) is None
    assert way.next({}) is LLEGADA.questions[0]
