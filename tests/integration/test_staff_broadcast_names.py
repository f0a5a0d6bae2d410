"""Names in what is sent to many: found, and no way to learn whose they are."""

from __future__ import annotations

import pytest

from bot.staff.broadcast_card import Terms
from storage import caseloads, members, people
from storage.broadcasts import Rules
from storage.members import Role
from storage.segments import Spacing
from tests.support.chat import Bot
from tests.support.composer import composed, handed_in, states, women
from tests.support.staff import at_work
from tests.support.world import Store

EVA = 602
OTHERS = "Hola: el viernes viene Berta Ejemplo."
NAMED = "nombre de una participante"


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store, terms=Terms(Rules(approval_above=1, spacing=Spacing(0))))


async def hers(bot: Bot, *record_ids: str) -> None:
    """These women are with Eva."""
    async with bot.store.database.transact() as tx:
        (eva,) = [one.staff for one in await members.listed(tx) if one.name == "Eva Prueba"]
        women = await people.known_record_ids(tx, record_ids)
        await caseloads.assign(tx, dict.fromkeys(women.values(), eva), by="command")


async def test_a_promotora_learns_of_no_name_that_is_not_of_her_caseload(bot: Bot) -> None:
    await women(bot, 1)
    await bot.register("R-9", name="Berta Ejemplo")
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    await hers(bot, "R-501")
    await composed(eva, OTHERS)
    taking_part = eva.last.text
    await eva.tap("Cambiar el texto")
    await eva.say(OTHERS.replace("Berta", "Nadie"))
    assert eva.last.text == taking_part.replace("Berta", "Nadie"), "the same of who takes part and of who does not"
    await eva.tap("Cambiar el texto")
    await eva.say("Hola: el viernes viene Rosa Prueba.")
    assert NAMED in eva.last.text
    await hers(bot, "R-501", "R-9")
    await eva.tap("Cambiar el texto")
    await eva.say(OTHERS)
    assert NAMED in eva.last.text


async def test_whoever_approves_is_told_of_any_name_and_approves_it_not(bot: Bot) -> None:
    await women(bot, 2)
    await bot.register("R-9", name="Berta Ejemplo")
    eva, lupe = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba"), await at_work(bot)
    await hers(bot, "R-501", "R-502")
    await handed_in(eva, OTHERS)
    assert await states(bot) == ["waiting_approval"]
    await lupe.say("/difusion")
    await lupe.tap("el viernes")
    await lupe.tap("Aprobar")
    assert NAMED in lupe.toasts[-1]
    assert await states(bot) == ["waiting_approval"]
