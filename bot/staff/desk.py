"""What staff can do from their chat in this release: see how many wait, and how the check-ins stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.participant import invitation
from bot.stateless import Stateless
from conversations.session import Sprint
from conversations.speech import Button, Phrase, Said, TapAnswered
from scheduler.dialogue import Event, Facts, Tapped
from storage.facts import Counts, CountsNow, Need

SUMMARY = "summary"


class StaffDesk(Stateless):
    """The dialogue of a member of staff: one menu, without state."""

    name = "staff"

    def needs(self, state: None, event: Event) -> Sequence[Need]:
        """How things stand now, and the invitation where a link was pressed."""
        return (CountsNow(), *invitation.pressed(event))

    def step(self, state: None, event: Event, facts: Facts) -> Sprint[None, Any]:
        """Show how things stand; a link of somebody else's is refused."""
        if invitation.is_of_another(event, facts):
            return Sprint(None, (Said(Phrase("enrolment.other_phone")),))
        counts = facts.found[CountsNow()]
        assert isinstance(counts, Counts)
        numbers: dict[str, str | int] = {
            "women": counts.enrolled,
            "open": counts.open_checkins,
            "completed": counts.completed,
            "missed": counts.not_completed,
            "waiting": counts.waiting_cases,
        }
        menu = ((Button(SUMMARY, Phrase("staff.summary_button")),),)
        said = Said(Phrase("staff.summary", numbers), menu, facts.session, facts.sprint)
        return Sprint(None, (TapAnswered(event.tap), said) if isinstance(event, Tapped) else (said,))
