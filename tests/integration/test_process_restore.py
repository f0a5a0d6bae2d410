"""Backups and restores as an operator does them: on another machine with the key alone, and beside a bot that runs."""

import asyncio
import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.support.operator import Operator
from tests.support.process import TOKEN, Installation, enrolled_home, her_phone, installation, telegram

__all__ = ["enrolled_home", "installation"]


@pytest.mark.holds("S-33")
async def test_it_is_put_back_on_another_machine_with_the_key_alone(installation: Installation, tmp_path: Path) -> None:
    here = Operator(installation.home, {"HILO_DEMO_CLOCK": "", "HILO_BOT_API_URL": ""})
    backup = tmp_path / "backup"
    await asyncio.to_thread(here.done, "backup", backup)
    elsewhere = Operator(tmp_path / "elsewhere", {})
    assert "key file" in await asyncio.to_thread(elsewhere.refused, "restore", backup, "--check")
    elsewhere.home.mkdir(mode=0o700)
    shutil.copy(installation.home / "key", elsewhere.home / "key")
    assert "can be put back" in await asyncio.to_thread(elsewhere.done, "restore", backup, "--check")
    assert os.listdir(elsewhere.home) == ["key"], "a check leaves nothing"
    said = await asyncio.to_thread(elsewhere.done, "restore", backup)
    assert "does not say all that happened since" in said
    assert "R-CANARIO-1" in await asyncio.to_thread(elsewhere.done, "participants", "list")
    assert "--force" in await asyncio.to_thread(elsewhere.refused, "restore", backup)


async def test_beside_a_running_bot_and_back(installation: Installation, tmp_path: Path) -> None:
    simulator = telegram(installation)
    backup = tmp_path / "backup"
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        settings = {"bot_token": TOKEN, "bot_api_url": url, "demo_clock": str(installation.home / "clock")}
        done = partial(asyncio.to_thread, Operator(installation.home, {}).done, **settings)
        refused = partial(asyncio.to_thread, Operator(installation.home, {}).refused, **settings)
        async with installation.running(url):
            await woman.question("cinco minutos")
            made = await done("backup", backup)
            assert "another hilo run is at work" in await refused("restore", backup, "--force")
        back = await done("restore", backup, "--force")
        installation.judge(*made.splitlines(), *back.splitlines())
        async with installation.running(url) as bot:
            assert any("nothing is sent to women" in line for line in bot.said)
            woman.phone.send("ayuda")
            kept = "select 1 from outbox where reason = 'restored' and state = 'ready'"
            await bot.waits_for(lambda: installation.query(kept))
            assert woman.phone.history[-1].sender == "person"
            await done("restore", "--confirm")
            await bot.waits_for(lambda: woman.phone.history[-1].sender == "bot")
