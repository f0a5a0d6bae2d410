"""When to call again, what a caller says, and that the command line knows every code that the store keeps."""

from datetime import UTC, date, datetime, time, timedelta
from string import Formatter
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import commands_calls
from locales.catalog import ENGLISH, SPANISH, load_catalog
from locales.previews import giveaways
from scheduler.calendar import Calendar, Preferences, Slot, may_send
from scheduler.calling import try_again
from storage import calls, contacts, stops

MEXICO, TIJUANA = ZoneInfo("America/Mexico_City"), ZoneInfo("America/Tijuana")
CALENDAR = Calendar()
SUNDAY = frozenset({6})
SCRIPTS = ("staff.call.her", "staff.call.contact")
NAMES = {"called": "Rosa", "caller": "Lucía", "name": "Ana Ejemplo"}


def at(clock: str, zone: ZoneInfo = MEXICO) -> datetime:
    """A Wednesday in March at that hour of hers."""
    return datetime.combine(date(2026, 3, 4), time.fromisoformat(clock), zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("slot", "tried", "again"),
    [
        (Slot.ANY, "09:30", "12:50"),
        (Slot.ANY, "13:00", "16:40"),
        (Slot.ANY, "18:00", "09:00"),
        (Slot.ANY, "07:00", "12:50"),  # before her hours, as in their first third
        (Slot.ANY, "22:00", "09:00"),
        (Slot.MORNING, "09:10", "10:00"),
        (Slot.MORNING, "11:30", "09:00"),
    ],
)
def test_whoever_was_not_reached_is_tried_the_day_after_at_another_hour(slot: Slot, tried: str, again: str) -> None:
    found = try_again(at(tried), Preferences(MEXICO, slot), calendar=CALENDAR).astimezone(MEXICO)
    assert (found.date(), f"{found:%H:%M}") == (date(2026, 3, 5), again)


def test_her_own_days_and_the_day_that_she_names_are_kept() -> None:
    weekend = Preferences(MEXICO, Slot.ANY, frozenset({5, 6}))
    assert try_again(at("10:00"), weekend, calendar=CALENDAR).astimezone(MEXICO).date() == date(2026, 3, 7)
    named = try_again(at("10:00"), Preferences(TIJUANA, Slot.EVENING), calendar=CALENDAR, on=date(2026, 3, 9))
    assert named.astimezone(TIJUANA) == datetime(2026, 3, 9, 17, tzinfo=TIJUANA)


@given(
    hours=st.integers(0, 2 * 365 * 24),
    zone=st.sampled_from((MEXICO, TIJUANA)),
    slot=st.sampled_from(Slot),
    days=st.frozensets(st.integers(0, 6)),
)
def test_the_next_try_is_on_a_later_day_within_her_hours(
    hours: int, zone: ZoneInfo, slot: Slot, days: frozenset[int]
) -> None:
    her, now = Preferences(zone, slot, days), at("09:30") + timedelta(hours=hours)
    found = try_again(now, her, calendar=CALENDAR)
    assert found.astimezone(zone).date() > now.astimezone(zone).date()
    assert found - now < timedelta(days=60)
    opens = days != SUNDAY or slot is not Slot.MORNING
    assert may_send(found, her if opens else Preferences(zone), calendar=CALENDAR)


@pytest.mark.parametrize("language", [SPANISH, ENGLISH])
@pytest.mark.parametrize("key", SCRIPTS)
def test_what_a_caller_says_gives_nothing_away(key: str, language: str) -> None:
    text = load_catalog().text(key, language, **NAMES)
    assert len(text.splitlines()) > 8
    assert giveaways(text) == []
    fields = {name for _, name, _, _ in Formatter().parse(load_catalog().text(key, language, **_as_they_are())) if name}
    assert fields <= set(NAMES)


def _as_they_are() -> dict[str, str]:
    return {name: f"{{{name}}}" for name in NAMES}


def test_words_that_give_away_would_be_seen() -> None:
    assert giveaways("— Le llamo del programa, por lo de su salida de prisión.") == ["programa", "prision"]


def test_the_command_line_knows_every_code() -> None:
    assert get_args(commands_calls.Disposition) == tuple(calls.Disposition)
    assert get_args(commands_calls.Channel) == tuple(calls.Channel)
    assert get_args(commands_calls.Relation) == tuple(contacts.Relation)
    assert get_args(commands_calls.Way) == stops.BY_STAFF


def test_every_disposition_has_its_meaning() -> None:
    assert list(calls.MEANINGS) == list(calls.Disposition)
    assert all(meaning.gloss and meaning.aapor[0] in "1234" for meaning in calls.MEANINGS.values())
