"""Whom a broadcast is for: chosen by buttons, or by a list that is typed; with how many get it, and why others do not.

* What she may choose from is what she may see; a button carries the code of a value, not its place in a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.fitting import ELLIPSIS, clipped
from bot.staff.room import Act, Rows, View, button, in_rows, paged, whole
from bot.staff.wording import in_words, why
from conversations.speech import Button, Phrase
from storage.composing import (
    TRAITS,
    Change,
    DraftNow,
    ForAll,
    Listed,
    OfCaseload,
    SinceRelease,
    Toggled,
    chosen_of,
    code_of,
    values_of,
)
from storage.imports.catalogue import Catalogue
from storage.imports.workshops import Axis
from storage.members import SEES_ALL, Member
from storage.segments import Choices, Segment

MOST_NAMED, LONGEST_NAMED = 10, 40
"""Values that are told one by one, and the characters of one: whatever was typed or stands in a file."""

TICK = "✓"

MONTHS_SINCE = "months"
"""What a button names that asks for the months since release."""

MONTHS = ((None, 2), (3, 5), (6, 11), (12, 23), (24, None))
"""Full months since release, both included."""

TRAIT_KEYS = (
    "staff.broadcast_centre_button",
    "staff.broadcast_cohort_button",
    "staff.broadcast_axis_button",
    "staff.broadcast_workshop_button",
    "staff.broadcast_fate_button",
)
CHOSEN_KEYS = (
    "staff.broadcast_of_centres",
    "staff.broadcast_of_cohorts",
    "staff.broadcast_of_axes",
    "staff.broadcast_of_workshops",
    "staff.broadcast_of_fates",
)
AXIS_KEYS = ("staff.broadcast_axis_laboral", "staff.broadcast_axis_salud_mental", "staff.broadcast_axis_integracion")
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
_BY_CODE: Mapping[str, Mapping[str, str]] = {
    "axis": dict(zip(Axis, AXIS_KEYS, strict=True)),
    "fate": dict(zip(values_of("fate", Choices()), FATE_KEYS, strict=True)),
}
"""The values that are codes of ours, in words."""


def change_in(act: Act, member: Member) -> Change | None:
    """What a tap changes of whom it is for; None where it only looks."""
    trait, _, code = act.about.partition(".")
    match act.verb:
        case "pick" if trait in TRAITS:
            return Toggled(trait, code.partition(".")[0])
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


def whom(draft: DraftNow, member: Member, *, catalogue: Catalogue) -> View:
    """The conditions as they are, how many they leave, and what can be chosen."""
    segment = draft.definition.segment
    by = [
        button(f"broadcast.by.{trait}", key)
        for trait, key in zip(TRAITS, TRAIT_KEYS, strict=True)
        if values_of(trait, draft.choices)
    ]
    by.append(button(f"broadcast.by.{MONTHS_SINCE}", "staff.broadcast_months_button"))
    if member.role in SEES_ALL:
        mine = segment.caseload is not None
        one = button(f"broadcast.mine.{int(not mine)}", "staff.broadcast_mine_button")
        by.append(_if_ticked(one, mine))
    last = (_typed(), button("broadcast.all", "staff.broadcast_all_button"))
    return View(Phrase("staff.broadcast_whom", {}, counted(draft, catalogue)), (*in_rows(by, 2), last, BACK))


BACK = (button("broadcast.compose", "staff.broadcast_back_button"),)


def _typed() -> Button:
    return button("broadcast.ids", "staff.broadcast_ids_button")


def values(draft: DraftNow, about: str, *, catalogue: Catalogue) -> View:
    """What can be chosen of the trait that a button names, what is chosen ticked; many values on several screens."""
    trait, _, at = about.partition(".")
    page = whole(at.rpartition(".")[2])
    shown = _spans(draft) if trait == MONTHS_SINCE else _valued(draft, trait, catalogue=catalogue, page=page)
    back = (button("broadcast.whom", "staff.broadcast_whom_button"), *BACK)
    return View(Phrase("staff.broadcast_choose", {}, counted(draft, catalogue)), (*shown, back))


def _valued(draft: DraftNow, trait: str, *, catalogue: Catalogue, page: int) -> Rows:
    chosen = chosen_of(trait, draft.definition.segment)

    def one(value: str) -> Button:
        picks = Button(f"broadcast.pick.{trait}.{code_of(value)}.{page}", _called(trait, value, catalogue=catalogue))
        return _if_ticked(picks, value in chosen)

    buttons = [one(value) for value in values_of(trait, draft.choices)]
    return paged(in_rows(buttons, 2), f"broadcast.by.{trait}", page=page)


def _spans(draft: DraftNow) -> Rows:
    segment = draft.definition.segment
    chosen = (segment.months_from, segment.months_to)
    spans = zip((*MONTHS, (None, None)), MONTH_KEYS, strict=True)
    one_each = ((button(f"broadcast.months.{_bounds(*one)}", key), one == chosen) for one, key in spans)
    return in_rows([_if_ticked(*each) for each in one_each], 2)


def _called(trait: str, value: str, *, catalogue: Catalogue) -> Phrase:
    """What one value is called: a workshop by its first name in the catalogue, if it has one there."""
    if trait == "workshop" and value in catalogue.workshop_list:
        value = catalogue.workshop_list[value].names[0]
    key = _BY_CODE.get(trait, {}).get(value)
    return Phrase("staff.broadcast_value", {"value": value}) if key is None else Phrase(key)


def _if_ticked(one: Button, chosen: bool) -> Button:
    return _ticked(one) if chosen else one


def _ticked(one: Button) -> Button:
    return button(one.action, "staff.broadcast_value", value=f"{TICK} {in_words(one.phrase)}")


def counted(draft: DraftNow, catalogue: Catalogue) -> tuple[Phrase, ...]:
    """Whom it is for, how many get it, and of everybody else why not."""
    return (*described(draft.definition.segment, catalogue), *told(draft))


def described(segment: Segment, catalogue: Catalogue) -> tuple[Phrase, ...]:
    """The conditions, a line each; of a list only how long it is."""
    lines = []
    for trait, key in zip(TRAITS, CHOSEN_KEYS, strict=True):
        if chosen := chosen_of(trait, segment):
            lines.append(
                Phrase(key, {"list": _some([in_words(_called(trait, one, catalogue=catalogue)) for one in chosen])})
            )
    if segment.months_from is not None or segment.months_to is not None:
        bounds = (segment.months_from, segment.months_to)
        lines.append(Phrase("staff.broadcast_of_months", {"months": _span(*bounds)}))
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
