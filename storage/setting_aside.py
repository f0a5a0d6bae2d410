"""Rows that are taken out of their tables, sealed whole, and put back as they were.

* What was sealed in a row is opened first and sealed anew with it: keys may change while it lies here.
* Rows are put back in the order in which tables refer to each other; what cannot be read stays as it was found.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Column, Date, LargeBinary, Numeric, Table, delete, select, update

from storage.cells import SEALED, Cells
from storage.database import Tx
from storage.erasure_register import REGISTER, Does, Her
from storage.schema import Instant, Sealed, metadata, set_aside
from storage.vault import Place, Unsealable

_CELLS = {(cells.table.name, cells.column.name): cells for cells in SEALED}
_READ: Sequence[tuple[type, Callable[[Any], Any]]] = (
    (Instant, datetime.fromisoformat),
    (Date, date.fromisoformat),
    (Numeric, Decimal),
    (LargeBinary, b64decode),
)
"""How what JSON has no word for is read again, by the type of its column."""

TABLES: Sequence[Table] = metadata.sorted_tables
"""Every table, after those that it refers to."""


async def take_out(tx: Tx, her: Her, *, erasure: int) -> int:
    """Empty every table of her, as the register says; what can be put back is kept under that erasure. Returns how many
    rows are."""
    kept = 0
    for table in TABLES:
        if REGISTER[table].does is Does.SETS_ASIDE:
            kept += await _keep(tx, table, her, erasure=erasure)
    await empty(tx, her)
    await _take_what_passes(tx, her)
    for table in reversed(TABLES):
        decided = REGISTER[table]
        if decided.does is Does.SETS_ASIDE and decided.hers is not None:
            await tx.run(delete(table).where(decided.hers(her)))
    return kept


async def _take_what_passes(tx: Tx, her: Her) -> None:
    for table in reversed(TABLES):
        decided = REGISTER[table]
        if decided.does is Does.TAKES_OUT and decided.hers is not None:
            await tx.run(delete(table).where(decided.hers(her)))


async def empty(tx: Tx, her: Her) -> None:
    """Have no row that stays lead to her."""
    for table, decided in REGISTER.items():
        if decided.emptied is not None:
            rows = update(table).where(decided.emptied.rows(her))
            await tx.run(rows.values(dict(decided.emptied.values)))


async def end(tx: Tx, her: Her, *, erasure: int) -> None:
    """Delete what was set aside, and what was only needed until now."""
    await tx.run(delete(set_aside).where(set_aside.c.erasure_id == erasure))
    await empty(tx, her)
    for table, decided in REGISTER.items():
        if decided.does is Does.ENDS and decided.hers is not None:
            await tx.run(delete(table).where(decided.hers(her)))
    await _take_what_passes(tx, her)


async def _keep(tx: Tx, table: Table, her: Her, *, erasure: int) -> int:
    hers = REGISTER[table].hers
    assert hers is not None
    rows = list(await tx.run(select(table).where(hers(her))))
    kept = []
    for row in rows:
        id_ = tx.ids.random()
        content = to_json({"table": table.name, "row": _packed(tx, table, row)})
        kept.append({"id": id_, "erasure_id": erasure, "content": tx.vault.seal(_place(id_), content)})
    await tx.run(set_aside.insert(), kept)
    return len(rows)


def _place(id_: int) -> Place:
    return Place("set_aside", "content", id_)


def _packed(tx: Tx, table: Table, row: Any) -> dict[str, Any]:
    key = [row._mapping[column.name] for column in table.primary_key.columns]
    return {column.name: _written(tx, column, row._mapping[column.name], key=key) for column in table.columns}


def _written(tx: Tx, column: Column[Any], value: Any, *, key: Sequence[Any]) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Sealed):
        try:
            plain = tx.vault.open(_cells(column).place(*key), value)
        except Unsealable:
            return {"sealed": b64encode(value).decode()}
        return {"plain": b64encode(plain).decode()}
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value) if isinstance(value, datetime | date | Decimal) else value


def _cells(column: Column[Any]) -> Cells:
    return _CELLS[column.table.name, column.name]


Row = dict[str, Any]


async def put_back(tx: Tx, erasure: int, *, changed: Callable[[str, Row], Row]) -> int:
    """Write what was set aside into its tables again, each row as `changed` (table, row) gives it; returns how many.

    Raises IntegrityError, which ends the transaction, if something else stands in its place by now.
    """
    found: dict[str, list[Row]] = {}
    kept = select(set_aside).where(set_aside.c.erasure_id == erasure).order_by(set_aside.c.id)
    for sealed in await tx.run(kept):
        told = from_json(tx.vault.open(_place(sealed.id), sealed.content))
        found.setdefault(told["table"], []).append(told["row"])
    for table in TABLES:
        rows = [changed(table.name, _row(tx, table, told)) for told in found.get(table.name, ())]
        await tx.run(table.insert(), rows)
    await tx.run(delete(set_aside).where(set_aside.c.erasure_id == erasure))
    return sum(map(len, found.values()))


async def read(tx: Tx, erasure: int) -> dict[str, list[Row]]:
    """What was set aside under that erasure, by table: what was sealed as text, or its bytes in base64."""
    found: dict[str, list[Row]] = {}
    kept = select(set_aside).where(set_aside.c.erasure_id == erasure).order_by(set_aside.c.id)
    for sealed in await tx.run(kept):
        told = from_json(tx.vault.open(_place(sealed.id), sealed.content))
        row = {name: _plain(value) for name, value in told["row"].items()}
        found.setdefault(told["table"], []).append(row)
    return found


def _plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return None if "plain" not in value else as_text(b64decode(value["plain"]))


def as_text(plain: bytes) -> str:
    """The text that these bytes are, or else they themselves in base64."""
    try:
        return plain.decode()
    except UnicodeDecodeError:
        return b64encode(plain).decode()


def _row(tx: Tx, table: Table, told: Row) -> Row:
    """The row that was packed; of a table that has changed since, what it still has."""
    key = [told[column.name] for column in table.primary_key.columns]
    columns: Iterable[Column[Any]] = (column for column in table.columns if column.name in told)
    return {column.name: _unpacked(tx, column, told[column.name], key=key) for column in columns}


def _unpacked(tx: Tx, column: Column[Any], value: Any, *, key: Sequence[Any]) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Sealed):
        if "sealed" in value:
            return b64decode(value["sealed"])
        return tx.vault.seal(_cells(column).place(*key), b64decode(value["plain"]))
    read = next((read for type_, read in _READ if isinstance(column.type, type_)), None)
    return value if read is None else read(value)
