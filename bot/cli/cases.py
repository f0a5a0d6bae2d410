"""Who waits for an answer of staff, and what becomes of it.

* A list shows record_ids and kinds. What a woman said is shown only where it is asked for, and that is written down.
* Whatever changes here is told to her in her chat, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.roster import case_line, case_told, find
from bot.settings import read_settings
from storage import cases, people
from storage.cases import OpenCase, Words
from storage.database import Tx
from storage.people import Card

TEXT = "text"

Move = Callable[[Tx, int, str], Awaitable[bool]]


def print_cases(*, as_json: bool, words: bool) -> None:
    """Print the cases that are not resolved, the oldest first, with what she said in them if `words`."""

    async def work() -> list[tuple[Card, OpenCase]]:
        async with open_store(read_settings()) as database, database.transact() if words else database.read() as tx:
            cards = {card.participant: card for card in await people.cards(tx)}
            found = await cases.with_words(tx) if words else await cases.who_waits(tx)
            return [(cards[case.participant], case) for case in found]

    found = asyncio.run(work())
    if as_json:
        said = [{"words": case.words} if words else {} for _, case in found]
        told = [{"record_id": card.record_id, **case_told(case)} for card, case in found]
        print_json([{**one, **more} for one, more in zip(told, said, strict=True)])
        return
    for card, case in found:
        typer.echo(f"{card.record_id}\t{case_line(case, card)}")
        for one in case.words:
            typer.echo(_words_line(one, card))
    typer.echo(f"{len(found)} open", err=True)


def _words_line(words: Words, card: Card) -> str:
    """One message of hers in one line, by her own clock."""
    at = words.at.astimezone(ZoneInfo(card.zone)).isoformat(" ", "minutes")
    kept = f" kept as {words.voice}" if words.voice else ""
    plain = "".join(char if char.isprintable() else " " for char in words.text)  # nothing that steers a terminal
    said = " ".join(plain.split()) if words.kind == TEXT else f"({words.kind}{kept})"
    return f"\t{at}\t{said}"


def attend_case(record_id: str, kind: str) -> None:
    """Somebody sees to a woman's case. Raises Refused if nobody has that record_id, or no such case waits."""
    _move(record_id, kind, move=cases.attend)
    typer.echo(f"on its way: {kind} of {record_id}")


def close_case(record_id: str, kind: str) -> None:
    """Close a woman's case. Raises Refused if nobody has that record_id, or she has no such case."""
    _move(record_id, kind, move=cases.close_case)
    typer.echo(f"closed: {kind} of {record_id}")


def _move(record_id: str, kind: str, *, move: Move) -> None:
    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            if not await move(tx, await find(tx, record_id), kind):
                raise Refused(f"{record_id} has no case {kind} to which that could happen: see hilo cases list")

    asyncio.run(work())
