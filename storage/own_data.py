"""All that is kept of a woman, for herself: whatever the register of erasure calls hers, with what is sealed opened.

* Left out is what says nothing to her and something to a thief: digests, chats, codes and secrets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, select

from storage import audit
from storage.cells import SEALED
from storage.database import Tx
from storage.erasure_register import REGISTER, Does, Her
from storage.schema import Sealed, gates, metadata, participants, recoveries
from storage.setting_aside import as_text
from storage.vault import Unsealable

LEFT_OUT = (gates, recoveries)
"""Her codes, and how somebody was asked who she is."""

_NOT_TOLD = ("lane", "chat_id", "token_digest", "record_id_digest", "word")
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
    return found


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
    inner = column.primary_key or bool(column.foreign_keys)
    return not inner and column.name not in _NOT_TOLD


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
