"""What the tick costs: what is due, and not who is enrolled. And what is seen when nothing leaves."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from scheduler.checkins import A_TICK, BATCH
from scheduler.watch import Watch
from storage import cases, due, instruments, leaving, ledger, mail, plans
from storage.fates import Fate
from storage.leaving import HerHours
from storage.mail import Urgency
from storage.schema import accounts, checkins, invitations, outbox, participants, preferences, sessions, timers
from storage.schema import consents as consents_table
from storage.vault import Place
from tests.support.chat import Bot
from tests.support.faulty import FaultyDesk
from tests.support.world import Store

HOUR = timedelta(hours=1)


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def many(bot: Bot, women: int, *, due_now: int) -> None:
    """So many women, each with a chat, consent and one check-in; of some it is due now."""
    store = bot.store
    async with store.database.transact() as tx:
        ids = [tx.ids.random() for _ in range(women)]
        chats = [tx.vault.seal(Place("accounts", "chat_id", woman), b"%d" % n) for n, woman in enumerate(ids, 1)]
        lanes = [bot.lane(number) for number in range(1, women + 1)]
        moments = [tx.now if number < due_now else tx.now + timedelta(days=9) for number in range(women)]
        await tx.run(
            participants.insert(),
            [{"id": woman, "person": f"p{woman}", "added_at": tx.now, "enrolled_at": tx.now} for woman in ids],
        )
        hers = {"zone": "America/Mexico_City", "slot": "cualquiera", "trato": "tu", "language": "es"}
        await tx.run(preferences.insert(), [{"participant_id": woman, **hers} for woman in ids])
        said = {"purpose": "seguimiento", "version": "1", "text_hash": "h", "given": True, "how": "chat", "at": tx.now}
        await tx.run(consents_table.insert(), [{"id": woman, "participant_id": woman, **said} for woman in ids])
        span = {"created_at": tx.now, "expires_at": tx.now}
        await tx.run(
            invitations.insert(),
            [{"id": woman, "participant_id": woman, "token_digest": str(woman), **span} for woman in ids],
        )
        linked = [
            {"id": woman, "participant_id": woman, "invitation_id": woman, "lane": lane, "chat_id": chat}
            for woman, lane, chat in zip(ids, lanes, chats, strict=True)
        ]
        await tx.run(accounts.insert().values(linked_at=tx.now), linked)
        row = {"plan": bot.plans.default.name, "point": "m1", "series": "m1", "instrument": "seguimiento"}
        window = {"state": "expected", "owner": "bot", "due_on": tx.now.date(), "added_at": tx.now}
        await tx.run(
            checkins.insert(),
            [
                {"id": woman, "participant_id": woman, **row, **window}
                | {"opens_at": at, "next_at": at, "closes_at": at + timedelta(days=20)}
                for woman, at in zip(ids, moments, strict=True)
            ],
        )


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """What is executed meanwhile with which parameters, whoever's connection it is."""
    heard: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            heard.append((statement, parameters))

    engines = [engine.sync_engine for engine in (store.database._writer, store.database._readers)]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", listen)
    yield heard
    for engine in engines:
        event.remove(engine, "before_cursor_execute", listen)


async def query_plan(store: Store, statement: str, parameters: Any) -> list[str]:
    """How SQLite finds what this very statement asks for."""
    async with store.database.read() as tx:
        found = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row.detail for row in found]


# --- what it costs


async def test_an_idle_tick_is_one_look_at_an_index(store: Store, bot: Bot) -> None:
    await many(bot, 50, due_now=0)
    with statements(store) as heard:
        assert await bot.checkins.take_due() == 0
    ((statement, parameters),) = heard
    plan = await query_plan(store, statement, parameters)
    assert plan == ["SEARCH checkins USING INDEX ix_checkins_due (owner=? AND next_at<?)"]


async def test_one_glance_tells_what_there_is_to_do(store: Store, bot: Bot) -> None:
    await many(bot, 50, due_now=0)
    sql, binds = due._spoken(store.database.dialect)
    details = await query_plan(store, sql, ("",) * binds)
    assert "SEARCH checkins USING INDEX ix_checkins_due (owner=? AND next_at<?)" in details
    assert {detail for detail in details if detail.startswith("SCAN")} <= _SMALL
    before = await due.glance(store.database)
    assert not before.due
    assert not before.expired
    async with store.database.transact() as tx:
        await plans.keep_plan(tx, "other", version="1", source="", by="command")
    applied = await due.glance(store.database)
    async with store.database.transact() as tx:
        await instruments.keep_instruments(tx, [("una", "1", "")])
    kept = await due.glance(store.database)
    assert len({before.kept, applied.kept, kept.kept, (await due.glance(store.database)).kept}) == 3


_SMALL = {"SCAN plans", "SCAN instruments", "SCAN CONSTANT ROW"}


async def test_a_glance_sees_what_is_due_at_that_very_moment(store: Store, bot: Bot) -> None:
    await many(bot, 2, due_now=1)
    assert (await due.glance(store.database)).due
    store.clock.advance(seconds=-1)
    assert not (await due.glance(store.database)).due
    store.clock.advance(seconds=1)
    await bot.checkins.take_due()
    assert not (await due.glance(store.database)).due
    async with store.database.transact() as tx:
        (sitting,) = (await tx.run(select(sessions.c.id))).scalars()
        await tx.run(timers.insert(), [{"session_id": sitting, "due_at": tx.now}])
    assert (await due.glance(store.database)).expired
    store.clock.advance(seconds=-1)
    assert not (await due.glance(store.database)).expired


async def test_no_table_is_scanned_for_what_is_due(store: Store, bot: Bot) -> None:
    await many(bot, 3, due_now=3)
    with statements(store) as heard:
        async with store.database.read() as tx:
            assert len(await due.due(tx, 50)) == 3
    assert len(heard) == 4
    details = [detail for statement, parameters in heard for detail in await query_plan(store, statement, parameters)]
    searched = {detail.split()[1] for detail in details if detail.startswith("SEARCH")}
    assert {"checkins", "accounts", "consents", "participants", "preferences", "sessions", "stops"} <= searched
    assert [detail for detail in details if detail.startswith("SCAN")] == []
    assert details[0] == "SEARCH checkins USING INDEX ix_checkins_due (owner=? AND next_at<?)"
    found_row_by_row = await query_plan(store, *heard[0])
    assert "ORDER BY" not in found_row_by_row[-1]  # they come in the order of that index


async def test_what_may_leave_is_asked_of_few_tables_and_once_for_all(store: Store, bot: Bot) -> None:
    await many(bot, 40, due_now=20)
    await bot.checkins.take_due()
    async with store.database.read() as tx:
        parcels = [mail.parcel_of(tx, row) for row in await tx.run(select(outbox))]
    asked = [replace(parcel, origin="checkin:1:remind:1:1:0", urgency=Urgency.REMINDER) for parcel in parcels[:3]]
    for some, tables in ((parcels, 2), (parcels[:1], 2), ([*parcels[3:], *asked], 3)):
        with statements(store) as heard:
            async with store.database.read() as tx:
                words = await leaving.may_leave(tx, some)
        assert len(words) == len(some)
        assert all(isinstance(word, HerHours) for word in words)
        assert len(heard) == tables
    plans = [await query_plan(store, *one) for one in heard]
    assert [detail for plan in plans for detail in plan if detail.startswith("SCAN")] == []


async def test_opening_many_takes_few_statements(store: Store, bot: Bot) -> None:
    await many(bot, BATCH * 4, due_now=BATCH * 2)
    with statements(store) as heard:
        assert await bot.checkins.take_due() == BATCH * 2
    async with store.database.read() as tx:
        states = [row.state for row in await tx.run(select(checkins.c.state).order_by(checkins.c.state))]
        posted = len(list(await tx.run(select(outbox.c.id))))
    assert states == ["expected"] * BATCH * 2 + ["invited"] * BATCH * 2
    assert posted == BATCH * 2
    assert len(heard) < 60, heard  # some twenty for each batch, however many it holds


async def test_one_tick_leaves_the_rest_to_the_next(store: Store, bot: Bot) -> None:
    await many(bot, BATCH + 9, due_now=BATCH + 9)
    assert A_TICK >= BATCH
    assert await bot.checkins.take_due(limit=BATCH + 2) == BATCH + 2
    assert await bot.checkins.take_due() == 7
    assert await bot.checkins.take_due() == 0


# --- the watch


async def alarms(store: Store) -> list[tuple[str, bool]]:
    async with store.database.read() as tx:
        found = await tx.run(select(cases.cases).where(cases.cases.c.kind == "alarma"))
        return [(row.state, row.participant_id is None) for row in found]


async def test_a_tick_that_takes_nothing_is_told(store: Store, bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    await many(bot, 3, due_now=2)
    watch = Watch(store.database, bot.checkins)
    assert not await watch.look()
    store.clock.advance(hours=2)
    with caplog.at_level(logging.ERROR):
        assert await watch.look()
        assert await watch.look()
    assert await alarms(store) == [("open", True)]
    assert {record.action for record in caplog.records} == {"nothing_left"}  # type: ignore[attr-defined]
    await bot.tick()
    assert not await watch.look()
    assert await alarms(store) == [("resolved", True)]


def failing(bot: Bot) -> FaultyDesk:
    """Whatever asks her of this bot goes wrong from now on, until the desk is told otherwise."""
    desk = FaultyDesk(bot.runner._desk, checkins=True)  # type: ignore[arg-type]
    bot.runner._desk = desk
    return desk


async def looks(bot: Bot, *, hours: int) -> list[bool]:
    """Whether something was wrong after each of so many hours."""
    watch = Watch(bot.store.database, bot.checkins)
    wrong = []
    for _ in range(hours):
        bot.store.clock.advance(hours=1)
        await bot.tick()
        wrong.append(await watch.look())
    return wrong


async def test_invitations_that_fail_again_and_again_are_told(store: Store, bot: Bot) -> None:
    failing(bot)
    await many(bot, 1, due_now=1)
    assert (await looks(bot, hours=3))[-1]


async def test_reminders_that_fail_once_a_day_are_told_all_day_until_one_leaves(store: Store, bot: Bot) -> None:
    await bot.enrolled()
    await bot.pass_time(days=7)
    desk = failing(bot)
    wrong = await looks(bot, hours=4 * 24)
    first = wrong.index(True)
    assert first > 12
    assert all(wrong[first:])
    desk.checkins = False
    assert not (await looks(bot, hours=24))[-1]
    assert await alarms(store) == [("resolved", True)]


async def test_a_reminder_that_failed_is_told_no_longer_than_its_check_in_is_open(store: Store, bot: Bot) -> None:
    chat = await bot.enrolled()
    await bot.pass_time(days=7)
    failing(bot)
    while not (await looks(bot, hours=1))[0]:
        pass
    await chat.tap("Sí, ahora")
    await chat.say("no necesito nada por ahora")
    async with store.database.transact() as tx:
        (row,) = await tx.run(select(checkins.c.id).where(checkins.c.state == "started"))
        await ledger.close(tx, [(row.id, Fate.PARTIAL, None)])
    assert not await Watch(store.database, bot.checkins).look()


async def test_whether_the_outbox_stands_still_is_found_by_indexes(store: Store, bot: Bot) -> None:
    with statements(store) as heard:
        async with store.database.read() as tx:
            await due.outbox_stands_still(tx, tx.now)
    details = [detail for statement, parameters in heard for detail in await query_plan(store, statement, parameters)]
    assert details[0].endswith(" INDEX ix_outbox_open")
    assert details[1] == "SEARCH outbox USING INDEX ix_outbox_given_up (done_at>?)"


async def test_what_is_held_back_for_a_reason_is_no_alarm(store: Store, bot: Bot) -> None:
    await many(bot, 1, due_now=1)
    async with store.database.transact() as tx:
        await tx.run(update(accounts).values(blocked_at=tx.now, blocked_why="blocked"))
    await bot.tick()
    store.clock.advance(hours=3)
    assert not await Watch(store.database, bot.checkins).look()


async def test_an_outbox_that_stands_still_is_told(store: Store, bot: Bot) -> None:
    await many(bot, 2, due_now=2)
    await bot.checkins.take_due()
    watch = Watch(store.database, bot.checkins)
    store.clock.advance(minutes=59)
    assert not await watch.look()
    store.clock.advance(minutes=1)
    assert await watch.look()
    async with store.database.transact() as tx:  # one of two has left meanwhile: slow, but not still
        (first, _) = (await tx.run(select(outbox.c.id))).scalars()
        await tx.run(update(outbox).where(outbox.c.id == first).values(state="sent", message_id=1, done_at=tx.now))
    assert not await watch.look()
    assert await alarms(store) == [("resolved", True)]
