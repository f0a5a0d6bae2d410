"""The intake against the simulator and a real store: stored before it is confirmed, and stored once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from telegram.error import NetworkError

from bot.api import ALLOWED_UPDATES, Api
from bot.demo.faults import Fault
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator
from bot.intake import Intake
from storage import lanes, mail
from storage.schema import inbox
from tests.support.world import Store

TOKEN = "4242:una-palabra"


@pytest.fixture
def simulator(store: Store) -> Simulator:
    return Simulator(token=TOKEN, now=store.clock)


@pytest.fixture
async def api(simulator: Simulator) -> AsyncIterator[Api]:
    async with simulator.serve() as url, Api(TOKEN, url, poll_seconds=0) as opened:
        yield opened


@pytest.fixture
def rosa(simulator: Simulator) -> Phone:
    return simulator.phone(user_id=101, first_name="Rosa")


@pytest.fixture
def arrived() -> asyncio.Event:
    return asyncio.Event()


class Sleeper:
    """Sleep that takes no time and ends the run once there were `naps` of it."""

    def __init__(self, naps: int, then: Callable[[], None] = lambda: None) -> None:
        self.slept: list[float] = []
        self._naps = naps
        self._then = then

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) == self._naps:
            self._then()
            raise asyncio.CancelledError


Build = Callable[..., Intake]


@pytest.fixture
def build(api: Api, store: Store, arrived: asyncio.Event) -> Build:
    """Makes an intake as a start of the bot would, with another sleep where one is given."""
    return partial(Intake, api, store.database, arrived=arrived)


@pytest.fixture
def intake(build: Build) -> Intake:
    return build()


async def stored(store: Store) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(inbox).order_by(inbox.c.update_id)))


async def waiting_texts(store: Store) -> list[str]:
    async with store.database.read() as tx:
        return [letter.update["message"]["text"] for letter in await mail.next_in_each_lane(tx, 10)]


def actions(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.action for record in caplog.records if record.name == "bot.intake"]  # type: ignore[attr-defined]


async def test_updates_are_stored_and_then_confirmed(
    intake: Intake, store: Store, simulator: Simulator, rosa: Phone, arrived: asyncio.Event
) -> None:
    rosa.start("secreto")
    rosa.send("Hola")
    assert await intake.poll_once() == 2
    assert arrived.is_set()
    assert await waiting_texts(store) == ["/start secreto"]
    assert simulator.updates_confirmed == []
    assert await intake.poll_once() == 0
    assert simulator.updates_confirmed == [1, 2]


async def test_every_private_update_has_its_chats_lane(intake: Intake, store: Store, rosa: Phone) -> None:
    rosa.start()
    rosa.edit(rosa.send("Hola"), "Hola a todas")
    rosa.block()
    assert await intake.poll_once() == 4
    lane = store.vault.digest("lane", "4242:101")
    assert [(row.lane, row.state) for row in await stored(store)] == [(lane, "waiting")] * 4


@pytest.mark.holds("T-client-6")
async def test_an_update_of_no_private_chat_is_kept_as_a_number_alone(
    intake: Intake, store: Store, simulator: Simulator
) -> None:
    group = {"message_id": 1, "date": 0, "chat": {"id": -5, "type": "group", "title": "x"}, "text": "hola"}
    simulator.bot.updates.add("message", group)
    assert await intake.poll_once() == 1
    (row,) = await stored(store)
    assert (row.lane, row.payload, row.state, row.outcome) == (None, None, "done", "ignored")


async def test_only_what_is_wanted_is_asked_for(intake: Intake, simulator: Simulator, rosa: Phone) -> None:
    await intake.poll_once()
    for kind in [*ALLOWED_UPDATES, "poll_answer", "inline_query"]:
        simulator.bot.updates.add(kind, {})
    assert [
        next(key for key in update if key != "update_id") for update in simulator.updates_waiting
    ] == ALLOWED_UPDATES


async def test_more_than_one_batch_loses_nothing(intake: Intake, store: Store, rosa: Phone) -> None:
    rosa.start()
    for number in range(249):
        rosa.send(f"mensaje {number}")
    assert [await intake.poll_once() for _ in range(4)] == [100, 100, 50, 0]
    assert [row.update_id for row in await stored(store)] == list(range(1, 251))


async def test_a_start_asks_for_all_that_is_not_confirmed(
    intake: Intake, build: Build, store: Store, rosa: Phone
) -> None:
    rosa.start()
    await intake.poll_once()
    rosa.send("Hola")
    assert await build().poll_once() == 2
    assert [row.update_id for row in await stored(store)] == [1, 2]


async def test_numbers_that_start_anew_after_a_silence_are_heard(
    intake: Intake, store: Store, simulator: Simulator, rosa: Phone
) -> None:
    simulator.bot.updates._next_id = 900_000
    rosa.start()
    assert [await intake.poll_once(), await intake.poll_once()] == [1, 0]
    simulator.bot.updates._next_id = 500
    rosa.send("Hola")
    assert await intake.poll_once() == 1
    assert [row.update_id for row in await stored(store)] == [500, 900_000]


async def test_a_full_disk_confirms_nothing_and_loses_nothing(
    build: Build, store: Store, simulator: Simulator, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    rosa.start()
    for _ in range(40):
        rosa.send("mucho " * 600)
    await fill_disk(store)
    sleeper = Sleeper(3)
    intake = build(sleep=sleeper)
    with suppress(asyncio.CancelledError):
        await intake.run()
    assert sleeper.slept == [1, 2, 4]
    assert actions(caplog) == ["intake_not_stored"]
    assert simulator.updates_confirmed == []
    assert await stored(store) == []

    await fill_disk(store, pages=1_000_000)
    assert await intake.poll_once() == 41
    assert len(await stored(store)) == 41


async def fill_disk(store: Store, pages: int = 1) -> None:
    """Let the file grow to so many pages and no further (SQLite never takes less than there are)."""
    async with store.database.transact() as tx:
        await tx.run(text(f"PRAGMA max_page_count = {pages}"))


async def test_the_disk_is_really_full(store: Store, rosa: Phone, intake: Intake) -> None:
    rosa.start()
    for _ in range(40):
        rosa.send("mucho " * 600)
    await fill_disk(store)
    with pytest.raises(OperationalError, match="full"):
        await intake.poll_once()


async def test_an_outage_is_waited_out_and_told_once(
    build: Build, store: Store, simulator: Simulator, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rosa.start()
    simulator.fail_next("getUpdates", Fault(drop=True), times=2)
    simulator.fail_next("getUpdates", Fault(502), times=7)
    sleeper = Sleeper(10)
    running = asyncio.create_task(build(sleep=sleeper).run())
    await simulator.wait_for(lambda: simulator.updates_confirmed)
    running.cancel()
    await asyncio.wait([running])
    assert sleeper.slept == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert actions(caplog) == ["intake_unreachable", "intake_restored"]
    assert len(await stored(store)) == 1


async def test_updates_whose_answer_was_lost_come_again(
    intake: Intake, store: Store, simulator: Simulator, rosa: Phone
) -> None:
    rosa.start()
    simulator.fail_next("getUpdates", Fault(applied=True, drop=True))
    with pytest.raises(NetworkError):
        await intake.poll_once()
    assert await intake.poll_once() == 1
    assert len(await stored(store)) == 1


@pytest.mark.parametrize(
    ("fault", "action"),
    [
        (Fault(409, "Conflict: terminated by other getUpdates request"), "intake_conflict"),
        (Fault(401, "Unauthorized"), "token_refused"),
        (Fault(500), "intake_unreachable"),
    ],
)
async def test_each_trouble_has_its_name_and_is_told_once(
    build: Build, simulator: Simulator, caplog: pytest.LogCaptureFixture, fault: Fault, action: str
) -> None:
    simulator.fail_next("getUpdates", fault, times=3)
    sleeper = Sleeper(3)
    with suppress(asyncio.CancelledError):
        await build(sleep=sleeper).run()
    assert sleeper.slept == [1, 2, 4]
    assert actions(caplog) == [action]
    assert TOKEN not in caplog.text


async def test_a_429_is_waited_out_to_the_second(build: Build, simulator: Simulator) -> None:
    simulator.fail_next("getUpdates", Fault(429, retry_after=17))
    sleeper = Sleeper(1)
    with suppress(asyncio.CancelledError):
        await build(sleep=sleeper).run()
    assert sleeper.slept == [17]


async def test_a_run_stores_until_it_is_cancelled(
    intake: Intake, store: Store, simulator: Simulator, rosa: Phone, arrived: asyncio.Event
) -> None:
    running = asyncio.create_task(intake.run())
    rosa.start()
    await arrived.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await waiting_texts(store) == ["/start"]


async def test_lanes_differ_by_chat_and_by_bot(store: Store) -> None:
    async with store.database.read() as tx:
        ours, anothers = await lanes.named(tx, 4242, [101, 102]), await lanes.named(tx, 4243, [101])
    assert len({*ours.values(), *anothers.values()}) == 3


async def test_an_update_of_a_strange_shape_is_ignored_and_does_not_come_back(
    intake: Intake, simulator: Simulator, rosa: Phone, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    rosa.start()
    simulator.updates_waiting[0]["message"] = {"chat": None}
    await intake.poll_once()
    await intake.poll_once()
    assert [(row.state, row.outcome) for row in await stored(store)] == [("done", "ignored")]
    assert actions(caplog) == ["update_strange"]
    assert simulator.updates_waiting == []
