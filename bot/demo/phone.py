"""A person's phone: one private chat with the bot, and everything that she can do in it.

- What an app would not let her do raises PhoneError, so that a test can't play an impossible person.
- Each act becomes the update that Telegram would make of it, at the simulator's present moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.demo import markup, samples, wire
from bot.demo.chats import Attachment, Chat, Message, Toast
from bot.demo.methods import MAX_TEXT, BotMethods


class PhoneError(Exception):
    """The app offers no such thing: no such button, not her message, chat not started, bot blocked."""


class Phone:
    """One person's side of the chat. Sending returns the message_id."""

    def __init__(
        self, chat: Chat, bot: BotMethods, *, now: Callable[[], datetime], changed: Callable[[], None]
    ) -> None:
        self.chat = chat
        self._bot = bot
        self._now = now
        self._changed = changed

    @property
    def messages(self) -> list[Message]:
        """What is visible now, both sides, oldest first."""
        return self.chat.visible()

    @property
    def history(self) -> list[Message]:
        """All that was ever in the chat; deleted messages have `deleted_at`."""
        return list(self.chat.history.values())

    @property
    def toasts(self) -> list[Toast]:
        """The short notices that button presses brought, oldest first."""
        return self.chat.toasts

    def start(self, payload: str = "") -> int:
        """Open the chat (from a deep link if `payload`) and press Start; after a block this lets the bot back in."""
        if self.chat.blocked:
            self.unblock()
        self.chat.opened = True
        return self.send(f"/start {payload}".strip())

    def send(self, text: str) -> int:
        """Type a message; a longer one than Telegram takes goes out in pieces, as apps do (the last id is returned)."""
        pieces = [text[start : start + MAX_TEXT] for start in range(0, len(text), MAX_TEXT)] or [""]
        return [self._say(text=piece, entities=tuple(markup.find(piece))) for piece in pieces][-1]

    def reply(self, text: str, message_id: int) -> int:
        """Type a message that quotes another one."""
        self._shown(message_id)
        return self._say(text=text, entities=tuple(markup.find(text)), reply_to=message_id)

    def tap(self, message_id: int, choice: str, *, stale: bool = False) -> str:
        """Press the inline button with this callback_data or label and return the query's id; a link does nothing here.

        `stale` presses callback_data that the message no longer shows: her app had not yet heard of a change.
        """
        if stale:
            return self._press(self.chat.history[message_id], choice)
        message = self._shown(message_id)
        buttons = [button for row in message.buttons for button in row]
        matching = [b for b in buttons if b.callback_data == choice] or [b for b in buttons if b.text == choice]
        if not matching:
            raise PhoneError(f"no button {choice!r} under message {message_id}, only {[b.text for b in buttons]}")
        data = matching[0].callback_data
        return "" if data is None else self._press(message, data)

    def edit(self, message_id: int, text: str) -> None:
        """Correct one of her own messages."""
        message = self._shown(message_id)
        if message.sender != "person" or message.attachment:
            raise PhoneError(f"message {message_id} is not a text of hers")
        changed = self._bot.chats.change(message, text=text, entities=tuple(markup.find(text)), edited_at=self._now())
        self._tell("edited_message", wire.message(self.chat, changed, bot=self._bot.me))

    def photo(self, caption: str = "") -> int:
        """Send a drawn picture."""
        picture = Attachment("photo", "", "foto.png", "image/png", 0, size=samples.PHOTO_SIZE)
        return self._say(text=caption, attachment=(picture, samples.photo()))

    def sticker(self) -> int:
        """Send a sticker."""
        sticker = Attachment("sticker", "", "sticker.webp", "image/webp", 0, size=(512, 512))
        return self._say(attachment=(sticker, samples.STICKER))

    def voice(self, seconds: int = samples.VOICE_SECONDS) -> int:
        """Send a silent voice note of so many seconds."""
        note = Attachment("voice", "", "voz.ogg", "audio/ogg", 0, seconds=seconds)
        return self._say(attachment=(note, samples.voice(seconds)))

    def document(self, file_name: str, content: bytes, *, mime_type: str = "application/octet-stream") -> int:
        """Send a file."""
        return self._say(attachment=(Attachment("document", "", file_name, mime_type, 0), content))

    def block(self) -> None:
        """Block the bot."""
        self._set_blocked(True)

    def unblock(self) -> None:
        """Let the bot back in."""
        self._set_blocked(False)

    def _set_blocked(self, blocked: bool) -> None:
        if self.chat.blocked != blocked:
            self.chat.blocked = blocked
            self._tell("my_chat_member", wire.membership(self.chat, self._bot.me, at=self._now()))

    def _shown(self, message_id: int) -> Message:
        message = self.chat.shown(message_id)
        if message is None:
            raise PhoneError(f"message {message_id} is not in the chat")
        return message

    def _say(self, *, attachment: tuple[Attachment, bytes] | None = None, **content: Any) -> int:
        if not self.chat.opened or self.chat.blocked:
            raise PhoneError("she has not started this chat, or has blocked the bot")
        if attachment:
            content["attachment"] = self._bot.chats.keep_file(*attachment)
        elif not content["text"].strip():
            raise PhoneError("an empty message can't be sent")
        message = self._bot.chats.post(self.chat, "person", at=self._now(), **content)
        self._tell("message", wire.message(self.chat, message, bot=self._bot.me))
        return message.message_id

    def _press(self, message: Message, data: str) -> str:
        query = self._bot.chats.press(message, data, at=self._now())
        self._tell("callback_query", wire.callback_query(self.chat, query, bot=self._bot.me))
        return query.query_id

    def _tell(self, kind: str, body: wire.Json) -> None:
        self._bot.updates.add(kind, body)
        self._changed()
