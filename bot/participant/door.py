"""What happens in a chat where no check-in is open, or where a button outlived its conversation.

* Nothing she sends falls silent. What may be meant for a person waits, sealed, for her tap: only then does the team get
  it; after a day without one, or when a check-in comes, it is forgotten.
* Words that ask for help, or say that it cannot wait, reach the team at once, and she is told so; so does a picture
  with such words below it.
* Thanks or an emoji get a kind line and nothing to decide; below a greeting stand help and what is hers by law.
* A link of somebody else's is refused, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.participant import invitation
from bot.participant.manner import manner_asked
from bot.participant.notices import replied_to
from bot.participant.rights import MENU
from bot.participant.wishes import help_asked, progress, stop_asked, wish
from bot.stateless import Stateless
from conversations.codec import Tagged
from conversations.interpret import read_yes_no
from conversations.reading.controls import Control
from conversations.reading.courtesies import Courtesy, read_courtesy
from conversations.reading.labels import begins
from conversations.reading.pleas import asks_for_a_person
from conversations.reading.words import entries, normalise
from conversations.session import Sprint
from conversations.speech import Button, ButtonsRemoved, Phrase, Said, TapAnswered
from scheduler.dialogue import Attached, BlockedChanged, Event, Facts, FileSent, Started, Tapped, TimeIsUp, Wrote
from storage.cases import CaseState, MessagePassed, Words
from storage.consents import Purpose
from storage.facts import Who
from storage.files import LONGEST_VOICE, MOST_BYTES, VoiceKept
from storage.people import ChatBlocked
from storage.records import Need
from storage.turned_away import TurnedAway, What

HELP_BUTTON, PASS_BUTTON = "help", "pass"

HELD_FOR = timedelta(hours=24)
"""How long a message waits for her tap."""

WORDLESS = ("sticker", "animation", "dice")
"""What is sent as one sends an emoji, by the Bot API's names."""

PASS_WORDS = frozenset(
    entries(
        "pasalo|pasaselo|pasalos|pasaselos|si pasalo|si pasaselo|mandalo|si mandalo|pasar|pasar este mensaje al equipo"
    )
)
"""What she may write instead of tapping, beside every way of saying yes."""

POLITELY = " por favor"

_WELCOME = Phrase("door.welcome_back")

COURTESY_KEYS = {
    Courtesy.THANKS: "door.thanks",
    Courtesy.GREETING: "door.greeting",
    Courtesy.NOD: "door.here",
}

TEXT, VOICE = "text", "voice"

_HELP = (Button(HELP_BUTTON, Phrase("button.help")),)
_OFFERED = (*_HELP, Button(MENU, Phrase("rights.menu_button")))
_MENU = ((Button(PASS_BUTTON, Phrase("button.pass")),), _HELP)


@dataclass(frozen=True, slots=True)
class Held:
    """One message of hers that waits, the sprint in which it came, and the voice note that it is."""

    words: Words
    sprint: int
    voice: FileSent | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """Her messages that wait for her tap, oldest first, and the sprint that shows the menu."""

    held: tuple[Held, ...]
    shown_in: int


_STATES: Tagged[Holding] = Tagged(Holding)

Reply = Sprint[Holding | None, Any]


class Door:
    """A woman whom we know, with no question open."""

    name = "door"

    def load(self, data: bytes) -> Holding:
        """The state that `dump` wrote."""
        return _STATES.load(data)

    def dump(self, state: Holding) -> bytes:
        """The state as bytes."""
        return _STATES.dump(state)

    def expires_at(self, state: Holding) -> datetime | None:
        """A day after the last message that waits."""
        return state.held[-1].words.at + HELD_FOR

    def needs(self, state: Holding | None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """The invitation, where a link was pressed."""
        return invitation.pressed(event)

    def step(self, state: Holding | None, event: Event, facts: Facts) -> Reply:
        """Reply to whatever she did, or stay silent where there is nothing to reply to."""
        match event:
            case TimeIsUp():
                return Sprint(None, _without_menu(state, facts))
            case Tapped():
                return _tapped(state, event, facts=facts)
            case Started():
                anothers = invitation.is_of_another(event, facts)
                told = Said(Phrase("enrolment.other_phone")) if anothers else _with_help(_WELCOME, facts)
                return Sprint(state, (*invitation.turned_away(event, facts), told))
            case Wrote(edited=True):
                return Sprint(_changed(state, event, facts=facts), ())
            case Wrote():
                return _steered(state, wish(event), facts=facts) or _wrote(state, event, facts=facts)
            case Attached(kind=kind, caption=below) if kind in WORDLESS and (not below or read_courtesy(below)):
                return Sprint(state, (Said(Phrase("door.here")),))
            case Attached():
                return _sent(state, event, facts=facts)
            case _:
                return Sprint(state, ())


def _tapped(state: Holding | None, event: Tapped, *, facts: Facts) -> Reply:
    if event.action == HELP_BUTTON:
        return Sprint(state, (TapAnswered(event.tap), *help_asked(facts.person.cases)))
    if event.action == PASS_BUTTON and state is not None:
        passed = _pass(state, facts)
        return Sprint(None, (TapAnswered(event.tap), *passed.effects))
    return Sprint(state, (TapAnswered(event.tap, Phrase("rejected.stale")),))


def _steered(state: Holding | None, control: Control | None, *, facts: Facts) -> Reply | None:
    """What follows where she wrote a word that steers, or None."""
    if control is None:
        return None
    if control is Control.HELP:
        return Sprint(state, help_asked(facts.person.cases))
    if control is Control.STOP:
        return Sprint(None, (*_without_menu(state, facts), *stop_asked()))
    manner = manner_asked(control)  # there is nothing to go back to, to skip or to put off
    return Sprint(state, manner or (_with_help(Phrase("door.nothing_open"), facts),))


def _sent(state: Holding | None, event: Attached, *, facts: Facts) -> Reply:
    if refused := _no_voice(event, facts):
        return Sprint(state, refused)
    if event.caption:
        return _captioned(state, event, facts=facts)
    sent = (_attached(event, facts),)
    return _to_the_team(state, sent, facts=facts) or _hold(state, sent, facts=facts)


def _captioned(state: Holding | None, event: Attached, *, facts: Facts) -> Reply:
    """What came, and her words below it, are one message."""
    words = Wrote(event.at, event.caption)
    if wish(words) is Control.STOP:
        return _steered(state, Control.STOP, facts=facts) or Sprint(state)
    sent = (_attached(event, facts), Held(Words(event.at, event.caption), facts.sprint))
    if wish(words) is Control.HELP or asks_for_a_person(event.caption):
        return _pass_at_once(state, sent)
    return _to_the_team(state, sent, facts=facts) or _hold(state, sent, facts=facts)


def _wrote(state: Holding | None, event: Wrote, *, facts: Facts) -> Reply:
    words = Held(Words(event.at, event.text), facts.sprint)
    if asks_for_a_person(event.text):
        if state is not None and begins(normalise(event.text)):  # "sí, me urge"
            return _pass(replace(state, held=(*state.held, words)), facts)
        return _pass_at_once(state, (words,))
    if state is not None and (wanted := _wants_it_passed(event.text)) is not None:
        if wanted:
            return _pass(state, facts)
        return Sprint(None, (*_without_menu(state, facts), Said(Phrase("door.not_passed"))))
    if event.text.startswith("/"):
        return Sprint(state, (_with_help(Phrase("door.nothing_open"), facts),))
    if (courtesy := read_courtesy(event.text)) is not None:
        kind = Phrase(COURTESY_KEYS[courtesy])
        return Sprint(state, (_with_help(kind, facts) if courtesy is Courtesy.GREETING else Said(kind),))
    return _to_the_team(state, (words,), facts=facts) or _hold(state, (words,), facts=facts)


def _wants_it_passed(text: str) -> bool | None:
    """Her answer to the menu in words, or None for anything less than clear."""
    return True if normalise(text).removesuffix(POLITELY) in PASS_WORDS else read_yes_no(text)


def _no_voice(event: Attached, facts: Facts) -> tuple[Said, ...]:
    """What she is told whose voice we may not keep."""
    kept = event.kind != VOICE or Purpose.VOICE in facts.person.purposes
    return () if kept else (Said(Phrase("purposes.no_voice")),)


def _attached(event: Attached, facts: Facts) -> Held:
    """What she sent, with what it takes to show it, and of a voice note to fetch it, once she wants that."""
    file = event.file if event.kind == VOICE else None
    if file is None or file.seconds > LONGEST_VOICE.total_seconds() or (file.size or 0) > MOST_BYTES:
        there = "" if event.file is None else event.file.file_id
        return Held(Words(event.at, kind=event.kind, file_id=there), facts.sprint)
    kept = f"{facts.session:x}.{facts.sprint}"
    return Held(Words(event.at, kind=VOICE, voice=kept, file_id=file.file_id), facts.sprint, file)


def _hold(state: Holding | None, sent: tuple[Held, ...], *, facts: Facts) -> Reply:
    """Keep what she sent, and ask whether the team is to have it; one menu stands for all that waits."""
    holding = Holding((*(state.held if state is not None else ()), *sent), facts.sprint)
    count = len({one.sprint for one in holding.held})
    unresolved = [case for case in facts.person.cases if case.state is not CaseState.RESOLVED]
    told = progress(unresolved) if state is None else None
    asked = Phrase("door.several_held", {"count": count}) if count > 1 else _asked_about(sent)
    menu = Said(asked, _MENU, facts.session, facts.sprint)
    before = () if told is None else (Said(told),)
    return Sprint(holding, (*_without_menu(state, facts), *before, menu))


def _asked_about(sent: tuple[Held, ...]) -> Phrase:
    """The question whether that one message is to be passed on, by what of it can be."""
    if any(one.words.file_id for one in sent) or all(one.words.kind == TEXT for one in sent):
        return Phrase("door.held")
    return Phrase("door.captioned_held" if len(sent) > 1 else "door.attachment_held")


def _pass(state: Holding, facts: Facts) -> Reply:
    return Sprint(None, (*_without_menu(state, facts), *_passed(state.held), Said(Phrase("door.passed"))))


def _pass_at_once(state: Holding | None, sent: tuple[Held, ...]) -> Reply:
    """Whoever asks for help has no tap to make; what waits from before is hers to decide as ever."""
    return Sprint(state, (*_passed(sent), Said(Phrase("door.passed_at_once"))))


def _to_the_team(state: Holding | None, sent: tuple[Held, ...], *, facts: Facts) -> Reply | None:
    """What she writes next after she opened a notice is taken for a reply to it; None where she opened none."""
    if state is not None or not facts.person.shown:
        return None
    return Sprint(None, (*_passed(sent, facts.person.shown[-1].cause), Said(Phrase("door.passed"))))


def notice_answered(event: Event, facts: Facts) -> tuple[Any, ...] | None:
    """What follows where she replies to a notice and steers nothing; None where she does not."""
    cause = replied_to(facts)
    if cause is None or wish(event) is not None:
        return None
    match event:
        case Wrote(edited=False):
            sent: tuple[Held, ...] = (Held(Words(event.at, event.text), facts.sprint),)
        case Attached():
            if refused := _no_voice(event, facts):
                return refused
            below = (Held(Words(event.at, event.caption), facts.sprint),) if event.caption else ()
            sent = (_attached(event, facts), *below)
        case _:
            return None
    return (*_passed(sent, cause), Said(Phrase("door.passed")))


def _passed(sent: tuple[Held, ...], about: str = "") -> tuple[VoiceKept | MessagePassed, ...]:
    voices = [
        VoiceKept(held.words.voice, held.voice.file_id, held.voice.size, held.voice.seconds, None)
        for held in sent
        if held.voice is not None and held.words.voice is not None
    ]
    return *voices, MessagePassed(tuple(held.words for held in sent), about)


def _changed(state: Holding | None, event: Wrote, *, facts: Facts) -> Holding | None:
    """What waits, with the message that she changed as it reads now."""
    if state is None:
        return None
    held = tuple(
        replace(one, words=replace(one.words, text=event.text))
        if one.sprint == facts.about and one.words.kind == TEXT
        else one
        for one in state.held
    )
    return replace(state, held=held)


def _with_help(phrase: Phrase, facts: Facts) -> Said:
    return Said(phrase, (_OFFERED,), facts.session, facts.sprint)


def _without_menu(state: Holding | None, facts: Facts) -> tuple[ButtonsRemoved, ...]:
    return () if state is None else (ButtonsRemoved(facts.session, state.shown_in),)


class Stale(Stateless):
    """A button of a conversation that is over, or not of this chat."""

    name = "stale"

    def step(self, state: None, event: Event, facts: Facts) -> Reply:
        """Answer the tap, so that her button stops spinning, and change nothing."""
        assert isinstance(event, Tapped)
        gone = Phrase("door.gone" if event.action == PASS_BUTTON else "rejected.stale")
        away = What.STALE_BUTTON if event.session else What.FORGED_BUTTON
        return Sprint(None, (TurnedAway(away), TapAnswered(event.tap, gone)))


class Presence(Stateless):
    """Blocking and unblocking: remembered, never replied to."""

    name = "presence"

    def step(self, state: None, event: Event, facts: Facts) -> Reply:
        """Remember it, where the chat is somebody's."""
        assert isinstance(event, BlockedChanged)
        return Sprint(None, (ChatBlocked(event.blocked),) if facts.who.known else ())
