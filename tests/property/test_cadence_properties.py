"""For any calendar, zone and life: hours and wishes are kept, every row ends once, and the forecast comes true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.cadence import (
    CallFor,
    Close,
    Facts,
    LedgerRow,
    Nothing,
    Open,
    Postpone,
    Remind,
    Rival,
    after,
    decide,
)
from scheduler.calendar import Calendar, Hours, Preferences, Slot, day_start, may_send, next_allowed, slot_on
from scheduler.outlook import forecast
from scheduler.plan import Delay, Offset, Overlap, Plan, Point, Window
from storage.circumstances import Reach, Rest
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


@given(moment=instants | shifts, zone=zones, slot=slots, calendar=calendars())
@settings(max_examples=400)
def test_the_next_allowed_instant_is_allowed_later_or_equal_and_its_own_next(
    moment: datetime, zone: ZoneInfo, slot: Slot, calendar: Calendar
) -> None:
    found = next_allowed(moment, Preferences(zone, slot), calendar=calendar)
    assert found >= moment
    assert may_send(found, Preferences(zone, slot), calendar=calendar)
    assert next_allowed(found, Preferences(zone, slot), calendar=calendar) == found
    assert (found == moment) == may_send(moment, Preferences(zone, slot), calendar=calendar)


@given(moment=instants | shifts, zone=zones, slot=slots)
def test_no_allowed_instant_is_passed_over(moment: datetime, zone: ZoneInfo, slot: Slot) -> None:
    calendar = Calendar()
    found = next_allowed(moment, Preferences(zone, slot), calendar=calendar)
    steps = range(0, int((found - moment) / timedelta(minutes=15)))
    skipped = [moment + timedelta(minutes=15 * step) for step in steps]
    assert not any(
        may_send(instant, Preferences(zone, slot), calendar=calendar) for instant in skipped if instant < found
    )


@given(moment=instants | shifts, zone=zones, slot=slots)
def test_local_hours_are_kept(moment: datetime, zone: ZoneInfo, slot: Slot) -> None:
    wall = next_allowed(moment, Preferences(zone, slot), calendar=Calendar()).astimezone(zone)
    assert time(9) <= wall.time() < time(20, 30)
    assert wall.weekday() != 6 or wall.time() >= time(12)


@given(moment=instants | shifts, zone=zones, slot=slots, third=st.integers(0, 2))
def test_a_third_of_her_hours_is_part_of_them(moment: datetime, zone: ZoneInfo, slot: Slot, third: int) -> None:
    her, calendar = Preferences(zone, slot), Calendar()
    found = next_allowed(moment, her, calendar=calendar, third=third)
    assert found >= moment
    assert may_send(found, her, calendar=calendar)
    assert [may_send(found, her, calendar=calendar, third=n) for n in range(3)] == [n == third for n in range(3)]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    days = draw(st.integers(1, 45))
    delays = [Delay(hours=draw(st.integers(1, 96))) for _ in range(draw(st.integers(0, 3)))]
    call_after = draw(st.none() | st.builds(Delay, hours=st.integers(1, 96)))
    if sum((delay.length for delay in delays), timedelta(days=5)) >= timedelta(days=days):
        delays, call_after = [], None
    point = Point(
        name="m1",
        offset=Offset(months=1),
        window=Window(after=days),
        instruments=("seguimiento",),
        reminders=tuple(delays),
        call_after=call_after,
    )
    return Plan(
        name="p", points=(point,), overlap=draw(st.sampled_from(Overlap)), merge_within=draw(st.integers(1, 30))
    )


preferences = st.builds(Preferences, zones, slots, st.just(frozenset()) | st.just(frozenset({2, 4, 5})))


@st.composite
def rows(draw: st.DrawFn, plan: Plan, her: Preferences) -> LedgerRow:
    due_on = draw(dates)
    closes_at = day_start(due_on + timedelta(days=plan.points[0].window.after + 1), her.zone)
    opens_at = min(slot_on(due_on, her, calendar=plan.calendar), closes_at - timedelta(hours=1))
    return LedgerRow("m1", CheckinState.EXPECTED, opens_at, closes_at, instrument="seguimiento", due_on=due_on)


@st.composite
def truths(draw: st.DrawFn, row: LedgerRow, her: Preferences) -> Facts:
    """What may be true around a check-in's window."""

    def near() -> datetime:
        return row.opens_at + draw(st.timedeltas(timedelta(days=-9), row.closes_at - row.opens_at + timedelta(days=9)))

    rests = st.none() | st.builds(Rest, st.just(near()), st.sampled_from([None, near(), near()]))
    rival = Rival(draw(st.sampled_from(["seguimiento", "llegada"])), row.due_on or date.min, near())
    return Facts(
        reach=draw(st.sampled_from([Reach.REACHABLE] * 5 + list(Reach))),
        in_other_sitting=draw(st.integers(0, 5)) == 0,
        preferences=her,
        reach_since=draw(st.none() | st.just(near())),
        rest=draw(rests),
        rivals=draw(st.sampled_from([(), (), (rival,)])),
        reminders=draw(st.integers(0, 4)) > 0,
    )


lateness = st.one_of(st.just(timedelta(0)), st.timedeltas(timedelta(0), timedelta(days=9)))


def after_hearing(row: LedgerRow, now: datetime, chance: int) -> LedgerRow:
    match row.state, chance:
        case CheckinState.INVITED, 0:
            return replace(row, state=CheckinState.STARTED, last_heard_at=now)
        case CheckinState.STARTED, 1:
            return replace(row, last_heard_at=now, resting_until=now + timedelta(hours=20))
        case _, 2:
            return replace(row, last_heard_at=now)
    return row


def assert_may_leave(row: LedgerRow, facts: Facts, plan: Plan, now: datetime) -> None:
    assert may_send(now, facts.preferences, calendar=plan.calendar)
    assert row.opens_at <= now < row.closes_at
    assert facts.reach is Reach.REACHABLE
    assert not facts.in_other_sitting
    assert not [rival for rival in facts.rivals if now < rival.closes_at]
    assert facts.rest is None or not facts.rest.covers(now)


def assert_is_time(row: LedgerRow, number: int, facts: Facts, *, plan: Plan, now: datetime) -> None:
    """Reminders come in turn, in their third, to whoever wants them; or when she asked for it."""
    assert row.state is not CheckinState.EXPECTED
    assert number == row.reminders_sent + 1
    if row.resting_until is not None:
        assert now >= row.resting_until
        return
    assert facts.reminders
    assert may_send(now, facts.preferences, calendar=plan.calendar, third=number % 3)
    delay = plan.points[0].reminders[number - 1].length
    words = [moment for moment in (row.invited_at, row.reminded_at, row.last_heard_at) if moment is not None]
    assert now >= max(words) + delay / 2


@given(data=st.data(), plan=plans(), her=preferences)
@settings(max_examples=300, deadline=None)
def test_every_life_of_a_row_ends_in_one_close(data: st.DataObject, plan: Plan, her: Preferences) -> None:
    row = data.draw(rows(plan, her))
    otherwise = data.draw(truths(row, her))
    life = iter(data.draw(st.lists(st.tuples(lateness, st.integers(0, 5), truths(row, her)), max_size=20)))
    now, opened, called = row.opens_at - timedelta(days=1), 0, set()
    for _ in range(500):
        late, chance, facts = next(life, (timedelta(0), 5, otherwise))
        now += late
        row = after_hearing(row, now, chance)
        decision = decide(row, facts, now=now, plan=plan)
        match decision:
            case Postpone(until) | Nothing(until):
                assert now < until <= row.closes_at
                now = until
                continue
            case Close():
                assert_ends_rightly(row, decision, facts, now=now)
                return
            case Open():
                assert_may_leave(row, facts, plan, now)
                opened += 1
            case Remind(number):
                assert_may_leave(row, facts, plan, now)
                assert_is_time(row, number, facts, plan=plan, now=now)
            case CallFor(reason):
                assert facts.reach not in (Reach.STOPPED, Reach.WITHDRAWN, Reach.DEAD)
                assert facts.rest is None or not facts.rest.covers(now)
                assert now < row.closes_at
                began = (reason, row.reminded_at or row.invited_at, row.last_heard_at, facts.reach_since)
                assert began not in called, "a call for what staff were asked to call for already"
                called.add(began)
        assert opened <= 1
        row = after(row, decision, at=now)
    raise AssertionError("the row never closed")


def assert_ends_rightly(row: LedgerRow, end: Close, facts: Facts, *, now: datetime) -> None:
    if now < row.closes_at:  # only death and another check-in end one before its time
        assert end.fate is Fate.NOT_DUE
        assert facts.reach is Reach.DEAD or facts.rivals
        return
    began_later = facts.reach_since is not None and facts.reach_since >= row.closes_at
    match end.fate:
        case Fate.PARTIAL:
            assert row.state is CheckinState.STARTED
        case Fate.REFUSED:
            assert facts.reach in (Reach.STOPPED, Reach.WITHDRAWN)
            assert not began_later
        case Fate.PAUSED:
            assert facts.rest is not None
            assert facts.rest.since < row.closes_at
        case Fate.MISSED_BY_US:
            assert row.state is CheckinState.EXPECTED
            assert facts.reach is Reach.REACHABLE or began_later
        case _:
            assert end.fate is Fate.UNREACHABLE or facts.reach is Reach.DEAD


@given(data=st.data(), plan=plans(), her=preferences, seen=st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_what_is_foretold_first_is_what_will_be_decided(
    data: st.DataObject, plan: Plan, her: Preferences, seen: int
) -> None:
    row = data.draw(rows(plan, her))
    facts = data.draw(truths(row, her))
    now = row.opens_at - timedelta(days=1)
    told = forecast(row, facts, now=now, plan=plan, until=row.closes_at + timedelta(days=1))
    assert told
    assert isinstance(told[-1].what, Close)
    for one in told[:seen]:
        while now < one.at:  # each look on the way finds nothing to do yet
            look = decide(row, facts, now=now, plan=plan)
            assert isinstance(look, Nothing | Postpone)
            now = look.until
        decision = decide(row, facts, now=one.at, plan=plan)
        assert decision == one.what
        assert forecast(row, facts, now=one.at, plan=plan, until=one.at + timedelta(seconds=1))[0] == one
        if isinstance(decision, Open | Remind | CallFor):
            row = after(row, decision, at=one.at)
