"""Keys change under a real bot: it notices by itself, the talk goes on, a killed change is taken up again."""

from pathlib import Path

from bot.demo.simulator import Simulator
from storage.cells import SEALED
from storage.lanes import TABLES
from storage.vault import read_keys
from tests.integration.test_process import (
    BEGIN,
    FAMILY,
    IDLE,
    NEEDS_NOTHING,
    SOLD_AND_WORKED_NOTHING,
    SOLD_NOTHING,
)
from tests.support.process import Installation, enrolled_home, her_phone, installation, telegram
from tests.support.woman import PATIENCE, stored

__all__ = ["enrolled_home", "installation"]


async def typed(here: Installation, *words: str, url: str) -> str:
    """A command that must succeed, and tell nothing of anybody."""
    ended = await here.hilo(*words, url=url)
    assert ended.status == 0, ended.err
    here.judge(ended.out, ended.err)
    return ended.out


async def killed_in_the_middle(here: Installation, simulator: Simulator, url: str) -> None:
    """`hilo keys rotate`, killed once its new keys are there."""
    process = await here._start(("keys", "rotate"), url, {})
    await simulator.wait_for(lambda: read_keys(here.home / "key").changing, PATIENCE)
    if process.returncode is None:
        process.kill()
    await process.communicate()
    assert read_keys(here.home / "key").changing


def key_ids(here: Installation) -> set[str]:
    """Under which keys anything stands."""
    columns = [(cells.table.name, cells.column.name) for cells in SEALED]
    columns += [("vault", "record_id_digest"), *((table.name, "lane") for table in TABLES)]
    found: set[str] = set()
    for table, column in columns:
        rows = here.query(f"select cast(substr({column}, 1, 2) as text) from {table} where {column} is not null")
        found |= {key_id for (key_id,) in rows}
    return found


async def test_keys_change_under_a_running_bot(installation: Installation, tmp_path: Path) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        async with installation.running(url):
            await woman.answer(BEGIN, NEEDS_NOTHING)
            await killed_in_the_middle(installation, simulator, url)
            await woman.answer(IDLE)
            assert "hilo keys backup FILE" in await typed(installation, "keys", "rotate", url=url)
            await woman.answer(SOLD_NOTHING)
            assert key_ids(installation) == {"s2", "d2"}
            await typed(installation, "keys", "backup", str(tmp_path / "copy"), url=url)
            assert "earlier keys are gone" in await typed(installation, "keys", "rotate", url=url)
            await woman.question(FAMILY)
        assert stored(installation.database, "m1").answers == SOLD_AND_WORKED_NOTHING
        async with installation.running(url):
            assert "the audit trail holds" in await typed(installation, "audit", "verify", url=url)
        assert list(read_keys(installation.home / "key").sealing) == ["s2"]
