"""Wherever a woman stops, a stranger who scrolls her chat more than ten minutes later finds nothing: no word that gives
her away, no name, no sum, no number to call, nothing that she wrote.

* The real bot over a store, in virtual time; hypothesis draws her moves, where she stops, and when Telegram refuses.
* Each questionnaire is under way at first, so that all of what it says is among what is left standing.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.library import shipped_sources
from locales.previews import giveaways
from scheduler.plan import Plan, parse_plan
from storage.schema import accounts
from tests.integration.test_gate import CODE, tap_code, with_code
from tests.support import played
from tests.support.chat import Chat, Seen
from tests.support.fieldwork import fresh_store
from tests.support.hands import Hands, Unsteady, quick_to_tell
from tests.support.world import Store, migrated_file

__all__ = ["migrated_file"]

# No shrinking: what was done is told in the order of the doing, and that is short.
EXAMPLES = int(os.environ.get("HILO_EXAMPLES", "2"))

INSTRUMENTS = tuple(name for name, _, _ in shipped_sources())

PLAN = """name = "una"
[[points]]
name = "s1"
offset = {{ days = 7 }}
window = {{ after = 30 }}
reminders = [{{ days = 1 }}, {{ days = 2 }}]
instruments = ["{}"]
"""

NAMES = re.compile(r"(?i)rosa|prueba|canari|nopalito|recetas")
SUMS_AND_NUMBERS = re.compile(r"\d|\$|quinientos")
QUIET_MINUTES = 12
"""Ten of silence, and what it takes to try again what was refused."""


def found_by_a_stranger(chat: Chat) -> list[str]:
    """What tells something to whoever scrolls; a file that she asked for in order to keep it is known by its name."""
    return [seen.text for seen in chat.messages.values() if seen.hers or _tells(seen)]


def _tells(seen: Seen) -> bool:
    if seen.text.startswith("(file "):
        return bool(giveaways(seen.text) or NAMES.search(seen.text))
    said = "\n".join((seen.text, *seen.buttons))
    return bool(giveaways(said) or NAMES.search(said) or SUMS_AND_NUMBERS.search(said))


def plan_of(instrument: str) -> Plan:
    return parse_plan(PLAN.format(instrument), "una.toml")


async def is_hers(bot: Unsteady) -> bool:
    async with bot.store.database.read() as tx:
        return (await tx.run(select(accounts.c.id).where(accounts.c.unlinked_at.is_(None)))).first() is not None


async def sits(store: Store, instrument: str) -> tuple[Unsteady, Chat]:
    """A woman with a code, at the first question of this questionnaire."""
    bot = Unsteady(store, plan=plan_of(instrument))
    rosa = bot.chat()

    async def begins() -> None:
        await with_code(bot)
        await bot.pass_time(days=7)
        await rosa.tap("Sí, ahora")
        await tap_code(rosa)

    await played.once(rosa, ("sits", instrument), begins)
    return bot, rosa


async def lives(store: Store, instrument: str, data: Any) -> None:
    bot, rosa = await sits(store, instrument)
    assert found_by_a_stranger(rosa), "something to hide stands there"

    def choose(among: Any) -> Any:
        return data.draw(st.sampled_from(among))

    hands = Hands(bot, rosa, CODE, choose=choose)
    moves: list[str] = []
    for _ in range(data.draw(st.integers(1, 3))):
        moves += [await hands.move() for _ in range(data.draw(st.integers(1, 4)))]
        if not await is_hers(bot):
            return  # she is erased, or frozen: what a stranger writes is kept by nobody, and deleted by nobody
        bot.refusing = data.draw(st.integers(0, 3))
        await bot.pass_time(minutes=QUIET_MINUTES)
        assert found_by_a_stranger(rosa) == [], moves
        bot.refusing = 0
        await hands.comes_in()
        moves.append("stop")


@pytest.mark.holds("T-phone-2")
@pytest.mark.parametrize("instrument", INSTRUMENTS)
@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_a_stranger_finds_nothing(migrated_file: Path, instrument: str, data: Any) -> None:
    async def play(folder: Path) -> None:
        async with fresh_store(folder / "home", migrated_file) as store:
            await lives(store, instrument, data)

    with tempfile.TemporaryDirectory(prefix="hilo-stranger-") as folder, quick_to_tell():
        asyncio.run(play(Path(folder)))


def test_each_kind_of_trace_is_found() -> None:
    for told in ("Rosa", "$1,500", "800 911 2000", "tu salida de la cárcel"):
        assert _tells(Seen(1, f"Hola. {told}"))
    assert _tells(Seen(1, "Hola.", {"Me fue mal en prisión": "x"}))
    assert not _tells(Seen(1, "Hola. ¿Tienes cinco minutos?", {"Sí, ahora": "x"}))
