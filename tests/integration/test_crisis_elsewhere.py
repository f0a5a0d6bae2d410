"""Where nothing of a danger may stand, and what is told of how well it is found, and of the lines."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage import care, digest, schema
from storage.consents import Purpose
from storage.detections import counted
from storage.members import Role
from storage.schema import cases, detections
from storage.segments import Excluded, Segment, choose
from tests.support.chat import Bot
from tests.support.composer import handed_in
from tests.support.danger import (
    DYING,
    HURT,
    LINE,
    agreed,
    closed,
    woman_of,
)
from tests.support.exports import write_export
from tests.support.staff import at_work, rows
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


# --- where none of it may stand


@pytest.mark.holds("S-25")
async def test_no_broadcast_is_meant_for_whoever_is_held_and_no_reason_tells_of_it(bot: Bot) -> None:
    rosa, ana = await agreed(bot), await bot.enrolled(502, but_for=[Purpose.ALERTS])
    hers = [await woman_of(bot), await woman_of(bot, 502)]
    await rosa.say(DYING)
    await ana.say(DYING)  # of whom nobody was told
    async with bot.store.database.read() as tx:
        chosen = await choose(tx, Segment())
    assert (list(chosen.included), set(chosen.excluded)) == ([], {Excluded.RESTING})
    await rosa.tap("Estoy bien")
    await ana.tap("Estoy bien")
    async with bot.store.database.read() as tx:
        chosen = await choose(tx, Segment())
    assert (list(chosen.included), sorted(chosen.excluded.items())) == ([hers[1]], [(Excluded.RESTING, [hers[0]])])


async def test_a_broadcast_that_is_under_way_passes_her_by(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await handed_in(lupe)
    await rosa.say(DYING)
    await bot.pass_time(hours=3)
    assert not any("Hay algo nuevo para ti" in text for text in rosa.texts)


@pytest.mark.holds("S-25")
async def test_no_digest_counts_it(bot: Bot) -> None:
    await at_work(bot)
    rosa = await agreed(bot)
    since = bot.store.clock.at - timedelta(days=1)
    async with bot.store.database.read() as tx:
        before = await digest.look(tx, since, bot.store.clock.at)
    await rosa.say(DYING)
    await bot.pass_time(hours=2)
    async with bot.store.database.read() as tx:
        after = await digest.look(tx, since, bot.store.clock.at)
    assert len(await rows(bot, cases)) == 1
    assert replace(after, until=before.until) == before


@pytest.mark.holds("S-25")
async def test_an_export_is_the_same_with_it_and_without(store: Store, tmp_path: Path) -> None:
    bot = Bot(store)
    rosa = await agreed(bot)
    before = await write_export(store, tmp_path / "before")
    await rosa.say(HURT)
    await rosa.tap("Sí, puedo")
    await rosa.say("ya no tarda en llegar mi hermana")
    after = await write_export(store, tmp_path / "after")
    assert len(await rows(bot, detections)) == len(await rows(bot, cases)) == 1
    assert before.hash == after.hash
    assert before.counts == after.counts


def test_only_who_sees_to_her_reads_what_was_found() -> None:
    """A module that reads the table stands here, or is wrong."""
    root = Path(schema.__file__).parent.parent
    reads = re.compile(r"from storage\.schema import [^\n]*\bdetections\b|^    detections,$", re.MULTILINE)
    found = {
        str(file.relative_to(root))
        for room in ("bot", "scheduler", "storage")
        for file in (root / room).rglob("*.py")
        if reads.search(file.read_text(encoding="utf-8"))
    }
    assert found <= {
        "scheduler/writers.py",
        "storage/circumstances.py",
        "storage/detections.py",
        "storage/erasure_register.py",
        "storage/facts.py",
        "storage/holds.py",
    }


# --- what is told of how well it works, and of the lines


async def test_what_was_found_is_counted_by_phrase_and_names_nobody(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await rosa.say("me quiero morir")
    await closed(lupe, "falsa alarma")
    await rosa.say("me quiero morir")
    await rosa.tap("Estoy bien")
    async with bot.store.database.read() as tx:
        ((_, one),) = (await counted(tx)).items()
    assert (one.found, one.told, one.fine, one.right, one.false) == (2, 2, 1, 0, 1)


async def test_coordinators_learn_once_a_week_of_lines_that_nobody_has_called(bot: Bot) -> None:
    lupe = await at_work(bot)
    promotora = await at_work(bot, Role.STAFF, name="Nora Prueba", chat_id=778)

    async def warned() -> int:
        async with bot.store.database.transact() as tx:
            await care.keep(tx, "\n".join(LINE), imminent=False)
            told = await care.warn(tx)
        await bot.settle()
        return told

    assert await warned() == 0
    await bot.pass_time(days=90, hours=14)
    assert await warned() == 0  # at night
    await bot.pass_time(hours=12)
    assert await warned() == 1
    assert "nadie ha comprobado en 90 días" in lupe.last.text
    assert not any("90 días" in text for text in promotora.texts)
    assert await warned() == 0
    await bot.pass_time(days=7)
    assert await warned() == 1
