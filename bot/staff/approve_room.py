"""A code by which somebody else makes one export with record_ids, on the server.

* It is shown once, in a message of its own, which goes once the code has served or is too old, or she wants it gone.
* Who gets it is hers to know: she tells it to one person, by voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.staff.room import Act, Turn, View, button, member_of, stale
from conversations.codec import Tagged
from conversations.speech import ChatCleaned, Phrase
from locales.catalog import SPANISH, long_date
from scheduler.dialogue import Facts, Tapped
from storage.approvals import CodeDrawn, Fresh, FreshCode
from storage.members import Member
from storage.records import Need

GROUP = 5
"""Letters of a code that stand together, so that it can be read aloud."""


class ApproveRoom:
    """Where a code is drawn."""

    name = "approve"
    states: Tagged[Any] = Tagged()

    def until(self, held: Any) -> datetime | None:
        """Nothing waits here."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """A code, and how many of hers count already."""
        return () if act.verb == "hide" else (FreshCode(member.staff),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Say what a code is for, show one, or take it away."""
        if act.verb == "hide":
            return _hidden(act, facts=facts)
        fresh = facts.get(FreshCode(member_of(facts).staff))
        assert fresh is not None
        if act.verb == "menu":
            lines = (Phrase("staff.approve_open", {"count": fresh.open}),) if fresh.open else ()
            return Turn(None, View(Phrase("staff.approve", {}, lines), _DRAW), stays=False)
        if not act.fresh:
            return stale()
        record = CodeDrawn(fresh.code, member_of(facts).staff, facts.sprint)
        return Turn(None, _shown(fresh), (record,), anew=True, stays=False, over=True)


_DRAW = ((button("approve.draw", "staff.approve_draw_button"),),)
_HIDE = ((button("approve.hide", "staff.approve_hide_button"),),)


def _shown(fresh: Fresh) -> View:
    local = fresh.until.astimezone(ZoneInfo(fresh.zone))
    code = f"{fresh.code[:GROUP]}-{fresh.code[GROUP:]}"
    until: dict[str, str | int] = {"code": code, "day": long_date(local.date(), SPANISH), "time": f"{local:%H:%M}"}
    return View(Phrase("staff.approve_code", until), _HIDE)


def _hidden(act: Act, *, facts: Facts) -> Turn:
    if not isinstance(act.event, Tapped) or act.event.session != facts.session:
        return stale()
    return Turn(None, None, (ChatCleaned(facts.session, act.event.sprint),), stays=False)
