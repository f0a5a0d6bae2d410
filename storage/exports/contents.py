"""What an export consists of: all its tables, written one after the other in the process that reads the store.

* Under pseudonyms what would single a woman out is left out (storage/exports/risk.py), unless a reason is written down;
  for a study it is left out whatever is written.
* What she has taken back does not leave, and for a study nothing of a woman who has not said yes to it.
* The figures come first: what they stand on is let go of before the rows are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import true

from conversations import wages
from storage.columns import Columns
from storage.exports import codebook, risk, summaries, tables
from storage.exports.exporting import PUBLIC, RESEARCH, STATISTICS, TEAM, Asked, Known, Made, Progress
from storage.exports.package import write_package
from storage.exports.shape import Batches, Table
from storage.exports.staging import Staging, sha256
from storage.exports.variables import variables
from storage.exports.view import View
from storage.exports.wide import wide
from storage.exports.writing import SEPARATORS, CsvWriter, JsonLinesWriter, ParquetWriter, Writer
from storage.outcomes.definitions import SAME_WOMEN, VERSION
from storage.outcomes.disclosure import protected
from storage.outcomes.figures import Asked as Figures
from storage.outcomes.figures import Dimension, Figure
from storage.outcomes.gathering import gathered
from storage.outcomes.indicators import compute
from storage.outcomes.permitted import agreeing, answers_told
from storage.schema import participants

BROKEN_DOWN = tuple(one for one in Dimension if one is not Dimension.SCOPE)
"""By what the indicators of an export are broken down; by scope they are where it matters, always."""


def write(columns: Columns, known: Known, *, asked: Asked, stage: Staging, progress: Progress) -> Made:
    """Write all tables into the staging folder and pack them."""
    figures = _figures(columns, known, public=asked.audience != TEAM)
    view, made = _view(columns, known, asked=asked), Made()
    made.facts.update(_facts(known, asked))
    if not asked.identified and asked.audience != PUBLIC:
        made.facts.update(_coarsen(view, told_why=asked.audience == TEAM and asked.reason is not None))
    with _Files(asked, stage, made=made, progress=progress) as into:
        if asked.audience != PUBLIC:
            _put_rows(into, known, view=view)
        if asked.audience != TEAM:
            _put_summaries(into, known, figures=figures)
        else:
            into.put(summaries.INDICATORS, summaries.indicators(figures))
            into.put(summaries.FUNNEL, summaries.funnel(known.tallies))
        told = variables(known.instruments)
        into.put(codebook.CODEBOOK, codebook.codebook(into.tables, known.instruments, known=told))
        into.put(codebook.REDCAP, codebook.redcap(told))
        into.finish()
    return made


def _figures(columns: Columns, known: Known, *, public: bool) -> list[Figure]:
    evidence = gathered(columns, as_of=known.today, known_at=known.at, public=public)
    return compute(evidence, Figures(known.today, by=BROKEN_DOWN, public=public))


def _view(columns: Columns, known: Known, *, asked: Asked) -> View:
    """This moment of the store, and whose rows of it and which answers may leave."""
    whose = participants.c.id.in_(agreeing()) if asked.audience == RESEARCH else true()
    named: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for instrument in known.instruments:
        for question in instrument.questions:
            if question.purpose is not None:
                named[instrument.name, question.purpose].add(question.name)
    view = View(columns, known.today, exact=asked.identified, record_ids=known.record_ids)
    return replace(view, women=whose, answers=answers_told(named))


def _put_summaries(into: _Files, known: Known, *, figures: Sequence[Figure]) -> None:
    """What the public may have: nothing of single women, and no small cell."""
    shown = protected(figures, links=SAME_WOMEN)
    into.put(summaries.INDICATORS, summaries.indicators(shown))
    into.put(summaries.FUNNEL, summaries.public_funnel(known.tallies))


def _put_rows(into: _Files, known: Known, *, view: View) -> None:
    for definition in tables.DEFINITIONS.values():
        table = definition.table(view)
        if into.takes(table):
            into.put(view.table(table), view.finished(table, definition.batches(view)))
    turned = wide(view.columns, variables(known.instruments), exact=view.exact)
    table = turned.table(view)
    into.put(view.table(table), view.finished(table, turned.batches(view)))


def _coarsen(view: View, *, told_why: bool) -> dict[str, str]:
    """Leave out what would single women out, unless it was told why not; what was found and done."""
    found = risk.assess(view.columns, year=view.today.year, whose=view.women)
    facts = {"k": risk.LEAST, "women": found.women, "women_below_k": found.few, "women_alone": found.alone}
    if not told_why:
        view.hidden.update(found.hidden)
        facts |= {f"left_out_{trait}": len(hidden) for trait, hidden in found.hidden.items()}
    return {name: str(number) for name, number in facts.items()}


def _facts(known: Known, asked: Asked) -> dict[str, str]:
    return {
        "cut_off": known.at.astimezone(UTC).isoformat(timespec="seconds"),
        "filters": "none",
        "minimum_wages": " ".join(f"{one.since}={one.general}" for one in wages.table()),
        "definitions": VERSION,
        "hilo_version": version("hilo"),
        "exported_by": asked.by,
        "audience": asked.audience,
        "identified": "yes" if asked.identified else "no",
    }


class _Files:
    """The files of an export as they come."""

    def __init__(self, asked: Asked, stage: Staging, *, made: Made, progress: Progress) -> None:
        self._asked, self._stage, self._made, self._progress = asked, stage, made, progress
        self._separator = SEPARATORS[asked.separator]
        self._main = writer_for(asked, stage)
        self._beside = CsvWriter(stage.folder, self._separator)
        self._commas = CsvWriter(stage.folder)
        self._written: list[tuple[Table, Sequence[Path]]] = []

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            for writer in (self._main, self._beside, self._commas):
                writer.give_up()

    def takes(self, table: Table) -> bool:
        """Whether the format has a place for this table of single rows."""
        return table.cases or self._asked.format not in STATISTICS

    @property
    def tables(self) -> list[Table]:
        """What is written so far."""
        return [table for table, _ in self._written]

    def put(self, table: Table, batches: Batches) -> None:
        """Write one table."""
        writer = self._writer_of(table)
        writer.open(table)
        rows = 0
        for batch in batches:
            writer.write(batch)
            rows += batch.num_rows
            self._progress(table.name, rows)
        self._written.append((table, writer.close()))
        self._made.counts[table.name] = rows
        self._made.facts[f"rows_{table.name}"] = str(rows)

    def _writer_of(self, table: Table) -> Writer:
        if self._asked.single:
            return self._main
        if table is codebook.REDCAP:  # REDCap takes commas alone
            return self._commas
        return self._beside if self._asked.format in STATISTICS and not table.cases else self._main

    def finish(self) -> None:
        """Say what all this is, describe it, and pack it."""
        hashes = {path.name: sha256(path) for _, paths in self._written for path in paths}
        self._made.facts |= {f"sha256_{name}": hash_ for name, hash_ in hashes.items()}
        self.put(summaries.METADATA, summaries.metadata(dict(self._made.facts)))
        for _, paths in self._written:
            self._stage.add(paths)
        self._stage.add(self._main.finish())
        if not self._asked.single:
            self._stage.add(
                write_package(self._stage.folder, self._written, at=self._stage.at, separator=self._separator)
            )
        self._made.hash = self._stage.pack(single=self._asked.single)


def writer_for(asked: Asked, stage: Staging) -> Writer:
    """The writer of the format that is asked for."""
    folder = stage.folder
    # Imported when they are needed: pandas alone is as heavy as all the rest.
    match asked.format:
        case "csv":
            return CsvWriter(folder, SEPARATORS[asked.separator])
        case "parquet":
            return ParquetWriter(folder)
        case "jsonl":
            return JsonLinesWriter(folder)
        case "xlsx":
            from storage.exports.workbook import WorkbookWriter

            return WorkbookWriter(folder / "book.xlsx", at=stage.at)
        case _:
            from storage.exports.statistics import StatisticsWriter

            return StatisticsWriter(folder, asked.format, at=stage.at)
