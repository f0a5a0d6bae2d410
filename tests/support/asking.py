"""Interviews that staff hold, for tests: a woman to ask, and whoever asks her."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from storage.members import Role
from storage.schema import answers, checkins
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work
from tests.support.world import START, Store

LUPE, ANA = 601, 602
RELEASED = START.date() - timedelta(days=32)
"""A month and a day ago: the window of her first month is open."""


async def rows(store: Store, table: Any) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(table)))


async def standing(store: Store) -> dict[str, tuple[str | None, str]]:
    """The answers that stand: value and mode, by variable."""
    return {row.variable: (row.value, row.mode) for row in await rows(store, answers) if row.replaced_at is None}


async def ledger_row(store: Store, point: str = "m1") -> Any:
    (row,) = [row for row in await rows(store, checkins) if row.point == point]
    return row


async def chosen(bot: Bot, lupe: Chat, *, name: str = "Rosa") -> None:
    """She has looked for a woman without a chat of her own, and taken her first month."""
    await lupe.say(f"/capturar {name}")
    await lupe.tap(name)
    await lupe.tap("Mes 1")


async def before_consent(bot: Bot) -> Chat:
    """A coordinator at work; a woman who was released a month ago, and has no chat of her own."""
    await bot.register("R-1", released=RELEASED)
    return await at_work(bot, Role.COORDINATOR, chat_id=LUPE)


async def allowed(lupe: Chat) -> None:
    """She has said yes to all that she was asked apart."""
    while "También acepta" in lupe.last.text:
        await lupe.tap("Sí")


async def asking(bot: Bot, mode: str = "Por teléfono") -> Chat:
    """The first question stands in the coordinator's chat."""
    lupe = await before_consent(bot)
    await chosen(bot, lupe)
    await lupe.tap("De palabra")
    await lupe.tap("Dijo que sí")
    await allowed(lupe)
    await lupe.tap(mode)
    return lupe


async def through(chat: Chat) -> None:
    """All that is asked: no help wanted, no work, and nothing said of the rest."""
    await chat.say("no necesito nada por ahora")
    await chat.say("no")
    while "Saltar" in (there := [label for row in chat.last.rows for label in row]) or "OK" in there:
        await chat.tap("Saltar" if "Saltar" in there else "OK")


async def halfway(bot: Bot) -> tuple[Chat, Chat]:
    """A woman who has answered a question in her own chat, and a coordinator at work."""
    rosa = await bot.enrolled()
    await bot.pass_time(days=32)
    await rosa.say("sí")
    await rosa.say("no necesito nada por ahora")
    return rosa, await at_work(bot, Role.COORDINATOR, chat_id=LUPE)


async def taken_over(bot: Bot) -> tuple[Chat, Chat]:
    """The same, and the coordinator now asks what is left."""
    rosa, lupe = await halfway(bot)
    await chosen(bot, lupe)
    await lupe.tap("Por teléfono")
    return rosa, lupe


async def consented(bot: Bot, lupe: Chat) -> None:
    """Her consent is on record, and nobody asks her yet."""
    await chosen(bot, lupe)
    await lupe.tap("De palabra")
    await lupe.tap("Dijo que sí")
    await allowed(lupe)


def tapped(chat: Chat, data: str) -> dict[str, Any]:
    """The update of a tap in that chat."""
    there = {"chat": {"id": chat.chat_id, "type": "private"}}
    return {"callback_query": {"id": "1", "from": {"id": chat.chat_id}, "data": data, "message": there}}
