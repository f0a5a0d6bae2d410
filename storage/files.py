"""Files that people send: wanted, fetched and sealed, or given up, and deleted once they have served their turn.

* What is wanted stands as a row in the commit that wanted it; the content comes later, and a crash in between costs a
  download and nothing else.
* Content is sealed for its row. Once it is there, neither the channel's id of it nor the chat stays with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from storage import audit, cases
from storage.database import Tx
from storage.records import Entry, Writer
from storage.schema import answers, files
from storage.vault import Place, Unsealable, Vault

MOST_BYTES = 20_000_000
"""What a bot may download (Bot API, getFile: 20 MB)."""

LONGEST_VOICE = timedelta(minutes=10)
"""A longer voice note is refused at once: as Telegram's Opus it is some 3 MB, and takes staff an hour to write down."""

KEPT_FOR = timedelta(days=7)
"""Long enough for a second pair of ears to compare words and sound; after that the sound is a risk and no use."""

TRANSCRIPTION = "transcripcion"
"""The kind of case that a woman's voice notes open: somebody must write them down."""


class Purpose(StrEnum):
    """What a file is wanted for."""

    VOICE = "voice"
    INSTRUMENT = "instrument"
    ROSTER = "roster"


class FileState(StrEnum):
    """Where a file stands: to be fetched, fetched, or not to be had."""

    WAITING = "waiting"
    KEPT = "kept"
    FAILED = "failed"


# --- records that dialogues return


@dataclass(frozen=True, slots=True)
class VoiceKept:
    """A voice note of hers must be fetched from the channel and kept under `ref`.

    It is her answer to `question`, and the step that returns it makes it the valid one (AnswerChanged); where it
    answers nothing, but is for the team to hear, there is no question. `file_id` is its id with the channel, `size` in
    bytes where that is known.
    """

    ref: str
    file_id: str
    size: int | None
    seconds: int
    question: str | None


@dataclass(frozen=True, slots=True)
class FileWanted:
    """A file that staff sent must be fetched; the event FileArrived says in that chat what has come of it.

    `purpose` is one of Purpose, `size` in bytes where that is known, `name` as its sender named it.
    """

    purpose: str
    file_id: str
    size: int | None
    name: str


async def _voices_kept(tx: Tx, entries: Sequence[Entry[VoiceKept]]) -> None:
    rows = [
        {
            **_row(tx, entry, Purpose.VOICE),
            "origin": f"{entry.origin}:voice:{entry.record.ref}",
            "ref": entry.record.ref,
            "participant_id": entry.participant_id,
            "answer_id": await _valid_answer(tx, entry),
            "seconds": entry.record.seconds,
        }
        for entry in entries
    ]
    await tx.run(files.insert(), rows)


async def _valid_answer(tx: Tx, entry: Entry[VoiceKept]) -> int | None:
    """The answer that it is. Raises NoResultFound if it should be one and is not."""
    if entry.record.question is None:
        return None
    of_question = (answers.c.checkin_id == entry.checkin_id) & (answers.c.variable == entry.record.question)
    found = await tx.run(select(answers.c.id).where(of_question, answers.c.replaced_at.is_(None)))
    answer: int = found.scalar_one()
    return answer


async def _files_wanted(tx: Tx, entries: Sequence[Entry[FileWanted]]) -> None:
    rows = []
    for entry in entries:
        row = _row(tx, entry, Purpose(entry.record.purpose))
        name = tx.vault.seal_text(place_of("name", row["id"]), entry.record.name)
        rows.append({**row, "origin": f"{entry.origin}:file", "name": name})
    await tx.run(files.insert(), rows)


def _row(tx: Tx, entry: Entry[Any], purpose: Purpose) -> dict[str, Any]:
    id_ = tx.ids.random()
    return {
        "id": id_,
        "purpose": purpose,
        "lane": entry.lane,
        "chat_id": tx.vault.seal_text(place_of("chat_id", id_), str(entry.chat_id)),
        "file_id": tx.vault.seal_text(place_of("file_id", id_), entry.record.file_id),
        "size": entry.record.size,
        "seconds": 0,
        "state": FileState.WAITING,
        "next_at": tx.now,
        "wanted_at": tx.now,
    }


def place_of(column: str, row: int) -> Place:
    """Where a cell of the table is sealed for."""
    return Place("files", column, row)


WRITERS: dict[type, Writer] = {VoiceKept: _voices_kept, FileWanted: _files_wanted}
"""To be called after the writers of answers: a voice note belongs to the answer that it is."""


# --- fetching


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be fetched now. `file_id` and `chat_id` are None where the row cannot be read."""

    id: int
    purpose: Purpose
    lane: str
    attempts: int
    size: int | None
    file_id: str | None
    chat_id: int | None


async def due(tx: Tx, limit: int) -> list[Wanted]:
    """The files whose time to be fetched has come, the longest due first."""
    ripe = (files.c.state == FileState.WAITING) & (files.c.next_at <= tx.now)
    found = await tx.run(select(files).where(ripe).order_by(files.c.next_at, files.c.id).limit(limit))
    return [_wanted(tx.vault, row) for row in found]


def _wanted(vault: Vault, row: Any) -> Wanted:
    try:
        file_id = vault.open_text(place_of("file_id", row.id), row.file_id)
        chat_id = int(vault.open(place_of("chat_id", row.id), row.chat_id))
    except Unsealable:
        file_id = chat_id = None
    return Wanted(row.id, Purpose(row.purpose), row.lane, row.attempts, row.size, file_id, chat_id)


def seal(vault: Vault, wanted: Wanted, *, content: bytes) -> bytes:
    """The content, sealed for its row."""
    return vault.seal(place_of("content", wanted.id), content)


async def keep(tx: Tx, wanted: Wanted, sealed: bytes) -> bool:
    """It is here, sealed; an answer in voice opens the case that asks staff to write it down. False if nobody waited
    for it."""
    forget_at = None if wanted.purpose is Purpose.VOICE else tx.now + KEPT_FOR
    content = tx.vault.renewed(place_of("content", wanted.id), sealed)  # sealed before this transaction had its keys
    kept = {"state": FileState.KEPT, "content": content, "kept_at": tx.now, "forget_at": forget_at}
    return await _end(tx, wanted, kept)


async def give_up(tx: Tx, wanted: Wanted) -> bool:
    """It cannot be had; of an answer in voice staff learn by the same case. False if nobody waited for it."""
    return await _end(tx, wanted, {"state": FileState.FAILED, "name": None})


async def _end(tx: Tx, wanted: Wanted, values: dict[str, Any]) -> bool:
    waiting = (files.c.id == wanted.id) & (files.c.state == FileState.WAITING)
    nothing_more = {"next_at": None, "file_id": None, "chat_id": None}
    if not (await tx.run(update(files).where(waiting).values(**values, **nothing_more))).rowcount:
        return False
    if wanted.purpose is Purpose.VOICE:
        await _ask_staff(tx, wanted)
    return True


async def _ask_staff(tx: Tx, wanted: Wanted) -> None:
    found = select(files.c.participant_id, answers.c.checkin_id).join(answers, answers.c.id == files.c.answer_id)
    still = await tx.run(found.where(files.c.id == wanted.id, answers.c.replaced_at.is_(None)))
    await cases.open_cases(tx, [(row.participant_id, TRANSCRIPTION, row.checkin_id) for row in still])


async def put_off(tx: Tx, wanted: Wanted, at: datetime, *, counted: bool = True) -> None:
    """To be tried again at that moment; `counted` if this try was one."""
    attempts = files.c.attempts + 1 if counted else files.c.attempts
    statement = update(files).where(files.c.id == wanted.id, files.c.state == FileState.WAITING)
    await tx.run(statement.values(next_at=at, attempts=attempts))


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched; its name is whatever its sender chose, and no path to write to."""

    name: str
    content: bytes


async def fetched(tx: Tx, id_: int) -> Fetched | None:
    """The file of that id, or None if its content is not here, or no longer."""
    row = (await tx.run(select(files).where(files.c.id == id_, files.c.content.is_not(None)))).one_or_none()
    if row is None:
        return None
    name = tx.vault.open_text(place_of("name", row.id), row.name) or ""
    return Fetched(name, tx.vault.open(place_of("content", row.id), row.content))


# --- keeping house


async def any_over(tx: Tx) -> bool:
    """Whether the time of any content is over."""
    return (await tx.run(select(files.c.id).where(files.c.forget_at <= tx.now).limit(1))).first() is not None


async def forget(tx: Tx) -> int:
    """Delete the content whose time is over; returns how many files lost theirs."""
    over = select(files.c.id, files.c.ref, files.c.participant_id).where(files.c.forget_at <= tx.now)
    rows = list(await tx.run(over))
    gone = update(files).where(files.c.id.in_([row.id for row in rows]))
    await tx.run(gone.values(content=None, name=None, forget_at=None))
    voices = [row for row in rows if row.ref is not None]
    await audit.append(tx, [audit.Act("tick", "voice_deleted", str(row.participant_id), row.ref) for row in voices])
    return len(rows)
