"""What travels from people to the bot, and what can go wrong on the way: polling, faults, limits."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, NetworkError, RetryAfter, TimedOut

from bot.demo.faults import Fault
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator

TOKEN = "4242:una-palabra"
NOON = datetime(2026, 3, 4, 18, tzinfo=UTC)
ONE_BUTTON = InlineKeyboardMarkup([[InlineKeyboardButton("Sí", callback_data="y")]])


class Clock:
    """Time that moves when a test says so."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(autouse=True)
def durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask python-telegram-bot for the types of its next version: it warns otherwise, and warnings are errors here."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Simulator:
    return Simulator(token=TOKEN, now=clock, first_update_id=900)


@pytest.fixture
async def url(simulator: Simulator) -> AsyncIterator[str]:
    async with simulator.serve() as address:
        yield address


@pytest.fixture
async def bot(url: str) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=f"{url}/bot") as client:
        yield client


@pytest.fixture
def rosa(simulator: Simulator) -> Phone:
    phone = simulator.phone(user_id=101, first_name="Rosa", language_code="es")
    phone.start("invitacion")
    return phone


def texts(updates: tuple[Update, ...]) -> list[str | None]:
    return [update.message.text for update in updates if update.message]


def statuses(update: dict[str, Any]) -> tuple[str, str]:
    change = update["my_chat_member"]
    return change["old_chat_member"]["status"], change["new_chat_member"]["status"]


async def test_updates_come_again_until_an_offset_confirms_them(bot: Bot, simulator: Simulator, rosa: Phone) -> None:
    rosa.send("uno")
    first = await bot.get_updates()
    assert [update.update_id for update in first] == [900, 901]
    assert texts(first) == ["/start invitacion", "uno"]
    assert texts(await bot.get_updates()) == texts(first)
    assert simulator.updates_confirmed == []
    assert texts(await bot.get_updates(offset=901, limit=1)) == ["uno"]
    assert simulator.updates_confirmed == [900]
    assert await bot.get_updates(offset=902) == ()
    assert (simulator.updates_confirmed, simulator.updates_waiting) == ([900, 901], [])
    assert [update["update_id"] for update in simulator.updates_handed] == [900, 901, 900, 901, 901]


async def test_a_negative_offset_forgets_all_but_the_last(bot: Bot, rosa: Phone) -> None:
    rosa.send("uno")
    rosa.send("dos")
    assert texts(await bot.get_updates(offset=-2)) == ["uno", "dos"]
    assert texts(await bot.get_updates()) == ["uno", "dos"]
    assert texts(await bot.get_updates(offset=-50)) == ["uno", "dos"]


async def test_a_long_poll_returns_as_soon_as_something_happens(bot: Bot, simulator: Simulator, rosa: Phone) -> None:
    poll = asyncio.create_task(bot.get_updates(offset=901, timeout=30))
    await simulator.wait_for(lambda: simulator.updates_confirmed == [900])
    began = time.monotonic()
    rosa.send("por fin")
    assert texts(await poll) == ["por fin"]
    assert time.monotonic() - began < 5


async def test_every_act_becomes_its_update(bot: Bot, rosa: Phone) -> None:
    sent = await bot.send_message(101, "¿?", reply_markup=ONE_BUTTON)
    rosa.tap(sent.message_id, "Sí")
    mine = rosa.reply("esta", sent.message_id)
    rosa.edit(mine, "esta otra")
    rosa.photo("mi patio")
    rosa.sticker()
    rosa.voice(64)
    rosa.document("carta.txt", b"hola", mime_type="text/plain")
    rosa.block()
    rosa.start()
    start, tap, reply, edit, photo, sticker, voice, document, gone, back, again = [
        update.to_dict() for update in await bot.get_updates()
    ]

    assert start["message"]["from"] == {"id": 101, "is_bot": False, "first_name": "Rosa", "language_code": "es"}
    assert start["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert (tap["callback_query"]["data"], tap["callback_query"]["message"]["message_id"]) == ("y", sent.message_id)
    assert reply["message"]["reply_to_message"]["message_id"] == sent.message_id
    assert (edit["edited_message"]["message_id"], edit["edited_message"]["text"]) == (mine, "esta otra")
    assert edit["edited_message"]["edit_date"] == NOON.timestamp()
    assert (photo["message"]["caption"], photo["message"]["photo"][0]["width"]) == ("mi patio", 320)
    assert sticker["message"]["sticker"]["emoji"] == "🌻"
    assert (voice["message"]["voice"]["mime_type"], voice["message"]["voice"]["duration"]) == ("audio/ogg", 64)
    assert document["message"]["document"]["file_name"] == "carta.txt"
    assert statuses(gone) == ("member", "kicked")
    assert statuses(back) == ("kicked", "member")
    assert again["message"]["text"] == "/start"


async def test_only_wanted_kinds_arise(bot: Bot, rosa: Phone) -> None:
    await bot.get_updates(offset=901, allowed_updates=["callback_query"])
    rosa.send("no la oye")
    sent = await bot.send_message(101, "¿?", reply_markup=ONE_BUTTON)
    rosa.tap(sent.message_id, "y")
    (only,) = await bot.get_updates()
    assert only.callback_query is not None
    await bot.get_updates(offset=only.update_id + 1, allowed_updates=[])
    rosa.send("ahora sí")
    assert texts(await bot.get_updates()) == ["ahora sí"]


async def test_a_press_on_a_deleted_message_names_it_still(bot: Bot, rosa: Phone) -> None:
    sent = await bot.send_message(101, "¿?", reply_markup=ONE_BUTTON)
    await bot.delete_message(101, sent.message_id)
    rosa.tap(sent.message_id, "y", stale=True)
    pressed = (await bot.get_updates(offset=901))[0].callback_query
    assert pressed is not None
    assert pressed.message is not None
    assert (pressed.message.message_id, pressed.message.is_accessible) == (sent.message_id, False)


async def test_a_second_poller_ends_the_first(bot: Bot, url: str, simulator: Simulator, rosa: Phone) -> None:
    first = asyncio.create_task(bot.get_updates(offset=901, timeout=30))
    await simulator.wait_for(lambda: simulator.updates_confirmed == [900])
    async with Bot(TOKEN, base_url=f"{url}/bot") as other:
        second = asyncio.create_task(other.get_updates(timeout=30))
        with pytest.raises(
            Conflict, match="terminated by other getUpdates request; make sure that only one bot instance"
        ):
            await first
        rosa.send("para la segunda")
        assert texts(await second) == ["para la segunda"]


async def test_a_webhook_and_polling_exclude_each_other(bot: Bot, rosa: Phone) -> None:
    await bot.set_webhook("https://example.org/x")
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == ("https://example.org/x", 1)
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_a_long_text_goes_out_in_pieces(bot: Bot, rosa: Phone) -> None:
    rosa.send("a" * 5000)
    assert [len(text or "") for text in texts(await bot.get_updates(offset=901))] == [4096, 904]


async def test_a_fault_before_the_call_leaves_nothing(bot: Bot, simulator: Simulator, rosa: Phone) -> None:
    simulator.fail_next("sendMessage", Fault(502), times=2)
    for _ in range(2):
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await bot.send_message(101, "hola")
    assert len(rosa.messages) == 1
    await bot.send_message(101, "hola")
    assert rosa.messages[-1].text == "hola"


async def test_a_fault_after_the_call_leaves_it_done(bot: Bot, simulator: Simulator, rosa: Phone) -> None:
    simulator.fail_next("sendMessage", Fault(500, applied=True))
    with pytest.raises(NetworkError):
        await bot.send_message(101, "hola")
    assert [message.text for message in rosa.messages] == ["/start invitacion", "hola"]
    assert [call.method for call in simulator.calls] == ["getMe", "sendMessage"]


@pytest.mark.parametrize("applied", [False, True])
async def test_a_dropped_connection_tells_nothing(bot: Bot, simulator: Simulator, rosa: Phone, applied: bool) -> None:
    simulator.fail_next("sendMessage", Fault(drop=True, applied=applied))
    with pytest.raises(NetworkError):
        await bot.send_message(101, "hola")
    assert len(rosa.messages) == 1 + applied


async def test_a_slow_answer_outlasts_the_client(bot: Bot, simulator: Simulator, rosa: Phone) -> None:
    simulator.fail_next("sendMessage", Fault(delay=20, applied=True))
    with pytest.raises(TimedOut):
        await bot.send_message(101, "hola", read_timeout=0.1)
    assert len(rosa.messages) == 2


async def test_faults_of_one_method_queue_up(bot: Bot, simulator: Simulator, rosa: Phone) -> None:
    simulator.fail_next("sendMessage", Fault(429, retry_after=7))
    simulator.fail_next("sendMessage", Fault(400, "Bad Request: something new"))
    with pytest.raises(RetryAfter, match="Retry in 0:00:07"):
        await bot.send_message(101, "hola")
    with pytest.raises(BadRequest, match="Something new"):
        await bot.send_message(101, "hola")
    with pytest.raises(ValueError, match="no method"):
        simulator.fail_next("sendmessage", Fault(500))


async def test_the_limit_of_a_chat_slides(bot: Bot, simulator: Simulator, rosa: Phone, clock: Clock) -> None:
    simulator.sending_limit(per_chat=1, burst=3)
    for _ in range(3):
        await bot.send_message(101, "hola")
    await bot.send_chat_action(101, "typing")
    clock.at += timedelta(seconds=1)
    with pytest.raises(RetryAfter, match="Retry in 0:00:02"):
        await bot.send_message(101, "hola")
    clock.at += timedelta(seconds=2)
    await bot.send_message(101, "hola")
    assert len(rosa.messages) == 5


async def test_the_limit_over_all_chats_slides(bot: Bot, simulator: Simulator, clock: Clock) -> None:
    simulator.sending_limit(per_second=2)
    for user_id in (1, 2, 3):
        simulator.phone(user_id=user_id, first_name="Ana").start()
    await bot.send_message(1, "hola")
    clock.at += timedelta(seconds=0.5)
    await bot.send_message(2, "hola")
    with pytest.raises(RetryAfter, match="Retry in 0:00:01"):
        await bot.send_message(3, "hola")
    clock.at += timedelta(seconds=0.5)
    await bot.send_message(3, "hola")


async def test_waiting_ends_with_the_predicate_or_the_time(simulator: Simulator, rosa: Phone) -> None:
    assert await simulator.wait_for(lambda: len(rosa.messages)) == 1
    with pytest.raises(TimeoutError):
        await simulator.wait_for(lambda: len(rosa.messages) == 2, 0.05)
