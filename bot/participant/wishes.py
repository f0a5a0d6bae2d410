"""What she may ask for wherever she is: a person's help, or to be left alone.

* Only what she writes as a whole message counts; a message that she changed afterwards asks for nothing.
* Nothing is promised but what happens: the team is told at once.
"""

from __future__ import annotations

from conversations.effects import CaseOpened
from conversations.reading.controls import Control, read_control
from conversations.session import HELP
from conversations.speech import Phrase, Said
from scheduler.dialogue import Event, Wrote

STOP = "baja"
"""The kind of case of a woman who does not want to be written to any more."""

Request = tuple[CaseOpened, Said]


def wish(event: Event) -> Control | None:
    """Which of the words that steer a conversation she wrote, if it was one."""
    return read_control(event.text) if isinstance(event, Wrote) and not event.edited else None


def help_asked() -> Request:
    """A person is told, and she learns it."""
    return CaseOpened(HELP), Said(Phrase("help.coming"))


def stop_asked() -> Request:
    """The team is told that she wants no more messages, and she learns it."""
    return CaseOpened(STOP), Said(Phrase("stop.noted"))
