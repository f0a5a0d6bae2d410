"""Whom a broadcast goes to: a list frozen before it is sent, and what became of each.

* Nobody is added to a frozen list; its hash shows that it is the list that was approved.
* A recipient is posted in the commit that puts her notice into the outbox, and is what becomes of it there: nobody is
  posted twice, and nobody is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from storage.bulk import Shape
from storage.database import Tx
from storage.mail import OPEN, SHUT, MailState, Urgency
from storage.schema import notices, outbox, recipients, vault
from storage.vault import Place


class RecipientState(StrEnum):
    """Where the broadcast stands for one woman. The values are stored and reported: none is ever renamed."""

    WAITING = "waiting"
    POSTED = "posted"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"  # the bot was killed before the answer came, or that was lost: it may have arrived or not
    SKIPPED = "skipped"


CANCELLED = "cancelled"
"""Why whoever was still waiting is skipped when a broadcast is called off."""

UNOPENED = "earlier_unopened"
"""Beside SENT: an earlier notice stands unopened in her chat, and this one comes when she opens it."""


NO_CHAT = "no_chat"
"""Why it failed where she had no chat any more in the moment in which it was left for her."""


async def freeze(tx: Tx, broadcast: int, moments: Mapping[int, datetime]) -> str:
    """Keep whom it goes to, each with the moment from which it may; returns the hash of the list."""
    women = sorted(moments)
    shape = Shape(recipients, ("broadcast_id", "participant_id", "state", "next_at"))
    await shape.insert(tx, [(broadcast, woman, RecipientState.WAITING.value, moments[woman]) for woman in women])
    return list_hash(women)


def list_hash(women: Iterable[int]) -> str:
    """The SHA-256 of these internal ids in their order, one a line."""
    return sha256("".join(f"{woman}\n" for woman in sorted(women)).encode()).hexdigest()


async def listed(tx: Tx, broadcast: int) -> list[int]:
    """The internal ids on the list, in their order."""
    statement = select(recipients.c.participant_id).where(recipients.c.broadcast_id == broadcast)
    return list((await tx.run(statement.order_by(recipients.c.participant_id))).scalars())


async def thaw(tx: Tx, broadcast: int) -> None:
    """Drop the list of a broadcast of which nothing has left."""
    await tx.run(delete(recipients).where(recipients.c.broadcast_id == broadcast))


async def not_before(tx: Tx, broadcast: int, moment: datetime) -> datetime | None:
    """Let nobody get it before that moment; returns when the first may, or None if nobody waits."""
    waits = (recipients.c.broadcast_id == broadcast) & (recipients.c.state == RecipientState.WAITING)
    await tx.run(update(recipients).where(waits, recipients.c.next_at < moment).values(next_at=moment))
    return await next_at(tx, broadcast)


async def next_at(tx: Tx, broadcast: int) -> datetime | None:
    """When the first of those who wait may get it, or None if nobody waits."""
    waits = (recipients.c.broadcast_id == broadcast) & (recipients.c.state == RecipientState.WAITING)
    first: datetime | None = (await tx.run(select(func.min(recipients.c.next_at)).where(waits))).scalar_one()
    return first


async def due(tx: Tx, broadcast: int, limit: int) -> list[int]:
    """Who may get it now, the longest waiting first."""
    waits = (recipients.c.broadcast_id == broadcast) & (recipients.c.state == RecipientState.WAITING)
    statement = select(recipients.c.participant_id).where(waits, recipients.c.next_at <= tx.now)
    in_order = statement.order_by(recipients.c.next_at, recipients.c.participant_id).limit(limit)
    return list((await tx.run(in_order)).scalars())


async def posted(tx: Tx, broadcast: int, women: Sequence[int]) -> None:
    """Theirs is in the outbox by this very commit."""
    values: dict[str, Any] = {"state": RecipientState.POSTED, "posted_at": tx.now, "next_at": None, "reason": None}
    await tx.run(_hers(broadcast).values(values), [{"woman": woman} for woman in women])


async def unposted(tx: Tx, broadcast: int, women: Sequence[int]) -> None:
    """Theirs is out of the outbox again by this very commit, and they wait as before."""
    values: dict[str, Any] = {"state": RecipientState.WAITING, "posted_at": None, "next_at": tx.now}
    await tx.run(_hers(broadcast).values(values), [{"woman": woman} for woman in women])


async def postpone(tx: Tx, broadcast: int, moments: Mapping[int, datetime]) -> None:
    """They may not get it before these moments."""
    rows = [{"woman": woman, "moment": moment} for woman, moment in moments.items()]
    await tx.run(_hers(broadcast).values(next_at=bindparam("moment")), rows)


async def skip(tx: Tx, broadcast: int, reasons: Mapping[int, str]) -> None:
    """They do not get it, for these reasons."""
    why_not: dict[str, Any] = {"state": RecipientState.SKIPPED, "next_at": None, "reason": bindparam("why")}
    values = {**why_not, "done_at": tx.now}
    await tx.run(_hers(broadcast).values(values), [{"woman": woman, "why": why} for woman, why in reasons.items()])


async def skip_waiting(tx: Tx, broadcast: int, reason: str) -> None:
    """Whoever still waits does not get it."""
    waits = (recipients.c.broadcast_id == broadcast) & (recipients.c.state == RecipientState.WAITING)
    values = {"state": RecipientState.SKIPPED, "next_at": None, "done_at": tx.now, "reason": reason}
    await tx.run(update(recipients).where(waits).values(values))


def _hers(broadcast: int) -> Any:
    return update(recipients).where(
        recipients.c.broadcast_id == broadcast, recipients.c.participant_id == bindparam("woman")
    )


# --- what became of what was posted


async def settle(tx: Tx, broadcast: int, cause: str) -> datetime | None:
    """Write down what has become of those that were posted; returns when the next of them may leave, None if none is
    left."""
    statement = (
        select(recipients.c.participant_id, notices.c.line, outbox)
        .join(notices, (notices.c.participant_id == recipients.c.participant_id) & (notices.c.cause == cause))
        .outerjoin(outbox, outbox.c.origin == notices.c.line)
        .where(recipients.c.broadcast_id == broadcast, recipients.c.state == RecipientState.POSTED)
    )
    ended: list[dict[str, Any]] = []
    ready_at: datetime | None = None
    for row in await tx.run(statement):
        if row.state in (MailState.READY, MailState.CLAIMED):
            ready_at = row.ready_at if ready_at is None else min(ready_at, row.ready_at)
        else:
            state, why = _became(row, behind=not (row.line or "").startswith(f"{cause}:"))
            ended.append({"woman": row.participant_id, "became": state, "why": why})
    values = {"state": bindparam("became"), "reason": bindparam("why"), "done_at": tx.now}
    await tx.run(_hers(broadcast).values(values), ended)
    return ready_at


def _became(row: Any, *, behind: bool) -> tuple[RecipientState, str | None]:
    """What its line's end makes of it; `behind` another, it comes when that is opened."""
    match row.state:
        case MailState.SENT:
            return RecipientState.SENT, UNOPENED if behind else None
        case MailState.UNKNOWN:
            return RecipientState.UNKNOWN, row.reason
        case MailState.DROPPED:
            return RecipientState.SKIPPED, row.reason
        case None:
            return RecipientState.FAILED, NO_CHAT
        case _:
            return (RecipientState.BLOCKED if row.reason in SHUT else RecipientState.FAILED), row.reason


async def in_outbox(tx: Tx) -> int:
    """How many messages of broadcasts could leave now, or are on their way."""
    ours = (outbox.c.urgency == int(Urgency.BROADCAST)) & (outbox.c.ready_at <= tx.now)
    return int((await tx.run(select(func.count()).select_from(outbox).where(OPEN, ours))).scalar_one())


# --- the report


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of it for one woman; `posted_at` is when it was given to the courier."""

    record_id: str
    state: RecipientState
    reason: str | None
    posted_at: datetime | None
    done_at: datetime | None


async def tally(tx: Tx, broadcast: int) -> dict[RecipientState, int]:
    """How many stand how."""
    statement = select(recipients.c.state, func.count()).where(recipients.c.broadcast_id == broadcast)
    rows = await tx.run(statement.group_by(recipients.c.state))
    return {RecipientState(state): number for state, number in rows}


async def reasons(tx: Tx, broadcast: int) -> dict[tuple[RecipientState, str | None], int]:
    """How many ended how, and why."""
    columns = (recipients.c.state, recipients.c.reason)
    statement = select(*columns, func.count()).where(recipients.c.broadcast_id == broadcast).group_by(*columns)
    return {(RecipientState(state), reason): number for state, reason, number in await tx.run(statement)}


async def deliveries(tx: Tx, broadcast: int) -> list[Delivery]:
    """What became of it for each, in the order of record_id. Reads the vault, though no names."""
    statement = (
        select(recipients, vault.c.record_id)
        .join(vault, vault.c.participant_id == recipients.c.participant_id)
        .where(recipients.c.broadcast_id == broadcast)
    )
    found = [
        Delivery(
            tx.vault.open_text(Place("vault", "record_id", row.participant_id), row.record_id) or "",
            RecipientState(row.state),
            row.reason,
            row.posted_at,
            row.done_at,
        )
        for row in await tx.run(statement)
    ]
    return sorted(found, key=lambda one: one.record_id)
