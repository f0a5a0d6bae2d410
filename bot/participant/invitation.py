"""What a pressed invitation is worth here and now.

* A wrong or spent invitation gets one neutral sentence, the same whoever asks.
* A chat belongs to one person: a link of somebody else's changes nothing in it.
"""

from __future__ import annotations

from datetime import datetime

from scheduler.dialogue import Event, Facts, Started
from storage.facts import InvitationByToken, InvitationFound
from storage.people import MAX_TRIES

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
