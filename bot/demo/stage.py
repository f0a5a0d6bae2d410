"""The demo's stage: a fresh store with Rosa and a coordinator, the real bot in a process of its own, and a clock that jumps.

* Everything is on this machine, synthetic and begun anew at each start; a real bot's token is refused.
* Time passes from one due moment to the next: at each stop the bot does what is due before the clock goes on, so that nothing is
  late because the demo was in a hurry.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import clock, library
from bot.cli.invitations import load_words
from bot.cli.opening import open_plan
from bot.cli.refusals import Refused
from bot.demo.cohort import COORDINATOR, rosa
from bot.demo.page import PhoneCard, Table, serve_page
from bot.demo.simulator import Simulator
from bot.demo.tables import store_tables
from bot.settings import DEFAULT_HOME, PREFIX

from scheduler.enrolment import DEFAULT_ZONE, enrol
from scheduler.plan import SHIPPED_PLAN, Offset
from storage import interviews, ledger, mail, people
from storage.database import Database, World
from storage.upgrade import upgrade
from storage.vault import create_key_file, open_vault

TOKEN = "1:demo"  # noqa: S105 - the simulator's own; no bot of Telegram's has it
BOT_USERNAME = "hilo_demo_bot"
DEFAULT_PORT = 8765
MORNING = time(10)
TICK_SECONDS = "0.1"
POLL_SECONDS = "10"
SETTLE_SECONDS = 10.0
LOOK_EVERY = 0.03

HERS, STAFF = 101, 202
"""Telegram user ids of the two phones."""


@dataclass
class Stage:
    """What the page needs: phones, time, and the rows of the store."""

    database: Database
    time: clock.DemoClock
    shelf: library.Library
    phones: list[PhoneCard] = field(default_factory=list)

    def now(self) -> datetime:
        """The demo's moment."""
        return self.time()

    async def advance(self, *, days: int = 0, months: int = 0) -> None:
        """Let time pass, stopping wherever something is due."""
        zone = ZoneInfo(DEFAULT_ZONE)
        here = self.time().astimezone(zone)
        day = Offset(days=days, months=months).from_date(here.date())
        target = datetime.combine(day, here.time(), zone)
        while (moment := await self._next_due()) is not None and moment <= target:
            self.time.move_to(max(moment, self.time()))
            await self._settle()
        self.time.move_to(max(target, self.time()))
        await self._settle()

    async def _next_due(self) -> datetime | None:
        async with self.database.read() as tx:
            moments = [
                await ledger.next_look_at(tx),
                await mail.next_ready_at(tx),
                await interviews.next_expiry_at(tx),
            ]
        return min((moment for moment in moments if moment is not None), default=None)

    async def _settle(self) -> None:
        """Wait until the bot has nothing left to do at this moment, or something is wrong with it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                while not await self._is_quiet():
                    await asyncio.sleep(LOOK_EVERY)

    async def _is_quiet(self) -> bool:
        async with self.database.read() as tx:
            if await mail.in_hand(tx):
                return False
        due = await self._next_due()
        return due is None or due > self.time()

    async def tables(self) -> list[Table]:
        """The rows that have landed in the outcome store."""
        async with self.database.read() as tx:
            return await store_tables(tx, self.shelf)


def run(*, port: int = DEFAULT_PORT, browser: bool = True, reset: bool = False) -> None:
    """Play the demo until Ctrl-C. Raises Refused if a real bot's token is set. `reset` deletes what is left and plays nothing."""
    home = Path(os.environ.get(f"{PREFIX}HOME") or DEFAULT_HOME).expanduser().absolute() / "demo"
    if os.environ.get(f"{PREFIX}BOT_TOKEN"):
        raise Refused("the demo never uses a real bot: unset HILO_BOT_TOKEN first")
    shutil.rmtree(home, ignore_errors=True)
    if reset:
        print("the demo's folder is empty")  # noqa: T201
        return
    with suppress(KeyboardInterrupt):
        asyncio.run(_play(home, port=port, browser=browser))


async def _play(home: Path, *, port: int, browser: bool) -> None:
    async with open_stage(home, port=port) as url:
        print(f"Hilo's demo is at {url} (Ctrl-C ends it)", flush=True)  # noqa: T201
        if browser:
            webbrowser.open(url)
        await asyncio.Event().wait()


@asynccontextmanager
async def open_stage(home: Path, *, port: int = 0) -> AsyncIterator[str]:
    """A whole demo in this folder: store, people, simulator, page and bot; yields the page's address."""
    home.mkdir(parents=True, mode=0o700)
    offset = home / "clock"
    offset.write_text("0", encoding="ascii")
    moments = clock.DemoClock(offset)
    moments.move_to(_this_morning())
    database = await _fresh_store(home, moments)
    shipped = library.shipped_sources()
    stage = Stage(database, moments, library.build([], shipped))
    stage.phones = await _invite(database)
    simulator = Simulator(token=TOKEN, now=moments, bot_username=BOT_USERNAME)
    try:
        async with serve_page(simulator, stage, port=port) as url, _bot(home, url):
            yield url
    finally:
        await database.close()


def _this_morning() -> datetime:
    return datetime.combine(clock.now().astimezone(ZoneInfo(DEFAULT_ZONE)).date(), MORNING, ZoneInfo(DEFAULT_ZONE))


async def _fresh_store(home: Path, moments: clock.DemoClock) -> Database:
    create_key_file(home / "key", clock.chance)
    url = f"sqlite+aiosqlite:///{home / 'hilo.sqlite3'}"
    await upgrade(url)
    return Database(url, World(moments, clock.SystemIds(), open_vault(home / "key", clock.chance)))


async def _invite(database: Database) -> list[PhoneCard]:
    plan = open_plan(SHIPPED_PLAN)
    async with database.transact() as tx:
        today = tx.now.astimezone(ZoneInfo(DEFAULT_ZONE)).date()
        (her,) = await enrol(tx, [rosa(today)], plan=plan)
        hers = await people.invite_participant(tx, her, load_words())
        staff = await people.invite_staff(tx, COORDINATOR, people.Role.COORDINATOR)
    return [
        PhoneCard(HERS, "Rosa", "Participante: aquí contesta", hers.token, hers.word),
        PhoneCard(STAFF, COORDINATOR, "Coordinadora: aquí le avisan", staff.token),
    ]


@asynccontextmanager
async def _bot(home: Path, url: str) -> AsyncIterator[None]:
    """The real bot in a process of its own, against the simulator."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    theirs = {
        "HOME": str(home),
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": url,
        "DEMO_CLOCK": str(home / "clock"),
        "TICK_SECONDS": TICK_SECONDS,
        "POLL_SECONDS": POLL_SECONDS,
    }
    environment = mine | {f"{PREFIX}{name}": value for name, value in theirs.items()}
    command = (sys.executable, "-c", "from bot.cli import main; main()", "run")
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        said = await process.stdout.readline()
        if said.strip() != b"ready":
            raise Refused("the demo's bot did not start; its own words stand above")
        yield
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), SETTLE_SECONDS)
