"""The plans that are applied: which check-ins are expected of whom, as the store remembers it.

* A plan is kept as the text that was applied: what a file says today changes nothing until somebody applies it.
* Whoever applies a plan is written into the audit trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from storage import audit
from storage.database import Tx
from storage.schema import dates, participants, plans


@dataclass(frozen=True, slots=True)
class AppliedPlan:
    """One plan as it was applied last: `source` is its text, `version` what that text says."""

    name: str
    version: str
    source: str
    applied_at: datetime
    applied_by: str


async def applied_plans(tx: Tx) -> list[AppliedPlan]:
    """Every applied plan, by name."""
    return [AppliedPlan(**row._mapping) for row in await tx.run(select(plans).order_by(plans.c.name))]


async def is_anchor_unknown(tx: Tx, name: str | None) -> bool:
    """Whether there are women, and not one has the date of that name; None stands for the release."""
    if (await tx.run(select(participants.c.id).limit(1))).first() is None:
        return False
    hers = select(dates.c.name).where(dates.c.name == name)
    if name is None:
        hers = select(participants.c.id).where(participants.c.release_on.is_not(None))
    return (await tx.run(hers.limit(1))).first() is None


async def state(tx: Tx) -> Sequence[tuple[str, str]]:
    """(name, version) of every applied plan: another value after anything was applied, and cheap to ask for."""
    return [tuple(row) for row in await tx.run(select(plans.c.name, plans.c.version).order_by(plans.c.name))]


async def keep_plan(tx: Tx, name: str, *, version: str, source: str, by: str) -> None:
    """This text is the plan of that name from now on; `by` is a role or the id of a member of staff."""
    row = {"version": version, "source": source, "applied_at": tx.now, "applied_by": by}
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(plans).values(name=name, **row)
    await tx.run(statement.on_conflict_do_update(index_elements=[plans.c.name], set_=row))
    await audit.append(tx, [audit.Act(by, "plan_applied", name, version)])
