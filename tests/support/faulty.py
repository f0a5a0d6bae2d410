"""A desk on which one dialogue goes wrong on demand, in each of the ways in which a dialogue can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.desk import Desk
from bot.stateless import Stateless
from conversations.session import Sprint
from conversations.speech import Phrase, Said
from scheduler.dialogue import CheckinDue, Dialogue, Event, Facts, FromHer, ReminderDue, Wrote
from storage.consents import ConsentGiven
from storage.facts import Who
from storage.interviews import Conversation
from storage.invitations import WordMissed
from storage.records import Need

FAULTS = ("step", "needs", "record", "conflict", "overflow")
NOBODY = 424_242
CANARY = "tlacuache"
"""Stands in every error that is raised here: no log may show it."""


class Faulty(Stateless):
    """Goes wrong as the text says: in its step, in its needs, with a record that nobody or no schema takes."""

    name = "faulty"

    def needs(self, state: None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """Nothing, unless that is what goes wrong."""
        if isinstance(event, Wrote) and event.text == "needs":
            raise LookupError(CANARY)
        return ()

    def step(self, state: None, event: Event, facts: Facts) -> Sprint[None, Any]:
        """Do what the text says."""
        match event:
            case Wrote(text="record"):
                return Sprint(None, (object(),))
            case Wrote(text="conflict"):
                return Sprint(None, (Said(Phrase("apology")), ConsentGiven(NOBODY, "ingresos", "1", "h", given=True)))
            case Wrote(text="overflow"):
                return Sprint(None, (WordMissed(2**70),))
            case _:
                raise ValueError(CANARY)


class FaultyDesk:
    """The real desk, but for what is to go wrong: texts that name a fault and, if so wished, all that asks her."""

    def __init__(self, desk: Desk, *, checkins: bool = False) -> None:
        self._desk = desk
        self.checkins = checkins

    def choose(self, event: Event, *, who: Who, conversation: Conversation | None) -> Dialogue:
        """The faulty dialogue for what is to go wrong, the real one for all else."""
        wrong = isinstance(event, Wrote) and event.text in FAULTS
        if wrong or (self.checkins and isinstance(event, CheckinDue | ReminderDue)):
            return Faulty()
        return self._desk.choose(event, who=who, conversation=conversation)

    def admitted(self, event: FromHer, who: Who) -> Who:
        """As the real desk says."""
        return self._desk.admitted(event, who)

    def gives_way(self, dialogue: str) -> bool:
        """As the real desk says."""
        return self._desk.gives_way(dialogue)
