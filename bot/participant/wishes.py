"""What she may ask for wherever she is: a person's help, or to be left alone; and how that stands which she asked for.

* Only what she writes as a whole message counts; a message that she changed afterwards asks for nothing.
* Nothing is promised but what happens: the team is told at once, and "on its way" is said when somebody sees to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from conversations.effects import CaseOpened
from conversations.reading.controls import Control, read_control
from conversations.session import HELP
from conversations.speech import Phrase, Said
from scheduler.dialogue import Event, Wrote
from storage.cases import STOP, CaseNow, CaseState

SOS = "🆘"
"""The one picture that is a word."""

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


def help_asked(asked: Sequence[CaseNow] = ()) -> Request:
    """A person is told, and she learns it; `asked` is what she has asked for already."""
    coming = any(case.kind == HELP and case.state is CaseState.ON_ITS_WAY for case in asked)
    return CaseOpened(HELP), Said(Phrase("help.on_its_way" if coming else "help.coming"))


def stop_asked() -> Request:
    """The team is told that she wants no more messages, and she learns it."""
    return CaseOpened(STOP), Said(Phrase("stop.noted"))


def progress(asked: Sequence[CaseNow]) -> Phrase | None:
    """How that stands which she asked for, in one line, or None where there is nothing to tell.

    What was resolved lately is told where nothing else is open.
    """
    states = frozenset(case.state for case in asked)
    unresolved = states - {CaseState.RESOLVED}
    if unresolved:
        return Phrase(PROGRESS_KEYS[unresolved])
    return Phrase("case.resolved") if states else None
