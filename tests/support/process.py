"""`hilo` as an operator runs it: real commands and a real bot process, in a home of their own, against the simulator.

* A process gets a clean environment; its clock stands in a file that only a test moves.
* Whatever a process says is kept, and nothing that belongs to a person may stand in it: that is judged at each end.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import DemoClock
from bot.demo.simulator import Simulator
from tests.support.chat import word_shown
from tests.support.listening import EAR
from tests.support.once import once_a_run
from tests.support.operator import Operator
from tests.support.woman import PATIENCE, Step, Woman

HILO = Path(sys.executable).with_name("hilo")
TOKEN = "424242:CANARIO-que-nadie-debe-ver"
HER_ID = 5_512_345
STARTED_AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
"""A Monday, 10:00 in Mexico City: an hour at which everything may be sent."""

ROSTER = "record_id,name,phone,release_date\nR-CANARIO-1,Rosalinda Canaria,5598765432,2026-02-05\n"
CALLED = "Rosacanaria"
PERSONAL = (TOKEN.partition(":")[2], "R-CANARIO", "Rosalinda", "5598765432", CALLED, str(HER_ID), "quinientos")
"""What identifies her, what she types, what opens doors; her invitation's token and word come on top."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


@dataclass
class BotProcess:
    """One `hilo run`."""

    process: asyncio.subprocess.Process
    said: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _ears: list[asyncio.Task[None]] = field(default_factory=list)

    def listen(self) -> None:
        """Keep what it says from now on, line by line."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        for pipe, lines in ((self.process.stdout, self.said), (self.process.stderr, self.errors)):
            self._ears.append(asyncio.create_task(_keep(pipe, lines)))

    async def ready(self) -> None:
        """Return once it takes updates. Raises AssertionError if it ends instead."""
        await self.waits_for(lambda: "ready" in self.said)

    async def tells(self, action: str) -> None:
        """Return once it has logged this action."""
        await self.waits_for(lambda: self.told(action))

    def told(self, action: str) -> int:
        """How often it has logged this action."""
        return sum(f" action={action} " in line for line in self.errors)

    async def waits_for(self, condition: Any) -> None:
        """Return once this is so. Raises AssertionError if the process ends before, TimeoutError if neither happens."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                assert self.process.returncode is None, "\n".join(self.errors)
                await asyncio.sleep(0.01)

    async def ended(self) -> int:
        """Its exit status, once all it said has been heard."""
        async with asyncio.timeout(PATIENCE):
            status = await self.process.wait()
            await asyncio.gather(*self._ears)
        return status

    async def kill(self) -> None:
        """SIGKILL, at once."""
        self.process.kill()
        await self.ended()

    async def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        self.process.terminate()
        return await self.ended()


async def _keep(pipe: asyncio.StreamReader, lines: list[str]) -> None:
    while line := await pipe.readline():
        lines.append(line.decode().rstrip("\n"))
        EAR.lines.append(lines[-1])


@dataclass
class Installation:
    """One home of Hilo, with the clock that it lives by."""

    home: Path
    secrets: list[str] = field(default_factory=lambda: list(PERSONAL))

    @property
    def clock(self) -> DemoClock:
        """Its time; move it to let time pass."""
        return DemoClock(self.home / "clock")

    @property
    def database(self) -> Path:
        """Its store."""
        return self.home / "hilo.sqlite3"

    def query(self, statement: str, *values: Any) -> list[Any]:
        """Rows of the store, read past all of our own code."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as rows:
            return rows.execute(statement, values).fetchall()

    def is_idle(self) -> bool:
        """Whether no message is on its way and no update waits."""
        claimed = self.query("select count(*) from outbox where state = 'claimed'")
        waiting = self.query("select count(*) from inbox where state = 'waiting'")
        return claimed + waiting == [(0,), (0,)]

    def has_sent_all(self) -> bool:
        """Whether all that was posted has left."""
        return self.query("select count(*) from outbox where state in ('ready', 'claimed')") == [(0,)]

    def to_next_check_in(self) -> None:
        """Move the clock to the moment at which the ledger has something to do."""
        ((moment,),) = self.query("select min(next_at) from checkins where state <> 'closed'")
        self.clock.move_to(datetime.fromisoformat(moment).replace(tzinfo=UTC) + timedelta(seconds=1))

    async def hilo(self, *words: str, url: str) -> Ended:
        """Type one command, beside whatever runs; no process of its own, which takes longer than most commands."""
        settings = {"bot_token": TOKEN, "bot_api_url": url, "demo_clock": str(self.home / "clock")}
        ended = await asyncio.to_thread(Operator(self.home, {}).types, *words, **settings)
        return Ended(ended.exit_code, ended.stdout, ended.stderr)

    async def runs(self, *words: str, url: str, **settings: str) -> Ended:
        """Run one command as a process, to its end."""
        process = await self._start(words, url, settings)
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    @asynccontextmanager
    async def running(self, url: str, *options: str, **settings: str) -> AsyncIterator[BotProcess]:
        """`hilo run`, ready; stopped at the end if it still runs. What it said must be nobody's business."""
        bot = await self.starting(url, *options, **settings)
        try:
            await bot.ready()
            yield bot
            if bot.process.returncode is None:
                assert await bot.stop() == 0
            self.judge(*bot.said, *bot.errors)
        finally:
            if bot.process.returncode is None:
                await bot.kill()

    async def starting(self, url: str, *options: str, **settings: str) -> BotProcess:
        """`hilo run` with these options, just started."""
        bot = BotProcess(await self._start(("run", *options), url, settings))
        bot.listen()
        return bot

    def judge(self, *lines: str) -> None:
        """Raise AssertionError if a line tells anything personal, or one of Python's own tracebacks."""
        told = [secret for secret in (*self.secrets, "Traceback") if any(secret in line for line in lines)]
        assert not told, [line for line in lines if any(secret in line for secret in told)]

    async def _start(self, words: tuple[str, ...], url: str, settings: dict[str, str]) -> asyncio.subprocess.Process:
        own = {
            "HILO_HOME": str(self.home),
            "HILO_BOT_TOKEN": TOKEN,
            "HILO_BOT_API_URL": url,
            "HILO_DEMO_CLOCK": str(self.home / "clock"),
            "HILO_TICK_SECONDS": "0.05",
            "HILO_POLL_SECONDS": "5",
        }
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), **own, **settings}
        pipe = asyncio.subprocess.PIPE
        null = asyncio.subprocess.DEVNULL
        return await asyncio.create_subprocess_exec(
            HILO, *words, env=environment, stdin=null, stdout=pipe, stderr=pipe, cwd=self.home
        )


async def set_up(here: Installation) -> None:
    """Make this an installation, as an operator does, in which one woman has consented to everything."""
    simulator = Simulator(token=TOKEN, now=here.clock)
    async with simulator.serve() as url:
        for words in (("init", "--no-input"), ("participants", "import", str(here.home / "roster.csv"))):
            ended = await here.hilo(*words, url=url)
            assert ended.status == 0, ended.err
            here.judge(ended.out, ended.err)
        invitation = await here.hilo("invite", "participant", "R-CANARIO-1", "--json", url=url)
        assert invitation.status == 0, invitation.err
        told = json.loads(invitation.out)
        here.secrets += [told["token"], told["word"]]
        async with here.running(url):
            await _join(Woman(simulator, simulator.phone(user_id=HER_ID, first_name="R")), told)


async def _join(woman: Woman, invitation: dict[str, str]) -> None:
    """First contact, from the link to her hours."""
    woman.phone.start(invitation["token"])
    await woman.answer(Step("leer ahora", ("Sí, puedo",)))
    await woman.told("Te dieron una palabra")
    woman.phone.send(invitation["word"])
    await woman.answer(Step("Tú decides", ("Sí, acepto",)))
    shown = await woman.told("Para confirmar")
    woman.phone.send(word_shown(shown.text))
    await woman.told("Una cosa más")
    woman.phone.send("todas")
    await woman.told("¿Cómo quieres")
    woman.phone.send(CALLED)
    await woman.answer(Step("A qué hora", ("En la mañana",)))
    await woman.told("Yo te escribo")


@pytest.fixture(scope="session")
def enrolled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which one woman has consented; to be copied and not changed."""

    def make(home: Path) -> None:
        (home / "clock").write_text("0", encoding="ascii")
        (home / "roster.csv").write_text(ROSTER, encoding="utf-8")
        here = Installation(home)
        here.clock.move_to(STARTED_AT)
        asyncio.run(set_up(here))

    return once_a_run(tmp_path_factory, "enrolled", make)


@pytest.fixture
def installation(tmp_path: Path, enrolled_home: Path) -> Installation:
    """A home of one's own, with one woman enrolled, at the moment when her first check-in is due."""
    shutil.copytree(enrolled_home, tmp_path / "home")
    here = Installation(tmp_path / "home")
    here.to_next_check_in()
    return here


def telegram(installation: Installation) -> Simulator:
    """A Telegram that goes on where that of `set_up` ended: update_ids are never used twice."""
    return Simulator(token=TOKEN, now=installation.clock, first_update_id=1_000)


def her_phone(simulator: Simulator) -> Woman:
    """The woman of `installation`; her chat has been opened long ago."""
    phone = simulator.phone(user_id=HER_ID, first_name="R")
    phone.chat.opened = True
    return Woman(simulator, phone)
