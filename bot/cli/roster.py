"""Registering women from a file, and looking them up.

* Every problem of a file is told at once, with its line; nothing is stored unless all is well or rows may be skipped.
* Problems go to standard error, what was asked for to standard output.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_plans, open_store, require_home
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.settings import read_settings
from scheduler.applied import Plans
from scheduler.enrolment import Sorted, count_expected
from scheduler.plan import RELEASE
from scheduler.registering import Checked, Twin, check, store
from storage import audit, calls, cases, pauses, people, roster, stops
from storage.calls import MEANINGS, Tried
from storage.cases import OpenCase
from storage.database import Conflict, Database, Tx
from storage.fates import CheckinState
from storage.imports.problems import SheetProblem
from storage.imports.sheets import bytes_of, read_sheet
from storage.pauses import Pause
from storage.people import Card
from storage.roster import CheckinCard

MOST_TWINS, MOST_OTHERS = 20, 5
"""Rows whose women may be known that are told one by one, and of each how many others she may be."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is imported: only looked through, or without the rows that have problems; and of rows whose women may
    be registered already, by line, which are the same woman and which another one."""

    dry_run: bool = False
    skip_errors: bool = False
    same: frozenset[int] = frozenset()
    other: frozenset[int] = frozenset()


def import_file(path: Path, wanted: Wanted) -> None:
    """Register the women of a file. Raises Refused if a row has a problem and none may be skipped, or if somebody has
    to say of a row whether she is registered already."""
    settings = read_settings()
    require_home(settings)
    sheet = read_sheet(bytes_of(path), path.name)

    async def work() -> None:
        async with open_store(settings) as database:
            async with database.read() as tx:
                plans = await open_plans(tx, settings, keep=False)
                found = _accepted(await check(tx, sheet, plans=plans), wanted)
            if wanted.dry_run:
                rows = _count(len(found.new) + len(found.dates), "row")
                typer.echo(f"{rows} would be imported; nothing was stored (--dry-run)")
                return
            async with database.transact() as tx:
                plans = await open_plans(tx, settings)
            await _store(database, found, plans=plans)
            _tell_stored(found, plans)

    asyncio.run(work())


async def _store(database: Database, found: Sorted, *, plans: Plans) -> None:
    """Raises Refused, and says how far it came, where something else was stored meanwhile that stands against it."""
    gc.freeze()  # a search through all that is loaded would hold the store for a tenth of a second
    stored = 0
    for batch in found.in_batches():
        try:
            async with database.transact() as tx:
                await store(tx, batch, plans=plans, by=audit.acting(None))
        except Conflict:
            raise Refused(
                f"{_count(stored, 'row')} imported, and then somebody else changed what the rest stands on: "
                "import the file again with --skip-errors"
            ) from None
        stored += len(batch.new) + len(batch.dates)


def _accepted(checked: Checked, wanted: Wanted) -> Sorted:
    """What is to be stored of the file. Raises Refused, having told why."""
    _tell(checked.warnings)
    _tell(checked.problems)
    if checked.problems and not wanted.skip_errors:
        way_out = " (--skip-errors leaves rows out)" if any(problem.line for problem in checked.problems) else ""
        raise Refused(f"nothing was imported: {_count(len(checked.problems), 'problem')} to mend{way_out}")
    _require_told_apart(checked.twins, wanted)
    found = checked.without(wanted.same)
    if not found.new and not found.dates:
        raise Refused("nothing was imported: no row is left")
    return found


def _require_told_apart(twins: Sequence[Twin], wanted: Wanted) -> None:
    """Raises Refused, with everybody who may be meant, if nobody has said of a row who she is."""
    undecided = [twin for twin in twins if twin.row.line not in wanted.same | wanted.other]
    for twin in undecided[:MOST_TWINS]:
        others = [f"{one.record_id} {one.name}" for one in twin.known] + [f"line {line}" for line in twin.lines]
        told = _shortened(others)
        typer.echo(f"line {twin.row.line}: {twin.row.name} may be {', '.join(told)}", err=True)
    if (left := len(undecided) - MOST_TWINS) > 0:
        typer.echo(f"and {_count(left, 'more row')} of which somebody must say who she is", err=True)
    if undecided:
        raise Refused(
            f"nothing was imported: of {_count(len(undecided), 'row')} say who she is, by its line: --other LINE for "
            "another woman, --same LINE to leave her out"
        )


def _shortened(others: Sequence[str]) -> list[str]:
    left = len(others) - MOST_OTHERS
    return [*others[:MOST_OTHERS], *([_count(left, "other")] if left > 0 else ())]


def _tell_stored(found: Sorted, plans: Plans) -> None:
    new = len(found.new)
    if new:
        expected = sum(count_expected(row, plans) for row in found.new)
        typer.echo(f"{_count(new, 'participant')} registered, with {expected} check-ins expected")
    if without_date := sum(row.release_date is None for row in found.new):
        typer.echo(f"{without_date} of them without a release date: staff must find it before anything is asked")
    filled = [name for told in found.dates.values() for name in told]
    if releases := filled.count(RELEASE):
        typer.echo(f"{_count(releases, 'release date')} filled in")
    if others := len(filled) - releases:
        typer.echo(f"{_count(others, 'other date')} filled in")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _tell(problems: Sequence[SheetProblem]) -> None:
    for problem in problems:
        typer.echo(str(problem), err=True)


def print_roster(*, as_json: bool) -> None:
    """Print everybody, in the order of record_id."""

    async def work() -> list[Card]:
        async with open_store(read_settings()) as database, database.transact() as tx:
            await audit.append(tx, [audit.Act(audit.acting(None), "roster_read")])
            return await people.cards(tx)

    cards = asyncio.run(work())
    if as_json:
        print_json([_woman(card) for card in cards])
        return
    for card in cards:
        typer.echo("\t".join((card.record_id, card.name, str(card.release_on or "no date"), _linked(card.enrolled_at))))
    typer.echo(_count(len(cards), "participant"), err=True)


def _linked(enrolled_at: datetime | None) -> str:
    return "no chat yet" if enrolled_at is None else "in touch"


def _woman(card: Card) -> dict[str, Any]:
    """A card as programs read it, under the names of the import format."""
    told = asdict(card)
    del told["participant"]
    return {
        "record_id": told.pop("record_id"),
        "name": told.pop("name"),
        "release_date": told.pop("release_on"),
        **told,
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """All that staff see of one woman."""

    card: Card
    plan: str | None
    checkins: list[CheckinCard]
    waits: list[OpenCase]
    pauses: tuple[Pause, ...]
    attempts: list[Tried]
    stopped: bool

    @property
    def next_checkin(self) -> CheckinCard | None:
        """The one that is open in her chat, or else the one that opens next."""
        coming = [one for one in self.checkins if one.opens_at is not None and one.fate is None]
        return min(coming, key=lambda one: (one.invited_at is None, one.opens_at), default=None)


def print_woman(record_id: str, *, as_json: bool) -> None:
    """Print one woman and her check-ins. Raises Refused if nobody has that record_id."""
    settings = read_settings()

    async def work() -> Shown:
        async with open_store(settings) as database, database.transact() as tx:
            woman = await find(tx, record_id)
            await audit.append(tx, [audit.Act(audit.acting(None), "card_read", str(woman))])
            return await _look_up(tx, woman, await open_plans(tx, settings, keep=False))

    shown = asyncio.run(work())
    if as_json:
        print_json(_shown_told(shown))
    else:
        _show_woman(shown)


async def _look_up(tx: Tx, participant: int, plans: Plans) -> Shown:
    (card,) = await people.cards(tx, participant)
    (her,) = await roster.followers(tx, [participant])
    followed = plans.followed_by(her.plan, centre=her.centre, cohort=her.cohort)
    rank = {
        (name, point): n
        for name in plans.names
        if (plan := plans.get(name))
        for n, point in enumerate(plan.occurrences)
    }
    checkins = await roster.checkins_of(tx, participant)
    checkins.sort(key=lambda one: rank.get((one.plan, one.point), len(rank)))
    return Shown(
        card=card,
        plan=her.plan if followed is None else followed.name,
        checkins=checkins,
        waits=await cases.who_waits(tx, participant),
        pauses=(await pauses.running(tx, [participant])).get(participant, ()),
        attempts=await calls.attempts_of(tx, participant),
        stopped=participant in await stops.in_force(tx, [participant]),
    )


def _shown_told(shown: Shown) -> dict[str, Any]:
    coming = shown.next_checkin
    rests = [{name: getattr(one, name) for name in ("kind", "series", "since_at", "until_on")} for one in shown.pauses]
    return {
        **_woman(shown.card),
        "plan": shown.plan,
        "stopped": shown.stopped,
        "pauses": rests,
        "next_checkin": coming and {"point": coming.point, "opens_at": coming.opens_at, "state": coming.state},
        "checkins": [asdict(checkin) for checkin in shown.checkins],
        "cases": [case_told(case) for case in shown.waits],
        "attempts": [asdict(attempt) for attempt in shown.attempts],
    }


def _show_woman(shown: Shown) -> None:
    card, coming = shown.card, shown.next_checkin
    typer.echo(f"{card.record_id}\t{card.name}\treleased {card.release_on or '(no date)'}\t{_linked(card.enrolled_at)}")
    typer.echo(f"plan\t{shown.plan or '(none)'}")
    if shown.stopped:
        typer.echo("stopped\tshe wishes to be left alone: nothing reaches her unasked")
    for one in shown.pauses:
        typer.echo(f"pause\t{one.kind}\t{one.series or 'everything'}\t{pause_ends(one.until_on)}")
    if coming is not None and coming.opens_at is not None:
        moment = coming.opens_at.astimezone(ZoneInfo(card.zone)).isoformat(" ", "minutes")
        when = f"opens {moment}" if coming.state is CheckinState.EXPECTED else coming.state
        typer.echo(f"next\t{coming.point}\t{when}")
    for checkin in shown.checkins:
        stands = checkin.fate or checkin.state
        because = f" ({checkin.reason})" if checkin.reason else ""
        typer.echo(f"{checkin.point}\t{checkin.due_on or 'no date'}\t{stands}{because}")
    for case in shown.waits:
        typer.echo(f"open case\t{case_line(case, card)}")
    for attempt in shown.attempts:
        typer.echo(f"attempt\t{_attempt_line(attempt, card)}")


def _attempt_line(attempt: Tried, card: Card) -> str:
    """An attempt to reach her as people read it, by her own clock."""
    at = attempt.at.astimezone(ZoneInfo(card.zone)).isoformat(" ", "minutes")
    of_whom = " (of a contact)" if attempt.asked_contact else ""
    return f"{at}\t{attempt.channel}{of_whom}\t{MEANINGS[attempt.disposition].gloss}"


def pause_ends(until_on: date | None) -> str:
    """Until when a pause lasts, as people read it."""
    return "until it is ended" if until_on is None else f"until {until_on}"


def case_told(case: OpenCase) -> dict[str, Any]:
    """An open case as programs read it; whose it is stands beside it."""
    return {"kind": case.kind, "state": case.state, "opened_at": case.opened_at, "due_at": case.due_at}


def case_line(case: OpenCase, card: Card) -> str:
    """An open case as people read it, by her own clock."""
    opened, due = (at.astimezone(ZoneInfo(card.zone)).isoformat(" ", "minutes") for at in (case.opened_at, case.due_at))
    return f"{case.kind}\t{case.state}\topened {opened}\tdue {due}"


async def find(tx: Tx, record_id: str) -> int:
    """The internal id of a woman. Raises Refused if nobody has that record_id."""
    known = await people.known_record_ids(tx, [record_id])
    if record_id not in known:
        raise Refused(f"nobody is registered as {record_id}: hilo participants list shows who is")
    return known[record_id]
