"""The draft of a broadcast at a desk: what it says, for whom and when, with every clear no."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from storage.schema import broadcasts, participants, recipients
from tests.support import composer
from tests.support.chat import Bot
from tests.support.composer import (
    HELLO,
    LINE,
    composed,
    states,
    tried,
    women,
)
from tests.support.staff import at_work, rows

bot, strict = composer.bot, composer.strict


async def restarted(bot: Bot) -> Bot:
    after = Bot(bot.store)
    after.chats, after.numbers = bot.chats, bot.numbers
    for chat in after.chats.values():
        chat.bot = after
    return after


async def test_a_half_composed_broadcast_survives_other_rooms_and_a_restart(bot: Bot) -> None:
    await women(bot, 1)
    lupe = await at_work(bot)
    await composed(lupe)
    await lupe.tap("Cuándo")
    await lupe.say("/equipo")
    after = await restarted(bot)
    lupe.bot = after
    await lupe.say("/difusion")
    await lupe.tap("Seguir con mi borrador")
    assert "el viernes hay taller" in lupe.last.text
    await tried(lupe)
    await restarted(after)
    await lupe.tap("Enviar a 1 mujer")
    assert await states(bot) == ["scheduled"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hola {nobmre}", "No conozco {nobmre}"),
        ("Hola {nombre", "Hay una llave suelta"),
        ("a" * 5000, "sobran 904"),
    ],
)
async def test_what_cannot_be_sent_is_refused_and_nothing_of_it_is_kept(bot: Bot, text: str, told: str) -> None:
    await women(bot, 1)
    lupe = await at_work(bot)
    await composed(lupe, text)
    assert told in lupe.last.text
    assert not await rows(bot, broadcasts)
    await lupe.say(HELLO)
    assert "Borrador" in lupe.last.text


async def test_files_are_sent_on_by_their_id_and_refused_above_the_limit(bot: Bot) -> None:
    (rosa,) = await women(bot, 1)
    lupe = await at_work(bot)
    await lupe.say("/difusion")
    await lupe.tap("Nueva difusión")
    await lupe.send("document", file_id="big", file_size=50_000_001, file_name="aviso.pdf")
    assert "más de 50 MB" in lupe.last.text
    await lupe.send("sticker", file_id="s")
    assert "no lo puedo reenviar" in lupe.last.text
    assert not await rows(bot, broadcasts)
    await lupe.send("document", caption="Va el aviso", file_id="doc", file_size=1000, file_name="aviso_penal.pdf")
    assert "dice «penal»" in lupe.last.text
    assert "Enviarme" not in " ".join(lupe.last.buttons)
    await lupe.send("document", file_id="doc2", file_size=1000, file_name="aviso.pdf")
    assert "Va el aviso" in lupe.last.text
    await tried(lupe)
    assert "(document doc2) Va el aviso" in lupe.texts
    await lupe.tap("Borrar")
    assert "(document doc2) Va el aviso" not in lupe.texts
    await lupe.tap("Enviar a 1")
    await bot.pass_time(minutes=2)
    await rosa.tap("Abrir")
    assert "(document doc2) Va el aviso" in rosa.texts


@pytest.mark.holds("S-4")
async def test_what_gives_a_woman_away_must_be_changed_first(strict: Bot) -> None:
    bot = strict
    await women(bot, 1)
    lupe = await at_work(bot)
    await composed(lupe, "Rosa Prueba salió del penal, llama al 55 9999 8888")
    for told in ("«penal»", "55 9999 8888", "nombre de una participante"):
        assert told in lupe.last.text
    assert "Enviarme" not in " ".join(lupe.last.buttons)
    await lupe.tap("Cambiar el texto")
    await lupe.say("Llama al 5512345678")
    assert "Antes de enviar" not in lupe.last.text, "the number is verified"


async def test_the_segment_is_chosen_by_buttons_with_a_live_count(bot: Bot) -> None:
    chats = await women(bot, 3)
    async with bot.store.database.transact() as tx:
        ids = [row.id for row in await tx.run(select(participants).order_by(participants.c.id))]
        await tx.run(update(participants).where(participants.c.id == ids[0]).values(centre="Norte"))
        await tx.run(update(participants).where(participants.c.id != ids[0]).values(centre="Sur"))
    lupe = await at_work(bot)
    await composed(lupe)
    await lupe.tap("Para quién")
    await lupe.tap("Por centro")
    await lupe.tap("Sur")
    assert "Les llega a <b>2</b>" in lupe.last.text
    await lupe.tap("Norte")
    assert "De: Sur, Norte" in lupe.last.text
    await lupe.tap("✓ Sur")
    assert "Le llega a <b>1</b> mujer." in lupe.last.text
    await lupe.tap("« Borrador")
    await lupe.tap("Para quién")
    await lupe.tap("Todas")
    await lupe.tap("Por meses fuera")
    await lupe.tap("más de 2 años")
    assert "<b>0</b>" in lupe.last.text
    await lupe.tap("cualquier tiempo")
    assert "<b>3</b>" in lupe.last.text
    await lupe.tap("Para quién")
    await lupe.tap("Escribir una lista")
    await lupe.say("R-501, R-503\nR-999")
    assert "<b>2</b>" in lupe.last.text
    assert "No encontré 1 de la lista: R-999" in lupe.last.text
    await chats[0].say("ya no me escriban")
    await lupe.tap("Para quién")
    assert "1: pidió que no le escribamos" in lupe.newest("Queda fuera 1:").text


async def test_nobody_in_the_segment_cannot_be_handed_in(bot: Bot) -> None:
    lupe = await at_work(bot)
    await composed(lupe)
    await tried(lupe)
    assert "Enviar a" not in " ".join(lupe.last.buttons)
    session = next(data for _, data in lupe.offered if "broadcast." in data).partition(".")[0]
    await lupe.tap_data(f"{session}.9.broadcast.submit.00000.0")
    assert "No le llegaría a nadie" in lupe.toasts[-1]
    assert await states(bot) == ["draft"]


async def test_a_segment_that_changed_is_shown_again_and_a_frozen_list_holds(bot: Bot) -> None:
    await women(bot, 2)
    lupe = await at_work(bot)
    await composed(lupe)
    await tried(lupe)
    await bot.enrolled(503)
    await lupe.tap("Enviar a 2 mujeres")
    assert "Algo cambió" in lupe.toasts[-1]
    assert await states(bot) == ["draft"]
    await lupe.tap("Enviar a 3 mujeres")
    late = await bot.enrolled(504)
    await bot.pass_time(minutes=2)
    assert len(await rows(bot, recipients)) == 3
    assert LINE not in late.texts


async def test_the_day_and_the_hour_are_typed_in_plain_spanish(bot: Bot) -> None:
    (rosa,) = await women(bot, 1)
    lupe = await at_work(bot)
    await composed(lupe)
    await lupe.tap("Cuándo")
    unset = {"quién sabe": "No entendí", "mañana": "¿A qué hora?", "hoy a las 9": "ya pasó"}
    for text, told in (unset | {"3/03/2099 a las 9": "más de un año"}).items():
        await lupe.say(text)
        assert told in lupe.last.text
    await lupe.say("mañana a las 11")
    assert "el martes 3 de marzo a las 11:00" in lupe.last.text
    await lupe.tap("Cuándo")
    await lupe.tap("Cada 2 semanas")
    assert "otra vez cada 2 semanas" in lupe.last.text
    await lupe.tap("« Borrador")
    await tried(lupe)
    await lupe.tap("Enviar a 1")
    await bot.pass_time(hours=12)
    assert LINE not in rosa.texts
    await bot.pass_time(hours=16)
    assert LINE in rosa.texts
    assert sorted(await states(bot)) == ["done", "scheduled"]
