"""She wished to be left alone, and now presses a new link of hers: with the word of that invitation she is back.

* The chat is hers already, so nothing is linked and no notice is shown again; only the stop is lifted.
* The word is asked because a phone may be shared; it and what led to it are taken out of the chat again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.participant import invitation as invitations
from bot.participant.wishes import help_asked, stop_asked, wish
from conversations.codec import Tagged
from conversations.reading.controls import Control
from conversations.session import Sprint
from conversations.speech import ChatCleaned, Phrase, Said, TapAnswered
from scheduler.dialogue import Event, Facts, Started, Tapped, TimeIsUp, Wrote
from storage.cases import WordsExhausted
from storage.facts import Who
from storage.invitations import MAX_TRIES, InvitationOpened, WordMissed
from storage.launch import InvitationsShut
from storage.lookups import InvitationById, InvitationFound, WordTried
from storage.records import Need
from storage.stops import Lifted

PATIENCE = timedelta(hours=24)
"""How long the word is waited for, well inside the 48 h in which messages can be deleted."""


@dataclass(frozen=True, slots=True)
class Returning:
    """The invitation whose word is asked for, and when she was last heard."""

    invitation: int
    heard_at: datetime


_STATES: Tagged[Returning] = Tagged(Returning)

Reply = Sprint[Returning | None, Any]


class ComingBack:
    """The dialogue of a woman who lifts her own stop."""

    name = "coming_back"

    def load(self, data: bytes) -> Returning:
        """The state that `dump` wrote."""
        return _STATES.load(data)

    def dump(self, state: Returning) -> bytes:
        """The state as bytes."""
        return _STATES.dump(state)

    def expires_at(self, state: Returning) -> datetime | None:
        """A day after she was last heard."""
        return state.heard_at + PATIENCE

    def needs(self, state: Returning | None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """The invitation: by its link at first, then with the word that she tried."""
        if isinstance(event, Started) or state is None:
            return (*invitations.pressed(event), InvitationsShut())
        return invitations.needs_of_word(state.invitation, event)

    def step(self, state: Returning | None, event: Event, facts: Facts) -> Reply:
        """Take one event of her coming back."""
        match event:
            case Started():
                return _pressed(event, facts)
            case TimeIsUp():
                return Sprint(None, (ChatCleaned(facts.session),))
            case Tapped():
                return Sprint(state, (TapAnswered(event.tap, Phrase("rejected.stale")),))
            case Wrote(edited=False) if wish(event) is Control.HELP:
                return Sprint(state, help_asked(facts.person.cases))
            case Wrote(edited=False) if wish(event) is Control.STOP:
                return Sprint(None, (ChatCleaned(facts.session), *stop_asked(event.text)))
            case _:
                assert state is not None
                return _tried(state, event, facts=facts)


def _pressed(event: Started, facts: Facts) -> Reply:
    invitation = invitations.found(event, facts)
    refusal = "door.welcome_back" if invitation is None else invitations.refusal(invitation, event.at)
    away = invitations.turned_away(event, facts)
    if refusal is not None:
        return Sprint(None, (*away, Said(Phrase(refusal))))
    assert invitation is not None
    if invitations.is_of_another(event, facts):
        return Sprint(None, (*away, Said(Phrase("enrolment.other_phone"))))
    if facts.get(InvitationsShut()):
        return Sprint(None, (Said(Phrase("enrolment.not_yet")),))
    asked = Said(Phrase("enrolment.word"), (), facts.session, facts.sprint)
    return Sprint(Returning(invitation.id, event.at), (InvitationOpened(invitation.id), asked))


def _tried(state: Returning, event: Event, *, facts: Facts) -> Reply:
    word = invitations.tried(event)
    invitation = facts.found.get(InvitationById(state.invitation))
    heard = Returning(state.invitation, event.at)
    if not isinstance(invitation, InvitationFound):
        return _over(facts, Phrase("enrolment.invalid"))
    if (refusal := invitations.refusal(invitation, event.at)) is not None:
        return _over(facts, Phrase(refusal))
    if word is None:
        return Sprint(heard, (Said(Phrase("enrolment.word_hint"), (), facts.session, facts.sprint),))
    if facts.get(WordTried(state.invitation, word)):
        return _over(facts, Phrase("stop.back"), Lifted(invitation=state.invitation))
    missed, left = WordMissed(state.invitation), MAX_TRIES - invitation.tries - 1
    if left > 0:
        again = Said(Phrase("enrolment.wrong_word", {"count": left}), (), facts.session, facts.sprint)
        return Sprint(heard, (missed, again))
    return _over(facts, Phrase("enrolment.locked"), missed, WordsExhausted(facts.person.participant))


def _over(facts: Facts, phrase: Phrase, *records: Any) -> Reply:
    """It ends with this sentence, and nothing else of it stays in the chat."""
    return Sprint(None, (*records, ChatCleaned(facts.session), Said(phrase)))
