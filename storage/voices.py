"""Voice notes that wait for staff: heard, written down, and then no longer kept.

* Words written down from a voice note become a new revision of that answer; the note stays in its history.
* What she has answered anew since is hers to take back: such a note leaves the queue, nobody need hear it, and its
  words never become her answer again.
* Whoever hears a note or writes one down leaves a trace in the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Select, select, update

from storage import audit
from storage.cases import close_case
from storage.database import Tx
from storage.files import KEPT_FOR, TRANSCRIPTION, FileState, Purpose, place_of
from storage.schema import answers, cases, checkins, files
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
        select(files, checkins.c.point, answers.c.variable, answers.c.replaced_at)
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


async def transcribe(tx: Tx, ref: str, words: str) -> Unheard | None:
    """Make these words the answer that the voice note is, or say why not; a note that could not be fetched may be
    written down too, from what she says when asked again."""
    row = (await tx.run(_notes().where(files.c.ref == ref))).one_or_none()
    if (obstacle := _obstacle(row)) is not None:
        return obstacle
    await _write_down(tx, row.answer_id, words)
    until = None if row.content is None else tx.now + KEPT_FOR
    await tx.run(update(files).where(files.c.id == row.id).values(transcribed_at=tx.now, forget_at=until))
    await audit.append(tx, [audit.Act("command", "voice_transcribed", str(row.participant_id), ref)])
    await _close_settled(tx)
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


# --- keeping house


async def settle(tx: Tx) -> None:
    """See to it that notes which she has taken back are forgotten in time, and that no case asks for what is done."""
    taken_back = select(answers.c.id).where(answers.c.replaced_at.is_not(None))
    no_use = (files.c.transcribed_at.is_(None), files.c.forget_at.is_(None), files.c.content.is_not(None))
    superseded = update(files).where(*no_use, files.c.answer_id.in_(taken_back))
    await tx.run(superseded.values(forget_at=tx.now + KEPT_FOR))
    await _close_settled(tx)


async def _close_settled(tx: Tx) -> None:
    """Close the transcription cases of those of whom no note is left to write down."""
    left = _notes().where(files.c.participant_id == cases.c.participant_id, _TO_WRITE)
    waits = left.correlate(cases).exists()
    settled = select(cases.c.participant_id).where(cases.c.kind == TRANSCRIPTION, cases.c.closed_at.is_(None), ~waits)
    for participant in list((await tx.run(settled)).scalars()):
        await close_case(tx, participant, TRANSCRIPTION)
