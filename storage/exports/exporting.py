"""An export from beginning to end: one moment of the store, all its tables, registered before it can be seen.

* Everything is read at one moment: while that is fixed, nobody writes.
* Under pseudonyms what would single a woman out is left out (storage/exports/risk.py), unless a reason is written down.
  Record_ids need a reason and a second person's code, which this export uses up.
* What leaves is registered with its hash, and audited, before it is put where it was wanted.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from conversations.instrument import Instrument
from storage import approvals, audit
from storage import funnel as ledger
from storage.audit import Act
from storage.columns import Columns, open_columns
from storage.database import Database, Tx
from storage.exports import codebook, risk, summaries, tables
from storage.exports.package import write_package
from storage.exports.shape import Batches, Table
from storage.exports.staging import Staging, sha256, staging
from storage.exports.variables import variables
from storage.exports.view import View
from storage.exports.wide import wide
from storage.exports.writing import SEPARATORS, CsvWriter, JsonLinesWriter, ParquetWriter, Writer
from storage.funnel import Tally
from storage.outcomes.definitions import SAME_WOMEN, VERSION
from storage.outcomes.disclosure import protected
from storage.outcomes.figures import Asked as Figures
from storage.outcomes.figures import Dimension, Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute
from storage.schema import exports, installation, participants, vault
from storage.vault import Place

FORMATS = ("csv", "xlsx", "sav", "dta", "parquet", "jsonl")
STATISTICS = ("sav", "dta")

PUBLIC = "public"
CLOCK = ZoneInfo("America/Mexico_City")
"""Whose days an export counts by as a whole."""

BROKEN_DOWN = tuple(one for one in Dimension if one is not Dimension.SCOPE)
"""By what the indicators of an export are broken down; by scope they are where it matters, always."""

Progress = Callable[[str, int], None]
"""Told the name of a table and how many of its rows are written."""


class ExportRefused(Exception):
    """This may not leave; the message says why, and what would be needed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be exported: into which files, for whom, and why. `by` is who asks, as in the audit trail."""

    out: Path
    format: str = "csv"
    separator: str = "comma"
    audience: str = "team"
    identified: bool = False
    reason: str | None = None
    recipient: str | None = None
    approval: str | None = None
    force: bool = False
    by: str = "command"

    @property
    def single(self) -> bool:
        """Whether all goes into one file by its nature."""
        return self.format == "xlsx"


@dataclass(frozen=True, slots=True)
class Known:
    """What a store knows beside its tables, all of the moment `at`."""

    at: datetime
    columns: Columns
    tallies: Sequence[Tally]
    instruments: Sequence[Instrument]
    figures: Sequence[Figure]
    record_ids: Mapping[str, str] | None = None


@dataclass(slots=True)
class Made:
    """What was written: the rows of each table, the hash of the whole, and what was left out so that nobody stands
    out."""

    counts: dict[str, int] = field(default_factory=dict)
    hash: str = ""
    facts: dict[str, str] = field(default_factory=dict)


Shelf = Callable[[Tx], Awaitable[Sequence[Instrument]]]


class Exporter:
    """Makes exports of the store at that URL. `shelf` reads every version of every instrument, the oldest first."""

    def __init__(self, database: Database, url: str, *, shelf: Shelf) -> None:
        self._database = database
        self._url = url
        self._shelf = shelf

    async def export(self, asked: Asked, progress: Progress = lambda *_: None) -> Made:
        """Write it. Raises ExportRefused, ApprovalInvalid, FileExistsError, or OSError where it can't be written."""
        require_sound(asked)
        async with self._known(asked) as known:
            with staging(asked.out, at=known.at, force=asked.force) as stage:
                made = write(known, asked, stage=stage, progress=progress)
                async with self._database.transact() as tx:
                    await register(tx, asked, made)
                stage.publish(single=asked.single)
        return made

    @asynccontextmanager
    async def _known(self, asked: Asked) -> AsyncIterator[Known]:
        async with AsyncExitStack() as stack:
            columns = stack.enter_context(closing(open_columns(self._url)))
            async with self._database.transact() as still:  # nobody writes while both readings begin
                if asked.approval is not None:
                    await approvals.check(still, asked.approval)
                columns.begin()
                tx = await stack.enter_async_context(self._database.read())
                await tx.run(select(installation.c.name).limit(1))
            yield await self._gathered(tx, columns, identified=asked.identified)

    async def _gathered(self, tx: Tx, columns: Columns, *, identified: bool) -> Known:
        today = tx.now.astimezone(CLOCK).date()
        return Known(
            at=tx.now,
            columns=columns,
            tallies=await ledger.tallies(tx, tx.now),
            instruments=await self._shelf(tx),
            figures=compute(gather(self._url, today, known_at=tx.now), Figures(today, by=BROKEN_DOWN)),
            record_ids=await _record_ids(tx) if identified else None,
        )


def require_sound(asked: Asked) -> None:
    """Raises ExportRefused if what is asked for may not leave."""
    if asked.audience == PUBLIC and asked.identified:
        raise ExportRefused("--for public never holds anything of single women: leave out --identified")
    if asked.identified and not (asked.reason and asked.approval):
        raise ExportRefused(
            "--identified needs --reason, and --approval with the code that another coordinator draws with /aprobar"
        )
    if asked.approval is not None and not asked.identified:
        raise ExportRefused("--approval goes with --identified")


# --- writing


def write(known: Known, asked: Asked, *, stage: Staging, progress: Progress) -> Made:
    """Write all tables into the staging folder and pack them."""
    view, made = _view(known, asked), Made()
    made.facts.update(_facts(known, asked))
    if not asked.identified and asked.audience != PUBLIC:
        made.facts.update(_coarsen(view, told_why=asked.reason is not None))
    with _Files(asked, stage, made=made, progress=progress) as into:
        if asked.audience == PUBLIC:
            _put_summaries(into, known)
        else:
            _put_rows(into, known, view=view)
        told = variables(known.instruments)
        into.put(codebook.CODEBOOK, codebook.codebook(into.tables, known.instruments, known=told))
        into.put(codebook.REDCAP, codebook.redcap(told))
        into.finish()
    return made


def _put_summaries(into: _Files, known: Known) -> None:
    """What the public may have: nothing of single women, and no small cell."""
    shown = protected(known.figures, links=SAME_WOMEN)
    into.put(summaries.INDICATORS, summaries.indicators(shown, public=True))
    into.put(summaries.FUNNEL, summaries.public_funnel(known.tallies))


def _put_rows(into: _Files, known: Known, *, view: View) -> None:
    for definition in tables.DEFINITIONS.values():
        table = definition.table(view)
        if into.takes(table):
            into.put(view.table(table), view.finished(table, definition.batches(view)))
    turned = wide(known.columns, variables(known.instruments), exact=view.exact)
    table = turned.table(view)
    into.put(view.table(table), view.finished(table, turned.batches(view)))
    into.put(summaries.INDICATORS, summaries.indicators(known.figures))
    into.put(summaries.FUNNEL, summaries.funnel(known.tallies))


def _view(known: Known, asked: Asked) -> View:
    return View(known.columns, known.at.astimezone(CLOCK).date(), exact=asked.identified, record_ids=known.record_ids)


def _coarsen(view: View, *, told_why: bool) -> dict[str, str]:
    """Leave out what would single women out, unless it was told why not; what was found and done."""
    found = risk.assess(view.columns, year=view.today.year)
    facts = {"k": risk.LEAST, "women": found.women, "women_below_k": found.few, "women_alone": found.alone}
    if not told_why:
        view.hidden.update(found.hidden)
        facts |= {f"left_out_{trait}": len(hidden) for trait, hidden in found.hidden.items()}
    return {name: str(number) for name, number in facts.items()}


def _facts(known: Known, asked: Asked) -> dict[str, str]:
    return {
        "cut_off": known.at.astimezone(UTC).isoformat(timespec="seconds"),
        "filters": "none",
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
        self._main = _writer(asked, stage)
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


def _writer(asked: Asked, stage: Staging) -> Writer:
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


# --- the register


async def register(tx: Tx, asked: Asked, made: Made) -> None:
    """Write down that this leaves, and use up its approval. Raises ApprovalInvalid."""
    number = tx.ids.random()
    row = {
        "id": number,
        "at": tx.now,
        "made_by": asked.by,
        "format": asked.format,
        "audience": asked.audience,
        "identified": asked.identified,
        "reason": tx.vault.seal_text(Place("exports", "reason", number), asked.reason),
        "recipient": tx.vault.seal_text(Place("exports", "recipient", number), asked.recipient),
        "file_hash": made.hash,
        "counts": json.dumps(made.counts),
    }
    await tx.run(exports.insert(), [row])
    if asked.approval is not None:
        await approvals.use(tx, asked.approval, export=number)
    detail = f"{asked.format} {asked.audience}{' identified' if asked.identified else ''}"
    await audit.append(tx, [Act(asked.by, "export.made", subject=str(number), detail=detail)])


async def _record_ids(tx: Tx) -> dict[str, str]:
    """The organisation's own code of every woman, by her pseudonym."""
    found = select(participants.c.person, vault.c.participant_id, vault.c.record_id).join_from(
        vault, participants, participants.c.id == vault.c.participant_id
    )
    return {
        row.person: tx.vault.open(Place("vault", "record_id", row.participant_id), row.record_id).decode()
        for row in await tx.run(found)
    }
