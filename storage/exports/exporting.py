"""An export from beginning to end: one moment of the store, all its tables, registered before it can be seen.

* Everything is read at one moment: while that is fixed, nobody writes. Another process reads and writes it
  (storage/exports/contents.py), so that this one has hands and memory for other things.
* Record_ids need a reason and a second person's code, which this export uses up.
* What leaves is registered with its hash, and audited, before it is put where it was wanted.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from conversations import wages
from conversations.instrument import Instrument
from conversations.wages import Wage
from storage import approvals, audit
from storage import funnel as ledger
from storage.apart import Apart, apart
from storage.audit import Act
from storage.database import Database, Tx
from storage.exports.staging import Staging, staging
from storage.funnel import Tally
from storage.outcomes import scoring
from storage.outcomes.pack import Pack
from storage.schema import exports, installation, participants, vault
from storage.vault import Place

FORMATS = ("csv", "xlsx", "sav", "dta", "parquet", "jsonl")
STATISTICS = ("sav", "dta")

COMMA = "comma"

_WITH_CSV = ("csv", *STATISTICS)
"""The formats that write CSV files, if only beside their own."""

TEAM, PUBLIC, RESEARCH = "team", "public", "research"
CLOCK = ZoneInfo("America/Mexico_City")
"""Whose days an export counts by as a whole."""

Progress = Callable[[str, int], None]
"""Told, in another thread, the name of a table and how many of its rows are written; what it raises ends the export."""


class ExportRefused(Exception):
    """This may not leave; the message says why, and what would be needed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be exported: into which files, for whom, and why. `by` is who asks, as in the audit trail."""

    out: Path
    format: str = "csv"
    separator: str = COMMA
    audience: str = TEAM
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
    """What a store knows beside its tables, all of the moment `at`, and what the organisation has put in the place of
    what ships: scoring packs and minimum wages."""

    at: datetime
    tallies: Sequence[Tally]
    instruments: Sequence[Instrument]
    record_ids: Mapping[str, str] | None = None
    packs: Sequence[Pack] = ()
    wages: Sequence[Wage] = ()

    @property
    def today(self) -> date:
        """The day of that moment."""
        return self.at.astimezone(CLOCK).date()


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
        async with self.written(asked, progress) as (stage, made):
            async with self._database.transact() as tx:
                await register(tx, asked, made)
            stage.publish(single=asked.single)
        return made

    @asynccontextmanager
    async def written(self, asked: Asked, progress: Progress) -> AsyncIterator[tuple[Staging, Made]]:
        """It, written whole, and not yet where it is wanted; gone afterwards unless it is published. Raises what
        `export` does."""
        require_sound(asked)
        async with AsyncExitStack() as stack:
            now = self._database.now()
            stage = stack.enter_context(staging(asked.out, at=now, force=asked.force, single=asked.single))
            reader = await asyncio.to_thread(stack.enter_context, apart(self._url))
            known = await self._known(asked, reader)
            stage.at = known.at
            made, stage.files = await asyncio.to_thread(
                reader.run, _write, told=progress, known=known, asked=asked, stage=stage
            )
            yield stage, made

    async def _known(self, asked: Asked, reader: Apart) -> Known:
        async with AsyncExitStack() as stack:
            async with self._database.transact() as still:  # nobody writes while both readings begin
                if asked.approval is not None:
                    await approvals.check(still, asked.approval)
                await asyncio.to_thread(reader.begin)
                tx = await stack.enter_async_context(self._database.read())
                await tx.run(select(installation.c.name).limit(1))
            return Known(
                at=tx.now,
                tallies=await ledger.tallies(tx, tx.now),
                instruments=await self._shelf(tx),
                record_ids=await _record_ids(tx) if asked.identified else None,
                packs=scoring.own(),
                wages=wages.own(),
            )


def _write(columns: Any, *, known: Known, asked: Asked, stage: Staging, told: Progress) -> tuple[Made, list[Path]]:
    """In the process that reads: what came of it, and its files."""
    from storage.exports.contents import write  # pyarrow, which whoever asks for an export need not have

    scoring.take(known.packs)
    wages.adopt(known.wages)
    made = write(columns, known, asked=asked, stage=stage, progress=told)
    return made, stage.files


def require_sound(asked: Asked) -> None:
    """Raises ExportRefused if what is asked for may not leave, or would not be what its name or options say."""
    if asked.single and asked.out.suffix.lower() == ".zip":
        raise ExportRefused("--format xlsx writes one workbook, no ZIP: call it NAME.xlsx")
    if asked.separator != COMMA and asked.format not in _WITH_CSV:
        raise ExportRefused(f"--separator is for CSV files, and --format {asked.format} writes none: leave it out")
    if asked.audience == PUBLIC and asked.identified:
        raise ExportRefused("--for public never holds anything of single women: leave out --identified")
    if asked.audience == RESEARCH and asked.identified:
        raise ExportRefused("--for research holds pseudonyms alone: leave out --identified")
    if asked.audience == RESEARCH and not (asked.reason and asked.recipient):
        raise ExportRefused("--for research needs --reason and --recipient: which study, and who gets it")
    if asked.identified and not (asked.reason and asked.approval):
        raise ExportRefused(
            "--identified needs --reason, and --approval with the code that another coordinator draws with /aprobar"
        )
    if asked.approval is not None and not asked.identified:
        raise ExportRefused("--approval goes with --identified")


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
    await audit.append(tx, [Act(asked.by, "export_made", subject=str(number), detail=detail)])


async def _record_ids(tx: Tx) -> dict[str, str]:
    """The organisation's own code of every woman, by her pseudonym."""
    found = select(participants.c.person, vault.c.participant_id, vault.c.record_id).join_from(
        vault, participants, participants.c.id == vault.c.participant_id
    )
    return {
        row.person: tx.vault.open(Place("vault", "record_id", row.participant_id), row.record_id).decode()
        for row in await tx.run(found)
    }
