"""The courier against the simulator and a real store: what arrives, in which order and when, and what is marked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.courier import Courier
from bot.demo.faults import Fault
from bot.demo.phone import Phone
from bot.pacing import Limits
from conversations.speech import ButtonsRemoved, ChatCleaned, TapAnswered
from storage import people
from storage.invitations import invite_participant
from storage.mail import Urgency
from storage.schema import accounts, invitations
from storage.vault import Place
from tests.support.outgoing import PATIENCE, SESSION, Outgoing, actions, heard, outgoing
from tests.support.world import Store


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


# --- sending and marking


async def test_what_is_sent_is_marked_emptied_and_remembered(courier: Courier, edge: Outgoing, rosa: Phone) -> None:
    await edge.post(101, "hola", sprint=3)
    await courier.drain()
    assert heard(rosa) == ["hola"]
    (row,) = await edge.post.rows()
    assert (row.state, row.payload, row.lane, row.attempts) == ("sent", None, None, 1)
    assert [row.message_id] == await edge.post.standing() == [rosa.messages[-1].message_id]


async def test_a_lane_keeps_its_order_and_lanes_do_not_wait_for_each_other(
    courier: Courier, edge: Outgoing, rosa: Phone, ana: Phone
) -> None:
    words = [f"{number}" for number in range(20)]
    await edge.post(101, *words)
    await edge.post(102, *words)
    edge.simulator.fail_next("sendMessage", Fault(delay=3))
    await courier.drain()
    assert heard(rosa) == heard(ana) == words
    first = edge.simulator.calls[0].params["chat_id"]
    assert [call.params["chat_id"] for call in edge.simulator.calls[:20]] == [first] * 20
    assert await edge.post.states() == {"sent": 40}


async def test_more_lanes_than_fit_in_a_hand_all_get_theirs(courier: Courier, edge: Outgoing) -> None:
    phones = [edge.phone(200 + number) for number in range(100)]
    for phone in phones:
        await edge.post(phone.chat.user_id, "uno", "dos")
    await courier.drain()
    assert [heard(phone) for phone in phones] == [["uno", "dos"]] * 100


async def test_several_calls_are_made_in_order_and_messages_forgotten_once_deleted(
    courier: Courier, edge: Outgoing, rosa: Phone
) -> None:
    await edge.post(101, "uno", "dos", ButtonsRemoved(SESSION, 1))
    await courier.drain()
    made = ["sendMessage", "sendMessage", "sendMessage"]  # the edits changed nothing, which is as good as done
    assert [call.method for call in edge.simulator.calls] == made
    assert len(await edge.post.standing()) == 3
    await edge.post(101, ChatCleaned(SESSION))
    await courier.drain()
    assert heard(rosa) == ["uno", "dos", "quitados"]
    assert [message.text for message in rosa.messages] == ["/start"]
    assert await edge.post.standing() == []


async def test_a_tap_is_answered_in_a_full_second_too(edge: Outgoing, rosa: Phone) -> None:
    await edge.post(101, "uno", "dos", "tres", "cuatro")
    await edge.post(101, TapAnswered("no-such-tap"))
    await edge.courier(Limits()).drain()
    assert edge.sent_at == pytest.approx([0, 0, 0, 3])
    assert await edge.post.states() == {"sent": 5}


# --- who goes first


async def test_replies_go_first_and_broadcasts_last(edge: Outgoing) -> None:
    for urgency in reversed(Urgency):
        for number in range(8):
            phone = edge.phone(1000 * urgency + number + 1)
            await edge.post(phone.chat.user_id, urgency.name, urgency=urgency)
    await edge.courier(Limits()).drain()
    assert [call.params["text"] for call in edge.simulator.calls] == [u.name for u in Urgency for _ in range(8)]


async def test_a_broadcast_keeps_the_limit_and_lets_replies_through(edge: Outgoing) -> None:
    edge.simulator.sending_limit(per_second=30, per_chat=1, burst=3)
    for number in range(120):
        await edge.post(edge.phone(2000 + number).chat.user_id, "aviso", urgency=Urgency.BROADCAST)
    courier = edge.courier(Limits())
    sending = asyncio.create_task(courier.drain())
    for number in range(10):
        await asyncio.sleep(0.31)
        phone, asked_at = edge.phone(3000 + number), edge.store.clock()
        await edge.post(phone.chat.user_id, "respuesta")
        courier.wake()
        answer = await edge.first_answer(phone)
        assert answer.sent_at - asked_at < timedelta(seconds=0.3)
    await sending
    assert edge.simulator.refused == []
    assert len(edge.simulator.calls) == 130
    assert max(edge.sent_at) < 1.05 * 130 / 30


# --- what Telegram refuses


async def test_of_a_broadcast_little_is_in_hand(edge: Outgoing) -> None:
    """What is in hand when the process dies may have arrived or not, and goes to nobody again."""
    for chat in range(201, 241):
        edge.phone(chat)
        await edge.post(chat, "hola", urgency=Urgency.BROADCAST)
    courier = edge.courier(Limits())
    work = asyncio.create_task(courier.drain())
    most = 0
    while not work.done():
        await asyncio.sleep(0.01)
        most = max(most, (await edge.post.states())["claimed"])
    await work
    assert (await edge.post.states())["sent"] == 40
    assert 0 < most <= 8


async def test_a_429_parks_its_chat_exactly_and_keeps_its_order(
    courier: Courier, edge: Outgoing, rosa: Phone, ana: Phone
) -> None:
    edge.simulator.fail_next("sendMessage", Fault(429, retry_after=7))
    await edge.post(101, "uno", "dos")
    await edge.post(102, "una")
    await courier.drain()
    assert heard(rosa) == ["uno", "dos"]
    assert heard(ana) == ["una"]
    assert edge.sent_at == pytest.approx([0, 7, 7], abs=0.01)
    assert await edge.post.states() == {"sent": 3}


async def test_a_429_for_all_parks_all(courier: Courier, edge: Outgoing, rosa: Phone, ana: Phone) -> None:
    edge.simulator.fail_next("sendMessage", Fault(429, retry_after=7), times=2)
    await edge.post(101, "uno")
    await edge.post(102, "una")
    sending = asyncio.create_task(courier.drain())
    await edge.simulator.wait_for(lambda: len(edge.simulator.refused) == 2, seconds=PATIENCE)
    eva = edge.phone(103)
    await edge.post(103, "otra")
    courier.wake()
    await sending
    assert [heard(phone) for phone in (rosa, ana, eva)] == [["uno"], ["una"], ["otra"]]
    assert edge.sent_at == pytest.approx([7, 7, 7], abs=0.1)


async def test_who_has_blocked_the_bot_is_marked_so(courier: Courier, edge: Outgoing, rosa: Phone, ana: Phone) -> None:
    await link(edge.store, 101)
    await link(edge.store, 102)
    rosa.block()
    await edge.post(101, "uno", "dos")
    await edge.post(102, "una")
    await courier.drain()
    rows = await edge.post.rows()
    assert [(row.state, row.reason, row.payload) for row in rows[:2]] == [("failed", "blocked", None)] * 2
    assert rows[2].state == "sent"
    async with edge.store.database.read() as tx:
        found = await tx.run(select(accounts.c.lane, accounts.c.blocked_at).order_by(accounts.c.lane))
        assert [(row.lane, row.blocked_at is not None) for row in found] == [("lane-101", True), ("lane-102", False)]


async def link(store: Store, chat_id: int) -> None:
    """Make the chat a woman's."""
    async with store.database.transact() as tx:
        woman = people.NewParticipant(f"R-{chat_id}", "Rosa Prueba", "America/Mexico_City")
        (participant,) = await people.add_participants(tx, [woman])
        invitation = await invite_participant(tx, participant, ["girasol"])
        id_ = (await tx.run(select(invitations.c.id).where(invitations.c.participant_id == participant))).scalar_one()
        assert invitation.word == "girasol"
        sealed = tx.vault.seal(Place("accounts", "chat_id", chat_id), b"1")
        row = {"id": chat_id, "lane": f"lane-{chat_id}", "participant_id": participant, "chat_id": sealed}
        await tx.run(accounts.insert().values(**row, invitation_id=id_, linked_at=tx.now))


@pytest.mark.parametrize(
    "said",
    [
        "message is not modified: specified new message content",
        "message to edit not found",
        "message to delete not found",
        "query is too old and response timeout expired or query ID is invalid",
    ],
)
async def test_what_is_done_already_counts_as_done(courier: Courier, edge: Outgoing, rosa: Phone, said: str) -> None:
    edge.simulator.fail_next("sendMessage", Fault(400, f"Bad Request: {said}"))
    await edge.post(101, "uno", "dos")
    await courier.drain()
    assert heard(rosa) == ["dos"]
    assert await edge.post.states() == {"sent": 2}


async def test_any_other_refusal_is_final_and_told_without_words(
    courier: Courier, edge: Outgoing, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    edge.simulator.fail_next("sendMessage", Fault(400, "Bad Request: palabras suyas"))
    await edge.post(101, "uno", "dos")
    await courier.drain()
    assert heard(rosa) == ["dos"]
    assert await edge.post.ends() == [("failed", "bad_request"), ("sent", None)]
    assert actions(caplog) == ["parcel_bad_request"]
    assert "suyas" not in caplog.text
    assert "suyas" not in str([vars(record) for record in caplog.records])


# --- when it may arrive


@pytest.mark.parametrize("urgency", [Urgency.INVITATION, Urgency.REMINDER, Urgency.BROADCAST])
async def test_what_nobody_asked_for_waits_for_the_morning(
    courier: Courier, edge: Outgoing, urgency: Urgency, rosa: Phone
) -> None:
    await asyncio.sleep(12 * 3600)  # 22:00 in Mexico City
    await link(edge.store, 101)
    participant = await participant_of(edge.store)
    await edge.post(101, "invitada", urgency=urgency, participant_id=participant)
    await edge.post(101, "respuesta", participant_id=participant)
    await courier.drain()
    assert heard(rosa) == ["respuesta"]
    (waiting, _) = await edge.post.rows()
    assert (waiting.state, waiting.ready_at) == ("ready", datetime(2026, 3, 3, 15, tzinfo=UTC))
    await asyncio.sleep(11 * 3600)
    await courier.drain()
    assert heard(rosa) == ["respuesta", "invitada"]


@pytest.mark.parametrize("urgency", [Urgency.REPLY, Urgency.ALERT])
async def test_what_was_asked_for_leaves_at_night(
    courier: Courier, edge: Outgoing, urgency: Urgency, rosa: Phone
) -> None:
    await asyncio.sleep(12 * 3600)
    await link(edge.store, 101)
    await edge.post(101, "respuesta", urgency=urgency, participant_id=await participant_of(edge.store))
    await courier.drain()
    assert heard(rosa) == ["respuesta"]


async def participant_of(store: Store) -> int:
    async with store.database.read() as tx:
        return int((await tx.run(select(accounts.c.participant_id))).scalar_one())
