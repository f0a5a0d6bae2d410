"""Taking back what staff sent a woman: before it leaves, and afterwards as far as Telegram allows.

* What has not left never does; what has is deleted from her chat, with its line where nothing else waits behind that.
* Of what still stands there it is said that it stayed, though nobody can read in it what was retired.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, or_, select, update

from conversations.speech import ButtonsRemoved, ChatCleaned
from storage.database import Tx
from storage.mail import MailState, Parcel, post
from storage.notices import LINE, STANDS_FOR, UNOPENED, UNSEEN
from storage.schema import accounts, messages, notices, outbox
from storage.traces import DELETABLE
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class Retired:
    """What became of the notices of a cause: `deleted` ones are gone unread or from the chat, of `stayed` ones
    something still stands there, be it the line that others wait behind; so many of all were `opened` before."""

    deleted: int = 0
    stayed: int = 0
    opened: int = 0

    def __add__(self, other: Retired) -> Retired:
        """What both did."""
        return Retired(self.deleted + other.deleted, self.stayed + other.stayed, self.opened + other.opened)


async def call_back(tx: Tx, cause: str) -> list[int]:
    """Undo what has this cause and has not left, unless something else waits behind the same line. Returns the women
    who get nothing of it now; it may come to them another time."""
    rows = await tx.run(_with_lines().where(notices.c.cause == cause, UNOPENED, outbox.c.state == MailState.READY))
    shared = await _shared(tx, cause)
    waiting = [row for row in rows if row.line not in shared]
    await tx.run(delete(notices).where(notices.c.id == bindparam("notice")), [{"notice": row.id} for row in waiting])
    lines = delete(outbox).where(outbox.c.origin == bindparam("line"), outbox.c.state == MailState.READY)
    await tx.run(lines, [{"line": row.line} for row in waiting])
    return [row.participant_id for row in waiting]


async def retire(tx: Tx, cause: str, *, really: bool = True) -> Retired:
    """Take back whatever has this cause: what did not leave never does, and what stands in a chat goes from it as long
    as Telegram allows that. Not `really`, it only says what would become of it."""
    theirs = (notices.c.cause == cause) & notices.c.retired_at.is_(None)
    rows = list(await tx.run(_with_lines().where(theirs).order_by(notices.c.id)))
    shared = await _shared(tx, cause)
    stayed = sum(_stays(row, shared, now=tx.now) for row in rows)
    if really:
        await tx.run(update(notices).where(theirs).values(retired_at=tx.now, content=None))
        await _unpost(tx, [row.line for row in rows if row.opened_at is None and row.line not in shared])
        there = [row for row in rows if row.chat_id is not None]
        await post(tx, [parcel for row in there for parcel in _taken_away(tx, row, shared=shared)])
    return Retired(len(rows) - stayed, stayed, sum(row.opened_at is not None for row in rows))


def _stays(row: Any, shared: Collection[str], *, now: datetime) -> bool:
    """Whether something of it stands and cannot be deleted: its line, if others wait behind it or it stands for too
    long, or anything in a chat that is no longer hers. What she opened is gone before it is too old."""
    its_line = row.line_in is not None and row.line == f"{row.cause}:notice:{row.participant_id}"
    if row.chat_id is None:
        shown = row.opened_at is not None and row.reading is not None and row.opened_at > now - STANDS_FOR
        return its_line or bool(shown)
    return its_line and (row.line in shared or _too_old(row, now))


def _too_old(row: Any, now: datetime) -> bool:
    return bool(row.done_at <= now - DELETABLE)


async def _unpost(tx: Tx, origins: Sequence[str | None]) -> None:
    waiting = update(outbox).where(outbox.c.origin == bindparam("line"), outbox.c.state == MailState.READY)
    values = {"state": MailState.DROPPED, "reason": UNSEEN, "payload": None, "done_at": tx.now}
    await tx.run(waiting.values(**values), [{"line": origin} for origin in origins if origin is not None])


def _with_lines() -> Select[Any]:
    """Each notice with the parcel of its line, the chat in which that stands, and the reading under which it does."""
    hers = (accounts.c.lane == notices.c.lane) & (accounts.c.participant_id == notices.c.participant_id)
    there = hers & accounts.c.unlinked_at.is_(None)
    line = (messages.c.lane == outbox.c.lane) & (messages.c.message_id == outbox.c.message_id)
    chat = (accounts.c.id.label("account"), accounts.c.chat_id)
    return (
        select(notices, outbox.c.state, outbox.c.done_at, *chat, messages.c.session_id.label("line_in"))
        .outerjoin(outbox, outbox.c.origin == notices.c.line)
        .outerjoin(messages, line & messages.c.deleted_at.is_(None))
        .outerjoin(accounts, there)
    )


async def _shared(tx: Tx, cause: str) -> set[str]:
    """The lines of this cause's notices behind which others wait, or under which others are shown."""
    lines = select(notices.c.line).where(notices.c.cause == cause, notices.c.retired_at.is_(None))
    stand = notices.c.retired_at.is_(None) & or_(notices.c.opened_at.is_(None), notices.c.reading.is_not(None))
    others = select(notices.c.line).where(notices.c.line.in_(lines), notices.c.cause != cause, stand)
    return set((await tx.run(others.distinct())).scalars())


def _taken_away(tx: Tx, row: Any, *, shared: Collection[str]) -> list[Parcel]:
    """What was shown of it deleted, and its line with it where nothing else needs that; one that must stay loses its
    button."""
    gone: list[ChatCleaned | ButtonsRemoved] = []
    if row.opened_at is not None and row.reading is not None:
        gone.append(ChatCleaned(row.reading, row.shown_in))
    if row.line_in is not None and row.line not in shared:
        gone.append(ButtonsRemoved(row.line_in, LINE) if _too_old(row, tx.now) else ChatCleaned(row.line_in, LINE))
    chat_id = int(tx.vault.open(Place("accounts", "chat_id", row.account), row.chat_id))
    name = f"{row.cause}:retired:{row.id}"
    origins = (name, f"{name}:line")
    return [
        Parcel(origin, row.lane, chat_id, speech, participant_id=row.participant_id)
        for origin, speech in zip(origins, gone, strict=False)
    ]
