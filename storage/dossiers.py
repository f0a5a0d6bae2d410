"""One woman as staff see her on her card: who she is, whose, what is expected of her, and what keeps messages from her.

* Who may not see her finds nothing.
* Her number and her words are not here: whoever needs them asks for them by name, and that is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from storage import audit, calls, cases, pauses, people, roster
from storage.calls import Tried
from storage.cases import OpenCase
from storage.circumstances import Circumstances, Reach, know
from storage.database import Tx
from storage.members import Member, name_of, visible_to
from storage.pauses import Pause
from storage.people import Card
from storage.records import Entry, Writer
from storage.roster import CheckinCard
from storage.schema import participants, staff, vault


@dataclass(frozen=True, slots=True)
class Dossier:
    """What staff see of one woman; `reach` says whether a message gets to her now."""

    card: Card
    birth_year: int | None
    staff: int | None
    staff_name: str
    circumstances: Circumstances
    checkins: tuple[CheckinCard, ...]
    attempts: tuple[Tried, ...]
    waits: tuple[OpenCase, ...]
    pauses: tuple[Pause, ...]
    has_phone: bool
    phone_unsafe: bool
    frozen_at: datetime | None

    @property
    def id(self) -> int:
        """Her internal id."""
        return self.card.participant

    @property
    def reach(self) -> Reach:
        """Whether a message gets to her."""
        return self.circumstances.reach[0]

    @property
    def zone(self) -> ZoneInfo:
        """Her clock."""
        return ZoneInfo(self.card.zone)

    def value(self, field: str) -> str:
        """What is known of her under this name, as it is compared and shown; "" for nothing."""
        known = {
            "release_on": self.card.release_on,
            "centre": self.card.centre,
            "zone": self.card.zone,
            "slot": self.circumstances.slot,
            "days": self.circumstances.days,
            "region": self.circumstances.region,
            "staff": self.staff,
        }
        return "" if known[field] is None else str(known[field])

    @property
    def next_checkin(self) -> CheckinCard | None:
        """The one that is open in her chat, or else the one that opens next."""
        coming = [one for one in self.checkins if one.opens_at is not None and one.fate is None]
        return min(coming, key=lambda one: (one.invited_at is None, one.opens_at), default=None)

    def past_checkins(self, most: int) -> Sequence[CheckinCard]:
        """The last so many that are over, the latest first."""
        over = [one for one in self.checkins if one.fate is not None and one.due_on is not None]
        return sorted(over, key=lambda one: one.due_on or date.min, reverse=True)[:most]


@dataclass(frozen=True, slots=True)
class DossierOf:
    """The card of this woman, for a member of staff who may see her."""

    member: Member
    woman: int

    async def find(self, tx: Tx) -> Dossier | None:
        """Her card, or None where there is no such woman for her."""
        hers = (
            select(participants, vault.c.phone.is_not(None).label("has_phone"), vault.c.phone_unsafe_at)
            .join(vault, vault.c.participant_id == participants.c.id)
            .where(participants.c.id == self.woman, visible_to(self.member))
        )
        row = (await tx.run(hers)).first()
        return None if row is None else await _dossier(tx, row)


@dataclass(frozen=True, slots=True)
class DossierByRecordId:
    """The card of the woman who is registered so, for a member of staff who may see her."""

    member: Member
    record_id: str

    async def find(self, tx: Tx) -> Dossier | None:
        """Her card, or None where there is no such woman for her."""
        known = await people.known_record_ids(tx, [self.record_id])
        return await DossierOf(self.member, known.get(self.record_id, 0)).find(tx)


async def _dossier(tx: Tx, row: Any) -> Dossier:
    (card,) = await people.cards(tx, row.id)
    return Dossier(
        card=card,
        birth_year=row.birth_year,
        staff=row.staff_id,
        staff_name=await _name(tx, row.staff_id),
        circumstances=(await know(tx, [row.id]))[row.id],
        checkins=tuple(await roster.checkins_of(tx, row.id)),
        attempts=tuple(await calls.attempts_of(tx, row.id)),
        waits=tuple(await cases.who_waits(tx, row.id)),
        pauses=(await pauses.running(tx, [row.id])).get(row.id, ()),
        has_phone=bool(row.has_phone),
        phone_unsafe=row.phone_unsafe_at is not None,
        frozen_at=row.frozen_at,
    )


async def _name(tx: Tx, member: int | None) -> str:
    row = None if member is None else (await tx.run(select(staff).where(staff.c.id == member))).first()
    return "" if row is None else name_of(tx, row)


@dataclass(frozen=True, slots=True)
class CardRead:
    """A member of staff has opened this woman's card."""

    woman: int
    by: int


async def _read(tx: Tx, entries: Sequence[Entry[CardRead]]) -> None:
    read = [entry.record for entry in entries]
    await audit.append(tx, [audit.Act(audit.acting(one.by), "card_read", str(one.woman)) for one in read])


WRITERS: dict[type, Writer] = {CardRead: _read}
