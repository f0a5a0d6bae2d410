"""A member of staff at the composer of broadcasts, for tests."""

from __future__ import annotations

import pytest

from bot.staff.broadcast_card import Terms
from storage.broadcasts import Rules
from storage.schema import broadcasts
from storage.segments import Spacing
from tests.support.chat import Bot, Chat
from tests.support.staff import rows
from tests.support.world import Store

CARMEN = 602
HELLO = "Hola, {nombre}: el viernes hay taller de cocina."
SEEN = "Hola, Rosa: el viernes hay taller de cocina."
LINE = "Hola. Hay algo nuevo para ti."


@pytest.fixture
def bot(store: Store) -> Bot:
    """A bot as it is shipped."""
    return Bot(store)


@pytest.fixture
def strict(store: Store) -> Bot:
    """A bot where a broadcast to two women must be approved, and one telephone number is verified."""
    return Bot(store, terms=Terms(Rules(approval_above=1, spacing=Spacing(0)), phones=("55 1234 5678",)))


async def women(bot: Bot, count: int) -> list[Chat]:
    """These women have joined."""
    return [await bot.enrolled(501 + number) for number in range(count)]


async def composed(chat: Chat, text: str = HELLO) -> None:
    """She has written this into a new draft."""
    await chat.say("/difusion")
    await chat.tap("Nueva difusión")
    await chat.say(text)


async def tried(chat: Chat) -> None:
    """She has seen it as they will."""
    await chat.tap("Enviarme a mí primero")
    await chat.tap("Abrir")


async def handed_in(chat: Chat, text: str = HELLO) -> None:
    """She has handed it in."""
    await composed(chat, text)
    await tried(chat)
    await chat.tap("Enviar a")


async def states(bot: Bot) -> list[str]:
    """The states of all broadcasts."""
    return [row.state for row in await rows(bot, broadcasts)]
