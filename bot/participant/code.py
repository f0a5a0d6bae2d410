"""Her code, chosen and changed by herself, from within: four numbers or a word, or none.

* A number is tapped, never written; a word is deleted as soon as it is sent; both are given twice.
* Nobody shares a code: not two women of one phone, nor hers and the one that she gives where somebody makes her.
* Where several share the phone each code that is chosen counts like one that is tried: nobody finds out another's so.
* The one for when somebody makes her is of the kind of hers, so that it is given as hers would be.
* Its buttons work however old they are: what they do is as true later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.participant import keypad
from bot.participant.doorstep import Choice, Choosing, doorstep_of, kept
from bot.participant.slowing import one_more, waits
from bot.participant.wishes import wish
from bot.stateless import Stateless
from conversations.reading.words import entries, normalise
from conversations.session import Sprint
from conversations.speech import Button, ButtonsRemoved, Changed, ChatCleaned, Phrase, Said, TapAnswered
from scheduler.dialogue import Event, Facts, Tapped, Wrote
from storage.facts import Who
from storage.gates import (
    CodeChosen,
    CodeGiven,
    CodeKind,
    DoorstepKept,
    DuressChosen,
    Fits,
    LeaveWordChosen,
    LetIn,
    WrongCodes,
)
from storage.records import Need
from storage.turned_away import TurnedAway, What
from storage.words import Hashed

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


def asked_anew(facts: Facts) -> Said:
    """The wish that she choose another; there is no going without."""
    return Said(Phrase("code.anew"), OFFER[:-1], facts.session, facts.sprint)


def offered(facts: Facts) -> Said:
    """The question whether she wants a code; where several women write in a chat, that she needs one."""
    if _is_shared(facts.who):
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
WORD_KEYS = {
    Choice.WORD: "code.choose_word",
    Choice.DURESS: "code.choose_duress_word",
    Choice.LEAVE: "code.choose_leave",
}
"""What she is asked first, for what is tapped and for what is written."""


@dataclass(frozen=True, slots=True)
class _Told:
    """The keys of what she is told of a code that she gave."""

    unfit: str
    again: str
    differ: str
    taken: str


NUMBER_TOLD_KEYS = ("code.too_easy", "code.again", "code.differ", "code.too_easy")
WORD_TOLD_KEYS = ("code.no_word", "code.again_word", "code.differ_word", "code.taken_word")
DONE_KEYS = {
    Choice.NUMBER: "code.done",
    Choice.WORD: "code.done",
    Choice.DURESS: "code.duress_done",
    Choice.LEAVE: "code.leave_done",
}
"""What she is told at the end."""

_OF_NUMBERS, _OF_WORDS = _Told(*NUMBER_TOLD_KEYS), _Told(*WORD_TOLD_KEYS)

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
        """Whether what she has given twice is in use already, and what is to be kept of it."""
        at = _choosing(who, event.at)
        given = None if at is None else _completed(at, event)
        if at is None or given is None or not _is_chosen(at, given) or _waits(who, event.at) is not None:
            return ()
        return (_in_use(who, given), Hashed(given))

    def step(self, state: None, event: Event, facts: Facts) -> CodeSprint:
        """Ask, ask again, or keep what she chose."""
        assert isinstance(event, Tapped | Wrote)
        return _Here(_choosing(facts.who, event.at), event, facts).step()


def _choosing(who: Who, at: datetime) -> Choosing | None:
    here = doorstep_of(who)
    return here if isinstance(here, Choosing) and at < here.until else None


def _is_word_of(at: Choosing | None, event: Wrote) -> bool:
    return at is not None and at.written and wish(event) is None


def _is_chosen(at: Choosing, given: str) -> bool:
    """Whether she has given the same twice."""
    return at.first != "" and normalise(at.first) == normalise(given)


def _is_shared(who: Who) -> bool:
    return len({her.participant for her in who.women}) > 1


def _waits(who: Who, now: datetime) -> Phrase | None:
    """What is said where others' codes could be found out by choosing, and too many were chosen."""
    return waits(who.tries, now) if _is_shared(who) else None


def _completed(at: Choosing, event: Event) -> str | None:
    """The code that this completes."""
    if isinstance(event, Wrote):
        return event.text.strip() if _is_word_of(at, event) else None
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
                return self._given(self.at, self.event.text.strip())
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
        if _is_shared(self.facts.who):
            return self._over(Said(Phrase("code.needed")))
        return self._over(CodeChosen(self.facts.person.participant, None), Said(Phrase("code.none")))

    def _choose(self, wanted: str) -> CodeSprint:
        if wanted not in set(Choice):
            return self._answered(self.at)
        choice, until = Choice(wanted), self.event.at + self.facts.silence
        by_word = choice is not Choice.DURESS or self.facts.person.gate.kind is CodeKind.WORD
        at = Choosing(choice, self.facts.session, self.facts.sprint, until, written=choice in WORD_KEYS and by_word)
        if at.written:
            said = Said(Phrase(WORD_KEYS[choice]), (), at.session, at.sprint)
        else:
            said = Said(_shown(NUMBER_KEYS[choice], ""), keypad.KEYPAD, at.session, at.sprint)
        return self._answered(at, *self._without_buttons(), said)

    def _without_buttons(self) -> tuple[ButtonsRemoved, ...]:
        event = self.event
        return (ButtonsRemoved(event.session, event.sprint),) if isinstance(event, Tapped) else ()

    # --- what she gives

    def _tapped(self, event: Tapped) -> CodeSprint:
        at = self.at
        here = at is not None and (event.session, event.sprint) == (at.session, at.sprint)
        entered = keypad.tapped(at.entered, event.action) if at is not None and here else None
        if at is None or entered is None:
            return self._answered(at)
        if len(entered) < keypad.DIGITS:
            key = _OF_NUMBERS.again if at.first else NUMBER_KEYS[at.choice]
            return self._answered(replace(at, entered=entered), self._now(at, _shown(key, entered)))
        return self._given(replace(at, entered=""), entered)

    def _given(self, at: Choosing, code: str) -> CodeSprint:
        """A whole code, or word."""
        told = _OF_WORDS if at.written else _OF_NUMBERS
        if not (_is_a_word(code) if at.written else code not in EASY):
            return self._says(replace(at, first="" if not at.written else at.first), told.unfit)
        if at.choice is Choice.LEAVE:
            return self._done(at, LeaveWordChosen(self.facts.person.participant, code))
        if not at.first:
            return self._says(replace(at, first=code), told.again)
        at, chosen = replace(at, first=""), _is_chosen(at, code)
        if not chosen:
            return self._says(at, told.differ)
        if (wait := _waits(self.facts.who, self.event.at)) is not None:
            return self._answered(at, *self._shows(at, wait))
        if self._is_taken(at, code):
            return self._says(at, told.taken, *self._counted())
        return self._done(at, *self._counted(), *self._kept(at, code))

    def _kept(self, at: Choosing, code: str) -> tuple[Any, ...]:
        woman, code_hash = self.facts.person.participant, self.facts.get(Hashed(code))
        assert code_hash is not None
        if at.choice is Choice.DURESS:
            return (DuressChosen(woman, code_hash),)
        kind = CodeKind.WORD if at.written else CodeKind.NUMBER
        return (CodeChosen(woman, kind, code_hash), LetIn(woman))

    def _is_taken(self, at: Choosing, code: str) -> bool:
        """Whether it is somebody's already: her own one again is her own affair."""
        found = self.facts.get(_in_use(self.facts.who, code))
        own = Fits.HERS if at.choice is not Choice.DURESS else Fits.DURESS
        return found is not None and (found.participant, found.fits) != (self.facts.person.participant, own)

    def _counted(self) -> tuple[WrongCodes, ...]:
        who = self.facts.who
        return (WrongCodes(one_more(who.tries, self.event.at).wrong),) if _is_shared(who) else ()

    # --- what is shown and kept

    def _says(self, at: Choosing, key: str, *records: Any) -> CodeSprint:
        return self._answered(at, *records, *self._shows(at, Phrase(key) if at.written else _shown(key, "")))

    def _shows(self, at: Choosing, phrase: Phrase) -> tuple[Any, ...]:
        if not at.written:
            return (self._now(at, phrase),)
        return (self._gone, Said(phrase, (), self.facts.session, self.facts.sprint))

    def _done(self, at: Choosing, *records: Any) -> CodeSprint:
        """What was asked and given goes."""
        phrase = Phrase(DONE_KEYS[at.choice])
        if not at.written:
            return self._over(*records, Changed(phrase, (), at.session, at.sprint))
        asked = ChatCleaned(at.session, at.sprint)
        return self._over(self._gone, asked, *records, Said(phrase, (), self.facts.session, self.facts.sprint))

    @property
    def _gone(self) -> ChatCleaned:
        return ChatCleaned(self.facts.session, self.facts.sprint)

    def _now(self, at: Choosing, phrase: Phrase) -> Changed:
        return Changed(phrase, keypad.KEYPAD, at.session, at.sprint)

    def _over(self, *effects: Any) -> CodeSprint:
        return self._answered(None, *self._without_buttons(), *effects)

    def _answered(self, at: Choosing | None, *effects: Any) -> CodeSprint:
        answered = (TapAnswered(self.event.tap),) if isinstance(self.event, Tapped) else ()
        return Sprint(None, (*answered, DoorstepKept(kept(at)), *effects))


def _shown(key: str, entered: str) -> Phrase:
    return Phrase(key, {"shown": keypad.dots(entered)})


def _is_a_word(text: str) -> bool:
    return SHORTEST <= len(text) <= LONGEST and len(text.split()) == 1
