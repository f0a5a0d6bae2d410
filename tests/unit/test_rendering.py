"""From speech to Bot API calls: what every message keeps to, and what each effect becomes in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.api import Call
from bot.library import Library
from bot.page import MAX_DELETED
from bot.recordings import recorded_in
from bot.rendering import Renderer
from conversations.answers import Answer, AnswerStatus, Money, Period, Value, Voice
from conversations.effects import (
    AnswerCorrected,
    AnswerRejected,
    ChoicesShown,
    ConfirmationAsked,
    DatePartAsked,
    Detail,
    DetailAsked,
    NoteShown,
    Occasion,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
    SummaryShown,
)
from conversations.instrument import Choice, Instrument, Question
from conversations.reading.result import Unreadable
from conversations.speech import (
    Asking,
    Button,
    ButtonsRemoved,
    ChatCleaned,
    Interviewed,
    Phrase,
    PromptPlayed,
    Said,
    Speech,
    TapAnswered,
)
from locales.catalog import LANGUAGES, load_catalog
from storage.mail import Claimed, Parcel
from storage.traces import Standing
from tests.support.instruments import EVERYTHING_READ, LONGEST_READ, every

CALLBACK_BYTES = 64
MESSAGE_CHARACTERS = 4096
LARGEST_SESSION, LARGEST_SPRINT = 2**63 - 1, 99_999
RENDER = Renderer(load_catalog(), Library(every()))


def calls(speech: Speech, standing: Sequence[Standing] = (), *, language: str = "es") -> list[Call]:
    return RENDER(Claimed(1, Parcel("o", "lane", 501, speech), attempts=1, language=language), standing)


def shown(
    effect: Asking, *standing: Standing, instrument: Instrument = EVERYTHING_READ, language: str = "es"
) -> list[Call]:
    interviewed = Interviewed(LARGEST_SESSION, instrument.name, instrument.version, effect)
    return calls(interviewed, standing, language=language)


def only(found: list[Call]) -> dict[str, Any]:
    (call,) = found
    return call.params


def labels(params: dict[str, Any]) -> list[list[str]]:
    return [[button["text"] for button in row] for row in params["reply_markup"]["inline_keyboard"]]


def stands(message_id: int, sprint: int | None, *, ours: bool = True, deletable: bool = True) -> Standing:
    return Standing("lane", message_id, 7, sprint, ours, deletable)


# --- what holds for all


def _everything_about(question: Question) -> list[Asking]:
    names = tuple(choice.name for choice in question.choices)
    amount = Money(Decimal("9999999.99"), Period.DAY, high=Decimal("9999999.99"), days_per_week=7)
    return [
        QuestionAsked(question.name, LARGEST_SPRINT, 12, 99, names),
        QuestionAsked(question.name, LARGEST_SPRINT, 12, 99, rescue=True),
        ChoicesShown(question.name, LARGEST_SPRINT, names),
        *(DatePartAsked(question.name, LARGEST_SPRINT, part, 2027) for part in ("", "2026", "2026-12")),
        ConfirmationAsked(question.name, LARGEST_SPRINT, names or amount),
        ConfirmationAsked(question.name, LARGEST_SPRINT, amount, unusual=True),
        AnswerCorrected(question.name, Answer(AnswerStatus.GIVEN, "é" * 4096)),
        DetailAsked(question.name, LARGEST_SPRINT, Detail.PERIOD, amount),
        DetailAsked(question.name, LARGEST_SPRINT, Detail.DAYS_PER_WEEK, amount),
        QuestionClosed(question.name, LARGEST_SPRINT, LARGEST_SPRINT + 1, Answer(AnswerStatus.GIVEN, "é" * 4096)),
        *(AnswerRejected(question.name, LARGEST_SPRINT, reason) for reason in Unreadable),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("instrument", every(), ids=lambda instrument: instrument.name)
def test_nothing_is_larger_than_telegram_takes(instrument: Instrument, language: str) -> None:
    standing = stands(5, LARGEST_SPRINT)
    asked = [question for question in instrument.questions if question.waits]
    made = [
        call
        for question in asked
        for effect in _everything_about(question)
        for call in shown(effect, standing, instrument=instrument, language=language)
    ]
    assert len(made) > 10 * len(asked)
    buttons = [
        button
        for call in made
        for row in call.params.get("reply_markup", {}).get("inline_keyboard", [])
        for button in row
    ]
    assert buttons
    assert max(len(button["callback_data"].encode()) for button in buttons) <= CALLBACK_BYTES
    assert all(button["text"] for button in buttons)
    assert max(len(call.params.get("text", "")) for call in made) <= MESSAGE_CHARACTERS


def test_the_longest_names_just_fit() -> None:
    params = only(shown(QuestionAsked(LONGEST_READ.questions[0].name, 9_999, 1, 9), instrument=LONGEST_READ))
    data = params["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert data == "7fffffffffffffff.9999.c:opcion_con_treinta_y_dos_letras1"


@pytest.mark.holds("S-3")
def test_every_message_is_html_without_previews_and_cannot_be_passed_on() -> None:
    params = only(calls(Said(Phrase("invitation.hello"))))
    assert params == {
        "chat_id": 501,
        "text": "Hola. ¿Tienes cinco minutos?",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "protect_content": True,
    }


def test_what_is_not_ours_is_escaped() -> None:
    name = "<b>Rosa</b> & Cía"
    assert "&lt;b&gt;Rosa&lt;/b&gt; &amp; Cía" in only(calls(Said(Phrase("enrolment.done", {"name": name}))))["text"]
    closed = QuestionClosed("cuenta", 3, 4, Answer(AnswerStatus.GIVEN, "1 < 2 & <i>x"))
    assert only(shown(closed, stands(5, 3)))["text"].endswith("<b>1 &lt; 2 &amp; &lt;i&gt;x</b>")


def test_a_text_that_the_other_language_lacks_is_said_in_spanish() -> None:
    assert "¿Cuánto pesas?" in only(shown(QuestionAsked("peso", 1, 1, 9), language="en"))["text"]
    assert "In what?" in only(shown(QuestionAsked("tipos", 1, 1, 9), language="en"))["text"]


# --- questions


@pytest.mark.holds("S-2")
def test_a_question_gives_nothing_away_in_its_first_line() -> None:
    params = only(shown(QuestionAsked("tipos", 4, 3, 9)))
    assert params["text"].split("\n") == ["3 de 9", "", "<b>¿En qué?</b>", "<i>Marca.</i>"]


def test_short_choices_stand_two_by_two_long_ones_below_each_other() -> None:
    assert labels(only(shown(QuestionAsked("trabaja", 1, 1, 9))))[0] == ["Sí", "No"]
    longest = only(shown(QuestionAsked(LONGEST_READ.questions[0].name, 1, 1, 9), instrument=LONGEST_READ))
    assert labels(longest)[:2] == [["Opción con un letrero bien largo"], ["Otra"]]


def test_what_must_be_answered_cannot_be_skipped() -> None:
    assert labels(only(shown(QuestionAsked("trabaja", 1, 1, 9))))[-2:] == [
        ["Prefiero no decir"],
        ["⬅️ Atrás", "⏸ Pausa", "🙋 Ayuda"],
    ]
    assert labels(only(shown(QuestionAsked("peso", 1, 1, 9))))[0] == ["Prefiero no decir", "Saltar"]


def test_ticks_and_what_tapping_them_asks_for() -> None:
    params = only(shown(ChoicesShown("tipos", 4, ("cocina",)), stands(9, 3), stands(10, 4)))
    assert params["message_id"] == 10
    keyboard = params["reply_markup"]["inline_keyboard"]
    ticks = {button["text"]: button["callback_data"].split(".")[2] for row in keyboard[:2] for button in row}
    assert ticks == {"☐ Tejido": "+:tejido", "☑ Cocina": "-:cocina", "☐ Ventas": "+:ventas", "☐ Ninguno": "+:ninguno"}
    assert labels(params)[2] == ["✅ Listo"]


def test_a_note_and_an_acknowledgement() -> None:
    assert only(shown(NoteShown("saludo")))["text"] == "Va de nuez."
    assert labels(only(shown(QuestionAsked("enterada", 1, 1, 9))))[0] == ["De acuerdo"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Money(Decimal(1500), Period.FORTNIGHT), "Quiero anotarlo bien.\nEntonces son $1,500 cada quincena, ¿verdad?"),
        (
            Money(Decimal(500), Period.WEEK, Decimal(700)),
            "Quiero anotarlo bien.\nEntonces son de $500 a $700 a la semana, ¿verdad?",
        ),
        (
            Money(Decimal(250), Period.DAY, None, 5),
            "Quiero anotarlo bien.\nEntonces son $250 al día (5 días a la semana), ¿verdad?",
        ),
        (
            Money(Decimal(250), Period.DAY, None, 1),
            "Quiero anotarlo bien.\nEntonces son $250 al día (1 día a la semana), ¿verdad?",
        ),
        (Money(Decimal("0.5")), "Quiero anotarlo bien.\nEntonces son $0.50, ¿verdad?"),
        (date(2026, 3, 1), "¿Lo anoté bien?\n1 de marzo de 2026"),
        (1200, "¿Lo anoté bien?\n1,200"),
        (Decimal("60.5"), "¿Lo anoté bien?\n60.5"),
        (("tejido", "cocina"), "¿Lo anoté bien?\nTejido y cocina"),
        ("tejido", "¿Lo anoté bien?\nTejido"),
    ],
)
def test_what_was_understood_is_said_back(value: Value, text: str) -> None:
    params = only(shown(ConfirmationAsked("tipos", 4, value)))
    assert params["text"] == text
    assert labels(params) == [["Sí, así es", "No, corregir"]]


def test_a_constraint_says_what_the_form_says() -> None:
    assert only(shown(AnswerRejected("horas", 4, Unreadable.CONSTRAINT)))["text"] == "De 1 a 84."
    assert only(shown(AnswerRejected("pago", 4, Unreadable.CONSTRAINT)))["text"].startswith("Esa respuesta no me")


def test_many_choices_come_in_pages() -> None:
    many = replace(
        EVERYTHING_READ.by_name["tipos"], choices=tuple(Choice(f"c{n}", {"es": f"C {n}"}) for n in range(20))
    )
    instrument = Instrument("muchas", "1", {}, (many,))
    render = Renderer(load_catalog(), Library([instrument]))

    def buttons(effect: Asking) -> list[str]:
        parcel = Parcel("o", "lane", 501, Interviewed(7, "muchas", "1", effect))
        (call,) = render(Claimed(1, parcel, attempts=1, language="es"), [stands(9, 4)])
        return [label for row in labels(call.params)[:-3] for label in row]

    first = buttons(QuestionAsked("tipos", 4, 1, 1, ("c2",)))
    assert first == ["☐ C 0", "☐ C 1", "☑ C 2", *(f"☐ C {n}" for n in range(3, 8)), "Más ▶️"]
    assert buttons(ChoicesShown("tipos", 4, ("c2",), 1))[-2:] == ["◀️ Anteriores", "Más ▶️"]
    assert buttons(ChoicesShown("tipos", 4, (), 2)) == [*(f"☐ C {n}" for n in range(16, 20)), "◀️ Anteriores"]
    assert buttons(ChoicesShown("tipos", 4, (), 0, ("c3", "c19"))) == ["☐ C 3", "☐ C 19"]


def test_a_date_is_tapped_year_by_month_by_day() -> None:
    assert labels(only(shown(QuestionAsked("desde", 4, 1, 1))))[0] == ["📅 Elegir con botones"]
    years = only(shown(DatePartAsked("desde", 4, "", 2027), stands(9, 4)))
    assert labels(years)[:4] == [
        ["2019", "2020", "2021"],
        ["2022", "2023", "2024"],
        ["2025", "2026", "2027"],
        ["◀️ Años antes"],
    ]
    months = only(shown(DatePartAsked("desde", 4, "2026", 2027), stands(9, 4)))
    assert labels(months)[0] == ["ene", "feb", "mar"]
    days = only(shown(DatePartAsked("desde", 4, "2024-02", 2027), stands(9, 4)))
    assert labels(days)[4] == ["29"]
    assert days["reply_markup"]["inline_keyboard"][4][0]["callback_data"].endswith(".4.y:2024-02-29")


def test_to_the_rescue_come_bands_of_money_and_a_person() -> None:
    params = only(shown(QuestionAsked("pago", 4, 1, 1, rescue=True)))
    assert "Vamos con calma" in params["text"]
    assert labels(params)[0] == ["de $0 a $500"]
    assert labels(params)[-3] == ["🙋 Que me ayude una persona"]


def test_the_summary_says_what_was_noted_and_corrects_each() -> None:
    noted = (
        ("trabaja", Answer(AnswerStatus.GIVEN, "si")),
        ("pago", Answer(AnswerStatus.GIVEN, Money(Decimal(800), Period.WEEK))),
        ("cuenta", Answer(AnswerStatus.GIVEN, "<b> & " * 40)),
    )
    params = only(shown(SummaryShown(4, noted)))
    assert params["text"].split("\n")[3:5] == ["¿Trabajas?: <b>Sí</b>", "¿Cuánto te pagan?: <b>$800 a la semana</b>"]
    assert params["text"].endswith("…</b>")
    assert labels(params) == [["✏️ ¿Trabajas?"], ["✏️ ¿Cuánto te pagan?"], ["✏️ Cuéntame."]]
    assert only(shown(SummaryShown(4, noted, Occasion.CORRECTED)))["text"].startswith("Listo. Ahora quedó así.")


def test_a_correction_is_said() -> None:
    corrected = AnswerCorrected("pago", Answer(AnswerStatus.REFUSED))
    assert only(shown(corrected))["text"] == "Listo, ya lo corregí.\n¿Cuánto te pagan?: Prefiero no decir"


def test_a_recording_is_played_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "todo").mkdir()
    (tmp_path / "todo" / "pago.ogg").write_bytes(b"OggS")
    (tmp_path / "fuera.ogg").write_bytes(b"OggS")
    with_audio = [replace(q, audio={"es": "pago.ogg"}) if q.name == "pago" else q for q in EVERYTHING_READ.questions]
    outside = replace(with_audio[0], name="fuera", audio={"es": "../fuera.ogg"})
    shelf = Library([replace(EVERYTHING_READ, questions=(*with_audio, outside))])
    render = Renderer(load_catalog(), shelf, recorded=recorded_in(tmp_path / "nowhere", tmp_path))

    def played(name: str) -> list[Call]:
        parcel = Parcel("o", "lane", 501, PromptPlayed(name, "todo", "3"))
        return render(Claimed(1, parcel, attempts=1, language="es"), [])

    (call,) = played("pago")
    assert (call.method, call.params["voice"].filename) == ("sendVoice", "pago.ogg")
    assert played("horas") == played("fuera") == []


# --- what stands in the chat already


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(AnswerStatus.GIVEN, ("tejido",)), "Tejido"),
        (Answer(AnswerStatus.REFUSED), "Prefiero no decir"),
        (Answer(AnswerStatus.UNKNOWN), "No sé"),
        (Answer(AnswerStatus.UNANSWERED), "Sin respuesta"),
        (Answer(AnswerStatus.SKIPPED), "Sin respuesta"),
        (Answer(AnswerStatus.GIVEN, Voice("f.3", 7)), "Nota de voz de 7 segundos"),
    ],
)
def test_an_answered_question_folds_into_one_line(answer: Answer, text: str) -> None:
    hints = (stands(10, 3), stands(11, 4), stands(12, 4, ours=False), stands(13, 5, deletable=False), stands(14, None))
    folded, gone, bare = shown(QuestionClosed("tipos", 3, 6, answer), *hints)
    assert bare.params["message_id"] == 13
    assert folded == Call(
        "editMessageText",
        {"chat_id": 501, "message_id": 10, "text": f"✓ ¿En qué?\n<b>{text}</b>", "parse_mode": "HTML"},
    )
    assert gone == Call("deleteMessages", {"chat_id": 501, "message_ids": [11]})


def test_a_read_note_folds_with_the_words_of_its_button() -> None:
    closed = QuestionClosed("enterada", 3, 4, Answer(AnswerStatus.GIVEN, "ok"))
    assert only(shown(closed, stands(5, 3)))["text"] == "✓ ¿Va?\n<b>De acuerdo</b>"


def test_what_can_no_longer_be_deleted_loses_its_buttons() -> None:
    old, new = stands(10, 3, deletable=False), stands(11, 3)
    gone, bare = shown(QuestionWithdrawn("tipos", 3, 4), old, new)
    assert (gone.method, gone.params["message_ids"]) == ("deleteMessages", [11])
    assert (bare.method, bare.params["message_id"]) == ("editMessageReplyMarkup", 10)


def test_an_answer_that_is_a_story_is_shortened_in_its_line() -> None:
    closed = QuestionClosed("cuenta", 3, 4, Answer(AnswerStatus.GIVEN, "bla " * 1000))
    assert len(only(shown(closed, stands(5, 3)))["text"]) < 400


def test_a_question_that_is_asked_again_makes_room() -> None:
    gone = only(shown(QuestionWithdrawn("tipos", 3, 5), stands(9, 2), stands(10, 3), stands(11, 4), stands(12, 5)))
    assert gone["message_ids"] == [10, 11]


def test_what_is_no_longer_there_is_not_changed() -> None:
    assert shown(QuestionClosed("tipos", 3, 4, Answer(AnswerStatus.REFUSED))) == []
    assert shown(ChoicesShown("tipos", 3, ())) == []
    assert calls(ButtonsRemoved(7, 3), [stands(9, 4)]) == []
    assert calls(ChatCleaned(7), [stands(9, 4, deletable=False)]) == []


def test_buttons_go_from_the_last_message_of_a_sprint() -> None:
    removed = only(calls(ButtonsRemoved(7, 3), [stands(9, 3), stands(10, 3), stands(11, 4)]))
    assert (removed["message_id"], removed["reply_markup"]) == (10, {"inline_keyboard": []})


def test_a_chat_is_cleaned_of_hers_and_ours_a_hundred_at_a_time() -> None:
    standing = [stands(number, 1, ours=bool(number % 2)) for number in range(250)]
    cleaned = [call.params["message_ids"] for call in calls(ChatCleaned(7), standing)]
    assert [len(ids) for ids in cleaned] == [MAX_DELETED, MAX_DELETED, 50]
    assert [id_ for ids in cleaned for id_ in ids] == list(range(250))


def test_a_tap_is_answered_with_words_only_where_there_are_any() -> None:
    assert calls(TapAnswered("t")) == [Call("answerCallbackQuery", {"callback_query_id": "t"})]
    assert only(calls(TapAnswered("t", Phrase("rejected.stale"))))["text"].startswith("Ese botón")


def test_a_text_with_buttons_carries_its_session_and_sprint() -> None:
    rows = ((Button("begin", Phrase("button.begin")),),)
    params = only(calls(Said(Phrase("invitation.hello"), rows, session=255, sprint=4)))
    assert params["reply_markup"] == {"inline_keyboard": [[{"text": "Sí, ahora", "callback_data": "ff.4.begin"}]]}


@pytest.mark.parametrize(
    ("speech", "needed"),
    [
        (ButtonsRemoved(1, 1), True),
        (ChatCleaned(1), True),
        (TapAnswered("t"), False),
        (Said(Phrase("invitation.hello")), False),
        (Interviewed(1, "todo", "3", ChoicesShown("tipos", 1, ())), True),
        (Interviewed(1, "todo", "3", QuestionAsked("tipos", 1, 1, 9)), False),
    ],
)
def test_what_stands_is_asked_for_only_where_it_is_needed(speech: Speech, needed: bool) -> None:
    assert RENDER.needs_standing(speech) is needed
