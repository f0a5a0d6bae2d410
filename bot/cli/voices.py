"""Voice notes, for whoever writes them down.

* A list shows record_ids and questions, never what was said; who hears a note is written down.
* Sound leaves the store only into a new file that is its owner's alone.
* What she said is best given by standard input: a command's own words stay in the shell's history.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.targets import require_new, write_new
from bot.settings import read_settings
from storage import people, voices
from storage.files import FileState
from storage.people import Card
from storage.voices import Note, Unheard

STATES = {FileState.WAITING: "not here yet", FileState.KEPT: "here", FileState.FAILED: "could not be fetched"}

REFUSALS = {
    Unheard.UNKNOWN: "there is no voice note {ref}: hilo voices list shows those that wait",
    Unheard.COMING: "{ref} has not arrived yet: try again in a while, with the bot running",
    Unheard.FAILED: "{ref} could not be fetched from Telegram: ask her what she said",
    Unheard.DELETED: "the sound of {ref} has been deleted, as it is once it has served its turn",
    Unheard.WRITTEN: "{ref} has been written down already",
    Unheard.TAKEN_BACK: "she has answered anew since she sent {ref}: her new answer stands, and nothing was written",
    Unheard.NO_ANSWER: "{ref} is a message to the team and answers no question: hear it, attend to her, close the case",
}


def print_voices(*, as_json: bool) -> None:
    """Print the voice notes that wait to be written down or heard, the oldest first."""

    async def work() -> list[tuple[Card, Note]]:
        async with open_store(read_settings()) as database, database.read() as tx:
            cards = {card.participant: card for card in await people.cards(tx)}
            return [(cards[note.participant], note) for note in await voices.queue(tx)]

    found = asyncio.run(work())
    if as_json:
        print_json([_told(note, card) for card, note in found])
        return
    for card, note in found:
        sent = note.sent_at.astimezone(ZoneInfo(card.zone)).isoformat(" ", "minutes")
        asked = f"{note.point} {note.question}" if note.question else "message"
        length = f"{note.seconds // 60}:{note.seconds % 60:02}"
        typer.echo("\t".join((note.ref, card.record_id, asked, length, f"sent {sent}", STATES[note.state])))
    typer.echo(f"{len(found)} waiting", err=True)


def _told(note: Note, card: Card) -> dict[str, Any]:
    return {
        "ref": note.ref,
        "record_id": card.record_id,
        "point": note.point,
        "question": note.question,
        "seconds": note.seconds,
        "sent_at": note.sent_at,
        "state": note.state,
    }


def save_voice(ref: str, out: Path) -> None:
    """Write the sound of a voice note into a new file. Raises Refused if there is none, or no file can
    be put there."""
    settings = read_settings()
    require_new(out, settings)

    async def work() -> bytes | Unheard:
        async with open_store(settings) as database, database.transact() as tx:
            return await voices.hear(tx, ref)

    heard = asyncio.run(work())
    if isinstance(heard, Unheard):
        raise Refused(REFUSALS[heard].format(ref=ref))
    write_new(out, heard)
    typer.echo(f"{out}: delete it once {ref} is written down")


def write_down(ref: str, text: str | None) -> None:
    """Make this text, or else what comes by standard input, the answer that the note is. Raises Refused."""
    words = (sys.stdin.read() if text is None else text).strip()
    if not words:
        raise Refused("there is no text: give it with --text, or by standard input")

    async def work() -> Unheard | None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            return await voices.transcribe(tx, ref, words)

    obstacle = asyncio.run(work())
    if obstacle is not None:
        raise Refused(REFUSALS[obstacle].format(ref=ref))
    typer.echo(f"{ref} is written down; its sound is deleted in a week")
