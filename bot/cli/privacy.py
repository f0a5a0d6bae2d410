"""Her rights at the command line: erasing, putting back, what is kept of her, and what must be kept.

* Whatever changes is written down, and stands in the journal before the command ends.
* A file that says everything of a woman is its owner's alone, and replaces none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import orjson
import typer
from sqlalchemy.exc import IntegrityError

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.targets import require_new, write_new
from bot.settings import read_settings
from storage import audit, deletion, erasure, legal_holds, mentioned, own_data, people
from storage.database import Conflict, Database, Tx
from storage.deletion import Legal
from storage.erasure import Standing, Wish
from storage.legal_holds import Hold

T = TypeVar("T")

COMMAND = audit.acting(None)

STAYS = (
    "What stays: check-ins as counts by month without her, her consents by purpose and day, the audit trail in ids. "
    "Backups made before hold her until they are rotated away; a restore erases her again."
)


async def _within(work: Callable[[Database], Awaitable[T]]) -> T:
    async with open_store(read_settings()) as database:
        return await work(database)


async def _woman(tx: Tx, record_id: str) -> int:
    known = await people.known_record_ids(tx, [record_id])
    if record_id not in known:
        raise Refused(f"nobody has the record_id {record_id}")
    return known[record_id]


async def _erased(tx: Tx, record_id: str) -> Standing:
    one = await erasure.find(tx, record_id)
    if one is None:
        raise Refused(f"nobody is set aside under the record_id {record_id}")
    return one


# --- erasing


def erase(record_id: str, *, how: str | None, now: bool) -> None:
    """Take her out of everything. Raises Refused."""
    if now and how is None:
        raise Refused("what is deleted at once cannot be undone: say with --how how it is known to be her wish")

    async def work(database: Database) -> dict[str, int]:
        async with database.transact() as tx:
            one = await _erase(tx, record_id, how=how, now=now)
        async with database.read() as tx:
            found = await mentioned.elsewhere(tx, (one.notes.name, one.notes.record_id, one.notes.phone or ""))
        await deletion.shrink(database)
        return found

    found = asyncio.run(_within(work))
    typer.echo(f"{record_id} is erased: nobody sees her, nothing reaches her, no figure counts her.")
    if not now:
        typer.echo("For a week hilo privacy undo puts her back. Then she stays blocked, and at last is deleted.")
    typer.echo(STAYS)
    for place, count in found.items():
        typer.echo(f"others' words may name her: {place} ({count})", err=True)


async def _erase(tx: Tx, record_id: str, *, how: str | None, now: bool) -> Standing:
    woman = await _woman(tx, record_id)
    if now and await legal_holds.held(tx, {woman}):
        raise Refused("a hold keeps what is known of her: hilo privacy holds says until when; leave out --now")
    await erasure.erase(tx, woman, Wish(COMMAND, proved=how))
    one = await erasure.of_woman(tx, woman)
    assert one is not None
    if now:
        await deletion.carry_out(tx, one, by=COMMAND)
    return one


def undo(record_id: str, *, how: str) -> None:
    """Put her back. Raises Refused."""

    async def work(database: Database) -> None:
        async with database.transact() as tx:
            one = await _erased(tx, record_id)
            if one.undo_until <= tx.now:
                raise Refused(f"{record_id} was erased more than a week ago: what is left of her is blocked")
            await erasure.undo(tx, one, by=COMMAND, how=how)

    try:
        asyncio.run(_within(work))
    except (IntegrityError, Conflict):
        raise Refused(f"somebody else has the record_id {record_id} by now: give her another first") from None
    typer.echo(f"{record_id} is back as she was, but for her chat: draw a new link with hilo invite participant")


def prove(record_id: str, *, how: str) -> None:
    """It was she. Raises Refused."""

    async def work(database: Database) -> None:
        async with database.transact() as tx:
            one = await _erased(tx, record_id)
            if not await erasure.prove(tx, one.id, how=how, by=COMMAND):
                raise Refused("that is noted already")

    asyncio.run(_within(work))
    typer.echo(f"noted: it was {record_id} who wanted it")


@dataclass(frozen=True, slots=True)
class _Kept:
    found: list[Standing]
    held: dict[int, date]


def print_erased(*, as_json: bool) -> None:
    """Print who is set aside."""

    async def work(database: Database) -> _Kept:
        async with database.read() as tx:
            found = await erasure.set_aside(tx)
            return _Kept(found, await legal_holds.held(tx, {one.woman for one in found}))

    kept = asyncio.run(_within(work))
    told = [_standing_told(one, kept.held.get(one.woman)) for one in kept.found]
    if as_json:
        print_json(told)
        return
    for one in told:
        doubt = "" if one["proved"] else "\tnot proved to be her wish"
        held = "" if one["held_until"] is None else f"\theld until {one['held_until']}"
        undo = f"{one['undo_until']:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{one['record_id']}\tsince {one['asked_at']:%Y-%m-%d}\tcan be put back until {undo}{doubt}{held}")
    typer.echo(f"{len(told)} set aside", err=True)


def _standing_told(one: Standing, held: date | None) -> dict[str, Any]:
    return {
        "record_id": one.notes.record_id,
        "asked_at": one.asked_at,
        "undo_until": one.undo_until,
        "proved": one.proved,
        "held_until": held,
    }


# --- what is kept of her


def export(record_id: str, out: Path, *, legal: str | None) -> None:
    """Write all that is kept of her. Raises Refused."""
    require_new(out, read_settings())

    async def work(database: Database) -> dict[str, list[dict[str, Any]]]:
        async with database.transact() as tx:
            one = await erasure.find(tx, record_id)
            if one is None:
                woman = await _woman(tx, record_id)
                await own_data.note_read(tx, woman, by=COMMAND)
                return await own_data.gather(tx, woman)
            if legal is None:
                raise Refused("what is kept of her is blocked: say with --legal why it may be read")
            return await deletion.read_blocked(tx, one, Legal(legal), by=COMMAND)

    found = asyncio.run(_within(work))
    write_new(out, orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str))
    typer.echo(f"{out} has all that is kept of {record_id}; hand it to nobody else, then delete it")


# --- holds


def hold(record_id: str, until: date, *, reason: str) -> None:
    """Keep what is known of her. Raises Refused."""

    async def work(database: Database) -> None:
        async with database.transact() as tx:
            one = await erasure.find(tx, record_id)
            woman = await _woman(tx, record_id) if one is None else one.woman
            await legal_holds.hold(tx, woman, until=until, reason=reason)

    asyncio.run(_within(work))
    typer.echo(f"nothing of {record_id} is deleted through {until}")


def release(record_id: str) -> None:
    """Let go. Raises Refused."""

    async def work(database: Database) -> None:
        async with database.transact() as tx:
            one = await erasure.find(tx, record_id)
            woman = await _woman(tx, record_id) if one is None else one.woman
            if not await legal_holds.lift(tx, woman):
                raise Refused(f"nothing holds what is kept of {record_id}")

    asyncio.run(_within(work))
    typer.echo(f"released: {record_id}")


def print_holds(*, as_json: bool) -> None:
    """Print the holds."""

    async def work(database: Database) -> list[tuple[str, Hold]]:
        async with database.read() as tx:
            found = await legal_holds.standing(tx)
            known = await people.record_ids(tx, [one.woman for one in found])
            aside = {one.woman: one.notes.record_id for one in await erasure.set_aside(tx)}
            return [((known | aside).get(one.woman, ""), one) for one in found]

    found = asyncio.run(_within(work))
    if as_json:
        print_json([{"record_id": of, "until": one.until_on, "reason": one.reason} for of, one in found])
        return
    for of, one in found:
        typer.echo(f"{of}\tuntil {one.until_on}\t{one.reason}")
    typer.echo(f"{len(found)} held", err=True)
