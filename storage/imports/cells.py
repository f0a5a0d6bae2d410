"""What one cell may say: dates, whole numbers, phones, names and record ids.

* Each reader takes a filled cell and gives a typed value, or raises `CellRefused` with what to write instead.
* Nothing is guessed: a date is day first or year first, never month first, and a year has four digits.
* A message never repeats the cell.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from storage.imports.problems import Fault
from storage.imports.sheets import Cell

MAX_TEXT = 200
MAX_RECORD_ID = 64

_YEAR_FIRST = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[ T]00:00(?::00)?)?", re.ASCII)
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2}")

# Ten digits, after the country's code (with the 1 that mobiles had until 2019) or the old long-distance prefixes.
_PHONE = re.compile(r"(?:(?:\+|00)?521?|04[45]|01)?([2-9]\d{9})", re.ASCII)
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)

# CURP: letters, birth date, sex, state and consonants, homoclave. Clave de elector: letters, birth date, state, sex.
_CURP = re.compile(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]?\d?")
_VOTER_KEY = re.compile(r"[A-Z]{6}\d{8}[HM]\d{3}")


class CellRefused(Exception):
    """The cell can't be used; the message says what to write."""

    def __init__(self, message: str, *, code: Fault = Fault.BAD_CELL) -> None:
        super().__init__(message)
        self.code = code


def folded(text: str) -> str:
    """Lower case without accents, signs as single spaces: how names are compared."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def read_text(cell: Cell) -> str:
    """One line of text, as written."""
    if isinstance(cell, date):
        raise CellRefused(
            "the spreadsheet has turned this into a date; format the column as text", code=Fault.TURNED_INTO_DATE
        )
    if "\n" in cell or "\r" in cell:
        raise CellRefused('the cell holds several lines; look for a quotation mark (") too many')
    if len(cell) > MAX_TEXT:
        raise CellRefused(f"is longer than {MAX_TEXT} characters")
    return cell


def read_date(cell: Cell) -> date:
    """A local date from `aaaa-mm-dd`, `dd/mm/aaaa` or a date cell."""
    if isinstance(cell, date):
        return cell
    found = _YEAR_FIRST.fullmatch(cell) or _DAY_FIRST.fullmatch(cell)
    if found is None:
        if _SHORT_YEAR.fullmatch(cell):
            raise CellRefused("write the year with four digits")
        raise CellRefused("is not a date; write it as aaaa-mm-dd or dd/mm/aaaa")
    year, month, day = (int(found[part]) for part in ("year", "month", "day"))
    if not 1 <= month <= 12:
        order = "after the year: aaaa-mm-dd" if _YEAR_FIRST.fullmatch(cell) else "after the day: dd/mm/aaaa"
        raise CellRefused(f"there is no month {month}; the month comes {order}")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise CellRefused("there is no such day in the calendar") from error


def read_whole(cell: Cell) -> int:
    """A whole number of zero or more."""
    text = read_text(cell)
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise CellRefused("write a whole number of zero or more, in digits")
    return int(text)


def read_phone(cell: Cell) -> str:
    """The ten digits of a Mexican number; +52, an old 1 after it, 044, 045, 01, spaces and dashes fall away."""
    text = read_text(cell)
    if _SHORTENED.fullmatch(text):
        raise CellRefused("the spreadsheet has shortened this number; format the column as text and write it again")
    # Numbers copied from an address book carry invisible direction marks (category Cf).
    digits = re.sub(r"[\s().‐-―-]", "", "".join(c for c in text if unicodedata.category(c) != "Cf"))
    found = _PHONE.fullmatch(digits)
    if found is None:
        raise CellRefused("write one Mexican number of ten digits")
    return found[1]


def read_name(cell: Cell) -> str:
    """A person's name: text with at least one letter."""
    text = read_text(cell)
    if not any(c.isalpha() for c in text):
        raise CellRefused("is not a name: it has no letters")
    return text


def read_record_id(cell: Cell) -> str:
    """The organisation's own code for a person; whatever names her by itself (CURP, phone, name) is refused."""
    text = read_text(cell)
    if len(text) > MAX_RECORD_ID:
        raise CellRefused(f"is longer than {MAX_RECORD_ID} characters")
    if kind := _identifies(text):
        raise CellRefused(
            f"looks like {kind}; use a code of your own that says nothing about her", code=Fault.IDENTIFYING
        )
    return text


def _identifies(text: str) -> str | None:
    packed = re.sub(r"[\s-]", "", text).upper()
    if _CURP.fullmatch(packed):
        return "a CURP"
    if _VOTER_KEY.fullmatch(packed):
        return "a voter's key"
    words = text.split()
    if len(words) > 1 and all(word.isalpha() for word in words):
        return "a person's name"
    try:
        read_phone(text)
    except CellRefused:
        return None
    return "a phone number"
