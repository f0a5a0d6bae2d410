"""Fetching the files that people send: over HTTP, into the store, sealed; whatever goes wrong costs a download at most.

Time stands still while anything happens and jumps to the next timer when nothing does.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select, update

from bot.api import Api
from bot.courier import Courier
from bot.demo import samples
from bot.demo.faults import Fault
from bot.demo.phone import Phone
from bot.demo.simulator import DOWNLOAD
from bot.files import MAX_ATTEMPTS, Fetcher
from bot.housekeeping import keep_house
from scheduler.runner import Runner
from storage import audit, cases, voices
from storage import files as kept_files
from storage.files import KEPT_FOR, MOST_BYTES, FileState
from storage.schema import audit as trail
from storage.schema import files
from tests.support.outgoing import PATIENCE, TOKEN, Outgoing, heard, outgoing
from tests.support.voice import OneDialogue, Sender, promotora, stored, woman
from tests.support.world import START, Store

SHEET = b"PK\x03\x04 una hoja de calculo que nadie ha cifrado"


@pytest.fixture
async def edge(store: Store) -> AsyncIterator[Outgoing]:
    async with outgoing(store) as stage:
        yield stage


@pytest.fixture
def phone(edge: Outgoing) -> Phone:
    return edge.phone(101)


@pytest.fixture
async def rosa(store: Store) -> Sender:
    return await woman(store)


@pytest.fixture
def lupe(store: Store) -> Sender:
    return promotora(store)


def fetcher(edge: Outgoing) -> Fetcher:
    """A fetcher as a start of the bot would make it."""
    runner = Runner(edge.store.database, OneDialogue(), read=lambda update, at: None)
    return Fetcher(edge.api, edge.store.database, runner=runner, posted=lambda: None)


@asynccontextmanager
async def running(fetcher: Fetcher) -> AsyncIterator[None]:
    task = asyncio.create_task(fetcher.run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def sent_voice(edge: Outgoing, phone: Phone) -> str:
    return file_of(phone, phone.voice())


def sent_sheet(phone: Phone, name: str = "hoja.xlsx") -> str:
    return file_of(phone, phone.document(name, SHEET))


def file_of(phone: Phone, message_id: int) -> str:
    attachment = phone.chat.history[message_id].attachment
    assert attachment is not None
    return attachment.file_id


async def until_settled(edge: Outgoing) -> list[FileState]:
    """The states of all files once none waits any more."""
    for _ in range(PATIENCE):
        states = [FileState(row.state) for row in await stored(edge.store)]
        if FileState.WAITING not in states:
            break
        await asyncio.sleep(10)
    return states


def calls(edge: Outgoing, method: str) -> int:
    return sum(call.method == method for call in edge.simulator.calls)


async def kinds_of_cases(store: Store) -> list[str]:
    async with store.database.read() as tx:
        return [case.kind for case in await cases.who_waits(tx)]


# --- what it is for


async def test_a_voice_note_is_fetched_sealed_and_asks_staff_to_write_it_down(
    edge: Outgoing, phone: Phone, rosa: Sender
) -> None:
    file_id = sent_voice(edge, phone)
    ref = await rosa.voice(file_id)
    assert await kinds_of_cases(edge.store) == []
    assert await fetcher(edge).fetch_due() == 1
    (row,) = await stored(edge.store)
    assert (row.state, row.ref, row.file_id, row.chat_id, row.next_at) == ("kept", ref, None, None, None)
    assert edge.store.vault.open(kept_files.place_of("content", row.id), row.content) == samples.voice()
    assert await kinds_of_cases(edge.store) == ["transcripcion"]
    assert await fetcher(edge).fetch_due() == 0
    assert calls(edge, "getFile") == 1


async def test_nothing_of_a_file_can_be_read_in_the_database(
    edge: Outgoing, phone: Phone, rosa: Sender, lupe: Sender
) -> None:
    await rosa.voice(file_id := sent_voice(edge, phone))
    await lupe.wants(sent_sheet(phone), name="mi hoja secreta.xlsx")
    before = raw(edge.store)
    assert await fetcher(edge).fetch_due() == 2
    after = raw(edge.store)
    assert len(after) > len(before)
    for plain in (b"OpusHead", b"OggS", SHEET[:12], b"secreta", file_id.encode()):
        assert plain not in before + after


def raw(store: Store) -> bytes:
    """Every byte that stands on the disk."""
    return b"".join(path.read_bytes() for path in sorted(store.home.glob("hilo.sqlite3*")))


async def test_the_chat_that_sent_an_instrument_is_told_once_it_is_here(
    edge: Outgoing, phone: Phone, lupe: Sender
) -> None:
    await lupe.wants(sent_sheet(phone))
    async with running(fetcher(edge)):
        assert await until_settled(edge) == [FileState.KEPT]
    await say_all(edge)
    assert heard(phone) == ["arrived True"]
    (row,) = await stored(edge.store)
    async with edge.store.database.read() as tx:
        assert await kept_files.fetched(tx, row.id) == kept_files.Fetched("hoja.xlsx", SHEET)
        assert await kept_files.fetched(tx, 1) is None


async def say_all(edge: Outgoing) -> None:
    courier: Courier = edge.courier()
    await courier.drain()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.xlsx", "hoja\x00\n\t.xlsx", "xslx.\u202egpj", "h" * 255, "", "'; DROP TABLE files; --", "🌻.md"],
)
async def test_a_name_is_words_and_nothing_else(edge: Outgoing, phone: Phone, lupe: Sender, name: str) -> None:
    await lupe.wants(sent_sheet(phone), name=name)
    await fetcher(edge).fetch_due()
    (row,) = await stored(edge.store)
    async with edge.store.database.read() as tx:
        assert await kept_files.fetched(tx, row.id) == kept_files.Fetched(name, SHEET)
    assert [path.name for path in edge.store.home.parent.rglob("*") if path.suffix in (".xlsx", ".md")] == []


# --- what goes wrong


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("getFile", Fault(400, "Bad Request: wrong file_id or the file is temporarily unavailable")),
        ("getFile", Fault(429, retry_after=40)),
        ("getFile", Fault(502)),
        ("getFile", Fault(drop=True)),
        ("getFile", Fault(delay=600)),
        (DOWNLOAD, Fault(404, "Not Found")),
        (DOWNLOAD, Fault(502)),
        (DOWNLOAD, Fault(drop=True)),
        (DOWNLOAD, Fault(delay=600)),
    ],
)
async def test_what_may_pass_is_tried_again(
    edge: Outgoing, phone: Phone, rosa: Sender, caplog: pytest.LogCaptureFixture, method: str, fault: Fault
) -> None:
    caplog.set_level(logging.DEBUG)
    await rosa.voice(file_id := sent_voice(edge, phone))
    by_itself = method == DOWNLOAD and fault.drop  # aiohttp asks once more when a GET finds its connection closed
    edge.simulator.fail_next(method, fault, times=2 if by_itself else 1)
    async with running(fetcher(edge)):
        assert await until_settled(edge) == [FileState.KEPT]
    (row,) = await stored(edge.store)
    assert row.attempts == (0 if fault.retry_after else 1)
    assert row.kept_at - START >= timedelta(seconds=fault.retry_after or 1)
    assert TOKEN not in caplog.text
    assert file_id not in caplog.text


@pytest.mark.parametrize("where", ["told by getFile", "told by the update"])
async def test_what_is_too_big_is_given_up_at_once(
    edge: Outgoing, phone: Phone, rosa: Sender, lupe: Sender, where: str
) -> None:
    size = MOST_BYTES + 1 if where == "told by the update" else None
    file_id = file_of(phone, phone.document("hoja.xlsx", bytes(MOST_BYTES + 1)))
    await rosa.voice(file_id, size=size)
    await lupe.wants(file_id, size=size)
    async with running(fetcher(edge)):
        assert await until_settled(edge) == [FileState.FAILED, FileState.FAILED]
    await say_all(edge)
    assert heard(phone) == ["arrived False"]
    assert await kinds_of_cases(edge.store) == ["transcripcion"]
    for row in await stored(edge.store):
        assert (row.content, row.file_id, row.chat_id, row.name) == (None, None, None, None)
    assert len(edge.simulator.refused) == (2 if where == "told by getFile" else 0)


@pytest.mark.parametrize(("size", "state"), [(MOST_BYTES, "kept"), (MOST_BYTES + 1, "failed")])
async def test_a_server_that_keeps_no_limit_fills_no_store(store: Store, lupe: Sender, size: int, state: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/file/"):
            return web.Response(body=bytes(size))
        return web.json_response({"ok": True, "result": {"file_id": "f", "file_path": "documents/f"}})

    await lupe.wants("f", size=None)
    async with served(answer) as address, Api(TOKEN, address) as api:
        runner = Runner(store.database, OneDialogue(), read=lambda update, at: None)
        assert await Fetcher(api, store.database, runner=runner, posted=lambda: None).fetch_due() == 1
    (row,) = await stored(store)
    assert (row.state, len(row.content or b"") > MOST_BYTES) == (state, state == "kept")


@asynccontextmanager
async def served(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A Bot API server that answers every request so."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await server.setup()
    try:
        await web.TCPSite(server, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{server.addresses[0][1]}"
    finally:
        await server.cleanup()


async def test_at_last_it_is_given_up_and_staff_learn_of_it(edge: Outgoing, phone: Phone, rosa: Sender) -> None:
    ref = await rosa.voice("voice-not-there")
    waits: list[timedelta] = []
    for attempts in (0, 1, 5, MAX_ATTEMPTS - 2, MAX_ATTEMPTS - 1):
        async with edge.store.database.transact() as tx:
            await tx.run(update(files).values(attempts=attempts, next_at=tx.now))
        assert await fetcher(edge).fetch_due() == 1
        (row,) = await stored(edge.store)
        waits += [] if row.next_at is None else [row.next_at - edge.store.clock.at]
    assert [wait.total_seconds() for wait in waits] == pytest.approx([1, 2, 32, 900], abs=0.1)
    assert [row.state for row in await stored(edge.store)] == ["failed"]
    assert await kinds_of_cases(edge.store) == ["transcripcion"]
    async with edge.store.database.read() as tx:
        assert [(note.ref, note.state) for note in await voices.queue(tx)] == [(ref, FileState.FAILED)]


async def test_a_row_that_cannot_be_read_stops_nobody(edge: Outgoing, phone: Phone, rosa: Sender, lupe: Sender) -> None:
    await lupe.wants(sent_sheet(phone))
    async with edge.store.database.transact() as tx:
        await tx.run(update(files).values(file_id=b"s1.altered", next_at=START - timedelta(hours=1)))
    await rosa.voice(sent_voice(edge, phone))
    assert await fetcher(edge).fetch_due() == 2
    assert {row.purpose: row.state for row in await stored(edge.store)} == {"instrument": "failed", "voice": "kept"}


# --- crashes and stops


async def test_a_crash_between_download_and_mark_costs_a_download(
    edge: Outgoing, phone: Phone, rosa: Sender, lupe: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    await rosa.voice(sent_voice(edge, phone))
    await lupe.wants(sent_sheet(phone))
    for table in ("cases", "outbox"):  # the last that the one and the other commit write
        await edge.rename(table, f"{table}_away")
    async with running(fetcher(edge)):
        await edge.simulator.wait_for(lambda: calls(edge, "getFile") >= 3, seconds=PATIENCE)
    assert {row.state for row in await stored(edge.store)} == {"waiting"}
    assert raw(edge.store).count(b"OpusHead") == 0
    for table in ("cases", "outbox"):
        await edge.rename(f"{table}_away", table)
    async with running(fetcher(edge)):  # after the crash: another process
        assert await until_settled(edge) == [FileState.KEPT, FileState.KEPT]
    await say_all(edge)
    assert heard(phone) == ["arrived True"]
    assert await kinds_of_cases(edge.store) == ["transcripcion"]
    assert [vars(r)["action"] for r in caplog.records if r.name == "bot.files"] == ["fetcher_store_failed"]


@pytest.mark.parametrize("method", ["getFile", DOWNLOAD])
async def test_a_stop_does_not_wait_for_a_download(edge: Outgoing, phone: Phone, rosa: Sender, method: str) -> None:
    await rosa.voice(sent_voice(edge, phone))
    edge.simulator.fail_next(method, Fault(delay=60))
    task = asyncio.create_task(fetcher(edge).run())
    await asyncio.sleep(5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert edge.store.clock.at - START < timedelta(seconds=10)
    (row,) = await stored(edge.store)
    assert (row.state, row.attempts) == ("waiting", 0)
    assert await fetcher(edge).fetch_due() == 1
    assert [row.state for row in await stored(edge.store)] == ["kept"]


# --- how long it is kept


async def test_an_instrument_is_deleted_after_a_week_and_a_voice_note_waits_for_staff(
    edge: Outgoing, phone: Phone, rosa: Sender, lupe: Sender
) -> None:
    await rosa.voice(sent_voice(edge, phone))
    await lupe.wants(sent_sheet(phone))
    await fetcher(edge).fetch_due()
    for passed, left in ((KEPT_FOR - timedelta(minutes=1), 2), (KEPT_FOR, 1), (KEPT_FOR * 50, 1)):
        edge.store.clock.at = START + passed
        await keep_house(edge.store.database)
        assert sum(row.content is not None for row in await stored(edge.store)) == left
    async with edge.store.database.read() as tx:
        assert await audit.verify(tx) is None
        assert [row.action for row in await tx.run(select(trail).where(trail.c.actor == "tick"))] == []
