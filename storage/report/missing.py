"""Who is missing: of the women with a check-in that is over, who answered the last one, by what is known of each.

* The database counts; what leaves it grows with the traits, not with the women.
* What is not known of a woman is a group of its own.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from storage.database import Tx
from storage.fates import CheckinState, Fate
from storage.funnel import COUNTED
from storage.outcomes.figures import BOTH_SCOPES, EVER, UNKNOWN_GROUP, Figure
from storage.outcomes.groups import AGES
from storage.schema import checkins, participants

KEPT = "kept"
ANSWERED = (Fate.COMPLETED, Fate.PARTIAL)

SOME, NONE = "con_menores", "sin_menores"
_CHILDREN = ("dependants_0_5", "dependants_6_11", "dependants_12_17")


async def missing(tx: Tx, as_of: date) -> Figure:
    """How many answered their last check-in that is over: the figure, with each trait as a dimension."""
    traits: dict[str, Counter[tuple[str, bool]]] = {}
    whole: Counter[bool] = Counter()
    for row in await tx.run(_alike()):
        answered = bool(row.answered)
        whole[answered] += row.number
        for trait, code in _traits(row, as_of.year).items():
            traits.setdefault(trait, Counter())[code, answered] += row.number
    by = {trait: _groups(counted) for trait, counted in traits.items()}
    return Figure(KEPT, KEPT, BOTH_SCOPES, EVER, whole[True], whole.total(), whole.total(), by=by)


def _alike() -> Any:
    """How many women with the same traits, by whether they answered."""
    latest = (checkins.c.closed_at.desc(), checkins.c.id)
    over = (checkins.c.state == CheckinState.CLOSED) & checkins.c.fate.in_(COUNTED)
    age = func.row_number().over(partition_by=checkins.c.participant_id, order_by=latest)
    each = select(checkins.c.participant_id, checkins.c.fate, age.label("age")).where(over).subquery()
    hers = participants.c
    children = func.coalesce(*(hers[name] for name in _CHILDREN))
    sum_of = sum((func.coalesce(hers[name], 0) for name in _CHILDREN[1:]), func.coalesce(hers[_CHILDREN[0]], 0))
    has = case((children.is_(None), None), (sum_of > 0, 1), else_=0)
    traits = (hers.birth_year, hers.schooling, hers.centre, hers.cohort, has.label("children"))
    answered = each.c.fate.in_(ANSWERED).label("answered")
    found = select(*traits, answered).join_from(each, participants, hers.id == each.c.participant_id)
    rows = found.where(each.c.age == 1).subquery()
    return select(*rows.c, func.count().label("number")).group_by(*rows.c)


def _traits(row: Any, year: int) -> dict[str, str]:
    children = {None: UNKNOWN_GROUP, 1: SOME, 0: NONE}[row.children]
    return {
        "age": UNKNOWN_GROUP if row.birth_year is None else _band(year - row.birth_year),
        "schooling": row.schooling or UNKNOWN_GROUP,
        "dependants": children,
        "centre": row.centre or UNKNOWN_GROUP,
        "cohort": row.cohort or UNKNOWN_GROUP,
    }


def _band(age: int) -> str:
    return [name for start, name in AGES if start <= max(age, 0)][-1]


def _groups(counted: Counter[tuple[str, bool]]) -> dict[str, Figure]:
    codes = sorted({code for code, _ in counted}, key=lambda code: (code == UNKNOWN_GROUP, _rank(code), code))
    return {code: _figure(counted[code, True], counted[code, True] + counted[code, False]) for code in codes}


def _rank(code: str) -> int:
    bands = [name for _, name in AGES]
    return bands.index(code) if code in bands else 0


def _figure(answered: int, women: int) -> Figure:
    return Figure(KEPT, KEPT, BOTH_SCOPES, EVER, answered, women, women)
