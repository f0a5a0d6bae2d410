"""What follows where a woman is in danger: what waits for her, who must take it, what answers and staff tell of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot import library
from storage.consents import Purpose
from storage.overheard import overhear
from storage.schema import cases, detections
from tests.support.chat import Bot, Chat
from tests.support.danger import (
    DYING,
    FIRST,
    HURT,
    NOW,
    RISKY,
    SHORT,
    agreed,
    closed,
    found,
    kept_words,
    lives_in,
    woman_of,
)
from tests.support.staff import at_work, rows
from tests.support.tray import opened
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


@pytest.fixture
def risky(store: Store) -> Bot:
    return Bot(store, shelf=library.build(library.shipped_sources(), [("llegada", "9", RISKY)]))


async def found_of(bot: Bot, chat_id: int) -> Any:
    woman = await woman_of(bot, chat_id)
    return next(one for one in await rows(bot, detections) if one.participant_id == woman)


# --- what waits for her


@pytest.mark.holds("S-24")
async def test_nothing_unasked_is_sent_until_staff_close_the_case(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await rosa.say(DYING)
    await bot.pass_time(days=9)
    assert not any("cinco minutos" in text for text in rosa.texts)
    await closed(lupe, "falsa alarma")
    assert (await found(bot)).verdict == "false"
    await bot.pass_time(days=1)
    assert any("cinco minutos" in text for text in rosa.texts)


async def test_where_nobody_was_told_it_is_held_until_her_next_day(bot: Bot) -> None:
    rosa = await bot.enrolled(but_for=[Purpose.ALERTS])
    await bot.pass_time(days=6, hours=20)
    await rosa.say(DYING)
    assert (await found(bot)).held_until_on == (bot.store.clock.at - timedelta(hours=6)).date() + timedelta(days=1)
    await bot.pass_time(days=2)
    assert any("cinco minutos" in text for text in rosa.texts)


async def test_a_false_alarm_ends_in_one_tap_and_staff_still_see_it(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await rosa.say(DYING)
    await rosa.tap("Estoy bien")
    one = await found(bot)
    assert one.fine_at == one.freed_at == bot.store.clock.at
    assert await kept_words(bot) == [DYING, "Estoy bien"]
    await bot.pass_time(days=7)
    assert any("cinco minutos" in text for text in rosa.texts)
    await closed(lupe, "Sí, era un peligro")
    (case,) = await rows(bot, cases)
    assert ((await found(bot)).verdict, case.state) == ("right", "resolved")


async def test_a_second_danger_holds_again_in_the_same_case(bot: Bot) -> None:
    rosa = await agreed(bot)
    await rosa.say(DYING)
    await rosa.tap("Estoy bien")
    await rosa.say(HURT)
    assert await kept_words(bot) == [DYING, "Estoy bien", HURT]
    first, second = sorted(await rows(bot, detections), key=lambda one: one.freed_at is None)
    assert first.fine_at is not None
    assert (second.freed_at, second.held_until_on) == (None, None)


# --- what the answers of an instrument tell


async def asked_from(bot: Bot) -> Chat:
    lupe, rosa = await at_work(bot), await agreed(bot)
    await bot.pass_time(days=7)
    await rosa.tap("Sí, ahora")
    assert lupe.texts
    return rosa


async def test_an_answer_over_its_cut_off_stops_the_sitting(risky: Bot) -> None:
    rosa = await asked_from(risky)
    (said,) = await rosa.tap("Casi diario")
    assert said.startswith(FIRST)
    assert not any("¿Cuántos días?" in text for text in rosa.texts)
    assert await kept_words(risky) == ["(llegada.ideas)"]
    assert (await found(risky)).phrases == "llegada.ideas"
    after = await rosa.tap("Estoy bien")
    assert "¿Cuántos días?" in after[-1]
    (asked,) = await rosa.say("5")
    assert "¿Puedes escribir ahora sin peligro?" in asked
    assert await kept_words(risky) == ["(llegada.ideas)", "Estoy bien", "(llegada.dias) (llegada.total)"]


async def test_a_total_over_its_cut_off_counts_too(risky: Bot) -> None:
    rosa = await asked_from(risky)
    assert "¿Cuántos días?" in (await rosa.tap("Nunca"))[-1]
    (said,) = await rosa.say("3")
    assert said.startswith(FIRST)
    assert (await found(risky)).phrases == "llegada.total"


async def test_an_answer_that_is_corrected_over_its_cut_off_counts(risky: Bot) -> None:
    rosa = await asked_from(risky)
    await rosa.tap("Nunca")
    await rosa.tap("Atrás")
    said = await rosa.tap("Casi diario")
    assert said[-1].startswith(FIRST)


# --- until somebody takes it


@pytest.mark.holds("S-24")
async def test_it_goes_to_coordinators_at_any_hour_until_somebody_takes_it(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await bot.pass_time(hours=16)  # the office is shut
    (said,) = await rosa.say(DYING)
    assert "El equipo lee mensajes" in said
    assert said.count("El equipo lee") == 1
    asked = [shown for shown in bot.shown if shown.chat_id == lupe.chat_id]
    assert asked[-1].at == bot.store.clock.at, "an alert waits for no hour"
    for minutes, more in ((14, 0), (2, 1), (30, 1), (31, 2), (60, 3)):
        await bot.pass_time(minutes=minutes)
        await bot.settle()
        late = [shown for shown in bot.shown if "nadie" in str(shown.call.params.get("text", "")).lower()]
        assert len([one for one in late if one.chat_id == lupe.chat_id]) == more, minutes
    await opened(lupe, "Crisis")
    await lupe.tap("Tomar")
    shown = len(bot.shown)
    await bot.pass_time(hours=3)
    assert not [one for one in bot.shown[shown:] if "nadie" in str(one.call.params.get("text", "")).lower()]


@pytest.mark.parametrize("text", [HURT, DYING, NOW, f"{HURT} y {DYING}"])
@pytest.mark.parametrize("region", ["CMX", "MEX", None])
async def test_replies_are_short(bot: Bot, text: str, region: str | None) -> None:
    rosa = await agreed(bot)
    await lives_in(bot, region)
    said = await rosa.say(text)
    if "¿Puedes escribir" in said[0]:
        said += await rosa.tap("Sí, puedo")
    assert all(len(one) <= SHORT for one in said)
    assert all("automático" in one for one in said)


# --- what staff write down of what she says


async def heard_by(bot: Bot, chat_id: int, text: str) -> None:
    """Staff write this down from a voice note of hers."""
    async with bot.store.database.transact() as tx:
        await overhear(tx, await woman_of(bot, chat_id), text, origin="voice:1")
    await bot.settle()


async def test_words_that_staff_write_down_reach_who_sees_to_her_and_not_her_phone(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa, ana = await agreed(bot), await bot.enrolled(502, but_for=[Purpose.ALERTS])
    shown = rosa.texts
    await heard_by(bot, 501, "todo bien, ya tengo trabajo")
    assert await rows(bot, detections) == []
    await heard_by(bot, 501, DYING)
    assert "Alguien espera respuesta" in lupe.last.text
    assert await kept_words(bot) == [DYING]
    assert rosa.texts == shown
    await rosa.say("oye qué días hay taller")
    assert await kept_words(bot) == [DYING]
    told = lupe.texts
    await heard_by(bot, 502, DYING)
    assert (lupe.texts, len(await rows(bot, cases))) == (told, 1)
    assert (await found_of(bot, 502)).held_until_on is not None
    await bot.pass_time(days=9)
    assert not any("cinco minutos" in text for text in rosa.texts)
    assert any("cinco minutos" in text for text in ana.texts)


async def test_her_day_ends_at_her_midnight_whoever_writes_it_down(store: Store, bot: Bot) -> None:
    await bot.enrolled(but_for=[Purpose.ALERTS])
    store.clock.at = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # Monday the 9th, eight in the evening where she lives
    await heard_by(bot, 501, DYING)
    assert (await found_of(bot, 501)).held_until_on == date(2026, 3, 10)


async def test_an_answer_that_staff_take_at_the_telephone_counts_too(risky: Bot) -> None:
    await agreed(risky)
    await risky.pass_time(days=7)
    lupe = await at_work(risky)
    await lupe.say("/capturar Rosa")
    await lupe.tap("Rosa")
    await lupe.tap(lupe.last.rows[0][0])
    await lupe.tap("Por teléfono")
    await lupe.tap("Casi diario")
    assert await kept_words(risky) == ["(llegada.ideas)"]
    await lupe.say("2")
    await lupe.say(HURT)
    assert await kept_words(risky) == ["(llegada.ideas)", HURT]
