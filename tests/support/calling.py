"""Women who are to be called, and staff who call them, for tests."""

from __future__ import annotations

from sqlalchemy import select

from storage import calls, caseloads, cases, contacts, members
from storage.calls import Disposition
from storage.contacts import NewContact, Relation
from storage.schema import audit as trail
from storage.schema import checkins
from storage.stops import How
from tests.support.chat import Bot, Chat

EVA = 602
PHONE = "+525512345678"


async def to_call(bot: Bot, record_id: str = "R-1", *, name: str = "Rosa Prueba", whose: str = "") -> int:
    """A woman who is to be called, of that member's caseload."""
    her = await bot.register(record_id, name=name)
    async with bot.store.database.transact() as tx:
        first = (await tx.run(select(checkins.c.id).where(checkins.c.participant_id == her).limit(1))).scalar_one()
        await cases.ask_for_calls(tx, [(her, first)])
        if whose:
            member = next(one.staff for one in await members.listed(tx) if one.name == whose)
            await caseloads.assign(tx, {her: member}, by="command")
    return her


async def contact_of(bot: Bot, her: int, *, name: str = "Ana Ejemplo", phone: str = "5598765432") -> int:
    """Somebody whom she permitted to be asked."""
    async with bot.store.database.transact() as tx:
        kept = NewContact(name, phone, Relation.SIBLING, tx.now, How.CALL)
        return await contacts.add_contact(tx, her, kept)


async def put(bot: Bot, statement: object) -> None:
    """Change the store from beside."""
    async with bot.store.database.transact() as tx:
        await tx.run(statement)


async def tried(bot: Bot, her: int) -> list[Disposition]:
    """What the attempts to reach her met."""
    async with bot.store.database.read() as tx:
        return [one.disposition for one in await calls.attempts_of(tx, her)]


async def acts(bot: Bot) -> list[tuple[str, str]]:
    """Who (without her number) did what, by the audit trail."""
    async with bot.store.database.read() as tx:
        return [
            (row.actor.partition(":")[0], row.action) for row in await tx.run(select(trail).order_by(trail.c.number))
        ]


async def note_down(chat: Chat, *taps: str) -> None:
    """Open her number, and tell what happened."""
    for label in ("Ver su número", "Anotar qué pasó", *taps):
        await chat.tap(label)


def standing(chat: Chat) -> str:
    """All that stands in a chat."""
    return "\n".join(chat.texts)
