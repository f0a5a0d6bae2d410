"""Data may have got out: every woman who is affected learns of it, in her chat or from staff, and nobody with her."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select, update

from storage import breach
from storage.cases_kinds import BREACH
from storage.consents import Purpose
from storage.freezing import freeze
from storage.schema import cases, participants
from tests.integration.test_gate import tap_code, with_code
from tests.support.chat import Bot
from tests.support.danger import DYING, woman_of
from tests.support.operator import Operator
from tests.support.staff import at_work, rows
from tests.support.world import Store

LINE = "Hola. Hay algo nuevo para ti."
TEXT = "Hola, ¿nos marcas cuando tengas un ratito?\nQueremos contarte algo que te sirve saber hoy mismo."


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def told(bot: Bot) -> breach.Told:
    """Everybody in the store is affected, and told."""
    async with bot.store.database.transact() as tx:
        return await breach.tell(tx, list((await tx.run(select(participants.c.id))).scalars()), TEXT)


async def to_call(bot: Bot) -> int:
    return len([case for case in await rows(bot, cases) if case.kind == BREACH and case.closed_at is None])


@pytest.mark.holds("S-44")
async def test_it_needs_no_permission_for_broadcasts_and_says_nothing_before_her_tap(bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("mis permisos ninguna")
    await tap_code(rosa)
    assert len((await told(bot)).in_chat) == 1
    await bot.pass_time(hours=20)
    assert rosa.last.text == LINE
    await rosa.tap("Abrir")
    assert not any("marcas" in text for text in rosa.texts)
    await tap_code(rosa)
    assert rosa.last.text == TEXT
    async with bot.store.database.read() as tx:
        assert [one.how for one in await breach.standing(tx)] == [breach.How.READ]
    await bot.pass_time(days=3)
    assert await to_call(bot) == 0


@pytest.mark.holds("S-44")
@pytest.mark.parametrize("why", ["alto", "no chat", "blocked", "frozen", "in danger", "dead"])
async def test_whom_no_chat_reaches_staff_call(bot: Bot, why: str) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled(but_for=[Purpose.BROADCASTS])
    woman = await woman_of(bot)
    match why:
        case "alto":
            await rosa.say("alto")
        case "blocked":
            await rosa.block()
        case "in danger":
            await rosa.say(DYING)
        case "frozen":
            async with bot.store.database.transact() as tx:
                await freeze(tx, woman, actor="command")
        case "dead":
            async with bot.store.database.transact() as tx:
                await tx.run(update(participants).values(died_on=tx.now.date()))
        case _:
            await bot.register("R-2")
    before = len(rosa.texts)
    found = await told(bot)
    assert len(found.to_call) == (why != "dead")
    assert await to_call(bot) == (why != "dead")
    await bot.pass_time(days=1)
    if why != "no chat":
        assert LINE not in rosa.texts[before:]
    assert not any("datos" in text for text in lupe.texts), "an alert says nothing"


@pytest.mark.holds("S-44")
@pytest.mark.parametrize("then", ["nothing", "alto"])
async def test_who_does_not_open_it_or_stops_meanwhile_is_called_once(bot: Bot, then: str) -> None:
    rosa = await bot.enrolled()
    await told(bot)
    if then == "alto":
        await rosa.say("alto")
        await bot.pass_time(hours=1)
        assert await to_call(bot) == 1
    await bot.pass_time(days=1)
    assert await to_call(bot) == (then == "alto")
    await bot.pass_time(days=4)
    assert await to_call(bot) == 1
    async with bot.store.database.transact() as tx:
        await tx.run(update(cases).where(cases.c.kind == BREACH).values(closed_at=tx.now, state="resolved"))
    await bot.pass_time(days=4)
    assert await to_call(bot) == 0
    async with bot.store.database.read() as tx:
        assert breach.How.CALLED in {one.how for one in await breach.standing(tx)}


async def test_the_command_counts_first_and_sends_only_when_told_to(store: Store, bot: Bot, tmp_path: Path) -> None:
    await bot.enrolled()
    await bot.register("R-2")
    operator, file = Operator(store.home, {}), tmp_path / "text"

    def types() -> None:
        file.write_text("Se robaron los datos de la cárcel.\nHola", encoding="utf-8")
        assert "first line" in operator.refused("privacy", "breach", file, "--everybody")
        file.write_text(TEXT, encoding="utf-8")
        assert "say who" in operator.refused("privacy", "breach", file)
        assert "nobody has" in operator.refused("privacy", "breach", file, "--record-id", "R-9")
        assert "would be for staff to call: R-2" in operator.done("privacy", "breach", file, "--everybody")
        assert operator.read("privacy", "told") == []
        said = operator.done("privacy", "breach", file, "--everybody", "--send")
        assert "1 told in the chat" in said
        assert {one["how"] for one in operator.read("privacy", "told")} == {"waits in her chat", "to be called"}

    await asyncio.to_thread(types)
