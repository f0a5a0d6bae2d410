"""What staff correct of one woman from their desk: shown with all that follows from it, and only then written.

* One thing at a time, as a code: what she reads as the preview is what is written, or nothing is.
* Who has changed the same thing meanwhile is not overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scheduler.applied import Plans
from scheduler.planning import Change
from scheduler.replanning import correct, hours_come, known_as
from storage import audit, roster
from storage.database import Conflict, Tx
from storage.members import Member
from storage.records import Entry, Writer
from storage.roster import Facts, Follower
from storage.search import may_see

FIELDS = ("release_on", "centre", "zone", "region", "slot", "days")
"""What can be corrected so, by its name in `Facts`."""


@dataclass(frozen=True, slots=True)
class Correction:
    """From now on this one of FIELDS says that of her, as a code; it said `was` ("": nothing)."""

    woman: int
    field: str
    value: str
    was: str

    @property
    def facts(self) -> Facts:
        """The same as what is known of her."""
        told: Any = date.fromisoformat(self.value) if self.field == "release_on" else self.value
        return Facts(**{self.field: told})

    def is_told_of(self, her: Follower) -> bool:
        """Whether she stands as it was seen when this was asked for."""
        known = getattr(her, self.field)
        return ("" if known is None else str(known)) == self.was


@dataclass(frozen=True, slots=True)
class Previewed:
    """What would follow for her check-ins; `never` if no hour of hers would ever come, and `stale` if she no longer
    stands as she did."""

    changes: Sequence[Change]
    never: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True)
class CorrectionPreview:
    """What would follow from a correction, for a member of staff who may see her."""

    member: Member
    correction: Correction
    plans: Plans = field(compare=False)

    async def find(self, tx: Tx) -> Previewed | None:
        """It; None where there is no such woman for this member."""
        wanted = self.correction
        if not await may_see(tx, self.member, wanted.woman):
            return None
        (her,) = await roster.followers(tx, [wanted.woman])
        after = known_as(her, wanted.facts)
        plan = self.plans.followed_by(after.plan, centre=after.centre, cohort=after.cohort)
        never = plan is not None and not hours_come(after, plan, now=tx.now)
        changes = () if never else await correct(tx, her.id, wanted.facts, plans=self.plans, keep=False)
        return Previewed(changes, never, stale=not wanted.is_told_of(her))


@dataclass(frozen=True, slots=True)
class Corrected:
    """A member of staff has confirmed this correction."""

    correction: Correction
    by: int
    plans: Plans = field(compare=False)


async def _corrected(tx: Tx, entries: Sequence[Entry[Corrected]]) -> None:
    """Raises Conflict if somebody has changed the same of her since it was shown."""
    for record in (entry.record for entry in entries):
        wanted = record.correction
        (her,) = await roster.followers(tx, [wanted.woman])
        if not wanted.is_told_of(her):
            raise Conflict(f"{wanted.field} has changed meanwhile")
        await correct(tx, wanted.woman, wanted.facts, plans=record.plans)
        await audit.append(tx, [audit.Act(audit.acting(record.by), "corrected", str(wanted.woman), wanted.field)])


WRITERS: dict[type, Writer] = {Corrected: _corrected}
