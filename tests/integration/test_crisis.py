"""What a woman writes of a danger, through the whole bot: wherever she is, and whoever is told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from storage import care
from storage.consents import Purpose
from storage.freezing import freeze
from storage.schema import cases, detections, participants, staff
from tests.integration.test_gate import tap_code, with_code
from tests.support.chat import WORD, Bot
from tests.support.danger import (
    DYING,
    FIRST,
    HURT,
    LINE,
    NOW,
    agreed,
    found,
    invited,
    kept_words,
    lives_in,
    woman_of,
)
from tests.support.staff import at_work, rows
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


# --- who is told


@pytest.mark.holds("S-20")
async def test_who_wants_to_die_gets_numbers_at_once_and_staff_get_her_words(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    (said,) = await rosa.say(DYING)
    assert said.startswith(f"{FIRST}\n800-911-2000")
    assert "automático" in said
    assert "Ya le avisé al equipo" in said
    assert "Alguien espera respuesta" in lupe.last.text
    assert "morir" not in lupe.last.text
    assert await kept_words(bot) == [DYING]
    case, one = (await rows(bot, cases))[0], await found(bot)
    assert (one.case_id, one.kinds) == (case.id, "self_harm")
    assert "morir" not in f"{one.phrases} {one.kinds} {case.kind}".replace("wants_to_die", "")


@pytest.mark.holds("S-21")
async def test_where_nobody_is_told_no_case_and_no_words_are_kept(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await bot.enrolled(but_for=[Purpose.ALERTS])
    before = lupe.texts
    (said,) = await rosa.say(DYING)
    assert "No le avisé a nadie" in said
    assert lupe.texts == before
    assert await rows(bot, cases) == []
    assert (await found(bot)).case_id is None
    await rosa.say("y no tengo con quién hablar")
    assert await rows(bot, cases) == []


@pytest.mark.holds("S-21")
async def test_a_signed_policy_tells_of_imminent_danger_alone(bot: Bot) -> None:
    rosa = await bot.enrolled(but_for=[Purpose.ALERTS])
    async with bot.store.database.transact() as tx:
        await care.keep(tx, "\n".join(LINE), imminent=True)
    await rosa.say(DYING)
    assert await rows(bot, cases) == []
    await rosa.say(NOW)
    assert await kept_words(bot) == [NOW]


async def test_one_tap_of_hers_tells_the_team_after_all(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await bot.enrolled(but_for=[Purpose.ALERTS])
    await rosa.say(DYING)
    (said,) = await rosa.tap("Avisar al equipo")
    assert said.startswith("Ya le avisé al equipo.")
    assert "automático" in said
    assert "Alguien espera respuesta" in lupe.last.text
    assert await kept_words(bot) == ["Avisar al equipo"]
    await rosa.say("no tengo con quien estar")
    assert await kept_words(bot) == ["Avisar al equipo", "no tengo con quien estar"]
    await bot.pass_time(days=9)
    assert not any("cinco minutos" in text for text in rosa.texts)


async def test_an_organisations_own_list_takes_the_place_of_the_shipped_one(bot: Bot) -> None:
    rosa = await bot.enrolled(but_for=[Purpose.ALERTS])
    async with bot.store.database.transact() as tx:
        await care.keep(tx, "\n".join(LINE), imminent=False)
    (said,) = await rosa.say(DYING)
    assert "800-123-4567 · La nuestra" in said
    assert "800-911-2000" not in said


# --- violence


@pytest.mark.holds("S-22")
async def test_of_violence_she_is_asked_first_whether_she_can_write(bot: Bot) -> None:
    rosa = await agreed(bot)
    await lives_in(bot, "CMX")
    (asked,) = await rosa.say(HURT)
    assert "¿Puedes escribir ahora sin peligro?" in asked
    assert not any(char in asked for char in "0*") or "9:00" in asked
    assert "079" not in asked
    (said,) = await rosa.tap("Sí, puedo")
    assert "*765" in said
    assert "Ya le avisé al equipo" in said


@pytest.mark.holds("S-23")
@pytest.mark.parametrize(("region", "shown"), [("CMX", True), ("MEX", False), ("JAL", False), (None, False)])
async def test_765_is_shown_in_mexico_city_alone(bot: Bot, region: str | None, shown: bool) -> None:
    rosa = await bot.enrolled(but_for=[Purpose.ALERTS])
    await lives_in(bot, region)
    await rosa.say(HURT)
    (said,) = await rosa.say("sí")
    assert ("*765" in said) is shown
    assert ("800-108-4053" in said) is (region == "MEX")


@pytest.mark.parametrize(("centre", "local"), [("SMA", False), ("ECA", True), ("Otro", False)])
async def test_her_centre_stands_for_a_state_that_is_not_known_but_not_for_numbers_of_its_phones(
    bot: Bot, centre: str, local: bool
) -> None:
    rosa = await bot.enrolled(but_for=[Purpose.ALERTS])
    async with bot.store.database.transact() as tx:
        await tx.run(update(participants).values(centre=centre))
    await rosa.say(HURT)
    (said,) = await rosa.say("sí")
    assert ("800-108-4053" in said) is local
    assert "*765" not in said
    await lives_in(bot, "CMX")
    (said,) = await rosa.say(f"otra vez {HURT}")
    (said,) = await rosa.say("sí")
    assert "*765" in said
    assert "800-108-4053" not in said


async def test_staff_say_on_her_card_which_state_she_lives_in(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await bot.enrolled(but_for=[Purpose.ALERTS])
    async with bot.store.database.transact() as tx:
        await tx.run(update(participants).values(staff_id=(await tx.run(select(staff.c.id))).scalar_one()))
    await lupe.say("/participantes")
    await lupe.tap("Ver todas")
    await lupe.tap("Rosa Prueba")
    await lupe.tap("Editar")
    await lupe.tap("Estado donde vive")
    await lupe.say("cdmx")
    assert "Ciudad de México" in lupe.last.text
    await lupe.tap("Guardar")
    await rosa.say(HURT)
    (said,) = await rosa.say("sí")
    assert "*765" in said


@pytest.mark.holds("T-partner-3")
@pytest.mark.parametrize("by_tap", [True, False])
async def test_not_now_closes_quietly(bot: Bot, by_tap: bool) -> None:
    rosa = await agreed(bot)
    await rosa.say(HURT)
    said = await (rosa.tap("Ahora no") if by_tap else rosa.say("ahorita no puedo"))
    assert said == []
    assert set(rosa.texts) <= {"Aquí estoy. Escríbeme cuando quieras."}
    assert await kept_words(bot) == [HURT]
    await rosa.say("hola")
    assert FIRST not in " ".join(rosa.texts)


# --- wherever she is


async def test_a_sitting_stops_and_what_she_writes_is_no_answer(bot: Bot) -> None:
    rosa = await invited(bot)
    question = rosa.last.text
    (said,) = await rosa.say(DYING)
    assert said.startswith(FIRST)
    (passed,) = await rosa.say("no tengo a nadie aquí")
    assert "Ya se lo pasé al equipo." in passed
    assert await kept_words(bot) == [DYING, "no tengo a nadie aquí"]
    after = await rosa.tap("Estoy bien")
    assert after[0].startswith("Gracias por avisarme.")
    assert after[-1] == question


async def test_words_below_a_picture_and_changed_words_count(bot: Bot) -> None:
    rosa = await agreed(bot)
    (said,) = await rosa.send("photo", caption=DYING, file_id="f")
    assert said.startswith(FIRST)
    await rosa.say("todo tranquilo por acá")
    (said,) = await rosa.edit(HURT, of="todo tranquilo")
    assert "¿Puedes escribir" in said


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("poll", {"question": "¿Qué hago?", "options": [{"text": DYING}, {"text": "dormir"}]}),
        ("poll", {"question": DYING, "options": [{"text": "sí"}]}),
        ("contact", {"phone_number": "5500000000", "first_name": "Me quiero", "last_name": "morir"}),
    ],
)
async def test_words_that_a_poll_or_a_contact_is_made_of_count(bot: Bot, kind: str, content: dict[str, Any]) -> None:
    rosa = await agreed(bot)
    (said,) = await rosa.send(kind, **content)
    assert said.startswith(FIRST)
    assert "morir" in (await kept_words(bot))[0].casefold()


async def test_a_harmless_poll_is_a_thing_that_she_sent(bot: Bot) -> None:
    rosa = await agreed(bot)
    await rosa.send("poll", question="¿Tejemos el martes?", options=[{"text": "me muero de risa"}, {"text": "no"}])
    assert await rows(bot, detections) == []


async def test_after_a_stop_she_is_answered_too(bot: Bot) -> None:
    rosa = await agreed(bot)
    await rosa.say("alto")
    (said,) = await rosa.say(DYING)
    assert said.startswith(FIRST)
    assert await kept_words(bot) == [DYING]


async def test_at_the_locked_gate_she_is_answered_and_nobody_is_let_in(bot: Bot) -> None:
    rosa = await with_code(bot)
    (said,) = await rosa.say(DYING)
    assert said.startswith(FIRST)
    assert "Rosa" not in said
    assert await kept_words(bot) == [DYING]
    await rosa.say("estoy bien")
    assert (await found(bot)).fine_at is not None
    await rosa.say("hola")
    assert "¿Eres tú?" in rosa.last.text
    await tap_code(rosa)
    assert "¿Eres tú?" not in rosa.last.text


async def test_in_first_contact_nothing_is_kept_and_it_goes_on_where_it_was(bot: Bot) -> None:
    token = await bot.invite(await bot.register())
    rosa = bot.chat()
    await rosa.start(token)
    await rosa.tap("Sí, puedo")
    (said,) = await rosa.say(DYING)
    assert said.startswith(FIRST)
    assert "No le avisé a nadie" in said
    assert await rows(bot, detections) == await rows(bot, cases) == []
    assert len(await rosa.tap("Estoy bien")) == 2
    await rosa.say(WORD)
    assert "acept" in " ".join(button for row in rosa.last.rows for button in row).lower()


async def test_what_is_said_in_first_contact_goes_with_it(bot: Bot) -> None:
    rosa = bot.chat()
    await rosa.start(await bot.invite(await bot.register()))
    await rosa.say(HURT)
    await bot.pass_time(minutes=11)
    assert rosa.texts == []


@pytest.mark.holds("S-41")
async def test_a_stranger_is_shown_numbers_and_nothing_is_remembered(bot: Bot) -> None:
    (said,) = await bot.chat(777).say(DYING)
    assert "800-911-2000" in said
    assert await rows(bot, detections) == []


async def test_of_a_frozen_phone_nothing_is_known_any_more(bot: Bot) -> None:
    rosa = await agreed(bot)
    async with bot.store.database.transact() as tx:
        await freeze(tx, await woman_of(bot), actor="command")
    (said,) = await rosa.say(DYING)
    assert "Rosa" not in said
    assert "No le avisé a nadie" in said
    assert await rows(bot, detections) == []


async def test_behind_a_locked_gate_what_she_writes_next_reaches_the_team_too(bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say(DYING)
    await rosa.say("no tengo con quien estar")
    assert await kept_words(bot) == [DYING, "no tengo con quien estar"]


@pytest.mark.parametrize("goes", ["/salir", "/borrar"])
async def test_once_her_chat_is_cleared_nothing_of_it_is_shown_to_whoever_writes_next(bot: Bot, goes: str) -> None:
    rosa = await agreed(bot)
    await rosa.say(DYING)
    await bot.pass_time(seconds=5)
    await rosa.say(goes)
    await rosa.say("oye qué estás haciendo")
    assert "equipo. Esto" not in " ".join(rosa.texts)
    assert await kept_words(bot) == [DYING]


async def test_who_is_called_auxilio_may_say_so(bot: Bot) -> None:
    rosa = bot.chat()
    await rosa.start(await bot.invite(await bot.register()))
    await rosa.tap("Sí, puedo")
    await rosa.say(WORD)
    await rosa.accept()
    await rosa.say("todas")
    assert (await rosa.say("Auxilio Me Va A Matar"))[0].startswith(FIRST)
    await rosa.tap("Estoy bien")
    said = await rosa.say("Auxilio")
    assert "Mucho gusto, Auxilio" in said[-1]
    assert (await rosa.say("auxilio"))[0].startswith(FIRST)


async def test_words_behind_a_command_count(bot: Bot) -> None:
    rosa = await agreed(bot)
    for text in (f"/start {DYING}", f"/menu {DYING}"):
        assert (await rosa.say(text))[0].startswith(FIRST)
