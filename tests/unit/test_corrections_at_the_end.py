"""Corrections at the end: from the summary, and by what she writes or edits when all is done."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conversations import events
from conversations.answers import Answer, AnswerStatus, Money, Period
from conversations.effects import (
    ConfirmationAsked,
    Detail,
    DetailAsked,
    Occasion,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    ResultChanged,
    SessionEnded,
    SessionStatus,
    SummaryShown,
)
from conversations.errors import Rejection
from tests.support.instruments import SHORT_READ
from tests.support.interview import AT, Interview, at_money, of

GIVEN = AnswerStatus.GIVEN
GONE = Answer(AnswerStatus.NOT_APPLICABLE)
BUSY, LOOKING = Answer(GIVEN, "trabaje", "trabaje"), Answer(GIVEN, "busque", "busque")
HOME, FOOD = Answer(GIVEN, "casa", "casa"), Answer(GIVEN, ("comida",), "comida")
MORE = Money(Decimal(900), Period.WEEK)


def completed(first: str = "busque") -> Interview:
    """Through the short instrument: its summary stands in sprint 5, or 3 where she works."""
    interview = Interview(SHORT_READ)
    interview.taps(first)
    interview.taps("casa")
    if first == "busque":
        interview.marks("comida")
        interview.done()
    assert interview.session.status is SessionStatus.COMPLETED
    return interview


# --- from the summary


def test_the_summary_lists_what_stands_and_takes_corrections() -> None:
    interview = completed()
    told = (("hizo", LOOKING), ("lugar", HOME), ("falta", FOOD))
    assert interview.effects[-2:] == (SessionEnded(SessionStatus.COMPLETED, answered=3), SummaryShown(5, told))
    assert interview.corrects("lugar") == (
        QuestionWithdrawn("lugar", 2, 3),
        QuestionWithdrawn("lugar", 5, 6),
        QuestionAsked("lugar", 6, number=2, of=3),
    )
    assert interview.session.status is SessionStatus.WAITING
    other = Answer(GIVEN, "otra", "otra")
    assert interview.taps("otra") == (
        QuestionClosed("lugar", 6, 7, other),
        ResultChanged("lugar", other),
        SessionEnded(SessionStatus.COMPLETED, answered=3),
        SummaryShown(7, (("hizo", LOOKING), ("lugar", other), ("falta", FOOD)), occasion=Occasion.CORRECTED),
    )


def test_a_correction_can_close_a_question_which_is_told_once() -> None:
    interview = completed()
    interview.corrects("hizo")
    assert interview.taps("trabaje") == (
        QuestionClosed("hizo", 6, 7, BUSY),
        ResultChanged("hizo", BUSY),
        ResultChanged("gana", Answer(GIVEN, "si")),
        ResultChanged("falta", GONE),
        SessionEnded(SessionStatus.COMPLETED, answered=2),
        SummaryShown(7, (("hizo", BUSY), ("lugar", HOME)), occasion=Occasion.CORRECTED),
    )


def test_a_correction_can_open_a_question_which_is_then_asked() -> None:
    interview = completed("trabaje")
    interview.corrects("hizo")
    assert interview.taps("busque")[-1] == QuestionAsked("falta", 5, number=3, of=3)
    assert interview.session.status is SessionStatus.WAITING
    interview.marks("nada")
    assert isinstance(interview.done()[-1], SummaryShown)


def test_a_correction_left_open_keeps_the_old_answer() -> None:
    interview = completed("trabaje")
    interview.corrects("hizo")
    assert interview.take(events.WaitExpired(AT)) == (SessionEnded(SessionStatus.EXPIRED, answered=2),)
    assert interview.session.answers["hizo"] == BUSY


def test_skipping_in_a_correction_leads_back_to_the_summary() -> None:
    interview = completed()
    interview.corrects("falta")
    assert interview.take(events.SkipAsked(AT)) == (
        QuestionClosed("falta", 6, 7, FOOD),
        SessionEnded(SessionStatus.COMPLETED, answered=3),
        SummaryShown(7, (("hizo", LOOKING), ("lugar", HOME), ("falta", FOOD)), Occasion.ASKED),
    )


@pytest.mark.parametrize("name", ["nada", "gana"])
def test_what_was_never_asked_cannot_be_corrected(name: str) -> None:
    interview = completed()
    assert interview.refused(events.CorrectionAsked(AT, 5, name)) is Rejection.UNKNOWN_CHOICE


def test_a_correction_tapped_twice_or_from_an_old_summary() -> None:
    interview = completed()
    tap = events.CorrectionAsked(AT, 5, "lugar")
    interview.take(tap)
    assert interview.refused(tap) is Rejection.STALE
    interview.taps("otra")
    assert interview.refused(tap) is Rejection.STALE


# --- afterwards, in words


def test_after_the_end_she_corrects_by_reply_and_by_edit() -> None:
    interview = completed()
    other = Answer(GIVEN, "otra", "En otra parte")
    assert interview.says("En otra parte", about=2) == (
        QuestionClosed("lugar", 2, 3, other),
        ResultChanged("lugar", other),
        QuestionWithdrawn("lugar", 5, 6),
        SessionEnded(SessionStatus.COMPLETED, answered=3),
        SummaryShown(6, (("hizo", LOOKING), ("lugar", other), ("falta", FOOD)), occasion=Occasion.CORRECTED),
    )
    interview.edits("En mi casa", taken_in=6)
    assert interview.session.answers["lugar"] == Answer(GIVEN, "casa", "En mi casa")
    assert interview.refused(events.MsgEdited(AT, "Nada", 2)) is Rejection.EDITED
    interview.says("no sé", about=2)
    assert interview.session.answers["lugar"] == Answer(AnswerStatus.UNKNOWN)


def test_after_the_end_a_doubtful_correction_waits_for_her_yes() -> None:
    for reply, stands in (("sí", "trabaje"), ("no", "busque"), ("atrás", "busque")):
        interview = completed()
        assert interview.says("tranaje", about=1) == (ConfirmationAsked("hizo", 6, "trabaje", earlier=True),)
        assert interview.session.status is SessionStatus.COMPLETED
        assert QuestionWithdrawn("hizo", 6, 7) in interview.says(reply)
        assert interview.session.answers["hizo"].value == stands
        assert interview.session.status is SessionStatus.COMPLETED


def test_after_the_end_an_amount_is_corrected_with_all_that_it_lacks() -> None:
    interview = at_money()
    interview.says("800 a la semana")
    interview.confirms()
    while interview.session.current is not None:
        interview.take(events.SkipAsked(AT))
    summary = interview.session.asked_in
    missing = DetailAsked("pago", summary + 1, Detail.PERIOD, Money(Decimal(900)), earlier=True)
    assert interview.edits("900", taken_in=6)[0] == missing
    interview.details("semana")
    effects = interview.confirms()
    assert effects[:2] == (
        QuestionWithdrawn("pago", summary + 2, summary + 3),
        QuestionClosed("pago", 5, 6, Answer(GIVEN, MORE, "900")),
    )
    assert of(SummaryShown, effects) == [effects[-1]]
    assert ("pago", Answer(GIVEN, MORE, "900")) in effects[-1].answers  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["quiero corregir", "me equivoqué", "atrás"])
def test_after_the_end_she_asks_for_the_summary_in_words(text: str) -> None:
    interview = completed("trabaje")
    assert interview.says(text) == (
        QuestionWithdrawn("", 3, 4),
        SessionEnded(SessionStatus.COMPLETED, answered=2),
        SummaryShown(4, (("hizo", BUSY), ("lugar", HOME)), Occasion.ASKED),
    )


@pytest.mark.parametrize("text", ["hola", "gracias", "saltar", "sí"])
def test_after_the_end_anything_else_is_not_of_this_interview(text: str) -> None:
    assert completed().refused(events.MsgReceived(AT, text)) is Rejection.SESSION_OVER


def test_after_the_end_a_call_for_help_is_never_an_answer() -> None:
    interview = completed()
    interview.says("En otra parte", about=2)
    assert interview.refused(events.MsgEdited(AT, "ayuda", 6)) is Rejection.SESSION_OVER
    assert interview.refused(events.MsgReceived(AT, "ayuda", 2)) is Rejection.SESSION_OVER
