"""Women of a participants file become people of the store, with every check-in that their plans expect of them.

* Nobody is registered without her check-ins, and nobody twice. A long file is stored a batch at a time, so that the bot
  can write meanwhile; what a crash leaves undone, the same file does when it comes again.
* Of a woman who is known a file brings only the dates that the store does not have; what it says otherwise of one that
  it has is told, and left to `participants set`. One who is known by her record_id alone, from a file of enrolments,
  measurements or work, is registered by it like anybody else, and keeps what is known of her.
* Where a file names no place, the clock is Mexico City's: most of the centres and most of the women are near it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.applied import Plans
from scheduler.calendar import Slot
from scheduler.plan import RELEASE
from scheduler.replanning import hours_come, plan_again, plan_for, write
from scheduler.zones import region_of
from storage import caseloads, people, roster
from storage.consents import ConsentGiven, How, Purpose, record_consents, signed_at
from storage.database import Conflict, Tx
from storage.imports.cells import folded
from storage.imports.participants import ParticipantRow
from storage.imports.problems import Fault, SheetProblem
from storage.people import NewParticipant
from storage.revisions import Cause
from storage.roster import Follower

DEFAULT_ZONE = "America/Mexico_City"
PAGE = 400
"""Women who are looked up at once."""

BATCH = 100
"""Women who are registered in one transaction: fewer than hold the store for 50 ms (design.md D11)."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What this store can do with sound rows: women to register (those who have no name yet among them), dates to fill
    in by internal id, and the problems.

    A row with a problem is in neither of the others.
    """

    new: list[ParticipantRow]
    dates: dict[int, Mapping[str, date]]
    problems: list[SheetProblem]

    def in_batches(self) -> Iterator[Sorted]:
        """What can be stored, in parts of which each is for one transaction."""
        for start in range(0, len(self.new), BATCH):
            yield Sorted(self.new[start : start + BATCH], {}, [])
        known = list(self.dates.items())
        for start in range(0, len(known), BATCH):
            yield Sorted([], dict(known[start : start + BATCH]), [])


async def sort_rows(tx: Tx, rows: Sequence[ParticipantRow], *, plans: Plans) -> Sorted:
    """Tell new women from known ones a date of whom comes now, and both from rows that can't go in."""
    known = await people.known_record_ids(tx, [row.record_id for row in rows])
    found = Sorted([], {}, [])
    there = {her.id: her for her in await _all(tx, list(known.values()))}
    nameless = await people.nameless(tx, list(there))
    team = await caseloads.by_name(tx)
    for row in rows:
        her = there.get(known.get(row.record_id, 0))
        told = _dates(row)
        news = {} if her is None else {name: day for name, day in told.items() if name not in _dates_of(her)}
        problems = [
            *_plan_problems(row, plans, now=tx.now),
            *_staff_problems(row, team),
            *([] if her is None else _repeated(row, her, news=bool(news) or her.id in nameless)),
        ]
        found.problems.extend(problems)
        if not problems and (her is None or her.id in nameless):
            found.new.append(row)
        elif not problems and her is not None:
            found.dates[her.id] = news
    return found


async def _all(tx: Tx, women: Sequence[int]) -> list[Follower]:
    pages = [women[start : start + PAGE] for start in range(0, len(women), PAGE)]
    return [her for page in pages for her in await roster.followers(tx, page)]


def _dates(row: ParticipantRow) -> dict[str, date]:
    return {**row.dates, **({} if row.release_date is None else {RELEASE: row.release_date})}


def _dates_of(her: Follower) -> dict[str, date]:
    return {**her.dates, **({} if her.release_on is None else {RELEASE: her.release_on})}


def _plan_problems(row: ParticipantRow, plans: Plans, *, now: datetime) -> Iterator[SheetProblem]:
    if row.plan is not None and plans.get(row.plan) is None:
        message = f"there is no such plan; write {' or '.join(plans.names)}, or leave it empty"
        yield SheetProblem(row.line, "plan", Fault.BAD_CELL, message)
    plan = plans.followed_by(row.plan, centre=row.centre, cohort=row.cohort)
    if row.days and plan is not None and not hours_come(_follower(0, row, now=now), plan, now=now):
        message = "these days never come in her part of the day; write other days or another slot"
        yield SheetProblem(row.line, "days", Fault.BAD_CELL, message)


def _staff_problems(row: ParticipantRow, team: Mapping[str, int]) -> Iterator[SheetProblem]:
    if row.staff is not None and folded(row.staff) not in team:
        message = (
            "is nobody of the team, or two of one name; write the name as the team's list has it, or leave it empty"
        )
        yield SheetProblem(row.line, "staff", Fault.BAD_CELL, message)


def _repeated(row: ParticipantRow, her: Follower, *, news: bool) -> Iterator[SheetProblem]:
    """What is wrong with the row of a woman who is known: another date than hers, or nothing new."""
    kept = _dates_of(her)
    other = [name for name, day in _dates(row).items() if kept.get(name, day) != day]
    for name in other:
        column, option = ("release_date", "--release") if name == RELEASE else (f"date_{name}", f"--date {name}=")
        message = f"is already registered with another date; to correct it, hilo participants set has {option}"
        yield SheetProblem(row.line, column, Fault.REPEATED_RECORD, message)
    if not other and not news:
        message = "is already registered; take the row out, or import with --skip-errors"
        yield SheetProblem(row.line, "record_id", Fault.REPEATED_RECORD, message)


async def enrol(tx: Tx, rows: Sequence[ParticipantRow], *, plans: Plans, by: str = "command") -> list[int]:
    """Register these women and expect their check-ins, each with the member of staff whom her row names; returns their
    internal ids, in order.

    Raises Conflict if one of them is registered already under a name, or her member of staff is not to be had any more.
    """
    known = await _nameless(tx, rows)
    added = await people.add_participants(tx, [_new(row) for row in rows if row.record_id not in known])
    for row in rows:
        if row.record_id in known:
            await people.name_participant(tx, known[row.record_id], _new(row), said=_wishes(row))
    new = iter(added)
    ids = [known[row.record_id] if row.record_id in known else next(new) for row in rows]
    for name in {name for row in rows for name in row.dates}:
        days = {id_: row.dates[name] for id_, row in zip(ids, rows, strict=True) if name in row.dates}
        await roster.set_dates(tx, name, days)
    women = [_follower(id_, row, now=tx.now) for id_, row in zip(ids, rows, strict=True) if row.record_id not in known]
    planned = [one for her in women if (one := plan_for(her, [], plans=plans, now=tx.now)) is not None]
    planned += await plan_again(tx, list(known.values()), plans=plans)
    await write(tx, planned, cause=Cause.PLAN_APPLIED)
    await _assign(tx, dict(zip(ids, rows, strict=True)), by=by)
    await record_consents(tx, list(_on_paper(zip(ids, rows, strict=True), tx.now)))
    return ids


async def _nameless(tx: Tx, rows: Sequence[ParticipantRow]) -> dict[str, int]:
    """Who of these is known by her record_id alone, with her internal id."""
    known = await people.known_record_ids(tx, [row.record_id for row in rows])
    nameless = await people.nameless(tx, list(known.values()))
    return {record_id: id_ for record_id, id_ in known.items() if id_ in nameless}


def _wishes(row: ParticipantRow) -> dict[str, str]:
    """What a row says of how she is to be met."""
    told = {"zone": row.zone, "slot": row.slot, "days": row.days, "trato": row.trato, "region": _region(row)}
    return {name: value for name, value in told.items() if value}


def _region(row: ParticipantRow) -> str | None:
    return None if row.state is None else region_of(row.state)


def _on_paper(women: Iterable[tuple[int, ParticipantRow]], now: datetime) -> Iterator[tuple[ConsentGiven, datetime]]:
    """What they have signed, as of the end of that day; of money a file says nothing."""
    for her, row in women:
        if row.consent_on_paper is not None and row.consent_version and row.consent_witness:
            version, witness = row.consent_version, row.consent_witness
            word = ConsentGiven(her, Purpose.FOLLOW_UP, version, "", True, How.PAPER, witness=witness)
            yield word, signed_at(row.consent_on_paper, zone=row.zone or DEFAULT_ZONE, now=now)


async def _assign(tx: Tx, rows: Mapping[int, ParticipantRow], *, by: str) -> None:
    team = await caseloads.by_name(tx) if any(row.staff for row in rows.values()) else {}
    named = {id_: folded(row.staff) for id_, row in rows.items() if row.staff is not None}
    if strangers := set(named.values()) - team.keys():
        raise Conflict(f"{len(strangers)} of those named are not in the team")
    await caseloads.assign(tx, {id_: team[name] for id_, name in named.items()}, by=by)


def _new(row: ParticipantRow) -> NewParticipant:
    return NewParticipant(
        record_id=row.record_id,
        name=row.name,
        zone=row.zone or DEFAULT_ZONE,
        phone=row.phone,
        release_on=row.release_date,
        trato=row.trato or "tu",
        slot=row.slot or Slot.ANY,
        days=row.days or None,
        region=_region(row),
        plan=row.plan,
        cohort=row.cohort,
        birth_year=row.birth_year,
        centre=row.centre,
        schooling=row.schooling,
        dependants=(row.dependants_0_5, row.dependants_6_11, row.dependants_12_17, row.dependants_adult),
    )


def _follower(id_: int, row: ParticipantRow, *, now: datetime) -> Follower:
    """She as the store has her from this moment on."""
    return Follower(
        id=id_,
        plan=row.plan,
        release_on=row.release_date,
        centre=row.centre,
        cohort=row.cohort,
        added_at=now,
        died_on=None,
        zone=row.zone or DEFAULT_ZONE,
        slot=row.slot or Slot.ANY,
        days=row.days or None,
        region=_region(row),
        dates=row.dates,
    )


async def fill_dates(tx: Tx, dates: Mapping[int, Mapping[str, date]], *, plans: Plans) -> None:
    """These women's dates are known now: expect their check-ins, and close the cases that asked for them."""
    await roster.fill_release_dates(tx, {her: told[RELEASE] for her, told in dates.items() if RELEASE in told})
    for name in {name for told in dates.values() for name in told} - {RELEASE}:
        await roster.set_dates(tx, name, {her: told[name] for her, told in dates.items() if name in told})
    women = list(dates)
    for start in range(0, len(women), PAGE):
        planned = await plan_again(tx, women[start : start + PAGE], plans=plans)
        await write(tx, planned, cause=Cause.DATE_KNOWN)


def count_expected(row: ParticipantRow, plans: Plans) -> int:
    """How many check-ins are expected of a woman who is registered with this row."""
    plan = plans.followed_by(row.plan, centre=row.centre, cohort=row.cohort)
    everything = () if plan is None else plan.occurrences.values()
    return sum(one.point.only.has(row.centre, row.cohort) for one in everything)
