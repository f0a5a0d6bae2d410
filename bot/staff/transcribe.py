"""Writing down what women said aloud: one voice note after the other, the longest waiting first.

* What she types becomes the answer that the note is, just as from the command line; the sound then leaves this chat.
* A note is shown to whoever may see the woman, and who heard it is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.library import Library
from bot.staff import permissions
from bot.staff.room import Act, Turn, View, button, member_of
from conversations.codec import Tagged
from conversations.instrument import in_language
from conversations.speech import ChatCleaned, Phrase, Said, SoundPlayed
from locales.catalog import SPANISH
from scheduler.dialogue import Facts
from storage.members import Member
from storage.records import Need
from storage.voices import NextToWrite, NoteHeard, NoteWritten, StillToWrite, ToWrite

WAITS_FOR = timedelta(hours=1)
"""How long a note stands in the chat of whoever does nothing about it."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """The note that she hears, the sprint that plays it, since when; and those that she has left for later."""

    ref: str
    shown_in: int
    at: datetime
    skipped: tuple[str, ...] = ()


class VoiceRoom:
    """The queue of voice notes."""

    name = "voices"
    states: Tagged[Any] = Tagged(Hearing)

    def __init__(self, library: Library) -> None:
        self._library = library

    def until(self, held: Any) -> datetime | None:
        """What a woman said does not stand in another's chat for long."""
        return None if held is None else held.at + WAITS_FOR

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The note that comes next, and whether the one that she hears still waits."""
        still = () if held is None else (StillToWrite(member, held.ref),)
        return (*still, NextToWrite(member, _left(held, act)))

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Play the next, take her words, or leave it for later."""
        match act.verb:
            case "menu":
                return self._next(held, act, facts=facts)
            case permissions.LATE:
                return Turn(None, None, _gone(held, facts), stays=False)
            case _ if held is None:
                return None
            case "skip" if act.fresh:
                return self._next(held, act, facts=facts)
            case "unclear" if act.fresh:
                return self._written(held, None, act=act, facts=facts)
            case permissions.HEARD if act.words:
                return self._written(held, act.words, act=act, facts=facts)
            case _:
                return None

    def _written(self, held: Hearing, words: str | None, *, act: Act, facts: Facts) -> Turn:
        """Keep what she wrote, unless somebody else has meanwhile, or the woman has answered anew."""
        member = member_of(facts)
        if not facts.get(StillToWrite(member, held.ref)):
            turn = self._next(held, act, facts=facts)
            return replace(turn, effects=(Said(Phrase("staff.voices_gone")), *turn.effects))
        turn = self._next(held, act, facts=facts)
        kept = Said(Phrase("staff.voices_written" if words is not None else "staff.voices_unclear"))
        return replace(turn, effects=(NoteWritten(held.ref, words, member.staff), kept, *turn.effects))

    def _next(self, held: Hearing | None, act: Act, *, facts: Facts) -> Turn:
        """Play the next; the last one leaves this chat."""
        before = _gone(held, facts)
        member, left = member_of(facts), _left(held, act)
        note = facts.get(NextToWrite(member, left))
        if note is None:
            return Turn(None, View(Phrase("staff.voices_none")), before, anew=True, stays=False)
        sound = SoundPlayed(note.sound, facts.session, facts.sprint)
        heard = NoteHeard(note.ref, member.staff)
        return Turn(
            Hearing(note.ref, facts.sprint, act.at, left), self._asked(note), (*before, heard, sound), anew=True
        )

    def _asked(self, note: ToWrite) -> View:
        question = self._library.get(note.instrument, note.version).by_name[note.question]
        values: dict[str, str | int] = {"question": in_language(question.label, SPANISH), "count": note.waiting}
        skip = button("voices.skip", "staff.voices_skip_button")
        unclear = button("voices.unclear", "staff.voices_unclear_button")
        return View(Phrase("staff.voices_write", values), ((skip, unclear),))


def _left(held: Hearing | None, act: Act) -> tuple[str, ...]:
    """Which notes are not to come next: those that she left for later, and the one that is dealt with now."""
    if held is None or act.verb == "menu":
        return ()
    return (*held.skipped, held.ref)


def _gone(held: Hearing | None, facts: Facts) -> tuple[ChatCleaned, ...]:
    """The sound that was played, and the words typed of it, leave this chat."""
    return () if held is None else (ChatCleaned(facts.session, held.shown_in, until=facts.sprint + 1),)
