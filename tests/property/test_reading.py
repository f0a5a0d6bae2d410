"""Reading, whatever she types: it never raises, ends soon, and reads back every amount that we write out ourselves."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.answers import Money, Period
from conversations.reading.amounts import read_amount
from conversations.reading.choices import Option, read_choice, read_choices
from conversations.reading.controls import read_control
from conversations.reading.dates import other_days, read_date
from conversations.reading.lexicon import NUMBERS, PERIODS, WORDS
from conversations.reading.numbers import read_decimal, read_integer
from conversations.reading.pauses import read_pause
from conversations.reading.result import Clear, Doubtful, Unclear
from conversations.reading.words import entries, fold, normalise

WAGE = Decimal("315.04")
TODAY = date(2026, 2, 28)
OPTIONS = (Option("si", "Sí"), Option("no", "No"), Option("otra", "Luz, agua y renta", ("más",)))
SECONDS = 20.0
"""Of processor time: a thousand times what any reading takes, so that no busy machine matters, and far below what a
runaway expression would take, which is for ever."""

UNITS = entries(
    "cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieciséis|diecisiete"
    "|dieciocho|diecinueve|veinte|veintiuno|veintidós|veintitrés|veinticuatro|veinticinco|veintiséis|veintisiete"
    "|veintiocho|veintinueve"
)
TENS = entries("treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa")
HUNDREDS = entries(
    "ciento|doscientos|trescientos|cuatrocientos|quinientos|seiscientos|setecientos|ochocientos|novecientos"
)
SPANS = {
    None: ("", " pesos"),
    Period.MONTH: (" al mes", " mensuales", " pesos por mes"),
    Period.FORTNIGHT: (" a la quincena", " quincenales", " pesos ala kincena", " cada 15 días"),
    Period.FOURTEEN_DAYS: (" cada catorcena", " catorcenales"),
    Period.WEEK: (" a la semana", " semanales", " pesos x semana", "/semana"),
    Period.DAY: (" al día", " diarios", " pesos por dia"),
}

PRICED = (
    "{number} casas de {price}", "{number} docenas a {price} la docena", "{price} la pieza, hice {number}",
    "{price} las uñas, atendí a {number}", "{number} moñitos de {price} c/u", "{price} la hora y fueron {number} horas",
    "{number} billetes de a {price}", "a {price} la blusa, entregué {number} blusas",
)  # fmt: skip
WEEK = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


def in_words(number: int) -> str:
    """`number`, from 1 to 999,999, as it is spelled in Spanish before a noun's plural ("veintiún mil uno")."""
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return below_thousand(rest)
    counted = "" if thousands == 1 else below_thousand(thousands)
    counted = counted.removesuffix("uno") + "ún" if counted.endswith("veintiuno") else counted
    counted = counted.removesuffix("uno") + "un" if counted.endswith(" uno") else counted
    return f"{counted} mil {below_thousand(rest) if rest else ''}".strip()


def below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return below_hundred(rest)
    if not rest:
        return "cien" if hundreds == 1 else HUNDREDS[hundreds - 1]
    return f"{HUNDREDS[hundreds - 1]} {below_hundred(rest)}"


def below_hundred(number: int) -> str:
    if number < len(UNITS):
        return UNITS[number]
    tens, rest = divmod(number, 10)
    return f"{TENS[tens - 3]} y {UNITS[rest]}" if rest else TENS[tens - 3]


vocabulary = entries(NUMBERS) + [word for table in (*PERIODS.values(), *WORDS.values()) for word in entries(table)]
utterances = st.lists(
    st.sampled_from(vocabulary) | st.integers(0, 99_999).map(str) | st.text(max_size=5), max_size=25
).map(" ".join)
spans = st.sampled_from([(period, words) for period, spellings in SPANS.items() for words in spellings])


def read_every_way(text: str) -> None:
    fold(text), normalise(text)
    read_amount(text)
    read_amount(text, minimum_wage_daily=WAGE)
    read_integer(text), read_decimal(text)
    read_date(text, TODAY)
    other_days(text, TODAY, today=TODAY)
    read_control(text), read_pause(text)
    read_choice(text, OPTIONS), read_choices(text, OPTIONS), read_choice(text, ())


@given(st.text(max_size=4000))
def test_no_text_raises(text: str) -> None:
    read_every_way(text)


@given(utterances)
def test_no_mixture_of_known_words_raises(text: str) -> None:
    read_every_way(text)


@given(st.integers(1, 999_999), spans)
def test_amounts_in_words_read_back(number: int, span: tuple[Period | None, str]) -> None:
    period, words = span
    reading = read_amount(in_words(number) + words)
    assert not isinstance(reading, Unclear)
    assert reading.value == Money(Decimal(number), period)


@given(st.integers(1, 999_999), spans, st.sampled_from(["{}", "{:,}", "$ {:,}.00", "${}"]))
def test_amounts_in_digits_read_back(number: int, span: tuple[Period | None, str], form: str) -> None:
    period, words = span
    reading = read_amount(form.format(number) + words)
    assert not isinstance(reading, Unclear)
    assert reading.value == Money(Decimal(number), period)


@given(st.integers(100, 99_999).filter(lambda number: number % 1000 >= 10 or number % 1000 == 0), spans)
def test_usual_amounts_read_back_without_a_doubt(number: int, span: tuple[Period | None, str]) -> None:
    expected = Clear(Money(Decimal(number), span[0]))
    assert read_amount(f"${number:,}{span[1]}") == expected
    assert read_amount(f"{in_words(number)} pesos{span[1].removeprefix(' pesos')}") == expected


@given(st.integers(1, 200), st.integers(0, 9_999), st.sampled_from(PRICED))
def test_so_many_at_so_much_is_their_product_or_asked(number: int, price: int, form: str) -> None:
    reading = read_amount(form.format(number=number, price=price))
    if not isinstance(reading, Unclear):
        assert reading.value == Money(Decimal(number * price))


@given(st.lists(st.integers(0, 6), min_size=2, max_size=6, unique=True), st.integers(100, 999))
def test_weekdays_are_counted_however_listed(days: list[int], pay: int) -> None:
    *others, last = (WEEK[day] for day in days)
    listed = f"{', '.join(others)} y {last}"
    assert read_amount(f"{pay} al día, voy {listed}") == Clear(Money(Decimal(pay), Period.DAY, None, len(days)))
    rest = 7 - len(days)
    assert read_amount(f"{pay} diarios y descanso {listed}") == Clear(Money(Decimal(pay), Period.DAY, None, rest))


@given(st.integers(1, 9_999), st.integers(1, 9_999))
def test_two_amounts_are_never_one(one: int, other: int) -> None:
    for joint in (" y ", ", ", " más ", " menos "):
        assert not isinstance(read_amount(f"${one}{joint}${other}"), Clear)


@given(st.integers(1, 999_999))
def test_whole_numbers_read_back(number: int) -> None:
    for text in (str(number), f"{number:,}", in_words(number)):
        reading = read_integer(text)
        assert isinstance(reading, Clear | Doubtful)
        assert reading.value == number


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_dates_read_back_day_first(day: date) -> None:
    assert read_date(f"{day.day}/{day.month}/{day.year}", TODAY) == Clear(day)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 4000,
        "1," * 2000,
        "1 " * 150,
        "mil " * 75,
        "uno y " * 50,
        "treinta y " * 30,
        "a veces " * 37,
        "x" * 300,
        "unodostres" * 30,
        "milmilmilmilmilmilmilmilmilmilmilmilmil",
        "y" * 4000,
        "-" * 4000,
        "$" * 300,
        " " * 4000 + ".",
        "hace " * 16,
        "é\u0301\u0301" * 1000,
        "1/" * 2000,
    ],
    ids=lambda text: text[:12],
)
def test_reading_takes_bounded_time(text: str) -> None:
    began = time.process_time()
    read_every_way(text)
    assert time.process_time() - began < SECONDS
