"""Chats and messages as the JSON objects of the Bot API, with the API's names verbatim.

- Only fields that Telegram would send are set; python-telegram-bot parses every one of them.
- Times are Unix seconds here and nowhere else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.demo.chats import Attachment, Button, CallbackQuery, Chat, Message
from bot.demo.samples import STICKER_EMOJI

Json = dict[str, Any]


def user(chat: Chat) -> Json:
    """The person of a private chat, as a User."""
    return {"id": chat.user_id, "is_bot": False, "first_name": chat.first_name, "language_code": chat.language_code}


def private_chat(chat: Chat) -> Json:
    """A Chat."""
    return {"id": chat.user_id, "type": "private", "first_name": chat.first_name}


def message(chat: Chat, shown: Message, *, bot: Json, nested: bool = False) -> Json:
    """A Message; one that answers another carries that other, once."""
    body: Json = {
        "message_id": shown.message_id,
        "from": bot if shown.sender == "bot" else user(chat),
        "chat": private_chat(chat),
        "date": int(shown.sent_at.timestamp()),
    }
    if shown.edited_at:
        body["edit_date"] = int(shown.edited_at.timestamp())
    if shown.reply_to and not nested and (original := chat.shown(shown.reply_to)):
        body["reply_to_message"] = message(chat, original, bot=bot, nested=True)
    text, entities = ("caption", "caption_entities") if shown.attachment else ("text", "entities")
    if shown.text:
        body[text] = shown.text
    if shown.entities:
        body[entities] = list(shown.entities)
    if shown.attachment:
        body[shown.attachment.kind] = _media(shown.attachment)
    if shown.buttons:
        body["reply_markup"] = {"inline_keyboard": [[_button(button) for button in row] for row in shown.buttons]}
    return body


def callback_query(chat: Chat, query: CallbackQuery, *, bot: Json) -> Json:
    """A CallbackQuery; a message deleted meanwhile is an InaccessibleMessage."""
    pressed = chat.shown(query.message_id)
    gone = {"chat": private_chat(chat), "message_id": query.message_id, "date": 0}
    return {
        "id": query.query_id,
        "from": user(chat),
        "chat_instance": str(chat.user_id),
        "data": query.data,
        "message": message(chat, pressed, bot=bot) if pressed else gone,
    }


def membership(chat: Chat, bot: Json, *, at: datetime) -> Json:
    """A ChatMemberUpdated: the person has just blocked the bot or let it back in."""
    now, before = ("kicked", "member") if chat.blocked else ("member", "kicked")
    return {
        "chat": private_chat(chat),
        "from": user(chat),
        "date": int(at.timestamp()),
        "old_chat_member": _member(bot, before),
        "new_chat_member": _member(bot, now),
    }


def _member(bot: Json, status: str) -> Json:
    return {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}


def _button(button: Button) -> Json:
    body: Json = {"text": button.text}
    if button.callback_data is not None:
        body["callback_data"] = button.callback_data
    if button.url is not None:
        body["url"] = button.url
    if button.copy_text is not None:
        body["copy_text"] = {"text": button.copy_text}
    return body


def file(attachment: Attachment) -> Json:
    """What every kind of file has in common."""
    return {
        "file_id": attachment.file_id,
        "file_unique_id": f"u-{attachment.file_id}",
        "file_size": attachment.file_size,
    }


def _media(attachment: Attachment) -> Json | list[Json]:
    width, height = attachment.size
    match attachment.kind:
        case "photo":
            return [{**file(attachment), "width": width, "height": height}]
        case "voice":
            return {**file(attachment), "duration": attachment.seconds, "mime_type": attachment.mime_type}
        case "audio":
            sound: Json = {"duration": attachment.seconds, "mime_type": attachment.mime_type}
            return {**file(attachment), **sound, "file_name": attachment.file_name}
        case "sticker":
            sticker: Json = {"type": "regular", "width": width, "height": height, "emoji": STICKER_EMOJI}
            return {**file(attachment), **sticker, "is_animated": False, "is_video": False}
        case "document":
            return {**file(attachment), "file_name": attachment.file_name, "mime_type": attachment.mime_type}
