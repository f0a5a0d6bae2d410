"""What women send in a case is seen and heard at the desk, and leaves it again; and from a case everything stops."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from storage.cases import words_in
from storage.members import Role
from storage.schema import audit, case_log, participants
from storage.schema import cases as table
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work, rows
from tests.support.tray import MAYA, asks, id_of, opened
from tests.support.world import Store

PICTURE, SOUND, PAPER = "(photo foto1) ", "(voice nota1) ", "(document hoja1) "


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def shows(bot: Bot, chat_id: int = 501) -> Chat:
    """A woman who passed a photo with words below it, a voice note and a file to the team."""
    rosa = await bot.enrolled(chat_id)
    await rosa.send("photo", file_id="foto1", caption="así quedó la puerta")
    await rosa.send("voice", file_id="nota1", duration=4)
    await rosa.send("document", file_id="hoja1", file_name="carta.pdf")
    await rosa.send("location", latitude=19.4, longitude=-99.1)
    await rosa.tap("Pasar este mensaje")
    return rosa


async def test_what_she_sent_stands_in_the_thread_in_words(bot: Bot) -> None:
    lupe = await at_work(bot)
    await shows(bot)
    await opened(lupe)
    for told in ("📷 Foto", "así quedó la puerta", "🎤 Nota de voz", "📄 Archivo", "📍 Ubicación"):
        assert told in lupe.last.text
    assert "(photo)" not in lupe.last.text


async def test_it_is_seen_and_heard_which_is_written_down_and_goes_again(bot: Bot) -> None:
    lupe = await at_work(bot)
    await shows(bot)
    await opened(lupe)
    await lupe.tap("Ver lo que mandó")
    assert [one for one in (PICTURE, SOUND, PAPER) if one in lupe.texts] == [PICTURE, SOUND, PAPER]
    assert "Se borra de este chat en una hora" in lupe.last.text
    assert ("case_sent_seen", "mensaje") in [(row.action, row.detail) for row in await rows(bot, audit)]
    await lupe.tap("Borrar de aquí")
    assert not {PICTURE, SOUND, PAPER} & set(lupe.texts)
    assert "así quedó la puerta" in lupe.last.text
    await lupe.tap("Ver lo que mandó")
    await lupe.tap("Responder")
    assert not {PICTURE, SOUND, PAPER} & set(lupe.texts), "whatever she does next"


async def test_it_goes_by_itself_after_an_hour_whatever_she_does_meanwhile(bot: Bot) -> None:
    lupe = await at_work(bot)
    await shows(bot)
    await opened(lupe)
    await lupe.tap("Ver lo que mandó")
    await lupe.say("/menu")
    lupe.bot = after = Bot(bot.store)
    after.chats, after.numbers = bot.chats, bot.numbers
    assert PICTURE in lupe.texts
    await after.pass_time(minutes=61)
    assert not {PICTURE, SOUND, PAPER} & set(lupe.texts)


async def test_of_two_cases_only_the_one_that_is_looked_at_stands_there(bot: Bot) -> None:
    lupe = await at_work(bot)
    await shows(bot)
    luz = await bot.enrolled(502)
    await luz.send("photo", file_id="foto2")
    await luz.tap("Pasar este mensaje")
    await lupe.say("/bandeja")
    labels = [data for label, data in lupe.last.buttons.items() if "Mensaje" in label]
    for data in labels:
        await lupe.tap_data(data)
        await lupe.tap("Ver lo que mandó")
    standing = [text for text in lupe.texts if text in (PICTURE, "(photo foto2) ")]
    assert len(standing) == 1


async def test_nobody_sees_what_was_sent_in_a_case_that_is_not_hers(bot: Bot) -> None:
    lupe = await at_work(bot)
    eva = await at_work(bot, Role.STAFF, chat_id=MAYA, name="Eva Prueba")
    await shows(bot)
    await opened(lupe)
    await eva.tap_data(lupe.last.buttons["👁 Ver lo que mandó"])
    assert not {PICTURE, SOUND, PAPER} & set(eva.texts)
    assert "case_sent_seen" not in [row.action for row in await rows(bot, audit)]


async def test_where_she_sent_nothing_there_is_no_such_button(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asks(bot)
    await opened(lupe)
    assert "👁 Ver lo que mandó" not in lupe.last.buttons
    (case,) = await rows(bot, table)
    session, _, _ = next(data for _, data in lupe.offered).partition(".")
    await lupe.tap_data(f"{session}.1.cases.see.{case.id:x}")
    assert lupe.toasts[-1] == "Aquí no hay nada que se pueda mostrar."


async def test_its_id_is_sealed_and_forgotten_as_the_case_is_closed(bot: Bot) -> None:
    lupe = await at_work(bot)
    await shows(bot)
    (case,) = await rows(bot, table)
    assert b"foto1" not in case.words
    await opened(lupe)
    await lupe.tap("Cerrar")
    await lupe.tap("Se resolvió")
    (case,) = await rows(bot, table)
    async with bot.store.database.read() as tx:
        kept = words_in(tx, case)
    assert [words.file_id for words in kept] == [""] * 5
    assert "así quedó la puerta" in [words.text for words in kept]


async def test_a_photo_that_staff_sent_is_told_as_one(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asks(bot)
    await opened(lupe)
    await lupe.tap("Responder")
    await lupe.send("photo", file_id="mapa1", caption="Es aquí.")
    await lupe.tap("Ver el caso")
    assert "📷 Foto Es aquí." in lupe.last.text
    assert [row.kind for row in await rows(bot, case_log)] == ["reply_photo"]


# --- everything stops


async def test_from_a_case_everything_to_her_stops(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await asks(bot)
    await opened(lupe)
    await lupe.tap("Congelar")
    assert "¿Congelar a Rosa Prueba?" in lupe.last.text
    await lupe.tap("Sí, congelar ya")
    assert "Rosa Prueba está congelada" in lupe.last.text
    (her,) = await rows(bot, participants)
    assert her.frozen_at is not None
    assert "me cambié de casa" not in rosa.texts
    await lupe.tap("Su tarjeta")
    assert "Congelada: no se le envía nada" in lupe.last.text


async def test_whoever_stands_in_can_stop_everything_too_and_nobody_else(bot: Bot) -> None:
    lupe, maya = await at_work(bot), await at_work(bot, Role.STAFF, chat_id=MAYA, name="Maya Prueba")
    eva = await at_work(bot, Role.STAFF, chat_id=603, name="Eva Prueba")
    await asks(bot, of=lupe)
    await lupe.say("/bandeja")
    await lupe.tap("Me ausento")
    await lupe.tap("Maya Prueba")
    await lupe.tap("1")
    await opened(maya)
    ask = maya.last.buttons["🧊 Congelar"]
    await eva.tap_data(ask)
    assert eva.toasts[-1] == "Ya no está en tu lista."
    assert "Rosa" not in " ".join(eva.texts)
    await maya.tap("Congelar")
    await maya.tap("Sí, congelar ya")
    assert "está congelada" in maya.last.text
    assert "Bandeja" in maya.last.buttons, "her card is not hers to see"
    (her,) = await rows(bot, participants)
    assert her.frozen_at is not None


async def test_a_case_that_is_closed_lets_nobody_stop_anything(bot: Bot) -> None:
    maya = await at_work(bot, Role.STAFF, chat_id=MAYA, name="Maya Prueba")
    await asks(bot)
    async with bot.store.database.transact() as tx:
        await tx.run(update(table).values(owner_id=await id_of(bot, maya)))
    await opened(maya)
    ask = maya.last.buttons["🧊 Congelar"]
    await maya.tap("Cerrar")
    await maya.tap("Se resolvió")
    await maya.tap_data(ask)
    assert "¿Congelar" not in maya.last.text
