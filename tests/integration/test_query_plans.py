"""What the bot asks of the store day and night reads no large table from end to end: SQLite says so of each statement
that was executed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from bot.housekeeping import clear_chats, keep_house
from scheduler.retention import keep
from storage import forgetting, mail
from storage.deletion import Kept
from storage.mail import MailState, Urgency
from storage.schema import inbox, metadata, outbox
from tests.integration.test_gate import tap_code, with_code
from tests.support.chat import Bot
from tests.support.world import Store

LARGE = {
    *("inbox", "outbox", "messages", "sessions", "answers", "checkins", "revisions", "notices", "recipients", "audit"),
    *("files", "case_log", "cases", "detections", "attempts", "consents", "exports", "remains"),
}
"""Tables that grow with every message, question, or year; of the others there is a row for each woman at most."""

Heard = dict[str, Any]


@contextmanager
def heard() -> Iterator[Heard]:
    """Each statement that is executed meanwhile, with parameters that it had."""
    found: Heard = {}

    def listen(_connection: Any, _cursor: Any, said: str, parameters: Any, _context: Any, many: bool) -> None:
        if said.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            found.setdefault(said, parameters[0] if many else parameters)

    event.listen(Engine, "before_cursor_execute", listen)
    yield found
    event.remove(Engine, "before_cursor_execute", listen)


async def scans(store: Store, found: Heard) -> list[str]:
    """The large tables that are read from end to end, each with the statement that does so."""
    told = []
    async with store.database.read() as tx:
        for said, parameters in found.items():
            if "ORDER BY audit.number DESC" in said:
                continue  # the last entry: the table is read from its end, and only that far
            plan = (await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", parameters)).all()
            names = _names(said)
            told += [f"{one.detail}: {' '.join(said.split())[:400]}" for one in plan if _is_scan(one.detail, names)]
    return told


def _names(said: str) -> dict[str, str]:
    return {alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", said)}


OF_SOME_ROWS = {
    str(index.name)
    for table in metadata.sorted_tables
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
"""The indexes that hold what is open, waits or is to go, and nothing of what is over."""


def _is_scan(detail: str, names: dict[str, str]) -> bool:
    words = detail.split()
    return words[0] == "SCAN" and names.get(words[1], words[1]) in LARGE and not OF_SOME_ROWS & set(words)


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def test_what_is_asked_all_day_reads_no_large_table(store: Store, bot: Bot) -> None:
    with heard() as found:
        rosa = await with_code(bot)
        await bot.pass_time(days=8)
        await rosa.tap("Sí, ahora")
        await tap_code(rosa)
        await rosa.say("ayuda")
        await bot.pass_time(minutes=11)
        await bot.pass_time(hours=41)
        await keep_house(store.database)
        await clear_chats(store.database)
        await keep(store.database, Kept())
        async with store.database.transact() as tx:
            assert await mail.recover(tx) == 0
            assert not await mail.in_hand(tx)
            await mail.next_ready_at(tx)
    assert len(found) > 80
    assert await scans(store, found) == []


async def test_a_table_that_is_read_from_end_to_end_would_be_found(store: Store) -> None:
    with heard() as found:
        async with store.database.read() as tx:
            await tx.run(select(outbox.c.id).where(outbox.c.state == "ready"))
            await tx.run(select(outbox.alias("other").c.reason))
            await tx.run(select(outbox.c.id).where(mail.READY))
    assert [told.partition(":")[0] for told in await scans(store, found)] == ["SCAN outbox", "SCAN other"]


async def test_what_was_dealt_with_long_ago_goes_and_what_is_asked_for_stays(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    before = await old_rows(store, timedelta())
    await bot.pass_time(days=31)
    assert await old_rows(store, forgetting.KEPT_FOR) == (0, 0)
    assert min(before) > 0
    async with store.database.read() as tx:
        left = {(row.state, row.urgency) for row in await tx.run(select(outbox.c.state, outbox.c.urgency))}
    assert (MailState.SENT, Urgency.INVITATION) in left
    assert await rosa.say("ayuda")


async def old_rows(store: Store, age: timedelta) -> tuple[int, int]:
    """How many updates were taken, and replies have arrived, so long ago."""
    async with store.database.read() as tx:
        letters = select(func.count()).select_from(inbox).where(inbox.c.done_at <= tx.now - age)
        arrived = (outbox.c.state == MailState.SENT) & (outbox.c.urgency == Urgency.REPLY)
        replies = select(func.count()).select_from(outbox).where(arrived, outbox.c.done_at <= tx.now - age)
        return (await tx.run(letters)).scalar_one(), (await tx.run(replies)).scalar_one()
