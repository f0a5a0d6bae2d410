"""The tick over a real store: what the end of one thing brings about for another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from storage import ledger, pauses
from storage.fates import Fate, Reason
from storage.pauses import HERSELF, STAFF, PauseKind
from storage.schema import cases, participants
from tests.integration.test_checkins import bot as bot
from tests.integration.test_checkins import enrolled, fate, her, plan, point, row, rows, to_day
from tests.support.chat import Bot
from tests.support.world import Store


@pytest.mark.parametrize(("series", "until_on"), [("s1", None), ("", date(2026, 3, 3))])
async def test_a_reentry_that_rests_not_all_or_is_over_leaves_her_her_own_rest(
    store: Store, bot: Bot, series: str, until_on: date | None
) -> None:
    await enrolled(bot)
    woman = await her(store)
    async with store.database.transact() as tx:
        await pauses.pause(tx, woman, PauseKind.REENTRY, until_on=until_on, by=STAFF, series=series)
    await to_day(bot, 2)
    async with store.database.transact() as tx:
        assert await pauses.pause(tx, woman, PauseKind.REST, until_on=date(2026, 4, 3), by=HERSELF)


async def test_what_waits_for_another_is_looked_at_as_soon_as_that_one_ends(store: Store) -> None:
    bot = Bot(store, plan=plan(point("s1", after=20), point("x1", days=9, after=11)))
    await enrolled(bot)
    await to_day(bot, 20)  # the last day of x1
    waits = await row(store, "x1")
    assert (waits.state, waits.next_at > store.clock.at) == ("expected", True)
    async with store.database.transact() as tx:
        await ledger.close(tx, [((await row(store)).id, Fate.COMPLETED, None)])
    assert (await row(store, "x1")).next_at == store.clock.at


async def test_a_call_is_settled_when_she_is_heard_in_whichever_check_in_and_nobody_elses(store: Store) -> None:
    bot = Bot(store, plan=plan(point("s1"), point("x1", days=40)))
    await enrolled(bot)
    await enrolled(bot, 502)
    await to_day(bot, 45)
    called = [one for one in await rows(store, cases) if one.kind == "llamada"]
    assert {one.state for one in called} == {"open"}
    hers, other = (one.participant_id for one in called)
    (x1,) = [one for one in await rows(store) if (one.point, one.participant_id) == ("x1", hers)]
    assert x1.id not in {one.checkin_id for one in called}, "both are to be called about s1, which is over"
    async with store.database.transact() as tx:
        await ledger.close(tx, [(x1.id, Fate.PARTIAL, Reason.UNFINISHED)])
    assert {one.state for one in await rows(store, cases) if one.kind == "llamada"} == {"open"}, "that was about s1"
    async with store.database.transact() as tx:
        await ledger.heard(tx, [x1.id])
    states = {one.participant_id: one.state for one in await rows(store, cases) if one.kind == "llamada"}
    assert states == {hers: "resolved", other: "open"}


@pytest.mark.parametrize(
    ("died", "ends"), [(21, (Fate.MISSED_BY_US, Reason.NOT_SENT)), (20, (Fate.NOT_DUE, Reason.DIED))]
)
async def test_a_death_after_the_deadline_hides_no_outage(
    store: Store, bot: Bot, died: int, ends: tuple[Fate, Reason]
) -> None:
    await enrolled(bot)
    store.clock.advance(days=30)  # the bot was down
    async with store.database.transact() as tx:
        day = date(2026, 3, 2) + timedelta(days=died)
        await tx.run(update(participants).where(participants.c.id == await her(store)).values(died_on=day))
    await bot.tick()
    assert await fate(store) == ends
