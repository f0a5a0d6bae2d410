"""What stands for what: the codebook of an export, and the same as a REDCap data dictionary.

* Every column of every table is in it, and every question of every version with its choices, the newest wording last.
* REDCap knows no versions: there a variable stands once, as its newest version asks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from conversations.instrument import Instrument, Question, QuestionType, in_language
from storage.exports.shape import MISSING, TEXT, Column, Table
from storage.exports.tables import REASON
from storage.exports.variables import LANGUAGE, Key, Variable, each

NAMES = {
    "table": "Tabla",
    "variable": "Columna o pregunta",
    "name": "Con qué nombre está en las tablas",
    "type": "Tipo",
    "label": "Qué dice",
    "choice": "Código",
    "choice_label": "Qué significa",
    "instrument": "Cuestionario",
    "version": "Versión",
    "outcome": "Resultado que alimenta",
    "identifier": "Si dice quién es ella",
}
CODEBOOK = Table(
    "codebook", "Qué significa cada cosa", tuple(Column(name, TEXT, label) for name, label in NAMES.items())
)

REDCAP_NAMES = (
    *("Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label"),
    *("Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number"),
    *("Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)"),
    *("Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?"),
    "Field Annotation",
)
"""The 18 columns of a data dictionary, as REDCap writes and reads them."""

REDCAP = Table(
    "codebook_redcap", "Diccionario de datos de REDCap", tuple(Column(name, TEXT, name) for name in REDCAP_NAMES)
)

_KINDS = {pa.string(): "text", pa.int64(): "integer", pa.int8(): "yes_no", pa.float64(): "decimal", pa.date32(): "date"}


def codebook(
    tables: Sequence[Table], instruments: Iterable[Instrument], *, known: Mapping[Key, Variable]
) -> Iterator[pa.RecordBatch]:
    """The codebook of these tables and instruments."""
    rows = [line for instrument in instruments for line in _asked(instrument, known)]
    rows += [
        _row(table="answers", variable="status", type="missing", choice=str(code), choice_label=told)
        for code, told in MISSING.items()
    ]
    rows += [
        _row(table="answers", variable="reason", type="reason", choice=code, choice_label=told)
        for code, told in REASON.values.items()
    ]
    rows += [line for table in tables for column in table.columns for line in _of_column(table, column)]
    yield pa.RecordBatch.from_pylist(rows, schema=CODEBOOK.schema)


def _row(**cells: str | None) -> dict[str, str | None]:
    return {name: cells.get(name) for name in NAMES}


def _asked(instrument: Instrument, known: Mapping[Key, Variable]) -> Iterator[dict[str, str | None]]:
    for question in instrument.questions:
        variable = known[instrument.name, instrument.version, question.name]
        own = {
            "table": "answers",
            "variable": question.name,
            "name": variable.name,
            "type": question.type.value,
            "label": in_language(question.label, LANGUAGE),
            "instrument": instrument.name,
            "version": instrument.version,
            "outcome": question.outcome,
        }
        yield _row(**own)
        for choice in question.choices:
            yield _row(**own, choice=choice.name, choice_label=in_language(choice.label, LANGUAGE))


def _of_column(table: Table, column: Column) -> Iterator[dict[str, str | None]]:
    own = {
        "table": table.name,
        "variable": column.name,
        "name": column.name,
        "type": _KINDS[column.type],
        "label": column.label,
        "identifier": "sí" if column.identifier else None,
    }
    yield _row(**own)
    for code, told in column.values.items():
        yield _row(**own, choice=code, choice_label=told)


# --- REDCap


def redcap(known: Mapping[Key, Variable]) -> Iterator[pa.RecordBatch]:
    """A REDCap data dictionary of all variables; the first is the pseudonym, by which REDCap knows a record."""
    rows = [_field("person", {"Form Name": "hilo", "Field Type": "text", "Field Label": "Seudónimo"})]
    rows += [_redcap(variable) for variable in each(known)]
    yield pa.RecordBatch.from_pylist(rows, schema=REDCAP.schema)


def _field(name: str, more: Mapping[str, str]) -> dict[str, str]:
    return {**dict.fromkeys(REDCAP_NAMES, ""), "Variable / Field Name": name, **more}


def _redcap(variable: Variable) -> dict[str, str]:
    question = variable.question
    kind, validation = _redcap_type(question)
    condition = " and ".join(
        f"({each.source})" if len(question.relevant) > 1 else each.source for each in question.relevant
    )
    logic = branching(condition)
    more = {
        "Form Name": variable.instrument,
        "Field Type": kind,
        "Field Label": variable.label,
        "Choices, Calculations, OR Slider Labels": " | ".join(
            f"{code}, {label.replace('|', '/')}" for code, label in variable.choices.items()
        ),
        "Field Note": in_language(question.hint or {}, LANGUAGE),
        "Text Validation Type OR Show Slider Number": validation,
        "Identifier?": "y" if question.free_text else "",
        "Branching Logic (Show field only if...)": logic or "",
        "Required Field?": "y" if question.required else "",
        "Field Annotation": f"relevant: {condition}" if condition and logic is None else "",
    }
    return _field(variable.name, more)


def _redcap_type(question: Question) -> tuple[str, str]:
    """The type of a field, and how REDCap checks what is typed there."""
    match question.type:
        case QuestionType.SELECT_ONE:
            return "radio", ""
        case QuestionType.SELECT_MULTIPLE:
            return "checkbox", ""
        case QuestionType.INTEGER:
            return "text", "integer"
        case QuestionType.DECIMAL:
            return "text", "number"
        case QuestionType.DATE:
            return "text", "date_ymd"
        case QuestionType.NOTE:
            return "descriptive", ""
        case QuestionType.TEXT if not question.money:
            return "notes", ""
        case _:
            return "text", ""


_SELECTED = re.compile(r"selected\(\s*\$\{(\w+)\}\s*,\s*'(\w+)'\s*\)")
_NAME = re.compile(r"\$\{(\w+)\}")
_OF_REDCAP = re.compile(r"(\[\w+(\(\w+\))?\]|'[^']*'|-?\d+(\.\d+)?|and|or|<=|>=|!=|=|<|>|\(|\)|\s)*")


def branching(condition: str) -> str | None:
    """An XLSForm condition in REDCap's words, or None where it has none for it."""
    told = _NAME.sub(r"[\1]", _SELECTED.sub(r"[\1(\2)] = '1'", condition))
    return told if _OF_REDCAP.fullmatch(told) else None
