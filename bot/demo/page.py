"""The demo's page: serves it, streams to it what changes, and does on a phone what is pressed in it.

- Loopback names only, JSON bodies only and one strict content policy: no other site can read or steer the demo.
- The stream sends whole parts (one phone, the clock, the tables) when they differ from what this browser has,
  so a reconnect needs no history.
- The page knows nothing of Hilo: the clock, the tables and the people come from a Stage.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from bot.demo.chats import Attachment, Button, Message
from bot.demo.phone import Phone, PhoneError
from bot.demo.samples import STICKER_EMOJI
from bot.demo.simulator import Simulator

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FILES = Path(__file__).with_name("page")
LOOK_EVERY = 0.3  # seconds between two looks at the stage's clock and tables
ACTION_SHOWS = timedelta(seconds=5)  # sendChatAction: "5 seconds or less"
TOASTS_KEPT = 5
# Every other file is a download.
SHOWN_IN_PAGE = {"image/png", "image/jpeg", "image/webp", "audio/mp4", "audio/mpeg", "audio/ogg"}
MOST_DAYS, MOST_MONTHS = 31, 12
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the store as the page shows it; rows are text, in the order in which they are shown."""

    title: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class PhoneCard:
    """One phone on the page: whose it is, her invitation, and the word on paper; `role` is what she is, by a name for
    which the page has words."""

    user_id: int
    first_name: str
    role: str
    start_payload: str
    word: str | None = None


class Stage(Protocol):
    """What whoever builds a demo gives to the page."""

    phones: list[PhoneCard]

    def now(self) -> datetime:
        """The demo's moment, aware."""

    async def advance(self, *, days: int = 0, months: int = 0) -> None:
        """Let time pass; returns when what was due has happened. Raises TimeoutError if it never does."""

    async def advance_to_next(self) -> bool:
        """Let time pass to the next moment at which something is due; False if nothing is. Raises as `advance` does."""

    async def next_checkin(self) -> datetime | None:
        """When the next expected check-in opens; asked as often as the tables."""

    async def tables(self) -> list[Table]:
        """The rows of the store as they are now; asked several times a second."""


@asynccontextmanager
async def serve_page(simulator: Simulator, stage: Stage, *, port: int = 0) -> AsyncIterator[str]:
    """Serve the Bot API and the page together; yields "http://127.0.0.1:PORT"."""
    app = simulator.application()
    Page(simulator, stage).attach(app)
    async with simulator.serve_app(app, port) as url:
        yield url


class Page:
    """The page of one stage."""

    def __init__(self, simulator: Simulator, stage: Stage) -> None:
        self._simulator = simulator
        self._stage = stage
        self._cards = {card.user_id: card for card in stage.phones}
        self._phones = {
            card.user_id: simulator.phone(user_id=card.user_id, first_name=card.first_name) for card in stage.phones
        }
        self._tables: list[Table] = []
        self._next_checkin: datetime | None = None
        self._watching = 0
        self._passing = False
        self._open = True

    def attach(self, app: web.Application) -> None:
        """Add the page's routes and its watcher to the simulator's application."""
        app.middlewares.append(_guard)
        app.cleanup_ctx.append(self._watch)
        app.on_shutdown.append(self._close)
        app.on_response_prepare.append(_protect)
        app.router.add_get("/", self._index)
        app.router.add_static("/page/", FILES)
        app.router.add_get("/demo/events", self._stream)
        app.router.add_get("/demo/files/{file_id}", self._file)
        app.router.add_post("/demo/advance", self._advance)
        app.router.add_post("/demo/phones/{user_id:\\d+}/{act}", self._act)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(FILES / "index.html")

    # The stream

    async def _watch(self, app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._look())
        yield
        task.cancel()

    async def _look(self) -> None:
        """Ask the stage for its tables for as long as someone watches."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not self._watching:
                continue
            try:
                found = await self._stage.tables(), await self._stage.next_checkin()
            except Exception:  # whatever the stage meets must not end the page; the next look may succeed
                _log.exception("the stage gave no tables", extra={"action": "demo.tables"})
                continue
            if found != (self._tables, self._next_checkin):
                self._tables, self._next_checkin = found
                self._simulator.bell.ring()

    async def _close(self, app: web.Application) -> None:
        self._open = False
        self._simulator.bell.ring()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"retry: 1000\n\n")
        sent: dict[str, str] = {}
        self._watching += 1
        try:
            while self._open:
                for part, body in self._parts().items():
                    if sent.get(part) != body:
                        sent[part] = body
                        await response.write(f"event: {part.partition('-')[0]}\ndata: {body}\n\n".encode())
                await self._simulator.bell.heard(LOOK_EVERY)
        except ConnectionResetError:
            pass  # the browser has gone
        finally:
            self._watching -= 1
        return response

    def _parts(self) -> dict[str, str]:
        clock = {
            "now": self._stage.now().replace(microsecond=0, second=0).isoformat(),
            "next": self._next_checkin and self._next_checkin.isoformat(),
            "passing": self._passing,
        }
        parts: dict[str, Any] = {"clock": clock, "tables": [asdict(table) for table in self._tables]}
        for user_id, phone in self._phones.items():
            parts[f"phone-{user_id}"] = self._phone(self._cards[user_id], phone)
        return {name: json.dumps(body, ensure_ascii=False) for name, body in parts.items()}

    def _phone(self, card: PhoneCard, phone: Phone) -> Json:
        me = self._simulator.bot.me
        toasts = list(enumerate(phone.toasts))[-TOASTS_KEPT:]
        return {
            "user_id": card.user_id,
            "first_name": card.first_name,
            "role": card.role,
            "word": card.word,
            "bot": {"name": me["first_name"], "username": me["username"]},
            "opened": phone.chat.opened,
            "action": self._action(phone),
            "commands": self._simulator.bot.commands_for(phone.chat),
            "messages": [_message(message) for message in phone.messages],
            "toasts": [{"id": number, "text": toast.text, "alert": toast.show_alert} for number, toast in toasts],
        }

    def _action(self, phone: Phone) -> Json | None:
        if phone.chat.action is None:
            return None
        name, at = phone.chat.action
        return {"name": name, "at": at.isoformat()} if self._stage.now() - at < ACTION_SHOWS else None

    # What is pressed

    async def _advance(self, request: web.Request) -> web.StreamResponse:
        given = await _json_object(request)
        days, months, to_next = given.get("days", 0), given.get("months", 0), given.get("next", False)
        if not (_count(days, MOST_DAYS) and _count(months, MOST_MONTHS) and isinstance(to_next, bool)):
            raise web.HTTPBadRequest
        if self._passing:
            raise web.HTTPConflict
        # Shielded: a reload of the page ends the request, but time that has begun to pass must pass to its end.
        try:
            moved = await asyncio.shield(asyncio.create_task(self._pass_time(days, months, to_next=to_next)))
        except TimeoutError:
            raise web.HTTPServiceUnavailable from None
        return web.json_response({"ok": True, "moved": moved})

    async def _pass_time(self, days: int, months: int, *, to_next: bool) -> bool:
        self._passing = True
        self._simulator.bell.ring()
        try:
            if to_next:
                return await self._stage.advance_to_next()
            await self._stage.advance(days=days, months=months)
            return True
        finally:
            self._passing = False
            self._simulator.bell.ring()

    async def _act(self, request: web.Request) -> web.StreamResponse:
        user_id = int(request.match_info["user_id"])
        if user_id not in self._phones:
            raise web.HTTPNotFound
        given = await _json_object(request)
        try:
            self._do(request.match_info["act"], given, phone=self._phones[user_id])
        except (PhoneError, KeyError, TypeError, AttributeError):
            raise web.HTTPConflict from None  # the page was behind what happened; the stream brings it up to date
        return web.json_response({"ok": True})

    def _do(self, act: str, given: Json, *, phone: Phone) -> None:
        match act:
            case "start":
                phone.start(given.get("payload", self._cards[phone.chat.user_id].start_payload))
            case "send" if given.get("reply_to"):
                phone.reply(given["text"], given["reply_to"])
            case "send":
                phone.send(given["text"])
            case "tap":
                phone.tap(given["message_id"], given["choice"])
            case "edit":
                phone.edit(given["message_id"], given["text"])
            case "photo":
                phone.photo()
            case "voice":
                phone.voice()
            case "sticker":
                phone.sticker()
            case _:
                raise web.HTTPNotFound

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = self._simulator.bot.chats.files.get(request.match_info["file_id"])
        if found is None:
            raise web.HTTPNotFound
        attachment, content = found
        if attachment.mime_type in SHOWN_IN_PAGE:
            return web.Response(body=content, content_type=attachment.mime_type)
        # The page names the file (its link's `download`), which spares a header with free text in it.
        headers = {"Content-Disposition": "attachment"}
        return web.Response(body=content, content_type="application/octet-stream", headers=headers)


def _message(message: Message) -> Json:
    return {
        "id": message.message_id,
        "sender": message.sender,
        "at": message.sent_at.isoformat(),
        "text": _as_apps_show(message),
        "entities": message.entities,
        "buttons": [[_button(button) for button in row] for row in message.buttons],
        "reply_to": message.reply_to,
        "attachment": _attachment(message.attachment) if message.attachment else None,
        "edited": message.edited_at is not None,
    }


def _as_apps_show(message: Message) -> str:
    """Apps show a deep link's "/start PAYLOAD" as a bare /start."""
    hidden = message.sender == "person" and message.text.startswith("/start ")
    return "/start" if hidden else message.text


def _button(button: Button) -> Json:
    actions = {"tap": button.callback_data, "open": button.url, "copy": button.copy_text}
    return {"text": button.text, **{act: value for act, value in actions.items() if value is not None}}


def _attachment(attachment: Attachment) -> Json:
    shown = {**asdict(attachment), "url": f"/demo/files/{attachment.file_id}"}
    return {**shown, "emoji": STICKER_EMOJI} if attachment.kind == "sticker" else shown


def _count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


async def _json_object(request: web.Request) -> Json:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        given = await request.json()
    except ValueError:
        raise web.HTTPBadRequest from None
    if not isinstance(given, dict):
        raise web.HTTPBadRequest
    return given


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a foreign Host (DNS rebinding) or a foreign page's request."""
    local = urlsplit(f"//{request.host}").hostname in {"127.0.0.1", "localhost"}
    own = request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    if not local or (request.path.startswith("/demo/") and not own):
        raise web.HTTPForbidden
    return await handler(request)


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY)
