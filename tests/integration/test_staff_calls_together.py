"""Two members of staff at one call, and a desk that is gone or restarted in the middle of one."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from storage import cases, departures, members
from storage.calls import Disposition
from storage.schema import cases as tasks
from tests.support.calling import EVA, PHONE, acts, note_down, standing, to_call, tried
from tests.support.chat import Bot
from tests.support.staff import at_work
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def test_whoever_comes_second_learns_who_has_the_call(bot: Bot) -> None:
    lupe = await at_work(bot)
    eva = await at_work(bot, chat_id=EVA, name="Eva Prueba")
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await eva.say("/llamadas")
    await lupe.tap("Ver su número")
    await eva.tap("Ver su número")
    assert "la lleva Lupe Prueba" in eva.last.text
    assert PHONE not in standing(eva)
    await eva.tap("La llevo yo")
    assert PHONE in eva.last.text
    await lupe.tap("Anotar qué pasó")
    assert "la lleva Eva Prueba" in lupe.last.text
    assert await tried(bot, her) == []


async def test_a_call_that_is_over_takes_no_second_outcome(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Nadie contesta")
    async with bot.store.database.transact() as tx:
        await cases.close_case(tx, her, cases.CALL)
    await lupe.tap("Guardar")
    assert "Ya no hay que llamarla. No se anotó nada." in lupe.last.text
    assert await tried(bot, her) == []


async def test_two_who_open_one_number_in_the_same_moment(bot: Bot) -> None:
    lupe = await at_work(bot)
    eva = await at_work(bot, chat_id=EVA, name="Eva Prueba")
    await to_call(bot)
    updates = []
    for chat in (lupe, eva):
        await chat.say("/llamadas")
        data = next(data for label, data in chat.last.buttons.items() if "número" in label)
        query = {"id": f"tap-{chat.chat_id}", "from": {"id": chat.chat_id}, "data": data}
        private = {"id": chat.chat_id, "type": "private"}
        updates.append((chat.chat_id, {"callback_query": {**query, "message": {"chat": private}}}))
    await bot.receive(*updates)
    await bot.settle()
    numbers = [PHONE in standing(chat) for chat in (lupe, eva)]
    assert sorted(numbers) == [False, True]
    second = eva if numbers[0] else lupe
    assert "la lleva" in second.last.text
    assert sum(action == "phone_read" for _, action in await acts(bot)) == 1


async def test_the_writer_refuses_whoever_is_not_in_charge(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Nadie contesta")
    async with bot.store.database.transact() as tx:
        await tx.run(update(tasks).where(tasks.c.participant_id == her).values(owner_id=None))
    await lupe.tap("Guardar")
    assert "Nadie lleva esta llamada" in lupe.last.text
    assert await tried(bot, her) == []


async def test_a_half_told_outcome_survives_a_restart(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Cambió de número")
    after = Bot(store)
    after.chats[lupe.chat_id], after.numbers, lupe.bot = lupe, bot.numbers, after
    await lupe.say("5511112222")
    await lupe.tap("Guardar")
    assert await tried(after, her) == [Disposition.CHANGED_NUMBER]


async def test_whoever_is_revoked_with_an_open_number_writes_nothing(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Nadie contesta")
    async with bot.store.database.transact() as tx:
        (one,) = await members.listed(tx)
        await departures.revoke(tx, one.staff)
    await lupe.tap("Guardar")
    assert await tried(bot, her) == []
    eva = await at_work(bot, chat_id=EVA, name="Eva Prueba")
    await eva.say("/llamadas")
    await eva.tap("Ver su número")
    assert PHONE in eva.last.text, "whoever has left holds no call"
