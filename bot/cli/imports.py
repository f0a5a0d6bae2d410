"""Files of the outcome store, from the command line.

* Every problem is told at once, by line and column and never by what a cell says; nothing is stored unless all is well
  or rows may be skipped.
* Warnings and problems go to standard error, what was or would be stored to standard output.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import typer

from bot.cli.opening import open_plans, open_store, require_home
from bot.cli.refusals import Refused
from bot.settings import Settings, read_settings
from storage import audit
from storage.database import Conflict, Database
from storage.importing import Counts, Decided, Prepared, Source, prepare, store, today_of
from storage.imports.basis import Basis, stated
from storage.imports.catalogue import FILE_NAME, read_catalogue
from storage.imports.facts import INCOME, MEASUREMENT, FactFile
from storage.imports.measurements import read_measurements
from storage.imports.problems import SheetProblem
from storage.imports.registry import read_registry
from storage.imports.sheets import Sheet, bytes_of, read_sheet
from storage.imports.work import read_work


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is imported: only looked through, without the rows that have problems, and what was decided of its
    rows. `consent`, by column: what a row stands on that says nothing of it."""

    dry_run: bool
    skip_errors: bool
    decided: Decided
    consent: Mapping[str, str] = field(default_factory=dict)

    def basis(self, today: date) -> Basis | None:
        """The consent of rows that name none. Raises Refused, having told all that is wrong with it."""
        basis, problems = stated(self.consent, today) if self.consent else (None, ())
        for problem in problems:
            typer.echo(f"--{(problem.column or '').replace('_', '-')}: {problem.message}", err=True)
        if problems:
            raise Refused(f"nothing was imported: {_count(len(problems), 'option')} to mend")
        return basis


Reading = Callable[[Sheet, date], FactFile]


def import_registry(path: Path, wanted: Wanted) -> None:
    """Bring in a file of enrolments. Raises Refused, or CatalogueInvalid."""
    catalogue = read_catalogue(read_settings().home / FILE_NAME)
    _bring_in(
        path,
        wanted,
        kind="registry",
        reading=lambda sheet, today: read_registry(sheet, today=today, catalogue=catalogue),
    )


def import_measurements(path: Path, wanted: Wanted) -> None:
    """Bring in a file of scores. Raises Refused."""
    points = asyncio.run(_points(read_settings()))
    _bring_in(
        path,
        wanted,
        kind="measurements",
        reading=lambda sheet, today: read_measurements(sheet, today=today, points=points, basis=wanted.basis(today)),
    )


def import_work(path: Path, wanted: Wanted) -> None:
    """Bring in a file about work and income. Raises Refused."""
    _bring_in(
        path,
        wanted,
        kind="work",
        reading=lambda sheet, today: read_work(sheet, today=today, basis=wanted.basis(today)),
    )


async def _points(settings: Settings) -> list[str]:
    """The names of the points of all plans that are applied."""
    async with open_store(settings) as database, database.read() as tx:
        plans = await open_plans(tx, settings, keep=False)
    return sorted({point for name in plans.names if (plan := plans.get(name)) for point in plan.occurrences})


def _bring_in(path: Path, wanted: Wanted, *, kind: str, reading: Reading) -> None:
    settings = read_settings()
    require_home(settings)
    content = bytes_of(path)
    sheet = read_sheet(content, path.name)
    source = Source(kind, path.name, hashlib.sha256(content).hexdigest(), audit.acting(None))

    async def work() -> None:
        async with open_store(settings) as database:
            file, prepared = await _looked_through(database, partial(reading, sheet), wanted=wanted)
            if not wanted.dry_run:
                await _store(database, prepared, source=source)
            _tell_counts(prepared.counts)
            _tell_consent(file, prepared)

    asyncio.run(work())
    if wanted.dry_run:
        typer.echo("nothing was stored (--dry-run)", err=True)


async def _looked_through(
    database: Database, reading: Callable[[date], FactFile], *, wanted: Wanted
) -> tuple[FactFile, Prepared]:
    """The file, and what storing it will do. Raises Refused, having told why."""
    async with database.read() as tx:
        file = reading(today_of(tx.now))
        prepared = await prepare(tx, file, wanted.decided)
    problems = sorted((*file.problems, *prepared.problems), key=lambda problem: problem.line or 0)
    _tell(file.warnings)
    _tell(problems)
    if problems and not wanted.skip_errors:
        way_out = " (--skip-errors leaves rows out)" if any(problem.line for problem in problems) else ""
        raise Refused(f"nothing was imported: {_count(len(problems), 'problem')} to mend{way_out}")
    if not prepared.facts and not prepared.counts.same:
        raise Refused("nothing was imported: no row is left")
    return file, prepared


async def _store(database: Database, prepared: Prepared, *, source: Source) -> None:
    try:
        await store(database, prepared, source=source)
    except Conflict:
        raise Refused(
            "nothing of it counts: another file or woman was brought in at the same time; import the file again"
        ) from None


def _tell_counts(counts: Counts) -> None:
    if counts.women:
        typer.echo(f"women\t{counts.women} created")
    for name in sorted({*counts.new, *counts.same, *counts.corrected}):
        told = f"{counts.new.get(name, 0)} new, {counts.same.get(name, 0)} there already, "
        told += f"{counts.corrected.get(name, 0)} corrected"
        withdrawn = counts.withdrawn.get(name, 0)
        typer.echo(f"{name}\t{told}" + (f", {withdrawn} taken back" if withdrawn else ""))
    if counts.refused:
        typer.echo(f"refused\t{_count(counts.refused, 'line')}")


def _tell_consent(file: FactFile, prepared: Prepared) -> None:
    """On what consent the amounts and scores stand that go in, and how many say nothing of it."""
    left_out = {problem.line for problem in prepared.problems}
    told = [fact for fact in file.facts if fact.table in (INCOME, MEASUREMENT) and fact.line not in left_out]
    stand = Counter(tuple(fact.basis.columns.values()) for fact in told if fact.basis is not None)
    for (kind, on, version), rows in stand.items():
        amount = _count(rows, "amount or score", several="amounts or scores")
        typer.echo(f"consent\t{kind} of {on}, version {version}: {amount}")
    if (without := len(told) - stand.total()) > 0:
        how = "without a consent basis: add consent_basis, or give --consent-basis for all of them"
        typer.echo(f"{_count(without, 'amount or score', several='amounts or scores')} {how}", err=True)


def _tell(problems: Sequence[SheetProblem]) -> None:
    for problem in problems:
        typer.echo(str(problem), err=True)


def _count(number: int, noun: str, *, several: str = "") -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {several or noun + 's'}"
