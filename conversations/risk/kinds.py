"""What kinds of danger there are, and what is written down of one.

* A danger is its kind and the name of what it was found by; her words are no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of danger it is, the nearest first. The values are stored: none is ever renamed."""

    DANGER = "danger"  # it happens now, or somebody is about to
    VIOLENCE = "violence"
    SELF_HARM = "self_harm"


@dataclass(frozen=True, slots=True)
class Danger:
    """One danger: its kind, and by what it was found.

    `phrase` is the name of a phrase of phrases.toml, or `INSTRUMENT.QUESTION` where an answer crossed a threshold.
    """

    kind: Kind
    phrase: str
