"""One woman's check-ins as staff look them up, and the pseudonym under which she stands outside.

* Nothing here opens the vault: names come from `people.cards`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.schema import checkins, participants


@dataclass(frozen=True, slots=True)
class CheckinCard:
    """Where one check-in stands."""

    point: str
    instrument: str
    state: CheckinState
    due_on: date | None
    invited_at: datetime | None
    started_at: datetime | None
    closed_at: datetime | None
    fate: Fate | None
    reason: Reason | None


async def checkins_of(tx: Tx, participant: int) -> list[CheckinCard]:
    """Her check-ins, the earliest due first; those without a date last."""
    statement = (
        select(checkins)
        .where(checkins.c.participant_id == participant)
        .order_by(checkins.c.due_on.nulls_last(), checkins.c.point)
    )
    return [
        CheckinCard(
            point=row.point,
            instrument=row.instrument,
            state=CheckinState(row.state),
            due_on=row.due_on,
            invited_at=row.invited_at,
            started_at=row.started_at,
            closed_at=row.closed_at,
            fate=row.fate and Fate(row.fate),
            reason=row.fate_reason and Reason(row.fate_reason),
        )
        for row in await tx.run(statement)
    ]


async def pseudonym(tx: Tx, participant: int) -> str:
    """The name under which she stands in exports and files."""
    person: str = (await tx.run(select(participants.c.person).where(participants.c.id == participant))).scalar_one()
    return person
