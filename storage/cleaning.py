"""When the chats of women are cleared: after a silence, at their wish, and before Telegram no longer lets us.

* What goes and what stays is decided as the clearing leaves (bot/page.py), by what then stands in the chat.
* A chat that is cleared is locked, however it came to be: whoever comes back gives her code first.
* Nothing tells that it happens: no message arrives.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update

from conversations.speech import ChatCleared, Phrase
from storage import gates, holds
from storage.database import Tx
from storage.mail import OPEN, MailState, Parcel, post
from storage.records import Entry, Writer
from storage.schema import accounts, chats, messages, outbox, sessions
from storage.traces import DELETABLE
from storage.vault import Place

CLEARED_BY = timedelta(hours=40)
"""How long anything that tells something stands at most: well inside the time in which Telegram lets us delete it."""

TRIED_AGAIN_AFTER = timedelta(hours=1)
"""A clearing that Telegram refused is tried so often again, as long as it can be done at all."""

LEFT = Phrase("cleared.left")
"""What is left standing."""


async def anything_to_clear(tx: Tx) -> bool:
    """Whether there is any chat to be cleared."""
    quiet, late = _to_clear(tx.now)
    return bool((await tx.run(select(quiet.exists() | late.exists()))).scalar_one())


async def next_at(tx: Tx) -> datetime | None:
    """When the silence of the next chat is long enough; None where nobody's chat is open."""
    found: datetime | None = (await tx.run(select(func.min(chats.c.clean_at)))).scalar_one()
    return found


async def clear_what_is_quiet(tx: Tx, limit: int = 100) -> int:
    """Have the chats cleared in which nobody did anything for a while, and those in which something stands that soon
    could not be deleted any more; returns how many."""
    found = [await tx.run(one.limit(limit)) for one in _to_clear(tx.now)]
    return await _clear(tx, {row.lane for rows in found for row in rows})


def _to_clear(now: datetime) -> tuple[Select[Any], Select[Any]]:
    """The lanes in which it is quiet, and those in which something stands for too long, the longest first. What is to
    leave now goes before; where nothing of ours arrives, or was refused just now, nothing is tried."""
    quiet = select(chats.c.lane).where(chats.c.clean_at <= now).order_by(chats.c.clean_at)
    old = (messages.c.sent_at <= now - CLEARED_BY) & (messages.c.sent_at > now - DELETABLE)
    standing = messages.c.deleted_at.is_(None) & ~messages.c.harmless
    reached = accounts.c.participant_id.is_not(None) & accounts.c.blocked_at.is_(None)
    hers = select(accounts.c.lane).where(reached)
    tried = select(chats.c.lane).where(chats.c.cleared_at > now - TRIED_AGAIN_AFTER)
    late = (
        select(messages.c.lane)
        .where(old, standing, messages.c.lane.in_(hers))
        .where(messages.c.lane.not_in(_busy(now)), messages.c.lane.not_in(tried))
        .group_by(messages.c.lane)
        .order_by(func.min(messages.c.sent_at))
    )
    return quiet, late


def _busy(now: datetime) -> Select[Any]:
    """The lanes in which something is leaving; what waits for the morning does not count."""
    leaving = (outbox.c.state == MailState.CLAIMED) | (outbox.c.ready_at <= now)
    return select(outbox.c.lane).where(OPEN, leaving, outbox.c.lane.is_not(None))


async def _clear(tx: Tx, lanes: set[str]) -> int:
    if not lanes:
        return 0
    await _shut(tx, lanes)
    of_women = accounts.c.participant_id.is_not(None)
    rows = await tx.run(select(accounts).where(accounts.c.lane.in_(lanes), of_women).order_by(accounts.c.linked_at))
    parcels = {row.lane: _clearing(tx, row) for row in rows}
    await post(tx, list(parcels.values()))
    return len(parcels)


async def _shut(tx: Tx, lanes: Collection[str]) -> None:
    """Nobody is in there, and nothing that was shown, asked or said there stands any more."""
    await gates.shut(tx, lanes)
    there = [{"there": lane} for lane in lanes]
    shown = update(sessions).where(sessions.c.lane == bindparam("there"), sessions.c.closed_at.is_(None))
    await tx.run(shown.values(cleared=True), there)
    await holds.goes_on_no_more(tx, lanes)


async def lock(tx: Tx, women: Collection[int], *, among: Collection[str] | None = None) -> None:
    """The chats of these women, or those of them `among` these lanes, are cleared and locked, since whoever is there
    may not be she. A chat in which another woman is in is let be: for these it is locked already."""
    hers = select(accounts.c.lane).where(accounts.c.participant_id.in_(women), accounts.c.unlinked_at.is_(None))
    hers = hers if among is None else hers.where(accounts.c.lane.in_(among))
    others = chats.c.participant_id.is_not(None) & chats.c.participant_id.not_in(women) & (chats.c.open_until > tx.now)
    found = await tx.run(select(chats.c.lane).where(chats.c.lane.in_(hers), chats.c.clean_at.is_not(None), ~others))
    await _clear(tx, set(found.scalars()))


def _clearing(tx: Tx, row: Any) -> Parcel:
    """It names nobody: also where she is frozen or asked to be left alone, it goes."""
    chat_id = int(tx.vault.open(Place("accounts", "chat_id", row.id), row.chat_id))
    return Parcel(f"cleared:{tx.ids.random():x}", row.lane, chat_id, ChatCleared(LEFT))


@dataclass(frozen=True, slots=True)
class ClearingAsked:
    """Whoever is in this chat wants it cleared now."""


async def _asked(tx: Tx, entries: Sequence[Entry[ClearingAsked]]) -> None:
    await _shut(tx, {entry.lane for entry in entries})
    await post(tx, [Parcel(f"{entry.origin}:clear", entry.lane, entry.chat_id, ChatCleared(LEFT)) for entry in entries])


WRITERS: dict[type, Writer] = {ClearingAsked: _asked}
