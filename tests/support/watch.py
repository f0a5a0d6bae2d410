"""What must hold of the ledger at every moment of anybody's life, read past all of our own code.

* The watch knows each woman's wishes as the script made them, never as the store has them; her hours are worked out
  here once more, from the wall clock and a list of closed days.
* It looks after every moment: whatever has been sent since was sent now.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from storage.mail import Urgency

HOURS = {
    "cualquiera": (time(9), time(20, 30)),
    "manana": (time(9), time(12)),
    "tarde": (time(12), time(17)),
    "noche": (time(17), time(20, 30)),
}
CLOSED = {(1, 1), (5, 1), (5, 10), (9, 16), (11, 2), (12, 25)}
MONDAYS = {(2, 1), (3, 3), (11, 3)}
EVENINGS = {(12, 24), (12, 31)}
SUNDAY, NOON, FIVE = 6, time(12), time(17)

UNASKED = [urgency.value for urgency in Urgency if urgency.unasked]
FOR_EVER = {"completed", "partial", "refused", "unreachable", "missed_by_us"}
MOST_REMINDERS = 3


@dataclass
class Wishes:
    """What is true of one woman now. `rests` are the pauses by series: the local day on which each ends, if any."""

    zone: str
    slot: str = "cualquiera"
    days: str = ""
    stopped: bool = False
    dead: bool = False
    rests: dict[str, date | None] = field(default_factory=dict)
    touched: list[datetime] = field(default_factory=list)
    put_off: Counter[int] = field(default_factory=Counter)
    """How often she said "later" to an invitation, by check-in."""

    def wall(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))

    def allow(self, at: datetime) -> bool:
        """Whether something unasked may reach her now, by her hours."""
        here = self.wall(at)
        opens, closes = HOURS[self.slot]
        if here.weekday() == SUNDAY:
            opens = max(opens, NOON)
        if (here.month, here.day) in EVENINGS:
            closes = min(closes, FIVE)
        nth_monday = (here.month, (here.day - 1) // 7 + 1) if here.weekday() == 0 else (0, 0)
        closed = (here.month, here.day) in CLOSED or nth_monday in MONDAYS
        hers = not self.days or str(here.weekday()) in self.days
        return hers and not closed and opens <= here.time() < closes

    def rest(self, series: str, at: datetime) -> bool:
        """Whether she rests from this series."""
        today = self.wall(at).date()
        ends = [self.rests[one] for one in ("", series) if one in self.rests]
        return any(end is None or today < end for end in ends)


@dataclass(frozen=True)
class Row:
    """One row of the ledger."""

    id: int
    participant_id: int
    point: str
    series: str
    state: str
    owner: str | None
    opens_at: datetime | None
    closes_at: datetime | None
    next_at: datetime | None
    fate: str | None
    fate_reason: str | None


_ROWS = "select " + ", ".join(Row.__dataclass_fields__) + " from checkins"
_SENT = (
    "select id, origin, participant_id, done_at from outbox"
    " where state = 'sent' and message_id is not null"
    " and urgency in (select value from json_each(?)) and id not in (select value from json_each(?))"
)


class Broken(AssertionError):
    """What must always hold does not."""


class Watch:
    """Looks at one store; `women` are its wishes by internal id."""

    def __init__(self, database: Path) -> None:
        self._rows = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self.women: dict[int, Wishes] = {}
        self.expected: set[str] = set()
        """The check-ins that the applied plan expects of everybody."""
        self.outages: list[tuple[datetime, datetime]] = []
        self.sent: dict[tuple[str, int], set[str]] = {}
        """What has reached her of each check-in: invitations and reminders, by their causes."""
        self._known: dict[int, Row] = {}
        self._seen: set[int] = set()

    def close(self) -> None:
        """Look no more."""
        self._rows.close()

    def rows(self) -> list[Row]:
        """The ledger."""
        return [_row(found) for found in self._rows.execute(_ROWS)]

    def look(self, now: datetime) -> None:
        """Raise Broken if anything is not as it must be now, right after the bot did what was due."""
        rows = {row.id: row for row in self.rows()}
        if lost := self._known.keys() - rows.keys():
            raise Broken(f"{len(lost)} rows are gone")
        for row in rows.values():
            self._is_sound(row, now)
            before = self._known.get(row.id)
            if before is not None and before.fate in FOR_EVER and before.fate != row.fate:
                raise Broken(f"{row.point} was {before.fate}, and is {row.fate}")
        self._everything_is_expected(rows)
        self._known = rows
        for id_, origin, woman, done_at in self._sent():
            self._seen.add(id_)
            self._may_have_left(origin, self.women[woman], _instant(done_at) or now, rows=rows)

    def at_the_end(self, now: datetime) -> None:
        """Raise Broken if a window has closed and nobody knows how."""
        lost = [row for row in self.rows() if row.fate is None and row.closes_at is not None and row.closes_at <= now]
        if lost:
            raise Broken(f"no fate: {lost}")

    def invited_last(self, woman: int) -> int | None:
        """The check-in that she was invited to last."""
        found = self._rows.execute(
            "select id from checkins where participant_id = ? and invited_at is not null order by invited_at desc",
            (woman,),
        ).fetchone()
        return None if found is None else int(found[0])

    # --- each row

    def _is_sound(self, row: Row, now: datetime) -> None:
        if (row.fate is None) == (row.state == "closed"):
            raise Broken(f"{row.point}: {row.state} with fate {row.fate}")
        if row.fate is not None:
            self._is_our_fault(row)
            return
        if row.owner is None or row.next_at is None:
            raise Broken(f"{row.point}: open without owner or deadline")
        if row.state == "waiting_for_date":
            return
        if row.closes_at is None or row.closes_at <= now or row.next_at > row.closes_at:
            raise Broken(f"{row.point}: forgotten, it closes at {row.closes_at} and is looked at at {row.next_at}")
        if row.owner == "bot" and row.next_at <= now:
            raise Broken(f"{row.point}: due at {row.next_at}, and nothing came of it")

    def _is_our_fault(self, row: Row) -> None:
        """We miss a check-in only where we were away, or where something changed for her in its window."""
        if row.fate != "missed_by_us" or (row.id in self._known and self._known[row.id].fate):
            return
        closes_at = row.closes_at
        assert closes_at is not None
        opens_at = row.opens_at or closes_at
        away = any(begin < closes_at and opens_at < end for begin, end in self.outages)
        early = opens_at - timedelta(days=1)
        changed = any(early <= at <= closes_at for at in self.women[row.participant_id].touched)
        other = row.fate_reason == "other_sitting"
        if not (away or changed or other):
            raise Broken(f"{row.point}: missed from {opens_at} to {closes_at}, and we were there")

    def _everything_is_expected(self, rows: dict[int, Row]) -> None:
        points: dict[int, set[str]] = {}
        for row in rows.values():
            points.setdefault(row.participant_id, set()).add(row.point)
        for woman, wishes in self.women.items():
            if not wishes.dead and (missing := self.expected - points.get(woman, set())):
                raise Broken(f"nobody expects {sorted(missing)}")

    # --- each message

    def _sent(self) -> Iterator[tuple[int, str, int, str]]:
        return self._rows.execute(_SENT, (json.dumps(UNASKED), json.dumps(list(self._seen))))

    def _may_have_left(self, origin: str, her: Wishes, at: datetime, *, rows: dict[int, Row]) -> None:
        if not her.allow(at):
            raise Broken(f"{origin} left at {her.wall(at)}, outside her hours {her.slot} {her.days}")
        if her.dead or her.stopped:
            raise Broken(f"{origin} left after she {'died' if her.dead else 'said stop'}")
        what = origin.split(":")
        if what[0] != "checkin":
            return
        row = rows[int(what[1])]
        if her.rest(row.series, at):
            raise Broken(f"{origin} left while she rests")
        self.sent.setdefault((what[2], row.id), set()).add(":".join(what[3:-1]))
        openings = 1 + her.put_off[row.id] + self._revisions(row.id)
        if len(self.sent.get(("invite", row.id), ())) > openings:
            raise Broken(f"{row.point}: invited once too often")
        if len(self.sent.get(("remind", row.id), ())) > MOST_REMINDERS * openings:
            raise Broken(f"{row.point}: reminded once too often")

    def _revisions(self, checkin: int) -> int:
        (found,) = self._rows.execute("select count(*) from revisions where checkin_id = ?", (checkin,)).fetchone()
        return int(found)


def _row(found: tuple[Any, ...]) -> Row:
    values = dict(zip(Row.__dataclass_fields__, found, strict=True))
    moments = {name: _instant(values[name]) for name in ("opens_at", "closes_at", "next_at")}
    return Row(**{**values, **moments})


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
