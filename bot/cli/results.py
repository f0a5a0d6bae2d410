"""What comes out of the store for analysts: files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import typer

from bot.cli.opening import open_store
from bot.library import readable, shipped_sources
from bot.settings import read_settings
from conversations.xlsform import parse_instrument
from storage import instruments
from storage.exports.files import open_target
from storage.exports.tables import export


def export_tables(out: Path, *, force: bool) -> None:
    """Write the tables into a folder, or a ZIP if the name says so. Raises FileExistsError if something is there."""

    async def work() -> dict[str, int]:
        async with open_store(read_settings()) as database, database.read() as tx:
            kept = [known for one in await instruments.kept_instruments(tx) if (known := readable(one)) is not None]
            shipped = [parse_instrument(name, source) for name, _, source in shipped_sources()]
            read = {(one.name, one.version): one for one in (*shipped, *kept)}
            with open_target(out, at=tx.now, force=force) as target:
                return await export(tx, target, instruments=list(read.values()))

    for table, rows in asyncio.run(work()).items():
        typer.echo(f"{table}\t{rows} rows")
