"""Her hour in six zones around every shift of 2022, 2026 and 2027, against clocks that are worked out by hand.

The clocks here know no tzdata: they count from the laws. Mexico's summer time ran from the first Sunday of April to the
last of October until 2022, when the Ley de los Husos Horarios ended it; municipalities on the northern border go by the
dates of the United States; Ciudad Juárez kept the Centre's hour for November 2022.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.calendar import Calendar, Preferences, Slot, day_start, local_day, may_send, next_allowed, slot_on
from scheduler.plan import RELEASE, SHIPPED_PLAN, Offset, read_plan
from scheduler.planning import Change, Move, Woman, replan
from storage.fates import CheckinState
from storage.revisions import Standing

MEXICO = Calendar()
STEP = timedelta(minutes=30)
AROUND = timedelta(days=3)
SUNDAY = 6

HOURS = {
    Slot.ANY: (time(9), time(20, 30)),
    Slot.MORNING: (time(9), time(12)),
    Slot.AFTERNOON: (time(12), time(17)),
    Slot.EVENING: (time(17), time(20, 30)),
}
CLOSED = {date(2022, 11, 2), date(2026, 11, 2), date(2027, 3, 15), date(2027, 11, 2)}
"""Of the days near a shift: those of the dead, and the third Monday of March."""


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def border(winter: int) -> list[tuple[datetime, int]]:
    """The border's clock: from two in the morning to three on the second Sunday of March, and back from two to one on
    the first of November."""
    sundays = ((2022, 13, 6), (2023, 12, 5), (2024, 10, 3), (2025, 9, 2), (2026, 8, 1), (2027, 14, 7), (2028, 12, 5))
    return [
        change
        for year, march, november in sundays
        for change in (
            (utc(year, 3, march, 2 - winter), winter + 1),
            (utc(year, 11, november, 1 - winter), winter),
        )
    ]


CLOCKS: dict[str, list[tuple[datetime, int]]] = {
    "America/Mexico_City": [(utc(2021, 10, 31, 7), -6), (utc(2022, 4, 3, 8), -5), (utc(2022, 10, 30, 7), -6)],
    "America/Tijuana": [(utc(2021, 11, 7, 9), -8), *border(-8)],
    "America/Ciudad_Juarez": [
        (utc(2021, 11, 7, 8), -7),
        (utc(2022, 3, 13, 9), -6),
        (utc(2022, 11, 30, 6), -7),
        *border(-7)[2:],
    ],
    "America/Matamoros": [(utc(2021, 11, 7, 7), -6), *border(-6)],
    "America/Cancun": [(utc(2015, 2, 1, 8), -5)],
    "America/Hermosillo": [(utc(1999, 1, 1, 7), -7)],
}
"""From each instant on, so many hours from UTC."""

SHIFTS = {
    "2022 forward on the border": date(2022, 3, 13),
    "2022 forward": date(2022, 4, 3),
    "2022 back, for the last time": date(2022, 10, 30),
    "2022 back on the border": date(2022, 11, 6),
    "2022 Juárez leaves the Centre": date(2022, 11, 30),
    "2023 no summer time": date(2023, 4, 2),
    "2026 forward": date(2026, 3, 8),
    "2026 back": date(2026, 11, 1),
    "2027 forward": date(2027, 3, 14),
    "2027 back": date(2027, 11, 7),
}

every_zone = pytest.mark.parametrize("zone", CLOCKS)
every_shift = pytest.mark.parametrize("shift", SHIFTS.values(), ids=SHIFTS)


def on_wall(at: datetime, zone: str) -> datetime:
    """The wall clock at this instant, as a naive time."""
    changes = CLOCKS[zone]
    _, hours = changes[bisect_right(changes, at, key=lambda change: change[0]) - 1]
    return at.replace(tzinfo=None) + timedelta(hours=hours)


def is_allowed(at: datetime, zone: str, slot: Slot) -> bool:
    here = on_wall(at, zone)
    opens, closes = HOURS[slot]
    if here.weekday() == SUNDAY:
        opens = max(opens, time(12))
    return here.date() not in CLOSED and opens <= here.time() < closes


def instants(shift: date) -> Iterator[datetime]:
    at = datetime.combine(shift, time(0), UTC) - AROUND
    while at < datetime.combine(shift, time(0), UTC) + AROUND:
        yield at
        at += STEP


@every_zone
def test_the_clock_is_the_one_that_the_laws_say(zone: str) -> None:
    walls = [(on_wall(at, zone), at.astimezone(ZoneInfo(zone))) for shift in SHIFTS.values() for at in instants(shift)]
    assert [hers for hers, _ in walls] == [ours.replace(tzinfo=None) for _, ours in walls]


@every_zone
@every_shift
def test_allowed_instants_and_the_next_of_each(zone: str, shift: date) -> None:
    for slot in Slot:
        her = Preferences(ZoneInfo(zone), slot)
        wanted = {at: is_allowed(at, zone, slot) for at in instants(shift)}
        assert {at: may_send(at, her, calendar=MEXICO) for at in wanted} == wanted
        assert len(set(wanted.values())) == 2
        following: datetime | None = None
        for at in reversed(wanted):
            following = at if wanted[at] else following
            if following is not None:
                assert next_allowed(at, her, calendar=MEXICO) == following, (slot, at)


@every_zone
@every_shift
def test_days_begin_and_slots_open_where_the_wall_clock_says(zone: str, shift: date) -> None:
    her = Preferences(ZoneInfo(zone), Slot.AFTERNOON)
    found = list(instants(shift))
    for day in (shift + timedelta(days=n) for n in range(-1, 2)):
        begins = next(at for at in found if on_wall(at, zone).date() == day)
        opens = next(at for at in found if at >= begins and is_allowed(at, zone, Slot.AFTERNOON))
        assert day_start(day, her.zone) == begins
        assert local_day(begins, her.zone) == day
        assert local_day(begins - timedelta(seconds=1), her.zone) == day - timedelta(days=1)
        assert slot_on(day, her, calendar=MEXICO) == opens


@pytest.mark.parametrize(
    ("zone", "shift", "hours"),
    [
        ("America/Tijuana", date(2026, 3, 8), 23),
        ("America/Tijuana", date(2026, 11, 1), 25),
        ("America/Ciudad_Juarez", date(2027, 3, 14), 23),
        ("America/Ciudad_Juarez", date(2022, 10, 30), 24),
        ("America/Ciudad_Juarez", date(2022, 11, 29), 25),
        ("America/Matamoros", date(2027, 11, 7), 25),
        ("America/Mexico_City", date(2022, 10, 30), 25),
        ("America/Mexico_City", date(2026, 3, 8), 24),
        ("America/Cancun", date(2026, 11, 1), 24),
        ("America/Hermosillo", date(2026, 3, 8), 24),
    ],
)
def test_how_long_the_day_of_a_shift_is(zone: str, shift: date, hours: int) -> None:
    here = ZoneInfo(zone)
    lasts = day_start(shift + timedelta(days=1), here) - day_start(shift, here)
    assert lasts == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("anchor", "months", "due"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 3, 31), 3, date(2026, 6, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
    ],
)
def test_months_end_where_the_month_does(anchor: date, months: int, due: date) -> None:
    assert Offset(months=months).from_date(anchor) == due


RELEASED = date(2026, 1, 31)
REGISTERED = utc(2026, 2, 1, 18)

# m1 of a woman released on 31 January is due on Saturday 28 February, and counts to the end of 21 March; the border's
# clocks go forward between the two.
M1 = {
    "America/Mexico_City": (utc(2026, 2, 28, 15), utc(2026, 3, 22, 6)),
    "America/Tijuana": (utc(2026, 2, 28, 17), utc(2026, 3, 22, 7)),
    "America/Ciudad_Juarez": (utc(2026, 2, 28, 16), utc(2026, 3, 22, 6)),
    "America/Matamoros": (utc(2026, 2, 28, 15), utc(2026, 3, 22, 5)),
    "America/Cancun": (utc(2026, 2, 28, 14), utc(2026, 3, 22, 5)),
    "America/Hermosillo": (utc(2026, 2, 28, 16), utc(2026, 3, 22, 7)),
}


def woman(zone: str) -> Woman:
    return Woman(date(2026, 2, 1), Preferences(ZoneInfo(zone)), dates={RELEASE: RELEASED})


def windows(changes: Sequence[Change]) -> dict[str, tuple[datetime | None, datetime | None]]:
    return {change.to.point: (change.to.opens_at, change.to.closes_at) for change in changes}


@every_zone
def test_the_window_of_31_january_and_a_month(zone: str) -> None:
    changes = replan(read_plan(SHIPPED_PLAN), woman(zone), standing=[], now=REGISTERED)
    assert windows(changes)["m1"] == M1[zone]
    assert {change.to.point: change.to.due_on for change in changes} == {
        "s1": date(2026, 2, 7),
        "m1": date(2026, 2, 28),
        "m3": date(2026, 4, 30),
        "m6": date(2026, 7, 31),
        "m12": date(2027, 1, 31),
        "m24": date(2028, 1, 31),
    }


@every_zone
def test_a_woman_who_moves_is_asked_by_the_clock_of_her_new_place(zone: str) -> None:
    """Registered in the capital, and invited to s1 there, she moves before m1: s1 stays as it was opened."""
    plan = read_plan(SHIPPED_PLAN)
    rows = [
        as_it_stands(number, change, invited=change.to.point == "s1")
        for number, change in enumerate(replan(plan, woman("America/Mexico_City"), standing=[], now=REGISTERED))
    ]
    there = replan(plan, woman(zone), standing=rows, now=utc(2026, 2, 15))
    anew = windows(replan(plan, woman(zone), standing=[], now=REGISTERED))
    stood = windows(replan(plan, woman("America/Mexico_City"), standing=[], now=REGISTERED))
    assert all(isinstance(change, Move) for change in there)
    assert windows(there) == {
        point: window for point, window in anew.items() if point != "s1" and window != stood[point]
    }
    assert bool(there) == (zone != "America/Mexico_City")


def as_it_stands(number: int, change: Change, *, invited: bool) -> Standing:
    to = change.to
    return Standing(
        id=number,
        participant=1,
        plan="seguimiento",
        point=to.point,
        series=to.series,
        instrument=to.instrument,
        state=CheckinState.INVITED if invited else to.state,
        due_on=to.due_on,
        opens_at=to.opens_at,
        closes_at=to.closes_at,
        invited_at=to.opens_at if invited else None,
    )
