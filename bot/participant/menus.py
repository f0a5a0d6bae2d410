"""The few things that she is asked when she wants something of us: buttons under one message, or her own words.

* One menu stands in a chat at a time; a tap on an older one changes nothing.
* A menu keeps nothing of what she says but what she chose so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.participant import actions
from conversations.speech import Button, ButtonsRemoved, Phrase, Said
from scheduler.dialogue import Event, Facts

STANDS_FOR = timedelta(hours=24)
"""How long a menu waits for her choice."""


class MenuKind(StrEnum):
    """What she was asked."""

    STOP = "stop"  # whether we are to leave her alone
    PAUSE = "pause"  # until when she rests
    DATE = "date"  # the same, in her own words
    SLOT = "slot"  # in which part of the day she likes to be asked
    DAYS = "days"  # on which days


@dataclass(frozen=True, slots=True)
class Menu:
    """What she was asked, and in which sprint; `slot` is what she chose before, where days are asked."""

    kind: MenuKind
    shown_in: int
    asked_at: datetime
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Attended:
    """What follows: the menu that stands now, what is said and remembered, and whether she wants to be left alone."""

    menu: Menu | None
    effects: tuple[Any, ...] = ()
    stopped: bool = False


def ask(kind: MenuKind, phrase: Phrase, *, choices: Sequence[tuple[str, str]], event: Event, facts: Facts) -> Attended:
    """Show a menu with these choices (what a button carries, the key of its label), one below the other."""
    rows = tuple((Button(actions.WISH + value, Phrase(key)),) for value, key in choices)
    said = Said(phrase, rows, facts.session, facts.sprint)
    return Attended(Menu(kind, facts.sprint, event.at), (said,))


def without_buttons(menu: Menu | None, facts: Facts) -> tuple[ButtonsRemoved, ...]:
    """The menu that stood loses its buttons, if it has any."""
    return () if menu is None or menu.kind is MenuKind.DATE else (ButtonsRemoved(facts.session, menu.shown_in),)


def instead_of(menu: Menu | None, attended: Attended, *, facts: Facts) -> Attended:
    """What was attended to, with the menu before it put away."""
    return replace(attended, effects=(*without_buttons(menu, facts), *attended.effects))
