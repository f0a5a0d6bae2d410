"""From what is to be shown to Bot API calls. Pure: the same speech, language and standing messages give the same calls.

* Only here and on the `page` do catalogue keys, labels and values become text.
* The first line of every question is its number, so that a preview on a locked phone tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import assert_never

from bot.api import Call
from bot.keyboards import Keyboards, Shown
from bot.library import Library
from bot.pacing import counts
from bot.page import Page, plain
from conversations.answers import Answer, AnswerStatus, Money, Value, Voice
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
from conversations.instrument import Instrument, QuestionType, in_language
from conversations.reading.result import Unreadable
from conversations.speech import (
    Asking,
    ButtonsRemoved,
    Changed,
    ChatCleaned,
    ChatCleared,
    CommandsListed,
    FileHanded,
    Interviewed,
    MessagesTaken,
    Phrase,
    PictureShown,
    PromptPlayed,
    Relayed,
    Said,
    SoundPlayed,
    Speech,
    StoredFileHanded,
    TapAnswered,
)
from locales.catalog import Catalog, joined, long_date, money, number, recording
from storage.mail import Claimed
from storage.traces import Standing

MOST_OF_HER_WORDS = 300
"""Characters of a free answer in the line that it is folded into: enough to know it, and far from Telegram's 4096."""

MOST_IN_SUMMARY, MOST_OF_LABEL = 60, 24
"""Characters of an answer, and of a question without a short name, in the summary: all of it fits one screen."""

ANSWERED = "✓"

CONFIRM_KEYS = ("checkin.confirm", "checkin.confirm_amount", "checkin.confirm_unusual")
DETAIL_KEYS = {Detail.PERIOD: "checkin.which_period", Detail.DAYS_PER_WEEK: "checkin.how_many_days"}
SUMMARY_KEYS = {
    Occasion.END: "checkin.thanks",
    Occasion.CORRECTED: "checkin.corrected",
    Occasion.ASKED: "checkin.as_noted",
}

MISSING_KEYS = {
    AnswerStatus.NOT_APPLICABLE: "answer.not_applicable",
    AnswerStatus.UNKNOWN: "answer.unknown",
    AnswerStatus.REFUSED: "answer.refused",
    AnswerStatus.SKIPPED: "answer.unanswered",
    AnswerStatus.UNANSWERED: "answer.unanswered",
}

Recorded = Callable[[str, str], Path | None]
"""Finds the recording of an instrument's name and a file's, or None."""


class Renderer:
    """Turns claimed parcels into calls, with the texts of a catalogue and a library, what was `recorded`, and the files
    in `outgoing`."""

    def __init__(
        self,
        catalog: Catalog,
        library: Library,
        *,
        recorded: Recorded = lambda *_: None,
        outgoing: Path = Path(),
    ) -> None:
        self._catalog = catalog
        self._outgoing = outgoing
        self._library = library
        self._recorded = recorded

    @staticmethod
    def needs_standing(speech: Speech) -> bool:
        """Whether showing this means changing or deleting messages that stand in the chat already."""
        if isinstance(speech, Interviewed):
            return isinstance(speech.effect, ChoicesShown | DatePartAsked | QuestionClosed | QuestionWithdrawn)
        return isinstance(speech, ButtonsRemoved | Changed | ChatCleaned | ChatCleared)

    def __call__(self, claimed: Claimed, standing: Sequence[Standing]) -> list[Call]:
        """The calls that show this parcel, in order; an empty list where there is nothing left to change."""
        calls = self._calls(claimed, standing)
        return list(map(_without_sound, calls)) if claimed.silent else calls

    def _calls(self, claimed: Claimed, standing: Sequence[Standing]) -> list[Call]:
        page = Page(self._catalog, claimed.language, claimed.parcel.chat_id, tuple(standing))
        speech = claimed.parcel.speech
        match speech:
            case Said():
                return [page.said(speech)]
            case Relayed():
                return [page.relayed(speech)]
            case TapAnswered():
                return [page.answered(speech)]
            case CommandsListed(commands):
                return [page.commands(commands)]
            case Interviewed(session, name, version, effect):
                instrument = self._library.get(name, version)
                return _Sheet(page, instrument, Keyboards(session, page.language, page.text)).show(effect)
            case FileHanded() | StoredFileHanded() | PictureShown() | SoundPlayed():
                return [self._handed(speech, page)]
            case PromptPlayed():
                return self._played(speech, page)
            case _:
                return _changed(speech, page)

    def _handed(self, speech: FileHanded | StoredFileHanded | PictureShown | SoundPlayed, page: Page) -> Call:
        match speech:
            case FileHanded(name, content):
                return page.file(name, content)
            case StoredFileHanded(name, place):
                return page.stored_file(name, self._outgoing / place)
            case PictureShown(picture):
                return page.picture(picture)
            case SoundPlayed(sound):
                return page.voice(sound)

    def _played(self, prompt: PromptPlayed, page: Page) -> list[Call]:
        played = page.played(self._recording(prompt, page.language))
        missing = [page.send(page.text(Phrase("checkin.nothing_recorded")))] if prompt.asked else []
        return played or missing

    def _recording(self, prompt: PromptPlayed, language: str) -> Path | None:
        if not prompt.instrument:
            return recording(prompt.name, language)
        question = self._library.get(prompt.instrument, prompt.version).by_name.get(prompt.name)
        files = None if question is None else question.audio
        return None if files is None else self._recorded(prompt.instrument, in_language(files, language))


def _without_sound(call: Call) -> Call:
    """The same call; her phone makes no sound of it."""
    return Call(call.method, {**call.params, "disable_notification": True}) if counts(call.method) else call


def _changed(speech: Changed | ButtonsRemoved | ChatCleaned | ChatCleared | MessagesTaken, page: Page) -> list[Call]:
    """What becomes of messages that stand in the chat."""
    match speech:
        case Changed():
            return page.says_now(speech)
        case ButtonsRemoved(_, sprint):
            return page.without_buttons(sprint)
        case ChatCleaned():
            return page.cleaned(speech)
        case ChatCleared():
            return page.cleared(speech)
        case MessagesTaken(messages):
            return page.deleted(messages)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One interview on a page."""

    page: Page
    instrument: Instrument
    keys: Keyboards

    def show(self, effect: Asking) -> list[Call]:
        match effect:
            case ChoicesShown() | DatePartAsked():
                return self._rebuttoned(effect)
            case QuestionClosed(name, sprint, until, answer):
                return self._folded(name, answer, sprints=range(sprint, until))
            case QuestionWithdrawn(_, sprint, until):
                return self.page.withdrawn(range(sprint, until))
            case _:
                return [self._said(effect)]

    def _rebuttoned(self, effect: ChoicesShown | DatePartAsked) -> list[Call]:
        question = self.instrument.by_name[effect.question]
        match effect:
            case ChoicesShown(_, sprint, marked, page, offered):
                keyboard = self.keys.question(question, sprint, shown=Shown(marked, page, offered))
            case DatePartAsked(_, sprint, part, newest):
                keyboard = self.keys.date(question, sprint, part=part, newest=newest)
        return self.page.changed(effect.sprint, "editMessageReplyMarkup", reply_markup={"inline_keyboard": keyboard})

    def _said(
        self,
        effect: QuestionAsked
        | NoteShown
        | ConfirmationAsked
        | DetailAsked
        | AnswerRejected
        | AnswerCorrected
        | SummaryShown,
    ) -> Call:
        match effect:
            case QuestionAsked(name, sprint, marked=marked, offered=offered, rescue=rescue):
                shown = Shown(marked, offered=offered, rescue=rescue)
                keyboard = self.keys.question(self.instrument.by_name[name], sprint, shown=shown)
                return self.page.send(self._question(effect), keyboard)
            case NoteShown(name):
                return self.page.send(self._label(name))
            case ConfirmationAsked(name, sprint, earlier=earlier):
                asked = self._about(name, self._confirmation(effect), earlier=earlier)
                return self.page.send(asked, self.keys.confirmation(sprint))
            case DetailAsked(name, sprint, detail, value, earlier):
                missing = self.page.text(Phrase(DETAIL_KEYS[detail], {"value": self._value(name, value)}))
                return self.page.send(self._about(name, missing, earlier=earlier), self.keys.detail(sprint, detail))
            case AnswerRejected(name, _, reason, earlier):
                return self.page.send(self._about(name, self._rejection(name, reason), earlier=earlier))
            case AnswerCorrected(name, answer):
                said = Phrase(
                    "checkin.corrected_one", {"question": self._short(name), "value": self._answer(name, answer)}
                )
                return self.page.send(self.page.text(said))
            case SummaryShown():
                return self._summary(effect)
            case _:
                assert_never(effect)

    # --- texts

    def _label(self, name: str) -> str:
        return plain(in_language(self.instrument.by_name[name].label, self.page.language))

    def _short(self, name: str) -> str:
        """What the question is called where there is no room for all of it."""
        question = self.instrument.by_name[name]
        if question.short:
            return plain(in_language(question.short, self.page.language))
        return plain(_shortened(in_language(question.label, self.page.language), MOST_OF_LABEL))

    def _question(self, asked: QuestionAsked) -> str:
        question = self.instrument.by_name[asked.question]
        lines = [self.page.text(Phrase("checkin.progress", {"number": asked.number, "of": asked.of})), ""]
        if asked.unread is not None:
            lines.append(self._rejection(asked.question, asked.unread))
        if asked.rescue:
            lines += [self.page.text(Phrase("checkin.rescue")), ""]
        lines.append(f"<b>{self._label(asked.question)}</b>")
        if question.hint:
            lines.append(f"<i>{plain(in_language(question.hint, self.page.language))}</i>")
        return "\n".join(lines)

    def _confirmation(self, asked: ConfirmationAsked) -> str:
        key = CONFIRM_KEYS[isinstance(asked.value, Money) + asked.unusual]
        return self.page.text(Phrase(key, {"value": self._value(asked.question, asked.value)}))

    def _about(self, name: str, said: str, *, earlier: bool) -> str:
        """What is said of an answer; of an earlier one it says which."""
        about = Phrase("checkin.about_earlier", {"said": said, "question": self._short(name)})
        return self.page.text(about) if earlier else said

    def _rejection(self, name: str, reason: Unreadable) -> str:
        said = self.instrument.by_name[name].constraint_message
        if reason is Unreadable.CONSTRAINT and said:
            return plain(in_language(said, self.page.language))
        return self.page.text(Phrase(f"unreadable.{reason.value}"))

    def _summary(self, summary: SummaryShown) -> Call:
        lines = [self.page.text(Phrase(SUMMARY_KEYS[summary.occasion])), ""]
        noted = [
            (self._short(name), self._answer(name, answer, most=MOST_IN_SUMMARY)) for name, answer in summary.answers
        ]
        lines += [f"{called}: <b>{said}</b>" for called, said in noted]
        called = [(name, self._short(name)) for name, _ in summary.answers]
        return self.page.send("\n".join(lines), self.keys.corrections(summary.sprint, called))

    def _folded(self, name: str, answer: Answer, *, sprints: range) -> list[Call]:
        """The question becomes one line with its answer; what was said about it in between goes."""
        said = f"{ANSWERED} {self._label(name)}\n<b>{self._answer(name, answer)}</b>"
        return [
            *self.page.changed(sprints.start, "editMessageText", text=self.page.fitted(said), parse_mode="HTML"),
            *self.page.withdrawn(sprints[1:]),
        ]

    def _answer(self, name: str, answer: Answer, *, most: int = MOST_OF_HER_WORDS) -> str:
        if answer.value is None:
            return self.page.text(Phrase(MISSING_KEYS[answer.status]))
        return self._value(name, answer.value, most=most)

    def _value(self, name: str, value: Value, *, most: int = MOST_OF_HER_WORDS) -> str:
        """The value in words; of her own words at most so many characters."""
        language = self.page.language
        match value:
            case Money():
                return self._money(value)
            case Voice(_, seconds):
                return self.page.text(Phrase("answer.voice", {"count": seconds}))
            case tuple():
                return joined([self._value(name, one) for one in value], language)
            case date():
                return long_date(value, language)
            case int() | Decimal():
                return number(value, language)
            case str() if self.instrument.by_name[name].type is QuestionType.ACKNOWLEDGE:
                return self.page.text(Phrase("button.ok"))
            case str():
                choice = self.instrument.by_name[name].choice(value)
                return plain(_shortened(value, most) if choice is None else in_language(choice.label, language))

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


def _shortened(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
