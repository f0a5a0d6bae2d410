"""Broadcasts from the command line: composed, counted, handed in, approved, watched, called off, reported.

* A broadcast is named by its number in base sixteen, as the list shows it.
* What is composed here was made by the command line: somebody must approve it from a desk, if it needs that.
* Nothing is handed in that `bot/neutrality.py` finds something wrong with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.targets import require_new, write_new
from bot.mailing import rules_of
from bot.neutrality import Problem, doubts, problems
from bot.settings import Settings, read_settings
from bot.staff.wording import why
from locales.catalog import ENGLISH
from storage import audit, broadcast_desk, broadcasts, members, recipients, segments
from storage.broadcast_desk import Broadcast, texts_of
from storage.broadcasts import BroadcastState, Definition, MakerApproves, NobodyGetsIt, When
from storage.database import Conflict, Tx
from storage.exports.deliveries import workbook
from storage.fates import Fate
from storage.imports.catalogue import FILE_NAME, read_catalogue
from storage.imports.workshops import Axis, axis_of
from storage.mentions import mentions
from storage.notices import Content
from storage.segments import Chosen, Count, Segment, Spacing

T = TypeVar("T")

Work = Callable[[Tx], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom it is for, as typed."""

    centres: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    workshops: tuple[str, ...] = ()
    months: tuple[int | None, int | None] = (None, None)
    outcomes: tuple[str, ...] = ()
    caseload: str | None = None
    record_ids: tuple[str, ...] = ()


def _write(work: Work[T]) -> T:
    async def run() -> T:
        async with open_store(read_settings()) as database, database.transact() as tx:
            return await work(tx)

    return asyncio.run(run())


def _read(work: Work[T]) -> T:
    async def run() -> T:
        async with open_store(read_settings()) as database, database.read() as tx:
            return await work(tx)

    return asyncio.run(run())


def ref_of(broadcast: int) -> str:
    """How a broadcast is named to people and programs."""
    return f"{broadcast:x}"


def _id(ref: str) -> int:
    try:
        return int(ref, 16)
    except ValueError:
        raise Refused(f"{ref} is not the number of a broadcast: see hilo broadcast list") from None


async def _get(tx: Tx, ref: str) -> Broadcast:
    found = await broadcast_desk.get(tx, _id(ref))
    if found is None:
        raise Refused(f"there is no broadcast {ref}: see hilo broadcast list")
    return found


# --- composing


def compose(text: str, audience: Audience, *, when: tuple[date | None, int | None, int | None], as_json: bool) -> None:
    """Keep a draft; say what is wrong with it and how many would get it. Raises Refused."""
    settings = read_settings()
    try:
        at = When(*when)
    except ValueError as error:
        raise Refused(f"--on, --hour and --repeat-weeks do not go together: {error}") from None

    async def work(tx: Tx) -> tuple[int, _Judged]:
        definition = Definition(Content(text), await _segment(tx, audience), at)
        id_ = await broadcasts.draft(tx, definition, by=None)
        return id_, await _judge(tx, definition, settings)

    id_, judged = _write(work)
    _print_preview(id_, judged, as_json=as_json)


async def _segment(tx: Tx, audience: Audience) -> Segment:
    caseload = None
    if audience.caseload is not None:
        team = [one.staff for one in await members.listed(tx) if one.name.casefold() == audience.caseload.casefold()]
        if len(team) != 1:
            raise Refused("--caseload must be the name of exactly one member of staff")
        caseload = team[0]
    if unknown := set(audience.outcomes).difference(Fate):
        raise Refused(f"{min(unknown)} is no outcome: there are {', '.join(Fate)}")
    fates = tuple(Fate(one) for one in audience.outcomes)
    workshops = read_catalogue(read_settings().home / FILE_NAME).workshops
    return Segment(
        audience.centres,
        audience.cohorts,
        tuple(_axis(one) for one in audience.axes),
        tuple(workshops.code(one) or one for one in audience.workshops),
        *audience.months,
        fates,
        caseload,
        audience.record_ids,
    )


def _axis(name: str) -> Axis:
    axis = axis_of(name)
    if axis is None:
        raise Refused(f"{name} is no axis: there are {', '.join(Axis)}")
    return axis


@dataclass(frozen=True, slots=True)
class _Judged:
    """Who would get it, what must be mended, and what is to be looked at once more."""

    count: Count
    wrong: tuple[Problem, ...]
    doubtful: tuple[Problem, ...]


async def _judge(tx: Tx, definition: Definition, settings: Settings) -> _Judged:
    count = await segments.count(tx, definition.segment, spacing=Spacing(settings.broadcast_rest_days))
    named = await mentions(tx, texts_of(definition.content))
    wrong = problems(definition.content, named=named.women, phones=settings.broadcast_phones)
    return _Judged(count, wrong, doubts(definition.content, alone=named.alone))


def print_preview(ref: str, *, as_json: bool) -> None:
    """Print who would get it now, who would not and why, and what is wrong with it. Raises Refused."""
    settings = read_settings()

    async def work(tx: Tx) -> tuple[int, _Judged]:
        found = await _get(tx, ref)
        return found.id, await _judge(tx, found.definition, settings)

    id_, judged = _read(work)
    _print_preview(id_, judged, as_json=as_json)


def _print_preview(id_: int, judged: _Judged, *, as_json: bool) -> None:
    count = judged.count
    told = {
        "broadcast": ref_of(id_),
        "included": count.included,
        "excluded": _by_name(count.excluded),
        "in_sitting": count.in_sitting,
        "unknown": count.unknown,
        "problems": [{"fault": one.fault, "found": one.found} for one in judged.wrong],
        "doubts": [{"fault": one.fault, "found": one.found} for one in judged.doubtful],
    }
    if as_json:
        print_json(told)
        return
    typer.echo(f"broadcast {ref_of(id_)}: {count.included} would get it now")
    _print_left_out(count.excluded)
    if count.in_sitting:
        typer.echo(f"a little later: {count.in_sitting} in a sitting")
    if count.unknown:
        typer.echo(f"nobody is registered as: {', '.join(count.unknown)}")
    _print_found("mend", judged.wrong)
    _print_found("look at", judged.doubtful)


def _print_found(verb: str, found: Sequence[Problem]) -> None:
    for one in found:
        typer.echo(f"{verb}: {one.fault} {one.found}".rstrip(), err=True)


# --- its steps


def send(ref: str) -> None:
    """Freeze the list and hand it in. Raises Refused if something is wrong with it, or nobody would get it."""
    settings = read_settings()
    rules = rules_of(settings)

    async def choose(tx: Tx) -> tuple[Broadcast, Chosen, tuple[Problem, ...]]:
        found = await _get(tx, ref)
        named = await mentions(tx, texts_of(found.definition.content))
        wrong = problems(found.definition.content, named=named.women, phones=settings.broadcast_phones)
        return found, await segments.choose(tx, found.definition.segment, spacing=rules.spacing), wrong

    found, chosen, wrong = _read(choose)
    if wrong:
        told = ", ".join(f"{one.fault} {one.found}".rstrip() for one in wrong)
        raise Refused(f"it can't be sent as it is: {told}")

    async def work(tx: Tx) -> BroadcastState:
        return await broadcasts.submit(tx, found.id, None, rules=rules, chosen=chosen)

    state, total = _step(work, ref), len(chosen.included)
    if state is BroadcastState.WAITING_APPROVAL:
        typer.echo(f"broadcast {ref} goes to {total} once somebody at a desk has approved it")
    else:
        typer.echo(f"broadcast {ref} goes to {total}; for {rules.undo.seconds} s hilo broadcast undo takes it back")


def approve(ref: str) -> None:
    """Say yes as the second person, and what is to be looked at in it. Raises Refused if it was made here, does not
    wait for that, or names a woman."""
    undo = timedelta(seconds=read_settings().broadcast_undo_seconds)

    async def work(tx: Tx) -> tuple[Problem, ...]:
        found = await _get(tx, ref)
        named = await mentions(tx, texts_of(found.definition.content))
        if named.women:
            raise Refused(f"broadcast {ref} names a woman: it can't be approved as it is")
        await broadcasts.approve(tx, found.id, by=None, undo=undo)
        return doubts(found.definition.content, alone=named.alone)

    _print_found("look at", _step(work, ref))
    typer.echo(f"approved: broadcast {ref}")


STEPS: dict[str, tuple[Any, str]] = {
    "undo": (broadcasts.take_back, "a draft again"),
    "pause": (broadcasts.pause, "paused"),
    "resume": (broadcasts.resume, "goes on"),
    "cancel": (broadcasts.cancel, "called off"),
}


def take_step(ref: str, step: str) -> None:
    """Take back, pause, go on, or call off. Raises Refused where it does not stand so."""
    move, told = STEPS[step]
    _step(lambda tx: move(tx, _id(ref), by=None), ref)
    typer.echo(f"{told}: broadcast {ref}")


def retire(ref: str) -> None:
    """Delete what was sent, as far as Telegram allows. Raises Refused."""
    retired = _step(lambda tx: broadcasts.retire(tx, _id(ref), by=None), ref)
    typer.echo(f"retired: {retired.deleted} gone, {retired.stayed} stay, {retired.opened} had been opened")


def _step(work: Work[T], ref: str) -> T:
    try:
        return _write(work)
    except MakerApproves:
        raise Refused(f"broadcast {ref} was made on the command line: somebody else approves it, at her desk") from None
    except NobodyGetsIt:
        raise Refused(f"nobody would get broadcast {ref}: hilo broadcast preview says why") from None
    except Conflict:
        raise Refused(f"broadcast {ref} does not stand so: see hilo broadcast show {ref}") from None


# --- looking


def print_broadcasts(*, as_json: bool) -> None:
    """Print the latest broadcasts."""
    found = _read(lambda tx: broadcast_desk.listed(tx))
    if as_json:
        print_json([_told(one) for one in found])
        return
    for one in found:
        typer.echo(_line(one))


def print_broadcast(ref: str, *, as_json: bool) -> None:
    """Print how one stands. Raises Refused."""
    found = _read(lambda tx: _get(tx, ref))
    if as_json:
        print_json(_told(found))
        return
    typer.echo(_line(found))
    for state, number in sorted(found.tally.items()):
        typer.echo(f"{state}: {number}")
    _print_left_out(found.excluded)


def _print_left_out(reasons: Mapping[Any, int]) -> None:
    for reason, number in sorted(reasons.items()):
        typer.echo(f"left out: {number} {_explained(str(reason), number)}")


def _explained(reason: str, number: int) -> str:
    """The code, which programs know, and what it says."""
    return f"{reason}: {why(reason, number, language=ENGLISH)}"


def _told(one: Broadcast) -> dict[str, Any]:
    when = one.definition.when
    return {
        "broadcast": ref_of(one.id),
        "state": one.state,
        "total": one.total,
        "through": one.through,
        "recipients": _by_name(one.tally),
        "excluded": dict(one.excluded),
        "list_hash": one.list_hash,
        "made_at": one.made_at,
        "begun_at": one.begun_at,
        "done_at": one.done_at,
        "retired_at": one.retired_at,
        "send_on": when.send_on,
        "local_hour": when.local_hour,
        "repeat_weeks": when.repeat_weeks,
    }


def _by_name(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(name): number for name, number in counts.items()}


def _line(one: Broadcast) -> str:
    begun = "" if one.begun_at is None else f"\tbegun {one.begun_at.isoformat(' ', 'minutes')}"
    return f"{ref_of(one.id)}\t{one.state}\t{one.through} of {one.total}{begun}"


def report(ref: str, *, out: Path | None, as_json: bool) -> None:
    """What became of it: in numbers, or for each woman as an XLSX file; that one was made is written down. Raises
    Refused if the file is there."""
    if out is not None:
        require_new(out, read_settings())

    async def work(tx: Tx) -> tuple[Broadcast, Any, bytes]:
        found = await _get(tx, ref)
        reasons = await recipients.reasons(tx, found.id)
        if out is None:
            return found, reasons, b""
        await audit.append(tx, [audit.Act("command", "broadcast_reported", str(found.id))])
        each = await recipients.deliveries(tx, found.id)
        return found, reasons, workbook(reasons, found.excluded, each=each, told=why)

    found, reasons, file = _read(work) if out is None else _write(work)
    if out is not None:
        write_new(out, file)
        typer.echo(f"written: {out}")
    elif as_json:
        ended = [
            {"state": state, "reason": reason, "recipients": number} for (state, reason), number in reasons.items()
        ]
        print_json({**_told(found), "reasons": ended})
    else:
        typer.echo(_line(found))
        for (state, reason), number in sorted(reasons.items(), key=lambda one: (one[0][0], one[0][1] or "")):
            because = f" ({_explained(reason, number)})" if reason else ""
            typer.echo(f"{state}{because}: {number}")
