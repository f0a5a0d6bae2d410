"""An export asked for in a chat of a real bot process, which is killed where it hurts: the file comes once, or it is
said plainly that nobody knows."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from zipfile import ZipFile

from bot.demo.faults import Fault
from bot.demo.simulator import Simulator
from tests.support.desks import Desk
from tests.support.process import BotProcess, Installation, enrolled_home, installation, telegram
from tests.support.staff import PIN

__all__ = ["enrolled_home", "installation"]

LUPE = 601
FOR_EVER = 600.0
ASKED = ("Para el equipo", "CSV", "Coma", "Quitar lo que distingue", "Se queda en el equipo")
MAKING = "select count(*) from export_jobs where state = 'making'"
OVER = "select count(*) from export_jobs where done_at is null"
REGISTERED = "select count(*) from exports where made_by like 'staff:%'"


@asynccontextmanager
async def at_work(here: Installation, simulator: Simulator, url: str) -> AsyncIterator[Desk]:
    """A coordinator in front of a bot that runs; whoever kills it leaves."""
    invited = await here.hilo("invite", "staff", "--role", "coordinator", "--name", "Lupe Prueba", "--json", url=url)
    async with here.running(url) as bot:
        lupe = Desk(simulator, here, bot, simulator.phone(user_id=LUPE, first_name="L"))
        lupe.phone.start(json.loads(invited.out)["token"])
        await lupe.says("/pin", PIN, PIN)
        yield lupe


async def asks(lupe: Desk) -> None:
    """She asks for a file."""
    await lupe.says("/exportar")
    for label in ASKED[:-1]:
        await lupe.taps(label)
    lupe.presses(ASKED[-1])


async def is_over(here: Installation, bot: BotProcess) -> None:
    """Return once nothing is being made or on its way."""
    await bot.waits_for(lambda: here.query(OVER) == [(0,)])


def documents(simulator: Simulator) -> int:
    """How often a file has reached her phone."""
    return sum(message.attachment is not None for message in simulator.phone(user_id=LUPE, first_name="L").history)


async def test_killed_while_it_is_made_it_is_made_again_and_comes_once(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        async with at_work(installation, simulator, url) as lupe:
            await asks(lupe)
            await lupe.bot.waits_for(lambda: installation.query(MAKING) == [(1,)])
            await lupe.bot.kill()
        assert (documents(simulator), installation.query(REGISTERED)) == (0, [(0,)])
        async with installation.running(url) as bot:
            await bot.waits_for(lambda: documents(simulator) == 1)
            await is_over(installation, bot)
            assert not list((installation.home / "outgoing").iterdir())
            by_command = installation.home / "same.zip"
            assert (await installation.hilo("export", "--out", str(by_command), url=url)).status == 0
            assert tables(newest(lupe)) == tables(by_command.read_bytes())
            installation.clock.move_to(installation.clock() + timedelta(hours=25))
            await bot.waits_for(lambda: all(one.attachment is None for one in lupe.phone.messages))
    assert (documents(simulator), installation.query(REGISTERED)) == (1, [(1,)])


def newest(lupe: Desk) -> bytes:
    """The newest file in her chat."""
    (file,) = [one.attachment for one in lupe.phone.messages if one.attachment is not None]
    return lupe.simulator.bot.chats.files[file.file_id][1]


def tables(archive: bytes) -> dict[str, bytes]:
    """The tables of a ZIP, but for what says of which moment it is, and who made it."""
    with ZipFile(io.BytesIO(archive)) as packed:
        return {
            name: packed.read(name) for name in packed.namelist() if name not in ("metadata.csv", "datapackage.json")
        }


async def test_killed_as_it_arrives_it_does_not_come_twice_and_she_is_told(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        async with at_work(installation, simulator, url) as lupe:
            simulator.fail_next("sendDocument", Fault(applied=True, delay=FOR_EVER))
            await asks(lupe)
            await lupe.bot.waits_for(lambda: documents(simulator) == 1)
            await lupe.bot.kill()
        async with installation.running(url) as bot:
            await is_over(installation, bot)
            lupe.bot = bot
            await bot.waits_for(lambda: lupe.last.text.startswith("No sé si te llegó el archivo"))
    assert documents(simulator) == 1


async def test_stopped_while_it_is_made_it_is_made_when_the_bot_is_back(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        async with at_work(installation, simulator, url) as lupe:
            await asks(lupe)
            await lupe.bot.waits_for(lambda: installation.query(MAKING) == [(1,)])
            assert await lupe.bot.stop() == 0
        async with installation.running(url) as bot:
            await bot.waits_for(lambda: documents(simulator) == 1)
            await is_over(installation, bot)
    assert installation.query(REGISTERED) == [(1,)]
