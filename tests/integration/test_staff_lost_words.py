"""What a member of staff writes is taken, or she is told that it was not."""

from __future__ import annotations

import pytest

from tests.support.asking import chosen
from tests.support.calling import note_down, to_call, tried
from tests.support.chat import Bot
from tests.support.composer import HELLO, composed
from tests.support.staff import at_work
from tests.support.world import Store

LOST = "no se guardó ni le llegó a nadie"


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def test_a_second_message_after_an_answer_is_told_to_have_reached_nobody(bot: Bot) -> None:
    rosa = await bot.enrolled(501)
    await rosa.say("me cambié de casa")
    await rosa.tap("Pasar este mensaje")
    lupe = await at_work(bot)
    await lupe.say("/bandeja")
    await lupe.tap("Rosa")
    await lupe.tap("Responder")
    await lupe.say("Gracias por avisar")
    assert LOST not in lupe.last.text
    await lupe.say("y dime la calle")
    assert LOST in lupe.last.text
    assert "¿Qué quieres hacer?" in lupe.last.text
    await lupe.send("photo", file_id="f")
    assert LOST in lupe.last.text or "Eso no" in lupe.last.text


async def test_a_greeting_is_no_lost_word(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("hola")
    assert "¿Qué quieres hacer?" in lupe.last.text
    assert LOST not in lupe.last.text


async def test_a_draft_says_when_it_stays_as_it_was(bot: Bot) -> None:
    lupe = await at_work(bot)
    await composed(lupe)
    await lupe.edit("Hola, mañana no hay taller", of=HELLO)
    assert "quedó como estaba" in lupe.last.text
    await lupe.say("Hola, mañana no hay taller")
    assert "el borrador sigue igual" in lupe.last.text
    await lupe.tap("Cambiar el texto")
    await lupe.say("Hola, mañana no hay taller")
    assert "«Hola, mañana no hay taller»" in lupe.last.text


async def test_a_note_that_is_too_long_is_not_cut_in_silence(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Nadie contesta")
    await lupe.say("a" * 1001)
    assert "tiene 1001 letras y caben 1000" in lupe.last.text
    await lupe.say("Contesta los domingos")
    assert "Nota: Contesta los domingos" in lupe.last.text
    await lupe.tap("Guardar")
    assert len(await tried(bot, her)) == 1


@pytest.mark.parametrize("command", ["participantes", "capturar"])
async def test_a_search_that_is_no_name_is_told_so(bot: Bot, command: str) -> None:
    lupe = await at_work(bot)
    await lupe.say(f"/{command} {'x' * 4080}")
    assert "Es muy largo" in lupe.last.text


async def test_whom_to_ask_without_anybody_to_ask(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/capturar")
    assert "Todavía no hay mujeres registradas" in lupe.last.text
    await lupe.say("Rosa")
    assert "No encuentro a nadie así" in lupe.last.text


async def test_a_check_in_is_called_by_its_month(bot: Bot) -> None:
    lupe = await at_work(bot)
    await bot.enrolled(501)
    await bot.pass_time(days=32)
    await lupe.say("/pin")
    await lupe.say("2580")
    await chosen(bot, lupe)
    assert "m1 ·" not in " ".join(label for label, _ in lupe.offered)
