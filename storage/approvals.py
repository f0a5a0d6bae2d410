"""Codes by which a second person lets one identified export go.

* A code is shown once to whoever draws it; the store keeps its digest. It serves once, within a day, and only while
  whoever drew it is of the staff.
* Drawing is written into the audit trail, and so is the export that the code let go.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from storage import audit
from storage.audit import Act
from storage.database import Tx
from storage.schema import approvals, staff

VALID = timedelta(hours=24)
"""How long a code waits to be used."""

_FAMILY = "approval"
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH = 10
"""Of letters and digits that nobody takes for one another: nearly 50 bits."""


class ApprovalInvalid(Exception):
    """The code is none, has served, or is too old; which of these is not told."""

    def __init__(self) -> None:
        super().__init__("that approval code is not valid: another coordinator draws one with /aprobar, for one export")


async def draw(tx: Tx, member: int) -> str:
    """A fresh code of this member of staff, to be told to whoever exports."""
    code = "".join(_LETTERS[tx.ids.pick(len(_LETTERS))] for _ in range(_LENGTH))
    row = {
        "id": tx.ids.random(),
        "code_digest": tx.vault.digest(_FAMILY, code),
        "drawn_by": member,
        "drawn_at": tx.now,
        "expires_at": tx.now + VALID,
    }
    await tx.run(approvals.insert(), [row])
    await audit.append(tx, [Act(audit.acting(member), "approval.drawn", subject=str(row["id"]))])
    return code


async def check(tx: Tx, code: str) -> int:
    """The number of the approval that this code opens now. Raises ApprovalInvalid."""
    digests = tx.vault.digests(_FAMILY, _plain(code))
    open_ = (
        select(approvals.c.id)
        .join(staff, staff.c.id == approvals.c.drawn_by)
        .where(approvals.c.code_digest.in_(digests), approvals.c.used_at.is_(None))
        .where(approvals.c.expires_at > tx.now, staff.c.revoked_at.is_(None))
    )
    found = (await tx.run(open_)).first()
    if found is None:
        raise ApprovalInvalid
    return int(found.id)


async def use(tx: Tx, code: str, *, export: int) -> None:
    """Let this export go, and no other. Raises ApprovalInvalid."""
    approval = await check(tx, code)
    used = update(approvals).where(approvals.c.id == approval).values(used_at=tx.now, export_id=export)
    await tx.run(used)


def _plain(code: str) -> str:
    """The code as it was drawn, however it was typed."""
    return code.upper().replace("-", "").replace(" ", "")
