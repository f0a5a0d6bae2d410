"""A day and an hour to come, as staff write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.reading.moments import Moment, Unset, read_moment

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday."""

READ = {
    "mañana a las 10": (date(2026, 3, 3), 10),
    "el lunes a las 4": (date(2026, 3, 2), 16),
    "lunes 9 am": (date(2026, 3, 9), 9),
    "el próximo lunes a las 10": (date(2026, 3, 9), 10),
    "15 de diciembre 9am": (date(2026, 12, 15), 9),
    "hoy a las 18:00": (date(2026, 3, 2), 18),
    "a las 9": (date(2026, 3, 3), 9),
    "10:00": (date(2026, 3, 3), 10),
    "a las 4 de la tarde": (date(2026, 3, 2), 16),
    "pasado mañana a mediodía": (date(2026, 3, 4), 12),
    "jueves a las diez de la mañana": (date(2026, 3, 5), 10),
    "el 5 de marzo a las 17 hrs": (date(2026, 3, 5), 17),
    "viernes 6 de marzo, 11:00": (date(2026, 3, 6), 11),
    "hoy 11 de la mañana": (date(2026, 3, 2), 11),
    "domingo a la una": (date(2026, 3, 8), 13),
    "jueves 8 pm": (date(2026, 3, 5), 20),
}

UNSET = {
    "hoy a las 9": Unset.PAST,
    "ayer a las 3": Unset.PAST,
    "mañana": Unset.NO_HOUR,
    "mañana a las 10:30": Unset.NOT_FULL,
    "quién sabe": Unset.UNREADABLE,
    "a las 25": Unset.UNREADABLE,
}


@pytest.mark.parametrize("text", READ)
def test_a_day_and_an_hour_are_read_as_the_next_such(text: str) -> None:
    assert read_moment(text, now=NOW) == Moment(*READ[text])


@pytest.mark.parametrize("text", UNSET)
def test_what_is_missing_is_told_apart(text: str) -> None:
    assert read_moment(text, now=NOW) is UNSET[text]


@pytest.mark.parametrize("text", ["ahora", "Ahorita", "ya", "de una vez"])
def test_at_once_is_no_moment(text: str) -> None:
    assert read_moment(text, now=NOW) is None


@given(st.text(max_size=90))
def test_whatever_is_written_never_raises_and_never_names_the_past(text: str) -> None:
    found = read_moment(text, now=NOW)
    assert not isinstance(found, Moment) or (found.day, found.hour) > (NOW.date(), NOW.hour)
