"""For any calendar, zone and life: hours are kept, every row ends once, and nothing leaves after the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.cadence import (
    Close,
    Facts,
    LedgerRow,
    Nothing,
    Open,
    Postpone,
    Reach,
    Remind,
    decide,
)
from scheduler.calendar import Calendar, Hours, Preferences, Slot, may_send, next_allowed
from scheduler.plan import Delay, Offset, Plan, Point, Window
from scheduler.planning import expected
from storage.fates import CheckinState, Fate

# Havana shifts at midnight, Lord Howe by half an hour, Casablanca goes back in spring: stranger clocks than Mexico's.
ZONES = [
    "America/Mexico_City",
    "America/Tijuana",
    "America/Ciudad_Juarez",
    "America/Ojinaga",
    "America/Matamoros",
    "America/Cancun",
    "America/Hermosillo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
slots = st.sampled_from(Slot)
instants = st.datetimes(datetime(2021, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
dates = st.dates(date(2021, 1, 1), date(2030, 12, 31))
shifts = st.sampled_from(
    [datetime(2026, 3, 8, 9, tzinfo=UTC), datetime(2026, 11, 1, 8, tzinfo=UTC), datetime(2022, 10, 30, 7, tzinfo=UTC)]
).flatmap(lambda shift: st.integers(-36 * 60, 36 * 60).map(lambda minutes: shift + timedelta(minutes=minutes)))


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    opens, closes = sorted(draw(st.lists(st.integers(0, 95), min_size=2, max_size=2, unique=True)))
    return Hours(*(time(quarter // 4, quarter % 4 * 15) for quarter in (opens, closes)))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """The default, or one that opens at any hour of the night: where the clock shifts."""
    if draw(st.booleans()):
        return Calendar()
    open_hours = draw(hours())
    return Calendar(quiet_until=open_hours.opens, quiet_from=open_hours.closes, sunday_from=time.min)


@given(after=instants | shifts, zone=zones, slot=slots, calendar=calendars())
@settings(max_examples=400)
def test_the_next_allowed_instant_is_allowed_later_or_equal_and_its_own_next(
    after: datetime, zone: ZoneInfo, slot: Slot, calendar: Calendar
) -> None:
    found = next_allowed(after, Preferences(zone, slot), calendar=calendar)
    assert found >= after
    assert may_send(found, Preferences(zone, slot), calendar=calendar)
    assert next_allowed(found, Preferences(zone, slot), calendar=calendar) == found
    assert (found == after) == may_send(after, Preferences(zone, slot), calendar=calendar)


@given(after=instants | shifts, zone=zones, slot=slots)
def test_no_allowed_instant_is_passed_over(after: datetime, zone: ZoneInfo, slot: Slot) -> None:
    calendar = Calendar()
    found = next_allowed(after, Preferences(zone, slot), calendar=calendar)
    steps = range(0, int((found - after) / timedelta(minutes=15)))
    skipped = [after + timedelta(minutes=15 * step) for step in steps]
    assert not any(
        may_send(instant, Preferences(zone, slot), calendar=calendar) for instant in skipped if instant < found
    )


@given(after=instants | shifts, zone=zones, slot=slots)
def test_local_hours_are_kept(after: datetime, zone: ZoneInfo, slot: Slot) -> None:
    wall = next_allowed(after, Preferences(zone, slot), calendar=Calendar()).astimezone(zone)
    assert time(9) <= wall.time() < time(20, 30)
    assert wall.weekday() != 6 or wall.time() >= time(12)


@st.composite
def points(draw: st.DrawFn, name: str) -> Point:
    after = draw(st.integers(1, 45))
    delays = [Delay(hours=draw(st.integers(1, 72))) for _ in range(draw(st.integers(0, 3)))]
    if sum((delay.length for delay in delays), timedelta()) >= timedelta(days=after):
        delays = []
    return Point(
        name=name,
        offset=Offset(days=draw(st.integers(0, 40)), months=draw(st.integers(0, 24))),
        window=Window(before=draw(st.integers(0, 14)), after=after),
        instruments=("seguimiento",),
        reminders=tuple(delays),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 4))
    return Plan(name="p", points=tuple(draw(points(f"p{n}")) for n in range(count)))


preferences = st.builds(Preferences, zones, slots)


@given(plan=plans(), anchor=st.none() | dates, enrolled=dates, her=preferences)
def test_every_expected_row_waits_or_is_open_with_a_deadline_or_has_one_fate(
    plan: Plan, anchor: date | None, enrolled: date, her: Preferences
) -> None:
    rows = expected(plan, anchor, enrolled_on=enrolled, preferences=her)
    assert [row.point for row in rows] == [point.name for point in plan.points]
    for row in rows:
        match row.state:
            case CheckinState.WAITING_FOR_DATE:
                assert anchor is None
                assert (row.due_on, row.opens_at, row.closes_at, row.fate) == (None, None, None, None)
            case CheckinState.EXPECTED:
                assert row.fate is None
                assert row.opens_at is not None
                assert row.closes_at is not None
                assert row.opens_at < row.closes_at
                assert row.opens_at.astimezone(her.zone).date() > enrolled
                assert may_send(row.opens_at, her, calendar=plan.calendar)
            case _:
                assert (row.state, row.fate) == (CheckinState.CLOSED, Fate.NOT_DUE)
                assert row.reason is not None


facts = st.builds(Facts, st.sampled_from(Reach), st.booleans(), preferences)
# What happens between two looks at the row: how late we look, whether she starts, and what is true by then.
moments = st.tuples(
    st.one_of(st.just(timedelta(0)), st.timedeltas(timedelta(0), timedelta(days=9))), st.integers(0, 5), facts
)


def after_hearing(row: LedgerRow, now: datetime, chance: int) -> LedgerRow:
    if row.state is CheckinState.INVITED and chance == 0:
        return replace(row, state=CheckinState.STARTED, last_heard_at=now)
    return replace(row, last_heard_at=now) if chance == 1 else row


@given(plan=plans(), anchor=dates, her=preferences, life=st.lists(moments, max_size=25), ready=st.booleans())
@settings(max_examples=200, deadline=None)
def test_every_sequence_of_decisions_ends_in_one_close(
    plan: Plan, anchor: date, her: Preferences, life: list[tuple[timedelta, int, Facts]], ready: bool
) -> None:
    for due in expected(plan, anchor, enrolled_on=anchor, preferences=her):
        if due.opens_at is None or due.closes_at is None or due.state is not CheckinState.EXPECTED:
            continue
        row = LedgerRow(due.point, CheckinState.EXPECTED, due.opens_at, due.closes_at)
        live_through(row, plan, life, Facts(Reach.REACHABLE if ready else Reach.NO_CHAT, False, her))


def live_through(row: LedgerRow, plan: Plan, life: list[tuple[timedelta, int, Facts]], otherwise: Facts) -> None:
    """Look at the row whenever it asks to be looked at, or later, until it closes."""
    now = row.opens_at - timedelta(days=1)
    moments = iter(life)
    opened = reminded = 0
    delays = next(point.reminders for point in plan.points if point.name == row.point)
    for _ in range(500):
        lateness, chance, now_true = next(moments, (timedelta(0), 5, otherwise))
        now += lateness
        row = after_hearing(row, now, chance)
        decision = decide(row, now_true, now=now, plan=plan)
        if isinstance(decision, Open | Remind):
            her = now_true.preferences
            assert may_send(now, her, calendar=plan.calendar)
            assert row.opens_at <= now < row.closes_at
            assert now_true.reach is Reach.REACHABLE
            assert not now_true.in_other_sitting
        match decision:
            case Open():
                opened += 1
                row = replace(row, state=CheckinState.INVITED, invited_at=now)
            case Remind(number):
                reminded += 1
                assert row.state is not CheckinState.EXPECTED
                assert row.last_heard_at is None or now >= row.last_heard_at + delays[number - 1].length
                assert number == reminded
                row = replace(row, reminders_sent=number, reminded_at=now)
            case Postpone(until) | Nothing(until):
                assert now < until <= row.closes_at
                now = until
            case Close(fate, _):
                assert now >= row.closes_at
                assert opened <= 1
                assert reminded <= len(delays)
                assert (fate is Fate.PARTIAL) == (row.state is CheckinState.STARTED)
                assert opened == 1 or fate in (Fate.MISSED_BY_US, Fate.UNREACHABLE)
                return
    raise AssertionError("the row never closed")
