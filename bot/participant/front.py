"""A woman whom we know, with no question open: first what she wants of us, then all else, which is the door's.

* A menu and messages that wait at the door may stand together; what came last reads her next words.
* Whoever wishes to be left alone leaves nothing behind that waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.participant.attending import attend
from bot.participant.door import Door, Holding, notice_answered
from bot.participant.menus import STANDS_FOR, Attended, Menu, without_buttons
from conversations.codec import Tagged
from conversations.session import Sprint
from conversations.speech import ButtonsRemoved, TapAnswered
from scheduler.dialogue import Event, Facts, Tapped, TimeIsUp
from storage.facts import Who
from storage.records import Need


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """What waits for her tap: messages of hers, a menu, or both."""

    holding: Holding | None
    menu: Menu | None


_STATES: Tagged[AtTheDoor] = Tagged(AtTheDoor)
NOTHING = AtTheDoor(None, None)

Reply = Sprint[AtTheDoor | None, Any]


class Front:
    """The dialogue of a chat in which nothing is asked of her."""

    name = Door.name

    def __init__(self) -> None:
        self._door = Door()

    def load(self, data: bytes) -> AtTheDoor:
        """The state that `dump` wrote."""
        return _STATES.load(data)

    def dump(self, state: AtTheDoor) -> bytes:
        """The state as bytes."""
        return _STATES.dump(state)

    def expires_at(self, state: AtTheDoor) -> datetime | None:
        """When the first of what waits has waited long enough."""
        menu = None if state.menu is None else state.menu.asked_at + STANDS_FOR
        held = None if state.holding is None else self._door.expires_at(state.holding)
        return min((moment for moment in (menu, held) if moment is not None), default=None)

    def needs(self, state: AtTheDoor | None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """What the door needs."""
        return self._door.needs(None if state is None else state.holding, event, who=who)

    def step(self, state: AtTheDoor | None, event: Event, facts: Facts) -> Reply:
        """Reply to whatever she did, or stay silent where there is nothing to reply to."""
        before = state or NOTHING
        attended = attend(before.menu, event, facts=facts, asking=False)
        if attended is not None:
            return self._attended(before, attended, event=event, facts=facts)
        if (answered := notice_answered(event, facts)) is not None:
            return Sprint(state, answered)
        left = self._door.step(before.holding, event, facts)
        over = isinstance(event, TimeIsUp) or (left.session is not None and left.session is not before.holding)
        gone = without_buttons(before.menu, facts) if over else ()
        return Sprint(standing(left.session, None if over else before.menu), (*gone, *left.effects))

    @staticmethod
    def _attended(before: AtTheDoor, attended: Attended, *, event: Event, facts: Facts) -> Reply:
        effects = attended.effects
        if isinstance(event, Tapped) and not any(isinstance(effect, TapAnswered) for effect in effects):
            effects = (TapAnswered(event.tap), *effects)
        if not attended.stopped:
            return Sprint(standing(before.holding, attended.menu), effects)
        waited = () if before.holding is None else (ButtonsRemoved(facts.session, before.holding.shown_in),)
        return Sprint(None, (*waited, *effects))


def standing(holding: Holding | None, menu: Menu | None) -> AtTheDoor | None:
    """What waits, or None where nothing does."""
    return None if holding is None and menu is None else AtTheDoor(holding, menu)
