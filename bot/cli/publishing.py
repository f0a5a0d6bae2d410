"""Figures that are made public, and later what has moved them.

* What is published holds still: under a name that is used once, with what was known at that moment.
* Compared is the same question, asked of what is known now. A woman stands there by her record_id, with the table, file
  and line that moved her; who was erased has none any more.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import typer

from bot.cli.indicators import Wanted, dated, figures_of, present
from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.settings import Settings, read_settings
from locales.catalog import ENGLISH, Catalog, load_catalog
from storage.database import Conflict
from storage.outcomes import publishing
from storage.outcomes.definitions import LABEL_KEYS, VERSION
from storage.outcomes.figures import Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import Cell, compute, members
from storage.outcomes.publishing import Moved, Published, Sets, Source
from storage.outcomes.quality import known_as

LONGEST_NAME = 60

MOST_LINES = 40
"""Women who are printed one by one; --json has them all."""


def publish(name: str, wanted: Wanted) -> None:
    """Freeze the figures under this name. Raises Refused if it is taken, for a day that has not come, or a point that
    is unknown."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"a set of figures needs a name of one line and at most {LONGEST_NAME} characters")
    settings = read_settings()
    now, order = asyncio.run(present(settings))
    asked = dated(wanted, now)
    asked = replace(asked, known_at=asked.known_at or now)
    evidence = gather(settings.database_url, asked.as_of, known_at=asked.known_at, public=asked.public)
    figures = figures_of(evidence, asked, order=order)
    counted = Sets.of(members(evidence, asked), evidence.women.tolist())

    async def work() -> None:
        async with open_store(settings) as database, database.transact() as tx:
            await publishing.publish(tx, name, asked=asked, figures=figures, sets=counted)

    try:
        asyncio.run(work())
    except Conflict:
        raise Refused(f"figures are published as {name} already, and stay as they are: take another name") from None
    typer.echo(f"{name}: {len(figures)} figures as of {asked.as_of}, definitions {VERSION}")


# --- what moved them


Two = tuple[Figure | None, Figure | None]
"""A figure, or a group of it, then and now; None where nobody was, or is, in it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What was published, the same figures now, and who moved them, with the record_ids of those who have one."""

    before: Published
    now: Mapping[str, Figure]
    moved: Mapping[Cell, Sequence[Moved]]
    record_ids: Mapping[int, str]

    def groups(self, id_: str) -> Iterator[tuple[Cell, Figure | None, Figure | None]]:
        """The groups of a figure, then and now, one after the other; None where there was, or is, nobody in it."""
        then = next(figure for figure in self.before.figures if figure.id == id_)
        now = self.now.get(id_, then)
        for dimension in dict.fromkeys((*then.by, *now.by)):
            were, are = then.by.get(dimension, {}), now.by.get(dimension, {})
            yield from (
                ((id_, dimension, code), were.get(code), are.get(code)) for code in dict.fromkeys((*were, *are))
            )


def print_comparison(name: str, *, as_json: bool) -> None:
    """Print what has moved these figures. Raises Refused if nothing is published under this name."""
    settings = read_settings()
    before = asyncio.run(_published(settings, name.strip()))
    found = asyncio.run(_compared(settings, before))
    catalog = load_catalog()
    if as_json:
        print_json(_told(found, catalog))
        return
    for line in _lines(found, catalog):
        typer.echo(line)


async def _published(settings: Settings, name: str) -> Published:
    async with open_store(settings) as database, database.read() as tx:
        if (found := await publishing.published(tx, name)) is not None:
            return found
        known = ", ".join(f"{one} (as of {as_of})" for one, as_of in await publishing.names(tx))
    raise Refused(f"no figures are published as “{name}”; there {'are ' + known if known else 'are none yet'}")


async def _compared(settings: Settings, before: Published) -> Compared:
    asked = replace(before.asked, known_at=None)
    evidence = gather(settings.database_url, asked.as_of, public=asked.public)
    now = {figure.id: figure for figure in compute(evidence, asked)}
    sets = Sets.of(members(evidence, asked), evidence.women.tolist())
    async with open_store(settings) as database, database.read() as tx:
        moved = await publishing.moved(tx, before, sets)
        record_ids = await known_as(tx, {one.woman for one in moved})
    by_cell: defaultdict[Cell, list[Moved]] = defaultdict(list)
    for one in moved:
        by_cell[one.figure, one.dimension, one.code].append(one)
    return Compared(before, now, by_cell, record_ids)


def _causes(moved: Sequence[Moved]) -> dict[str, int]:
    """How many women each cause has moved in a figure, wherever in it."""
    return dict(Counter(str(cause) for _, cause in dict.fromkeys((one.woman, one.cause) for one in moved)))


# --- for programs


def _told(found: Compared, catalog: Catalog) -> dict[str, Any]:
    before = found.before
    head = {"name": before.name, "published_at": before.at, "known_at": before.known_at, "as_of": before.asked.as_of}
    versions = {"definitions": {"then": before.definitions, "now": VERSION}}
    return {**head, **versions, "indicators": [_told_of(figure, found, catalog=catalog) for figure in before.figures]}


def _told_of(then: Figure, found: Compared, *, catalog: Catalog) -> dict[str, Any]:
    named = {"id": then.id, "label": catalog.text(LABEL_KEYS[then.id], ENGLISH)}
    by: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for cell, were, are in found.groups(then.id):
        by[cell[1]][cell[2]] = _moved_of(cell, (were, are), found=found)
    return {**named, **_moved_of((then.id, "", ""), (then, found.now.get(then.id)), found=found), "by": by}


def _moved_of(cell: Cell, figures: Two, *, found: Compared) -> dict[str, Any]:
    moved, (then, now) = found.moved.get(cell, ()), figures
    women = [
        {
            "record_id": found.record_ids.get(one.woman),
            "part": one.part,
            "came": one.came,
            "cause": one.cause,
            "sources": [asdict(source) for source in one.sources],
        }
        for one in moved
    ]
    return {"then": _counts(then), "now": _counts(now), "moved": _causes(moved), "women": women}


def _counts(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    names = ("numerator", "denominator", "eligible", "value", "percent", "suppressed")
    return {name: getattr(figure, name) for name in names}


# --- for people


def _lines(found: Compared, catalog: Catalog) -> Iterator[str]:
    before = found.before
    yield f"{before.name}: as of {before.asked.as_of}, as known on {before.known_at:%Y-%m-%d %H:%M} UTC"
    if before.definitions != VERSION:
        yield (
            f"MIND: published by definitions {before.definitions}, now they are {VERSION}: what differs may be what is"
            " counted, not the women"
        )
    width = max(len(catalog.text(LABEL_KEYS[figure.id], ENGLISH)) for figure in before.figures)
    for then in before.figures:
        label, whole = catalog.text(LABEL_KEYS[then.id], ENGLISH), (then.id, "", "")
        yield f"{then.id:<4} {label:<{width}}  {_line(whole, (then, found.now.get(then.id)), found=found)}".rstrip()
        for cell, were, are in found.groups(then.id):
            if found.moved.get(cell):  # groups that stayed as they were are left out
                named = f"{cell[1]} {cell[2]}"
                yield f"       {named:<{width - 2}}  {_line(cell, (were, are), found=found)}".rstrip()
    yield from _women(found)


def _line(cell: Cell, figures: Two, *, found: Compared) -> str:
    then, now = figures
    causes = ", ".join(f"{cause} {women}" for cause, women in _causes(found.moved.get(cell, ())).items())
    return f"{f'{_share(then)} -> {_share(now)}':<34} {causes or 'nothing'}"


def _share(figure: Figure | None) -> str:
    if figure is None:
        return "-"
    if figure.suppressed:
        return "left out"
    if figure.denominator is None:
        return str(figure.numerator)
    percent = "" if figure.percent is None else f" {figure.percent} %"
    return f"{figure.numerator}/{figure.denominator}{percent}"


def _women(found: Compared) -> Iterator[str]:
    moved = [one for each in found.moved.values() for one in each]
    of_wholes = {(one.figure, one.part, one.woman) for one in moved if not one.dimension}
    everybody = [one for one in moved if not one.dimension or (one.figure, one.part, one.woman) not in of_wholes]
    for one in everybody[:MOST_LINES]:
        where = ", ".join(map(_source, one.sources))
        who = found.record_ids.get(one.woman, "-")
        group = f" {one.dimension} {one.code}" if one.dimension else ""
        yield f"  {one.figure}{group}\t{one.part}\t{'+' if one.came else '-'}\t{who}\t{one.cause}\t{where}".rstrip()
    if (left := len(everybody) - MOST_LINES) > 0:
        yield f"  and {left} more: --json has them all"


def _source(source: Source) -> str:
    """Where a row stands; of one that was replaced, that it did."""
    place = "" if source.line is None else f"{source.file} line {source.line}"
    told = ", ".join(filter(None, (place, "replaced" if source.replaced else "")))
    return f"{source.table} ({told})" if told else source.table
