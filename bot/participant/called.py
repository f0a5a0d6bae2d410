"""How she wants to be called, read from what she wrote.

* What cannot be seen is no name, and neither is a command or a word that steers the conversation.
"""

from __future__ import annotations

import unicodedata

from bot.participant.wishes import wish
from conversations.reading.words import normalise
from conversations.risk.dangers import dangers
from scheduler.dialogue import Event, Wrote

MAX_CALLED = 40
"""Characters; longer is hardly how somebody wants to be called."""

ALSO_NAMES = frozenset({"auxilio", "socorro"})
"""Cries for help that women are called by: where a name is asked for, they are one, alone or among other names."""

_PARTICLES = frozenset({"de", "del", "la", "las", "los"})


def is_cry(event: Event) -> bool:
    """Whether she wrote a cry for help that may be her name."""
    if not isinstance(event, Wrote):
        return False
    words = event.text.split()
    others = [word for word in words if normalise(word) not in ALSO_NAMES]
    named = len(others) < len(words) and all(word in _PARTICLES or word.istitle() for word in others)
    return named and not dangers(" ".join(others))


def name_in(event: Event) -> str:
    """Her name without invisible characters; empty where she said no name that could be seen."""
    if not isinstance(event, Wrote) or event.edited or (wish(event) is not None and not is_cry(event)):
        return ""
    plain = "".join(" " if char.isspace() else char for char in event.text)
    seen = "".join(char for char in plain if unicodedata.category(char) not in ("Cc", "Cf"))
    visible = any(unicodedata.category(char)[0] in "LNS" for char in seen)
    return " ".join(seen.split()) if visible and not seen.startswith("/") else ""
