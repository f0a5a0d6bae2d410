"""Who is to be called, in which order, and what became of each attempt to reach a woman.

* Somebody in need comes first, then whoever has been silent longest, then whose window closes first. Whoever wishes to
  be left alone, or rests, is on no list.
* Every attempt is kept with what it met; a final one ends the task, any other gives it another day.
* What staff note about an attempt is sealed. Audit and logs hold codes and ids only.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select, update

from storage import audit, cases, cleaning, contacts, pauses, stops
from storage.cases import CALL
from storage.database import Tx
from storage.fates import CheckinState
from storage.files import TRANSCRIPTION
from storage.members import Member, visible_to
from storage.pauses import EVERYTHING, STAFF, Pause, PauseKind
from storage.schema import attempts, checkins, participants, preferences, vault
from storage.schema import cases as tasks
from storage.schema import contacts as people
from storage.schema import stops as silences
from storage.vault import Place

log = logging.getLogger(__name__)

STAFFS_OWN = (
    *(CALL, cases.STOP, cases.MESSAGE, cases.MISSING_DATE, cases.FORGOTTEN_WORD, cases.FORGOTTEN_CODE),
    *(TRANSCRIPTION, "inscripcion_incompleta", "alarma", "datos", "volver", "vulneracion"),
)
"""The kinds of case that say nothing of her being in need; all others do: help that she asked for, or chose in an
instrument."""


class Channel(StrEnum):
    """How somebody tried to reach her."""

    PHONE = "telefono"
    VISIT = "visita"
    MESSAGE = "mensaje"


class Disposition(StrEnum):
    """What an attempt met."""

    WILL_ANSWER = "will_answer"
    INTERVIEWED = "interviewed"
    PARTIAL = "partial"
    REFUSED = "refused"
    CALLBACK = "callback"
    MESSAGE_LEFT = "message_left"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    DISCONNECTED = "disconnected"
    CHANGED_NUMBER = "changed_number"
    CANNOT_TALK = "cannot_talk"
    UNABLE = "unable"
    LANGUAGE = "language"
    IN_PRISON = "in_prison"
    DIED = "died"


class Meaning(NamedTuple):
    """What a disposition is called in AAPOR's Standard Definitions (telephone), whether it ends the task, and what it
    says in Spanish."""

    aapor: str
    final: bool
    gloss: str


MEANINGS: Mapping[Disposition, Meaning] = {
    Disposition.WILL_ANSWER: Meaning("2.36", True, "contestó ella y va a responder"),
    Disposition.INTERVIEWED: Meaning("1.1", True, "respondió todo"),
    Disposition.PARTIAL: Meaning("1.2", True, "respondió una parte"),
    Disposition.REFUSED: Meaning("2.112", True, "no quiere que la busquen"),
    Disposition.CALLBACK: Meaning("2.21", False, "pidió que le llamen otro día"),
    Disposition.MESSAGE_LEFT: Meaning("2.21", False, "contestó otra persona, que le dará el recado"),
    Disposition.NO_ANSWER: Meaning("3.13", False, "nadie contesta"),
    Disposition.BUSY: Meaning("3.12", False, "suena ocupado"),
    Disposition.VOICEMAIL: Meaning("3.14", False, "entra el buzón"),
    Disposition.WRONG_NUMBER: Meaning("3.90", False, "el número es de otra persona"),
    Disposition.DISCONNECTED: Meaning("4.32", False, "el número ya no existe"),
    Disposition.CHANGED_NUMBER: Meaning("4.41", False, "cambió de número"),
    Disposition.CANNOT_TALK: Meaning("2.35", False, "ahora no puede hablar, o no es seguro"),
    Disposition.UNABLE: Meaning("2.32", True, "su salud no le permite responder"),
    Disposition.LANGUAGE: Meaning("2.33", False, "habla otra lengua"),
    Disposition.IN_PRISON: Meaning("2.36", True, "está detenida otra vez"),
    Disposition.DIED: Meaning("2.31", True, "falleció"),
}

ONLY_SHE = (Disposition.WILL_ANSWER, Disposition.INTERVIEWED, Disposition.PARTIAL)
"""What cannot be met in asking somebody else after her."""

NUMBER_FAILED = (Disposition.WRONG_NUMBER, Disposition.DISCONNECTED)


# --- the list


@dataclass(frozen=True, slots=True)
class Task:
    """One woman to be called. `silent_since` is her last sign in a check-in, or else her enrolment or registration;
    `tried` counts the attempts since the task was opened; `contacts` whom she permitted to ask. A number or a contact
    that is not safe counts as none."""

    participant: int
    due_at: datetime
    opened_at: datetime
    point: str | None
    needs: tuple[str, ...]
    silent_since: datetime
    closes_at: datetime | None
    has_phone: bool
    phone_wrong: bool
    tried: int
    contacts: int


@dataclass(frozen=True, slots=True)
class CallList:
    """Who is to be called, the most pressing first; and of whom it cannot be said, as what is kept of her is damaged:
    nobody else waits for that."""

    tasks: list[Task]
    unreadable: tuple[int, ...] = ()


async def to_call(tx: Tx, member: Member | None = None) -> list[Task]:
    """Who is to be called, of everybody or of those whom this member of staff may see: those in need first, then the
    longest silent in whole days, then the nearest closing."""
    return (await call_list(tx, member)).tasks


async def call_list(tx: Tx, member: Member | None = None) -> CallList:
    """The same, with whom it leaves out."""
    waiting = _waiting(tx) if member is None else _waiting(tx).where(visible_to(member))
    needs, rows = await _needs(tx), (await tx.run(waiting)).all()
    rests = await pauses.running(tx, [row.participant_id for row in rows])
    found: list[Task] = []
    unreadable: list[int] = []
    for row in rows:
        try:
            rests_now = _rests(row, rests.get(row.participant_id, ()), now=tx.now)
        except (KeyError, ValueError, OSError) as error:  # what ZoneInfo raises of a name that there is not
            told = {"action": "call_unreadable", "participant": row.participant_id, "error": type(error).__name__}
            log.error("a call cannot be listed", extra=told)
            unreadable.append(row.participant_id)
            continue
        if not rests_now:
            found.append(_task(row, needs.get(row.participant_id, ())))
    return CallList(sorted(found, key=lambda task: _urgency(task, tx.now)), tuple(unreadable))


def _urgency(task: Task, now: datetime) -> tuple[Any, ...]:
    closes = (task.closes_at is None, task.closes_at or now)
    return (not task.needs, -(now - task.silent_since).days, *closes, task.due_at)


def _rests(row: Any, hers: Sequence[Pause], *, now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(row.zone)).date()
    return any(one.rests(row.series or EVERYTHING, on=today) for one in hers)


def _waiting(tx: Tx) -> Any:
    hers = checkins.c.participant_id == tasks.c.participant_id
    about = checkins.alias()
    silent = exists().where(silences.c.participant_id == tasks.c.participant_id, silences.c.lifted_at.is_(None))
    since_opened = (attempts.c.participant_id == tasks.c.participant_id) & (attempts.c.at >= tasks.c.opened_at)
    named = people.c.participant_id == tasks.c.participant_id
    permitted = named & people.c.withdrawn_at.is_(None) & people.c.wrong_at.is_(None) & people.c.unsafe_at.is_(None)
    running = hers & (checkins.c.state != CheckinState.CLOSED) & (checkins.c.closes_at > tx.now)
    return (
        select(
            *(tasks.c[name] for name in ("participant_id", "due_at", "opened_at")),
            *(about.c.point, about.c.series, preferences.c.zone),
            *(participants.c.added_at, participants.c.enrolled_at),
            (vault.c.phone.is_not(None) & vault.c.phone_unsafe_at.is_(None)).label("has_phone"),
            vault.c.phone_wrong_at,
            select(func.max(checkins.c.last_heard_at)).where(hers).scalar_subquery().label("last_heard_at"),
            select(func.min(checkins.c.closes_at)).where(running).scalar_subquery().label("closes_at"),
            select(func.count()).select_from(attempts).where(since_opened).scalar_subquery().label("tried"),
            select(func.count()).select_from(people).where(permitted).scalar_subquery().label("contacts"),
        )
        .join(participants, participants.c.id == tasks.c.participant_id)
        .join(vault, vault.c.participant_id == tasks.c.participant_id)
        .join(preferences, preferences.c.participant_id == tasks.c.participant_id)
        .outerjoin(about, about.c.id == tasks.c.checkin_id)
        .where(tasks.c.kind == CALL, tasks.c.closed_at.is_(None), participants.c.died_on.is_(None), ~silent)
    )


async def _needs(tx: Tx) -> dict[int, tuple[str, ...]]:
    """What women are in need of, by the kinds of their open cases, the oldest first."""
    staffs_own = tasks.c.kind.in_(STAFFS_OWN) | tasks.c.kind.startswith(cases.A_DATE, autoescape=True)
    open_ones = tasks.c.closed_at.is_(None) & ~staffs_own & tasks.c.participant_id.is_not(None)
    found: dict[int, tuple[str, ...]] = {}
    for row in await tx.run(select(tasks).where(open_ones).order_by(tasks.c.opened_at, tasks.c.id)):
        found[row.participant_id] = (*found.get(row.participant_id, ()), row.kind)
    return found


def _task(row: Any, needs: tuple[str, ...]) -> Task:
    return Task(
        participant=row.participant_id,
        due_at=row.due_at,
        opened_at=row.opened_at,
        point=row.point,
        needs=needs,
        silent_since=row.last_heard_at or row.enrolled_at or row.added_at,
        closes_at=row.closes_at,
        has_phone=bool(row.has_phone),
        phone_wrong=row.phone_wrong_at is not None,
        tried=row.tried,
        contacts=row.contacts,
    )


# --- attempts


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tried to reach her, or (`contact`) somebody who may know where she is.

    `new_phone` is hers, as whoever answered told it; with CHANGED_NUMBER it is the number of whoever was called.
    `checkin` is what it was about; where that is not said, it was about what her task asks for. `at` is when it was,
    where not just now: it ends no task that was opened since.
    """

    disposition: Disposition
    channel: Channel = Channel.PHONE
    contact: int | None = None
    note: str | None = None
    new_phone: str | None = None
    checkin: int | None = None
    at: datetime | None = None


async def record(tx: Tx, participant: int, attempt: Attempt, *, by: str, try_again_at: datetime) -> bool:
    """Keep an attempt with all that follows from it; returns whether her task is over, or was never open.

    Otherwise the task is due again at `try_again_at`.
    """
    task = (await tx.run(select(tasks).where(*_open_task(participant)))).first()
    asked_for = None if task is None else task.checkin_id
    await _keep(tx, participant, attempt, by=by, checkin=attempt.checkin or asked_for)
    await _follow(tx, participant, attempt, by=by)
    if task is None:
        return True
    if attempt.at is not None and attempt.at < task.opened_at:
        return False
    meaning = MEANINGS[attempt.disposition]
    if meaning.final and not _is_their_own_refusal(attempt):
        await cases.close_case(tx, participant, CALL, by=by)
        return True
    await tx.run(update(tasks).where(tasks.c.id == task.id).values(due_at=try_again_at))
    return False


def _open_task(participant: int) -> tuple[Any, ...]:
    return (tasks.c.participant_id == participant, tasks.c.kind == CALL, tasks.c.closed_at.is_(None))


def _is_their_own_refusal(attempt: Attempt) -> bool:
    """A contact who does not want to be called says nothing about her wishes."""
    return attempt.disposition is Disposition.REFUSED and attempt.contact is not None


async def _keep(tx: Tx, participant: int, attempt: Attempt, *, by: str, checkin: int | None) -> None:
    id_ = tx.ids.ordered()
    await tx.run(
        attempts.insert().values(
            id=id_,
            participant_id=participant,
            checkin_id=checkin,
            contact_id=attempt.contact,
            at=attempt.at or tx.now,
            channel=attempt.channel,
            disposition=attempt.disposition,
            tried_by=by,
            note=tx.vault.seal_text(Place("attempts", "note", id_), attempt.note),
        )
    )
    await audit.append(tx, [audit.Act(by, "attempt_recorded", str(participant), attempt.disposition)])


async def _follow(tx: Tx, participant: int, attempt: Attempt, *, by: str) -> None:
    """What the attempt teaches about numbers and wishes."""
    met, theirs = attempt.disposition, attempt.contact
    if met is Disposition.REFUSED:
        if theirs is None:
            await stops.stop(tx, participant, stops.How.CALL, by=by)
        else:
            await contacts.withdraw(tx, theirs, by=by)
    if met is Disposition.IN_PRISON and not await pauses.is_away(tx, participant):
        await pauses.pause(tx, participant, PauseKind.REENTRY, until_on=None, by=STAFF)
    if met in NUMBER_FAILED:
        if theirs is None:
            await tx.run(update(vault).where(vault.c.participant_id == participant).values(phone_wrong_at=tx.now))
        else:
            await contacts.number_is_wrong(tx, theirs)
    if attempt.new_phone is not None:
        if theirs is not None and met is Disposition.CHANGED_NUMBER:
            await contacts.change_phone(tx, theirs, attempt.new_phone)
        else:
            await set_phone(tx, participant, attempt.new_phone, by=by)


async def set_phone(tx: Tx, participant: int, phone: str, *, by: str = "command") -> None:
    """Her number is this from now on; what was known of another one is forgotten, and her chats are locked. One that is
    not safe stays so."""
    place = Place("vault", "phone", participant)
    hers = vault.c.participant_id == participant
    kept = (await tx.run(select(vault.c.phone, vault.c.phone_unsafe_at).where(hers))).one()
    same = tx.vault.open_text(place, kept.phone) == phone
    unsafe = kept.phone_unsafe_at if same else None
    if not same:
        await cleaning.lock(tx, [participant])
    values = {"phone": tx.vault.seal_text(place, phone), "phone_wrong_at": None, "phone_unsafe_at": unsafe}
    await tx.run(update(vault).where(hers).values(values))
    await audit.append(tx, [audit.Act(by, "phone_changed", str(participant))])


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt as the list of them shows it, without its note."""

    at: datetime
    channel: Channel
    disposition: Disposition
    asked_contact: bool


async def attempts_of(tx: Tx, participant: int) -> list[Tried]:
    """Every attempt to reach her, the oldest first."""
    hers = select(attempts).where(attempts.c.participant_id == participant).order_by(attempts.c.at, attempts.c.id)
    return [
        Tried(row.at, Channel(row.channel), Disposition(row.disposition), row.contact_id is not None)
        for row in await tx.run(hers)
    ]


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom a call is for: what she is called, her number, and whether it is known to be wrong. One that is not safe is
    not told."""

    called: str
    phone: str | None
    phone_wrong: bool


async def callee(tx: Tx, participant: int) -> Callee:
    """What is needed to call her: how she is called, and her number; that it was read is written down."""
    row = (await tx.run(select(vault).where(vault.c.participant_id == participant))).one()
    name = tx.vault.open_text(Place("vault", "name", participant), row.name) or ""
    called = tx.vault.open_text(Place("vault", "called", participant), row.called) or name.partition(" ")[0]
    kept = row.phone if row.phone_unsafe_at is None else None
    phone = tx.vault.open_text(Place("vault", "phone", participant), kept)
    await audit.append(tx, [audit.Act("command", "phone_read", str(participant))])
    return Callee(called, phone, row.phone_wrong_at is not None)
