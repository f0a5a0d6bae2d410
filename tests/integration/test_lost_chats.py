"""What becomes of check-ins when a chat is blocked, left for another, or in use: each ends, and only once."""

from typing import Any

import pytest
from sqlalchemy import select, true

from bot.app import _open_library
from bot.cli.refusals import Refused
from bot.library import shipped_sources
from scheduler.writers import WRITERS
from storage import instruments, people
from storage.database import Conflict
from storage.outcomes.known import known
from storage.people import Linked
from storage.records import Entry
from storage.schema import accounts, answers, checkins, employments, sessions
from tests.support.chat import WORD, Bot, Chat
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def rows(store: Store, table: Any) -> list[Any]:
    async with store.database.read() as tx:
        holds = known(table) if "replaced_at" in table.c and "learned_at" in table.c else true()
        return list(await tx.run(select(table).where(holds)))


async def ledger(store: Store) -> dict[str, tuple[str, str | None]]:
    return {row.point: (row.state, row.fate) for row in await rows(store, checkins)}


async def open_sessions(store: Store) -> list[int | None]:
    return [row.checkin_id for row in await rows(store, sessions) if row.closed_at is None]


async def begun(bot: Bot) -> Chat:
    """A woman in the middle of her first check-in."""
    chat = await bot.enrolled()
    await bot.pass_time(days=8)
    await chat.tap("Sí, ahora")
    return chat


@pytest.mark.parametrize("started", [True, False])
async def test_a_window_that_closes_while_she_has_us_blocked_closes_the_sitting(bot: Bot, started: bool) -> None:
    store = bot.store
    if started:
        chat = await begun(bot)
        await chat.say("no necesito nada por ahora")
    else:
        chat = await bot.enrolled()
        await bot.pass_time(days=8)
    await chat.block()
    await bot.pass_time(days=16)
    assert await open_sessions(store) == []
    assert (await ledger(store))["s1"] == ("closed", "partial" if started else "unreachable")
    before = len(await rows(store, answers))
    await chat.block(blocked=False)
    await bot.pass_time(days=12)
    assert (await ledger(store))["m1"] == ("invited", None)
    assert len(await rows(store, answers)) == before


@pytest.mark.parametrize("why", [people.BLOCKED, "chat_not_found"])
async def test_a_chat_in_which_she_writes_is_not_shut_whatever_was_refused_before(bot: Bot, why: str) -> None:
    chat = await bot.enrolled()
    async with bot.store.database.transact() as tx:
        await people.block(tx, bot.lane(chat.chat_id), why)
    await bot.pass_time(days=8)
    assert (await ledger(bot.store))["s1"] == ("expected", None)
    await chat.say("hola")
    (account,) = await rows(bot.store, accounts)
    assert (account.blocked_at, account.blocked_why) == (None, None)
    await bot.tick()
    assert (await ledger(bot.store))["s1"] == ("invited", None)


async def test_what_happens_in_a_chat_without_her_does_not_open_it(bot: Bot) -> None:
    chat = await begun(bot)
    async with bot.store.database.transact() as tx:
        await people.block(tx, bot.lane(chat.chat_id))
    await bot.pass_time(days=16)  # her window closes
    (account,) = await rows(bot.store, accounts)
    assert account.blocked_why == people.BLOCKED


async def test_a_new_phone_takes_the_check_in_along_and_the_old_one_is_a_strangers(bot: Bot) -> None:
    old = await begun(bot)
    (woman,) = {row.participant_id for row in await rows(bot.store, accounts)}
    new = bot.chat(502)
    await new.start(await bot.invite(woman))
    await new.tap("Sí, puedo")
    await new.say(WORD)
    await new.accept()
    assert {row.unlinked_at is None for row in await rows(bot.store, accounts)} == {True, False}
    for said in ("todas", "Rosa", "en la mañana"):
        await new.say(said)
    assert await open_sessions(bot.store) == []
    assert await old.say("hola") == await bot.chat(999).say("hola")  # as to any stranger
    await bot.pass_time(days=3)
    await new.tap("Sí, ahora")
    await new.say("no necesito nada por ahora")
    assert (await ledger(bot.store))["s1"] == ("started", None)


async def test_a_chat_in_use_is_nobody_elses(bot: Bot) -> None:
    chat = await bot.enrolled()
    other = await bot.register("R-2")
    await bot.invite(other)
    lane = bot.lane(chat.chat_id)
    async with bot.store.database.read() as tx:
        invitation = tx.ids.random()
    entry = Entry(Linked(invitation, participant=other), bot.store.clock(), "o", lane, chat.chat_id, 1)
    with pytest.raises(Conflict):
        async with bot.store.database.transact() as tx:
            await WRITERS[Linked](tx, [entry])
    assert len(await rows(bot.store, accounts)) == 1


async def test_rows_of_a_sitting_are_hers_whose_sitting_it_is(bot: Bot) -> None:
    chat = await bot.enrolled()
    await bot.pass_time(days=32)
    for text in ("sí", "no necesito nada por ahora", "Sí, trabajé", "por mi cuenta"):
        await chat.say(text)
    (job,) = await rows(bot.store, employments)
    (checkin,) = [row for row in await rows(bot.store, checkins) if row.id == job.checkin_id]
    assert job.participant_id == checkin.participant_id


async def test_an_instrument_may_not_change_under_its_version(store: Store) -> None:
    (name, version, source), *_ = shipped_sources()
    async with store.database.transact() as tx:
        await instruments.keep_instruments(tx, [(name, version, source + "\n")])
    with pytest.raises(Refused, match=f"{name} {version}"):
        await _open_library(store.database)
