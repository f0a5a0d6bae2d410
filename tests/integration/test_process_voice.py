"""`hilo run` as a process and a voice note for the team: killed while it is fetched, and nothing of it is lost."""

import shutil
from pathlib import Path

from bot.demo import samples
from bot.demo.faults import Fault
from bot.demo.simulator import DOWNLOAD
from tests.support.process import Installation, enrolled_home, her_phone, telegram

__all__ = ["enrolled_home"]

HELD_UP = 20.0
"""Far longer than it takes to kill the process; if that comes before the download, the next process waits it out."""
STATES = "select state from files"


async def test_killed_while_a_voice_note_is_fetched(enrolled_home: Path, tmp_path: Path) -> None:
    shutil.copytree(enrolled_home, tmp_path / "home")  # no check-in is due yet
    installation = Installation(tmp_path / "home")
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        simulator.fail_next(DOWNLOAD, Fault(delay=HELD_UP))
        async with installation.running(url) as bot:
            woman.phone.voice(7)
            await woman.told("equipo")
            woman.phone.send("sí")
            await bot.waits_for(lambda: "getFile" in {call.method for call in simulator.calls})
            await bot.kill()
        assert installation.query(STATES) == [("waiting",)]
        async with installation.running(url) as bot:
            await bot.waits_for(lambda: installation.query(STATES) == [("kept",)])
        ((ref,),) = installation.query("select ref from files")
        out = tmp_path / "nota.ogg"
        heard = await installation.hilo("voices", "save", ref, "--out", str(out), url=url)
        assert (heard.status, heard.err) == (0, "")
    assert out.read_bytes() == samples.voice(7)
    assert installation.query("select file_id, chat_id, next_at from files") == [(None, None, None)]
