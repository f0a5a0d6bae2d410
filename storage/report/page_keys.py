"""The texts of the page by key: what stands in it as it is, and the heads of its tables' columns."""

from __future__ import annotations

from collections.abc import Mapping

from storage.fates import Fate

PAGE_KEYS = (
    *("staff.report_title", "staff.report_for_team", "staff.report_for_public", "staff.report_contents"),
    *("staff.report_skip", "staff.report_each", "staff.report_what", "staff.report_numbers", "staff.report_no_cause"),
    *("staff.report_made", "staff.report_brief", "staff.report_brief_note"),
    *("staff.report_kinds", "staff.report_kinds_note", "staff.report_incomes", "staff.report_incomes_note"),
    *("staff.report_incomes_public", "staff.report_points", "staff.report_points_note", "staff.report_centres"),
    *("staff.report_centres_note", "staff.report_funnel", "staff.report_funnel_note", "staff.report_missing"),
    "staff.report_missing_note",
)

HEAD_KEYS = ("staff.report_col_figure", "staff.report_col_group", "staff.report_col_point", "staff.trait_centre")
"""What the rows of a table of shares are."""

SHARE_KEYS = (
    *("staff.report_col_percent", "staff.report_col_of"),
    *("staff.report_col_interval", "staff.report_col_known"),
)
INCOME_KEYS = (
    *("staff.report_col_moment", "staff.report_col_women"),
    *("staff.report_col_median", "staff.report_col_quartiles"),
)

INSTRUMENT_KEYS = ("staff.report_instrument", "staff.report_instrument_own")
"""One that has been validated, and one that has not."""

FUNNEL_KEYS: Mapping[str, str] = {
    "expected": "staff.report_col_expected",
    "invited": "staff.report_col_invited",
    "started": "staff.report_col_started",
    Fate.COMPLETED: "staff.report_col_completed",
    Fate.PARTIAL: "staff.report_col_partial",
    Fate.REFUSED: "staff.report_col_refused",
    Fate.UNREACHABLE: "staff.report_col_unreachable",
    Fate.PAUSED: "staff.report_col_paused",
    Fate.MISSED_BY_US: "staff.report_col_missed",
    "open": "staff.report_col_open",
}
"""What a funnel tells: a name of its own, or a fate."""
