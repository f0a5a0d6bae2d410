"""What the buttons of a check-in do: one short word each, with an argument where two differ in it alone.

* A button's word is the same wherever it stands; what it means at that moment is the engine's to decide.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from conversations import events
from conversations.errors import EventRejected, Rejection
from scheduler.dialogue import Tapped

BEGIN, LATER, CONTINUE, HELP, LISTEN = "begin", "later", "continue", "help", "listen"
BACK, SKIP, REFUSE, PAUSE = "back", "skip", "refuse", "pause"
DONE, RIGHT, WRONG = "done", "right", "wrong"
CHOOSE, MARK, UNMARK, DETAIL, PAGE, DATE, BAND, CORRECT, REST = "c:", "+:", "-:", "d:", "g:", "y:", "b:", "e:", "p:"
WISH = "w:"
"""A choice of a menu about what she wants of us, which is none of the engine's."""

_PLAIN: dict[str, Callable[[datetime, int], events.Event]] = {
    DONE: events.ChoicesDone,
    RIGHT: lambda at, sprint: events.ConfirmationGiven(at, sprint, right=True),
    WRONG: lambda at, sprint: events.ConfirmationGiven(at, sprint, right=False),
    BACK: events.BackAsked,
    SKIP: events.SkipAsked,
    REFUSE: events.RefusalAsked,
    PAUSE: events.PauseAsked,
    HELP: lambda at, _: events.HelpAsked(at),  # whichever message it stands under
}

_WITH_ARGUMENT: dict[str, Callable[[datetime, int, str], events.Event]] = {
    CHOOSE: events.ChoiceSelected,
    MARK: lambda at, sprint, choice: events.ChoiceMarked(at, sprint, choice, on=True),
    UNMARK: lambda at, sprint, choice: events.ChoiceMarked(at, sprint, choice, on=False),
    DETAIL: events.DetailGiven,
    PAGE: lambda at, sprint, page: events.PageTurned(at, sprint, _number(page)),
    DATE: events.DatePartGiven,
    BAND: lambda at, sprint, band: events.BandSelected(at, sprint, _number(band)),
    CORRECT: events.CorrectionAsked,
}


def tapped_event(tap: Tapped) -> events.Event:
    """What a tap means to the engine. Raises EventRejected for what it has no word for."""
    if (make := _PLAIN.get(tap.action)) is not None:
        return make(tap.at, tap.sprint)
    if (make_with := _WITH_ARGUMENT.get(tap.action[:2])) is not None:
        return make_with(tap.at, tap.sprint, tap.action[2:])
    raise EventRejected(Rejection.STALE)


def corrects(action: str) -> bool:
    """Whether this button corrects an answer of a completed interview, or belongs to a correction."""
    return action[:2] in (CORRECT, DETAIL) or action in (RIGHT, WRONG)


def _number(argument: str) -> int:
    if not argument.isascii() or not argument.isdigit():
        raise EventRejected(Rejection.STALE)
    return int(argument)
