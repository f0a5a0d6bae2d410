"""Looking after the database."""

from __future__ import annotations

import asyncio

import typer
from sqlalchemy import text

from bot.cli.keys import audit_broken
from bot.cli.opening import claim_database_file, open_store, open_world, require_home
from bot.cli.refusals import Refused
from bot.settings import Settings, read_settings
from storage import audit
from storage.database import Database, Tx
from storage.upgrade import upgrade


def upgrade_database() -> None:
    """Bring the database to the present schema, creating it if need be."""
    settings = read_settings()
    require_home(settings)
    open_world(settings)  # a database whose key is lost is better left as it is
    claim_database_file(settings)
    changed = asyncio.run(upgrade(settings.database_url))
    typer.echo("the database is upgraded" if changed else "the database is up to date")


def check_database() -> None:
    """Say that the database is sound. Raises Refused with what is damaged."""
    found = asyncio.run(_damage(read_settings()))
    if found:
        raise Refused("\n".join(found))
    typer.echo("the database is sound: pages, references, audit trail")


async def _damage(settings: Settings) -> list[str]:
    async with open_store(settings) as database, database.read() as tx:
        found = [*await _broken_pages(tx), *await _broken_references(tx)]
        return [*found, *await _broken_trail(database)]


async def _broken_pages(tx: Tx) -> list[str]:
    said = [row[0] for row in await tx.run(text("PRAGMA integrity_check"))]
    return [] if said == ["ok"] else [f"the database file is damaged ({len(said)} places): put back a backup"]


async def _broken_references(tx: Tx) -> list[str]:
    tables = sorted({row[0] for row in await tx.run(text("PRAGMA foreign_key_check"))})
    return [f"table {table} has rows that refer to nothing" for table in tables]


async def _broken_trail(database: Database) -> list[str]:
    entry = await audit.prove(database)
    if entry is None:
        return []
    async with database.read() as tx:
        return [audit_broken(entry, (await audit.head(tx)).number)]
