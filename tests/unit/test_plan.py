"""The plan: calendar months, the shipped points, and a file's problems told all at once."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from scheduler.calendar import Calendar
from scheduler.plan import SHIPPED_PLAN, Offset, PlanError, read_plan

SMALL = """
name = "corto"
[[points]]
name = "m1"
offset = { months = 1 }
window = { before = 7, after = 21 }
instruments = ["seguimiento"]
reminders = [{ days = 2 }, { days = 1, hours = 12 }]
"""


def problems_of(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.toml"


@pytest.mark.parametrize(
    ("offset", "anchor", "due"),
    [
        (Offset(months=1), date(2027, 1, 31), date(2027, 2, 28)),
        (Offset(months=1), date(2028, 1, 31), date(2028, 2, 29)),
        (Offset(months=12), date(2028, 2, 29), date(2029, 2, 28)),
        (Offset(months=24), date(2026, 12, 31), date(2028, 12, 31)),
        (Offset(months=3), date(2026, 11, 30), date(2027, 2, 28)),
        (Offset(months=1), date(2026, 12, 15), date(2027, 1, 15)),
        (Offset(weeks=2), date(2026, 12, 25), date(2027, 1, 8)),
        (Offset(days=7), date(2028, 2, 25), date(2028, 3, 3)),
        (Offset(months=1, days=1), date(2027, 1, 31), date(2027, 3, 1)),
        (Offset(days=0), date(2026, 5, 5), date(2026, 5, 5)),
    ],
)
def test_offsets_count_calendar_months(offset: Offset, anchor: date, due: date) -> None:
    assert offset.from_date(anchor) == due


def test_the_shipped_plan_says_what_the_field_does() -> None:
    plan = read_plan(SHIPPED_PLAN)
    told = {
        point.name: (
            point.offset.days or point.offset.months,
            point.window.before,
            point.window.after,
            point.instruments,
            [delay.length.days for delay in point.reminders],
            point.call_after and point.call_after.length.days,
        )
        for point in plan.points
    }
    asked, ladder = ("seguimiento",), ([1, 2, 4], 3)
    assert told == {
        "s1": (7, 0, 13, ("llegada",), *ladder),
        "m1": (1, 7, 21, asked, *ladder),
        "m3": (3, 7, 21, asked, *ladder),
        "m6": (6, 7, 21, asked, *ladder),
        "m12": (12, 14, 45, asked, *ladder),
        "m24": (24, 14, 45, asked, *ladder),
    }


def test_the_shipped_windows_never_overlap() -> None:
    plan = read_plan(SHIPPED_PLAN)
    for anchor in (date(2024, 1, 1) + timedelta(days=n) for n in range(4 * 366)):
        for earlier, later in pairwise(plan.points):
            closes = earlier.offset.from_date(anchor) + timedelta(days=earlier.window.after)
            opens = later.offset.from_date(anchor) - timedelta(days=later.window.before)
            assert closes < opens, (anchor, earlier.name, later.name)


def test_the_shipped_calendar_is_the_default_with_an_election_day() -> None:
    calendar = read_plan(SHIPPED_PLAN).calendar
    assert calendar.model_copy(update={"other_days": ()}) == Calendar()
    assert [rule.year for rule in calendar.other_days] == [2027]


def test_a_plan_without_a_calendar_has_the_default_one(path: Path) -> None:
    path.write_text(SMALL)
    assert read_plan(path).calendar == Calendar()


def test_reminders_are_durations(path: Path) -> None:
    path.write_text(SMALL)
    point = read_plan(path).point("m1")
    assert point is not None
    assert [delay.length for delay in point.reminders] == [timedelta(days=2), timedelta(hours=36)]
    assert read_plan(path).point("m2") is None


def test_the_version_follows_the_content_not_the_layout(path: Path) -> None:
    path.write_text(SMALL)
    version = read_plan(path).version
    path.write_text("# another layout\n" + SMALL.replace(" = ", "="))
    assert read_plan(path).version == version
    path.write_text(SMALL.replace("after = 21", "after = 22"))
    assert read_plan(path).version != version
    assert re.fullmatch("[0-9a-f]{12}", version)


def test_all_problems_are_told_at_once(path: Path) -> None:
    told = problems_of(
        path,
        """
        nam = "x"
        [[points]]
        name = "m1"
        offset = { month = 1 }
        window = { before = -1, after = 3 }
        instruments = []
        [[points]]
        name = "m1"
        offset = {}
        window = { after = 3 }
        instruments = ["a"]
        reminders = [{ days = 2 }, {}]
        [[points]]
        offset = 3
        window = { after = 3 }
        instruments = "seguimiento"
        reminders = [{ days = 4 }]
        [calendar]
        quiet_from = "25:00"
        other_days = [{ name = "x", month = 2 }]
        """,
    )
    expected = [
        "point m1: name: 2 points are called so; give each",
        "plan: name: is missing; write",
        "point m1: offset.month is not a setting of a plan; remove it",
        "point m1: window.before: ",
        "point m1: instruments: is empty; write",
        "point m1: offset: names no unit; write",
        "point m1: reminders.2: must last an hour or more; write",
        "point number 3: name: is missing; write",
        "point number 3: offset: is not written as it should be; write",
        "point number 3: instruments: is not a list; write",
        "point number 3: reminders: the last would come after the window closes; write",
        "plan: calendar.quiet_from: ",
        "plan: calendar.other_days.1: needs either day or monday",
        "plan: nam is not a setting of a plan; remove it",
    ]
    assert len(told) == len(expected)
    for start in expected:
        assert any(line.startswith(start) for line in told), (start, told)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("name =", "file: is not valid TOML: "),
        ('name = "x"', "plan: points: is missing; write one [[points]] table"),
        ('name = "x"\npoints = []', "plan: points: is empty; "),
        ('name = "x"\npoints = 3', "plan: points: is not a list; "),
        (
            SMALL.replace("reminders = [", "reminders = [{ days = 1 }, { days = 1 }, "),
            "point m1: reminders: there are at most three reminders; write",
        ),
        ('name = "x"\npoints = [3]', "point number 1: is not written as it should be"),
        (SMALL + "[calendar]\nnoche = ['20:00', '19:00']", "plan: calendar: no hour is left for noche: "),
        (SMALL + "[calendar]\nquiet_from = 20:30:00-06:00", "file: is not valid TOML: "),
        (SMALL + "[calendar]\nquiet_from = '20:30Z'", "plan: calendar.quiet_from: is a local hour and takes no zone"),
    ],
)
def test_one_problem(path: Path, text: str, start: str) -> None:
    told = problems_of(path, text)
    assert len(told) == 1
    assert told[0].startswith(start)


def test_a_file_that_is_not_there_or_not_text(path: Path) -> None:
    with pytest.raises(PlanError, match="can't be read"):
        read_plan(path)
    path.write_bytes('name = "año"'.encode("latin-1"))
    with pytest.raises(PlanError, match="UTF-8"):
        read_plan(path)


def test_the_error_names_the_file_and_lists_the_problems(path: Path) -> None:
    path.write_text("points = 3")
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    lines = str(caught.value).splitlines()
    assert lines[0] == "plan.toml can't be used as a plan:"
    assert len(lines) == 3
