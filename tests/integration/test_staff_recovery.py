"""A call in which the answers did not match: a wait, a limit, and a second person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage import recovery
from storage.database import Conflict
from storage.invitations import Key
from storage.recovery import MOST_FAILED, WAIT, RecoveryAsked
from storage.schema import participants, recoveries
from tests.integration.test_staff_roster import ANA
from tests.integration.test_staff_roster_safety import ROSA, card, entry, named
from tests.support.chat import Bot, Chat
from tests.support.staff import PIN, at_work, rows
from tests.support.tray import id_of
from tests.support.world import Store


@pytest.fixture
async def bot(store: Store) -> Bot:
    bot = Bot(store)
    await named(bot)
    return bot


async def known(bot: Bot) -> Chat:
    """Rosa has a chat, and two things can be asked of her."""
    rosa = await bot.enrolled(ROSA)
    async with bot.store.database.transact() as tx:
        await tx.run(participants.update().values(birth_year=1990))
    return rosa


async def failed(lupe: Chat) -> None:
    """A call in which the second answer did not match."""
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    await lupe.tap("Coincide")
    await lupe.tap("No coincide")
    assert "No le des acceso a nadie" in lupe.last.text


async def later(bot: Bot, lupe: Chat, passed: timedelta = WAIT) -> None:
    """After so much time her desk is open again."""
    await bot.pass_time(seconds=passed.total_seconds())
    await lupe.say("/participantes")
    await lupe.say(PIN)


@pytest.mark.holds("T-partner-5")
async def test_after_a_call_that_failed_nothing_is_asked_for_a_day(bot: Bot) -> None:
    lupe, ana = await at_work(bot), await at_work(bot, chat_id=ANA, name="Ana Prueba")
    rosa = await known(bot)
    await card(ana)
    await ana.tap("Recuperar cuenta")
    await ana.tap("Coincide")
    await failed(lupe)
    await ana.tap("Coincide")
    assert "otra vez desde el 03/03 10:00" in ana.last.text, "a call that was under way ends, too"
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    assert "otra vez desde el 03/03 10:00" in lupe.last.text
    assert "Coincide" not in lupe.last.buttons
    await later(bot, lupe, WAIT - timedelta(seconds=1))
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    assert "otra vez desde el" in lupe.last.text
    asked = RecoveryAsked(await id_of(bot, rosa), await id_of(bot, lupe), Key("t", "girasol"))
    async with bot.store.database.transact() as tx:
        with pytest.raises(Conflict):
            await recovery.WRITERS[RecoveryAsked](tx, [entry(asked)])
    assert "https" not in " ".join((*lupe.texts, *ana.texts))


async def test_and_then_a_second_person_must_agree_until_she_has_come_in(bot: Bot) -> None:
    lupe, ana = await at_work(bot), await at_work(bot, chat_id=ANA, name="Ana Prueba")
    await known(bot)
    await failed(lupe)
    await later(bot, lupe)
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    await lupe.tap("Coincide")
    await lupe.tap("Coincide")
    assert "falta que una coordinadora lo confirme" in lupe.last.text
    assert "https" not in " ".join(lupe.texts)
    await card(ana, pin=True)
    await ana.tap("Recuperar cuenta")
    await ana.tap("Sí, crear enlace")
    token = next(w for w in ana.newest("https://").text.split() if w.startswith("https")).partition("=")[2]
    await ana.tap("Ver la palabra")
    word = ana.last.text.splitlines()[0].removeprefix("Su palabra: ")
    again = bot.chat(777)
    await again.start(token)
    await again.tap("Sí, puedo")
    await again.say(word)
    await again.accept()
    await bot.pass_time(minutes=1)
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    await lupe.tap("Coincide")
    await lupe.tap("Coincide")
    assert "start=" in lupe.newest("https://t.me/hilo_bot").text, "what failed before she came in counts no more"


async def test_after_three_calls_that_failed_she_comes_in_person(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await known(bot)
    for _ in range(MOST_FAILED):
        await failed(lupe)
        await later(bot, lupe)
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    assert "tiene que venir en persona" in lupe.last.text
    assert "Coincide" not in lupe.last.buttons
    assert [row.granted for row in await rows(bot, recoveries)] == [False] * MOST_FAILED
    async with bot.store.database.transact() as tx:
        assert not await recovery.may_be_invited(tx, await id_of(bot, rosa))
