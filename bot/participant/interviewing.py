"""A check-in in progress: what she sends becomes the engine's events, the engine's effects become chat and store.

* A pause keeps her place for as long as she chose; asked whether to go on, a plain yes means that and answers nothing.
* Words that are no answer but ask for a person reach the team at once, and count as no miss.
* Once completed it stays open to corrections; whatever else she writes then is the door's, which keeps its own words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.library import Library
from bot.participant import actions
from bot.participant.door import HELP_BUTTON, PASS_BUTTON
from bot.participant.sitting import CONTROL_KEYS, PAUSES, RESTING, RESUMPTION, Offer, Sitting
from bot.participant.wishes import help_asked, wish
from conversations import events
from conversations.answers import Voice
from conversations.codec import session_from_dict, session_to_dict
from conversations.effects import (
    AnswerRejected,
    CaseOpened,
    OutcomesChanged,
    QuestionAsked,
    ResultChanged,
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
from conversations.session import Session, Sprint, resume
from conversations.speech import Asking, ButtonsRemoved, Interviewed, Phrase, PromptPlayed, Said, TapAnswered
from scheduler.dialogue import Attached, Dialogue, Event, Facts, FileSent, Tapped, Wrote
from storage.cases import MessagePassed, Words
from storage.fates import Fate
from storage.files import LONGEST_VOICE, MOST_BYTES, VoiceKept
from storage.interviews import AnswerChanged
from storage.ledger import CheckinEnded, CheckinResting, HelpAskedInCheckin

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
                taken = self.interview(self._in_the_engines_words(event))
                return (self._passed_on(event) or taken) if _is_unread(taken) else taken

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
        taken = self.interview(self._in_the_engines_words(event))
        return (self._passed_on(event) or self.interview(again)) if _is_unread(taken) else taken

    def _is_her_own_words(self) -> bool:
        current = self._session.current
        return current is not None and self.instrument.by_name[current].free_text

    def _in_the_engines_words(self, event: Event) -> events.Event:
        match event:
            case Wrote(at, text, edited=True):
                if self.facts.about is None:
                    raise EventRejected(Rejection.EDITED)
                return events.MsgEdited(at, text, self.facts.about)
            case Wrote(at) if wish(event) is Control.HELP:  # a picture may say so too
                return events.HelpAsked(at)
            case Wrote(at) if wish(event) is Control.EXIT:
                return events.PauseAsked(at)
            case Wrote(at, text):
                return events.MsgReceived(at, text, self.facts.about)
            case Attached(at, kind):
                return events.AttachmentReceived(at, kind)
            case Tapped():
                return actions.tapped_event(event)
            case _:
                return events.ResumeAsked(event.at)

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
        current = self._session.current or ""
        question = PromptPlayed(current, *self.instrument.asked_by(current), asked=True)
        controls = () if self.state.listening else (PromptPlayed(key) for key in CONTROL_KEYS)
        return Sprint(replace(self.state, listening=True), (question, *controls))

    def _be_quiet(self) -> SittingSprint:
        return Sprint(replace(self.state, listening=False), (Said(Phrase("checkin.quiet")),))

    def _hear(self, event: Attached, file: FileSent) -> SittingSprint:
        """A voice note: an answer where her own words are asked for, and kept for staff if it is taken as one."""
        if file.seconds > LONGEST_VOICE.total_seconds() or (file.size or 0) > MOST_BYTES:
            return self.said(Phrase("checkin.voice_too_long"))
        ref = f"{self.facts.session:x}.{self.facts.sprint}"
        sprint = self.interview(events.VoiceReceived(event.at, ref, file.seconds))
        heard = [
            VoiceKept(ref, file.file_id, file.size, file.seconds, effect.question)
            for effect in sprint.effects
            if isinstance(effect, AnswerChanged) and isinstance(effect.answer.value, Voice)
        ]
        return Sprint(sprint.session, (*heard, *sprint.effects))

    # --- what is not about the interview

    def after(self, event: Event) -> SittingSprint:
        """All is asked: take a correction, or leave it to the door. Raises EventRejected."""
        try:
            if isinstance(event, Wrote) or (isinstance(event, Tapped) and actions.corrects(event.action)):
                return self.interview(self._in_the_engines_words(event))
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
        said = Said(Phrase("reminder.continue"), RESUMPTION, self.facts.session, self.facts.sprint)
        removed = () if self.state.offer is None else (ButtonsRemoved(self.facts.session, self.state.invited_in),)
        return Sprint(state, (*removed, said))

    # --- to the engine, and from it to chat and store

    @property
    def _session(self) -> Session:
        assert self.state.interview is not None
        return session_from_dict(self.state.interview)

    def interview(self, event: events.Event) -> SittingSprint:
        """Let the engine take an event. Raises EventRejected."""
        # The chat's sprints go on while the interview rests: its count catches up, so that no two buttons share one.
        session = replace(self._session, sprint=self.facts.sprint - 1)
        return self.carry(resume(self.instrument, session, event))

    def carry(self, sprint: Sprint[Session, Any]) -> SittingSprint:
        """The engine's effects as what is shown and what is remembered."""
        state: Sitting | None = replace(self.state, interview=session_to_dict(sprint.session), offer=None)
        effects: list[Any] = []
        for effect in sprint.effects:
            match effect:
                case ResultChanged(question, answer, free_text):
                    effects.append(AnswerChanged(question, answer, free_text, *self.instrument.asked_by(question)))
                case OutcomesChanged():
                    effects.append(effect)
                case CaseOpened():
                    effects += [effect, help_asked(self.facts.person.cases)[1]]
                case SessionPaused():
                    assert state is not None
                    state = replace(state, offer=Offer.PAUSE, invited_in=self.facts.sprint)
                    effects += self._pause_offered()
                case SessionEnded(status, _):
                    if status is SessionStatus.COMPLETED:
                        effects.append(CheckinEnded(Fate.COMPLETED))
                    else:
                        state = None
                case _:
                    effects.append(self._shown(effect))
                    if isinstance(effect, QuestionAsked) and self.state.listening:
                        effects.append(PromptPlayed(effect.question, *self.instrument.asked_by(effect.question)))
        return Sprint(state, tuple(effects))

    def _pause_offered(self) -> list[Any]:
        """The pauses, instead of any offer that stands; a correction needs none, since nothing waits for it."""
        removed = [] if self.state.offer is None else [ButtonsRemoved(self.facts.session, self.state.invited_in)]
        phrase, rows = (
            (Phrase("checkin.kept"), RESUMPTION) if self.state.finished else (Phrase("checkin.paused"), RESTING)
        )
        return [*removed, Said(phrase, rows, self.facts.session, self.facts.sprint)]

    def _shown(self, effect: Asking) -> Interviewed:
        return Interviewed(self.facts.session, self.state.instrument, self.state.version, effect)


def _is_unread(taken: SittingSprint) -> bool:
    """Whether the engine could not read what she wrote; told so, or asked again with buttons."""
    shown = (effect.effect for effect in taken.effects if isinstance(effect, Interviewed))
    return any(
        isinstance(effect, AnswerRejected) or (isinstance(effect, QuestionAsked) and effect.unread is not None)
        for effect in shown
    )


def held_by(door: Dialogue, state: Sitting) -> Any:
    """What the door keeps in this sitting until she taps, or None."""
    return None if state.held is None else door.load(state.held.encode())
