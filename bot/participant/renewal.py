"""A notice that has changed since she said yes: it is shown again, and her yes asked again, before the next question.

* Nothing is asked of her meanwhile; what she did is taken once she has said yes, and confirmed it by a shown word.
* Her no leaves everything else as it is: she is written to no more, and her support goes on, as she is told.
* What was shown counts as long as it stands in the chat; whatever else she does is answered in a line, and asked again.
* The whole notice is hers to read at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.participant.doorstep import Renewing, doorstep_of, event_of, held, kept
from bot.participant.first_contact import CONFIRM_KEYS, asks_for_whole, shown_word
from bot.participant.notice import NOTICE_KEYS, Notice
from bot.participant.wishes import wish
from bot.stateless import Stateless
from conversations.interpret import read_yes_no
from conversations.reading.words import normalise
from conversations.session import Sprint
from conversations.speech import Button, ButtonsRemoved, ChatCleaned, Phrase, Said, TapAnswered
from scheduler.dialogue import Event, Facts, FromHer, TakenUp, Tapped, Wrote
from storage.consents import ConsentGiven, How, Purpose
from storage.facts import Who
from storage.gates import DoorstepKept

ACTION = "renewal."
YES, NO, WHOLE = ACTION + "yes", ACTION + "no", ACTION + "whole"

LEAVE_ALONE = "alto"
"""What her no amounts to, in the word that she may write for it."""

_ROWS = (
    (Button(YES, Phrase("enrolment.accept")),),
    (Button(NO, Phrase("enrolment.decline")),),
    (Button(WHOLE, Phrase("notice.whole")),),
)

RenewalSprint = Sprint[None, Any]


class Renewal(Stateless):
    """The dialogue of a notice that she has not agreed to yet; how far she is with it stands with the chat."""

    name = "renewal"

    def __init__(self, notice: Notice) -> None:
        self._notice = notice

    def takes(self, event: Event, who: Who, *, asked: bool) -> bool:
        """Whether this is about the notice, or about a question (`asked`) that waits for it."""
        her = who.person
        if her is None or not isinstance(event, FromHer):
            return False
        if asks_for_whole(event) or (isinstance(event, Tapped) and event.action.startswith(ACTION)):
            return True
        followed = Purpose.FOLLOW_UP in her.purposes and not her.stopped
        return asked and followed and wish(event) is None and not self._notice.is_what(her.agreed)

    def step(self, state: None, event: Event, facts: Facts) -> RenewalSprint:
        """Hand the notice over, ask for her yes, or take it."""
        assert isinstance(event, FromHer)
        return _Asking(self._notice, _renewing(facts.who), event, facts).step()


def _renewing(who: Who) -> Renewing | None:
    at = doorstep_of(who)
    return at if isinstance(at, Renewing) else None


@dataclass(frozen=True, slots=True)
class _Asking:
    """One thing that she does about the notice."""

    notice: Notice
    at: Renewing | None
    event: FromHer
    facts: Facts

    def step(self) -> RenewalSprint:
        """What comes of it."""
        event, at = self.event, self.at
        if asks_for_whole(event) or (isinstance(event, Tapped) and event.action == WHOLE):
            return self._answered(self.notice.handed(self.facts.session))
        if at is None or self.facts.person.stopped or self.notice.is_what(self.facts.person.agreed):
            stale = isinstance(event, Tapped) and event.action.startswith(ACTION)
            return self._answered(stale="rejected.stale") if stale else self._ask()
        if isinstance(event, Tapped) and event.action.startswith(ACTION):
            if (event.session, event.sprint) != (at.session, at.sprint):
                return self._answered(stale="rejected.stale")
            return self._no() if event.action == NO else self._confirm(at)
        if isinstance(event, Wrote) and not event.edited:
            return self._wrote(at, event)
        return self._ask(Phrase("notice.not_read"))

    def _wrote(self, at: Renewing, event: Wrote) -> RenewalSprint:
        if at.confirming is not None and normalise(event.text) == shown_word(at.session):
            return self._yes(at)
        said = read_yes_no(event.text)
        if said is False:
            return self._no()
        if at.confirming is not None:
            return self._confirm(at, CONFIRM_KEYS[1])
        return self._confirm(at) if said else self._ask(Phrase("notice.not_read"))

    def _ask(self, because: Phrase | None = None) -> RenewalSprint:
        """Show the notice, below what she did; `because`: why it comes again."""
        facts = self.facts
        onward = held(self.event) if self.at is None else self.at.held
        at = Renewing(facts.session, facts.sprint, onward)
        phrases = (*(() if because is None else (because,)), Phrase("notice.changed"), *map(Phrase, NOTICE_KEYS[1:-1]))
        shown = (Said(phrase, (), at.session, at.sprint) for phrase in phrases)
        last = Said(Phrase(NOTICE_KEYS[-1]), _ROWS, at.session, at.sprint)
        return self._kept(at, *self._gone(), *shown, last)

    def _confirm(self, at: Renewing, key: str = CONFIRM_KEYS[0]) -> RenewalSprint:
        """Show the word, in the place of where it stood before."""
        before = () if at.confirming is None else (ChatCleaned(at.confirming),)
        shown = Said(Phrase(key, {"word": shown_word(at.session)}), _ROWS[1:2], at.session, at.sprint)
        after = replace(at, confirming=self.facts.session)
        return self._kept(after, ButtonsRemoved(at.session, at.sprint), *before, shown)

    def _yes(self, at: Renewing) -> RenewalSprint:
        onward = TakenUp(replace(event_of(at.held), at=self.event.at))
        hers = ChatCleaned(self.facts.session)
        return self._kept(None, self._word(given=True), *self._gone(), hers, Said(Phrase("notice.agreed")), onward)

    def _no(self) -> RenewalSprint:
        """As if she had written that she wants to be left alone: whatever is open hears it, and ends."""
        told, alone = Said(Phrase("notice.declined")), TakenUp(Wrote(self.event.at, LEAVE_ALONE))
        return self._kept(None, self._word(given=False), *self._gone(), told, alone)

    def _gone(self) -> tuple[ChatCleaned, ...]:
        """What was shown of it goes."""
        if self.at is None:
            return ()
        confirmed = () if self.at.confirming is None else (ChatCleaned(self.at.confirming),)
        return (ChatCleaned(self.at.session), *confirmed)

    def _word(self, *, given: bool) -> ConsentGiven:
        whose, notice, how = self.facts.person.participant, self.notice, How.TYPED if given else How.CHAT
        return ConsentGiven(whose, Purpose.FOLLOW_UP, notice.version, notice.text_hash, given, how)

    def _kept(self, at: Renewing | None, *effects: Any) -> RenewalSprint:
        return self._answered(DoorstepKept(kept(at)), *effects)

    def _answered(self, *effects: Any, stale: str = "") -> RenewalSprint:
        if not isinstance(self.event, Tapped):
            return Sprint(None, effects)
        return Sprint(None, (TapAnswered(self.event.tap, Phrase(stale) if stale else None), *effects))
