"""What comes out of the store: the state of the ledger, and files for analysts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import typer

from bot.cli.opening import open_store, rank_points
from bot.cli.printing import print_json
from bot.library import readable, shipped_sources
from bot.settings import read_settings
from conversations.xlsform import parse_instrument
from storage import instruments, ledger
from storage.exports.files import open_target
from storage.exports.tables import export


def print_ledger(*, as_json: bool) -> None:
    """Print how many check-ins stand where, in the order of the plan."""

    settings = read_settings()

    async def work() -> list[tuple[str, str, str | None, int]]:
        async with open_store(settings) as database, database.read() as tx:
            return await ledger.funnel(tx)

    rank = rank_points(settings)
    rows = sorted(asyncio.run(work()), key=lambda row: rank(row[0]))
    if as_json:
        names = ("point", "state", "fate", "count")
        print_json({"points": [dict(zip(names, row, strict=True)) for row in rows]})
        return
    for point, state, fate, count in rows:
        typer.echo(f"{point}\t{fate or state}\t{count}")


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
