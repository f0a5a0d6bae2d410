"""The delivery report of a broadcast as a workbook: how many ended how, and what became of it for each.

* Women stand in it by record_id, never by name; what was sent does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO

from openpyxl import Workbook

from storage.recipients import Delivery, RecipientState

SUMMARY, EACH = "summary", "recipients"
"""The names of the sheets."""


def workbook(
    reasons: Mapping[tuple[RecipientState, str | None], int],
    excluded: Mapping[str, int],
    *,
    each: Sequence[Delivery],
) -> bytes:
    """An XLSX file. Times are UTC."""
    book = Workbook(write_only=True)
    summary = book.create_sheet(SUMMARY)
    summary.append(("state", "reason", "recipients"))
    for (state, reason), number in sorted(reasons.items(), key=lambda one: (one[0][0], one[0][1] or "")):
        summary.append((state.value, reason, number))
    for why, number in sorted(excluded.items()):
        summary.append(("excluded", why, number))
    rows = book.create_sheet(EACH)
    rows.append(("record_id", "state", "reason", "posted_at", "done_at"))
    for one in each:
        rows.append((one.record_id, one.state.value, one.reason, _plain(one.posted_at), _plain(one.done_at)))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _plain(at: datetime | None) -> datetime | None:
    """A workbook knows no zones."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
