"""Others' words that name a woman who was erased, at the command line: looked through, and cleaned or kept one by one.

* Reading them is written down; nothing is changed but what is named.
"""

from __future__ import annotations

import asyncio

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.privacy import COMMAND, erased
from bot.cli.refusals import Refused
from bot.settings import read_settings
from storage import mention_reviews
from storage.mention_reviews import IN_JSON, PROSE, Review, Verdict
from storage.mentioned import Mention


def print_mentions(record_id: str, *, as_json: bool) -> None:
    """Print where others' words name her. Raises Refused where nobody is set aside under that record_id."""

    async def work() -> list[Mention]:
        async with open_store(read_settings()) as database, database.transact() as tx:
            one = await erased(tx, record_id)
            await mention_reviews.note_read(tx, one, by=COMMAND)
            return await mention_reviews.to_look_at(tx, one)

    found = asyncio.run(work())
    if as_json:
        print_json([{"place": one.place, "near": one.near, "can_be_redacted": _can(one)} for one in found])
        return
    for one in found:
        typer.echo(f"{one.place}\t{one.near}{'' if _can(one) else chr(9) + 'no free text: keep it, or mend it there'}")
    typer.echo(f"{len(found)} to look at", err=True)


def _can(one: Mention) -> bool:
    return one.column in PROSE | IN_JSON


def redact(record_id: str, place: str) -> None:
    """Take out what names her. Raises Refused."""

    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            one = await erased(tx, record_id)
            if one.undo_until > tx.now:
                until = f"{one.undo_until:%Y-%m-%d %H:%M} UTC"
                raise Refused(f"she can be put back until {until}, and this cannot be undone: wait until then")
            if not await mention_reviews.redact(tx, one, place, by=COMMAND):
                raise Refused(f"nothing can be taken out there: see hilo privacy mentions {record_id}")

    asyncio.run(work())
    typer.echo(f"taken out: {place}")


def keep(record_id: str, place: str, *, reason: str) -> None:
    """It stays, for that reason. Raises Refused."""

    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            one = await erased(tx, record_id)
            if not await mention_reviews.keep(tx, one, Review(place, Verdict.KEPT, reason.strip()), by=COMMAND):
                raise Refused(f"nothing is to be decided there: see hilo privacy mentions {record_id}")

    asyncio.run(work())
    typer.echo(f"kept: {place}")
