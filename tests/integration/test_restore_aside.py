"""The store that a restore replaces stands aside until a person confirms, however many restores it takes."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.restoring import PutBack
from storage.schema import participants
from tests.support.chat import Bot
from tests.support.keeping import backed_up, put_back
from tests.support.operator import Operator
from tests.support.world import Store


async def test_the_store_that_was_there_stands_aside_until_it_is_confirmed(store: Store, tmp_path: Path) -> None:
    await Bot(store).register()
    await backed_up(store, tmp_path / "backup")
    await Bot(store).register("R-2")
    done: PutBack = await put_back(store, tmp_path / "backup")
    assert [file.name for file in done.aside] == ["hilo.sqlite3.replaced"]
    aside = store.home / "hilo.sqlite3.replaced"
    with closing(sqlite3.connect(aside)) as rows:
        assert rows.execute("SELECT count(*) FROM participants").fetchone() == (2,)
    async with store.database.read() as tx:
        assert len((await tx.run(select(participants.c.id))).all()) == 1
    operator = Operator(store.home, {})
    assert "run hilo restore --confirm" in (await asyncio.to_thread(operator.types, "doctor")).output
    said = await asyncio.to_thread(operator.done, "restore", "--confirm")
    assert "The store that was replaced is deleted." in said
    assert not aside.exists()
    assert "nothing is held" in await asyncio.to_thread(operator.refused, "restore", "--confirm")


@pytest.mark.holds("S-48")
async def test_whoever_takes_the_wrong_backup_first_still_has_the_store(store: Store, tmp_path: Path) -> None:
    await backed_up(store, tmp_path / "empty")
    await Bot(store).register()
    await backed_up(store, tmp_path / "one")
    await Bot(store).register("R-2")
    await put_back(store, tmp_path / "empty")
    operator = Operator(store.home, {})
    said = await asyncio.to_thread(operator.done, "restore", tmp_path / "one", "--force")
    assert "kept beside it until you confirm: hilo.sqlite3.replaced." in said
    assert "another restore had put in its place: hilo.sqlite3.replaced.2." in said
    names = ("hilo.sqlite3.replaced", "hilo.sqlite3.replaced.2", "hilo.sqlite3")
    for name, women in zip(names, (2, 0, 1), strict=True):
        with closing(sqlite3.connect(store.home / name)) as rows:
            assert rows.execute("SELECT count(*) FROM participants").fetchone() == (women,), name
    assert "Deleted: 2 replaced stores." in await asyncio.to_thread(operator.done, "restore", "--confirm")
    assert list(store.home.glob("*.replaced*")) == []
