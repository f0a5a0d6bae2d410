"""Women, their chats and wishes.

* Names, phones and record_ids stand in the vault alone, sealed; everything else knows a woman by an internal id.
* Whoever comes by a new chat leaves the old ones, wherever those phones are now.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, case, delete, func, select, update

from storage import audit, cleaning, consents, members
from storage import preferences as wishes
from storage.database import Conflict, Tx
from storage.looks import look_now
from storage.records import Entry, Writer
from storage.schema import accounts, invitations, participants, preferences, sessions, timers, vault
from storage.vault import Place, Unsealable, Vault

BLOCKED = "blocked"
"""Why nothing reaches a chat: she has shut the bot out. Any other reason is Telegram's, and no wish of hers."""


# --- records that dialogues return


@dataclass(frozen=True, slots=True)
class Linked:
    """The chat is now the participant's (or the staff member's) whose invitation this is."""

    invitation: int
    participant: int | None = None
    staff: int | None = None


@dataclass(frozen=True, slots=True)
class CalledAs:
    """How she wants to be called in chat."""

    name: str


@dataclass(frozen=True, slots=True)
class ChatBlocked:
    """She blocked the bot, or let it in again."""

    blocked: bool


# --- their writers


async def unsafe_lanes(tx: Tx, lanes: Collection[str]) -> set[str]:
    """Which of these chats were marked as not safe: they become nobody's again."""
    if not lanes:
        return set()
    marked = accounts.c.lane.in_(lanes) & accounts.c.unsafe_at.is_not(None)
    return set((await tx.run(select(accounts.c.lane).where(marked))).scalars())


async def _linked(tx: Tx, entries: Sequence[Entry[Linked]]) -> None:
    """Raises Conflict if one of these chats has been marked as not safe."""
    if await unsafe_lanes(tx, {entry.lane for entry in entries}):
        raise Conflict("that chat is not safe")
    used = update(invitations).where(invitations.c.id == bindparam("invitation")).values(used_at=tx.now)
    await tx.run(used, [{"invitation": entry.record.invitation} for entry in entries])
    await cleaning.lock(tx, [e.record.participant for e in entries if e.record.participant is not None])
    await _leave_other_chats(tx, entries)
    rows = []
    for entry in entries:
        account = tx.ids.random()
        rows.append(
            {
                "id": account,
                "lane": entry.lane,
                "participant_id": entry.record.participant,
                "staff_id": entry.record.staff,
                "chat_id": tx.vault.seal(Place("accounts", "chat_id", account), str(entry.chat_id).encode()),
                "invitation_id": entry.record.invitation,
                "linked_at": tx.now,
            }
        )
    await tx.run(accounts.insert(), rows)
    await members.ask_anew(tx, [e.record.staff for e in entries if e.record.staff is not None])
    enrolled = update(participants).where(participants.c.id == bindparam("woman")).values(enrolled_at=tx.now)
    await tx.run(enrolled, [{"woman": e.record.participant} for e in entries if e.record.participant is not None])
    await audit.append(tx, [audit.Act("chat", "account_linked", str(entry.record.invitation)) for entry in entries])


async def _leave_other_chats(tx: Tx, entries: Sequence[Entry[Linked]]) -> None:
    """Whoever comes by a new chat no longer answers in her old ones, wherever those phones are now."""
    moves = [{"woman": e.record.participant, "here": e.lane} for e in entries if e.record.participant is not None]
    old = (accounts.c.participant_id == bindparam("woman")) & (accounts.c.lane != bindparam("here"))
    await tx.run(update(accounts).where(old, accounts.c.unlinked_at.is_(None)).values(unlinked_at=tx.now), moves)
    elsewhere = (sessions.c.participant_id == bindparam("woman")) & (sessions.c.lane != bindparam("here"))
    left = elsewhere & sessions.c.closed_at.is_(None)
    closed = {"closed_at": tx.now, "state": None}
    await tx.run(
        delete(timers).where(timers.c.session_id.in_(select(sessions.c.id).where(left).scalar_subquery())), moves
    )
    await tx.run(update(sessions).where(left).values(closed), moves)


async def _called(tx: Tx, entries: Sequence[Entry[CalledAs]]) -> None:
    statement = update(vault).where(vault.c.participant_id == bindparam("woman")).values(called=bindparam("sealed"))
    rows = [
        {
            "woman": entry.participant_id,
            "sealed": tx.vault.seal_text(Place("vault", "called", entry.participant_id or 0), entry.record.name),
        }
        for entry in entries
    ]
    await tx.run(statement, rows)


async def _chat_blocked(tx: Tx, entries: Sequence[Entry[ChatBlocked]]) -> None:
    last = {entry.lane: entry.record.blocked for entry in entries}
    shut = [{"of": lane, "since": tx.now, "because": BLOCKED} for lane, blocked in last.items() if blocked]
    let_in = [{"of": lane, "since": None, "because": None} for lane, blocked in last.items() if not blocked]
    here = update(accounts).where(accounts.c.lane == bindparam("of"))
    await tx.run(here.values(blocked_at=bindparam("since"), blocked_why=bindparam("because")), shut + let_in)
    await look_now(tx, [entry.participant_id for entry in entries])


async def block(tx: Tx, lane: str, why: str = BLOCKED) -> None:
    """Telegram says that this chat no longer lets the bot in; `why` is BLOCKED or another code of Telegram's refusal.

    What is open of hers is looked at again. A chat that is blocked already keeps its time and reason.
    """
    barred = (accounts.c.lane == lane) & accounts.c.unlinked_at.is_(None) & accounts.c.blocked_at.is_(None)
    blocking = update(accounts).where(barred).values(blocked_at=tx.now, blocked_why=why)
    women = list(await tx.run(blocking.returning(accounts.c.participant_id)))
    await look_now(tx, [row.participant_id for row in women])


WRITERS: dict[type, Writer] = {
    Linked: _linked,
    **consents.WRITERS,
    CalledAs: _called,
    ChatBlocked: _chat_blocked,
    **wishes.WRITERS,
}


# --- the roster


@dataclass(frozen=True, slots=True)
class NewParticipant:
    """A woman as staff register her. Everything that names her goes to the vault."""

    record_id: str
    name: str
    zone: str
    phone: str | None = None
    release_on: date | None = None
    trato: str = "tu"
    slot: str = "cualquiera"
    days: str | None = None
    region: str | None = None
    plan: str | None = None
    cohort: str | None = None
    birth_year: int | None = None
    centre: str | None = None
    schooling: str | None = None
    dependants: tuple[int | None, int | None, int | None, int | None] = (None, None, None, None)


def record_id_digests(vault: Vault, record_id: str) -> list[str]:
    """What a record_id is found by, however it is written: under each live key, the one in use first."""
    return vault.digests("record_id", record_id.casefold())


async def known_record_ids(tx: Tx, record_ids: Sequence[str]) -> dict[str, int]:
    """Which of these record_ids the store knows, with the participants' internal ids."""
    digests = {digest: record_id for record_id in record_ids for digest in record_id_digests(tx.vault, record_id)}
    found: dict[str, int] = {}
    keys = list(digests)
    for start in range(0, len(keys), 500):  # SQLite allows 32,766 variables; a few hundred keep the statement small
        statement = select(vault.c.record_id_digest, vault.c.participant_id).where(
            vault.c.record_id_digest.in_(keys[start : start + 500])
        )
        found |= {digests[row.record_id_digest]: row.participant_id for row in await tx.run(statement)}
    return found


async def add_participants(tx: Tx, women: Sequence[NewParticipant]) -> list[int]:
    """Register women; returns their internal ids, in order. Raises Conflict if a record_id is known already."""
    if tx.vault.keys.changing and await known_record_ids(tx, [woman.record_id for woman in women]):
        raise Conflict("a record_id is known under an earlier key")  # the schema cannot tell while keys change
    ids = [tx.ids.random() for _ in women]
    pairs = list(zip(ids, women, strict=True))
    await tx.run(participants.insert(), [_participant_row(tx, id_, woman) for id_, woman in pairs])
    await tx.run(vault.insert(), [_vault_row(tx, id_, woman) for id_, woman in pairs])
    named, spanish = ("zone", "slot", "days", "trato", "region"), {"language": wishes.SPANISH}
    hers = [{"participant_id": id_, **{name: getattr(her, name) for name in named}, **spanish} for id_, her in pairs]
    await tx.run(preferences.insert(), hers)
    await audit.append(tx, [audit.Act("command", "participant_added", str(id_)) for id_ in ids])
    return ids


NOT_FOLLOWED = ""
"""The plan of a woman who is known from imported files alone: none, so that no check-in is expected of her."""


async def nameless(tx: Tx, women: Sequence[int]) -> set[int]:
    """Who of these is known by her record_id alone."""
    found: set[int] = set()
    for start in range(0, len(women), 500):
        some = vault.c.participant_id.in_(women[start : start + 500])
        for row in await tx.run(select(vault.c.participant_id, vault.c.name).where(some)):
            if not tx.vault.open_text(Place("vault", "name", row.participant_id), row.name):
                found.add(row.participant_id)
    return found


async def name_participant(tx: Tx, participant: int, woman: NewParticipant, *, said: Mapping[str, str]) -> None:
    """Write down who she is of whom only the record_id was known. Her plan is that of `woman`, unless she had one;
    whatever else is known of her stays, and what is not comes from `woman`; `said` is what she wishes otherwise now.
    With a number of hers comes the lock of her chats."""
    told = _participant_row(tx, participant, woman)
    columns = {name: participants.c[name] for name in (*_FACTS, *_BANDS)}
    facts: dict[str, object] = {name: func.coalesce(column, told[name]) for name, column in columns.items()}
    facts["plan"] = case((participants.c.plan == NOT_FOLLOWED, woman.plan), else_=participants.c.plan)
    await tx.run(participants.update().where(participants.c.id == participant).values(facts))
    sealed = _vault_row(tx, participant, woman)
    named = {name: sealed[name] for name in ("name", "phone")}
    await tx.run(vault.update().where(vault.c.participant_id == participant).values(named))
    if woman.phone is not None:
        await cleaning.lock(tx, [participant])
    if said:
        hers = preferences.c.participant_id == participant
        await tx.run(preferences.update().where(hers).values(dict(said)))
    await audit.append(tx, [audit.Act("command", "participant_added", str(participant))])


_FACTS = ("release_on", "birth_year", "centre", "cohort", "schooling")
_BANDS = ("dependants_0_5", "dependants_6_11", "dependants_12_17", "dependants_adult")


def _participant_row(tx: Tx, participant: int, woman: NewParticipant) -> dict[str, object]:
    return {
        "id": participant,
        "person": f"p{tx.ids.token(64)}",
        "added_at": tx.now,
        **{name: getattr(woman, name) for name in ("plan", *_FACTS)},
        **dict(zip(_BANDS, woman.dependants, strict=True)),
    }


def _vault_row(tx: Tx, participant: int, woman: NewParticipant) -> dict[str, object]:
    def sealed(column: str, text: str | None) -> bytes | None:
        return tx.vault.seal_text(Place("vault", column, participant), text)

    return {
        "participant_id": participant,
        "record_id_digest": record_id_digests(tx.vault, woman.record_id)[0],
        "record_id": sealed("record_id", woman.record_id),
        "name": sealed("name", woman.name),
        "phone": sealed("phone", woman.phone),
    }


@dataclass(frozen=True, slots=True)
class Card:
    """What staff see of one woman."""

    participant: int
    record_id: str
    name: str
    release_on: date | None
    centre: str | None
    zone: str
    enrolled_at: datetime | None


async def record_ids(tx: Tx, women: Collection[int]) -> dict[int, str]:
    """How these women are known, at most 30,000 of them; whose record_id cannot be read is left out."""
    found = {}
    for row in await tx.run(select(vault.c.participant_id, vault.c.record_id).where(vault.c.participant_id.in_(women))):
        with suppress(Unsealable):
            place = Place("vault", "record_id", row.participant_id)
            found[row.participant_id] = tx.vault.open_text(place, row.record_id) or ""
    return found


async def cards(tx: Tx, participant: int | None = None) -> list[Card]:
    """The roster, or the one woman asked for, in the order of record_id. Reads the vault."""
    statement = (
        select(participants, vault.c.record_id, vault.c.name, preferences.c.zone)
        .join(vault, vault.c.participant_id == participants.c.id)
        .join(preferences, preferences.c.participant_id == participants.c.id)
    )
    if participant is not None:
        statement = statement.where(participants.c.id == participant)
    found = [
        Card(
            participant=row.id,
            record_id=tx.vault.open_text(Place("vault", "record_id", row.id), row.record_id) or "",
            name=tx.vault.open_text(Place("vault", "name", row.id), row.name) or "",
            release_on=row.release_on,
            centre=row.centre,
            zone=row.zone,
            enrolled_at=row.enrolled_at,
        )
        for row in await tx.run(statement)
    ]
    return sorted(found, key=lambda card: card.record_id)
