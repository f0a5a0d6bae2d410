"""The journal played over a store that was put back, before anything may leave: whoever is silent there stays silent,
whoever was shut out stays out, and nobody gets a second copy.

* Records are played in their order, each as often as one likes: what is so already changes nothing.
* What somebody is told of who is not in the store any more, or not yet, is passed over.
* A kind that nobody here can play is told of, and sending waits for a person all the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select, update

from storage import (
    audit,
    broadcasts,
    departures,
    erasure_replays,
    freezing,
    holding,
    installation,
    members,
    roster,
    stops,
)
from storage.broadcasts import BroadcastState, cause_of
from storage.consents import ConsentGiven, last_word, record_consents
from storage.database import Database, Tx
from storage.journal import MARK, STAFF, Found, Journal, Kind, Record, printed
from storage.looks import look_now
from storage.mail import OPEN, MailState, Urgency
from storage.recipients import RecipientState
from storage.roster import Facts
from storage.schema import audit as trail
from storage.schema import broadcasts as made
from storage.schema import consents, notices, outbox, participants, recipients, staff

RESTORED = "restored"
"""Why a copy is unknown that may have been sent since."""

_AT_A_TIME = 500

_BY = audit.acting(None)
"""Who does again what is played, as the audit trail says."""

Replay = Callable[[Tx, Record], Awaitable[bool]]
"""Makes a record so in this store; returns whether anything has changed by it. What it is about may not be there."""


@dataclass(slots=True)
class Replayed:
    """How many records of each kind changed something, and of which kinds some could not be played."""

    changed: dict[Kind, int] = field(default_factory=dict)
    unknown: dict[Kind, int] = field(default_factory=dict)


async def replay(tx: Tx, records: Sequence[Record]) -> Replayed:
    """Play these, in their order."""
    done = Replayed()
    for record in records:
        if record.kind is Kind.RESTORED:
            continue
        play = REPLAYS.get(record.kind)
        if play is None:
            done.unknown[record.kind] = done.unknown.get(record.kind, 0) + 1
        elif await play(tx, record):
            done.changed[record.kind] = done.changed.get(record.kind, 0) + 1
    return done


async def _stopped(tx: Tx, record: Record) -> bool:
    return await _is_known(tx, record.whom) and await stops.stop(tx, record.whom, record.detail, by=_BY)


async def _stop_lifted(tx: Tx, record: Record) -> bool:
    return await _is_known(tx, record.whom) and await stops.lift(tx, record.whom, record.detail, by=_BY)


async def _frozen(tx: Tx, record: Record) -> bool:
    return await freezing.freeze(tx, record.whom, actor=_BY)


async def _thawed(tx: Tx, record: Record) -> bool:
    return await freezing.thaw(tx, record.whom, by=None)


async def _linked(tx: Tx, record: Record) -> bool:
    """Which chat is hers now nobody knows; those of which the store does know are not any more."""
    if record.detail == STAFF:
        if not await _is_known(tx, record.whom, among_staff=True):
            return False
        await members.shut_out(tx, record.whom)
    else:
        await freezing.lock_accounts(tx, record.whom)
    return True


async def _fact_set(tx: Tx, record: Record) -> bool:
    if not await _is_known(tx, record.whom):
        return False
    facts = Facts(died_on=date.fromisoformat(record.detail)) if record.detail else Facts(alive=True)
    await roster.set_facts(tx, record.whom, facts)
    await look_now(tx, [record.whom])
    return True


async def _revoked(tx: Tx, record: Record) -> bool:
    return await departures.revoke(tx, record.whom)


async def _role_changed(tx: Tx, record: Record) -> bool:
    other = (staff.c.id == record.whom) & (staff.c.role != record.detail) & staff.c.revoked_at.is_(None)
    if (await tx.run(update(staff).where(other).values(role=record.detail))).rowcount == 0:
        return False
    await audit.append(tx, [audit.Act(_BY, "role_changed", str(record.whom), record.detail)])
    return True


async def _copies(tx: Tx, record: Record) -> bool:
    """They may have got theirs. Where the store does not even have the list, nobody gets it again by its drawing."""
    state = (await tx.run(select(made.c.state).where(made.c.id == record.whom))).scalar_one_or_none()
    if state is None:
        return False
    theirs = (recipients.c.broadcast_id == record.whom) & recipients.c.participant_id.in_(record.women)
    listed = set((await tx.run(select(recipients.c.participant_id).where(theirs))).scalars())
    to_get = theirs & recipients.c.state.in_((RecipientState.WAITING, RecipientState.POSTED))
    became = {"state": RecipientState.UNKNOWN, "reason": RESTORED, "next_at": None, "done_at": tx.now}
    changed: bool = (await tx.run(update(recipients).where(to_get).values(became))).rowcount > 0
    await _retire(tx, cause_of(record.whom), record.women)
    known = set((await tx.run(select(participants.c.id).where(participants.c.id.in_(record.women)))).scalars())
    if known - listed and state not in (BroadcastState.CANCELLED, BroadcastState.DONE):
        await broadcasts.cancel(tx, record.whom, by=None)
        changed = True
    return changed


async def _retire(tx: Tx, cause: str, women: Sequence[int]) -> None:
    theirs = (notices.c.cause == cause) & notices.c.participant_id.in_(women) & notices.c.opened_at.is_(None)
    await tx.run(update(notices).where(theirs, notices.c.retired_at.is_(None)).values(retired_at=tx.now, content=None))


async def _consent_refused(tx: Tx, record: Record) -> bool:
    """She said no, or no longer: by which words is not known any more."""
    purpose = record.detail.partition(" ")[0]
    last = select(consents.c.given).where(consents.c.id == last_word(record.whom, purpose))
    if not (await tx.run(last)).scalar_one_or_none():
        return False
    word = ConsentGiven(record.whom, purpose, version="", text_hash="", given=False, recorded_by=None)
    await record_consents(tx, [(word, max(record.at, tx.now))])
    await look_now(tx, [record.whom])
    return True


async def _is_known(tx: Tx, whom: int, *, among_staff: bool = False) -> bool:
    table = staff if among_staff else participants
    found: bool = (await tx.run(select(table.c.id).where(table.c.id == whom))).first() is not None
    return found


REPLAYS: Mapping[Kind, Replay] = {
    Kind.STOPPED: _stopped,
    Kind.STOP_LIFTED: _stop_lifted,
    Kind.CONSENT_REFUSED: _consent_refused,
    Kind.FROZEN: _frozen,
    Kind.THAWED: _thawed,
    Kind.LINKED: _linked,
    Kind.FACT_SET: _fact_set,
    Kind.REVOKED: _revoked,
    Kind.ROLE_CHANGED: _role_changed,
    Kind.COPIES: _copies,
    **erasure_replays.REPLAYS,
}
"""What makes each kind so again; other modules bring theirs, as `{Kind: Replay}`, to be added here."""


# --- a store of an earlier moment


async def put_right(tx: Tx, found: Found) -> Replayed:
    """Play over a store of an earlier moment what was written down since: all records after the last of those that its
    audit trail has, and the copies of broadcasts that it does not have. From now on nothing is sent to women, and no
    copy that stood in its outbox."""
    mark, known = await _mark(tx), await _known_until(tx, found.records)
    later = [one for one in found.records if one.number > (mark if one.kind is Kind.COPIES else known)]
    await holding.hold(tx)
    await _leave_unknown(tx)
    return await replay(tx, later)


async def _known_until(tx: Tx, records: Sequence[Record]) -> int:
    """The number of the last record whose entry stands in this store's trail; 0 if none does.

    What a restore played before it was written down under the numbers of another trail: so it is by the place in the
    journal, and not entry by entry, that a store knows what happened before.
    """
    told = [record for record in records if record.print]
    for start in range(len(told), 0, -_AT_A_TIME):
        some = told[max(0, start - _AT_A_TIME) : start]
        there = select(trail).where(trail.c.number.in_({record.entry for record in some}))
        prints = {printed(row) for row in await tx.run(there)}
        if known := [record.number for record in some if record.print in prints]:
            return known[-1]
    return 0


async def _mark(tx: Tx) -> int:
    return int(await installation.recall(tx, MARK) or 0)


async def _leave_unknown(tx: Tx) -> None:
    """Copies that were on their way or unopened at that moment have left or been read since, for all that is known."""
    gone = {"state": MailState.UNKNOWN, "reason": RESTORED, "payload": None, "done_at": tx.now}
    moving = OPEN & (outbox.c.urgency == int(Urgency.BROADCAST))
    await tx.run(update(outbox).where(moving).values(gone))
    unread = notices.c.cause.startswith("broadcast:") & notices.c.opened_at.is_(None) & notices.c.retired_at.is_(None)
    await tx.run(update(notices).where(unread).values(retired_at=tx.now, content=None))


async def take_up(database: Database, journal: Journal) -> bool:
    """As a process begins: bring journal and store together again. Returns whether the store turned out to be one of an
    earlier moment, put there by whatever means: then what it does not know is played over it, and sending is held.

    A single record of copies that the store does not have is what a crash leaves between writing it down and the
    commit: none of them has left, and none does.
    """
    async with database.transact() as tx:
        mark, found = await _mark(tx), journal.read()
        lost = [one for one in found.records if one.kind is Kind.COPIES and one.number > mark]
        earlier = len(lost) > 1 or not await continues(tx, journal)
        if earlier:
            await put_right(tx, found)
            await audit.append(tx, [audit.Act(_BY, "store_restored")])
            await journal.restart(tx)
        elif lost:
            await replay(tx, lost)
            await installation.remember(tx, {MARK: str(lost[-1].number)})
        await journal.begin(tx)
    async with database.read() as tx:
        await journal.follow(tx)
    return earlier


async def continues(tx: Tx, journal: Journal) -> bool:
    """Whether the audit trail of this store has what the journal has last seen there."""
    cursor = journal.cursor()
    if cursor is None or not cursor.entry:
        return True
    row = (await tx.run(select(trail).where(trail.c.number == cursor.entry))).first()
    return row is not None and printed(row) == cursor.print
