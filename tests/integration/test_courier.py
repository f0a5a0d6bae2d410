"""The courier against the simulator and a real store, in virtual time: what arrives and when, and what is marked.

Time stands still while anything happens and jumps to the next timer when nothing does; the wall clock goes along.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from bot.api import Api, Call
from bot.courier import Courier, Hours
from bot.demo.faults import Fault
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator
from bot.pacing import Limits, Pacer
from conversations.speech import ButtonsRemoved, ChatCleaned, Phrase, Said, Speech, TapAnswered
from scheduler.calendar import Calendar, Slot, next_allowed
from storage import mail, people
from storage.mail import Claimed, Parcel, Standing, Urgency
from storage.schema import accounts, invitations, outbox
from storage.vault import Place
from tests.support.world import START, HeldClock, Store

TOKEN = "4242:una-palabra"
SESSION = 77
GRACE = 0.01
"""Real seconds in which nothing must happen before time jumps: longer than a statement of the store takes."""


class VirtualTime:
    """The running loop's time, which jumps from timer to timer and takes the wall clock along."""

    def __init__(self, loop: Any, clock: HeldClock) -> None:
        self._clock = clock
        self._passed = 0.0
        self._select = loop._selector.select
        loop._selector.select = self._jump
        loop.time = lambda: 1_000.0 + self._passed

    def _jump(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return self._select(timeout)
        happened = self._select(GRACE)
        if not happened:
            self._passed += timeout
            self._clock.at = START + timedelta(seconds=self._passed)
        return happened


@pytest.fixture
async def clock(store: Store) -> AsyncIterator[HeldClock]:
    loop: Any = asyncio.get_running_loop()
    VirtualTime(loop, store.clock)
    yield store.clock
    del loop.time, loop._selector.select


@pytest.fixture
def simulator(clock: HeldClock) -> Simulator:
    return Simulator(token=TOKEN, now=clock)


@pytest.fixture
async def api(simulator: Simulator) -> AsyncIterator[Api]:
    async with simulator.serve() as url, Api(TOKEN, url) as opened:
        yield opened


@pytest.fixture
def rosa(simulator: Simulator) -> Phone:
    return started(simulator, 101)


@pytest.fixture
def ana(simulator: Simulator) -> Phone:
    return started(simulator, 102)


def started(simulator: Simulator, user_id: int) -> Phone:
    phone = simulator.phone(user_id=user_id, first_name=f"P{user_id}")
    phone.start()
    return phone


class Plainly:
    """Says a phrase by its key; the one keyed "broken" cannot be said."""

    def needs_standing(self, speech: Speech) -> bool:
        return isinstance(speech, ButtonsRemoved | ChatCleaned)

    def __call__(self, claimed: Claimed, standing: Sequence[Standing]) -> list[Call]:
        chat = {"chat_id": claimed.parcel.chat_id}
        ids = [message.message_id for message in standing]
        match claimed.parcel.speech:
            case Said(phrase):
                if phrase.key == "broken":
                    raise KeyError("palabras suyas")
                return [Call("sendMessage", {**chat, "text": phrase.key})]
            case TapAnswered(tap):
                return [Call("answerCallbackQuery", {"callback_query_id": tap})]
            case ButtonsRemoved():
                edits = [Call("editMessageReplyMarkup", {**chat, "message_id": id_}) for id_ in ids]
                return [*edits, Call("sendMessage", {**chat, "text": "quitados"})]
            case _:
                return [Call("deleteMessages", {**chat, "message_ids": ids})]


def may_send(zone: str, slot: str, at: datetime) -> datetime:
    return next_allowed(at, ZoneInfo(zone), slot=Slot(slot), calendar=Calendar())


class Post:
    """Puts parcels into the outbox, and looks at what became of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._number = 0

    async def __call__(self, chat_id: int, *keys: str | Speech, urgency: Urgency = Urgency.REPLY, **more: Any) -> None:
        parcels = []
        for key in keys:
            self._number += 1
            speech = Said(Phrase(key)) if isinstance(key, str) else key
            parcels.append(
                Parcel(f"o{self._number}", f"lane-{chat_id}", chat_id, speech, urgency, session_id=SESSION, **more)
            )
        async with self._store.database.transact() as tx:
            await mail.post(tx, parcels)

    async def rows(self) -> list[Any]:
        async with self._store.database.read() as tx:
            return list(await tx.run(select(outbox).order_by(outbox.c.id)))

    async def states(self) -> Counter[str]:
        return Counter(row.state for row in await self.rows())

    async def standing(self) -> list[int]:
        async with self._store.database.read() as tx:
            return [message.message_id for message in await mail.standing(tx, SESSION)]


@pytest.fixture
def post(store: Store) -> Post:
    return Post(store)


@pytest.fixture
def courier(api: Api, store: Store, clock: HeldClock) -> Courier:
    return fresh_courier(api, store)


def fresh_courier(api: Api, store: Store, limits: Limits | None = None) -> Courier:
    """A courier as a start of the bot would make it."""
    hours = Hours(store.clock, may_send)
    return Courier(api, store.database, render=Plainly(), pacer=Pacer(limits), hours=hours)


def heard(phone: Phone) -> list[str]:
    """What the bot has said in this chat, oldest first."""
    return [message.text for message in phone.history if message.sender == "bot"]


def sent_at(simulator: Simulator) -> list[float]:
    """When each message was made, in seconds since the start."""
    return [(call.at - START).total_seconds() for call in simulator.calls if call.method == "sendMessage"]


def actions(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.action for record in caplog.records if record.name == "bot.courier"]  # type: ignore[attr-defined]


# --- sending and marking


async def test_what_is_sent_is_marked_emptied_and_remembered(courier: Courier, post: Post, rosa: Phone) -> None:
    await post(101, "hola", sprint=3)
    await courier.drain()
    assert heard(rosa) == ["hola"]
    (row,) = await post.rows()
    assert (row.state, row.payload, row.lane, row.attempts) == ("sent", None, None, 1)
    assert [row.message_id] == await post.standing() == [rosa.messages[-1].message_id]


async def test_a_lane_keeps_its_order_and_lanes_do_not_wait_for_each_other(
    courier: Courier, post: Post, simulator: Simulator, rosa: Phone, ana: Phone
) -> None:
    words = [f"{number}" for number in range(20)]
    await post(101, *words)
    await post(102, *words)
    simulator.fail_next("sendMessage", Fault(delay=3))
    await courier.drain()
    assert heard(rosa) == heard(ana) == words
    first = simulator.calls[0].params["chat_id"]
    assert [call.params["chat_id"] for call in simulator.calls[:20]] == [first] * 20
    assert await post.states() == {"sent": 40}


async def test_more_lanes_than_fit_in_a_hand_all_get_theirs(courier: Courier, post: Post, simulator: Simulator) -> None:
    phones = [started(simulator, 200 + number) for number in range(100)]
    for phone in phones:
        await post(phone.chat.user_id, "uno", "dos")
    await courier.drain()
    assert [heard(phone) for phone in phones] == [["uno", "dos"]] * 100


async def test_several_calls_are_made_in_order_and_messages_forgotten_once_deleted(
    courier: Courier, post: Post, simulator: Simulator, rosa: Phone
) -> None:
    await post(101, "uno", "dos", ButtonsRemoved(SESSION, 1))
    await courier.drain()
    made = ["sendMessage", "sendMessage", "sendMessage"]  # the edits changed nothing, which is as good as done
    assert [call.method for call in simulator.calls] == made
    assert len(await post.standing()) == 3
    await post(101, ChatCleaned(SESSION))
    await courier.drain()
    assert heard(rosa) == ["uno", "dos", "quitados"]
    assert [message.text for message in rosa.messages] == ["/start"]
    assert await post.standing() == []


async def test_a_tap_is_answered_in_a_full_second_too(
    api: Api, store: Store, post: Post, simulator: Simulator, rosa: Phone
) -> None:
    await post(101, "uno", "dos", "tres", "cuatro")
    await post(101, TapAnswered("no-such-tap"))
    await fresh_courier(api, store, Limits()).drain()
    assert sent_at(simulator) == pytest.approx([0, 0, 0, 3])
    assert await post.states() == {"sent": 5}


# --- who goes first


async def test_replies_go_first_and_broadcasts_last(api: Api, store: Store, post: Post, simulator: Simulator) -> None:
    for urgency in reversed(Urgency):
        for number in range(8):
            phone = started(simulator, 1000 * urgency + number + 1)
            await post(phone.chat.user_id, urgency.name, urgency=urgency)
    await fresh_courier(api, store, Limits()).drain()
    assert [call.params["text"] for call in simulator.calls] == [u.name for u in Urgency for _ in range(8)]


async def test_a_broadcast_keeps_the_limit_and_lets_replies_through(
    api: Api, store: Store, post: Post, simulator: Simulator, rosa: Phone
) -> None:
    simulator.sending_limit(per_second=30, per_chat=1, burst=3)
    for number in range(120):
        phone = started(simulator, 2000 + number)
        await post(phone.chat.user_id, "aviso", urgency=Urgency.BROADCAST)
    courier = fresh_courier(api, store, Limits())
    sending = asyncio.create_task(courier.drain())
    waits = []
    for _ in range(4):
        await asyncio.sleep(0.7)
        before = (store.clock() - START).total_seconds()
        await post(101, "respuesta")
        courier.wake()
        await simulator.wait_for(lambda: heard(rosa)[len(waits) :], seconds=600)
        waits.append(sent_at(simulator)[-1] - before)
    await sending
    assert simulator.refused == []
    assert len(simulator.calls) == 124
    assert max(waits) < 0.3
    assert max(sent_at(simulator)) < 1.05 * 124 / 29


# --- what Telegram refuses


async def test_a_429_parks_its_chat_exactly_and_keeps_its_order(
    courier: Courier, post: Post, simulator: Simulator, rosa: Phone, ana: Phone
) -> None:
    simulator.fail_next("sendMessage", Fault(429, retry_after=7))
    await post(101, "uno", "dos")
    await post(102, "una")
    await courier.drain()
    assert heard(rosa) == ["uno", "dos"]
    assert heard(ana) == ["una"]
    assert sent_at(simulator) == pytest.approx([0, 7, 7], abs=0.01)
    assert await post.states() == {"sent": 3}


async def test_a_429_for_all_parks_all(
    courier: Courier, post: Post, simulator: Simulator, rosa: Phone, ana: Phone
) -> None:
    simulator.fail_next("sendMessage", Fault(429, retry_after=7), times=2)
    await post(101, "uno")
    await post(102, "una")
    sending = asyncio.create_task(courier.drain())
    await simulator.wait_for(lambda: len(simulator.refused) == 2, seconds=600)
    eva = started(simulator, 103)
    await post(103, "otra")
    courier.wake()
    await sending
    assert [heard(phone) for phone in (rosa, ana, eva)] == [["uno"], ["una"], ["otra"]]
    assert sent_at(simulator) == pytest.approx([7, 7, 7], abs=0.1)


async def test_who_has_blocked_the_bot_is_marked_so(
    courier: Courier, post: Post, store: Store, rosa: Phone, ana: Phone
) -> None:
    await link(store, 101)
    await link(store, 102)
    rosa.block()
    await post(101, "uno", "dos")
    await post(102, "una")
    await courier.drain()
    rows = await post.rows()
    assert [(row.state, row.reason, row.payload) for row in rows[:2]] == [("failed", "blocked", None)] * 2
    assert rows[2].state == "sent"
    async with store.database.read() as tx:
        found = await tx.run(select(accounts.c.lane, accounts.c.blocked_at).order_by(accounts.c.lane))
        assert [(row.lane, row.blocked_at is not None) for row in found] == [("lane-101", True), ("lane-102", False)]


async def link(store: Store, chat_id: int) -> None:
    """Make the chat a woman's."""
    async with store.database.transact() as tx:
        woman = people.NewParticipant(f"R-{chat_id}", "Rosa Prueba", "America/Mexico_City")
        (participant,) = await people.add_participants(tx, [woman])
        invitation = await people.invite_participant(tx, participant, ["girasol"])
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
async def test_what_is_done_already_counts_as_done(
    courier: Courier, post: Post, simulator: Simulator, rosa: Phone, said: str
) -> None:
    simulator.fail_next("sendMessage", Fault(400, f"Bad Request: {said}"))
    await post(101, "uno", "dos")
    await courier.drain()
    assert heard(rosa) == ["dos"]
    assert await post.states() == {"sent": 2}


async def test_any_other_refusal_is_final_and_told_without_words(
    courier: Courier, post: Post, simulator: Simulator, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.fail_next("sendMessage", Fault(400, "Bad Request: palabras suyas"))
    await post(101, "uno", "dos")
    await courier.drain()
    assert heard(rosa) == ["dos"]
    assert [(row.state, row.reason) for row in await post.rows()] == [("failed", "bad_request"), ("sent", None)]
    assert actions(caplog) == ["parcel_bad_request"]
    assert "suyas" not in caplog.text
    assert "suyas" not in str([vars(record) for record in caplog.records])


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
    courier: Courier, post: Post, simulator: Simulator, rosa: Phone, fault: Fault, times_heard: int
) -> None:
    simulator.fail_next("sendMessage", fault)
    await post(101, "uno", "dos")
    await courier.drain()
    assert heard(rosa) == ["uno"] * times_heard + ["dos"]
    assert await post.states() == {"sent": 2}


async def test_an_outage_is_waited_out_and_told_once(
    courier: Courier, post: Post, simulator: Simulator, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    simulator.fail_next("sendMessage", Fault(502), times=7)
    await post(101, "uno")
    await courier.drain()
    assert sent_at(simulator) == pytest.approx([1 + 2 + 4 + 8 + 15 + 15 + 15], abs=0.1)
    assert actions(caplog) == ["courier_unreachable", "courier_restored"]


async def test_a_hopeless_parcel_is_given_up_at_last(
    courier: Courier, post: Post, store: Store, simulator: Simulator, rosa: Phone
) -> None:
    await post(101, "uno", "dos")
    async with store.database.transact() as tx:
        await tx.run(update(outbox).where(outbox.c.id == 1).values(attempts=1_999))
    simulator.fail_next("sendMessage", Fault(502))
    await courier.drain()
    assert heard(rosa) == ["dos"]
    assert [(row.state, row.reason) for row in await post.rows()] == [("failed", "unreachable"), ("sent", None)]


async def test_a_parcel_that_cannot_be_shown_stops_nobody(
    courier: Courier, post: Post, rosa: Phone, ana: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    await post(101, "broken", "dos")
    await post(102, "una")
    await courier.drain()
    assert (heard(rosa), heard(ana)) == (["dos"], ["una"])
    assert [(row.state, row.reason) for row in await post.rows()][:1] == [("failed", "not_rendered")]
    assert actions(caplog) == ["not_rendered"]
    assert "suyas" not in caplog.text


async def test_a_mark_that_cannot_be_written_is_written_later_and_nothing_is_sent_twice(
    courier: Courier, post: Post, store: Store, simulator: Simulator, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    await rename(store, "messages", "messages_away")
    await post(101, "uno", "dos")
    sending = asyncio.create_task(courier.drain())
    await simulator.wait_for(lambda: actions(caplog), seconds=600)
    await asyncio.sleep(3)
    assert await post.states() == {"claimed": 1, "ready": 1}
    await rename(store, "messages_away", "messages")
    await sending
    assert heard(rosa) == ["uno", "dos"]
    assert await post.states() == {"sent": 2}
    assert actions(caplog) == ["courier_store_failed"]


async def rename(store: Store, table: str, name: str) -> None:
    async with store.database.transact() as tx:
        await tx.run(text(f"ALTER TABLE {table} RENAME TO {name}"))


# --- when it may arrive


@pytest.mark.parametrize("urgency", [Urgency.INVITATION, Urgency.REMINDER, Urgency.BROADCAST])
async def test_what_nobody_asked_for_waits_for_the_morning(
    courier: Courier, post: Post, store: Store, clock: HeldClock, urgency: Urgency, rosa: Phone, simulator: Simulator
) -> None:
    await asyncio.sleep(12 * 3600)  # 22:00 in Mexico City
    await link(store, 101)
    participant = await participant_of(store)
    await post(101, "invitada", urgency=urgency, participant_id=participant)
    await post(101, "respuesta", participant_id=participant)
    await courier.drain()
    assert heard(rosa) == ["respuesta"]
    (waiting, _) = await post.rows()
    assert (waiting.state, waiting.ready_at) == ("ready", datetime(2026, 3, 3, 15, tzinfo=UTC))
    await asyncio.sleep(11 * 3600)
    await courier.drain()
    assert heard(rosa) == ["respuesta", "invitada"]


@pytest.mark.parametrize("urgency", [Urgency.REPLY, Urgency.ALERT])
async def test_what_was_asked_for_leaves_at_night(
    courier: Courier, post: Post, store: Store, clock: HeldClock, urgency: Urgency, rosa: Phone
) -> None:
    await asyncio.sleep(12 * 3600)
    await link(store, 101)
    await post(101, "respuesta", urgency=urgency, participant_id=await participant_of(store))
    await courier.drain()
    assert heard(rosa) == ["respuesta"]


async def participant_of(store: Store) -> int:
    async with store.database.read() as tx:
        return int((await tx.run(select(accounts.c.participant_id))).scalar_one())


# --- running, stopping, crashing


async def test_a_running_courier_hears_the_call_and_looks_by_itself(
    courier: Courier, post: Post, simulator: Simulator, clock: HeldClock, rosa: Phone
) -> None:
    running = asyncio.create_task(courier.run())
    await asyncio.sleep(10)
    await post(101, "llamada")
    courier.wake()
    await simulator.wait_for(lambda: len(heard(rosa)) == 1, seconds=600)
    assert sent_at(simulator)[-1] == pytest.approx(10, abs=0.1)
    await post(101, "callada")
    await simulator.wait_for(lambda: len(heard(rosa)) == 2, seconds=600)
    assert sent_at(simulator)[-1] <= 11.1
    await post(101, "luego", ready_at=START + timedelta(seconds=15.25))
    await simulator.wait_for(lambda: len(heard(rosa)) == 3, seconds=600)
    assert sent_at(simulator)[-1] == pytest.approx(15.25, abs=0.06)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_stop_lets_what_is_on_its_way_arrive_and_puts_back_the_rest(
    courier: Courier, post: Post, simulator: Simulator, rosa: Phone, ana: Phone
) -> None:
    simulator.fail_next("sendMessage", Fault(429, retry_after=60))
    await post(101, "uno")
    running = asyncio.create_task(courier.run())
    await simulator.wait_for(lambda: simulator.refused, seconds=600)
    simulator.fail_next("sendMessage", Fault(delay=2, applied=True))
    await post(102, "una", "otra")
    courier.wake()
    await simulator.wait_for(lambda: heard(ana), seconds=600)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [row.state for row in await post.rows()] == ["ready", "sent", "ready"]
    assert (heard(rosa), heard(ana)) == ([], ["una"])


async def test_a_crash_between_send_and_mark_repeats_that_one_message_alone(
    courier: Courier, api: Api, store: Store, post: Post, simulator: Simulator, rosa: Phone, ana: Phone,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.INFO)
    await post(101, "uno", "dos")
    await post(102, "una", "otra")
    simulator.fail_next("sendMessage", Fault(applied=True, delay=5), times=2)
    running = asyncio.create_task(courier.run())
    await simulator.wait_for(lambda: heard(rosa) and heard(ana), seconds=600)
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()  # at once, as a crash: nothing is waited for, nothing marked
    await asyncio.wait([running])
    assert await post.states() == {"claimed": 2, "ready": 2}

    again = asyncio.create_task(fresh_courier(api, store).run())
    await simulator.wait_for(lambda: len(simulator.calls) == 6, seconds=600)
    again.cancel()
    with suppress(asyncio.CancelledError):
        await again
    assert heard(rosa) == ["uno", "uno", "dos"]
    assert heard(ana) == ["una", "una", "otra"]
    assert await post.states() == {"sent": 4}
    told = [record.sent_again for record in caplog.records if getattr(record, "action", "") == "courier_started"]
    assert told == [0, 2]


async def test_a_store_in_trouble_does_not_end_the_courier(
    courier: Courier, post: Post, store: Store, simulator: Simulator, rosa: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    running = asyncio.create_task(courier.run())
    await asyncio.sleep(0.5)
    await rename(store, "preferences", "preferences_away")
    await post(101, "uno")
    courier.wake()
    await asyncio.sleep(20)
    assert not running.done()
    await rename(store, "preferences_away", "preferences")
    await simulator.wait_for(lambda: heard(rosa), seconds=600)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert actions(caplog) == ["courier_started", "courier_store_failed", "courier_store_restored"]
