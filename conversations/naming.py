"""Names as form builders make them, folded into names that can be stored; and a version for a form without one.

* A name that can be stored stays. Any other becomes lower-case ASCII of at most 32 characters, with a number where two
  would be the same, and the author is told.
* What refers to a name follows it: references, types, defaults, quoted choices, the cells that a filter compares.
* A number without quotes cannot follow a choice that is named by one: it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, count
from json import dumps

from pyxform.xls2json_backends import DefinitionData

from conversations.dialects import CHOICES, COLUMNS, GONE_WITH_THEIR_BEGINNING, METADATA, SETTINGS, SURVEY
from conversations.errors import Problem
from conversations.instrument import MAX_NAME
from conversations.sheet import Row, column_of, name_problem, suggested_name

QUESTION, CHOICE, LIST = "p", "op", "l"
"""What begins a name that has no first letter."""

_EXPRESSIONS = ("relevant", "constraint", "calculation", "choice_filter", "hilo::risk")
_UNASKED = METADATA | GONE_WITH_THEIR_BEGINNING | {"begin_group", "end_group", "begin_repeat"}
_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_TEXTS = re.compile(r"'[^']*'|\"[^\"]*\"")
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")
_THIS = re.compile(r"(?<![\w.)])\.(?![\w.])")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_WORD = re.compile(r"(?<![\w-])[A-Za-z_][\w-]*(?!\s*\()")
_COUNTED = re.compile(
    r"#\s*([<>+*-]|div\b|mod\b|!?=\s*[-(\d@])|([<>+*@\d-]\s*!?=?|\b(div|mod))\s*#|\b(number|int|round)\s*\(\s*#"
)
"""What takes a choice (#) for a number, or compares it with an answer (@) that may be one."""

_VERSION_LENGTH = 10
"""Hexadecimal digits: two versions of one form are never the same by chance."""

Cells = dict[str, str]


def fold_names(workbook: DefinitionData) -> tuple[list[str], list[Problem]]:
    """Fold the names of a workbook, in place; what to tell the author, and what cannot follow."""
    folding = _Folding(workbook)
    folding.fold()
    return folding.notes(), folding.problems


def version_of(sheets: Sequence[Sequence[Row]]) -> str:
    """A version that these rows always have and hardly any others; columns without a meaning here do not count."""
    content = [
        sorted(
            [column.name, column.language, text.strip()]
            for column, text in row.cells.items()
            if not COLUMNS[row.sheet].passes_over(column.name) and text.strip()
        )
        for rows in sheets
        for row in rows
    ]
    return "h" + sha256(dumps(content).encode()).hexdigest()[:_VERSION_LENGTH]


def folded(places: Mapping[str, Set[str]], *, otherwise: str, taken: Set[str] = frozenset()) -> dict[str, str]:
    """A name that can be stored for each that cannot; names that share a place stay apart."""
    used = {name: set(where) for name, where in places.items() if _fits(name)}
    new: dict[str, str] = {}
    for name, where in places.items():
        wanted = "" if _fits(name) else suggested_name(name, otherwise=otherwise)
        if wanted:
            free = (one for one in _numbered(wanted) if one not in taken and not used.get(one, set()) & where)
            new[name] = next(free)
            used.setdefault(new[name], set()).update(where)
    return new


def _fits(name: str) -> bool:
    return name_problem(name, otherwise=QUESTION) is None


def _numbered(name: str) -> Iterator[str]:
    tails = (f"_{number}" for number in count(2))
    return chain([name], (name[: MAX_NAME - len(tail)].rstrip("_") + tail for tail in tails))


@dataclass
class _Sheet:
    """The rows of a sheet, whose cells are found by their column's plain name and can be changed."""

    sheet: str
    rows: Sequence[Cells]
    names: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.names = {header: column_of(header, self.sheet).name for row in self.rows for header in row}

    def get(self, row: Cells, column: str) -> str:
        """What stands in the column, or ''."""
        return next((text.strip() for header, text in row.items() if self.names[header] == column), "")

    def put(self, row: Cells, column: str, *, text: str) -> None:
        """Write into a column in which something stands."""
        for header in row:
            if self.names[header] == column:
                row[header] = text


class _Folding:
    """Folds one workbook."""

    def __init__(self, workbook: DefinitionData) -> None:
        self.survey = _Sheet(SURVEY, workbook.survey or ())
        self.choices = _Sheet(CHOICES, workbook.choices or ())
        self.settings = _Sheet(SETTINGS, workbook.settings or ())
        self.problems: list[Problem] = []
        self.of_list: dict[str, set[str]] = {}
        """The names of each list's choices."""
        self.held: dict[str, set[str]] = {}
        """The names of choices that an answer may hold, or what is calculated from it."""
        places: dict[str, set[str]] = {}
        for row in self.choices.rows:
            name, listed = self.choices.get(row, "name"), self.choices.get(row, "list_name")
            places.setdefault(name, set()).add(listed)
            self.of_list.setdefault(listed, set()).add(name)
        asked = [row for row in self.survey.rows if self._asks(row)]
        others = {self.survey.get(row, "name").lower() for row in self.survey.rows if not self._asks(row)}
        names = {self.survey.get(row, "name"): {SURVEY} for row in asked}
        self.questions = folded(names, otherwise=QUESTION, taken=others)
        self.options = folded(places, otherwise=CHOICE)
        self.lists = folded({name: {CHOICES} for name in self.of_list}, otherwise=LIST)
        self.numbers = {name for name in self.options if _NUMBER.fullmatch(name)}
        self.numbered: set[str] = set()
        """Columns of the choices sheet in which such a number stands."""

    def _asks(self, row: Cells) -> bool:
        return self.survey.get(row, "type") not in _UNASKED

    def notes(self) -> list[str]:
        """What has another name now, one line each."""
        kinds = (("question", self.questions), ("choice", self.options), ("list", self.lists))
        return [f"{kind} {name} → {new}" for kind, names in kinds for name, new in names.items()]

    def fold(self) -> None:
        """Fold every name, and what refers to it."""
        if not (self.questions or self.options or self.lists):
            return
        for row in self.choices.rows:
            self._fold_choice(row)
        for number, row in enumerate(self.survey.rows, start=2):
            self._fold_row(row, number)
        for row in (*self.survey.rows, *self.settings.rows):
            for header, text in row.items():
                row[header] = _REFERENCE.sub(self._reference, text)

    def _reference(self, found: re.Match[str]) -> str:
        return f"${{{self.questions[found[1]]}}}" if found[1] in self.questions else found[0]

    def _fold_choice(self, row: Cells) -> None:
        for header, text in row.items():
            column, cell = self.choices.names[header], text.strip()
            if column == "list_name":
                row[header] = self.lists.get(cell, text)
            elif column == "name" or not COLUMNS[CHOICES].knows(column):  # other columns are compared with names
                row[header] = self.options.get(cell, text)
                if cell in self.numbers:
                    self.numbered.add(column)

    def _fold_row(self, row: Cells, number: int) -> None:
        kind, *rest = self.survey.get(row, "type").split() or [""]
        name, own = self.survey.get(row, "name"), self.of_list.get(rest[0], set()) if rest else set()
        for column in _EXPRESSIONS:
            if source := self.survey.get(row, column):
                held = own.union(*(self.held.get(one, ()) for one in _REFERENCE.findall(source)))
                if column == "calculation":
                    self.held[name] = held
                elif column == "choice_filter":
                    held = held.union(*self.of_list.values())
                self._check_numbers(number, column, source=source, own=own)
                self.survey.put(row, column, text=self._expression(source, held))
        if rest:
            self.held[name] = own
            self.survey.put(row, "default", text=self._chosen(self.survey.get(row, "default"), own))
            self.survey.put(row, "type", text=" ".join([kind, self.lists.get(rest[0], rest[0]), *rest[1:]]))
        self.survey.put(row, "name", text=self.questions.get(name, name))

    def _expression(self, source: str, names: Set[str]) -> str:
        """The expression with the choices that it quotes by their new names."""
        straight = source.translate(_STRAIGHT)
        new = _TEXTS.sub(lambda text: f"{text[0][0]}{self._chosen(text[0][1:-1], names)}{text[0][0]}", straight)
        return source if new == straight else new

    def _chosen(self, text: str, names: Set[str]) -> str:
        """One name or several, if they are names of choices."""
        words = [text] if text in names else text.split()
        return " ".join(self.options.get(word, word) for word in words) if set(words) <= names else text

    def _check_numbers(self, number: int, column: str, *, source: str, own: Set[str]) -> None:
        """Refuse to take a choice for the number that it was named by."""

        def mark(found: re.Match[str]) -> str:
            return "#" if self.numbers & self.held.get(found[1], set()) else "@"

        plain = _REFERENCE.sub(mark, _TEXTS.sub("''", source.translate(_STRAIGHT)))
        if column == "choice_filter":
            plain = _WORD.sub(lambda word: "#" if word[0] in self.numbered else word[0], plain)
        elif self.numbers & own:
            plain = _THIS.sub("#", plain)
        if _COUNTED.search(plain):
            told = "takes a choice for a number, and names begin with a letter here: put it in quotes, as in ${a} = '1'"
            self.problems.append(Problem(SURVEY, number, f"{column} {told}"))
