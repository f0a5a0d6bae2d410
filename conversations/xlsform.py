"""Instruments from XLSForm: the spreadsheet that ODK and KoBoToolbox use, as `.xlsx` or as Markdown tables.

* An author sees all that is wrong at once, with sheet, row and remedy; pyxform then checks the whole as others would.
* What the engine does not support is refused at loading, unless it makes no difference in a chat (see `dialects`).
* `hilo::` columns carry what XLSForm has no word for: outcome, purpose, money, sensitive, risk and short on the survey
  sheet, exclusive and case on choices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from conversations.answers import Value
from conversations.dialects import (
    CHOICES,
    GONE_WITH_THEIR_BEGINNING,
    METADATA,
    REFUSED_SHEETS,
    REFUSED_TYPES,
    SETTINGS,
    SURVEY,
    standard_type,
)
from conversations.errors import InstrumentInvalid, Problem
from conversations.expressions import Expression, ExpressionInvalid, compile_expression
from conversations.faults import question_problems
from conversations.instrument import DEFAULT_LANGUAGE, Choice, Instrument, Question, QuestionType
from conversations.naming import CHOICE, QUESTION, fold_names, version_of
from conversations.risk.thresholds import Threshold, ThresholdInvalid, read_threshold
from conversations.sheet import (
    LINE_BREAK,
    Row,
    column_problems,
    name_problem,
    read_rows,
    unknown_column,
    unknown_columns,
)
from conversations.subjects import REASONS, forbidden_subjects
from conversations.suggestions import DefaultInvalid, quick_numbers, read_default

__all__ = [
    "CHOICES",
    "LINE_BREAK",
    "SETTINGS",
    "SURVEY",
    "Reading",
    "parse_instrument",
    "read_instrument",
    "read_source",
]

_NO_SURVEY = (
    "this file has no sheet 'survey': write the sheets 'settings', 'survey' and 'choices', in Markdown as tables whose"
    " first cell is the sheet's name"
)
_NO_WORKBOOK = "this is no Excel workbook: save the form as .xlsx"
_NOT_RECOGNISED = "was not recognized"
"""What pyxform says of a file that is none of those it reads."""

_FILE_TYPES: Mapping[type, str] = {str: ".md", bytes: ".xlsx"}
"""How text and bytes are read; a path says it by its name."""

_EXPRESSIONS = ("relevant", "constraint", "calculation")
_REFERENCE = re.compile(r"\$\{ *([a-zA-Z]\w*) *\}")
_CHOOSING = (QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE)
_SHOWN = ("label", "hint", "constraint_message", "hilo::short")
_SHEETS = (SETTINGS, SURVEY, CHOICES)


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
class Reading:
    """An instrument, and what its author is told though nothing is wrong: the names and the version that it was given.

    `given_version` says that the file has none.
    """

    instrument: Instrument
    notes: tuple[str, ...]
    given_version: bool


def read_source(name: str, source: str | bytes) -> Reading:
    """Read Markdown tables, or the bytes of an .xlsx file; raises InstrumentInvalid with every problem found."""
    reader = _Reader(name, source)
    instrument = reader.instrument()
    return Reading(instrument, tuple(reader.notes), reader.given_version)


@dataclass
class _Reader:
    """Reads one workbook, gathering problems as it goes."""

    name: str
    source: Path | str | bytes
    problems: list[Problem] = field(default_factory=list)
    lists: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    """Columns of the choices sheet that a choice filter names."""
    questions: list[Question] = field(default_factory=list)
    """Those read so far: an expression may refer to no other."""
    passed_over: set[str] = field(default_factory=set)
    not_read: set[str] = field(default_factory=set)
    """The names of rows whose type is refused: what refers to them is told nothing more."""
    places: dict[tuple[str, str | None], Row] = field(default_factory=dict)
    """Where each question stands, and each choice, by its list and name."""
    list_of: dict[str, str] = field(default_factory=dict)
    """The list of each question that has choices."""
    notes: list[str] = field(default_factory=list)
    given_version: bool = False

    def instrument(self) -> Instrument:
        workbook = self._workbook()
        self.notes, self.problems = fold_names(workbook)
        choices, survey = read_rows(CHOICES, workbook.choices), read_rows(SURVEY, workbook.survey)
        self._read_choices(choices)
        self._read_survey(survey)
        self._check_columns(choices, besides=self.named)
        settings = self._settings(read_rows(SETTINGS, workbook.settings))
        version = settings.get("version") or self._version([[settings], survey, choices])
        for sheet, remedy in REFUSED_SHEETS.items():
            if getattr(workbook, sheet):
                self._problem(Row(sheet), f"the sheet '{sheet}' is not supported: {remedy}")
        name = settings.get("form_id") or self._name_from(settings.get("id_string"))
        title = {DEFAULT_LANGUAGE: settings.get("form_title") or name}
        instrument = Instrument(name, version, title, tuple(self.questions))
        self._check_subjects(instrument)
        if not self.problems:
            self._check_with_pyxform(workbook)
        if self.problems:
            raise InstrumentInvalid(self.name, sorted(dict.fromkeys(self.problems), key=_reading_order))
        return instrument

    def _problem(self, row: Row, message: str) -> None:
        self.problems.append(row.problem(message))

    def _workbook(self) -> DefinitionData:
        source = self.source.encode() if isinstance(self.source, str) else self.source  # text may look like a path
        try:
            workbook = get_xlsform(source, file_type=_FILE_TYPES.get(type(self.source)))
        except IndexError as error:
            raise self._refusal("a sheet is empty: write its column names below its name, or remove it") from error
        except PyXFormError as error:
            unknown = _NO_SURVEY if isinstance(self.source, str) else _NO_WORKBOOK
            raise self._refusal(unknown if _NOT_RECOGNISED in str(error) else str(error)) from error
        if not _has_survey(workbook):
            raise self._refusal(_NO_SURVEY)
        workbook.survey = [
            {header: standard_type(cell) if _is_type(header) else cell for header, cell in row.items()}
            for row in workbook.survey or ()
        ]
        return workbook

    def _refusal(self, message: str) -> InstrumentInvalid:
        return InstrumentInvalid(self.name, [Problem("workbook", None, message)])

    def _check_with_pyxform(self, workbook: DefinitionData) -> None:
        try:
            workbook_to_json(workbook, warnings=[])
        except PyXFormError as error:
            self._problem(Row("workbook"), str(error))

    def _check_subjects(self, instrument: Instrument) -> None:
        for found in forbidden_subjects(instrument):
            row = self.places[self.list_of[found.question] if found.choice else found.question, found.choice]
            told = f"'{found.words}' asks about {found.subject}, which no chat may"
            self._problem(row, f"{told}: remove it ({REASONS[found.subject]})")

    # --- settings

    def _settings(self, rows: list[Row]) -> Row:
        self._check_columns(rows)
        return rows[0] if rows else Row(SETTINGS)

    def _version(self, sheets: Sequence[Sequence[Row]]) -> str:
        """One made from the content: open conversations finish on the version they began with."""
        version = version_of(sheets)
        self.given_version = True
        self.notes.append(f"no 'version' among the settings → {version}, which changes with the content")
        return version

    def _name_from(self, id_string: str) -> str:
        """KoBoToolbox's own handle where it can be a name; else the form is named after its file."""
        return self.name if name_problem(id_string, otherwise="f") else id_string

    # --- choices

    def _read_choices(self, rows: list[Row]) -> None:
        for row in rows:
            self._check_name(row, otherwise=CHOICE)
            self._check_texts(row)
            list_name, name, label = row.get("list_name"), row.get("name"), row.texts("label")
            if not list_name:
                self._problem(row, "fill in 'list_name': which list does this choice belong to?")
            if DEFAULT_LANGUAGE not in label:
                self._problem(row, f"choice '{name}' has no label in Spanish: write what stands on its button")
            if row.undecided("hilo::exclusive"):
                self._problem(row, "'hilo::exclusive' takes yes or no")
            known = self.lists.get(list_name, ())
            if any(choice.name == name for choice in known):
                self._problem(row, f"list '{list_name}' has the choice '{name}' twice: rename or remove one")
            choice = Choice(name, label, row.flag("hilo::exclusive"), row.get("hilo::case") or None, row.unknown())
            self.lists[list_name] = (*known, choice)
            self.places[list_name, name] = row

    # --- questions

    def _read_survey(self, rows: list[Row]) -> None:
        self._check_columns(rows)
        groups: list[tuple[Expression, ...]] = []
        for row in rows:
            kind = row.get("type")
            if kind == "begin_group":
                groups.append(self._conditions(row))
            elif kind == "end_group" and groups:
                groups.pop()
            elif kind == "end_group":
                self._problem(row, "this 'end group' closes nothing: remove it or add its 'begin group'")
            elif kind in METADATA:
                self.passed_over.add(row.get("name") or kind)
            elif kind not in GONE_WITH_THEIR_BEGINNING:
                self._add_question(row, within=tuple(condition for group in groups for condition in group))
        if groups:
            self._problem(Row(SURVEY), "a 'begin group' is never closed: add its 'end group'")
        self._check_questions()

    def _check_questions(self) -> None:
        if not self.questions and not self.problems:
            self._problem(Row(SURVEY), "there is no question: add at least one row with type, name and label")

    def _add_question(self, row: Row, *, within: tuple[Expression, ...]) -> None:
        question = self._question(row)
        if question is not None:
            if question.name and (earlier := self.places.get((question.name, None))) is not None:
                self._problem(row, f"row {earlier.number} is named '{question.name}', too: names must differ")
            self.questions.append(replace(question, relevant=(*within, *question.relevant)))
            self.places.setdefault((question.name, None), row)

    def _question(self, row: Row) -> Question | None:
        type_, list_name = self._type(row)
        if type_ is None:
            self._check_besides_type(row)
            return None
        self._check_name(row, otherwise=QUESTION)
        self._check_texts(row)
        choices, choice_filter = self._choices(row, list_name)
        question = Question(
            name=row.get("name"),
            type=type_,
            label=row.texts("label"),
            hint=row.texts("hint") or None,
            short=row.texts("hilo::short") or None,
            audio=row.texts("media::audio") or None,
            choices=choices,
            choice_filter=choice_filter,
            required=row.flag("required"),
            relevant=self._conditions(row),
            constraint=self._expression(row, "constraint"),
            constraint_message=row.texts("constraint_message") or None,
            calculation=self._expression(row, "calculation"),
            outcome=row.get("hilo::outcome") or None,
            purpose=row.get("hilo::purpose") or None,
            money=row.flag("hilo::money"),
            sensitive=row.flag("hilo::sensitive"),
            risk=self._threshold(row),
        )
        for told in question_problems(row, question):
            self._problem(row, told)
        return replace(question, default=self._default(row, question), quick=quick_numbers(question))

    def _threshold(self, row: Row) -> Threshold | None:
        try:
            return read_threshold(row.get("hilo::risk"))
        except ThresholdInvalid as error:
            self._problem(row, f"hilo::risk: {error}")
            return None

    def _check_besides_type(self, row: Row) -> None:
        """What else is wrong with a row whose type is: its author should learn it at once."""
        if row.get("name"):
            self._check_name(row, otherwise=QUESTION)
            self.not_read.add(row.get("name"))
        self._check_texts(row)
        for column in _EXPRESSIONS:
            self._expression(row, column)

    def _type(self, row: Row) -> tuple[QuestionType | None, str | None]:
        cell = row.get("type")
        kind, *rest = cell.split() or [""]
        if kind not in list(QuestionType):
            remedy = REFUSED_TYPES.get(kind, f"use one of {', '.join(QuestionType)}")
            self._problem(row, f"type '{cell}' is not supported: {remedy}")
            return None, None
        type_ = QuestionType(kind)
        if rest[1:] == ["or_other"]:
            told = "add a choice 'otro' to the list, and a text question relevant when it is selected"
            self._problem(row, f"type '{cell}': 'or_other' is not supported: {told}")
        elif len(rest) != (type_ in _CHOOSING):
            wanted = f"'{type_} LIST'" if type_ in _CHOOSING else f"just '{type_}'"
            self._problem(row, f"type '{cell}': write {wanted}")
            return None, None
        return type_, rest[0] if rest else None

    def _choices(self, row: Row, list_name: str | None) -> tuple[tuple[Choice, ...], Expression | None]:
        """The choices of a question with the attributes that its filter names, and the filter."""
        if list_name is None:
            return (), None
        if list_name not in self.lists:
            self._problem(row, f"there is no list '{list_name}' on the choices sheet: add it or correct the name")
        self.list_of[row.get("name")] = list_name
        choices = self.lists.get(list_name, ())
        columns = {"name", *(column for choice in choices for column in choice.attributes)}
        choice_filter = self._expression(row, "choice_filter", columns=columns)
        used = choice_filter.columns if choice_filter else frozenset()
        self.named |= used
        kept = [{key: text for key, text in choice.attributes.items() if key in used} for choice in choices]
        trimmed = (replace(choice, attributes=some) for choice, some in zip(choices, kept, strict=True))
        return tuple(trimmed), choice_filter

    def _default(self, row: Row, question: Question) -> Value | None:
        if not row.get("default"):
            return None
        try:
            return read_default(question, row.get("default"))
        except DefaultInvalid as error:
            self._problem(row, f"default '{row.get('default')}': {error}")
            return None

    def _conditions(self, row: Row) -> tuple[Expression, ...]:
        condition = self._expression(row, "relevant")
        return () if condition is None else (condition,)

    def _expression(self, row: Row, column: str, *, columns: Set[str] = frozenset()) -> Expression | None:
        source = row.get(column)
        if not source:
            return None
        expression = None
        try:
            expression = compile_expression(source, columns=columns)
        except ExpressionInvalid as error:
            self._problem(row, f"{column}: {error}")
        reads = expression.reads if expression else set(_REFERENCE.findall(source))
        for name in sorted(reads - {question.name for question in self.questions} - self.not_read):
            remedy = "which no earlier row is named: move it up or correct it"
            if name in self.passed_over:
                remedy = "a row about the telephone or the hour, which nothing is kept of: use today(), or leave it out"
            self._problem(row, f"{column} refers to '{name}', {remedy}")
        return expression

    # --- what the sheets share

    def _check_name(self, row: Row, *, otherwise: str) -> None:
        if told := name_problem(row.get("name"), otherwise=otherwise):
            self._problem(row, told)

    def _check_texts(self, row: Row) -> None:
        if any("${" in text for column in _SHOWN for text in row.texts(column).values()):
            self._problem(row, "a text cannot repeat an earlier answer: write it without '${…}'")

    def _check_columns(self, rows: Sequence[Row], *, besides: Set[str] = frozenset()) -> None:
        self.problems.extend(unknown_column(rows[0].sheet, name) for name in sorted(unknown_columns(rows) - besides))
        self.problems.extend(column_problems(rows))


def _has_survey(workbook: DefinitionData) -> bool:
    """Whether a sheet is the survey: by its name, or, where pyxform took the only one for it, by its columns."""
    named = SURVEY in (name.strip().lower() for name in workbook.sheet_names or ())
    return named or any(map(_is_type, (workbook.survey_header or [{}])[0]))


def _is_type(header: str) -> bool:
    return header.strip().lower() == "type"


def _reading_order(problem: Problem) -> tuple[int, int]:
    sheet = _SHEETS.index(problem.sheet) if problem.sheet in _SHEETS else len(_SHEETS)
    return sheet, problem.row or 0
