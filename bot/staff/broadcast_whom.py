"""Whom a broadcast is for: chosen by buttons, or by a list that is typed; with how many get it, and why others do not.

* What she may choose from is what she may see; a button carries the code of a value, not its place in a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.fitting import ELLIPSIS, clipped
from bot.staff.room import Act, View, button, in_rows
from bot.staff.wording import in_words, why
from conversations.speech import Button, Phrase
from storage.composing import (
    AXES,
    Change,
    DraftNow,
    ForAll,
    Listed,
    OfCaseload,
    SinceRelease,
    Toggled,
    code_of,
    values_of,
)
from storage.members import SEES_ALL, Member
from storage.segments import Choices, Segment

MOST_VALUES = 40
"""Buttons of one axis: more centres or cohorts than this are chosen by a list."""

MOST_NAMED, LONGEST_NAMED = 10, 40
"""Values that are told one by one, and the characters of one: whatever was typed or stands in a file."""

TICK = "✓"

MONTHS = ((None, 2), (3, 5), (6, 11), (12, 23), (24, None))
"""Full months since release, both included."""

AXIS_KEYS = ("staff.broadcast_centre_button", "staff.broadcast_cohort_button", "staff.broadcast_fate_button")
MONTH_KEYS = (
    "staff.broadcast_months_0",
    "staff.broadcast_months_3",
    "staff.broadcast_months_6",
    "staff.broadcast_months_12",
    "staff.broadcast_months_24",
    "staff.broadcast_months_any",
)
FATE_KEYS = (
    "staff.broadcast_fate_completed",
    "staff.broadcast_fate_partial",
    "staff.broadcast_fate_refused",
    "staff.broadcast_fate_unreachable",
    "staff.broadcast_fate_paused",
    "staff.broadcast_fate_missed_by_us",
)
_BY_FATE = dict(zip(values_of("fate", Choices((), ())), FATE_KEYS, strict=True))


def change_in(act: Act, member: Member) -> Change | None:
    """What a tap changes of whom it is for; None where it only looks."""
    axis, _, code = act.about.partition(".")
    match act.verb:
        case "pick" if axis in AXES:
            return Toggled(axis, code)
        case "months":
            return next((SinceRelease(*one) for one in (*MONTHS, (None, None)) if _bounds(*one) == act.about), None)
        case "mine":
            return OfCaseload(member.staff if act.about == "1" else None)
        case "all":
            return ForAll()
        case _:
            return None


def listed_in(words: str) -> Listed:
    """The record_ids that she typed or pasted, each once."""
    return Listed(tuple(dict.fromkeys(one for one in re.split(r"[\s,;]+", words) if one)))


def _bounds(first: int | None, last: int | None) -> str:
    return f"{'' if first is None else first}-{'' if last is None else last}"


# --- what she sees


def whom(draft: DraftNow, member: Member) -> View:
    """The conditions as they are, how many they leave, and what can be chosen."""
    segment = draft.definition.segment
    axes = tuple(
        button(f"broadcast.axis.{axis}", key)
        for axis, key in zip(AXES, AXIS_KEYS, strict=True)
        if values_of(axis, draft.choices)
    )
    months, ids = button("broadcast.axis.months", "staff.broadcast_months_button"), _typed()
    mine = button("broadcast.mine.1", "staff.broadcast_mine_button")
    if segment.caseload is not None:
        mine = _ticked(button("broadcast.mine.0", "staff.broadcast_mine_button"))
    own = (mine,) if member.role in SEES_ALL else ()
    rows = (axes, (months, *own), (ids, button("broadcast.all", "staff.broadcast_all_button")), BACK)
    return View(Phrase("staff.broadcast_whom", {}, counted(draft)), tuple(row for row in rows if row))


BACK = (button("broadcast.compose", "staff.broadcast_back_button"),)


def _typed() -> Button:
    return button("broadcast.ids", "staff.broadcast_ids_button")


def axis(draft: DraftNow, name: str) -> View:
    """The values of one axis, those that are chosen ticked."""
    segment = draft.definition.segment
    if name == "months":
        chosen = (segment.months_from, segment.months_to)
        spans = zip((*MONTHS, (None, None)), MONTH_KEYS, strict=True)
        buttons = [_if_ticked(button(f"broadcast.months.{_bounds(*one)}", key), one == chosen) for one, key in spans]
    else:
        values = values_of(name, draft.choices)[:MOST_VALUES]
        kept = {*segment.centres} if name == "centre" else {*segment.cohorts}
        kept = {*segment.last_fates} if name == "fate" else kept
        buttons = [
            _if_ticked(Button(f"broadcast.pick.{name}.{code_of(value)}", _called(name, value)), value in kept)
            for value in values
        ]
    back = (button("broadcast.whom", "staff.broadcast_whom_button"), *BACK)
    return View(Phrase("staff.broadcast_choose", {}, counted(draft)), (*in_rows(buttons, 2), back))


def _called(axis: str, value: str) -> Phrase:
    return Phrase(_BY_FATE[value]) if axis == "fate" else Phrase("staff.broadcast_value", {"value": value})


def _if_ticked(one: Button, chosen: bool) -> Button:
    return _ticked(one) if chosen else one


def _ticked(one: Button) -> Button:
    return button(one.action, "staff.broadcast_value", value=f"{TICK} {in_words(one.phrase)}")


def counted(draft: DraftNow) -> tuple[Phrase, ...]:
    """Whom it is for, how many get it, and of everybody else why not."""
    return (*described(draft.definition.segment), *told(draft))


def described(segment: Segment) -> tuple[Phrase, ...]:
    """The conditions, a line each; of a list only how long it is."""
    lines = []
    if segment.centres:
        lines.append(Phrase("staff.broadcast_of_centres", {"list": _some(segment.centres)}))
    if segment.cohorts:
        lines.append(Phrase("staff.broadcast_of_cohorts", {"list": _some(segment.cohorts)}))
    if segment.months_from is not None or segment.months_to is not None:
        bounds = (segment.months_from, segment.months_to)
        lines.append(Phrase("staff.broadcast_of_months", {"months": _span(*bounds)}))
    if segment.last_fates:
        fates = ", ".join(in_words(Phrase(_BY_FATE[one])) for one in segment.last_fates)
        lines.append(Phrase("staff.broadcast_of_fates", {"list": fates}))
    if segment.caseload is not None:
        lines.append(Phrase("staff.broadcast_of_mine"))
    if segment.record_ids:
        lines.append(Phrase("staff.broadcast_of_list", {"count": len(segment.record_ids)}))
    return tuple(lines) or (Phrase("staff.broadcast_of_all"),)


def _some(values: Sequence[str]) -> str:
    """The first of them; an ellipsis stands for the others."""
    told = [clipped(value, LONGEST_NAMED) for value in values[:MOST_NAMED]]
    return ", ".join([*told, ELLIPSIS] if len(values) > MOST_NAMED else told)


def _span(first: int | None, last: int | None) -> str:
    """The bounds as the button says them, or as the command line set them."""
    if (first, last) in MONTHS:
        return in_words(Phrase(MONTH_KEYS[MONTHS.index((first, last))]))
    return f"{first or 0}–{'' if last is None else last}"


def told(draft: DraftNow) -> tuple[Phrase, ...]:
    """How many get it, which of them later than it goes, and of everybody else why not."""
    count = draft.count
    lines = [Phrase("staff.broadcast_reaches", {"count": count.included}), *_later(draft)]
    lines += excluded({str(reason): number for reason, number in count.excluded.items()})
    if count.unknown:
        lines.append(Phrase("staff.broadcast_unknown_ids", {"count": len(count.unknown), "list": _some(count.unknown)}))
    return tuple(lines)


def _later(draft: DraftNow) -> tuple[Phrase, ...]:
    """Those whom it keeps waiting, a line for each reason."""
    late = draft.later
    lines = []
    if late.hours:
        lines.append(Phrase("staff.broadcast_later_hours", {"count": late.hours}))
    if late.in_sitting:
        lines.append(Phrase("staff.broadcast_in_sitting", {"count": late.in_sitting}))
    total = min(late.hours + late.in_sitting, draft.count.included)
    return (Phrase("staff.broadcast_later", {"count": total}, tuple(lines)),) if lines else ()


def excluded(reasons: Mapping[str, int]) -> tuple[Phrase, ...]:
    """Those who are left out, a line for each reason."""
    if not reasons:
        return ()
    lines = tuple(because(reason, number) for reason, number in reasons.items())
    return (Phrase("staff.broadcast_excluded", {"count": sum(reasons.values())}, lines),)


def because(reason: str, number: int) -> Phrase:
    """So many for this reason, in one line."""
    return Phrase("staff.broadcast_reason", {"why": why(reason, number), "count": number})
