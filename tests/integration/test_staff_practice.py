"""A new promotora practises with a woman who does not exist, and nothing of it is kept."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from storage.members import Role
from storage.schema import metadata
from tests.support.asking import allowed, through
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work
from tests.support.world import Store

OF_A_CHAT = {"inbox", "outbox", "messages", "sessions", "timers", "staff"}
"""What any word in a chat writes: the letter, the reply, where the desk stands, and when she was last at work."""


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def counted(store: Store) -> dict[str, Any]:
    """How many rows each table has that could hold a result."""
    async with store.database.read() as tx:
        return {
            table.name: (await tx.run(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in OF_A_CHAT
        }


async def begun(lupe: Chat) -> None:
    await lupe.say("/practica")
    await lupe.tap("Empezar")
    await lupe.tap("Dijo que sí")
    await allowed(lupe)
    await lupe.tap("Por teléfono")


async def test_the_whole_of_it_writes_nothing_but_the_chat(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    before = await counted(store)
    await begun(lupe)
    await lupe.say("trabajo")
    assert any("Quedó pedido" in text for text in lupe.texts), "the same screens"
    await lupe.tap("Ayuda")
    await lupe.tap("Pausa")
    await lupe.tap("Seguir yo")
    await lupe.say("no")
    await lupe.send("voice", file_id="v", duration=3)
    await through(lupe)
    assert "Así termina" in lupe.last.text
    await lupe.tap("Terminar la práctica")
    assert "No se guardó nada" in lupe.last.text
    assert await counted(store) == before
    assert not any("necesitas" in text.casefold() for text in lupe.texts)


async def test_it_waits_through_a_restart_and_ends_by_itself(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    await begun(lupe)
    await lupe.say("/menu")
    after = Bot(store)
    after.chats[lupe.chat_id], after.numbers, lupe.bot = lupe, bot.numbers, after
    await lupe.say("/practica")
    await lupe.tap("Seguir yo")
    assert lupe.last.text.startswith("1 de")
    await after.pass_time(days=1)
    assert "Práctica terminada" in lupe.last.text


async def test_a_no_ends_it_as_it_would(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    before = await counted(store)
    await lupe.say("/practica")
    await lupe.tap("Empezar")
    await lupe.tap("Dijo que no")
    assert "dijo que no" in lupe.last.text
    assert await counted(store) == before


async def test_an_auditor_does_not_learn_of_it(bot: Bot) -> None:
    chat = await at_work(bot, Role.AUDITOR)
    assert await chat.say("/practica") == await chat.say("/nosuchthing")
