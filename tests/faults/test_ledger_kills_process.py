"""A real process, killed by a real SIGKILL at moments of a check-in: in the middle of a call, or wherever it stands.

What each step does is told one by one in `test_ledger_kills.py`; here it is the machine that dies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo.faults import Fault
from bot.demo.simulator import Simulator
from storage.cases import CALL
from tests.support.fieldwork import TOKEN, fieldwork, fresh_store
from tests.support.office import Office
from tests.support.process import HER_ID, Installation, her_phone
from tests.support.woman import PATIENCE
from tests.support.world import migrated_file

__all__ = ["migrated_file"]

MOMENTS = (
    ("state = 'invited'", "speaking"),
    ("reminders_sent = 1", ""),
    ("reminders_sent = 2", "speaking"),
    ("reminders_sent = 3", ""),
    ("called_for_at is not null", "at once"),
    ("state = 'closed'", "at once"),
)
"""What comes of the check-in at each, and when the bot dies, if it does: while Telegram answers, or right after."""


@pytest.fixture
async def installation(tmp_path: Path, migrated_file: Path) -> Installation:
    """A home in which one woman has consented to everything that her check-ins need."""
    async with fresh_store(tmp_path / "home", migrated_file) as store, fieldwork(store) as bot:
        (woman,) = await Office(bot).register(store.clock.at.date())
        await bot.link(woman, HER_ID)
        (tmp_path / "home" / "clock").write_text("0", encoding="ascii")
        here = Installation(tmp_path / "home")
        here.clock.move_to(store.clock.at)
    return here


async def _live(installation: Installation, simulator: Simulator, url: str, moments: Iterator[tuple[str, str]]) -> bool:
    """One process, until it is killed; False where nothing was left for it."""
    heard = her_phone(simulator).phone.chat.history
    async with installation.running(url, HILO_BOT_TOKEN=TOKEN) as bot:
        await bot.waits_for(installation.has_sent_all)  # of what has not reached her nobody reminds her
        for what, dies in moments:
            before = len(heard)
            if dies == "speaking":
                simulator.fail_next("sendMessage", Fault(delay=PATIENCE, applied=True))
            installation.to_next_check_in()
            happened = f"select 1 from checkins where point = 's1' and {what}"
            await bot.waits_for(lambda happened=happened: installation.query(happened))
            if dies == "speaking":
                await bot.waits_for(lambda before=before: len(heard) > before)
            if dies:
                await bot.kill()
                return True
            await bot.waits_for(installation.has_sent_all)
    return False


async def test_sigkill_at_each_moment_of_a_check_in(installation: Installation) -> None:
    simulator = Simulator(token=TOKEN, now=installation.clock)
    phone = her_phone(simulator).phone
    async with simulator.serve() as url:
        moments = iter(MOMENTS)
        while await _live(installation, simulator, url, moments):
            pass
    origins = {tuple(origin.split(":")[2:-1]) for (origin,) in installation.query("select origin from outbox")}
    assert Counter(origin[0] for origin in origins) == {"invite": 1, "remind": 3, "close": 1}
    assert installation.query("select count(*) from cases where kind = ?", CALL) == [(1,)]
    ended = installation.query("select fate, fate_reason from checkins where point = 's1'")
    assert ended == [("unreachable", "no_answer")]
    told = [message for message in phone.history if message.sender == "bot"]
    assert 4 <= len(told) <= 6, "what was on its way may come twice, and nothing else"
