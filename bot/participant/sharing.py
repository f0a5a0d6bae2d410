"""A link that is pressed in a chat which is a woman's already: whose it is shows before anybody takes it.

* Several women may share a phone once each of them has a code: until then nobody else's first contact begins there.
* Whoever was in is out, and the chat is cleared, before another woman is greeted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.participant import invitation as invitations
from bot.stateless import Stateless
from conversations.session import Sprint
from conversations.speech import Phrase, Said
from scheduler.dialogue import Event, Facts, Started, TakenUp
from storage.cleaning import ClearingAsked
from storage.facts import Who
from storage.gates import Left
from storage.records import Need


class Sharing(Stateless):
    """The dialogue of a link in a chat that is somebody's."""

    name = "sharing"

    def takes(self, event: Event, who: Who) -> bool:
        """Whether it is not known yet for whom a link is that was pressed in the chat of some woman."""
        return isinstance(event, Started) and bool(event.token and who.women) and event.for_another is None

    def needs(self, state: None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """The invitation."""
        return invitations.pressed(event)

    def step(self, state: None, event: Event, facts: Facts) -> Sprint[None, Any]:
        """Let it be taken by whomever it is for."""
        assert isinstance(event, Started)
        if not _is_for_another_woman(event, facts):
            return Sprint(None, (TakenUp(replace(event, for_another=False)),))
        if any(her.gate.kind is None for her in facts.who.women):
            return Sprint(None, (Said(Phrase("shared.code_first"), harmless=True),))
        return Sprint(None, (Left(), ClearingAsked(), TakenUp(replace(event, for_another=True))))


def _is_for_another_woman(event: Started, facts: Facts) -> bool:
    invitation = invitations.found(event, facts)
    if invitation is None or invitation.participant is None or invitations.refusal(invitation, event.at) is not None:
        return False
    return all(invitation.participant != her.participant for her in facts.who.women)
