"""The simulator as a bot meets it: python-telegram-bot's own client, over real HTTP.

python-telegram-bot puts what follows "Bad Request: " in lower case, save the first letter; `refused` keeps the words.
"""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden, InvalidToken

from bot.demo import samples
from bot.demo.chats import Button
from bot.demo.phone import Phone, PhoneError
from bot.demo.simulator import Call, Refused, Simulator
from bot.demo.spec import load

TOKEN = "4242:una-palabra"
NOON = datetime(2026, 3, 4, 18, tzinfo=UTC)
YES_NO = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Sí", callback_data="y"), InlineKeyboardButton("No", callback_data="n")]]
)


class Clock:
    """Time that moves when a test says so."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Simulator:
    return Simulator(token=TOKEN, now=clock)


@pytest.fixture
async def url(simulator: Simulator) -> AsyncIterator[str]:
    async with simulator.serve() as address:
        yield address


@pytest.fixture
async def bot(url: str) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as client:
        yield client


@pytest.fixture
def rosa(simulator: Simulator) -> Phone:
    phone = simulator.phone(user_id=101, first_name="Rosa")
    phone.start("invitacion")
    return phone


async def test_the_bot_is_who_the_token_says(bot: Bot) -> None:
    assert (bot.id, bot.username, bot.first_name) == (4242, "hilo_demo_bot", "Hilo")


async def test_a_wrong_token_is_unauthorized(url: str) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("4242:otra", base_url=f"{url}/bot"):
            pass


async def test_a_message_carries_formatting_and_buttons(bot: Bot, rosa: Phone, simulator: Simulator) -> None:
    sent = await bot.send_message(
        101, " 🌻 <b>Hola</b>, <i>Rosa</i> &amp; Ana ", parse_mode="HTML", reply_markup=YES_NO
    )

    assert sent.text == "🌻 Hola, Rosa & Ana"
    assert [(entity.type, sent.parse_entity(entity)) for entity in sent.entities] == [
        ("bold", "Hola"),
        ("italic", "Rosa"),
    ]
    assert sent.reply_markup == YES_NO
    shown = rosa.messages[-1]
    assert (shown.message_id, shown.sender, shown.sent_at) == (sent.message_id, "bot", NOON)
    assert shown.buttons == ((Button("Sí", callback_data="y"), Button("No", callback_data="n")),)
    assert [call for call in simulator.calls if call.method != "getMe"] == [
        Call(
            "sendMessage",
            {
                "chat_id": 101,
                "text": " 🌻 <b>Hola</b>, <i>Rosa</i> &amp; Ana ",
                "parse_mode": "HTML",
                "reply_markup": {
                    "inline_keyboard": [
                        [{"text": "Sí", "callback_data": "y"}, {"text": "No", "callback_data": "n"}],
                    ]
                },
            },
            NOON,
        )
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<font>x</font>", 'Unsupported start tag "font" at byte offset 0'),
        ("ñ <b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ñ <b><i>x</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("3 < 4", 'Unsupported start tag "" at byte offset 2'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_markup_that_telegram_cannot_parse(
    bot: Bot, simulator: Simulator, rosa: Phone, text: str, why: str
) -> None:
    with pytest.raises(BadRequest):
        await bot.send_message(101, text, parse_mode="HTML")
    assert simulator.refused == [Refused("sendMessage", 400, f"Bad Request: can't parse entities: {why}")]
    assert len(rosa.messages) == 1


async def test_length_counts_after_parsing(bot: Bot, rosa: Phone) -> None:
    await bot.send_message(101, f"<b>{'a' * 4096}</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(101, "a" * 4097)
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(101, "<b> </b>", parse_mode="HTML")
    await bot.send_photo(101, samples.photo(), caption="a" * 1024)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(101, samples.photo(), caption="a" * 1025)


async def test_callback_data_is_measured_in_bytes(bot: Bot, rosa: Phone) -> None:
    def keyboard(data: str) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data=data)]])

    await bot.send_message(101, "cabe", reply_markup=keyboard("ñ" * 32))
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(101, "no cabe", reply_markup=keyboard("ñ" * 32 + "a"))


async def test_other_buttons(bot: Bot, rosa: Phone) -> None:
    buttons = [
        InlineKeyboardButton("a", url="https://example.org"),
        InlineKeyboardButton("b", copy_text=CopyTextButton("c")),
    ]
    sent = await bot.send_message(101, "x", reply_markup=InlineKeyboardMarkup([buttons]))
    assert sent.reply_markup == InlineKeyboardMarkup([buttons])
    assert rosa.tap(sent.message_id, "a") == ""
    with pytest.raises(BadRequest, match="text buttons are unallowed"):
        await bot.send_message(101, "x", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("sola")]]))
    with pytest.raises(BadRequest, match="wrong http url"):
        await bot.send_message(
            101, "x", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("a", url="ftp://example.org")]])
        )


async def test_who_cannot_be_written_to(bot: Bot, simulator: Simulator, rosa: Phone) -> None:
    stranger = simulator.phone(user_id=7, first_name="Ana")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(7, "hola")
    with pytest.raises(PhoneError):
        stranger.send("hola")
    rosa.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(101, "hola")
    rosa.unblock()
    await bot.send_message(101, "hola")


async def test_files_go_both_ways(bot: Bot, rosa: Phone) -> None:
    sent = await bot.send_document(
        101, io.BytesIO(b"a;b\n"), filename="datos.csv", caption="<b>corte</b>", parse_mode="HTML"
    )
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size, sent.caption) == ("datos.csv", 4, "corte")
    again = await bot.send_document(101, sent.document.file_id)
    assert again.document == sent.document
    picture = await bot.send_photo(101, samples.photo())
    assert [(size.width, size.height) for size in picture.photo] == [samples.PHOTO_SIZE]
    note = await bot.send_voice(101, samples.voice(), duration=9)
    assert note.voice is not None
    assert note.voice.to_dict()["duration"] == 9
    got = await (await bot.get_file(note.voice.file_id)).download_as_bytearray()
    assert bytes(got) == samples.voice()


async def test_files_that_telegram_refuses(bot: Bot, rosa: Phone) -> None:
    with pytest.raises(BadRequest, match="Wrong file identifier/http url specified"):
        await bot.send_document(101, "nada")
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(101, b"no es una foto")
    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_document(101, io.BytesIO(b""), filename="vacio")
    with pytest.raises(BadRequest, match="Invalid file_id"):
        await bot.get_file("nada")


async def test_a_reply_quotes_its_message(bot: Bot, rosa: Phone) -> None:
    asked = rosa.send("¿hola?")
    sent = await bot.send_message(101, "hola", reply_parameters=ReplyParameters(asked))
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "¿hola?"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(101, "hola", reply_parameters=ReplyParameters(999))
    alone = await bot.send_message(101, "hola", reply_parameters=ReplyParameters(999, allow_sending_without_reply=True))
    assert alone.reply_to_message is None


async def test_an_edit_replaces_text_and_buttons(bot: Bot, rosa: Phone, clock: Clock) -> None:
    sent = await bot.send_message(101, "¿Sí o no?", reply_markup=YES_NO)
    before = rosa.messages[-1]
    clock.at += timedelta(days=30)
    await bot.edit_message_text("¿Sí o no? <b>Sí</b>", 101, sent.message_id, parse_mode="HTML")
    after = rosa.messages[-1]
    assert (after.text, after.buttons, after.edited_at) == ("¿Sí o no? Sí", (), clock.at)
    assert before.text == "¿Sí o no?"
    await bot.edit_message_reply_markup(101, sent.message_id, reply_markup=YES_NO)
    assert len(rosa.messages[-1].buttons) == 1


async def test_edits_that_telegram_refuses(bot: Bot, rosa: Phone) -> None:
    sent = await bot.send_message(101, "hola", reply_markup=YES_NO)
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content and reply markup"):
        await bot.edit_message_text("hola", 101, sent.message_id, reply_markup=YES_NO)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(101, sent.message_id, reply_markup=YES_NO)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("otra", 101, rosa.send("mía"))
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("otra", 101, 999)
    picture = await bot.send_photo(101, samples.photo())
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("otra", 101, picture.message_id)


async def test_both_sides_can_be_deleted_for_two_days(bot: Bot, rosa: Phone, clock: Clock) -> None:
    sent = await bot.send_message(101, "hola")
    word = rosa.send("jacaranda")
    clock.at += timedelta(hours=48)
    await bot.delete_message(101, word)
    assert [message.text for message in rosa.messages] == ["/start invitacion", "hola"]
    assert [message.deleted_at for message in rosa.history] == [None, None, clock.at]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(101, word)
    clock.at += timedelta(seconds=1)
    fresh = rosa.send("otra")
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await bot.delete_messages(101, [fresh, sent.message_id])
    assert rosa.messages[-1].text == "otra"
    await bot.delete_messages(101, [fresh, 998, 999])
    assert rosa.messages[-1].text == "hola"


async def test_no_more_than_a_hundred_at_once(bot: Bot, rosa: Phone) -> None:
    await bot.delete_messages(101, list(range(1, 101)))
    with pytest.raises(BadRequest, match="Too many message identifiers specified"):
        await bot.delete_messages(101, list(range(1, 102)))


async def test_a_press_is_answered_once_and_soon(bot: Bot, rosa: Phone, clock: Clock) -> None:
    sent = await bot.send_message(101, "¿?", reply_markup=YES_NO)
    first, late = rosa.tap(sent.message_id, "y"), rosa.tap(sent.message_id, "No")
    await bot.answer_callback_query(first, "Anotado", show_alert=True)
    assert [(toast.text, toast.show_alert) for toast in rosa.toasts] == [("Anotado", True)]
    clock.at += timedelta(minutes=2)
    for query in (first, late, "999"):
        with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
            await bot.answer_callback_query(query)


async def test_commands_are_those_of_the_narrowest_scope(bot: Bot, simulator: Simulator, rosa: Phone) -> None:
    await bot.set_my_commands([BotCommand("ayuda", "Hablar con alguien")])
    await bot.set_my_commands([BotCommand("pausa", "Descansar")], scope=BotCommandScopeAllPrivateChats())
    assert await bot.get_my_commands() == (BotCommand("ayuda", "Hablar con alguien"),)
    assert [command["command"] for command in simulator.bot.commands_for(rosa.chat)] == ["pausa"]
    await bot.set_my_commands([BotCommand("datos", "Descargar")], scope=BotCommandScopeChat(101))
    assert [command["command"] for command in simulator.bot.commands_for(rosa.chat)] == ["datos"]
    await bot.delete_my_commands(scope=BotCommandScopeChat(101))
    assert [command["command"] for command in simulator.bot.commands_for(rosa.chat)] == ["pausa"]
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([BotCommand("Ayuda", "x")])


async def test_the_bot_names_itself(bot: Bot) -> None:
    await bot.set_my_name("Hilo de prueba")
    await bot.set_my_short_description("Hola")
    assert (await bot.get_my_name()).name == "Hilo de prueba"
    assert (await bot.get_my_short_description()).short_description == "Hola"


async def test_typing_ends_with_the_next_message(bot: Bot, rosa: Phone) -> None:
    await bot.send_chat_action(101, "typing")
    assert rosa.chat.action == ("typing", NOON)
    await bot.send_message(101, "hola")
    assert rosa.chat.action is None
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await bot.send_chat_action(101, "dancing")


@pytest.mark.parametrize(
    ("method", "params", "error_code", "description"),
    [
        (
            "sendMessage",
            {"chat_id": 101, "text": "x", "chat": 1},
            400,
            'Bad Request: sendMessage has no parameter "chat"',
        ),
        ("sendMessage", {"chat_id": 101}, 400, 'Bad Request: parameter "text" is required'),
        ("sendMessage", {"text": "x"}, 400, 'Bad Request: parameter "chat_id" is required'),
        ("sendMessage", {"chat_id": 101, "text": 5}, 400, 'Bad Request: parameter "text" must be of type String'),
        (
            "deleteMessages",
            {"chat_id": 101, "message_ids": "1"},
            400,
            'Bad Request: parameter "message_ids" must be of type Array of Integer',
        ),
        (
            "sendMessage",
            {"chat_id": 101, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a", "data": "b"}]]}},
            400,
            'Bad Request: InlineKeyboardButton has no parameter "data"',
        ),
        (
            "sendMessage",
            {"chat_id": 101, "text": "x", "parse_mode": "Markdown"},
            400,
            "Bad Request: unsupported parse_mode (the simulator reads HTML)",
        ),
        ("sendDice", {"chat_id": 101}, 404, "Not Found: method not found"),
    ],
)
async def test_calls_off_the_specification(
    url: str, rosa: Phone, method: str, params: dict[str, object], error_code: int, description: str
) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{url}/bot{TOKEN}/{method}", json=params) as answer:
        body = await answer.json()
    assert (answer.status, body["ok"], body["error_code"]) == (error_code, False, error_code)
    assert body["description"] == description
    assert len(rosa.messages) == 1


async def test_every_described_method_is_there(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        for method in load()["methods"]:
            async with session.post(f"{url}/bot{TOKEN}/{method}") as answer:
                assert answer.status in {200, 400}, method


async def test_every_form_of_a_call_is_understood(url: str, rosa: Phone) -> None:
    address = f"{url}/bot{TOKEN}/sendmessage"
    multipart = aiohttp.FormData({"chat_id": "101", "text": "c"}, default_to_multipart=True)
    async with aiohttp.ClientSession() as session:
        for sending in (
            session.get(address, params={"chat_id": "101", "text": "a"}),
            session.post(address, data={"chat_id": "101", "text": "b", "disable_notification": "true"}),
            session.post(address, data=multipart),
            session.post(address, json={"chat_id": 101, "text": "d"}),
        ):
            async with sending as answer:
                assert (await answer.json())["ok"]
    assert [message.text for message in rosa.messages] == ["/start invitacion", "a", "b", "c", "d"]


async def test_she_can_only_do_what_an_app_offers(bot: Bot, rosa: Phone) -> None:
    sent = await bot.send_message(101, "¿?", reply_markup=YES_NO)
    with pytest.raises(PhoneError):
        rosa.tap(sent.message_id, "quizá")
    with pytest.raises(PhoneError):
        rosa.edit(sent.message_id, "otra")
    with pytest.raises(PhoneError):
        rosa.send("  ")
    await bot.delete_message(101, sent.message_id)
    with pytest.raises(PhoneError):
        rosa.tap(sent.message_id, "y")
    assert rosa.tap(sent.message_id, "y", stale=True)
