"""What a pressed invitation is worth here and now.

* A wrong or spent invitation gets one neutral sentence, the same whoever asks.
* A chat belongs to one person: a link of somebody else's changes nothing in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.participant.wishes import wish
from conversations.reading.words import entries, normalise
from scheduler.dialogue import Event, Facts, Started, Wrote
from storage.invitations import MAX_TRIES
from storage.lookups import InvitationById, InvitationByToken, InvitationFound, WordTried
from storage.records import Need
from storage.turned_away import TurnedAway, What

BESIDE_THE_WORD = frozenset(
    entries("a|con|creo|de|el|es|esta|fue|gracias|hola|la|las|lo|los|me|mi|palabra|pues|que|si|un|una|y")
)
"""What people write around the word that they were given; none of it is such a word."""

REFUSAL_KEYS = ("enrolment.used", "enrolment.locked", "enrolment.expired")


def refusal(invitation: InvitationFound, at: datetime) -> str | None:
    """The key of the sentence for an invitation that no longer works, or None if it does."""
    if invitation.used:
        return "enrolment.used"
    if invitation.tries >= MAX_TRIES:
        return "enrolment.locked"
    if invitation.revoked or invitation.expires_at <= at:
        return "enrolment.expired"
    return None


def pressed(event: Event) -> tuple[InvitationByToken, ...]:
    """What to look up where a link was pressed: its invitation, if it names one."""
    return (InvitationByToken(event.token),) if isinstance(event, Started) and event.token else ()


def found(event: Event, facts: Facts) -> InvitationFound | None:
    """The invitation of the pressed link, if there is one."""
    for need in pressed(event):
        invitation = facts.found.get(need)
        return invitation if isinstance(invitation, InvitationFound) else None
    return None


def is_of_another(event: Event, facts: Facts) -> bool:
    """Whether a link was pressed that works, but for somebody other than the one whose chat this is."""
    invitation = found(event, facts)
    if invitation is None or refusal(invitation, event.at) is not None:
        return False
    woman = facts.who.person.participant if facts.who.person is not None else None
    member = facts.who.staff.staff if facts.who.staff is not None else None
    return (invitation.participant, invitation.staff) != (woman, member)


def turned_away(event: Event, facts: Facts) -> tuple[TurnedAway, ...]:
    """What is counted where a link was pressed that opens nothing here: unknown, no longer good, or somebody else's."""
    if not pressed(event):
        return ()
    invitation = found(event, facts)
    if invitation is None:
        return (TurnedAway(What.UNKNOWN_LINK),)
    if refusal(invitation, event.at) is not None:
        return (TurnedAway(What.SPENT_LINK),)
    return (TurnedAway(What.LINK_OF_ANOTHER),) if facts.who.known and is_of_another(event, facts) else ()


def needs_of_word(invitation: int, event: Event) -> tuple[Need[Any], ...]:
    """What to look up where this word is asked for: its invitation, and whether she wrote it."""
    word = tried(event)
    return (InvitationById(invitation), *(() if word is None else (WordTried(invitation, word),)))


def tried(event: Event) -> str | None:
    """The one word that she tried, or None for a question, a command, or a message of which nobody could tell."""
    if not isinstance(event, Wrote) or "?" in event.text or event.text.startswith("/") or wish(event) is not None:
        return None
    said = [normalise(token) for token in event.text.split()]
    words = [word for word in said if word and word not in BESIDE_THE_WORD]
    return words[0] if len(words) == 1 else None
