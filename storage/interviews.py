"""Open conversations, and what was answered in them.

* With each woman of a chat at most one conversation is open there; its state is sealed, and emptied when it closes.
* An answer is never overwritten: the one it replaces keeps its revision and the moment until which it held.
* What is derived from answers (storage/outcomes/derived.py) is derived anew whenever one changes, in the same commit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import to_json
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conversations.answers import Answer, AnswerStatus, from_json
from conversations.answers import to_json as value_to_json
from conversations.effects import OutcomesChanged
from storage.database import Tx
from storage.outcomes import derived, scoring
from storage.records import Entry, Writer
from storage.schema import answers, sessions, timers
from storage.vault import Place

CHAT, PHONE, IN_PERSON = "chat", "phone", "in_person"
"""How she was asked: by the bot, or by a member of staff with the bot in hand."""


# --- conversations


@dataclass(frozen=True, slots=True)
class Conversation:
    """One open conversation of a lane; `state` is the dialogue's own, as bytes. `expires_at` is when it ends by
    itself; `cleared`: the chat was cleared, and what it had asked was not asked again."""

    id: int
    lane: str
    chat_id: int
    dialogue: str
    sprint: int
    state: bytes
    participant_id: int | None = None
    checkin_id: int | None = None
    expires_at: datetime | None = None
    cleared: bool = False


async def open_in(tx: Tx, lanes: Sequence[str]) -> dict[tuple[str, int | None], Conversation]:
    """What is open in these lanes, by the lane and with whom (None: nobody whom we know, or staff)."""
    statement = select(sessions).where(sessions.c.lane.in_(lanes), sessions.c.closed_at.is_(None))
    return {(row.lane, row.participant_id): _conversation(tx, row) for row in await tx.run(statement)}


async def open_about(tx: Tx, checkin: int) -> Conversation | None:
    """The open conversation about this check-in, in whichever chat."""
    statement = select(sessions).where(sessions.c.checkin_id == checkin, sessions.c.closed_at.is_(None))
    row = (await tx.run(statement)).first()
    return None if row is None else _conversation(tx, row)


def _conversation(tx: Tx, row: Any) -> Conversation:
    chat_id, _, state = tx.vault.open(Place("sessions", "state", row.id), row.state).partition(b" ")
    return Conversation(
        id=row.id,
        lane=row.lane,
        chat_id=int(chat_id),
        dialogue=row.dialogue,
        sprint=row.sprint,
        state=state,
        participant_id=row.participant_id,
        checkin_id=row.checkin_id,
        cleared=row.cleared,
    )


async def save(tx: Tx, conversations: Sequence[Conversation]) -> None:
    """Write these conversations as they now stand, new ones and old ones alike."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(sessions)
    changed = ("sprint", "state", "dialogue", "participant_id", "checkin_id", "cleared")
    upsert = insert.on_conflict_do_update(index_elements=["id"], set_={name: insert.excluded[name] for name in changed})
    await tx.run(upsert, [_session_row(tx, conversation) for conversation in conversations])
    timeless = [{"session": c.id} for c in conversations if c.expires_at is None]
    await tx.run(delete(timers).where(timers.c.session_id == bindparam("session")), timeless)
    alarm = dialect.insert(timers)
    set_alarm = alarm.on_conflict_do_update(index_elements=["session_id"], set_={"due_at": alarm.excluded.due_at})
    await tx.run(set_alarm, [{"session_id": c.id, "due_at": c.expires_at} for c in conversations if c.expires_at])


def _session_row(tx: Tx, conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "lane": conversation.lane,
        "participant_id": conversation.participant_id,
        "checkin_id": conversation.checkin_id,
        "dialogue": conversation.dialogue,
        "sprint": conversation.sprint,
        "state": tx.vault.seal(
            Place("sessions", "state", conversation.id), b"%d %b" % (conversation.chat_id, conversation.state)
        ),
        "opened_at": tx.now,
        "cleared": conversation.cleared,
    }


async def end(tx: Tx, ids: Sequence[int]) -> None:
    """These conversations are over; their state is emptied."""
    statement = update(sessions).where(sessions.c.id == bindparam("session")).values(closed_at=tx.now, state=None)
    await tx.run(statement, [{"session": id_} for id_ in ids])
    await tx.run(delete(timers).where(timers.c.session_id == bindparam("session")), [{"session": id_} for id_ in ids])


async def expired(tx: Tx, limit: int) -> list[Conversation]:
    """Open conversations whose time is over."""
    statement = (
        select(sessions)
        .join(timers, timers.c.session_id == sessions.c.id)
        .where(timers.c.due_at <= tx.now, sessions.c.closed_at.is_(None))
        .order_by(timers.c.due_at)
        .limit(limit)
    )
    return [_conversation(tx, row) for row in await tx.run(statement)]


async def next_expiry_at(tx: Tx) -> datetime | None:
    """When the next conversation ends by itself, or None."""
    moment: datetime | None = (await tx.run(select(func.min(timers.c.due_at)))).scalar_one()
    return moment


# --- answers


@dataclass(frozen=True, slots=True)
class AnswerChanged:
    """This is now the valid answer to the question, asked by this version of this instrument.

    `mode` says how she was asked, and `interviewer` which member of staff asked her, where one did.
    """

    question: str
    answer: Answer
    free_text: bool
    instrument: str
    version: str
    mode: str = CHAT
    interviewer: int | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What stands of a check-in: what she answered, and of what she did not answer the reason that was written."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    left: Mapping[str, Answer] = field(default_factory=dict)


OF_HERS = frozenset({AnswerStatus.GIVEN, AnswerStatus.UNKNOWN, AnswerStatus.REFUSED, AnswerStatus.SKIPPED})
"""The statuses that are a word of hers; all others follow from what she said, or from her silence."""


@dataclass(frozen=True, slots=True)
class AnswersSoFar:
    """What has been answered in this check-in, whoever asked her."""

    checkin: int

    async def find(self, tx: Tx) -> Begun | None:
        """What stands, or None if nothing does."""
        rows = await tx.run(
            select(answers).where(answers.c.checkin_id == self.checkin, answers.c.replaced_at.is_(None))
        )
        found = {row.variable: _answer(tx, row) for row in rows}
        hers = {name: answer for name, answer in found.items() if answer.status in OF_HERS}
        left = {name: answer for name, answer in found.items() if name not in hers}
        return Begun(hers, left) if found else None


def _answer(tx: Tx, row: Any) -> Answer:
    plain = row.value if row.words is None else tx.vault.open_text(Place("answers", "words", row.id), row.words)
    value = None if plain is None else from_json(json.loads(plain))
    return Answer(AnswerStatus(row.status), value, tx.vault.open_text(Place("answers", "raw", row.id), row.raw))


async def _answers_changed(tx: Tx, entries: Sequence[Entry[AnswerChanged]]) -> None:
    by_key: dict[tuple[int, str], Entry[AnswerChanged]] = {}
    for entry in entries:
        if entry.checkin_id is not None:
            by_key[entry.checkin_id, entry.record.question] = entry  # within one step only the last word counts
    revisions = await _revisions(tx, [checkin for checkin, _ in by_key])
    replaced = (
        update(answers)
        .where(answers.c.checkin_id == bindparam("checkin"), answers.c.variable == bindparam("name"))
        .where(answers.c.replaced_at.is_(None))
        .values(replaced_at=tx.now)
    )
    await tx.run(replaced, [{"checkin": checkin, "name": name} for checkin, name in by_key])
    await tx.run(answers.insert(), [_answer_row(tx, e, 1 + revisions.get(key, 0)) for key, e in by_key.items()])
    await derived.rescore(tx, {key[0] for key, e in by_key.items() if scoring.pack(e.record.instrument) is not None})


async def _revisions(tx: Tx, checkin_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    statement = (
        select(answers.c.checkin_id, answers.c.variable, func.max(answers.c.revision))
        .where(answers.c.checkin_id.in_(set(checkin_ids)))
        .group_by(answers.c.checkin_id, answers.c.variable)
    )
    return {(checkin, variable): revision for checkin, variable, revision in await tx.run(statement)}


def _answer_row(tx: Tx, entry: Entry[AnswerChanged], revision: int) -> dict[str, Any]:
    answer, row_id = entry.record.answer, tx.ids.random()
    plain = None if answer.value is None else to_json(value_to_json(answer.value)).decode()
    words = plain if entry.record.free_text else None
    return {
        "id": row_id,
        "checkin_id": entry.checkin_id,
        "variable": entry.record.question,
        "revision": revision,
        "status": int(answer.status),
        "value": None if entry.record.free_text else plain,
        "words": tx.vault.seal_text(Place("answers", "words", row_id), words),
        "raw": tx.vault.seal_text(Place("answers", "raw", row_id), answer.raw),
        "mode": entry.record.mode,
        "interviewer_id": entry.record.interviewer,
        "instrument": entry.record.instrument,
        "version": entry.record.version,
        "at": entry.at,
    }


WRITERS: dict[type, Writer] = {AnswerChanged: _answers_changed, OutcomesChanged: derived.learn}
