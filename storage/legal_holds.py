"""That something of a woman may not be deleted yet, because a law or an authority says so.

* A hold keeps what was set aside where it is; it hides nothing, shows nothing, and gives nobody a way to it.
* It ends with its day, or when it is lifted. Who set it, until when and why stands with it; the audit trail says that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from storage import audit, cases_office
from storage.database import Tx
from storage.schema import legal_holds
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold: about whom, through which local day of the office, why, and since when."""

    woman: int
    until_on: date
    reason: str
    set_at: datetime
    set_by: str


async def hold(tx: Tx, woman: int, *, until: date, reason: str, by: int | None = None) -> None:
    """Nothing of hers is deleted through that day, whatever held before."""
    await _end(tx, woman)
    id_ = tx.ids.random()
    row = {"id": id_, "participant_id": woman, "until_on": until, "set_at": tx.now, "set_by": audit.acting(by)}
    sealed = tx.vault.seal_text(Place("legal_holds", "reason", id_), reason)
    await tx.run(legal_holds.insert().values(**row, reason=sealed))
    await audit.append(tx, [audit.Act(audit.acting(by), "hold_set", str(woman), until.isoformat())])


async def lift(tx: Tx, woman: int, *, by: int | None = None) -> bool:
    """What is kept of her may be deleted again. False if nothing held it."""
    if not await _end(tx, woman):
        return False
    await audit.append(tx, [audit.Act(audit.acting(by), "hold_lifted", str(woman))])
    return True


async def _end(tx: Tx, woman: int) -> bool:
    hers = (legal_holds.c.participant_id == woman) & legal_holds.c.lifted_at.is_(None)
    return bool((await tx.run(update(legal_holds).where(hers).values(lifted_at=tx.now))).rowcount)


async def standing(tx: Tx) -> list[Hold]:
    """The holds whose day is not over, the first to end first."""
    today = tx.now.astimezone(ZoneInfo((await cases_office.office(tx)).zone)).date()
    now = legal_holds.c.lifted_at.is_(None) & (legal_holds.c.until_on >= today)
    rows = await tx.run(select(legal_holds).where(now).order_by(legal_holds.c.until_on, legal_holds.c.id))
    return [
        Hold(
            row.participant_id,
            row.until_on,
            tx.vault.open_text(Place("legal_holds", "reason", row.id), row.reason) or "",
            row.set_at,
            row.set_by,
        )
        for row in rows
    ]


async def held(tx: Tx, women: Collection[int]) -> dict[int, date]:
    """Who of these has a hold, and through which day."""
    return {one.woman: one.until_on for one in await standing(tx) if one.woman in women}
