"""The stricter reading beside a figure: each woman once, a change that is clear, and why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from storage.outcomes import scoring
from storage.outcomes.figures import Asked, Dimension, Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute
from tests.support.fixture import CUT_OFF, Enrolled, Job, Score, Woman, store_all, women
from tests.support.world import Store

BEFORE, AFTER = date(2025, 1, 10), date(2025, 6, 10)
KINDS = ("autoempleo", "produccion_la_cana", "taller_o_actividad_dentro")


async def figures(store: Store, them: list[Woman], *by: Dimension) -> dict[str, Figure]:
    await store_all(store.database, them)
    found = compute(gather(store.url, CUT_OFF), Asked(CUT_OFF, by=by))
    return {figure.id: figure for figure in found}


def scored(number: int, instrument: str, before: float, after: float, subscale: str = "") -> Woman:
    told = ((before, "pre", BEFORE), (after, "post", AFTER))
    scores = (Score(instrument, moment, Decimal(str(score)), day, subscale) for score, moment, day in told)
    return Woman(number, scores=tuple(scores))


def told(figure: Figure) -> tuple[int | None, int | None, int | None, tuple[str, ...]]:
    """Better, of how many, clearly so, and for which instruments that is not known."""
    strictly = None if figure.strict is None else figure.strict.numerator
    return figure.numerator, figure.denominator, strictly, figure.unclear


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path) -> Iterator[None]:
    yield
    scoring.adopt(tmp_path / "nowhere")


async def test_each_woman_counts_once_at_the_first_of_her_kinds(store: Store) -> None:
    found = await figures(store, women())
    once = [figure.strict for id_, figure in found.items() if id_.startswith("F5")]
    assert [(share.numerator, share.percent) for share in once if share] == [(252, 42), (198, 33), (150, 25)]
    assert sum(share.numerator for share in once if share) == found["F4"].numerator
    assert sum(figure.numerator or 0 for id_, figure in found.items() if id_.startswith("F5")) == 624


async def test_once_is_once_in_every_group_and_in_every_order(store: Store) -> None:
    trained = (Enrolled("laboral", "costura", "BAR", date(2023, 2, 1)),)
    kinds = [(), KINDS[:1], KINDS[1:], KINDS[::-1], (KINDS[2], KINDS[0]), ("empleo_externo_formal", KINDS[2])]
    them = [Woman(n, enrolled=trained, jobs=tuple(map(Job, hers))) for n, hers in enumerate(kinds)]
    found = await figures(store, them, Dimension.CENTRE)
    for figure in (found, {id_: one.by["centre"]["BAR"] for id_, one in found.items() if id_.startswith("F5")}):
        assert [(figure[id_].numerator, figure[id_].strict) for id_ in ("F5a", "F5b", "F5c")] == [
            (3, figure["F5a"].strict),
            (2, figure["F5b"].strict),
            (4, figure["F5c"].strict),
        ]
        assert [figure[id_].strict.numerator for id_ in ("F5a", "F5b", "F5c")] == [3, 1, 1]  # type: ignore[union-attr]


async def test_a_change_is_clear_from_the_reliable_change_on(store: Store) -> None:
    """1.96 · s · √(2 · (1 − r)): of 1, 3, 5, 7 with r = .76 (ERQ-CA-9) 3.51, of 1, 2, 4, 5 with r = .79 (BRS) 2.32."""
    gains = ((1, 5), (3, 6), (5, 5), (7, 6))
    them = [scored(n, "erq_ca9", *pair, "reevaluacion") for n, pair in enumerate(gains)]
    them += [scored(10 + n, "brs", *pair) for n, pair in enumerate(((1, 3.5), (2, 4.25), (4, 5), (5, 5)))]
    found = await figures(store, them)
    assert told(found["F9"]) == (2, 4, 1, ())
    assert told(found["F11"]) == (3, 4, 1, ())


async def test_what_nobody_knows_is_said_to_be_unknown(store: Store) -> None:
    them = [scored(1, "gem", 2, 3), scored(2, "gem", 1, 3), scored(3, "brs", 3, 4), scored(4, "brs", 3, 5)]
    found = await figures(store, them, Dimension.CENTRE)
    assert told(found["F10"]) == (2, 2, None, ("gem",))
    assert told(found["F11"]) == (2, 2, None, ("brs",)), "first scores that do not differ tell nothing of chance"
    assert found["F10"].by["centre"]["sin_dato"].unclear == ("gem",)
    assert told(found["F8"]) == (0, 0, None, ()), "of nobody there is nothing to say"


async def test_one_instrument_without_a_measure_leaves_all_unclear(store: Store) -> None:
    found = await figures(store, [scored(1, "gad7", 12, 4), scored(2, "gad2", 5, 1)])
    assert told(found["F8"]) == (2, 2, None, ("gad2",))


async def test_an_organisations_own_pack_can_say_what_matters(store: Store, tmp_path: Path) -> None:
    shipped = (scoring.SHIPPED / "gem.toml").read_text(encoding="utf-8")
    (tmp_path / "gem.toml").write_text(f"{shipped}change = 0.5\n", encoding="utf-8")
    scoring.adopt(tmp_path)
    found = await figures(store, [scored(1, "gem", 2, 2.25), scored(2, "gem", 1, 1.5)])
    assert told(found["F10"]) == (2, 2, 1, ())
