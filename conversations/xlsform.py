"""Instruments from XLSForm: the spreadsheet that ODK and KoBoToolbox use, as `.xlsx` or as Markdown tables.

* An author sees all that is wrong at once, with sheet, row and remedy; pyxform then checks the whole as others would.
* What the engine does not support is refused at loading, never passed over in silence.
* `hilo::` columns carry what XLSForm has no word for: outcome, purpose, money and sensitive on the survey sheet,
  exclusive and case on choices.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from conversations.errors import InstrumentInvalid, Problem
from conversations.expressions import Expression, ExpressionInvalid, compile_expression
from conversations.instrument import DEFAULT_LANGUAGE, MAX_NAME, Choice, Instrument, Question, QuestionType, Text

Row = Mapping[str, str]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LANGUAGE = re.compile(r"\((?P<code>[a-z]{2})\)\s*$")
_TEXT_COLUMNS = frozenset({"label", "hint", "constraint_message"})
_SURVEY_COLUMNS = _TEXT_COLUMNS | {
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
}
_CHOICE_COLUMNS = frozenset({"list_name", "list name", "name", "label", "hilo::exclusive", "hilo::case"})
_YES = frozenset({"yes", "true", "true()", "si", "sí", "1"})
_FIRST_ROW = 2
"""The row under the header, as a spreadsheet counts."""

_GROUP_BEGINS = frozenset({"begin group", "begin_group"})
_GROUP_ENDS = frozenset({"end group", "end_group"})


def read_instrument(path: Path) -> Instrument:
    """Read an instrument from a file; raises InstrumentInvalid with every problem found, or OSError."""
    if path.suffix == ".md":
        return parse_instrument(path.stem, path.read_text(encoding="utf-8"))
    return _Reader(path.stem, path).instrument()


def parse_instrument(name: str, markdown: str) -> Instrument:
    """Read an instrument from Markdown tables; raises InstrumentInvalid with every problem found."""
    return _Reader(name, markdown).instrument()


@dataclass
class _Reader:
    """Reads one workbook, gathering problems as it goes."""

    name: str
    source: Path | str
    problems: list[Problem] = field(default_factory=list)

    def instrument(self) -> Instrument:
        workbook = self._workbook()
        lists = self._choice_lists(workbook)
        questions = self._questions(workbook, lists)
        settings: Row = next(iter(workbook.settings or ()), {})
        if not settings.get("version"):
            self._problem("settings", None, "add a 'version': open conversations finish on the version they began with")
        if not questions and not self.problems:
            self._problem("survey", None, "there is no question: add at least one row with type, name and label")
        if not self.problems:
            self._check_with_pyxform(workbook)
        if self.problems:
            raise InstrumentInvalid(self.name, self.problems)
        name = settings.get("form_id") or self.name
        return Instrument(
            name, str(settings["version"]), {DEFAULT_LANGUAGE: settings.get("form_title") or name}, questions
        )

    def _problem(self, sheet: str, row: int | None, message: str) -> None:
        self.problems.append(Problem(sheet, row, message))

    def _workbook(self) -> DefinitionData:
        try:
            return get_xlsform(self.source, file_type=".md" if isinstance(self.source, str) else None)
        except PyXFormError as error:
            raise InstrumentInvalid(self.name, [Problem("workbook", None, str(error))]) from error

    def _check_with_pyxform(self, workbook: DefinitionData) -> None:
        try:
            workbook_to_json(workbook, form_name=self.name, warnings=[])
        except PyXFormError as error:
            self._problem("workbook", None, str(error))

    # --- choices

    def _choice_lists(self, workbook: DefinitionData) -> dict[str, tuple[Choice, ...]]:
        rows = list(_numbered(workbook.choices))
        self._check_columns("choices", rows, _CHOICE_COLUMNS)
        lists: dict[str, list[Choice]] = {}
        for number, row in rows:
            list_name = row.get("list_name") or row.get("list name") or ""
            name = self._checked_name("choices", number, row)
            label = _texts(row, "label")
            if not list_name:
                self._problem("choices", number, "fill in 'list_name': which list does this choice belong to?")
            if not label:
                self._problem("choices", number, f"choice '{name}' has no label: write what stands on its button")
            if any(choice.name == name for choice in lists.get(list_name, ())):
                self._problem(
                    "choices", number, f"list '{list_name}' has the choice '{name}' twice: rename or remove one"
                )
            choice = Choice(name, label, _flag(row, "hilo::exclusive"), row.get("hilo::case"))
            lists.setdefault(list_name, []).append(choice)
        return {name: tuple(choices) for name, choices in lists.items()}

    # --- questions

    def _questions(self, workbook: DefinitionData, lists: Mapping[str, tuple[Choice, ...]]) -> tuple[Question, ...]:
        rows = list(_numbered(workbook.survey))
        self._check_columns("survey", rows, _SURVEY_COLUMNS)
        questions: list[Question] = []
        groups: list[tuple[Expression, ...]] = []
        for number, row in rows:
            kind = row.get("type", "").strip()
            if kind in _GROUP_BEGINS:
                groups.append(self._conditions(number, row, questions))
            elif kind in _GROUP_ENDS:
                if not groups:
                    self._problem(
                        "survey", number, "this 'end group' closes nothing: remove it or add its 'begin group'"
                    )
                else:
                    groups.pop()
            elif (question := self._question(number, row, lists, questions)) is not None:
                outer = tuple(condition for group in groups for condition in group)
                questions.append(_within(question, outer))
        if groups:
            self._problem("survey", None, "a 'begin group' is never closed: add its 'end group'")
        for name, count in Counter(question.name for question in questions).items():
            if count > 1:
                self._problem("survey", None, f"{count} rows are named '{name}': names must differ")
        return tuple(questions)

    def _question(
        self, number: int, row: Row, lists: Mapping[str, tuple[Choice, ...]], earlier: list[Question]
    ) -> Question | None:
        type_, list_name = self._type(number, row)
        name = self._checked_name("survey", number, row)
        if type_ is None:
            return None
        choices = self._choices_of(number, list_name, lists) if list_name is not None else ()
        label = _texts(row, "label")
        if not label and type_ is not QuestionType.CALCULATE:
            self._problem("survey", number, f"'{name}' has no label: write the question")
        calculation = self._expression(number, "calculation", row, earlier)
        if (calculation is None) == (type_ is QuestionType.CALCULATE):
            self._problem("survey", number, f"'{name}': a 'calculation' belongs to type calculate, and only there")
        return Question(
            name=name,
            type=type_,
            label=label,
            hint=_texts(row, "hint") or None,
            choices=choices,
            required=_flag(row, "required"),
            relevant=self._conditions(number, row, earlier),
            constraint=self._expression(number, "constraint", row, earlier),
            constraint_message=_texts(row, "constraint_message") or None,
            calculation=calculation,
            outcome=row.get("hilo::outcome"),
            purpose=row.get("hilo::purpose"),
            money=_flag(row, "hilo::money"),
            sensitive=_flag(row, "hilo::sensitive"),
        )

    def _type(self, number: int, row: Row) -> tuple[QuestionType | None, str | None]:
        words = row.get("type", "").split()
        try:
            type_ = QuestionType(words[0] if words else "")
        except ValueError:
            known = ", ".join(QuestionType)
            self._problem("survey", number, f"type '{row.get('type', '')}' is not supported: use one of {known}")
            return None, None
        chooses = type_ in (QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE)
        if chooses != (len(words) == 2):  # noqa: PLR2004 - a type and the name of its list
            self._problem(
                "survey", number, f"type '{row['type']}': write '{type_} LIST'" if chooses else f"write just '{type_}'"
            )
            return None, None
        return type_, words[1] if chooses else None

    def _choices_of(self, number: int, list_name: str, lists: Mapping[str, tuple[Choice, ...]]) -> tuple[Choice, ...]:
        if list_name not in lists:
            self._problem(
                "survey", number, f"there is no list '{list_name}' on the choices sheet: add it or correct the name"
            )
        return lists.get(list_name, ())

    def _conditions(self, number: int, row: Row, earlier: list[Question]) -> tuple[Expression, ...]:
        condition = self._expression(number, "relevant", row, earlier)
        return () if condition is None else (condition,)

    def _expression(self, number: int, column: str, row: Row, earlier: list[Question]) -> Expression | None:
        source = row.get(column)
        if not source:
            return None
        try:
            expression = compile_expression(source)
        except ExpressionInvalid as error:
            self._problem("survey", number, f"{column}: {error}")
            return None
        for name in sorted(expression.reads - {question.name for question in earlier}):
            self._problem(
                "survey",
                number,
                f"{column} refers to '{name}', which no earlier row is named: move it up or correct it",
            )
        return expression

    # --- what both sheets share

    def _checked_name(self, sheet: str, number: int, row: Row) -> str:
        name = row.get("name", "")
        if row.get("type", "") not in _GROUP_ENDS and (not _NAME.fullmatch(name) or len(name) > MAX_NAME):
            self._problem(
                sheet,
                number,
                f"name '{name}': use lower-case letters, digits and '_', a letter first, at most {MAX_NAME} characters",
            )
        return name

    def _check_columns(self, sheet: str, rows: list[tuple[int, Row]], known: frozenset[str]) -> None:
        columns = {column for _, row in rows for column in row}
        for column in sorted(columns):
            plain = column.split("::")[0] if not column.startswith("hilo::") else column
            if plain not in known:
                self._problem(
                    sheet, 1, f"column '{column}' is not supported: remove it (known: {', '.join(sorted(known))})"
                )
            elif "::" in column and plain in _TEXT_COLUMNS and not _LANGUAGE.search(column):
                self._problem(
                    sheet, 1, f"column '{column}': end the language with its code, as in '{plain}::Español (es)'"
                )


def _numbered(rows: object) -> Iterator[tuple[int, Row]]:
    assert rows is None or isinstance(rows, list | tuple)
    return ((number, row) for number, row in enumerate(rows or (), start=_FIRST_ROW) if row)


def _texts(row: Row, column: str) -> Text:
    texts = {}
    for name, text in row.items():
        base, _, language = name.partition("::")
        if base == column:
            code = _LANGUAGE.search(language)
            texts[code["code"] if code else DEFAULT_LANGUAGE] = text
    return texts


def _flag(row: Row, column: str) -> bool:
    return str(row.get(column, "")).strip().lower() in _YES


def _within(question: Question, outer: tuple[Expression, ...]) -> Question:
    return replace(question, relevant=(*outer, *question.relevant)) if outer else question
