"""The published figures out of the rows, exactly; and that each trap in the way would have given another number."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import update

from conversations.answers import Period
from storage import schema
from storage.outcomes.figures import Asked, Dimension, Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute, members
from tests.support.fixture import CUT_OFF, REGISTRY, Enrolled, Job, Pay, Score, Woman, store_all, women
from tests.support.published import without_ties
from tests.support.world import Store

PUBLISHED = {
    "F3": (340, 400, 85),
    "F4": (600, 1_000, 60),
    "F5a": (252, 600, 42),
    "F5b": (222, 600, 37),
    "F5c": (150, 600, 25),
    "F6": (504, 600, 84),
    "F7": (378, 600, 63),
    "F7b": (318, 504, 63),
    "F8": (300, 400, 75),
    "F9": (256, 400, 64),
    "F10": (232, 400, 58),
    "F11": (256, 400, 64),
}

TRAINING = Enrolled("laboral", "costura", "BAR", date(2023, 2, 1))


async def figures(store: Store, them: list[Woman], **asked: object) -> dict[str, Figure]:
    await store_all(store.database, them)
    return told(store, **asked)


def told(store: Store, **asked: object) -> dict[str, Figure]:
    question = replace(Asked(CUT_OFF, year=2023), **asked)  # type: ignore[arg-type]
    found = compute(gather(store.url, question.as_of, known_at=question.known_at), question)
    return {figure.id: figure for figure in found}


def trained(number: int = 1, **known: object) -> Woman:
    return replace(Woman(number, enrolled=(TRAINING,)), **known)  # type: ignore[arg-type]


def counts(figure: Figure) -> tuple[int | None, int | None]:
    return figure.numerator, figure.denominator


# --- the fixture


async def test_the_published_figures_come_out_of_the_rows(store: Store) -> None:
    found = await figures(store, women())
    assert list(found) == ["F1", "F2", "F3", "F4", "F5a", "F5b", "F5c", "F6", "F7", "F7b", "F8", "F9", "F10", "F11"]
    assert {id_: (*counts(found[id_]), found[id_].percent) for id_ in PUBLISHED} == PUBLISHED
    assert (counts(found["F1"]), counts(found["F2"])) == ((4_221, None), (571, None))
    assert (found["F4"].eligible, found["F4"].response_rate, found["F4"].lowest, found["F4"].highest) == (
        1_250,
        80,
        48,
        68,
    )
    assert found["F5a"].notes["several"] == 24
    assert found["F6"].notes["from_zero"] == 40
    assert found["F8"].strict is not None
    assert found["F8"].strict.numerator == 120


async def test_other_bases_give_other_figures(store: Store) -> None:
    await store_all(store.database, women())
    assert (told(store, base="trained")["F4"].percent, told(store)["F4"].percent) == (48, 60)
    by_increase = told(store, base="employed_with_increase")
    assert by_increase["F7"] == replace(by_increase["F7b"], id="F7")
    assert told(store, baseline="pre_detencion")["F6"].denominator == 0
    inside, free = (told(store, scope=scope) for scope in ("dentro", "en_libertad"))
    assert (counts(inside["F4"]), counts(free["F4"])) == ((261, 1_000), (351, 1_000))
    assert {code: counts(one) for code, one in told(store)["F4"].by["scope"].items()} == {
        "dentro": (261, 1_000),
        "en_libertad": (351, 1_000),
    }


async def test_ties_are_no_change(store: Store) -> None:
    """Had the sixty women whose anxiety stayed as it was counted, it would have been 90 %."""
    them = women()
    moved = without_ties(them)
    assert sum(one != other for one, other in zip(them, moved, strict=True)) == 60
    found = await figures(store, moved)
    assert (counts(found["F8"]), found["F8"].percent) == ((360, 400), 90)


async def test_equal_incomes_are_no_increase(store: Store) -> None:
    one_peso = [
        replace(
            her,
            pay=tuple(
                replace(pay, amount=Decimal(1_501)) if pay.period is Period.FORTNIGHT else pay for pay in her.pay
            ),
        )
        for her in women()
    ]
    assert (await figures(store, one_peso))["F6"].percent == 94


async def test_a_transferred_woman_counts_once(store: Store) -> None:
    """As many women as she has enrolments would have given other figures everywhere."""
    doubled = [
        replace(her, number=her.number + 10_000 * place, enrolled=(enrolled,))
        for her in women()
        for place, enrolled in enumerate(her.enrolled)
    ]
    found = await figures(store, doubled)
    assert found["F1"].numerator == sum(len(her.enrolled) for her in women()[:REGISTRY]) == 5_562
    assert found["F2"].numerator == 768
    assert found["F4"].denominator == 1_343


# --- what counts as what


@pytest.mark.parametrize(
    ("enrolled", "attended"),
    [
        (replace(TRAINING, sessions=1, completed=None), 1),
        (replace(TRAINING, sessions=0, completed=True), 0),
        (replace(TRAINING, sessions=None, completed=True), 1),
        (replace(TRAINING, sessions=None, completed=False), 0),
        (replace(TRAINING, sessions=None, completed=None), 0),
        (replace(TRAINING, started_on=CUT_OFF), 1),
        (replace(TRAINING, started_on=CUT_OFF + timedelta(days=1)), 0),
    ],
)
async def test_attending_is_one_session_or_none_counted_and_completed(
    store: Store, enrolled: Enrolled, attended: int
) -> None:
    assert (await figures(store, [Woman(1, enrolled=(enrolled,))]))["F1"].numerator == attended


async def test_only_trades_are_training(store: Store) -> None:
    yoga = Woman(1, enrolled=(replace(TRAINING, axis="integracion", workshop="yoga"),), jobs=(Job("autoempleo"),))
    found = await figures(store, [yoga])
    assert (found["F1"].numerator, found["F2"].numerator, counts(found["F4"])) == (1, 0, (0, 0))


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (Job("autoempleo"), (1, 1)),
        (Job("autoempleo", started_on=date(2020, 1, 1)), (1, 1)),
        (Job("autoempleo", started_on=date(2020, 1, 1), ended_on=date(2023, 2, 1)), (1, 1)),
        (Job("autoempleo", started_on=date(2020, 1, 1), ended_on=date(2023, 1, 31)), (0, 0)),
        (Job("autoempleo", as_of_on=date(2023, 1, 31)), (0, 0)),
        (Job("autoempleo", started_on=CUT_OFF + timedelta(days=1)), (0, 0)),
        (Job("autoempleo", as_of_on=CUT_OFF + timedelta(days=1)), (0, 0)),
        (Job("sin_trabajo"), (0, 1)),
        (Job("ayuda_sin_pago"), (0, 1)),
        (Job("otro"), (1, 1)),
    ],
)
async def test_found_work_is_paid_work_after_the_first_training_began(
    store: Store, job: Job, expected: tuple[int, int]
) -> None:
    assert counts((await figures(store, [trained(jobs=(job,))]))["F4"]) == expected


@pytest.mark.parametrize(
    ("jobs", "working"),
    [
        ((Job("autoempleo"),), 1),
        ((Job("autoempleo"), Job("sin_trabajo", as_of_on=date(2025, 7, 1))), 0),
        ((Job("autoempleo", as_of_on=date(2025, 8, 1)), Job("sin_trabajo", as_of_on=date(2025, 7, 1))), 1),
        ((Job("autoempleo", started_on=date(2024, 1, 1), ended_on=date(2026, 2, 1)),), 0),
        ((Job("autoempleo", started_on=date(2024, 1, 1), ended_on=CUT_OFF + timedelta(days=9)),), 1),
    ],
)
async def test_current_work_is_that_of_the_latest_word(store: Store, jobs: tuple[Job, ...], working: int) -> None:
    await store_all(store.database, [trained(jobs=jobs)])
    ever, current = told(store)["F4"], told(store, moment="current")["F4"]
    assert counts(ever) == (1, 1)
    assert counts(current) == (working, 1)
    assert ever.strict is not None
    assert (ever.strict.numerator, current.strict) == (working, None)


BEFORE = Pay("pre_taller", Decimal(1_000))


@pytest.mark.parametrize(
    ("pay", "expected"),
    [
        ((BEFORE, Pay("actual", Decimal(230), Period.WEEK)), (1, 1)),
        ((BEFORE, Pay("actual", Decimal(230), Period.DAY)), (0, 0)),
        ((BEFORE, Pay("actual", Decimal(230), Period.DAY, days_per_week=1)), (1, 1)),
        ((BEFORE, Pay("actual", Decimal(500)), Pay("actual", Decimal(501))), (1, 1)),
        ((BEFORE, Pay("actual", Decimal(500)), Pay("actual", Decimal(500))), (0, 1)),
        ((BEFORE, Pay("actual", Decimal(5_000)), Pay("actual", Decimal(230), Period.DAY)), (0, 0)),
        ((BEFORE, Pay("actual", Decimal(500)), Pay("actual", Decimal(9_000), on=date(2025, 1, 1))), (0, 1)),
        ((BEFORE, Pay("actual", Decimal(5_000)), Pay("actual", None, on=date(2026, 1, 1), refused=True)), (1, 1)),
        ((BEFORE,), (0, 0)),
        ((Pay("actual", Decimal(5_000)),), (0, 0)),
        ((replace(BEFORE, amount=Decimal(0)), Pay("actual", Decimal(1))), (1, 1)),
    ],
)
async def test_earning_more_compares_the_latest_known_months(
    store: Store, pay: tuple[Pay, ...], expected: tuple[int, int]
) -> None:
    assert counts((await figures(store, [trained(jobs=(Job("autoempleo"),), pay=pay)]))["F6"]) == expected


async def test_who_did_not_say_leaves_the_denominator_and_is_counted(store: Store) -> None:
    job = (Job("autoempleo"),)
    refused = trained(1, jobs=job, gave=-88, pay=(BEFORE, Pay("actual", None, refused=True)))
    silent = trained(2, jobs=job, gave=-77, pay=(BEFORE, Pay("actual", None)))
    found = await figures(store, [refused, silent, trained(3, jobs=job, gave=1), trained(4, jobs=job, gave=0)])
    assert (counts(found["F7"]), found["F7"].eligible, found["F7"].notes) == ((1, 2), 4, {"refused": 1, "unknown": 1})
    assert (counts(found["F6"]), found["F6"].notes["refused"], found["F6"].notes["unknown"]) == ((0, 0), 1, 3)


def gad7(moment: str, score: int, on: date, **other: str) -> Score:
    return replace(Score("gad7", moment, Decimal(score), on), **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([gad7("pre", 10, date(2022, 1, 1)), gad7("post", 9, date(2022, 6, 1))], (1, 1)),
        ([gad7("pre", 10, date(2022, 1, 1)), gad7("post", 10, date(2022, 6, 1))], (0, 1)),
        ([gad7("pre", 10, date(2022, 1, 1)), gad7("post", 9, date(2022, 6, 1), version="2")], (0, 0)),
        ([gad7("pre", 10, date(2022, 1, 1)), gad7("post", 3, date(2022, 6, 1), instrument="gad2")], (0, 0)),
        ([gad7("pre", 10, date(2022, 1, 1)), gad7("post", 9, date(2021, 6, 1))], (0, 0)),
        ([gad7("pre", 10, date(2022, 1, 1)), gad7("m3", 9, date(2024, 6, 1))], (1, 1)),
        (
            [gad7("pre", 8, date(2022, 1, 1)), gad7("pre", 12, date(2022, 2, 1)), gad7("post", 9, date(2022, 6, 1))],
            (0, 1),
        ),
        (
            [gad7("pre", 8, date(2022, 1, 1)), gad7("post", 3, date(2022, 6, 1)), gad7("post", 9, date(2022, 9, 1))],
            (0, 1),
        ),
    ],
)
async def test_a_pair_is_the_earliest_before_and_the_latest_after_on_one_scale(
    store: Store, scores: list[Score], expected: tuple[int, int]
) -> None:
    found = (await figures(store, [Woman(1, scores=tuple(scores))]))["F8"]
    assert (counts(found), found.eligible) == (expected, 1)


async def test_who_could_not_get_better_is_noted(store: Store) -> None:
    calm = Woman(1, scores=(gad7("pre", 0, date(2022, 1, 1)), gad7("post", 0, date(2022, 6, 1))))
    assert (await figures(store, [calm]))["F8"].notes["floor"] == 1


async def test_reappraisal_counts_and_suppression_does_not(store: Store) -> None:
    pair = [("pre", 3, date(2022, 1, 1)), ("post", 5, date(2022, 6, 1))]
    pairs = {
        scale: [Score("erq_ca9", when, Decimal(n), on, scale) for when, n, on in pair]
        for scale in ("supresion", "reevaluacion")
    }
    found = await figures(store, [Woman(n, scores=tuple(scores)) for n, scores in enumerate(pairs.values())])
    assert (counts(found["F9"]), found["F9"].eligible) == ((1, 1), 1)


# --- what was known, and when


async def test_what_was_learned_later_was_not_known(store: Store) -> None:
    await store_all(store.database, [trained(1, jobs=(Job("autoempleo"),))])
    then = store.clock.at
    store.clock.advance(days=1)
    await store_all(store.database, [trained(2, jobs=(Job("sin_trabajo"),))])
    assert counts(told(store)["F4"]) == (1, 2)
    assert counts(told(store, known_at=then)["F4"]) == (1, 1)


async def test_an_import_counts_once_it_is_done(store: Store) -> None:
    await store_all(store.database, [trained(1, jobs=(Job("autoempleo"),))])
    async with store.database.transact() as tx:
        file = {"id": 9, "kind": "work", "file_name": b"", "file_hash": "", "imported_by": "command", "at": tx.now}
        await tx.run(schema.imports.insert().values(file))
        await tx.run(update(schema.employments).values(import_id=9, line=2))
    assert counts(told(store)["F4"]) == (0, 0)
    async with store.database.transact() as tx:
        await tx.run(update(schema.imports).values(done_at=tx.now))
    assert counts(told(store)["F4"]) == (1, 1)


async def test_long_columns_that_begin_with_nothing_are_read(store: Store) -> None:
    """ADBC takes a column's type from its first rows (design.md D12)."""
    nobody = [
        Woman(
            n,
            enrolled=(replace(TRAINING, sessions=None, completed=True),),
            jobs=(Job("autoempleo"),),
            pay=(Pay("actual", None),),
        )
        for n in range(10_000)
    ]
    last = trained(
        10_000,
        cohort="2023",
        birth_year=1990,
        release_on=date(2024, 1, 1),
        jobs=(Job("autoempleo", started_on=date(2024, 1, 1), ended_on=date(2024, 2, 1)),),
        pay=(BEFORE, Pay("actual", Decimal("5000.50"))),
    )
    found = await figures(store, [*nobody, last], by=(Dimension.COHORT, Dimension.AGE, Dimension.MONTHS))
    assert counts(found["F6"]) == (1, 1)
    assert {code: one.denominator for code, one in found["F4"].by["cohort"].items()} == {"sin_dato": 10_000, "2023": 1}
    assert counts(found["F4"].by["age"]["35_44"]) == (1, 1)
    assert counts(found["F4"].by["months"]["24_mas"]) == (1, 1)


# --- groups


async def test_a_woman_is_of_the_centre_of_her_latest_enrolment_that_counts(store: Store) -> None:
    moved = replace(TRAINING, centre="CHA", started_on=date(2024, 2, 1))
    theatre = Enrolled("integracion", "teatro", "SMA", date(2025, 1, 1))
    found = await figures(
        store, [trained(enrolled=(moved, TRAINING, theatre))], by=(Dimension.CENTRE, Dimension.WORKSHOP)
    )
    assert [list(found[id_].by["centre"]) for id_ in ("F1", "F2", "F4")] == [["SMA"], ["BAR"], ["CHA"]]
    assert (list(found["F1"].by["workshop"]), found["F1"].notes) == (["costura", "teatro"], {"several_workshop": 1})


async def test_members_are_sets_within_sets(store: Store) -> None:
    await store_all(store.database, women()[:1_500])
    by = (Dimension.CENTRE, Dimension.WORKSHOP)
    for id_, one in members(gather(store.url, CUT_OFF), Asked(CUT_OFF, year=2023, by=by)).items():
        assert not np.any(one.numerator & ~one.base), id_
        assert not np.any(one.base & ~one.eligible), id_
        assert one.strict is None or not np.any(one.strict & ~one.base), id_
        assert all(not np.any(noted & ~one.eligible) for noted in one.notes.values()), id_
