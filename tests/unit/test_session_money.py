"""The interview takes an amount of money with all that it needs, and rescues her who is not understood."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from conversations import events
from conversations.answers import Answer, AnswerStatus, Money, Period
from conversations.effects import (
    AnswerRejected,
    ConfirmationAsked,
    Detail,
    DetailAsked,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    ResultChanged,
)
from conversations.errors import Rejection
from conversations.income import BANDS
from conversations.reading.result import Unreadable
from conversations.session import Pending, start
from tests.support.instruments import SHORT_READ
from tests.support.interview import AT, Interview, at_money, working

GIVEN = AnswerStatus.GIVEN
WEEKLY = Money(Decimal(800), Period.WEEK)


@pytest.mark.parametrize(
    ("text", "value"),
    [("800 a la semana", WEEKLY), ("0", Money(Decimal(0))), ("entre 500 y 700 al mes", None)],
)
def test_an_amount_always_waits_for_her_yes(text: str, value: Money | None) -> None:
    interview = at_money()
    (asked,) = interview.says(text)
    assert isinstance(asked, ConfirmationAsked)
    assert not asked.unusual
    assert value in (None, asked.value)
    assert "pago" not in interview.session.answers
    interview.confirms()
    assert interview.session.answers["pago"] == Answer(GIVEN, asked.value, text)


def test_what_is_missing_from_an_amount_is_asked_for() -> None:
    interview = at_money()
    bare = Money(Decimal(250))
    assert interview.says("250 pesos") == (DetailAsked("pago", 6, Detail.PERIOD, bare),)
    daily = replace(bare, period=Period.DAY)
    assert interview.details("dia") == (
        QuestionWithdrawn("pago", 6, 7),
        DetailAsked("pago", 7, Detail.DAYS_PER_WEEK, daily),
    )
    whole = replace(daily, days_per_week=5)
    assert interview.says("cinco")[-1] == ConfirmationAsked("pago", 8, whole)
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
    assert interview.says("mejor 800 a la semana") == (
        QuestionWithdrawn("pago", 6, 7),
        ConfirmationAsked("pago", 7, WEEKLY),
    )
    assert interview.says("quién sabe qué decir") == (AnswerRejected("pago", 8, Unreadable.NOT_AN_AMOUNT),)
    assert interview.session.pending == Pending("pago", WEEKLY, "mejor 800 a la semana", taken_in=7, asked_in=7)


def test_an_amount_under_a_constraint() -> None:
    assert at_money().says("60000 al mes") == (AnswerRejected("pago", 6, Unreadable.CONSTRAINT),)


def test_what_waits_for_nothing_takes_no_yes() -> None:
    interview = at_money()
    assert interview.refused(events.ConfirmationGiven(AT, interview.session.asked_in, True)) is Rejection.STALE
    assert interview.refused(events.DetailGiven(AT, interview.session.asked_in, "mes")) is Rejection.STALE
    interview.says("250 pesos")
    assert interview.refused(events.ConfirmationGiven(AT, interview.session.waiting_since, True)) is Rejection.STALE


def test_a_yes_tapped_twice_counts_once() -> None:
    interview = at_money()
    interview.says("800 a la semana")
    yes = events.ConfirmationGiven(AT, interview.session.waiting_since, right=True)
    interview.take(yes)
    assert interview.refused(yes) is Rejection.STALE


@pytest.mark.parametrize(
    ("earlier_pay", "text", "unusual"),
    [
        (None, "49000 al mes", False),
        (None, "40000 a la quincena", True),
        (Decimal(1000), "9999 al mes", False),
        (Decimal(1000), "10000 al mes", True),
        (Decimal(1000), "entre 9000 y 11000 al mes", True),
        (Decimal(0), "10000 al mes", False),
    ],
)
def test_a_surprising_amount_is_asked_about_and_never_refused(
    earlier_pay: Decimal | None, text: str, unusual: bool
) -> None:
    interview = at_money()
    interview.session = replace(interview.session, earlier_pay=earlier_pay)
    (asked,) = interview.says(text)
    assert asked == ConfirmationAsked("pago", 6, asked.value, unusual)  # type: ignore[union-attr]
    interview.confirms()
    assert interview.session.current == "peso"


def test_what_she_earned_before_is_given_at_the_start() -> None:
    assert start(SHORT_READ, AT, earlier_pay=Decimal(1200)).session.earlier_pay == Decimal(1200)


# --- when she is not understood


def test_after_three_answers_that_could_not_be_read_the_question_comes_with_bands() -> None:
    interview = at_money()
    assert interview.says("poquito") == (AnswerRejected("pago", 6, Unreadable.NOT_AN_AMOUNT),)
    assert interview.says("muy poquito") == (AnswerRejected("pago", 7, Unreadable.NOT_AN_AMOUNT),)
    assert interview.says("te digo que poquito") == (
        QuestionWithdrawn("pago", 5, 8),
        QuestionAsked("pago", 8, number=5, of=14, rescue=True, unread=Unreadable.NOT_AN_AMOUNT),
    )
    tap = events.BandSelected(AT, 8, 2)
    assert interview.take(tap) == (DetailAsked("pago", 9, Detail.PERIOD, BANDS[2]),)
    assert interview.refused(tap) is Rejection.STALE
    weekly = replace(BANDS[2], period=Period.WEEK)
    assert interview.details("semana")[-1] == ConfirmationAsked("pago", 10, weekly)
    assert interview.confirms()[0] == QuestionClosed("pago", 8, 11, Answer(GIVEN, weekly, "1000-2000"))


def test_readings_that_she_did_not_mean_count_as_not_understood() -> None:
    interview = at_money()
    for _ in range(2):
        interview.says("800 a la semana")
        assert interview.confirms(right=False)[-1] == QuestionAsked("pago", interview.session.sprint, 5, 14)
    interview.says("800 a la semana")
    assert interview.confirms(right=False)[-1] == QuestionAsked("pago", 11, 5, 14, rescue=True)


def test_the_count_begins_anew_with_each_question() -> None:
    interview = Interview(SHORT_READ)
    for text in ("mmm", "este", "Busqué trabajo", "mmm", "este"):
        interview.says(text)
    assert interview.effects == (AnswerRejected("lugar", 6, Unreadable.NOT_A_CHOICE),)
    assert interview.speaks()[-1] == QuestionAsked("lugar", 7, 2, 3, rescue=True, unread=Unreadable.WRONG_KIND)


@pytest.mark.parametrize("band", [-1, len(BANDS)])
def test_a_band_that_is_not_offered(band: int) -> None:
    assert at_money().refused(events.BandSelected(AT, 5, band)) is Rejection.UNKNOWN_CHOICE


def test_bands_are_of_money() -> None:
    assert working().refused(events.BandSelected(AT, 3, 1)) is Rejection.UNKNOWN_CHOICE


@pytest.mark.parametrize(
    ("waits", "text", "instead"),
    [
        ("6000 al mes", "no, 600", Money(Decimal(600), Period.MONTH)),
        ("6000 al mes", "no, son 600", Money(Decimal(600), Period.MONTH)),
        ("6000 al mes", "no son 600", Money(Decimal(600), Period.MONTH)),
        ("6000 al mes", "No, 600 a la semana", Money(Decimal(600), Period.WEEK)),
        ("6000 al mes", "sí, a la semana", Money(Decimal(6000), Period.WEEK)),
        ("6000 al mes", "si pero a la quincena", Money(Decimal(6000), Period.FORTNIGHT)),
        ("6000 al mes", "por semana", Money(Decimal(6000), Period.WEEK)),
        ("40000 al mes", "6 mil", Money(Decimal(6000), Period.MONTH)),
        ("6000 al mes", "no, nada", Money(Decimal(0))),
        ("600 al día", "no, 300", Money(Decimal(300), Period.DAY)),
        ("6000", "600", Money(Decimal(600))),
    ],
)
def test_words_correct_an_amount_that_waits(waits: str, text: str, instead: Money) -> None:
    interview = at_money()
    interview.says(waits)
    asked = interview.says(text)[-1]
    assert isinstance(asked, ConfirmationAsked | DetailAsked)
    assert asked.value == instead
    assert "pago" not in interview.session.answers


@pytest.mark.parametrize("text", ["no gané 600", "no fueron 600 fueron 700"])
def test_an_amount_that_is_denied_corrects_nothing(text: str) -> None:
    interview = at_money()
    (asked,) = interview.says("6000 al mes")
    interview.says(text)
    assert isinstance(asked, ConfirmationAsked)
    assert interview.session.pending is not None
    assert interview.session.pending.value == asked.value
