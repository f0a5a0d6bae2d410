"""`hilo run --webhook-url` as a process: Telegram calls, a woman is answered, and it stops in time; without the option
the webhook is gone."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import ClientSession

from bot.app import STOP_WITHIN_SECONDS
from bot.demo.simulator import Simulator
from bot.serving import FINISH_SECONDS
from bot.web import SECRET_HEADER
from tests.support.process import Installation, enrolled_home, her_phone, installation, telegram
from tests.support.woman import Step

__all__ = ["enrolled_home", "installation"]

BEGIN = Step("cinco minutos", ("Sí, ahora",))
NEEDS = "Necesitas algo hoy"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as there:
        return int(there.getsockname()[1])


@asynccontextmanager
async def calling(simulator: Simulator) -> AsyncIterator[list[int]]:
    """Telegram brings what waits to the webhook, one after the other, until it is answered with 200; yields the
    statuses."""
    statuses: list[int] = []

    async def call() -> None:
        async with ClientSession() as client:
            while True:
                await simulator.wait_for(lambda: simulator.bot.webhook and simulator.updates_waiting, seconds=600)
                update = simulator.updates_waiting[0]
                secret = {SECRET_HEADER: simulator.bot.secret_token}
                async with client.post(simulator.bot.webhook, json=update, headers=secret) as answer:
                    statuses.append(answer.status)
                if statuses[-1] == 200:
                    simulator._updates.take(update["update_id"] + 1, 1)

    task = asyncio.create_task(call())
    try:
        yield statuses
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_she_is_answered_by_webhook_and_later_by_polling(installation: Installation) -> None:
    simulator = telegram(installation)
    woman, port = her_phone(simulator), free_port()
    public = f"http://127.0.0.1:{port}/"
    async with simulator.serve() as url:
        async with installation.running(url, "--webhook-url", public) as bot, calling(simulator) as statuses:
            await woman.answer(BEGIN)
            await woman.question(NEEDS)
            assert set(statuses) == {200}
            assert simulator.bot.webhook.startswith(f"{public}telegram/")
            installation.secrets += [simulator.bot.secret_token, simulator.bot.webhook.rpartition("/")[2]]
            assert "getUpdates" not in [call.method for call in simulator.calls]
            installation.judge(*bot.said, *bot.errors)
        first = simulator.bot.webhook
        async with installation.running(url) as bot:
            await bot.tells("webhook_removed")
            await simulator.wait_for(lambda: not simulator.bot.webhook)
        assert [call.params["url"] for call in simulator.calls if call.method == "setWebhook"] == [first]


async def _get(client: ClientSession, url: str) -> tuple[int, str]:
    async with client.get(url) as answer:
        return answer.status, await answer.text()


async def test_it_stops_in_time_whatever_hangs(installation: Installation) -> None:
    assert FINISH_SECONDS < STOP_WITHIN_SECONDS - 1
    simulator = telegram(installation)
    port, status = free_port(), free_port()
    async with simulator.serve() as url:
        public = f"http://127.0.0.1:{port}"
        async with installation.running(url, HILO_WEBHOOK_URL=public, HILO_STATUS_PORT=str(status)) as bot:
            await bot.tells("webhook_set")
            await bot.waits_for(lambda: bot.said == ["ready", "Telegram knows this bot's address"])
            async with ClientSession() as keeper:
                told = [await _get(keeper, f"http://127.0.0.1:{at}/metrics") for at in (status, port)]
                assert [one for one, _ in told] == [200, 404]  # what Telegram calls knows nothing of it
                assert 'hilo_api_calls_total{method="setWebhook",outcome="ok"} 1.0' in told[0][1]
                assert (await _get(keeper, f"http://127.0.0.1:{status}/readyz"))[0] == 200
            path = simulator.bot.webhook.removeprefix(public)
            _, half = await asyncio.open_connection("127.0.0.1", port)
            half.write(
                f"POST {path} HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {simulator.bot.secret_token}\r\n"
                "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{".encode()
            )
            _, idle = await asyncio.open_connection("127.0.0.1", port)
            await half.drain()
            assert await bot.stop() == 0
            half.close()
            idle.close()


async def test_an_address_that_cannot_be_is_refused_in_a_line(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            ended = await installation.runs("run", "--webhook-url", f"http://127.0.0.1:{port}/", url=url)
        assert (ended.status, ended.out) == (1, "")
        assert "can't be listened on" in ended.err
