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

from scheduler.plan import Plan
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
SHUT = ("blocked", "deactivated", "chat_not_found")
"""Where a message failed for one of these, it was hers to read: it is not made again. The end of a sitting may have
nothing to read, and takes buttons away in a rest, too."""

ANSWERED = {"completed", "partial"}
OUT_OF_REACH = ("blocked", "undeliverable", "no_chat", "not_enrolled")

A_WHILE = timedelta(days=2)
"""Whatever kept us away is over for so long that an hour of hers must have been used: what failed is tried again
tomorrow, at another hour of the day."""


@dataclass
class Wishes:
    """What is true of one woman now. `rests` are the pauses by series: the local day on which each ends, if any."""

    zone: str
    slot: str = "cualquiera"
    days: str = ""
    stopped: bool = False
    dead: bool = False
    mourned: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When she was taken for dead, and lived."""
    rests: dict[str, date | None] = field(default_factory=dict)
    touched: list[datetime] = field(default_factory=list)
    refused: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When Telegram took nothing of ours for her, for no fault of hers."""
    open_since: datetime | None = None
    """Since when her chat takes what we send; None while it does not, or she has none."""
    corrected_at: datetime | None = None
    """When her dates, her plan or her hours were changed last, or she was found to live after all."""
    put_off: dict[int, set[int]] = field(default_factory=dict)
    """The messages under which she said "later", by check-in."""
    paused: Counter[int] = field(default_factory=Counter)
    """How often she asked in the middle of a sitting to be reminded at a time of her own, by check-in."""

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

    def has_hours(self, begin: datetime, end: datetime) -> bool:
        """Whether something unasked may reach her in this time, by her hours."""
        half_hours = range(max(0, int((end - begin) / timedelta(minutes=30))))
        return any(self.allow(begin + timedelta(minutes=30 * n)) for n in half_hours)

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
    invited_at: datetime | None
    called_for_at: datetime | None
    closed_at: datetime | None
    fate: str | None
    fate_reason: str | None


_MOMENTS = tuple(name for name in Row.__dataclass_fields__ if name.endswith("_at"))
_ROWS = "select " + ", ".join(Row.__dataclass_fields__) + " from checkins"
_MADE = (
    "select id, origin, participant_id, done_at, state = 'sent' from outbox"
    " where (state = 'sent' and message_id is not null"
    " or reason in (select value from json_each(?)) and origin not like '%:close:%')"
    " and urgency in (select value from json_each(?)) and id not in (select value from json_each(?))"
)
_ASKED_UNDER = (
    "select sessions.checkin_id from outbox join sessions on sessions.id = outbox.session_id"
    " where outbox.participant_id = ? and outbox.message_id = ? order by outbox.id desc"
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
        self.called_about: set[str] = set()
        """Those of them about which staff call whoever is silent."""
        self.outages: list[tuple[datetime, datetime]] = []
        self.made: Counter[tuple[str, int]] = Counter()
        """How many invitations and reminders were made of each check-in since it was expected last."""
        self._known: dict[int, Row] = {}
        self._looked_at: datetime | None = None
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
            if row.fate_reason == "died" and not self.women[row.participant_id].dead:
                raise Broken(f"{row.point}: she lives, and it says that she died")
            before = self._known.get(row.id)
            if before is not None and before.fate is not None and before.fate != row.fate:
                self._may_have_changed(before, row)
        self._everything_is_expected(rows)
        self._known = rows
        for id_, origin, woman, done_at, reached in self._made():
            self._seen.add(id_)
            at = _instant(done_at) or now
            if reached:
                self._may_have_left(origin, self.women[woman], at)
            self._may_have_been_made(origin, self.women[woman], at, rows=rows)
        for row in rows.values():
            if (row.fate in ANSWERED or row.fate_reason == "no_answer") and not self.made["invite", row.id]:
                raise Broken(f"{row.point}: {row.fate}, and nobody ever asked her")
        self._looked_at = now

    def at_the_end(self, now: datetime) -> None:
        """Raise Broken if a window has closed and nobody knows how."""
        lost = [row for row in self.rows() if row.fate is None and row.closes_at is not None and row.closes_at <= now]
        if lost:
            raise Broken(f"no fate: {lost}")

    def asked_under(self, woman: int, message_id: int) -> int | None:
        """The check-in that a message in her chat belongs to."""
        found = self._rows.execute(_ASKED_UNDER, (woman, message_id)).fetchone()
        return None if found is None else found[0]

    def follow(self, plan: Plan) -> None:
        """This is the plan from now on."""
        self.expected = set(plan.occurrences)
        self.called_about = {name for name, one in plan.occurrences.items() if one.point.call_after is not None}

    # --- each row

    def _is_sound(self, row: Row, now: datetime) -> None:
        if (row.fate is None) == (row.state == "closed"):
            raise Broken(f"{row.point}: {row.state} with fate {row.fate}")
        if row.fate is not None:
            if row.id not in self._known or self._known[row.id].fate is None:
                self._is_our_fault(row)
                self._is_hers(row)
                self._was_called_for(row)
            return
        if row.owner is None or row.next_at is None:
            raise Broken(f"{row.point}: open without owner or deadline")
        if row.state == "waiting_for_date":
            return
        if row.closes_at is None or row.closes_at <= now or row.next_at > row.closes_at:
            raise Broken(f"{row.point}: forgotten, it closes at {row.closes_at} and is looked at at {row.next_at}")
        if row.owner == "bot" and row.next_at <= now:
            raise Broken(f"{row.point}: due at {row.next_at}, and nothing came of it")

    def _may_have_changed(self, before: Row, row: Row) -> None:
        """What she, the calendar or we have decided stays; what a date or a plan decided, another one may change."""
        if before.fate in FOR_EVER:
            raise Broken(f"{row.point} was {before.fate}, and is {row.fate}")
        corrected_at = self.women[row.participant_id].corrected_at
        if corrected_at is None or (self._looked_at is not None and corrected_at < self._looked_at):
            raise Broken(f"{row.point} was {before.fate}, and nothing about her has changed")
        if row.fate is None and before.fate_reason != "died":
            self._begins_anew(row)

    def _begins_anew(self, row: Row) -> None:
        """Its former window is forgotten, with all that left in it."""
        her = self.women[row.participant_id]
        her.put_off.pop(row.id, None)
        her.paused.pop(row.id, None)
        for what in ("invite", "remind"):
            self.made.pop((what, row.id), None)

    def _is_our_fault(self, row: Row) -> None:
        """We miss a check-in only where we were away, or something changed for her, and nothing of her hours was left
        in its window a while later; or where another one of hers was open to the end."""
        if row.fate != "missed_by_us" or row.fate_reason == "other_sitting":
            return
        her, closes_at = self.women[row.participant_id], row.closes_at
        assert closes_at is not None
        opens_at = row.opens_at or closes_at
        absent = (*self.outages, *her.refused, *her.mourned)
        away = [end for begin, end in absent if begin < closes_at and opens_at < end]
        changed = [at for at in her.touched if opens_at - timedelta(days=1) <= at <= closes_at]
        if not (away or changed):
            raise Broken(f"{row.point}: missed from {opens_at} to {closes_at}, and we were there")
        if her.has_hours(max(opens_at, *away, *changed) + A_WHILE, closes_at):
            raise Broken(f"{row.point}: missed from {opens_at} to {closes_at}, and we were there again in time")

    def _is_hers(self, row: Row) -> None:
        """She was silent only where she was asked, refused only where she said stop, and was out of reach only where
        nothing brought her our messages."""
        her = self.women[row.participant_id]
        if row.fate == "refused" and not her.stopped:
            raise Broken(f"{row.point}: refused, and she never said so")
        if row.fate_reason in OUT_OF_REACH:
            assert row.closes_at is not None
            if her.open_since is not None and her.open_since + A_WHILE < row.closes_at:
                raise Broken(f"{row.point}: {row.fate_reason}, and her chat was open from {her.open_since} on")

    def _was_called_for(self, row: Row) -> None:
        """Who was asked and silent to the end has had staff asked to call her since; not where we were away at the end,
        or something about her or the plan was changed after she was asked."""
        before, her = self._known.get(row.id), self.women[row.participant_id]
        if row.fate_reason != "no_answer" or row.point not in self.called_about or before is None:
            return
        asked_at, closes_at = row.invited_at, row.closes_at
        assert asked_at is not None
        assert closes_at is not None
        changed = her.corrected_at is not None and her.corrected_at >= asked_at
        away = any(begin < closes_at and closes_at - A_WHILE < end for begin, end in (*self.outages, *her.refused))
        if before.state != "invited" or before.invited_at != asked_at or changed or away:
            return
        if row.called_for_at is None or row.called_for_at < asked_at:
            raise Broken(f"{row.point}: asked at {asked_at}, silent to the end, and nobody was to call her")

    def _everything_is_expected(self, rows: dict[int, Row]) -> None:
        points: dict[int, set[str]] = {}
        for row in rows.values():
            points.setdefault(row.participant_id, set()).add(row.point)
        for woman, wishes in self.women.items():
            if not wishes.dead and (missing := self.expected - points.get(woman, set())):
                raise Broken(f"nobody expects {sorted(missing)}")

    # --- each message

    def _made(self) -> Iterator[tuple[int, str, int, str, bool]]:
        return self._rows.execute(_MADE, (json.dumps(SHUT), json.dumps(UNASKED), json.dumps(list(self._seen))))

    @staticmethod
    def _may_have_left(origin: str, her: Wishes, at: datetime) -> None:
        if not her.allow(at):
            raise Broken(f"{origin} left at {her.wall(at)}, outside her hours {her.slot} {her.days}")
        if her.dead or her.stopped:
            raise Broken(f"{origin} left after she {'died' if her.dead else 'said stop'}")

    def _may_have_been_made(self, origin: str, her: Wishes, at: datetime, *, rows: dict[int, Row]) -> None:
        """An invitation comes once, and once more for each "later" of hers. Not for a crash, an outage, a block or a
        phone of hers that is new; what failed on our side was never made."""
        place, *what = origin.split(":")
        if place != "checkin":
            return
        row, kind = rows[int(what[0])], what[1]
        if her.rest(row.series, at):
            raise Broken(f"{origin} left while she rests")
        if kind not in ("invite", "remind"):
            return
        assert row.closes_at is not None
        if at >= min(row.closes_at, row.closed_at or row.closes_at):
            raise Broken(f"{row.point}: {kind} left at {at}, and it was over")
        self.made[kind, row.id] += 1
        if self.made["invite", row.id] > 1 + len(her.put_off.get(row.id, ())):
            raise Broken(f"{row.point}: invited once too often")
        if self.made["remind", row.id] > MOST_REMINDERS + her.paused[row.id]:
            raise Broken(f"{row.point}: reminded once too often")


def _row(found: tuple[Any, ...]) -> Row:
    values = dict(zip(Row.__dataclass_fields__, found, strict=True))
    moments = {name: _instant(values[name]) for name in _MOMENTS}
    return Row(**{**values, **moments})


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
