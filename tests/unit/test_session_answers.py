"""The interview takes an answer of each type, tapped, written or spoken, and nothing that she did not mean."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from conversations import events
from conversations.answers import Answer, AnswerStatus, Voice
from conversations.effects import (
    AnswerRejected,
    CaseOpened,
    ChoicesShown,
    ConfirmationAsked,
    DatePartAsked,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    ResultChanged,
)
from conversations.errors import Rejection
from conversations.reading.result import Unreadable
from conversations.session import DEFAULT
from tests.support.instruments import EVERYTHING_READ, ONE_READ, SHORT_READ
from tests.support.interview import AT, Interview, arrived, at_money, of, working

GIVEN = AnswerStatus.GIVEN


# --- one of several


def test_a_tap_is_taken_closed_and_followed_by_the_next_question() -> None:
    interview = Interview(SHORT_READ)
    answer = Answer(GIVEN, "busque", "busque")
    assert interview.taps("busque") == (
        QuestionClosed("hizo", sprint=1, until=2, answer=answer),
        ResultChanged("hizo", answer),
        ResultChanged("gana", Answer(GIVEN, "busque")),
        QuestionAsked("lugar", sprint=2, number=2, of=3),
    )


def test_a_choice_in_words_keeps_her_words() -> None:
    interview = Interview(SHORT_READ)
    interview.says("Nada de eso")
    assert interview.session.answers["hizo"] == Answer(GIVEN, "nada", "Nada de eso")


def test_a_doubtful_choice_waits_for_her_yes() -> None:
    interview = Interview(SHORT_READ)
    assert interview.says("tranaje") == (ConfirmationAsked("hizo", sprint=2, value="trabaje"),)
    assert interview.session.answers == {}
    assert interview.confirms()[0] == QuestionClosed("hizo", 1, 3, Answer(GIVEN, "trabaje", "tranaje"))


def test_a_doubtful_choice_that_she_did_not_mean_is_asked_again() -> None:
    interview = Interview(SHORT_READ)
    interview.says("tranaje")
    assert interview.says("no") == (
        QuestionWithdrawn("hizo", sprint=1, until=3),
        QuestionAsked("hizo", sprint=3, number=1, of=3),
    )
    assert interview.session.pending is None


def test_a_choice_that_is_not_there() -> None:
    interview = Interview(SHORT_READ)
    assert interview.refused(events.ChoiceSelected(AT, 1, "otra")) is Rejection.UNKNOWN_CHOICE
    assert interview.refused(events.ChoiceSelected(AT, 1, DEFAULT)) is Rejection.UNKNOWN_CHOICE
    assert interview.refused(events.ChoiceMarked(AT, 1, "busque", on=True)) is Rejection.UNKNOWN_CHOICE
    assert interview.refused(events.ChoicesDone(AT, 1)) is Rejection.NOT_ACCEPTED
    assert interview.says("¿quién eres?") == (AnswerRejected("hizo", 2, Unreadable.NOT_A_CHOICE),)


# --- more choices than fit, choices that depend on earlier answers


def test_many_choices_come_in_pages() -> None:
    interview = arrived("zona")
    assert interview.turns(1) == (ChoicesShown("zona", 8, page=1),)
    assert interview.turns(0) == (ChoicesShown("zona", 8, page=0),)
    for page in (-1, 2):
        assert interview.refused(events.PageTurned(AT, 8, page)) is Rejection.UNKNOWN_CHOICE
    interview.turns(1)
    interview.taps("fuera")
    assert interview.session.answers["zona"].value == "fuera"
    assert interview.session.page == 0


def test_where_there_are_no_choices_there_are_no_pages() -> None:
    assert arrived("peso").refused(events.PageTurned(AT, 3, 0)) is Rejection.UNKNOWN_CHOICE


def test_only_what_a_filter_lets_through_is_offered_and_taken() -> None:
    interview = arrived("parada")
    offered = ("mercado", "escuela")
    assert interview.effects[-1] == QuestionAsked("parada", 9, number=9, of=11, offered=offered)
    assert interview.refused(events.ChoiceSelected(AT, 9, "muelle")) is Rejection.UNKNOWN_CHOICE
    assert interview.says("Muelle") == (AnswerRejected("parada", 10, Unreadable.NOT_A_CHOICE),)
    interview.says("Escuela")
    assert interview.session.answers["parada"] == Answer(GIVEN, "escuela", "Escuela")


def test_ticks_keep_to_what_is_offered() -> None:
    interview = arrived("rutas")
    asked_in, offered = interview.session.asked_in, ("roja", "azul", "ninguna")
    assert interview.marks("azul") == (ChoicesShown("rutas", asked_in, ("roja", "azul"), offered=offered),)
    assert interview.refused(events.ChoiceMarked(AT, asked_in, "verde", on=True)) is Rejection.UNKNOWN_CHOICE
    assert interview.session.marked == ("roja", "azul")


def test_an_answer_that_is_no_longer_offered_is_dropped() -> None:
    interview = arrived("parada")
    interview.says("Escuela")
    interview.done()
    assert interview.session.current == "voz"
    for _ in range(3):
        interview.back()
    answer, gone = Answer(GIVEN, "puerto", "puerto"), Answer(AnswerStatus.NOT_APPLICABLE)
    assert interview.taps("puerto") == (
        QuestionClosed("zona", 14, 15, answer),
        ResultChanged("zona", answer),
        ResultChanged("parada", gone),
        ResultChanged("rutas", gone),
        QuestionAsked("parada", 15, number=9, of=11, offered=("muelle",)),
    )


# --- several of several


def test_ticks_toggle_in_place_and_twice_is_as_once() -> None:
    interview = working()
    for tick, on, left in (
        ("cocina", True, ("cocina",)),
        ("cocina", True, ("cocina",)),
        ("tejido", True, ("tejido", "cocina")),
        ("cocina", False, ("tejido",)),
        ("cocina", False, ("tejido",)),
    ):
        assert interview.marks(tick, on=on) == (ChoicesShown("tipos", 3, left),)
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


def test_done_without_a_tick_is_no_answer_and_is_told_once() -> None:
    interview = working()
    assert interview.done() == (AnswerRejected("tipos", 4, Unreadable.EMPTY),)
    assert interview.refused(events.ChoicesDone(AT, 3)) is Rejection.STALE
    interview.marks("tejido")
    interview.marks("tejido", on=False)
    assert interview.done() == (AnswerRejected("tipos", 7, Unreadable.EMPTY),)


def test_she_comes_back_to_her_ticks() -> None:
    interview = working()
    interview.says("tejido, ventas")
    assert interview.back()[-1] == QuestionAsked("tipos", 5, number=3, of=15, marked=("tejido", "ventas"))
    interview.marks("ventas", on=False)
    assert ResultChanged("tipos", Answer(GIVEN, ("tejido",), "tejido")) in interview.done()


def test_a_choice_can_open_a_case() -> None:
    assert of(CaseOpened, working().says("ventas")) == [CaseOpened("ayuda", "tipos")]


# --- numbers, defaults, words, constraints


def test_a_number_outside_its_bounds_is_told_and_not_taken() -> None:
    for text, reason in (
        ("85", Unreadable.CONSTRAINT),
        ("0", Unreadable.CONSTRAINT),
        ("2.5", Unreadable.NOT_A_WHOLE_NUMBER),
        ("muchas", Unreadable.NOT_A_NUMBER),
        ("x" * 5000, Unreadable.TOO_LONG),
        (" ", Unreadable.EMPTY),
    ):
        interview = working()
        interview.says("tejido")
        assert interview.says(text) == (AnswerRejected("horas", interview.session.sprint, reason),)
        interview.says("cuarenta")
        assert interview.session.answers["horas"] == Answer(GIVEN, 40, "cuarenta")


def test_few_numbers_stand_on_buttons() -> None:
    interview = arrived("hijas")
    assert EVERYTHING_READ.by_name["hijas"].quick == tuple(range(6))
    assert interview.refused(events.ChoiceSelected(AT, interview.session.asked_in, "6")) is Rejection.UNKNOWN_CHOICE
    interview.taps("2")
    assert interview.session.answers["hijas"] == Answer(GIVEN, 2, "2")


def test_a_default_is_one_tap() -> None:
    interview = arrived("distancia")
    interview.taps(DEFAULT)
    assert interview.session.answers["distancia"] == Answer(GIVEN, Decimal("2.5"), DEFAULT)


def test_a_default_is_ticked_beforehand_as_far_as_it_is_offered() -> None:
    interview = arrived("rutas")
    offered = ("roja", "azul", "ninguna")
    assert interview.effects[-1] == QuestionAsked("rutas", 10, 10, 11, marked=("roja",), offered=offered)
    elsewhere = arrived("zona")
    elsewhere.taps("puerto")
    asked = elsewhere.says("saltar")[-1]
    assert asked == QuestionAsked("rutas", 10, 10, 11, offered=("verde", "ninguna"))
    assert elsewhere.refused(events.ChoiceSelected(AT, 10, DEFAULT)) is Rejection.UNKNOWN_CHOICE


def test_a_constraint_holds_for_taps_too() -> None:
    interview = working()
    for choice in ("tejido", "cocina", "ventas"):
        interview.marks(choice)
    assert interview.done() == (AnswerRejected("tipos", 7, Unreadable.CONSTRAINT),)
    assert interview.refused(events.ChoicesDone(AT, 3)) is Rejection.STALE, "she has been told already"


def test_her_own_words_are_marked_as_such() -> None:
    interview = Interview(ONE_READ)
    effects = interview.says("  Me fue bien.  ")
    assert effects[1] == ResultChanged("unica", Answer(GIVEN, "Me fue bien.", "  Me fue bien.  "), free_text=True)


# --- dates


def test_yesterday_is_hers() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("America/Mexico_City"))  # in UTC the next day has begun
    interview = Interview(EVERYTHING_READ, at=late)
    interview.taps("ok")
    interview.taps("no")
    interview.says("saltar")
    assert interview.says("mañana") == (AnswerRejected("desde", interview.session.sprint, Unreadable.CONSTRAINT),)
    interview.says("ayer")
    assert interview.session.answers["desde"] == Answer(GIVEN, date(2026, 3, 1), "ayer")


def test_a_date_by_its_year_month_and_day() -> None:
    interview = arrived("desde")
    assert interview.dates("") == (DatePartAsked("desde", 4, "", newest=2027),)
    assert interview.dates("..2017") == (DatePartAsked("desde", 4, "", newest=2017),)
    assert interview.dates("2016") == (DatePartAsked("desde", 4, "2016", newest=2027),)
    assert interview.dates("2016-02") == (DatePartAsked("desde", 4, "2016-02", newest=2027),)
    answer = Answer(GIVEN, date(2016, 2, 29), "2016-02-29")
    assert interview.dates("2016-02-29") == (
        QuestionClosed("desde", 4, 9, answer),
        ResultChanged("desde", answer),
        QuestionAsked("cuenta", 9, number=5, of=11),
    )


@pytest.mark.parametrize(
    "part",
    ["ayer", "2015-02-29", "2026-13", "0000", "1899-12-31", "..0001", "..", "20260302", "2026-W01-1", "2026-1-1"],
)
def test_what_is_no_part_of_a_date(part: str) -> None:
    assert arrived("desde").refused(events.DatePartGiven(AT, 4, part)) is Rejection.UNKNOWN_CHOICE


def test_a_date_to_come_breaks_the_constraint_however_it_is_given() -> None:
    assert arrived("desde").dates("2026-03-03") == (AnswerRejected("desde", 5, Unreadable.CONSTRAINT),)


def test_a_date_is_given_where_a_date_is_asked() -> None:
    assert arrived("peso").refused(events.DatePartGiven(AT, 3, "2026")) is Rejection.NOT_ACCEPTED


# --- voice, and what is neither text nor voice


@pytest.mark.parametrize("question", ["cuenta", "voz"])
def test_a_voice_note_answers_where_her_own_words_are_asked(question: str) -> None:
    interview = arrived(question)
    answer = Answer(GIVEN, Voice("ref", 7))
    assert interview.speaks()[1] == ResultChanged(question, answer, free_text=True)


def test_she_may_write_where_a_voice_note_is_asked() -> None:
    interview = arrived("voz")
    interview.says("Prefiero escribir")
    assert interview.session.answers["voz"] == Answer(GIVEN, "Prefiero escribir", "Prefiero escribir")


@pytest.mark.parametrize("question", ["peso", "desde", "zona", "rutas"])
def test_elsewhere_a_voice_note_cannot_be_read(question: str) -> None:
    interview = arrived(question)
    assert interview.speaks() == (AnswerRejected(question, interview.session.sprint, Unreadable.WRONG_KIND),)


def test_an_amount_is_not_taken_by_voice() -> None:
    assert at_money().speaks() == (AnswerRejected("pago", 6, Unreadable.WRONG_KIND),)


@pytest.mark.parametrize("kind", ["photo", "sticker", "other"])
def test_what_is_not_text_is_told_kindly(kind: str) -> None:
    assert arrived("cuenta").take(events.AttachmentReceived(AT, kind)) == (
        AnswerRejected("cuenta", 6, Unreadable.WRONG_KIND),
    )
