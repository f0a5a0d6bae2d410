"""A broadcast under Telegram's limits, with conversations going on meanwhile: how long it takes, and who waits.

* In real time over real HTTP, against a server that refuses with 429 whatever is beyond 30 messages in any second; in
  virtual time for very many, with the same rule kept by the line itself.
* Beside it, in the same run and on the same server, python-telegram-bot's AIORateLimiter with fewer recipients.
* Whatever hour it is here, it is ten in the morning in Mexico City.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import statistics
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager, closing, contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any, TypeVar, cast

from pydantic import SecretStr
from telegram.error import RetryAfter
from telegram.ext import AIORateLimiter, ExtBot

from bot import app, clock
from bot.api import Api
from bot.demo.simulator import Simulator
from bot.pacing import Limits, Pacer
from bot.settings import Settings
from storage import broadcast_desk, broadcasts
from storage.broadcasts import BroadcastState, Definition, Rules
from storage.database import Database, World
from storage.notices import Content
from storage.segments import Segment
from storage.upgrade import upgrade
from storage.vault import Place, create_key_file, open_vault
from tests.bench import bulk
from tests.support.fieldwork import BOT_ID, TOKEN, fieldwork, without_threads
from tests.support.moments import Moments
from tests.support.world import START, CountedIds, HeldClock, Store, sqlite_url

T = TypeVar("T")

RECIPIENTS, TALKERS, EVERY = 3_000, 40, 0.5
"""Of the women some write to us meanwhile, one every half second."""

PEERS_RECIPIENTS = 600
MANY = 100_000
PAID = 1_000
ALLOWED = 30
RULES = Rules(approval_above=10**9, undo=timedelta())
HELLO = Definition(Content("Hola, {nombre}: el viernes hay taller."))


def measure() -> Iterator[str]:
    """The lines to print; SMALL=1 in the environment makes everything thirty times smaller."""
    part = 30 if os.environ.get("SMALL") else 1
    logging.disable(logging.WARNING)
    yield from asyncio.run(_real(RECIPIENTS // part, paid=0)).lines(f"{RECIPIENTS // part:,} in real time")
    yield from asyncio.run(_peer(PEERS_RECIPIENTS // part)).lines(
        f"AIORateLimiter, {PEERS_RECIPIENTS // part:,}, the same server"
    )
    yield from asyncio.run(_real(RECIPIENTS // part, paid=PAID)).lines(f"{RECIPIENTS // part:,}, {PAID}/s paid for")
    with without_threads():
        yield from asyncio.run(_virtual(MANY // part)).lines(f"{MANY // part:,} in virtual time")
    logging.disable(logging.NOTSET)


@dataclass(frozen=True)
class Outcome:
    """What came of it: when each message left, in seconds; how long replies took; how often it was refused."""

    sent: Sequence[float]
    took: float
    waits: Sequence[float]
    refused: int
    allowed: int = ALLOWED
    missed: int = 0

    def lines(self, title: str) -> Iterator[str]:
        """As printed."""
        ideal = len(self.sent) / self.allowed
        yield (
            f"{title}: {self.took:.1f} s for {len(self.sent):,} messages, {self.took / ideal:.3f} of the ideal"
            f" {ideal:.1f} s; worst sliding second {worst_second(self.sent)}; {self.refused} refused with 429"
            + (f"; {self.missed} not delivered" if self.missed else "")
        )
        if self.waits:
            longest = sorted(self.waits)[max(0, -(-99 * len(self.waits) // 100) - 1)]
            yield (
                f"  replies meanwhile: {statistics.median(self.waits):.3f} s by the median, p99 {longest:.3f} s,"
                f" {len(self.waits)} of them"
            )


def worst_second(sent: Sequence[float]) -> int:
    """The most messages in any stretch of one second."""
    recent: deque[float] = deque()
    worst = 0
    for moment in sorted(sent):
        recent.append(moment)
        while recent[0] <= moment - 1:
            recent.popleft()
        worst = max(worst, len(recent))
    return worst


# --- real time, real HTTP


@asynccontextmanager
async def _store(women: int, now: Any) -> AsyncIterator[Store]:
    """A store with so many women whose chats are linked, as it lies on a disk."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        url = sqlite_url(home / "hilo.sqlite3")
        await upgrade(url)
        ids = CountedIds() if isinstance(now, HeldClock) else clock.SystemIds()
        create_key_file(home / "key", clock.chance)
        world = World(now, ids, open_vault(home / "key", clock.chance))
        bulk.populate(home / "hilo.sqlite3", world.vault, women=women, due=0, at=now())
        _link(home / "hilo.sqlite3", world, women)
        database = Database(url, world)
        try:
            yield Store(database, world, now, cast("CountedIds", ids), world.vault, home, url)
        finally:
            await database.close()


def _link(file: Path, world: World, women: int) -> None:
    def linked(number: int) -> tuple[str, bytes, int]:
        id_ = number * bulk.STRIDE
        chat = world.vault.seal(Place("accounts", "chat_id", id_), str(number).encode())
        return world.vault.digest("lane", f"{BOT_ID}:{number}"), chat, id_

    with closing(sqlite3.connect(file)) as rows, rows:
        each = (linked(number) for number in range(1, women + 1))
        rows.executemany("UPDATE accounts SET lane = ?, chat_id = ? WHERE id = ?", each)


def _ten_in_the_morning() -> Any:
    """A clock that runs, and began at START."""
    ahead = START - datetime.now(UTC)
    return lambda: datetime.now(UTC) + ahead


async def _real(recipients: int, *, paid: int) -> Outcome:
    now = _ten_in_the_morning()
    telegram = _Telegram(now, chats=recipients + TALKERS, allowed=paid or ALLOWED)
    async with _store(recipients + TALKERS, now) as store:
        settings = Settings(home=store.home, bot_token=SecretStr(TOKEN), allow_paid_broadcast=paid)
        with telegram.served() as url, redirect_stdout(None):
            async with Api(TOKEN, url) as api:
                machine = await app.build(settings, store.database, api=api)
                stop = asyncio.Event()
                running = asyncio.create_task(app.operate(machine, stop, tick_seconds=1.0))
                outcome = await _broadcast(store, telegram, range(recipients + 1, recipients + TALKERS + 1))
                stop.set()
                await running
    return Outcome(**outcome, allowed=paid or ALLOWED)


class _Telegram:
    """The simulator with its people, in a thread of its own: what keeps the bot busy does not keep its clock."""

    def __init__(self, now: Any, *, chats: int, allowed: int) -> None:
        self.simulator = Simulator(token=TOKEN, now=now)
        for number in range(1, chats + 1):
            self.simulator.phone(user_id=number, first_name="R").chat.opened = True
        self.simulator.sending_limit(per_second=allowed, per_chat=1, burst=3)
        self._loop = asyncio.new_event_loop()

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its address, while the block lasts."""
        thread = Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        serving = self.simulator.serve()
        yield self.start(serving.__aenter__()).result()
        self.start(serving.__aexit__(None, None, None)).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        thread.join()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Let this run there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)


async def _broadcast(store: Store, telegram: _Telegram, talkers: Sequence[int]) -> dict[str, Any]:
    """Send to everybody but the talkers, who write meanwhile."""
    told = ",".join(str(number * bulk.STRIDE) for number in talkers)
    with closing(sqlite3.connect(store.home / "hilo.sqlite3")) as rows, rows:
        rows.execute(f"UPDATE participants SET centre = 'elsewhere' WHERE id IN ({told})")
        rows.execute(f"UPDATE participants SET centre = 'here' WHERE id NOT IN ({told})")
    segment = Segment(centres=("here",))
    async with store.database.transact() as tx:
        id_ = await broadcasts.draft(tx, Definition(HELLO.content, segment), by=None)
        await broadcasts.submit(tx, id_, None, rules=RULES)
    began = store.world.now()
    waits: list[float] = []
    talk = telegram.start(_talk(telegram.simulator, talkers, waits))
    await _over(store, id_)
    talk.cancel()
    return {**_counted(telegram.simulator, began, until=talkers[0]), "waits": waits}


def _counted(simulator: Simulator, began: datetime, *, until: int) -> dict[str, Any]:
    """What was sent from the beginning to the last message to a chat below `until`."""
    sends = [call for call in simulator.calls if call.method.startswith("send")]
    last = max(call.at for call in sends if call.params["chat_id"] < until)
    sent = [(call.at - began).total_seconds() for call in sends if call.at <= last]
    refused = sum(one.error_code == 429 for one in simulator.refused)
    return {"sent": sent, "took": (last - began).total_seconds(), "refused": refused}


async def _over(store: Store, broadcast: int) -> None:
    while True:
        async with store.database.read() as tx:
            found = await broadcast_desk.get(tx, broadcast)
        assert found is not None
        if found.state is BroadcastState.DONE:
            assert found.tally.keys() == {"sent"}
            return
        await asyncio.sleep(0.5)


async def _talk(simulator: Simulator, talkers: Sequence[int], waits: list[float]) -> None:
    turn = 0
    while True:
        await asyncio.sleep(EVERY)
        phone = simulator.phone(user_id=talkers[turn % len(talkers)], first_name="R")
        before, asked = len(phone.history), perf_counter()
        phone.send("hola")
        await simulator.wait_for(lambda p=phone, b=before: len(p.history) > b + 1, seconds=60)  # type: ignore[misc]
        waits.append(perf_counter() - asked)
        turn += 1


# --- the peer


async def _peer(recipients: int) -> Outcome:
    now = _ten_in_the_morning()
    telegram = _Telegram(now, chats=recipients + TALKERS, allowed=ALLOWED)
    waits: list[float] = []
    missed = 0
    with telegram.served() as url:
        bot = ExtBot(TOKEN, base_url=f"{url}/bot", rate_limiter=AIORateLimiter(max_retries=20))
        async with bot:
            began = now()

            async def send(number: int) -> None:
                nonlocal missed
                try:
                    await bot.send_message(number, "Tienes un aviso")
                except Exception:
                    missed += 1

            async def answer() -> None:
                turn = 0
                while True:
                    await asyncio.sleep(EVERY)
                    asked = perf_counter()
                    await send(recipients + 1 + turn % TALKERS)
                    waits.append(perf_counter() - asked)
                    turn += 1

            talk = asyncio.create_task(answer())
            await asyncio.gather(*(send(number) for number in range(1, recipients + 1)))
            talk.cancel()
            await asyncio.wait({talk})
    return Outcome(**_counted(telegram.simulator, began, until=recipients + 1), waits=waits, missed=missed)


# --- virtual time


class _StrictLine:
    """Carries calls as `Line` does, and refuses whatever is beyond the limit in any second."""

    def __init__(self, line: Any, now: HeldClock) -> None:
        self._call, self._now = line.call, now
        self.sent: list[float] = []
        self.refused = 0

    async def call(self, method: str, /, **params: Any) -> Any:
        """Telegram's result. Raises RetryAfter."""
        if method.startswith("send"):
            at = (self._now() - START).total_seconds()
            if len(self.sent) >= ALLOWED and self.sent[-ALLOWED] > at - 1:
                self.refused += 1
                raise RetryAfter(1)
            self.sent.append(at)
        return await self._call(method, **params)


async def _virtual(recipients: int) -> Outcome:
    now = HeldClock()
    async with _store(recipients, now) as store:
        simulator = Simulator(token=TOKEN, now=now)
        for number in range(1, recipients + 1):
            simulator.phone(user_id=number, first_name="R").chat.opened = True
        async with fieldwork(store, simulator=simulator) as here:
            machine = here.machine
            machine.courier._pacer = Pacer(Limits())
            line = _StrictLine(here.line, now)
            here.line.call = line.call  # type: ignore[method-assign]
            async with store.database.transact() as tx:
                id_ = await broadcasts.draft(tx, HELLO, by=None)
                await broadcasts.submit(tx, id_, None, rules=RULES)
            with Moments(now) as moments:
                await _pass(here, moments, id_)
    return Outcome(line.sent, max(line.sent), [], line.refused)


async def _pass(here: Any, moments: Moments, broadcast: int) -> None:
    """Let courier and mailings work, moment by moment, until it is over."""
    over = asyncio.Event()

    async def mail() -> None:
        while here.machine.mailings.busy or not over.is_set():
            await here.machine.mailings.step()
            here.machine.courier.wake()
            async with here.store.database.read() as tx:
                if await broadcasts.state_of(tx, broadcast) is BroadcastState.DONE:
                    over.set()
                    return
            await asyncio.sleep(1)

    courier, mailing = asyncio.create_task(here.machine.courier.run()), asyncio.create_task(mail())
    while not over.is_set():
        await moments.quiet()
        next_at = moments.next_timer()
        if next_at is not None:
            here.store.clock.at = max(here.store.clock.at, next_at)
    courier.cancel()
    await asyncio.wait({courier, mailing})
