"""What is handed over in a chat and leaves it again: a picture, a file.

* It goes when another takes its place, and after a day in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from conversations.speech import ChatCleaned
from scheduler.dialogue import Facts

HOURS = 24
KEPT_FOR = timedelta(hours=HOURS)


@dataclass(frozen=True, slots=True)
class Standing:
    """It stands in her chat, in that sprint, since then."""

    sprint: int
    since: datetime


def until(held: Standing | None) -> datetime | None:
    """When it goes."""
    return None if held is None else held.since + KEPT_FOR


def gone(held: Standing | None, facts: Facts) -> tuple[ChatCleaned, ...]:
    """What takes it out of her chat, if it stands there."""
    return () if held is None else (ChatCleaned(facts.session, held.sprint),)
