"""What has really become of each check-in of a scripted woman, worked out with no word of the bot's own planning.

* Windows are counted from the plan's text by hand, in zones whose clocks never change; a fate follows from what she did
  and from what was so when the window closed.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from tests.support.lives import Her

HOURS = {"America/Mexico_City": -6, "America/Hermosillo": -7, "America/Cancun": -5}
WINDOWS = {
    "s1": (0, 7, 13),
    "m1": (1, 0, 21),
    "m3": (3, 0, 21),
    "m6": (6, 0, 21),
    "m12": (12, 0, 45),
    "m24": (24, 0, 45),
}
"""Of the shipped plan: months and days from her release until it is due, and the days after that in which it counts."""

OPEN, INVITED, STARTED = "open", "invited", "started"
Totals = Counter[tuple[str, str]]
"""How many check-ins of each point came how far (INVITED, STARTED), and how each stands: OPEN or its fate."""


class Kind(StrEnum):
    """Who she is, as far as it matters here."""

    STEADY = "steady"  # answers, each time in some manner
    AWAY = "away"  # never opened her invitation
    BLOCKS = "blocks"  # shuts the bot out, and lets it in again a season later
    NEW_NUMBER = "new_number"  # loses her telephone, and comes back by a new invitation
    PAUSES = "pauses"  # asks for a rest
    STOPS = "stops"  # wants no more messages
    STOPS_A_WHILE = "stops_a_while"  # and comes back by a new invitation
    DIES = "dies"
    RETURNS = "returns"  # is imprisoned again, and released again
    DATE_LATER = "date_later"  # her release date becomes known later
    CORRECTED = "corrected"  # it was wrong by some weeks


KINDS = (
    *([Kind.STEADY] * 12),
    *([Kind.BLOCKS, Kind.NEW_NUMBER, Kind.PAUSES] * 2),
    *(Kind.AWAY, Kind.STOPS, Kind.STOPS_A_WHILE, Kind.DIES, Kind.RETURNS, Kind.DATE_LATER, Kind.CORRECTED),
)


class Manner(StrEnum):
    """How she takes one invitation."""

    AT_ONCE = "at_once"
    LATE = "late"
    PARTLY = "partly"
    NEVER = "never"
    PUTS_OFF = "puts_off"
    ASKS_FOR_HELP = "asks_for_help"


MANNERS = (*([Manner.AT_ONCE] * 6), *([Manner.LATE] * 5), *([Manner.PARTLY] * 2), *([Manner.NEVER] * 4),
           Manner.PUTS_OFF, Manner.ASKS_FOR_HELP)  # fmt: skip


@dataclass
class Truth:
    """One check-in of hers as it really went; `fate` is None while it is open."""

    due_on: date | None = None
    closes_at: datetime | None = None
    invited: bool = False
    started: bool = False
    helped: bool = False
    fate: str | None = None

    def is_on(self, at: datetime) -> bool:
        return self.fate is None and self.closes_at is not None and at < self.closes_at


@dataclass
class Life:
    """A woman, her phone, and what has really become of her check-ins."""

    id: int
    kind: Kind
    her: Her
    hours: int
    truths: dict[str, Truth] = field(default_factory=lambda: {point: Truth() for point in WINDOWS})
    manners: dict[str, Manner] = field(default_factory=dict)
    stopped: bool = False
    resting: date | None = None
    away: bool = False

    @property
    def can_be_reached(self) -> bool:
        return self.kind is not Kind.AWAY and not self.her.phone.chat.blocked

    def local(self, at: datetime) -> date:
        return (at + timedelta(hours=self.hours)).date()

    def midnight(self, day: date) -> datetime:
        """The instant at which this day begins on her wall."""
        return datetime.combine(day, time(), UTC) - timedelta(hours=self.hours)

    def window(self, point: str, released_on: date) -> tuple[date, datetime]:
        months, days, after = WINDOWS[point]
        due_on = _months_later(released_on, months) + timedelta(days=days)
        return due_on, self.midnight(due_on + timedelta(days=after + 1))


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def fate_at_its_end(life: Life, truth: Truth, at: datetime) -> str:
    """What becomes of a check-in whose window closes now."""
    if truth.started:
        return "partial"
    if life.stopped:
        return "refused"
    if truth.helped:
        return "partial"
    if life.away or (life.resting is not None and life.midnight(life.resting) >= at):
        return "paused"
    return "unreachable" if truth.invited or not life.can_be_reached else "missed_by_us"


def has_come(truth: Truth, life: Life, at: datetime) -> bool:
    return truth.due_on is not None and truth.due_on <= life.local(at)
