"""Whose each chat is, and who of its women is in: what every step may know, loaded in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from storage import people
from storage.cases import CaseNow, asked_by
from storage.consents import Agreed, agreed_to, purposes_of
from storage.database import Tx
from storage.detections import IN_DANGER, STANDS, InDanger, danger_of
from storage.gates import GATE, NO_TRIES, NOT_ASKED, TRIES, Gate, Tries, doorstep_of, gate_of, tries_of
from storage.members import Member, Role
from storage.notices import Shown, shown_to
from storage.pauses import EVERYTHING, PauseKind
from storage.preferences import Trato, speech_key
from storage.schema import (
    accounts,
    chats,
    detections,
    gates,
    participants,
    pauses,
    preferences,
    staff,
    stops,
    vault,
)
from storage.stops import How
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class Person:
    """The woman whose chat this is; `cases` is how that stands which she asked for, resolved lately or not yet.

    `days` are those of her check-ins, as digits (Monday is 0; None: all); `stopped` says that she wished to be left
    alone, `by_somebody` that one of those did who share the chat; `resting` that a pause runs which she may end
    herself; `shown` are the notices of the team that she has just opened; `danger` is what she wrote of just now.
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
    by_somebody: bool = False
    resting: bool = False
    shown: tuple[Shown, ...] = ()
    gate: Gate = NOT_ASKED
    danger: InDanger | None = None
    agreed: Agreed | None = None

    @property
    def speech(self) -> str:
        """The key of the texts and labels that she reads: her language, in Spanish with her form of address."""
        return speech_key(self.language, self.trato)


@dataclass(frozen=True, slots=True)
class Who:
    """Whose chat a lane is: hers, staff's, or nobody's; `shut`: what we sent there last was refused for good; `unsafe`:
    it was marked as not safe, and becomes nobody's again.

    `person` is the one of its `women` who is in: None as long as whoever is there has given none of their codes.
    `doorstep` is how far somebody is with that, `tries` the wrong codes that were given there.
    """

    person: Person | None = None
    staff: Member | None = None
    shut: bool = False
    unsafe: bool = False
    women: tuple[Person, ...] = ()
    doorstep: bytes | None = None
    tries: Tries = NO_TRIES

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


def _whose(lanes: Sequence[str]) -> Select[Any]:
    """One row for each woman of each chat, and for each member of staff whose chat it is."""
    return (
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
            stops.c.how.label("stop"),
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
            *TRIES,
            *IN_DANGER,
            *GATE,
        )
        .outerjoin(detections, (detections.c.participant_id == accounts.c.participant_id) & STANDS)
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


async def who_is_in(tx: Tx, lanes: Sequence[str]) -> dict[str, Who]:
    """Whose chat each of these lanes is; lanes of nobody are left out, unless they are marked as not safe."""
    rows = list(await tx.run(_whose(lanes)))
    women = [row.participant_id for row in rows if row.participant_id is not None]
    purposes = await purposes_of(tx, women)
    asked, shown = await asked_by(tx, women), await shown_to(tx, women)
    agreed = await agreed_to(tx, women)
    known: dict[str, Who] = {}
    for row in sorted(rows, key=lambda row: row.participant_id or 0):
        if row.participant_id is not None:
            person = _person(
                tx,
                row,
                purposes=purposes.get(row.participant_id, ()),
                asked=asked.get(row.participant_id, ()),
                shown=shown.get(row.participant_id, ()),
            )
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
        tries=tries_of(row),
    )


def _whoever_is_in(who: Who) -> Who:
    """Whoever has the chat for herself and chose no code is always in."""
    if len(who.women) == 1 and who.women[0].gate.kind is None:
        return replace(who, person=who.women[0])
    return who


def _person(
    tx: Tx, row: Any, *, purposes: tuple[str, ...], asked: tuple[CaseNow, ...], shown: tuple[Shown, ...]
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
        by_somebody=row.stop == How.SOMEBODY,
        shown=shown,
        resting=row.pause is not None and (row.until_on is None or today < row.until_on),
        gate=gate_of(tx, row),
        danger=danger_of(row),
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
