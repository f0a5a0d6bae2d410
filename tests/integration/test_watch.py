"""The alarm: what should have left and did not, whoever is to blame, and what is no cause for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import verdicts
from scheduler.watch import Watch
from storage import cases, mail
from storage.mail import MailState
from storage.schema import checkins, outbox, participants, preferences
from tests.support.chat import Bot
from tests.support.world import Store

HOUR = timedelta(hours=1)


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


@pytest.fixture
def watch(store: Store, bot: Bot) -> Watch:
    return Watch(store.database, bot.checkins)


async def raised(store: Store) -> bool:
    async with store.database.read() as tx:
        return await cases.alarm_since(tx) is not None


async def last_is(store: Store, **values: Any) -> None:
    """The last parcel that was posted ended so, just now."""
    async with store.database.transact() as tx:
        last = (await tx.run(select(outbox.c.id).order_by(outbox.c.id.desc()).limit(1))).scalar_one()
        await tx.run(update(outbox).where(outbox.c.id == last).values(done_at=tx.now, **values))


async def test_reminders_that_nobody_sends_are_told(store: Store, bot: Bot, watch: Watch) -> None:
    await bot.enrolled()
    await bot.pass_time(days=7)
    assert not await watch.look()
    store.clock.at += timedelta(days=3)  # and no tick
    assert await watch.look()
    assert await raised(store)
    await bot.tick()
    assert not await watch.look()
    assert not await raised(store)


async def test_a_reminder_whose_hour_has_just_come_is_no_alarm(store: Store, bot: Bot, watch: Watch) -> None:
    await bot.enrolled()
    await bot.pass_time(days=7)
    store.clock.at += timedelta(days=1, minutes=30)
    assert not await watch.look()


@pytest.mark.parametrize(("reason", "told"), [("unreachable", True), ("not_rendered", True), ("blocked", False)])
async def test_parcels_that_were_given_up_are_told_unless_she_shut_the_chat(
    store: Store, bot: Bot, watch: Watch, reason: str, told: bool
) -> None:
    await bot.enrolled()
    await bot.pass_time(days=7)
    store.clock.at += 2 * HOUR
    await last_is(store, state=MailState.FAILED, reason=reason, message_id=None)
    assert await watch.look() is told
    store.clock.at += HOUR
    assert not await watch.look()


@pytest.mark.parametrize(("message_id", "told"), [(None, True), (1, False)])
async def test_only_a_message_counts_as_having_left(
    store: Store, bot: Bot, watch: Watch, message_id: int | None, told: bool
) -> None:
    await bot.enrolled()
    await bot.pass_time(days=7)
    store.clock.at += 2 * HOUR
    await last_is(store, state=MailState.SENT, message_id=message_id)  # what takes buttons away has none
    async with store.database.transact() as tx:
        waits = {"id": 10**9, "origin": "waits", "urgency": 3, "state": MailState.READY, "ready_at": tx.now - HOUR}
        await tx.run(outbox.insert().values(**waits))
    assert await watch.look() is told


async def test_to_look_changes_nothing(store: Store, bot: Bot, watch: Watch) -> None:
    await bot.enrolled()
    await bot.pass_time(days=7)
    store.clock.at += timedelta(days=3)
    async with store.database.read() as tx:
        seen = await watch.see(tx)
    assert (seen.wrong, seen.overdue) == (True, 1)
    assert not await raised(store)


def test_the_store_knows_every_verdict_that_shuts_a_chat() -> None:
    assert {verdict.value for verdict in verdicts.SHUT} == set(mail.SHUT)


async def invited(store: Store) -> set[int]:
    """Who has been asked anything."""
    async with store.database.read() as tx:
        asked = await tx.run(select(checkins.c.participant_id).where(checkins.c.invited_at.is_not(None)))
        return set(asked.scalars())


async def test_whom_nobody_can_decide_about_keeps_nobody_else_waiting(
    store: Store, bot: Bot, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    await bot.enrolled(501)
    async with store.database.transact() as tx:
        damaged = (await tx.run(select(participants.c.id))).scalar_one()
        of_hers = update(preferences).where(preferences.c.participant_id == damaged)
        await tx.run(of_hers.values(zone="America/Gone"))
    await bot.enrolled(502)
    await bot.pass_time(days=8)
    (other,) = await invited(store)
    assert other != damaged
    told = [one for one in caplog.records if getattr(one, "action", "") == "row_undecidable"]
    assert told
    assert not any("Gone" in one.getMessage() or one.exc_info for one in told)
    assert not await watch.look()
    async with store.database.transact() as tx:
        await tx.run(of_hers.values(zone="America/Mexico_City"))
    await bot.pass_time(days=1)
    assert await invited(store) == {damaged, other}
