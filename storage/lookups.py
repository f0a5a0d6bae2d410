"""What a step can ask to look up: an invitation, a check-in, what she earned before, how things stand.

* A dialogue names what it needs as data; nothing is loaded that no dialogue of the batch asked for.
* What is asked of one chat at a time finds its own answer; what a tick asks for hundreds is looked up for all at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, true

from storage.cases_seen import waiting
from storage.consents import How, Purpose, last_word
from storage.database import Tx
from storage.fates import CheckinState, Fate
from storage.files import Fetched, fetched
from storage.invitations import digest_of
from storage.members import SEES_OWN, Member, Role, visible_to
from storage.outcomes.known import known
from storage.outcomes.work import NOW
from storage.records import Need
from storage.schema import checkins, consents, gates, incomes, invitations, participants, staff
from storage.words import matches


@dataclass(frozen=True, slots=True)
class InvitationFound:
    """An invitation as a dialogue sees it: the secret is known, the word only as right or wrong; `signed`: the
    version of the paper on which her consent was recorded, if it stands; `coded`: she has chosen a code."""

    id: int
    participant: int | None
    staff: int | None
    tries: int
    expires_at: datetime
    used: bool
    revoked: bool
    word_is_right: bool | None = None
    role: Role | None = None
    signed: str | None = None
    coded: bool = False


@dataclass(frozen=True, slots=True)
class InvitationByToken:
    """The invitation that this secret opens."""

    token: str

    async def find(self, tx: Tx) -> InvitationFound | None:
        """The invitation, if there is one."""
        return await _invitation(tx, invitations.c.token_digest == digest_of(self.token), None)


@dataclass(frozen=True, slots=True)
class InvitationById:
    """The invitation that a conversation already opened; with `word`, whether that is its word."""

    invitation: int
    word: str | None = None

    async def find(self, tx: Tx) -> InvitationFound | None:
        """The invitation, if there is one."""
        return await _invitation(tx, invitations.c.id == self.invitation, self.word)


@dataclass(frozen=True, slots=True)
class CheckinFound:
    """A check-in as a dialogue sees it."""

    id: int
    plan: str
    point: str
    instrument: str
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class CheckinById:
    """One row of the ledger."""

    checkin: int

    async def find(self, tx: Tx) -> CheckinFound | None:
        """The row, if there is one."""
        return (await _checkins(tx, [self])).get(self)


@dataclass(frozen=True, slots=True)
class EarlierPayFound:
    """Her latest income before this check-in, in pesos a month."""

    monthly: Decimal


@dataclass(frozen=True, slots=True)
class EarlierPay:
    """What the woman of this check-in earned when she was last asked before it."""

    checkin: int

    async def find(self, tx: Tx) -> EarlierPayFound | None:
        """Her earlier pay, if any is known by the month."""
        hers = select(checkins.c.participant_id).where(checkins.c.id == self.checkin).scalar_subquery()
        told = (incomes.c.participant_id == hers) & (incomes.c.moment == NOW) & incomes.c.monthly.is_not(None)
        latest = (
            select(incomes.c.monthly)
            .where(told, known(incomes), incomes.c.checkin_id != self.checkin)
            .order_by(incomes.c.as_of_on.desc(), incomes.c.id)
            .limit(1)
        )
        monthly: Decimal | None = (await tx.run(latest)).scalar_one_or_none()
        return None if monthly is None else EarlierPayFound(monthly)


@dataclass(frozen=True, slots=True)
class Counts:
    """How things stand: women enrolled, check-ins open in a chat, ended with answers or without, cases that wait."""

    enrolled: int
    open_checkins: int
    completed: int
    not_completed: int
    waiting_cases: int


@dataclass(frozen=True, slots=True)
class CountsNow:
    """How things stand, in numbers: with whoever sees only her own women, of these; else of everybody."""

    member: Member

    async def find(self, tx: Tx) -> Counts:
        """The numbers."""
        hers = visible_to(self.member) if self.member.role in SEES_OWN else true()
        enrolled = select(func.count()).select_from(participants).where(participants.c.enrolled_at.is_not(None), hers)
        by_fate = select(checkins.c.state, checkins.c.fate, func.count()).group_by(checkins.c.state, checkins.c.fate)
        of_hers = by_fate.join(participants, participants.c.id == checkins.c.participant_id).where(hers)
        tally = {(state, fate): count for state, fate, count in await tx.run(of_hers)}
        closed = {fate: count for (state, fate), count in tally.items() if state == CheckinState.CLOSED}
        return Counts(
            enrolled=int((await tx.run(enrolled)).scalar_one()),
            open_checkins=sum(tally.get((state, None), 0) for state in (CheckinState.INVITED, CheckinState.STARTED)),
            completed=closed.get(Fate.COMPLETED, 0),
            not_completed=sum(count for fate, count in closed.items() if fate not in (Fate.COMPLETED, Fate.NOT_DUE)),
            waiting_cases=await waiting(tx, self.member),
        )


@dataclass(frozen=True, slots=True)
class FileById:
    """A file that somebody sent and that was fetched."""

    file: int

    async def find(self, tx: Tx) -> Fetched | None:
        """The file, as long as it is kept."""
        return await fetched(tx, self.file)


async def look_up(tx: Tx, needs: Sequence[Need[Any]]) -> dict[Need[Any], Any]:
    """What was asked for and exists."""
    checkins_found = await _checkins(tx, [need for need in needs if isinstance(need, CheckinById)])
    found: dict[Need[Any], Any] = dict(checkins_found.items())
    for need in dict.fromkeys(needs):
        if not isinstance(need, CheckinById) and (answer := await need.find(tx)) is not None:
            found[need] = answer
    return found


async def _invitation(tx: Tx, where: Any, word: str | None) -> InvitationFound | None:
    whose = select(invitations, staff.c.role, _SIGNED.label("signed"), _CODED.label("coded")).outerjoin(
        staff, staff.c.id == invitations.c.staff_id
    )
    row = (await tx.run(whose.where(where))).first()
    if row is None:
        return None
    right = None
    if word is not None and row.word_hash is not None:
        right = await asyncio.to_thread(matches, row.word_hash, word)  # slow on purpose: keep the loop free
    return InvitationFound(
        id=row.id,
        participant=row.participant_id,
        staff=row.staff_id,
        tries=row.tries,
        expires_at=row.expires_at,
        used=row.used_at is not None,
        revoked=row.revoked_at is not None,
        word_is_right=right,
        role=None if row.role is None else Role(row.role),
        signed=row.signed,
        coded=bool(row.coded),
    )


_LAST = consents.alias()
_ALLOWS = select(_LAST.c.given).where(_LAST.c.id == last_word(invitations.c.participant_id, Purpose.FOLLOW_UP))
_SIGNED = (
    select(consents.c.version)
    .where(consents.c.participant_id == invitations.c.participant_id, consents.c.how == How.PAPER)
    .where(consents.c.purpose == Purpose.FOLLOW_UP, consents.c.given)
    .where(_ALLOWS.correlate(invitations).scalar_subquery())
    .order_by(consents.c.at.desc())
    .limit(1)
    .correlate(invitations)
    .scalar_subquery()
)
_CODED = (
    select(gates.c.participant_id)
    .where(gates.c.participant_id == invitations.c.participant_id, gates.c.kind.is_not(None))
    .correlate(invitations)
    .exists()
)


async def _checkins(tx: Tx, needs: Sequence[CheckinById]) -> dict[CheckinById, CheckinFound]:
    """All at once: a tick can open hundreds."""
    if not needs:
        return {}
    columns = (checkins.c.id, checkins.c.plan, checkins.c.point, checkins.c.instrument, checkins.c.closes_at)
    rows = await tx.run(select(*columns).where(checkins.c.id.in_([need.checkin for need in needs])))
    return {CheckinById(row.id): CheckinFound(*row) for row in rows}
