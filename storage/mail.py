"""Inbox and outbox: what Telegram handed over and what must still reach it.

* An update is stored before it is confirmed, and stored once: a second delivery of the same update_id changes nothing.
* Order is kept within a lane (one chat): the inbox gives out the oldest of each, the outbox has at most one message
  of each on its way.
* Whatever has been dealt with is emptied of its payload in the same commit.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, bindparam, exists, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conversations.speech import SPEECH, FileHanded, MessagesTaken, Speech, StoredFileHanded, is_harmless, is_words
from storage.database import Tx
from storage.preferences import SPANISH, speech_key
from storage.schema import accounts, inbox, outbox, preferences
from storage.traces import Standing, remember
from storage.vault import Place, Unsealable

log = logging.getLogger(__name__)


class Urgency(IntEnum):
    """Who goes first when not all can be sent at once."""

    REPLY = 0
    ALERT = 1
    NEWS = 2  # of what she asked for earlier
    INVITATION = 3
    REMINDER = 4
    BROADCAST = 5

    @property
    def unasked(self) -> bool:
        """Whether it comes to someone who asked nothing."""
        return self in (Urgency.INVITATION, Urgency.REMINDER, Urgency.BROADCAST)

    @property
    def keeps_hours(self) -> bool:
        """Whether it comes when nobody waits for it, and so must keep quiet hours."""
        return self.unasked or self is Urgency.NEWS


class MailState(StrEnum):
    """Where a row of the inbox or outbox stands."""

    WAITING = "waiting"
    READY = "ready"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    DONE = "done"
    SET_ASIDE = "set_aside"
    DROPPED = "dropped"
    UNKNOWN = "unknown"  # it was on its way when the process ended, and must not be said twice


SHUT = ("blocked", "deactivated", "chat_not_found")
"""Why a parcel failed where nothing reaches that chat any more; every other failure is ours."""

# As literals: SQLite uses an index of some rows only where the statement itself says which, not in a parameter.
WAITING = inbox.c.state == literal_column("'waiting'")
"""The updates that nobody has taken, in the words of their index."""

OPEN = outbox.c.state.in_((literal_column("'ready'"), literal_column("'claimed'")))
"""The parcels that have not left, in the words of their indexes."""

READY, MOVING = OPEN & (outbox.c.state == MailState.READY), OPEN & (outbox.c.state == MailState.CLAIMED)
"""Those that wait, and those on their way."""

# --- inbox


@dataclass(frozen=True, slots=True)
class Letter:
    """One raw update. `lane` is None where it belongs to no chat that we serve."""

    bot_id: int
    update_id: int
    lane: str | None
    update: dict[str, Any]
    attempts: int = 0

    @property
    def origin(self) -> str:
        """What all that follows from it is named after."""
        return f"{self.bot_id}:{self.update_id}"

    @property
    def place(self) -> Place:
        """Where its payload is sealed for."""
        return Place("inbox", "payload", self.origin)


async def receive(tx: Tx, letters: Sequence[Letter]) -> int:
    """Store updates as they came; those already stored are passed over. Returns how many were new."""
    rows = [
        {
            "bot_id": letter.bot_id,
            "update_id": letter.update_id,
            "lane": letter.lane,
            "payload": None if letter.lane is None else tx.vault.seal(letter.place, to_json(letter.update)),
            "received_at": tx.now,
            "state": MailState.DONE if letter.lane is None else MailState.WAITING,
            "done_at": tx.now if letter.lane is None else None,
            "outcome": "ignored" if letter.lane is None else None,
        }
        for letter in letters
    ]
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    stored = await tx.run(dialect.insert(inbox).on_conflict_do_nothing(), rows)
    return 0 if stored is None else int(stored.rowcount)


async def next_in_each_lane(tx: Tx, limit: int) -> list[Letter]:
    """The oldest waiting update of each lane, for at most `limit` lanes, longest waiting first."""
    oldest = (
        select(inbox.c.bot_id, func.min(inbox.c.update_id).label("update_id"))
        .where(WAITING)
        .group_by(inbox.c.bot_id, inbox.c.lane)
        .order_by(func.min(inbox.c.update_id))
        .limit(limit)
        .subquery()
    )
    letters: list[Letter] = []
    of_oldest = (inbox.c.bot_id == oldest.c.bot_id) & (inbox.c.update_id == oldest.c.update_id)
    for row in list(await tx.run(select(inbox).join(oldest, of_oldest))):
        try:
            letters.append(_letter(tx, row))
        except (Unsealable, ValueError):  # set aside with its payload, so that it stops nobody else's
            log.error("an update cannot be read", extra={"action": "update_unreadable", "update": row.update_id})
            await count_attempt(tx, Letter(row.bot_id, row.update_id, row.lane, {}), set_aside=True)
    return letters


def _letter(tx: Tx, row: Any) -> Letter:
    letter = Letter(row.bot_id, row.update_id, row.lane, {}, row.attempts)
    update = from_json(tx.vault.open(letter.place, row.payload))
    return Letter(row.bot_id, row.update_id, row.lane, update, row.attempts)


async def finish(tx: Tx, letters: Iterable[tuple[Letter, bool]]) -> None:
    """Mark updates as dealt with and empty them; of a chat that belongs to nobody (False) not even the lane stays."""
    statement = (
        update(inbox)
        .where(inbox.c.bot_id == bindparam("bot"), inbox.c.update_id == bindparam("number"))
        .values(state=MailState.DONE, payload=None, done_at=tx.now, outcome="taken", lane=bindparam("whose"))
    )
    rows = [
        {"bot": letter.bot_id, "number": letter.update_id, "whose": letter.lane if known else None}
        for letter, known in letters
    ]
    await tx.run(statement, rows)


async def count_attempt(tx: Tx, letter: Letter, *, set_aside: bool) -> None:
    """Remember that this update failed; set aside, it keeps its payload for whoever looks into it."""
    values: dict[str, Any] = {"attempts": inbox.c.attempts + 1}
    if set_aside:
        values |= {"state": MailState.SET_ASIDE, "done_at": tx.now, "outcome": "failed"}
    where = (inbox.c.bot_id == letter.bot_id) & (inbox.c.update_id == letter.update_id)
    await tx.run(update(inbox).where(where).values(values))


# --- outbox


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to show in one chat.

    `origin` names what caused it and is unique, so that the same cause posts once; `session_id` and `sprint` say which
    messages of a chat belong together. What goes `once` never comes twice, even where nobody knows whether it arrived.
    """

    origin: str
    lane: str
    chat_id: int
    speech: Speech
    urgency: Urgency = Urgency.REPLY
    participant_id: int | None = None
    session_id: int | None = None
    sprint: int | None = None
    ready_at: datetime | None = None
    once: bool = False

    @property
    def may_come_again(self) -> bool:
        """Whether it is sent once more where nobody knows whether it arrived."""
        return not self.once and self.urgency is not Urgency.BROADCAST


@dataclass(frozen=True, slots=True)
class Claimed:
    """A parcel that is on its way: how often it has set out, in whose language it arrives, and whether it is heard.

    `language` is the key of the texts: hers with its form of address, or Spanish where nobody is known. `silent`: she
    wishes that her phone make no sound of it; where nobody is named, any woman whose chat it is."""

    id: int
    parcel: Parcel
    attempts: int
    language: str = "es"
    silent: bool = False


async def post(tx: Tx, parcels: Sequence[Parcel]) -> None:
    """Put parcels into the outbox, in this order."""
    rows = []
    for parcel in parcels:
        parcel_id = tx.ids.ordered()
        content = to_json({"chat": parcel.chat_id, "speech": SPEECH.to_dict(parcel.speech)})
        rows.append(
            {
                "id": parcel_id,
                "origin": parcel.origin,
                "lane": parcel.lane,
                "participant_id": parcel.participant_id,
                "session_id": parcel.session_id,
                "sprint": parcel.sprint,
                "urgency": int(parcel.urgency),
                "payload": tx.vault.seal(Place("outbox", "payload", parcel_id), content),
                "state": MailState.READY,
                "ready_at": parcel.ready_at or tx.now,
                "once": parcel.once,
            }
        )
    await tx.run(outbox.insert(), rows)


async def claim(tx: Tx, limit: int, *, broadcasts: int | None = None) -> tuple[list[Claimed], list[int]]:
    """Take the most urgent ready parcel of each lane that has none on its way, the most urgent of all first; of
    broadcasts only so many (None: as many as there is room for).

    A parcel that cannot be read is set aside with its payload, so that it stops nobody else's; the ids of these come
    second.
    """
    busy = select(outbox.c.lane).where(MOVING)
    place = func.row_number().over(partition_by=outbox.c.lane, order_by=(outbox.c.urgency, outbox.c.id))
    ready = (
        select(outbox.c.id, place.label("place"))
        .where(READY, outbox.c.ready_at <= tx.now, outbox.c.lane.not_in(busy))
        .subquery()
    )
    # Some name nobody though the chat is hers: an apology, what was said by the step that made it hers, or before
    # anybody of those whose it is was let in.
    someones = (accounts.c.lane == outbox.c.lane) & accounts.c.unlinked_at.is_(None)
    owner = select(func.min(accounts.c.participant_id)).where(someones).scalar_subquery()
    whose = func.coalesce(outbox.c.participant_id, owner)
    statement = (
        select(outbox, preferences.c.language, preferences.c.trato, _silent().label("silent"))
        .join(ready, (outbox.c.id == ready.c.id) & (ready.c.place == 1))
        .outerjoin(preferences, preferences.c.participant_id == whose)
        .order_by(outbox.c.urgency, outbox.c.id)
        .limit(limit)
    )
    rows = list(await tx.run(statement))
    urgent = [row for row in rows if row.urgency != Urgency.BROADCAST]
    claimed: list[Claimed] = []
    unreadable: list[int] = []
    for row in rows[: None if broadcasts is None else len(urgent) + broadcasts]:
        try:
            claimed.append(_claimed(tx, row))
        except (Unsealable, ValueError):
            log.error("a parcel cannot be read", extra={"action": "parcel_unreadable", "parcel": row.id})
            unreadable.append(row.id)
    aside = update(outbox).where(outbox.c.id == bindparam("parcel"))
    unread = aside.values(state=MailState.SET_ASIDE, done_at=tx.now, reason="unreadable")
    await tx.run(unread, [{"parcel": id_} for id_ in unreadable])
    taken = aside.values(state=MailState.CLAIMED, claimed_at=tx.now, attempts=outbox.c.attempts + 1)
    await tx.run(taken, [{"parcel": one.id} for one in claimed])
    return claimed, unreadable


def _silent() -> ColumnElement[bool]:
    """Whether a parcel is to make no sound: as she wishes whom it is for, or else anybody whose chat it is."""
    here = (accounts.c.lane == outbox.c.lane) & accounts.c.unlinked_at.is_(None)
    for_her = outbox.c.participant_id.is_(None) | (outbox.c.participant_id == accounts.c.participant_id)
    wishes = preferences.alias("wishes")
    hers = (wishes.c.participant_id == accounts.c.participant_id) & wishes.c.silent
    return exists().where(here, for_her, hers)


def parcel_of(tx: Tx, row: Any) -> Parcel:
    """The parcel that a row of the outbox holds. Raises Unsealable or ValueError if it cannot be read."""
    content = from_json(tx.vault.open(Place("outbox", "payload", row.id), row.payload))
    return Parcel(
        origin=row.origin,
        lane=row.lane,
        chat_id=content["chat"],
        speech=SPEECH.from_dict(content["speech"]),
        urgency=Urgency(row.urgency),
        participant_id=row.participant_id,
        session_id=row.session_id,
        sprint=row.sprint,
        ready_at=row.ready_at,
        once=row.once,
    )


def _claimed(tx: Tx, row: Any) -> Claimed:
    language = SPANISH if row.language is None else speech_key(row.language, row.trato)
    return Claimed(row.id, parcel_of(tx, row), row.attempts + 1, language, bool(row.silent))


async def delivered(tx: Tx, claimed: Claimed, message_ids: Sequence[int]) -> None:
    """The parcel reached Telegram; the messages that it made are remembered so that they can be changed or deleted:
    under its conversation, or where a woman was written to outside of any, each parcel by itself. What is to leave the
    chat in some hours has its end posted here."""
    parcel = claimed.parcel
    await _close(tx, claimed, state=MailState.SENT, reason=None, message_id=message_ids[0] if message_ids else None)
    session, sprint = parcel.session_id, parcel.sprint
    if session is None and parcel.participant_id is not None:
        session = claimed.id
    if session is not None:
        kind = {"words": is_words(parcel.speech), "harmless": is_harmless(parcel.speech)}
        await remember(tx, [Standing(parcel.lane, id_, session, sprint, ours=True, **kind) for id_ in message_ids])
    if isinstance(parcel.speech, FileHanded | StoredFileHanded) and parcel.speech.hours:
        gone, at = MessagesTaken(tuple(message_ids)), tx.now + timedelta(hours=parcel.speech.hours)
        await post(tx, [Parcel(f"{parcel.origin}:gone", parcel.lane, parcel.chat_id, gone, ready_at=at)])


async def undeliverable(tx: Tx, claimed: Claimed, reason: str) -> None:
    """Telegram refuses the parcel for good; `reason` is a code, never Telegram's own text."""
    await _close(tx, claimed, state=MailState.FAILED, reason=reason)


async def unknown(tx: Tx, claimed: Claimed) -> None:
    """The parcel may have reached Telegram or not, and is not sent again."""
    await _close(tx, claimed, state=MailState.UNKNOWN)


async def _close(tx: Tx, claimed: Claimed, **values: Any) -> None:
    whose = claimed.parcel.lane if claimed.parcel.participant_id is not None else None
    statement = update(outbox).where(outbox.c.id == claimed.id)
    await tx.run(statement.values(payload=None, done_at=tx.now, lane=whose, **values))


async def put_back(tx: Tx, claimed: Sequence[Claimed], at: datetime, *, why: str | None = None) -> None:
    """Not sent now; to be sent from `at` on. `why` is given where the fault is ours."""
    statement = (
        update(outbox)
        .where(outbox.c.id == bindparam("parcel"))
        .values(state=MailState.READY, ready_at=at, claimed_at=None, reason=why)
    )
    await tx.run(statement, [{"parcel": one.id} for one in claimed])


async def recover(tx: Tx) -> int:
    """After a crash, what was on its way may or may not have arrived: it goes once more, but for what was sent to many
    and what goes once, which stay unknown. Returns how many go again."""
    claimed = update(outbox).where(MOVING)
    only_once = claimed.where(outbox.c.once | (outbox.c.urgency == int(Urgency.BROADCAST)))
    await tx.run(only_once.values(state=MailState.UNKNOWN, payload=None, done_at=tx.now))
    return int((await tx.run(claimed.values(state=MailState.READY, claimed_at=None))).rowcount)


async def in_hand(tx: Tx) -> bool:
    """Whether anything is on its way, or has arrived and not been taken."""
    moving = select(outbox.c.id).where(MOVING)
    arrived = select(inbox.c.update_id).where(WAITING)
    return bool((await tx.run(select(moving.exists() | arrived.exists()))).scalar_one())


async def next_ready_at(tx: Tx) -> datetime | None:
    """When the earliest parcel that still waits may leave, or None if none waits."""
    found = await tx.run(select(func.min(outbox.c.ready_at)).where(READY))
    moment: datetime | None = found.scalar_one()
    return moment
