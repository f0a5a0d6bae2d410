"""The messages that stand in chats, hers and ours, and when they cannot be taken away any more.

* Whatever she can scroll back to is known here, so that it can be changed or deleted.
* Nothing of what they say is kept, only where they stand and whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, bindparam, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from conversations.speech import Stood
from storage.database import Tx
from storage.schema import messages

DELETABLE = timedelta(hours=48)
"""How long Telegram lets a bot delete messages in a private chat (deleteMessage)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A message that stands in a chat, hers or ours, and the session and sprint that it belongs to."""

    lane: str
    message_id: int
    session_id: int
    sprint: int | None
    ours: bool
    deletable: bool = True
    """Whether Telegram still lets us delete it; changing one of ours is always possible."""
    words: bool = False
    """Whether it is text of ours, which can be changed into another."""
    harmless: bool = False
    """Whether whoever sees it learns nothing, or it was handed to her to keep."""

    @property
    def is_file(self) -> bool:
        """Whether it was handed to her to keep."""
        return self.harmless and not self.words


async def remember(tx: Tx, rows: Sequence[Standing]) -> None:
    """Note which messages stand in chats, so that they can be changed or deleted."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    noted = ("lane", "message_id", "session_id", "sprint", "ours", "words", "harmless")
    values = [{**{name: getattr(row, name) for name in noted}, "sent_at": tx.now} for row in rows]
    await tx.run(dialect.insert(messages).on_conflict_do_nothing(), values)


async def of_session(tx: Tx, session_id: int, *, lane: str) -> list[Standing]:
    """The messages of a session that still stand in its chat, oldest first. Of another's session, whose button somebody
    forged, there are none here."""
    return await _standing(tx, and_(messages.c.session_id == session_id, messages.c.lane == lane))


async def in_lane(tx: Tx, lane: str, *, stood: Sequence[Stood] = ()) -> list[Standing]:
    """All messages that stand in a chat, oldest first; also those of which it is only known that they `stood` there,
    and nothing that became of them."""
    found = await _standing(tx, messages.c.lane == lane)
    remembered = set((await tx.run(select(messages.c.message_id).where(messages.c.lane == lane))).scalars())
    only_told = (_as_told(tx, lane, one) for one in stood if one.message_id not in remembered)
    return sorted((*found, *only_told), key=lambda one: one.message_id)


def _as_told(tx: Tx, lane: str, one: Stood) -> Standing:
    deletable = one.at > tx.now - DELETABLE
    return Standing(lane, one.message_id, 0, None, one.ours, deletable, one.words, one.harmless)


async def stood_in(tx: Tx, lane: str) -> tuple[Stood, ...]:
    """What stands in a chat now, to be told to whoever clears it when it is remembered no more."""
    here = select(messages).where(messages.c.lane == lane, messages.c.deleted_at.is_(None))
    rows = await tx.run(here.order_by(messages.c.message_id))
    return tuple(Stood(row.message_id, row.ours, row.words, row.harmless, row.sent_at) for row in rows)


async def _standing(tx: Tx, where: ColumnElement[bool]) -> list[Standing]:
    statement = select(messages).where(where, messages.c.deleted_at.is_(None)).order_by(messages.c.message_id)
    since = tx.now - DELETABLE
    return [
        Standing(
            row.lane,
            row.message_id,
            row.session_id,
            row.sprint,
            row.ours,
            deletable=row.sent_at > since,
            words=row.words,
            harmless=row.harmless,
        )
        for row in await tx.run(statement)
    ]


async def shown_in(tx: Tx, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[int | None, int | None]]:
    """The session and sprint of each of these messages (lane, message_id), hers or ours, that we remember."""
    if not wanted:
        return {}
    columns = (messages.c.lane, messages.c.message_id, messages.c.session_id, messages.c.sprint)
    found = await tx.run(select(*columns).where(tuple_(messages.c.lane, messages.c.message_id).in_(wanted)))
    return {(row.lane, row.message_id): (row.session_id, row.sprint) for row in found}


async def made_harmless(tx: Tx, lane: str, message_ids: Iterable[int]) -> None:
    """These messages of ours now say nothing that could give anything away, and stay."""
    here = (messages.c.lane == lane) & (messages.c.message_id == bindparam("message"))
    await tx.run(update(messages).where(here).values(harmless=True), [{"message": id_} for id_ in message_ids])


async def removed(tx: Tx, lane: str, message_ids: Iterable[int]) -> None:
    """These messages no longer stand in the chat."""
    statement = (
        update(messages)
        .where(messages.c.lane == lane, messages.c.message_id == bindparam("message"))
        .values(deleted_at=tx.now)
    )
    await tx.run(statement, [{"message": id_} for id_ in message_ids])
