"""Instruments from XLSForm: the spreadsheet that ODK and KoBoToolbox use, as `.xlsx` or as Markdown tables.

* An author sees all that is wrong at once, with sheet, row and remedy; pyxform then checks the whole as others would.
* What the engine does not support is refused at loading, never passed over in silence.
* `hilo::` columns carry what XLSForm has no word for: outcome, purpose, money and sensitive on the survey sheet,
  exclusive and case on choices.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from conversations.errors import InstrumentInvalid, Problem
from conversations.expressions import Expression, ExpressionInvalid, compile_expression
from conversations.instrument import DEFAULT_LANGUAGE, MAX_NAME, Choice, Instrument, Question, QuestionType, Text

SURVEY, CHOICES, SETTINGS = "survey", "choices", "settings"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LANGUAGE = re.compile(r"\((?P<code>[a-z]{2})\)\s*$")
_TEXT_COLUMNS = frozenset({"label", "hint", "constraint_message"})
_COLUMNS = {
    SURVEY: _TEXT_COLUMNS
    | {
        "type",
        "name",
        "required",
        "relevant",
        "constraint",
        "calculation",
        "hilo::outcome",
        "hilo::purpose",
        "hilo::money",
        "hilo::sensitive",
    },
    CHOICES: frozenset({"list_name", "list name", "name", "label", "hilo::exclusive", "hilo::case"}),
    SETTINGS: frozenset({"form_title", "form_id", "version", "default_language"}),
}
_OTHER_SHEETS = ("external_choices", "entities", "osm")
"""Sheets that XLSForm knows and the engine does not."""

_YES = frozenset({"yes", "true", "true()", "si", "sí", "1"})
_FIRST_ROW = 2
"""The row under the header, as a spreadsheet counts."""

_GROUP_BEGINS = frozenset({"begin group", "begin_group"})
_GROUP_ENDS = frozenset({"end group", "end_group"})


def read_instrument(path: Path) -> Instrument:
    """Read an instrument from a file; raises InstrumentInvalid with every problem found, or OSError."""
    if path.suffix != ".md":
        return _Reader(path.stem, path).instrument()
    try:
        return parse_instrument(path.stem, path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        problem = Problem("workbook", None, "this is not UTF-8 text: save the file as UTF-8")
        raise InstrumentInvalid(path.stem, [problem]) from None


def parse_instrument(name: str, markdown: str) -> Instrument:
    """Read an instrument from Markdown tables; raises InstrumentInvalid with every problem found."""
    return _Reader(name, markdown).instrument()


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a sheet, by its number as a spreadsheet counts; None stands for the sheet as a whole."""

    sheet: str
    number: int | None = None
    cells: Mapping[str, str] = field(default_factory=dict)

    def get(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def flag(self, column: str) -> bool:
        return self.get(column).lower() in _YES

    def texts(self, column: str) -> Text:
        texts = {}
        for name, text in self.cells.items():
            plain, _, language = name.partition("::")
            if plain == column:
                code = _LANGUAGE.search(language)
                texts[code["code"] if code else DEFAULT_LANGUAGE] = text
        return texts


def _rows(sheet: str, cells: Sequence[Mapping[str, str]] | None) -> list[_Row]:
    return [_Row(sheet, number, row) for number, row in enumerate(cells or (), start=_FIRST_ROW) if row]


@dataclass
class _Reader:
    """Reads one workbook, gathering problems as it goes."""

    name: str
    source: Path | str
    problems: list[Problem] = field(default_factory=list)
    lists: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    """Those read so far: an expression may refer to no other."""

    def instrument(self) -> Instrument:
        workbook = self._workbook()
        self._read_choices(_rows(CHOICES, workbook.choices))
        self._read_survey(_rows(SURVEY, workbook.survey))
        settings = self._settings(_rows(SETTINGS, workbook.settings))
        for sheet in _OTHER_SHEETS:
            if getattr(workbook, sheet):
                self._problem(_Row(sheet), f"the sheet '{sheet}' is not supported: remove it")
        if not self.problems:
            self._check_with_pyxform(workbook)
        if self.problems:
            raise InstrumentInvalid(self.name, self.problems)
        name = settings.get("form_id") or self.name
        title = {DEFAULT_LANGUAGE: settings.get("form_title") or name}
        return Instrument(name, settings.get("version"), title, tuple(self.questions))

    def _problem(self, row: _Row, message: str) -> None:
        self.problems.append(Problem(row.sheet, row.number, message))

    def _workbook(self) -> DefinitionData:
        try:
            return get_xlsform(self.source, file_type=".md" if isinstance(self.source, str) else None)
        except PyXFormError as error:
            raise InstrumentInvalid(self.name, [Problem("workbook", None, str(error))]) from error

    def _check_with_pyxform(self, workbook: DefinitionData) -> None:
        try:
            workbook_to_json(workbook, form_name=self.name, warnings=[])
        except PyXFormError as error:
            self._problem(_Row("workbook"), str(error))

    def _settings(self, rows: list[_Row]) -> _Row:
        self._check_columns(rows)
        settings = rows[0] if rows else _Row(SETTINGS)
        if not settings.get("version"):
            self._problem(_Row(SETTINGS), "add a 'version': open conversations finish on the version they began with")
        return settings

    # --- choices

    def _read_choices(self, rows: list[_Row]) -> None:
        self._check_columns(rows)
        for row in rows:
            self._check_name(row)
            list_name, name, label = row.get("list_name") or row.get("list name"), row.get("name"), row.texts("label")
            if not list_name:
                self._problem(row, "fill in 'list_name': which list does this choice belong to?")
            if not label:
                self._problem(row, f"choice '{name}' has no label: write what stands on its button")
            known = self.lists.get(list_name, ())
            if any(choice.name == name for choice in known):
                self._problem(row, f"list '{list_name}' has the choice '{name}' twice: rename or remove one")
            choice = Choice(name, label, row.flag("hilo::exclusive"), row.get("hilo::case") or None)
            self.lists[list_name] = (*known, choice)

    # --- questions

    def _read_survey(self, rows: list[_Row]) -> None:
        self._check_columns(rows)
        groups: list[tuple[Expression, ...]] = []
        for row in rows:
            kind = row.get("type")
            if kind in _GROUP_BEGINS:
                groups.append(self._conditions(row))
            elif kind in _GROUP_ENDS:
                if not groups:
                    self._problem(row, "this 'end group' closes nothing: remove it or add its 'begin group'")
                del groups[-1:]
            elif (question := self._question(row)) is not None:
                outer = tuple(condition for group in groups for condition in group)
                self.questions.append(replace(question, relevant=(*outer, *question.relevant)))
        if groups:
            self._problem(_Row(SURVEY), "a 'begin group' is never closed: add its 'end group'")
        for name, count in Counter(question.name for question in self.questions).items():
            if count > 1:
                self._problem(_Row(SURVEY), f"{count} rows are named '{name}': names must differ")
        if not self.questions and not self.problems:
            self._problem(_Row(SURVEY), "there is no question: add at least one row with type, name and label")

    def _question(self, row: _Row) -> Question | None:
        self._check_name(row)
        type_, list_name = self._type(row)
        if type_ is None:
            return None
        question = Question(
            name=row.get("name"),
            type=type_,
            label=row.texts("label"),
            hint=row.texts("hint") or None,
            choices=self._choices_of(row, list_name) if list_name is not None else (),
            required=row.flag("required"),
            relevant=self._conditions(row),
            constraint=self._expression(row, "constraint"),
            constraint_message=row.texts("constraint_message") or None,
            calculation=self._expression(row, "calculation"),
            outcome=row.get("hilo::outcome") or None,
            purpose=row.get("hilo::purpose") or None,
            money=row.flag("hilo::money"),
            sensitive=row.flag("hilo::sensitive"),
        )
        self._check_question(row, question)
        return question

    def _check_question(self, row: _Row, question: Question) -> None:
        calculated = question.type is QuestionType.CALCULATE
        if not question.label and not calculated:
            self._problem(row, f"'{question.name}' has no label: write the question")
        if bool(row.get("calculation")) is not calculated:
            self._problem(row, f"'{question.name}': a 'calculation' belongs to type calculate, and only there")
        if question.money and question.type is not QuestionType.TEXT:
            self._problem(row, f"'{question.name}': 'hilo::money' belongs to type text, and only there")

    def _type(self, row: _Row) -> tuple[QuestionType | None, str | None]:
        words = row.get("type").split()
        try:
            type_ = QuestionType(words[0] if words else "")
        except ValueError:
            self._problem(row, f"type '{row.get('type')}' is not supported: use one of {', '.join(QuestionType)}")
            return None, None
        chooses = type_ in (QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE)
        if len(words) != 1 + chooses:
            wanted = f"'{type_} LIST'" if chooses else f"just '{type_}'"
            self._problem(row, f"type '{row.get('type')}': write {wanted}")
            return None, None
        return type_, words[1] if chooses else None

    def _choices_of(self, row: _Row, list_name: str) -> tuple[Choice, ...]:
        if list_name not in self.lists:
            self._problem(row, f"there is no list '{list_name}' on the choices sheet: add it or correct the name")
        return self.lists.get(list_name, ())

    def _conditions(self, row: _Row) -> tuple[Expression, ...]:
        condition = self._expression(row, "relevant")
        return () if condition is None else (condition,)

    def _expression(self, row: _Row, column: str) -> Expression | None:
        source = row.get(column)
        if not source:
            return None
        try:
            expression = compile_expression(source)
        except ExpressionInvalid as error:
            self._problem(row, f"{column}: {error}")
            return None
        for name in sorted(expression.reads - {question.name for question in self.questions}):
            self._problem(row, f"{column} refers to '{name}', which no earlier row is named: move it up or correct it")
        return expression

    # --- what the sheets share

    def _check_name(self, row: _Row) -> None:
        name = row.get("name")
        if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
            rule = f"use lower-case letters, digits and '_', a letter first, at most {MAX_NAME} characters"
            self._problem(row, f"name '{name}': {rule}")

    def _check_columns(self, rows: list[_Row]) -> None:
        for column in sorted({column for row in rows for column in row.cells}):
            header, known = _Row(rows[0].sheet, 1), _COLUMNS[rows[0].sheet]
            plain, translated, language = column.partition("::")
            if column in known:
                continue
            if not translated or plain not in known & _TEXT_COLUMNS:
                told = f"remove it (known: {', '.join(sorted(known))})"
                self._problem(header, f"column '{column}' is not supported: {told}")
            elif not _LANGUAGE.search(language):
                told = f"end the language with its code, as in '{plain}::Español (es)'"
                self._problem(header, f"column '{column}': {told}")
