"""One woman's check-ins as staff look them up, the release date that came late, and her pseudonym outside.

* Nothing here opens the vault: names come from `people.cards`.
* A release date is filled in once; one that the store has is never written over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Update, bindparam, select, update

from storage import audit
from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.ledger import BOT
from storage.schema import checkins, participants, preferences


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


# --- a release date that comes after she was registered


@dataclass(frozen=True, slots=True)
class Undated:
    """A check-in that waits for her release date, and when she likes to be asked."""

    id: int
    participant: int
    plan: str
    point: str
    zone: str
    slot: str


@dataclass(frozen=True, slots=True)
class Dated:
    """What the plan makes of that check-in now that there is a date; `fate` only where it is closed from the start."""

    id: int
    state: CheckinState
    due_on: date | None
    opens_at: datetime | None
    closes_at: datetime | None
    fate: Fate | None
    reason: Reason | None


async def without_date(tx: Tx) -> set[int]:
    """The women whose release date the store does not have."""
    found = await tx.run(select(participants.c.id).where(participants.c.release_on.is_(None)))
    return set(found.scalars())


async def undated(tx: Tx, women: Collection[int]) -> list[Undated]:
    """The check-ins of these women that wait for a date, one woman after the other."""
    statement = (
        select(checkins, preferences.c.zone, preferences.c.slot)
        .join(preferences, preferences.c.participant_id == checkins.c.participant_id)
        .where(checkins.c.state == CheckinState.WAITING_FOR_DATE)
        .order_by(checkins.c.participant_id)
    )
    return [
        Undated(row.id, row.participant_id, row.plan, row.point, zone=row.zone, slot=row.slot)
        for row in await tx.run(statement)
        if row.participant_id in women
    ]


async def fill_dates(tx: Tx, dates: Mapping[int, date], rows: Sequence[Dated]) -> None:
    """Write down these women's release dates, where there is none, and what follows for their waiting check-ins."""
    dateless = (participants.c.id == bindparam("woman")) & participants.c.release_on.is_(None)
    statement = update(participants).where(dateless).values(release_on=bindparam("day"))
    await tx.run(statement, [{"woman": woman, "day": day} for woman, day in dates.items()])
    await tx.run(_dating(), [_dated(tx, row) for row in rows])
    await audit.append(tx, [audit.Act("command", "release_date_filled", str(woman)) for woman in dates])


def _dating() -> Update:
    names = ("state", "owner", "due_on", "opens_at", "closes_at", "next_at", "fate", "fate_reason", "closed_at")
    waits = (checkins.c.id == bindparam("checkin")) & (checkins.c.state == CheckinState.WAITING_FOR_DATE)
    return update(checkins).where(waits).values({name: bindparam(f"new_{name}") for name in names})


def _dated(tx: Tx, row: Dated) -> dict[str, object]:
    closed = row.state is CheckinState.CLOSED
    return {
        "checkin": row.id,
        "new_state": row.state,
        "new_owner": None if closed else BOT,
        "new_due_on": row.due_on,
        "new_opens_at": row.opens_at,
        "new_closes_at": row.closes_at,
        "new_next_at": row.opens_at,
        "new_fate": row.fate,
        "new_fate_reason": row.reason,
        "new_closed_at": tx.now if closed else None,
    }
