"""The demo's stage: a fresh store with Rosa and a coordinator, the real bot in its own process, and a clock that jumps.

* Everything is on this machine, synthetic and begun anew at each start. A real bot's token is refused, and so is a
  second demo in the same folder.
* Time passes from one due moment to the next: at each stop the bot does what is due before the clock goes on, so that
  nothing is late because the demo was in a hurry.
* However it ends, the bot ends with it.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import shutil
import signal
import sys
import webbrowser
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, true

from bot import clock, library
from bot.cli.opening import open_plan
from bot.cli.refusals import Refused
from bot.demo.cohort import COORDINATOR, others, rosa, settle
from bot.demo.page import PhoneCard, Table, serve_page
from bot.demo.simulator import Simulator
from bot.demo.tables import store_tables
from bot.settings import DEFAULT_HOME, PREFIX
from bot.words import load_words
from scheduler.applied import Plans
from scheduler.enrolment import DEFAULT_ZONE, enrol
from scheduler.plan import SHIPPED_PLAN, Offset
from storage import broadcasts, cleaning, installation, interviews, invitations, ledger, mail, members
from storage.database import Database, Tx, World
from storage.fates import CheckinState
from storage.files import FileState
from storage.schema import checkins, files
from storage.upgrade import upgrade
from storage.vault import create_key_file, open_vault

TOKEN = "1:demo"
"""The simulator's own; no bot of Telegram's has it."""
BOT_USERNAME = "hilo_demo_bot"
DEFAULT_PORT = 8765
BOT_LOG = "bot.log"
MORNING = time(10)
TICK_SECONDS = "0.1"
POLL_SECONDS = "10"
SETTLE_SECONDS = 60.0
"""How long the bot may take for what is due at one moment: a busy machine is slow, and time must not run past it."""
STOP_SECONDS = 10.0
LOOK_EVERY = 0.03

HERS, STAFF = 101, 202
"""Telegram user ids of the two phones."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a broadcast goes: at Telegram's thirty a second the women here would have it before a bar could be seen
    to move. The time to take it back is long enough to do so, short enough to wait for."""

    sends_a_second: int = 2
    undo_seconds: int = 10


@dataclass
class Stage:
    """What the page needs: phones, time, and the rows of the store."""

    database: Database
    time: clock.DemoClock
    shelf: library.Library
    simulator: Simulator
    phones: list[PhoneCard] = field(default_factory=list)
    patience: float = SETTLE_SECONDS
    rosa: int | None = None
    """Whose rows the page shows, by internal id; None: everybody's."""

    def now(self) -> datetime:
        """The demo's moment."""
        return self.time()

    async def advance(self, *, days: int = 0, months: int = 0) -> None:
        """Let time pass, stopping wherever something is due. Raises TimeoutError where the bot hangs."""
        zone = ZoneInfo(DEFAULT_ZONE)
        here = self.time().astimezone(zone)
        day = Offset(days=days, months=months).from_date(here.date())
        target = datetime.combine(day, here.time(), zone)
        await self._settle()
        while (moment := await self._next_due()) is not None and moment <= target:
            await self._stop_at(moment)
        await self._stop_at(target)

    async def advance_to_next(self) -> bool:
        """Let time pass to the next moment at which something is due; False if nothing is. Raises as `advance` does."""
        await self._settle()
        moment = await self._next_due()
        if moment is not None:
            await self._stop_at(moment)
        return moment is not None

    async def _stop_at(self, moment: datetime) -> None:
        self.time.move_to(max(moment, self.time()))  # never back: meanwhile real time has passed as well
        await self._settle()

    async def next_checkin(self) -> datetime | None:
        """When the next check-in that is still to come opens."""
        hers = true() if self.rosa is None else checkins.c.participant_id == self.rosa
        to_come = hers & (checkins.c.state == CheckinState.EXPECTED) & (checkins.c.opens_at > self.time())
        async with self.database.read() as tx:
            found = await tx.run(select(func.min(checkins.c.opens_at)).where(to_come))
        moment: datetime | None = found.scalar_one()
        return moment

    async def _next_due(self) -> datetime | None:
        async with self.database.read() as tx:
            return await _next_due(tx)

    async def _settle(self) -> None:
        """Wait until the bot has nothing left to do at this moment. Raises TimeoutError if that takes too long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience
        while not await self._is_quiet():
            if loop.time() > until:
                raise TimeoutError
            await self.simulator.bell.heard(LOOK_EVERY)  # the store rings no bell

    async def _is_quiet(self) -> bool:
        if self.simulator.updates_waiting:
            return False
        async with self.database.read() as tx:  # one look: between two, a parcel could go from one to the other unseen
            if await mail.in_hand(tx):
                return False
            due = await _next_due(tx)
        return due is None or due > self.time()

    async def tables(self) -> list[Table]:
        """The rows that have landed in the outcome store."""
        async with self.database.read() as tx:
            await self.shelf.refresh(tx)
            return await store_tables(tx, self.shelf, whose=self.rosa)


async def _next_due(tx: Tx) -> datetime | None:
    to_fetch = await tx.run(select(func.min(files.c.next_at)).where(files.c.state == FileState.WAITING))
    moments = [
        await ledger.next_look_at(tx),
        await mail.next_ready_at(tx),
        await interviews.next_expiry_at(tx),
        await broadcasts.next_look_at(tx),
        await cleaning.next_at(tx),
        to_fetch.scalar_one(),
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def run(*, port: int = DEFAULT_PORT, browser: bool = True, reset: bool = False) -> None:
    """Play the demo until Ctrl-C; `reset` deletes what the last one left and plays nothing.

    Raises Refused if a real bot's token is set, the port is taken, or another demo plays in the same folder.
    """
    if os.environ.get(f"{PREFIX}BOT_TOKEN"):
        raise Refused(f"the demo never uses a real bot: unset {PREFIX}BOT_TOKEN first")
    home = Path(os.environ.get(f"{PREFIX}HOME") or DEFAULT_HOME).expanduser().absolute() / "demo"
    for folder in (home.parent, home):  # one by one: `mode` holds for the last folder alone
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(KeyboardInterrupt), _alone_in(home):
        _empty(home)
        if reset:
            print("the demo's folder is empty")
        else:
            asyncio.run(_play(home, port=port, browser=browser))


@contextmanager
def _alone_in(home: Path) -> Iterator[None]:
    """Hold the folder itself, so that emptying it can't take away what another demo stands on."""
    folder = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused(f"another demo plays in {home}: end that one, or set {PREFIX}HOME to another folder") from None
    else:
        yield
    finally:
        os.close(folder)


def _empty(home: Path) -> None:
    for left in home.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


async def _play(home: Path, *, port: int, browser: bool) -> None:
    """Until a signal says to stop, or the bot ends by itself."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _playing(home, port, pace=Pace()) as (url, bot):
        print(f"Hilo's demo is at {url} (Ctrl-C ends it)", flush=True)
        if browser:
            webbrowser.open(url)
        told, gone = asyncio.create_task(stop.wait()), asyncio.create_task(bot.wait())
        await asyncio.wait({told, gone}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if gone.done() and not stop.is_set():
            raise _bot_is_gone(home)


@asynccontextmanager
async def open_stage(
    home: Path, *, port: int = 0, today: date | None = None, pace: Pace | None = None
) -> AsyncIterator[str]:
    """A whole demo in this empty folder, begun `today` or on that day; yields the page's address. Raises Refused."""
    async with _playing(home, port, today=today, pace=pace or Pace()) as (url, _):
        yield url


@asynccontextmanager
async def _playing(
    home: Path, port: int, *, today: date | None = None, pace: Pace
) -> AsyncIterator[tuple[str, Process]]:
    """Store, people, simulator, page and bot; yields the page's address and the bot's process."""
    offset = home / "clock"
    offset.write_text("0", encoding="ascii")
    moments = clock.DemoClock(offset)
    moments.move_to(datetime.combine(today or _today(), MORNING, ZoneInfo(DEFAULT_ZONE)))
    simulator = Simulator(token=TOKEN, now=moments, bot_username=BOT_USERNAME)
    database = await _fresh_store(home, moments)
    stage = Stage(database, moments, library.build([], library.shipped_sources()), simulator)
    await _populate(stage)
    try:
        async with _page(stage, port) as url, _bot(home, url, pace=pace) as process:
            yield url, process
    finally:
        await database.close()


@asynccontextmanager
async def _page(stage: Stage, port: int) -> AsyncIterator[str]:
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(serve_page(stage.simulator, stage, port=port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise Refused(f"port {port} is taken: choose another with --port, or 0 for any that is free") from None
        yield url


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(DEFAULT_ZONE)).date()


async def _fresh_store(home: Path, moments: clock.DemoClock) -> Database:
    create_key_file(home / "key", clock.chance)
    url = f"sqlite+aiosqlite:///{home / 'hilo.sqlite3'}"
    await upgrade(url)
    return Database(url, World(moments, clock.SystemIds(), open_vault(home / "key", clock.chance)))


async def _populate(stage: Stage) -> None:
    """Rosa and the staff are invited; the other women have joined long ago."""
    async with stage.database.transact() as tx:
        today = tx.now.astimezone(ZoneInfo(DEFAULT_ZONE)).date()
        women = [rosa(today), *others(today)]
        stage.rosa, *settled = await enrol(tx, women, plans=Plans.of(open_plan(SHIPPED_PLAN)))
        await settle(tx, settled, simulator=stage.simulator, bot_id=int(TOKEN.partition(":")[0]))
        hers = await invitations.invite_participant(tx, stage.rosa, load_words())
        staff = await members.invite_staff(tx, COORDINATOR, members.Role.COORDINATOR)
        await installation.remember(tx, {installation.BOT_USERNAME: BOT_USERNAME})
    stage.phones = [
        PhoneCard(HERS, "Rosa", "participant", hers.token, hers.word),
        PhoneCard(STAFF, COORDINATOR, "coordinator", staff.token),
    ]


@asynccontextmanager
async def _bot(home: Path, url: str, *, pace: Pace) -> AsyncIterator[Process]:
    """The real bot in a process of its own, against the simulator; Ctrl-C in the terminal is not for it."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    theirs = {
        "HOME": str(home),
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": url,
        "DEMO_CLOCK": str(home / "clock"),
        "TICK_SECONDS": TICK_SECONDS,
        "POLL_SECONDS": POLL_SECONDS,
        "ALLOW_PAID_BROADCAST": str(pace.sends_a_second),
        "BROADCAST_UNDO_SECONDS": str(pace.undo_seconds),
    }
    environment = mine | {f"{PREFIX}{name}": value for name, value in theirs.items()}
    command = (sys.executable, "-c", "from bot.cli import main; main()", "run")
    with (home / BOT_LOG).open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=log, start_new_session=True
        )
    try:
        assert process.stdout is not None
        said = await process.stdout.readline()
        if said.strip() != b"ready":
            raise _bot_is_gone(home)
        yield process
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    """Ask it to stop, and see to it that it does."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _bot_is_gone(home: Path) -> Refused:
    return Refused(f"the demo's bot has ended by itself; its last words are in {home / BOT_LOG}")
