"""What comes out of the store for analysts: files, and the register of those that came out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.targets import require_not_ours
from bot.library import Library, shipped_sources
from bot.settings import read_settings
from conversations.instrument import Instrument
from conversations.xlsform import parse_instrument
from storage.approvals import ApprovalInvalid
from storage.database import Tx
from storage.exports.exporting import Asked, Exporter, ExportRefused, Made, Progress
from storage.exports.register import Left, left
from storage.exports.risk import TRAITS


def export_tables(asked: Asked) -> None:
    """Write the tables. Raises FileExistsError if something is there, and Refused if they may not leave."""

    async def work() -> Made:
        settings = read_settings()
        require_not_ours(asked.out, settings)
        async with open_store(settings) as database:
            exporter = Exporter(database, settings.database_url, shelf=every_version)
            return await exporter.export(asked, _told_on_the_way())

    try:
        made = asyncio.run(work())
    except (ExportRefused, ApprovalInvalid) as error:
        raise Refused(str(error)) from None
    for table, rows in made.counts.items():
        typer.echo(f"{table}\t{rows} rows")
    typer.echo(f"sha256\t{made.hash}")
    _tell_what_is_left_out(made)


def print_exports(*, as_json: bool) -> None:
    """Print what has left, the newest first."""

    async def work() -> list[Left]:
        async with open_store(read_settings()) as database, database.read() as tx:
            return await left(tx)

    found = asyncio.run(work())
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        who = f"{one.audience}{' with record ids' if one.identified else ''}"
        typer.echo(f"{one.at:%Y-%m-%d %H:%M} UTC\t{one.format}\t{who}\tmade by {one.made_by}\tsha256 {one.sha256}")
        for what, told in (("why", one.reason), ("for whom", one.recipient)):
            if told:
                typer.echo(f"\t{what}: {told}")
    typer.echo(f"{len(found)} have left", err=True)


async def every_version(tx: Tx) -> Sequence[Instrument]:
    """Every instrument that can be read, in the order in which its versions came; what is only shipped comes last."""
    shelf = Library()
    await shelf.refresh(tx)
    shipped = (one for one in shipped_sources() if not shelf.has(*one[:2]))
    return [*await shelf.every_version(tx), *(parse_instrument(name, source) for name, _, source in shipped)]


def _tell_what_is_left_out(made: Made) -> None:
    left = {trait: made.facts.get(f"left_out_{trait}", "0") for trait in TRAITS}
    told = ", ".join(f"{trait} of {number}" for trait, number in left.items() if number != "0")
    if told:
        typer.echo(f"left out so that no woman stands out: {told}; with --reason they are there", err=True)


def _told_on_the_way() -> Progress:
    """Where somebody watches, a line that says how far it is; elsewhere nothing."""
    if not sys.stderr.isatty():
        return lambda table, rows: None

    def tell(table: str, rows: int) -> None:
        sys.stderr.write(f"\r\033[K{table}: {rows:,}\r")
        sys.stderr.flush()

    return tell
