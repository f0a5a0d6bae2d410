"""What staff learn about one woman: dates, place, hours, rests, and her wish to be left alone.

* What follows for her check-ins is printed, and with `--preview` nothing else is done.
* Every change stands in the audit trail, by what was changed and never by its value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.changes import change_line
from bot.cli.opening import open_plans, open_store
from bot.cli.refusals import Refused
from bot.cli.roster import find, pause_ends
from bot.settings import read_settings
from scheduler.applied import Plans
from scheduler.calendar import local_day
from scheduler.planning import Change
from scheduler.replanning import correct, hours_come, known_as
from scheduler.zones import region_of, zone_for
from storage import audit, caseloads, pauses, roster, stops
from storage.database import Tx
from storage.imports.cells import CellRefused, folded, read_date
from storage.imports.centres import centre_code
from storage.imports.participants import is_date_name, read_days, read_release, read_slot, read_zone
from storage.pauses import PauseKind
from storage.roster import Facts, Follower

NONE, NO = "none", "no"
"""What is written to name no plan and nobody of the team for her, and that she has not died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the command line says of her, as it is written; None where it says nothing."""

    release: str | None = None
    dates: Sequence[str] = ()
    plan: str | None = None
    cohort: str | None = None
    centre: str | None = None
    zone: str | None = None
    state: str | None = None
    municipality: str | None = None
    slot: str | None = None
    days: str | None = None
    reminders: str | None = None
    died: str | None = None
    staff: str | None = None


def set_woman(record_id: str, told: Told, *, preview: bool) -> None:
    """Write down what is told of her, and print what follows for her check-ins. Raises Refused for what can't be."""
    settings = read_settings()

    async def work() -> tuple[Sequence[Change], str]:
        async with open_store(settings) as database, database.read() if preview else database.transact() as tx:
            participant = await find(tx, record_id)
            (her,) = await roster.followers(tx, [participant])
            plans = await open_plans(tx, settings, keep=not preview)
            facts = _facts(told, today=local_day(tx.now, ZoneInfo(her.zone)), plans=plans)
            _require_sound(her, facts, plans=plans, now=tx.now)
            member = await _member(tx, told.staff)
            changes = await correct(tx, participant, facts, plans=plans, keep=not preview)
            if told.staff is not None and not preview:
                await caseloads.assign(tx, {participant: member}, by=audit.acting(None))
            return changes, facts.zone or her.zone

    changes, zone = asyncio.run(work())
    for change in changes:
        typer.echo(change_line(change, zone))
    if not changes:
        typer.echo("no check-in changes")
    if preview:
        typer.echo("nothing was stored (--preview)", err=True)


def _facts(told: Told, *, today: date, plans: Plans) -> Facts:
    facts = Facts(
        release_on=_read(told.release, "--release", by=lambda text: read_release(text, today)),
        dates=dict(_named_date(text, today) for text in told.dates),
        plan=_plan(told.plan, plans),
        cohort=told.cohort,
        centre=told.centre and (centre_code(told.centre) or told.centre),
        died_on=None if told.died == NO else _read(told.died, "--died", by=lambda text: _past(text, today)),
        alive=told.died == NO,
        zone=_zone(told),
        region=None if told.state is None else region_of(told.state),
        slot=_read(told.slot, "--slot", by=read_slot),
        days=_read(told.days, "--days", by=read_days),
        reminders=None if told.reminders is None else told.reminders == "yes",
    )
    if not facts.names and told.staff is None:
        raise Refused("nothing is told of her: say at least one thing, such as --release DATE")
    return facts


def _read(text: str | None, option: str, *, by: Any) -> Any:
    """What an option says, None if it is not there. Raises Refused with what to write instead."""
    if text is None:
        return None
    try:
        return by(text)
    except CellRefused as refused:
        raise Refused(f"{option}: {refused}") from None


def _named_date(text: str, today: date) -> tuple[str, date]:
    name, equals, day = text.partition("=")
    if not equals or not is_date_name(name):
        raise Refused("--date: write NAME=DATE, such as course_end=2026-06-30; the release has --release")
    return name, _read(day, "--date", by=lambda written: read_release(written, today))


def _past(text: str, today: date) -> date:
    day = read_date(text)
    if day > today:
        raise CellRefused("this day has not come yet")
    return day


def _plan(name: str | None, plans: Plans) -> str | None:
    if name in (None, NONE):
        return None if name is None else ""
    if plans.get(str(name)) is None:
        raise Refused(
            f"there is no such plan; applied are {', '.join(plans.names)}; {NONE}: as her centre and cohort say"
        )
    return name


async def _member(tx: Tx, name: str | None) -> int | None:
    """The member of staff who is called so; None for nobody. Raises Refused if nobody is."""
    if name is None or name == NONE:
        return None
    team = await caseloads.by_name(tx)
    if folded(name) not in team:
        raise Refused(f"--staff: is nobody of the team, or two of one name; {NONE}: she is with nobody")
    return team[folded(name)]


def _zone(told: Told) -> str | None:
    if told.zone is not None and told.state is not None:
        raise Refused("--zone and --state: name one of them; the state says which zone it is")
    if told.zone is not None:
        return str(_read(told.zone, "--zone", by=read_zone))
    if told.state is None:
        if told.municipality is not None:
            raise Refused("--municipality: is of no use without its --state")
        return None
    found = zone_for(told.state, told.municipality)
    if found is None:
        raise Refused("--state: is not a state of Mexico")
    return found


def _require_sound(her: Follower, facts: Facts, *, plans: Plans, now: datetime) -> None:
    if her.died_on is not None and not facts.alive and facts.names != ["died_on"]:
        raise Refused(f"she has died: nothing changes any more; --died {NO} if that was written down by mistake")
    after = known_as(her, facts)
    today = local_day(now, ZoneInfo(after.zone))
    if facts.died_on is not None and after.release_on is not None and facts.died_on < after.release_on <= today:
        raise Refused(f"--died: lies before her release, {after.release_on}: one of the two dates is wrong")
    plan = plans.followed_by(after.plan, centre=after.centre, cohort=after.cohort)
    if plan is not None and not hours_come(after, plan, now=now):
        raise Refused("these days and hours never come: choose other days or another part of the day")


# --- rests, and her wish to be left alone


def pause_woman(record_id: str, kind: str, *, until: date | None, series: str) -> None:
    """Rest her check-ins, or one series of them. Raises Refused for a day that is over, a series that is unknown, a
    `reingreso` that is not of everything and without end, anything else of everything that has none, and a woman who is
    away already."""
    if kind == PauseKind.REENTRY and (series or until is not None):
        raise Refused(
            f"--kind {PauseKind.REENTRY}: rests all of her check-ins, until her next release is known: "
            "leave out --series and --until"
        )
    if kind != PauseKind.REENTRY and until is None and not series:
        raise Refused(f"--until: say on which day she is asked again; only --kind {PauseKind.REENTRY} has no such day")

    async def work(tx: Tx, participant: int) -> str:
        (her,) = await roster.followers(tx, [participant])
        if until is not None and until <= local_day(tx.now, ZoneInfo(her.zone)):
            raise Refused("--until: the day on which she is asked again must lie ahead")
        known = sorted({one.series for one in await roster.checkins_of(tx, participant)})
        if series and series not in known:
            raise Refused(f"--series: she has no such check-ins; hers are {', '.join(known)}")
        if not await pauses.pause(
            tx, participant, PauseKind(kind), until_on=until, series=series, by=audit.acting(None)
        ):
            raise Refused(
                f"she is away ({PauseKind.REENTRY}), and no other pause takes its place: write down her next release "
                "(hilo participants set RECORD_ID --release DATE), or end it (hilo participants resume RECORD_ID)"
            )
        return f"{series or 'everything'} rests {pause_ends(until)}"

    _with_her(record_id, work)


def resume_woman(record_id: str, *, series: str) -> None:
    """End her rest. Raises Refused if she has none."""

    async def work(tx: Tx, participant: int) -> str:
        if not await pauses.resume(tx, participant, series, by=audit.acting(None)):
            raise Refused("she has no such pause: hilo participants show tells which she has")
        return f"{series or 'everything'} goes on"

    _with_her(record_id, work)


def stop_woman(record_id: str, how: str) -> None:
    """She asked staff to be left alone: nothing reaches her unasked any more. Raises Refused if that is so already."""

    async def work(tx: Tx, participant: int) -> str:
        if not await stops.stop(tx, participant, how):
            raise Refused("she wishes to be left alone already")
        return "nothing reaches her unasked any more; whatever she asks is still answered"

    _with_her(record_id, work)


def reopen_woman(record_id: str, how: str) -> None:
    """She asked staff to be written to again. Raises Refused if she never wished to be left alone."""

    async def work(tx: Tx, participant: int) -> str:
        if not await stops.lift(tx, participant, how):
            raise Refused("she does not wish to be left alone: there is nothing to lift")
        return "she is written to again, in her hours"

    _with_her(record_id, work)


def _with_her(record_id: str, work: Any) -> None:
    async def done() -> str:
        async with open_store(read_settings()) as database, database.transact() as tx:
            return str(await work(tx, await find(tx, record_id)))

    typer.echo(f"{record_id}\t{asyncio.run(done())}")
