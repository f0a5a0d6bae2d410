"""From a raw update to who it came from and what happened. Pure; only private chats are served.

A button's callback_data is `<session in hex>.<sprint>.<action>`: at most 16 + 1 + 5 + 1 + 40 of Telegram's 64 bytes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scheduler.dialogue import Attached, BlockedChanged, Event, FileSent, Started, Tapped, Wrote
from scheduler.runner import Incoming

MAX_ACTION = 40
NO_SESSION = 0
"""Stands for a button that is not of our making: no session has this id, so that tapping it changes nothing."""

SESSIONS = 1 << 63
"""Session ids are smaller than this."""

ATTACHMENTS = (
    "photo",
    "sticker",
    "voice",
    "audio",
    "video",
    "video_note",
    "animation",
    "document",
    "contact",
    "location",
    "poll",
    "dice",
)

FETCHED = ("photo", "voice", "audio", "video", "document")
"""Those that we may want the file of, or send on."""

MAX_NAME = 255
"""Characters of a file's name that are kept: what file systems allow, and more than anybody types."""

_START = "/start"


def callback_data(session: int, sprint: int, *, action: str) -> str:
    """What a button carries."""
    return f"{session:x}.{sprint}.{action}"


def chat_of(update: dict[str, Any]) -> int | None:
    """The private chat that an update belongs to, or None."""
    for kind in ("message", "edited_message", "my_chat_member"):
        if kind in update:
            chat = update[kind].get("chat", {})
            return chat.get("id") if chat.get("type") == "private" else None
    query = update.get("callback_query")
    if query is None:
        return None
    chat = query.get("message", {}).get("chat", {"id": query["from"]["id"], "type": "private"})
    return chat.get("id") if chat.get("type") == "private" else None


def read(update: dict[str, Any], at: datetime) -> Incoming | None:
    """What the update means, or None if it means nothing to us."""
    chat_id = chat_of(update)
    if chat_id is None:
        return None
    if (message := update.get("message")) is not None:
        return Incoming(chat_id, _said(message, at), message["message_id"], _replied_to(message))
    if (edited := update.get("edited_message")) is not None:
        words = edited.get("text", edited.get("caption"))
        changed = None if words is None else Wrote(at, words, edited=True)
        return None if changed is None else Incoming(chat_id, changed, about=edited["message_id"])
    if (query := update.get("callback_query")) is not None:
        return Incoming(chat_id, _tapped(query, at), about=query.get("message", {}).get("message_id"))
    status = update["my_chat_member"]["new_chat_member"]["status"]
    return Incoming(chat_id, BlockedChanged(at, blocked=status in ("kicked", "left")))


def _replied_to(message: dict[str, Any]) -> int | None:
    replied: int | None = message.get("reply_to_message", {}).get("message_id")
    return replied


def _said(message: dict[str, Any], at: datetime) -> Event:
    text = message.get("text")
    if text is None:
        kind = next((kind for kind in ATTACHMENTS if kind in message), "other")
        file = _file(message[kind]) if kind in FETCHED else None
        return Attached(at, kind, file, message.get("caption", ""), _within(message))
    command, _, token = text.partition(" ")
    if command == _START:
        return Started(at, token.strip() or None)
    return Wrote(at, text)


def _within(message: dict[str, Any]) -> str:
    """The words of a poll or of a contact that she passed on, each on a line of its own."""
    poll, contact = message.get("poll", {}), message.get("contact", {})
    options = [option.get("text") for option in poll.get("options", ())]
    name = " ".join(part for part in (contact.get("first_name"), contact.get("last_name")) if part)
    return "\n".join(part for part in (poll.get("question"), *options, poll.get("explanation"), name) if part)


def _file(sent: dict[str, Any] | list[dict[str, Any]]) -> FileSent | None:
    """The file; of a picture, which comes in several sizes, the largest."""
    file = sent[-1] if isinstance(sent, list) and sent else sent
    if isinstance(file, list) or "file_id" not in file:
        return None
    name = file.get("file_name", "")[:MAX_NAME]
    return FileSent(file["file_id"], file.get("file_size"), name, file.get("duration", 0))


def _tapped(query: dict[str, Any], at: datetime) -> Tapped:
    session, _, rest = query.get("data", "").partition(".")
    sprint, _, action = rest.partition(".")
    try:
        number, shown_in = int(session, 16), int(sprint)
    except ValueError:
        number, shown_in = NO_SESSION, 0
    if not NO_SESSION < number < SESSIONS:
        return Tapped(at, query["id"], NO_SESSION, 0, "")
    return Tapped(at, query["id"], number, shown_in, action[:MAX_ACTION])
