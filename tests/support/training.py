"""What women were trained in, for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from storage.database import Tx
from storage.schema import enrolments


async def enrolled_in(tx: Tx, woman: int, workshop: str, *, axis: str = "laboral", **more: Any) -> None:
    """She is enrolled in it, and came three times if no other count is given (None: nobody has counted)."""
    row = {"sessions_attended": 3, "centre": "norte", "started_on": date(2025, 1, 7), "learned_at": tx.now, **more}
    await tx.run(
        enrolments.insert().values(id=tx.ids.random(), participant_id=woman, workshop=workshop, axis=axis, **row)
    )
