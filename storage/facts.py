"""What dialogues may know before they take a step, loaded in bulk: who is in each chat, and what a step asked to look
up.

* A dialogue names what it needs as data; nothing is loaded that no dialogue of the batch asked for.
* What is asked of one chat at a time finds its own answer; what a tick asks for hundreds is looked up for all at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, true

from storage import people
from storage.cases import CaseNow, asked_by
from storage.cases_seen import waiting
from storage.database import Tx
from storage.fates import CheckinState, Fate
from storage.files import Fetched, fetched
from storage.gates import GATE, NOT_ASKED, Gate, doorstep_of, gate_of
from storage.invitations import digest_of
from storage.members import SEES_OWN, Member, Role, visible_to
from storage.notices import Shown, shown_to
from storage.outcomes.known import known
from storage.outcomes.work import NOW
from storage.pauses import EVERYTHING, PauseKind
from storage.preferences import Trato, speech_key
from storage.records import Need
from storage.schema import (
    accounts,
    chats,
    checkins,
    consents,
    gates,
    incomes,
    invitations,
    participants,
    pauses,
    preferences,
    staff,
    stops,
    vault,
)
from storage.vault import Place
from storage.words import matches


@dataclass(frozen=True, slots=True)
class Person:
    """The woman whose chat this is; `cases` is how that stands which she asked for, resolved lately or not yet.

    `days` are those of her check-ins, as digits (Monday is 0; None: all); `stopped` says that she wished to be left
    alone, `resting` that a pause runs which she may end herself; `shown` are the notices of the team that she has just
    opened.
    """

    participant: int
    language: str
    zone: str
    slot: str
    called: str | None
    purposes: tuple[str, ...]
    enrolled: bool
    trato: str = Trato.TU
    cases: tuple[CaseNow, ...] = ()
    days: str | None = None
    stopped: bool = False
    resting: bool = False
    shown: tuple[Shown, ...] = ()
    gate: Gate = NOT_ASKED
    agreed: people.Agreed | None = None

    @property
    def speech(self) -> str:
        """The key of the texts and labels that she reads: her language, in Spanish with her form of address."""
        return speech_key(self.language, self.trato)


@dataclass(frozen=True, slots=True)
class Who:
    """Whose chat a lane is: hers, staff's, or nobody's; `shut`: what we sent there last was refused for good; `unsafe`:
    it was marked as not safe, and becomes nobody's again.

    `person` is the one of its `women` who is in: None as long as whoever is there has given none of their codes.
    `doorstep` is how far somebody is with that; `cleared_at`: of what was shown there before, nothing stands.
    """

    person: Person | None = None
    staff: Member | None = None
    shut: bool = False
    unsafe: bool = False
    women: tuple[Person, ...] = ()
    doorstep: bytes | None = None
    cleared_at: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether the chat belongs to anybody."""
        return self.person is not None or bool(self.women) or self.staff is not None

    def addressed(self, participant: int | None) -> Who:
        """The same chat for what is meant for this woman of it, whoever is in; for its only one where nobody is
        named."""
        only = self.women[0].participant if len(self.women) == 1 else None
        meant = only if participant is None else participant
        return replace(self, person=next((her for her in self.women if her.participant == meant), None))


_HER_REST = pauses.c.ended_at.is_(None) & (pauses.c.series == EVERYTHING) & (pauses.c.kind != PauseKind.REENTRY)
"""The pause that she may end herself."""


async def who_is_in(tx: Tx, lanes: Sequence[str]) -> dict[str, Who]:
    """Whose chat each of these lanes is; lanes of nobody are left out, unless they are marked as not safe."""
    statement = (
        select(
            accounts.c.lane,
            accounts.c.participant_id,
            accounts.c.staff_id,
            accounts.c.blocked_at,
            preferences.c.zone,
            preferences.c.slot,
            preferences.c.language,
            preferences.c.trato,
            preferences.c.days,
            stops.c.id.label("stop"),
            pauses.c.id.label("pause"),
            pauses.c.until_on,
            vault.c.called,
            participants.c.enrolled_at,
            staff.c.role,
            staff.c.pin_hash,
            staff.c.pin_tries,
            staff.c.authenticator,
            staff.c.seen_at,
            chats.c.id.label("chat"),
            chats.c.participant_id.label("inside"),
            chats.c.open_until,
            chats.c.doorstep,
            chats.c.cleared_at,
            *GATE,
        )
        .outerjoin(chats, chats.c.lane == accounts.c.lane)
        .outerjoin(gates, gates.c.participant_id == accounts.c.participant_id)
        .outerjoin(participants, participants.c.id == accounts.c.participant_id)
        .outerjoin(preferences, preferences.c.participant_id == accounts.c.participant_id)
        .outerjoin(vault, vault.c.participant_id == accounts.c.participant_id)
        .outerjoin(stops, (stops.c.participant_id == accounts.c.participant_id) & stops.c.lifted_at.is_(None))
        .outerjoin(pauses, (pauses.c.participant_id == accounts.c.participant_id) & _HER_REST)
        .outerjoin(staff, (staff.c.id == accounts.c.staff_id) & staff.c.revoked_at.is_(None))
        .where(accounts.c.lane.in_(lanes), accounts.c.unlinked_at.is_(None))
    )
    rows = list(await tx.run(statement))
    women = [row.participant_id for row in rows if row.participant_id is not None]
    purposes = await purposes_of(tx, women)
    asked, shown = await asked_by(tx, women), await shown_to(tx, women)
    agreed = await people.agreed_to(tx, women)
    known: dict[str, Who] = {}
    for row in sorted(rows, key=lambda row: row.participant_id or 0):
        if row.participant_id is not None:
            hers = (asked.get(row.participant_id, ()), shown.get(row.participant_id, ()))
            person = _person(tx, row, purposes.get(row.participant_id, ()), *hers)
            person = replace(person, agreed=agreed.get(row.participant_id))
            known[row.lane] = _with(tx, known.get(row.lane, Who()), row, person=person)
        elif row.role is not None:
            known[row.lane] = Who(staff=_member(row), shut=row.blocked_at is not None)
    others = set(lanes) - set(known)
    found = {lane: _whoever_is_in(who) for lane, who in known.items()}
    return found | {lane: Who(unsafe=True) for lane in await people.unsafe_lanes(tx, others)}


def _with(tx: Tx, who: Who, row: Any, *, person: Person) -> Who:
    """The chat with one more woman whose it is, `person` if her code let her in."""
    inside = row.inside == row.participant_id and row.open_until is not None and row.open_until > tx.now
    doorstep = None if row.doorstep is None else tx.vault.open(doorstep_of(row.chat), row.doorstep)
    return Who(
        person=person if inside else who.person,
        shut=who.shut or row.blocked_at is not None,
        women=(*who.women, person),
        doorstep=doorstep,
        cleared_at=row.cleared_at,
    )


def _whoever_is_in(who: Who) -> Who:
    """Whoever has the chat for herself and chose no code is always in."""
    if len(who.women) == 1 and who.women[0].gate.kind is None:
        return replace(who, person=who.women[0])
    return who


def _person(
    tx: Tx, row: Any, purposes: tuple[str, ...], asked: tuple[CaseNow, ...], shown: tuple[Shown, ...]
) -> Person:
    today = tx.now.astimezone(ZoneInfo(row.zone)).date()
    return Person(
        participant=row.participant_id,
        language=row.language,
        zone=row.zone,
        slot=row.slot,
        called=tx.vault.open_text(Place("vault", "called", row.participant_id), row.called),
        purposes=purposes,
        enrolled=row.enrolled_at is not None,
        trato=row.trato,
        cases=asked,
        days=row.days,
        stopped=row.stop is not None,
        shown=shown,
        resting=row.pause is not None and (row.until_on is None or today < row.until_on),
        gate=gate_of(tx, row),
    )


def _member(row: Any) -> Member:
    return Member(
        staff=row.staff_id,
        role=Role(row.role),
        pin=row.pin_hash is not None,
        authenticator=row.authenticator is not None,
        seen_at=row.seen_at,
        tries=row.pin_tries,
    )


async def purposes_of(tx: Tx, women: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """What each of them consents to at present: her last word on each purpose."""
    ranked = (
        select(
            consents.c.participant_id,
            consents.c.purpose,
            consents.c.given,
            func.row_number()
            .over(partition_by=(consents.c.participant_id, consents.c.purpose), order_by=consents.c.at.desc())
            .label("age"),
        )
        .where(consents.c.participant_id.in_(women))
        .subquery()
    )
    given: dict[int, tuple[str, ...]] = {}
    for row in await tx.run(select(ranked).where(ranked.c.age == 1, ranked.c.given).order_by(ranked.c.purpose)):
        given[row.participant_id] = (*given.get(row.participant_id, ()), row.purpose)
    return given


# --- what a step can ask to look up


@dataclass(frozen=True, slots=True)
class InvitationFound:
    """An invitation as a dialogue sees it: the secret is known, the word only as right or wrong; `signed`: the
    version of the paper on which her consent was recorded; `coded`: she has chosen a code."""

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


_SIGNED = (
    select(consents.c.version)
    .where(consents.c.participant_id == invitations.c.participant_id, consents.c.how == people.How.PAPER)
    .where(consents.c.purpose == people.Purpose.FOLLOW_UP, consents.c.given)
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
