"""What an alert's button shows: the tray, below the alert, behind the PIN, and to nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from storage import departures
from storage.members import Role
from storage.schema import cases, staff
from tests.support.chat import Bot, Chat
from tests.support.staff import PIN, at_work, rows
from tests.support.tray import MAYA, asks, id_of, opened
from tests.support.world import Store

ALERT = "Alguien espera respuesta. En espera: 1."

TRAY = "En espera: 1. Lo más urgente va primero."
TO_TRAY = "Bandeja"


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def alerted(bot: Bot) -> tuple[Chat, str]:
    """Lupe has been told that somebody waits; with what the alert's button carries."""
    lupe = await at_work(bot)
    await asks(bot)
    assert lupe.last.text == ALERT
    return lupe, lupe.last.buttons[TO_TRAY]


async def test_the_tray_comes_below_the_alert_which_stays_as_often_as_it_is_tapped(bot: Bot) -> None:
    lupe, button = await alerted(bot)
    for shown in (1, 2):
        await lupe.tap_data(button)
        assert lupe.texts[-shown - 1 :] == [ALERT, *[TRAY] * shown]
    assert list(lupe.newest(ALERT).buttons) == [TO_TRAY]
    await lupe.tap("Mensaje")
    assert lupe.texts[-2] == TRAY, "what is tapped in the tray changes in its place"
    assert "me cambié de casa" in lupe.last.text


async def test_where_the_pin_is_asked_for_the_tray_comes_after_it(bot: Bot) -> None:
    lupe, button = await alerted(bot)
    await bot.pass_time(minutes=20)
    await lupe.tap_data(button)
    assert lupe.texts[-2] == ALERT
    assert "PIN" in lupe.last.text
    await lupe.say("9753")
    await lupe.tap_data(button)
    assert TRAY not in lupe.texts, "a wrong one opens nothing, nor does a second tap"
    await lupe.say(PIN)
    await lupe.tap("Continuar")
    assert lupe.last.text == TRAY
    assert ALERT in lupe.texts


async def test_an_old_alert_shows_what_is_there_by_now(bot: Bot) -> None:
    lupe, button = await alerted(bot)
    await opened(lupe)
    await lupe.tap("Cerrar")
    await lupe.tap("Se resolvió")
    await lupe.tap_data(button)
    assert lupe.last.text == "Nadie espera respuesta."


async def test_an_alert_opens_nothing_to_who_is_no_longer_concerned_or_never_was(bot: Bot) -> None:
    lupe, button = await alerted(bot)
    rosa, stranger = bot.chat(501), bot.chat(777)
    aura = await at_work(bot, Role.AUDITOR, chat_id=MAYA, name="Aura Prueba")
    before = {chat.chat_id: list(chat.texts) for chat in (lupe, aura, rosa)}
    async with bot.store.database.transact() as tx:
        await tx.run(update(staff).where(staff.c.id == await id_of(bot, lupe)).values(role=Role.AUDITOR))
    for chat in (lupe, aura, rosa):
        await chat.tap_data(button)
        assert "ya no sirve" in chat.toasts[-1]
        assert chat.texts == before[chat.chat_id]
    await stranger.tap_data(button)
    assert stranger.texts == []
    async with bot.store.database.transact() as tx:
        await departures.revoke(tx, await id_of(bot, lupe))
    await lupe.tap_data(button)
    assert TRAY not in lupe.texts


async def test_a_button_of_another_conversation_confirms_nothing(bot: Bot) -> None:
    lupe = await at_work(bot)
    await at_work(bot, Role.STAFF, chat_id=MAYA, name="Maya Prueba")
    await asks(bot)
    await opened(lupe)
    await lupe.tap("Pasar")
    _, _, rest = lupe.last.buttons["Maya Prueba"].partition(".")
    await lupe.tap_data(f"abc.{rest}")
    assert [row.owner_id for row in await rows(bot, cases)] == [None]
    await lupe.tap("Maya Prueba")
    assert [row.owner_id for row in await rows(bot, cases)] != [None]
