"""The buttons under the messages of an interview.

* At most two choices stand beside each other, and only where all are short; more than CHOICES_A_PAGE come in pages.
* Whatever is asked, the controls stand below: not to say, to skip, to go back, to pause, help.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.participant import actions
from bot.routing import callback_data
from conversations.answers import Period
from conversations.effects import Detail
from conversations.income import offered_bands
from conversations.instrument import CHOICES_A_PAGE, Question, QuestionType, in_language
from conversations.interpret import WORKDAYS
from conversations.session import DEFAULT
from conversations.speech import Button, Phrase
from locales.catalog import money, month_names

SHORT_LABEL = 14
"""Characters that still fit twice beside each other on a small phone."""

TICKED, UNTICKED = "☑", "☐"
YEARS_SHOWN = 9

ACKNOWLEDGE = Button(actions.CHOOSE + "ok", Phrase("button.ok"))
CONFIRMATION = (Button(actions.RIGHT, Phrase("button.right")), Button(actions.WRONG, Phrase("button.wrong")))
DONE = Button(actions.DONE, Phrase("button.done"))
REFUSE, SKIP = Button(actions.REFUSE, Phrase("button.refuse")), Button(actions.SKIP, Phrase("button.skip"))
CALENDAR = Button(actions.DATE, Phrase("button.calendar"))
YEARS_AGAIN = Button(actions.DATE, Phrase("button.years_again"))
PERSON = Button(actions.HELP, Phrase("button.person"))
LISTEN = Button(actions.LISTEN, Phrase("button.listen"))
CONTROLS = (
    Button(actions.BACK, Phrase("button.back")),
    Button(actions.PAUSE, Phrase("button.pause")),
    Button(actions.HELP, Phrase("button.help")),
)

Keyboard = list[list[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a question its buttons show: the ticks, the page, the choices that are offered (None: all), and whether
    it is asked to the rescue."""

    marked: tuple[str, ...] = ()
    page: int = 0
    offered: tuple[str, ...] | None = None
    rescue: bool = False


@dataclass(frozen=True, slots=True)
class Keyboards:
    """The keyboards of one session in one language; `text` gives the words of the catalogue, `value` those of an
    answer."""

    session: int
    language: str
    text: Callable[[Phrase], str]

    def tap(self, sprint: int, button: Button) -> dict[str, str]:
        """A button with words of the catalogue."""
        return self.button(self.text(button.phrase), sprint, action=button.action)

    def button(self, text: str, sprint: int, *, action: str) -> dict[str, str]:
        """A button with these words."""
        return {"text": text, "callback_data": callback_data(self.session, sprint, action=action)}

    def question(self, question: Question, sprint: int, *, shown: Shown) -> Keyboard:
        """The answers that can be tapped, and the controls."""
        return [*self._answers(question, sprint, shown=shown), *self._controls(question, sprint, rescue=shown.rescue)]

    def confirmation(self, sprint: int) -> Keyboard:
        """Yes, or no and once more."""
        return [[self.tap(sprint, button) for button in CONFIRMATION]]

    def detail(self, sprint: int, detail: Detail) -> Keyboard:
        """The periods of pay, or the days of a week."""
        if detail is Detail.PERIOD:
            periods = (Button(actions.DETAIL + period, Phrase(f"period.{period.value}")) for period in Period)
            return [[self.tap(sprint, button)] for button in periods]
        return _in_rows([self.button(days, sprint, action=actions.DETAIL + days) for days in WORKDAYS], 4)

    def date(self, question: Question, sprint: int, *, part: str, newest: int) -> Keyboard:
        """Years, a year's months, or a month's days, then the controls."""
        if not part:
            rows = self._years(sprint, newest)
        elif "-" not in part:
            rows = self._months(sprint, part)
        else:
            rows = self._days(sprint, part)
        return [*rows, *self._controls(question, sprint, rescue=False)]

    def corrections(self, sprint: int, questions: Sequence[tuple[str, str]]) -> Keyboard:
        """*Corregir* for each of these questions (name, what it is called)."""
        labels = [(name, self.text(Phrase("button.correct", {"question": called}))) for name, called in questions]
        return _rows([self.button(label, sprint, action=actions.CORRECT + name) for name, label in labels])

    # --- answers

    def _answers(self, question: Question, sprint: int, *, shown: Shown) -> Keyboard:
        match question.type:
            case QuestionType.ACKNOWLEDGE:
                return [[self.tap(sprint, ACKNOWLEDGE)]]
            case QuestionType.SELECT_ONE:
                return self._choices(question, sprint, shown=shown)
            case QuestionType.SELECT_MULTIPLE:
                return [*self._choices(question, sprint, shown=shown), [self.tap(sprint, DONE)]]
            case QuestionType.DATE:
                return [*self._default(question, sprint), [self.tap(sprint, CALENDAR)]]
            case _ if question.money:
                return self._bands(sprint) if shown.rescue else []
            case _:
                numbers = [self.button(str(n), sprint, action=f"{actions.CHOOSE}{n}") for n in question.quick]
                return [*self._default(question, sprint), *_in_rows(numbers, 4)]

    def _default(self, question: Question, sprint: int) -> Keyboard:
        if question.default is None:
            return []
        return [[self.button(str(question.default), sprint, action=actions.CHOOSE + DEFAULT)]]

    def _choices(self, question: Question, sprint: int, *, shown: Shown) -> Keyboard:
        there = [c for c in question.choices if shown.offered is None or c.name in shown.offered]
        first = shown.page * CHOICES_A_PAGE
        page = there[first : first + CHOICES_A_PAGE]
        ticks = question.type is QuestionType.SELECT_MULTIPLE
        buttons = [
            self._tick(choice.name, in_language(choice.label, self.language), sprint=sprint, shown=shown)
            if ticks
            else self.button(in_language(choice.label, self.language), sprint, action=actions.CHOOSE + choice.name)
            for choice in page
        ]
        return [*_rows(buttons), *self._pages(sprint, page=shown.page, last=(len(there) - 1) // CHOICES_A_PAGE)]

    def _tick(self, name: str, label: str, *, sprint: int, shown: Shown) -> dict[str, str]:
        if name in shown.marked:
            return self.button(f"{TICKED} {label}", sprint, action=actions.UNMARK + name)
        return self.button(f"{UNTICKED} {label}", sprint, action=actions.MARK + name)

    def _pages(self, sprint: int, *, page: int, last: int) -> Keyboard:
        turns = [
            self.tap(sprint, Button(f"{actions.PAGE}{to}", phrase))
            for to, phrase in ((page - 1, Phrase("button.page_back")), (page + 1, Phrase("button.page_on")))
            if 0 <= to <= last
        ]
        return [turns] if turns else []

    def _bands(self, sprint: int) -> Keyboard:
        labels = [
            self.text(
                Phrase("amount.range", {"low": money(band.amount, self.language), "high": money(high, self.language)})
            )
            for band in offered_bands()
            if (high := band.high) is not None
        ]
        return [[self.button(label, sprint, action=f"{actions.BAND}{place}")] for place, label in enumerate(labels)]

    # --- dates

    def _years(self, sprint: int, newest: int) -> Keyboard:
        years = range(newest - YEARS_SHOWN + 1, newest + 1)
        rows = _in_rows([self.button(str(y), sprint, action=f"{actions.DATE}{y}") for y in years], 3)
        earlier = Button(f"{actions.DATE}..{years[0] - 1}", Phrase("button.years_before"))
        return [*rows, [self.tap(sprint, earlier)]]

    def _months(self, sprint: int, year: str) -> Keyboard:
        named = enumerate(month_names(self.language), start=1)
        months = [self.button(name, sprint, action=f"{actions.DATE}{year}-{number:02}") for number, name in named]
        return [*_in_rows(months, 3), [self.tap(sprint, YEARS_AGAIN)]]

    def _days(self, sprint: int, month: str) -> Keyboard:
        year, number = map(int, month.split("-"))
        last = monthrange(year, number)[1] if 1 <= number <= 12 and year else 0
        days = [self.button(str(d), sprint, action=f"{actions.DATE}{month}-{d:02}") for d in range(1, last + 1)]
        months_again = Button(f"{actions.DATE}{year:04}", Phrase("button.months_again"))
        return [*_in_rows(days, 7), [self.tap(sprint, months_again)]]

    # --- controls

    def _controls(self, question: Question, sprint: int, *, rescue: bool) -> Keyboard:
        out = [REFUSE] if question.required else [REFUSE, SKIP]
        rows = [out, list(CONTROLS)]
        if question.audio:
            rows.insert(0, [LISTEN])
        if rescue:
            rows = [[PERSON], out, list(CONTROLS[:2])]
        return [[self.tap(sprint, button) for button in row] for row in rows]


def _rows(buttons: list[dict[str, str]]) -> Keyboard:
    """Two beside each other where all are short, else one below the other."""
    return _in_rows(buttons, 2 if all(len(button["text"]) <= SHORT_LABEL for button in buttons) else 1)


def _in_rows(buttons: list[dict[str, str]], wide: int) -> Keyboard:
    return [buttons[start : start + wide] for start in range(0, len(buttons), wide)]
