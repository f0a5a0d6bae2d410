"""The check-in: an invitation that gives nothing away, then the interview, then thanks.

* The engine of `conversations` asks; this dialogue invites, carries its effects to chat and store, and says goodbye.
* Help can be asked for from the first message on, and never costs her place; a wish to stop ends it at once.
* The instrument is the one the sitting began with, by version, whatever has been installed since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.library import Library
from bot.participant.wishes import help_asked, stop_asked, wish
from conversations import events
from conversations.codec import Tagged, session_from_dict, session_to_dict
from conversations.effects import CaseOpened, OutcomesChanged, ResultChanged, SessionEnded, SessionPaused, SessionStatus
from conversations.errors import EventRejected, Rejection
from conversations.interpret import read_yes_no
from conversations.reading.controls import Control
from conversations.session import Session, Sprint, resume, start
from conversations.speech import Asking, Button, ButtonsRemoved, Interviewed, Phrase, Said, TapAnswered
from scheduler.dialogue import Attached, CheckinDue, Event, Facts, ReminderDue, Tapped, WindowClosed, Wrote
from storage.facts import CheckinById, CheckinFound, Need
from storage.fates import Fate
from storage.interviews import AnswerChanged
from storage.ledger import CheckinEnded, CheckinPutOff, CheckinStarted

PUT_OFF = timedelta(hours=20)
"""'Later' is her next slot from here on: the same time tomorrow falls into it again."""

BEGIN, LATER, HELP_BUTTON, CONTINUE = "begin", "later", "help", "continue"
CHOOSE, MARK, UNMARK, DONE, RIGHT, WRONG, DETAIL = "c:", "+:", "-:", "done", "right", "wrong", "d:"
BACK, SKIP, REFUSE, PAUSE = "back", "skip", "refuse", "pause"

INVITATION = (
    (Button(BEGIN, Phrase("button.begin")), Button(LATER, Phrase("button.later"))),
    (Button(HELP_BUTTON, Phrase("button.help")),),
)
RESUMPTION = ((Button(CONTINUE, Phrase("button.continue")),), (Button(HELP_BUTTON, Phrase("button.help")),))


@dataclass(frozen=True, slots=True)
class Sitting:
    """A check-in in her chat: invited while `interview` is None, then the engine's session.

    `invited_in` is the sprint that shows the invitation's buttons, `closes_at` the end of the check-in's window.
    """

    checkin: int
    instrument: str
    version: str
    invited_in: int
    closes_at: datetime
    interview: dict[str, Any] | None = None


_STATES: Tagged[Sitting] = Tagged(Sitting)

SittingSprint = Sprint[Sitting | None, Any]


class Checkin:
    """The dialogue of one check-in, over the instruments of a library."""

    name = "checkin"

    def __init__(self, library: Library) -> None:
        self._library = library

    def load(self, data: bytes) -> Sitting:
        """The state that `dump` wrote."""
        return _STATES.load(data)

    def dump(self, state: Sitting) -> bytes:
        """The state as bytes."""
        return _STATES.dump(state)

    def expires_at(self, state: Sitting) -> datetime | None:
        """Never by itself: the ledger closes it with its window."""
        return None

    def needs(self, state: Sitting | None, event: Event) -> Sequence[Need]:
        """The ledger's row, to begin with."""
        return (CheckinById(event.checkin),) if isinstance(event, CheckinDue | ReminderDue) else ()

    def step(self, state: Sitting | None, event: Event, facts: Facts) -> SittingSprint:
        """Take one event of a check-in."""
        if state is None or (isinstance(event, CheckinDue) and state.interview is None):
            assert isinstance(event, CheckinDue | ReminderDue)  # a reminder: her invitation went to an older phone
            return self._invite(event, facts)
        event = replace(event, at=event.at.astimezone(ZoneInfo(facts.person.zone)))  # "today" is her today
        scene = _Scene(self._library, state, facts)
        answered: tuple[Any, ...] = ()
        try:
            sprint = scene.take(event)
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
        return Sprint(state, (Said(Phrase("invitation.hello"), INVITATION, facts.session, facts.sprint),))


@dataclass(frozen=True, slots=True)
class _Scene:
    """One step of a sitting."""

    library: Library
    state: Sitting
    facts: Facts

    def take(self, event: Event) -> SittingSprint:
        match event:
            case ReminderDue() | CheckinDue():  # due again although she has begun: her place is not given up
                return self._remind()
            case WindowClosed():
                return self._close(events.WaitExpired(event.at))
            case Wrote() if wish(event) is Control.STOP:
                closed = self._close(events.SessionInterrupted(event.at))
                return Sprint(None, (*closed.effects, CheckinEnded(Fate.REFUSED), *stop_asked()))
            case Tapped(action="help"):
                return self._interview(events.HelpAsked(event.at)) if self.state.interview else self._help()
            case _ if self.state.interview is None:
                return self._answer_invitation(event)
            case Tapped(action="continue"):
                return self._interview(events.ResumeAsked(event.at))
            case _:
                return self._interview(_interview_event(event))

    # --- before the interview

    def _answer_invitation(self, event: Event) -> SittingSprint:
        if isinstance(event, Tapped) and event.sprint != self.state.invited_in:
            raise EventRejected(Rejection.STALE)
        match _wish(event):
            case "begin":
                return self._begin(event.at)
            case "later":
                return self._put_off(event.at)
            case "help":
                return self._help()
            case _:
                return self._show(Phrase("invitation.again"))

    def _begin(self, at: datetime) -> SittingSprint:
        instrument = self.library.get(self.state.instrument, self.state.version)
        opened = start(instrument, at, purposes=self.facts.person.purposes, sprint=self.facts.sprint)
        sprint = self._carry(opened)
        before = (
            CheckinStarted(),
            ButtonsRemoved(self.facts.session, self.state.invited_in),
            Said(Phrase("checkin.opening")),
        )
        return Sprint(sprint.session, (*before, *sprint.effects))

    def _put_off(self, at: datetime) -> SittingSprint:
        without_buttons = ButtonsRemoved(self.facts.session, self.state.invited_in)
        if at + PUT_OFF >= self.state.closes_at:
            return Sprint(self.state, (without_buttons, Said(Phrase("checkin.later_too_late"))))
        return Sprint(self.state, (CheckinPutOff(at + PUT_OFF), without_buttons, Said(Phrase("checkin.later"))))

    def _remind(self) -> SittingSprint:
        removed = ButtonsRemoved(self.facts.session, self.state.invited_in)
        if self.state.interview is None:
            shown = self._show(Phrase("reminder.hello"))
            return Sprint(shown.session, (removed, *shown.effects))
        said = Said(Phrase("reminder.continue"), RESUMPTION, self.facts.session, self.facts.sprint)
        return Sprint(self.state, (said,))

    def _show(self, phrase: Phrase) -> SittingSprint:
        state = replace(self.state, invited_in=self.facts.sprint)
        return Sprint(state, (Said(phrase, INVITATION, self.facts.session, self.facts.sprint),))

    def _help(self) -> SittingSprint:
        return Sprint(self.state, help_asked())

    def _close(self, event: events.WaitExpired | events.SessionInterrupted) -> SittingSprint:
        """End it without her, whatever is open; no button of it stays."""
        if self.state.interview is None:
            return Sprint(None, (ButtonsRemoved(self.facts.session, self.state.invited_in),))
        interview = session_from_dict(self.state.interview)
        shown_in = dict.fromkeys((interview.asked_in, interview.waiting_since))
        removed = (ButtonsRemoved(self.facts.session, sprint) for sprint in shown_in)
        return Sprint(None, (*removed, *self._interview(event).effects))

    # --- the interview

    def _interview(self, event: events.Event) -> SittingSprint:
        assert self.state.interview is not None
        instrument = self.library.get(self.state.instrument, self.state.version)
        # The chat's sprints go on while the interview rests: its count catches up, so that no two buttons share one.
        session = replace(session_from_dict(self.state.interview), sprint=self.facts.sprint - 1)
        return self._carry(resume(instrument, session, event))

    def _carry(self, sprint: Sprint[Session, Any]) -> SittingSprint:
        """The engine's effects as what is shown and what is remembered."""
        state: Sitting | None = replace(self.state, interview=session_to_dict(sprint.session))
        effects: list[Any] = []
        for effect in sprint.effects:
            match effect:
                case ResultChanged(question, answer, free_text):
                    of = (self.state.instrument, self.state.version)
                    effects.append(AnswerChanged(question, answer, free_text, *of))
                case OutcomesChanged():
                    effects.append(effect)
                case CaseOpened():
                    effects += [effect, Said(Phrase("help.coming"))]
                case SessionPaused():
                    effects.append(Said(Phrase("checkin.paused"), RESUMPTION, self.facts.session, self.facts.sprint))
                case SessionEnded(status, _):
                    state = None
                    effects += _farewell(status)
                case _:
                    effects.append(self._shown(effect))
        return Sprint(state, tuple(effects))

    def _shown(self, effect: Asking) -> Interviewed:
        return Interviewed(self.facts.session, self.state.instrument, self.state.version, effect)


def _farewell(status: SessionStatus) -> list[Any]:
    if status is SessionStatus.COMPLETED:
        return [CheckinEnded(Fate.COMPLETED), Said(Phrase("checkin.thanks"))]
    return []


def _wish(event: Event) -> str | None:
    """What she wants of an invitation, tapped or in words."""
    if isinstance(event, Tapped):
        return event.action
    if not isinstance(event, Wrote) or event.edited:
        return None
    control = wish(event)
    if control in (Control.HELP, Control.PAUSE):
        return HELP_BUTTON if control is Control.HELP else LATER
    ready = read_yes_no(event.text)
    return None if ready is None else BEGIN if ready else LATER


_PLAIN: dict[str, Callable[[datetime, int], events.Event]] = {
    DONE: events.ChoicesDone,
    RIGHT: lambda at, sprint: events.ConfirmationGiven(at, sprint, right=True),
    WRONG: lambda at, sprint: events.ConfirmationGiven(at, sprint, right=False),
    BACK: events.BackAsked,
    SKIP: events.SkipAsked,
    REFUSE: events.RefusalAsked,
    PAUSE: events.PauseAsked,
}

_WITH_ARGUMENT: dict[str, Callable[[datetime, int, str], events.Event]] = {
    CHOOSE: events.ChoiceSelected,
    MARK: lambda at, sprint, choice: events.ChoiceMarked(at, sprint, choice, on=True),
    UNMARK: lambda at, sprint, choice: events.ChoiceMarked(at, sprint, choice, on=False),
    DETAIL: events.DetailGiven,
}


def _interview_event(event: Event) -> events.Event:
    """What happened in the chat, as the engine knows it. Raises EventRejected for what it has no word for."""
    match event:
        case Wrote(at, text, edited):
            if edited:
                raise EventRejected(Rejection.EDITED)
            return events.MsgReceived(at, text)
        case Attached(at, kind):
            return events.AttachmentReceived(at, kind)
        case Tapped(at, _, _, sprint, action):
            if (make := _PLAIN.get(action)) is not None:
                return make(at, sprint)
            if (make_with := _WITH_ARGUMENT.get(action[:2])) is not None:
                return make_with(at, sprint, action[2:])
            raise EventRejected(Rejection.STALE)
        case _:
            return events.ResumeAsked(event.at)
