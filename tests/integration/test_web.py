"""The web surface: Telegram's calls are stored before they are answered, and nobody else gets anything out of it."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import event, select

from bot.api import ALLOWED_UPDATES, Api
from bot.demo.faults import Fault
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator
from bot.intake import MAX_BYTES
from bot.web import SECRET_HEADER, Doorway, WebIntake, doorway
from storage import mail, turned_away
from storage.schema import inbox
from storage.turned_away import What
from tests.support.world import Store

TOKEN = "4242:una-palabra"
BACKLOG = 16


@dataclass
class Line:
    """What Telegram does: it calls at the address that it was given, with the secret that it was given."""

    client: ClientSession
    door: Doorway
    arrived: asyncio.Event

    async def brings(self, update: Any, **headers: str) -> int:
        """The status of the answer to an update, with these headers in the place of Telegram's."""
        return await self.posts(json.dumps(update).encode(), **headers)

    async def posts(self, body: Any, **headers: str) -> int:
        usual = {"Content-Type": "application/json", SECRET_HEADER: self.door.secret}
        given = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with self.client.post(self.door.path, data=body, headers=given) as answer:
            assert await answer.read() == b""
            assert "Server" not in answer.headers
            return answer.status


@pytest.fixture
def simulator(store: Store) -> Simulator:
    return Simulator(token=TOKEN, now=store.clock)


@pytest.fixture
def rosa(simulator: Simulator) -> Phone:
    phone = simulator.phone(user_id=101, first_name="Rosa")
    phone.chat.opened = True
    return phone


@asynccontextmanager
async def serving(store: Store, simulator: Simulator) -> AsyncIterator[Line]:
    """The surface on a port of its own; at the end it has stopped by itself."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    port, arrived = listening.getsockname()[1], asyncio.Event()
    async with store.database.transact() as tx:
        door = await doorway(tx, f"http://127.0.0.1:{port}")
    async with simulator.serve() as url, Api(TOKEN, url, poll_seconds=0) as api:
        intake = WebIntake(api, store.database, door=door, listening=listening, arrived=arrived)
        running = asyncio.create_task(intake.run())
        try:
            async with ClientSession(f"http://127.0.0.1:{port}") as client:
                yield Line(client, door, arrived)
        finally:
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running


@pytest.fixture
async def line(store: Store, simulator: Simulator) -> AsyncIterator[Line]:
    async with serving(store, simulator) as served:
        yield served


async def stored(store: Store) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(inbox).order_by(inbox.c.update_id)))


async def away(store: Store) -> dict[What, int]:
    async with store.database.read() as tx:
        return await turned_away.counted(tx)


async def test_telegram_is_told_where_to_call_and_keeps_what_waits(
    line: Line, simulator: Simulator, rosa: Phone
) -> None:
    rosa.start()
    await simulator.wait_for(lambda: simulator.bot.webhook)
    (told,) = [call.params for call in simulator.calls if call.method == "setWebhook"]
    assert told == {
        "url": line.door.url,
        "secret_token": line.door.secret,
        "allowed_updates": ALLOWED_UPDATES,
        "drop_pending_updates": False,
    }
    assert len(simulator.updates_waiting) == 1
    assert min(len(line.door.secret), len(line.door.path)) > 40


async def test_an_update_is_stored_before_it_is_answered(
    line: Line, store: Store, simulator: Simulator, rosa: Phone
) -> None:
    rosa.send("Hola")
    (update,) = [dict(one) for one in simulator.updates_waiting]
    assert await line.brings(update) == 200
    assert [(row.update_id, row.state) for row in await stored(store)] == [(1, "waiting")]
    assert line.arrived.is_set()


async def test_what_comes_out_of_order_is_taken_in_order(
    line: Line, store: Store, simulator: Simulator, rosa: Phone
) -> None:
    for text in ("uno", "dos", "tres"):
        rosa.send(text)
    updates = [dict(one) for one in simulator.updates_waiting]
    assert [await line.brings(one) for one in reversed(updates)] == [200] * 3
    async with store.database.read() as tx:
        (first,) = await mail.next_in_each_lane(tx, 10)
    assert first.update["message"]["text"] == "uno"


async def test_an_update_that_comes_twice_is_answered_twice_and_stored_once(
    line: Line, store: Store, simulator: Simulator, rosa: Phone
) -> None:
    rosa.send("Hola")
    update = dict(simulator.updates_waiting[0])
    assert [await line.brings(update), await line.brings(update)] == [200, 200]
    assert len(await stored(store)) == 1
    assert await away(store) == {What.REPEATED: 1}


async def test_what_cannot_be_stored_is_brought_again(
    line: Line, store: Store, simulator: Simulator, rosa: Phone, *, caplog: pytest.LogCaptureFixture
) -> None:
    rosa.send("Hola, soy Rosalinda")
    update = dict(simulator.updates_waiting[0])
    engine = store.database._writer.sync_engine

    def full(*_: Any) -> None:
        raise OSError("no room")

    event.listen(engine, "before_cursor_execute", full)
    assert await line.brings(update) == 503
    event.remove(engine, "before_cursor_execute", full)
    assert await stored(store) == []
    assert await line.brings(update) == 200
    assert "an update cannot be stored" in caplog.text
    assert "Rosalinda" not in caplog.text


@pytest.mark.holds("S-37")
async def test_whoever_does_not_know_the_path_learns_nothing(line: Line, store: Store) -> None:
    path = line.door.path
    for other in ("/", "/healthz", "/telegram", "/telegram/", path[:-1], f"{path}/", f"/x{path}", "/favicon.ico"):
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
            async with line.client.request(method, other, headers={SECRET_HEADER: line.door.secret}) as answer:
                assert (answer.status, await answer.read()) == (404, b"")
                assert set(answer.headers) <= {"Content-Length"}
    async with line.client.get(path, headers={SECRET_HEADER: line.door.secret}) as answer:
        assert (answer.status, await answer.read()) == (404, b"")
    assert await stored(store) == []


@pytest.mark.holds("S-37")
@pytest.mark.parametrize("brought", ["", "x", "ñ", "a" * 300])
async def test_whoever_does_not_know_the_secret_opens_nothing(line: Line, store: Store, brought: str) -> None:
    assert await line.brings({"update_id": 1}, **{SECRET_HEADER: brought}) == 403
    assert await line.brings({"update_id": 1}, **{SECRET_HEADER: line.door.secret[:-1]}) == 403
    async with line.client.post(line.door.path, json={"update_id": 1}) as answer:
        assert answer.status == 403
    assert await stored(store) == []


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"7", b'{"update_id": "1"}', b'{"update_id": true}', b'{"update_id": -1}'),
        *(b'{"update_id": 9223372036854775808}', b'{"update_id": 1.5}', b"\xff\xfe", b"[" * 100_000, b"{}"),
    ],
)
async def test_what_is_no_update_is_turned_away(line: Line, store: Store, body: bytes) -> None:
    assert await line.posts(body) == 400
    assert await stored(store) == []


async def test_only_json_is_read(line: Line, store: Store) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert await line.brings({"update_id": 1}, Content_Type=kind) == 415
    assert await line.brings({"update_id": 1}, Content_Type="application/json; charset=utf-8") == 200
    assert [row.update_id for row in await stored(store)] == [1]


@pytest.mark.holds("S-37")
async def test_a_body_that_is_too_large_is_not_read(line: Line, store: Store) -> None:
    async def without_end() -> AsyncIterator[bytes]:
        for _ in range(MAX_BYTES // 1000 + 5):
            yield b" " * 1000

    assert await line.posts(b" " * (MAX_BYTES + 1)) == 413
    assert await line.posts(without_end()) == 413
    largest = {"update_id": 1, "filled": ""}
    largest["filled"] = "x" * (MAX_BYTES - len(json.dumps(largest)))
    assert await line.brings(largest) == 200
    assert len(await stored(store)) == 1


async def test_all_that_is_turned_away_is_counted_when_it_stops(
    store: Store, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(store, simulator) as line:
        await line.brings({"update_id": 1}, **{SECRET_HEADER: "x"})
        await line.posts(b"{")
        await line.posts(b" " * (MAX_BYTES + 1))
        async with line.client.get("/admin"):
            pass
    counted = {What.WRONG_SECRET: 1, What.MALFORMED: 1, What.TOO_LARGE: 1, What.UNKNOWN_PATH: 1}
    assert await away(store) == counted
    assert line.door.secret not in caplog.text
    assert line.door.path not in caplog.text
    assert line.door.secret not in repr(line.door)


async def test_the_secrets_are_drawn_once_and_are_kept_sealed(store: Store) -> None:
    async with store.database.transact() as tx:
        drawn = await doorway(tx, "https://example.org/bot")
    async with store.database.transact() as tx:
        assert await doorway(tx, "https://example.org/bot") == drawn
    assert drawn.url == f"https://example.org{drawn.path}"
    assert drawn.path.startswith("/bot/telegram/")
    written = b"".join(file.read_bytes() for file in store.home.glob("hilo.sqlite3*"))
    assert drawn.secret.encode() not in written
    assert drawn.path.rpartition("/")[2].encode() not in written


async def test_telegram_is_asked_until_it_has_taken_the_address(
    store: Store, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.fail_next("setWebhook", Fault(500))
    async with serving(store, simulator) as line:
        assert await line.brings({"update_id": 1}) == 200  # whatever Telegram thinks, who knows the secret is heard
        await simulator.wait_for(lambda: simulator.bot.webhook)
    assert "Telegram cannot be reached" in caplog.text
    assert line.door.secret not in caplog.text
