"""What she may ask for wherever she is: a person's help, or to be left alone; and how that stands which she asked for.

* Only what she writes as a whole message counts; a message that she changed afterwards asks for nothing.
* Nothing is promised but what happens: the team is told at once, and "on its way" is said when somebody sees to it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from bot.participant import actions
from conversations.effects import CaseOpened
from conversations.reading.controls import Control, read_control
from conversations.reading.stopping import Stop, read_stop
from conversations.session import HELP
from conversations.speech import Phrase, Said, Speech
from scheduler.dialogue import Event, Tapped, Wrote
from storage.cases import COME_BACK, DATA, STOP, CaseNow, CaseState, progress_key
from storage.facts import Person
from storage.records import About
from storage.stops import How, Lifted, StopAsked

SOS = "🆘"
"""The one picture that is a word."""

NEEDS_NO_CODE = frozenset({Control.STOP, Control.HELP})

STOP_NOTED = Phrase("stop.noted")

Request = tuple[CaseOpened, Said]

PROGRESS_KEYS = {
    frozenset({CaseState.OPEN}): "case.open",
    frozenset({CaseState.ON_ITS_WAY}): "case.on_its_way",
    frozenset({CaseState.OPEN, CaseState.ON_ITS_WAY}): "case.partly_on_its_way",
}


def wish(event: Event) -> Control | None:
    """Which of the words that steer a conversation she wrote, if it was one."""
    if not isinstance(event, Wrote) or event.edited:
        return None
    return Control.HELP if event.text.strip() == SOS else read_control(event.text)


def urgent(event: Event) -> Control | None:
    """What she asks for that nobody should need a code for, in words or by a button."""
    asked = Control.HELP if isinstance(event, Tapped) and event.action == actions.HELP else wish(event)
    return asked if asked in NEEDS_NO_CODE else None


def help_asked(asked: Sequence[CaseNow] = ()) -> Request:
    """A person is told, and she learns it; `asked` is what she has asked for already."""
    coming = any(case.kind == HELP and case.state is CaseState.ON_ITS_WAY for case in asked)
    return CaseOpened(HELP), Said(Phrase("help.on_its_way" if coming else "help.coming"))


def stop_asked(text: str = "", *, how: How = How.CHAT) -> tuple[StopAsked | CaseOpened | Said, ...]:
    """Nothing unasked reaches her any more, the team is told, and she learns both, in one line; with `text`, what she
    wrote, that may also be to erase what is kept of her."""
    if read_stop(text) is Stop.FORGET:
        return StopAsked(how), CaseOpened(STOP), CaseOpened(DATA), Said(Phrase("stop.forget"), harmless=True)
    return StopAsked(how), CaseOpened(STOP), Said(STOP_NOTED, harmless=True)


def for_each(effects: Sequence[Any], women: Collection[Person]) -> tuple[Any, ...]:
    """The same where nobody knows which of these women it was who asked: it holds for each, and is said once."""
    spoken = tuple(effect for effect in effects if isinstance(effect, Speech))
    records = [effect for effect in effects if not isinstance(effect, Speech)]
    return (*(About(her.participant, record) for her in women for record in records), *spoken)


def unstopped() -> tuple[Lifted | Said, ...]:
    """She takes back, for herself, what somebody had asked who shares the chat with her."""
    return Lifted(how=How.CODE), Said(Phrase("stop.back"))


def back_asked() -> Request:
    """Whoever holds the phone asks that she be written to again: the team gets in touch with her, and she learns it."""
    return CaseOpened(COME_BACK), Said(Phrase("stop.come_back"))


def progress(asked: Sequence[CaseNow]) -> Phrase | None:
    """How that stands which she asked for, in one line, or None where there is nothing to tell.

    What was resolved lately is told where nothing else is open.
    """
    states = frozenset(case.state for case in asked)
    unresolved = states - {CaseState.RESOLVED}
    if unresolved:
        return Phrase(PROGRESS_KEYS[unresolved])
    key = progress_key(asked[-1].state, asked[-1].outcome) if asked else None
    return None if key is None else Phrase(key)
