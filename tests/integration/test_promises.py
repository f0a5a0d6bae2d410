"""What docs/safety.md promises and no other test shows: what a stranger finds, and who can reach the demo."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientConnectorError, ClientSession
from sqlalchemy import select

from bot.demo.simulator import Simulator
from locales.previews import giveaways
from storage.cleaning import CLEARED_BY, clear_what_is_quiet
from storage.consents import Purpose
from storage.schema import chats, consents
from tests.integration.test_gate import HARMLESS, hers, tap_code, with_code
from tests.support.chat import WORD, Bot, Chat
from tests.support.world import Store

TOKEN = "4242:una-palabra"
LEFT = "Aquí estoy. Escríbeme cuando quieras."


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def asked(bot: Bot, *, skipping: int) -> Chat:
    """A woman with a code, in the middle of her first check-in."""
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    await tap_code(rosa)
    for _ in range(skipping):
        await rosa.say("saltar")
    return rosa


@pytest.mark.holds("T-phone-2")
@pytest.mark.parametrize("skipping", range(6))
async def test_wherever_she_stops_a_stranger_finds_nothing_ten_minutes_later(bot: Bot, skipping: int) -> None:
    rosa = await asked(bot, skipping=skipping)
    assert not set(hers(rosa)) <= HARMLESS, "something to hide was there"
    await bot.pass_time(minutes=11)
    assert set(hers(rosa)) <= HARMLESS
    assert [word for text in hers(rosa) for word in giveaways(text)] == []
    assert rosa.last.buttons == {}


@pytest.mark.holds("S-10")
async def test_borrar_clears_at_once(bot: Bot) -> None:
    rosa = await asked(bot, skipping=1)
    await rosa.say("/borrar")
    assert LEFT in hers(rosa)
    assert set(hers(rosa)) <= HARMLESS


@pytest.mark.holds("T-telegram-2")
async def test_what_has_stood_for_forty_hours_goes_although_she_goes_on_writing(bot: Bot) -> None:
    rosa = await asked(bot, skipping=1)
    question = rosa.last.text
    bot.store.clock.advance(seconds=CLEARED_BY.total_seconds())
    async with bot.store.database.transact() as tx:
        await tx.run(chats.update().values(clean_at=tx.now + timedelta(minutes=9)))  # she has just written
        assert await clear_what_is_quiet(tx) == 1
    await bot.settle()
    assert question not in hers(rosa)


@pytest.mark.holds("S-13")
async def test_nothing_is_ticked_beforehand_and_silence_is_no_yes(bot: Bot) -> None:
    rosa = bot.chat()
    await rosa.start(await bot.invite(await bot.register()))
    await rosa.tap("Sí, puedo")
    await rosa.say(WORD)
    await rosa.accept()
    offered = [label for label in rosa.last.buttons if label != "Listo"]
    assert len(offered) == len(Purpose) - 1
    assert all(label.startswith("☐") for label in offered)
    await rosa.tap("Listo")
    async with bot.store.database.read() as tx:
        given = (await tx.run(select(consents.c.purpose).where(consents.c.given))).scalars().all()
    assert given == [Purpose.FOLLOW_UP]


@pytest.mark.holds("T-telegram-1")
async def test_she_reads_before_her_yes_that_telegram_keeps_the_chat(bot: Bot) -> None:
    rosa = bot.chat()
    await rosa.start(await bot.invite(await bot.register()))
    await rosa.tap("Sí, puedo")
    await rosa.say(WORD)
    assert "Sí, acepto" in rosa.last.buttons
    assert any("Telegram también guarda este chat, y eso no lo controlamos." in text for text in rosa.texts)


@pytest.mark.holds("S-38")
async def test_the_demo_listens_on_the_loopback_address_alone(store: Store) -> None:
    async with Simulator(token=TOKEN, now=store.clock).serve() as url, ClientSession() as browser:
        async with browser.get(f"{url}/bot{TOKEN}/getMe") as answer:
            assert answer.status == 200
        with pytest.raises(ClientConnectorError):  # who listens on every address is reached by this one, too
            await browser.get(f"http://127.0.0.2:{urlsplit(url).port}/bot{TOKEN}/getMe")
