"""Putting a backup back, or only proving that it can be.

* A backup is opened in a private place and proved there, to the last cell, before anything else happens.
* What gets into place has been brought up to date and has had the journal played over it already, and sends nothing to
  women: there is no moment in which an earlier store could be taken for the present one.
* The store that was there stands aside until a person says that sending may begin, however often one is put back.
"""

from __future__ import annotations

import glob
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count, takewhile
from pathlib import Path

from storage import audit, backups, replaying, safekeeping, upgrade
from storage.backups import Manifest
from storage.cells import SEALED, Cells
from storage.database import Database, World
from storage.journal import Journal, sync_folder
from storage.replaying import Replayed
from storage.vault import Unsealable, Vault, write_whole

ASIDE = ".replaced"
"""What the name of a store ends in that was replaced; of one that was replaced later a number follows."""

BESIDE = ("", "-wal", "-shm")
"""What the names of SQLite's files end in: the store, and what it keeps beside it while it is open."""

_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Proved:
    """A backup that was opened: what it holds, what is wrong with it, and how many cells its keys have opened."""

    manifest: Manifest
    faults: tuple[str, ...]
    cells: int

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return sum(one.number for one in self.manifest.tables.values())


async def prove(file: Path, world: World, *, within: Path) -> Proved:
    """Open a backup in a private place in this folder, and leave nothing of it. Raises BackupInvalid."""
    with backups.room(within) as folder:
        return await _prove(file, world, into=folder / "store.sqlite3")


async def _prove(file: Path, world: World, *, into: Path) -> Proved:
    manifest = backups.unpack(file, world.vault, into=into)
    vault = _vault_for(manifest, world.vault)
    faults = [*_structure(into), *_content(into, manifest), *await _trail(into, manifest, world=world, vault=vault)]
    opened, shut = _open_cells(into, vault)
    if shut:
        faults.append(f"{shut} cells cannot be opened by the keys")
    return Proved(manifest, tuple(faults), opened)


def _vault_for(manifest: Manifest, vault: Vault) -> Vault:
    """One that knows the keys of the backup's cells as well. It draws nothing."""
    return Vault(backups.keys_with(vault.keys, manifest), chance=bytes)


def _structure(store: Path) -> list[str]:
    with backups.read_only(store) as rows:
        said = [row[0] for row in rows.execute("PRAGMA integrity_check")]
        tables = sorted({row[0] for row in rows.execute("PRAGMA foreign_key_check")})
    damaged = [] if said == ["ok"] else [f"the database file is damaged ({len(said)} places)"]
    return [*damaged, *(f"table {table} has rows that refer to nothing" for table in tables)]


def _content(store: Path, manifest: Manifest) -> Iterator[str]:
    with backups.read_only(store) as rows:
        found = backups.digests(rows)
    for name in sorted(found.keys() | manifest.tables.keys()):
        is_there, should = found.get(name), manifest.tables.get(name)
        if is_there is None or should is None:
            yield f"table {name} is {'missing' if is_there is None else 'not in the list'}"
        elif is_there.number != should.number:
            yield f"table {name} has {is_there.number} rows instead of {should.number}"
        elif is_there.digest != should.digest:
            yield f"table {name} does not hold what it held"


async def _trail(store: Path, manifest: Manifest, *, world: World, vault: Vault) -> list[str]:
    if manifest.schema not in upgrade.known_revisions():
        return ["it was made by a newer Hilo than this one: the audit trail cannot be proved"]
    database = Database(_url(store), replace(world, vault=vault))
    try:
        async with database.read() as tx:
            broken_at = await audit.verify(tx, audit.Head(manifest.audit_number, manifest.audit_mac))
    finally:
        await database.close()
    return [] if broken_at is None else [f"the audit trail does not hold from entry {broken_at} on"]


def _open_cells(store: Path, vault: Vault) -> tuple[int, int]:
    """How many sealed cells open, and how many do not."""
    opened = shut = 0
    with backups.read_only(store) as rows:
        there = {name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for cells in SEALED:
            for key, sealed in _cells(rows, cells) if cells.table.name in there else ():
                try:
                    vault.open(cells.place(*key), sealed)
                    opened += 1
                except Unsealable:
                    shut += 1
    return opened, shut


def _cells(rows: sqlite3.Connection, cells: Cells) -> Iterator[tuple[tuple[object, ...], bytes]]:
    known = {row[1] for row in rows.execute(f'PRAGMA table_info("{cells.table.name}")')}
    if cells.column.name not in known:
        return
    keys = ", ".join(f'"{key.name}"' for key in cells.keys)
    name = f'"{cells.column.name}"'
    found = rows.execute(f'SELECT {keys}, {name} FROM "{cells.table.name}" WHERE {name} IS NOT NULL')
    while some := found.fetchmany(_AT_A_TIME):
        yield from ((tuple(row[:-1]), row[-1]) for row in some)


def _url(store: Path) -> str:
    return f"sqlite+aiosqlite:///{store}"


# --- putting it back


class RestoreRefused(Exception):
    """The backup is not put back; the message says why."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """What was done: the backup, what the journal has changed in it, and what nobody knows.

    `gap`: the journal does not say all that has happened since the backup was made; `damaged` is how many of its lines
    cannot be read; `aside` are the stores that stand aside, the one that was replaced first before all others.
    """

    manifest: Manifest
    replayed: Replayed
    gap: bool
    damaged: int
    aside: tuple[Path, ...] = ()


async def put_back(file: Path, store: Path, *, world: World, journal: Journal) -> PutBack:
    """Put a backup in the place of the store, while nobody else is at it. Raises BackupInvalid, RestoreRefused."""
    with backups.room(store.parent) as folder:
        fresh = folder / "store.sqlite3"
        proved = await _prove(file, world, into=fresh)
        if proved.faults:
            raise RestoreRefused("the backup is not sound: " + "; ".join(proved.faults))
        _learn_keys(proved.manifest, world.vault)
        done = await _bring_up_to_date(fresh, proved.manifest, world=world, journal=journal)
        _swap(fresh, store)
    database = Database(_url(store), world)
    try:
        async with database.transact() as tx:
            await journal.restart(tx)
            head = await audit.head(tx)
        if world.vault.key_file is not None:
            audit.put_head(world.vault.key_file, head)
    finally:
        await database.close()
    return replace(done, aside=tuple(_replaced(store)))


def _learn_keys(manifest: Manifest, vault: Vault) -> None:
    """Have the key file know what the backup's cells are sealed with, if that was changed since."""
    keys = backups.keys_with(vault.keys, manifest)
    if vault.key_file is not None and keys.marks() != vault.keys.marks():
        write_whole(vault.key_file, keys.as_text())
        vault.refresh()


async def _bring_up_to_date(store: Path, manifest: Manifest, *, world: World, journal: Journal) -> PutBack:
    await upgrade.upgrade(_url(store))
    database = Database(_url(store), world)
    try:
        async with database.transact() as tx:
            found = journal.read()
            gap = not journal.reaches(manifest.journal)
            replayed = await replaying.put_right(tx, found)
            await safekeeping.came_from(tx, manifest)
            await audit.append(tx, [audit.Act(audit.acting(None), "store_restored", None, manifest.id)])
    finally:
        await database.close()
    with closing(sqlite3.connect(store)) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return PutBack(manifest, replayed, gap, found.damaged)


def _swap(fresh: Path, store: Path) -> None:
    """Put it in place; what was there stands aside, whole, beside what earlier restores have put aside."""
    aside = next(name for name in _names_aside(store) if not name.exists())
    for suffix in reversed(BESIDE):  # the log first: without it the old store is whole, with it the new one is not
        old = store.with_name(store.name + suffix)
        if old.exists():
            old.replace(aside.with_name(aside.name + suffix))
    fresh.replace(store)
    sync_folder(store.parent)


def _names_aside(store: Path) -> Iterator[Path]:
    first = store.with_name(store.name + ASIDE)
    yield first
    yield from (first.with_name(f"{first.name}.{number}") for number in count(2))


def _replaced(store: Path) -> Iterator[Path]:
    """The stores that stand aside, in the order in which they were replaced."""
    return takewhile(Path.exists, _names_aside(store))


def forget_replaced(store: Path) -> int:
    """Delete the stores that were replaced; returns how many there were."""
    number = len(list(_replaced(store)))
    for file in store.parent.glob(f"{glob.escape(store.name + ASIDE)}*"):
        file.unlink()
    return number
