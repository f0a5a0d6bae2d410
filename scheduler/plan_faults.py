"""What can be wrong with a plan's file, in words for the coordinator who wrote it.

* A problem names the point as its file does, the setting in it, and how that is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """One thing to mend in a plan's file: where, and what to do."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


# How each part is written, for whoever wrote it otherwise.
_EXAMPLES = {
    "name": 'write a short name such as name = "m3": small letters, digits and _',
    "anchor": 'write anchor = "release", anchor = "enrolment", or the NAME of a column date_NAME of the women\'s file',
    "points": "write one [[points]] table for each point",
    "offset": "write offset = { months = 1 }, in days, weeks or months",
    "on": "write on = 2027-03-08, without quotation marks",
    "every": "write every = { weeks = 4 } together with until = { months = 12 } or times = 13",
    "until": "write until = { months = 12 }, counted from the anchor date as the offset is",
    "times": "write times = 13: how many check-ins there are in all, from 2 to 120",
    "only": 'write only = { centre = ["BAR"] }, only = { cohort = ["2026-1"] }, or both',
    "who": 'write who = { centre = ["BAR"] }, who = { cohort = ["2026-1"] }, or both',
    "overlap": 'write overlap = "queue", "merge" or "cancel"',
    "merge_within": "write merge_within = 10, in days, from 1 to 60",
    "late": 'write late = "open" or "not_due"',
    "window": "write window = { before = 7, after = 21 }, in days",
    "instruments": 'write instruments = ["seguimiento"]',
    "reminders": "write reminders = [{ days = 2 }], at most three, all before the window closes",
    "call_after": "write call_after = { days = 3 }, so that with the reminders it comes before the window closes",
    "calendar": 'write hours as quiet_from = "20:30" and slots as manana = ["09:00", "12:00"]',
    "rest_days": 'write { name = "…", month = 5, day = 1 } or { name = "…", month = 2, monday = 1 }',
}
_EXAMPLES["sensitive_days"] = _EXAMPLES["other_days"] = _EXAMPLES["rest_days"]

# Pydantic's words for the commonest faults speak of Python's types.
_FAULTS = {
    "missing": "is missing",
    "too_long": "there are at most three reminders",
    "model_type": "is not written as it should be",
    "tuple_type": "is not a list",
    "string_pattern_mismatch": "is not a name that can be used",
    "string_type": "is not text",
    "enum": "is not one of the words that it can be",
}


def told(raw: dict[str, Any], fault: ErrorDetails) -> PlanProblem:
    """The problem that pydantic found in this plan's raw file."""
    where, field = "plan", fault["loc"]
    if len(field) > 1 and field[0] == "points":
        where, field = _point_label(raw, field[1]), field[2:]
    path = ".".join(str(part + 1) if isinstance(part, int) else part for part in field)
    if fault["type"] == "extra_forbidden":
        return PlanProblem(where, f"{path} is not a setting of a plan; remove it or correct its spelling")
    said = _FAULTS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    text = f"{path}: {said}" if path else said
    advice = _advice(field)
    return PlanProblem(where, f"{text}; {advice}" if advice else text)


def _advice(field: tuple[int | str, ...]) -> str | None:
    # The name of a closed day is free text: only the names of plans and points have a form.
    parts = [part for part in reversed(field) if part != "name" or len(field) == 1]
    return next((_EXAMPLES[part] for part in parts if isinstance(part, str) and part in _EXAMPLES), None)


def _point_label(raw: dict[str, Any], index: int | str) -> str:
    point = raw["points"][index] if isinstance(index, int) else None
    name = point.get("name") if isinstance(point, dict) else None
    return f"point {name}" if isinstance(name, str) else f"point number {int(index) + 1}"
