"""Broadcasts of the real bot over a store, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.demo.phone import Phone
from storage import broadcast_desk, broadcasts, members
from storage.broadcast_desk import Broadcast
from storage.broadcasts import Definition, Rules
from storage.members import Member, Role
from storage.notices import Content
from storage.segments import Segment
from tests.support.fieldwork import Fieldwork
from tests.support.office import Office

HELLO = Content("Hola, {nombre}: el viernes hay taller de cocina.")
ALL = Definition(HELLO, Segment())
CHATS = range(501, 600)
MINUTE = timedelta(minutes=1)


async def women(here: Fieldwork, count: int) -> tuple[list[int], list[Phone]]:
    """So many women with linked chats, of whom no check-in is due."""
    ids = await Office(here).register(None, count=count)
    return ids, [await here.link(woman, chat) for woman, chat in zip(ids, CHATS, strict=False)]


async def member(here: Fieldwork, role: Role = Role.COORDINATOR) -> Member:
    """Somebody of the team."""
    async with here.store.database.transact() as tx:
        await members.invite_staff(tx, "Lupe Prueba", role=role)
        return Member(max(one.staff for one in await members.listed(tx) if one.role is role), role)


async def submitted(
    here: Fieldwork, definition: Definition = ALL, *, by: Member | None = None, rules: Rules | None = None
) -> int:
    """A broadcast that she has handed in; without her the command line has."""
    async with here.store.database.transact() as tx:
        id_ = await broadcasts.draft(tx, definition, by=None if by is None else by.staff)
        await broadcasts.submit(tx, id_, by, rules=rules or Rules())
    return id_


async def look(here: Fieldwork, broadcast: int) -> Broadcast:
    """How it stands."""
    async with here.store.database.read() as tx:
        found = await broadcast_desk.get(tx, broadcast)
    assert found is not None
    return found


async def step(here: Fieldwork, move: Any, broadcast: int, **more: Any) -> Any:
    """The broadcast after this move."""
    async with here.store.database.transact() as tx:
        return await move(tx, broadcast, **{"by": None, **more})


def lines(phones: Sequence[Phone]) -> list[int]:
    """How many messages of the bot each phone has."""
    return [sum(message.sender == "bot" for message in phone.history) for phone in phones]


async def passes(here: Fieldwork, time: timedelta = 2 * MINUTE) -> None:
    """Time goes by."""
    await here.pass_to(here.now + time)
