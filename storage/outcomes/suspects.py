"""Rows of the outcome store that cannot all be true, or that lack what they are compared with: a query for each kind.

* A query finds; whatever it cannot tell by itself is told by `holds`, of the few rows that it leaves.
* Every query yields the woman, what it is about, the day, and the imported row that says so, if one does.
* What has no day of its own (a row that names none is of the day of its import) contradicts no other day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Table,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)

from conversations.answers import Money, Period
from conversations.income import is_unusual, least_unusual
from storage.importing import today_of
from storage.imports.workshops import Axis
from storage.outcomes import scoring
from storage.outcomes.kinds import Kind
from storage.outcomes.known import ATTENDED, known
from storage.outcomes.pack import Construct
from storage.outcomes.work import INSIDE, NO_WORK, NOW, UNPAID_WORK
from storage.schema import employments, enrolments, incomes, measurements, participants

BEFORE = "pre_taller"
PRE = "pre"

COMPARED = (Construct.ANXIETY, Construct.REGULATION, Construct.GENDER, Construct.RESILIENCE)
"""What is measured before and after (F8 to F11)."""

_GROWN = 5
"""Times the income before: no middle of a range that has grown less reaches ten times that."""


def _always(row: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Search:
    """How rows of one kind are found."""

    rows: Callable[[], Select[Any]]
    holds: Callable[[Any], bool] = _always


def _found(
    table: Any, what: ColumnElement[Any] | str, *more: Any, day: ColumnElement[Any] | None = None, other: Any = None
) -> Select[Any]:
    """The columns of every query; the imported row is this table's, or else the other's."""
    import_id, line = table.c.import_id, table.c.line
    if other is not None:
        line = case((import_id.is_not(None), line), else_=other.c.line)
        import_id = func.coalesce(import_id, other.c.import_id)
    return select(
        table.c.participant_id.label("woman"),
        (literal(what, Text) if isinstance(what, str) else what).label("what"),
        (null().cast(Date) if day is None else day).label("day"),
        import_id.label("import_id"),
        line.label("line"),
        *more,
    ).select_from(table)


def _same(one: Any, other: Any, *names: str) -> ColumnElement[bool]:
    return and_(*(one.c[name] == other.c[name] for name in ("participant_id", *names)))


def _another(table: Table) -> Any:
    return table.alias()


# --- contradictions


def _works_and_not() -> Select[Any]:
    job, none = employments, _another(employments)
    still = or_(job.c.ended_on.is_(None), job.c.ended_on >= none.c.as_of_on)
    that_day = _same(job, none, "as_of_on", "scope") & still
    rows = _found(job, job.c.kind, day=job.c.as_of_on, other=none).join(none, that_day)
    return rows.where(job.c.kind != NO_WORK, none.c.kind == NO_WORK, known(job), known(none))


def _paid_without_work() -> Select[Any]:
    pay, none = incomes, employments
    rows = _found(pay, pay.c.moment, day=pay.c.as_of_on, other=none).join(none, _same(pay, none, "as_of_on", "scope"))
    return rows.where(pay.c.moment == NOW, pay.c.monthly > 0, none.c.kind == NO_WORK, known(pay), known(none))


def _ended_before_begun() -> Select[Any]:
    job = employments
    return _found(job, job.c.kind, day=job.c.ended_on).where(job.c.ended_on < job.c.started_on, known(job))


def _post_before_pre() -> Select[Any]:
    post, pre = measurements, _another(measurements)
    of_hers = _same(pre, post, "instrument", "version", "subscale") & (pre.c.moment == PRE) & known(pre)
    first = exists().where(of_hers, pre.c.taken_on <= post.c.taken_on)
    later = exists().where(of_hers, pre.c.taken_on > post.c.taken_on)
    return _found(post, post.c.instrument, day=post.c.taken_on).where(post.c.moment != PRE, later, ~first, known(post))


def _inside_after_release() -> Select[Any]:
    job, her = employments, participants
    undated = job.c.started_on.is_(None) & job.c.ended_on.is_(None)
    said = or_(job.c.started_on > her.c.release_on, job.c.ended_on > her.c.release_on)
    after = or_(said, undated & (job.c.as_of_on > her.c.release_on))
    day = func.coalesce(job.c.ended_on, job.c.started_on, job.c.as_of_on)
    rows = _found(job, job.c.kind, undated.label("undated"), job.c.learned_at, day=day)
    return rows.join(her, her.c.id == job.c.participant_id).where(job.c.scope == INSIDE, after, known(job))


def _has_a_day(row: Any) -> bool:
    return not row.undated or row.import_id is None or row.day != today_of(row.learned_at)


def _enrolled_after_death() -> Select[Any]:
    one, her = enrolments, participants
    rows = _found(one, one.c.workshop, day=one.c.started_on).join(her, her.c.id == one.c.participant_id)
    return rows.where(one.c.started_on > her.c.died_on, known(one))


def _baselines_differ() -> Select[Any]:
    """What she earned before is told of several days, and not in the same words: incomes of one day add up."""
    pay = incomes
    told = (pay.c.moment == BEFORE) & known(pay)
    by_day = select(pay.c.participant_id, func.sum(pay.c.monthly).label("total")).where(
        told, pay.c.monthly.is_not(None)
    )
    days = by_day.group_by(pay.c.participant_id, pay.c.as_of_on).subquery()
    differ = select(days.c.participant_id).group_by(days.c.participant_id)
    women = differ.having(func.min(days.c.total) < func.max(days.c.total))
    return _found(pay, BEFORE).where(told, pay.c.participant_id.in_(women))


# --- incomes


def _unusual_income() -> Select[Any]:
    """Imported amounts that a check-in would have asked about, unless she has told as much in one."""
    pay, said = incomes, _another(incomes)
    of_hers = _same(said, pay, "moment") & known(said)
    confirmed = exists().where(of_hers, said.c.checkin_id.is_not(None), said.c.monthly >= pay.c.monthly)
    before = select(said.c.monthly).where(of_hers, said.c.as_of_on < pay.c.as_of_on, said.c.monthly.is_not(None))
    earlier = before.order_by(said.c.as_of_on.desc(), said.c.monthly.desc()).limit(1).scalar_subquery()
    more = (pay.c.amount, pay.c.high, pay.c.period, pay.c.days_per_week, pay.c.as_of_on, earlier.label("earlier"))
    middle = least_unusual() / 2  # of a range that reaches so far
    worth = or_(pay.c.monthly >= middle, pay.c.monthly >= _GROWN * earlier)
    rows = _found(pay, pay.c.moment, *more, day=pay.c.as_of_on)
    return rows.where(pay.c.import_id.is_not(None), worth, ~confirmed, known(pay))


def _is_unusual(row: Any) -> bool:
    period = None if row.period is None else Period(row.period)
    pay = Money(Decimal(row.amount), period=period, days_per_week=row.days_per_week, high=row.high)
    return is_unusual(pay, row.as_of_on, earlier=row.earlier)


def _no_monthly() -> Select[Any]:
    pay = incomes
    unclear = pay.c.amount.is_not(None) & pay.c.monthly.is_(None)
    return _found(pay, pay.c.moment, day=pay.c.as_of_on).where(unclear, known(pay))


# --- what is missing


def _no_income_before() -> Select[Any]:
    """Found work after her training and has an income, and nobody has asked what she earned before."""
    one, job, pay, told = enrolments, employments, incomes, _another(incomes)
    began = select(one.c.participant_id, func.min(one.c.started_on).label("day"))
    trained = began.where(one.c.axis == Axis.WORK, ATTENDED, known(one)).group_by(one.c.participant_id).subquery()
    goes_on = job.c.ended_on.is_(None) & or_(job.c.started_on.is_not(None), job.c.as_of_on >= trained.c.day)
    since = (job.c.participant_id == trained.c.participant_id) & or_(job.c.ended_on >= trained.c.day, goes_on)
    employed = exists().where(since, job.c.kind.not_in((NO_WORK, UNPAID_WORK)), known(job))
    asked = exists().where(_same(told, pay), told.c.moment == BEFORE, known(told))
    earns = (pay.c.moment == NOW) & pay.c.monthly.is_not(None) & known(pay)
    nowhere = (null().cast(Integer).label("import_id"), null().cast(Integer).label("line"))
    rows = select(
        pay.c.participant_id.label("woman"), literal(BEFORE, Text).label("what"), null().cast(Date).label("day")
    )
    found = rows.add_columns(*nowhere).join(trained, trained.c.participant_id == pay.c.participant_id)
    return found.where(earns, employed, ~asked).distinct()


def _no_score_before() -> Select[Any]:
    post, pre = measurements, _another(measurements)
    names = [pack.name for pack in scoring.packs() if pack.measures in COMPARED]
    of_hers = _same(pre, post, "instrument", "version", "subscale") & (pre.c.moment == PRE)
    rows = _found(post, post.c.instrument)
    return rows.where(
        post.c.moment != PRE, post.c.instrument.in_(names), ~exists().where(of_hers, known(pre)), known(post)
    )


SEARCHES: Mapping[Kind, Search] = {
    Kind.WORKS_AND_NOT: Search(_works_and_not),
    Kind.PAID_WITHOUT_WORK: Search(_paid_without_work),
    Kind.ENDED_BEFORE_BEGUN: Search(_ended_before_begun),
    Kind.POST_BEFORE_PRE: Search(_post_before_pre),
    Kind.INSIDE_AFTER_RELEASE: Search(_inside_after_release, _has_a_day),
    Kind.ENROLLED_AFTER_DEATH: Search(_enrolled_after_death),
    Kind.BASELINES_DIFFER: Search(_baselines_differ),
    Kind.UNUSUAL_INCOME: Search(_unusual_income, _is_unusual),
    Kind.NO_MONTHLY: Search(_no_monthly),
    Kind.NO_INCOME_BEFORE: Search(_no_income_before),
    Kind.NO_SCORE_BEFORE: Search(_no_score_before),
}
"""Those kinds that are rows of the outcome store."""
