"""What staff can do from their chat in this release: see how many wait, how the check-ins stand, and send instruments.

* An instrument that waits for a coordinator's word keeps waiting while she does other things.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.library import Library
from bot.participant import invitation
from bot.staff.instruments import Awaited, InstrumentDesk, Reviewed, State
from conversations.codec import Tagged
from conversations.session import Sprint
from conversations.speech import Button, Phrase, Said, TapAnswered
from scheduler.applied import Plans
from scheduler.dialogue import Event, Facts, Tapped
from storage.facts import Counts, CountsNow, Need

SUMMARY = "summary"

_STATES: Tagged[Any] = Tagged(Awaited, Reviewed)


class StaffDesk:
    """The dialogue of a member of staff: one menu, and at most one instrument in hand."""

    name = "staff"

    def __init__(self, library: Library, plans: Plans) -> None:
        self._instruments = InstrumentDesk(library, plans)

    def load(self, data: bytes) -> State:
        """The state that `dump` wrote."""
        state: State = _STATES.load(data)
        return state

    def dump(self, state: State) -> bytes:
        """The state as bytes."""
        return _STATES.dump(state)

    def expires_at(self, state: State) -> datetime | None:
        """What is in hand does not wait for ever."""
        return None if state is None else state.until

    def needs(self, state: State, event: Event) -> Sequence[Need]:
        """How things stand now, the invitation where a link was pressed, the file where one has arrived."""
        return (CountsNow(), *invitation.pressed(event), *self._instruments.needs(state, event))

    def step(self, state: State, event: Event, facts: Facts) -> Sprint[State, Any]:
        """Attend to an instrument, or show how things stand; a link of somebody else's is refused."""
        if (reply := self._instruments.step(state, event, facts)) is not None:
            return reply
        if invitation.is_of_another(event, facts):
            return Sprint(state, (Said(Phrase("enrolment.other_phone")),))
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
        return Sprint(state, (TapAnswered(event.tap), said) if isinstance(event, Tapped) else (said,))
