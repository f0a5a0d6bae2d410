"""What the report tells, worked out once: figures, kinds of work, incomes over time, check-ins, and who is missing.

* It is all of one cut-off: what was learned after it is left out, whatever is written meanwhile.
* For the public small cells are left out, together with what would tell them: of all these numbers at once, as they
  stand on one page.
* An income is told as the middle of many, never as one woman's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from storage import funnel
from storage.database import Tx
from storage.funnel import Funnel, Tally, sum_up
from storage.outcomes import scoring
from storage.outcomes.definitions import DEFINITIONS, EMPLOYED, SAME_WOMEN
from storage.outcomes.disclosure import PUBLIC, protected
from storage.outcomes.evidence import Evidence
from storage.outcomes.figures import BOTH_SCOPES, EVER, Asked, Dimension, Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import Counting, compute, points
from storage.outcomes.readings import NOT_GAINFUL, Earned, Reading
from storage.report.missing import missing
from storage.report.points import in_order, ranked

BY = (Dimension.CENTRE, Dimension.POINT)
"""By what the page breaks figures down; workshop and axis would make its table too long for a phone."""

YEARS = 5
"""So many years of training, back from the cut-off."""

KINDS, KIND = "kinds", "kind"
OF_A_YEAR = "F2"
PUBLISHED_KINDS = {"F5a": "autoempleo", "F5b": "produccion_la_cana", "F5c": "taller_o_actividad_dentro"}
HUNDREDS = 10_000
"""Centavos to which incomes are rounded for the public."""

BEFORE, LATEST = ("pre_detencion", "pre_taller"), "actual"


@dataclass(frozen=True, slots=True)
class Incomes:
    """What so many women earned in a month, in centavos: the middle half and its middle; of few None."""

    moment: str
    women: int
    quarter: int | None
    median: int | None
    three_quarters: int | None


@dataclass(frozen=True, slots=True)
class Used:
    """An instrument by which women were measured, and whether anybody has studied what it measures."""

    name: str
    version: str
    validated: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the page says. `years` are F2 of the last years; `answered` is a figure for each point of the ledger,
    `funnels` the same in full (for the team)."""

    as_of: date
    made_at: datetime
    public: bool
    figures: Sequence[Figure]
    years: Sequence[Figure]
    kinds: Figure
    incomes: Sequence[Incomes]
    answered: Mapping[str, Figure]
    funnels: Mapping[str, Funnel]
    kept: Figure
    instruments: Sequence[Used]


async def look(tx: Tx, as_of: date, *, public: bool) -> Findings:
    """What there is to tell at the end of that day."""
    tallies = await funnel.tallies(tx, tx.now)
    kept = await missing(tx, as_of)
    evidence = await asyncio.to_thread(gather, url_of(tx), as_of, known_at=tx.now, public=public)
    return await asyncio.to_thread(_findings, evidence, tallies, kept=kept, made_at=tx.now, public=public)


def url_of(tx: Tx) -> str:
    """The URL of the database that this transaction is of, for whoever reads it by columns."""
    return tx.connection.engine.url.render_as_string(hide_password=False)


def _findings(
    evidence: Evidence, tallies: Sequence[Tally], *, kept: Figure, made_at: datetime, public: bool
) -> Findings:
    asked = Asked(evidence.as_of, by=BY)
    funnels = _by_point(tallies)
    order = ranked(points(evidence), list(funnels))
    figures = [in_order(one, order) for one in compute(evidence, asked) if one.id != OF_A_YEAR]
    found = Findings(
        as_of=evidence.as_of,
        made_at=made_at,
        public=public,
        figures=figures,
        years=list(_years(evidence, asked)),
        kinds=_kinds(evidence, asked),
        incomes=list(_incomes(evidence, asked, order=order)),
        answered={point: _answered(point, one) for point, one in funnels.items()},
        funnels=funnels,
        kept=kept,
        instruments=list(_instruments(evidence)),
    )
    return _for_the_public(found) if public else found


def _years(evidence: Evidence, asked: Asked) -> Iterator[Figure]:
    definition = next(one for one in DEFINITIONS if one.id == OF_A_YEAR)
    for year in range(asked.as_of.year - YEARS + 1, asked.as_of.year + 1):
        found = Counting(evidence, replace(asked, year=year, by=())).figure(definition)
        if found.numerator:
            yield found


def _instruments(evidence: Evidence) -> Iterator[Used]:
    """Those that figures can stand on: of any other nobody knows how it is scored."""
    for name, version in sorted({(what.instrument, what.version) for what in evidence.scores_by}):
        if (pack := scoring.pack(name)) is not None:
            yield Used(name, version, pack.validated)


def _kinds(evidence: Evidence, asked: Asked) -> Figure:
    """Of those who found work, how many have each kind; the published three stand first."""
    reading = Reading(evidence, asked)
    employed = int(reading.employed.sum())
    others = sorted(set(evidence.jobs.kind.names) - {*NOT_GAINFUL, *PUBLISHED_KINDS.values()} - {""})
    counted = {kind: int(reading.works_at(kind).sum()) for kind in (*PUBLISHED_KINDS.values(), *others)}
    whole = _plain(KINDS, employed, of=None)
    told = {
        kind: _plain(KINDS, number, of=employed)
        for kind, number in counted.items()
        if number or kind in PUBLISHED_KINDS.values()
    }
    return replace(whole, base=EMPLOYED, by={KIND: told})


def _plain(id_: str, numerator: int, *, of: int | None) -> Figure:
    return Figure(id_, id_, BOTH_SCOPES, EVER, numerator, of, of)


def _by_point(tallies: Iterable[Tally]) -> dict[str, Funnel]:
    """Points in the order of their dates; those whose turn has come for nobody are left out."""
    of: dict[str, list[Tally]] = {}
    for tally in tallies:
        of.setdefault(tally.point, []).append(tally)
    found = {point: sum_up(each) for point, each in of.items()}
    return {point: one for point, one in found.items() if one.rr2.denominator or one.invited}


def _answered(point: str, one: Funnel) -> Figure:
    return _plain(point, one.rr2.numerator, of=one.rr2.denominator)


# --- incomes


def _incomes(evidence: Evidence, asked: Asked, *, order: Sequence[str]) -> Iterator[Incomes]:
    for moment in BEFORE:
        yield _middle(moment, Reading(evidence, replace(asked, baseline=moment)).income_before)
    for point in order:
        yield _middle(point, Reading(evidence, replace(asked, point=point)).income_now)
    yield _middle(LATEST, Reading(evidence, asked).income_now)


def _middle(moment: str, earned: Earned) -> Incomes:
    cents = earned.cents[earned.known]
    if not cents.size:
        return Incomes(moment, 0, None, None, None)
    low, median, high = (round(float(number)) for number in np.percentile(cents, (25, 50, 75)))
    return Incomes(moment, int(cents.size), low, median, high)


# --- for the public


def _for_the_public(found: Findings) -> Findings:
    own = protected([*found.figures, found.kinds, found.kept], links=SAME_WOMEN)
    figures, kinds = _both_or_none(own[:-2], own[-2])
    return replace(
        found,
        figures=figures,
        kinds=kinds,
        kept=own[-1],
        years=[one for year in found.years for one in protected([year])],
        incomes=[_rounded(one) for one in found.incomes if one.women],
        answered={point: protected([one])[0] for point, one in found.answered.items()},
        funnels={},
    )


def _both_or_none(figures: Sequence[Figure], kinds: Figure) -> tuple[list[Figure], Figure]:
    """A kind of work stands on the page twice, as a figure and among all kinds: what is hidden here is hidden there."""
    told = dict(kinds.by[KIND])
    hidden = {one.id for one in figures if one.suppressed and one.id in PUBLISHED_KINDS}
    hidden |= {id_ for id_, kind in PUBLISHED_KINDS.items() if told[kind].suppressed}
    for id_ in hidden:
        told[PUBLISHED_KINDS[id_]] = _hidden(told[PUBLISHED_KINDS[id_]])
    return [_hidden(one) if one.id in hidden else one for one in figures], replace(kinds, by={KIND: told})


def _hidden(figure: Figure) -> Figure:
    return replace(figure, numerator=None, denominator=None, eligible=None, suppressed=True)


def _rounded(one: Incomes) -> Incomes:
    if one.women < PUBLIC:
        return Incomes(one.moment, 0, None, None, None)
    return Incomes(one.moment, one.women, *map(_hundreds, (one.quarter, one.median, one.three_quarters)))


def _hundreds(cents: int | None) -> int | None:
    return None if cents is None else round(cents / HUNDREDS) * HUNDREDS
