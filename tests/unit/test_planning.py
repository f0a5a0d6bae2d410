"""What changes of a woman's check-ins when her dates, her plan or she does, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.calendar import Preferences, Slot
from scheduler.plan import ENROLMENT, RELEASE, Group, Late, Offset, Plan, Point, Window
from scheduler.planning import Appear, Change, Move, Reopen, Woman, replan
from storage.fates import CheckinState, Fate, Reason
from storage.revisions import Standing

MEXICO = ZoneInfo("America/Mexico_City")
JOINED = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
HER = Preferences(MEXICO)


def point(name: str, days: int, **rest: object) -> Point:
    basic = {"offset": Offset(days=days), "window": Window(after=10), "instruments": ("seguimiento",)}
    return Point.model_validate({"name": name, **basic, **rest})


def plan(*points: Point, **rest: object) -> Plan:
    return Plan.model_validate({"name": "p", "points": points or (point("a", 7), point("b", 30)), **rest})


def woman(released: date | None = JOINED, **rest: object) -> Woman:
    her = Woman(JOINED, HER, {} if released is None else {RELEASE: released})
    return replace(her, **rest)  # type: ignore[arg-type]


def after(changes: Sequence[Change], standing: list[Standing] | None = None, *, at: datetime = NOON) -> list[Standing]:
    """Her rows once these changes are written."""
    rows = {row.id: row for row in standing or []}
    numbers = count(max(rows, default=0) + 1)
    for change in changes:
        to = change.to
        closed_at = at if to.fate else None
        told = (to.instrument, to.state, to.due_on, to.opens_at, to.closes_at)
        if isinstance(change, Appear):
            id_ = next(numbers)
            row = Standing(id_, 1, "p", to.point, to.series, *told, None, None, to.fate, to.reason, closed_at)
        else:
            was = change.row
            anew = isinstance(change, Reopen) and was.reason is not Reason.DIED
            touched = (None, None) if anew else (was.invited_at, was.started_at)
            row = Standing(was.id, 1, was.plan, was.point, was.series, *told, *touched, to.fate, to.reason, closed_at)
            row = replace(row, before_death=was.state if to.reason is Reason.DIED else None)
        rows[row.id] = row
    return list(rows.values())


def registered(by: Plan, her: Woman, *, at: datetime = NOON) -> list[Standing]:
    """Her rows when she has just been registered."""
    return after(replan(by, her, standing=[], now=at), at=at)


def kinds(changes: Sequence[Change]) -> dict[str, tuple[str, date | None, str]]:
    """Each change by point: what it is, the day, and the state or reason."""
    return {
        change.to.point: (type(change).__name__, change.to.due_on, change.to.reason or change.to.state)
        for change in changes
    }


def opens(changes: list[Change], name: str) -> str:
    """When that check-in opens, on the wall of Mexico City."""
    moment = next(change.to.opens_at for change in changes if change.to.point == name)
    assert moment is not None
    return moment.astimezone(MEXICO).isoformat(" ", "minutes")[:16]


# --- registered


def test_everything_appears_open_with_its_deadline() -> None:
    found = replan(plan(), woman(), standing=[], now=NOON)
    assert kinds(found) == {
        "a": ("Appear", date(2026, 3, 9), "expected"),
        "b": ("Appear", date(2026, 4, 1), "expected"),
    }
    assert opens(found, "a") == "2026-03-09 09:00"
    assert found[0].to.closes_at == datetime(2026, 3, 20, 6, tzinfo=UTC), "the midnight after ten more days"


def test_late_joiners_are_asked_what_is_still_open_and_not_what_is_over() -> None:
    her = woman(JOINED - timedelta(days=12))
    late = plan(point("a", 1), point("b", 7), point("c", 30))
    found = replan(late, her, standing=[], now=NOON)
    assert {name: why for name, (_, _, why) in kinds(found).items()} == {
        "a": "before_enrolment",
        "b": "expected",
        "c": "expected",
    }
    assert opens(found, "b") == "2026-03-03 09:00", "not on the day itself"
    strict = replan(late.model_copy(update={"late": Late.NOT_DUE}), her, standing=[], now=NOON)
    assert kinds(strict)["b"] == ("Appear", date(2026, 2, 25), "already_late")


def test_a_window_without_an_allowed_hour_is_not_due() -> None:
    closed = [{"name": "x", "month": 3, "day": day} for day in range(9, 20)]
    found = replan(plan(calendar={"other_days": closed}), woman(), standing=[], now=NOON)
    assert kinds(found)["a"] == ("Appear", date(2026, 3, 9), "no_allowed_hour")


def test_hours_that_never_come_leave_nothing_due_and_nothing_broken() -> None:
    sunday_mornings = woman(preferences=Preferences(MEXICO, Slot.MORNING, frozenset({6})))
    found = replan(plan(), sunday_mornings, standing=[], now=NOON)
    assert {why for _, _, why in kinds(found).values()} == {"no_allowed_hour"}


def test_a_fixed_day_waits_for_no_date_and_groups_choose_who_is_asked() -> None:
    points = (
        point("a", 7),
        point("day", 0, offset=None, on=date(2026, 5, 4)),
        point("bar", 9, only=Group(centre=("BAR",))),
    )
    found = kinds(replan(plan(*points), woman(None), standing=[], now=NOON))
    assert found == {"a": ("Appear", None, "waiting_for_date"), "day": ("Appear", date(2026, 5, 4), "expected")}
    assert "bar" in kinds(replan(plan(*points), woman(centre="BAR"), standing=[], now=NOON))


def test_offsets_count_from_whichever_date_the_plan_names() -> None:
    by_name = plan(anchor="course_end")
    assert kinds(replan(by_name, woman(), standing=[], now=NOON))["a"] == ("Appear", None, "waiting_for_date")
    told = woman(dates={"course_end": date(2026, 6, 1)})
    assert kinds(replan(by_name, told, standing=[], now=NOON))["a"] == ("Appear", date(2026, 6, 8), "expected")
    since = replan(plan(anchor=ENROLMENT), woman(None), standing=[], now=NOON)
    assert kinds(since)["a"] == ("Appear", date(2026, 3, 9), "expected")


def test_a_sitting_of_several_instruments_is_named_after_them() -> None:
    two = plan(point("a", 7, instruments=("llegada", "seguimiento")))
    (found,) = replan(two, woman(), standing=[], now=NOON)
    assert (found.to.instrument, found.to.series) == ("llegada+seguimiento", "a")


# --- dates that come late or are corrected


def test_a_date_that_comes_late_opens_what_it_leaves_open() -> None:
    rows = registered(plan(), woman(None))
    later = NOON + timedelta(days=20)
    found = replan(plan(), woman(JOINED), standing=rows, now=later)
    assert kinds(found) == {
        "a": ("Close", date(2026, 3, 9), "date_came_late"),
        "b": ("Move", date(2026, 4, 1), "expected"),
    }
    in_window = replan(plan(), woman(JOINED), standing=rows, now=NOON + timedelta(days=10))
    assert opens(in_window, "a") == "2026-03-13 09:00", "her next slot, not this minute"


def test_a_corrected_date_moves_what_waits_and_leaves_what_was_opened() -> None:
    rows = registered(plan(point("a", 7), point("b", 30), point("c", 60)), woman())
    by_point = {row.point: row for row in rows}
    opened = replace(by_point["a"], state=CheckinState.INVITED, invited_at=NOON)
    put_off = replace(by_point["b"], invited_at=NOON)
    standing = [opened, put_off, by_point["c"]]
    three = plan(point("a", 7), point("b", 30), point("c", 60))
    found = replan(three, woman(JOINED + timedelta(days=5)), standing=standing, now=NOON)
    assert kinds(found) == {"c": ("Move", date(2026, 5, 6), "expected")}


def test_what_a_date_closed_it_opens_again() -> None:
    early = woman(JOINED - timedelta(days=400))
    rows = registered(plan(), early)
    assert {row.reason for row in rows} == {Reason.BEFORE_ENROLMENT}
    found = replan(plan(), woman(), standing=rows, now=NOON)
    assert {name: kind for name, (kind, _, _) in kinds(found).items()} == {"a": "Reopen", "b": "Reopen"}
    other = replan(plan(), woman(JOINED - timedelta(days=300)), standing=rows, now=NOON)
    assert kinds(other)["a"][0] == "Close", "not due all the same, but by another date"


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        (Fate.COMPLETED, None),
        (Fate.REFUSED, Reason.STOPPED),
        (Fate.MISSED_BY_US, Reason.NOT_SENT),
        (Fate.PAUSED, Reason.RESTING),
        (Fate.NOT_DUE, Reason.OVERLAPPED),
        (Fate.NOT_DUE, Reason.MERGED),
    ],
)
def test_what_she_or_the_calendar_decided_stays(fate: Fate, reason: Reason | None) -> None:
    rows = [
        replace(row, state=CheckinState.CLOSED, fate=fate, reason=reason, closed_at=NOON)
        for row in registered(plan(), woman())
    ]
    assert replan(plan(), woman(date(2026, 6, 1)), standing=rows, now=NOON) == []


def test_after_a_return_what_closed_while_she_was_away_is_expected_again() -> None:
    rows = registered(plan(), woman())
    rested = [
        replace(rows[0], state=CheckinState.CLOSED, fate=Fate.PAUSED, reason=Reason.RESTING, closed_at=NOON),
        rows[1],
    ]
    again = woman(date(2026, 9, 1), away_since=NOON - timedelta(days=1))
    now = datetime(2026, 9, 2, 18, tzinfo=UTC)
    found = replan(plan(), again, standing=rested, now=now)
    assert kinds(found) == {"a": ("Reopen", date(2026, 9, 8), "expected"), "b": ("Move", date(2026, 10, 1), "expected")}
    before = woman(date(2026, 9, 1), away_since=NOON + timedelta(days=1))
    assert "a" not in kinds(replan(plan(), before, standing=rested, now=now)), "it closed before she went"


# --- place, hours, plan, group, death


def test_another_slot_moves_what_is_to_come_and_not_what_is_due() -> None:
    rows = registered(plan(), woman())
    evenings = woman(preferences=Preferences(MEXICO, Slot.EVENING))
    same_day = replan(plan(), evenings, standing=rows, now=datetime(2026, 3, 9, 15, 30, tzinfo=UTC))
    assert opens(same_day, "a") == "2026-03-09 17:00"
    found = replan(plan(), evenings, standing=rows, now=datetime(2026, 3, 10, 15, 30, tzinfo=UTC))
    assert {name: kind for name, (kind, _, _) in kinds(found).items()} == {"b": "Move"}
    assert opens(found, "b") == "2026-04-01 17:00"
    weekend = woman(preferences=Preferences(MEXICO, days=frozenset({5})))
    assert opens(replan(plan(), weekend, standing=rows, now=NOON), "b") == "2026-04-04 09:00"


def test_another_zone_moves_opening_and_deadline() -> None:
    rows = registered(plan(), woman())
    (first, _) = replan(plan(), woman(preferences=Preferences(ZoneInfo("America/Tijuana"))), standing=rows, now=NOON)
    assert (first.to.opens_at, first.to.closes_at) == (
        datetime(2026, 3, 9, 16, tzinfo=UTC),
        datetime(2026, 3, 20, 7, tzinfo=UTC),
    )


def test_a_plan_that_is_edited_reaches_the_rows_that_wait() -> None:
    rows = registered(plan(), woman())
    edited = plan(point("a", 9), point("c", 40), point("old", 1, offset=None, on=date(2020, 1, 1)))
    found = replan(edited, woman(), standing=rows, now=NOON)
    assert kinds(found) == {
        "a": ("Move", date(2026, 3, 11), "expected"),
        "c": ("Appear", date(2026, 4, 11), "expected"),
        "old": ("Appear", date(2020, 1, 1), "before_enrolment"),
        "b": ("Close", date(2026, 4, 1), "not_in_plan"),
    }
    back = replan(plan(), woman(), standing=after(found, rows), now=NOON)
    assert kinds(back)["b"] == ("Reopen", date(2026, 4, 1), "expected")
    asks_more = plan(point("a", 7, instruments=("llegada", "seguimiento")), point("b", 30))
    assert kinds(replan(asks_more, woman(), standing=rows, now=NOON)) == {"a": ("Move", date(2026, 3, 9), "expected")}


def test_whoever_changes_plans_leaves_the_waiting_rows_of_the_other() -> None:
    rows = registered(plan(), woman())
    opened = [replace(rows[0], state=CheckinState.STARTED, invited_at=NOON), rows[1]]
    other = Plan(name="q", points=(point("a", 8),))
    found = replan(other, woman(), standing=opened, now=NOON)
    assert [(type(change).__name__, change.to.point) for change in found] == [("Appear", "a"), ("Close", "b")]


def test_death_ends_all_that_is_open_and_a_mistake_can_be_undone() -> None:
    rows = registered(plan(), woman())
    opened = [replace(rows[0], state=CheckinState.STARTED, invited_at=NOON), rows[1]]
    dead = woman(died_on=JOINED)
    found = replan(plan(), dead, standing=opened, now=NOON)
    assert {why for _, _, why in kinds(found).values()} == {"died"}
    gone = after(found, opened)
    assert replan(plan(), dead, standing=gone, now=NOON) == []
    for later in (NOON, NOON + timedelta(days=200)):
        lives = replan(plan(), woman(), standing=gone, now=later)
        assert [type(change) for change in lives] == [Reopen, Reopen]
        assert after(lives, gone, at=later) == opened, "as they stood, and the tick says what became of them meanwhile"


@pytest.mark.parametrize(
    "stood",
    [
        {"state": CheckinState.INVITED, "invited_at": NOON + timedelta(days=8)},
        {"state": CheckinState.STARTED, "invited_at": NOON, "started_at": NOON + timedelta(days=9)},
        {"state": CheckinState.EXPECTED, "invited_at": NOON},
        {"state": CheckinState.WAITING_FOR_DATE, "due_on": None, "opens_at": None, "closes_at": None},
    ],
    ids=lambda stood: stood["state"],
)
def test_what_a_death_closed_by_mistake_stands_as_before_whatever_the_plan_expects_now(stood: dict[str, Any]) -> None:
    row = replace(registered(plan(), woman())[0], **stood)
    undated = row.due_on is None
    (gone,) = after(replan(plan(), woman(died_on=JOINED), standing=[row], now=NOON), [row])
    assert gone.reason is Reason.DIED
    by = plan(anchor="course_end") if undated else plan(point("b", 300), point("c", 1))
    back = [change for change in replan(by, woman(), standing=[gone], now=NOON) if not isinstance(change, Appear)]
    if row.is_untouched and not undated:
        assert kinds(back) == {"a": ("Close", row.due_on, "not_in_plan")}
    else:
        assert after(back, [gone]) == [row]


def test_a_plan_that_closes_sooner_does_not_hide_that_we_were_away() -> None:
    rows = registered(plan(), woman())
    now = NOON + timedelta(days=15)
    sooner = plan(point("a", 7, window=Window(after=5)), point("b", 30))
    (found,) = replan(sooner, woman(), standing=rows, now=now)
    assert isinstance(found, Move)
    assert (found.to.state, found.to.opens_at) == (CheckinState.EXPECTED, rows[0].opens_at)
    assert found.to.closes_at == datetime(2026, 3, 15, 6, tzinfo=UTC), "it is over: the tick says how it ended"
    assert replan(sooner, woman(), standing=after([found], rows), now=now) == []
    last_day = plan(point("a", 7, window=Window(after=8)), point("b", 30))
    (open_today,) = replan(last_day, woman(), standing=rows, now=now)
    assert isinstance(open_today, Move), "she may still be asked today"


def test_a_plan_that_leaves_out_what_is_late_asks_what_is_due_today() -> None:
    her = replace(woman(), enrolled_on=JOINED - timedelta(days=9))
    strict = plan(point("today", 0), point("yesterday", 0, offset=None, on=JOINED - timedelta(days=1)), late="not_due")
    assert kinds(replan(strict, her, standing=[], now=NOON)) == {
        "today": ("Appear", JOINED, "expected"),
        "yesterday": ("Appear", JOINED - timedelta(days=1), "already_late"),
    }


def test_what_opens_tomorrow_follows_her_new_hours_and_a_plan_that_closes_before() -> None:
    rows = registered(plan(), woman(None))
    now = NOON + timedelta(days=10)
    rows = after(replan(plan(), woman(JOINED), standing=rows, now=now), rows, at=now)
    assert rows[0].opens_at == datetime(2026, 3, 13, 15, tzinfo=UTC), "her date has come late"
    evenings = woman(preferences=Preferences(MEXICO, Slot.EVENING))
    assert opens(replan(plan(), evenings, standing=rows, now=now), "a") == "2026-03-13 17:00"
    sooner = plan(point("a", 7, window=Window(after=3)), point("b", 30))
    assert kinds(replan(sooner, woman(), standing=rows, now=now)) == {
        "a": ("Close", date(2026, 3, 9), "date_came_late")
    }
    edited = woman(has_new_plan=True)
    assert kinds(replan(sooner, edited, standing=rows, now=now)) == {"a": ("Close", date(2026, 3, 9), "plan_came_late")}


def test_an_overdue_row_is_the_ticks_and_planning_leaves_it_alone() -> None:
    rows = registered(plan(), woman())
    overdue = NOON + timedelta(days=60)
    assert replan(plan(), woman(), standing=rows, now=overdue) == []
    for her in (woman(JOINED + timedelta(days=1)), woman(centre="BAR"), woman(died_on=date(2026, 4, 12))):
        assert replan(plan(), her, standing=rows, now=overdue) == []
    assert replan(plan(point("c", 300)), woman(), standing=rows, now=overdue)[1:] == [], "nor where its point is gone"
    assert replan(plan(anchor="course_end"), woman(), standing=rows, now=overdue) == [], "nor where its date is"
    died = replan(plan(), woman(died_on=date(2026, 4, 11)), standing=rows, now=overdue)
    assert kinds(died) == {"b": ("Close", date(2026, 4, 1), "died")}, "she died on the last day of b"
    to_come = replan(plan(), woman(JOINED + timedelta(days=70)), standing=rows, now=overdue)
    assert {name: kind for name, (kind, _, _) in kinds(to_come).items()} == {"a": "Move", "b": "Move"}


def test_what_passed_before_she_was_registered_stays_so_whatever_the_plan_says_later() -> None:
    her = woman(JOINED - timedelta(days=30))
    rows = registered(plan(), her)
    (edited,) = replan(plan(point("a", 9), point("b", 30)), her, standing=rows, now=NOON + timedelta(days=3))
    assert kinds([edited]) == {"a": ("Close", date(2026, 2, 9), "before_enrolment")}


def test_what_changes_is_told_in_the_plans_order() -> None:
    rows = registered(plan(point("z", 7), point("y", 30), point("x", 60)), woman())
    for standing in (rows, rows[::-1]):
        gone = replan(plan(point("new", 90)), woman(), standing=standing, now=NOON)
        assert list(kinds(gone)) == ["new", "z", "y", "x"]
        assert list(kinds(replan(plan(), woman(died_on=JOINED), standing=standing, now=NOON))) == ["z", "y", "x"]
