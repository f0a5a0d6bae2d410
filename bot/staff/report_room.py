"""The report in a chat: one page of HTML as a file, of the day on which it is asked for.

* It is for the team: small groups stand in it, no woman does. That it was made is written down.
* The file leaves the chat after a day (bot/staff/standing.py), also from a chat that is nobody's by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.staff import permissions, standing
from bot.staff.room import Act, Turn, View, member_of
from bot.staff.standing import Standing
from conversations.codec import Tagged
from conversations.speech import FileHanded, Phrase
from locales.catalog import SPANISH, long_date
from scheduler.dialogue import Facts
from storage.imports.catalogue import Catalogue
from storage.members import Member
from storage.records import Need
from storage.report.making import ReportMade, ReportPage


class ReportRoom:
    """Where the report is asked for; centres go by the names of `catalogue`."""

    name = "report"
    states: Tagged[Any] = Tagged(Standing)

    def __init__(self, catalogue: Catalogue) -> None:
        self._page = ReportPage(catalogue=catalogue)

    def until(self, held: Any) -> datetime | None:
        """A report goes after a day."""
        return standing.until(held)

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The page."""
        return (self._page,) if act.verb == "make" else ()

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Hand it over, in the place of an earlier one."""
        gone = standing.gone(held, facts)
        if act.verb == permissions.LATE:
            return Turn(None, None, gone, stays=False)
        found = facts.get(self._page) if act.verb == "make" else None
        if found is None:
            return None
        file = FileHanded(f"informe-{found.day:%Y-%m-%d}.html", found.page.encode(), facts.session, standing.HOURS)
        made = ReportMade(member_of(facts).staff, found.hash)
        told = View(Phrase("staff.report_handed", {"day": long_date(found.day, SPANISH)}))
        return Turn(Standing(facts.sprint, act.at), told, (*gone, made, file), anew=True, stays=False)
