"""Corrections on the way: by editing a message, and by replying to an older question; what each changes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from conversations import events
from conversations.answers import Answer, AnswerStatus, Money, Period
from conversations.effects import (
    AnswerCorrected,
    AnswerRejected,
    CaseOpened,
    ConfirmationAsked,
    Detail,
    DetailAsked,
    OutcomesChanged,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    ResultChanged,
)
from conversations.errors import Rejection
from conversations.reading.result import Unreadable
from tests.support.instruments import ONE_READ
from tests.support.interview import AT, Interview, arrived, at_money, working

GIVEN = AnswerStatus.GIVEN
REFUSED = Answer(AnswerStatus.REFUSED)
WEEKLY, MORE = Money(Decimal(800), Period.WEEK), Money(Decimal(900), Period.WEEK)


def paid(text: str = "800 a la semana") -> Interview:
    """At the question after that about pay, which was answered in sprint 6 and confirmed in sprint 7."""
    interview = at_money()
    interview.says(text)
    interview.confirms()
    assert (interview.session.current, interview.session.sprint) == ("peso", 7)
    return interview


# --- her message is edited


def test_an_edited_answer_is_corrected_and_what_is_open_stays_open() -> None:
    interview = working()
    interview.says("tejido")
    interview.says("40")
    answer = Answer(GIVEN, 30, "30")
    assert interview.edits("30", taken_in=5) == (
        QuestionClosed("horas", 4, 5, answer),
        ResultChanged("horas", answer),
        ResultChanged("resumen", Answer(GIVEN, "si 30")),
        AnswerCorrected("horas", answer),
    )
    assert (interview.session.current, interview.session.asked_in) == ("pago", 5)
    interview.edits("35", taken_in=5)
    assert interview.session.answers["horas"].value == 35, "the same message, edited once more"


def test_an_edit_that_changes_nothing_is_passed_over() -> None:
    interview = paid()
    assert interview.edits("800 a la semana", taken_in=6) == ()
    interview.says("bastante")
    assert interview.edits("bastante", taken_in=9) == ()
    interview.says("prefiero no decir")
    assert interview.edits("prefiero no decir", taken_in=11) == ()
    interview = at_money()
    interview.says("250 pesos")
    assert interview.edits("250 pesos", taken_in=6) == ()


def test_an_edit_of_what_waits_for_her_yes_is_read_in_its_place() -> None:
    interview = at_money()
    interview.says("800 a la semana")
    assert interview.edits("900 a la semana", taken_in=6) == (
        QuestionWithdrawn("pago", 6, 7),
        ConfirmationAsked("pago", 7, MORE),
    )
    interview.confirms()
    assert interview.session.answers["pago"] == Answer(GIVEN, MORE, "900 a la semana")


def test_an_edit_of_what_could_not_be_read_is_an_answer() -> None:
    interview = working()
    interview.says("tejido")
    interview.says("muchas")
    interview.edits("cuarenta", taken_in=5)
    assert interview.session.answers["horas"] == Answer(GIVEN, 40, "cuarenta")


def test_an_edit_of_a_message_of_long_ago_is_told() -> None:
    interview = working()
    interview.says("mmm")
    interview.says("tejido")
    assert interview.refused(events.MsgEdited(AT, "cocina", 4)) is Rejection.EDITED
    interview.edits("cocina", taken_in=5)
    interview.back()
    interview.marks("ventas")
    interview.done()
    assert interview.refused(events.MsgEdited(AT, "tejido", 5)) is Rejection.EDITED, "a tap has answered it since"


def test_an_edit_of_an_answer_that_no_longer_applies_is_told() -> None:
    interview = working()
    interview.says("tejido")
    interview.back()
    interview.back()
    interview.taps("no")
    assert interview.session.current == "peso"
    assert interview.refused(events.MsgEdited(AT, "cocina", 4)) is Rejection.EDITED


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("prefiero no decir", AnswerStatus.REFUSED),
        ("no sé", AnswerStatus.UNKNOWN),
        ("saltar", AnswerStatus.SKIPPED),
    ],
)
def test_she_takes_an_answer_back_by_editing_it(text: str, status: AnswerStatus) -> None:
    interview = working()
    interview.says("tejido")
    interview.says("41")
    assert interview.edits(text, taken_in=5) == (
        QuestionClosed("horas", 4, 5, Answer(status)),
        ResultChanged("horas", Answer(status)),
        ResultChanged("resumen", Answer(GIVEN, "si ")),
        AnswerCorrected("horas", Answer(status)),
    )
    interview.edits("42", taken_in=5)
    assert interview.session.answers["horas"].value == 42


def test_what_must_be_answered_is_not_skipped_by_an_edit() -> None:
    interview = Interview(ONE_READ, "fotos")
    interview.says("Me fue bien.")
    assert interview.refused(events.MsgEdited(AT, "saltar", 2)) is Rejection.REQUIRED


def test_a_control_may_be_what_she_edits_and_what_she_makes_of_it() -> None:
    interview = working()
    interview.says("saltar")
    interview.edits("tejido", taken_in=4)
    assert interview.session.answers["tipos"].value == ("tejido",)
    interview.says("hmm")
    assert interview.edits("ayuda", taken_in=6) == (CaseOpened("ayuda", "horas"),)


# --- a reply to an older question


def test_a_reply_to_an_older_question_is_taken_for_that_one() -> None:
    interview = working()
    interview.says("tejido")
    interview.says("40")
    answer = Answer(GIVEN, 41, "41")
    assert interview.says("41", about=4)[:2] == (QuestionClosed("horas", 4, 5, answer), ResultChanged("horas", answer))
    assert interview.effects[-1] == AnswerCorrected("horas", answer)
    assert interview.session.current == "pago"
    assert interview.says("prefiero no decir", about=4)[0] == QuestionClosed("horas", 4, 5, REFUSED)
    assert interview.session.current == "pago"


def test_a_reply_to_the_open_question_or_to_nothing_of_the_interview_answers_what_is_open() -> None:
    for about in (4, 99):
        interview = working()
        interview.says("tejido")
        interview.says("40", about=about)
        assert interview.session.answers["horas"] == Answer(GIVEN, 40, "40")


def test_a_reply_that_cannot_be_read_changes_nothing() -> None:
    interview = working()
    interview.says("tejido")
    interview.says("40")
    before = interview.session
    assert interview.says("muchas", about=4) == (AnswerRejected("horas", 6, Unreadable.NOT_A_NUMBER, earlier=True),)
    assert interview.session == replace(before, sprint=6), "and does not count against the open question"


# --- a correction that must be confirmed, while another question is open


def test_a_corrected_amount_waits_for_her_yes_beside_the_open_question() -> None:
    interview = paid()
    assert interview.edits("900 a la semana", taken_in=6) == (ConfirmationAsked("pago", 8, MORE, earlier=True),)
    assert interview.session.answers["pago"].value == WEEKLY
    answer = Answer(GIVEN, MORE, "900 a la semana")
    assert interview.confirms() == (
        QuestionWithdrawn("pago", 8, 9),
        QuestionClosed("pago", 5, 6, answer),
        ResultChanged("pago", answer),
        OutcomesChanged(
            {
                "activity": interview.session.answers["trabaja"],
                "work_kinds": interview.session.answers["tipos"],
                "income": answer,
            }
        ),
        AnswerCorrected("pago", answer),
    )
    assert (interview.session.current, interview.session.waiting_since) == ("peso", interview.session.asked_in)
    interview.says("60")
    assert interview.session.answers["peso"].value == Decimal(60)


@pytest.mark.parametrize("no", ["no", "atrás", None])
def test_a_corrected_amount_that_she_did_not_mean_leaves_the_old_one(no: str | None) -> None:
    interview = paid()
    interview.edits("900 a la semana", taken_in=6)
    told = interview.says(no) if no else interview.confirms(right=False)
    assert told == (QuestionWithdrawn("pago", 8, 9),)
    assert interview.session.answers["pago"].value == WEEKLY
    assert (interview.session.current, interview.session.pending) == ("peso", None)


def test_a_corrected_amount_is_asked_for_what_it_lacks() -> None:
    interview = paid()
    bare = Money(Decimal(900))
    assert interview.edits("900 pesos", taken_in=6) == (DetailAsked("pago", 8, Detail.PERIOD, bare, earlier=True),)
    confirmed = ConfirmationAsked("pago", 9, MORE, earlier=True)
    assert interview.says("a la semana") == (QuestionWithdrawn("pago", 8, 9), confirmed)
    assert interview.says("sí")[:2] == (
        QuestionWithdrawn("pago", 9, 10),
        QuestionClosed("pago", 5, 6, Answer(GIVEN, MORE, "900 pesos")),
    )


def test_a_reply_to_what_is_asked_about_an_older_answer_is_another_try_at_it() -> None:
    interview = paid()
    interview.edits("900 pesos", taken_in=6)
    assert interview.says("1000 a la semana", about=8)[-1] == ConfirmationAsked(
        "pago", 9, replace(MORE, amount=Decimal(1000)), earlier=True
    )


def test_back_under_the_open_question_means_that_question() -> None:
    interview = paid()
    interview.edits("900 a la semana", taken_in=6)
    back = events.BackAsked(AT, interview.session.asked_in)
    assert interview.take(back)[-2:] == (QuestionAsked("pago", 9, number=5, of=14), ConfirmationAsked("pago", 10, MORE))
    assert interview.refused(back) is Rejection.STALE


def test_a_correction_that_closes_the_open_question_leads_on() -> None:
    interview = working("otra_cosa")
    interview.says("tejido")
    interview.says("41")
    assert interview.session.current == "cansada"
    answer = Answer(GIVEN, 40, "40")
    assert interview.edits("40", taken_in=5) == (
        QuestionClosed("horas", 4, 5, answer),
        ResultChanged("horas", answer),
        ResultChanged("resumen", Answer(GIVEN, "si 40")),
        AnswerCorrected("horas", answer),
        QuestionWithdrawn("cansada", 5, 6),
        QuestionAsked("peso", 6, number=5, of=13),
    )


def test_a_correction_that_opens_an_earlier_question_asks_it_first() -> None:
    interview = working("otra_cosa")
    interview.says("tejido")
    interview.says("40")
    assert interview.session.current == "peso"
    assert interview.says("41", about=4)[-2:] == (
        QuestionWithdrawn("peso", 5, 6),
        QuestionAsked("cansada", 6, number=5, of=14),
    )
    interview.taps("si")
    assert interview.session.current == "peso"


def test_choices_that_hang_on_what_she_corrects_are_shown_anew() -> None:
    interview = arrived("parada")
    zone = interview.session.shown_in["zona"]
    effects = interview.says("Puerto", about=zone)
    assert effects[-2:] == (
        QuestionWithdrawn("parada", 9, 10),
        QuestionAsked("parada", 10, number=9, of=11, offered=("muelle",)),
    )
