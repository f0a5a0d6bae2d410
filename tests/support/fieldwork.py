"""A whole installation in one process: the real intake, runner, tick and courier, the simulator's phones, and a clock
that only a test moves.

* The bot is what `bot.app.build` makes of a store, and its tick does what `hilo run` has it do; Telegram's limits are
  off, and a call reaches the simulator without HTTP.
* Only what costs time and tells nothing is left out: SQLite answers in our own thread, and neither a text that was read
  as an instrument nor a statement that was compiled is read again.
* Time goes from one moment at which something is due to the next, as the bot's own clock would bring it there.
* What the bot logs as its own failure is kept: nobody who looks at the store alone may overlook it.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from aiosqlite import core as driver
from argon2 import PasswordHasher
from pydantic import SecretStr
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot import app, library
from bot.api import Api
from bot.app import Machine
from bot.demo import spec
from bot.demo.phone import Phone
from bot.demo.refusal import RefusedError
from bot.demo.simulator import Simulator
from bot.demo.updates import Update
from bot.http import AnswerLost
from bot.pacing import Pacer
from bot.settings import Settings
from bot.tally import Tally
from conversations.instrument import Instrument
from conversations.xlsform import parse_instrument, read_instrument
from scheduler.plan import SHIPPED_PLAN
from storage import broadcasts, database, interviews, ledger, mail, words
from storage.consents import ConsentGiven, Purpose
from storage.database import Database, Tx, World
from storage.people import WRITERS as PEOPLE
from storage.people import Linked
from storage.records import Entry
from storage.schema import invitations
from storage.vault import create_key_file, open_vault
from tests.support.moments import Moments
from tests.support.world import CountedIds, HeldClock, Store, sqlite_url

REACHED = (Purpose.FOLLOW_UP, Purpose.BROADCASTS)
"""What a woman allows who is asked and written to."""

BOT_ID = 7
TOKEN = f"{BOT_ID}:fieldwork"
MOST_ROUNDS = 200
"""Ticks at one moment; what is then still due will be due for ever."""

REFUSALS = ("parcel_blocked", "parcel_bad_request", "parcel_chat_not_found", "courier_unreachable")
"""That Telegram refuses something, or cannot be reached, is no failure of the bot's."""


class Line:
    """Stands where `bot.api.Api` does, with the simulator at the other end."""

    bot_id = BOT_ID

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.tally = Tally()
        self.reached: set[int] = set()
        """The chats in which something has appeared since whoever looks there emptied this."""
        self.is_down = False
        """Whether Telegram cannot be reached at present."""
        self.refuses: dict[int, str] = {}
        """What Telegram says instead of taking a message to one of these chats."""
        self.loses_answer = False
        """Whether the answer to the next message is lost on its way."""
        self.tally = Tally()

    async def call(self, method: str, /, **params: Any) -> Any:
        """Telegram's result. Raises the errors that `Api` does."""
        if self.is_down:
            raise NetworkError("Bad Gateway")
        if method.startswith("send") and (refusal := self.refuses.get(int(params["chat_id"]))):
            raise BadRequest(refusal)
        try:
            given = spec.read_call(method, params, uploads={})
            result = self._simulator.bot.call(method, given, at=self._simulator.now())
            if method.startswith("send"):
                self.reached.add(given["chat_id"])
                if self.loses_answer:
                    self.loses_answer = False
                    raise AnswerLost("ServerDisconnectedError")
            return result
        except RefusedError as refusal:
            raise _as_error(refusal) from None

    async def get_updates(self, offset: int | None) -> list[Update]:
        """What waits, at once."""
        return self._simulator.bot.updates.take(offset or 0, 100)


def _as_error(refusal: RefusedError) -> TelegramError:
    match refusal.error_code:
        case 403:
            return Forbidden(refusal.description)
        case 429:
            return RetryAfter(refusal.retry_after or 1)
        case _:
            return BadRequest(refusal.description)


class Failures(logging.Handler):
    """Keeps what the bot logs as trouble of its own."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        told = {"action": "", "error": "", **vars(record)}
        if record.name.startswith(("bot.", "scheduler.", "storage.")) and told["action"] not in REFUSALS:
            self.told.append(f"{told['action']}: {record.getMessage()} {told['error']}")


class Fieldwork:
    """The bot over a store, and its women's phones."""

    def __init__(self, store: Store, machine: Machine, simulator: Simulator) -> None:
        self.store = store
        self.machine = machine
        self.simulator = simulator
        self.line = cast("Line", machine.courier._api)
        self.failures = Failures()
        machine.courier._pacer = Pacer(None)
        jobs = app._ticking(machine, 1.0)._scheduler.get_jobs()
        self._jobs = {job.id: job.func for job in jobs}
        self._housekeeping = [name for name in self._jobs if name != "checkins"]
        self.moments: Moments | None = None
        """With these what cannot leave waits for its time; without, sending ends when all has left."""
        self._sending: asyncio.Task[None] | None = None

    @property
    def now(self) -> datetime:
        """The present."""
        return self.store.clock.at

    def phone(self, user_id: int) -> Phone:
        """The phone of a person, in the simulator."""
        return self.simulator.phone(user_id=user_id, first_name="R")

    def lane(self, user_id: int) -> str:
        """The name under which the store knows her chat."""
        return self.store.vault.digest("lane", f"{BOT_ID}:{user_id}")

    async def settle(self) -> None:
        """Take whatever has arrived and send whatever is ready, to the last."""
        machine = self.machine
        while True:
            while not self.line.is_down and await machine.intake.poll_once():
                pass
            while await machine.runner.take_letters():
                pass
            await self._send()
            if self.line.is_down or not self.simulator.updates_waiting:
                return

    async def _send(self) -> None:
        """Send all that can leave now."""
        if self.moments is None:
            await self.machine.courier.drain()
            return
        if self._sending is None:
            self._sending = asyncio.create_task(self.machine.courier.drain())
        self.machine.courier.wake()
        await self.moments.quiet()
        if self._sending.done():
            self._sending.result()
            self._sending = None

    async def tick(self) -> None:
        """Do all that is due now."""
        for _ in range(MOST_ROUNDS):
            await self._jobs["checkins"]()
            await self.settle()
            moment = await self.next_moment()
            if moment is None or moment > self.now:
                return
        raise AssertionError("what is due at one moment never comes to an end")

    async def keep_house(self) -> None:
        """What is done now and then: forgetting, and looking after the whole."""
        for name in self._housekeeping:
            await self._jobs[name]()

    async def next_moment(self) -> datetime | None:
        """When something is due next, or None."""
        async with self.store.database.read() as tx:
            if self.moments is None or self._sending is None:
                return await next_due(tx)
            moments = [await ledger.next_look_at(tx), await interviews.next_expiry_at(tx), self.moments.next_timer()]
            moments.append(await broadcasts.next_look_at(tx))
        return min((moment for moment in moments if moment is not None), default=None)

    async def pass_to(self, until: datetime) -> None:
        """Let time go by, stopping wherever something is due."""
        while True:
            await self.tick()
            moment = await self.next_moment()
            if moment is None or moment > until:
                break
            self.store.clock.at = moment
        self.store.clock.at = until
        await self.tick()

    async def link(self, participant: int, user_id: int, *, purposes: Sequence[str] = REACHED) -> Phone:
        """A chat that is hers with her consent, as first contact leaves it; the invitation had no word."""
        phone = self.phone(user_id)
        phone.chat.opened = True
        async with self.store.database.transact() as tx:
            invitation = tx.ids.random()
            digest = {"token_digest": str(invitation), "created_at": tx.now, "expires_at": tx.now, "used_at": tx.now}
            await tx.run(invitations.insert().values(id=invitation, participant_id=participant, **digest))
            await self._write(tx, user_id, participant, record=Linked(invitation, participant))
            for purpose in purposes:
                given = ConsentGiven(participant, purpose, "1", "", given=True)  # as on paper
                await self._write(tx, user_id, participant, record=given)
        return phone

    async def _write(self, tx: Tx, user_id: int, participant: int, *, record: Any) -> None:
        entry = Entry(
            record=record,
            at=tx.now,
            origin=str(tx.ids.random()),
            lane=self.lane(user_id),
            chat_id=user_id,
            session_id=tx.ids.random(),
            participant_id=participant,
            checkin_id=None,
        )
        await PEOPLE[type(record)](tx, [entry])


async def next_due(tx: Tx) -> datetime | None:
    """When the bot has something to do next: a check-in, a message that waits, a conversation whose time is over."""
    moments = [await ledger.next_look_at(tx), await mail.next_ready_at(tx), await interviews.next_expiry_at(tx)]
    moments.append(await broadcasts.next_look_at(tx))
    return min((moment for moment in moments if moment is not None), default=None)


@asynccontextmanager
async def fieldwork(
    store: Store, *, plan: Path = SHIPPED_PLAN, simulator: Simulator | None = None
) -> AsyncIterator[Fieldwork]:
    """The bot at work over this store until the block ends; begun anew where the simulator has seen it before."""
    simulator = simulator or Simulator(token=TOKEN, now=store.clock)
    here = "http://127.0.0.1:9"  # not Telegram's own address
    settings = Settings(home=store.home, bot_token=SecretStr(TOKEN), plan_file=plan, bot_api_url=here)
    with read_once():
        machine = await app.build(settings, store.database, api=cast("Api", Line(simulator)))
        async with store.database.transact() as tx:
            await mail.recover(tx)  # as the courier does when it begins to run
        here = Fieldwork(store, machine, simulator)
        logging.getLogger().addHandler(here.failures)
        try:
            yield here
        finally:
            logging.getLogger().removeHandler(here.failures)


@cache
def _parsed(name: str, source: str) -> Instrument:
    return parse_instrument(name, source)


@cache
def _read(path: Path) -> Instrument:
    return read_instrument(path)


@contextmanager
def read_once() -> Iterator[None]:
    """Instruments that this process has read are not read again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "parse_instrument", _parsed)
        patch.setattr(library, "read_instrument", _read)
        yield


class _AtOnce:
    """A queue of the database driver that does at once what is put into it."""

    def put_nowait(self, item: tuple[Any, Callable[[], object]]) -> None:
        future, deed = item
        try:
            result = deed()
        except Exception as error:
            if future is not None:
                future.set_exception(error)
        else:
            if future is not None:
                future.set_result(result)


class _NoThread:
    """The thread that the driver would start for each connection."""

    def __init__(self, **_: object) -> None: ...

    def start(self) -> None: ...


@contextmanager
def without_threads() -> Iterator[None]:
    """SQLite answers in our own thread: handing each statement to another costs more than the statement."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "SimpleQueue", _AtOnce)
        patch.setattr(driver, "Thread", _NoThread)
        yield


_compiled: LRUCache[Any, Any] = LRUCache(5_000)


def _open_engine(url: str, **options: Any) -> AsyncEngine:
    engine = create_async_engine(url, **options)
    engine.sync_engine._compiled_cache = _compiled
    return engine


@contextmanager
def compiled_once() -> Iterator[None]:
    """A statement that was compiled for one SQLite file is not compiled again for the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_async_engine", _open_engine)
        patch.setattr(SQLiteDialect_aiosqlite, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(SQLiteDialect_aiosqlite, "__hash__", lambda one: hash(type(one)))
        yield


@pytest.fixture(scope="module", autouse=True)
def quickly() -> Iterator[None]:
    """Nothing is done twice that tells nothing the second time; whoever needs real threads starts a real process."""
    with without_threads(), read_once(), compiled_once(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SYNCHRONOUS", "OFF")  # no test cuts the power: what was committed outlives a kill
        patch.setattr(
            words, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        )  # nobody guesses here
        yield


@asynccontextmanager
async def fresh_store(home: Path, migrated: Path, *, seed: str = "hilo") -> AsyncIterator[Store]:
    """A copy of the migrated, empty store in this folder."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)  # noqa: ASYNC240
    shutil.copy(migrated, home / "hilo.sqlite3")
    clock, ids, url = HeldClock(), CountedIds(seed), sqlite_url(home / "hilo.sqlite3")
    create_key_file(home / "key", ids.chance)
    world = World(clock, ids, open_vault(home / "key", ids.chance))
    store = Store(Database(url, world), world, clock, ids, world.vault, home, url)
    try:
        yield store
    finally:
        await store.database.close()
