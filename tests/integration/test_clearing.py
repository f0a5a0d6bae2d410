"""A chat is cleared whatever is in the way: tried again, not taken for done, in other words where it is too late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.courier import Courier, Hours
from bot.demo.faults import Fault
from bot.demo.phone import Phone
from bot.library import Library
from bot.pacing import Pacer
from bot.rendering import Renderer
from conversations.speech import ChatCleared, FileHanded, Phrase, Said
from locales.catalog import load_catalog
from storage.cleaning import LEFT
from storage.fates import CheckinState
from storage.schema import checkins, messages
from tests.support.chat import Bot, Chat
from tests.support.instruments import every
from tests.support.outgoing import Outgoing, heard, may_send, outgoing
from tests.support.world import Store

TELLING = Said(Phrase("door.here"))
CLEARED = "Aquí estoy. Escríbeme cuando quieras."


@pytest.fixture
async def edge(store: Store) -> AsyncIterator[Outgoing]:
    async with outgoing(store) as stage:
        yield stage


@pytest.fixture
def courier(edge: Outgoing) -> Courier:
    render = Renderer(load_catalog(), Library(every()))
    hours = Hours(edge.store.clock, may_send)
    return Courier(edge.api, edge.store.database, render=render, pacer=Pacer(None), hours=hours)


@pytest.fixture
async def rosa(edge: Outgoing, courier: Courier) -> Phone:
    """A chat in which three messages of ours stand that tell something."""
    phone = edge.phone(101)
    await edge.post(101, TELLING, TELLING, TELLING)
    await courier.drain()
    assert len(await edge.post.standing()) == 3
    return phone


def said(phone: Phone) -> list[str]:
    """What stands there of ours."""
    return [message.text for message in phone.messages if message.sender == "bot"]


@pytest.mark.holds("S-10")
@pytest.mark.parametrize("method", ["deleteMessages", "editMessageText"])
async def test_a_clearing_that_does_not_get_through_is_tried_again(
    courier: Courier, edge: Outgoing, rosa: Phone, method: str
) -> None:
    for fault in (Fault(502), Fault(drop=True), Fault(applied=True, drop=True)):
        edge.simulator.fail_next(method, fault)
    await edge.post(101, ChatCleared(LEFT))
    await courier.drain()
    assert said(rosa) == [CLEARED]
    assert await edge.post.states() == {"sent": 4}


@pytest.mark.holds("S-10")
async def test_a_clearing_that_telegram_refuses_is_not_taken_for_done(
    courier: Courier, edge: Outgoing, rosa: Phone
) -> None:
    edge.simulator.fail_next("deleteMessages", Fault(400, "Bad Request: message can't be deleted for everyone"))
    await edge.post(101, ChatCleared(LEFT))
    await courier.drain()
    assert (await edge.post.ends())[-1] == ("failed", "bad_request")
    assert len(await edge.post.standing()) == 3, "they stand, and the next clearing knows it"
    await edge.post(101, ChatCleared(LEFT))
    await courier.drain()
    assert said(rosa) == [CLEARED]


@pytest.mark.holds("S-10")
async def test_what_it_is_too_late_to_delete_says_something_else_from_then_on(
    courier: Courier, edge: Outgoing, rosa: Phone
) -> None:
    async with edge.store.database.transact() as tx:
        oldest = select(messages.c.message_id).order_by(messages.c.message_id).limit(2)
        old = update(messages).where(messages.c.message_id.in_(oldest.scalar_subquery()))
        await tx.run(old.values(sent_at=tx.now - timedelta(hours=49)))
    await edge.post(101, ChatCleared(LEFT))
    await courier.drain()
    assert said(rosa) == [CLEARED, CLEARED]


async def test_only_what_she_was_handed_can_be_kept_and_passed_on(
    courier: Courier, edge: Outgoing, rosa: Phone
) -> None:
    await edge.post(101, FileHanded("archivo.txt", b"lo suyo", 77))
    await courier.drain()
    protected = {
        call.method: "protect_content" in call.params for call in edge.simulator.calls if call.method.startswith("send")
    }
    assert protected == {"sendMessage": True, "sendDocument": False}
    assert heard(rosa)


# --- whoever has left is let be


@pytest.mark.holds("S-10")
async def test_nothing_reminds_her_before_her_next_day_once_she_has_left(store: Store) -> None:
    bot = Bot(store)
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    reminder = await due(store)
    await bot.pass_time(seconds=(reminder - store.clock.at).total_seconds() - 3600)
    await rosa.say("/salir")
    assert await sent_within(bot, rosa, hours=20) == 0
    assert await sent_within(bot, rosa, hours=30) == 1, "and then it comes"


async def test_leaving_brings_no_reminder_forward(store: Store) -> None:
    bot = Bot(store)
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    before = await due(store, CheckinState.STARTED)
    await rosa.say("/salir")
    assert await due(store, CheckinState.STARTED) >= before


async def due(store: Store, state: CheckinState = CheckinState.INVITED) -> datetime:
    """When something is next to be done about her check-in."""
    async with store.database.read() as tx:
        moment: datetime = (await tx.run(select(checkins.c.next_at).where(checkins.c.state == state))).scalar_one()
        return moment


async def sent_within(bot: Bot, chat: Chat, *, hours: int) -> int:
    """How many messages come."""
    before = len(bot.shown)
    await bot.pass_time(hours=hours)
    return sum(one.call.method.startswith("send") for one in bot.shown[before:] if one.chat_id == chat.chat_id)
