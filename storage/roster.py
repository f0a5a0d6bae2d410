"""One woman's check-ins as staff look them up, what a plan must know of women, and a woman's pseudonym outside.

* Nothing here opens the vault: names come from `people.cards`.
* A file fills a date in once; one that the store has is corrected for one woman at a time, by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import audit
from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.schema import checkins, dates, participants, preferences


@dataclass(frozen=True, slots=True)
class CheckinCard:
    """Where one check-in stands."""

    plan: str
    point: str
    series: str
    instrument: str
    state: CheckinState
    due_on: date | None
    opens_at: datetime | None
    invited_at: datetime | None
    started_at: datetime | None
    closed_at: datetime | None
    fate: Fate | None
    reason: Reason | None


async def checkins_of(tx: Tx, participant: int) -> list[CheckinCard]:
    """Her check-ins, the earliest due first; those without a date last."""
    statement = (
        select(checkins)
        .where(checkins.c.participant_id == participant)
        .order_by(checkins.c.due_on.nulls_last(), checkins.c.point)
    )
    return [
        CheckinCard(
            plan=row.plan,
            point=row.point,
            series=row.series,
            instrument=row.instrument,
            state=CheckinState(row.state),
            due_on=row.due_on,
            opens_at=row.opens_at,
            invited_at=row.invited_at,
            started_at=row.started_at,
            closed_at=row.closed_at,
            fate=row.fate and Fate(row.fate),
            reason=row.fate_reason and Reason(row.fate_reason),
        )
        for row in await tx.run(statement)
    ]


async def pseudonym(tx: Tx, participant: int) -> str:
    """The name under which she stands in exports and files."""
    person: str = (await tx.run(select(participants.c.person).where(participants.c.id == participant))).scalar_one()
    return person


# --- what a plan must know of her


@dataclass(frozen=True, slots=True)
class Follower:
    """A woman as plans see her. `plan` is the one that was named for her; None: it follows from centre and cohort.

    `dates` are hers beside the release, by name; `days` are digits, Monday being 0 (None: every day); `region` is
    her state by ISO 3166-2:MX. `is_expected` says whether the ledger has any check-in of hers, over or not.
    """

    id: int
    plan: str | None
    release_on: date | None
    centre: str | None
    cohort: str | None
    added_at: datetime
    died_on: date | None
    zone: str
    slot: str
    days: str | None
    region: str | None
    dates: Mapping[str, date]
    is_expected: bool = False


_FOLLOWER = (
    *(participants.c.id, participants.c.plan, participants.c.release_on, participants.c.centre, participants.c.cohort),
    *(participants.c.added_at, participants.c.died_on, preferences.c.zone, preferences.c.slot, preferences.c.days),
    preferences.c.region,
)

# Built once: for each batch of a plan anew, SQLAlchemy would take longer than the database.
_HERS = participants.c.id
_WOMEN = bindparam("women", type_=participants.c.id.type, expanding=True)
_FOLLOWERS = (
    select(
        *_FOLLOWER,
        exists().where(dates.c.participant_id == _HERS).label("dated"),
        exists().where(checkins.c.participant_id == _HERS).label("expected"),
    )
    .join(preferences, preferences.c.participant_id == _HERS)
    .where(_HERS.in_(_WOMEN))
    .order_by(_HERS)
)
_DATES = select(dates).where(dates.c.participant_id.in_(_WOMEN))


class Grouped(NamedTuple):
    """A woman with the plan that was named for her, if one was, and her group."""

    id: int
    plan: str | None
    centre: str | None
    cohort: str | None


async def followers(tx: Tx, women: Collection[int]) -> list[Follower]:
    """These women, a few hundred of them at most, by internal id."""
    rows = (await tx.run(_FOLLOWERS, [{"women": list(women)}])).all()
    by_woman: dict[int, dict[str, date]] = {}
    if dated := [row.id for row in rows if row.dated]:
        for woman, name, falls_on in await tx.run(_DATES, [{"women": dated}]):
            by_woman.setdefault(woman, {})[name] = falls_on
    return [Follower(*(*row[:-2], by_woman.get(row.id, {}), row.expected)) for row in rows]


async def groups_after(tx: Tx, last: int, limit: int) -> list[Grouped]:
    """Of the next women by internal id after `last`, what decides which plan they follow: page by page, everybody."""
    groups = select(participants.c.id, participants.c.plan, participants.c.centre, participants.c.cohort)
    page = groups.where(participants.c.id > last).order_by(participants.c.id).limit(limit)
    return [Grouped(*row) for row in await tx.run(page)]


async def what_waits(tx: Tx, women: Collection[int]) -> dict[int, dict[str, int]]:
    """How many check-ins each plan expects of these women that nothing has been sent of; of whom none, is left out."""
    waits = checkins.c.state.in_((CheckinState.EXPECTED, CheckinState.WAITING_FOR_DATE))
    hers, plan = checkins.c.participant_id, checkins.c.plan
    statement = select(hers, plan, func.count()).where(hers.in_(women), waits).group_by(hers, plan)
    found: dict[int, dict[str, int]] = {}
    for woman, name, count in await tx.run(statement):
        found.setdefault(woman, {})[name] = count
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is to be known of a woman from now on; None leaves it as it is.

    `plan` "" names none for her; `days` "" are all of the week; `alive` undoes a death that was written down wrongly.
    """

    release_on: date | None = None
    dates: Mapping[str, date] = field(default_factory=dict)
    plan: str | None = None
    cohort: str | None = None
    centre: str | None = None
    died_on: date | None = None
    alive: bool = False
    zone: str | None = None
    slot: str | None = None
    days: str | None = None
    region: str | None = None
    reminders: bool | None = None

    @property
    def names(self) -> list[str]:
        """Which of them are told, for the audit trail."""
        told = [name for name in self.__dataclass_fields__ if getattr(self, name) not in (None, False, {})]
        silenced = ["reminders"] if self.reminders is False else []
        return [
            *(name for name in told if name != "dates"),
            *silenced,
            *(f"date_{name}" for name in sorted(self.dates)),
        ]


async def set_facts(tx: Tx, participant: int, facts: Facts) -> None:
    """Write down what is known of her from now on; what follows for her check-ins is not done here."""
    hers: dict[str, Any] = {
        name: getattr(facts, name) or None
        for name in ("release_on", "plan", "cohort", "centre", "died_on")
        if getattr(facts, name) is not None
    }
    if facts.alive:
        hers["died_on"] = None
    named = ("zone", "slot", "region")
    wishes: dict[str, Any] = {name: value for name in named if (value := getattr(facts, name)) is not None}
    if facts.days is not None:
        wishes["days"] = facts.days or None
    if facts.reminders is not None:
        wishes["reminders"] = facts.reminders
    if hers:
        await tx.run(update(participants).where(participants.c.id == participant).values(hers))
    if wishes:
        await tx.run(update(preferences).where(preferences.c.participant_id == participant).values(wishes))
    for name, falls_on in facts.dates.items():
        await set_dates(tx, name, {participant: falls_on})
    acts = [audit.Act("command", "participant_set", str(participant), name) for name in facts.names]
    await audit.append(tx, acts)


async def set_dates(tx: Tx, name: str, days: Mapping[int, date]) -> None:
    """These women's date of that name."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(dates)
    latest = statement.on_conflict_do_update(
        index_elements=[dates.c.participant_id, dates.c.name], set_={"falls_on": statement.excluded.falls_on}
    )
    await tx.run(latest, [{"participant_id": woman, "name": name, "falls_on": day} for woman, day in days.items()])


async def fill_release_dates(tx: Tx, days: Mapping[int, date]) -> None:
    """These women's release dates, where there was none."""
    dateless = (participants.c.id == bindparam("woman")) & participants.c.release_on.is_(None)
    statement = update(participants).where(dateless).values(release_on=bindparam("day"))
    await tx.run(statement, [{"woman": woman, "day": day} for woman, day in days.items()])
    await audit.append(tx, [audit.Act("command", "release_date_filled", str(woman)) for woman in days])
