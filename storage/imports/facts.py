"""What a row of an outcome file comes down to: facts about one woman, each with what it is about and what it says.

* Two rows that say the same are one, and that is told; two that contradict each other are both refused: choosing one
  would be a guess.
* Incomes of one day are several: they add up, and no two of them contradict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from storage.imports.basis import NO_BASIS, Basis
from storage.imports.problems import Fault, SheetProblem
from storage.imports.rows import Columns, RowReader
from storage.imports.sheets import Sheet

Value = str | int | date | Decimal | None
Items = tuple[tuple[str, Value], ...]

ENROLMENT, MEASUREMENT, EMPLOYMENT, INCOME, SUPPORT = "enrolments", "measurements", "employments", "incomes", "supports"
"""The tables of facts, by their names in storage/schema.py."""

ON_CONSENT = (MEASUREMENT, EMPLOYMENT, INCOME, SUPPORT)
"""Those of which a row carries the consent that it stands on; who was in which workshop the programme knows itself."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a table: `key` is what it is about, `says` what it says of it, both by column.

    `undated`: the file names no day, and `as_of_on` is the day of the import. `words` is an amount as it was written,
    `basis` the consent that it stands on, where that is known.
    """

    line: int
    record_id: str
    table: str
    key: Mapping[str, Value]
    says: Mapping[str, Value] = field(default_factory=dict)
    undated: bool = False
    words: str | None = None
    basis: Basis | None = None

    @property
    def said(self) -> Mapping[str, Value]:
        """All that is stored of what it says, by column, and of the consent that it stands on."""
        if self.table not in ON_CONSENT:
            return self.says
        return {**self.says, **(NO_BASIS if self.basis is None else self.basis.columns)}

    @property
    def about(self) -> tuple[str, str, Items]:
        """Whom and what it is about, to be compared: record_ids differ in more than capitals."""
        return self.record_id.casefold(), self.table, items(self.key)


def items(values: Mapping[str, Value]) -> Items:
    """Values by column, to be compared."""
    return tuple(sorted(values.items()))


@dataclass(frozen=True, slots=True)
class FactFile:
    """The facts of all rows without a problem, every problem of the file, and what is only worth a look."""

    facts: tuple[Fact, ...]
    problems: tuple[SheetProblem, ...]
    warnings: tuple[SheetProblem, ...]


def gather(sheet: Sheet, columns: Columns, *, facts_of: Callable[[RowReader], Sequence[Fact]]) -> FactFile:
    """Read every row of a sheet; `facts_of` gives the facts of one, and records what is wrong with it."""
    readers = [RowReader(row, columns) for row in sheet.rows]
    facts = _once(readers, [facts_of(reader) for reader in readers])
    by_line = {reader.line: reader for reader in readers}
    _refuse_contradictions(by_line, facts)
    problems = [*sheet.problems, *columns.problems, *(problem for reader in readers for problem in reader.problems)]
    refused = {problem.line for problem in problems}
    sound = () if columns.problems else tuple(_distinct(fact for fact in facts if fact.line not in refused))
    warnings = [*columns.warnings, *_together(warning for reader in readers for warning in reader.warnings)]
    return FactFile(sound, tuple(sorted(problems, key=_place)), tuple(warnings))


def _place(problem: SheetProblem) -> int:
    return problem.line or 0


def _once(readers: Sequence[RowReader], rows: Sequence[Sequence[Fact]]) -> list[Fact]:
    """The facts of all rows but those that say what an earlier one has said."""
    first: dict[object, int] = {}
    kept: list[Fact] = []
    for reader, facts in zip(readers, rows, strict=True):
        told = tuple((fact.about, items(fact.said)) for fact in facts)
        if not told or first.setdefault(told, reader.line) == reader.line:
            kept += facts
            continue
        message = f"says the same as line {first[told]}; it is stored once"
        reader.warn("record_id", message, code=Fault.REPEATED_RECORD)
    return kept


def _refuse_contradictions(readers: Mapping[int, RowReader], facts: Iterable[Fact]) -> None:
    told: defaultdict[object, dict[Items, int]] = defaultdict(dict)
    for fact in facts:
        if fact.table != INCOME:
            told[fact.about].setdefault(items(fact.said), fact.line)
    for said in told.values():
        for line in said.values() if len(said) > 1 else ():
            others = ", ".join(str(other) for other in said.values() if other != line)
            message = f"says otherwise than line {others} of the same thing; keep the true one"
            readers[line].refuse("record_id", message, code=Fault.CONTRADICTION)


def _distinct(facts: Iterable[Fact]) -> Iterable[Fact]:
    """All but those that a row repeats beside other things, as whether she gave to her family; incomes stay."""
    seen = set()
    for fact in facts:
        if fact.table == INCOME or fact.about not in seen:
            seen.add(fact.about)
            yield fact


_WORTH_ONE_LINE = {Fault.UNKNOWN_NAME, Fault.UNKNOWN_PLACE}


def _together(warnings: Iterable[SheetProblem]) -> list[SheetProblem]:
    """Warnings about names in one line where they say the same, with how many more lines there are."""
    alike: defaultdict[object, list[SheetProblem]] = defaultdict(list)
    for warning in warnings:
        alone = warning.line if warning.code not in _WORTH_ONE_LINE else None
        alike[alone, warning.column, warning.code, warning.message].append(warning)
    return [_with_number(group) for group in alike.values()]


def _with_number(group: Sequence[SheetProblem]) -> SheetProblem:
    first, more = group[0], len(group) - 1
    if not more:
        return first
    lines = "1 more line" if more == 1 else f"{more} more lines"
    return SheetProblem(first.line, first.column, first.code, f"{first.message} (and on {lines})")
