"""A questionnaire in the hands of a member of staff: what she types and taps is what a woman answers her.

* The step is the one of the woman's own chat; only what is said around it differs, since somebody else reads it.
* Whose answers they are, and whether they are kept at all, is the room's to decide.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from bot.asking import Asked, Interview, is_too_long
from bot.participant.wishes import wish
from bot.staff.room import Act, Turn, View, button
from conversations import events
from conversations.codec import session_from_dict, session_to_dict
from conversations.effects import (
    CaseOpened,
    QuestionClosed,
    QuestionWithdrawn,
    SessionEnded,
    SessionPaused,
    SessionStatus,
)
from conversations.errors import EventRejected, Rejection
from conversations.reading.controls import Control
from conversations.speech import ChatCleaned, Interviewed, Phrase, Said
from scheduler.dialogue import Attached, Tapped, Wrote
from storage.interviews import IN_PERSON, PHONE

MODE_KEYS = {PHONE: "staff.capture_phone_button", IN_PERSON: "staff.capture_in_person_button"}
"""How she can be asked."""

OPENING_KEYS = {PHONE: "staff.capture_opening_phone", IN_PERSON: "staff.capture_opening_in_person"}
"""What is said before the first question, to whoever asks it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What has come of it: where the questionnaire stands, what is shown and what is to be kept, and whether she paused
    or has been through it."""

    interview: dict[str, Any]
    shown: tuple[Any, ...]
    kept: tuple[Any, ...]
    paused: bool = False
    over: bool = False


def taken(asked: Asked) -> Step:
    """What is shown and what is kept of a step of the engine's."""
    shown: list[Any] = []
    kept: list[Any] = []
    for effect in asked.effects:
        match effect:
            case Interviewed():
                shown.append(effect)
            case CaseOpened():
                kept.append(effect)
                shown.append(Said(Phrase("staff.capture_case")))
            case SessionPaused() | SessionEnded():
                pass
            case _:
                kept.append(effect)
    paused = any(isinstance(effect, SessionPaused) for effect in asked.effects)
    over = any(effect.status is SessionStatus.COMPLETED for effect in asked.effects if isinstance(effect, SessionEnded))
    return Step(session_to_dict(asked.session), tuple(shown), tuple(kept), paused, over)


def taken_from(
    here: Interview, act: Act, *, interview: dict[str, Any], zone: str, others: Collection[int] = ()
) -> Step:
    """Take what she types, taps or sends as an answer, at the time on the woman's clock; not a message that she changed
    of other work, which was done in the sprints `others`. Raises EventRejected."""
    event = replace(act.event, at=act.at.astimezone(ZoneInfo(zone)))
    if isinstance(event, Wrote) and event.edited and here.facts.about in others:
        raise EventRejected(Rejection.EDITED)
    if isinstance(event, Tapped) and not (event.session == here.facts.session and _is_open(interview, event.sprint)):
        raise EventRejected(Rejection.STALE)
    if isinstance(event, Attached) and event.kind == "voice" and event.file is not None:
        if is_too_long(event.file):
            raise EventRejected(Rejection.NOT_ACCEPTED)
        return taken(here.hear(interview, event, file=event.file))
    if isinstance(event, Wrote) and wish(event) is Control.STOP:  # she wants no more of it: that is not her answer
        return taken(here.take(interview, events.PauseAsked(event.at)))
    return taken(here.take(interview, here.in_the_engines_words(event)))


def _is_open(interview: dict[str, Any], sprint: int) -> bool:
    """Whether these are the buttons of what is asked now: even a call for help from an older one may be of another."""
    session = session_from_dict(interview)
    return sprint in (session.asked_in, session.waiting_since)


def asked_again(here: Interview, act: Act, *, interview: dict[str, Any], zone: str) -> Step:
    """Ask once more what is open. Raises EventRejected where nothing is."""
    return taken(here.take(interview, events.ResumeAsked(act.at.astimezone(ZoneInfo(zone)))))


def between(interview: dict[str, Any], others: tuple[int, ...], *, sprint: int) -> tuple[int, ...]:
    """The sprints of this chat in which other work was done since it began, up to this one."""
    return (*others, *range(interview["sprint"] + 1, sprint)) if interview else others


def sparing(shown: tuple[Any, ...], others: tuple[int, ...]) -> tuple[Any, ...]:
    """What is shown, where nothing is taken away that other work has shown meanwhile."""
    return tuple(one for effect in shown for one in (_spared(effect, others) if others else (effect,)))


def _spared(effect: Any, others: tuple[int, ...]) -> tuple[Any, ...]:
    if not isinstance(effect, Interviewed) or not isinstance(effect.effect, QuestionClosed | QuestionWithdrawn):
        return (effect,)
    taken = effect.effect
    (_, until), *rest = _runs(taken.sprint, taken.until, others=others) or [(0, taken.sprint)]
    more = (QuestionWithdrawn(taken.question, start, stop) for start, stop in rest)
    return (replace(effect, effect=replace(taken, until=until)), *(replace(effect, effect=one) for one in more))


def cleaned(session: int, first: int, *, until: int, others: tuple[int, ...]) -> tuple[ChatCleaned, ...]:
    """All that the interview has shown, and what was typed in it, goes; what other work has shown stays."""
    return tuple(ChatCleaned(session, start, until=stop) for start, stop in _runs(first, until, others=others))


def _runs(first: int, until: int, *, others: tuple[int, ...]) -> list[tuple[int, int]]:
    """The sprints from the first on, without those of others, as ranges."""
    ends = [first - 1, *sorted(other for other in others if first <= other < until), until]
    return [(start + 1, stop) for start, stop in pairwise(ends) if start + 1 < stop]


def has_been_through(interview: dict[str, Any]) -> bool:
    """Whether everything has been asked once, whatever is corrected now."""
    return bool(interview["finished"])


def refused(held: Any, act: Act, *, rejection: EventRejected) -> Turn:
    """Say why it was not taken, and leave everything as it was."""
    edited = rejection.reason is Rejection.EDITED
    sorry = Phrase("staff.edit_not_taken" if edited else f"rejected.{rejection.reason.value}")
    if isinstance(act.event, Tapped):
        return Turn(held, toast=sorry)
    return Turn(held, View(sorry))


def modes(room: str, about: str) -> View:
    """Whether she is on the phone or here."""
    rows = ((button(f"{room}.begin.{about}.{mode}", key),) for mode, key in MODE_KEYS.items())
    return View(Phrase("staff.capture_mode"), tuple(rows))
