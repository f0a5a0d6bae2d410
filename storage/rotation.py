"""Changing the keys beside the running bot: new keys, then everything under them, then no others.

* New keys reach the key file while the store's write lock is held. Each transaction looks at that file once it has the
  lock, so that whatever is written afterwards, by whichever process, is under the new keys: what is under the old ones
  only ever becomes less.
* Each step takes a few rows and little time, changes only what is still as it was read, and can be taken twice: after
  a kill at any moment the next run goes on.
* Old keys go once nothing in the store needs them and a copy is kept apart by which older backups still open. Those of
  the audit trail stay: by them its earlier entries are proved, and what is outside the store opens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from storage import audit, installation, renaming
from storage.cells import SEALED, Cells
from storage.database import Database, Tx
from storage.people import record_id_digests
from storage.schema import approvals
from storage.schema import vault as names
from storage.vault import Keys, Place, Unsealable, Vault, write_whole

AT_ONCE = 200
"""Rows of one transaction: some 5 ms of work before its commit."""

BYTES_AT_ONCE = 1_000_000
"""What is sealed anew in one transaction, unless a single cell is larger: a voice note may have 20 MB."""

COPIED = "keys_copied"


@dataclass(frozen=True, slots=True)
class Done:
    """What one run has done, by what was changed, and what still stands under earlier keys, by where and why."""

    changed: Mapping[str, int]
    left: Mapping[str, int]
    unreadable: int


async def begin(database: Database) -> bool:
    """Add new keys to the key file, unless keys are being changed already; returns whether it did."""
    async with database.transact() as tx:
        if tx.vault.keys.changing:
            return False
        await audit.append(tx, [audit.Act("command", "keys_added")])
        _replace_keys(tx, tx.vault.fresh_keys())
        return True


def _replace_keys(tx: Tx, keys: Keys) -> None:
    """From here on, for everybody. A crash before the commit leaves keys that serve as well."""
    assert tx.vault.key_file is not None
    write_whole(tx.vault.key_file, keys.as_text())
    tx.vault.refresh()


async def renew(database: Database, *, nobody_runs: Callable[[], bool]) -> Done:
    """Bring everything under the keys in use; `nobody_runs` tells whether no bot is at work, asked while nobody else
    can write."""
    changed: Counter[str] = Counter()
    unreadable = 0
    for cells in SEALED:
        renewed, unread = await _renew_cells(database, cells)
        changed["cells"] += renewed
        unreadable += unread
    changed["digests"] = await _renew_record_ids(database) + await _spend_approvals(database)
    async with database.transact() as tx:
        await installation.renew_key_mark(tx)
    changed["chats"] = await renaming.rename(database, nobody_runs=nobody_runs)
    return Done(changed, await left(database), unreadable)


async def left(database: Database) -> Mapping[str, int]:
    """What still stands under earlier keys and can be read by them, by where; nothing where these may go."""
    found: Counter[str] = Counter()
    async with database.read() as tx:
        for cells in SEALED:
            found[cells.name] = await _older_cells(tx, cells)
        for digest in (names.c.record_id_digest, approvals.c.code_digest):
            older = select(func.count()).where(renaming.under_earlier(tx.vault, digest))
            found[f"{digest.table.name}.{digest.name}"] = (await tx.run(older)).scalar_one()
        found["lane"] = await renaming.count_older(tx)
    return {name: number for name, number in found.items() if number}


async def finish(database: Database) -> None:
    """Take the earlier keys out of the key file. Call it when nothing is `left` and the keys are `copied`."""
    async with database.transact() as tx:
        await audit.append(tx, [audit.Act("command", "keys_removed")])
        _replace_keys(tx, tx.vault.keys.without_earlier())
    await shrink(database)


async def shrink(database: Database) -> None:
    """Empty SQLite's journal, in which pages as they were before still stand, as far as readers allow."""
    if database.dialect.name == "sqlite":
        await database.glance("PRAGMA wal_checkpoint(TRUNCATE)", ())


# --- cells


async def _renew_cells(database: Database, cells: Cells) -> tuple[int, int]:
    """Seal what stands in this column under the key in use; returns how many cells, and how many nobody can read."""
    renewed = unreadable = 0
    after: Sequence[Any] | None = None
    while True:
        async with database.read() as tx:
            rows = (await tx.run(_older_rows(tx, cells, after))).all()
            rows = rows[: _as_many_as_fit([row[-1] for row in rows])]
            sealed = (await tx.run(_contents(cells, rows))).all() if rows else []
        if not rows:
            return renewed, unreadable
        after = rows[-1][:-1]
        fresh = [one for row in sealed if (one := _renewed(database, cells, row=row)) is not None]
        unreadable += len(sealed) - len(fresh)
        renewed += await _write(database, cells, fresh=fresh)


def _older_rows(tx: Tx, cells: Cells, after: Sequence[Any] | None) -> Select[Any]:
    """The next rows whose cell stands under an earlier key, with its length."""
    rows = (
        select(*cells.keys, func.length(cells.column))
        .where(_is_older(tx.vault, cells))
        .order_by(*cells.keys)
        .limit(AT_ONCE)
    )
    return rows if after is None else rows.where(tuple_(*cells.keys) > tuple(after))


def _contents(cells: Cells, rows: Sequence[Any]) -> Select[Any]:
    wanted = tuple_(*cells.keys).in_([tuple(row[:-1]) for row in rows])
    return select(*cells.keys, cells.column).where(wanted)


def _as_many_as_fit(lengths: Sequence[int]) -> int:
    together = 0
    for number, length in enumerate(lengths):
        together += length
        if together > BYTES_AT_ONCE:
            return max(1, number)
    return len(lengths)


def _renewed(database: Database, cells: Cells, *, row: Any) -> tuple[Any, bytes, bytes] | None:
    *key, sealed = row
    try:
        return key, sealed, database.vault.renewed(cells.place(*key), sealed)
    except Unsealable:
        return None


async def _write(database: Database, cells: Cells, *, fresh: Sequence[tuple[Any, bytes, bytes]]) -> int:
    """Only where the cell is still what was read: what others have written since is under the new key already."""
    same = [column == bindparam(f"key_{number}") for number, column in enumerate(cells.keys)]
    statement = update(cells.table).where(and_(*same), cells.column == bindparam("before"))
    rows = [
        {**{f"key_{number}": part for number, part in enumerate(key)}, "before": before, "after": after}
        for key, before, after in fresh
        if before != after
    ]
    if rows:
        async with database.transact_in_turn() as tx:
            await tx.run(statement.values({cells.column: bindparam("after")}), rows)
    return len(rows)


async def _older_cells(tx: Tx, cells: Cells) -> int:
    """How many cells here can be read by an earlier key and by no other."""
    rows = await tx.run(select(*cells.keys, cells.column).where(_is_older(tx.vault, cells)))
    return sum(_opens(tx.vault, cells.place(*key), sealed=sealed) for *key, sealed in rows)


def _is_older(vault: Vault, cells: Cells) -> ColumnElement[bool]:
    """Whether a cell stands under an earlier key that is still live."""
    earlier = [f"{key_id}.".encode() for key_id in list(vault.keys.sealing)[:-1]]
    return or_(false(), *(func.substr(cells.column, 1, len(prefix)) == prefix for prefix in earlier))


def _opens(vault: Vault, place: Place, *, sealed: bytes) -> bool:
    try:
        vault.open(place, sealed)
    except Unsealable:
        return False
    return True


# --- digests


async def _renew_record_ids(database: Database) -> int:
    """Find every woman's record_id under the key in use; returns how many digests changed."""
    changed, after = 0, 0
    while True:
        async with database.read() as tx:
            rows = (await tx.run(_older_record_ids(tx, after))).all()
            fresh = [one for row in rows if (one := _renewed_digest(tx.vault, row)) is not None]
        if not rows:
            return changed
        after = rows[-1].participant_id
        same = (names.c.participant_id == bindparam("woman")) & (names.c.record_id_digest == bindparam("before"))
        async with database.transact_in_turn() as tx:
            await tx.run(update(names).where(same).values(record_id_digest=bindparam("digest")), fresh)
        changed += len(fresh)


def _older_record_ids(tx: Tx, after: int) -> Select[Any]:
    columns = (names.c.participant_id, names.c.record_id, names.c.record_id_digest)
    older = (names.c.participant_id > after) & renaming.under_earlier(tx.vault, names.c.record_id_digest)
    return select(*columns).where(older).order_by(names.c.participant_id).limit(AT_ONCE)


def _renewed_digest(vault: Vault, row: Any) -> dict[str, Any] | None:
    try:
        record_id = vault.open(Place("vault", "record_id", row.participant_id), row.record_id).decode()
    except Unsealable:
        return None
    digest = record_id_digests(vault, record_id)[0]
    return {"woman": row.participant_id, "before": row.record_id_digest, "digest": digest}


async def _spend_approvals(database: Database) -> int:
    """Of a code that has served or is too old nothing is looked up any more; an open one keeps its key for a day."""
    async with database.transact_in_turn() as tx:
        over = approvals.c.used_at.is_not(None) | (approvals.c.expires_at <= tx.now)
        older = over & renaming.under_earlier(tx.vault, approvals.c.code_digest)
        nothing = literal("spent:") + cast(approvals.c.id, Text)
        return int((await tx.run(update(approvals).where(older).values(code_digest=nothing))).rowcount)


# --- the copy


_MARKS: TypeAdapter[frozenset[str]] = TypeAdapter(frozenset[str])


async def note_copy(tx: Tx, keys_copied: Keys) -> None:
    """Remember that a copy of these keys is kept apart; of the keys themselves nothing is told."""
    await installation.remember(tx, {COPIED: _MARKS.dump_json(keys_copied.marks()).decode()})
    await audit.append(tx, [audit.Act("command", "keys_copied")])


async def is_copied(tx: Tx) -> bool:
    """Whether a copy was made that has every key of today."""
    kept = await installation.recall(tx, COPIED)
    return kept is not None and tx.vault.keys.marks() <= _MARKS.validate_json(kept)
