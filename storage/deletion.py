"""What becomes of her who was set aside: blocked once her week is over, and then gone for good.

* Nothing is deleted within the week, while it is blocked, or while a hold says so; nor, where nobody has proved that it
  was she who asked, before the time for answering her is over.
* What is blocked is read for a legal reason alone, by whoever names one: the audit trail says who and why.
* What must be accounted for stays for the retention, and then goes, too; counts that lead nowhere stay.
* After a deletion nothing of it stands in SQLite's file, which overwrites, nor in its journal, which is emptied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, literal_column, select, update

from storage import audit, cases_office, erasure, installation, lanes, legal_holds, request_kinds, setting_aside
from storage.database import Database, Tx
from storage.erasure import SHRINK, Standing, State
from storage.erasure_register import Her
from storage.request_terms import OPEN
from storage.schema import accounts, blocked_consents, erasures, mention_reviews, participants, requests
from storage.schema import legal_holds as holds
from storage.traces import DELETABLE

PROVE_WITHIN_DAYS = 20
"""Working days after which what nobody has proved to be her wish is carried out: the time that the law leaves for an
answer (LFPDPPP 2025)."""

AT_ONCE = 10
"""Women who are deleted in one commit."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How long what was set aside stays blocked after the week, and how long what must be accounted for stays then."""

    blocked: timedelta = timedelta(days=30)
    accounted: timedelta = timedelta(days=5 * 365)


class Legal(StrEnum):
    """Why somebody may read what is blocked. The values are stored."""

    AUTHORITY = "autoridad"
    COURT = "juicio"
    COMPLAINT = "queja"


async def carry_out(tx: Tx, one: Standing, *, by: str) -> None:
    """Delete what was set aside, for good; but for that by which her chats are still cleared, as long as that can be:
    it knows by itself what stood there."""
    her = await _as_of_now(tx, one)
    await setting_aside.end(tx, her, erasure=one.id)
    settled = {"state": State.CARRIED_OUT, "settled_at": tx.now, "notes": None}
    await tx.run(update(erasures).where(erasures.c.id == one.id).values(settled))
    await _close_requests(tx, one.woman)
    reviewed = mention_reviews.c.erasure_id == one.id
    await tx.run(update(mention_reviews).where(reviewed).values(reason=None))
    await tx.run(update(holds).where(holds.c.participant_id == one.woman).values(reason=None))
    await audit.append(tx, [audit.Act(by, "erasure_carried_out", str(one.woman))])
    await installation.remember(tx, {SHRINK: "yes"})


async def _close_requests(tx: Tx, woman: int) -> None:
    """What she asked for is done, or is about nothing any more."""
    hers, answers, closed = requests.c.participant_id == woman, request_kinds.Answer, request_kinds.State.CLOSED
    to_erase = requests.c.kind == request_kinds.Kind.ERASE
    for which, answer in ((to_erase, answers.GRANTED), (~to_erase, answers.WITHDRAWN)):
        unanswered = update(requests).where(hers, which, requests.c.answer.is_(None))
        await tx.run(unanswered.values(answer=answer, answered_at=tx.now))
    done = update(requests).where(hers, to_erase, OPEN, requests.c.answer == answers.GRANTED)
    await tx.run(done.values(state=closed, carried_out_at=tx.now))
    await tx.run(update(requests).where(hers, OPEN).values(state=closed))
    emptied = dict.fromkeys(("words", "denied_why", "answer_extended", "carry_out_extended"))
    await tx.run(update(requests).where(hers).values(emptied))


async def _as_of_now(tx: Tx, one: Standing) -> Her:
    """Whose rows are meant by now: keys may have changed, and a chat of hers may have become somebody else's."""
    bot = await installation.recall(tx, installation.BOT_ID)
    told = await setting_aside.read(tx, one.id) if bot else {}
    chats = [int(row["chat_id"]) for row in told.get("accounts", ()) if row["chat_id"]]
    named = {name for chat in chats for name in lanes.names_of(tx.vault, bot=int(bot or 0), chat=chat)}
    hers = named | {*one.notes.lanes, *one.notes.shared}
    others = set((await tx.run(select(accounts.c.lane).where(accounts.c.lane.in_(hers)))).scalars())
    clearing = erasure.clearing(one.id) if one.asked_at > tx.now - DELETABLE else ""
    return Her(one.woman, tuple(sorted(hers - others)), tuple(sorted(others)), clearing)


async def due(tx: Tx, kept: Kept) -> list[int]:
    """The erasures whose time is over and which nothing keeps any more, the first to end first. It opens nothing that
    is sealed: whoever is held or doubtful for months costs one look at an index."""
    waits = (erasures.c.state == _SET_ASIDE) & (erasures.c.undo_until <= tx.now - kept.blocked)
    columns = (erasures.c.id, erasures.c.participant_id, erasures.c.asked_at, erasures.c.proved_at)
    over = list(await tx.run(select(*columns).where(waits).order_by(erasures.c.undo_until, erasures.c.id)))
    if not over:
        return []
    held = await legal_holds.held(tx, {row.participant_id for row in over})
    office = await cases_office.office(tx)
    today = office.wall(tx.now).date()
    return [
        row.id
        for row in over
        if row.participant_id not in held
        and (row.proved_at is not None or office.day_after(row.asked_at, PROVE_WITHIN_DAYS) < today)
    ]


async def carry_out_due(tx: Tx, kept: Kept) -> int:
    """Delete whoever's time is over, a few at a time; returns how many."""
    found = [await erasure.by_id(tx, id_) for id_ in (await due(tx, kept))[:AT_ONCE]]
    for one in found:
        assert one is not None
        await carry_out(tx, one, by="tick")
    return len(found)


async def accounted(tx: Tx, kept: Kept) -> list[Any]:
    """The erasures, `id` and `participant_id`, that were settled so long ago that they need no more accounting for; a
    few at a time, and none of a woman of whom something is held."""
    old = erasures.c.settled_at <= tx.now - kept.accounted
    columns = select(erasures.c.id, erasures.c.participant_id).order_by(erasures.c.settled_at)
    held = await legal_holds.held(tx)
    return list(await tx.run(columns.where(old, erasures.c.participant_id.not_in(held)).limit(AT_ONCE)))


async def forget(tx: Tx, kept: Kept) -> int:
    """Forget what was kept to be accounted for, once it is old enough; returns of how many women. Of whoever is here,
    or was erased again since, only this erasure is forgotten."""
    rows = await accounted(tx, kept)
    ids = [row.id for row in rows]
    gone = {row.participant_id for row in rows} - await _accounted_for(tx, rows)
    for kept_by_it in (blocked_consents, mention_reviews):
        await tx.run(delete(kept_by_it).where(kept_by_it.c.erasure_id.in_(ids)))
    await tx.run(update(requests).where(requests.c.erasure_id.in_(ids)).values(erasure_id=None))
    await tx.run(delete(requests).where(requests.c.participant_id.in_(gone), ~OPEN))
    await tx.run(delete(holds).where(holds.c.participant_id.in_(gone)))
    await tx.run(delete(erasures).where(erasures.c.id.in_(ids)))
    return len(rows)


async def _accounted_for(tx: Tx, rows: Sequence[Any]) -> set[int]:
    """Which of these women are here, or were erased otherwise, too."""
    women = {row.participant_id for row in rows}
    here = select(participants.c.id).where(participants.c.id.in_(women))
    others = erasures.c.participant_id.in_(women) & erasures.c.id.not_in([row.id for row in rows])
    again = select(erasures.c.participant_id).where(others)
    return {*(await tx.run(here)).scalars(), *(await tx.run(again)).scalars()}


_SET_ASIDE: ColumnElement[str] = literal_column(f"'{State.SET_ASIDE}'")


async def read_blocked(tx: Tx, one: Standing, reason: Legal, *, by: str) -> dict[str, list[dict[str, Any]]]:
    """What is kept of her, by table, as whoever has a legal reason may read it; that she did is written down."""
    await audit.append(tx, [audit.Act(by, "blocked_read", str(one.woman), reason)])
    return await setting_aside.read(tx, one.id)


async def shrink(database: Database) -> bool:
    """Have nothing of what was deleted stand in SQLite's journal, where readers allow; returns whether that is so."""
    async with database.read() as tx:
        if not await installation.recall(tx, SHRINK):
            return True
    if not await _checkpointed(database):
        return False
    async with database.transact() as tx:
        await installation.remember(tx, {SHRINK: ""})
    return await _checkpointed(database)


async def _checkpointed(database: Database) -> bool:
    """Whether SQLite's journal could be emptied into the store."""
    if database.dialect.name != "sqlite":
        return True
    ((busy, *_),) = await database.glance("PRAGMA wal_checkpoint(TRUNCATE)", ())
    return not busy
