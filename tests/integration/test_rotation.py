"""Keys change under a store in use: nothing is lost, nobody waits, and of the old keys nothing is left."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Text, select, update

from storage import cases_office, installation, lanes, mail, people, renaming, rotation
from storage import files as kept
from storage.cells import SEALED
from storage.database import Conflict, Database, World
from storage.files import place_of
from storage.lanes import LIVE, TABLES
from storage.mail import Letter
from storage.people import NewParticipant
from storage.schema import approvals, files, messages, metadata, vault
from storage.vault import Place, open_vault, read_keys
from tests.support.canaries import GROUP, PLANTED, opened, raw_bytes
from tests.support.chat import BOT_ID, WORD, Bot
from tests.support.world import Store

DIGESTS = [
    column
    for table in metadata.tables.values()
    for column in table.c
    if column.name.endswith("_digest") and isinstance(column.type, Text)
]


def nobody() -> bool:
    """No bot runs."""
    return True


async def changed(store: Store) -> rotation.Done:
    """New keys, and everything under them."""
    assert await rotation.begin(store.database)
    return await rotation.renew(store.database, nobody_runs=nobody)


def cells_of(store: Store) -> list[bytes]:
    """Every sealed cell as it stands on the disk."""
    with closing(sqlite3.connect(store.home / "hilo.sqlite3")) as database:
        queries = (f"select {c.column.name} from {c.table.name} where {c.column.name} is not null" for c in SEALED)
        return [cell for query in queries for (cell,) in database.execute(query)]


def digests_of(store: Store) -> list[str]:
    """Every look-up digest that a key went into."""
    keyed = [column for column in DIGESTS if column.table.name != "invitations"]
    keyed += [table.c.lane for table in TABLES]
    with closing(sqlite3.connect(store.home / "hilo.sqlite3")) as database:
        queries = (f"select {c.name} from {c.table.name} where {c.name} is not null" for c in keyed)
        return [digest for query in queries for (digest,) in database.execute(query)]


async def said(store: Store) -> set[tuple[str, bytes]]:
    """What every sealed cell says."""
    async with store.database.read() as tx:
        return {(cells.name, plain) async for cells, plain in opened(tx)}


def test_whatever_is_looked_up_by_a_digest_has_its_rule() -> None:
    columns = {f"{column.table.name}.{column.name}" for column in DIGESTS}
    assert columns == {"vault.record_id_digest", "approvals.code_digest", "invitations.token_digest"}
    assert set(TABLES) == set(LIVE)


@pytest.mark.holds("S-27")
async def test_everything_comes_under_the_new_keys_and_says_what_it_said(planted_store: Store) -> None:
    store = planted_store
    before, said_before, rows = cells_of(store), await said(store), len(digests_of(store))
    assert len(before) > 40
    assert rows > 20
    async with store.database.transact() as tx:
        await tx.run(update(approvals).values(used_at=tx.now))  # an open one would wait
    done = await changed(store)
    assert (done.left, done.unreadable) == ({}, 0)
    assert done.changed["cells"] == len(before)
    assert {cell.partition(b".")[0] for cell in cells_of(store)} == {b"s2"}
    keyed = {digest.partition(".")[0] for digest in digests_of(store)}
    assert keyed == {"d2", f"spent:{await approval(store)}", "lane-101"}, "the last is no digest: a test's own name"
    assert await said(store) == said_before
    await rotation.finish(store.database)
    assert [list(read_keys(store.home / "key").sealing), list(read_keys(store.home / "key").lookup)] == [["s2"], ["d2"]]
    fresh = World(store.clock, store.ids, open_vault(store.home / "key", store.ids.chance))
    database = Database(store.url, fresh)
    async with database.read() as tx:
        assert await installation.key_fits(tx)
        assert {(cells.name, plain) async for cells, plain in opened(tx)} == said_before
    await database.close()
    raw = raw_bytes(store.home / "hilo.sqlite3")
    assert [cell for cell in before if cell in raw] == [], "what was sealed before is gone from the disk"
    assert {canary for canary in PLANTED if canary.encode() in raw} == set()


async def approval(store: Store) -> int:
    async with store.database.read() as tx:
        return int((await tx.run(select(approvals.c.id))).scalar_one())


async def test_an_open_approval_keeps_the_earlier_keys_until_it_is_over(planted_store: Store) -> None:
    store = planted_store
    assert dict((await changed(store)).left) == {"approvals.code_digest": 1}
    store.clock.advance(hours=25)
    assert not await rotation.begin(store.database), "it is the same change that goes on"
    assert not (await rotation.renew(store.database, nobody_runs=nobody)).left


async def test_a_copy_counts_for_the_keys_that_are_in_it(store: Store) -> None:
    async def copied() -> bool:
        async with store.database.read() as tx:
            return await rotation.is_copied(tx)

    assert not await copied()
    async with store.database.transact() as tx:
        await rotation.note_copy(tx, read_keys(store.home / "key"))
    assert await copied()
    await changed(store)
    assert not await copied()
    async with store.database.transact() as tx:
        await rotation.note_copy(tx, read_keys(store.home / "key"))
    await rotation.finish(store.database)
    assert await copied(), "it has more keys than are in use, and none too few"


async def test_a_cell_that_nobody_can_read_keeps_no_key(planted_store: Store) -> None:
    store = planted_store
    async with store.database.transact() as tx:
        await tx.run(update(files).values(name=tx.vault.seal(Place("files", "name", "elsewhere"), b"x")))
        await tx.run(update(approvals).values(used_at=tx.now))
    done = await changed(store)
    assert done.unreadable > 0
    assert not done.left


# --- other processes


@pytest.fixture
async def another(store: Store) -> AsyncIterator[Database]:
    """The same store, as another process has it open."""
    world = World(store.clock, store.ids, open_vault(store.home / "key", store.ids.chance))
    database = Database(store.url, world)
    yield database
    await database.close()


def new(record_id: str) -> NewParticipant:
    return NewParticipant(record_id, "Ana Ejemplo", "America/Mexico_City")


async def test_whoever_writes_after_new_keys_came_uses_them(store: Store, another: Database) -> None:
    async with another.transact() as tx:
        await people.add_participants(tx, [new("R-1")])
    await rotation.begin(store.database)
    async with another.transact() as tx:
        await people.add_participants(tx, [new("R-2")])
        found = await people.known_record_ids(tx, ["R-1", "r-2"])
    assert set(found) == {"R-1", "r-2"}, "the one stands under the earlier key, the other under the new one"
    async with store.database.read() as tx:
        kept = [(row.name[:3], row.record_id_digest[:3]) for row in await tx.run(select(vault).order_by(vault.c.name))]
    assert kept == [(b"s1.", "d1."), (b"s2.", "d2.")]


async def test_a_reader_meets_new_keys_in_the_middle_of_its_look(store: Store, another: Database) -> None:
    async with another.transact() as tx:
        (her,) = await people.add_participants(tx, [new("R-1")])
    async with another.read() as tx:
        await changed(store)
        row = (await tx.run(select(vault.c.name))).one()
        assert another.vault.open_text(Place("vault", "name", her), row.name) == "Ana Ejemplo"
    await rotation.finish(store.database)
    async with another.read() as tx:
        assert set(await people.known_record_ids(tx, ["R-1"])) == {"R-1"}


async def test_one_record_id_is_nobody_elses_while_keys_change(store: Store) -> None:
    async with store.database.transact() as tx:
        await people.add_participants(tx, [new("R-1")])
    await rotation.begin(store.database)
    with pytest.raises(Conflict):
        async with store.database.transact() as tx:
            await people.add_participants(tx, [new("r-1")])


async def test_a_file_that_was_sealed_before_is_kept_under_the_new_key(planted_store: Store) -> None:
    store = planted_store
    async with store.database.read() as tx:
        (one, *_) = await kept.due(tx, 1)
        sealed = kept.seal(tx.vault, one, content=b"tarde")
    await rotation.begin(store.database)
    async with store.database.transact() as tx:
        assert await kept.keep(tx, one, sealed)
        content = (await tx.run(select(files.c.content).where(files.c.id == one.id))).scalar_one()
        assert content.startswith(b"s2.")
        assert tx.vault.open(place_of("content", one.id), content) == b"tarde"


# --- chats


class Live(Bot):
    """A bot whose updates come in as they do while keys change."""

    async def receive(self, *updates: tuple[int, dict[str, Any]]) -> None:
        async with self.store.database.transact() as tx:
            names = await lanes.named(tx, BOT_ID, {chat_id for chat_id, _ in updates})
            letters = [Letter(BOT_ID, next(self.numbers), names[chat_id], content) for chat_id, content in updates]
            await mail.receive(tx, letters)


async def lanes_in(store: Store, *, chat_id: int) -> set[str]:
    """Every name under which something of this chat stands."""
    known = set(lanes.names_of(store.vault, bot=BOT_ID, chat=chat_id))
    async with store.database.read() as tx:
        found = [set((await tx.run(select(table.c.lane))).scalars()) for table in TABLES]
    return set().union(*found) & known


ACTS = (
    *(("tap", "Sí, puedo"), ("say", WORD), ("accept",), ("say", "todas")),
    *(("say", "Chela"), ("tap", "En la mañana"), ("say", "ayuda")),
)


async def told(store: Store, *, begin: int | None = None, first: int = 1000) -> list[list[str]]:
    """What she hears as she joins and asks for help; keys change before the act of that number, and her chat is called
    by its new name after it."""
    bot = Live(store)
    bot.numbers = count(first)
    chat = bot.chat()
    heard = [await chat.start(await bot.invite(await bot.register()))]
    for number, (how, *what) in enumerate(ACTS):
        if number == begin:
            assert await rotation.begin(store.database)
            assert await lanes_in(store, chat_id=501) == {lanes.names_of(store.vault, bot=BOT_ID, chat=501)[1]}
        heard.append(await getattr(chat, how)(*what))
        if number == begin:
            assert len(await lanes_in(store, chat_id=501)) == 1, "she came by the name that she is known by"
            assert not (await rotation.renew(store.database, nobody_runs=nobody)).left
            assert await lanes_in(store, chat_id=501) == {lanes.name_of(store.vault, bot=BOT_ID, chat=501)}
    return heard


@pytest.fixture(scope="module")
def undisturbed() -> list[list[list[str]]]:
    """What she hears where no key changes, once known."""
    return []


@pytest.mark.parametrize("begin", [None, *range(len(ACTS))])
async def test_a_conversation_goes_on_wherever_keys_change(
    store: Store, begin: int | None, undisturbed: list[list[list[str]]]
) -> None:
    heard = await told(store, begin=begin)
    undisturbed.append(heard)
    assert heard == undisturbed[0]
    assert all(heard)


async def test_a_change_of_keys_and_a_conversation_at_once(planted_store: Store) -> None:
    store = planted_store
    change = asyncio.create_task(changed(store))
    heard = await told(store, first=9_000)
    store.clock.advance(hours=25)
    done = await change
    assert all(heard)
    if done.left:  # what was on its way when it passed by
        done = await rotation.renew(store.database, nobody_runs=nobody)
    assert not done.left
    assert {cell.partition(b".")[0] for cell in cells_of(store)} == {b"s2"}


async def test_a_chat_with_a_message_on_its_way_waits(store: Store) -> None:
    bot = Live(store)
    chat = bot.chat()
    await chat.start(await bot.invite(await bot.register()))
    await bot.receive((501, {"message": {"message_id": 1, "chat": {"id": 501, "type": "private"}, "text": "hola"}}))
    await bot.runner.take_letters()
    async with store.database.transact() as tx:
        (claimed, *_), _ = await mail.claim(tx, 10)
    await rotation.begin(store.database)
    asked = asyncio.Event()

    def a_bot_runs() -> bool:
        asked.set()
        return False

    async def deliver() -> None:
        await asked.wait()
        async with store.database.transact() as tx:
            await mail.delivered(tx, claimed, [99])

    async with store.database.read() as tx:
        assert await renaming.count_older(tx) == 1
    renamed, _ = await asyncio.gather(renaming.rename(store.database, nobody_runs=a_bot_runs), deliver())
    assert renamed == 1
    async with store.database.read() as tx:
        assert await renaming.count_older(tx) == 0


async def test_what_a_task_learned_before_is_told_by_its_new_name(store: Store) -> None:
    bot = Live(store)
    await bot.chat().start(await bot.invite(await bot.register()))
    async with store.database.transact() as tx:
        await installation.remember(tx, {installation.BOT_ID: str(BOT_ID)})
    old = lanes.name_of(store.vault, bot=BOT_ID, chat=501)
    await rotation.begin(store.database)
    async with store.database.read() as tx:
        assert await lanes.standing(tx, {old: 501, "lane-x": 7}) == {old: old, "lane-x": "lane-x"}
    await renaming.rename(store.database, nobody_runs=nobody)
    async with store.database.read() as tx:
        assert await lanes.standing(tx, {old: 501}) == {old: lanes.name_of(store.vault, bot=BOT_ID, chat=501)}


async def test_what_was_written_twice_stands_once(store: Store) -> None:
    """Somebody who held the old name wrote a message down after the chat had got its new one."""
    bot = Live(store)
    await bot.chat().start(await bot.invite(await bot.register()))
    old = lanes.name_of(store.vault, bot=BOT_ID, chat=501)
    await changed(store)
    async with store.database.transact() as tx:
        (kept, *_) = (await tx.run(select(messages))).all()
        again = {"message_id": kept.message_id, "session_id": kept.session_id, "ours": True, "sent_at": tx.now}
        await tx.run(messages.insert(), [{"lane": old, **again}, {"lane": old, **again, "message_id": 7_777}])
    await renaming.rename(store.database, nobody_runs=nobody)
    async with store.database.read() as tx:
        numbers = [row.message_id for row in await tx.run(select(messages))]
    assert sorted(numbers) == sorted({*numbers})
    assert 7_777 in numbers
    assert len(await lanes_in(store, chat_id=501)) == 1


async def test_a_chat_that_nobody_knows_any_more_is_no_longer_called_by_the_old_key(store: Store) -> None:
    lost = lanes.name_of(store.vault, bot=BOT_ID, chat=999)
    async with store.database.transact() as tx:
        row = {"lane": lost, "message_id": 1, "session_id": 1, "ours": True, "sent_at": tx.now}
        await tx.run(messages.insert(), [row])
    assert not (await changed(store)).left
    async with store.database.read() as tx:
        (lane,) = (await tx.run(select(messages.c.lane))).scalars()
    assert lane not in lanes.names_of(store.vault, bot=BOT_ID, chat=999)


async def test_the_staffs_group_is_called_as_its_chat_is(planted_store: Store) -> None:
    store = planted_store
    async with store.database.read() as tx:
        before = await cases_office.group(tx)
    await changed(store)
    async with store.database.read() as tx:
        after = await cases_office.group(tx)
    assert before is not None
    assert after is not None
    assert (before[1], after[1]) == (GROUP, GROUP)
    assert (before[0][:3], after[0][:3]) == ("d1.", "d2.")
