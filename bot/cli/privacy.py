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

from bot.cli.opening import open_shelf, open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.targets import require_new, write_new
from bot.participant.own_file import as_file
from bot.settings import read_settings
from storage import audit, deletion, erasure, legal_holds, mentioned, own_data, people
from storage.database import Conflict, Database, Tx
from storage.deletion import Legal
from storage.erasure import Standing, Wish
from storage.legal_holds import Hold
from storage.own_data import Tables
from storage.preferences import speech_key

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


async def erased(tx: Tx, record_id: str) -> Standing:
    """Who is set aside under this record_id. Raises Refused."""
    one = await erasure.find(tx, record_id)
    if one is None:
        raise Refused(f"nobody is set aside under the record_id {record_id}")
    return one


# --- erasing


def erase(record_id: str, *, how: str | None, now: bool, yes: bool) -> None:
    """Take her out of everything; what cannot be undone, `now`, is asked about unless `yes` is said. Raises Refused."""
    if now and how is None:
        raise Refused("what is deleted at once cannot be undone: say with --how how it is known to be her wish")
    if now and not yes:
        _make_sure(record_id)

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
    if found and not now:
        typer.echo(f"look through them: hilo privacy mentions {record_id}", err=True)


def _make_sure(record_id: str) -> None:
    """Have a person read whom she names. Raises Refused."""

    async def work(database: Database) -> str:
        async with database.read() as tx:
            return (await people.cards(tx, await _to_erase(tx, record_id, now=True)))[0].name

    name = asyncio.run(_within(work))
    try:
        typer.confirm(f"Delete {name} ({record_id}) for good? She cannot be put back.", abort=True)
    except typer.Abort:
        raise Refused("nothing was erased; where nobody can be asked, say --yes") from None


async def _to_erase(tx: Tx, record_id: str, *, now: bool) -> int:
    if (one := await erasure.find(tx, record_id)) is not None:
        until = f"until {one.undo_until:%Y-%m-%d %H:%M} UTC"
        raise Refused(f"{record_id} is set aside already: {until} hilo privacy undo puts her back")
    woman = await _woman(tx, record_id)
    if now and await legal_holds.held(tx, {woman}):
        raise Refused("a hold keeps what is known of her: hilo privacy holds says until when; leave out --now")
    return woman


async def _erase(tx: Tx, record_id: str, *, how: str | None, now: bool) -> Standing:
    woman = await _to_erase(tx, record_id, now=now)
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
            one = await erased(tx, record_id)
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
            one = await erased(tx, record_id)
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
        undo = f"can be put back until {one['undo_until']:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{one['record_id']}\tsince {one['asked_at']:%Y-%m-%d}\t{undo}{doubt}{held}")
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
    """Write all that is kept of her: to a .txt as she reads it, else as JSON. Raises Refused."""
    require_new(out, read_settings())
    readable = out.suffix == ".txt"
    if readable and legal is not None:
        raise Refused("what is blocked is written as it lies: name a file that does not end in .txt")

    async def work(database: Database) -> dict[str, list[dict[str, Any]]]:
        async with database.transact() as tx:
            one = await erasure.find(tx, record_id)
            if one is None:
                woman = await _woman(tx, record_id)
                if legal is not None:
                    raise Refused(f"{record_id} is not erased: nothing of hers is blocked, leave out --legal")
                await own_data.note_read(tx, woman, by=COMMAND)
                return await own_data.gather(tx, woman)
            if legal is None:
                raise Refused("what is kept of her is blocked: say with --legal why it may be read")
            return await deletion.read_blocked(tx, one, Legal(legal), by=COMMAND)

    found = asyncio.run(_within(work))
    write_new(out, _as_she_reads(found) if readable else orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str))
    typer.echo(f"{out} has all that is kept of {record_id}; hand it to nobody else, then delete it")


def _as_she_reads(found: Tables) -> bytes:
    shelf = asyncio.run(open_shelf(read_settings()))
    (likes,) = found["preferences"]
    return as_file(found, speech=speech_key(likes["language"], likes["trato"]), zone=likes["zone"], library=shelf)


# --- holds


def hold(record_id: str, until: date, *, reason: str) -> None:
    """Keep what is known of her. Raises Refused."""
    if not reason.strip():
        raise Refused("say with --reason which law or authority says so")

    async def work(database: Database) -> Hold | None:
        async with database.transact() as tx:
            if until < await legal_holds.today(tx):
                raise Refused(f"{until} is over: a hold ends today or later")
            woman = await _known_or_erased(tx, record_id)
            before = next((one for one in await legal_holds.standing(tx) if one.woman == woman), None)
            await legal_holds.hold(tx, woman, until=until, reason=reason)
            return before

    before = asyncio.run(_within(work))
    typer.echo(f"nothing of {record_id} is deleted through {until}")
    if before is not None:
        typer.echo(f"this is instead of the hold through {before.until_on} ({before.reason})", err=True)


async def _known_or_erased(tx: Tx, record_id: str) -> int:
    one = await erasure.find(tx, record_id)
    return await _woman(tx, record_id) if one is None else one.woman


def release(record_id: str) -> None:
    """Let go. Raises Refused."""

    async def work(database: Database) -> None:
        async with database.transact() as tx:
            if not await legal_holds.lift(tx, await _known_or_erased(tx, record_id)):
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
