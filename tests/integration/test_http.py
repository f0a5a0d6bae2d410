"""The Bot API over our own HTTP: what reaches the server, what comes back, and that the token shows nowhere."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from telegram import InputFile
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter
from telegram.warnings import PTBUserWarning

from bot.api import Api, seconds_to_wait
from bot.demo.faults import Fault
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator
from bot.http import SLOWEST, AiohttpRequest, AnswerLost, Timeouts
from bot.page import Page, StoredFile
from locales.catalog import load_catalog

TOKEN = "4242:una-palabra-que-nadie-debe-ver"
NOON = datetime(2026, 3, 4, 18, tzinfo=UTC)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(token=TOKEN, now=lambda: NOON)


@pytest.fixture
async def url(simulator: Simulator) -> AsyncIterator[str]:
    async with simulator.serve() as address:
        yield address


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    async with Api(TOKEN, url, poll_seconds=0) as opened:
        yield opened


@pytest.fixture
def rosa(simulator: Simulator) -> Phone:
    phone = simulator.phone(user_id=101, first_name="Rosa")
    phone.start()
    return phone


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[str]:
    """A server that answers every request as told; yields its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def requests(**seconds: float) -> AiohttpRequest:
    return AiohttpRequest(connections=2, timeouts=Timeouts(**seconds))


async def test_a_call_brings_telegrams_result_untouched(api: Api, simulator: Simulator, rosa: Phone) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Sí", "callback_data": "1.1.y"}]]}
    result = await api.call("sendMessage", chat_id=101, text="Hola, ¿lees?", reply_markup=keyboard)
    assert result["text"] == "Hola, ¿lees?"
    assert result["reply_markup"] == keyboard
    assert result["message_id"] == rosa.messages[-1].message_id
    assert simulator.calls[-1].params == {"chat_id": 101, "text": "Hola, ¿lees?", "reply_markup": keyboard}


async def test_the_bot_is_known_by_its_token(api: Api) -> None:
    assert (await api.get_me())["id"] == api.bot_id == 4242


async def test_a_file_travels_with_its_name_and_the_rest(api: Api, simulator: Simulator, rosa: Phone) -> None:
    file = InputFile(b"a;b\n1;2\n", filename='reporte "año".csv')
    await api.call("sendDocument", chat_id=101, document=file, caption="Aquí está", protect_content=True)
    attachment = rosa.messages[-1].attachment
    assert attachment is not None
    assert (attachment.file_name, attachment.mime_type, attachment.file_size) == ('reporte "año".csv', "text/csv", 8)
    assert simulator.calls[-1].params["caption"] == "Aquí está"
    assert simulator.calls[-1].params["protect_content"] is True


async def test_a_file_on_disk_travels_whole_and_can_be_sent_again(api: Api, rosa: Phone, tmp_path: Path) -> None:
    path = tmp_path / "tables.zip"
    path.write_bytes(content := bytes(range(256)) * 10_000)
    call = Page(load_catalog(), "es", 101, ()).stored_file("datos.zip", path)
    for _ in range(2):
        sent = await api.call(call.method, **call.params)
        found = await api.call("getFile", file_id=sent["document"]["file_id"])
        assert await api.download(found["file_path"]) == content
    assert sent["document"]["file_name"] == "datos.zip"


async def test_a_large_file_has_time_to_get_through(tmp_path: Path) -> None:
    async def slowly(request: web.Request) -> web.Response:
        await asyncio.sleep(1.2)  # longer than all that a small request has
        while await request.content.readany():
            pass
        return web.json_response({"ok": True})

    path = tmp_path / "tables.zip"
    with path.open("wb") as file:
        file.truncate(300 * SLOWEST)  # more than lies on the way
    data = RequestData([RequestParameter("document", None, [StoredFile(path, path.name)])])
    short = {"pool": 0.0, "connect": 0.1, "write": 0.0, "upload": 0.0, "read": 1.0}
    async with served(slowly) as address, requests(**short) as request:
        status, _ = await request.do_request(address, "POST", data)
    assert status == HTTPStatus.OK


async def test_a_file_of_hers_is_downloaded_as_it_is(api: Api, rosa: Phone) -> None:
    rosa.document("hoja á.xlsx", content := bytes(range(256)) * 400)
    attachment = rosa.messages[-1].attachment
    assert attachment is not None
    found = await api.call("getFile", file_id=attachment.file_id)
    assert await api.download(found["file_path"]) == content


@pytest.mark.parametrize("path", ["voices/nada", "../nada", "v?x=1#y", f"{TOKEN}/x", "a b/ñ"])
async def test_a_download_that_fails_names_neither_token_nor_path(
    url: str, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.DEBUG)
    elsewhere: list[str] = []

    async def redirects(request: web.Request) -> web.StreamResponse:
        elsewhere.append(request.path)
        return web.Response(status=302, headers={"Location": f"{url}/file/bot{TOKEN}/x"}, text=str(request.url))

    async with served(redirects) as away:
        for address in (url, away, "http://127.0.0.1:9"):
            async with Api(TOKEN, address) as api:
                with pytest.raises(NetworkError) as failed:
                    await api.download(path)
            told = "".join(traceback.format_exception(failed.value))
            assert TOKEN not in told + caplog.text
            assert "nada" not in str(failed.value)
    assert len(elsewhere) == 1


async def test_updates_come_as_json_and_are_confirmed_by_the_offset(
    api: Api, simulator: Simulator, rosa: Phone
) -> None:
    updates = await api.get_updates(None)
    assert [update["message"]["text"] for update in updates] == ["/start"]
    assert simulator.updates_confirmed == []
    assert await api.get_updates(updates[-1]["update_id"] + 1) == []
    assert simulator.updates_confirmed == [updates[0]["update_id"]]


async def test_a_long_poll_keeps_no_call_waiting(url: str, rosa: Phone) -> None:
    async with Api(TOKEN, url, poll_seconds=30) as api:
        poll = asyncio.create_task(api.get_updates(2))  # beyond her /start, so that it waits
        await asyncio.gather(*(api.call("sendMessage", chat_id=101, text="Hola") for _ in range(8)))
        assert not poll.done()
        rosa.send("Sí")
        assert [update["message"]["text"] for update in await poll] == ["Sí"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(400, "Bad Request: chat not found"), BadRequest),
        (Fault(403, "Forbidden: bot was blocked by the user"), Forbidden),
        (Fault(409, "Conflict: terminated by other getUpdates request"), Conflict),
        (Fault(429, retry_after=7), RetryAfter),
        (Fault(502), NetworkError),
        (Fault(drop=True), AnswerLost),
    ],
)
async def test_telegrams_errors_pass_through(
    api: Api, simulator: Simulator, rosa: Phone, fault: Fault, error: type[TelegramError]
) -> None:
    simulator.fail_next("sendMessage", fault)
    with pytest.raises(error) as raised:
        await api.call("sendMessage", chat_id=101, text="Hola")
    assert type(raised.value) is error
    if isinstance(raised.value, RetryAfter):
        assert seconds_to_wait(raised.value) == 7


async def test_a_wrong_token_is_told_without_showing_it(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "4242:otra-palabra-que-nadie-debe-ver"
    async with Api(wrong, url) as api:
        with pytest.raises(InvalidToken) as raised:
            await api.get_me()
    assert wrong not in "".join(traceback.format_exception(raised.value))
    assert wrong not in repr(api)
    assert wrong not in caplog.text


async def test_neither_token_nor_words_are_logged(
    api: Api, simulator: Simulator, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await api.call("sendMessage", chat_id=101, text="palabras suyas")
    simulator.fail_next("sendMessage", Fault(drop=True))
    with pytest.raises(NetworkError):
        await api.call("sendMessage", chat_id=101, text="palabras suyas")
    assert TOKEN not in caplog.text
    assert "palabras suyas" not in caplog.text


@pytest.mark.parametrize(("status", "error"), [(503, NetworkError), (404, InvalidToken)])
async def test_a_proxy_that_quotes_the_address_gives_nothing_away(
    caplog: pytest.LogCaptureFixture, status: int, error: type[TelegramError]
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=f"<h1>cannot reach {request.url}</h1>")

    caplog.set_level(logging.DEBUG)
    async with served(answer) as address, Api(TOKEN, address) as api:
        with pytest.raises(error) as raised:
            await api.get_me()
    assert TOKEN not in "".join(traceback.format_exception(raised.value))
    assert TOKEN not in caplog.text


async def test_no_redirect_is_followed() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with served(answer) as address, Api(TOKEN, address) as api:
        with pytest.raises(NetworkError):
            await api.get_me()
    assert asked == [f"/bot{TOKEN}/getMe"]


async def test_an_answer_that_is_no_json_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="Bienvenida a la red del hotel")

    async with served(answer) as address, Api(TOKEN, address) as api:
        with pytest.raises(TelegramError, match="Invalid server response"):
            await api.get_me()
    assert "hotel" not in caplog.text


async def test_a_parameter_that_is_no_json_is_refused_before_it_leaves(api: Api, simulator: Simulator) -> None:
    with pytest.raises(BadRequest):
        await api.call("sendMessage", chat_id=101, text=object())
    assert not simulator.calls
    assert not simulator.refused


async def test_only_the_one_warning_is_silenced(api: Api) -> None:
    with pytest.warns(PTBUserWarning, match="another thing"):
        api._bot._warn("another thing", PTBUserWarning)


async def test_nobody_listens() -> None:
    async with requests() as request:
        with pytest.raises(NetworkError) as raised:
            await request.do_request("http://127.0.0.1:9/bot1:x/getMe", "POST")
    assert not isinstance(raised.value, TimedOut)
    assert "bot1:x" not in str(raised.value)


async def test_an_answer_that_takes_too_long_is_timed_out() -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with served(answer) as address, requests(read=5) as request:
        with pytest.raises(TimedOut):
            await request.do_request(address, "POST", read_timeout=0.02)
        with pytest.raises(TimedOut):
            await request.do_request(
                address, "POST", read_timeout=0.01, write_timeout=0.01, connect_timeout=0.01, pool_timeout=0.01
            )
    async with served(answer) as address, requests(read=0.02) as request:
        assert request.read_timeout == 0.02
        with pytest.raises(TimedOut):
            await request.do_request(address, "POST")


async def test_waiting_for_a_free_connection_is_timed_out() -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with served(answer) as address, AiohttpRequest(connections=1, timeouts=Timeouts()) as request:
        first = asyncio.create_task(request.do_request(address, "POST"))
        await asyncio.sleep(0.01)
        with pytest.raises(TimedOut):
            await request.do_request(address, "POST", pool_timeout=0.01, connect_timeout=0.01)
        first.cancel()


async def test_connections_are_kept_and_used_again() -> None:
    seen: set[Any] = set()

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        seen.add(request.transport.get_extra_info("peername"))
        return web.json_response({"ok": True, "result": await request.json()})

    async with served(answer) as address, requests() as request:
        for number in range(5):
            status, body = await request.do_request(f"{address}/{number}", "POST", RequestData([]))
            assert (status, body) == (200, b'{"ok": true, "result": {}}')
    assert len(seen) == 1


async def test_a_request_that_is_shut_down_can_be_opened_again(url: str) -> None:
    request = requests()
    with pytest.raises(RuntimeError):
        await request.do_request(url, "GET")
    for _ in range(2):
        async with request:
            await request.initialize()
            assert (await request.do_request(f"{url}/bot{TOKEN}/getMe", "GET"))[0] == 200
    await request.shutdown()
