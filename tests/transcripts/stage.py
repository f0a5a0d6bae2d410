"""Where transcripts are played, each once a run: the transcript tests compare what was said, the completeness test
looks at what happened.

* Every transcript has a store of its own, in a world that stands still; only what costs time and tells nothing is
  shared: SQL that is compiled already, instruments that are read already, first contact that has been gone through.
* What the worker processes of one run have played they share through files, so that none plays it again.
"""

from __future__ import annotations

import json
import shutil
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from bot.app import OUTGOING
from bot.desk import Desk
from bot.library import Library
from bot.participant.notice import Notice
from bot.recordings import recorded_in
from bot.rendering import Renderer
from conversations.instrument import Instrument
from locales.catalog import load_catalog
from scheduler.applied import Plans
from scheduler.plan import SHIPPED_PLAN, read_plan
from storage.database import Database, World
from storage.vault import create_key_file, open_vault
from tests.support.chat import Bot, Seen
from tests.support.fieldwork import without_threads
from tests.support.instruments import shipped
from tests.support.world import CountedIds, HeldClock, Store, sqlite_url
from tests.transcripts.play import FIRST_CHAT, JOINED, Play
from tests.transcripts.record import Record, WatchedDesk, recording

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.txt"))


@dataclass(frozen=True)
class Performance:
    """What a transcript reads like when it is played, and what happened in it."""

    lines: list[str]
    record: Record


def _script(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@cache
def _shipped() -> tuple[Instrument, ...]:
    return tuple(shipped())


@cache
def _plans() -> Plans:
    return Plans.of(read_plan(SHIPPED_PLAN))


@dataclass(frozen=True)
class _Joined:
    """A woman's chat after first contact, and the world at that moment."""

    file: Path
    ids: CountedIds
    numbers: Any
    messages: dict[int, Seen]
    offered: list[tuple[str, str]]


@dataclass
class Stage:
    """Plays transcripts; `migrated` is an empty store to copy, `folder` ours alone, `shared` is the run's."""

    migrated: Path
    folder: Path
    shared: Path
    _engines: list[Any] = field(default_factory=list)
    _joined: _Joined | None = None

    async def perform(self, path: Path) -> Performance:
        """Play this transcript, unless some process of this run has done so."""
        kept = self.shared / f"{path.stem}.json"
        if kept.exists():
            told = json.loads(kept.read_text(encoding="utf-8"))
            return Performance(told["lines"], Record.of(told["record"]))
        performance = await self._played(_script(path))
        draft = self.folder / kept.name
        draft.write_text(json.dumps({"lines": performance.lines, "record": performance.record.plain()}))
        draft.replace(kept)
        return performance

    async def _played(self, script: list[str]) -> Performance:
        with without_threads(), recording() as record:
            joined = None
            if script[1].endswith(JOINED):
                joined = self._joined = self._joined or await self._first_contact(record)
            store = self._store(self.migrated if joined is None else joined.file)
            try:
                return Performance(await self._play(script, store, joined=joined, record=record), record)
            finally:
                await store.database.close()

    async def _play(self, script: list[str], store: Store, *, joined: _Joined | None, record: Record) -> list[str]:
        play = Play(partial(self._bot, store, record), FOLDER, record, begun=joined is not None)
        if joined is not None:
            vars(store.ids).update(deepcopy(vars(joined.ids)))
            play.bot.numbers = deepcopy(joined.numbers)
            chat = play.bot.chat(FIRST_CHAT)
            chat.messages, chat.offered = deepcopy(joined.messages), list(joined.offered)
        return await play.lines(script)

    async def _first_contact(self, record: Record) -> _Joined:
        store = self._store(self.migrated)
        bot = self._bot(store, record)
        chat = await bot.enrolled(FIRST_CHAT)
        await store.database.close()
        file = Path(shutil.copy(store.home / "hilo.sqlite3", self.folder / "joined.sqlite3"))
        return _Joined(file, store.ids, bot.numbers, chat.messages, chat.offered)

    def _bot(self, store: Store, record: Record) -> Bot:
        shelf = Library(_shipped())
        desk = WatchedDesk(Desk(shelf, plans=_plans(), notice=Notice("1", "h")), record)
        bot = Bot(store, shelf=shelf, desk=desk)
        bot.render = Renderer(
            load_catalog(), shelf, recorded=recorded_in(FOLDER / "recorded"), outgoing=store.home / OUTGOING
        )
        return bot

    def _store(self, template: Path) -> Store:
        """A fresh store in the place of the one before."""
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700)
        shutil.copy(template, home / "hilo.sqlite3")
        clock, ids, url = HeldClock(), CountedIds(), sqlite_url(home / "hilo.sqlite3")
        create_key_file(home / "key", ids.chance)
        world = World(now=clock, ids=ids, vault=open_vault(home / "key", ids.chance))
        database = Database(url, world)
        self._engines = self._engines or [database._writer, database._readers]
        database._writer, database._readers = self._engines
        return Store(database, world, clock, ids, world.vault, home, url)
