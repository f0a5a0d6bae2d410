"""A woman whose days and hours never come, as a plan that was applied may bring about: staff learn of it, at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.app import hours_by
from scheduler.checkins import facts_of, row_of
from scheduler.outlook import forecast
from storage import due, looks
from storage.fates import Fate, Reason
from storage.leaving import HerHours
from storage.schema import cases, checkins, participants, preferences
from tests.support.chat import Bot
from tests.support.world import Store

SUNDAY_MORNINGS = {"slot": "manana", "days": "6"}  # of Sundays, nothing unasked leaves before noon


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def rows(store: Store, *columns: Any, point: str = "s1") -> list[tuple[Any, ...]]:
    async with store.database.read() as tx:
        found = select(*columns).select_from(checkins).outerjoin(cases, cases.c.checkin_id == checkins.c.id)
        return [tuple(row) for row in await tx.run(found.where(checkins.c.point == point))]


async def shut(store: Store, woman: int | None = None) -> None:
    """No hour of hers comes any more; what is open of hers is looked at now."""
    async with store.database.transact() as tx:
        woman = woman or (await tx.run(select(participants.c.id).limit(1))).scalar_one()
        await tx.run(update(preferences).where(preferences.c.participant_id == woman).values(SUNDAY_MORNINGS))
        await looks.look_now(tx, [woman])


@pytest.mark.parametrize("linked", [True, False])
async def test_she_is_to_be_called_and_what_was_not_sent_is_our_miss(store: Store, bot: Bot, linked: bool) -> None:
    if linked:
        await bot.enrolled()
    else:
        await bot.register()
    await shut(store)
    await bot.pass_time(days=6)
    assert await rows(store, cases.c.kind) == [(None,)], "not before it would have opened"
    await bot.pass_time(days=2)
    assert await rows(store, cases.c.kind, cases.c.state) == [("llamada", "open")]
    await bot.pass_time(days=15)
    ended = (Fate.MISSED_BY_US, Reason.NO_ALLOWED_HOUR) if linked else (Fate.UNREACHABLE, Reason.NOT_ENROLLED)
    assert await rows(store, checkins.c.fate, checkins.c.fate_reason) == [ended]
    assert await rows(store, cases.c.state) == [("open",)], "nobody has agreed on other hours with her yet"


async def test_others_are_asked_all_the_same(store: Store, bot: Bot) -> None:
    for number in range(3):
        await bot.register(f"R-{number}")
    await shut(store)
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    assert "cinco minutos" in rosa.last.text


async def test_an_invitation_that_she_has_is_not_our_miss(store: Store, bot: Bot) -> None:
    await bot.enrolled()
    await bot.pass_time(days=8)
    await shut(store)
    await bot.pass_time(hours=1)
    assert await rows(store, cases.c.kind, cases.c.state) == [("llamada", "open")]
    await bot.pass_time(days=15)
    assert await rows(store, checkins.c.fate, checkins.c.fate_reason) == [(Fate.UNREACHABLE, Reason.NO_ANSWER)]


async def test_she_is_asked_as_soon_as_an_hour_comes(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await shut(store)
    await bot.pass_time(days=8)
    async with store.database.transact() as tx:
        await tx.run(update(preferences).values(days=None))
    await bot.pass_time(days=2)
    assert "cinco minutos" in rosa.last.text


async def test_what_is_foretold_of_her(store: Store, bot: Bot) -> None:
    await bot.enrolled()
    await shut(store)
    async with store.database.read() as tx:
        (first, *_) = await due.due(tx, 1, by=tx.now + timedelta(days=30))
        until, now = tx.now + timedelta(days=60), tx.now
    facts = facts_of(first, in_other_sitting=False)
    told = forecast(row_of(first), facts, now=now, plan=bot.plans.default, until=until)
    assert [one.why for one in told] == [Reason.NO_ALLOWED_HOUR] * 2, "a call, and then the end"


def test_what_waits_for_her_is_looked_at_again_tomorrow(bot: Bot) -> None:
    never = HerHours("America/Mexico_City", **SUNDAY_MORNINGS)
    now = datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert hours_by(bot.plans, lambda: now).may_send(never, now) == now + timedelta(days=1)
