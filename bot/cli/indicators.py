"""The published figures on the command line: for people one line each, for programs as the contract has them.

* A day ends in Mexico City, for every woman; what was learned after the end of `--known-at` is left out.
* Whoever reads a figure sees of how many women it tells, how sure it is, and what is to be said beside it.
* For the public small cells are left out, and with them whatever would tell them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.settings import Settings, read_settings
from locales.catalog import ENGLISH, Catalog, load_catalog
from scheduler.applied import Plans
from scheduler.calendar import day_start, local_day
from scheduler.enrolment import DEFAULT_ZONE
from storage.outcomes.definitions import CAVEAT_KEYS, LABEL_KEYS, SAME_WOMEN, VERSION
from storage.outcomes.disclosure import protected
from storage.outcomes.evidence import Evidence
from storage.outcomes.figures import Asked, Figure, Share
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute, points
from storage.outcomes.readings import moment_of
from storage.report.points import in_order

CLOCK = ZoneInfo(DEFAULT_ZONE)
SHIPPED_MOMENTS = ("ever", "current")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say: `as_of` and `known_at` None are now; `asked` holds all the rest."""

    as_of: date | None
    known_at: date | None
    asked: Asked


def print_indicators(wanted: Wanted, *, as_json: bool) -> None:
    """Print the figures. Raises Refused for a day that has not come, or a point that is unknown."""
    settings = read_settings()
    now, order = asyncio.run(present(settings))
    asked = dated(wanted, now)
    evidence = gather(settings.database_url, asked.as_of, known_at=asked.known_at, public=asked.public)
    figures = figures_of(evidence, asked, order=order)
    audience, catalog = "public" if asked.public else "team", load_catalog()
    if as_json:
        told = {"as_of": asked.as_of, "known_at": asked.known_at or now, "definitions": VERSION, "for": audience}
        print_json({**told, "indicators": [_told(figure, catalog) for figure in figures]})
        return
    typer.echo(f"as of {asked.as_of}, definitions {VERSION}, for the {audience}")
    for line in _aligned([_HEADS, *(row for figure in figures for row in _rows(figure, catalog))]):
        typer.echo(line)


async def present(settings: Settings) -> tuple[datetime, list[str]]:
    """Now, and the points in the order of the applied plans."""
    async with open_store(settings) as database, database.read() as tx:
        plans = Plans(default="")
        await plans.refresh(tx)
        known = [plan for name in plans.names if (plan := plans.get(name)) is not None]
        return tx.now, list(dict.fromkeys(point for plan in known for point in plan.occurrences))


def dated(wanted: Wanted, now: datetime) -> Asked:
    """What is asked, with the days that are meant. Raises Refused for one that has not come."""
    today = local_day(now, CLOCK)
    for name, day in (("--as-of", wanted.as_of), ("--known-at", wanted.known_at)):
        if day is not None and day > today:
            raise Refused(f"{name}: {day} has not come yet")
    known_at = None
    if wanted.known_at is not None and wanted.known_at < today:
        known_at = day_start(wanted.known_at + timedelta(days=1), CLOCK) - timedelta(microseconds=1)
    return replace(wanted.asked, as_of=wanted.as_of or today, known_at=known_at)


def figures_of(evidence: Evidence, asked: Asked, *, order: Sequence[str]) -> list[Figure]:
    """The figures, points in this order, and for the public what may be told. Raises Refused if a point is unknown."""
    known, moment = points(evidence), moment_of(asked)
    if moment not in (*SHIPPED_MOMENTS, *known, *order):
        there = [*(point for point in order if point in known), *(point for point in known if point not in order)]
        named = there if asked.point else [*SHIPPED_MOMENTS, *there]
        raise Refused(f"nothing is known of the point {moment}; points are {', '.join(named) or 'none'}")
    figures = [in_order(figure, order) for figure in compute(evidence, asked)]
    return protected(figures, links=SAME_WOMEN) if asked.public else figures


# --- for programs


def _told(figure: Figure, catalog: Catalog) -> dict[str, Any]:
    """A figure with the keys of the contract."""
    by = {name: {code: _told(one, catalog) for code, one in groups.items()} for name, groups in figure.by.items()}
    named = {"id": figure.id, "label": catalog.text(LABEL_KEYS[figure.id], ENGLISH)}
    about = {"base": figure.base, "scope": figure.scope, "moment": figure.moment}
    counts = {name: getattr(figure, name) for name in ("numerator", "denominator", "eligible")}
    names = ("value", "percent", "low", "high", "response_rate", "lowest", "highest")
    strictly = {"strict": _strict(figure.strict), "unclear": list(figure.unclear)}
    beside = {**strictly, "notes": dict(figure.notes), "suppressed": figure.suppressed}
    shares = {name: getattr(figure, name) for name in names}
    caveat = catalog.text(CAVEAT_KEYS[figure.id], ENGLISH)
    return {**named, **about, **counts, **shares, **beside, "caveat": caveat, "by": by}


def _strict(share: Share | None) -> Mapping[str, Any] | None:
    if share is None:
        return None
    counts = {"numerator": share.numerator, "denominator": share.denominator}
    return {**counts, "value": share.value, "percent": share.percent}


# --- for people

_HEADS = ("figure", "", "%", "n/N", "95 %", "known of", "strictly", "")
_TEXTS = (0, 1, 7)
"""The columns that stand to the left."""


def _rows(figure: Figure, catalog: Catalog) -> Iterator[Sequence[str]]:
    label, caveat = catalog.text(LABEL_KEYS[figure.id], ENGLISH), catalog.text(CAVEAT_KEYS[figure.id], ENGLISH)
    about = "" if figure.moment in ("ever", "latest") else f" ({figure.moment})"
    yield figure.id, f"{label}{about}", *_numbers(figure), " ".join((caveat, _noted(figure))).strip()
    for dimension, told in figure.by.items():
        for code, one in told.items():
            yield "", f"  {dimension} {code}", *_numbers(one), _noted(one)


def _numbers(figure: Figure) -> Sequence[str]:
    if figure.suppressed:
        return "-", "left out", "-", "-", "-"
    if figure.denominator is None:
        return "", str(figure.numerator), "", "", ""
    between = "-" if figure.low is None else f"{figure.low:.1f}-{figure.high:.1f}"
    answered = "-" if figure.response_rate is None else f"{figure.response_rate:.1f} % of {figure.eligible}"
    strictly = "" if figure.strict is None or figure.strict.percent is None else f"{figure.strict.percent} %"
    strictly = "not known" if figure.unclear else strictly
    percent = "-" if figure.percent is None else f"{figure.percent} %"
    return percent, f"{figure.numerator}/{figure.denominator}", between, answered, strictly


def _noted(figure: Figure) -> str:
    told = [f"{name.replace('_', ' ')} {count}" for name, count in figure.notes.items() if count]
    return f"[{', '.join(told)}]" if told else ""


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    sides = ["<" if place in _TEXTS else ">" for place in range(len(widths))]
    return ["  ".join(f"{c:{s}{w}}" for c, s, w in zip(row, sides, widths, strict=True)).rstrip() for row in rows]
