"""Members of staff at their desks, for tests."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import select, update

from storage import members
from storage.members import Role
from storage.schema import accounts, staff
from storage.words import hashed
from tests.support import played
from tests.support.chat import Bot, Chat

LUPE = 601
PIN = "2580"


async def member(bot: Bot, role: Role = Role.COORDINATOR, *, chat_id: int = LUPE, name: str = "Lupe Prueba") -> Chat:
    """The chat of a member of staff who has just come in."""
    async with bot.store.database.transact() as tx:
        token = (await members.invite_staff(tx, name, role=role)).token
    chat = bot.chat(chat_id)
    await chat.start(token)
    return chat


async def at_work(bot: Bot, role: Role = Role.COORDINATOR, *, chat_id: int = LUPE, name: str = "Lupe Prueba") -> Chat:
    """The chat of a member of staff who has chosen her PIN, and whose desk is open; `test_staff_desk.py` plays how."""
    chat = bot.chat(chat_id)
    await played.once(chat, ("at work", role, name), lambda: _begin(bot, role, chat_id=chat_id, name=name))
    return chat


async def rows(bot: Bot, which: Any) -> list[Any]:
    """All rows of this table."""
    async with bot.store.database.read() as tx:
        return list(await tx.run(select(which)))


async def _begin(bot: Bot, role: Role, *, chat_id: int, name: str) -> None:
    await member(bot, role, chat_id=chat_id, name=name)
    async with bot.store.database.transact() as tx:
        hers = select(accounts.c.staff_id).where(accounts.c.lane == bot.lane(chat_id), accounts.c.unlinked_at.is_(None))
        opened = {"pin_hash": _kept(), "seen_at": tx.now}
        await tx.run(update(staff).where(staff.c.id == hers.scalar_subquery()).values(opened))


@lru_cache
def _kept() -> str:
    """Drawn once: it takes longer than all else that opens a desk."""
    return hashed(PIN)
