"""A reminder that is late in leaving: what she does meanwhile overtakes it, unless it brings the buttons she needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from storage import leaving
from storage.mail import MailState, Urgency, parcel_of
from storage.schema import outbox
from tests.support.chat import Bot, Chat
from tests.support.world import Store

HELLO, QUESTION = "cinco minutos", "¿Necesitas algo hoy?"


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def reminders(store: Store) -> list[Any]:
    async with store.database.read() as tx:
        found = await tx.run(select(outbox).where(outbox.c.urgency == Urgency.REMINDER).order_by(outbox.c.id))
        return [row for row in found if ":remind:" in row.origin]


async def reminded(bot: Bot, *, begun: bool) -> Chat:
    """The chat of a woman to whom a reminder of her first check-in is on its way, and has not left."""
    rosa = await bot.enrolled()
    await bot.pass_time(days=7)
    if begun:
        await rosa.tap("Sí, ahora")
    before = await reminders(bot.store)
    while await reminders(bot.store) == before:
        bot.store.clock.at += timedelta(hours=1)
        await bot.checkins.take_due()
    return rosa


async def states(store: Store) -> set[tuple[str, str | None]]:
    """What became of the part of the reminder that says something: what takes buttons away leaves all the same."""
    last = (await reminders(store))[-1].origin.rpartition(":")[0]
    of_last = [row for row in await reminders(store) if row.origin.startswith(last)]
    return {(row.state, row.reason) for row in of_last if row.message_id is not None or row.reason is not None}


@pytest.mark.parametrize(
    ("begun", "says", "told"),
    [
        (False, "sí", QUESTION),
        (False, "al rato", "Te busco otro día"),
        (False, "hola", HELLO),
        (False, "ya no me escriban", "ya no te escribo"),
        (True, "papeles", "identificación"),
        (True, "al rato", "Tu lugar queda guardado"),
    ],
)
async def test_what_she_answers_meanwhile_overtakes_it(
    store: Store, bot: Bot, begun: bool, says: str, told: str
) -> None:
    rosa = await reminded(bot, begun=begun)
    said = await rosa.say(says)
    assert told in said[-1]
    assert await states(store) <= {("dropped", leaving.Held.OVERTAKEN), ("dropped", leaving.Held.STOPPED)}
    assert len(await states(store)) == 1
    assert not [text for text in said if text.startswith("Hola")] or says == "hola"


async def test_a_tap_on_an_old_button_does_not_and_the_new_ones_come(store: Store, bot: Bot) -> None:
    rosa = await reminded(bot, begun=False)
    await rosa.tap("Sí, ahora")
    assert rosa.toasts
    assert await states(store) == {("sent", None)}
    await rosa.tap("Sí, ahora")
    assert QUESTION in rosa.last.text


async def test_nobody_is_reminded_of_a_window_that_is_over(store: Store, bot: Bot) -> None:
    rosa = await reminded(bot, begun=False)
    before = rosa.texts
    bot.store.clock.at += timedelta(days=15)
    while await bot.checkins.take_due():
        pass
    await bot.settle()
    assert await states(store) == {("dropped", leaving.Held.OVERTAKEN)}
    assert rosa.texts == before


async def test_a_reply_that_waits_behind_it_counts_as_much_as_one_that_has_left(store: Store, bot: Bot) -> None:
    rosa = await reminded(bot, begun=True)
    async with store.database.transact() as tx:
        (row,) = [one for one in await reminders(store) if one.state == MailState.READY and one.sprint is not None][-1:]
        parcel = parcel_of(tx, row)
        (word,) = await leaving.may_leave(tx, [parcel])
    assert isinstance(word, leaving.HerHours)
    await bot.receive((rosa.chat_id, {"message": rosa._message({"text": "papeles"})}))
    await bot.runner.take_letters()
    async with store.database.read() as tx:
        assert await leaving.may_leave(tx, [parcel]) == [leaving.Held.OVERTAKEN]
