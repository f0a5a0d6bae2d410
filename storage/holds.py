"""When nothing unasked is sent to a woman because of what she wrote: since when, until when, and who ends it.

* It is no pause: no card, file or list shows it, and nobody who was not told learns of it by this.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select, update

from storage.cases_kinds import CRISIS
from storage.database import Tx
from storage.looks import look_now
from storage.schema import accounts, detections


async def goes_on_no_more(tx: Tx, lanes: Collection[str]) -> None:
    """What is written next in these chats is about nothing that was found there before: it stands there no more."""
    hers = select(accounts.c.participant_id).where(accounts.c.lane == bindparam("there"))
    stood = update(detections).where(detections.c.participant_id.in_(hers), detections.c.stands)
    await tx.run(stood.values(stands=False), [{"there": lane} for lane in lanes])


async def free(tx: Tx, participant: int) -> None:
    """She may be written to again."""
    hers = (detections.c.participant_id == participant) & detections.c.freed_at.is_(None)
    await tx.run(update(detections).where(hers).values(freed_at=tx.now, stands=False))
    await look_now(tx, [participant])


async def settle(tx: Tx, case: Any) -> None:
    """Where this case (its row, as it stands now) is a crisis that is resolved, its woman may be written to again."""
    if case.kind == CRISIS and case.closed_at is not None:
        await free(tx, case.participant_id)
