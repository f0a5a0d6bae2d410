"""A code that a coordinator draws in her chat lets one identified export go, made by somebody else on the server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.clock import DemoClock
from storage import approvals, departures
from storage.approvals import ApprovalInvalid
from storage.exports.exporting import Asked, Made, register
from storage.members import Role
from storage.schema import approvals as kept
from storage.schema import audit, exports, staff
from tests.support.chat import Bot, Chat
from tests.support.exports import fill
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.staff import at_work
from tests.support.world import START, Store

EVA = 602
STALE = "Ese botón ya no sirve. Usa el último mensaje."


@pytest.fixture
async def bot(store: Store) -> Bot:
    await fill(store)
    return Bot(store)


async def drawn(chat: Chat) -> str:
    """The code of the newest message."""
    await chat.say("/aprobar")
    await chat.tap("Sacar un código")
    return chat.last.text.partition("\n")[0]


async def rows(bot: Bot, table: Any) -> list[Any]:
    async with bot.store.database.read() as tx:
        return list(await tx.run(select(table)))


async def exported(bot: Bot, code: str, name: str) -> CompletedProcess[str]:
    """`hilo export --identified` with this code, as an operator types it."""
    home = bot.store.home
    DemoClock(home / "clock").move_to(START)
    at = {"demo_clock": str(home / "clock"), "bot_api_url": NOBODY_LISTENS}
    words = ("--identified", "--reason", "llamadas", "--approval", code, "--out", home.parent / name)
    return await asyncio.to_thread(Operator(home, {}).runs, "export", *words, **at)


async def test_the_code_lets_one_export_go_and_leaves_the_chat(bot: Bot) -> None:
    lupe = await at_work(bot)
    code = await drawn(lupe)
    assert "Sirve una vez, hasta el 3 de marzo de 2026 a las 10:00" in lupe.last.text
    first = await exported(bot, code, "one")
    assert first.returncode == 0, first.stderr
    people = (bot.store.home.parent / "one" / "people.csv").read_text(encoding="utf-8-sig")
    assert "LC-001" in people
    second = await exported(bot, code, "two")
    assert second.returncode == 1
    assert "not valid" in second.stderr
    assert not (bot.store.home.parent / "two").exists()
    bot.store.clock.advance(minutes=10)  # the operator took a while
    await bot.settle()
    assert not any(code in text for text in lupe.texts)
    (approval,), (export,) = await rows(bot, kept), await rows(bot, exports)
    assert (approval.export_id, export.identified, export.made_by) == (export.id, True, "command")
    acts = [
        (act.action, act.actor) for act in await rows(bot, audit) if act.action in ("approval_drawn", "export_made")
    ]
    assert acts == [("approval_drawn", f"staff:{approval.drawn_by}"), ("export_made", "command")]


async def test_it_leaves_the_chat_when_it_is_too_old_whatever_she_does(bot: Bot) -> None:
    lupe = await at_work(bot)
    code = await drawn(lupe)
    await lupe.say("/menu")
    await bot.pass_time(hours=23)
    assert any(code in text for text in lupe.texts)
    await bot.pass_time(hours=2)
    assert not any(code in text for text in lupe.texts)


async def test_it_leaves_the_chat_of_whoever_is_revoked_too(bot: Bot) -> None:
    lupe = await at_work(bot)
    code = await drawn(lupe)
    async with bot.store.database.transact() as tx:
        await departures.revoke(tx, (await rows(bot, kept))[0].drawn_by)
        with pytest.raises(ApprovalInvalid):
            await approvals.check(tx, code)
    await bot.pass_time(hours=25)
    assert not any(code in text for text in lupe.texts)


async def test_she_can_take_it_away_at_once(bot: Bot) -> None:
    lupe = await at_work(bot)
    code = await drawn(lupe)
    await lupe.tap("Borrar este mensaje")
    assert not any(code in text for text in lupe.texts)
    async with bot.store.database.read() as tx:
        assert await approvals.check(tx, code)


async def test_a_code_is_drawn_once_by_one_tap_and_shown_nowhere_else(bot: Bot) -> None:
    lupe = await at_work(bot)
    code = await drawn(lupe)
    (again,) = [data for label, data in lupe.offered if label == "Sacar un código"]
    await lupe.tap_data(again)
    assert lupe.toasts == [STALE]
    assert len(await rows(bot, kept)) == 1
    await lupe.say("/aprobar")
    assert "Ya hay 1 código tuyo que nadie ha usado." in lupe.last.text
    assert sum(code in text for text in lupe.texts) == 1
    for table in (kept, audit):
        assert not any(code.replace("-", "") in str(value) for row in await rows(bot, table) for value in row)


async def test_whoever_drew_it_cannot_use_it_where_that_is_known(bot: Bot) -> None:
    lupe = await at_work(bot)
    code = await drawn(lupe)
    (approval,) = await rows(bot, kept)
    asked = Asked(Path("x"), identified=True, reason="r", approval=code)
    with pytest.raises(ApprovalInvalid):
        async with bot.store.database.transact() as tx:
            await register(tx, replace(asked, by=f"staff:{approval.drawn_by}"), Made())
    assert not await rows(bot, exports)
    async with bot.store.database.transact() as tx:
        await register(tx, replace(asked, by="staff:1"), Made())


async def test_whoever_coordinates_no_more_lets_nothing_go(bot: Bot) -> None:
    lupe = await at_work(bot)
    code = await drawn(lupe)
    async with bot.store.database.transact() as tx:
        await tx.run(update(staff).values(role=Role.STAFF))
        with pytest.raises(ApprovalInvalid):
            await approvals.check(tx, code)


@pytest.mark.parametrize("verb", ["draw", "hide", "hide.1", "nothing"])
async def test_a_forged_button_of_another_chat_draws_nothing(bot: Bot, verb: str) -> None:
    lupe, eva = await at_work(bot), await at_work(bot, chat_id=EVA, name="Eva Prueba")
    await drawn(lupe)
    before, data = len(await rows(bot, kept)), next(data for _, data in lupe.offered if ".approve." in data)
    await eva.tap_data(f"{data[: data.index('approve.')]}approve.{verb}")
    assert eva.toasts == [STALE]
    assert len(await rows(bot, kept)) == before
