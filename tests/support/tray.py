"""The tray of cases as staff use it, for tests."""

from __future__ import annotations

from sqlalchemy import select, update

from storage.facts import who_is_in
from storage.schema import audit, participants
from tests.support.chat import Bot, Chat
from tests.support.staff import PIN

MAYA = 602
LINE = "Hola. Hay algo nuevo para ti."


async def id_of(bot: Bot, chat: Chat) -> int:
    """Who is in this chat, a woman or a member of staff; 0 for nobody."""
    async with bot.store.database.read() as tx:
        who = (await who_is_in(tx, [bot.lane(chat.chat_id)]))[bot.lane(chat.chat_id)]
    return who.person.participant if who.person else who.staff.staff if who.staff else 0


async def given(bot: Bot, her: Chat, whose: Chat) -> None:
    """She is that member's."""
    async with bot.store.database.transact() as tx:
        hers = participants.c.id == await id_of(bot, her)
        await tx.run(update(participants).where(hers).values(staff_id=await id_of(bot, whose)))


async def asks(bot: Bot, chat_id: int = 501, *, of: Chat | None = None) -> Chat:
    """A woman, with that member of staff if any, who wrote something to the team."""
    rosa = await bot.enrolled(chat_id)
    if of is not None:
        await given(bot, rosa, of)
    await rosa.say("me cambié de casa")
    await rosa.tap("Pasar este mensaje")
    return rosa


async def opened(chat: Chat, kind: str = "Mensaje") -> None:
    """She has opened the first case of that kind, with her PIN where it is asked for."""
    await chat.say("/bandeja")
    if not any(kind in label for label in chat.last.buttons):
        await chat.say(PIN)
        await chat.tap("Continuar")
    await chat.tap(kind)


async def actions(bot: Bot) -> list[str]:
    """What has been written down, in its order."""
    async with bot.store.database.read() as tx:
        return list((await tx.run(select(audit.c.action).order_by(audit.c.number))).scalars())
