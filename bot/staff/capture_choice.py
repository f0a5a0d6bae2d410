"""Whom staff are going to ask, and about which check-in of hers.

* Only women whom the member of staff may see are offered, and only what she can be asked about now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.staff.room import Act, Turn, View, button, member_of
from bot.staff.roster import LONGEST_SEARCH
from bot.staff.wording import point_in_words
from conversations.speech import Phrase
from locales.catalog import SPANISH, long_date
from scheduler.dialogue import Facts
from storage.captures import Her, HerToAsk, ToAsk
from storage.members import Member
from storage.records import Need
from storage.search import WomenFound


def needs(act: Act, *, member: Member) -> Sequence[Need[Any]]:
    """Who is meant by what she wrote, behind the command or by itself; what is too long is no name."""
    return () if len(_sought(act)) > LONGEST_SEARCH else (WomenFound(member, _sought(act)),)


def _sought(act: Act) -> str:
    return act.about if act.verb == "menu" else act.words


def women(act: Act, *, facts: Facts) -> Turn:
    """The women that were found, a button each."""
    words = _sought(act)
    if len(words) > LONGEST_SEARCH:
        return Turn(None, View(Phrase("staff.capture_search_long")))
    page = facts.get(WomenFound(member_of(facts), words))
    found = () if page is None else page.women
    rows = tuple(
        (
            button(
                f"capture.her.{one.participant:x}", "staff.capture_her_button", name=one.name, record_id=one.record_id
            ),
        )
        for one in found
    )
    if not found:
        return Turn(None, View(Phrase("staff.capture_nobody" if words else "staff.capture_none")))
    return Turn(None, View(Phrase("staff.capture_who"), rows))


def stopped(her: Her) -> View:
    """She wishes to be left alone."""
    return View(Phrase("staff.capture_stopped", {"name": her.name}))


def checkins(found: HerToAsk, can: Sequence[ToAsk]) -> View:
    """Which of her check-ins, by week or month and by date."""
    rows = tuple(
        (
            button(
                f"capture.checkin.{one.id:x}",
                "staff.capture_checkin_button",
                point=point_in_words(one.point),
                day=long_date(one.due_on, SPANISH),
            ),
        )
        for one in can
    )
    return View(Phrase("staff.capture_which" if rows else "staff.capture_nothing", {"name": found.her.name}), rows)
