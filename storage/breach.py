"""Telling women that somebody may have seen what is kept of them: a duty by law, and no broadcast.

* It needs no permission for broadcasts (LFPDPPP 2025, article 19), and is one harmless line in her chat, all else at
  her tap, behind her code.
* Whom a chat does not reach, who stopped, is frozen, or is held for a danger, staff call: each has a case for it. So
  has whoever has not opened it in UNREAD, or whose line never left.
* Who was told, how and when stands in her notice or her case.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select

from storage import audit, notices, people
from storage.cases import open_and_tell
from storage.cases_kinds import BREACH
from storage.circumstances import Circumstances, Reach, know
from storage.database import Tx
from storage.mail import MailState, Urgency
from storage.notices import UNOPENED, Content, NewNotice
from storage.schema import cases, outbox
from storage.schema import notices as notices_kept

CAUSE = "breach:"

UNREAD = timedelta(days=2)
"""How long staff wait for her tap before they call: the law says at once, and a day has quiet hours."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who gets it in her chat, and who is for staff to call."""

    in_chat: tuple[int, ...]
    to_call: tuple[int, ...]


async def reach(tx: Tx, women: Collection[int]) -> Told:
    """How each of these women would learn of it now; those who died are left out."""
    known = [her for her in (await know(tx, women)).values() if her.died_on is None]
    by_chat = {her.participant for her in known if _is_reached(her, tx.now)}
    return Told(tuple(sorted(by_chat)), tuple(sorted({her.participant for her in known} - by_chat)))


def _is_reached(her: Circumstances, now: datetime) -> bool:
    held = her.held is not None and her.held.covers(now)
    return her.reach[0] is Reach.REACHABLE and her.frozen_at is None and not held


async def tell(tx: Tx, women: Collection[int], text: str) -> Told:
    """Leave it for whom it reaches, and ask staff to call all others. The audit has how many."""
    told, id_ = await reach(tx, women), tx.ids.random()
    cause = f"{CAUSE}{id_}"
    new = [NewNotice(woman, Content(text), cause) for woman in told.in_chat]
    await notices.leave(tx, new, urgency=Urgency.NEWS)
    await open_and_tell(tx, told.to_call, BREACH, origin=f"{cause}:call")
    counts = f"{len(told.in_chat)} {len(told.to_call)}"
    await audit.append(tx, [audit.Act(audit.acting(None), "breach_told", str(id_), counts)])
    return told


_OURS = (notices_kept.c.cause >= CAUSE) & (notices_kept.c.cause < "breach;")


async def any_to_chase(tx: Tx) -> bool:
    """Whether there is anybody whom `chase` would have called."""
    return (await tx.run(_unseen(tx).limit(1))).first() is not None


async def chase(tx: Tx) -> int:
    """Have staff call those whom it did not reach after all; returns of how many that was still to be asked."""
    women = set((await tx.run(_unseen(tx))).scalars())
    if women:
        await open_and_tell(tx, women, BREACH, origin=f"{CAUSE}{tx.ids.random()}:call")
    return len(women)


def _unseen(tx: Tx) -> Select[Any]:
    """Those whom it has not reached for too long, or never will, and whom nobody was asked to call since."""
    lost = outbox.c.state.in_((MailState.DROPPED, MailState.FAILED, MailState.UNKNOWN))
    late = lost | (notices_kept.c.posted_at <= tx.now - UNREAD)
    asked = select(cases.c.id).where(
        cases.c.participant_id == notices_kept.c.participant_id,
        cases.c.kind == BREACH,
        cases.c.opened_at >= notices_kept.c.posted_at,
    )
    return (
        select(notices_kept.c.participant_id)
        .outerjoin(outbox, outbox.c.origin == notices_kept.c.line)
        .where(_OURS, UNOPENED, late, ~asked.exists())
    )


# --- what can be shown later


class How(StrEnum):
    """How it stands with one woman."""

    READ = "read in her chat"
    WAITS = "waits in her chat"
    TO_CALL = "to be called"
    CALLED = "called"


@dataclass(frozen=True, slots=True)
class Standing:
    """One woman who is to know: how it stands, and since when."""

    record_id: str
    how: How
    at: datetime


async def standing(tx: Tx) -> list[Standing]:
    """Everybody who was to be told, the last first; who is called after a line that she did not open stands twice."""
    read = select(notices_kept).where(_OURS, notices_kept.c.retired_at.is_(None))
    found = [
        (row.participant_id, How.READ, row.opened_at)
        if row.opened_at is not None
        else (row.participant_id, How.WAITS, row.posted_at)
        for row in await tx.run(read)
    ]
    found += [
        (row.participant_id, How.CALLED if row.closed_at else How.TO_CALL, row.closed_at or row.opened_at)
        for row in await tx.run(select(cases).where(cases.c.kind == BREACH))
    ]
    names = await people.record_ids(tx, [woman for woman, _, _ in found])
    told = [Standing(names.get(woman, ""), how, at) for woman, how, at in found]
    return sorted(told, key=lambda one: (one.at, one.record_id), reverse=True)
