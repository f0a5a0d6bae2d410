"""The sheets of a workbook as rows of cells, and what is wrong with a cell or a column by itself.

* A cell is found by its column's plain name and language, however the header is spelt.
* Empty cells are no cells: a column that nobody filled in does not exist.
* Rows count as a spreadsheet counts them: the first one holds the headers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from conversations.dialects import CHOICES, COLUMN_ALIASES, COLUMNS, PREFIXES
from conversations.errors import Problem
from conversations.instrument import DEFAULT_LANGUAGE, MAX_NAME, Text

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LANGUAGE = re.compile(r"\((?P<code>es-usted|[a-z]{2,3})\)\s*$", re.IGNORECASE)
_YES = frozenset({"yes", "true", "true()", "si", "sí", "1"})
_NO = frozenset({"", "no", "false", "false()", "0"})
_HEADER_ROW = 1

LINE_BREAK = "<br>"
"""A line break within a cell, for which Markdown tables have no other way; workbooks may use it too."""


class Column(NamedTuple):
    """A column by its plain name; `language` is what its header says of that, for people, with a code at its end."""

    name: str
    language: str = ""

    @property
    def code(self) -> str:
        """The language's code; without one a text counts as Spanish."""
        found = _LANGUAGE.search(self.language)
        return found["code"].lower() if found else DEFAULT_LANGUAGE


def column_of(header: str, sheet: str) -> Column:
    """The column that a header names; a header that means nothing in this sheet stays as it is written."""
    parts = [part.strip() for part in header.split("::")]
    name, *rest = [parts[0].lower().replace(" ", "_"), *parts[1:]]
    if name in PREFIXES and rest:
        name, *rest = [f"{name}::{rest[0].lower()}", *rest[1:]]
    name = COLUMN_ALIASES.get(name, name)
    return Column(name, "::".join(rest)) if COLUMNS[sheet].knows(name) else Column(header)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet, by its number as a spreadsheet counts; None stands for the sheet as a whole."""

    sheet: str
    number: int | None = None
    cells: Mapping[Column, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """What stands in the column, or ''."""
        return self.cells.get(Column(name), "").strip()

    def flag(self, name: str) -> bool:
        """Whether the column says yes."""
        return self.get(name).lower() in _YES

    def undecided(self, name: str) -> bool:
        """Whether the column says neither yes nor no."""
        return self.get(name).lower() not in _YES | _NO

    def texts(self, name: str) -> Text:
        """What stands in the column's languages, by code."""
        return {column.code: text for column, text in self.cells.items() if column.name == name}

    def unknown(self) -> dict[str, str]:
        """The cells of columns that mean nothing by themselves, by their headers."""
        known = COLUMNS[self.sheet].knows
        return {column.name: text.strip() for column, text in self.cells.items() if not known(column.name)}

    def problem(self, message: str) -> Problem:
        """A problem that stands in this row."""
        return Problem(self.sheet, self.number, message)


def read_rows(sheet: str, cells: Sequence[Mapping[str, str]] | None) -> list[Row]:
    """The rows of a sheet that hold anything."""
    return [
        Row(sheet, number, {column_of(header, sheet): text.replace(LINE_BREAK, "\n") for header, text in row.items()})
        for number, row in enumerate(cells or (), start=_HEADER_ROW + 1)
        if row
    ]


def unknown_columns(rows: Sequence[Row]) -> set[str]:
    """The headers that mean nothing in this sheet."""
    return {column.name for row in rows for column in row.cells if not COLUMNS[row.sheet].knows(column.name)}


def unknown_column(sheet: str, name: str) -> Problem:
    """The problem that such a header is."""
    remedy = f"remove it (known: {', '.join(sorted(COLUMNS[sheet].read))})"
    if sheet == CHOICES:
        remedy = f"name it in a choice_filter, or {remedy}"
    return Problem(sheet, _HEADER_ROW, f"column '{name}' is not supported: {remedy}")


def column_problems(rows: Sequence[Row]) -> Iterator[Problem]:
    """What is wrong with known columns: languages without a code, languages twice, and cells that must be empty."""
    headers = dict.fromkeys(column for row in rows for column in row.cells)
    seen: dict[tuple[str, str], Column] = {}
    for column in headers:
        columns = COLUMNS[rows[0].sheet]
        if column.language and column.name in columns.read:
            yield from _language_problems(rows[0].sheet, column)
        if column.name in columns.texts:
            other = seen.setdefault((column.name, column.code), column)
            if other != column:
                told = f"'{_header(other)}' and '{_header(column)}' are in the same language: keep one"
                yield Problem(rows[0].sheet, _HEADER_ROW, f"the columns {told}")
    for row in rows:
        refused = COLUMNS[row.sheet].refused
        said = (column.name for column, text in row.cells.items() if text.strip().lower() not in _NO)
        for name in dict.fromkeys(name for name in said if name in refused):
            yield row.problem(f"column '{name}' is not supported: {refused[name]}")


def _language_problems(sheet: str, column: Column) -> Iterator[Problem]:
    if column.name not in COLUMNS[sheet].texts:
        yield Problem(sheet, _HEADER_ROW, f"column '{_header(column)}' has no languages: write '{column.name}'")
    elif not _LANGUAGE.search(column.language):
        told = f"end the language with its code, as in '{column.name}::Español (es)'"
        yield Problem(sheet, _HEADER_ROW, f"column '{_header(column)}': {told}")


def _header(column: Column) -> str:
    return f"{column.name}::{column.language}" if column.language else column.name


def name_problem(name: str, *, otherwise: str) -> str | None:
    """What is wrong with a stored name, and one that would do; `otherwise` begins a name that has no first letter."""
    if _NAME.fullmatch(name) and len(name) <= MAX_NAME:
        return None
    rule = f"use lower-case letters without accents, digits and '_', a letter first, at most {MAX_NAME} characters"
    if not name:
        return f"fill in 'name': {rule}"
    suggested = suggested_name(name, otherwise=otherwise)
    return f"name '{name}': {rule}" + (f"; rename it '{suggested}'" if suggested else "")


def suggested_name(text: str, *, otherwise: str) -> str:
    """A stored name after the text, or '' where it has no letter or digit."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if name and not name[0].isalpha():
        name = f"{otherwise}_{name}"
    return name[:MAX_NAME].rstrip("_")
