"""What the team sent her, at her tap: wherever she is, and without disturbing it.

* What waits is shown however old the line is that she taps, in a sitting and after a stop, too: she asks for it.
* A reply to what was shown goes to the case that it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.stateless import Stateless
from conversations.session import Sprint
from conversations.speech import Phrase, TapAnswered
from scheduler.dialogue import Event, Facts, Tapped
from storage.facts import Who
from storage.notices import CLEAR, OPEN, NoticesCleared, NoticesOpened, Waiting
from storage.records import Need

NOTICE_BUTTONS = frozenset({OPEN, CLEAR})


class Notices(Stateless):
    """The dialogue of the two buttons of a notice: each tap is all of it."""

    name = "notices"

    def needs(self, state: None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """Whether anything waits for her."""
        return () if who.person is None else (Waiting(who.person.participant),)

    def step(self, state: None, event: Event, facts: Facts) -> Sprint[None, Any]:
        """Show what waits, or take away what was shown."""
        assert isinstance(event, Tapped)
        if event.action == CLEAR:
            return Sprint(None, (TapAnswered(event.tap), NoticesCleared(event.session)))
        if not facts.get(Waiting(facts.person.participant)):
            return Sprint(None, (TapAnswered(event.tap, Phrase("notice.nothing")),))
        return Sprint(None, (TapAnswered(event.tap), NoticesOpened(event.session)))


def replied_to(facts: Facts) -> str | None:
    """The cause of the notice that her message replies to; None where it replies to none."""
    return next((one.cause for one in facts.person.shown if (one.reading, one.sprint) == facts.replied_to), None)
