"""What of the store a transcript can show: `= answers`.

* A line is for whoever reads along: things by the names that the store has for them, and no number that means nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from pydantic_core import from_json
from sqlalchemy import select

from storage import cases
from storage.database import Tx
from storage.outcomes.known import known
from storage.schema import answers, checkins, employments, incomes, measurements, outbox, pauses, preferences, stops
from storage.schema import cases as case_rows

ZONE = ZoneInfo("America/Mexico_City")


async def _answers(tx: Tx) -> list[str]:
    """The answers that stand, in the order in which they were given."""
    rows = await tx.run(select(answers).where(answers.c.replaced_at.is_(None)).order_by(answers.c.variable))
    return [f"{row.variable}: {_plain(row.value)} (status {row.status}, revision {row.revision})" for row in rows]


async def _work(tx: Tx) -> list[str]:
    """The kinds of work and the incomes that the answers amount to."""
    jobs = [
        f"work: {row.kind}, social security {row.social_security}"
        for row in await tx.run(select(employments).where(known(employments)))
    ]
    pays = [
        f"income: {row.amount} {row.period}, {row.monthly} a month ({row.factor_version})"
        if row.status == 0
        else f"income: not known ({row.status})"
        for row in await tx.run(select(incomes).where(known(incomes)))
    ]
    return sorted(jobs) + pays


async def _scores(tx: Tx) -> list[str]:
    """The scores of the instruments that have a pack."""
    found = await tx.run(select(measurements).where(known(measurements)).order_by(measurements.c.instrument))
    return [f"score: {row.instrument}, {row.moment}: {row.score} ({row.answered} answered)" for row in found]


async def _ledger(tx: Tx) -> list[str]:
    """The check-ins that are open or have an end."""
    rows = await tx.run(select(checkins).order_by(checkins.c.due_on))
    return [f"{row.point}: {row.state} {row.fate or ''}".rstrip() for row in rows if row.state != "expected"]


async def _cases(tx: Tx) -> list[str]:
    """The cases that wait for a person."""
    rows = await tx.run(select(case_rows).order_by(case_rows.c.opened_at, case_rows.c.kind))
    return [f"case: {row.kind} ({row.state})" for row in rows]


async def _wishes(tx: Tx) -> list[str]:
    """When she likes to be written to, and whether she rests or wants to be left alone."""
    rows = list(await tx.run(select(preferences)))
    told = [f"slot {row.slot}, days {row.days or 'all'}, reminders {row.reminders}" for row in rows]
    rests = await tx.run(select(pauses).order_by(pauses.c.since_at))
    told += [f"{row.kind} until {row.until_on}{', ended' if row.ended_at else ''}" for row in rests]
    stopped = await tx.run(select(stops).order_by(stops.c.at))
    told += [f"stopped ({row.how}){f', lifted ({row.lifted_how})' if row.lifted_at else ''}" for row in stopped]
    dropped = await tx.run(select(outbox.c.reason).where(outbox.c.state == "dropped").order_by(outbox.c.id))
    return told + [f"dropped: {row.reason}" for row in dropped]


async def _passed(tx: Tx) -> list[str]:
    """What women had passed to the team, with the time of each message."""
    words = [words for case in await cases.with_words(tx) for words in case.words]
    return [f"{one.at.astimezone(ZONE):%H:%M} {one.text or f'({one.kind})'}" for one in words]


def _plain(value: str | None) -> str:
    return "nothing" if value is None else str(from_json(value))


WRITTEN: dict[str, Callable[[Tx], Awaitable[list[str]]]] = {
    "answers": _answers,
    "work": _work,
    "scores": _scores,
    "ledger": _ledger,
    "cases": _cases,
    "passed": _passed,
    "wishes": _wishes,
}
"""What can be shown, by the words that ask for it."""
