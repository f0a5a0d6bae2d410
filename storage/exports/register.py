"""The register of what has left: read again, so that a file that is found somewhere can be told apart.

* A row is whatever left at once: who made it, why, for whom, and the hash of its bytes. No row
  says anything of a woman.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage import audit, members
from storage.database import Tx
from storage.schema import exports
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class Left:
    """One export or report. `made_by` is a member of staff by name, or "command"; `counts` are rows by table."""

    at: datetime
    made_by: str
    format: str
    audience: str
    identified: bool
    reason: str | None
    recipient: str | None
    sha256: str
    counts: Mapping[str, int]


async def left(tx: Tx) -> list[Left]:
    """All of them, the newest first."""
    rows = await tx.run(select(exports).order_by(exports.c.at.desc(), exports.c.id))
    team = [one for gone in (False, True) for one in await members.listed(tx, revoked=gone)]
    names = {audit.acting(one.staff): one.name for one in team}
    return [_left(tx, row, names) for row in rows]


def _left(tx: Tx, row: Any, names: Mapping[str, str]) -> Left:
    reason, recipient = (
        tx.vault.open_text(Place("exports", column, row.id), getattr(row, column)) for column in ("reason", "recipient")
    )
    return Left(
        at=row.at,
        made_by=names.get(row.made_by, row.made_by),
        format=row.format,
        audience=row.audience,
        identified=row.identified,
        reason=reason,
        recipient=recipient,
        sha256=row.file_hash,
        counts=json.loads(row.counts),
    )
