"""The applied plans by name, and which of them a woman follows where nothing else is said of her.

* The store keeps what was applied; a running process looks again, cheaply, whenever time passes.
* Of the plans whose `who` has her, the narrowest counts; whom none of them has follows the plan of the settings.
* A kept plan that this release can no longer read is told in the log; nothing of it is opened or reminded meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import combinations

from scheduler.plan import Plan, PlanError, parse_plan
from storage import plans
from storage.database import Tx

log = logging.getLogger(__name__)


class Plans:
    """Plans by name; `default` names the one that is followed by whoever no other plan claims."""

    def __init__(self, known: Iterable[Plan] = (), *, default: str) -> None:
        self._by_name = {plan.name: plan for plan in known}
        self._default = default
        self._seen: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(cls, *known: Plan) -> Plans:
        """These plans, the first of them the default."""
        return cls(known, default=known[0].name)

    @property
    def names(self) -> list[str]:
        """What the plans are called, the default first."""
        return sorted(self._by_name, key=lambda name: (name != self._default, name))

    @property
    def default(self) -> Plan:
        """The plan of whoever no other plan claims. Raises KeyError if it is not applied."""
        return self._by_name[self._default]

    def get(self, name: str) -> Plan | None:
        """The plan of that name, or None: a check-in can outlive its plan."""
        return self._by_name.get(name)

    def for_woman(self, centre: str | None, cohort: str | None) -> Plan:
        """The plan that a woman of this centre and cohort follows. Raises KeyError if none has her and there is no
        default."""
        claiming = [plan for plan in self._by_name.values() if plan.who.narrowness and plan.who.has(centre, cohort)]
        return max(claiming, key=lambda plan: plan.who.narrowness) if claiming else self.default

    def with_plan(self, plan: Plan) -> Plans:
        """The same, with this plan in the place of the one of its name."""
        return Plans((*(self._by_name | {plan.name: plan}).values(),), default=self._default)

    @property
    def rivals(self) -> list[tuple[Plan, Plan]]:
        """The pairs of plans that can both claim the same woman, neither being narrower than the other."""
        claiming = [plan for _, plan in sorted(self._by_name.items()) if plan.who.narrowness]
        return [
            (one, other)
            for one, other in combinations(claiming, 2)
            if one.who.narrowness == other.who.narrowness and one.who.meets(other.who)
        ]

    async def refresh(self, tx: Tx) -> bool:
        """Take in what was applied since the last look; returns whether there was anything."""
        seen = await plans.state(tx)
        if seen == self._seen:
            return False
        for kept in await plans.applied_plans(tx):
            known = self._by_name.get(kept.name)
            plan = known if known and known.version == kept.version else _readable(kept)
            if plan is not None:
                self._by_name[kept.name] = plan
            else:
                self._by_name.pop(kept.name, None)
        self._seen = seen
        return True


def _readable(kept: plans.AppliedPlan) -> Plan | None:
    try:
        return parse_plan(kept.source, kept.name)
    except PlanError as error:
        told = {"action": "plan_unreadable", "plan": kept.name, "problems": len(error.problems)}
        log.error("a plan cannot be read", extra=told)
        return None
