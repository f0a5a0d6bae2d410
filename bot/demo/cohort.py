"""The people of the demo. None of them exists."""

from __future__ import annotations

from datetime import date

from storage.imports.participants import ParticipantRow

COORDINATOR = "Lucía"


def rosa(released_on: date) -> ParticipantRow:
    """The woman whose phone the page shows."""
    return ParticipantRow(line=1, record_id="D-0001", name="Rosa Ejemplo Inventada", release_date=released_on)
