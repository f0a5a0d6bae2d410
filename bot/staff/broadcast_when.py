"""When a broadcast goes: at once, or on a day at an hour of each woman's own zone, and again every so many weeks.

* What is typed is read in plain Spanish and shown as it was read before anything is sent.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from bot.staff.broadcast_whom import BACK
from bot.staff.room import Act, View, button
from bot.staff.wording import in_words
from conversations.reading.moments import Moment, Unset, read_moment
from conversations.speech import Phrase
from locales.catalog import SPANISH, weekday
from storage.broadcasts import When
from storage.composing import Change, Goes, Repeats

HOURS = (9, 12, 17)
"""Those that are offered as buttons, today as long as they are to come, and tomorrow."""

WEEKS = (1, 2, 4)
"""How often it can go again by a button; 0 is once."""

LONGEST_AHEAD = timedelta(days=366)

_YEAR = re.compile(r"\b[2-9]\d{3}\b")

DAY_KEYS = ("staff.broadcast_today_button", "staff.broadcast_tomorrow_button")

UNSET_KEYS = (
    "staff.broadcast_when_unreadable",
    "staff.broadcast_when_past",
    "staff.broadcast_when_no_hour",
    "staff.broadcast_when_not_full",
)
_BY_UNSET = dict(zip(Unset, UNSET_KEYS, strict=True))


def change_in(act: Act, now: datetime) -> Change | None:
    """The moment on a button that she taps, if it is still to come by the office's wall."""
    match act.verb, act.about.split("."):
        case "at", ["now"]:
            return Goes(When())
        case "at", [day, hour] if day.isdecimal() and hour.isdecimal():
            moment = _moment(int(day), int(hour), now=now)
            return None if moment is None else Goes(When(moment.day, moment.hour))
        case "weeks", [weeks] if weeks.isdecimal() and int(weeks) in (0, *WEEKS):
            return Repeats(int(weeks) or None)
        case _:
            return None


def _moment(day: int, hour: int, *, now: datetime) -> Moment | None:
    if not date.min.toordinal() <= day <= date.max.toordinal() or hour > 23:
        return None
    on = date.fromordinal(day)
    return Moment(on, hour) if (on, hour) > (now.date(), now.hour) else None


def read(words: str, now: datetime) -> When | Phrase:
    """What she wrote, or what to write instead."""
    found = read_moment(words, now=now)
    if found is None:
        return When()
    if found is Unset.UNREADABLE and any(int(year) > now.year + 1 for year in _YEAR.findall(words)):
        return Phrase("staff.broadcast_when_far")
    if isinstance(found, Unset):
        return Phrase(_BY_UNSET[found])
    if found.day - now.date() > LONGEST_AHEAD:
        return Phrase("staff.broadcast_when_far")
    return When(found.day, found.hour)


def moments(when: When, now: datetime) -> View:
    """What can be chosen by a button; anything else is typed."""
    days = zip((now.date(), now.date() + timedelta(days=1)), DAY_KEYS, strict=True)
    rows = [
        tuple(
            button(f"broadcast.at.{day.toordinal()}.{hour}", key, hour=hour)
            for hour in HOURS
            if (day, hour) > (now.date(), now.hour)
        )
        for day, key in days
    ]
    again = tuple(button(f"broadcast.weeks.{weeks}", "staff.broadcast_weeks_button", count=weeks) for weeks in WEEKS)
    once = button("broadcast.weeks.0", "staff.broadcast_once_button")
    now_row = (button("broadcast.at.now", "staff.broadcast_now_button"),)
    repeats = () if when.send_on is None else (again, (once,))
    shown = (now_row, *rows, *repeats, BACK)
    return View(Phrase("staff.broadcast_when", {"when": told(when)}), tuple(row for row in shown if row))


def told(when: When) -> str:
    """When it goes, in words."""
    if when.send_on is None or when.local_hour is None:
        return in_words(Phrase("staff.broadcast_goes_now"))
    at = in_words(Phrase("staff.broadcast_goes", {"day": weekday(when.send_on, SPANISH), "hour": when.local_hour}))
    if when.repeat_weeks is None:
        return at
    return f"{at}, {in_words(Phrase('staff.broadcast_again', {'count': when.repeat_weeks}))}"
