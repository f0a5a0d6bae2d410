"""Who waits for an answer of staff, and the end of that.

* A list shows record_ids and kinds, never what a woman said.
"""

from __future__ import annotations

import asyncio

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.roster import case_line, case_told, find
from bot.settings import read_settings
from storage import cases, people
from storage.cases import OpenCase
from storage.people import Card


def print_cases(*, as_json: bool) -> None:
    """Print the open cases, the oldest first."""

    async def work() -> list[tuple[Card, OpenCase]]:
        async with open_store(read_settings()) as database, database.read() as tx:
            cards = {card.participant: card for card in await people.cards(tx)}
            return [(cards[case.participant], case) for case in await cases.who_waits(tx)]

    found = asyncio.run(work())
    if as_json:
        print_json([{"record_id": card.record_id, **case_told(case)} for card, case in found])
        return
    for card, case in found:
        typer.echo(f"{card.record_id}\t{case_line(case, card)}")
    typer.echo(f"{len(found)} open", err=True)


def close_case(record_id: str, kind: str) -> None:
    """Close a woman's open case. Raises Refused if nobody has that record_id, or she has no such case."""

    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            if not await cases.close_case(tx, await find(tx, record_id), kind):
                raise Refused(f"{record_id} has no open case {kind}: hilo cases list shows what is open")

    asyncio.run(work())
    typer.echo(f"closed: {kind} of {record_id}")
