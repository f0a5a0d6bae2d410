"""The check-in: an invitation that gives nothing away, then the interview, then thanks and what was noted.

* The engine of `conversations` asks (`interviewing` carries its words); this dialogue invites and says goodbye.
* Help can be asked for from the first message on, and never costs her place; a wish to stop ends it at once.
* The instrument is the one the sitting began with, by version, whatever has been installed since.
* Until its window closes a completed check-in can be corrected; whatever else she writes then is the door's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.library import Library
from bot.participant import actions
from bot.participant.attending import attend
from bot.participant.crisis import care_for
from bot.participant.door import PASS_BUTTON, notice_answered
from bot.participant.front import Front, standing
from bot.participant.interviewing import Interviewing, SittingSprint, held_by, is_unread
from bot.participant.manner import manner_asked
from bot.participant.sitting import INVITATION, PUT_OFF, SITTINGS, Sitting, without_buttons
from bot.participant.wishes import help_asked, progress, urgent, wish
from conversations import events
from conversations.errors import EventRejected, Rejection
from conversations.interpret import read_yes_no
from conversations.reading.choices import Option, read_choice
from conversations.reading.controls import Control
from conversations.reading.courtesies import read_courtesy
from conversations.reading.result import Clear
from conversations.session import Sprint
from conversations.speech import ButtonsRemoved, Phrase, Said, TapAnswered
from scheduler.dialogue import (
    Attached,
    CheckinDue,
    Dialogue,
    Event,
    Facts,
    ReminderDue,
    Started,
    Tapped,
    TimeIsUp,
    WindowClosed,
    Wrote,
)
from storage.facts import Who
from storage.fates import Fate, Reason
from storage.interviews import AnswersSoFar
from storage.ledger import CheckinEnded, CheckinPutOff, CheckinStarted, HelpAskedInCheckin
from storage.lookups import CheckinById, CheckinFound, EarlierPay
from storage.records import Need

_REPLIES = (Option(actions.BEGIN, "Sí, ahora", ("ahora sí",)), Option(actions.LATER, "Más tarde", ("mejor más tarde",)))
HELLO = "hello"
REMINDER_KEYS = ("reminder.hello.1", "reminder.hello.2", "reminder.hello.3")
"""The words of her first reminder, the second, and all that come after it."""


class Checkin:
    """The dialogue of one check-in, over the instruments of a library."""

    name = "checkin"

    def __init__(self, library: Library) -> None:
        self._library = library
        self._door: Dialogue = Front()

    def load(self, data: bytes) -> Sitting:
        """The state that `dump` wrote."""
        return SITTINGS.load(data)

    def dump(self, state: Sitting) -> bytes:
        """The state as bytes."""
        return SITTINGS.dump(state)

    def expires_at(self, state: Sitting) -> datetime | None:
        """The ledger closes it with its window; once completed it is no longer the ledger's, and ends with it too.

        What waits in it for her tap may end before.
        """
        held = held_by(self._door, state)
        moments = (None if held is None else self._door.expires_at(held), state.closes_at if state.finished else None)
        return min((moment for moment in moments if moment is not None), default=None)

    def needs(self, state: Sitting | None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """The ledger's row; to begin with, what she earned, and what she has answered already."""
        if isinstance(event, CheckinDue | ReminderDue):
            return (CheckinById(event.checkin),)
        if state is not None and state.interview is None:
            begun = (EarlierPay(state.checkin), AnswersSoFar(state.checkin), care_for(who))
            return (*begun, *self._door.needs(None, event, who=who))
        told = () if state is None or not self._looks_for_danger(state) else (care_for(who),)
        return (*self._door.needs(None, event, who=who), *told)

    def _looks_for_danger(self, state: Sitting) -> bool:
        instrument = self._library.get(state.instrument, state.version)
        return any(question.risk is not None for question in instrument.questions)

    def step(self, state: Sitting | None, event: Event, facts: Facts) -> SittingSprint:
        """Take one event of a check-in."""
        if state is not None and state.finished and isinstance(event, CheckinDue):
            invited = self._invite(event, facts)
            return Sprint(invited.session, (*without_buttons(state, facts.session), *invited.effects))
        if state is None or (isinstance(event, CheckinDue) and state.interview is None):
            assert isinstance(event, CheckinDue | ReminderDue)  # a reminder: her invitation went to an older phone
            return self._invite(event, facts)
        event = _in_her_words(state, replace(event, at=event.at.astimezone(ZoneInfo(facts.person.zone))))  # her today
        answered: tuple[Any, ...] = ()
        try:
            sprint = _take(Interviewing(self._library, self._door, state, facts), event)
            if isinstance(event, Tapped):
                answered = (TapAnswered(event.tap),)
        except EventRejected as rejection:
            sorry = Phrase(f"rejected.{rejection.reason.value}")
            said = Said(sorry, session=facts.session, sprint=facts.sprint)
            sprint = Sprint(state, (TapAnswered(event.tap, sorry) if isinstance(event, Tapped) else said,))
        return Sprint(sprint.session, (*answered, *sprint.effects))

    def _invite(self, event: CheckinDue | ReminderDue, facts: Facts) -> SittingSprint:
        found = facts.found[CheckinById(event.checkin)]
        assert isinstance(found, CheckinFound)
        instrument = self._library.latest(found.instrument)
        state = Sitting(event.checkin, instrument.name, instrument.version, facts.sprint, found.closes_at)
        hello = Said(Phrase("invitation.hello"), INVITATION, facts.session, facts.sprint, harmless=True)
        return Sprint(state, (hello,))


def _in_her_words(state: Sitting, event: Event) -> Event:
    """What she wrote below a picture is an answer like any other; where it is none, the door keeps both."""
    if not isinstance(event, Attached) or not event.caption or event.kind == "voice" or state.completed:
        return event
    words = Wrote(event.at, event.caption)
    of_the_checkin = state.interview is not None or wish(words) is Control.STOP or _wanted(words) is not None
    return words if of_the_checkin else event


def _take(talk: Interviewing, event: Event) -> SittingSprint:
    state, facts = talk.state, talk.facts
    match event:
        case _ if (asked := manner_asked(wish(event))) is not None:
            anew = _reworded(talk, event.at)
            return Sprint(anew.session, (*asked, *anew.effects))
        case ReminderDue() | CheckinDue():  # due again although she has begun: her place is not given up
            return _remind(talk, event) if state.interview is None else talk.remind()
        case TimeIsUp(at) if at < state.closes_at:
            return talk.to_the_door(event)
        case TimeIsUp() if state.completed:
            return Sprint(None, tuple(without_buttons(state, facts.session)))
        case WindowClosed() | TimeIsUp():
            return _close(talk, events.WaitExpired(event.at))
        case _ if (attended := _attended(talk, event)) is not None:
            return attended
        case Tapped(action=action) if action == PASS_BUTTON:
            return talk.to_the_door(event)
        case _ if state.completed:
            return talk.after(event)
        case _ if state.interview is None:
            return _answer_invitation(talk, event)
        case _:
            return _asked_anew(talk, event) if talk.facts.cleared else talk.answer(event)


def _asked_anew(talk: Interviewing, event: Event) -> SittingSprint:
    """Her question does not stand in the chat any more: where what she does answers it all the same it is taken, and
    else it is asked again."""
    if urgent(event) is not None or wish(event) not in (None, Control.CONTINUE):  # nothing is shown that was gone
        return talk.answer(event)
    if isinstance(event, Wrote) and read_courtesy(event.text) is None:
        taken = talk.answer(event)
        if not is_unread(taken):
            return taken
    return talk.interview(events.ResumeAsked(event.at))


def _attended(talk: Interviewing, event: Event) -> SittingSprint | None:
    """What she wants of us beside the check-in, wherever it stands; None where she wants no such thing."""
    state, held = talk.state, held_by(talk.door, talk.state)
    asking = state.interview is not None and not state.completed
    attended = attend(None if held is None else held.menu, event, facts=talk.facts, asking=asking)
    if attended is None:
        answered = notice_answered(event, talk.facts)
        return None if answered is None else Sprint(state, answered)
    if any(isinstance(effect, TapAnswered) for effect in attended.effects):
        raise EventRejected(Rejection.STALE)
    if attended.stopped:
        closed = without_buttons(state, talk.facts.session) if state.completed else _interrupted(talk, event.at)
        return Sprint(None, (*closed, *attended.effects))
    kept = standing(None if held is None else held.holding, attended.menu)
    talk = replace(talk, state=replace(state, held=None if kept is None else talk.door.dump(kept).decode()))
    if asking and attended.menu is None:  # she goes on after all
        anew = talk.interview(events.ResumeAsked(event.at))
        return Sprint(anew.session, (*attended.effects, *anew.effects))
    return Sprint(talk.state, attended.effects)


def _interrupted(talk: Interviewing, at: datetime) -> list[Any]:
    ended = [] if talk.state.finished else [CheckinEnded(Fate.REFUSED, Reason.STOPPED)]
    return [*_close(talk, events.SessionInterrupted(at)).effects, *ended]


def _close(talk: Interviewing, event: events.WaitExpired | events.SessionInterrupted) -> SittingSprint:
    """End it without her, whatever is open; no button of it stays."""
    told = () if talk.state.interview is None else talk.interview(event).effects
    return Sprint(None, (*without_buttons(talk.state, talk.facts.session), *told))


def _reworded(talk: Interviewing, at: datetime) -> SittingSprint:
    """What is open comes again, worded as she likes from now on."""
    if talk.state.interview is None:
        return _show(talk, Phrase("invitation.again"))
    return Sprint(talk.state) if talk.state.completed else talk.interview(events.ResumeAsked(at))


# --- the invitation


def _answer_invitation(talk: Interviewing, event: Event) -> SittingSprint:
    state, facts = talk.state, talk.facts
    match _wanted(event):
        case actions.HELP:
            return Sprint(state, (*help_asked(facts.person.cases), HelpAskedInCheckin()))
        case _ if state.held is not None and isinstance(event, Wrote) and wish(event) is None:
            return talk.to_the_door(event)
        case _ if isinstance(event, Tapped) and event.sprint != state.invited_in:
            raise EventRejected(Rejection.STALE)
        case actions.BEGIN:
            return _begin(talk, event.at)
        case actions.LATER:
            return _put_off(talk, event.at)
        case "hello":
            return _show(talk, Phrase("invitation.again"))
        case _:
            return talk.to_the_door(event)


def _wanted(event: Event) -> str | None:
    """What she wants of an invitation, tapped or in words; None where it is not about the invitation."""
    if isinstance(event, Tapped):
        return event.action
    if not isinstance(event, Wrote) or event.edited:
        return HELLO if event == Started(event.at) else None
    control = wish(event)
    if control in (Control.HELP, Control.PAUSE):
        return actions.HELP if control is Control.HELP else actions.LATER
    ready = read_yes_no(event.text)
    if ready is not None:
        return actions.BEGIN if ready else actions.LATER
    reply = read_choice(event.text, _REPLIES)
    if isinstance(reply, Clear):
        return reply.value
    return HELLO if read_courtesy(event.text) is not None else None


def _begin(talk: Interviewing, at: datetime) -> SittingSprint:
    state, facts = talk.state, talk.facts
    sprint = talk.begin(at)
    help_she_asked_for = progress(facts.person.cases)
    before = (
        CheckinStarted(),
        ButtonsRemoved(facts.session, state.invited_in),
        Said(Phrase("checkin.opening")),
        *([] if help_she_asked_for is None else [Said(help_she_asked_for)]),
    )
    return Sprint(sprint.session, (*before, *sprint.effects))


def _put_off(talk: Interviewing, at: datetime) -> SittingSprint:
    without_buttons = ButtonsRemoved(talk.facts.session, talk.state.invited_in)
    if at + PUT_OFF >= talk.state.closes_at:
        return Sprint(talk.state, (without_buttons, Said(Phrase("checkin.later_too_late"))))
    return Sprint(talk.state, (CheckinPutOff(at + PUT_OFF), without_buttons, Said(Phrase("checkin.later"))))


def _remind(talk: Interviewing, event: ReminderDue | CheckinDue) -> SittingSprint:
    number = event.number if isinstance(event, ReminderDue) else 1
    shown = _show(talk, Phrase(REMINDER_KEYS[min(number, len(REMINDER_KEYS)) - 1]))
    return Sprint(shown.session, (ButtonsRemoved(talk.facts.session, talk.state.invited_in), *shown.effects))


def _show(talk: Interviewing, phrase: Phrase) -> SittingSprint:
    state = replace(talk.state, invited_in=talk.facts.sprint)
    return Sprint(state, (Said(phrase, INVITATION, talk.facts.session, talk.facts.sprint, harmless=True),))
