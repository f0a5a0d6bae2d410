"""A check-in in progress: what she sends becomes the engine's events, the engine's effects become chat and store.

* A pause keeps her place for as long as she chose; asked whether to go on, a plain yes means that and answers nothing.
* Words that are no answer but ask for a person reach the team at once, and count as no miss.
* Once completed it stays open to corrections; whatever else she writes then is the door's, which keeps its own words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.asking import Asked, Interview, is_too_long
from bot.library import Library
from bot.participant import actions
from bot.participant.crisis import Saying
from bot.participant.door import HELP_BUTTON, PASS_BUTTON
from bot.participant.sitting import CONTROL_KEYS, PAUSES, RESTING, RESUMPTION, Offer, Sitting
from bot.participant.wishes import help_asked, wish
from conversations import events
from conversations.codec import session_from_dict, session_to_dict
from conversations.effects import (
    AnswerRejected,
    CaseOpened,
    ConfirmationAsked,
    DetailAsked,
    QuestionAsked,
    SessionEnded,
    SessionPaused,
    SessionStatus,
)
from conversations.errors import EventRejected, Rejection
from conversations.instrument import Instrument
from conversations.interpret import read_yes_no
from conversations.reading.controls import Control
from conversations.reading.pauses import PauseFor, read_pause
from conversations.reading.pleas import asks_for_a_person
from conversations.session import Sprint
from conversations.speech import ButtonsRemoved, ChatCleaned, Interviewed, Phrase, PromptPlayed, Said, TapAnswered
from scheduler.dialogue import Attached, Dialogue, Event, Facts, FileSent, Tapped, Wrote
from storage.cases import MessagePassed, Words
from storage.consents import Purpose
from storage.fates import Fate
from storage.interviews import AnswersSoFar
from storage.ledger import CheckinEnded, CheckinResting, HelpAskedInCheckin
from storage.lookups import EarlierPay

SittingSprint = Sprint[Sitting | None, Any]


@dataclass(frozen=True, slots=True)
class Interviewing:
    """One step of a sitting."""

    library: Library
    door: Dialogue
    state: Sitting
    facts: Facts

    @property
    def instrument(self) -> Instrument:
        """The version with which the sitting began."""
        return self.library.get(self.state.instrument, self.state.version)

    def said(self, phrase: Phrase, **state: Any) -> SittingSprint:
        """One message that makes room with its sprint, and how it changes the sitting."""
        return Sprint(replace(self.state, **state), (Said(phrase, (), self.facts.session, self.facts.sprint),))

    # --- what she sends

    def answer(self, event: Event) -> SittingSprint:
        """Take whatever she does while a question is open. Raises EventRejected."""
        match event:
            case Tapped(action=actions.CONTINUE):
                return self.interview(events.ResumeAsked(event.at))
            case Tapped(action=actions.LISTEN):
                return self._listen()
            case Tapped(action=action) if action.startswith(actions.REST):
                return self._rest(PauseFor(action.removeprefix(actions.REST)), event.at)
            case Wrote(edited=False) if (settled := self._settle_offer(event)) is not None:
                return settled
            case Wrote() if wish(event) in (Control.LISTEN, Control.QUIET):
                return self._listen() if wish(event) is Control.LISTEN else self._be_quiet()
            case Wrote(text=text, edited=False) if text.startswith("/") and wish(event) is None:
                raise EventRejected(Rejection.UNKNOWN_COMMAND)
            case Attached(kind="voice", file=file) if file is not None:
                return self._hear(event, file)
            case _:
                taken = self.interview(self._here.in_the_engines_words(event))
                return (self._passed_on(event) or taken) if is_unread(taken) else taken

    def _passed_on(self, event: Event) -> SittingSprint | None:
        """Words that were read as no answer, where they ask for a person: the team gets them, and her place is kept."""
        if not isinstance(event, Wrote) or event.edited or not asks_for_a_person(event.text):
            return None
        message = MessagePassed((Words(event.at, event.text),))
        return Sprint(self.state, (message, HelpAskedInCheckin(), Said(Phrase("door.passed_at_once"))))

    def _settle_offer(self, event: Wrote) -> SittingSprint | None:
        """What her words mean to "¿Cuándo seguimos?" or "¿Seguimos?", if that is what she was asked last."""
        control, pause = wish(event), read_pause(event.text)
        if pause is not None and (self.state.offer is not None or control is Control.PAUSE):
            return self._rest(pause, event.at)
        if self.state.offer is None:
            return None
        on = True if control is Control.CONTINUE else read_yes_no(event.text)
        if on is not None:
            return self.interview(events.ResumeAsked(event.at) if on else events.PauseAsked(event.at))
        return self._answered_after_all(event)

    def _answered_after_all(self, event: Wrote) -> SittingSprint:
        """She may answer the question that is open instead; words that fit neither are no answer, and what was asked
        last is asked again."""
        again = events.PauseAsked(event.at) if self.state.offer is Offer.PAUSE else events.ResumeAsked(event.at)
        if self._is_her_own_words():
            return self.interview(again)
        taken = self.interview(self._here.in_the_engines_words(event))
        return (self._passed_on(event) or self.interview(again)) if is_unread(taken) else taken

    def _is_her_own_words(self) -> bool:
        return bool(self._current) and self.instrument.by_name[self._current].free_text

    def _rest(self, pause: PauseFor, at: datetime) -> SittingSprint:
        """She goes on after a while that she has chosen, if the window is then still open."""
        state = replace(self.state, offer=None)
        without_buttons = ButtonsRemoved(self.facts.session, self.state.invited_in)
        until = at + PAUSES[pause]
        if self.state.finished:  # the ledger has let go of it: nothing would remind her
            return Sprint(state, (without_buttons, Said(Phrase("checkin.kept"))))
        if until >= self.state.closes_at:
            return Sprint(state, (without_buttons, Said(Phrase("checkin.later_too_late"))))
        return Sprint(state, (CheckinResting(until), without_buttons, Said(Phrase("checkin.resting"))))

    def _listen(self) -> SittingSprint:
        question = PromptPlayed(self._current, *self.instrument.asked_by(self._current), asked=True)
        controls = () if self.state.listening else (PromptPlayed(key) for key in CONTROL_KEYS)
        return Sprint(replace(self.state, listening=True), (question, *controls))

    def _be_quiet(self) -> SittingSprint:
        return Sprint(replace(self.state, listening=False), (Said(Phrase("checkin.quiet")),))

    def _hear(self, event: Attached, file: FileSent) -> SittingSprint:
        """A voice note: an answer where her own words are asked for, and kept for staff if it is taken as one and she
        allows that."""
        if Purpose.VOICE not in self.facts.person.purposes:
            return self.said(Phrase("purposes.no_voice"))
        if is_too_long(file):
            return self.said(Phrase("checkin.voice_too_long"))
        return self._shown(self._here.hear(self._kept, event, file=file), event.at)

    # --- what is not about the interview

    def after(self, event: Event) -> SittingSprint:
        """All is asked: take a correction, or leave it to the door. Raises EventRejected."""
        try:
            if isinstance(event, Wrote) or (isinstance(event, Tapped) and actions.corrects(event.action)):
                return self.interview(self._here.in_the_engines_words(event))
        except EventRejected as rejection:
            if rejection.reason not in (Rejection.SESSION_OVER, Rejection.EDITED):
                raise
        return self.to_the_door(event)

    def to_the_door(self, event: Event) -> SittingSprint:
        """Whoever attends to a chat without a conversation attends to this; what waits for her tap is kept here."""
        held = held_by(self.door, self.state)
        if isinstance(event, Tapped) and event.action != HELP_BUTTON and (event.action != PASS_BUTTON or held is None):
            raise EventRejected(Rejection.STALE)
        left = self.door.step(held, event, self.facts)
        kept = None if left.session is None else self.door.dump(left.session).decode()
        effects = [effect for effect in left.effects if not isinstance(effect, TapAnswered)]  # the check-in answers it
        if any(isinstance(effect, MessagePassed) for effect in effects):
            effects.append(HelpAskedInCheckin())
        return Sprint(replace(self.state, held=kept), tuple(effects))

    # --- what happens without her

    def remind(self) -> SittingSprint:
        """Ask whether to go on; a pause that was offered is over."""
        state = replace(self.state, offer=Offer.RESUMPTION, invited_in=self.facts.sprint)
        said = Said(Phrase("reminder.continue"), RESUMPTION, self.facts.session, self.facts.sprint, harmless=True)
        removed = () if self.state.offer is None else (ButtonsRemoved(self.facts.session, self.state.invited_in),)
        return Sprint(state, (*removed, said))

    # --- to the engine, and from it to chat and store

    @property
    def _here(self) -> Interview:
        return Interview(self.instrument, self.facts)

    @property
    def _kept(self) -> dict[str, Any]:
        """The interview as it stands, with what she allows by now."""
        assert self.state.interview is not None
        return {**self.state.interview, "purposes": list(self.facts.person.purposes)}

    @property
    def _current(self) -> str:
        return session_from_dict(self._kept).current or ""

    def interview(self, event: events.Event) -> SittingSprint:
        """Let the engine take an event. Raises EventRejected."""
        return self._shown(self._here.take(self._kept, event), event.at)

    def begin(self, at: datetime) -> SittingSprint:
        """Ask her what is still to be asked."""
        earlier, begun = EarlierPay(self.state.checkin), AnswersSoFar(self.state.checkin)
        found = self.facts.get(earlier)
        pay = None if found is None else found.monthly
        purposes = self.facts.person.purposes
        return self._shown(self._here.begin(at, purposes=purposes, pay=pay, begun=self.facts.get(begun)), at)

    def _shown(self, asked: Asked, at: datetime) -> SittingSprint:
        """What this chat makes of it: pauses are offered here, help is promised here, and an end ends the sitting. An
        answer that tells of a danger comes before the next question."""
        state: Sitting | None = replace(self.state, interview=session_to_dict(asked.session), offer=None)
        effects: list[Any] = []
        for effect in asked.effects:
            match effect:
                case CaseOpened():
                    effects += [effect, help_asked(self.facts.person.cases)[1]]
                case SessionPaused():
                    assert state is not None
                    state = replace(state, offer=Offer.PAUSE, invited_in=self.facts.sprint)
                    effects += self._pause_offered()
                case SessionEnded(SessionStatus.COMPLETED):
                    effects.append(CheckinEnded(Fate.COMPLETED))
                    # What is noted stands alone; later corrections of it stay as long as it does.
                    effects = effects if self.state.finished else [ChatCleaned(self.facts.session), *effects]
                case SessionEnded():
                    state = None
                case Interviewed(effect=QuestionAsked(name)) if self.state.listening:
                    effects += [effect, PromptPlayed(name, *self.instrument.asked_by(name))]
                case _:
                    effects.append(effect)
        if found := self._here.dangers(asked.effects, at):
            effects = [*(effect for effect in effects if not _asks(effect)), *Saying(self.facts, at).answered(found)]
        return Sprint(state, tuple(effects))

    def _pause_offered(self) -> list[Any]:
        """The pauses, instead of any offer that stands; a correction needs none, since nothing waits for it."""
        removed = [] if self.state.offer is None else [ButtonsRemoved(self.facts.session, self.state.invited_in)]
        phrase, rows = (
            (Phrase("checkin.kept"), RESUMPTION) if self.state.finished else (Phrase("checkin.paused"), RESTING)
        )
        return [*removed, Said(phrase, rows, self.facts.session, self.facts.sprint)]


def _asks(effect: Any) -> bool:
    asked = isinstance(effect, Interviewed) and isinstance(
        effect.effect, QuestionAsked | ConfirmationAsked | DetailAsked
    )
    return asked or isinstance(effect, PromptPlayed)


def is_unread(taken: SittingSprint) -> bool:
    """Whether the engine could not read what she wrote; told so, or asked again with buttons."""
    shown = (effect.effect for effect in taken.effects if isinstance(effect, Interviewed))
    return any(
        isinstance(effect, AnswerRejected) or (isinstance(effect, QuestionAsked) and effect.unread is not None)
        for effect in shown
    )


def held_by(door: Dialogue, state: Sitting) -> Any:
    """What the door keeps in this sitting until she taps, or None."""
    return None if state.held is None else door.load(state.held.encode())
