"""What of the mail has served its turn: strangers' conversations at once, the rest after a while.

* Of a conversation that ended without consent nothing stays, once nothing of it is on its way.
* Only what nobody looks up any more goes by age: updates that were taken, which Telegram does not bring again, and
  replies that have arrived. Whatever failed stays for whoever looks into it; lines of notices, invitations and
  reminders stay, since what became of them is asked for as long as those do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, exists, func, literal_column, select, tuple_

from storage.database import Tx
from storage.mail import OPEN, Urgency
from storage.schema import inbox, messages, outbox, sessions

KEPT_FOR = timedelta(days=30)
"""How long the row of an update or a reply stays after it was dealt with, to look into what went wrong. Telegram keeps
what nobody has confirmed for a day (Bot API, getUpdates)."""

AT_A_TIME = 500

_STRANGERS = sessions.c.participant_id.is_(None) & sessions.c.closed_at.is_not(None)
_TAKEN = inbox.c.state == literal_column("'done'")
_ARRIVED = (outbox.c.state == literal_column("'sent'")) & (outbox.c.urgency == literal_column(str(int(Urgency.REPLY))))


def _left_behind() -> Select[Any]:
    """The conversations of strangers that are over, and of which nothing is to leave any more."""
    still = exists().where(OPEN, outbox.c.session_id == sessions.c.id)
    return select(sessions.c.id).where(_STRANGERS, ~still)


async def any_strangers(tx: Tx) -> bool:
    """Whether anything of a stranger's is to be forgotten."""
    return (await tx.run(_left_behind().limit(1))).first() is not None


async def forget_strangers(tx: Tx) -> None:
    """Of conversations that ended without consent nothing stays: not the lane, not which messages there were."""
    over = list((await tx.run(_left_behind())).scalars())
    await tx.run(delete(messages).where(messages.c.session_id.in_(over)))
    await tx.run(delete(sessions).where(sessions.c.id.in_(over)))


async def any_old(tx: Tx) -> bool:
    """Whether a row has served its turn."""
    before = tx.now - KEPT_FOR
    letters = select(func.min(inbox.c.done_at)).where(_TAKEN).scalar_subquery()
    replies = select(func.min(outbox.c.done_at)).where(_ARRIVED).scalar_subquery()
    return bool((await tx.run(select((letters <= before) | (replies <= before)))).scalar_one())


async def forget_old(tx: Tx) -> None:
    """Delete rows that have served their turn, the oldest first, so many at a time."""
    before = tx.now - KEPT_FOR
    number = (inbox.c.bot_id, inbox.c.update_id)
    letters = select(*number).where(_TAKEN, inbox.c.done_at <= before).order_by(inbox.c.done_at).limit(AT_A_TIME)
    await tx.run(delete(inbox).where(tuple_(*number).in_(letters)))
    replies = select(outbox.c.id).where(_ARRIVED, outbox.c.done_at <= before).order_by(outbox.c.done_at)
    await tx.run(delete(outbox).where(outbox.c.id.in_(replies.limit(AT_A_TIME))))
