"""Thresholds of an instrument: the answers that tell of a danger, as its author wrote them in `hilo::risk`.

* A cell is a kind and a condition on the answer: `self_harm: . >= 2`, `violence: selected(., 'golpes')`.
* A total is a calculate row with a threshold of its own; a condition looks at its own answer and at nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conversations.answers import Value
from conversations.expressions import Expression, ExpressionInvalid, compile_expression
from conversations.risk.kinds import Danger, Kind


@dataclass(frozen=True, slots=True)
class Threshold:
    """What an answer tells of where the condition holds for it."""

    kind: Kind
    when: Expression

    def __str__(self) -> str:
        return f"{self.kind}: {self.when.source}"


class ThresholdInvalid(ValueError):
    """A cell is no threshold; says what to do about it."""


def read_threshold(cell: str) -> Threshold | None:
    """Read a cell of `hilo::risk`, None where it is empty. Raises ThresholdInvalid."""
    if not cell:
        return None
    kind, colon, condition = (part.strip() for part in cell.partition(":"))
    if not colon or kind not in list(Kind):
        raise ThresholdInvalid(
            f"write one of {', '.join(Kind)}, a colon and a condition, as in '{Kind.SELF_HARM}: . >= 2'"
        )
    try:
        when = compile_expression(condition)
    except ExpressionInvalid as error:
        raise ThresholdInvalid(str(error)) from error
    if not when.only_this:
        raise ThresholdInvalid(
            f"'{condition}' must look at this answer alone, which is '.': make a total a calculate row"
        )
    return Threshold(Kind(kind), when)


def crossed(
    threshold: Threshold | None, value: Value | None, *, instrument: str, question: str, at: datetime
) -> Danger | None:
    """The danger that an answer tells of, or None; an answer that is missing crosses nothing.

    `at` is the moment of the answer.
    """
    if threshold is None or value is None or not threshold.when.holds({}, at=at, this=value):
        return None
    return Danger(threshold.kind, f"{instrument}.{question}")
