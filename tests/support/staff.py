"""Members of staff at their desks, for tests."""

from __future__ import annotations

from storage import members
from storage.members import Role
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
    """The chat of a member of staff who has chosen her PIN, and whose desk is open."""
    chat = await member(bot, role, chat_id=chat_id, name=name)
    await chat.say("/pin")
    await chat.say(PIN)
    await chat.say(PIN)
    return chat
