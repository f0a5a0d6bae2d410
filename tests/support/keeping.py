"""Backups and the journal of a store in tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot import nightly
from storage import restoring
from storage.backups import Manifest
from storage.journal import Journal
from storage.restoring import PutBack
from tests.support.world import Store


def journal_of(store: Store, folder: str = "journal") -> Journal:
    """The journal of this store, as a process that begins finds it."""
    return Journal(store.home / folder, store.vault, ids=store.ids)


async def backed_up(store: Store, target: Path) -> Manifest:
    """The store as it is now, in that file."""
    return await nightly.make(store.database, journal_of(store), store=database_of(store), target=target)


async def put_back(store: Store, backup: Path, *, journal: str = "journal") -> PutBack:
    """That backup in the place of the store, which nobody has open any more."""
    await store.database.close()
    return await restoring.put_back(backup, database_of(store), world=store.world, journal=journal_of(store, journal))


def database_of(store: Store) -> Path:
    """The file of the store."""
    return store.home / "hilo.sqlite3"


def raw(files: Sequence[Path]) -> bytes:
    """All bytes of these files, one after another."""
    found = b"".join(file.read_bytes() for file in files)
    assert found
    return found
