"""What is true of a woman now, as far as it decides whether and when we may write to her.

* It is read for as many women as are asked about in one statement, whose cost follows them and not who is enrolled.
* It says how things are. What follows from it is for whoever asks: the ledger, what is about to leave, a broadcast.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import Enum, auto
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, select

from storage.consents import Purpose, last_word
from storage.database import Tx
from storage.pauses import EVERYTHING, Pause, PauseKind
from storage.people import BLOCKED
from storage.schema import accounts, consents, detections, participants, preferences, stops
from storage.schema import pauses as pauses_kept


class Reach(Enum):
    """Whether a message of ours can get to her, and why not; where several hold, the first of these from below."""

    REACHABLE = auto()  # a linked chat that is not blocked, and her consent
    UNDELIVERABLE = auto()  # Telegram refuses to bring her messages, for good
    BLOCKED = auto()  # she has shut the bot out
    NO_CHAT = auto()  # she has consented, and the chat has been unlinked since
    NOT_ENROLLED = auto()  # she never got as far as that
    WITHDRAWN = auto()  # she has taken back her consent
    STOPPED = auto()  # she wishes to be left alone
    DEAD = auto()


@dataclass(frozen=True, slots=True)
class Chat:
    """The chat that is hers, blocked or not. `chat_id` is sealed for its account."""

    account: int
    lane: str
    chat_id: bytes
    blocked_at: datetime | None = None
    blocked_why: str | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """A rest as instants: since when, and when its last day is over (None: no end)."""

    since: datetime
    until: datetime | None

    def covers(self, at: datetime) -> bool:
        """Whether she rests at this instant, or has yet to."""
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One woman as things stand; instants are UTC.

    `zone`, `slot`, `days` (digits, Monday is 0; None: all) and `reminders` are as she likes it; `plan` is the one that
    was named for her, and where none was it follows from `centre` and `cohort`. `frozen_at` says since when nothing at
    all reaches her, because her phone may be in other hands. `consented` is her last word on being
    followed up, None if she never gave one; `stopped_at` is the stop in force, and `pauses` are all that nobody has
    ended, past ones too. `held` is a rest that nobody asked for, since she may be in danger; `region` is her state by
    ISO 3166-2:MX.
    """

    participant: int
    zone: str
    slot: str
    days: str | None = None
    reminders: bool = True
    plan: str | None = None
    centre: str | None = None
    cohort: str | None = None
    enrolled_at: datetime | None = None
    died_on: date | None = None
    frozen_at: datetime | None = None
    stopped_at: datetime | None = None
    consented: bool | None = None
    consent_at: datetime | None = None
    chat: Chat | None = None
    pauses: tuple[Pause, ...] = ()
    held: Rest | None = None
    region: str | None = None

    def start_of(self, day: date) -> datetime:
        """The first instant of a day on her wall."""
        return datetime.combine(day, time.min, ZoneInfo(self.zone)).astimezone(UTC)

    def today(self, at: datetime) -> date:
        """The date on her wall at this instant."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def reach(self) -> tuple[Reach, datetime | None]:
        """Whether a message gets to her, and since when it is so, where that is known."""
        if self.died_on is not None:
            return Reach.DEAD, self.start_of(self.died_on)
        if self.stopped_at is not None:
            return Reach.STOPPED, self.stopped_at
        if self.enrolled_at is None or self.consented is None:
            return Reach.NOT_ENROLLED, None
        if not self.consented:
            return Reach.WITHDRAWN, self.consent_at
        if self.chat is None:
            return Reach.NO_CHAT, None
        if self.chat.blocked_at is None:
            return Reach.REACHABLE, None
        hers = self.chat.blocked_why in (None, BLOCKED)
        return Reach.BLOCKED if hers else Reach.UNDELIVERABLE, self.chat.blocked_at

    def rest(self, series: str) -> Rest | None:
        """Her rest from that series of check-ins, or from EVERYTHING: the longest of several. It may be over."""
        covering = [
            Rest(one.since_at, None if one.until_on is None else self.start_of(one.until_on))
            for one in self.pauses
            if one.series in (EVERYTHING, series)
        ]
        covering += [] if self.held is None else [self.held]
        endless = next((one for one in covering if one.until is None), None)
        return endless or max(covering, key=lambda one: one.until or one.since, default=None)

    def rests(self, series: str, at: datetime) -> bool:
        """Whether she rests from that series of check-ins, or from EVERYTHING, at that moment."""
        rest = self.rest(series)
        return rest is not None and rest.covers(at)


async def know(tx: Tx, women: Collection[int]) -> dict[int, Circumstances]:
    """What is true of these women, at most 30,000 of them: SQLite names no more in one statement."""
    rows = list(await tx.run(_HERS, [{"women": list(set(women))}])) if women else []
    rests: dict[int, tuple[Pause, ...]] = {}
    for row in rows:
        if row.kind is not None:
            one = Pause(row.id, PauseKind(row.kind), row.series, row.since_at, row.until_on)
            rests[one.participant] = (*rests.get(one.participant, ()), one)
    return {row.id: _circumstances(row, rests.get(row.id, ())) for row in rows}


def _of_each() -> Select[Any]:
    """One row for each woman, and one more for each further pause; all of it is found by an index."""
    chat = (
        select(accounts.c.id)
        .where(accounts.c.participant_id == participants.c.id, accounts.c.unlinked_at.is_(None))
        .order_by(accounts.c.blocked_at.is_not(None), accounts.c.linked_at.desc())
        .limit(1)
        .correlate(participants)
        .scalar_subquery()
    )
    stopped = (stops.c.participant_id == participants.c.id) & stops.c.lifted_at.is_(None)
    resting = (pauses_kept.c.participant_id == participants.c.id) & pauses_kept.c.ended_at.is_(None)
    held = (detections.c.participant_id == participants.c.id) & detections.c.freed_at.is_(None)
    return (
        select(
            preferences.c.region,
            *(participants.c[name] for name in ("id", "plan", "centre", "cohort")),
            *(participants.c[name] for name in ("enrolled_at", "died_on", "frozen_at")),
            *(preferences.c[name] for name in ("zone", "slot", "days", "reminders")),
            *(stops.c.at.label("stopped_at"), consents.c.given.label("consented"), consents.c.at.label("consent_at")),
            accounts.c.id.label("account"),
            *(accounts.c[name] for name in ("lane", "chat_id", "blocked_at", "blocked_why")),
            *(pauses_kept.c[name] for name in ("kind", "series", "since_at", "until_on")),
            *(detections.c.at.label("held_at"), detections.c.held_until_on),
        )
        .join(preferences, preferences.c.participant_id == participants.c.id)
        .outerjoin(stops, stopped)
        .outerjoin(consents, consents.c.id == last_word(participants.c.id, Purpose.FOLLOW_UP))
        .outerjoin(accounts, accounts.c.id == chat)
        .outerjoin(pauses_kept, resting)
        .outerjoin(detections, held)
        .where(participants.c.id.in_(bindparam("women", expanding=True)))
    )


_HERS = _of_each()  # built once: SQLAlchemy takes longer to build and recognise it than SQLite to answer it


def _circumstances(row: Any, pauses: tuple[Pause, ...]) -> Circumstances:
    chat = None
    if row.account is not None:
        chat = Chat(row.account, row.lane, row.chat_id, row.blocked_at, row.blocked_why)
    her = Circumstances(
        participant=row.id,
        zone=row.zone,
        slot=row.slot,
        days=row.days,
        reminders=row.reminders,
        plan=row.plan,
        centre=row.centre,
        cohort=row.cohort,
        enrolled_at=row.enrolled_at,
        died_on=row.died_on,
        frozen_at=row.frozen_at,
        stopped_at=row.stopped_at,
        consented=row.consented,
        consent_at=row.consent_at,
        chat=chat,
        pauses=pauses,
        region=row.region,
    )
    if row.held_at is None:
        return her
    until = None if row.held_until_on is None else her.start_of(row.held_until_on)
    return replace(her, held=Rest(row.held_at, until))
