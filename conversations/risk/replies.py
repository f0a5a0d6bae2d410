"""What a woman in danger is told: few words, numbers, and plainly that a program writes and who is told.

* One warm sentence; no advice, no diagnosis, no promise, no question but whether she can write without danger, where
  somebody hurts her.
* The first line gives nothing away: it may stand on a locked screen.
* Where nobody was told, she is told that nobody was.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conversations.risk.helplines import Helpline
from conversations.risk.kinds import Kind
from conversations.speech import Phrase

YES, NOT_NOW, FINE = Phrase("crisis.yes"), Phrase("crisis.not_now"), Phrase("crisis.fine")
"""What stands on the buttons: below `asking` all three, below `numbers` the last alone."""

TELL = Phrase("crisis.tell")
"""What stands beside FINE where nobody was told."""

WENT_ON = Phrase("crisis.went_on")
"""After FINE."""

READS_NOW = Phrase("crisis.reads_now")

MOST_LINES = 3
"""More are a list to choose from, which nobody can in danger, and no short message any more."""


def asks_first(kinds: Collection[Kind]) -> bool:
    """Whether she is asked if she can write without danger before any number is shown: somebody may read along."""
    return Kind.VIOLENCE in kinds or Kind.DANGER in kinds


def asking() -> Phrase:
    """The one question. Who was told, and when they read, is not said before she can write: somebody may read along."""
    return Phrase("crisis.heard", lines=(Phrase("crisis.safe"), Phrase("crisis.automatic")))


def numbers(lines: Sequence[Helpline], *, team_told: bool, read: Phrase | None) -> Phrase:
    """The numbers, and who is told; `read` says when somebody reads, None where somebody reads now."""
    shown = tuple(
        Phrase("crisis.line", {"number": line.number, "name": line.name, "hours": line.hours})
        for line in lines[:MOST_LINES]
    )
    told = (Phrase("crisis.team_told" if team_told else "crisis.nobody_told"),)
    when = (read or READS_NOW,) if team_told else ()
    return Phrase("crisis.heard", lines=(*shown, Phrase("crisis.automatic"), *told, *when))


def passed(*, read: Phrase | None) -> Phrase:
    """The same where the team was told and nobody hurts her; `read` as above."""
    return Phrase("crisis.passed", lines=(Phrase("crisis.automatic"), read or READS_NOW))


def on(kinds: Collection[Kind]) -> Phrase:
    """After what she writes next, where the numbers were shown: they are not shown again unasked, and where somebody
    hurts her, who may stand beside her by now, nothing tells of them or of the team."""
    return Phrase("crisis.here" if asks_first(kinds) else "crisis.here_above", lines=(Phrase("crisis.automatic"),))


def if_fine() -> Phrase:
    """Where what she writes begins as if she were fine: only she can tell, by a tap."""
    return Phrase("crisis.if_fine")


def told(*, read: Phrase | None) -> Phrase:
    """After her tap on TELL; `read` as above."""
    return Phrase("crisis.team_told", lines=(Phrase("crisis.automatic"), read or READS_NOW))
