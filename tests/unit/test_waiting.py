"""What waits for her word is never lost: the newest reading is asked about, and the one below it after that."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from conversations import events
from conversations.answers import Answer, AnswerStatus, Money, Period
from conversations.effects import (
    AnswerRejected,
    ConfirmationAsked,
    Detail,
    DetailAsked,
    Effect,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    SummaryShown,
)
from conversations.errors import Rejection
from conversations.reading.result import Unreadable
from conversations.xlsform import parse_instrument
from storage.outcomes.work import incomes
from tests.support.instruments import SHORT_READ
from tests.support.interview import AT, Interview, arrived, at_money, of, working

GIVEN = AnswerStatus.GIVEN
MORE = Money(Decimal(900), Period.WEEK)
SAID_SO = parse_instrument(
    "dicho",
    """
| settings |
|          | version |
|          | 1       |

| survey |
| | type                  | name   | label           | constraint   |
| | select_one sabe       | fue    | ¿Fuiste?        |              |
| | select_multiple cosas | falta  | ¿Qué te falta?  |              |
| | date                  | cita   | ¿Cuándo vas?    | . >= today() |

| choices |
| | list_name | name   | label             | hilo::exclusive |
| | sabe      | si     | Sí                |                 |
| | sabe      | ns     | No sé             |                 |
| | sabe      | callo  | Prefiero no decir |                 |
| | cosas     | comida | Comida            |                 |
| | cosas     | ropa   | Ropa              |                 |
| | cosas     | techo  | Techo             |                 |
| | cosas     | nada   | Nada              | yes             |
""",
)


def correcting() -> Interview:
    """At `peso` (asked in sprint 7), with 900 a week for `pago` waiting, asked about in sprint 8."""
    interview = at_money()
    interview.says("800 a la semana")
    interview.confirms()
    assert interview.edits("900 a la semana", taken_in=6) == (ConfirmationAsked("pago", 8, MORE, earlier=True),)
    return interview


def waiting(interview: Interview) -> list[tuple[str, int]]:
    """The questions of what waits, and the sprints of their prompts."""
    return [(said.question, said.asked_in) for said in interview.session.waiting]


# --- nothing else loses it


def test_answering_the_open_question_asks_about_it_again_below() -> None:
    interview = correcting()
    effects = interview.says("61")
    assert effects[0] == QuestionClosed("peso", 7, 9, Answer(GIVEN, Decimal(61), "61"))
    assert isinstance(effects[-2], QuestionAsked)
    assert effects[-1] == ConfirmationAsked("pago", 10, MORE, earlier=True)
    assert (interview.session.asked_in, interview.session.sprint) == (9, 10)
    interview.confirms()
    assert interview.session.answers["pago"].value == MORE


@pytest.mark.parametrize(
    "event",
    [
        events.PauseAsked(AT),
        events.HelpAsked(AT),
        events.AttachmentReceived(AT, "sticker"),
        events.MsgReceived(AT, "¿?"),
    ],
)
def test_what_changes_nothing_leaves_it_where_it_stands(event: events.Event) -> None:
    interview = correcting()
    effects = interview.take(event)
    assert waiting(interview) == [("pago", 8)]
    assert not of(QuestionWithdrawn, effects)


def test_after_a_pause_the_question_and_what_waits_come_again() -> None:
    interview = correcting()
    interview.take(events.PauseAsked(AT))
    effects = interview.take(events.ResumeAsked(AT))
    assert effects[0] == QuestionWithdrawn("peso", 7, 10)
    assert effects[-1] == ConfirmationAsked("pago", 11, MORE, earlier=True)


def test_after_a_pause_the_reading_of_the_open_question_comes_again_too() -> None:
    interview = at_money()
    interview.says("900 pesos")
    effects = interview.take(events.ResumeAsked(AT))
    assert effects[-2:] == (
        QuestionAsked("pago", 7, 5, 14),
        DetailAsked("pago", 8, Detail.PERIOD, replace(MORE, period=None)),
    )


def test_it_waits_beyond_the_end() -> None:
    interview = correcting()
    while interview.session.current is not None:
        interview.take(events.SkipAsked(AT))
    summary, asked = interview.effects[-2:]
    assert isinstance(summary, SummaryShown)
    assert asked == ConfirmationAsked("pago", summary.sprint + 1, MORE, earlier=True)
    interview.says("sí")
    assert interview.session.answers["pago"].value == MORE


def test_when_the_window_closes_it_goes_with_its_prompt() -> None:
    interview = correcting()
    assert interview.take(events.WaitExpired(AT))[0] == QuestionWithdrawn("pago", 8, 9)
    assert interview.session.waiting == ()


def test_it_goes_with_its_question() -> None:
    interview = correcting()
    interview.says("no", about=2)
    assert "pago" not in interview.session.answers
    assert waiting(interview) == []


def test_a_choice_that_is_no_longer_offered_waits_no_more() -> None:
    interview = arrived("parada")
    interview.says("Mercadx")
    assert [name for name, _ in waiting(interview)] == ["parada"]
    interview.says("Puerto", about=interview.session.shown_in["zona"])
    assert waiting(interview) == []


# --- one upon the other


def two() -> Interview:
    """With the hours, doubtful, waiting upon the pay."""
    interview = correcting()
    interview.edits("coxina", taken_in=4)
    assert [name for name, _ in waiting(interview)] == ["pago", "tipos"]
    return interview


def test_the_newest_is_asked_about_and_the_one_below_after_it() -> None:
    interview = two()
    assert waiting(interview) == [("pago", 0), ("tipos", 9)]
    assert interview.effects[0] == QuestionWithdrawn("pago", 8, 9)
    effects = interview.says("sí")
    assert interview.session.answers["tipos"].value == ("cocina",)
    assert effects[-1] == ConfirmationAsked("pago", 11, MORE, earlier=True), "below what says that it was corrected"
    interview.says("sí")
    assert (interview.session.answers["pago"].value, interview.session.current) == (MORE, "peso")


@pytest.mark.parametrize("no", ["no", "atrás"])
def test_letting_go_of_the_newest_leaves_the_one_below(no: str) -> None:
    interview = two()
    interview.says(no)
    assert interview.effects == (QuestionWithdrawn("tipos", 9, 10), ConfirmationAsked("pago", 10, MORE, earlier=True))


def test_a_newer_reading_of_the_same_question_takes_its_place_and_is_the_newest() -> None:
    interview = two()
    interview.edits("1000 a la semana", taken_in=6)
    assert [name for name, _ in waiting(interview)] == ["tipos", "pago"]
    assert interview.session.waiting[-1].value == replace(MORE, amount=Decimal(1000))


def test_a_tap_settles_what_is_seen_and_nothing_else() -> None:
    interview = two()
    assert interview.refused(events.ConfirmationGiven(AT, 8, right=True)) is Rejection.STALE
    assert interview.refused(events.ConfirmationGiven(AT, interview.session.asked_in, right=True)) is Rejection.STALE
    assert interview.refused(events.SkipAsked(AT, 9)) is Rejection.STALE
    interview.take(events.ConfirmationGiven(AT, 9, right=True))
    assert waiting(interview) == [("pago", 11)]


def test_a_reply_to_the_prompt_is_about_its_question() -> None:
    interview = correcting()
    interview.says("prefiero no decir", about=8)
    assert interview.session.answers["pago"] == Answer(AnswerStatus.REFUSED)
    assert interview.session.current == "peso"


# --- what she has not told of an amount


@pytest.mark.parametrize("text", ["no sé", "saltar"])
@pytest.mark.parametrize(("said", "value"), [("250 pesos", None), ("250 al día", Period.DAY)])
def test_an_amount_stands_without_what_she_does_not_know(text: str, said: str, value: Period | None) -> None:
    interview = at_money()
    interview.says(said)
    bare = Money(Decimal(250), value)
    assert interview.says(text)[-1] == ConfirmationAsked("pago", 7, bare)
    interview.confirms()
    answer = interview.session.answers["pago"]
    assert (answer.status, answer.value) == (GIVEN, bare)
    (earned,) = incomes({"income": answer})
    assert earned.monthly is None, "compared with nothing, and never guessed"


@pytest.mark.parametrize(
    ("said", "reason"),
    [("250 pesos", Unreadable.NOT_A_PERIOD), ("250 al día", Unreadable.NOT_DAYS_PER_WEEK)],
)
def test_words_that_are_no_detail_are_told_what_could_be(said: str, reason: Unreadable) -> None:
    interview = at_money()
    interview.says(said)
    assert interview.says("depende de la chamba") == (AnswerRejected("pago", 7, reason),)
    assert waiting(interview) == [("pago", 6)]


def test_at_the_third_miss_what_waits_comes_with_the_rescue() -> None:
    interview = at_money()
    interview.says("250 pesos")
    for _ in range(3):
        interview.says("depende de la chamba")
    asked, prompt = interview.effects[-2:]
    assert asked == QuestionAsked("pago", 9, 5, 14, rescue=True, unread=Unreadable.NOT_A_PERIOD)
    assert prompt == DetailAsked("pago", 10, Detail.PERIOD, Money(Decimal(250)))


# --- what is a choice, a greeting, a tick, a day


@pytest.mark.parametrize(("text", "choice"), [("no sé", "ns"), ("prefiero no decir", "callo")])
def test_a_choice_that_says_so_goes_before_the_control(text: str, choice: str) -> None:
    interview = Interview(SAID_SO)
    interview.says(text)
    assert interview.session.answers["fue"] == Answer(GIVEN, choice, text)
    interview.edits("saltar", taken_in=2)
    assert interview.session.answers["fue"] == Answer(AnswerStatus.SKIPPED)
    interview.edits(text, taken_in=2)
    assert interview.session.answers["fue"] == Answer(GIVEN, choice, text)


def test_where_no_choice_says_so_it_stays_a_control() -> None:
    interview = Interview(SHORT_READ)
    interview.says("no sé")
    assert interview.session.answers["hizo"] == Answer(AnswerStatus.UNKNOWN)


def test_a_greeting_is_no_miss() -> None:
    interview = Interview(SHORT_READ)
    for greeting in ("hola", "Buenas tardes", "hola", "qué tal"):
        (greeted,) = interview.says(greeting)
        assert isinstance(greeted, AnswerRejected)
        assert greeted.reason is Unreadable.GREETING
    assert (interview.session.misses, interview.session.current) == (0, "hizo")


def at_things(*ticked: str) -> Interview:
    interview = Interview(SAID_SO)
    interview.taps("si")
    for name in ticked:
        interview.marks(name)
    return interview


@pytest.mark.parametrize(
    ("ticked", "said", "both"),
    [
        (("comida",), "ropa", ("comida", "ropa")),
        (("ropa", "techo"), "comida", ("comida", "ropa", "techo")),
        (("comida",), "nada", ("nada",)),
        (("nada",), "comida", ("comida",)),
    ],
)
def test_what_she_ticked_and_what_she_wrote_are_one_answer(
    ticked: tuple[str, ...], said: str, both: tuple[str, ...]
) -> None:
    interview = at_things(*ticked)
    assert interview.says(said) == (ConfirmationAsked("falta", interview.session.sprint, both),)
    interview.confirms()
    assert interview.session.answers["falta"] == Answer(GIVEN, both, said)


def test_words_that_name_all_that_is_ticked_need_no_yes() -> None:
    interview = at_things("ropa")
    interview.says("ropa y comida")
    assert interview.session.answers["falta"].value == ("comida", "ropa")


def test_ticks_go_on_from_what_waits() -> None:
    interview = at_things("comida")
    interview.says("ropa")
    interview.marks("techo")
    assert (interview.session.marked, interview.session.waiting) == (("comida", "ropa", "techo"), ())


def test_a_day_that_cannot_be_may_be_the_next_one_of_its_name() -> None:
    interview = at_things("comida")
    interview.done()
    today = AT.date()
    (asked,) = interview.says("el miércoles")
    assert isinstance(asked, ConfirmationAsked)
    assert isinstance(asked.value, date)
    assert timedelta(0) < asked.value - today <= timedelta(days=7)
    assert interview.says("no")[-1] == QuestionAsked("cita", interview.session.sprint, 3, 3)
    assert of(AnswerRejected, interview.says("ayer")) != []


# --- back to the summary


def correcting_from_the_summary() -> Interview:
    interview = Interview(SHORT_READ)
    interview.taps("trabaje")
    interview.taps("casa")
    interview.corrects("lugar")
    return interview


@pytest.mark.parametrize("sprint", [None, 4])
def test_back_leads_from_a_correction_to_the_summary(sprint: int | None) -> None:
    interview = correcting_from_the_summary()
    effects: tuple[Effect, ...] = interview.take(events.BackAsked(AT, sprint))
    assert effects[0] == QuestionWithdrawn("lugar", 4, 5)
    assert isinstance(effects[-1], SummaryShown)
    assert interview.session.answers["lugar"].value == "casa"


def test_back_leads_to_the_question_before_while_a_correction_has_opened_another() -> None:
    interview = correcting_from_the_summary()
    interview.back()
    interview.corrects("hizo")
    interview.taps("busque")
    assert interview.session.current == "falta"
    interview.back()
    assert interview.session.current == "lugar"


def test_words_about_an_earlier_question_say_so() -> None:
    interview = working()
    interview.says("tejido")
    interview.says("40")
    assert interview.says("muchas", about=4) == (AnswerRejected("horas", 6, Unreadable.NOT_A_NUMBER, earlier=True),)
