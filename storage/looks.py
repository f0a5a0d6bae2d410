"""When the ledger's rows are looked at again out of turn, because something about a woman has changed.

* Nothing is decided here: the tick finds her rows due, and decides as of that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from storage.database import Tx
from storage.fates import CheckinState
from storage.schema import checkins

BOT = "bot"
"""The owner of the rows that the tick looks at."""

_DATED = (CheckinState.EXPECTED, CheckinState.INVITED, CheckinState.STARTED)


async def look_now(tx: Tx, women: Iterable[int | None]) -> None:
    """All open check-ins of these women are decided about anew at the next tick; None stands for nobody."""
    known = [woman for woman in dict.fromkeys(women) if woman is not None]
    hers = checkins.c.participant_id.in_(known) & checkins.c.state.in_(_DATED)
    await tx.run(update(checkins).where(hers, checkins.c.owner == BOT).values(next_at=tx.now))


async def look_at_late(tx: Tx, checkin_ids: Sequence[int]) -> None:
    """What has had to wait for these check-ins to the end of its window is decided about anew.

    What has another day left keeps it: nobody is asked again in the moment in which she is done.
    """
    women = select(checkins.c.participant_id).where(checkins.c.id.in_(checkin_ids))
    waits = (checkins.c.state == CheckinState.EXPECTED) & (checkins.c.opens_at <= tx.now)
    hers = checkins.c.participant_id.in_(women) & (checkins.c.owner == BOT)
    await tx.run(update(checkins).where(hers, waits, checkins.c.next_at >= checkins.c.closes_at).values(next_at=tx.now))


async def look_at_opened(tx: Tx, women: Iterable[int]) -> None:
    """What stands open in the chats of these women is decided about anew: their plan may say otherwise now."""
    ids = list(women)
    if not ids:
        return
    hers = checkins.c.participant_id.in_(ids) & (checkins.c.owner == BOT)
    opened = checkins.c.state.in_((CheckinState.INVITED, CheckinState.STARTED))
    await tx.run(update(checkins).where(hers, opened).values(next_at=tx.now))
