"""The figures over small stores of any kind: what must hold whoever the women are, and the same counts done plainly."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.answers import Money, Period
from conversations.income import monthly
from storage.database import Database, World
from storage.outcomes.evidence import Evidence, Rows
from storage.outcomes.figures import Asked, Dimension, Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute
from storage.vault import create_key_file, open_vault
from tests.support.fixture import Enrolled, Job, Pay, Score, Woman, store_all
from tests.support.world import CountedIds, HeldClock, migrated_file, sqlite_url

__all__ = ["migrated_file"]

FEW = settings(max_examples=15, deadline=None)
CUT_OFF = date(2025, 6, 30)
PARTITIONS = (Dimension.CENTRE, Dimension.COHORT, Dimension.MONTHS, Dimension.AGE)
MONEY = ("F4", "F5a", "F5b", "F5c", "F6", "F7", "F7b")

days = st.sampled_from([date(2023, 1, 1) + timedelta(days=90 * n) for n in range(14)])
enrolled = st.builds(
    Enrolled,
    st.sampled_from(["laboral", "laboral", "salud_mental"]),
    st.sampled_from(["costura", "bordado"]),
    st.sampled_from(["BAR", "CHA"]),
    days,
    st.sampled_from([None, 0, 1, 8]),
    st.sampled_from([None, True, False]),
)
kinds = ["autoempleo", "produccion_la_cana", "taller_o_actividad_dentro", "sin_trabajo", "ayuda_sin_pago"]
scopes = st.sampled_from(["dentro", "en_libertad"])
jobs = st.builds(Job, st.sampled_from(kinds), scopes, st.none() | days, st.none() | days, days)
amounts = st.none() | st.sampled_from([Decimal(0), Decimal(100), Decimal(200), Decimal("434.80")])
pays = st.builds(
    Pay,
    st.sampled_from(["pre_taller", "actual", "actual"]),
    amounts,
    st.sampled_from([Period.MONTH, Period.FORTNIGHT, Period.WEEK, Period.DAY]),
    on=days,
    scope=scopes,
    refused=st.booleans(),
)
scores = st.builds(
    Score,
    st.sampled_from(["gad7", "gad7", "gad2", "brs", "valoracion"]),
    st.sampled_from(["pre", "post", "m3"]),
    st.sampled_from([Decimal(1), Decimal(3), Decimal("4.5")]),
    days,
    version=st.sampled_from(["1", "1", "2"]),
)


def few(kind: st.SearchStrategy[object], most: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(kind, max_size=most).map(tuple)


somebody = st.builds(
    Woman,
    st.just(0),
    st.sampled_from([None, "2023", "2024"]),
    st.sampled_from([None, 1960, 1990, 2003]),
    st.none() | days,
    few(enrolled),
    few(jobs),
    few(pays, 4),
    st.sampled_from([None, 0, 1, -77, -88]),
    few(scores, 5),
)
many = st.lists(somebody, max_size=9).map(lambda them: [replace(her, number=n) for n, her in enumerate(them)])

Stored = Callable[..., Evidence]


@pytest.fixture(scope="module")
def stored(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """Stores groups of women, each an hour after the one before, and reads them back."""
    folder = tmp_path_factory.mktemp("few")
    key = folder / "key"
    create_key_file(key, CountedIds().chance)

    def store(*groups: Sequence[Woman], as_of: date = CUT_OFF, known_at_group: int | None = None) -> Evidence:
        file, clock = folder / "hilo.sqlite3", HeldClock()
        for old in folder.glob("hilo.sqlite3*"):
            old.unlink()
        shutil.copy(migrated_file, file)
        ids, moments = CountedIds(), []

        async def write() -> None:
            database = Database(sqlite_url(file), World(clock, ids, open_vault(key, ids.chance)))
            for them in groups:
                await store_all(database, them)
                moments.append(clock.at)
                clock.advance(hours=1)
            await database.close()

        asyncio.run(write())
        at = None if known_at_group is None else moments[known_at_group]
        return gather(sqlite_url(file), as_of, known_at=at)

    return store


def figures(evidence: Evidence, **asked: object) -> dict[str, Figure]:
    question = replace(Asked(evidence.as_of, year=2023), **asked)  # type: ignore[arg-type]
    return {figure.id: figure for figure in compute(evidence, question)}


def numbers(figure: Figure) -> tuple[int, int, int]:
    return figure.numerator or 0, figure.denominator or 0, figure.eligible or 0


@FEW
@given(them=many)
def test_the_groups_of_a_partition_come_to_the_whole(stored: Stored, them: list[Woman]) -> None:
    for figure in figures(stored(them), by=PARTITIONS).values():
        for dimension in PARTITIONS:
            groups = [numbers(one) for one in figure.by[dimension].values()]
            assert tuple(np.array([*groups, (0, 0, 0)]).sum(axis=0)) == numbers(figure), (figure.id, dimension)
            strict = [one.strict.numerator for one in figure.by[dimension].values() if one.strict]
            assert figure.strict is None or sum(strict) == figure.strict.numerator
            for note, count in figure.notes.items():
                assert sum(one.notes[note] for one in figure.by[dimension].values()) == count


@FEW
@given(them=many, chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(stored: Stored, them: list[Woman], chance: object) -> None:
    evidence = stored(them)
    shuffled = {}
    for column in fields(evidence):
        rows = getattr(evidence, column.name)
        if isinstance(rows, Rows):
            order = list(range(len(rows.woman)))
            chance.shuffle(order)  # type: ignore[attr-defined]
            shuffled[column.name] = rows.only(np.array(order, dtype=np.int64))
    by = tuple(Dimension)
    assert figures(replace(evidence, **shuffled), by=by) == figures(evidence, by=by)
    assert figures(stored(them[::-1]), by=by) == figures(evidence, by=by)


@FEW
@given(them=many, her=somebody)
def test_who_says_nothing_moves_no_numerator(stored: Stored, them: list[Woman], her: Woman) -> None:
    silent = Woman(1_000, her.cohort, her.birth_year, her.release_on, her.enrolled)
    alone, with_her = figures(stored(them)), figures(stored([*them, silent]))
    for id_, figure in alone.items():
        if figure.denominator is not None:
            assert numbers(with_her[id_])[:2] == numbers(figure)[:2], id_
            assert (with_her[id_].eligible or 0) >= (figure.eligible or 0)


@FEW
@given(them=many, days_more=st.integers(0, 700))
def test_a_later_cut_off_takes_nothing_away_from_what_ever_was(
    stored: Stored, them: list[Woman], days_more: int
) -> None:
    early, late = date(2024, 1, 15), date(2024, 1, 15) + timedelta(days=days_more)
    before, after = figures(stored(them, as_of=early)), figures(stored(them, as_of=late))
    for id_ in ("F1", "F2", "F4"):
        assert all(a <= b for a, b in zip(numbers(before[id_]), numbers(after[id_]), strict=True)), id_


@FEW
@given(them=many, later=many)
def test_what_was_known_then_is_what_was_told_then(stored: Stored, them: list[Woman], later: list[Woman]) -> None:
    others = [replace(her, number=100 + n) for n, her in enumerate(later)]
    assert figures(stored(them, others, known_at_group=0)) == figures(stored(them))


# --- the same, counted plainly


def first_training(her: Woman) -> date | None:
    return min((one.started_on for one in attended(her) if one.axis == "laboral"), default=None)


def attended(her: Woman) -> Iterator[Enrolled]:
    for one in her.enrolled:
        if one.started_on <= CUT_OFF and (one.sessions > 0 if one.sessions is not None else one.completed):
            yield one


def known_jobs(her: Woman) -> list[Job]:
    start = first_training(her)
    if start is None:
        return []
    happened = [job for job in her.jobs if (job.started_on or job.as_of_on) <= CUT_OFF]
    return [
        job
        for job in happened
        if (job.ended_on >= start if job.ended_on else job.started_on is not None or job.as_of_on >= start)
    ]


def found(her: Woman) -> list[Job]:
    return [job for job in known_jobs(her) if job.kind not in ("sin_trabajo", "ayuda_sin_pago")]


def income(her: Woman, moment: str) -> Decimal | None:
    rows = [pay for pay in her.pay if pay.moment == moment and (pay.on <= CUT_OFF or moment == "pre_taller")]
    worth = [(pay.on, None if pay.amount is None else monthly(Money(pay.amount, pay.period))) for pay in rows]
    last = max((on for on, amount in worth if amount is not None), default=None)
    of_day = [amount for on, amount in worth if on == last]
    return None if last is None or None in of_day else sum((amount for amount in of_day if amount), Decimal())


def more(her: Woman) -> bool | None:
    before, now = income(her, "pre_taller"), income(her, "actual")
    return None if before is None or now is None else now > before


def calmer(her: Woman) -> bool | None:
    """On the GAD-7, else on the GAD-2; of several versions the one with the later score."""
    for instrument in ("gad7", "gad2"):
        changes = [one for version in ("1", "2") if (one := change(her, instrument, version))]
        if changes:
            last = max(day for day, _ in changes)
            return next(better for day, better in changes if day == last)
    return None


def change(her: Woman, instrument: str, version: str) -> tuple[date, bool] | None:
    mine = [s for s in her.scores if (s.instrument, s.version) == (instrument, version) and s.taken_on <= CUT_OFF]
    pre = [s for s in mine if s.moment == "pre"]
    first = min((s.taken_on for s in pre), default=None)
    post = [s for s in mine if s.moment != "pre" and first is not None and s.taken_on >= first]
    if not post or first is None:
        return None
    last = max(s.taken_on for s in post)
    before = min(s.score for s in pre if s.taken_on == first)
    return last, max(s.score for s in post if s.taken_on == last) < before


@settings(max_examples=80, deadline=None)
@given(them=many)
def test_the_figures_are_those_of_plain_counting(stored: Stored, them: list[Woman]) -> None:
    told = figures(stored(them))
    employed = [her for her in them if found(her)]
    rises = [one for her in employed if (one := more(her)) is not None]
    said = [her.gave for her in employed if her.gave in (0, 1)]
    pairs = [one for her in them if (one := calmer(her)) is not None]
    assert {id_: numbers(told[id_])[:2] for id_ in ("F1", "F4", "F5a", "F6", "F7", "F8")} == {
        "F1": (sum(1 for her in them if any(attended(her))), 0),
        "F4": (len(employed), sum(1 for her in them if known_jobs(her))),
        "F5a": (sum(1 for her in employed if any(job.kind == "autoempleo" for job in found(her))), len(employed)),
        "F6": (sum(rises), len(rises)),
        "F7": (sum(said), len(said)),
        "F8": (sum(pairs), len(pairs)),
    }
    assert all(
        one.numerator is not None and numbers(one)[0] <= numbers(one)[2] for one in told.values() if one.eligible
    )
