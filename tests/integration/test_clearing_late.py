"""Clearing what stands for long: not put off by what waits for the morning, and not tried for ever where it fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.housekeeping import clear_chats
from conversations.speech import Phrase, Said
from storage import mail
from storage.cleaning import CLEARED_BY, TRIED_AGAIN_AFTER, clear_what_is_quiet
from storage.mail import Parcel, Urgency
from storage.schema import accounts, chats
from tests.support.chat import Bot
from tests.support.world import Store


@pytest.fixture
async def standing(store: Store) -> Store:
    """Something of Rosa's stands in her chat for almost as long as it may, and nobody is there."""
    await Bot(store).enrolled()
    async with store.database.transact() as tx:
        await tx.run(update(chats).values(clean_at=None))
    store.clock.advance(seconds=(CLEARED_BY - timedelta(hours=1)).total_seconds())
    return store


async def test_what_waits_for_the_morning_does_not_put_off_a_clearing(standing: Store) -> None:
    async with standing.database.transact() as tx:
        row = (await tx.run(select(accounts))).one()
        line, at = Said(Phrase("notices.line")), tx.now + timedelta(hours=10)
        parcel = Parcel("x:1", row.lane, 1, line, Urgency.BROADCAST, row.participant_id, ready_at=at)
        await mail.post(tx, [parcel])
    assert await clear_chats(standing.database) == 0
    standing.clock.advance(hours=2)
    assert await clear_chats(standing.database) == 1


async def refused(store: Store) -> None:
    """What is to leave now is refused for good."""
    async with store.database.transact() as tx:
        claimed, _ = await mail.claim(tx, 10)
        for one in claimed:
            await mail.undeliverable(tx, one, "bad_request")


async def test_a_clearing_that_is_refused_is_tried_again_later_and_not_at_once(standing: Store) -> None:
    standing.clock.advance(hours=2)
    tried = 0
    for _ in range(20):
        tried += await clear_chats(standing.database)
        await refused(standing)
        standing.clock.advance(seconds=5)
    assert tried == 1
    standing.clock.advance(seconds=TRIED_AGAIN_AFTER.total_seconds())
    assert await clear_chats(standing.database) == 1


async def test_where_nothing_arrives_nothing_is_tried(standing: Store) -> None:
    standing.clock.advance(hours=2)
    async with standing.database.transact() as tx:
        await tx.run(update(accounts).values(blocked_at=tx.now))
    assert await clear_chats(standing.database) == 0


async def test_what_stands_longest_goes_first(store: Store) -> None:
    bot = Bot(store)
    await bot.enrolled()
    (first,) = await of_lanes(store)
    store.clock.advance(minutes=5)
    await bot.enrolled(777)
    async with store.database.transact() as tx:
        await tx.run(update(chats).values(clean_at=None))
    store.clock.advance(seconds=CLEARED_BY.total_seconds())
    async with store.database.transact() as tx:
        assert await clear_what_is_quiet(tx, limit=1) == 1
        cleared = await tx.run(select(chats.c.lane).where(chats.c.cleared_at.is_not(None)))
        assert list(cleared.scalars()) == [first]


async def of_lanes(store: Store) -> list[str]:
    async with store.database.read() as tx:
        return list((await tx.run(select(accounts.c.lane).order_by(accounts.c.linked_at))).scalars())
