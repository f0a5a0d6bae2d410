"""When something unasked may reach a woman: by the calendar of the plan that it is about, or that she follows.

* Where no such plan is to be had the default's calendar holds.
* Where no hour of hers ever comes, what waits is looked at tomorrow.
"""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.applied import Plans
from scheduler.cadence import ONE_DAY
from scheduler.calendar import NeverOpens, Preferences, Slot, next_allowed
from storage.leaving import HerHours
from storage.segments import MaySend

log = logging.getLogger(__name__)


def may_send_by(plans: Plans) -> MaySend:
    """The first instant from a moment on at which something unasked may reach a woman with these hours."""

    def may_send(hers: HerHours, at: datetime) -> datetime:
        days = frozenset(map(int, hers.days or ""))
        her = Preferences(ZoneInfo(hers.zone), Slot(hers.slot), days)
        plan = plans.followed_by(hers.plan, centre=hers.centre, cohort=hers.cohort) or plans.default
        try:
            return next_allowed(at, her, calendar=plan.calendar)
        except NeverOpens:
            log.error("what waits for her has no hour to leave", extra={"action": "hours_never_come"})
            return at + ONE_DAY

    return may_send
