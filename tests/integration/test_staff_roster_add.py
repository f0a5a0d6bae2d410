"""A woman is registered from the chat, question by question."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from storage.members import Role
from storage.schema import checkins, participants, preferences
from tests.integration.test_staff_roster import ANA, give, registered
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work
from tests.support.world import Store

TOLD = ("N-1", "Rosa Martínez Lara", "1990", "15/03/2026")


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def told(chat: Chat, *answers: str) -> None:
    """She begins, and answers the first questions so."""
    await chat.say("/participantes")
    await chat.tap("Registrar")
    for answer in answers:
        await chat.say(answer)


async def women(bot: Bot) -> list[object]:
    async with bot.store.database.read() as tx:
        return list((await tx.run(select(participants, preferences.c.zone).join(preferences))).all())


async def test_a_woman_is_registered_with_her_check_ins(bot: Bot) -> None:
    ana = await at_work(bot, Role.STAFF, chat_id=ANA, name="Ana Prueba")
    await told(ana, *TOLD)
    await ana.tap("Texcoco")
    await ana.say("Chihuahua, Juárez")
    await ana.say("55 1234 5678")
    assert "Revisa antes de registrar" in ana.last.text
    assert "Salida: 15 de marzo de 2026" in ana.last.text
    assert not await women(bot)
    await ana.tap("Registrar")
    (her,) = await women(bot)
    assert (her.centre, her.birth_year, her.zone) == ("TEX", 1990, "America/Ciudad_Juarez")  # type: ignore[attr-defined]
    assert her.staff_id is not None, "she is with whoever registered her"  # type: ignore[attr-defined]
    async with bot.store.database.read() as tx:
        assert len((await tx.run(select(checkins))).all()) == 6
    await ana.tap("Su tarjeta")
    assert ana.last.text.startswith("Rosa Martínez Lara\nFolio: N-1 · Texcoco")


async def test_what_is_not_known_can_be_left_out(bot: Bot) -> None:
    lupe = await at_work(bot)
    await told(lupe, "N-1", "Rosa Martínez Lara")
    for _ in range(5):
        await lupe.tap("Saltar")
    await lupe.tap("Registrar")
    (her,) = await women(bot)
    found = (her.release_on, her.centre, her.zone, her.staff_id)  # type: ignore[attr-defined]
    assert found == (None, None, "America/Mexico_City", None)


async def test_what_cannot_be_read_is_asked_again(bot: Bot) -> None:
    lupe = await at_work(bot)
    await told(lupe, "5512345678")
    assert lupe.last.text.startswith("No lo entendí.\nEscribe su folio")
    await lupe.say("Rosa")
    await lupe.say("Rosa Martínez")
    assert "El folio no puede ser su nombre" in lupe.last.text
    await lupe.say("N-1")
    for unread, asked in (("12345", "nombre completo"), ("x" * 5000, "nombre completo")):
        await lupe.say(unread)
        assert asked in lupe.last.text
    await lupe.say("Rosa Martínez Lara")
    for unread in ("90", "1850", "hoy"):
        await lupe.say(unread)
        assert "¿En qué año nació?" in lupe.last.text
    assert not await women(bot)


async def test_a_record_id_that_is_taken_is_told_at_once_and_at_the_end(bot: Bot) -> None:
    lupe = await at_work(bot)
    await registered(bot, "Clara Invención Soto")
    await told(lupe, "r-1")
    assert "ya lo tiene otra mujer" in lupe.last.text
    await lupe.say("R-9")
    await lupe.say("Rosa Martínez Lara")
    for _ in range(5):
        await lupe.tap("Saltar")
    await registered(bot, "Olga Distinta Ruiz", first=9)
    await lupe.tap("Registrar")
    assert "ya lo tiene otra mujer" in lupe.last.text
    assert len(await women(bot)) == 2


async def test_two_who_register_one_record_id_in_one_moment_register_one_woman(bot: Bot) -> None:
    chats = [await at_work(bot), await at_work(bot, chat_id=ANA, name="Ana Prueba")]
    for chat, name in zip(chats, ("Rosa Martínez Lara", "Olga Distinta Ruiz"), strict=True):
        await told(chat, "N-1", name)
        for _ in range(5):
            await chat.tap("Saltar")
    updates = []
    for chat in chats:
        data = next(data for label, data in reversed(chat.offered) if label == "Registrar")
        query = {"id": str(next(bot.numbers)), "from": {"id": chat.chat_id}, "data": data}
        message = {"chat": {"id": chat.chat_id, "type": "private"}}
        updates.append((chat.chat_id, {"callback_query": {**query, "message": message}}))
    await bot.receive(*updates)
    await bot.settle()
    assert len(await women(bot)) == 1
    assert "Registré a Rosa" in chats[0].last.text
    assert "ya lo tiene otra mujer" in chats[1].last.text


async def test_a_woman_who_may_be_known_is_shown_before_she_is_registered_twice(bot: Bot) -> None:
    lupe = await at_work(bot)
    await registered(bot, "María López Hernández")
    await told(lupe, "N-1", "Hernandez Lopez Maria")
    for _ in range(5):
        await lupe.tap("Saltar")
    assert "se parece a quien ya está registrada" in lupe.last.text
    assert "María López Hernández · R-1 · Chalco" in lupe.last.text
    await lupe.tap("Es otra mujer")
    await lupe.tap("Registrar")
    assert len(await women(bot)) == 2


async def test_a_promotora_learns_that_somebody_is_known_and_not_who(bot: Bot) -> None:
    ana = await at_work(bot, Role.STAFF, chat_id=ANA, name="Ana Prueba")
    (hers, _) = await registered(bot, "Clara Invención Soto", "María López Hernández")
    await give(bot, hers, ana)
    await told(ana, "N-1", "Maria Lopez Hernandez")
    for _ in range(5):
        await ana.tap("Saltar")
    assert "R-2" not in ana.last.text
    assert "1 de otra compañera" in ana.last.text
    await ana.tap("Es la misma")
    assert len(await women(bot)) == 2


async def test_a_restart_in_the_middle_of_adding_goes_on_where_it_was(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot)
    await told(lupe, *TOLD[:2])
    after = Bot(store)
    after.chats[lupe.chat_id], after.numbers, lupe.bot = lupe, bot.numbers, after
    await lupe.say("1990")
    for _ in range(4):
        await lupe.tap("Saltar")
    assert "Nombre: Rosa Martínez Lara" in lupe.last.text
    await lupe.tap("Registrar")
    assert len(await women(after)) == 1
