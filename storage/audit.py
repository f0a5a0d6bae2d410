"""The audit trail: who did what to whom, in ids and codes only, each entry tied to the one before.

* An entry's MAC covers its content and its predecessor's MAC, under a key outside the database: nothing in between
  can be altered, removed or put in another order without `verify` noticing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from sqlalchemy import bindparam, select

from storage.database import Tx
from storage.schema import audit


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done: by whom (a role or an id), what, to which id, with which code."""

    actor: str
    action: str
    subject: str | None = None
    detail: str | None = None


def acting(member: int | None) -> str:
    """Who acts: a member of staff by her number, or whoever holds the command line."""
    return "command" if member is None else f"staff:{member}"


async def append(tx: Tx, acts: Sequence[Act]) -> None:
    """Write acts down, in order."""
    last = (await tx.run(select(audit.c.number, audit.c.mac).order_by(audit.c.number.desc()).limit(1))).first()
    number, mac = (last.number, last.mac) if last is not None else (0, "")
    rows: list[dict[str, Any]] = []
    for act in acts:
        number += 1
        row = {
            "number": number,
            "at": tx.now,
            "actor": act.actor,
            "action": act.action,
            "subject": act.subject,
            "detail": act.detail,
        }
        mac = tx.vault.chain(mac, _canonical(row))
        rows.append({**row, "mac": mac})
    await tx.run(audit.insert(), rows)


async def verify(tx: Tx) -> int | None:
    """The number of the first entry that does not follow from the one before, or None if the whole chain holds."""
    number, mac = 0, ""
    while rows := (await tx.run(_AFTER, [{"number": number}])).all():
        for row in rows:
            number += 1
            mac = tx.vault.chain(mac, _canonical(dict(zip(_NAMES, row, strict=False))))
            if row.number != number or row.mac != mac:
                return number
    return None


_NAMES = ("number", "at", "actor", "action", "subject", "detail")
_AFTER = (
    select(*(audit.c[name] for name in _NAMES), audit.c.mac)
    .where(audit.c.number > bindparam("number"))
    .order_by(audit.c.number)
    .limit(1000)  # at a time, so that others have their turn between
)


def _canonical(row: dict[str, Any]) -> str:
    return to_json(row).decode()
