"""One step of an interview, whichever chat it is held in: what is sent there becomes the engine's events, and the
engine's effects become what is shown and what is remembered.

* The questionnaire, the checks and the words are the same in her own chat and in that of whoever asks her.
* What a chat decides for itself (a pause, help, the end) is handed on as the engine's own effect.
* The chat's sprints go on while the interview rests: its count catches up, so that no two buttons share one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.participant import actions
from bot.participant.wishes import wish
from conversations import events
from conversations.answers import Voice
from conversations.codec import session_from_dict
from conversations.effects import CaseOpened, OutcomesChanged, ResultChanged, SessionEnded, SessionPaused
from conversations.errors import EventRejected, Rejection
from conversations.instrument import Instrument
from conversations.reading.controls import Control
from conversations.risk.kinds import Danger
from conversations.risk.thresholds import crossed
from conversations.session import Session, Sprint, resume, take_up
from conversations.speech import Interviewed
from scheduler.dialogue import Attached, Event, Facts, FileSent, Tapped, Wrote
from storage.files import LONGEST_VOICE, MOST_BYTES, VoiceKept
from storage.interviews import CHAT, AnswerChanged, Begun

Asked = Sprint[Session, Any]


@dataclass(frozen=True, slots=True)
class Interview:
    """Where it is held: a questionnaire in a chat, by the bot itself or (`interviewer`) by a member of staff."""

    instrument: Instrument
    facts: Facts
    mode: str = CHAT
    interviewer: int | None = None

    def begin(self, at: datetime, *, purposes: tuple[str, ...], pay: Decimal | None, begun: Begun | None) -> Asked:
        """Ask the first question, or where some are answered the next; `pay` is what she earned a month before."""
        known = begun or Begun()
        session = Session(
            self.instrument.name,
            self.instrument.version,
            purposes=purposes,
            earlier_pay=pay,
            answers=known.answers,
            left=known.left,
            sprint=self.facts.sprint,
        )
        return self._told(take_up(self.instrument, at, session=session))

    def take(self, kept: dict[str, Any], event: events.Event) -> Asked:
        """Let the engine take an event. Raises EventRejected."""
        session = replace(session_from_dict(kept), sprint=self.facts.sprint - 1)
        return self._told(resume(self.instrument, session, event))

    def in_the_engines_words(self, event: Event) -> events.Event:
        """What she did, as the engine calls it. Raises EventRejected for what it has no word for."""
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

    def hear(self, kept: dict[str, Any], event: Attached, *, file: FileSent) -> Asked:
        """A voice note: an answer where her own words are asked for, and kept for staff if it is taken as one. Raises
        EventRejected."""
        ref = f"{self.facts.session:x}.{self.facts.sprint}"
        asked = self.take(kept, events.VoiceReceived(event.at, ref, file.seconds))
        heard = [
            VoiceKept(ref, file.file_id, file.size, file.seconds, effect.question)
            for effect in asked.effects
            if isinstance(effect, AnswerChanged) and isinstance(effect.answer.value, Voice)
        ]
        return Sprint(asked.session, (*heard, *asked.effects))

    def dangers(self, effects: Sequence[Any], at: datetime) -> tuple[Danger, ...]:
        """What the answers among these effects of a step tell of, by the thresholds of their instruments."""
        changed = [effect for effect in effects if isinstance(effect, AnswerChanged)]
        found = (
            crossed(
                self.instrument.by_name[one.question].risk,
                one.answer.value,
                instrument=one.instrument,
                question=one.question,
                at=at,
            )
            for one in changed
        )
        return tuple(danger for danger in found if danger is not None)

    def _told(self, sprint: Sprint[Session, Any]) -> Asked:
        return Sprint(sprint.session, tuple(map(self._effect, sprint.effects)))

    def _effect(self, effect: Any) -> Any:
        match effect:
            case ResultChanged(name, answer, free_text):
                asked_by = self.instrument.asked_by(name)
                return AnswerChanged(name, answer, free_text, *asked_by, self.mode, self.interviewer)
            case OutcomesChanged() | CaseOpened() | SessionPaused() | SessionEnded():
                return effect
            case _:
                return Interviewed(self.facts.session, self.instrument.name, self.instrument.version, effect)


def is_too_long(file: FileSent) -> bool:
    """Whether a voice note is more than we keep."""
    return file.seconds > LONGEST_VOICE.total_seconds() or (file.size or 0) > MOST_BYTES
