"""The rows that a check-in gives to the outcome store, derived anew whenever an answer of it changes.

* A row that says the same stays as it was; any other gives way, and with it what was known before can still be told.
* Days are hers: the local date on which she said it.
* How many depend on her, and how far she went in school, are written to her own record: her last word counts. How she
  worked before she came in stays an answer, since a job without dates cannot be told from one of today.
* Items make scores once each of them has an answer, or a reason for having none, from one version of the form.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, select, update

from conversations.answers import from_json
from conversations.effects import OutcomesChanged
from conversations.income import FACTOR_VERSION
from storage.database import Tx
from storage.outcomes import scoring, work
from storage.outcomes.scoring import OutOfRange, Scored
from storage.records import Entry
from storage.schema import (
    answers,
    checkins,
    employments,
    incomes,
    measurements,
    participants,
    preferences,
    supports,
)

ABOUT_HER = ("schooling", "dependants_0_5", "dependants_6_11", "dependants_12_17", "dependants_adult")
"""The outcomes that are columns of her own record."""

_OF_THE_ROW = frozenset({"id", "as_of_on", "taken_on", "learned_at", "replaced_at", "import_id", "line"})
_GIVEN = 0

Row = dict[str, Any]


async def learn(tx: Tx, entries: Sequence[Entry[OutcomesChanged]]) -> None:
    """What these sittings amount to now is what holds of them."""
    latest = {entry.checkin_id: entry for entry in entries if entry.checkin_id is not None}
    on = await _her_days(tx, latest.values())
    for table, rows_of in ((employments, _jobs), (incomes, _incomes), (supports, _supports)):
        rows = [
            {**_of_hers(tx, entry), "as_of_on": on[checkin], **row}
            for checkin, entry in latest.items()
            for row in rows_of(entry.record)
        ]
        await _supersede(tx, table, rows, checkin_ids=set(latest))
    for entry in latest.values():
        await _write_about_her(tx, entry)


async def _her_days(tx: Tx, entries: Iterable[Entry[Any]]) -> dict[int | None, date]:
    """The local date of each by its check-in."""
    women = {entry.participant_id for entry in entries}
    hers = select(preferences.c.participant_id, preferences.c.zone).where(preferences.c.participant_id.in_(women))
    zones = {row.participant_id: row.zone for row in await tx.run(hers)}
    return {entry.checkin_id: _local(entry.at, zones[entry.participant_id]) for entry in entries}


def _local(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _of_hers(tx: Tx, entry: Entry[Any]) -> Row:
    hers = {"participant_id": entry.participant_id, "checkin_id": entry.checkin_id}
    return {"id": tx.ids.random(), "learned_at": tx.now, **hers}


def _jobs(said: OutcomesChanged) -> list[Row]:
    return [{"scope": work.IN_FREEDOM, **asdict(job)} for job in work.employments(said.values)]


def _incomes(said: OutcomesChanged) -> list[Row]:
    return [_income(pay) for pay in work.incomes(said.values)]


def _income(pay: work.Income) -> Row:
    money = pay.money
    return {
        "moment": pay.moment,
        "scope": pay.scope,
        "status": pay.status,
        "amount": None if money is None else money.amount,
        "high": None if money is None else money.high,
        "period": None if money is None else money.period,
        "days_per_week": None if money is None else money.days_per_week,
        "factor_version": None if money is None else FACTOR_VERSION,
        "monthly": pay.monthly,
    }


def _supports(said: OutcomesChanged) -> list[Row]:
    found = work.support(said.values)
    return [] if found is None else [asdict(found)]


async def _write_about_her(tx: Tx, entry: Entry[OutcomesChanged]) -> None:
    said = ((name, entry.record.values.get(name)) for name in ABOUT_HER)
    told = {name: answer.value for name, answer in said if answer is not None and answer.value is not None}
    if told:
        await tx.run(update(participants).where(participants.c.id == entry.participant_id).values(told))


async def _supersede(tx: Tx, table: Table, rows: Sequence[Row], *, checkin_ids: Collection[int]) -> None:
    """Let these rows hold for the check-ins: one that says the same stays as it was, any other gives way."""
    standing = table.c.checkin_id.in_(checkin_ids) & table.c.replaced_at.is_(None)
    was = {_told(table, row._mapping): row.id for row in await tx.run(select(table).where(standing))}
    told = {_told(table, row): row for row in rows}
    gone = [{"row": id_} for says, id_ in was.items() if says not in told]
    await tx.run(update(table).where(table.c.id == bindparam("row")).values(replaced_at=tx.now), gone)
    await tx.run(table.insert(), [row for says, row in told.items() if says not in was])


def _told(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a row says, wherever it comes from."""
    return tuple(row.get(column.name) for column in table.columns if column.name not in _OF_THE_ROW)


# --- scores


async def rescore(tx: Tx, checkin_ids: Collection[int]) -> None:
    """The scores of these check-ins are what the items in them come to now; none given costs nothing."""
    if not checkin_ids:
        return
    standing = answers.c.checkin_id.in_(checkin_ids) & answers.c.replaced_at.is_(None)
    columns = (answers, checkins.c.point, checkins.c.participant_id, preferences.c.zone)
    statement = (
        select(*columns)
        .join(checkins, checkins.c.id == answers.c.checkin_id)
        .join(preferences, preferences.c.participant_id == checkins.c.participant_id)
        .where(standing)
        .order_by(answers.c.checkin_id, answers.c.instrument, answers.c.version)
    )
    asked_by = groupby(await tx.run(statement), key=lambda row: (row.checkin_id, row.instrument, row.version))
    rows = [row for _, items in asked_by for row in _measured(tx, list(items))]
    await _supersede(tx, measurements, rows, checkin_ids=checkin_ids)


def _measured(tx: Tx, items: Sequence[Any]) -> list[Row]:
    """The rows of one version of one instrument in one check-in, from all that was answered of it."""
    first, last = items[0], max(item.at for item in items)
    same = {
        "participant_id": first.participant_id,
        "checkin_id": first.checkin_id,
        "instrument": first.instrument,
        "version": first.version,
        "moment": first.point,
        "taken_on": _local(max((item.at for item in items if item.status == _GIVEN), default=last), first.zone),
        "learned_at": tx.now,
    }
    return [{"id": tx.ids.random(), **same, **asdict(scored)} for scored in _scored(items)]


def _scored(items: Sequence[Any]) -> list[Scored]:
    pack = scoring.pack(items[0].instrument)
    if pack is None or not pack.holds_for(items[0].version) or not pack.is_whole([item.variable for item in items]):
        return []
    values = {item.variable: None if item.value is None else from_json(json.loads(item.value)) for item in items}
    try:
        return scoring.score(pack, {name: scoring.number_of(value) for name, value in values.items()})
    except OutOfRange:  # the form has codes of its own: `hilo instruments check` says so
        return []
