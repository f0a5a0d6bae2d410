"""Practising with a woman whom nobody knows: the screens of an interview, for whoever is new to it.

* Nothing that is said here is kept but where the questionnaire stands, and that only until it is put away.
* The questionnaire is the one that is in use, and the woman is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.asking import Interview
from bot.library import Library
from bot.participant.sitting import PUT_OFF
from bot.staff import consenting, permissions, questions
from bot.staff.questions import Step
from bot.staff.room import Act, Turn, View, button
from conversations.codec import Tagged
from conversations.errors import EventRejected
from conversations.speech import Phrase, Said
from scheduler.dialogue import Facts
from scheduler.enrolment import DEFAULT_ZONE
from storage.captures import Her
from storage.consents import Purpose
from storage.members import Member
from storage.records import Need

NAME = "Rosa Ejemplo"
"""Whom she practises with."""

INSTRUMENT = "seguimiento"
"""What is asked most often, and has questions of every kind."""

HER = "0"
"""Stands in the buttons where the number of a check-in stands otherwise."""

NOBODY = Her(0, NAME, DEFAULT_ZONE, purposes=(), stopped=False)

START = ((button("practice.oral.0", "staff.practice_start_button"),),)
DONE = ((button("practice.done", "staff.practice_done_button"),),)
ON = ((button("practice.on", "staff.capture_on_button"),), *DONE)


@dataclass(frozen=True, slots=True)
class Practising:
    """The questionnaire as it stands, since when, and the sprint from which on it stands in this chat; `others` are
    those in which other work was done meanwhile."""

    instrument: str
    version: str
    interview: dict[str, Any]
    at: datetime
    first: int
    others: tuple[int, ...] = ()


class PracticeRoom:
    """The same screens, and nobody behind them."""

    name = "practice"
    states: Tagged[Any] = Tagged(Practising)

    def __init__(self, library: Library) -> None:
        self._library = library

    def until(self, held: Any) -> datetime | None:
        """Nobody waits for it."""
        return None if held is None else held.at + PUT_OFF

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Nothing is looked up."""
        return ()

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Show the screens one after the other."""
        match act.verb:
            case "menu":
                return Turn(held, View(Phrase("staff.practice", {"name": NAME}), START if held is None else ON))
            case "oral":
                return Turn(held, consenting.script("practice", HER))
            case "agreed" if act.about.endswith(".no"):
                return Turn(held, View(Phrase("staff.capture_refused", {"name": NAME})))
            case "agreed" | "money" | "wellbeing" | "research":
                return Turn(held, self._asked_next(act.verb))
            case "begin":
                return self._begin(act, facts=facts)
            case _ if held is not None:
                return self._asked(held, act, facts=facts)
            case _:
                return None

    def _asked_next(self, after: str) -> View:
        """What she is asked to allow next, as of any woman who has said nothing yet; or how she is talked to."""
        verbs = consenting.wanted(self._library.latest(INSTRUMENT))
        verb = consenting.asked_next(verbs, NOBODY, after=after)
        return questions.modes("practice", HER) if verb is None else consenting.apart("practice", HER, verb=verb)

    def _begin(self, act: Act, *, facts: Facts) -> Turn | None:
        mode = act.about.partition(".")[2]
        if mode not in questions.MODE_KEYS:
            return None
        instrument = self._library.latest(INSTRUMENT)
        at = act.at.astimezone(ZoneInfo(DEFAULT_ZONE))
        asked = Interview(instrument, facts, mode).begin(at, purposes=tuple(Purpose), pay=None, begun=None)
        held = Practising(instrument.name, instrument.version, {}, act.at, facts.sprint)
        opening = Said(Phrase(questions.OPENING_KEYS[mode], {"name": NAME}), (), facts.session, facts.sprint)
        turn = _went_on(held, questions.taken(asked))
        return replace(turn, effects=(opening, *turn.effects), anew=True)

    def _asked(self, held: Practising, act: Act, *, facts: Facts) -> Turn | None:
        held = replace(held, others=questions.between(held.interview, held.others, sprint=facts.sprint))
        if act.verb in ("done", permissions.LATE):
            cleaned = questions.cleaned(facts.session, held.first, until=facts.sprint + 1, others=held.others)
            return Turn(None, View(Phrase("staff.practice_done")), cleaned, anew=True, stays=False)
        here = Interview(self._library.get(held.instrument, held.version), facts)
        take = questions.asked_again if act.verb == "on" else questions.taken_from
        try:
            return _went_on(replace(held, at=act.at), take(here, act, interview=held.interview, zone=DEFAULT_ZONE))
        except EventRejected as rejection:
            return questions.refused(held, act, rejection=rejection)


def _went_on(held: Practising, step: Step) -> Turn:
    """What is shown; what would be kept of a real woman's answers is let go."""
    held, shown = replace(held, interview=step.interview), questions.sparing(step.shown, held.others)
    if step.over:
        return Turn(held, View(Phrase("staff.practice_completed", {"name": NAME}), DONE), shown, anew=True)
    if step.paused:
        return Turn(held, View(Phrase("staff.capture_paused", {"name": NAME}), ON), shown, anew=True, stays=False)
    return Turn(held, None, shown)
