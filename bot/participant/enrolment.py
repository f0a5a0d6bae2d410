"""First contact: from a pressed invitation to consent, in an order that protects her.

* Greeting, is it safe to read, the word, the notice, her yes, what else she allows, her name, her hours. One thing a
  message. A yes that no signed paper stands behind is confirmed by writing a word that is shown.
* Until she consents only the opening of her invitation is stored; what this conversation remembers is sealed and ends
  with it.
* Before her consent the chat is nobody's yet: it is this conversation that cleans it after a silence.
* With her consent the chat is cleaned of what led to it, and no silence of hers ends what is left to ask.
* How she asks to be spoken to counts from her consent on: nothing that she wishes is stored before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.participant import invitation as invitations
from bot.participant import purposes
from bot.participant.called import MAX_CALLED, is_cry, name_in
from bot.participant.code import offered
from bot.participant.first_contact import (
    BUTTONS,
    CONFIRM_KEYS,
    CONSENTED,
    QUESTIONS,
    WHOLE,
    Enrolling,
    Phase,
    asks_for_whole,
    choice_in,
    shown_word,
)
from bot.participant.manner import manner_asked
from bot.participant.notice import NOTICE_KEYS, Notice
from bot.participant.wishes import help_asked, stop_asked, wish
from bot.staff.permissions import commands_of
from conversations.codec import Tagged
from conversations.effects import CaseOpened
from conversations.errors import Rejection
from conversations.reading.controls import Control
from conversations.reading.words import normalise
from conversations.session import Sprint
from conversations.speech import (
    ButtonsRemoved,
    Changed,
    ChatCleaned,
    CommandsListed,
    Phrase,
    PromptPlayed,
    Said,
    TapAnswered,
)
from scheduler.dialogue import Event, Facts, Started, TakenUp, Tapped, TimeIsUp, Wrote
from storage.cases import WordsExhausted
from storage.consents import ConsentGiven, How, Purpose
from storage.facts import Who
from storage.gates import LetIn
from storage.interviews import Conversation
from storage.invitations import MAX_TRIES, InvitationOpened, WordMissed
from storage.launch import InvitationsShut
from storage.lookups import InvitationById, InvitationFound, WordTried
from storage.people import CalledAs, Linked
from storage.preferences import SlotChosen
from storage.records import Need
from storage.stops import Lifted

PATIENCE = timedelta(hours=24)
"""Without her consent, first contact ends after such a silence, well inside the 48 h in which one can delete."""

HER_PLACE_WAITS = timedelta(hours=40)
"""Once she has consented, what is left to ask waits longer, but still ends inside those 48 h: staff are told of it."""

UNFINISHED = "inscripcion_incompleta"
"""The kind of case of a woman who consented and was not asked the rest."""


_STATES: Tagged[Enrolling] = Tagged(Enrolling)

EnrolmentSprint = Sprint[Enrolling | None, Any]


class Enrolment:
    """The dialogue of a first contact, which begins with this notice."""

    name = "enrolment"

    def __init__(self, notice: Notice) -> None:
        self._notice = notice

    def load(self, data: bytes) -> Enrolling:
        """The state that `dump` wrote."""
        return _STATES.load(data)

    def dump(self, state: Enrolling) -> bytes:
        """The state as bytes."""
        return _STATES.dump(state)

    def is_named(self, conversation: Conversation, event: Event) -> bool:
        """Whether she only says how she is called, by a name that is a cry for help too."""
        return self.load(conversation.state).phase is Phase.NAME and is_cry(event)

    def expires_at(self, state: Enrolling) -> datetime | None:
        """A day after she was last heard, or a little later once she has consented; before that, when what is shown is
        to be cleaned."""
        if state.phase in CONSENTED:
            return state.heard_at + HER_PLACE_WAITS
        return state.heard_at + PATIENCE if state.cleaned else state.clean_at

    def needs(self, state: Enrolling | None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """The invitation: by its token at first, then with the word she tried."""
        if isinstance(event, Started):
            return (*invitations.pressed(event), InvitationsShut()) if event.token else ()
        if state is None:
            return ()
        if state.phase is Phase.WORD:
            return invitations.needs_of_word(state.invitation, event)
        return (InvitationById(state.invitation),)

    def step(self, state: Enrolling | None, event: Event, facts: Facts) -> EnrolmentSprint:
        """Take one event of a first contact."""
        if facts.who.unsafe and (state is not None or invitations.pressed(event)) and not isinstance(event, TimeIsUp):
            answered = (TapAnswered(event.tap),) if isinstance(event, Tapped) else ()
            return Sprint(None, (*answered, *_over(facts, Phrase("enrolment.not_here")).effects))
        if isinstance(event, Started):
            started = self._start(state, event, facts=facts)
            return Sprint(started.session, (*invitations.turned_away(event, facts), *started.effects))
        if state is None:
            return Sprint(None, (Said(Phrase("stranger.hello")),))
        if isinstance(event, TimeIsUp) and event.at < state.heard_at + PATIENCE and state.phase not in CONSENTED:
            # where others write too, nobody's first contact may stand in their way
            return Sprint(None if state.shared else replace(state, cleaned=True), (ChatCleaned(facts.session),))
        if isinstance(event, TimeIsUp):
            unfinished = (CaseOpened(UNFINISHED),) if state.phase in CONSENTED else ()
            return Sprint(None, (*unfinished, ChatCleaned(facts.session)))
        gone = state.cleaned or (facts.cleared and state.phase in CONSENTED)
        state = replace(state, heard_at=event.at, clean_at=event.at + facts.silence, cleaned=False)
        if gone and wish(event) is None and not isinstance(event, Tapped):
            return _ask_again(state, facts)
        if not isinstance(event, Tapped):
            return self._answer(state, event, facts=facts)
        if event.sprint != state.shown_in:
            return Sprint(state, (TapAnswered(event.tap, Phrase(f"rejected.{Rejection.STALE.value}")),))
        sprint = self._answer(state, event, facts=facts)
        return Sprint(sprint.session, (TapAnswered(event.tap), *sprint.effects))

    def _start(self, state: Enrolling | None, event: Started, *, facts: Facts) -> EnrolmentSprint:
        invitation = invitations.found(event, facts)
        if invitation is None:
            if state is not None:
                return _ask_again(state, facts)  # pressed again in the middle: she is asked where she was
            return Sprint(None, (Said(Phrase("enrolment.invalid" if event.token else "stranger.hello")),))
        if state is not None and state.phase in CONSENTED and state.participant == invitation.participant:
            return _ask_again(state, facts)
        refusal = invitations.refusal(invitation, event.at)
        if refusal is not None:
            return Sprint(state, (Said(Phrase(refusal)),))
        if state is not None and (state.phase in CONSENTED or invitation.staff is not None):
            return Sprint(state, (Said(Phrase("enrolment.other_phone")),))
        if invitation.staff is not None:
            return _staff_linked(invitation)
        if facts.get(InvitationsShut()):
            return Sprint(state, (Said(Phrase("enrolment.not_yet")),))
        assert invitation.participant is not None
        shared = bool(facts.who.women)
        moments = (event.at, event.at + facts.silence)
        fresh = Enrolling(Phase.SAFE, invitation.id, invitation.participant, facts.sprint, *moments, shared=shared)
        asked = _ask(fresh, facts)
        return Sprint(asked.session, (InvitationOpened(invitation.id), *asked.effects))

    def _answer(self, state: Enrolling, event: Event, *, facts: Facts) -> EnrolmentSprint:
        if (asked := _asked_for(state, event, facts=facts)) is not None:
            return asked
        if state.phase is Phase.WORD:
            return self._word(state, event, facts=facts)
        if state.phase is Phase.NAME:
            return self._name(state, event, facts=facts)
        if state.phase is Phase.PURPOSES:
            return self._purposes(state, event, facts=facts)
        if asks_for_whole(event):
            return Sprint(state, (self._notice.handed(facts.session),))
        if state.phase is Phase.CONFIRM and _confirms(state, event):
            return self._consent(state, facts, how=How.TYPED)
        choice = choice_in(state.phase, event)
        if choice is None:
            missed = state.phase is Phase.CONFIRM and isinstance(event, Wrote)
            return _ask_again(state, facts, key=CONFIRM_KEYS[1] if missed else None)
        if choice == WHOLE:
            return Sprint(state, (self._notice.handed(facts.session),))
        said = ButtonsRemoved(facts.session, state.shown_in)
        sprint = self._chosen(state, choice, facts=facts)
        return Sprint(sprint.session, (said, *sprint.effects))

    def _chosen(self, state: Enrolling, choice: str, *, facts: Facts) -> EnrolmentSprint:
        match state.phase, choice:
            case Phase.SAFE, "yes":
                return _ask(replace(state, phase=Phase.WORD), facts)
            case Phase.SAFE, _:
                return _over(facts, Phrase("enrolment.another_time"))
            case Phase.NOTICE, "yes":
                found = facts.get(InvitationById(state.invitation))
                signed = found is None or found.signed == self._notice.version
                confirm = replace(state, phase=Phase.CONFIRM)
                return self._consent(state, facts) if signed else _ask(confirm, facts)
            case Phase.NOTICE | Phase.CONFIRM, _:
                return _over(facts, Phrase("enrolment.declined"))
            case _:
                done = Said(Phrase("enrolment.done", {"name": state.called}))
                return Sprint(None, (SlotChosen(choice), ChatCleaned(facts.session), done, offered(facts)))

    def _word(self, state: Enrolling, event: Event, *, facts: Facts) -> EnrolmentSprint:
        if not isinstance(event, Wrote):
            return _ask_again(state, facts)
        tried = invitations.tried(event)
        invitation = facts.found.get(InvitationById(state.invitation))
        if not isinstance(invitation, InvitationFound):
            return _over(facts, Phrase("enrolment.invalid"))
        if (refusal := invitations.refusal(invitation, event.at)) is not None:
            return _over(facts, Phrase(refusal))
        if tried is None:
            forgotten = wish(event) is Control.DONT_KNOW
            return Sprint(state, (Said(Phrase("enrolment.word_help" if forgotten else "enrolment.word_hint")),))
        if facts.get(WordTried(state.invitation, tried)):
            return _show_notice(replace(state, phase=Phase.NOTICE), facts)
        left = MAX_TRIES - invitation.tries - 1
        missed = WordMissed(state.invitation)
        if left > 0:
            return Sprint(state, (missed, Said(Phrase("enrolment.wrong_word", {"count": left}))))
        locked = (missed, WordsExhausted(state.participant), ChatCleaned(facts.session))
        return Sprint(None, (*locked, Said(Phrase("enrolment.locked"))))

    def _consent(self, state: Enrolling, facts: Facts, *, how: How = How.CHAT) -> EnrolmentSprint:
        invitation = facts.found.get(InvitationById(state.invitation))
        if not isinstance(invitation, InvitationFound):
            return _over(facts, Phrase("enrolment.invalid"))
        if (refusal := invitations.refusal(invitation, state.heard_at)) is not None:  # heard just now
            return _over(facts, Phrase(refusal))
        records: tuple[Any, ...] = (
            Linked(state.invitation, participant=state.participant),
            Lifted(state.participant),
            replace(self._consent_to(state, Purpose.FOLLOW_UP, given=True), how=how),
        )
        manner = manner_asked(state.manner, state.participant) or ()
        if invitation.coded:  # another phone, or one that others use too: what is hers stands behind her code
            onward = TakenUp(Started(state.heard_at))
            return Sprint(None, (*records, ChatCleaned(facts.session), *manner, onward))
        if state.shared:
            records = (*records, LetIn(state.participant))
        asked = _ask(replace(state, phase=Phase.PURPOSES, manner=None), facts)
        return Sprint(asked.session, (*records, ChatCleaned(facts.session), *manner, *asked.effects))

    def _purposes(self, state: Enrolling, event: Event, *, facts: Facts) -> EnrolmentSprint:
        """Each purpose that she has marked is a yes, and every other one a no."""
        marked = purposes.read_marks(event.text) if isinstance(event, Wrote) and not event.edited else None
        if isinstance(event, Tapped):
            after = purposes.toggled(state.marked, event.action)
            if after is not None:
                shown = Changed(Phrase("purposes.ask"), purposes.rows(after), facts.session, state.shown_in)
                return Sprint(replace(state, marked=after), (shown,))
            marked = state.marked if event.action == purposes.DONE else None
        if marked is None:
            again = _ask_again(state, facts)
            return Sprint(again.session, (Said(Phrase("purposes.how")), *again.effects))
        said = (self._consent_to(state, one, given=one in marked) for one in purposes.ASKED_APART)
        asked = _ask(replace(state, phase=Phase.NAME, marked=marked), facts)
        return Sprint(asked.session, (ButtonsRemoved(facts.session, state.shown_in), *said, *asked.effects))

    def _consent_to(self, state: Enrolling, purpose: Purpose, *, given: bool) -> ConsentGiven:
        return ConsentGiven(state.participant, purpose.value, self._notice.version, self._notice.text_hash, given)

    def _name(self, state: Enrolling, event: Event, *, facts: Facts) -> EnrolmentSprint:
        name = name_in(event)
        if len(name) > MAX_CALLED:
            return Sprint(state, (Said(Phrase("unreadable.too_long")),))
        if not name:
            return _ask_again(state, facts)
        asked = _ask(replace(state, phase=Phase.SLOT, called=name), facts)
        return Sprint(asked.session, (CalledAs(name), *asked.effects))


def _staff_linked(invitation: InvitationFound) -> EnrolmentSprint:
    """From now on the chat is a desk, with the commands of her role."""
    assert invitation.role is not None
    commands = CommandsListed(commands_of(invitation.role))
    return Sprint(None, (Linked(invitation.id, staff=invitation.staff), commands, Said(Phrase("staff.welcome"))))


def _over(facts: Facts, phrase: Phrase) -> EnrolmentSprint:
    """The conversation ends with this sentence, and nothing else of it stays in the chat."""
    return Sprint(None, (ChatCleaned(facts.session), Said(phrase)))


def _asked_for(state: Enrolling, event: Event, *, facts: Facts) -> EnrolmentSprint | None:
    """What follows where she asked for help, to be left alone, or to be spoken to in another way; before her consent
    no case can be opened and nothing is remembered of her."""
    consented = state.phase in CONSENTED
    control = _wish(state.phase, event)
    match control:
        case Control.HELP if consented:
            return Sprint(state, help_asked())
        case Control.HELP:
            return Sprint(state, (Said(Phrase("enrolment.word_help")),))
        case Control.STOP if consented:
            return Sprint(None, (ChatCleaned(facts.session), *stop_asked()))
        case Control.STOP:
            return _over(facts, Phrase("enrolment.declined"))
        case Control.LISTEN if state.phase is Phase.NOTICE:
            first, *others = (PromptPlayed(key) for key in NOTICE_KEYS)
            return Sprint(state, (replace(first, asked=True), *others))
        case Control.USTED | Control.TU | Control.ENGLISH | Control.SPANISH if consented:
            asked = _ask_again(state, facts)
            return Sprint(asked.session, (*(manner_asked(control) or ()), *asked.effects))
        case Control.USTED | Control.TU | Control.ENGLISH | Control.SPANISH:
            return _ask_again(replace(state, manner=control), facts)
        case _:
            return None


def _wish(phase: Phase, event: Event) -> Control | None:
    return None if phase is Phase.NAME and is_cry(event) else wish(event)


def _ask(state: Enrolling, facts: Facts, *, key: str | None = None) -> EnrolmentSprint:
    """Ask what the phase asks, in its own words or these, with fresh buttons."""
    values: dict[str, str | int] = {"name": state.called} if state.called else {}
    if state.phase is Phase.CONFIRM:
        values = {"word": shown_word(state.invitation)}
    rows = purposes.rows(state.marked) if state.phase is Phase.PURPOSES else BUTTONS[state.phase]
    said = Said(Phrase(key or QUESTIONS[state.phase], values), rows, facts.session, facts.sprint)
    return Sprint(replace(state, shown_in=facts.sprint), (said,))


def _confirms(state: Enrolling, event: Event) -> bool:
    return isinstance(event, Wrote) and normalise(event.text) == shown_word(state.invitation)


def _show_notice(state: Enrolling, facts: Facts) -> EnrolmentSprint:
    """The notice from its beginning; all of it belongs to the sprint of its buttons."""
    asked = _ask(state, facts)
    before = (Said(Phrase(key), (), facts.session, facts.sprint) for key in NOTICE_KEYS[:-1])
    return Sprint(asked.session, (*before, *asked.effects))


def _ask_again(state: Enrolling, facts: Facts, *, key: str | None = None) -> EnrolmentSprint:
    """Ask the same once more; the buttons shown before are gone."""
    asked = _ask(state, facts, key=key)
    before = (ButtonsRemoved(facts.session, state.shown_in),) if BUTTONS[state.phase] else ()
    return Sprint(asked.session, (*before, *asked.effects))
