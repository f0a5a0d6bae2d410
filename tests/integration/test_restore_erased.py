"""A store that is put back has nobody in it who was erased since, and everybody who was put back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from scheduler.retention import keep
from storage import erasure, legal_holds
from storage.deletion import Kept
from storage.erasure import Wish
from storage.journal import Kind
from storage.schema import participants, stops
from tests.integration.test_restore import MINUTES, confirmed, founded, opened, send_to_all
from tests.support.fieldwork import fieldwork
from tests.support.keeping import backed_up, put_back
from tests.support.office import Office
from tests.support.world import START, Store


@pytest.mark.holds("S-34")
async def test_who_was_erased_is_absent_who_stopped_is_silent_and_nobody_hears_twice(
    store: Store, tmp_path: Path
) -> None:
    town = await founded(store, released_on=START.date() - timedelta(days=6))
    a, b, _ = town.women
    async with fieldwork(store, simulator=town.simulator) as here:
        await backed_up(store, tmp_path / "backup")
        async with store.database.transact() as tx:
            await erasure.erase(tx, a, Wish("command", proved="llamada"))
        await Office(here).stop(b)
        await send_to_all(here)
        await here.pass_to(here.now + MINUTES)
    heard, kept = town.heard, Kept()
    store.clock.advance(days=8 + kept.blocked.days)
    for _ in range(2):  # before it was carried out, and after that
        done = await put_back(store, tmp_path / "backup")
        assert {Kind.ERASED, Kind.STOPPED} <= done.replayed.changed.keys()
        assert done.replayed.unknown == {}
        async with fieldwork(store, simulator=town.simulator) as here:
            async with store.database.read() as tx:
                assert a not in (await tx.run(select(participants.c.id))).scalars().all()
                assert (await tx.run(select(stops.c.participant_id))).scalars().all() == [b]
            await confirmed(store)
            assert await keep(store.database, kept) in (0, 1)
            for _ in range(2):
                await here.pass_to(here.now + timedelta(days=2))
            await opened(here, town)
        assert sum("taller" in message.text for message in town.phones[2].history) <= 1
    assert town.heard[0] <= heard[0] + 1, "at most the line that is left in her chat"
    assert town.heard[1] == heard[1]
    async with store.database.read() as tx:
        assert await erasure.set_aside(tx) == []


async def test_who_was_put_back_is_there_after_a_restore(store: Store, tmp_path: Path) -> None:
    town = await founded(store)
    a, b, _ = town.women
    async with fieldwork(store, simulator=town.simulator) as here:
        await backed_up(store, tmp_path / "backup")
        for woman in (a, b):
            async with store.database.transact() as tx:
                await erasure.erase(tx, woman, Wish("participant"))
        async with store.database.transact() as tx:
            one = await erasure.of_woman(tx, a)
            assert one is not None
            await erasure.undo(tx, one, by="command")
            await legal_holds.hold(tx, b, until=store.clock.at.date() + timedelta(days=400), reason="expediente")
            two = await erasure.of_woman(tx, b)
            assert two is not None
            await erasure.prove(tx, two.id, how="llamada", by="command")
        await here.settle()
    done = await put_back(store, tmp_path / "backup")
    assert {Kind.ERASED, Kind.ERASURE_UNDONE, Kind.ERASURE_PROVED, Kind.HOLD_SET} <= done.replayed.changed.keys()
    store.clock.advance(days=300)
    assert await keep(store.database, Kept()) == 0, "what is held is kept"
    async with store.database.read() as tx:
        there = (await tx.run(select(participants.c.id))).scalars().all()
        assert (a in there, b in there) == (True, False)
        (still,) = await erasure.set_aside(tx)
        assert still.proved
