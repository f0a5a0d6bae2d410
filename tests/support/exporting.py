"""Exports that are asked for in a chat: held in the middle, made to their end, and what the store has of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from bot.app import OUTGOING
from bot.exporting import Exporting, Make
from storage.exports.exporting import Asked, Made
from storage.exports.exporting import Progress as Told
from storage.schema import audit, export_jobs, exports
from tests.support.chat import Bot, Chat

ROUNDS = 20


async def made(bot: Bot) -> None:
    """All that was asked for is made, and has left or can't. Raises AssertionError if that never ends."""
    for _ in range(ROUNDS):
        await bot.exporting.step()
        await bot.settle()
        if (task := bot.exporting.under_way) is not None:
            await asyncio.wait({task})
        elif not any(row.done_at is None for row in await jobs_of(bot)):
            return
    raise AssertionError("it never comes to an end")


async def jobs_of(bot: Bot) -> Sequence[Any]:
    """All that was asked for, the oldest first."""
    async with bot.store.database.read() as tx:
        return list(await tx.run(select(export_jobs).order_by(export_jobs.c.asked_at)))


async def registered(bot: Bot) -> Sequence[Any]:
    """The register."""
    async with bot.store.database.read() as tx:
        return list(await tx.run(select(exports)))


async def acts(bot: Bot, action: str) -> list[Any]:
    """What the audit trail has of this action."""
    async with bot.store.database.read() as tx:
        return list(await tx.run(select(audit).where(audit.c.action == action)))


async def asked(lupe: Chat, *labels: str, to: str = "la Fundación") -> None:
    """She asks for a file, button by button, and says who gets it."""
    await lupe.say("/exportar")
    for label in labels:
        await lupe.tap(label)
    await lupe.say(to)


def files(chat: Chat) -> list[str]:
    """The files that stand in this chat, but for pictures."""
    return [text for text in chat.texts if text.startswith("(file ") and "grafica" not in text]


class Held:
    """Makes nothing until it is let go, and can be told how far it is."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self.tell: Told = lambda *_: None
        self.begins, self.goes_on = asyncio.Event(), asyncio.Event()
        self.begun = 0

    async def __call__(self, asked: Asked, tell: Told) -> Made:
        self.tell, self.begun = tell, self.begun + 1
        self.begins.set()
        await self.goes_on.wait()
        return await self._make(asked, tell)


async def held(bot: Bot) -> Held:
    """From now on exports wait in the middle; one that was asked for has got there."""
    making = Held(bot.making)
    bot.exporting = Exporting(bot.store.database, bot.store.home / OUTGOING, make=making)
    await bot.exporting.step()
    await making.begins.wait()
    return making
