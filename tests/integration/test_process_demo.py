"""`hilo demo` as a newcomer starts and ends it: one address, one clear line for what is in its way, nothing left."""

import asyncio
import os
import signal
import socket
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.support.process import HILO
from tests.support.woman import PATIENCE

Outcome = tuple[int | None, str, str]


async def started(home: Path, *words: str, **settings: str) -> Process:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "HILO_HOME": str(home / "data"), **settings}
    command = (HILO, "demo", "--no-browser", *words)
    return await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE, cwd=home)


async def ended(process: Process) -> Outcome:
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def bots_of(home: Path) -> list[int]:
    """The processes that live in this home, as /proc knows them."""
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdecimal() and str(home).encode() in _environment(folder)
    ]


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:  # another user's, or gone by now
        return b""


async def test_it_plays_until_it_is_interrupted_and_leaves_nothing_running(tmp_path: Path) -> None:
    demo = await started(tmp_path, "--port", "0")
    try:
        assert demo.stdout is not None
        async with asyncio.timeout(PATIENCE):
            told = (await demo.stdout.readline()).decode().split()
        (url,) = [word for word in told if word.startswith("http://127.0.0.1:")]
        async with ClientSession() as browser, browser.get(url) as page:
            assert page.status == 200
        second = await ended(await started(tmp_path, "--port", "0"))
        where = tmp_path / "data" / "demo"
        refused = f"another demo plays in {where}: end that one, or set HILO_HOME to another folder\n"
        assert second == (1, "", refused)
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0
        assert len(bots_of(tmp_path)) == 2, "the demo and its bot"
        demo.send_signal(signal.SIGINT)
        assert await ended(demo) == (0, "", "")
        assert bots_of(tmp_path) == []
    finally:
        if demo.returncode is None:
            demo.kill()


async def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = await ended(await started(tmp_path, "--port", str(port)))
    assert outcome == (1, "", f"port {port} is taken: choose another with --port, or 0 for any that is free\n")
    assert bots_of(tmp_path) == []


@pytest.mark.holds("S-38")
async def test_a_real_bot_is_refused_and_its_token_not_repeated(tmp_path: Path) -> None:
    outcome = await ended(await started(tmp_path, HILO_BOT_TOKEN="123456:a-real-one"))
    assert outcome == (1, "", "the demo never uses a real bot: unset HILO_BOT_TOKEN first\n")
    assert not (tmp_path / "data").exists()
