"""Plans on the command line: what a file says, what it would change, and putting it in force.

* Whatever applying would do is shown before it is done; a person is asked, a script is not.
* Rows are told by record_id and point; no name is shown.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from bot.cli.changes import KINDS, change_line, change_told, kind
from bot.cli.opening import open_plan, open_plans, open_shelf, open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.settings import Settings, read_settings
from scheduler.applied import Plans
from scheduler.plan import ENROLMENT, RELEASE, Plan, Point, read_source
from scheduler.planning import Change
from scheduler.replanning import Planned, apply_plan, preview_plan
from storage import people
from storage import plans as kept
from storage.database import Database

SHOWN_BEFORE_ASKING = 10


def check_plan(path: Path) -> None:
    """Say what the plan holds, and what could be better. Raises PlanError with all that is wrong with it."""
    settings = read_settings()
    plan = open_plan(path, asyncio.run(open_shelf(settings)))
    typer.echo(f"{path.name}: plan {plan.name}, version {plan.version}, counted from {plan.anchor}")
    for point in plan.points:
        window = f"open {point.window.before} days before to {point.window.after} after"
        typer.echo(f"{point.name}\t{_falls(point)}\t{window}\t{'+'.join(point.instruments)}{_only(point)}")
    for point in plan.points:
        if point.every is not None and point.every.length_days <= point.window.after:
            typer.echo(f"mind: point {point.name}: one is still open when the next falls due: see overlap")
        if point.call_after is None:
            typer.echo(f"mind: point {point.name}: nobody is asked to call who stays silent: see call_after")
    if settings.database_file.exists() and asyncio.run(_lacks_anchor(settings, plan)):
        _mind_anchor(plan)


async def _lacks_anchor(settings: Settings, plan: Plan) -> bool:
    async with open_store(settings) as database:
        return await _is_unknown(database, plan)


async def _is_unknown(database: Database, plan: Plan) -> bool:
    """Whether no woman has the date that the plan counts from."""
    if plan.anchor == ENROLMENT or not any(point.offset for point in plan.points):
        return False
    async with database.read() as tx:
        return await kept.is_anchor_unknown(tx, None if plan.anchor == RELEASE else plan.anchor)


def _mind_anchor(plan: Plan) -> None:
    column, option = "release_date", "--release DATE"
    if plan.anchor != RELEASE:
        column, option = f"date_{plan.anchor}", f"--date {plan.anchor}=DATE"
    typer.echo(
        f"mind: no woman has the date {plan.anchor} that it counts from: whatever has an offset waits for it "
        f"(column {column} of a file, or hilo participants set RECORD_ID {option})"
    )


def _falls(point: Point) -> str:
    if point.on is not None:
        return f"on {point.on}"
    first = _distance(point.offset) or "the day itself"
    if point.every is None:
        return first
    return f"{first}, then every {_distance(point.every)}, {len(point.occurrences)} in all"


def _distance(distance: Any) -> str:
    return ", ".join(f"{count} {unit}" for unit, count in distance or () if count)


def _only(point: Point) -> str:
    groups = (("centre", point.only.centre), ("cohort", point.only.cohort))
    told = [f"{name} {', '.join(members)}" for name, members in groups if members]
    return f"\tonly {'; '.join(told)}" if told else ""


# --- before and after


@dataclass
class Tally:
    """Who follows a plan once it is applied, and whether nobody has its anchor; what changes, counted by point, kind
    and reason; the first rows of it."""

    plan: str
    limit: int
    lacks_anchor: bool = False
    followers: int = 0
    women: int = 0
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    first: list[tuple[Planned, Change]] = field(default_factory=list)

    def add(self, planned: Sequence[Planned]) -> None:
        """Count these women and their changes."""
        for one in planned:
            self.followers += one.plan == self.plan
            self.women += bool(one.changes)
            self.counts.update((change.to.point, kind(change), change.to.reason or "") for change in one.changes)
            self.first += [(one, change) for change in one.changes][: self.limit - len(self.first)]

    def in_order(self, plan: Plan) -> list[tuple[str, str, str, int]]:
        """The counts as (point, kind, reason, rows), in the plan's order; what it gives up last, as it was met."""
        kinds = list(KINDS.values())
        points = dict.fromkeys([*plan.occurrences, *(point for point, _, _ in self.counts)])
        rank = {point: place for place, point in enumerate(points)}
        rows = [(*key, count) for key, count in self.counts.items()]
        return sorted(rows, key=lambda row: (rank[row[0]], kinds.index(row[1]), row[2]))


def show_preview(path: Path, *, as_json: bool, limit: int) -> None:
    """Print what applying this plan would change; nothing is stored. Raises PlanError, or Refused if another plan
    claims the same women."""
    settings = read_settings()

    async def work() -> tuple[Plan, Tally, dict[int, str]]:
        async with open_store(settings) as database:
            plan, plans = await _open(path, settings, database=database, keep=False)
            tally = await _foresee(database, plan, plans=plans, limit=limit)
            return plan, tally, await _record_ids(database, tally)

    plan, tally, record_ids = asyncio.run(work())
    if as_json:
        print_json(_told(plan, tally, record_ids=record_ids))
    else:
        _print(plan, tally, record_ids=record_ids)
        typer.echo("nothing was stored: hilo plan apply does it", err=True)


def put_in_force(path: Path, *, yes: bool) -> None:
    """Apply this plan, once it was shown what changes. Raises PlanError, or Refused if another plan claims the same
    women, or a person says no."""
    settings = read_settings()

    async def work() -> None:
        async with open_store(settings) as database:
            plan, plans = await _open(path, settings, database=database, keep=True)
            tally = await _foresee(database, plan, plans=plans, limit=0 if yes else SHOWN_BEFORE_ASKING)
            _print(plan, tally, record_ids=await _record_ids(database, tally))
            if not yes and sys.stdin.isatty():
                _ask()
            gc.freeze()  # a search through all that is loaded would hold the store for a tenth of a second
            batches = apply_plan(database, plan, source=read_source(path), plans=plans, by="command")
            done = await _count(batches, plan, limit=0)
        typer.echo(f"plan {plan.name}, version {plan.version}, is applied: {_sum(done)}")

    asyncio.run(work())


def _ask() -> None:
    if not typer.confirm("Apply this plan?"):
        raise Refused("nothing was stored")


async def _open(path: Path, settings: Settings, *, database: Database, keep: bool) -> tuple[Plan, Plans]:
    shelf = await open_shelf(settings)
    plan = open_plan(path, shelf)
    async with database.transact() if keep else database.read() as tx:
        plans = await open_plans(tx, settings, shelf=shelf, keep=keep)
    for pair in plans.with_plan(plan).rivals:
        names = [one.name for one in pair]
        if plan.name in names:
            raise Refused(
                f"the plans {' and '.join(names)} can both claim the same woman: narrow the who of one of them to "
                "other centres or cohorts, or to both a centre and a cohort"
            )
    return plan, plans


async def _foresee(database: Database, plan: Plan, *, plans: Plans, limit: int) -> Tally:
    tally = await _count(preview_plan(database, plan, plans=plans), plan, limit=limit)
    tally.lacks_anchor = await _is_unknown(database, plan)
    return tally


async def _count(batches: AsyncIterator[list[Planned]], plan: Plan, *, limit: int) -> Tally:
    tally = Tally(plan.name, limit)
    async for planned in batches:
        tally.add(planned)
    return tally


async def _record_ids(database: Database, tally: Tally) -> dict[int, str]:
    async with database.read() as tx:
        cards = [card for woman in {one.woman for one, _ in tally.first} for card in await people.cards(tx, woman)]
    return {card.participant: card.record_id for card in cards}


def _told(plan: Plan, tally: Tally, *, record_ids: dict[int, str]) -> dict[str, Any]:
    counts = tally.in_order(plan)
    names = ("point", "change", "reason", "rows")
    return {
        "plan": plan.name,
        "version": plan.version,
        "followers": tally.followers,
        "participants": tally.women,
        "counts": [dict(zip(names, (point, what, why or None, n), strict=True)) for point, what, why, n in counts],
        "first": [{"record_id": record_ids[one.woman], **change_told(change)} for one, change in tally.first],
    }


def _print(plan: Plan, tally: Tally, *, record_ids: dict[int, str]) -> None:
    typer.echo(f"plan {plan.name}, version {plan.version}: {_sum(tally)}")
    for point, what, reason, rows in tally.in_order(plan):
        because = f" ({reason})" if reason else ""
        typer.echo(f"{point}\t{what}{because}\t{rows}")
    for one, change in tally.first:
        typer.echo(f"{record_ids[one.woman]}\t{change_line(change, one.zone)}")
    if tally.lacks_anchor:
        _mind_anchor(plan)
    if not tally.followers:
        typer.echo(
            "mind: a woman follows the plan that is named for her "
            f"(hilo participants set RECORD_ID --plan {plan.name}, or the column plan of a file), "
            "else the one whose who has her, else that of HILO_PLAN_FILE"
        )


def _sum(tally: Tally) -> str:
    rows = tally.counts.total()
    women = f"{tally.women} participant{'' if tally.women == 1 else 's'}"
    changes = f"{rows} check-in{'' if rows == 1 else 's'} of {women} change" if rows else "no check-in changes"
    return changes if tally.followers else f"{changes}; nobody follows it"
