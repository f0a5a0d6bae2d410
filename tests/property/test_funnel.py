"""The ledger as of any moment, against a slow recount of what happened: random histories of check-ins, told twice.

* Each history is a list of events. One telling keeps the row as the store would, with a revision before each change;
  the other replays the events up to the moment that is asked about.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from storage import funnel
from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.funnel import Funnel, Open
from storage.schema import checkins, participants, revisions
from tests.support.world import START, Store, migrated_file, store

__all__ = ["migrated_file", "store"]

HOUR = timedelta(hours=1)
POINTS = ("s1", "m1", "m3")
CENTRES = ("norte", "sur")
ENDS = (
    (Fate.COMPLETED, None),
    (Fate.PARTIAL, Reason.UNFINISHED),
    (Fate.REFUSED, Reason.STOPPED),
    (Fate.UNREACHABLE, Reason.NO_ANSWER),
    (Fate.UNREACHABLE, Reason.BLOCKED),
    (Fate.PAUSED, Reason.RESTING),
    (Fate.MISSED_BY_US, Reason.NOT_SENT),
)
DUE = date(2026, 4, 1)

Row = dict[str, Any]
EMPTY: Row = dict.fromkeys(
    ("due_on", "opens_at", "closes_at", "invited_at", "started_at", "fate", "fate_reason", "closed_at")
)


@dataclass(frozen=True)
class History:
    """What happened to one check-in, hour by hour from START; `moves` are (hours since the move before, move)."""

    point: str
    centre: str
    dated: bool
    moves: list[tuple[int, str, int]]


@dataclass
class Kept:
    """A row as the store keeps it, with what its changes left behind."""

    row: Row
    revisions: list[Row] = field(default_factory=list)


def window(hours: int) -> Row:
    return {"due_on": DUE + timedelta(hours=hours), "opens_at": START, "closes_at": START + hours * HOUR}


def moved(row: Row, move: str, at: datetime, number: int) -> tuple[Row, bool]:
    """The row after a move, and whether the move is a change that leaves a revision; unfitting moves change nothing."""
    state, closed = row["state"], row["state"] is CheckinState.CLOSED
    match move:
        case "invite" if state is CheckinState.EXPECTED:
            return {**row, "state": CheckinState.INVITED, "invited_at": at}, row["invited_at"] is not None
        case "put_off" if state is CheckinState.INVITED:
            return {**row, "state": CheckinState.EXPECTED, "opens_at": at + HOUR}, False
        case "start" if state is CheckinState.INVITED:
            return {**row, "state": CheckinState.STARTED, "started_at": at}, False
        case "close" if not closed and state is not CheckinState.WAITING_FOR_DATE:
            fate, reason = ENDS[number % len(ENDS)]
            return {**row, "state": CheckinState.CLOSED, "fate": fate, "fate_reason": reason, "closed_at": at}, False
        case "not_due" if not closed:
            why = {"fate": Fate.NOT_DUE, "fate_reason": Reason.DIED, "closed_at": at}
            return {**row, "state": CheckinState.CLOSED, **why}, True
        case "date" if state in (CheckinState.EXPECTED, CheckinState.WAITING_FOR_DATE):
            return {**row, "state": CheckinState.EXPECTED, **window(number)}, True
        case "reopen" if closed and row["fate"] in (Fate.NOT_DUE, Fate.PAUSED):
            return {**row, **EMPTY, "state": CheckinState.EXPECTED, **window(number)}, True
        case _:
            return row, False


def replay(history: History, until: datetime | None = None) -> Kept:
    """Play a history, to its end or up to a moment."""
    state = CheckinState.EXPECTED if history.dated else CheckinState.WAITING_FOR_DATE
    kept, at = Kept({**EMPTY, "state": state, **(window(300) if history.dated else {})}), START
    for number, (wait, move, choice) in enumerate(history.moves):
        at += wait * HOUR
        if until is not None and at > until:
            break
        after, leaves_revision = moved(kept.row, move, at, choice)
        if leaves_revision:
            kept.revisions.append({**kept.row, "at": at, "cause": move, "id": number})
        kept.row = after
    return kept


def stands(row: Row) -> Open | Fate:
    if row["state"] is CheckinState.CLOSED:
        return Fate(row["fate"])
    if row["started_at"] is not None:
        return Open.STARTED
    if row["invited_at"] is not None:
        return Open.INVITED
    return Open.WAITING_FOR_DATE if row["state"] is CheckinState.WAITING_FOR_DATE else Open.EXPECTED


def recount(histories: list[History], at: datetime) -> Funnel:
    """The funnel by the log alone, one check-in after the other."""
    rows = [replay(history, at).row for history in histories]
    stood = Counter(stands(row) for row in rows)
    reasons: dict[Fate, Counter[Reason]] = {}
    for row in rows:
        if row["fate_reason"] is not None:
            reasons.setdefault(row["fate"], Counter())[row["fate_reason"]] += 1
    unclosed = [row for row in rows if row["fate"] is None]
    return Funnel(
        expected=len(rows),
        invited=sum(row["invited_at"] is not None for row in rows),
        started=sum(row["started_at"] is not None for row in rows),
        open=len(unclosed),
        waiting_for_date=stood[Open.WAITING_FOR_DATE],
        overdue=sum(row["closes_at"] is not None and row["closes_at"] <= at for row in unclosed),
        fates={fate: stood[fate] for fate in Fate},
        reasons={fate: dict(counts) for fate, counts in reasons.items()},
    )


async def keep(tx: Tx, histories: list[History]) -> None:
    """Write the histories down as the store would have them now."""
    for table in (revisions, checkins, participants):
        await tx.run(delete(table))
    for number, history in enumerate(histories, start=1):
        kept = replay(history)
        woman = {"id": number, "person": f"p{number}", "centre": history.centre, "added_at": START}
        await tx.run(participants.insert(), [woman])
        closed = kept.row["state"] is CheckinState.CLOSED
        work = {"owner": None if closed else "bot", "next_at": None if closed else START}
        named = {"plan": "p", "point": history.point, "series": history.point, "instrument": "i"}
        row = {"id": number, "participant_id": number, "added_at": START, **named, **kept.row, **work}
        await tx.run(checkins.insert(), [row])
        changes = [{**one, "id": 100 * number + one["id"], "checkin_id": number} for one in kept.revisions]
        await tx.run(revisions.insert(), changes)


MOVES = st.tuples(
    st.integers(0, 60),
    st.sampled_from(("invite", "put_off", "start", "close", "not_due", "date", "reopen")),
    st.integers(1, 200),
)
HISTORIES = st.builds(
    History, st.sampled_from(POINTS), st.sampled_from(CENTRES), st.booleans(), st.lists(MOVES, max_size=8)
)


@pytest.fixture
async def ledger(store: Store) -> Store:
    """A store whose present lies after all that can happen in a history."""
    store.clock.at = START + timedelta(days=60)
    return store


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=st.lists(HISTORIES, max_size=7), hours=st.integers(0, 500))
async def test_any_moment_is_counted_as_it_was(ledger: Store, histories: list[History], hours: int) -> None:
    at = START + timedelta(hours=hours)
    async with ledger.database.transact() as tx:
        await keep(tx, histories)
        changes = [one["at"] for history in histories for one in replay(history).revisions]
        for moment in (at, tx.now, *changes[:2]):
            found = await funnel.tallies(tx, moment)
            assert funnel.sum_up(found) == recount(histories, moment)
            for point in POINTS:
                there = [history for history in histories if history.point == point]
                by_point = [tally for tally in found if tally.point == point]
                assert funnel.sum_up(by_point) == recount(there, moment)
                assert funnel.sum_up(await funnel.tallies(tx, moment, point=point)) == recount(there, moment)
            north = [history for history in histories if history.centre == "norte"]
            assert funnel.sum_up(await funnel.tallies(tx, moment, centre="norte")) == recount(north, moment)
        assert await funnel.tallies(tx, START - HOUR) == []


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES, hours=st.integers(0, 500))
async def test_a_woman_is_told_what_the_count_says(ledger: Store, history: History, hours: int) -> None:
    at = START + timedelta(hours=hours)
    async with ledger.database.transact() as tx:
        await keep(tx, [history])
        (course,) = await funnel.courses_of(tx, 1, at=at)
        told = funnel.sum_up(await funnel.tallies(tx, at))
    expected = replay(history, at)
    assert course.stood is stands(expected.row)
    assert [change.cause for change in course.changes] == [one["cause"] for one in expected.revisions]
    for name in ("due_on", "invited_at", "started_at", "closed_at"):
        assert getattr(course, name) == expected.row[name]
    assert course.reason == expected.row["fate_reason"]
    assert told.expected == told.open + sum(told.fates.values()) == 1
