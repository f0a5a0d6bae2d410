"""The gate through the whole bot: nothing of hers shows before her code, and what she did before it is taken after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.staff.pin import PinTried
from storage.gates import CodeGiven, give_reset
from storage.lookups import WordTried
from storage.records import Lengthy, Need
from storage.schema import cases, chats, checkins, gates, participants
from storage.words import Hashed, hashed
from tests.support import played
from tests.support.chat import Bot, Chat
from tests.support.world import Store

CODE = "4821"
HARMLESS = {
    "Hola. ¿Tienes cinco minutos?",
    "Hola otra vez. ¿Tienes cinco minutos? Si no, no pasa nada.",
    "Aquí estoy. Escríbeme cuando quieras.",
}


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def tap_code(chat: Chat, code: str = CODE) -> list[str]:
    said: list[str] = []
    for digit in code:
        said = await chat.tap(digit)
    return said


async def with_code(bot: Bot, code: str = CODE) -> Chat:
    """A woman who has just chosen a code, and put her phone down since."""
    rosa = bot.chat()
    await played.once(rosa, ("with a code", code), lambda: chosen(bot, code))
    await bot.pass_time(minutes=11)
    return rosa


async def chosen(bot: Bot, code: str = CODE) -> None:
    """A woman joins, and chooses a code."""
    rosa = await bot.enrolled()
    await rosa.tap("Cuatro números")
    await tap_code(rosa, code)
    await tap_code(rosa, code)


def hers(chat: Chat) -> list[str]:
    return [one.text for one in chat.messages.values()]


@pytest.mark.holds("S-6")
async def test_a_code_is_chosen_by_tapping_and_nothing_of_it_stays(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    assert "¿Quieres una clave?" in rosa.last.text
    await rosa.tap("Cuatro números")
    await tap_code(rosa)
    assert "Otra vez los mismos" in rosa.last.text
    await tap_code(rosa)
    assert rosa.last.text.startswith("Listo.")
    assert not any(CODE in text for text in hers(rosa))
    async with store.database.read() as tx:
        row = (await tx.run(select(gates))).one()
    assert row.kind == "number"
    assert CODE not in row.code_hash


@pytest.mark.holds("T-phone-3")
async def test_after_a_silence_one_harmless_line_stands_and_the_code_is_asked_for(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    assert hers(rosa) == ["Aquí estoy. Escríbeme cuando quieras."]
    await rosa.say("hola")
    assert "¿Eres tú?" in rosa.last.text
    assert "Rosa" not in " ".join(hers(rosa))
    await tap_code(rosa, "9990")
    assert rosa.last.text.startswith("No es.")
    await tap_code(rosa)
    assert "¿Eres tú?" not in " ".join(hers(rosa))
    assert "Hola" in rosa.last.text


async def test_what_she_tapped_before_her_code_is_taken_after_it(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    assert set(hers(rosa)) <= HARMLESS
    await rosa.tap("Sí, ahora")
    assert "¿Eres tú?" in rosa.last.text
    await tap_code(rosa)
    assert "Pregunta 1" in rosa.last.text or "1 de" in rosa.last.text, rosa.last.text


async def test_several_things_she_did_before_her_code_are_taken_in_their_order(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    await rosa.say("pausa")
    await tap_code(rosa)
    assert rosa.last.text == "Está bien. ¿Cuándo seguimos? Tu lugar queda guardado."


async def test_an_open_question_is_asked_again_after_the_gate(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    await tap_code(rosa)
    question = rosa.last.text
    await bot.pass_time(minutes=11)
    assert question not in hers(rosa)
    assert set(hers(rosa)) <= HARMLESS
    await rosa.say("hola")
    await tap_code(rosa)
    assert rosa.last.text == question


@pytest.mark.holds("T-partner-2")
async def test_wrong_codes_slow_this_chat_and_the_right_one_waits_too(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("hola")
    for _ in range(3):
        await tap_code(rosa, "1111")
    assert "Prueba otra vez en 1 minuto" in rosa.last.text
    await tap_code(rosa)
    assert "Prueba otra vez en 1 minuto" in rosa.last.text
    await bot.pass_time(seconds=61)
    await tap_code(rosa)
    assert "¿Eres tú?" not in rosa.last.text


@pytest.mark.holds("S-6")
async def test_a_typed_code_is_deleted_at_once_and_lets_her_in(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say(CODE)
    assert CODE not in hers(rosa)
    assert "Hola" in rosa.last.text


@pytest.mark.holds("S-7")
async def test_to_be_left_alone_and_to_ask_for_help_takes_no_code(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("ayuda")
    async with store.database.read() as tx:
        assert [row.kind for row in await tx.run(select(cases))] == ["ayuda"]
        assert (await tx.run(select(chats.c.participant_id))).scalar_one() is None, "it lets nobody in"
    await rosa.say("alto")
    assert rosa.last.text.startswith("Está bien, ya no te escribo.")


@pytest.mark.holds("T-phone-3")
async def test_help_asked_for_without_a_code_shows_nothing_of_what_is_open(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    await tap_code(rosa)
    await bot.pass_time(minutes=11)
    assert await rosa.say("ayuda") == ["Ya le avisé al equipo. Una persona te va a buscar."]
    assert set(hers(rosa)) <= {*HARMLESS, "ayuda", "Ya le avisé al equipo. Una persona te va a buscar."}


@pytest.mark.holds("S-7")
async def test_the_button_for_help_below_a_reminder_takes_no_code_and_shows_nothing(bot: Bot) -> None:
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    await tap_code(rosa)
    await bot.pass_time(days=3)
    assert rosa.last.text == "Hola. ¿Seguimos donde nos quedamos?"
    assert await rosa.tap("Ayuda") == ["Ya le avisé al equipo. Una persona te va a buscar."]
    harmless = {*HARMLESS, "Hola. ¿Seguimos donde nos quedamos?"}
    assert set(hers(rosa)) <= {*harmless, "Ya le avisé al equipo. Una persona te va a buscar."}
    await rosa.say("hola")
    (question,) = await tap_code(rosa)
    assert "de" in question.partition("\n")[0], "asked again, though a reminder and a case came in between"


@pytest.mark.holds("S-10")
async def test_leaving_says_nothing_and_closes(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("hola")
    await tap_code(rosa)
    said = await rosa.say("/salir")
    assert said == []
    assert hers(rosa) == ["Aquí estoy. Escríbeme cuando quieras."]
    await rosa.say("hola")
    assert "¿Eres tú?" in rosa.last.text


@pytest.mark.holds("T-partner-1")
async def test_a_code_given_under_duress_shows_a_recipe_and_freezes(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("/clave")
    await tap_code(rosa)
    await rosa.tap("Otra clave")
    await tap_code(rosa)
    await tap_code(rosa)
    assert "Esos no sirven" in rosa.last.text, "her own code is no code for that"
    await tap_code(rosa, "7350")
    await tap_code(rosa, "7350")
    await bot.pass_time(minutes=11)
    await rosa.say("hola")
    await tap_code(rosa, "7350")
    assert "arroz" in rosa.last.text
    async with store.database.read() as tx:
        assert (await tx.run(select(participants.c.frozen_at))).scalar_one() is not None
        assert "alerta" in {row.kind for row in await tx.run(select(cases))}
    await rosa.say("hola")
    assert "¿Eres tú?" not in rosa.last.text


@pytest.mark.holds("S-10")
async def test_a_word_may_be_the_code_and_another_one_closes(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.tap("Una palabra")
    await rosa.say("Nopalito")
    await rosa.say("nopalito")
    assert "Nopalito" not in hers(rosa)
    await rosa.say("/clave")
    await rosa.tap("Palabra para cerrar")
    await rosa.say("recetas")
    await rosa.say("Recetas")
    assert hers(rosa) == ["Aquí estoy. Escríbeme cuando quieras."]
    await rosa.say("hola")
    assert rosa.last.text == "¿Eres tú? Escribe tu palabra."
    await rosa.say("Nopalito")
    assert "nopalito" not in [text.lower() for text in hers(rosa)]
    assert "Hola" in rosa.last.text


async def test_a_code_that_the_team_gave_her_lets_her_in_once_to_choose_another(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    async with store.database.transact() as tx:
        (woman,) = (await tx.run(select(participants.c.id))).scalars()
        await give_reset(tx, woman, hashed("5026"))
    await rosa.say("hola")
    await tap_code(rosa, "5026")
    assert rosa.last.text.startswith("Ahora elige otra clave.")
    assert "Ahora no" not in rosa.last.buttons
    await bot.pass_time(minutes=11)
    await rosa.say("hola")
    assert "¿Eres tú?" in rosa.last.text, "she did not choose, and nobody else comes in for that"
    await tap_code(rosa, "5026")
    await rosa.tap("Cuatro números")
    await tap_code(rosa, "6194")
    await tap_code(rosa, "6194")
    await rosa.say("/salir")
    await rosa.say("hola")
    await tap_code(rosa, "5026")
    assert rosa.last.text.startswith("No es.")
    await tap_code(rosa, "6194")
    assert "¿Eres tú?" not in " ".join(hers(rosa))


@pytest.mark.holds("T-partner-1")
async def test_the_code_for_when_she_is_forced_is_a_word_where_hers_is(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.tap("Una palabra")
    await rosa.say("nopalito")
    await rosa.say("nopalito")
    await rosa.say("/clave")
    await rosa.tap("Otra clave")
    assert rosa.last.text.startswith("Escribe otra palabra.")
    for word in ("nopalito", "nopalito"):
        await rosa.say(word)
    assert rosa.last.text == "Esa no sirve. Escribe otra."
    for word in ("Girasol", "girasol"):
        await rosa.say(word)
    assert rosa.last.text == "Listo."
    assert "receta" not in " ".join(hers(rosa))
    await rosa.say("/salir")
    await rosa.say("hola")
    await rosa.say("girasol")
    assert "arroz" in rosa.last.text
    async with store.database.read() as tx:
        assert (await tx.run(select(participants.c.frozen_at))).scalar_one() is not None


async def test_who_forgot_asks_and_the_team_knows(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("hola")
    await rosa.tap("La olvidé")
    assert rosa.last.text == "Está bien. Alguien te va a buscar."
    async with store.database.read() as tx:
        assert [row.kind for row in await tx.run(select(cases))] == ["clave"]


@pytest.mark.holds("S-6")
async def test_a_code_that_is_typed_while_the_chat_is_slowed_is_deleted_too(bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("hola")
    for _ in range(3):
        await tap_code(rosa, "1111")
    await rosa.say(CODE)
    assert "Prueba otra vez en 1 minuto" in rosa.last.text
    assert CODE not in hers(rosa)


async def test_after_a_wrong_code_that_was_typed_the_keypad_takes_the_right_one(bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("1111")
    assert rosa.last.text.startswith("No es.")
    await tap_code(rosa)
    assert "¿Eres tú?" not in " ".join(hers(rosa))
    assert "Hola" in rosa.last.text


@pytest.mark.parametrize("minutes", [1, 11])
async def test_of_much_that_was_done_at_the_gate_the_last_counts(bot: Bot, minutes: int) -> None:
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    for number in range(6):
        await rosa.say(f"que onda {number} tu")
    await bot.pass_time(minutes=minutes)
    await rosa.tap("Sí, ahora")
    said = await tap_code(rosa)
    assert "Pregunta 1" in rosa.last.text or "1 de" in rosa.last.text, rosa.last.text
    if minutes > 10:
        assert len(said) == 2, "what stood there for longer than a silence is taken for nobody's"


async def test_leaving_brings_no_reminder_forward(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    await tap_code(rosa)
    before = await next_look(store)
    await rosa.say("/salir")
    assert await next_look(store) >= before


async def next_look(store: Store) -> datetime:
    async with store.database.read() as tx:
        found = await tx.run(select(checkins.c.next_at).where(checkins.c.state == "started"))
    moment: datetime = found.scalar_one()
    return moment


@pytest.mark.parametrize("need", [CodeGiven((1,), CODE), Hashed(CODE), WordTried(1, "mango"), PinTried(1, "2479")])
def test_what_is_slow_on_purpose_is_done_before_the_transaction_that_asks_for_it(need: Need[Any]) -> None:
    assert isinstance(need, Lengthy)
