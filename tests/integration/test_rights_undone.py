"""Somebody else has her phone: what he takes back, stops or erases counts at once, and staff undo it for a week."""

from __future__ import annotations

import pytest

from storage import consents, erasure, people
from storage.consents import Purpose
from storage.schema import audit, cases, outbox
from storage.schema import consents as kept
from tests.support.chat import Bot, Chat
from tests.support.danger import DYING, woman_of
from tests.support.staff import PIN, at_work, rows
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def queue(lupe: Chat, *labels: str) -> None:
    """Staff open what was asked for by law, and tap their way."""
    await lupe.say("/derechos")
    if "PIN" in lupe.last.text:
        await lupe.say(PIN)
        await lupe.tap("Continuar")
    for label in labels:
        await lupe.tap(label)


async def allows(bot: Bot, woman: int) -> tuple[str, ...]:
    async with bot.store.database.read() as tx:
        return (await consents.purposes_of(tx, [woman])).get(woman, ())


@pytest.mark.holds("S-43")
@pytest.mark.parametrize("way", ["screen", "words", "/oponerme"])
async def test_a_permission_that_he_took_back_is_given_back_through_staff(bot: Bot, way: str) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled()
    woman = await woman_of(bot)
    match way:
        case "screen":
            await rosa.say("mis permisos")
            await rosa.tap("4.")
        case "words":
            await rosa.say("mis permisos ninguna")
        case _:
            await rosa.say("/oponerme")
            await rosa.tap("Buscarme si corro peligro")
    assert Purpose.ALERTS not in await allows(bot, woman), "at once"
    assert "permiso de buscarla si corre peligro" in lupe.last.text
    assert "Rosa" not in lupe.last.text
    await queue(lupe, "Permiso", "Buscarme si corro peligro")
    assert "Rosa Prueba (R-501)" in lupe.last.text
    await lupe.tap("Por llamada")
    assert Purpose.ALERTS in await allows(bot, woman)
    last = max(await rows(bot, kept), key=lambda row: row.at)
    assert (last.how, last.recorded_by is not None, last.version) == ("oral", True, "1")


@pytest.mark.holds("S-43")
async def test_after_a_week_it_is_hers_alone_to_give_again(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled()
    await rosa.say("mis permisos ninguna")
    await queue(lupe)
    assert "Permisos quitados: 6" in lupe.last.buttons
    await bot.pass_time(days=8)
    await queue(lupe)
    assert not any("quitado" in label for label in lupe.last.buttons)
    assert await allows(bot, await woman_of(bot)) == (Purpose.FOLLOW_UP,)


async def test_what_she_gave_again_herself_or_never_gave_is_not_listed(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled(but_for=[Purpose.VOICE])
    await rosa.say("mis permisos ninguna")
    await rosa.say("mis permisos todas")
    await queue(lupe)
    assert not any("quitado" in label for label in lupe.last.buttons)


@pytest.mark.holds("S-43")
async def test_whoever_erases_her_amid_a_danger_does_not_take_her_out_of_sight(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled()
    await rosa.say(DYING)
    woman = await woman_of(bot)
    await rosa.say("/cancelar")
    await rosa.tap("Sí, bórralo")
    assert await rows(bot, cases) == []
    assert "Urgente" in lupe.last.text
    assert "Rosa" not in lupe.last.text
    await queue(lupe, "1 · borrar")
    assert "Búscala ya" in lupe.last.text
    await lupe.tap("Ver su teléfono")
    assert "Su teléfono: 5512345678" in lupe.last.text
    read = [one for one in await rows(bot, audit) if (one.action, one.subject) == ("phone_read", str(woman))]
    assert len(read) == 1
    await queue(lupe, "1 · borrar", "Deshacer el borrado", "Por llamada")
    assert [case.kind for case in await rows(bot, cases)] == ["crisis"]


async def test_a_quiet_erasure_is_not_urgent_and_shows_her_telephone_too(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled()
    await rosa.say("/cancelar")
    await rosa.tap("Sí, bórralo")
    assert "Hay una solicitud nueva" in lupe.last.text
    await queue(lupe, "1 · borrar")
    assert "Búscala ya" not in lupe.last.text
    assert any("Ver su teléfono" in label for label in lupe.last.buttons)


async def test_where_her_number_is_anothers_by_now_it_is_said_and_nothing_breaks(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled()
    await rosa.say("/cancelar")
    await rosa.tap("Sí, bórralo")
    await queue(lupe, "1 · borrar")
    (data,) = {data for label, data in lupe.offered if label == "Deshacer el borrado"}
    await bot.register("R-501", name="Otra Prueba")
    await queue(lupe, "1 · borrar")
    assert "Otra mujer tiene ya el número R-501" in lupe.last.text
    await lupe.tap_data(data)
    await lupe.tap("Por llamada")
    async with bot.store.database.read() as tx:
        assert [card.name for card in await people.cards(tx)] == ["Otra Prueba"]
        assert len(await erasure.set_aside(tx)) == 1


@pytest.mark.holds("S-43")
@pytest.mark.parametrize("ends", ["alto", "/cancelar", "/oponerme"])
async def test_what_waits_for_her_is_dropped_in_the_same_moment(bot: Bot, ends: str) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=7)
    woman = await woman_of(bot)
    await rosa.say(ends)
    match ends:
        case "/cancelar":
            await rosa.tap("Sí, bórralo")
        case "/oponerme":
            await rosa.tap("Preguntarme cómo voy")
            await rosa.tap("Sí, quítalo")
        case _:
            pass
    assert [one for one in await rows(bot, outbox) if (one.participant_id, one.state) == (woman, "ready")] == []
    before = len(bot.shown)
    await bot.pass_time(days=60)
    hers = [one for one in bot.shown[before:] if one.chat_id == rosa.chat_id and one.call.method == "sendMessage"]
    assert hers == []
