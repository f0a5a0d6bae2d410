"""The interview, event by event: how it opens and ends, what steers it, what it refuses, and how far she has come."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from conversations import events
from conversations.answers import Answer, AnswerStatus
from conversations.effects import (
    CaseOpened,
    ConfirmationAsked,
    NoteShown,
    OutcomesChanged,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    ResultChanged,
    SessionEnded,
    SessionPaused,
    SessionStatus,
    SummaryShown,
)
from conversations.errors import EventRejected, Rejection
from conversations.events import Event
from conversations.session import TRANSITIONS, resume, start
from conversations.walk import Way
from conversations.xlsform import parse_instrument
from tests.support.instruments import EVERYTHING_READ, ONE_READ, SHORT_READ
from tests.support.interview import AT, Interview, arrived, at_money, of, working

GIVEN = AnswerStatus.GIVEN
REST = ("peso", "desde", "cuenta", "hijas", "distancia", "zona", "parada", "rutas", "voz")
BUSY = Answer(GIVEN, "trabaje", "trabaje")


# --- the table


def test_every_event_has_its_row_and_no_other_has() -> None:
    every = set(typing.get_args(Event))
    assert len(every) > 20
    while_waiting = {event for status, event in TRANSITIONS if status is SessionStatus.WAITING}
    when_completed = {event for status, event in TRANSITIONS if status is SessionStatus.COMPLETED}
    assert while_waiting == every - {events.CorrectionAsked}
    corrections = {events.CorrectionAsked, events.ConfirmationGiven, events.DetailGiven}
    assert when_completed == corrections | {events.MsgReceived, events.MsgEdited}
    assert {status for status, _ in TRANSITIONS} == {SessionStatus.WAITING, SessionStatus.COMPLETED}


@pytest.mark.parametrize("status", [status for status in SessionStatus if status is not SessionStatus.WAITING])
def test_what_is_over_takes_nothing_more(status: SessionStatus) -> None:
    over = replace(Interview(SHORT_READ).session, status=status, current=None)
    for event in (events.MsgReceived(AT, "sí"), events.ChoiceSelected(AT, 1, "busque"), events.HelpAsked(AT)):
        with pytest.raises(EventRejected) as rejected:
            resume(SHORT_READ, over, event)
        assert rejected.value.reason is Rejection.SESSION_OVER


def test_a_session_goes_on_with_its_own_version_only() -> None:
    with pytest.raises(ValueError, match="session of corta 1 resumed with todo 3"):
        resume(EVERYTHING_READ, Interview(SHORT_READ).session, events.ResumeAsked(AT))


def test_the_same_event_gives_the_same_sprint() -> None:
    session, event = Interview(SHORT_READ).session, events.ChoiceSelected(AT, 1, "busque")
    assert resume(SHORT_READ, session, event) == resume(SHORT_READ, session, event)


# --- opening, notes, acknowledging, ending


def test_it_opens_with_notes_calculations_and_the_first_question() -> None:
    today = ResultChanged("dia", Answer(GIVEN, "2026-03-02"))
    interview = Interview(EVERYTHING_READ)
    assert interview.effects == (today, NoteShown("saludo"), QuestionAsked("enterada", sprint=1, number=1, of=14))
    assert (interview.session.status, interview.session.current) == (SessionStatus.WAITING, "enterada")


def test_a_chat_that_has_counted_sprints_goes_on_counting() -> None:
    sprint = start(SHORT_READ, AT, sprint=41)
    assert sprint.effects == (QuestionAsked("hizo", sprint=41, number=1, of=3),)


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
    assert interview.taps("no")[-1] == QuestionAsked("peso", sprint=3, number=3, of=11)
    assert not of(NoteShown, interview.back())
    assert interview.session.current == "trabaja"


def test_it_ends_with_a_summary_and_every_question_accounted_for() -> None:
    interview = arrived("voz")
    effects = interview.speaks()
    assert effects == (
        QuestionClosed("voz", 11, 12, interview.session.answers["voz"]),
        ResultChanged("voz", interview.session.answers["voz"], free_text=True),
        NoteShown("animo"),
        *(ResultChanged(name, Answer(AnswerStatus.NOT_APPLICABLE)) for name in ("tipos", "horas")),
        ResultChanged("pago", Answer(AnswerStatus.NO_CONSENT)),
        ResultChanged("cansada", Answer(AnswerStatus.NOT_APPLICABLE)),
        SessionEnded(SessionStatus.COMPLETED, answered=4),
        SummaryShown(12, effects[-1].answers),  # type: ignore[union-attr]
    )
    shown = dict(effects[-1].answers)  # type: ignore[union-attr]
    left_out = {"saludo", "enterada", "dia", "resumen", "animo"}
    assert shown == {name: answer for name, answer in interview.session.answers.items() if name not in left_out}
    assert list(shown) == [q.name for q in EVERYTHING_READ.questions if q.name in shown]


def test_a_window_that_closes_tells_asked_from_not_reached() -> None:
    interview = working("otra_cosa")
    assert interview.take(events.WaitExpired(AT)) == (
        ResultChanged("tipos", Answer(AnswerStatus.UNANSWERED)),
        ResultChanged("horas", Answer(AnswerStatus.NOT_REACHED)),
        ResultChanged("pago", Answer(AnswerStatus.NO_CONSENT)),
        ResultChanged("cansada", Answer(AnswerStatus.NOT_REACHED)),
        *(ResultChanged(name, Answer(AnswerStatus.NOT_REACHED)) for name in REST),
        SessionEnded(SessionStatus.EXPIRED, answered=2),
    )
    assert interview.refused(events.MsgReceived(AT, "sí")) is Rejection.SESSION_OVER


def test_an_interruption_is_told_from_an_expiry_and_from_what_did_not_apply() -> None:
    interview = Interview(EVERYTHING_READ)
    interview.taps("ok")
    interview.taps("no")
    told = of(ResultChanged, interview.take(events.SessionInterrupted(AT)))
    assert told == [
        ResultChanged("tipos", Answer(AnswerStatus.NOT_APPLICABLE)),
        ResultChanged("horas", Answer(AnswerStatus.NOT_APPLICABLE)),
        ResultChanged("pago", Answer(AnswerStatus.NO_CONSENT)),
        ResultChanged("cansada", Answer(AnswerStatus.NOT_APPLICABLE)),
        *(ResultChanged(name, Answer(AnswerStatus.INTERRUPTED)) for name in REST),
    ]


# --- how far she has come


def test_the_questions_to_come_never_become_more_on_the_way() -> None:
    interview = Interview(EVERYTHING_READ, "ingresos")
    told = [effect for effect in interview.effects if isinstance(effect, QuestionAsked)]
    for take in (
        lambda: interview.taps("ok"),
        lambda: interview.taps("si"),
        lambda: interview.says("tejido"),
        lambda: interview.says("60"),
        lambda: interview.says("prefiero no decir"),
        lambda: interview.taps("si"),
        *[lambda: interview.says("saltar")] * 7,
        lambda: interview.says("saltar"),
    ):
        told += [effect for effect in take() if isinstance(effect, QuestionAsked)]
    assert [(asked.number, asked.of) for asked in told] == [
        *((number, 15) for number in range(1, 13)),
        (13, 14),
        (14, 14),
    ]


def test_what_she_goes_back_to_has_the_number_that_it_had() -> None:
    interview = Interview(SHORT_READ)
    interview.taps("busque")
    interview.taps("casa")
    assert interview.back()[-1] == QuestionAsked("lugar", 4, number=2, of=3)
    assert interview.back()[-1] == QuestionAsked("hizo", 5, number=1, of=3)


# --- controls


@pytest.mark.parametrize(
    ("event", "text", "status"),
    [
        (events.RefusalAsked(AT), "prefiero no decir", AnswerStatus.REFUSED),
        (events.SkipAsked(AT), "saltar", AnswerStatus.SKIPPED),
        (None, "no sé", AnswerStatus.UNKNOWN),
    ],
)
def test_a_missing_answer_keeps_its_reason(event: Event | None, text: str, status: AnswerStatus) -> None:
    for taken in [event, events.MsgReceived(AT, text)]:
        interview = Interview(SHORT_READ)
        if taken is not None:
            assert interview.take(taken) == (
                QuestionClosed("hizo", 1, 2, Answer(status)),
                ResultChanged("hizo", Answer(status)),
                ResultChanged("gana", Answer(status)),
                QuestionAsked("lugar", 2, number=2, of=3),
            )


def test_a_required_question_may_be_refused_but_not_skipped() -> None:
    interview = Interview(ONE_READ)
    assert interview.refused(events.SkipAsked(AT)) is Rejection.REQUIRED
    assert interview.refused(events.MsgReceived(AT, "saltar")) is Rejection.REQUIRED
    interview.take(events.RefusalAsked(AT))
    assert interview.session.answers["unica"] == Answer(AnswerStatus.REFUSED)


def test_back_from_the_first_question_there_is_nothing() -> None:
    assert Interview(SHORT_READ).refused(events.BackAsked(AT, 1)) is Rejection.FIRST_QUESTION


def test_back_asks_the_question_before_and_clears_what_the_chat_shows() -> None:
    interview = Interview(SHORT_READ)
    interview.taps("trabaje")
    assert interview.back() == (
        QuestionWithdrawn("hizo", sprint=1, until=2),
        QuestionWithdrawn("hizo", sprint=2, until=3),
        QuestionAsked("hizo", sprint=3, number=1, of=2),
    )
    assert interview.session.answers["hizo"] == BUSY


def test_back_from_what_waits_for_her_yes_asks_the_same_again() -> None:
    interview = at_money()
    interview.says("250 pesos")
    assert interview.says("atrás")[-1] == QuestionAsked("pago", 7, number=5, of=14)


def test_skipping_what_she_went_back_to_keeps_what_she_said() -> None:
    interview = Interview(SHORT_READ)
    interview.taps("trabaje")
    interview.back()
    assert interview.says("saltar") == (
        QuestionClosed("hizo", 3, 4, BUSY),
        QuestionAsked("lugar", 4, number=2, of=2),
    )
    assert interview.session.answers["hizo"] == BUSY


def test_even_what_is_required_can_be_left_as_it_was() -> None:
    interview = working()
    interview.back()
    assert interview.take(events.SkipAsked(AT))[-1] == QuestionAsked("tipos", 5, number=3, of=15)


def test_going_past_what_opened_a_case_opens_no_other() -> None:
    interview = working()
    assert of(CaseOpened, interview.says("ventas")) == [CaseOpened("ayuda", "tipos")]
    interview.back()
    assert of(CaseOpened, interview.says("saltar")) == []


def test_a_pause_and_a_call_for_help_keep_her_place() -> None:
    interview = at_money()
    interview.says("250 pesos")
    before = interview.session
    assert interview.take(events.PauseAsked(AT)) == interview.says("luego") == (SessionPaused(),)
    assert interview.take(events.HelpAsked(AT)) == interview.says("ayuda") == (CaseOpened("ayuda", "pago"),)
    assert interview.session == replace(before, sprint=before.sprint + 4)


TAKES_A_NO = """
| settings |
|          | version |
|          | 1       |

| survey |
| | type              | name | label          |
| | select_one si_no  | luz  | ¿Tienes luz?   |

| choices |
| | list_name | name | label |
| | si_no     | si   | Sí    |
| | si_no     | no   | No    |
"""


@pytest.mark.parametrize("text", ["ahorita no", "luego", "Después", "ahora no puedo, gracias"])
def test_words_that_put_off_may_be_a_no_where_the_question_takes_one(text: str) -> None:
    interview = Interview(parse_instrument("luz", TAKES_A_NO))
    assert of(ConfirmationAsked, interview.says(text)) == [ConfirmationAsked("luz", 2, "no")]
    assert SessionPaused() in interview.says(text)
    assert (interview.session.waiting, interview.session.answers) == ((), {})


@pytest.mark.parametrize("text", ["pausa", "luego seguimos", "al rato te contesto", "estoy ocupada"])
def test_words_that_name_a_pause_are_no_answer(text: str) -> None:
    assert Interview(SHORT_READ).says(text) == (SessionPaused(),)


def test_she_resumes_at_the_very_question() -> None:
    interview = Interview(SHORT_READ)
    interview.taps("trabaje")
    interview.at = AT + timedelta(days=3)
    assert interview.take(events.ResumeAsked(interview.at)) == (
        QuestionWithdrawn("lugar", sprint=2, until=3),
        QuestionAsked("lugar", sprint=3, number=2, of=2),
    )


# --- old and repeated taps


@pytest.mark.parametrize("sprint", [1, 99])
@pytest.mark.parametrize(
    "tapped",
    [
        lambda sprint: events.ChoiceSelected(AT, sprint, "casa"),
        lambda sprint: events.ChoiceMarked(AT, sprint, "casa", on=True),
        lambda sprint: events.ChoicesDone(AT, sprint),
        lambda sprint: events.PageTurned(AT, sprint, 0),
        lambda sprint: events.DatePartGiven(AT, sprint, "2026"),
        lambda sprint: events.BandSelected(AT, sprint, 0),
        lambda sprint: events.ConfirmationGiven(AT, sprint, right=True),
        lambda sprint: events.DetailGiven(AT, sprint, "mes"),
        lambda sprint: events.CorrectionAsked(AT, sprint, "hizo"),
        lambda sprint: events.BackAsked(AT, sprint),
        lambda sprint: events.SkipAsked(AT, sprint),
        lambda sprint: events.RefusalAsked(AT, sprint),
        lambda sprint: events.PauseAsked(AT, sprint),
        lambda sprint: events.HelpAsked(AT, sprint),
    ],
)
def test_a_button_of_another_question_does_nothing(tapped: Callable[[int], Event], sprint: int) -> None:
    interview = Interview(SHORT_READ)
    interview.taps("busque")
    assert interview.refused(tapped(sprint)) is Rejection.STALE


# --- what follows from an answer


def test_going_back_to_answer_otherwise_drops_what_no_longer_applies() -> None:
    interview = at_money()
    interview.says("800 a la semana")
    interview.confirms()
    assert interview.session.current == "peso"
    for _ in range(4):
        interview.back()
    assert interview.session.current == "trabaja"
    gone, no = Answer(AnswerStatus.NOT_APPLICABLE), Answer(GIVEN, "no", "no")
    assert interview.taps("no") == (
        QuestionClosed("trabaja", 11, 12, no),
        ResultChanged("trabaja", no),
        *(ResultChanged(name, gone) for name in ("tipos", "horas", "pago")),
        ResultChanged("resumen", Answer(GIVEN, "no ")),
        OutcomesChanged({"activity": no}),
        QuestionAsked("peso", 12, number=3, of=11),
    )


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


@pytest.mark.holds("S-14")
def test_without_a_purpose_its_questions_are_not_asked() -> None:
    interview = working("otra_cosa")
    interview.says("tejido")
    interview.says("40")
    assert interview.session.current == "peso"


def test_a_calculation_waits_for_what_it_reads() -> None:
    interview = Interview(SHORT_READ)
    assert interview.session.answers == {}
    interview.taps("busque")
    assert interview.session.answers["gana"] == Answer(GIVEN, "busque")


def test_the_way_knows_no_question_before_the_first() -> None:
    way = Way(SHORT_READ, (), AT)
    assert way.before("hizo", {}) is None
    assert way.walked({}).open is SHORT_READ.questions[0]


def test_a_calculation_over_a_note_comes_to_nothing() -> None:
    rows = "| | type | name | label | calculation |\n| | note | n | Va. | |\n| | text | a | ¿A? | |\n"
    form = f"| settings |\n| | version |\n| | 1 |\n| survey |\n{rows}| | calculate | c | | ${{n}} |\n"
    interview = Interview(parse_instrument("nota", form))
    interview.says("sí")
    assert of(ResultChanged, interview.effects)[-1] == ResultChanged("c", Answer(AnswerStatus.NOT_APPLICABLE))
