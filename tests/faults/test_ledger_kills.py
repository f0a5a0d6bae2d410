"""Killed at any step of inviting, reminding, calling for and closing, the bot goes on as if nothing had happened.

Every statement, every commit and every call of every moment in the life of one check-in is a place to die at; what the
store holds after the restart must be what it holds where nobody died. Telegram may have heard one message twice: the
one that was on its way.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.demo.faults import Fault
from bot.demo.simulator import Simulator
from storage.cases import CALL
from tests.support.crashes import Death
from tests.support.fieldwork import TOKEN, Fieldwork, fieldwork, without_threads
from tests.support.office import Office
from tests.support.process import BotProcess, Installation, enrolled_home, her_phone, installation, telegram
from tests.support.woman import PATIENCE
from tests.support.world import Store, migrated_file, store

__all__ = ["enrolled_home", "installation", "migrated_file", "store"]

CHATS = (501, 502)
FIRST = "s1"
"""The check-in whose life is played, from its invitation to its fate."""

_SKETCH = (
    "select point, participant_id, state, owner, next_at, invited_at, reminded_at, reminders_sent, called_for_at, fate,"
    " fate_reason, closed_at from checkins order by participant_id, point",
    "select origin, urgency, state, message_id is not null from outbox order by origin",
    "select kind, state, participant_id, checkin_id from cases order by kind, participant_id",
    "select dialogue, checkin_id, sprint, closed_at from sessions order by checkin_id, closed_at",
)
Sketch = list[list[tuple[Any, ...]]]


def sketch(database: Path) -> Sketch:
    """What matters of the store, read past all of our own code."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        return [rows.execute(statement).fetchall() for statement in _SKETCH]


@dataclass
class Scene:
    """A store at a moment at which something is due, to be played again and again."""

    at: datetime
    kept: Path
    after: Sketch = field(default_factory=list)
    steps: int = 0
    sent: Counter[int] = field(default_factory=Counter)


@dataclass
class Theatre:
    """Plays one scene: alive, or until it is killed and then begun anew."""

    store: Store
    simulator: Simulator

    @property
    def file(self) -> Path:
        return self.store.home / "hilo.sqlite3"

    @asynccontextmanager
    async def process(self, death: Death) -> AsyncIterator[Fieldwork]:
        """The bot, from its start to its end; only SQL that was compiled once is not compiled again."""
        async with fieldwork(self.store, simulator=self.simulator) as here:
            death.on_line(here.machine.courier._api)
            with death.over(self.store.database):
                yield here
        await self.store.database.close()

    def put_back(self, scene: Scene) -> None:
        for beside in ("-wal", "-shm"):
            self.file.with_name(self.file.name + beside).unlink(missing_ok=True)
        shutil.copy(scene.kept, self.file)
        self.store.clock.at = scene.at

    async def alive(self, scene: Scene) -> None:
        """Play it undisturbed: what must come of it, and in how many steps."""
        self.put_back(scene)
        before = self.heard()
        death = Death()
        async with self.process(death) as here:
            await here.tick()
            assert not here.failures.told
        scene.after, scene.steps, scene.sent = sketch(self.file), death.steps, self.heard() - before

    async def killed(self, scene: Scene, at: int) -> None:
        """Play it, die before that step, and go on in a new process."""
        self.put_back(scene)
        before = self.heard()
        death = Death(at)
        async with self.process(death) as here:
            assert await death.during(here.tick)
        async with self.process(Death()) as here:
            await here.tick()
            assert not here.failures.told
        assert sketch(self.file) == scene.after, f"killed at step {at} of {scene.steps}, {scene.at}"
        twice = self.heard() - before - scene.sent
        assert all(times == 1 for times in twice.values()), f"said again after step {at} of {scene.at}"

    def heard(self) -> Counter[int]:
        """How many messages of the bot have reached each phone."""
        chats = self.simulator.bot.chats.by_user.values()
        return Counter(chat.user_id for chat in chats for message in chat.history.values() if message.sender == "bot")


async def scenes(theatre: Theatre, folder: Path) -> list[Scene]:
    """The moments in the life of the first check-in of both women, each with the store as it then stood."""
    store = theatre.store
    found: list[Scene] = []
    async with theatre.process(Death()) as here:
        women = await Office(here).register(store.clock.at.date(), count=len(CHATS))
        for woman, chat in zip(women, CHATS, strict=True):
            await here.link(woman, chat)
        await here.tick()
        while not _over(theatre.file):
            moment = await here.next_moment()
            assert moment is not None
            store.clock.at = moment
            found.append(Scene(moment, folder / f"scene-{len(found)}.sqlite3"))
            with closing(sqlite3.connect(theatre.file)) as now, closing(sqlite3.connect(found[-1].kept)) as kept:
                now.backup(kept)
            await here.tick()
    return found


def _over(database: Path) -> bool:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        ((left,),) = rows.execute("select count(*) from checkins where point = ? and state <> 'closed'", (FIRST,))
    return bool(left == 0)


async def _play(store: Store, folder: Path) -> list[Scene]:
    theatre = Theatre(store, Simulator(token=TOKEN, now=store.clock))
    found = await scenes(theatre, folder)
    for scene in found:
        await theatre.alive(scene)
    for scene in (*found[:2], *found[-2:]):  # the later reminders are steps like the first
        for step in range(1, scene.steps + 1):
            await theatre.killed(scene, step)
    return found


def test_death_at_any_step_changes_nothing(store: Store, tmp_path: Path) -> None:
    with without_threads():
        found = asyncio.run(_play(store, tmp_path))
    told = {origin.split(":")[2] for origin, *_ in found[-1].after[1]}
    assert told == {"invite", "remind", "close"}
    assert [kind for kind, *_ in found[-2].after[2]] == [CALL] * len(CHATS)
    assert {row[9] for row in found[-1].after[0] if row[0] == FIRST} == {"unreachable"}
    assert all(scene.steps > 20 for scene in found)


# --- a real process, and a real SIGKILL


async def test_sigkill_at_each_moment_of_a_check_in(installation: Installation) -> None:
    simulator = telegram(installation)
    simulator.fail_next("sendMessage", Fault(delay=PATIENCE, applied=True))
    phone = her_phone(simulator).phone

    async def dies_once(bot: BotProcess, what: str) -> None:
        await bot.waits_for(lambda: installation.query(f"select {what} from checkins where point = 'm1'") == [(1,)])
        await bot.kill()

    async with simulator.serve() as url:
        async with installation.running(url) as bot:  # the invitation has reached her, and the bot does not know
            await simulator.wait_for(
                lambda: [call for call in simulator.calls if call.method == "sendMessage"], PATIENCE
            )
            await dies_once(bot, "state = 'invited'")
        async with installation.running(url) as bot:
            await bot.waits_for(installation.has_sent_all)  # of what has not reached her nobody reminds her
            installation.to_next_check_in()
            await dies_once(bot, "reminders_sent = 1")
        async with installation.running(url) as bot:
            for number in (2, 3):
                await bot.waits_for(installation.has_sent_all)
                installation.to_next_check_in()
                told = f"select 1 from checkins where point = 'm1' and reminders_sent = {number}"
                await bot.waits_for(lambda told=told: installation.query(told))
            await bot.waits_for(installation.has_sent_all)
            installation.to_next_check_in()
            await dies_once(bot, "called_for_at is not null")
        async with installation.running(url) as bot:
            installation.to_next_check_in()
            await dies_once(bot, "state = 'closed'")
        async with installation.running(url) as bot:
            await bot.waits_for(installation.is_idle)
    origins = {
        tuple(origin.split(":")[2:-1])
        for (origin,) in installation.query("select origin from outbox")
        if "checkin" in origin
    }
    assert Counter(origin[0] for origin in origins) == {"invite": 1, "remind": 3, "close": 1}
    assert installation.query("select count(*) from cases where kind = ?", CALL) == [(1,)]
    assert installation.query("select fate, fate_reason from checkins where point = 'm1'") == [
        ("unreachable", "no_answer")
    ]
    greetings = [message for message in phone.history if message.sender == "bot" and message.buttons]
    assert 4 <= len(greetings) <= 6, "what was on its way may come twice, and nothing else"
