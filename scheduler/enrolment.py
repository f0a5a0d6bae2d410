"""Women of a participants file become people of the store, with every check-in that the plan expects of them.

* All of it is one transaction: nobody is registered without her check-ins, and nobody twice.
* Whoever has no release date yet has her rows all the same, waiting; staff own them, and have one case for her.
* Where a file names no place, the clock is Mexico City's: most of the centres and most of the women are near it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.cadence import Preferences, expected
from scheduler.calendar import local_day
from scheduler.plan import Plan, PlanError, PlanProblem, read_plan
from storage import cases, ledger, people
from storage.database import Tx
from storage.fates import CheckinState
from storage.imports.participants import ParticipantRow
from storage.imports.problems import Fault, SheetProblem
from storage.ledger import NewCheckin
from storage.people import NewParticipant

DEFAULT_ZONE = "America/Mexico_City"
ASK_FOR_DATE_AGAIN = timedelta(days=14)
"""How long staff have to find a release date before the ledger asks them again."""


def load_plan(path: Path, instruments: Collection[str]) -> Plan:
    """Read a plan whose check-ins these instruments can be asked in. Raises PlanError with every problem."""
    plan = read_plan(path)
    problems = list(_cannot_be_asked(plan, instruments))
    if problems:
        raise PlanError(path, problems)
    return plan


def _cannot_be_asked(plan: Plan, instruments: Collection[str]) -> Iterator[PlanProblem]:
    for point in plan.points:
        where = f"point {point.name}"
        if len(point.instruments) > 1:
            yield PlanProblem(where, "instruments: name just one; several in one check-in come with a later version")
        for name in point.instruments:
            if name not in instruments:
                known = ", ".join(sorted(instruments))
                yield PlanProblem(where, f"instruments: there is no instrument {name}; known are {known}")


async def refusals(tx: Tx, rows: Sequence[ParticipantRow], *, plan: Plan) -> list[SheetProblem]:
    """What keeps sound rows out of this store: a record_id that it knows already, a plan that it does not have."""
    known = await people.known_record_ids(tx, [row.record_id for row in rows])
    found = []
    for row in rows:
        if row.record_id in known:
            message = "is already registered; take the row out, or import with --skip-errors"
            found.append(SheetProblem(row.line, "record_id", Fault.REPEATED_RECORD, message))
        if row.plan is not None and row.plan != plan.name:
            message = f"there is no such plan; write {plan.name} or leave it empty"
            found.append(SheetProblem(row.line, "plan", Fault.BAD_CELL, message))
    return found


async def enrol(tx: Tx, rows: Sequence[ParticipantRow], *, plan: Plan) -> list[int]:
    """Register these women and expect their check-ins; returns their internal ids, in order.

    Raises Conflict if one of them is registered already.
    """
    ids = await people.add_participants(tx, [_woman(row, plan) for row in rows])
    pairs = list(zip(ids, rows, strict=True))
    await ledger.expect(tx, [checkin for id_, row in pairs for checkin in _checkins(id_, row, plan=plan, now=tx.now)])
    await cases.open_cases(tx, [(id_, cases.MISSING_DATE, None) for id_, row in pairs if row.release_date is None])
    return ids


def _woman(row: ParticipantRow, plan: Plan) -> NewParticipant:
    return NewParticipant(
        record_id=row.record_id,
        name=row.name,
        zone=row.zone or DEFAULT_ZONE,
        phone=row.phone,
        release_on=row.release_date,
        trato=row.trato or "tu",
        plan=plan.name,
        birth_year=row.birth_year,
        centre=row.centre,
        schooling=row.schooling,
        dependants=(row.dependants_0_5, row.dependants_6_11, row.dependants_12_17, row.dependants_adult),
    )


def _checkins(participant: int, row: ParticipantRow, *, plan: Plan, now: datetime) -> Iterator[NewCheckin]:
    zone = ZoneInfo(row.zone or DEFAULT_ZONE)
    rows = expected(plan, row.release_date, enrolled_on=local_day(now, zone), preferences=Preferences(zone))
    for point, one in zip(plan.points, rows, strict=True):
        waits = one.state is CheckinState.WAITING_FOR_DATE
        yield NewCheckin(
            participant=participant,
            plan=plan.name,
            point=one.point,
            instrument=point.instruments[0],
            state=one.state,
            next_at=now + ASK_FOR_DATE_AGAIN if waits else one.opens_at,
            due_on=one.due_on,
            opens_at=one.opens_at,
            closes_at=one.closes_at,
            fate=one.fate,
            reason=one.reason,
        )
