"""What is said of an export: how far it is, that it comes and what was left out of it, or why it does not come.

* Nothing here names a woman. A size, a table's number and counts are all that is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.staff.room import View, button
from conversations.speech import Phrase
from locales.catalog import SPANISH, number
from storage.exports.exporting import PUBLIC
from storage.exports.jobs import JobState, Order, Progress

MEGABYTE = 1_000_000
LIMIT = 50
"""Megabytes that a bot may send (Bot API, sendDocument)."""

LEFT_OUT_KEYS = {
    "left_out_age_band": "staff.export_left_out_age_band",
    "left_out_workshop": "staff.export_left_out_workshop",
    "left_out_centre": "staff.export_left_out_centre",
    "left_out_cohort": "staff.export_left_out_cohort",
}
"""By the facts of an export that say of how many women something was left out."""

_STOP = ((button("export.stop", "staff.export_stop_button"),),)


def under_way(state: JobState, progress: Progress) -> View:
    """How far it is, with a button to stop it."""
    if state is JobState.HANDING:
        return View(Phrase("staff.export_leaving"))
    if state is JobState.WAITING or not progress.step:
        return View(Phrase("staff.export_preparing"), _STOP)
    told: dict[str, str | int] = {
        "step": progress.step,
        "steps": progress.steps,
        "rows": number(progress.rows, SPANISH),
    }
    return View(Phrase("staff.export_step", told), _STOP)


def handed(facts: Mapping[str, str]) -> Phrase:
    """It comes; and what was left out so that no woman stands out."""
    left = {key: int(facts.get(fact, "0")) for fact, key in LEFT_OUT_KEYS.items()}
    lines = tuple(Phrase(key, {"count": women}) for key, women in left.items() if women)
    return Phrase("staff.export_handed", {}, (Phrase("staff.export_left_out"), *lines) if lines else ())


def failed() -> Phrase:
    """It could not be made."""
    return Phrase("staff.export_failed")


def too_late() -> Phrase:
    """It was not begun for too long."""
    return Phrase("staff.export_too_late")


def too_big(size: int, order: Order) -> Phrase:
    """It is larger than a bot may send."""
    told: dict[str, str | int] = {"size": -(-size // MEGABYTE), "limit": LIMIT, "format": order.format}
    return Phrase("staff.export_too_big", told)


def doubtful() -> Phrase:
    """Nobody knows whether it arrived, and it does not come twice."""
    return Phrase("staff.export_doubtful")


def refused() -> Phrase:
    """It could not be delivered."""
    return Phrase("staff.export_refused")


def file_name(order: Order, day: date) -> str:
    """How the file is called that leaves: one file, whatever the format."""
    kind = "cifras-publicas" if order.audience == PUBLIC else "datos"
    return f"{kind}-{day:%Y-%m-%d}.xlsx" if order.format == "xlsx" else f"{kind}-{day:%Y-%m-%d}-{order.format}.zip"
