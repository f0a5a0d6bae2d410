"""The Bot API methods as operations on the chats, with Telegram's limits and its words for each refusal.

- A method either does all that it says or raises RefusedError and changes nothing.
- Parameters come checked and typed from `spec.read_call`; what needs the state is checked here.
- getUpdates alone is not here: it waits, so it lives with the server (`simulator`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.demo import markup, wire
from bot.demo.chats import Attachment, Button, Chat, Chats, Kind, Message, Toast
from bot.demo.refusal import RefusedError, bad_request
from bot.demo.samples import VOICE_SECONDS
from bot.demo.spec import Upload
from bot.demo.updates import UpdateQueue

Json = dict[str, Any]

MAX_TEXT = 4096  # sendMessage: "1-4096 characters after entities parsing"
MAX_CAPTION = 1024  # sendDocument and the like: "0-1024 characters after entities parsing"
MAX_ROW_BUTTONS = 8
MAX_BUTTONS = 100
DELETABLE_FOR = timedelta(hours=48)  # deleteMessage
# Undocumented; bots report refusals from about a minute on. Short, so that a late answer shows in a test.
QUERY_LIVES = timedelta(minutes=1)
MAX_PHOTO_BYTES = 10_000_000  # "Sending files": 10 MB for photos, 50 MB for other files
MAX_FILE_BYTES = 50_000_000
MAX_DOWNLOAD_BYTES = 20_000_000  # getFile
CHAT_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
_TYPES = {"audio": "Audio", "document": "Document", "photo": "Photo", "voice": "VoiceNote", "sticker": "Sticker"}
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
_TOO_LATE = "query is too old and response timeout expired or query ID is invalid"


@dataclass
class BotMethods:
    """One bot's methods over its chats; `call` is the way in."""

    me: Json
    chats: Chats
    updates: UpdateQueue
    webhook: str = ""
    secret_token: str = ""
    picture: str = ""  # what tells the bot's own from any other; none at first
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)

    def call(self, method: str, given: Json, *, at: datetime) -> Any:
        """The result of a method (canonical name). Raises RefusedError."""
        return self._operations()[method](given, at)

    def _operations(self) -> dict[str, Callable[[Json, datetime], Any]]:
        return {
            "answerCallbackQuery": self._answer,
            "deleteMessage": self._delete_one,
            "deleteMessages": self._delete,
            "deleteMyCommands": self._delete_commands,
            "deleteWebhook": lambda given, at: self._set_webhook({**given, "url": ""}, at),
            "editMessageReplyMarkup": self._edit_buttons,
            "editMessageText": self._edit_text,
            "getChat": self._get_chat,
            "getFile": self._get_file,
            "getMe": lambda given, at: self.me,
            "getMyCommands": lambda given, at: self.commands.get(_scope(given), []),
            "getMyDescription": lambda given, at: self._get_own("description", given),
            "getMyName": lambda given, at: self._get_own("name", given),
            "getMyShortDescription": lambda given, at: self._get_own("short_description", given),
            "getUserProfilePhotos": self._get_pictures,
            "getWebhookInfo": self._webhook_info,
            "sendAudio": lambda given, at: self._send_file("audio", given, at=at),
            "sendChatAction": self._act,
            "sendDocument": lambda given, at: self._send_file("document", given, at=at),
            "sendMessage": self._send_text,
            "sendPhoto": lambda given, at: self._send_file("photo", given, at=at),
            "sendVoice": lambda given, at: self._send_file("voice", given, at=at),
            "setMyCommands": self._set_commands,
            "setMyDescription": lambda given, at: self._set_own("description", given),
            "setMyName": lambda given, at: self._set_own("name", given),
            "setMyShortDescription": lambda given, at: self._set_own("short_description", given),
            "setWebhook": self._set_webhook,
        }

    # Sending

    def _send_text(self, given: Json, at: datetime) -> Json:
        chat = self.chats.reachable(given["chat_id"])
        text, entities = _text(given)
        return self._post(chat, at, text=text, entities=entities, **_surroundings(chat, given))

    def _send_file(self, kind: Kind, given: Json, *, at: datetime) -> Json:
        chat = self.chats.reachable(given["chat_id"])
        caption, entities = _caption(given)
        surroundings = _surroundings(chat, given)
        attachment = self._attachment(kind, given[kind], seconds=given.get("duration", VOICE_SECONDS))
        return self._post(chat, at, text=caption, entities=entities, attachment=attachment, **surroundings)

    def _post(self, chat: Chat, at: datetime, **content: Any) -> Json:
        return wire.message(chat, self.chats.post(chat, "bot", at=at, **content), bot=self.me)

    def _attachment(self, kind: Kind, source: Upload | str, *, seconds: int) -> Attachment:
        if isinstance(source, str):
            if source not in self.chats.files:
                raise bad_request("wrong file identifier/HTTP URL specified")
            return self._of_kind(kind, self.chats.files[source][0])
        if not source.content:
            raise bad_request("file must be non-empty")
        if len(source.content) > (MAX_PHOTO_BYTES if kind == "photo" else MAX_FILE_BYTES):
            raise RefusedError(413, "Request Entity Too Large")
        attachment = Attachment(kind, "", source.file_name, source.mime_type, len(source.content))
        if kind == "photo":
            attachment = replace(attachment, size=_picture_size(source.content))
        if kind in ("audio", "voice"):
            heard_as = "audio/ogg" if source.content.startswith(b"OggS") else source.mime_type
            attachment = replace(attachment, seconds=seconds, mime_type=heard_as)
        return self.chats.keep_file(attachment, source.content)

    def _of_kind(self, kind: Kind, attachment: Attachment) -> Attachment:
        """A file sent before, by its id: it stays what it was ("Sending by file_id")."""
        if attachment.kind != kind:
            raise bad_request(f"can't use file of type {_TYPES[attachment.kind]} as {_TYPES[kind]}")
        return attachment

    def _act(self, given: Json, at: datetime) -> bool:
        chat = self.chats.reachable(given["chat_id"])
        if given["action"] not in CHAT_ACTIONS:
            raise bad_request("wrong parameter action in request")
        chat.action = (given["action"], at)
        return True

    # Changing and deleting

    def _own_message(self, given: Json, what: str) -> tuple[Chat, Message]:
        chat = self.chats.reachable(given.get("chat_id"))
        message = chat.shown(given.get("message_id", 0))
        if message is None:
            raise bad_request(f"{what} not found")
        if message.sender != "bot":
            raise bad_request("message can't be edited")
        return chat, message

    def _edit_text(self, given: Json, at: datetime) -> Json:
        chat, message = self._own_message(given, "message to edit")
        if message.attachment:
            raise bad_request("there is no text in the message to edit")
        text, entities = _text(given)
        buttons = _buttons(given)
        if (message.text, message.entities, message.buttons) == (text, entities, buttons):
            raise bad_request(_NOT_MODIFIED)
        changed = self.chats.change(message, text=text, entities=entities, buttons=buttons, edited_at=at)
        return wire.message(chat, changed, bot=self.me)

    def _edit_buttons(self, given: Json, at: datetime) -> Json:
        chat, message = self._own_message(given, "message to edit")
        buttons = _buttons(given)
        if message.buttons == buttons:
            raise bad_request(_NOT_MODIFIED)
        # Telegram sets edit_date here too, but its apps show "edited" for a changed text alone.
        return wire.message(chat, self.chats.change(message, buttons=buttons), bot=self.me)

    def _delete_one(self, given: Json, at: datetime) -> bool:
        if self.chats.reachable(given["chat_id"]).shown(given["message_id"]) is None:
            raise bad_request("message to delete not found")
        return self._delete({**given, "message_ids": [given["message_id"]]}, at)

    def _delete(self, given: Json, at: datetime) -> bool:
        chat = self.chats.reachable(given["chat_id"])
        found = [message for number in given["message_ids"] if (message := chat.shown(number))]
        if any(at - message.sent_at > DELETABLE_FOR for message in found):
            raise bad_request("message can't be deleted for everyone")
        for message in found:
            self.chats.change(message, deleted_at=at)
        return True

    # Answering a press

    def _answer(self, given: Json, at: datetime) -> bool:
        query = self.chats.queries.get(given["callback_query_id"])
        if query is None or query.answered or at - query.at > QUERY_LIVES:
            raise bad_request(_TOO_LATE)
        query.answered = True
        if given.get("text"):
            toast = Toast(given["text"], given.get("show_alert", False), at)
            self.chats.by_user[query.chat_id].toasts.append(toast)
        return True

    # The bot about itself

    def _get_chat(self, given: Json, at: datetime) -> Json:
        chat = self.chats.reachable(given["chat_id"])
        gifts = dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        )
        return {**wire.private_chat(chat), "accent_color_id": 0, "max_reaction_count": 0, "accepted_gift_types": gifts}

    def _get_file(self, given: Json, at: datetime) -> Json:
        attachment, content = self.chats.files.get(given["file_id"], (None, b""))
        if attachment is None:
            raise bad_request("invalid file_id")
        if len(content) > MAX_DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        return {**wire.file(attachment), "file_path": f"{attachment.kind}s/{attachment.file_id}"}

    def _set_commands(self, given: Json, at: datetime) -> bool:
        for command in given["commands"]:
            name = command["command"].removeprefix("/")
            if not (name.isascii() and name.replace("_", "").isalnum() and name == name.lower()):
                raise bad_request("BOT_COMMAND_INVALID")
        self.commands[_scope(given)] = given["commands"]
        return True

    def _delete_commands(self, given: Json, at: datetime) -> bool:
        self.commands.pop(_scope(given), None)
        return True

    def commands_for(self, chat: Chat) -> list[Json]:
        """The commands that this person's app offers: her chat's own, else those for private chats, else all."""
        for scope in (f"chat {chat.user_id}", "all_private_chats ", "default "):
            for language in (chat.language_code, ""):
                if (scope, language) in self.commands:
                    return self.commands[scope, language]
        return []

    def _get_own(self, name: str, given: Json) -> Json:
        unset = self.me["first_name"] if name == "name" else ""
        return {name: self.texts.get((name, given.get("language_code", "")), unset)}

    def _set_own(self, name: str, given: Json) -> bool:
        self.texts[name, given.get("language_code", "")] = given.get(name, "")
        return True

    def _get_pictures(self, given: Json, at: datetime) -> Json:
        one = {"file_id": self.picture, "file_unique_id": self.picture, "width": 640, "height": 640}
        photos = [[one]] if self.picture and given["user_id"] == self.me["id"] else []
        return {"total_count": len(photos), "photos": photos}

    def _set_webhook(self, given: Json, at: datetime) -> bool:
        self.webhook, self.secret_token = given["url"], given.get("secret_token", "")
        self.updates.allow(given.get("allowed_updates"))
        if given.get("drop_pending_updates"):
            self.updates.forget()
        return True

    def _webhook_info(self, given: Json, at: datetime) -> Json:
        waiting = len(self.updates.waiting)
        return {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": waiting}


def _scope(given: Json) -> tuple[str, str]:
    scope = given.get("scope", {"type": "default"})
    return f"{scope['type']} {scope.get('chat_id', '')}", given.get("language_code", "")


def _text(given: Json) -> tuple[str, tuple[markup.Entity, ...]]:
    text, entities = _formatted(given, text="text", entities="entities")
    if not text:
        raise bad_request("message text is empty")
    if markup.utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, entities


def _caption(given: Json) -> tuple[str, tuple[markup.Entity, ...]]:
    caption, entities = _formatted(given, text="caption", entities="caption_entities")
    if markup.utf16_length(caption) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return caption, entities


def _formatted(given: Json, *, text: str, entities: str) -> tuple[str, tuple[markup.Entity, ...]]:
    plain, found = markup.read(given.get(text, ""), given.get("parse_mode"))
    return plain, tuple(given.get(entities) or found)


def _surroundings(chat: Chat, given: Json) -> Json:
    """What any message may come with, by Message's names."""
    return {"reply_to": _reply_target(chat, given), "buttons": _buttons(given)}


def _reply_target(chat: Chat, given: Json) -> int | None:
    wanted = given.get("reply_parameters")
    if wanted is None:
        return None
    if chat.shown(wanted["message_id"]):
        return int(wanted["message_id"])
    if wanted.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def _buttons(given: Json) -> tuple[tuple[Button, ...], ...]:
    rows = given.get("reply_markup", {}).get("inline_keyboard", [])
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_ROW_BUTTONS for row in rows):
        raise bad_request("reply markup is too long")
    return tuple(tuple(map(_one_button, row)) for row in rows if row)


def _one_button(given: Json) -> Button:
    actions = [name for name in ("callback_data", "url", "copy_text") if name in given]
    if len(actions) != 1:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if not given["text"].strip():
        raise bad_request("can't parse inline keyboard button: Button text must not be empty")
    if "url" in given and not given["url"].startswith(("http://", "https://", "tg://")):
        raise bad_request(f"inline keyboard button URL '{given['url']}' is invalid: Wrong HTTP URL")
    return Button(given["text"], given.get("callback_data"), given.get("url"), given.get("copy_text", {}).get("text"))


def _picture_size(content: bytes) -> tuple[int, int]:
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) > 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith(b"\xff\xd8\xff"):
        return 1280, 960  # near enough: nothing here lays out by a JPEG's true size
    raise bad_request("IMAGE_PROCESS_FAILED")
