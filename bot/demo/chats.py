"""What Telegram's servers would remember for one bot: private chats, their messages, files and button presses.

- Pure state: no network and no clock of its own; every change takes the moment as an argument.
- Messages are frozen; an edit or a deletion puts a new value in place of the old, so a snapshot stays what it was.
- Identifiers of messages, files and callback queries count up from one, so two equal runs are equal.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from bot.demo.markup import Entity
from bot.demo.refusal import RefusedError, bad_request

Kind = Literal["audio", "document", "photo", "voice", "sticker"]


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button, with the Bot API's names; exactly one of the three actions is set."""

    text: str
    callback_data: str | None = None
    url: str | None = None
    copy_text: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message; `size` is width and height of a picture, `seconds` how long a sound plays."""

    kind: Kind
    file_id: str
    file_name: str
    mime_type: str
    file_size: int
    size: tuple[int, int] = (0, 0)
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it stands; `text` holds the caption where there is an attachment."""

    message_id: int
    chat_id: int
    sender: Literal["bot", "person"]
    sent_at: datetime
    text: str = ""
    entities: tuple[Entity, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    reply_to: int | None = None
    attachment: Attachment | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Toast:
    """What a person saw after pressing a button (answerCallbackQuery with text)."""

    text: str
    show_alert: bool
    at: datetime


@dataclass(slots=True)
class CallbackQuery:
    """A button press that the bot may answer once, for a while."""

    query_id: str
    chat_id: int
    message_id: int
    data: str
    at: datetime
    answered: bool = False


@dataclass(slots=True)
class Chat:
    """The private chat between the bot and one person; `opened` once she has pressed Start."""

    user_id: int
    first_name: str
    language_code: str
    opened: bool = False
    blocked: bool = False
    history: dict[int, Message] = field(default_factory=dict)
    toasts: list[Toast] = field(default_factory=list)
    action: tuple[str, datetime] | None = None

    def visible(self) -> list[Message]:
        """The messages not deleted, oldest first."""
        return [message for message in self.history.values() if message.deleted_at is None]

    def shown(self, message_id: int) -> Message | None:
        """A message that is still there."""
        message = self.history.get(message_id)
        return message if message and message.deleted_at is None else None


@dataclass(slots=True)
class Chats:
    """All chats of the bot, with what is numbered across them."""

    by_user: dict[int, Chat] = field(default_factory=dict)
    files: dict[str, tuple[Attachment, bytes]] = field(default_factory=dict)
    queries: dict[str, CallbackQuery] = field(default_factory=dict)
    _message_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def reachable(self, chat_id: object) -> Chat:
        """The chat that the bot may write to. Raises RefusedError: 400 never opened, 403 blocked."""
        chat = self.by_user.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None or not chat.opened:
            raise bad_request("chat not found")
        if chat.blocked:
            raise RefusedError(403, "Forbidden: bot was blocked by the user")
        return chat

    def post(self, chat: Chat, sender: Literal["bot", "person"], *, at: datetime, **content: Any) -> Message:
        """A new message at the end of `chat`; `content` are further fields of Message."""
        message = Message(next(self._message_ids), chat.user_id, sender, at, **content)
        chat.history[message.message_id] = message
        if sender == "bot":
            chat.action = None
        return message

    def change(self, message: Message, **content: Any) -> Message:
        """Put `message` with other content in its place."""
        changed = replace(message, **content)
        self.by_user[message.chat_id].history[message.message_id] = changed
        return changed

    def keep_file(self, attachment: Attachment, content: bytes) -> Attachment:
        """Store a file and return its attachment with the file_id that it got."""
        kept = replace(attachment, file_id=f"{attachment.kind}-{len(self.files) + 1}", file_size=len(content))
        self.files[kept.file_id] = (kept, content)
        return kept

    def press(self, message: Message, data: str, *, at: datetime) -> CallbackQuery:
        """Note that a button was pressed."""
        query = CallbackQuery(str(len(self.queries) + 1), message.chat_id, message.message_id, data, at)
        self.queries[query.query_id] = query
        return query
