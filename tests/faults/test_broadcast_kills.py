"""Killed at any step of a broadcast, the bot goes on: nobody gets it twice, nobody is forgotten, and of whom it cannot
be known whether it arrived, the report says so.

Every write, every commit and every call from the beginning of a broadcast to its end is a place to die at, with every
answer heard, and with the answer to one message lost on its way.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.demo.simulator import Simulator
from storage import broadcasts
from storage.broadcasts import Definition, Rules
from storage.notices import Content
from tests.support.crashes import Death
from tests.support.fieldwork import TOKEN, Fieldwork, Line, fieldwork, without_threads
from tests.support.office import Office
from tests.support.world import Store, migrated_file, store

__all__ = ["migrated_file", "store"]

CHATS = (501, 502, 503)
MINUTES = timedelta(minutes=3)


@dataclass
class Theatre:
    """One store at the moment at which the broadcast is to begin, to be played again and again."""

    store: Store
    kept: Path
    at: datetime
    lost: int = 0
    """The chat from which no answer comes back."""

    def put_back(self) -> Simulator:
        """The store as it then was, and phones that have heard nothing."""
        file = self.store.home / "hilo.sqlite3"
        for beside in ("-wal", "-shm"):
            file.with_name(file.name + beside).unlink(missing_ok=True)
        shutil.copy(self.kept, file)
        shutil.rmtree(self.store.home / "journal")
        shutil.copytree(self.kept.with_name("journal"), self.store.home / "journal")
        self.store.clock.at = self.at
        simulator = Simulator(token=TOKEN, now=self.store.clock)
        for chat in CHATS:
            simulator.phone(user_id=chat, first_name="R").chat.opened = True
        return simulator

    async def process(self, simulator: Simulator, death: Death) -> bool:
        """The bot from its start until the broadcast is over, or death comes; returns whether it came."""
        async with fieldwork(self.store, simulator=simulator) as here:
            if self.lost:
                lose(here.line, self.lost)
            death.on_line(here.line)
            with death.over(self.store.database):
                died = await death.during(lambda: here.pass_to(self.at + MINUTES))
            told = {one.partition(":")[0] for one in here.failures.told}
            assert died or told <= ({"parcel_unknown"} if self.lost else set())
        await self.store.database.close()
        return died

    def stands(self) -> tuple[str, dict[int, str]]:
        """The broadcast's state, and each recipient's by her chat."""
        with closing(sqlite3.connect(self.store.home / "hilo.sqlite3")) as rows:
            ((state,),) = rows.execute("select state from broadcasts").fetchall()
            each = rows.execute("select participant_id, state from recipients order by participant_id").fetchall()
        return state, dict(each)


def lose(line: Line, chat: int) -> None:
    """Whatever is sent there arrives, and the answer is lost."""
    call = line.call

    async def deaf(method: str, /, **params: Any) -> Any:
        line.loses_answer = method.startswith("send") and int(params["chat_id"]) == chat
        return await call(method, **params)

    line.call = deaf  # type: ignore[method-assign]


async def prepare(here: Fieldwork) -> list[int]:
    """Three women, and a broadcast that is handed in."""
    ids = await Office(here).register(None, count=len(CHATS))
    for woman, chat in zip(ids, CHATS, strict=True):
        await here.link(woman, chat)
    async with here.store.database.transact() as tx:
        id_ = await broadcasts.draft(tx, Definition(Content("Hola, {nombre}")), by=None)
        await broadcasts.submit(tx, id_, None, rules=Rules(undo=timedelta()))
    return ids


def heard(simulator: Simulator) -> Counter[int]:
    """How many messages of the bot each phone has heard."""
    chats = simulator.bot.chats.by_user.values()
    return Counter(chat.user_id for chat in chats for message in chat.history.values() if message.sender == "bot")


async def _play(store: Store, folder: Path, *, lost: int) -> Counter[str]:
    async with fieldwork(store) as here:
        ids = await prepare(here)
    await store.database.close()
    chat_of = dict(zip(ids, CHATS, strict=True))
    theatre = Theatre(store, folder / "before.sqlite3", store.clock.at, lost)
    shutil.copy(store.home / "hilo.sqlite3", theatre.kept)
    shutil.copytree(store.home / "journal", theatre.kept.with_name("journal"))
    counted = Death()
    simulator = theatre.put_back()
    assert not await theatre.process(simulator, counted)
    assert theatre.stands() == ("done", {woman: "unknown" if chat_of[woman] == lost else "sent" for woman in ids})
    assert heard(simulator) == dict.fromkeys(CHATS, 1)
    ends: Counter[str] = Counter()
    for step in range(1, counted.steps + 1):
        simulator = theatre.put_back()
        assert await theatre.process(simulator, Death(step))
        assert not await theatre.process(simulator, Death())
        state, each = theatre.stands()
        got = heard(simulator)
        assert state == "done", f"killed at step {step}"
        assert all(times == 1 for times in got.values()), f"twice after step {step}"
        for woman, became in each.items():
            assert became == "unknown" or (became, got[chat_of[woman]]) == ("sent", 1), f"forgotten at step {step}"
        ends.update(each.values())
        ends["arrived though unknown"] += sum(got[chat_of[w]] for w, became in each.items() if became == "unknown")
    return ends


@pytest.mark.parametrize("lost", [0, CHATS[1]], ids=["heard", "one_answer_lost"])
def test_death_at_any_step_sends_nothing_twice_and_forgets_nobody(store: Store, tmp_path: Path, lost: int) -> None:
    with without_threads():
        ends = asyncio.run(_play(store, tmp_path, lost=lost))
    assert ends["unknown"] > ends["arrived though unknown"] > 0
    assert ends["sent"] > (ends["unknown"] if lost == 0 else 0)
