"""The people of the demo. None of them exists."""

from __future__ import annotations

from datetime import date, timedelta

from storage.imports.participants import ParticipantRow

COORDINATOR = "Lucía"
FREE_FOR = timedelta(days=3)
"""So that a week on her first check-in has come, whatever hours she chose and whatever holiday lies between."""


def rosa(today: date) -> ParticipantRow:
    """The woman whose phone the page shows: released a few days ago, and invited today."""
    return ParticipantRow(line=1, record_id="D-0001", name="Rosa Ejemplo Inventada", release_date=today - FREE_FOR)
