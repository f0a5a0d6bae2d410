"""One check-in between her own chat and those of staff: taken over, handed back, and asked in one place at a time."""

from __future__ import annotations

import pytest

from storage.members import Role
from storage.schema import answers, captures
from tests.support.asking import (
    ANA,
    LUPE,
    before_consent,
    chosen,
    consented,
    halfway,
    rows,
    standing,
    taken_over,
    tapped,
)
from tests.support.chat import Bot
from tests.support.staff import at_work
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def test_whoever_takes_over_goes_on_where_she_was_and_her_chat_ends_kindly(store: Store, bot: Bot) -> None:
    rosa, lupe = await taken_over(bot)
    assert "necesitas" not in lupe.last.text.casefold()
    assert "trabaj" in lupe.last.text.casefold()
    assert "Por aquí ya terminamos" in rosa.last.text
    assert not any(seen.buttons for seen in rosa.messages.values() if "trabaj" in seen.text.casefold())
    await lupe.say("Sí, trabajé")
    kept = await standing(store)
    assert (kept["necesita"][1], kept["trabajo_semana"][1]) == ("chat", "phone")


async def test_an_old_button_of_hers_changes_nothing_and_says_so(store: Store, bot: Bot) -> None:
    rosa, lupe = await halfway(bot)
    data = next(data for label, data in reversed(rosa.offered) if label.startswith("Sí"))
    await chosen(bot, lupe)
    await lupe.tap("Por teléfono")
    await rosa.tap_data(data)
    assert "ya no sirve" in rosa.toasts[-1]
    assert "trabajo_semana" not in await standing(store)


async def test_handed_back_she_is_asked_in_her_hours_and_goes_on(store: Store, bot: Bot) -> None:
    rosa, lupe = await taken_over(bot)
    await lupe.say("Sí, trabajé")
    await lupe.tap("Pausa")
    await lupe.tap("Que siga en su chat")
    assert "puede seguir en su chat" in lupe.last.text
    await bot.pass_time(days=1)
    await rosa.say("sí")
    assert "tipo" in rosa.last.text, "the question after the two that are answered"
    await rosa.say("por mi cuenta")
    assert (await standing(store))["trabajo_semana"][1] == "phone"
    assert {row.mode for row in await rows(store, answers) if row.variable == "necesita"} == {"chat"}


async def test_she_writes_while_it_is_taken_over_and_the_second_is_told(store: Store, bot: Bot) -> None:
    rosa, lupe = await halfway(bot)
    await chosen(bot, lupe)
    begin = next(data for label, data in lupe.offered if label == "Por teléfono")
    hers = {"message_id": 5, "chat": {"id": 501, "type": "private"}, "from": {"id": 501}, "text": "Sí, trabajé"}
    await bot.receive((501, {"message": hers}), (LUPE, tapped(lupe, begin)))
    await bot.settle()
    assert (await standing(store))["trabajo_semana"] == ('"trabaje"', "chat")
    assert "tipo" in lupe.last.text, "she goes on from the answer that came first"
    assert "Por aquí ya terminamos" in rosa.last.text


async def test_two_members_take_one_checkin_and_the_second_is_told_who_has_it(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    ana = await at_work(bot, Role.COORDINATOR, chat_id=ANA, name="Ana Prueba")
    await consented(bot, lupe)
    for chat in (lupe, ana):
        await chosen(bot, chat)
    taps = []
    for chat in (lupe, ana):
        data = [data for label, data in chat.offered if label == "Por teléfono"][-1]
        here = {"chat": {"id": chat.chat_id, "type": "private"}}
        taps.append(
            (chat.chat_id, {"callback_query": {"id": "1", "from": {"id": chat.chat_id}, "data": data, "message": here}})
        )
    await bot.receive(*taps)
    await bot.settle()
    first, second = (lupe, ana) if lupe.last.text.startswith("1 de") else (ana, lupe)
    assert "le está preguntando a Rosa" in second.last.text
    assert len(await rows(store, captures)) == 1
    await second.tap("Tomarla yo")
    await second.tap("En persona")
    await first.say("no necesito nada por ahora")
    assert "ya no está en tus manos" in first.last.text
    assert not await standing(store)
    await second.say("no necesito nada por ahora")
    assert (await standing(store))["necesita"][1] == "in_person"
