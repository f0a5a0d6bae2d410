"""From what is to be shown to Bot API calls. Pure: the same speech, language and standing messages give the same calls.

* Only here do catalogue keys, labels and values become text; texts go out as HTML, everything that is not ours escaped.
* The first line of every question is its number, so that a preview on a locked phone tells nothing.
* Nothing previews links, and nothing can be forwarded or saved by a tap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any, assert_never

from bot.api import Call
from bot.library import Library
from bot.participant import checkin
from bot.routing import callback_data
from conversations.answers import Answer, AnswerStatus, Money, Period, Value
from conversations.effects import (
    AnswerRejected,
    ConfirmationAsked,
    Detail,
    DetailAsked,
    MarksChanged,
    NoteShown,
    QuestionAsked,
    QuestionClosed,
    QuestionWithdrawn,
)
from conversations.instrument import Instrument, Question, QuestionType, in_language
from conversations.interpret import WORKDAYS
from conversations.reading.result import Unreadable
from conversations.speech import (
    Asking,
    Button,
    ButtonsRemoved,
    ChatCleaned,
    Interviewed,
    Phrase,
    Said,
    Speech,
    TapAnswered,
)
from locales.catalog import Catalog, long_date, money, number
from storage.mail import Claimed, Standing

SHORT_LABEL = 14
"""Characters that still fit twice beside each other on a small phone."""

MAX_DELETED = 100
"""message_ids in one deleteMessages call (Bot API)."""

MOST_OF_HER_WORDS = 300
"""Characters of a free answer in the line that it is folded into: enough to know it, and far from Telegram's 4096."""

TICKED, UNTICKED, ANSWERED = "☑", "☐", "✓"

ACKNOWLEDGE = Button(checkin.CHOOSE + "ok", Phrase("button.ok"))
CONFIRMATION = (Button(checkin.RIGHT, Phrase("button.right")), Button(checkin.WRONG, Phrase("button.wrong")))
DONE = Button(checkin.DONE, Phrase("button.done"))
REFUSE, SKIP = Button(checkin.REFUSE, Phrase("button.refuse")), Button(checkin.SKIP, Phrase("button.skip"))
CONTROLS = [
    Button(checkin.BACK, Phrase("button.back")),
    Button(checkin.PAUSE, Phrase("button.pause")),
    Button(checkin.HELP_BUTTON, Phrase("button.help")),
]

CONFIRM_KEYS = {True: "checkin.confirm_amount", False: "checkin.confirm"}
"""By whether the value is money."""

MISSING_KEYS = {
    AnswerStatus.NOT_APPLICABLE: "answer.not_applicable",
    AnswerStatus.UNKNOWN: "answer.unknown",
    AnswerStatus.REFUSED: "answer.refused",
    AnswerStatus.UNANSWERED: "answer.unanswered",
}

Keyboard = list[list[dict[str, str]]]


class Renderer:
    """Turns claimed parcels into calls, with the texts of a catalogue and a library."""

    def __init__(self, catalog: Catalog, library: Library) -> None:
        self._catalog = catalog
        self._library = library

    @staticmethod
    def needs_standing(speech: Speech) -> bool:
        """Whether showing this means changing or deleting messages that stand in the chat already."""
        if isinstance(speech, Interviewed):
            return isinstance(speech.effect, MarksChanged | QuestionClosed | QuestionWithdrawn)
        return isinstance(speech, ButtonsRemoved | ChatCleaned)

    def __call__(self, claimed: Claimed, standing: Sequence[Standing]) -> list[Call]:
        """The calls that show this parcel, in order; an empty list where there is nothing left to change."""
        page = _Page(self._catalog, claimed.language, claimed.parcel.chat_id, tuple(standing))
        speech = claimed.parcel.speech
        match speech:
            case Said():
                return [page.said(speech)]
            case TapAnswered(tap, phrase):
                text = {} if phrase is None else {"text": page.text(phrase)}
                return [Call("answerCallbackQuery", {"callback_query_id": tap, **text})]
            case ButtonsRemoved(_, sprint):
                return page.without_buttons(sprint)
            case ChatCleaned():
                return page.deleted([message.message_id for message in standing if message.deletable])
            case Interviewed(session, name, version, effect):
                instrument = self._library.get(name, version)
                return _Sheet(page, instrument, session).show(effect)
            case _:
                assert_never(speech)


@dataclass(frozen=True, slots=True)
class _Page:
    """One chat in one language, with the messages that stand in it."""

    catalog: Catalog
    language: str
    chat_id: int
    standing: tuple[Standing, ...]

    def text(self, phrase: Phrase) -> str:
        return self.catalog.text(phrase.key, self.language, **phrase.values)

    def send(self, text: str, keyboard: Keyboard | None = None) -> Call:
        params: dict[str, Any] = {
            "chat_id": self.chat_id,
            "text": text,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            "protect_content": True,
        }
        if keyboard:
            params["reply_markup"] = {"inline_keyboard": keyboard}
        return Call("sendMessage", params)

    def said(self, said: Said) -> Call:
        values = {
            name: _plain(value) if isinstance(value, str) else value for name, value in said.phrase.values.items()
        }
        keyboard = [
            [
                _button(self.text(button.phrase), session=said.session or 0, sprint=said.sprint, action=button.action)
                for button in row
            ]
            for row in said.rows
        ]
        return self.send(self.text(Phrase(said.phrase.key, values)), keyboard)

    def message_of(self, sprint: int) -> int | None:
        """The last message of ours that this sprint showed: the one with the buttons."""
        ours = [message.message_id for message in self.standing if message.ours and message.sprint == sprint]
        return ours[-1] if ours else None

    def without_buttons(self, sprint: int) -> list[Call]:
        return self.changed(sprint, "editMessageReplyMarkup", reply_markup={"inline_keyboard": []})

    def changed(self, sprint: int, method: str, **params: Any) -> list[Call]:
        message_id = self.message_of(sprint)
        return (
            [] if message_id is None else [Call(method, {"chat_id": self.chat_id, "message_id": message_id, **params})]
        )

    def withdrawn(self, sprints: range) -> list[Call]:
        """What we showed in these sprints goes, as far as Telegram still allows; what she wrote stays hers."""
        shown = (message for message in self.standing if message.ours and message.sprint in sprints)
        return self.deleted([message.message_id for message in shown if message.deletable])

    def deleted(self, message_ids: Sequence[int]) -> list[Call]:
        groups = (message_ids[start : start + MAX_DELETED] for start in range(0, len(message_ids), MAX_DELETED))
        return [Call("deleteMessages", {"chat_id": self.chat_id, "message_ids": list(group)}) for group in groups]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One interview on a page."""

    page: _Page
    instrument: Instrument
    session: int

    def show(self, effect: Asking) -> list[Call]:
        question = self.instrument.by_name[effect.question]
        match effect:
            case QuestionAsked(_, sprint, place, marked):
                return [
                    self.page.send(self._question(question, place), self._keyboard(question, sprint, marked=marked))
                ]
            case NoteShown():
                return [self.page.send(self._label(question))]
            case MarksChanged(_, sprint, marked):
                keyboard = {"inline_keyboard": self._keyboard(question, sprint, marked=marked)}
                return self.page.changed(sprint, "editMessageReplyMarkup", reply_markup=keyboard)
            case ConfirmationAsked(_, sprint, value):
                key = CONFIRM_KEYS[isinstance(value, Money)]
                text = self.page.text(Phrase(key, {"value": self._value(question, value)}))
                return [self.page.send(text, [[self._tap(sprint, button) for button in CONFIRMATION]])]
            case DetailAsked(_, sprint, detail, value):
                return [self._detail(sprint, detail=detail, said=self._value(question, value))]
            case AnswerRejected(_, _, reason):
                return [self.page.send(self._rejection(question, reason))]
            case QuestionClosed(_, sprint, until, answer):
                return self._folded(question, answer, sprints=range(sprint, until))
            case QuestionWithdrawn(_, sprint, until):
                return self.page.withdrawn(range(sprint, until))
            case _:
                assert_never(effect)

    # --- texts

    def _label(self, question: Question) -> str:
        return _plain(in_language(question.label, self.page.language))

    def _question(self, question: Question, place: int) -> str:
        lines = [
            self.page.text(Phrase("checkin.question_number", {"number": place})),
            "",
            f"<b>{self._label(question)}</b>",
        ]
        if question.hint:
            lines.append(f"<i>{_plain(in_language(question.hint, self.page.language))}</i>")
        return "\n".join(lines)

    def _rejection(self, question: Question, reason: Unreadable) -> str:
        if reason is Unreadable.CONSTRAINT and question.constraint_message:
            return _plain(in_language(question.constraint_message, self.page.language))
        return self.page.text(Phrase(f"unreadable.{reason.value}"))

    def _folded(self, question: Question, answer: Answer, *, sprints: range) -> list[Call]:
        """The question becomes one line with its answer; what was said about it in between goes."""
        said = f"{ANSWERED} {self._label(question)}\n<b>{self._answer(question, answer)}</b>"
        return [
            *self.page.changed(sprints.start, "editMessageText", text=said, parse_mode="HTML"),
            *self.page.withdrawn(sprints[1:]),
        ]

    def _answer(self, question: Question, answer: Answer) -> str:
        if answer.value is None:
            return self.page.text(Phrase(MISSING_KEYS[answer.status]))
        return self._value(question, answer.value)

    def _value(self, question: Question, value: Value) -> str:
        language = self.page.language
        match value:
            case Money():
                return self._money(value)
            case tuple():
                return ", ".join(self._value(question, name) for name in value)
            case date():
                return long_date(value, language)
            case int() | Decimal():
                return number(value, language)
            case str():
                choice = question.choice(value)
                return _plain(_shortened(value) if choice is None else in_language(choice.label, language))

    def _money(self, pay: Money) -> str:
        language = self.page.language
        amount = money(pay.amount, language)
        if pay.high is not None:
            amount = self.page.text(Phrase("amount.range", {"low": amount, "high": money(pay.high, language)}))
        if pay.period is None:
            return amount
        parts = [amount, self.page.text(Phrase(f"period.{pay.period.value}"))]
        if pay.days_per_week is not None:
            parts.append(self.page.text(Phrase("amount.days_per_week", {"count": pay.days_per_week})))
        return " ".join(parts)

    # --- buttons

    def _detail(self, sprint: int, *, detail: Detail, said: str) -> Call:
        if detail is Detail.PERIOD:
            periods = [Button(checkin.DETAIL + period, Phrase(f"period.{period.value}")) for period in Period]
            asked = self.page.text(Phrase("checkin.which_period", {"value": said}))
            return self.page.send(asked, [[self._tap(sprint, button)] for button in periods])
        days = [self._choice(days, sprint, action=checkin.DETAIL + days) for days in WORKDAYS]
        asked = self.page.text(Phrase("checkin.how_many_days", {"value": said}))
        return self.page.send(asked, [days[:4], days[4:]])

    def _tap(self, sprint: int, button: Button) -> dict[str, str]:
        return self._choice(self.page.text(button.phrase), sprint, action=button.action)

    def _keyboard(self, question: Question, sprint: int, *, marked: tuple[str, ...]) -> Keyboard:
        controls = [[REFUSE] if question.required else [REFUSE, SKIP], CONTROLS]
        return [
            *self._choices(question, sprint, marked=marked),
            *([self._tap(sprint, button) for button in row] for row in controls),
        ]

    def _choices(self, question: Question, sprint: int, *, marked: tuple[str, ...]) -> Keyboard:
        if question.type is QuestionType.ACKNOWLEDGE:
            return [[self._tap(sprint, ACKNOWLEDGE)]]
        labels = {choice.name: in_language(choice.label, self.page.language) for choice in question.choices}
        if question.type is not QuestionType.SELECT_MULTIPLE:
            return _rows([self._choice(label, sprint, action=checkin.CHOOSE + name) for name, label in labels.items()])
        ticks = [
            self._choice(f"{TICKED} {label}", sprint, action=checkin.UNMARK + name)
            if name in marked
            else self._choice(f"{UNTICKED} {label}", sprint, action=checkin.MARK + name)
            for name, label in labels.items()
        ]
        return [*_rows(ticks), [self._tap(sprint, DONE)]]

    def _choice(self, text: str, sprint: int, *, action: str) -> dict[str, str]:
        return _button(text, session=self.session, sprint=sprint, action=action)


def _shortened(words: str) -> str:
    return words if len(words) <= MOST_OF_HER_WORDS else f"{words[:MOST_OF_HER_WORDS].rstrip()}…"


def _plain(text: str) -> str:
    """Text that is not ours, safe to stand between our tags."""
    return escape(text, quote=False)


def _button(text: str, *, session: int, sprint: int, action: str) -> dict[str, str]:
    return {"text": text, "callback_data": callback_data(session, sprint, action=action)}


def _rows(buttons: list[dict[str, str]]) -> Keyboard:
    """Two beside each other where all are short, else one below the other."""
    if all(len(button["text"]) <= SHORT_LABEL for button in buttons):
        return [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    return [[button] for button in buttons]
