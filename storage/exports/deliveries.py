"""The delivery report of a broadcast as a workbook: how many ended how, and what became of it for each.

* Women stand in it by record_id, never by name; what was sent does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO

from openpyxl import Workbook

from storage.recipients import Delivery, RecipientState

Told = Callable[[str], str]
"""A reason's code in words."""

SUMMARY, EACH = "summary", "recipients"
"""The names of the sheets."""


def workbook(
    reasons: Mapping[tuple[RecipientState, str | None], int],
    excluded: Mapping[str, int],
    *,
    each: Sequence[Delivery],
    told: Told = str,
) -> bytes:
    """An XLSX file. Times are UTC; beside each reason it stands as `told`."""
    book = Workbook(write_only=True)
    summary = book.create_sheet(SUMMARY)
    summary.append(("state", "reason", "recipients", "in_words"))
    for (state, reason), number in sorted(reasons.items(), key=lambda one: (one[0][0], one[0][1] or "")):
        summary.append((state.value, reason, number, _in_words(reason, told)))
    for why, number in sorted(excluded.items()):
        summary.append(("excluded", why, number, told(why)))
    rows = book.create_sheet(EACH)
    rows.append(("record_id", "state", "reason", "posted_at", "done_at", "in_words"))
    for one in each:
        at = (_plain(one.posted_at), _plain(one.done_at))
        rows.append((one.record_id, one.state.value, one.reason, *at, _in_words(one.reason, told)))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _in_words(reason: str | None, told: Told) -> str | None:
    return None if reason is None else told(reason)


def _plain(at: datetime | None) -> datetime | None:
    """A workbook knows no zones."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
