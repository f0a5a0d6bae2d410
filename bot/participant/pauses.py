"""Her rests: until when, with three spans to tap or a day in her own words. No reason is asked, and none is kept.

* She is told the day from which we write again, and how to go on before.
* What she asks meanwhile is answered all the same.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.participant.menus import Attended, MenuKind, ask
from conversations.reading.dates import months_away
from conversations.speech import Phrase, Said
from locales.catalog import long_date
from scheduler.dialogue import Event, Facts
from storage.pauses import PauseAsked, Resumed

WEEK, MONTH, THREE_MONTHS, OTHER = "week", "month", "three_months", "other"
SPANS = {WEEK: "rest.week", MONTH: "rest.month", THREE_MONTHS: "rest.three_months", OTHER: "rest.other"}
SPAN_KEYS = ("rest.week", "rest.month", "rest.three_months", "rest.other")


def ask_until(event: Event, facts: Facts) -> Attended:
    """Until when?"""
    return ask(MenuKind.PAUSE, Phrase("rest.until"), choices=tuple(SPANS.items()), event=event, facts=facts)


def ask_which_day(event: Event, facts: Facts, *, again: bool = False) -> Attended:
    """Which day, in her own words?"""
    return ask(
        MenuKind.DATE, Phrase("rest.day_again" if again else "rest.which_day"), choices=(), event=event, facts=facts
    )


def choose(value: str, *, event: Event, facts: Facts) -> Attended:
    """The span that she tapped; for a day of her own, the question for it."""
    today = event.at.date()
    days = {
        WEEK: today + timedelta(weeks=1),
        MONTH: months_away(today, 1),
        THREE_MONTHS: months_away(today, 3),
    }
    return rest_until(days[value], facts) if value in days else ask_which_day(event, facts)


def rest_until(day: date, facts: Facts) -> Attended:
    """She rests until that day, and is told so."""
    told = Phrase("rest.noted", {"day": long_date(day, facts.person.speech)})
    return Attended(None, (PauseAsked(day), Said(told)))


def resume() -> Attended:
    """She wants to go on before."""
    return Attended(None, (Resumed(), Said(Phrase("rest.over"))))
