"""Evenings on which everything goes wrong: each of three dozen women finishes, and the store holds what she meant.

Each seed is an evening, with a store, a Telegram and a whole bot of its own, and three women who know nothing of each
other. All run at once, since what takes time is waiting for the next attempt. A failing seed says so: `SEEDS = (that
one,)` plays it alone.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from pydantic import SecretStr

from bot.api import Api
from bot.app import Machine, build, operate
from bot.demo.simulator import Simulator
from bot.routing import chat_of
from bot.settings import Settings
from storage import mail
from storage.database import Database, World
from storage.mail import Letter
from storage.vault import open_vault
from tests.faults.schedules import Schedule, drawn
from tests.support.chat import BOT_ID, Bot
from tests.support.woman import ANSWERS, AS_NOTED, CORRECTED, PATIENCE, THANKS, Story, Woman, made_up, stored
from tests.support.world import CountedIds, HeldClock, Store, migrated_file, store

__all__ = ["migrated_file", "store"]

POSITIONS = ("subordinada", "cuenta_propia", "empleadora", "sin_pago")

SEEDS = range(12)
SILENT = 1
"""So many of them meet silence as well, which takes ten seconds of real time."""

CHATS = (501, 502, 503)
TOKEN = f"{BOT_ID}:evening"


@dataclass
class Evening:
    """Three women, their Telegram, and the bot that asks them."""

    simulator: Simulator
    women: dict[int, Woman]
    machine: Machine
    database: Path
    sent_before: int

    def rows(self, statement: str) -> list[tuple[int | str, ...]]:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as rows:
            return rows.execute(statement).fetchall()

    def lane(self, chat: int) -> str:
        return self.machine.database.vault.digest("lane", f"{BOT_ID}:{chat}")

    def messages(self) -> int:
        """How many of the outbox's rows have become a message by now."""
        ((count,),) = self.rows("select count(*) from outbox where message_id is not null")
        assert isinstance(count, int)
        return count - self.sent_before

    def is_over(self) -> bool:
        """Whether nothing waits any more, in or out."""
        out = self.rows("select count(*) from outbox where state in ('ready', 'claimed')")
        return out + self.rows("select count(*) from inbox where state = 'waiting'") == [(0,), (0,)]

    async def hand_over_again(self, chance: Random, until: asyncio.Event) -> None:
        """Now and then, Telegram delivers what it delivered before. Not to be cancelled halfway."""
        while not until.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(chance.uniform(2, 6)):
                    await until.wait()
            if self.simulator.updates_handed:
                update = chance.choice(self.simulator.updates_handed)
                chat = chat_of(update)
                assert chat is not None
                async with self.machine.database.transact() as tx:
                    await mail.receive(tx, [Letter(BOT_ID, update["update_id"], self.lane(chat), update)])
                self.machine.arrived.set()


@pytest.fixture
async def due(store: Store) -> Store:
    """A store in which all have consented to everything, at the moment when their first `seguimiento` is due."""
    bot = Bot(store)
    for chat in CHATS:
        await bot.enrolled(chat)
    store.clock.advance(days=32)  # a month, and a day in case it was a Sunday; the window of `llegada` is past
    return store


@asynccontextmanager
async def an_evening(due: Store, home: Path, schedule: Schedule) -> AsyncIterator[Evening]:
    """A copy of that store with a Telegram and a bot of its own."""
    file = home / "hilo.sqlite3"
    with sqlite3.connect(due.home / "hilo.sqlite3") as template, sqlite3.connect(file) as copy:
        template.backup(copy)
    clock, ids, taken = HeldClock(due.clock.at), CountedIds(home.name), due.ids.ordered()
    while ids.ordered() < taken:  # what stands in the copy has its ids: they are not given away anew
        pass
    database = Database(f"sqlite+aiosqlite:///{file}", World(clock, ids, open_vault(due.home / "key", ids.chance)))
    simulator = Simulator(token=TOKEN, now=clock, first_update_id=100_000)
    women = {chat: Woman(simulator, simulator.phone(user_id=chat, first_name="R")) for chat in CHATS}
    for woman in women.values():
        woman.phone.chat.opened = True
    schedule.ask(simulator)
    async with simulator.serve() as url, Api(TOKEN, url, poll_seconds=5) as api:
        settings = Settings(home=home, bot_token=SecretStr(TOKEN), bot_api_url=url)
        machine = await build(settings, database, api=api)
        stop = asyncio.Event()
        running = asyncio.create_task(operate(machine, stop, tick_seconds=1.0))
        evening = Evening(simulator, women, machine, file, 0)
        evening.sent_before = evening.messages()
        try:
            yield evening
        finally:
            stop.set()
            await running
            await database.close()


async def play(due: Store, home: Path, seed: int) -> None:
    """One evening, from the first message to the last. Raises if it does not end as it must."""
    chance = Random(seed)
    stories, schedule = stories_of(chance), drawn(chance, silence=seed < SILENT)
    async with an_evening(due, home, schedule) as evening:
        told = asyncio.Event()
        again = asyncio.create_task(evening.hand_over_again(Random(seed), told))
        try:
            await asyncio.gather(*(live(evening.women[chat], story, Random(seed)) for chat, story in stories.items()))
        finally:
            told.set()
            await again
        await evening.simulator.wait_for(evening.is_over, PATIENCE)
        for chat, story in stories.items():
            assert stored(evening.database, "m1", evening.lane(chat)) == story.rows
        assert evening.rows("select count(*) from inbox where state <> 'done'") == [(0,)]
        assert evening.rows("select count(*) from outbox where state <> 'sent'") == [(0,)]
        sends = sum(call.method == "sendMessage" for call in evening.simulator.calls)
        assert sends - evening.messages() == schedule.unknown_sends, "a copy for each unknown outcome, and no other"


def stories_of(chance: Random) -> dict[int, Story]:
    return {chat: made_up(chance) for chat in CHATS}


async def live(woman: Woman, story: Story, chance: Random) -> None:
    woman.hasty = chance
    await woman.answer(*story.steps)
    await woman.told(story.ending)


async def test_every_evening_ends_as_she_meant(due: Store, tmp_path: Path) -> None:
    homes = {seed: tmp_path / f"evening-{seed}" for seed in SEEDS}
    for home in homes.values():
        home.mkdir()
    ended = await asyncio.gather(*(play(due, home, seed) for seed, home in homes.items()), return_exceptions=True)
    failed = {seed: error for seed, error in zip(SEEDS, ended, strict=True) if error is not None}
    assert not failed, failed


def test_the_schedules_are_worth_playing() -> None:
    chances = [Random(seed) for seed in SEEDS]
    stories = [story for chance in chances for story in stories_of(chance).values()]
    schedules = [drawn(chance, silence=seed < SILENT) for seed, chance in zip(SEEDS, chances, strict=True)]
    assert sum(schedule.unknown_sends for schedule in schedules) >= len(SEEDS)
    assert {fault.error_code for s in schedules for fault in s.faults["sendMessage"]} >= {0, 429, 500, 502}
    assert {story.ending for story in stories} == {THANKS, CORRECTED, AS_NOTED}
    told = {name for story in stories for name, (status, _) in story.rows.answers.items() if status == 0}
    assert told == set(ANSWERS), "all that can be asked is answered by somebody"
    statuses = {status for story in stories for _, status, _, _ in story.rows.work}
    assert statuses >= {"ocupada", "desocupada", "pnea_disponible", "pnea_no_disponible"}
    assert {position for story in stories for _, _, position, _ in story.rows.work} == {None, *POSITIONS}
