"""All that is kept of a woman, for herself: whatever the register of erasure calls hers, with what is sealed opened;
what she asked for by law; and who has seen or changed any of it.

* Left out is what says nothing to her and something to a thief: digests, chats, codes and secrets.
* Of staff it says the role and not the name: whoever holds her phone reads it, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, select

from storage import audit
from storage.cells import SEALED
from storage.database import Tx
from storage.erasure_register import REGISTER, Does, Her
from storage.schema import Sealed, exports, gates, legal_holds, metadata, participants, recoveries, requests, staff
from storage.schema import audit as trail
from storage.setting_aside import as_text
from storage.vault import Unsealable

LEFT_OUT = (gates, recoveries)
"""Her codes, and how somebody was asked who she is."""

BESIDES = (requests, legal_holds)
"""What erasure keeps to account for it, and is hers to see while she is there."""

_NOT_TOLD = ("id", "participant_id", "set_by", "lane", "chat_id", "token_digest", "record_id_digest", "word")
_CELLS = {(cells.table.name, cells.column.name): cells for cells in SEALED}

Tables = dict[str, list[dict[str, Any]]]


async def gather(tx: Tx, woman: int) -> Tables:
    """All rows of hers, by table; empty if she is not there."""
    if (await tx.run(select(participants.c.id).where(participants.c.id == woman))).first() is None:
        return {}
    found: Tables = {}
    for table in metadata.sorted_tables:
        decided = REGISTER[table]
        if decided.does is Does.SETS_ASIDE and decided.hers is not None and table not in LEFT_OUT:
            columns = [column for column in table.columns if _is_told(column)]
            rows = list(await tx.run(select(table).where(decided.hers(Her(woman)))))
            if rows:
                found[str(table.name)] = [_told(tx, row, columns) for row in rows]
    for table in BESIDES:
        rows = list(await tx.run(select(table).where(table.c.participant_id == woman)))
        if rows:
            found[str(table.name)] = [_told(tx, row, [one for one in table.columns if _is_told(one)]) for row in rows]
    return found | {name: rows for name, rows in (await _seen(tx, woman)).items() if rows}


async def _seen(tx: Tx, woman: int) -> Tables:
    """What the trail says of her, and what has left with all women in it since she is there."""
    roles = {audit.acting(row.id): row.role for row in await tx.run(select(staff.c.id, staff.c.role))}
    entries = await tx.run(select(trail).where(trail.c.subject == str(woman)).order_by(trail.c.number))
    since = select(participants.c.added_at).where(participants.c.id == woman).scalar_subquery()
    left = await tx.run(select(exports).where(exports.c.at >= since).order_by(exports.c.at))
    return {
        "audit": [
            {"at": row.at, "by": _role(roles, row.actor), "action": row.action, "detail": row.detail} for row in entries
        ],
        "exports": [{"at": row.at, "by": _role(roles, row.made_by), "audience": row.audience} for row in left],
    }


def _role(roles: Mapping[str, str], actor: str) -> str:
    """The role of whoever did it: "participant" is she, "system" the program or whoever runs it."""
    return roles.get(actor) or (actor if actor in ("participant", "chat") else "system")


async def note_read(tx: Tx, woman: int, *, by: str) -> None:
    """Write down that somebody read it."""
    await audit.append(tx, [audit.Act(by, "own_data_read", str(woman))])


@dataclass(frozen=True, slots=True)
class OwnData:
    """All that is kept of this woman."""

    woman: int

    async def find(self, tx: Tx) -> Tables | None:
        """It, by table."""
        return await gather(tx, self.woman)


def _is_told(column: Column[Any]) -> bool:
    return not column.foreign_keys and column.name not in _NOT_TOLD


def told_of() -> dict[str, set[str]]:
    """What `gather` may give: the columns of each table."""
    hers = [table for table in metadata.sorted_tables if REGISTER[table].does is Does.SETS_ASIDE]
    found = {
        str(table.name): {str(column.name) for column in table.columns if _is_told(column)}
        for table in (*hers, *BESIDES)
        if table not in LEFT_OUT
    }
    return found | {"audit": {"at", "by", "action", "detail"}, "exports": {"at", "by", "audience"}}


def _told(tx: Tx, row: Any, columns: Sequence[Column[Any]]) -> dict[str, Any]:
    told = {str(column.name): _plain(tx, row, column) for column in columns}
    return {name: value for name, value in told.items() if value is not None}


def _plain(tx: Tx, row: Any, column: Column[Any]) -> Any:
    value = row._mapping[column.name]
    if value is None or not isinstance(column.type, Sealed):
        return value
    cells = _CELLS[column.table.name, column.name]
    try:
        return as_text(tx.vault.open(cells.place(*(row._mapping[key.name] for key in cells.keys)), value))
    except Unsealable:
        return None
