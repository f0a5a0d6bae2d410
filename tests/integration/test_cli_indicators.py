"""`hilo indicators`: what people read, what programs read, and what it refuses."""

from datetime import timedelta
from typing import Any

import pytest

from bot.clock import DemoClock
from tests.support.fixture import store_all, women
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import START, Store

KEYS = {
    *("id", "label", "base", "scope", "moment", "numerator", "denominator", "eligible", "value", "percent", "low"),
    *("high", "response_rate", "lowest", "highest", "strict", "unclear", "notes", "suppressed", "caveat", "by"),
}


@pytest.fixture
async def operator(store: Store) -> Operator:
    """Somebody at the command line of a store with the women of the fixture, a day after they were written down."""
    await store_all(store.database, women())
    clock = store.home / "clock"
    clock.touch()
    DemoClock(clock).move_to(START + timedelta(days=1))
    return Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_DEMO_CLOCK": str(clock)})


def told(operator: Operator, *options: str) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in operator.read("indicators", "--year", "2023", *options)["indicators"]}


def test_programs_read_the_keys_of_the_contract(operator: Operator) -> None:
    whole = operator.read("indicators", "--year", "2023", "--by", "centre", "--by", "age")
    assert {name: whole[name] for name in ("as_of", "definitions", "for")} == {
        "as_of": "2026-03-03",
        "definitions": "1",
        "for": "team",
    }
    found = {one["id"]: one for one in whole["indicators"]}
    assert all(set(one) == KEYS for one in found.values())
    work = found["F4"]
    assert {name: work[name] for name in ("numerator", "denominator", "percent", "low", "high", "suppressed")} == {
        "numerator": 600,
        "denominator": 1000,
        "percent": 60,
        "low": 56.9,
        "high": 63.0,
        "suppressed": False,
    }
    assert set(work["by"]) == {"scope", "centre", "age"}
    assert set(work["by"]["scope"]["dentro"]) == KEYS
    assert sum(one["denominator"] for one in work["by"]["centre"].values()) == 1000
    assert (found["F1"]["numerator"], found["F1"]["percent"], found["F1"]["denominator"]) == (4221, None, None)


def test_people_read_a_line_for_each(operator: Operator) -> None:
    lines = operator.done("indicators", "--year", "2023").splitlines()
    (line,) = [line for line in lines if line.startswith("F4 ")]
    assert line.split()[1:6] == ["Found", "work", "60", "%", "600/1000"]
    assert line.endswith("[unknown 250]")
    assert max(map(len, lines)) < 200


def test_the_public_is_told_no_small_cell(operator: Operator) -> None:
    team, public = told(operator, "--by", "workshop"), told(operator, "--by", "workshop", "--for", "public")
    assert team["F3"]["by"]["workshop"]["panaderia"]["denominator"] == 20
    assert public["F3"]["by"]["workshop"]["panaderia"]["suppressed"]
    for one in public.values():
        assert (one["notes"], one["strict"]) == ({}, None)
        for group in one["by"].get("workshop", {}).values():
            assert group["suppressed"] == (group["numerator"] is None)
            assert group["denominator"] is None or group["denominator"] - group["numerator"] >= 10
    assert public["F4"]["percent"] == 60


def test_options_change_what_is_asked(operator: Operator) -> None:
    assert told(operator, "--base", "trained")["F4"]["percent"] == 48
    assert told(operator, "--scope", "dentro")["F4"]["numerator"] == 261
    assert told(operator, "--as-of", "2020-12-31")["F4"]["eligible"] == 0
    assert told(operator, "--known-at", "2026-03-01")["F1"]["numerator"] == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--as-of", "2026-03-04"], "has not come yet"),
        (["--known-at", "2026-03-04"], "has not come yet"),
        (["--point", "m33"], "nothing is known of the point m33"),
    ],
)
def test_what_it_cannot_tell_it_refuses(operator: Operator, options: list[str], said: str) -> None:
    assert said in operator.refused("indicators", *options)


def test_a_name_that_is_none_is_wrong_usage(operator: Operator) -> None:
    assert operator.types("indicators", "--by", "shoe_size").exit_code == 2
