"""Voice notes that wait for staff: heard, written down, and then no longer kept.

* Words written down from a voice note become a new revision of that answer; the note stays in its history.
* What she has answered anew since is hers to take back: such a note leaves the queue, nobody need hear it, and its
  words never become her answer again.
* Whoever hears a note or writes one down leaves a trace in the audit trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Select, exists, func, select, update

from storage import audit
from storage.cases import close_case
from storage.database import Conflict, Tx
from storage.files import KEPT_FOR, TRANSCRIPTION, FileState, Purpose, place_of
from storage.members import Member, visible_to
from storage.overheard import overhear
from storage.records import Entry, Writer
from storage.schema import answers, cases, checkins, files, participants
from storage.vault import Place

VOICE = "voice"
"""The mode of an answer whose words staff wrote down from a voice note."""


@dataclass(frozen=True, slots=True)
class Note:
    """A voice note that waits for staff: whose, how long, since when, whether it is here, and what it answers; a
    message to the team answers nothing."""

    ref: str
    participant: int
    point: str | None
    question: str | None
    seconds: int
    sent_at: datetime
    state: FileState


class Unheard(StrEnum):
    """Why there is nothing to hear or to write down."""

    UNKNOWN = "unknown"
    COMING = "coming"
    FAILED = "failed"
    DELETED = "deleted"
    WRITTEN = "written"
    TAKEN_BACK = "taken_back"
    NO_ANSWER = "no_answer"


async def queue(tx: Tx) -> list[Note]:
    """The answers in voice to be written down and the messages to be heard, the longest waiting first."""
    unheard_message = files.c.answer_id.is_(None) & files.c.heard_at.is_(None)
    found = await tx.run(_notes().where(_TO_WRITE | unheard_message).order_by(files.c.wanted_at, files.c.id))
    return [
        Note(
            ref=row.ref,
            participant=row.participant_id,
            point=row.point,
            question=row.variable,
            seconds=row.seconds,
            sent_at=row.wanted_at,
            state=FileState(row.state),
        )
        for row in found
    ]


_TO_WRITE = files.c.answer_id.is_not(None) & files.c.transcribed_at.is_(None) & answers.c.replaced_at.is_(None)
"""An answer in voice that is hers still, and that nobody has written down."""


def _notes() -> Select[Any]:
    return (
        select(
            *(files, checkins.c.point, answers.c.variable, answers.c.replaced_at),
            *(answers.c.instrument.label("asked_by"), answers.c.version.label("asked_version")),
        )
        .outerjoin(answers, answers.c.id == files.c.answer_id)
        .outerjoin(checkins, checkins.c.id == answers.c.checkin_id)
        .where(files.c.purpose == Purpose.VOICE)
    )


async def hear(tx: Tx, ref: str) -> bytes | Unheard:
    """The sound of a voice note, and that somebody took it is written down; or why there is none.

    A message to the team has then served its turn, and so has one that could not be fetched.
    """
    row = (await tx.run(_notes().where(files.c.ref == ref))).one_or_none()
    if row is None:
        return Unheard.UNKNOWN
    if row.content is None and row.state != FileState.FAILED:
        return Unheard.COMING if row.state == FileState.WAITING else Unheard.DELETED
    values: dict[str, Any] = {"heard_at": tx.now}
    if row.answer_id is None and row.forget_at is None:
        values["forget_at"] = tx.now + KEPT_FOR
    await tx.run(update(files).where(files.c.id == row.id).values(values))
    if row.content is None:
        return Unheard.FAILED
    await audit.append(tx, [audit.Act("command", "voice_heard", str(row.participant_id), ref)])
    return tx.vault.open(place_of("content", row.id), row.content)


async def transcribe(tx: Tx, ref: str, words: str | None, *, by: int | None = None) -> Unheard | None:
    """Make these words the answer that the voice note is, or say why not; a note that could not be fetched may be
    written down too, from what she says when asked again.

    Without words nobody can make out what she said: the note stays her answer, and leaves the queue.
    """
    row = (await tx.run(_notes().where(files.c.ref == ref))).one_or_none()
    if (obstacle := _obstacle(row)) is not None:
        return obstacle
    if words is not None:
        await _write_down(tx, row.answer_id, words)
        await overhear(tx, row.participant_id, words, origin=f"voice:{ref}:{row.id:x}")
    until = None if row.content is None else tx.now + KEPT_FOR
    await tx.run(update(files).where(files.c.id == row.id).values(transcribed_at=tx.now, forget_at=until))
    action = "voice_transcribed" if words is not None else "voice_unclear"
    await audit.append(tx, [audit.Act(audit.acting(by), action, str(row.participant_id), ref)])
    await _close_settled(tx, by=audit.acting(by))
    return None


def _obstacle(row: Any) -> Unheard | None:
    if row is None:
        return Unheard.UNKNOWN
    if row.answer_id is None:
        return Unheard.NO_ANSWER
    if row.transcribed_at is not None:
        return Unheard.WRITTEN
    if row.replaced_at is not None:
        return Unheard.TAKEN_BACK
    return Unheard.COMING if row.state == FileState.WAITING else None


async def _write_down(tx: Tx, answer: int, words: str) -> None:
    """A new revision of that answer, given when the old one was."""
    old = (await tx.run(select(answers).where(answers.c.id == answer))).one()
    await tx.run(update(answers).where(answers.c.id == answer).values(replaced_at=tx.now))
    id_ = tx.ids.random()
    new = {
        **old._mapping,
        "id": id_,
        "revision": old.revision + 1,
        "words": tx.vault.seal(Place("answers", "words", id_), to_json(words)),
        "raw": None,
        "mode": VOICE,
    }
    await tx.run(answers.insert(), [new])


# --- in a chat of staff


@dataclass(frozen=True, slots=True)
class ToWrite:
    """A voice note with its sound and the question that it answers; so many wait, this one among them."""

    ref: str
    instrument: str
    version: str
    question: str
    sound: bytes
    waiting: int


@dataclass(frozen=True, slots=True)
class NextToWrite:
    """The answer in voice that has waited longest to be written down, of the women whom this member may see, but for
    those that are `left` for later."""

    member: Member
    left: tuple[str, ...] = ()

    async def find(self, tx: Tx) -> ToWrite | None:
        """The note, if one is here."""
        here = (_TO_WRITE, files.c.content.is_not(None), files.c.ref.not_in(self.left), visible_to(self.member))
        rows = _notes().join(participants, participants.c.id == files.c.participant_id).where(*here)
        first = (await tx.run(rows.order_by(files.c.wanted_at, files.c.id).limit(1))).first()
        if first is None:
            return None
        waiting = (await tx.run(select(func.count()).select_from(rows.subquery()))).scalar_one()
        sound = tx.vault.open(place_of("content", first.id), first.content)
        return ToWrite(first.ref, first.asked_by, first.asked_version, first.variable, sound, waiting)


@dataclass(frozen=True, slots=True)
class StillToWrite:
    """Whether this note still waits, for this member to write down."""

    member: Member
    ref: str

    async def find(self, tx: Tx) -> bool:
        """Whether it does."""
        hers = _notes().join(participants, participants.c.id == files.c.participant_id)
        waits = hers.where(files.c.ref == self.ref, _TO_WRITE, visible_to(self.member))
        return (await tx.run(waits)).first() is not None


@dataclass(frozen=True, slots=True)
class NoteHeard:
    """This member of staff hears it."""

    ref: str
    staff: int


@dataclass(frozen=True, slots=True)
class NoteWritten:
    """This member of staff has written down what she said (None: it cannot be made out). Raises Conflict where somebody
    else has, or where she has answered anew."""

    ref: str
    words: str | None
    staff: int


async def _heard_by(tx: Tx, entries: Sequence[Entry[NoteHeard]]) -> None:
    for entry in entries:
        row = (await tx.run(_notes().where(files.c.ref == entry.record.ref))).one()
        await tx.run(update(files).where(files.c.id == row.id).values(heard_at=tx.now))
        act = (audit.acting(entry.record.staff), "voice_heard", str(row.participant_id), entry.record.ref)
        await audit.append(tx, [audit.Act(*act)])


async def _written_by(tx: Tx, entries: Sequence[Entry[NoteWritten]]) -> None:
    for entry in entries:
        written = entry.record
        if (obstacle := await transcribe(tx, written.ref, written.words, by=written.staff)) is not None:
            raise Conflict(obstacle.value)


WRITERS: dict[type, Writer] = {NoteHeard: _heard_by, NoteWritten: _written_by}


# --- keeping house


_REPLACED = exists().where(answers.c.id == files.c.answer_id, answers.c.replaced_at.is_not(None))
_TAKEN_BACK = files.c.content.is_not(None) & files.c.forget_at.is_(None) & files.c.transcribed_at.is_(None) & _REPLACED
"""A note that is here, and of which she wants no more that it be written down."""


async def anything_to_settle(tx: Tx) -> bool:
    """Whether `settle` would change anything."""
    taken_back = select(files.c.id).where(_TAKEN_BACK).exists()
    return bool((await tx.run(select(taken_back | _settled().exists()))).scalar_one())


async def settle(tx: Tx) -> None:
    """See to it that notes which she has taken back are forgotten in time, and that no case asks for what is done."""
    await tx.run(update(files).where(_TAKEN_BACK).values(forget_at=tx.now + KEPT_FOR))
    await _close_settled(tx, by="tick")


async def _close_settled(tx: Tx, *, by: str) -> None:
    """Close the transcription cases of those of whom no note is left to write down."""
    for participant in list((await tx.run(_settled())).scalars()):
        await close_case(tx, participant, TRANSCRIPTION, by=by)


def _settled() -> Select[Any]:
    """The women of whom none is left."""
    left = _notes().where(files.c.participant_id == cases.c.participant_id, _TO_WRITE)
    waits = left.correlate(cases).exists()
    return select(cases.c.participant_id).where(cases.c.kind == TRANSCRIPTION, cases.c.closed_at.is_(None), ~waits)
