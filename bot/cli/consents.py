"""What women agreed to: a signed paper is recorded, her last words are shown, and which notice is in force.

* Everything that is wrong with a paper is told at once, and nothing is recorded while anything is.
* A paper says what is named of it and no more: no purpose is allowed by leaving it out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.participant.notice import OWN, SHORT, Notice, notice_of
from bot.settings import Settings, read_settings
from scheduler.calendar import local_day
from storage import consents, papers, people
from storage.consents import Agreed, How, Purpose, Version
from storage.imports.cells import CellRefused, read_name
from storage.imports.outcome_cells import read_past
from storage.papers import OWN_FORM, KnownVersions, Paper, Recorded

T = TypeVar("T")

BY_HOW = {How.CHAT: "in chat", How.PAPER: "on paper", How.ORAL: "read aloud to her"}


@dataclass(frozen=True, slots=True)
class Signed:
    """What the command line says of a paper, as it is written."""

    yes: Sequence[str]
    no: Sequence[str]
    on: str
    notice: str
    witness: str


def record(record_id: str, signed: Signed) -> None:
    """Record what she has signed. Raises Refused, having told all that is wrong."""
    settings = read_settings()
    notice = notice_of(settings.home)

    async def work() -> Recorded:
        async with open_store(settings) as database, database.transact() as tx:
            known = await people.known_record_ids(tx, [record_id])
            if record_id not in known:
                raise Refused(f"nobody has the record_id {record_id}")
            woman = known[record_id]
            today = local_day(tx.now, ZoneInfo(await papers.zone_of(tx, woman)))
            there = {notice.version, OWN_FORM, *(await KnownVersions().find(tx))}
            return await papers.record(tx, _paper(woman, signed, today=today, there=there), by=None)

    for line in _told(asyncio.run(work())):
        typer.echo(f"{record_id}\t{line}")


def _paper(woman: int, signed: Signed, *, today: date, there: set[str]) -> Paper:
    """The paper. Raises Refused, having told all that is wrong with it."""
    problems = list(_wrong_with(signed))

    def read(option: str, written: str, *, by: Callable[[str], T]) -> T | None:
        try:
            return by(written.strip())
        except CellRefused as refused:
            problems.append(f"{option}: {refused}")
            return None

    on = read("--on", signed.on, by=lambda text: read_past(text, today))
    version = read("--notice", signed.notice, by=lambda text: _known(text, there))
    witness = read("--witness", signed.witness, by=read_name)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems or on is None or version is None or witness is None:
        raise Refused(f"nothing was recorded: {len(problems)} to mend")
    named = [purpose for purpose in Purpose if purpose in (*signed.yes, *signed.no)]
    return Paper(woman, on, version, witness, {purpose: purpose in signed.yes for purpose in named})


def _wrong_with(signed: Signed) -> Iterator[str]:
    """What is wrong with the purposes that are named."""
    if unknown := sorted({*signed.yes, *signed.no} - set(Purpose)):
        yield f"--yes, --no: no such purpose: {', '.join(unknown)}; there are {', '.join(Purpose)}"
    if both := sorted(set(signed.yes) & set(signed.no)):
        yield f"--yes and --no: say which it is of {', '.join(both)}"
    if not signed.yes and not signed.no:
        yield "--yes, --no: name what the paper says; nothing is allowed by leaving it out"


def _known(version: str, there: set[str]) -> str:
    if version not in there:
        raise CellRefused(
            f"no such version; {', '.join(sorted(there))} ({OWN_FORM}: a form of your own that names none)"
        )
    return version


def _told(found: Recorded) -> Iterator[str]:
    if found.new:
        yield f"recorded: {', '.join(found.new)}"
    if found.there:
        yield f"there already: {', '.join(found.there)}"
    if found.overruled:
        yield f"she has said otherwise since, and that stands: {', '.join(found.overruled)}"


# --- which notice


def print_notice(*, as_json: bool) -> None:
    """Print the notice in force, and every text that women agreed to. Raises NoticeUnreadable."""
    settings = read_settings()
    notice = notice_of(settings.home)
    found = asyncio.run(_versions(settings))
    agreeing = sum(one.women for one in found if _is_current(one, notice))
    asked = sum(one.women for one in found if one.how is not How.ORAL) - agreeing
    source = "own" if (settings.home / OWN).is_file() else "shipped"
    if as_json:
        in_force = {"version": notice.version, "hash": notice.text_hash, "source": source}
        told = {**in_force, "women": agreeing, "asked_again": asked}
        print_json({**told, "versions": [_as_json(one, notice) for one in found]})
        return
    typer.echo(f"in force: version {notice.version}, hash {notice.text_hash[:SHORT]}, {source}; {agreeing} agree to it")
    if asked:
        typer.echo(f"{asked} agreed to another, and are asked again before their next question")
    if any(one.version == notice.version and one.text_hash not in ("", notice.text_hash) for one in found):
        typer.echo(f"the text has changed under version {notice.version}: count the version on in its first line")
    for one in found:
        hash_ = one.text_hash[:SHORT] or "-"
        days = f"{one.first.date()} to {one.last.date()}"
        typer.echo(f"{one.version}\t{hash_}\t{BY_HOW[one.how]}\t{one.women} now, {one.ever} ever\t{days}")


async def _versions(settings: Settings) -> list[Version]:
    async with open_store(settings) as database, database.read() as tx:
        return await consents.versions(tx)


def _is_current(one: Version, notice: Notice) -> bool:
    """Whether who agreed to it need not be asked again; what was read aloud is no notice."""
    return one.how is not How.ORAL and notice.is_what(Agreed(one.version, one.text_hash))


def _as_json(one: Version, notice: Notice) -> dict[str, object]:
    text = {"version": one.version, "hash": one.text_hash or None, "how": one.how, "in_force": _is_current(one, notice)}
    return {**text, "women": one.women, "ever": one.ever, "first": one.first, "last": one.last}
