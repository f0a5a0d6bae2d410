"""Her code, chosen and changed by herself, from within: four numbers or a word, or none.

* A number is tapped, never written; a word is deleted as soon as it is sent; both are given twice.
* Nobody shares a code: not two women of one phone, nor hers and the one that she gives where somebody makes her.
* Its buttons work however old they are: what they do is as true later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.participant import keypad
from bot.participant.doorstep import Choice, Choosing, doorstep_of, kept
from bot.participant.wishes import wish
from bot.stateless import Stateless
from conversations.reading.words import entries, normalise
from conversations.session import Sprint
from conversations.speech import Button, ButtonsRemoved, Changed, ChatCleaned, Phrase, Said, TapAnswered
from scheduler.dialogue import Event, Facts, Tapped, Wrote
from storage.facts import Who
from storage.gates import CodeChosen, CodeGiven, CodeKind, DoorstepKept, DuressChosen, Fits, LeaveWordChosen, LetIn
from storage.records import Need
from storage.turned_away import TurnedAway, What

ACTION = "code."
NONE = ACTION + "none"

ASKED = frozenset(entries("clave|mi clave|cambiar clave|cambiar mi clave|quiero una clave|olvide mi clave"))
"""What she may write to choose a code, or change hers."""

SHORTEST, LONGEST = 3, 20
"""Letters of a word."""

EASY = frozenset({*(digit * 4 for digit in "0123456789"), *("0123456789"[n : n + 4] for n in range(7)), "4321"})
"""What whoever tries begins with."""


OFFER = (
    (Button(ACTION + Choice.NUMBER, Phrase("code.number")),),
    (Button(ACTION + Choice.WORD, Phrase("code.word")),),
    (Button(NONE, Phrase("code.not_now")),),
)
"""What stands below the question whether she wants one."""


def offered(facts: Facts) -> Said:
    """The question whether she wants a code; where several women write in a chat, that she needs one."""
    if len({her.participant for her in facts.who.women}) > 1:
        return Said(Phrase("code.offer_shared"), OFFER[:-1], facts.session, facts.sprint)
    return Said(Phrase("code.offer"), OFFER, facts.session, facts.sprint)


_MENU = (
    (Button(ACTION + Choice.NUMBER, Phrase("code.change")),),
    (Button(ACTION + Choice.WORD, Phrase("code.word")),),
    (Button(ACTION + Choice.LEAVE, Phrase("code.leave")),),
    (Button(ACTION + Choice.DURESS, Phrase("code.duress")),),
    (Button(NONE, Phrase("code.remove")),),
)

NUMBER_KEYS = {Choice.NUMBER: "code.choose", Choice.DURESS: "code.choose_duress"}
WORD_KEYS = {Choice.WORD: "code.choose_word", Choice.LEAVE: "code.choose_leave"}
"""What she is asked first, for what is tapped and for what is written."""

OTHER_KEYS = (
    *("code.again", "code.differ", "code.too_easy"),
    *("code.again_word", "code.differ_word", "code.no_word", "code.leave_done"),
)
"""What she is told of what she gave."""

CodeSprint = Sprint[None, Any]


class Code(Stateless):
    """The dialogue of her code; how far she is with one stands with the chat."""

    name = "code"

    def takes(self, event: Event, who: Who) -> bool:
        """Whether this is about her code."""
        if who.person is None:
            return False
        if isinstance(event, Tapped):
            return event.action.startswith((ACTION, keypad.KEY))
        if not isinstance(event, Wrote) or event.edited:
            return False
        return normalise(event.text) in ASKED or _is_word_of(_choosing(who, event.at), event)

    def needs(self, state: None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """Whether what she chose is in use already."""
        at = _choosing(who, event.at)
        chosen = None if at is None else _completed(at, event)
        return () if chosen is None else (_in_use(who, chosen),)

    def step(self, state: None, event: Event, facts: Facts) -> CodeSprint:
        """Ask, ask again, or keep what she chose."""
        assert isinstance(event, Tapped | Wrote)
        return _Here(_choosing(facts.who, event.at), event, facts).step()


def _choosing(who: Who, at: datetime) -> Choosing | None:
    here = doorstep_of(who)
    return here if isinstance(here, Choosing) and at < here.until else None


def _is_word_of(at: Choosing | None, event: Wrote) -> bool:
    return at is not None and at.choice in WORD_KEYS and wish(event) is None


def _completed(at: Choosing, event: Event) -> str | None:
    """The code that this completes."""
    if isinstance(event, Wrote):
        return event.text.strip()
    if not isinstance(event, Tapped) or (event.session, event.sprint) != (at.session, at.sprint):
        return None
    entered = keypad.tapped(at.entered, event.action)
    return entered if entered is not None and len(entered) == keypad.DIGITS else None


def _in_use(who: Who, code: str) -> CodeGiven:
    return CodeGiven(tuple(her.participant for her in who.women), code)


@dataclass(frozen=True, slots=True)
class _Here:
    """One thing that she does about her code."""

    at: Choosing | None
    event: Tapped | Wrote
    facts: Facts

    def step(self) -> CodeSprint:
        """What comes of it."""
        match self.event:
            case Tapped(action=action) if action.startswith(ACTION) and not self._stands_here:
                stale = TapAnswered(self.event.tap, Phrase("rejected.stale"))
                return Sprint(None, (TurnedAway(What.STALE_BUTTON), stale))
            case Tapped(action=action) if action == NONE:
                return self._none()
            case Tapped(action=action) if action.startswith(ACTION):
                return self._choose(action.removeprefix(ACTION))
            case Tapped():
                return self._tapped(self.event)
            case Wrote() if self.at is not None and _is_word_of(self.at, self.event):
                return self._wrote(self.at, self.event.text.strip())
            case _:
                return self._ask()

    @property
    def _stands_here(self) -> bool:
        """Whether the button is that of the message it was tapped on: what changes a code is not taken from a copy."""
        assert isinstance(self.event, Tapped)
        return self.facts.replied_to == (self.event.session, self.event.sprint)

    def _ask(self) -> CodeSprint:
        has_one = self.facts.person.gate.kind is not None
        menu = Said(Phrase("code.menu"), _MENU, self.facts.session, self.facts.sprint)
        return Sprint(None, (menu if has_one else offered(self.facts),))

    def _none(self) -> CodeSprint:
        if len(self.facts.who.women) > 1:
            return self._over(Said(Phrase("code.needed")))
        return self._over(CodeChosen(self.facts.person.participant, None), Said(Phrase("code.none")))

    def _choose(self, wanted: str) -> CodeSprint:
        if wanted not in set(Choice):
            return self._answered(self.at)
        until = self.event.at + self.facts.silence
        at = Choosing(Choice(wanted), self.facts.session, self.facts.sprint, until)
        if at.choice in NUMBER_KEYS:
            said = Said(_shown(NUMBER_KEYS[at.choice], ""), keypad.KEYPAD, at.session, at.sprint)
        else:
            said = Said(Phrase(WORD_KEYS[at.choice]), (), at.session, at.sprint)
        return self._answered(at, *self._without_buttons(), said)

    def _without_buttons(self) -> tuple[ButtonsRemoved, ...]:
        event = self.event
        return (ButtonsRemoved(event.session, event.sprint),) if isinstance(event, Tapped) else ()

    # --- numbers

    def _tapped(self, event: Tapped) -> CodeSprint:
        at = self.at
        here = at is not None and (event.session, event.sprint) == (at.session, at.sprint)
        entered = keypad.tapped(at.entered, event.action) if at is not None and here else None
        if at is None or entered is None:
            return self._answered(at)
        if len(entered) < keypad.DIGITS:
            key = "code.again" if at.first else NUMBER_KEYS[at.choice]
            return self._answered(replace(at, entered=entered), self._now(at, _shown(key, entered)))
        return self._number(replace(at, entered=""), entered)

    def _number(self, at: Choosing, entered: str) -> CodeSprint:
        if entered in EASY or self._is_taken(at, entered):
            return self._answered(replace(at, first=""), self._now(at, _shown("code.too_easy", "")))
        if not at.first:
            return self._answered(replace(at, first=entered), self._now(at, _shown("code.again", "")))
        if at.first != entered:
            return self._answered(replace(at, first=""), self._now(at, _shown("code.differ", "")))
        woman = self.facts.person.participant
        if at.choice is Choice.DURESS:
            done = Changed(Phrase("code.duress_done"), (), at.session, at.sprint)
            return self._over(DuressChosen(woman, entered), done)
        done = Changed(Phrase("code.done"), (), at.session, at.sprint)
        return self._over(CodeChosen(woman, CodeKind.NUMBER, entered), LetIn(woman), done)

    def _is_taken(self, at: Choosing, entered: str) -> bool:
        """Whether it is somebody's already: her own one again is her own affair."""
        found = self.facts.get(_in_use(self.facts.who, entered))
        own = Fits.HERS if at.choice is not Choice.DURESS else Fits.DURESS
        return found is not None and (found.participant, found.fits) != (self.facts.person.participant, own)

    # --- words

    def _wrote(self, at: Choosing, word: str) -> CodeSprint:
        gone = ChatCleaned(self.facts.session, self.facts.sprint)
        if not SHORTEST <= len(word) <= LONGEST or len(word.split()) > 1:
            return self._answered(at, gone, self._said("code.no_word"))
        if at.choice is Choice.LEAVE:
            return self._over(gone, LeaveWordChosen(self.facts.person.participant, word), self._said("code.leave_done"))
        if self._is_taken(at, word):
            return self._answered(replace(at, first=""), gone, self._said("code.differ_word"))
        if not at.first:
            return self._answered(replace(at, first=word), gone, self._said("code.again_word"))
        if normalise(at.first) != normalise(word):
            return self._answered(replace(at, first=""), gone, self._said("code.differ_word"))
        woman = self.facts.person.participant
        return self._over(gone, CodeChosen(woman, CodeKind.WORD, word), LetIn(woman), self._said("code.done"))

    # --- what is shown and kept

    def _said(self, key: str) -> Said:
        return Said(Phrase(key), (), self.facts.session, self.facts.sprint)

    def _now(self, at: Choosing, phrase: Phrase) -> Changed:
        return Changed(phrase, keypad.KEYPAD, at.session, at.sprint)

    def _over(self, *effects: Any) -> CodeSprint:
        return self._answered(None, *self._without_buttons(), *effects)

    def _answered(self, at: Choosing | None, *effects: Any) -> CodeSprint:
        answered = (TapAnswered(self.event.tap),) if isinstance(self.event, Tapped) else ()
        return Sprint(None, (*answered, DoorstepKept(kept(at)), *effects))


def _shown(key: str, entered: str) -> Phrase:
    return Phrase(key, {"shown": keypad.dots(entered)})
