"""Plans with series, fixed days, groups and other anchors: what they expand to, and their problems told all at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.cli.opening import open_plan
from scheduler.applied import Plans
from scheduler.plan import Group, Late, Offset, Overlap, Plan, PlanError, Point, Window, parse_plan

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "plan_mensual.toml"

POINT = """
[[points]]
name = "{name}"
window = {{ after = 9 }}
instruments = ["seguimiento"]
{rest}
"""


def plan_of(*points: tuple[str, str], head: str = "") -> Plan:
    told = "".join(POINT.format(name=name, rest=rest) for name, rest in points)
    return parse_plan(f'name = "p"\n{head}\n{told}', "plan.toml")


def problems_of(*points: tuple[str, str], head: str = "") -> list[str]:
    with pytest.raises(PlanError) as caught:
        plan_of(*points, head=head)
    return [str(problem) for problem in caught.value.problems]


def test_the_example_holds_a_series_a_fixed_day_and_a_group() -> None:
    plan = open_plan(EXAMPLE)
    assert list(plan.occurrences) == ["s1", *(f"mes_{n}" for n in range(1, 13)), "cierre_2027"]
    released = date(2026, 8, 31)
    due = {name: one.due_on(released) for name, one in plan.occurrences.items()}
    assert due["mes_6"] == date(2027, 2, 28)
    assert due["mes_7"] == date(2027, 3, 31), "no month's end wears off on the way"
    assert due["mes_12"] == date(2027, 8, 31)
    assert due["cierre_2027"] == date(2027, 7, 15)
    assert plan.occurrences["cierre_2027"].due_on(None) == date(2027, 7, 15)
    assert plan.occurrences["mes_1"].due_on(None) is None
    assert (plan.overlap, plan.merge_within, plan.late) == (Overlap.MERGE, 5, Late.NOT_DUE)
    assert plan.who.has("BAR", "2026-2")
    assert not plan.who.has("BAR", "2026-1")
    point = plan.point("mes_3")
    assert point is not None
    assert point.name == "mes"


@pytest.mark.parametrize(
    ("rest", "count"),
    [
        ("offset = { weeks = 4 }\nevery = { weeks = 4 }\nuntil = { months = 12 }", 13),
        ("offset = { weeks = 4 }\nevery = { weeks = 4 }\ntimes = 5", 5),
        ("offset = { days = 0 }\nevery = { months = 1 }\nuntil = { days = 364 }", 12),
        ("offset = { days = 0 }\nevery = { months = 1 }\nuntil = { days = 365 }", 13),
        ("offset = { months = 1 }\nevery = { days = 30 }\nuntil = { months = 24 }", 24),
    ],
)
def test_a_series_ends_by_the_calendar(rest: str, count: int) -> None:
    assert len(plan_of(("w", rest)).occurrences) == count


def test_a_day_that_is_past_is_no_problem() -> None:
    assert plan_of(("w", "on = 2001-01-01")).occurrences["w"].due_on(None) == date(2001, 1, 1)


def test_all_problems_of_the_newer_settings_are_told_at_once() -> None:
    told = problems_of(
        ("m", "offset = { days = 7 }\nevery = { days = 7 }\ntimes = 3"),
        ("m_2", "offset = { days = 7 }"),
        ("a", "offset = { days = 7 }\non = 2026-10-01"),
        ("b", "offset = { days = 7 }\nuntil = { days = 9 }"),
        ("c", "on = 2026-10-01\nevery = { days = 7 }\ntimes = 2"),
        ("d", "offset = { days = 7 }\nevery = { days = 7 }"),
        ("e", "offset = { days = 7 }\nevery = { days = 0 }\ntimes = 2"),
        ("f", "offset = { days = 7 }\nevery = { days = 7 }\ntimes = 121"),
        ("g", "offset = { days = 8 }\nevery = { days = 7 }\nuntil = { days = 7 }"),
        ("h", "offset = { days = 7 }\nevery = { days = 1 }\nuntil = { days = 200 }"),
        ("i", 'on = "someday"'),
        ("j", 'offset = { days = 7 }\nonly = { town = ["x"] }'),
        ("k", 'offset = { days = 7 }\nonly = { centre = "BAR" }'),
        ("l", "offset = { days = 7 }\nreminders = [{ days = 5 }]\ncall_after = { days = 4 }"),
        ("n", "on = 9999-12-31"),
        ("o", "on = 1999-12-31"),
        ("q", "offset = { days = 7 }\nevery = { months = 2 }\ntimes = 120"),
        ("r", "offset = { months = 120, days = 9 }"),
        head='anchor = "Salida"\noverlap = "wait"\nlate = 3\nmerge_within = 0\nwho = { cohort = [1] }',
    )
    expected = [
        "point m: name: its check-ins are called m_1, _2 …, and a point is called m_2 already",
        "point a: needs either offset or on",
        "point b: until and times go with every",
        "point c: every counts from an offset, not from a fixed date",
        "point d: every needs either until or times",
        "point e: every must last a day or more",
        "point f: times: Input should be less than or equal to 120; write times = 13",
        "point g: until must leave from 1 to 120 check-ins",
        "point h: until must leave from 1 to 120 check-ins",
        "point i: on: ",
        "point j: only.town is not a setting of a plan",
        "point k: only.centre: is not a list; write only = { centre",
        "point l: call_after: the call would come after the window closes",
        "point n: on: the year must lie between 2000 and 2100; write on = 2027-03-08",
        "point o: on: the year must lie between 2000 and 2100",
        "point q: no check-in may lie more than ten years from the anchor date",
        "point r: no check-in may lie more than ten years from the anchor date",
        "plan: anchor: is not a name that can be used; write anchor = ",
        'plan: overlap: is not one of the words that it can be; write overlap = "queue"',
        'plan: late: is not one of the words that it can be; write late = "open"',
        "plan: merge_within: ",
        "plan: who.cohort.1: is not text; write who = ",
    ]
    assert len(told) == len(expected), told
    for start in expected:
        assert any(line.startswith(start) for line in told), (start, told)


def test_a_centre_may_be_given_by_any_of_its_names() -> None:
    plan = plan_of(("w", "offset = { days = 7 }"), head='who = { centre = ["Barrientos", "Otro Lugar"] }')
    assert plan.who.centre == ("BAR", "Otro Lugar")


# --- which plan a woman follows


def small(name: str, **who: tuple[str, ...]) -> Plan:
    point = Point(name="w", offset=Offset(days=7), window=Window(after=9), instruments=("seguimiento",))
    return Plan(name=name, who=Group(**who), points=(point,))


def followed(plans: Plans, centre: str | None, cohort: str | None) -> str | None:
    plan = plans.followed_by(None, centre=centre, cohort=cohort)
    return plan and plan.name


def test_the_narrowest_plan_counts_and_the_default_takes_the_rest() -> None:
    plans = Plans.of(
        small("all"), small("bar", centre=("BAR",)), small("both", centre=("BAR",), cohort=("2",)), small("named")
    )
    assert followed(plans, "BAR", "2") == "both"
    assert followed(plans, "BAR", None) == "bar"
    assert followed(plans, "ECA", "2") == "all"
    assert followed(plans, None, None) == "all"
    named = plans.followed_by("named", centre="BAR", cohort="2")
    assert named is not None
    assert named.name == "named"
    assert plans.followed_by("gone", centre="BAR", cohort="2") is None


@pytest.mark.parametrize(
    ("one", "other", "rivals"),
    [
        (small("a", centre=("BAR", "ECA")), small("b", centre=("ECA",)), True),
        (small("a", centre=("BAR",)), small("b", centre=("ECA",)), False),
        (small("a", centre=("BAR",)), small("b", cohort=("1",)), True),
        (small("a", centre=("BAR",)), small("b", centre=("BAR",), cohort=("1",)), False),
        (small("a", centre=("BAR",), cohort=("1",)), small("b", centre=("BAR",), cohort=("2",)), False),
        (small("a"), small("b"), False),
    ],
)
def test_plans_that_can_both_claim_a_woman_are_rivals(one: Plan, other: Plan, rivals: bool) -> None:
    assert bool(Plans.of(one, other).rivals) is rivals
