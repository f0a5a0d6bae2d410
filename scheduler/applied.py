"""The applied plans by name, and which of them a woman follows where nothing else is said of her.

* The store keeps what was applied; a running process looks again, cheaply, whenever time passes.
* Of the plans whose `who` has her, the narrowest counts; whom none of them has follows the plan of the settings.
* A kept plan that this release can no longer read is told in the log; nothing of it is opened or reminded meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Protocol

from conversations.instrument import AND, Instrument, clashes
from scheduler.plan import Plan, PlanError, Point, parse_plan
from scheduler.plan_faults import PlanProblem
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

    def _claimed(self, centre: str | None, cohort: str | None) -> Plan | None:
        claiming = [plan for plan in self._by_name.values() if plan.who.narrowness and plan.who.has(centre, cohort)]
        return max(claiming, key=lambda plan: plan.who.narrowness, default=None)

    def followed_by(self, named: str | None, *, centre: str | None, cohort: str | None) -> Plan | None:
        """The plan of a woman for whom this one was `named`, or none; None if that plan is not to be had."""
        if named is not None:
            return self.get(named)
        return self._claimed(centre, cohort) or self.get(self._default)

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


# --- what a plan can ask


class Shelf(Protocol):
    """The instruments that can be asked."""

    @property
    def names(self) -> Mapping[str, str]:
        """The version in use of each instrument, by name."""
        ...

    def latest(self, name: str) -> Instrument:
        """The version in use; raises KeyError."""
        ...


def require_askable(plan: Plan, shelf: Shelf, *, told_of: str) -> None:
    """Raises PlanError, with every problem, if a check-in of the plan can't be asked; `told_of` names its file."""
    if problems := [problem for point in plan.points for problem in _unaskable(point, shelf)]:
        raise PlanError(told_of, problems)


def _unaskable(point: Point, shelf: Shelf) -> Iterator[PlanProblem]:
    where = f"point {point.name}"
    missing = [name for name in point.instruments if name not in shelf.names]
    for name in missing:
        known = ", ".join(sorted(shelf.names))
        yield PlanProblem(where, f"instruments: there is no instrument {name}; known are {known}")
    if len(set(point.instruments)) < len(point.instruments):
        yield PlanProblem(where, "instruments: one of them comes twice; name each once")
    if missing or len(point.instruments) == 1:
        return
    parts = [shelf.latest(name) for name in dict.fromkeys(point.instruments)]
    for question, one, other in clashes(parts):
        message = f"{one.name} and {other.name} ask {question} in different ways; rename it in one of them"
        yield PlanProblem(where, f"instruments: {message}")
    for part in parts:
        if AND in part.version:
            message = f"the version of {part.name} holds {AND}; it can't be asked together with others"
            yield PlanProblem(where, f"instruments: {message}")


def partings(plans: Plans, instrument: Instrument, *, shelf: Shelf) -> list[str]:
    """What keeps this version from being put in use: each sitting of an applied plan in which it could no longer be
    asked together with its partners, with the remedy."""
    found: list[str] = []
    for plan in filter(None, map(plans.get, plans.names)):
        for point in plan.points:
            if instrument.name not in point.instruments or len(point.instruments) == 1:
                continue
            where = f"and the plan {plan.name} asks them together (point {point.name})"
            others = [name for name in point.instruments if name in shelf.names and name != instrument.name]
            parts = [instrument, *(shelf.latest(name) for name in dict.fromkeys(others))]
            found += [
                f"{one.name} and {other.name} ask {question} in different ways, {where}: rename it in one of them"
                for question, one, other in clashes(parts)
                if one is instrument
            ]
            if AND in instrument.version:
                found.append(f"the version of {instrument.name} holds {AND}, {where}: call the version otherwise")
    return found
