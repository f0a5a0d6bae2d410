"""The report in a chat: one page of HTML as a file, of the day on which it is asked for.

* It is for the team: small groups stand in it, no woman does. That it was made is written down.
* The file leaves the chat after a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.staff import permissions
from bot.staff.room import Act, Turn, View, member_of
from conversations.codec import Tagged
from conversations.speech import ChatCleaned, FileHanded, Phrase
from locales.catalog import SPANISH, long_date
from scheduler.dialogue import Facts
from storage.members import Member
from storage.records import Need
from storage.report.making import ReportMade, ReportPage, hash_of

KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Handed:
    """A report stands in her chat, in that sprint, since then."""

    sprint: int
    since: datetime


class ReportRoom:
    """Where the report is asked for."""

    name = "report"
    states: Tagged[Any] = Tagged(Handed)

    def until(self, held: Any) -> datetime | None:
        """A report goes after a day."""
        return None if held is None else held.since + KEPT_FOR

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The page."""
        return (ReportPage(),) if act.verb == "make" else ()

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Hand it over, in the place of an earlier one."""
        gone = () if held is None else (ChatCleaned(facts.session, held.sprint),)
        if act.verb == permissions.LATE:
            return Turn(None, None, gone, stays=False)
        found = facts.get(ReportPage()) if act.verb == "make" else None
        if found is None:
            return None
        file = FileHanded(f"informe-{found.day:%Y-%m-%d}.html", found.page.encode(), facts.session)
        made = ReportMade(member_of(facts).staff, hash_of(found.page))
        told = View(Phrase("staff.report_handed", {"day": long_date(found.day, SPANISH)}))
        return Turn(Handed(facts.sprint, act.at), told, (*gone, made, file), anew=True, stays=False)
