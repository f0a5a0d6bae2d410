"""The report from the command line: one page of HTML for the team or for the public, written down when it is made.

* It is there whole or not at all, for its owner alone; what is there is replaced only where that is said.
* One that can't be written leaves no trace of having been made.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.cli.opening import open_store
from bot.cli.targets import require_not_ours
from bot.settings import read_settings
from storage.exports.staging import staging
from storage.imports.catalogue import FILE_NAME, read_catalogue
from storage.report.making import ReportPage, register


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where it goes, for whom, and in which language."""

    out: Path
    public: bool
    language: str
    force: bool


def write_report(wanted: Wanted) -> None:
    """Write it. Raises FileExistsError if something is there, Refused, CatalogueInvalid, and OSError where it
    can't be written."""
    asyncio.run(_write(wanted))
    audience = "the public, small cells left out" if wanted.public else "the team, small cells included"
    typer.echo(f"{wanted.out} holds the report, for {audience}")


async def _write(wanted: Wanted) -> None:
    settings = read_settings()
    require_not_ours(wanted.out, settings)
    asked = ReportPage(wanted.public, wanted.language, read_catalogue(settings.home / FILE_NAME))
    async with open_store(settings) as database:
        with staging(wanted.out, at=database.now(), force=wanted.force, single=True) as stage:
            async with database.read() as tx:
                made = await asked.find(tx)
            file = stage.folder / wanted.out.name
            file.write_text(made.page, encoding="utf-8")
            stage.add([file])
            async with database.transact() as tx:
                await register(tx, stage.pack(single=True), by=None, public=wanted.public)
            stage.publish(single=True)
