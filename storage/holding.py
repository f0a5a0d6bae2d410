"""A store that was put back sends nothing to women until a person has said that it may.

* Staff are served as ever, and what takes messages or buttons away still does: it says nothing.
* What waited meanwhile goes through every check again before it leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal_column, select, update

from conversations.speech import ButtonsRemoved, ChatCleaned, ChatCleared, MessagesTaken
from storage import audit, installation
from storage.database import Tx
from storage.fates import CheckinState
from storage.journal import Journal
from storage.mail import READY, Claimed, Urgency
from storage.recipients import RecipientState
from storage.schema import accounts, broadcasts, checkins, outbox, recipients

SINCE = "sending_held_since"
HELD_BACK = "restored"
"""Why a parcel waits that may not leave yet, as its row says."""

AGAIN = timedelta(minutes=10)
"""When a parcel that is held back is looked at again; a word that sending may begin releases it at once."""

_SAYS_NOTHING = (ButtonsRemoved, ChatCleaned, ChatCleared, MessagesTaken)


async def since(tx: Tx) -> datetime | None:
    """Since when nothing is sent to women; None: it is."""
    told = await installation.recall(tx, SINCE)
    return datetime.fromisoformat(told) if told else None


async def hold(tx: Tx) -> None:
    """From now on nothing is sent to women. What was held before is so since then."""
    if await since(tx) is None:
        await installation.remember(tx, {SINCE: tx.now.isoformat()})


async def release(tx: Tx) -> bool:
    """A person has said that sending may begin. False if nothing was held."""
    if await since(tx) is None:
        return False
    await installation.remember(tx, {SINCE: ""})
    kept = READY & (outbox.c.reason == HELD_BACK)
    await tx.run(update(outbox).where(kept).values(ready_at=tx.now, reason=None))
    await audit.append(tx, [audit.Act(audit.acting(None), "sending_released")])
    return True


class Guard:
    """What the courier asks before anything leaves."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._held = True  # until the store says otherwise: in one process it can only be released

    async def attend(self, tx: Tx) -> None:
        """Keep apart what was promised, before anything is written in this transaction."""
        await self._journal.follow(tx)
        if self._held:
            self._held = await since(tx) is not None

    async def kept_back(self, tx: Tx, claimed: Sequence[Claimed]) -> Collection[int]:
        """Which of these parcels must not leave yet, by their ids."""
        if not self._held or not claimed:
            return ()
        lanes = {one.parcel.lane for one in claimed}
        theirs = accounts.c.lane.in_(lanes) & accounts.c.unlinked_at.is_(None) & accounts.c.participant_id.is_not(None)
        women = set((await tx.run(select(accounts.c.lane).where(theirs))).scalars())
        return {one.id for one in claimed if _is_hers(one, women) and not isinstance(one.parcel.speech, _SAYS_NOTHING)}


def _is_hers(claimed: Claimed, women: Collection[str]) -> bool:
    return claimed.parcel.participant_id is not None or claimed.parcel.lane in women


# --- what would go out


@dataclass(frozen=True, slots=True)
class Waiting:
    """What leaves once sending begins: messages to women by their urgency, copies of broadcasts that are still to be
    handed over, and check-ins whose moment has come."""

    messages: dict[Urgency, int]
    copies: int
    checkins: int


async def waiting(tx: Tx) -> Waiting:
    """What would go out as things stand now, if everything that is checked says yes."""
    hers = (outbox.c.state == literal_column("'ready'")) & outbox.c.participant_id.is_not(None)
    found = await tx.run(select(outbox.c.urgency, func.count()).where(hers).group_by(outbox.c.urgency))
    to_get = recipients.c.state == RecipientState.WAITING
    under_way = recipients.join(broadcasts, broadcasts.c.id == recipients.c.broadcast_id)
    copies = select(func.count()).select_from(under_way).where(to_get, broadcasts.c.next_at.is_not(None))
    due = (checkins.c.state != literal_column("'closed'")) & (checkins.c.next_at <= tx.now)
    invited = select(func.count()).select_from(checkins).where(due, checkins.c.state == CheckinState.EXPECTED)
    return Waiting(
        {Urgency(urgency): number for urgency, number in found}, await _one(tx, copies), await _one(tx, invited)
    )


async def _one(tx: Tx, statement: Any) -> int:
    return int((await tx.run(statement)).scalar_one())
