"""Questionnaires at the command line: checked, installed, listed, compared.

* All that is wrong with a file is told at once, each line with sheet, row and remedy.
* What does not keep a file from being installed is told too, line by line: it is the author's to judge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from bot.cli.opening import adopt_packs, open_store, shelf_of
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.library import shipped_sources
from bot.settings import read_settings
from conversations.difference import Change, Difference, differences
from conversations.errors import InstrumentInvalid, Problem
from conversations.instrument import Instrument, Text
from conversations.workbook import KINDS, MAX_BYTES, Draft, read_draft
from conversations.xlsform import parse_instrument
from locales.catalog import ENGLISH, SPANISH
from locales.readable import instrument_problems, unprompted
from scheduler.applied import Plans, partings
from scheduler.plan import read_plan
from storage import instruments
from storage.database import Tx
from storage.instruments import Kept, VersionTaken
from storage.outcomes import scoring
from storage.outcomes.pack import PackInvalid, read_pack
from storage.outcomes.scoring import misfits

_NO_NAME = "no_name"

PACK = ".toml"
"""How a scoring pack's file ends."""

MOST_NAMED = 6
"""Names in one line of a warning; the count says how many there are."""


def read_file(path: Path, *, unnamed: str | None = None) -> Draft:
    """The instrument of a file, called `unnamed`, or as the file is, where no form_id names it.

    Raises Refused with every problem, or OSError.
    """
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    try:
        return read_draft(path.name if unnamed is None else f"{unnamed}{path.suffix}", data)
    except InstrumentInvalid as invalid:
        raise Refused("\n".join(_problem(problem) for problem in invalid.problems)) from None


def _problem(problem: Problem) -> str:
    place = problem.sheet if problem.row is None else f"{problem.sheet}, row {problem.row}"
    return f"{place}: {problem.message}"


def check_file(path: Path) -> None:
    """Say what a file holds, and what in it could be better. Raises Refused with all that is wrong with it."""
    if path.suffix.lower() == PACK:
        _check_pack(path)
        return
    adopt_packs(read_settings())
    draft = read_file(path)
    instrument = draft.instrument
    asked = sum(1 for question in instrument.questions if question.waits)
    languages = ", ".join(_languages(instrument))
    typer.echo(f"{instrument.name} {instrument.version}: {_counted(asked, 'question')}, {languages}")
    for note in draft.notes:
        typer.echo(f"note: {note}")
    for warning in warnings(instrument):
        typer.echo(f"mind: {warning}")


def _check_pack(path: Path) -> None:
    try:
        pack = read_pack(path.read_text(encoding="utf-8"), told_of=path.name)
    except UnicodeDecodeError:
        raise Refused(f"{path.name}: is not text in UTF-8") from None
    except PackInvalid as invalid:
        raise Refused(str(invalid)) from None
    scales = ", ".join(subscale or "total" for subscale in pack.scales)
    tested = "" if pack.validated else ", not validated"
    typer.echo(f"{pack.name}: a scoring pack, {_counted(pack.size, 'item')}, {scales}{tested}")


def warnings(instrument: Instrument) -> list[str]:
    """What an author may want to better before it is asked: no score, hard texts, missing recordings or English."""
    pack = scoring.pack(instrument.name)
    unscored = [] if pack is None else misfits(pack, instrument)
    return [*unscored, *instrument_problems(instrument), *_unspoken(instrument), *_untranslated(instrument)]


def _languages(instrument: Instrument) -> list[str]:
    return sorted({language for _, text in _texts(instrument) for language in text})


def _texts(instrument: Instrument) -> Iterator[tuple[str, Text]]:
    """Every text that she may read, each after the question that it belongs to."""
    for question in instrument.questions:
        for text in (question.label, question.hint, question.short, question.constraint_message):
            if text:
                yield question.name, text
        yield from ((f"{question.name}/{choice.name}", choice.label) for choice in question.choices)


def _unspoken(instrument: Instrument) -> Iterator[str]:
    if names := unprompted(instrument):
        yield f"no recording (media::audio) for {_counted(len(names), 'question')}: {_some(names)}"


def _untranslated(instrument: Instrument) -> Iterator[str]:
    missing = [name for name, text in _texts(instrument) if ENGLISH not in text]
    if missing:
        yield f"no English for {_counted(len(missing), 'text')}, said in Spanish: {_some(missing)}"
    if missing := [name for name, text in _texts(instrument) if SPANISH not in text]:
        yield f"no Spanish for {_counted(len(missing), 'text')}, in which most women are asked: {_some(missing)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _some(names: Sequence[str]) -> str:
    named = list(dict.fromkeys(names))
    more = "" if len(named) <= MOST_NAMED else " …"
    return ", ".join(named[:MOST_NAMED]) + more


# --- the store


def install_file(path: Path) -> None:
    """Put a file's instrument in use. Raises Refused for a bad file, a version that is kept with other content, or one
    that can't be asked together with its partner in a plan."""
    draft = read_file(path)
    name, version = draft.instrument.name, draft.instrument.version
    settings = read_settings()

    async def work() -> bool:
        async with open_store(settings) as database, database.transact() as tx:
            await instruments.keep_instruments(tx, shipped_sources())
            await _require_joinable(tx, draft.instrument)
            return await instruments.install(tx, (name, version, draft.source), by="command")

    try:
        changed = asyncio.run(work())
    except VersionTaken as taken:
        raise Refused(str(taken)) from None
    if not changed:
        typer.echo(f"{name} {version} is in use already")
        return
    typer.echo(f"installed: {name} {version}; new sittings begin with it, open ones end on their own version")
    if name not in {asked for point in read_plan(settings.plan_file).points for asked in point.instruments}:
        typer.echo(f"mind: no point of the plan asks {name}: name it in {settings.plan_file}")


async def _require_joinable(tx: Tx, instrument: Instrument) -> None:
    """Raises Refused if a plan that is applied could no longer ask it together with others."""
    plans = Plans(default="")
    await plans.refresh(tx)
    if found := partings(plans, instrument, shelf=await shelf_of(tx)):
        raise Refused("\n".join(found))


async def all_kept(tx: Tx) -> list[Kept]:
    """Every version, those too that came with this release and will be kept when the bot runs; in use is the last."""
    kept = await instruments.kept_instruments(tx)
    known = {(one.name, one.version) for one in kept}
    came = [Kept(*source, tx.now, None, None) for source in shipped_sources() if source[:2] not in known]
    installed = [one for one in kept if one.installed_at is not None]
    return [*(one for one in kept if one.installed_at is None), *came, *installed]


def print_instruments(*, as_json: bool) -> None:
    """Print every version that is kept, and which of them is in use."""

    async def work() -> tuple[list[Kept], dict[tuple[str, str], int]]:
        async with open_store(read_settings()) as database, database.read() as tx:
            return await all_kept(tx), await instruments.checkins_answered(tx)

    kept, answered = asyncio.run(work())
    used = instruments.in_use(kept)
    rows = [
        _row(one, used=used[one.name] is one, answered=answered.get((one.name, one.version), 0))
        for one in sorted(kept, key=lambda one: one.name)
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        mark = "in use" if row["in_use"] else ""
        since = (row["installed_at"] or row["added_at"]).date().isoformat()
        source = row["installed_by"] or "shipped"
        asked = "can't be read" if row["questions"] is None else _counted(row["questions"], "question")
        counted = f"{asked}\t{_counted(row['checkins'], 'check-in')}"
        typer.echo("\t".join((row["name"], row["version"], mark, since, source, counted)))


def _row(kept: Kept, *, used: bool, answered: int) -> dict[str, Any]:
    try:
        questions = sum(1 for question in parse_instrument(kept.name, kept.source).questions if question.waits)
    except InstrumentInvalid:  # an old one, which this release can no longer read
        questions = None
    return {
        "name": kept.name,
        "version": kept.version,
        "in_use": used,
        "added_at": kept.added_at,
        "installed_at": kept.installed_at,
        "installed_by": kept.installed_by,
        "questions": questions,
        "checkins": answered,
    }


def find_version(name: str, version: str | None) -> Instrument:
    """An instrument that is kept or shipped, the version in use if none is named. Raises Refused.

    Where there is no store yet, the shipped ones are all there are.
    """

    settings = read_settings()

    async def work() -> list[tuple[str, str, str]]:
        if not settings.database_file.exists():
            return shipped_sources()
        async with open_store(settings) as database, database.read() as tx:
            return [(one.name, one.version, one.source) for one in await all_kept(tx)]

    kept = [(one, source) for known, one, source in asyncio.run(work()) if known == name]
    if not kept:
        raise Refused(f"no instrument is named {name}: hilo instruments list shows those that there are")
    found = [source for one, source in kept if version in (None, one)]
    if not found:
        raise Refused(f"{name} has no version {version}: there are {', '.join(one for one, _ in kept)}")
    return parse_instrument(name, found[-1])


def is_file(text: str) -> bool:
    """Whether an argument names a file rather than an instrument or a version."""
    return Path(text).suffix.lower() in KINDS


# --- differences


def print_differences(name: str, old: str, *, new: str) -> None:
    """Print what changes from one version to another, or to a file's. Raises Refused."""
    before = find_version(name, old)
    after = _in_file(Path(new), name) if is_file(new) else find_version(name, new)
    found = differences(before, after)
    for difference in found:
        typer.echo(f"{'BREAKS' if difference.breaks else '':6}  {_place(difference)}: {_what(difference)}")
    breaking = sum(1 for difference in found if difference.breaks)
    told = f"{_counted(len(found), 'difference')}; {breaking} of them break the comparison of answers by name"
    typer.echo(told, err=True)


def _in_file(path: Path, name: str) -> Instrument:
    """What a file holds, taken for that instrument where it names none: builders' sheets often do not."""
    draft = read_file(path, unnamed=name)
    if draft.instrument.name != name:
        raise Refused(f"{path} holds {draft.instrument.name}, not {name}")
    names_none = parse_instrument(_NO_NAME, draft.source).name == _NO_NAME
    if names_none and path.stem != name:
        typer.echo(f"{path.name} has no form_id: compared as {name}", err=True)
    return draft.instrument


def _place(difference: Difference) -> str:
    return "/".join(filter(None, (difference.question, difference.choice)))


def _what(difference: Difference) -> str:
    before, after = (f"«{text}»" for text in (difference.before, difference.after))
    match difference.change:
        case Change.ADDED:
            return f"added {after}"
        case Change.REMOVED:
            return f"removed {before}"
        case Change.MOVED:
            return "moved"
        case Change.RENAMED:
            return f"renamed from {before} to {after}"
        case Change.CHANGED:
            return f"{difference.aspect} {before} → {after}"
