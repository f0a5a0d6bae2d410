"""Telling women at the command line that data may have got out: who would learn of it how, and who knows.

* Nothing is sent without --send; what is sent says nothing before her tap, and its first line gives nothing away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.settings import read_settings
from bot.staff.cases_reply import LONGEST_ANSWER
from locales.previews import first_line, giveaways
from storage import breach, people
from storage.breach import Standing, Told
from storage.database import Tx


def tell(file: Path, *, everybody: bool, record_ids: Sequence[str], send: bool) -> None:
    """Say who would learn of it how, and with `send` have it so. Raises Refused."""
    text = _text(file)
    if everybody == bool(record_ids):
        raise Refused("say who: --everybody, or --record-id for each")

    async def work() -> tuple[Told, list[str]]:
        async with open_store(read_settings()) as database, database.transact() if send else database.read() as tx:
            women = await _women(tx, record_ids)
            told = await (breach.tell(tx, women, text) if send else breach.reach(tx, women))
            return told, sorted((await people.record_ids(tx, told.to_call)).values())

    told, to_call = asyncio.run(work())
    done = "told" if send else "would be told"
    typer.echo(f"{len(told.in_chat)} {done} in the chat: a harmless line, and the text at her tap")
    typer.echo(f"{len(to_call)} {'are' if send else 'would be'} for staff to call: {' '.join(to_call) or 'nobody'}")
    if not send:
        typer.echo("nothing was sent: add --send", err=True)


def _text(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Refused(f"{file} is not there, or no UTF-8 text") from None
    if not text or len(text) > LONGEST_ANSWER:
        raise Refused(f"{file} has {len(text)} characters; it takes 1 to {LONGEST_ANSWER}")
    if given := giveaways(first_line(text)):
        raise Refused(f"its first line gives her away: {', '.join(map(str, given))}")
    return text


async def _women(tx: Tx, record_ids: Sequence[str]) -> set[int]:
    if not record_ids:
        return {card.participant for card in await people.cards(tx)}
    known = await people.known_record_ids(tx, record_ids)
    if missing := sorted(set(record_ids) - set(known)):
        raise Refused(f"nobody has the record_id {', '.join(missing)}")
    return set(known.values())


def print_standing(*, as_json: bool) -> None:
    """Print who was told, how and when, and who is still to be."""

    async def work() -> list[Standing]:
        async with open_store(read_settings()) as database, database.read() as tx:
            return await breach.standing(tx)

    found = asyncio.run(work())
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        typer.echo(f"{one.record_id}\t{one.how}\t{one.at:%Y-%m-%d %H:%M} UTC")
    typer.echo(f"{len(found)} lines", err=True)
