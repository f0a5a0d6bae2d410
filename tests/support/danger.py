"""A woman in danger, for tests: what she writes, whether she agreed that staff be told, and what was kept of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from storage.cases import words_in
from storage.schema import accounts, cases, detections, preferences
from tests.support.chat import Bot, Chat
from tests.support.staff import rows
from tests.support.tray import opened

HURT = "mi marido me pega"
DYING = "ya no quiero vivir, me quiero morir"
NOW = "está afuera con un arma y me va a matar"
FIRST = "Gracias por decírmelo: lo que te pasa importa."
SHORT = 600
"""Characters: what fits on a small screen without scrolling."""

LINE = (
    '[[line]]\nnumber = "800-123-4567"\nname = "La nuestra"\nhours = "24 h"',
    'kinds = ["danger", "violence", "self_harm"]\nverified_on = 2026-01-01\nsource = "called"',
)

RISKY = """
| settings |
|          | version |
|          | 9       |

| survey |
| | type             | name  | label             | calculation   | hilo::risk         |
| | select_one veces | ideas | ¿Qué tan seguido? |               | self_harm: . = 'casi' |
| | integer          | dias  | ¿Cuántos días?    |               | violence: . > 3    |
| | calculate        | total |                   | ${dias} + 1   | self_harm: . > 3   |
| | text             | algo  | ¿Algo más?        |               |                    |

| choices |
| | list_name | name | label       |
| | veces     | nunca | Nunca       |
| | veces     | casi  | Casi diario |
"""


async def woman_of(bot: Bot, chat_id: int = 501) -> int:
    hers = select(accounts.c.participant_id).where(accounts.c.lane == bot.lane(chat_id))
    async with bot.store.database.read() as tx:
        return int((await tx.run(hers)).scalar_one())


async def agreed(bot: Bot) -> Chat:
    """A woman who agreed that staff be alerted."""
    return await bot.enrolled()


async def invited(bot: Bot) -> Chat:
    """A woman whose first question stands open."""
    rosa = await agreed(bot)
    await bot.pass_time(days=7)
    await rosa.tap("Sí, ahora")
    return rosa


async def found(bot: Bot) -> Any:
    return (await rows(bot, detections))[-1]


async def kept_words(bot: Bot) -> list[str]:
    async with bot.store.database.read() as tx:
        found = (await tx.run(select(cases).where(cases.c.kind == "crisis"))).first()
        return [] if found is None else [one.text for one in words_in(tx, found)]


async def lives_in(bot: Bot, region: str | None) -> None:
    async with bot.store.database.transact() as tx:
        await tx.run(update(preferences).values(region=region))


async def closed(lupe: Chat, verdict: str) -> None:
    await opened(lupe, "Crisis")
    await lupe.tap("Cerrar")
    await lupe.tap(verdict)
    await lupe.tap("Se resolvió")
