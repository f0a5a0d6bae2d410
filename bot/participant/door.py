"""What happens in a chat where no conversation is open, or where a button outlived its conversation.

* Nothing she sends falls silent: she learns that there is nothing to do, and that help is one tap away.
* A link of somebody else's is refused, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.participant import invitation
from bot.participant.wishes import help_asked, stop_asked, wish
from bot.stateless import Stateless
from conversations.reading.controls import Control
from conversations.session import Sprint
from conversations.speech import Button, Phrase, Said, TapAnswered
from scheduler.dialogue import BlockedChanged, Event, Facts, Started, Tapped
from storage.facts import Need
from storage.people import ChatBlocked

HELP_BUTTON = "help"

Reply = Sprint[None, Any]


class Door(Stateless):
    """A woman whom we know, with no question open."""

    name = "door"

    def needs(self, state: None, event: Event) -> Sequence[Need]:
        """The invitation, where a link was pressed."""
        return invitation.pressed(event)

    def step(self, state: None, event: Event, facts: Facts) -> Reply:
        """Reply to whatever she did, or stay silent where there is nothing to reply to."""
        match event, wish(event):
            case Tapped(tap=tap, action="help"), _:
                return Sprint(None, (TapAnswered(tap), *help_asked()))
            case _, Control.HELP:
                return Sprint(None, help_asked())
            case _, Control.STOP:
                return Sprint(None, stop_asked())
            case Started(), _ if invitation.is_of_another(event, facts):
                return Sprint(None, (Said(Phrase("enrolment.other_phone")),))
            case Started(), _:
                return Sprint(None, (self._said("door.welcome_back", facts),))
            case _:
                return Sprint(None, (self._said("door.nothing_open", facts),))

    @staticmethod
    def _said(key: str, facts: Facts) -> Said:
        return Said(Phrase(key), ((Button(HELP_BUTTON, Phrase("button.help")),),), facts.session, facts.sprint)


DOOR_KEYS = ("door.welcome_back", "door.nothing_open")


class Stale(Stateless):
    """A button of a conversation that is over, or not of this chat."""

    name = "stale"

    def step(self, state: None, event: Event, facts: Facts) -> Reply:
        """Answer the tap, so that her button stops spinning, and change nothing."""
        assert isinstance(event, Tapped)
        return Sprint(None, (TapAnswered(event.tap, Phrase("rejected.stale")),))


class Presence(Stateless):
    """Blocking and unblocking: remembered, never replied to."""

    name = "presence"

    def step(self, state: None, event: Event, facts: Facts) -> Reply:
        """Remember it, where the chat is somebody's."""
        assert isinstance(event, BlockedChanged)
        return Sprint(None, (ChatBlocked(event.blocked),) if facts.who.known else ())
