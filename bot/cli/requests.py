"""What women ask for by law, at the command line: the queue, and answers that they read in their chat.

* A list shows record_ids, kinds and days. What she asked for in words is shown at the desk, to whoever sees to it.
* Whoever answers learns whether she reads it in her chat, or has to be told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.settings import read_settings
from storage import requests
from storage.database import Tx
from storage.request_kinds import Kind, State
from storage.requests import Request

Deed = Callable[[Tx, Request], Awaitable[bool]]


def print_requests(*, as_json: bool) -> None:
    """Print what is not over, the first to be due first."""

    async def work() -> list[Request]:
        async with open_store(read_settings()) as database, database.read() as tx:
            return await requests.standing(tx)

    found = asyncio.run(work())
    if as_json:
        print_json([_told(one) for one in found])
        return
    for one in found:
        doubt = "" if one.proved else "\tnot known whether it is she"
        stands = "to be answered" if one.state is State.OPEN else "to be done"
        left = f"{one.days_left} working days left" if one.days_left >= 0 else f"{-one.days_left} working days late"
        typer.echo(f"{one.number}\t{one.record_id}\t{one.kind}\t{stands} by {one.due_on}\t{left}{doubt}")
    typer.echo(f"{len(found)} wait", err=True)


def _told(one: Request) -> dict[str, Any]:
    return {
        "number": one.number,
        "record_id": one.record_id,
        "kind": one.kind,
        "state": one.state,
        "asked_at": one.asked_at,
        "due_on": one.due_on,
        "days_left": one.days_left,
        "proved": one.proved,
        "reads_it_in_her_chat": one.reached,
    }


def grant(number: int, *, how: str | None) -> None:
    """It will be done; `how` it is known that it is she, where that is not noted yet. Raises Refused."""

    async def granted(tx: Tx, one: Request) -> bool:
        if how is not None and not one.proved:
            await requests.prove(tx, one, how, by=None)
            one = (await requests.standing(tx, number))[0]
        if not one.proved:
            raise Refused("nobody has noted yet that it is she: say with --how how you know")
        return await requests.grant(tx, one, by=None)

    _do(number, granted, told="granted")


def deny(number: int, *, reason: str) -> None:
    """It will not be done, for that reason. Raises Refused."""

    async def denied(tx: Tx, one: Request) -> bool:
        if one.kind is Kind.ERASE:
            raise Refused("an erasure is not denied: hilo privacy hold keeps what a law says must be kept")
        return await requests.deny(tx, one, reason, by=None)

    _do(number, denied, told="denied")


def carry_out(number: int) -> None:
    """What was granted is done. Raises Refused."""

    async def done(tx: Tx, one: Request) -> bool:
        return await requests.carry_out(tx, one, by=None)

    _do(number, done, told="done")


def _do(number: int, deed: Deed, *, told: str) -> None:
    async def work() -> Request:
        async with open_store(read_settings()) as database, database.transact() as tx:
            one = next(iter(await requests.standing(tx, number)), None)
            if one is None or not await deed(tx, one):
                raise Refused(f"that cannot be done with request {number}: see hilo privacy requests")
            return one

    one = asyncio.run(work())
    typer.echo(f"{told}: request {number}")
    typer.echo("she reads it in her chat" if one.reached else "her chat does not reach her: tell her yourself")
