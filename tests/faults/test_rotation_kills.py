"""A change of keys that is killed before any of its writes and commits: the next run ends it, and nothing is lost."""

import shutil
from pathlib import Path

import pytest

from storage import audit, rotation
from storage.database import Database, World
from storage.vault import open_vault, read_keys
from tests.support.canaries import opened, planted_home, planted_store
from tests.support.crashes import Death
from tests.support.world import CountedIds, Store, migrated_file, sqlite_url

__all__ = ["migrated_file", "planted_home", "planted_store"]

PARTS = 4
"""Each takes every fourth step."""


def database_in(store: Store, home: Path) -> Database:
    """A copy of the store, as a new process opens it."""
    ids = CountedIds(home.name)
    world = World(store.clock, ids, open_vault(home / "key", ids.chance))
    return Database(sqlite_url(home / "hilo.sqlite3"), world)


async def change(database: Database) -> None:
    """What an operator types, one after another."""
    await rotation.begin(database)
    done = await rotation.renew(database, nobody_runs=lambda: True)
    assert not done.left
    key_file = database.vault.key_file
    assert key_file is not None
    async with database.transact() as tx:
        await rotation.note_copy(tx, read_keys(key_file))
    await rotation.finish(database)
    await audit.keep_head(database)


async def said(database: Database) -> set[tuple[str, bytes]]:
    async with database.read() as tx:
        return {(cells.name, plain) async for cells, plain in opened(tx)}


@pytest.mark.parametrize("part", range(PARTS))
async def test_a_killed_change_of_keys_is_ended_by_the_next(planted_store: Store, tmp_path: Path, part: int) -> None:
    store = planted_store
    store.clock.advance(hours=25)  # an approval code that was drawn is too old by now
    before, at, died = await said(store.database), 1 + part, True
    while died:
        home = tmp_path / f"killed-{at}"
        shutil.copytree(store.home, home)
        dying = database_in(store, home)
        death = Death(at)
        with death.over(dying):
            died = await death.during(lambda dying=dying: change(dying))  # type: ignore[misc]
        await dying.close()
        after = database_in(store, home)
        await change(after)
        assert await said(after) == before
        assert await audit.prove(after) is None
        keys = read_keys(home / "key")
        assert (len(keys.sealing), len(keys.lookup)) == (1, 1)
        await after.close()
        fresh = database_in(store, home)
        assert await said(fresh) == before, "the key file that is left opens all of it"
        await fresh.close()
        shutil.rmtree(home)
        at += PARTS
    assert at > 40
