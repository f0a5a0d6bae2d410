"""Whom a broadcast is meant for, as data, and who of them it may go to now.

* A segment names groups, never the women in them, save those that are told one by one by their record_id.
* Whoever does not get it is counted under one reason, the first that holds; hours and an open sitting only delay.
* The cost follows the women in the segment, page by page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import TypeAdapter
from sqlalchemy import Column, ColumnElement, Select, bindparam, func, select, true

from storage.cases_kinds import CRISIS, RISK
from storage.circumstances import Circumstances, Reach, know
from storage.consents import Purpose, allowed_by
from storage.database import Tx
from storage.fates import CheckinState, Fate
from storage.leaving import HerHours
from storage.members import Member, visible_to
from storage.outcomes.known import ATTENDED, known
from storage.pauses import EVERYTHING
from storage.people import known_record_ids
from storage.schema import cases, checkins, enrolments, participants, recipients, sessions

PAGE = 500
"""Women looked at in one go, while every chat waits: some 50 ms; ten times as many take as long in all."""

CRISIS_KINDS = (CRISIS, RISK)
"""The kinds of cases that hold broadcasts back while they are open."""

SITTING_LASTS = timedelta(minutes=30)
"""Whoever has answered something within this long sits over her questions."""


MaySend = Callable[[HerHours, datetime], datetime]
"""The first instant from a moment on at which something unasked may reach a woman with these hours."""


def at_any_hour(hers: HerHours, at: datetime) -> datetime:
    """Where nobody keeps hours."""
    return at


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom it is meant for: all conditions hold at once, and of the values of one any may hold; none means everybody.

    `axes` and `workshops` are those of one enrolment that she attended; `months_from` and `months_to` full months since
    her release, both included; `last_fates` are what her latest closed check-in ended with, among those that were due;
    `caseload` is the member of staff whose women they are.
    """

    centres: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    workshops: tuple[str, ...] = ()
    months_from: int | None = None
    months_to: int | None = None
    last_fates: tuple[Fate, ...] = ()
    caseload: int | None = None
    record_ids: tuple[str, ...] = ()


SEGMENT: TypeAdapter[Segment] = TypeAdapter(Segment)
"""How a segment stands in JSON."""


class Excluded(StrEnum):
    """Why she does not get it; one reason counts for each."""

    DEAD = "dead"
    STOPPED = "stopped"
    NO_CONSENT = "no_consent"  # withdrawn, or never given
    NOT_ALLOWED = "no_broadcasts"  # she is followed up, and did not allow broadcasts
    NO_CHAT = "no_chat"
    BLOCKED = "blocked"
    RESTING = "resting"  # or held by a case of CRISIS_KINDS, which no list of a broadcast tells
    RECENT = "recent_broadcast"
    FROZEN = "frozen"  # her phone may be in other hands


_BY_REACH = {
    Reach.DEAD: Excluded.DEAD,
    Reach.STOPPED: Excluded.STOPPED,
    Reach.WITHDRAWN: Excluded.NO_CONSENT,
    Reach.NOT_ENROLLED: Excluded.NO_CONSENT,
    Reach.NO_CHAT: Excluded.NO_CHAT,
    Reach.BLOCKED: Excluded.BLOCKED,
    Reach.UNDELIVERABLE: Excluded.BLOCKED,
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many get it, and how many do not, by reason. Of those who do, `hours` says how many like to be written to
    when, and `in_sitting` how many sit over their questions now: they get it a little later. `unknown` are record_ids
    that nobody has whom the member may see."""

    included: int
    excluded: Mapping[Excluded, int]
    hours: Mapping[HerHours, int]
    in_sitting: int = 0
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The women themselves, by internal id, in its order."""

    included: Sequence[int]
    excluded: Mapping[Excluded, Sequence[int]]
    hours: Mapping[HerHours, int]
    zones: Mapping[int, str] = field(default_factory=dict)
    in_sitting: int = 0
    unknown: tuple[str, ...] = ()

    @property
    def count(self) -> Count:
        """The same without the women."""
        left_out = {reason: len(women) for reason, women in self.excluded.items()}
        return Count(len(self.included), left_out, self.hours, self.in_sitting, self.unknown)


@dataclass(frozen=True, slots=True)
class Spacing:
    """How long she is left in peace after a broadcast; none is zero days."""

    days: int = 7


async def count(tx: Tx, segment: Segment, member: Member | None = None, *, spacing: Spacing | None = None) -> Count:
    """How many of the segment would get a broadcast now, among the women that the member may see (None: all)."""
    return (await choose(tx, segment, member, spacing=spacing)).count


async def choose(tx: Tx, segment: Segment, member: Member | None = None, *, spacing: Spacing | None = None) -> Chosen:
    """Who of the segment would get a broadcast now, among the women that the member may see (None: all)."""
    included: list[int] = []
    excluded: dict[Excluded, list[int]] = {}
    hours: Counter[HerHours] = Counter()
    zones: dict[int, str] = {}
    in_sitting = 0
    named = await known_record_ids(tx, segment.record_ids)
    seen: set[int] = set()
    async for women in _pages(tx, segment, member, named=named.values()):
        seen.update(women)
        hers = await know(tx, women)
        reasons = await why_not(tx, hers, spacing=spacing)
        for woman in women:
            if (reason := reasons.get(woman)) is not None:
                excluded.setdefault(reason, []).append(woman)
            else:
                included.append(woman)
                hours[hours_of(hers[woman])] += 1
                zones[woman] = hers[woman].zone
        in_sitting += len((await sitting(tx, women)).difference(reasons))
    unknown = tuple(one for one in segment.record_ids if named.get(one) not in seen)
    return Chosen(included, excluded, hours, zones, in_sitting, unknown)


@dataclass(frozen=True, slots=True)
class Choices:
    """What women can be chosen by, in alphabetical order."""

    centres: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    workshops: tuple[str, ...] = ()


async def choices(tx: Tx, member: Member | None = None) -> Choices:
    """The centres and cohorts of the women that the member may see (None: all), and what they have attended."""
    seen = true() if member is None else visible_to(member)

    async def of(column: Column[str]) -> tuple[str, ...]:
        found = select(column).where(seen, column.is_not(None)).distinct().order_by(column)
        if column.table is enrolments:
            found = found.join(participants).where(_CAME)
        return tuple((await tx.run(found)).scalars())

    named = (participants.c.centre, participants.c.cohort, enrolments.c.axis, enrolments.c.workshop)
    return Choices(*[await of(column) for column in named])


async def _pages(
    tx: Tx, segment: Segment, member: Member | None, *, named: Iterable[int]
) -> AsyncIterator[Sequence[int]]:
    """The women of the segment, page by page, by internal id."""
    among = list(named)
    if segment.record_ids:
        for start in range(0, len(among), PAGE):
            these = participants.c.id.in_(among[start : start + PAGE])
            yield list((await tx.run(_meant(tx, segment, member).where(these))).scalars())
        return
    last, women = 0, [0]
    while women:
        page = _meant(tx, segment, member).where(participants.c.id > last).limit(PAGE)
        women = list((await tx.run(page)).scalars())
        if women:
            yield women
            last = women[-1]


def _meant(tx: Tx, segment: Segment, member: Member | None) -> Select[tuple[int]]:
    seen = true() if member is None else visible_to(member)
    return select(participants.c.id).where(seen, *_conditions(segment, tx.now.date())).order_by(participants.c.id)


def _conditions(segment: Segment, today: date) -> list[ColumnElement[bool]]:
    """What the segment says, on a day by UTC: months are not counted to the hour."""
    found: list[ColumnElement[bool]] = []
    if segment.centres:
        found.append(participants.c.centre.in_(segment.centres))
    if segment.cohorts:
        found.append(participants.c.cohort.in_(segment.cohorts))
    if segment.axes or segment.workshops:
        found.append(_attended(segment))
    if segment.months_from is not None:
        found.append(participants.c.release_on <= months_before(today, segment.months_from))
    if segment.months_to is not None:
        found.append(participants.c.release_on > months_before(today, segment.months_to + 1))
    if segment.caseload is not None:
        found.append(participants.c.staff_id == segment.caseload)
    if segment.last_fates:
        found.append(_LAST_FATE.in_(segment.last_fates))
    return found


def _attended(segment: Segment) -> ColumnElement[bool]:
    hers = select(enrolments.c.id).where(enrolments.c.participant_id == participants.c.id, _CAME)
    if segment.axes:
        hers = hers.where(enrolments.c.axis.in_(segment.axes))
    if segment.workshops:
        hers = hers.where(enrolments.c.workshop.in_(segment.workshops))
    return hers.correlate(participants).exists()


_CAME = known(enrolments) & ATTENDED

_LAST_FATE = (
    select(checkins.c.fate)
    .where(checkins.c.participant_id == participants.c.id, checkins.c.state == CheckinState.CLOSED)
    .where(checkins.c.fate != Fate.NOT_DUE)
    .order_by(checkins.c.closed_at.desc(), checkins.c.id)
    .limit(1)
    .correlate(participants)
    .scalar_subquery()
)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    if year < date.min.year:
        return date.min
    first_of_next = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(first_of_next - timedelta(days=1), date(year, month + 1, 1) + timedelta(days=day.day - 1))


def hours_of(her: Circumstances) -> HerHours:
    """When she likes to be written to about nothing in particular."""
    return HerHours(her.zone, her.slot, her.days, her.plan, her.centre, her.cohort)


async def why_not(tx: Tx, hers: Mapping[int, Circumstances], *, spacing: Spacing | None = None) -> dict[int, Excluded]:
    """Of these women those who get no broadcast now, and why; who got one lately counts where `spacing` says how."""
    held = await _among(tx, _HELD, hers)
    since = None if spacing is None or spacing.days <= 0 else tx.now - timedelta(days=spacing.days)
    lately = set() if since is None else await _among(tx, _LATELY, hers, since=since)
    allowing = await allowed_by(tx, Purpose.BROADCASTS, hers)
    reasons: dict[int, Excluded] = {}
    for woman, her in hers.items():
        if her.frozen_at is not None:
            reasons[woman] = Excluded.FROZEN
        elif (reason := _BY_REACH.get(her.reach[0])) is not None:
            reasons[woman] = reason
        elif woman not in allowing:
            reasons[woman] = Excluded.NOT_ALLOWED
        elif her.rests(EVERYTHING, tx.now) or woman in held:
            reasons[woman] = Excluded.RESTING
        elif woman in lately:
            reasons[woman] = Excluded.RECENT
    return reasons


async def sitting(tx: Tx, women: Iterable[int]) -> set[int]:
    """Who of these sits over her questions now."""
    return await _among(tx, _SITTING, women, since=tx.now - SITTING_LASTS)


async def _among(tx: Tx, statement: Select[tuple[int]], women: Iterable[int], **more: datetime) -> set[int]:
    return set((await tx.run(statement, [{"women": list(women), **more}])).scalars())


_WOMEN = bindparam("women", type_=participants.c.id.type, expanding=True)
_SINCE = bindparam("since", type_=recipients.c.posted_at.type)
_HELD = select(cases.c.participant_id).where(
    cases.c.participant_id.in_(_WOMEN), cases.c.kind.in_(CRISIS_KINDS), cases.c.closed_at.is_(None)
)
_LATELY = select(recipients.c.participant_id).where(
    recipients.c.participant_id.in_(_WOMEN),
    recipients.c.posted_at > _SINCE,
    recipients.c.state.in_(("posted", "sent", "unknown")),
)
_SITTING = (
    select(checkins.c.participant_id)
    .join(sessions, (sessions.c.checkin_id == checkins.c.id) & sessions.c.closed_at.is_(None))
    .where(checkins.c.participant_id.in_(_WOMEN), checkins.c.state == CheckinState.STARTED)
    .where(func.coalesce(checkins.c.last_heard_at, checkins.c.started_at) > _SINCE)
)
