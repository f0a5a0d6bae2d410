"""A store to try things on: fresh, migrated, in a folder of its own, in a world whose time and chance stand still.

* `store` is the fixture; its clock moves only when a test moves it, and its ids come in the same order in every run.
* The schema is built by the real migrations, once a run; each test gets a copy of the file.
"""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from storage.database import Database, World
from storage.upgrade import upgrade
from storage.vault import Vault, create_key_file, open_vault

START = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
"""A Monday, 10:00 in Mexico City."""


class HeldClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        """Move forward, in the words of `timedelta`."""
        self.at += timedelta(**by)


class CountedIds:
    """Ids and secrets that look random and come in the same order in every run."""

    def __init__(self, seed: str = "hilo") -> None:
        self._seed = seed
        self._drawn = count(1)
        self._ordered = count(1)

    def chance(self, length: int) -> bytes:
        """So many bytes."""
        return hashlib.shake_256(f"{self._seed}:{next(self._drawn)}".encode()).digest(length)

    def random(self) -> int:
        return int.from_bytes(self.chance(8)) >> 1 or 1

    def ordered(self) -> int:
        return next(self._ordered)

    def token(self, bits: int) -> str:
        return self.chance(-(-bits // 8)).hex()

    def pick(self, options: int) -> int:
        return int.from_bytes(self.chance(8)) % options


@dataclass(frozen=True)
class Store:
    """An open database with its world, and the folder (a whole HILO_HOME) where its files are."""

    database: Database
    world: World
    clock: HeldClock
    ids: CountedIds
    vault: Vault
    home: Path
    url: str


def sqlite_url(path: Path) -> str:
    """How a database file is named in settings."""
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, as `hilo init` leaves it; to be copied, not changed."""
    path = tmp_path_factory.mktemp("template") / "hilo.sqlite3"
    asyncio.run(upgrade(sqlite_url(path)))
    return path


def store_in(home: Path, template: Path) -> Store:
    """A fresh store in that new folder, from a copy of the template, in a world that stands still; to be closed."""
    home.mkdir(mode=0o700)
    shutil.copy(template, home / "hilo.sqlite3")
    ids = CountedIds()
    create_key_file(home / "key", ids.chance)
    return store_of(home, ids)


def store_of(home: Path, ids: CountedIds) -> Store:
    """The store that is in this folder, in a world that stands still; to be closed."""
    clock, url = HeldClock(), sqlite_url(home / "hilo.sqlite3")
    world = World(now=clock, ids=ids, vault=open_vault(home / "key", ids.chance))
    return Store(Database(url, world), world, clock, ids, world.vault, home, url)


@pytest.fixture
async def store(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Store]:
    """A fresh store in a world that stands still."""
    fresh = store_in(tmp_path / "home", migrated_file)
    yield fresh
    await fresh.database.close()
