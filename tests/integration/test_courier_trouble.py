"""The courier when things go wrong: outages, lost answers, a store in trouble, stops and crashes. Nothing is lost."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.courier import Courier
from bot.demo.faults import Fault
from bot.demo.phone import Phone
from storage.schema import outbox
from tests.support.outgoing import PATIENCE, Outgoing, actions, heard, outgoing
from tests.support.world import START, Store


@pytest.fixture
async def edge(store: Store) -> AsyncIterator[Outgoing]:
    async with outgoing(store) as stage:
        yield stage


@pytest.fixture
def courier(edge: Outgoing) -> Courier:
    return edge.courier()


@pytest.fixture
def rosa(edge: Outgoing) -> Phone:
    return edge.phone(101)


@pytest.fixture
def ana(edge: Outgoing) -> Phone:
    return edge.phone(102)


# --- what goes wrong on the way


@pytest.mark.parametrize(
    ("fault", "times_heard"),
    [
        (Fault(502), 1),
        (Fault(drop=True), 1),
        (Fault(delay=600), 1),
        (Fault(applied=True, drop=True), 2),
        (Fault(applied=True, delay=600), 2),
    ],
    ids=["refused", "cut before", "silent before", "cut after", "silent after"],
)
async def test_a_message_is_tried_again_until_it_is_through_and_the_next_waits(
    courier: Courier, edge: Outgoing, rosa: Phone, fault: Fault, times_heard: int
) -> None:
    edge.simulator.fail_next("sendMessage", fault)
    await edge.post(101, "uno", "dos")
    await courier.drain()
    assert heard(rosa) == ["uno"] * times_heard + ["dos"]
    assert await edge.post.states() == {"sent": 2}


@pytest.mark.parametrize("fault", [Fault(applied=True, drop=True), Fault(drop=True), Fault(delay=600)])
async def test_what_goes_once_is_not_tried_again_where_it_may_have_arrived(
    courier: Courier, edge: Outgoing, rosa: Phone, fault: Fault
) -> None:
    edge.simulator.fail_next("sendMessage", fault)
    await edge.post(101, "uno", once=True)
    await edge.post(101, "dos")
    await courier.drain()
    assert heard(rosa) == (["uno", "dos"] if fault.applied else ["dos"])
    assert [state for state, _ in await edge.post.ends()] == ["unknown", "sent"]


async def test_what_goes_once_waits_where_it_surely_did_not_arrive(
    courier: Courier, edge: Outgoing, rosa: Phone
) -> None:
    edge.simulator.fail_next("sendMessage", Fault(502), times=2)
    await edge.post(101, "uno", once=True)
    await courier.drain()
    assert heard(rosa) == ["uno"]


async def test_an_outage_is_waited_out_and_told_once(
    courier: Courier, edge: Outgoing, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    edge.simulator.fail_next("sendMessage", Fault(502), times=7)
    await edge.post(101, "uno")
    await courier.drain()
    assert edge.sent_at == pytest.approx([1 + 2 + 4 + 8 + 15 + 15 + 15], abs=0.1)
    assert actions(caplog) == ["courier_unreachable", "courier_restored"]


async def test_a_hopeless_parcel_is_given_up_at_last(courier: Courier, edge: Outgoing, rosa: Phone) -> None:
    await edge.post(101, "uno", "dos")
    async with edge.store.database.transact() as tx:
        await tx.run(update(outbox).where(outbox.c.id == 1).values(attempts=1_999))
    edge.simulator.fail_next("sendMessage", Fault(502))
    await courier.drain()
    assert heard(rosa) == ["dos"]
    assert await edge.post.ends() == [("failed", "unreachable"), ("sent", None)]


async def test_a_parcel_that_cannot_be_shown_stops_nobody(
    courier: Courier, edge: Outgoing, rosa: Phone, ana: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    await edge.post(101, "broken", "dos")
    await edge.post(102, "una")
    await courier.drain()
    assert (heard(rosa), heard(ana)) == (["dos"], ["una"])
    assert await edge.post.ends() == [("failed", "not_rendered"), ("sent", None), ("sent", None)]
    assert actions(caplog) == ["not_rendered"]
    assert "suyas" not in caplog.text


async def test_a_mark_that_cannot_be_written_is_written_later_and_nothing_is_sent_twice(
    courier: Courier, edge: Outgoing, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    await edge.rename("messages", "messages_away")
    await edge.post(101, "uno", "dos")
    sending = asyncio.create_task(courier.drain())
    await edge.simulator.wait_for(lambda: actions(caplog), seconds=PATIENCE)
    await asyncio.sleep(3)
    assert await edge.post.states() == {"claimed": 1, "ready": 1}
    await edge.rename("messages_away", "messages")
    await sending
    assert heard(rosa) == ["uno", "dos"]
    assert await edge.post.states() == {"sent": 2}
    # Whether `drain` still sees the store restored depends on when its last round falls; the trouble is told once.
    assert [action for action in actions(caplog) if action != "courier_store_restored"] == ["courier_store_failed"]


# --- running, stopping, crashing


async def test_a_running_courier_hears_the_call_and_looks_by_itself(
    courier: Courier, edge: Outgoing, rosa: Phone
) -> None:
    running = asyncio.create_task(courier.run())
    await asyncio.sleep(10)
    await edge.post(101, "llamada")
    courier.wake()
    await edge.simulator.wait_for(lambda: len(heard(rosa)) == 1, seconds=PATIENCE)
    assert edge.sent_at[-1] == pytest.approx(10, abs=0.1)
    await edge.post(101, "callada")
    await edge.simulator.wait_for(lambda: len(heard(rosa)) == 2, seconds=PATIENCE)
    assert edge.sent_at[-1] <= 11.1
    await edge.post(101, "luego", ready_at=START + timedelta(seconds=15.25))
    await edge.simulator.wait_for(lambda: len(heard(rosa)) == 3, seconds=PATIENCE)
    assert edge.sent_at[-1] == pytest.approx(15.25, abs=0.06)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_stop_lets_what_is_on_its_way_arrive_and_puts_back_the_rest(
    courier: Courier, edge: Outgoing, rosa: Phone, ana: Phone
) -> None:
    edge.simulator.fail_next("sendMessage", Fault(429, retry_after=60))
    await edge.post(101, "uno")
    running = asyncio.create_task(courier.run())
    await edge.simulator.wait_for(lambda: edge.simulator.refused, seconds=PATIENCE)
    edge.simulator.fail_next("sendMessage", Fault(delay=2, applied=True))
    await edge.post(102, "una", "otra")
    courier.wake()
    await edge.simulator.wait_for(lambda: heard(ana), seconds=PATIENCE)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [row.state for row in await edge.post.rows()] == ["ready", "sent", "ready"]
    assert (heard(rosa), heard(ana)) == ([], ["una"])


async def test_a_crash_between_send_and_mark_repeats_that_one_message_alone(
    courier: Courier, edge: Outgoing, rosa: Phone, ana: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await edge.post(101, "uno", "dos")
    await edge.post(102, "una", "otra")
    edge.simulator.fail_next("sendMessage", Fault(applied=True, delay=5), times=2)
    running = asyncio.create_task(courier.run())
    await edge.simulator.wait_for(lambda: heard(rosa) and heard(ana), seconds=PATIENCE)
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()  # at once, as a crash: nothing is waited for, nothing marked
    await asyncio.wait([running])
    assert await edge.post.states() == {"claimed": 2, "ready": 2}

    again = asyncio.create_task(edge.courier().run())
    await edge.simulator.wait_for(lambda: len(edge.simulator.calls) == 6, seconds=PATIENCE)
    again.cancel()
    with suppress(asyncio.CancelledError):
        await again
    assert heard(rosa) == ["uno", "uno", "dos"]
    assert heard(ana) == ["una", "una", "otra"]
    assert await edge.post.states() == {"sent": 4}
    told = [vars(record)["sent_again"] for record in caplog.records if record.message == "courier started"]
    assert told == [0, 2]


async def test_a_store_in_trouble_does_not_end_the_courier(
    courier: Courier, edge: Outgoing, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    running = asyncio.create_task(courier.run())
    await asyncio.sleep(0.5)
    await edge.rename("preferences", "preferences_away")
    await edge.post(101, "uno")
    courier.wake()
    await asyncio.sleep(20)
    assert not running.done()
    await edge.rename("preferences_away", "preferences")
    await edge.simulator.wait_for(lambda: heard(rosa), seconds=PATIENCE)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert actions(caplog) == ["courier_started", "courier_store_failed", "courier_store_restored"]


async def test_a_row_that_cannot_be_opened_stands_in_nobodys_way(
    courier: Courier, edge: Outgoing, rosa: Phone, ana: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    edge.simulator.fail_next("sendMessage", Fault(delay=3))
    await edge.post(101, "uno")
    running = asyncio.create_task(courier.run())
    await asyncio.sleep(0.5)
    await edge.post(102, "una")
    async with edge.store.database.transact() as tx:
        await tx.run(update(outbox).where(outbox.c.lane == "lane-102").values(payload=b"s1.damaged"))
    await asyncio.sleep(30)
    await edge.post(102, "dos")
    await asyncio.sleep(5)
    assert (heard(rosa), heard(ana)) == (["uno"], ["dos"])
    assert await edge.post.ends() == [("sent", None), ("set_aside", "unreadable"), ("sent", None)]
    assert not running.done()
    assert [vars(record)["action"] for record in caplog.records if record.name == "storage.mail"] == [
        "parcel_unreadable"
    ]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
