"""The published figures out of what operators import and women answer; the rows between are nobody's business here.

What else would have given other figures, rule by rule: `test_indicators.py`.
"""

from asyncio import to_thread
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import DemoClock
from storage.people import known_record_ids
from tests.support.chat import Bot
from tests.support.fixture import REGISTRY, Woman, women
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.published import (
    ASKED_AT,
    SMALLEST,
    answer_all,
    bring,
    import_all,
    registry,
    scores,
    smallest,
    without_ties,
)
from tests.support.scales import SAME, answer_twice, asked_women, prepare
from tests.support.world import START, Store

JOBS = {"F4": 60, "F5a": 42, "F5b": 37, "F5c": 25, "F6": 84, "F7": 63, "F7b": 63}
SCORES = {"F3": 85, "F8": 75, "F9": 64, "F10": 58, "F11": 64}


@pytest.fixture
def operator(store: Store) -> Operator:
    """Somebody at the command line of a store that holds nobody."""
    clock = store.home / "clock"
    clock.touch()
    DemoClock(clock).move_to(START)
    return Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_DEMO_CLOCK": str(clock)})


@pytest.fixture
def registered(operator: Operator, tmp_path: Path) -> Operator:
    """The same once the fewest women have been imported."""
    import_all(operator, smallest(), folder=tmp_path)
    return operator


@pytest.fixture
async def answered(registered: Operator, store: Store) -> Operator:
    """The same once they have answered in their chats."""
    async with store.database.read() as tx:
        ids = await known_record_ids(tx, [her.record_id.casefold() for her in smallest()])
    await answer_all(Bot(store), {her.number: ids[her.record_id.casefold()] for her in smallest()[:SMALLEST]})
    DemoClock(store.home / "clock").move_to(store.clock.at + timedelta(hours=1))
    return registered


@pytest.fixture
def expected(operator: Operator, tmp_path: Path) -> Operator:
    """Somebody at that command line once own forms under the packs' names are asked by plans of their own."""
    prepare(operator, folder=tmp_path)
    return operator


@pytest.fixture
async def measured(expected: Operator, store: Store) -> tuple[Operator, Bot]:
    """The same, and the bot to which women have answered before and after."""
    async with store.database.read() as tx:
        ids = await known_record_ids(tx, [her.record_id.casefold() for her in asked_women()])
    bot = Bot(store)
    await answer_twice(bot, {her.number: ids[her.record_id.casefold()] for her in asked_women()})
    DemoClock(store.home / "clock").move_to(store.clock.at + timedelta(hours=1))
    return expected, bot


def told(operator: Operator, *options: str) -> dict[str, Any]:
    found = operator.read("indicators", "--year", "2023", *options)
    return {one["id"]: one for one in found["indicators"]}


def percents(found: dict[str, Any], of: Iterable[str] = JOBS | SCORES) -> dict[str, int]:
    return {id_: found[id_]["percent"] for id_ in of}


def counts(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["F1"]["numerator"], found["F2"]["numerator"], found["F4"]["denominator"]


def test_imported_files_give_the_published_figures_and_a_wrong_rule_others(operator: Operator, tmp_path: Path) -> None:
    """The wrong rules are brought as files: what they would have taken for a change, and for another woman."""
    them = women()
    import_all(operator, them, folder=tmp_path)
    found = told(operator)
    assert percents(found) == JOBS | SCORES
    assert counts(found) == (4_221, 571, 1_000)
    assert percents(told(operator, "--base", "trained")) == JOBS | SCORES | {"F4": 48}

    ties_as_change = bring(operator, "import", "measurements", lines=scores(without_ties(them)), folder=tmp_path)
    assert "60 corrected" in ties_as_change
    assert percents(told(operator)) == JOBS | SCORES | {"F8": 90}

    import_all(operator, twice_counted(them), folder=tmp_path)
    assert counts(told(operator)) == (5_562, 768, 1_343)


def twice_counted(them: list[Woman]) -> list[Woman]:
    """A woman more for each transfer and each further workshop."""
    return [
        replace(her, number=her.number + 10_000 * place, release_on=None, enrolled=(one,))
        for her in them[:REGISTRY]
        for place, one in enumerate(her.enrolled)
        if place
    ]


def test_answered_check_ins_give_the_published_job_figures_and_a_wrong_rule_others(
    answered: Operator, tmp_path: Path
) -> None:
    """Some trained women say nothing, and some were transferred."""
    found = told(answered)
    assert percents(found, JOBS) == JOBS
    assert {id_: (found[id_]["numerator"], found[id_]["denominator"]) for id_ in JOBS} == {
        "F4": (57, 95),
        "F5a": (24, 57),
        "F5b": (21, 57),
        "F5c": (14, 57),
        "F6": (48, 57),
        "F7": (36, 57),
        "F7b": (30, 48),
    }
    assert (found["F1"]["numerator"], found["F2"]["numerator"]) == (119, 119)
    assert percents(told(answered, "--base", "trained"), JOBS) == JOBS | {"F4": 48}
    at_point = told(answered, "--point", ASKED_AT)["F4"]
    assert (at_point["numerator"], at_point["denominator"]) == (43, 95), "who worked inside says that she has no work"
    bring(answered, "import", "registry", "--create-people", lines=registry(twice_counted(smallest())), folder=tmp_path)
    assert {id_: told(answered)[id_]["numerator"] for id_ in ("F1", "F2")} == {"F1": 131, "F2": 131}


async def test_answered_questionnaires_give_the_published_scores_and_a_wrong_rule_others(
    measured: tuple[Operator, Bot],
) -> None:
    """Who answers only before is in no base: with her F8 were 60. Then she who stayed as she was takes back one item,
    which is what a rule by which ties are a change would have made of her."""
    operator, bot = measured
    found = await to_thread(told, operator)
    assert percents(found, SCORES) == SCORES
    assert {id_: tuple(found[id_][name] for name in ("numerator", "denominator", "eligible")) for id_ in SCORES} == {
        "F3": (23, 27, 27),
        "F8": (3, 4, 5),
        "F9": (7, 11, 11),
        "F10": (7, 12, 12),
        "F11": (7, 11, 11),
    }
    tie = next(her for her in asked_women() if her.fate == SAME)
    chat = bot.chat(1_000 + tie.number)
    await chat.tap("✏️ Punto 1")
    await chat.tap("Opción 1")
    assert percents(await to_thread(told, operator), SCORES) == SCORES | {"F8": 100}
