"""From what she typed to a value for the question at hand: a choice, a number, an amount, a date, or her words."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import cast

from conversations.answers import Money, Period, Value
from conversations.effects import Detail
from conversations.income import minimum_wage
from conversations.instrument import DEFAULT_LANGUAGE, Question, QuestionType, in_language
from conversations.reading import yes_no
from conversations.reading.amounts import read_amount
from conversations.reading.choices import Option, read_choice, read_choices
from conversations.reading.dates import read_date
from conversations.reading.numbers import read_decimal, read_integer
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable

MAX_TEXT = 4096
"""Characters in one Telegram message (sendMessage, `text`)."""

_PERIODS = tuple(
    Option(name=period.value, label=label, aliases=aliases)
    for period, label, aliases in (
        (Period.DAY, "al día", ("dia", "diario", "por día", "cada día")),
        (Period.WEEK, "a la semana", ("semana", "semanal", "por semana", "cada semana")),
        (Period.FORTNIGHT, "a la quincena", ("quincena", "quincenal", "cada quincena", "cada quince días")),
        (Period.FOURTEEN_DAYS, "a la catorcena", ("catorcena", "cada catorcena")),
        (Period.MONTH, "al mes", ("mes", "mensual", "por mes", "cada mes")),
    )
)

_AGREEMENT = (
    Option(name="ok", label="De acuerdo", aliases=("sí", "va", "entendido", "enterada", "listo", "ya", "bueno")),
)

_SAID_FIRST = re.compile(
    r"\s*(?:(?:no|s[ií])(?:\s*[,.;:]+\s*|\s+(?=[$\d]|(?:son|es|eran?|fueron|fue|mejor|perd[oó]n|pero)\b))"
    r"|s[ií]\s+(?=(?:al?|por|cada)\b))(?:pero\s+)?",
    re.IGNORECASE,
)
"""The yes or no with which she begins to correct; without a comma only before what can be no denial of an amount."""

WORKDAYS = tuple(str(days) for days in range(1, 8))


def read(question: Question, text: str, *, today: date, offered: Collection[str] | None = None) -> Reading[Value]:
    """Read `text` as an answer to `question`; `today` is the date of the event, `offered` the choices that she has,
    if not all of them."""
    if offered is not None:
        question = replace(question, choices=tuple(c for c in question.choices if c.name in offered))
    if not text.strip():
        return Unclear(Unreadable.EMPTY)
    if len(text) > MAX_TEXT:
        return Unclear(Unreadable.TOO_LONG)
    return _possible(question, _as_its_type(question, text, today=today))


def _as_its_type(question: Question, text: str, *, today: date) -> Reading[Value]:
    reading: Reading[Value]
    match question.type:
        case _ if question.money:
            reading = cast(Reading[Value], read_amount(text, minimum_wage_daily=minimum_wage(today)))
        case QuestionType.SELECT_ONE:
            reading = cast(Reading[Value], read_choice(text, _options(question)))
        case QuestionType.SELECT_MULTIPLE:
            reading = cast(Reading[Value], read_choices(text, _options(question)))
        case QuestionType.INTEGER:
            reading = cast(Reading[Value], read_integer(text))
        case QuestionType.DECIMAL:
            reading = cast(Reading[Value], read_decimal(text))
        case QuestionType.DATE:
            reading = cast(Reading[Value], read_date(text, today))
        case QuestionType.TEXT | QuestionType.AUDIO:
            reading = Clear(text.strip())
        case QuestionType.ACKNOWLEDGE:
            reading = cast(Reading[Value], read_choice(text, _AGREEMENT))
        case _:
            reading = Unclear(Unreadable.WRONG_KIND)
    return reading


def with_ticks(question: Question, reading: Reading[Value], *, ticked: tuple[str, ...]) -> Reading[Value]:
    """What she said together with what she has `ticked`, which she should confirm. An exclusive choice that she named
    stands for itself, and one that she ticked makes room."""
    if isinstance(reading, Unclear) or not isinstance(reading.value, tuple) or {*ticked} <= {*reading.value}:
        return reading
    exclusive = {choice.name for choice in question.choices if choice.exclusive}
    beside = () if exclusive & {*reading.value} else {*ticked} - exclusive
    both = {*reading.value, *beside}
    return Doubtful(tuple(choice.name for choice in question.choices if choice.name in both))


def read_correction(question: Question, text: str, *, of: Money, today: date) -> Reading[Value]:
    """Read `text` as what an amount that waits is instead ("no, son 600", "sí, a la semana"): a period alone changes
    only that, and an amount alone keeps the period."""
    rest = _SAID_FIRST.sub("", text)
    if (period := read_detail(Detail.PERIOD, rest)) is not None:
        days = of.days_per_week if of.period == period else None
        return Clear(replace(of, period=Period(period), days_per_week=days))
    reading = read(question, text, today=today)
    if isinstance(reading, Unclear) and rest != text:
        reading = read(question, rest, today=today)
    match reading:
        case Clear(Money(period=None, amount=amount) as bare) | Doubtful(Money(period=None, amount=amount) as bare):
            return replace(
                reading, value=replace(bare, period=of.period, days_per_week=of.days_per_week) if amount else bare
            )
        case _:
            return reading


def read_yes_no(text: str) -> bool | None:
    """Whether she said yes or no, or None for anything less than clear."""
    reading = yes_no.read_yes_no(text)
    return reading.value if isinstance(reading, Clear) else None


def read_detail(detail: Detail, text: str) -> str | None:
    """The missing part of an amount as she typed it (a period's name or the days a week), or None."""
    if detail is Detail.PERIOD:
        period = read_choice(text, _PERIODS)
        return period.value if isinstance(period, Clear) else None
    days = read_integer(text)
    return str(days.value) if isinstance(days, Clear) and str(days.value) in WORKDAYS else None


def missing_detail(value: Value) -> Detail | None:
    """What an amount still needs before it can be compared with another; nothing earned needs nothing."""
    if not isinstance(value, Money) or (value.amount == 0 and value.high is None):
        return None
    if value.period is None:
        return Detail.PERIOD
    if value.period is Period.DAY and value.days_per_week is None:
        return Detail.DAYS_PER_WEEK
    return None


def with_detail(money: Money, detail: Detail, *, given: str) -> Money:
    """The amount with its missing part; raises ValueError for a part that is none of those offered."""
    if detail is Detail.PERIOD:
        return replace(money, period=Period(given))
    if given not in WORKDAYS:
        raise ValueError(given)
    return replace(money, days_per_week=int(given))


def _options(question: Question) -> tuple[Option, ...]:
    return tuple(
        Option(
            name=choice.name, label=in_language(choice.label, DEFAULT_LANGUAGE), aliases=tuple(choice.label.values())
        )
        for choice in question.choices
    )


def _possible(question: Question, reading: Reading[Value]) -> Reading[Value]:
    """An exclusive choice beside others is a slip; only she can say which she meant."""
    if isinstance(reading, Unclear) or not isinstance(reading.value, tuple) or len(reading.value) < 2:
        return reading
    exclusive = {choice.name for choice in question.choices if choice.exclusive}
    return Unclear(Unreadable.NOT_A_CHOICE) if exclusive & set(reading.value) else reading
