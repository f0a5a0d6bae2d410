"""The report from the command line: one page of HTML for the team or for the public, written down when it is made.

* What is there is replaced only where that is said.
* The page is of the day on which it is made, as that stands in Mexico City.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_store
from bot.cli.refusals import Refused
from bot.settings import read_settings
from scheduler.calendar import local_day
from scheduler.enrolment import DEFAULT_ZONE
from storage.report.findings import look
from storage.report.making import made
from storage.report.page import page

CLOCK = ZoneInfo(DEFAULT_ZONE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where it goes, for whom, and in which language."""

    out: Path
    public: bool
    language: str
    force: bool


def write_report(wanted: Wanted) -> None:
    """Write it. Raises Refused if something is there, and OSError where it can't be written."""
    if wanted.out.exists() and not wanted.force:
        raise Refused(f"{wanted.out} is there already: choose another name, or say --force")
    asyncio.run(_write(wanted))
    audience = "the public, small cells left out" if wanted.public else "the team, small cells included"
    typer.echo(f"{wanted.out} holds the report, for {audience}")


async def _write(wanted: Wanted) -> None:
    async with open_store(read_settings()) as database:
        async with database.read() as tx:
            found = await look(tx, local_day(tx.now, CLOCK), public=wanted.public)
        told = await asyncio.to_thread(page, found, language=wanted.language, zone=CLOCK)
        async with database.transact() as tx:
            await made(tx, told, by=None, public=wanted.public)
        wanted.out.write_text(told, encoding="utf-8")
