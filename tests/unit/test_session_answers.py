"""The interview takes an answer of each type, and nothing that she did not mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from conversations import events
from conversations.answers import Answer, AnswerStatus, Money, Period
from conversations.effects import (
    AnswerRejected,
    CaseOpened,
    ConfirmationAsked,
    Detail,
    DetailAsked,
    MarksChanged,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    ResultChanged,
)
from conversations.errors import Rejection
from conversations.reading.result import Unreadable
from conversations.session import Pending
from tests.support.instruments import EVERYTHING_READ, ONE_READ
from tests.support.interview import AT, LLEGADA, SEGUIMIENTO, Interview, at_money, of, working

GIVEN = AnswerStatus.GIVEN
WEEKLY = Money(Decimal(800), Period.WEEK)


# --- one of several


def test_a_tap_is_taken_closed_and_followed_by_the_next_question() -> None:
    interview = Interview(LLEGADA)
    answer = Answer(GIVEN, "en_tramite", "en_tramite")
    assert interview.taps("en_tramite") == (
        QuestionClosed("papeles", sprint=1, until=2, answer=answer),
        ResultChanged("papeles", answer),
        QuestionAsked("lugar", sprint=2, number=2),
    )


def test_a_choice_in_words_keeps_her_words() -> None:
    interview = Interview(LLEGADA)
    interview.says("No la tengo")
    assert interview.session.answers["papeles"] == Answer(GIVEN, "no", "No la tengo")


def test_a_doubtful_choice_waits_for_her_yes() -> None:
    interview = Interview(SEGUIMIENTO)
    assert interview.says("tranaje") == (ConfirmationAsked("trabajo_semana", sprint=2, value="trabaje"),)
    assert interview.session.answers == {}
    assert interview.confirms()[0] == QuestionClosed("trabajo_semana", 1, 3, Answer(GIVEN, "trabaje", "tranaje"))


def test_a_doubtful_choice_that_she_did_not_mean_is_asked_again() -> None:
    interview = Interview(SEGUIMIENTO)
    interview.says("tranaje")
    assert interview.says("no") == (
        QuestionWithdrawn("trabajo_semana", sprint=1, until=3),
        QuestionAsked("trabajo_semana", sprint=3, number=1),
    )
    assert interview.session.pending is None


def test_a_choice_that_is_not_there() -> None:
    interview = Interview(LLEGADA)
    assert interview.refused(events.ChoiceSelected(AT, 1, "otra")) is Rejection.UNKNOWN_CHOICE
    assert interview.refused(events.ChoiceMarked(AT, 1, "no", on=True)) is Rejection.UNKNOWN_CHOICE
    assert interview.refused(events.ChoicesDone(AT, 1)) is Rejection.NOT_ACCEPTED
    assert interview.says("¿quién eres?") == (AnswerRejected("papeles", 2, Unreadable.NOT_A_CHOICE),)


# --- several of several


def test_ticks_toggle_in_place_and_twice_is_as_once() -> None:
    interview = working()
    asked_in = interview.session.asked_in
    assert interview.marks("cocina") == (MarksChanged("tipos", asked_in, ("cocina",)),)
    assert interview.marks("cocina") == (MarksChanged("tipos", asked_in, ("cocina",)),)
    assert interview.marks("tejido") == (MarksChanged("tipos", asked_in, ("tejido", "cocina")),)
    assert interview.marks("cocina", on=False) == (MarksChanged("tipos", asked_in, ("tejido",)),)
    assert interview.marks("cocina", on=False) == (MarksChanged("tipos", asked_in, ("tejido",)),)
    assert interview.done()[1] == ResultChanged("tipos", Answer(GIVEN, ("tejido",), "tejido"))


def test_an_exclusive_choice_unticks_the_others_and_they_untick_it() -> None:
    interview = working()
    interview.marks("tejido")
    interview.marks("ninguno")
    assert interview.session.marked == ("ninguno",)
    interview.marks("cocina")
    assert interview.session.marked == ("cocina",)
    assert interview.says("tejido y ninguno") == (
        AnswerRejected("tipos", interview.session.sprint, Unreadable.NOT_A_CHOICE),
    )


def test_done_without_a_tick_is_no_answer() -> None:
    assert working().done() == (AnswerRejected("tipos", 4, Unreadable.EMPTY),)


def test_she_comes_back_to_her_ticks() -> None:
    interview = working()
    interview.says("tejido, ventas")
    assert interview.back()[-1] == QuestionAsked("tipos", 5, number=3, marked=("tejido", "ventas"))
    interview.marks("ventas", on=False)
    assert ResultChanged("tipos", Answer(GIVEN, ("tejido",), "tejido")) in interview.done()


def test_a_choice_can_open_a_case() -> None:
    assert of(CaseOpened, working().says("ventas")) == [CaseOpened("ayuda", "tipos")]


# --- numbers, dates, words, constraints


def test_a_number_outside_its_bounds_is_told_and_not_taken() -> None:
    interview = working()
    interview.says("tejido")
    for text, reason in (
        ("85", Unreadable.CONSTRAINT),
        ("0", Unreadable.CONSTRAINT),
        ("2.5", Unreadable.NOT_A_WHOLE_NUMBER),
        ("muchas", Unreadable.NOT_A_NUMBER),
        ("x" * 5000, Unreadable.TOO_LONG),
        (" ", Unreadable.EMPTY),
    ):
        assert interview.says(text) == (AnswerRejected("horas", interview.session.sprint, reason),)
    interview.says("cuarenta")
    assert interview.session.answers["horas"] == Answer(GIVEN, 40, "cuarenta")


def test_a_constraint_holds_for_taps_too() -> None:
    interview = working()
    for choice in ("tejido", "cocina", "ventas"):
        interview.marks(choice)
    assert interview.done() == (AnswerRejected("tipos", interview.session.sprint, Unreadable.CONSTRAINT),)


def test_yesterday_is_hers() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("America/Mexico_City"))  # in UTC the next day has begun
    interview = Interview(EVERYTHING_READ, at=late)
    interview.taps("ok")
    interview.taps("no")
    interview.says("saltar")
    assert interview.says("mañana") == (AnswerRejected("desde", interview.session.sprint, Unreadable.CONSTRAINT),)
    interview.says("ayer")
    assert interview.session.answers["desde"] == Answer(GIVEN, date(2026, 3, 1), "ayer")


@pytest.mark.parametrize("kind", ["photo", "sticker", "voice", "other"])
def test_what_is_not_text_is_told_kindly(kind: str) -> None:
    interview = Interview(LLEGADA)
    assert interview.take(events.AttachmentReceived(AT, kind)) == (AnswerRejected("papeles", 2, Unreadable.WRONG_KIND),)


def test_her_own_words_are_marked_as_such() -> None:
    interview = Interview(ONE_READ)
    effects = interview.says("  Me fue bien.  ")
    assert effects[1] == ResultChanged("unica", Answer(GIVEN, "Me fue bien.", "  Me fue bien.  "), free_text=True)


# --- money


@pytest.mark.parametrize(
    ("text", "value"),
    [("800 a la semana", WEEKLY), ("0", Money(Decimal(0))), ("entre 500 y 700 al mes", None)],
)
def test_an_amount_always_waits_for_her_yes(text: str, value: Money | None) -> None:
    interview = at_money()
    (asked,) = interview.says(text)
    assert isinstance(asked, ConfirmationAsked)
    assert value in (None, asked.value)
    assert "pago" not in interview.session.answers
    interview.confirms()
    assert interview.session.answers["pago"] == Answer(GIVEN, asked.value, text)


def test_what_is_missing_from_an_amount_is_asked_for() -> None:
    interview = at_money()
    bare = Money(Decimal(250))
    assert interview.says("250 pesos") == (DetailAsked("pago", 6, Detail.PERIOD, bare),)
    daily = replace(bare, period=Period.DAY)
    assert interview.details("dia") == (DetailAsked("pago", 7, Detail.DAYS_PER_WEEK, daily),)
    whole = replace(daily, days_per_week=5)
    assert interview.says("cinco") == (ConfirmationAsked("pago", 8, whole),)
    assert ResultChanged("pago", Answer(GIVEN, whole, "250 pesos")) in interview.says("simón")


@pytest.mark.parametrize("detail", ["siglo", "8", "0", ""])
def test_a_detail_that_was_not_offered(detail: str) -> None:
    interview = at_money()
    interview.says("250 pesos")
    event = events.DetailGiven(AT, interview.session.waiting_since, detail)
    assert interview.refused(event) is Rejection.UNKNOWN_CHOICE


def test_another_amount_takes_the_place_of_the_one_that_waits() -> None:
    interview = at_money()
    interview.says("250 pesos")
    assert interview.says("mejor 800 a la semana") == (ConfirmationAsked("pago", 7, WEEKLY),)
    assert interview.says("no sé qué decir") == (AnswerRejected("pago", 8, Unreadable.NOT_AN_AMOUNT),)
    assert interview.session.pending == Pending(WEEKLY, "mejor 800 a la semana")


def test_an_amount_under_a_constraint() -> None:
    assert at_money().says("60000 al mes") == (AnswerRejected("pago", 6, Unreadable.CONSTRAINT),)


def test_what_waits_for_nothing_takes_no_yes() -> None:
    interview = at_money()
    assert interview.refused(events.ConfirmationGiven(AT, interview.session.asked_in, True)) is Rejection.STALE
    assert interview.refused(events.DetailGiven(AT, interview.session.asked_in, "mes")) is Rejection.STALE
    interview.says("250 pesos")
    assert interview.refused(events.ConfirmationGiven(AT, interview.session.waiting_since, True)) is Rejection.STALE
