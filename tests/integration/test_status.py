"""The status surface: what whoever keeps the server is told, in numbers, and that nothing else is."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, select

from bot.status import Status
from bot.tally import Tally
from conversations.speech import ButtonsRemoved
from storage import holding, mail, safekeeping, turned_away
from storage.cases import open_and_tell
from storage.mail import Letter, Parcel, Urgency
from storage.schema import participants
from storage.turned_away import What
from tests.support.chat import Bot
from tests.support.listening import leaks
from tests.support.world import Store


class Watcher:
    """Whoever keeps the server, and asks."""

    def __init__(self, client: ClientSession) -> None:
        self._client = client

    async def asks(self, path: str) -> tuple[int, str]:
        async with self._client.get(path) as answer:
            return answer.status, await answer.text()

    async def reads(self) -> dict[str, float]:
        """Every sample by its name and labels."""
        status, told = await self.asks("/metrics")
        assert status == 200
        assert leaks(told.splitlines()) == []
        families = text_string_to_metric_families(told)
        return {_sample(one): one.value for family in families for one in family.samples}


def _sample(one: Any) -> str:
    labels = ",".join(f"{name}={value}" for name, value in sorted(one.labels.items()))
    return f"{one.name}{{{labels}}}" if labels else str(one.name)


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
async def watcher(store: Store, tally: Tally) -> AsyncIterator[Watcher]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    serving = asyncio.create_task(Status(store.database, tally, listening=listening).run())
    async with ClientSession(f"http://127.0.0.1:{port}") as client:
        yield Watcher(client)
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


async def test_it_lives_and_takes_updates(watcher: Watcher) -> None:
    assert await watcher.asks("/healthz") == (200, "ok\n")
    assert await watcher.asks("/readyz") == (200, "ready\n")


async def test_a_store_that_cannot_be_read_makes_it_not_ready_but_alive(watcher: Watcher, store: Store) -> None:
    engine = store.database._readers.sync_engine

    def fail(*_: Any) -> None:
        raise OSError(5, "no disk")

    event.listen(engine, "before_cursor_execute", fail)
    assert await watcher.asks("/healthz") == (200, "ok\n")
    assert (await watcher.asks("/readyz"))[0] == 503
    assert (await watcher.reads())["hilo_store_readable"] == 0
    event.remove(engine, "before_cursor_execute", fail)
    assert (await watcher.asks("/readyz"))[0] == 200
    assert (await watcher.reads())["hilo_store_readable"] == 1


@pytest.mark.parametrize("path", ["/", "/docs", "/metrics/", "/telegram/x", "/healthz/../metrics?x=%00"])
async def test_nothing_else_is_there(watcher: Watcher, path: str) -> None:
    status, told = await watcher.asks(path)
    assert status == 404 or "hilo_info" in told  # a client tidies the last path up


async def test_a_quiet_installation(watcher: Watcher) -> None:
    told = await watcher.reads()
    waiting = ("hilo_inbox", "hilo_checkins_due", "hilo_cases_open", "hilo_set_aside", "hilo_conversations_open")
    assert [told[name] for name in waiting] == [0] * len(waiting)
    assert "hilo_backup_age_seconds" not in told  # none was made: an alert tells that from one that is new
    assert told["process_resident_memory_bytes"] > 0


async def test_what_waits_and_for_how_long(watcher: Watcher, store: Store) -> None:
    async with store.database.transact() as tx:
        await mail.receive(tx, [Letter(1, number, f"lane-{number}", {"update_id": number}) for number in (1, 2, 3)])
        quiet = ButtonsRemoved(session=1, sprint=1)
        news = [("a", Urgency.REPLY), ("b", Urgency.REPLY), ("c", Urgency.BROADCAST)]
        await mail.post(tx, [Parcel(origin, "lane", 5, quiet, urgency) for origin, urgency in news])
        await mail.count_attempt(tx, Letter(1, 3, "lane-3", {}), set_aside=True)
        await turned_away.count(tx, {What.WRONG_SECRET: 4})
        await holding.hold(tx)
        await safekeeping.failed(tx, "OSError")
    store.clock.advance(seconds=90)
    told = await watcher.reads()
    assert (told["hilo_inbox"], told["hilo_inbox_oldest_seconds"]) == (2, 90)
    assert (told["hilo_outbox{urgency=reply}"], told["hilo_outbox{urgency=broadcast}"]) == (2, 1)
    assert (told["hilo_outbox_oldest_seconds{urgency=reply}"], told["hilo_outbox{urgency=alert}"]) == (90, 0)
    assert (told["hilo_set_aside"], told["hilo_turned_away_total{what=wrong_secret}"]) == (1, 4)
    assert (told["hilo_held_seconds"], told["hilo_backup_failing"]) == (90, 1)


async def test_her_check_in_and_her_case_are_numbers(watcher: Watcher, store: Store) -> None:
    bot = Bot(store)
    await bot.enrolled()
    async with store.database.transact() as tx:
        women = [row.id for row in await tx.run(select(participants.c.id))]
        await open_and_tell(tx, women, "help", origin="x")
    store.clock.advance(days=200)
    told = await watcher.reads()
    assert told["hilo_cases_open"] == 1
    assert told["hilo_checkins_open"] >= told["hilo_checkins_due"] >= 1
    assert told["hilo_cases_open_oldest_seconds"] == 200 * 86400
    assert not [name for name in told if re.search(r"help|R-501", name)]


async def test_what_this_process_did(watcher: Watcher, tally: Tally) -> None:
    tally.calls["sendMessage", "ok"] += 5
    tally.calls["sendMessage", "RetryAfter"] += 1
    tally.taken += 7
    told = await watcher.reads()
    assert told["hilo_api_calls_total{method=sendMessage,outcome=ok}"] == 5
    assert told["hilo_api_calls_total{method=sendMessage,outcome=RetryAfter}"] == 1
    assert told["hilo_updates_taken_total"] == 7
