"""What stands for what: the codebook of an export, and the same as a REDCap data dictionary.

* Every column of every table is in it, and every question of every version with its choices, the newest wording last.
* REDCap knows no versions: there a variable stands once, as its newest version asks it. Its rules for dictionaries
  hold: names in lower case without double underscores, one form after the other, one list of choices a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count

import pyarrow as pa

from conversations.instrument import Instrument, Question, QuestionType, in_language
from storage.exports.shape import MISSING, TEXT, Column, Table
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
    for number, told in MISSING.items() if column.missing else ():
        yield _row(**{**own, "type": "missing"}, choice=str(number), choice_label=told)


# --- REDCap


def redcap(known: Mapping[Key, Variable]) -> Iterator[pa.RecordBatch]:
    """A REDCap data dictionary of all variables, form by form; the first is the pseudonym, by which REDCap knows a
    record."""
    dictionary = _Dictionary(known)
    rows = [_field("person", {"Form Name": "hilo", "Field Type": "text", "Field Label": "Seudónimo"})]
    forms = {variable.instrument: None for variable in each(known)}
    rows += [row for form in forms for one in each(known) if one.instrument == form for row in dictionary.rows_of(one)]
    yield pa.RecordBatch.from_pylist(rows, schema=REDCAP.schema)


def _field(name: str, more: Mapping[str, str]) -> dict[str, str]:
    return {**dict.fromkeys(REDCAP_NAMES, ""), "Variable / Field Name": name, **more}


class _Dictionary:
    """The variables under names that REDCap takes: it has no double or final underscore, and one `person`."""

    def __init__(self, known: Mapping[Key, Variable]) -> None:
        self._known = known
        self._asked = {id(variable): key for key, variable in known.items()}
        self._names: dict[int, str] = {}
        taken = {"person"}
        for variable in each(known):
            plain = _plain(variable.name)
            name = next(one for one in _numbered(plain) if one not in taken)
            self._names[id(variable)] = name
            taken |= {name, *(f"{name}_{part}" for part in _OF_MONEY if variable.question.money)}

    def rows_of(self, variable: Variable) -> Iterator[dict[str, str]]:
        """The fields of a variable: one, and of money what the tables have beside the amount."""
        question, name = variable.question, self._names[id(variable)]
        kind, validation = _redcap_type(question)
        told = self._told(variable)
        yield _field(
            name,
            {
                "Form Name": _plain(variable.instrument),
                "Field Type": kind,
                "Field Label": variable.label or variable.name,
                "Choices, Calculations, OR Slider Labels": " | ".join(
                    f"{code}, {_in_a_list(label) or code}" for code, label in variable.choices.items()
                ),
                "Field Note": in_language(question.hint or {}, LANGUAGE),
                "Text Validation Type OR Show Slider Number": validation,
                "Identifier?": "y" if question.free_text else "",
                "Branching Logic (Show field only if...)": told or "",
                "Required Field?": "y" if question.required else "",
                "Field Annotation": " ".join(self._annotations(variable, branched=told is not None)),
            },
        )
        for part, (label, check) in _OF_MONEY.items() if question.money else ():
            more = {"Form Name": _plain(variable.instrument), "Field Type": "text", "Field Label": label}
            yield _field(f"{name}_{part}", {**more, "Text Validation Type OR Show Slider Number": check})

    def _told(self, variable: Variable) -> str | None:
        """When it is asked, in REDCap's words, or None where it has none for it."""
        instrument, version, _ = self._asked[id(variable)]

        def called(question: str) -> tuple[str, QuestionType] | None:
            found = self._known.get((instrument, version, question))
            return None if found is None else (self._names[id(found)], found.question.type)

        return branching(_condition(variable.question), called)

    def _annotations(self, variable: Variable, *, branched: bool) -> Iterator[str]:
        if self._names[id(variable)] != variable.name:
            yield f"name: {variable.name}"
        if not branched:
            yield f"relevant: {_condition(variable.question)}"


_OF_MONEY = {"period": ("Periodo", ""), "monthly": ("Pesos al mes", "number")}


def _condition(question: Question) -> str:
    several = len(question.relevant) > 1
    return " and ".join(f"({one.source})" if several else one.source for one in question.relevant)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _in_a_list(label: str) -> str:
    """A label as one of several, on one line."""
    return " ".join(label.replace("|", "/").split())


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
            return "text", "number" if question.money else ""


_SELECTED = re.compile(r"selected\(\s*\$\{(\w+)\}\s*,\s*'(\w+)'\s*\)")
_NAME = re.compile(r"\$\{(\w+)\}")
_OF_REDCAP = re.compile(r"(\[\w+(\(\w+\))?\]|'[^']*'|-?\d+(\.\d+)?|\band\b|\bor\b|<=|>=|!=|=|<|>|\(|\)|\s)*")
_WITHOUT_ANSWER = (QuestionType.NOTE, QuestionType.AUDIO)

Called = Callable[[str], tuple[str, QuestionType] | None]
"""What REDCap calls a question of the same form, and of which type it is; None where there is none."""


def branching(condition: str, called: Called) -> str | None:
    """An XLSForm condition in REDCap's words, or None where it has none for it."""
    unknown: list[str] = []

    def selected(found: re.Match[str]) -> str:
        named, choice = called(found[1]), found[2]
        if named is None:
            unknown.append(found[1])
            return ""
        name, kind = named
        return f"[{name}({choice})] = '1'" if kind is QuestionType.SELECT_MULTIPLE else f"[{name}] = '{choice}'"

    def plain(found: re.Match[str]) -> str:
        named = called(found[1])
        if named is None or named[1] in (*_WITHOUT_ANSWER, QuestionType.SELECT_MULTIPLE):
            unknown.append(found[1])
            return ""
        return f"[{named[0]}]"

    told = _NAME.sub(plain, _SELECTED.sub(selected, condition))
    return told if not unknown and _OF_REDCAP.fullmatch(told) else None
