"""Sessions and speech as JSON: what is written is read back exactly, and nothing else is read."""

from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic_core import from_json, to_json

from conversations import codec
from conversations.answers import Answer, AnswerStatus, Money, Period, Value, Voice
from conversations.answers import from_json as value_from_json
from conversations.codec import SESSION_FORM, session_from_dict, session_to_dict
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
from conversations.reading.result import Unreadable
from conversations.session import Pending, Session
from conversations.speech import (
    SPEECH,
    Asking,
    Button,
    ButtonsRemoved,
    ChatCleaned,
    Interviewed,
    Phrase,
    PromptPlayed,
    Said,
    TapAnswered,
)

MONEY = Money(Decimal("1500.50"), Period.DAY, high=Decimal(2000), days_per_week=5)
VALUES: tuple[Value, ...] = ("sí, «así»", 7, Decimal("2.50"), date(2026, 2, 28), MONEY, ("a", "b"), (), Voice("ref", 7))
ANSWER = Answer(AnswerStatus.GIVEN, date(2026, 1, 1), "ayer")
ASKING: tuple[Asking, ...] = (
    QuestionAsked("q", 1, 2, 6, ("a",), ("a", "b"), rescue=True, unread=Unreadable.NOT_A_CHOICE),
    NoteShown("q"),
    ChoicesShown("q", 1, ("a",), 2, ("a", "b")),
    DatePartAsked("q", 1, "2026", 2027),
    ConfirmationAsked("q", 1, MONEY, unusual=True),
    DetailAsked("q", 1, Detail.PERIOD, MONEY),
    AnswerRejected("q", 1, Unreadable.CONSTRAINT),
    AnswerCorrected("q", ANSWER),
    SummaryShown(1, (("q", ANSWER), ("r", Answer(AnswerStatus.NO_CONSENT))), occasion=Occasion.ASKED),
    QuestionClosed("q", 1, 4, ANSWER),
    QuestionWithdrawn("q", 1, 4),
)
SESSION = Session(
    instrument="todo",
    version="3",
    purposes=("seguimiento",),
    earlier_pay=Decimal("1200.50"),
    answers={f"q{at}": Answer(AnswerStatus.GIVEN, value, "raw 😀") for at, value in enumerate(VALUES)}
    | {"no": Answer(AnswerStatus.REFUSED)},
    current="q9",
    sprint=12,
    asked_in=10,
    shown_in={"q1": 3},
    taken_in={"q1": 4},
    marked=("a",),
    page=1,
    waiting=(Pending("q0", "a", "raw"), Pending("q1", MONEY, "raw", 10, Detail.PERIOD, asked_in=11)),
    misses=2,
    unread="hmm",
    left={"q8": Answer(AnswerStatus.NOT_APPLICABLE)},
    finished=True,
)


def through_json(data: Any) -> Any:
    return from_json(to_json(data))


@pytest.mark.parametrize("session", [SESSION, Session("una", "1")])
def test_a_session_comes_back_as_it_was(session: Session) -> None:
    back = session_from_dict(through_json(session_to_dict(session)))
    assert back == session
    assert [type(answer.value) for answer in back.answers.values()] == [
        type(answer.value) for answer in session.answers.values()
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {**session_to_dict(SESSION), "form": SESSION_FORM + 1},
        {**session_to_dict(SESSION), "form": 0},
        {**session_to_dict(SESSION), "form": "1"},
        {**session_to_dict(SESSION), "status": "asleep"},
        {**session_to_dict(SESSION), "answers": {"q": {"status": 0, "value": {"odd": 1}}}},
        {"form": SESSION_FORM},
    ],
)
def test_what_is_not_a_session_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        session_from_dict(broken)


def test_a_session_of_an_older_release_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(data: dict[str, Any]) -> dict[str, Any]:
        return {"current" if key == "open_question" else key: value for key, value in data.items()}

    older = {"open_question" if key == "current" else key: value for key, value in session_to_dict(SESSION).items()}
    monkeypatch.setitem(codec.UPGRADES, 0, renamed)
    assert session_from_dict({**older, "form": 0}) == SESSION


@pytest.mark.parametrize(
    "speech",
    [
        Said(Phrase("a", {"name": "Rosa", "count": 2}), ((Button("yes", Phrase("b")),),), session=2**63 - 1, sprint=3),
        TapAnswered("tap"),
        TapAnswered("tap", Phrase("c")),
        ButtonsRemoved(5, 6),
        ChatCleaned(7),
        PromptPlayed("hizo", "corta", "1"),
        *(Interviewed(1, "todo", "3", effect) for effect in ASKING),
    ],
)
def test_speech_comes_back_as_it_was(speech: Any) -> None:
    assert SPEECH.load(SPEECH.dump(speech)) == speech


def test_every_effect_that_is_shown_is_tried() -> None:
    assert {type(effect) for effect in ASKING} == set(get_args(Asking))


@pytest.mark.parametrize("data", [{"type": "Session"}, {"type": "Said"}, {}, [], "Said"])
def test_what_the_codec_was_not_told_of_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        SPEECH.from_dict(data)
    with pytest.raises(KeyError):
        SPEECH.to_dict(SESSION)  # type: ignore[arg-type]


def test_a_value_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="not an answer's value"):
        value_from_json(None)
