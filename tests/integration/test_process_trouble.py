"""`hilo run` in trouble: no network, a full disk, a wrong token, a rival, a second run, a stop in mid-message.

Trouble that passes is said once and waited out, and nothing is lost; trouble that stays is one clear line and exit
status 1. Whatever happens, what the process says holds nothing personal: `running` judges that at each end.
"""

import asyncio
import resource
import socket

import pytest
from aiohttp import ClientSession

from bot.demo.faults import Fault
from tests.support.process import (
    TOKEN,
    BotProcess,
    Installation,
    enrolled_home,
    her_phone,
    installation,
    telegram,
)
from tests.support.woman import DONE, NO_NEED, PATIENCE, Step, stored

__all__ = ["enrolled_home", "installation"]

STOPS_WITHIN = 5.0

BEGIN = Step("cinco minutos", ("Sí, ahora",))
NEEDS_NOTHING = Step("Necesitas algo hoy", (f"☐ {NO_NEED}", DONE))
IDLE = Step("trabajaste aunque fuera", ("No, no trabajé",))
NEXT = "hiciste algo de esto"


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def is_full(bot: BotProcess, full: bool) -> None:
    """Let every write of the process fail as on a full disk, or none any more."""
    _, most = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (0 if full else most, most))


async def test_a_second_run_is_refused_and_the_first_goes_on(installation: Installation) -> None:
    simulator = telegram(installation)
    woman = her_phone(simulator)
    async with simulator.serve() as url, installation.running(url):
        second = await installation.runs("run", url=url)
        assert (second.status, second.out) == (1, "")
        assert second.err == "another hilo run is at work on this database: stop it first\n"
        await woman.answer(BEGIN)
        await woman.question(NEEDS_NOTHING.asked)


async def test_a_wrong_token_is_said_without_the_token(installation: Installation) -> None:
    async with telegram(installation).serve() as url:
        ended = await installation.runs("run", url=url, HILO_BOT_TOKEN=f"{TOKEN}-mal-copiado")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == "Telegram refuses the bot token: copy it again from @BotFather\n"


async def test_without_a_network_it_keeps_trying(installation: Installation) -> None:
    port = free_port()
    simulator = telegram(installation)
    woman = her_phone(simulator)
    async with installation.running(f"http://127.0.0.1:{port}") as bot:
        await bot.tells("intake_unreachable")
        async with simulator.serve(port):
            await woman.answer(BEGIN, NEEDS_NOTHING)
            question = await woman.question(IDLE.asked)
            await bot.tells("intake_restored")
        woman.act(question, IDLE)
        await bot.waits_for(lambda: bot.told("intake_unreachable") == 2)
        async with simulator.serve(port):
            await woman.question(NEXT)
            await bot.waits_for(lambda: bot.told("intake_restored") == 2)
            unreachable = [line for line in bot.errors if "cannot be reached" in line]
            assert len(unreachable) == 2, "said once each time"  # the network goes a third time at the end of the block
    assert stored(installation.database, "m1").answers["trabajo_semana"] == (0, "no_trabaje")


async def test_a_full_disk_confirms_nothing_and_loses_nothing(installation: Installation) -> None:
    simulator = telegram(installation)
    woman = her_phone(simulator)
    async with simulator.serve() as url, installation.running(url) as bot:
        await woman.answer(BEGIN, NEEDS_NOTHING)
        question = await woman.question(IDLE.asked)
        await bot.waits_for(lambda: installation.is_idle() and not simulator.updates_waiting)
        is_full(bot, True)
        woman.act(question, IDLE)
        (tap,) = simulator.updates_waiting
        await simulator.wait_for(lambda: simulator.updates_handed.count(tap) > 2, PATIENCE)
        assert tap["update_id"] not in simulator.updates_confirmed
        is_full(bot, False)
        await woman.question(NEXT)
        await bot.tells("intake_restored")
        assert bot.told("intake_not_stored") == 1
    assert stored(installation.database, "m1").answers["trabajo_semana"] == (0, "no_trabaje")


async def test_a_rival_is_told_of_once_and_outlasted(installation: Installation) -> None:
    simulator = telegram(installation)
    woman = her_phone(simulator)
    async with simulator.serve() as url, installation.running(url) as bot, ClientSession() as rival:
        await woman.question(BEGIN.asked)
        async with asyncio.timeout(PATIENCE):
            while len(simulator.refused) < 2:  # a poll of the rival ends that of the bot, if there is one just then
                async with rival.get(f"{url}/bot{TOKEN}/getUpdates") as response:
                    assert response.status == 200
                await simulator.bell.heard(0.05)
        assert {call.error_code for call in simulator.refused} == {409}
        await woman.answer(BEGIN)
        await bot.tells("intake_restored")
        assert bot.told("intake_conflict") == 1
        async with asyncio.timeout(STOPS_WITHIN):  # in the very moment in which her answer is taken up
            assert await bot.stop() == 0


async def test_told_to_stop_it_hears_what_became_of_the_message_on_its_way(installation: Installation) -> None:
    simulator = telegram(installation)
    woman = her_phone(simulator)
    async with simulator.serve() as url, installation.running(url) as bot:
        await woman.answer(BEGIN, NEEDS_NOTHING)
        question = await woman.question(IDLE.asked)
        simulator.fail_next("sendMessage", Fault(applied=True, delay=1.0))
        woman.act(question, IDLE)
        await woman.question(NEXT)  # Telegram has it, and the bot does not know yet
        async with asyncio.timeout(STOPS_WITHIN):
            assert await bot.stop() == 0
        assert installation.is_idle()
        assert not [line for line in bot.errors if " ERROR " in line]


def test_what_is_personal_is_noticed(installation: Installation) -> None:
    installation.judge("ready", "2026-03-02 10:00:00,000 INFO courier_started: courier started sent_again=0")
    for line in (f"GET /bot{TOKEN}/getMe", "hello Rosalinda", "Traceback (most recent call last):"):
        with pytest.raises(AssertionError):
            installation.judge("ready", line)
