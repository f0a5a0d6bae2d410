"""What she allows, purpose by purpose: one screen of marks, none of which is set for her.

* Each purpose is a yes or a no of its own; nothing that the team does for her depends on any of them.
* In first contact the marks count when she is through with them; later each tap counts at once, so that taking a
  permission away is as easy as giving it.
* To be followed up at all is no mark here: it has its own yes, and ends at her word.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.participant.notice import Notice
from bot.participant.wishes import wish
from bot.stateless import Stateless
from conversations.interpret import read_yes_no
from conversations.reading.words import entries, normalise
from conversations.session import Sprint
from conversations.speech import Button, ButtonsRemoved, Changed, Phrase, Said, TapAnswered
from scheduler.dialogue import Event, Facts, Tapped, Wrote
from storage.consents import ConsentGiven, Purpose
from storage.facts import Who
from storage.withdrawals import AlertsWithdrawn

MARK, DONE = "mark.", "mark.done"
"""What the buttons of the screen carry, wherever it stands."""

NOW = "permit."
"""What they carry where each tap counts at once."""

OFF_KEYS = (
    *("purposes.income_off", "purposes.wellbeing_off", "purposes.voice_off"),
    *("purposes.alerts_off", "purposes.broadcasts_off", "purposes.research_off"),
)
ON_KEYS = (
    *("purposes.income_on", "purposes.wellbeing_on", "purposes.voice_on"),
    *("purposes.alerts_on", "purposes.broadcasts_on", "purposes.research_on"),
)

ASKED_APART = tuple(purpose for purpose in Purpose if purpose is not Purpose.FOLLOW_UP)
"""What the screen asks, in its order; their numbers are those of the buttons."""

ALL = frozenset(entries("todas|todos|todo|a todas|a todo|si a todas|si a todo|si todas|si todo"))
NONE = frozenset(entries("ninguna|ninguno|ninguna de esas|a ninguna|nada|no a todo|no a todas"))
BETWEEN = frozenset(entries("y|e|la|las|el|los|solo|nomas|quiero|numero|numeros|con"))
"""What she may write around the numbers."""

ASKS = ("mis permisos", "permisos", "que permito", "mis consentimientos")
"""What she may write to see the screen, alone or before her choice."""

Rows = tuple[tuple[Button, ...], ...]


def rows(marked: Collection[str], *, prefix: str = MARK) -> Rows:
    """The purposes with their marks, one below the other, and the way out."""
    each = zip(ASKED_APART, OFF_KEYS, ON_KEYS, strict=True)
    lines = ((Button(prefix + one.value, Phrase(on if one in marked else off)),) for one, off, on in each)
    return (*lines, (Button(prefix + "done", Phrase("purposes.done")),))


def toggled(marked: Collection[str], action: str) -> tuple[str, ...] | None:
    """The marks after a tap, or None where that is no mark."""
    value = action.removeprefix(MARK)
    if value not in ASKED_APART:
        return None
    return tuple(one.value for one in ASKED_APART if (one in marked) != (one == value))


def read_marks(text: str) -> tuple[str, ...] | None:
    """The purposes that she named by their numbers or all at once; None where she named none."""
    said = normalise(text)
    if said in ALL:
        return tuple(one.value for one in ASKED_APART)
    if said in NONE or read_yes_no(text) is False:
        return ()
    words = [word for word in said.replace(",", " ").split() if word not in BETWEEN]
    numbers = [int(word) for word in words if word.isascii() and word.isdigit()]
    if not words or len(numbers) < len(words) or not all(1 <= one <= len(ASKED_APART) for one in numbers):
        return None
    return tuple(one.value for place, one in enumerate(ASKED_APART, start=1) if place in numbers)


def withdrawn(purposes: Collection[str]) -> tuple[AlertsWithdrawn, ...]:
    """What staff learn of where these permissions of hers are taken back: that of being looked for, and no other."""
    return (AlertsWithdrawn(),) if Purpose.ALERTS in purposes else ()


class Permissions(Stateless):
    """The dialogue of what she allows, seen and changed at any time, beside whatever is open."""

    name = "permissions"

    def __init__(self, notice: Notice) -> None:
        self._notice = notice

    def takes(self, event: Event, who: Who) -> bool:
        """Whether this is about what she allows."""
        if who.person is None:
            return False
        if isinstance(event, Tapped):
            return event.action.startswith(NOW)
        return isinstance(event, Wrote) and not event.edited and wish(event) is None and _choice_in(event) is not None

    def step(self, state: None, event: Event, facts: Facts) -> Sprint[None, Any]:
        """Show what she allows, or change it."""
        if isinstance(event, Tapped):
            return self._tapped(event, facts)
        assert isinstance(event, Wrote)
        chosen = read_marks(_choice_in(event) or "")
        if chosen is None:
            screen = rows(facts.person.purposes, prefix=NOW)
            return Sprint(None, (Said(Phrase("purposes.now"), screen, facts.session, facts.sprint),))
        words = tuple(self._word(facts, purpose, given=purpose in chosen) for purpose in ASKED_APART)
        gone = () if Purpose.ALERTS in chosen else withdrawn(facts.person.purposes)
        return Sprint(None, (*words, *gone, Said(Phrase("purposes.noted"))))

    def _tapped(self, event: Tapped, facts: Facts) -> Sprint[None, Any]:
        answered = TapAnswered(event.tap)
        value = event.action.removeprefix(NOW)
        if value not in ASKED_APART:
            return Sprint(None, (answered, ButtonsRemoved(event.session, event.sprint), Said(Phrase("purposes.noted"))))
        purpose, allowed = Purpose(value), facts.person.purposes
        given = purpose not in allowed
        now = {*allowed, value} if given else {one for one in allowed if one != value}
        shown = Changed(Phrase("purposes.now"), rows(now, prefix=NOW), event.session, event.sprint)
        gone = withdrawn({value} & {*allowed})
        return Sprint(None, (answered, self._word(facts, purpose, given=given), *gone, shown))

    def _word(self, facts: Facts, purpose: Purpose, *, given: bool) -> ConsentGiven:
        return ConsentGiven(
            facts.person.participant, purpose.value, self._notice.version, self._notice.text_hash, given
        )


def _choice_in(event: Wrote) -> str | None:
    """What she wrote behind the words that ask for the screen (empty: nothing); None where she does not ask for it."""
    said = normalise(event.text)
    asked = next((words for words in ASKS if said == words or said.startswith(words + " ")), None)
    if asked is None:
        return None
    rest = said.removeprefix(asked).strip()
    return rest if not rest or read_marks(rest) is not None else None
