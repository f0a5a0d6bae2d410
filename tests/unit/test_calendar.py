"""Her hour: closed days of any year, quiet hours, slots, both clock shifts, and the zone of her state."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from pydantic import ValidationError

from scheduler.calendar import REST_DAYS, Calendar, DayRule, Hours, Preferences, Slot, day_start, may_send, next_allowed
from scheduler.zones import zone_for

MEXICO = Calendar()
CITY = ZoneInfo("America/Mexico_City")
TIJUANA = ZoneInfo("America/Tijuana")
JUAREZ = ZoneInfo("America/Ciudad_Juarez")
MATAMOROS = ZoneInfo("America/Matamoros")
WEDNESDAY, SUNDAY = (2026, 7, 15), (2026, 7, 19)


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc, arg-type]


def allowed(local: datetime, slot: Slot = Slot.ANY, calendar: Calendar = MEXICO) -> bool:
    assert isinstance(local.tzinfo, ZoneInfo)
    return may_send(local.astimezone(UTC), Preferences(local.tzinfo, slot), calendar=calendar)


def following(local: datetime, slot: Slot = Slot.ANY, calendar: Calendar = MEXICO) -> datetime:
    assert isinstance(local.tzinfo, ZoneInfo)
    found = next_allowed(local.astimezone(UTC), Preferences(local.tzinfo, slot), calendar=calendar)
    assert found.tzinfo is UTC
    return found.astimezone(local.tzinfo)


def rest_days(year: int) -> set[date]:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return {day for day in days if day.year == year and any(rule.falls_on(day) for rule in REST_DAYS)}


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2024, {(1, 1), (2, 5), (3, 18), (5, 1), (9, 16), (10, 1), (11, 18), (12, 25)}),
        (2026, {(1, 1), (2, 2), (3, 16), (5, 1), (9, 16), (11, 16), (12, 25)}),
        (2027, {(1, 1), (2, 1), (3, 15), (5, 1), (9, 16), (11, 15), (12, 25)}),
        (2030, {(1, 1), (2, 4), (3, 18), (5, 1), (9, 16), (10, 1), (11, 18), (12, 25)}),
    ],
)
def test_rest_days_of_the_labour_law(year: int, expected: set[tuple[int, int]]) -> None:
    assert rest_days(year) == {date(year, month, day) for month, day in expected}


@pytest.mark.parametrize("year", range(2022, 2036))
def test_rest_days_are_those_that_others_compute(year: int) -> None:
    """They differ nowhere: election days, the one rest day without a rule, are in neither."""
    assert rest_days(year) == set(country_holidays("MX", years=year))


@pytest.mark.parametrize(
    ("hour", "minute", "may"), [(8, 59, False), (9, 0, True), (20, 29, True), (20, 30, False), (0, 0, False)]
)
def test_quiet_hours(hour: int, minute: int, may: bool) -> None:
    assert allowed(at(CITY, *WEDNESDAY, hour, minute)) is may


@pytest.mark.parametrize(
    ("slot", "first", "last", "after"),
    [
        (Slot.MORNING, time(9), time(11, 59), time(12)),
        (Slot.AFTERNOON, time(12), time(16, 59), time(17)),
        (Slot.EVENING, time(17), time(20, 29), time(20, 30)),
    ],
)
def test_slots(slot: Slot, first: time, last: time, after: time) -> None:
    day = date(*WEDNESDAY)
    told = [allowed(datetime.combine(day, clock, CITY), slot) for clock in (first, last, after)]
    assert told == [True, True, False]


@pytest.mark.parametrize(
    ("hours", "starts"),
    [
        (Hours(time(9), time(12)), [time(9), time(10), time(11)]),
        (Hours(time(12), time(17)), [time(12), time(13, 40), time(15, 20)]),
        (Hours(time(9), time(20, 30)), [time(9), time(12, 50), time(16, 40)]),
    ],
)
def test_hours_have_thirds(hours: Hours, starts: list[time]) -> None:
    thirds = [hours.third(number) for number in range(3)]
    assert [third.opens for third in thirds] == starts
    assert [third.closes for third in thirds] == [*starts[1:], hours.closes]


def test_a_third_follows_the_hours_of_its_day() -> None:
    her = Preferences(CITY, Slot.ANY)
    sunday = next_allowed(at(CITY, *SUNDAY, 0), her, calendar=MEXICO, third=1)
    assert sunday == at(CITY, *SUNDAY, 14, 50)  # from noon to half past eight
    assert not may_send(at(CITY, *SUNDAY, 14, 49), her, calendar=MEXICO, third=1)


def test_only_her_days_count() -> None:
    weekend = Preferences(CITY, Slot.MORNING, frozenset({5, 6}))
    assert not may_send(at(CITY, *WEDNESDAY, 10), weekend, calendar=MEXICO)
    assert next_allowed(at(CITY, *WEDNESDAY, 10), weekend, calendar=MEXICO) == at(CITY, 2026, 7, 18, 9)


def test_sunday_mornings_are_hers() -> None:
    assert not allowed(at(CITY, *SUNDAY, 11, 59))
    assert allowed(at(CITY, *SUNDAY, 12))
    assert following(at(CITY, *SUNDAY, 7), Slot.MORNING) == at(CITY, 2026, 7, 20, 9)


def test_chosen_slot_wins_over_quiet_hours_but_not_beyond_eight_to_nine() -> None:
    late = Calendar(noche=Hours(time(18), time(23)), manana=Hours(time(5), time(10)))
    assert allowed(at(CITY, *WEDNESDAY, 20, 45), Slot.EVENING, late)
    assert not allowed(at(CITY, *WEDNESDAY, 20, 45), Slot.ANY, late)
    assert not allowed(at(CITY, *WEDNESDAY, 21), Slot.EVENING, late)
    assert allowed(at(CITY, *WEDNESDAY, 8), Slot.MORNING, late)
    assert not allowed(at(CITY, *WEDNESDAY, 7, 59), Slot.MORNING, late)


@pytest.mark.parametrize("day", [(2026, 5, 10), (2026, 11, 2), (2026, 9, 16), (2026, 12, 25), (2030, 10, 1)])
def test_closed_days_have_no_hour(day: tuple[int, int, int]) -> None:
    assert not any(allowed(at(CITY, *day, hour), slot) for hour in range(24) for slot in Slot)


@pytest.mark.parametrize("day", [24, 31])
def test_family_evenings_close_at_five(day: int) -> None:
    assert allowed(at(CITY, 2026, 12, day, 16, 59))
    assert not allowed(at(CITY, 2026, 12, day, 17))


def test_days_that_close_one_after_the_other_are_all_skipped() -> None:
    assert following(at(CITY, 2026, 12, 24, 17), Slot.EVENING) == at(CITY, 2026, 12, 26, 17)
    # 2 November is closed and 1 November a Sunday: Saturday's end leads to Tuesday.
    assert following(at(CITY, 2026, 10, 31, 12), Slot.MORNING) == at(CITY, 2026, 11, 3, 9)


def test_an_allowed_instant_is_its_own_answer() -> None:
    now = at(CITY, *WEDNESDAY, 10, 17)
    assert following(now) == now


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        (TIJUANA, 17, 16),
        (JUAREZ, 16, 15),
        (MATAMOROS, 15, 14),
        (CITY, 15, 15),
        (ZoneInfo("America/Hermosillo"), 16, 16),
        (ZoneInfo("America/Cancun"), 14, 14),
    ],
)
def test_nine_in_the_morning_follows_the_clock_of_the_place(zone: ZoneInfo, before: int, after: int) -> None:
    # The northern border set its clocks forward on Sunday 8 March 2026; the rest of the country no longer does.
    saturday, monday = at(zone, 2026, 3, 7, 6), at(zone, 2026, 3, 9, 6)
    assert following(saturday).astimezone(UTC) == datetime(2026, 3, 7, before, tzinfo=UTC)
    assert following(monday).astimezone(UTC) == datetime(2026, 3, 9, after, tzinfo=UTC)


def test_clocks_go_back_in_tijuana() -> None:
    # Sunday 1 November 2026, 02:00 → 01:00; the day has 25 hours and its noon is an hour later in UTC.
    assert following(at(TIJUANA, 2026, 11, 1, 0)).astimezone(UTC) == datetime(2026, 11, 1, 20, tzinfo=UTC)
    assert following(at(TIJUANA, 2026, 10, 31, 0)).astimezone(UTC) == datetime(2026, 10, 31, 16, tzinfo=UTC)


def test_the_rule_of_2022_holds_from_its_day_on() -> None:
    last_summer, first_year_round = at(CITY, 2022, 7, 13, 0), at(CITY, 2023, 7, 12, 0)
    assert following(last_summer).astimezone(UTC).hour == 14
    assert following(first_year_round).astimezone(UTC).hour == 15


NIGHT = Calendar(quiet_until=time(2, 30), quiet_from=time(3, 30), sunday_from=time.min)


def test_an_opening_hour_that_the_clock_skips() -> None:
    # 8 March 2026, Tijuana: 02:00 → 03:00, so 02:30 never comes.
    opening = following(at(TIJUANA, 2026, 3, 8, 0), Slot.ANY, NIGHT)
    assert (opening.date(), opening.time()) == (date(2026, 3, 9), time(2, 30))
    wider = NIGHT.model_copy(update={"quiet_from": time(4)})
    opening = following(at(TIJUANA, 2026, 3, 8, 0), Slot.ANY, wider)
    assert (opening.date(), opening.time()) == (date(2026, 3, 8), time(3, 30))


def test_an_opening_hour_that_the_clock_repeats() -> None:
    # 1 November 2026, Tijuana: 01:30 comes twice, and 01:15 in between is closed again.
    night = Calendar(quiet_until=time(1, 30), quiet_from=time(4), sunday_from=time.min)
    first = following(at(TIJUANA, 2026, 11, 1, 0), Slot.ANY, night).astimezone(UTC)
    between = first + timedelta(minutes=45)
    assert first == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert not may_send(between, Preferences(TIJUANA, Slot.ANY), calendar=night)
    second = next_allowed(between, Preferences(TIJUANA, Slot.ANY), calendar=night)
    assert second == datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


def test_a_day_whose_midnight_is_skipped_still_starts() -> None:
    # Havana, 8 March 2026: 00:00 → 01:00.
    start = day_start(date(2026, 3, 8), ZoneInfo("America/Havana"))
    assert start == datetime(2026, 3, 8, 5, tzinfo=UTC)


def test_naive_instants_are_refused() -> None:
    naive = datetime(2026, 7, 15, 10)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        may_send(naive, Preferences(CITY, Slot.ANY), calendar=MEXICO)
    with pytest.raises(ValueError, match="zone"):
        next_allowed(naive, Preferences(CITY, Slot.ANY), calendar=MEXICO)


def test_a_calendar_without_an_open_day_is_told_not_searched_for_ever() -> None:
    shut = Calendar(other_days=tuple(DayRule(name="x", month=m, day=d) for m in range(1, 13) for d in range(1, 32)))
    with pytest.raises(ValueError, match="never opens"):
        following(at(CITY, *WEDNESDAY, 10), Slot.ANY, shut)


def test_a_slot_without_hours_is_refused() -> None:
    with pytest.raises(ValidationError, match="noche"):
        Calendar(noche=Hours(time(21), time(23)))
    with pytest.raises(ValidationError, match="cualquiera"):
        Calendar(quiet_until=time(21))


def test_added_days_close_once() -> None:
    election = Calendar(other_days=(DayRule(name="Elección", year=2027, month=6, day=6),))
    assert not allowed(at(CITY, 2027, 6, 6, 13), Slot.ANY, election)
    assert allowed(at(CITY, 2032, 6, 6, 13), Slot.ANY, election)


@pytest.mark.parametrize(
    ("state", "municipality", "zone"),
    [
        ("Ciudad de México", None, "America/Mexico_City"),
        ("CDMX", "Iztapalapa", "America/Mexico_City"),
        ("  edo. de MÉXICO ", "Ecatepec", "America/Mexico_City"),
        ("Edomex", "", "America/Mexico_City"),
        ("Baja California", "Tijuana", "America/Tijuana"),
        ("B.C.", "San Felipe", "America/Tijuana"),
        ("B.C.S.", "La Paz", "America/Mazatlan"),
        ("Quintana Roo", "Benito Juárez", "America/Cancun"),
        ("Q. Roo", None, "America/Cancun"),
        ("Sonora", "Nogales", "America/Hermosillo"),
        ("Chihuahua", "Chihuahua", "America/Chihuahua"),
        ("chih", "Cd. Juárez", "America/Ciudad_Juarez"),
        ("Chihuahua", "juarez", "America/Ciudad_Juarez"),
        ("Chihuahua", "Práxedis G. Guerrero", "America/Ciudad_Juarez"),
        ("Chihuahua", "Coyame del Sotol", "America/Ojinaga"),
        ("Coahuila de Zaragoza", "Ciudad Acuña", "America/Matamoros"),
        ("Coahuila", "Matamoros", "America/Monterrey"),  # its namesake lies far from the border
        ("Tamaulipas", "H. Matamoros", "America/Matamoros"),
        ("Tamps.", "Nueva Ciudad Guerrero", "America/Matamoros"),
        ("Tamaulipas", "Ciudad Victoria", "America/Monterrey"),
        ("Nuevo León", "Anáhuac", "America/Matamoros"),
        ("NUEVO LEON", "Monterrey", "America/Monterrey"),
        ("Nayarit", "Bahía de Banderas", "America/Bahia_Banderas"),
        ("Nayarit", "Tepic", "America/Mazatlan"),
        ("Yucatán", "Mérida", "America/Merida"),
        ("Texas", "Laredo", None),
        ("", None, None),
    ],
)
def test_zone_of_a_place(state: str, municipality: str | None, zone: str | None) -> None:
    assert zone_for(state, municipality) == zone


ISO_STATES = (
    "AGU BCN BCS CAM CHP CHH CMX COA COL DUR GUA GRO HID JAL MEX MIC MOR NAY NLE OAX PUE QUE ROO SLP SIN SON TAB TAM "
    "TLA VER YUC ZAC"
)


def test_every_state_has_a_zone_that_exists() -> None:
    zones = [zone_for(code) for code in ISO_STATES.split()]
    assert len(zones) == 32
    assert all(zone is not None and ZoneInfo(zone) for zone in zones)
