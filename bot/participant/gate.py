"""The gate: before anything of hers is shown, whoever is in the chat gives her code; and how she leaves it again.

* It hides everything: her name, what this is, what it is about, that anything waits.
* What she did before she was let in is taken once she is; what stood there for long before is not hers, and forgotten.
* A code that was typed is deleted at once. Wrong ones slow this chat, and nothing else.
* Whoever leaves gets no reply, and no reminder before her next day; whoever clears the chat keeps her place in it.
* Where several women share the chat, nobody knows who wants to be left alone or needs help: it is heard for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.participant import keypad
from bot.participant.code import asked_anew, offered
from bot.participant.crisis import cannot_wait, words_of
from bot.participant.doorstep import Knocking, doorstep_of, event_of, held, kept
from bot.participant.sitting import PUT_OFF
from bot.participant.slowing import one_more, waits
from bot.participant.wishes import for_each, help_asked, stop_asked, urgent, wish
from bot.stateless import Stateless
from conversations.effects import CaseOpened
from conversations.reading.controls import Control
from conversations.reading.courtesies import Courtesy, read_courtesy
from conversations.reading.words import entries, normalise
from conversations.session import Sprint
from conversations.speech import Button, Changed, ChatCleaned, Phrase, Said, TapAnswered
from scheduler.dialogue import Event, Facts, FromHer, Started, TakenUp, Tapped, Wrote
from storage.cases_kinds import FORGOTTEN_CODE
from storage.cleaning import ClearingAsked
from storage.facts import Who
from storage.freezing import DuressGiven
from storage.gates import (
    CodeFound,
    CodeGiven,
    CodeKind,
    DoorstepKept,
    Fits,
    Left,
    LetIn,
    WrongCodes,
)
from storage.ledger import LeftForNow
from storage.records import About, Need
from storage.stops import How

MOST_HELD = 5
"""Things she did at the gate that are taken once she is in: the last ones."""

LONGEST_WORD = 20

CLEARING = frozenset(entries("borrar|borra todo|borrar todo|borrar chat|borra el chat|limpiar el chat"))
"""What she may write to have the chat cleared now."""


NEVER = datetime.min.replace(tzinfo=UTC)

GateSprint = Sprint[None, Any]


def clears(event: Event) -> bool:
    """Whether she asks that the chat be cleared."""
    return isinstance(event, Wrote) and not event.edited and normalise(event.text) in CLEARING


def leaves(event: Event, who: Who) -> bool:
    """Whether she leaves: by the word that everybody has, or by her own."""
    if not isinstance(event, Wrote) or event.edited:
        return False
    return wish(event) is Control.EXIT or any(her.gate.is_left_by(event.text) for her in who.women)


def admitted(event: FromHer, who: Who) -> Who:
    """The chat as it is for what needs no code, where it is one woman's; and for the first contact of another."""
    if isinstance(event, Started) and event.for_another:
        return replace(who, person=None)
    needs_none = urgent(event) is not None or cannot_wait(event, who)
    return who.addressed(None) if who.person is None and needs_none else who


class Gate(Stateless):
    """The dialogue of whoever is at the door of a chat; how far she is stands with the chat."""

    name = "gate"

    def takes(self, event: Event, who: Who) -> bool:
        """Whether this is the gate's to see to."""
        if not isinstance(event, FromHer) or not who.women:
            return False
        return who.person is None or clears(event) or leaves(event, who)

    def needs(self, state: None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """Whose code was given, once one was."""
        given = _given(event, who)
        return () if given is None else (given,)

    def step(self, state: None, event: Event, facts: Facts) -> GateSprint:
        """Let her in, ask again, or let her leave."""
        assert isinstance(event, FromHer)
        if leaves(event, facts.who):
            return _leave(event, facts)
        if clears(event):
            return Sprint(None, (ClearingAsked(),))
        if urgent(event) is not None:
            return Sprint(None, _for_whomever(event, facts.who))
        return _At(_knocking(facts.who), event, facts).knock()


def _leave(event: FromHer, facts: Facts) -> GateSprint:
    rests = () if facts.who.person is None else (LeftForNow(event.at + PUT_OFF),)
    return Sprint(None, (*rests, Left(), ClearingAsked()))


def _for_whomever(event: FromHer, who: Who) -> tuple[Any, ...]:
    """What one of several women asks for without her code: too much is stopped rather than too little, and the team
    looks for each."""
    if urgent(event) is Control.HELP:
        answered = (TapAnswered(event.tap),) if isinstance(event, Tapped) else ()
        return for_each((*answered, *help_asked()), who.women)
    return for_each(stop_asked(words_of(event), how=How.SOMEBODY), who.women)


def _knocking(who: Who) -> Knocking | None:
    at = doorstep_of(who)
    return at if isinstance(at, Knocking) else None


def _given(event: Event, who: Who) -> CodeGiven | None:
    """The code that this completes, if it completes one that may be tried now."""
    at = _knocking(who)
    if who.person is not None or waits(who.tries, event.at) is not None:
        return None
    women = tuple(her.participant for her in who.women)
    if isinstance(event, Tapped) and at is not None and (event.session, event.sprint) == (at.session, at.sprint):
        entered = keypad.tapped(at.entered, event.action)
        return CodeGiven(women, entered) if entered is not None and len(entered) == keypad.DIGITS else None
    return CodeGiven(women, event.text.strip()) if isinstance(event, Wrote) and _is_typed(event, who) else None


def _is_typed(event: Event, who: Who) -> bool:
    """Whether what she wrote may be a code."""
    if not isinstance(event, Wrote) or event.edited:
        return False
    one_word = len(event.text.split()) == 1 and len(event.text) <= LONGEST_WORD and not event.text.startswith("/")
    by_word = any(her.gate.kind is CodeKind.WORD for her in who.women)
    return keypad.is_number(event.text) or (by_word and one_word)


@dataclass(frozen=True, slots=True)
class _At:
    """Somebody at the gate, and what she does there."""

    before: Knocking | None
    event: FromHer
    facts: Facts

    def knock(self) -> GateSprint:
        """What comes of it."""
        given = _given(self.event, self.facts.who)
        found = None if given is None else self.facts.get(given)
        if found is not None:
            return self._found(found)
        if given is not None and (self.before is not None or keypad.is_number(given.code)):
            return self._wrong()
        at = self.before
        if isinstance(self.event, Tapped) and self.event.action.startswith(keypad.KEY):
            if at is None or (self.event.session, self.event.sprint) != (at.session, at.sprint):
                return self._kept(at)
            return self._tapped(at, self.event.action)
        return self._ask()

    def _tapped(self, at: Knocking, action: str) -> GateSprint:
        if action == keypad.FORGOT:
            return self._forgot(at)
        entered = keypad.tapped(at.entered, action)
        if entered is None or self._waits is not None:
            return self._kept(at)
        at = replace(at, entered=entered)
        return self._kept(at, self._shown(at, Phrase("gate.ask", {"shown": keypad.dots(entered)})))

    def _ask(self) -> GateSprint:
        """Ask for it, below what she did; that is kept until she is in."""
        facts, earlier = self.facts, self.before
        at = Knocking(facts.session, facts.sprint, "", self._held())
        gone = () if earlier is None else (ChatCleaned(earlier.session, earlier.sprint),)
        if _is_typed(self.event, facts.who):
            gone = (*gone, ChatCleaned(facts.session, facts.sprint))
        asked = self._waits or (
            Phrase("gate.ask", {"shown": keypad.dots("")}) if self._numbers else Phrase("gate.ask_word")
        )
        return self._kept(at, *gone, Said(asked, self._rows, at.session, at.sprint))

    def _held(self) -> tuple[dict[str, Any], ...]:
        typed = _is_typed(self.event, self.facts.who)
        return (*map(held, self._lately()), *(() if typed else (held(self.event),)))[-MOST_HELD:]

    def _lately(self) -> list[FromHer]:
        """What was done here so lately that it may be hers who comes now."""
        before = () if self.before is None else self.before.held
        return [event for event in map(event_of, before) if self.event.at - event.at < self.facts.silence]

    def _wrong(self) -> GateSprint:
        facts = self.facts
        at = self.before or Knocking(facts.session, facts.sprint)
        at = replace(at, entered="")
        wrong = one_more(facts.who.tries, self.event.at)
        numbers = Phrase("gate.wrong", {"shown": keypad.dots("")})
        phrase = waits(wrong, self.event.at) or (numbers if self._numbers else Phrase("gate.wrong_word"))
        counted: list[Any] = [WrongCodes(wrong.wrong)]
        if isinstance(self.event, Wrote):
            counted.append(ChatCleaned(facts.session, facts.sprint))
        if self.before is None:  # she wrote a code before she was asked for one
            return self._kept(at, *counted, Said(phrase, self._rows, at.session, at.sprint))
        return self._kept(at, *counted, self._shown(at, phrase))

    def _found(self, found: CodeFound) -> GateSprint:
        gone: list[Any] = [ChatCleaned(self.facts.session)]
        if self.before is not None:
            gone.append(ChatCleaned(self.before.session))
        if found.fits is Fits.DURESS:
            topic = Said(Phrase("gate.topic"), harmless=True)
            return self._kept(None, *gone, About(found.participant, DuressGiven()), topic)
        if len(self.facts.who.women) == 1:
            gone.append(WrongCodes(0))
        before = _each_once(self._lately())
        forgot = found.fits is Fits.RESET and self._has_one(found.participant)
        if found.fits is Fits.RESET:  # that lets her in until she has chosen another
            gone.append(asked_anew(self.facts) if forgot else offered(self.facts))
        if forgot:
            before = [event for event in before if _said_by(event) is not Courtesy.GREETING]
        elif not before:
            before = [Started(self.event.at)]
        onward = [TakenUp(replace(event, at=self.event.at)) for event in before]
        return self._kept(None, *gone, LetIn(found.participant), *self._stilled(found.participant), *onward)

    def _stilled(self, participant: int) -> tuple[Said, ...]:
        """She learns what somebody else may have asked for her, and how she takes it back."""
        still = any(her.by_somebody for her in self.facts.who.women if her.participant == participant)
        return (Said(Phrase("stop.by_somebody"), (), self.facts.session, self.facts.sprint),) if still else ()

    def _has_one(self, participant: int) -> bool:
        return any(her.gate.kind is not None for her in self.facts.who.women if her.participant == participant)

    def _forgot(self, at: Knocking) -> GateSprint:
        opened = [About(her.participant, CaseOpened(FORGOTTEN_CODE)) for her in self.facts.who.women]
        told = Changed(Phrase("gate.forgot"), (), at.session, at.sprint)
        return self._kept(replace(at, entered=""), *opened, told)

    def _kept(self, at: Knocking | None, *effects: Any) -> GateSprint:
        answered = (TapAnswered(self.event.tap),) if isinstance(self.event, Tapped) else ()
        return Sprint(None, (*answered, DoorstepKept(kept(at)), *effects))

    def _shown(self, at: Knocking, phrase: Phrase) -> Changed:
        return Changed(phrase, self._rows, at.session, at.sprint)

    @property
    def _waits(self) -> Phrase | None:
        return waits(self.facts.who.tries, self.event.at)

    @property
    def _numbers(self) -> bool:
        return any(her.gate.kind is not CodeKind.WORD for her in self.facts.who.women)

    @property
    def _rows(self) -> keypad.Rows:
        forgot = (Button(keypad.FORGOT, Phrase("keypad.forgot")),)
        return (*(keypad.KEYPAD if self._numbers else ()), forgot)


def _each_once(events: Sequence[FromHer]) -> list[FromHer]:
    """What she did, without what she only repeated while she waited to be let in: a greeting above all."""
    return list({_said_by(event): event for event in reversed(events)}.values())[::-1]


def _said_by(event: FromHer) -> object:
    if event == Started(event.at) or (isinstance(event, Wrote) and read_courtesy(event.text) is Courtesy.GREETING):
        return Courtesy.GREETING
    return normalise(event.text) if isinstance(event, Wrote) else replace(event, at=NEVER)
