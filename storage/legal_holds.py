"""That something of a woman may not be deleted yet, because a law or an authority says so.

* A hold keeps what was set aside where it is; it hides nothing, shows nothing, and gives nobody a way to it.
* It ends with its day, or when it is lifted. Who set it, until when and why stands with it; the audit trail says that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update

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
    rows = await tx.run(
        select(legal_holds).where(await _in_force(tx)).order_by(legal_holds.c.until_on, legal_holds.c.id)
    )
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


async def held(tx: Tx, women: Collection[int] | None = None) -> dict[int, date]:
    """Who of these (None: of all) has a hold, and through which day. The reasons stay sealed."""
    rows = await tx.run(select(legal_holds.c.participant_id, legal_holds.c.until_on).where(await _in_force(tx)))
    return {row.participant_id: row.until_on for row in rows if women is None or row.participant_id in women}


async def _in_force(tx: Tx) -> ColumnElement[bool]:
    """Neither lifted nor over, by the day of the office."""
    return legal_holds.c.lifted_at.is_(None) & (legal_holds.c.until_on >= await today(tx))


async def today(tx: Tx) -> date:
    """The day of the office, by which holds end."""
    return tx.now.astimezone(ZoneInfo((await cases_office.office(tx)).zone)).date()
