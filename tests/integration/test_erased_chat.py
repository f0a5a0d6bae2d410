"""What stands in a woman's chat once she is erased: nothing of hers, however soon the rest goes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from storage import deletion, erasure
from storage.erasure import Wish
from storage.schema import outbox, participants
from tests.integration.test_gate import HARMLESS, hers, tap_code, with_code
from tests.support.chat import Bot
from tests.support.world import Store

BY_STAFF = Wish("command", proved="llamada")


@pytest.mark.holds("S-54")
@pytest.mark.parametrize("at_once", [False, True])
async def test_her_chat_is_cleared_however_soon_what_was_kept_of_her_goes(store: Store, at_once: bool) -> None:
    bot = Bot(store)
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    await tap_code(rosa)
    assert not set(hers(rosa)) <= HARMLESS, "a question stands open"
    async with store.database.transact() as tx:
        woman = (await tx.run(select(participants.c.id))).scalar_one()
        await erasure.erase(tx, woman, BY_STAFF)
        one = await erasure.of_woman(tx, woman)
        if at_once:
            assert one is not None
            await deletion.carry_out(tx, one, by="command")
    await bot.settle()
    assert set(hers(rosa)) <= HARMLESS
    async with store.database.read() as tx:
        assert (await tx.run(select(outbox.c.lane, outbox.c.payload).where(outbox.c.lane.is_not(None)))).all() == []


@pytest.mark.holds("S-54")
async def test_the_file_she_was_handed_does_not_outlast_her_erasure(store: Store) -> None:
    rosa = await with_code(Bot(store))
    await rosa.say("/misdatos")
    await tap_code(rosa)
    await rosa.tap("Dame el archivo")
    assert "(file archivo.txt)" in hers(rosa)
    await rosa.say("/cancelar")
    await rosa.tap("Sí, bórralo")
    assert set(hers(rosa)) <= HARMLESS | {"Listo."}
