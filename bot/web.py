"""The web surface: one secret path on which Telegram hands over updates, and nothing else.

* A call is answered with 200 only once its update is stored; what cannot be stored now, Telegram brings again.
* Whoever does not know the path learns nothing: 404 without a body. Whoever knows it and not the secret opens nothing;
  both are compared in constant time, drawn once for an installation, kept sealed and never logged.
* A body is measured before it is read on, and given so much time; what is turned away is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.api import ALLOWED_UPDATES, Api, seconds_to_wait
from bot.intake import MAX_BYTES, is_update, take_in
from bot.pacing import Spell
from bot.serving import Server
from storage import installation, turned_away
from storage.database import Database, Tx
from storage.turned_away import What

log = logging.getLogger(__name__)

SECRET_HEADER = "x-telegram-bot-api-secret-token"
"""Bot API, setWebhook: what Telegram sends `secret_token` in."""

SECRET_BITS = 256
BODY_SECONDS = 10.0
"""How long the body of a call may take: Telegram's are small, and there at once."""

MOST_AT_ONCE = 256
"""Connections: Telegram opens 40 at most unless it is asked for more (setWebhook, max_connections)."""

COUNT_SECONDS = 5.0
"""How often what was turned away is written down, so that a flood of it does not keep the store busy."""

_PATH, _SECRET = "webhook_path", "webhook_secret"


@dataclass(frozen=True, slots=True, repr=False)
class Doorway:
    """Where Telegram calls (`url`, whole), the path of it, and the secret that it brings."""

    url: str
    path: str
    secret: str


async def doorway(tx: Tx, public: str) -> Doorway:
    """The doorway of this installation below that public address; its secrets are drawn at the first time."""
    path, secret = [await _secret(tx, name) for name in (_PATH, _SECRET)]
    url = f"{public}/telegram/{path}"
    return Doorway(url, urlsplit(url).path, secret)


async def _secret(tx: Tx, name: str) -> str:
    known = await installation.recall_sealed(tx, name)
    if known is None:
        known = tx.ids.token(SECRET_BITS)
        await installation.remember_sealed(tx, name, known)
    return known


class Surface:
    """What answers calls; an ASGI application for whatever method and path."""

    def __init__(self, door: Doorway, take: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._path, self._secret = door.path.encode(), door.secret.encode()
        self._take = take
        self.away: Counter[What] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, with a status alone."""
        request = Request(scope, receive)
        try:
            status = await self._answer(request)
        except (SQLAlchemyError, OSError) as error:
            told = {"action": "intake_not_stored", "error": type(error).__name__}
            log.error("an update cannot be stored", extra=told)
            status = HTTPStatus.SERVICE_UNAVAILABLE
        except Exception as error:  # ours: told without what was sent, which a traceback could hold
            log.error("a call failed", extra={"action": "webhook_failed", "error": type(error).__name__})
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        await Response(status_code=status)(scope, receive, send)

    async def _answer(self, request: Request) -> HTTPStatus:
        here = hmac.compare_digest(request.scope["path"].encode("utf-8", "replace"), self._path)
        if not here or request.method != "POST":
            return self._refuse(What.UNKNOWN_PATH, HTTPStatus.NOT_FOUND)
        brought = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(brought, self._secret):
            return self._refuse(What.WRONG_SECRET, HTTPStatus.FORBIDDEN)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return self._refuse(What.MALFORMED, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return self._refuse(What.MALFORMED, HTTPStatus.REQUEST_TIMEOUT)
        if body is None:
            return self._refuse(What.TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return await self._store(body)

    async def _store(self, body: bytes) -> HTTPStatus:
        try:
            update = orjson.loads(body)
        except ValueError:
            update = None
        if not is_update(update):
            return self._refuse(What.MALFORMED, HTTPStatus.BAD_REQUEST)
        await self._take(update)
        return HTTPStatus.OK

    def _refuse(self, what: What, status: HTTPStatus) -> HTTPStatus:
        self.away[what] += 1
        return status


async def _body(request: Request) -> bytes | None:
    """The whole body, or None where it is larger than an update may be: then it is not read to its end."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > MAX_BYTES:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)


def application(surface: Surface) -> Starlette:
    """The surface as a Starlette application, which has no other route."""
    return Starlette(routes=[Route("/{anything:path}", surface)], exception_handlers={HTTPStatus.NOT_FOUND: _nothing})


async def _nothing(request: Request, error: Exception) -> Response:
    return Response(status_code=HTTPStatus.NOT_FOUND)


class WebIntake:
    """Has Telegram call, stores what it brings, and sets `arrived`; in the place of `Intake`."""

    def __init__(
        self,
        api: Api,
        database: Database,
        *,
        door: Doorway,
        listening: socket.socket,
        arrived: asyncio.Event,
    ) -> None:
        self._api = api
        self._database = database
        self._door = door
        self._socket = listening
        self._arrived = arrived
        self._surface = Surface(door, self._take)
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Serve until cancelled; what is under way then is finished."""
        server = Server(application(self._surface), most=MOST_AT_ONCE)
        serving = asyncio.create_task(server.serve(sockets=[self._socket]))
        announcing = asyncio.create_task(self._announce())
        counting = asyncio.create_task(self._keep_counting())
        try:
            await asyncio.wait({serving, counting}, return_when=asyncio.FIRST_COMPLETED)
            raise RuntimeError("the web surface ended by itself")
        finally:
            server.should_exit = True
            announcing.cancel()
            await asyncio.wait({serving, announcing})
            self._over.set()
            await asyncio.wait({counting})

    async def _take(self, update: dict[str, Any]) -> None:
        await take_in(self._database, [update], bot_id=self._api.bot_id)
        self._arrived.set()

    async def _keep_counting(self) -> None:
        """Until it is over, and then once more; it is not cancelled, for it writes."""
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(COUNT_SECONDS):
                    await self._over.wait()
            with contextlib.suppress(SQLAlchemyError, OSError):  # they stay in memory until they can be written
                await self._write_counts()

    async def _write_counts(self) -> None:
        away = Counter(self._surface.away)
        if away:
            async with self._database.transact() as tx:
                await turned_away.count(tx, away)
            self._surface.away -= away

    async def _announce(self) -> None:
        """Tell Telegram where to call, until it has taken it."""
        spell = Spell()
        while True:
            try:
                await self._api.call(
                    "setWebhook",
                    url=self._door.url,
                    secret_token=self._door.secret,
                    allowed_updates=ALLOWED_UPDATES,
                    drop_pending_updates=False,
                )
            except TelegramError as error:
                pause = spell.pause()
                if spell.is_news(type(error).__name__):
                    print(f"{_sentence(error)}, and does not know this bot's address yet; it is told again", flush=True)
                    log.error(_sentence(error), extra={"action": "webhook_not_set", "error": type(error).__name__})
                await asyncio.sleep(seconds_to_wait(error) if isinstance(error, RetryAfter) else pause)
            else:
                print("Telegram knows this bot's address", flush=True)
                log.info("Telegram calls this bot", extra={"action": "webhook_set"})
                return


def _sentence(error: TelegramError) -> str:
    match error:
        case InvalidToken():
            return "Telegram refuses the bot token"
        case BadRequest():
            return "Telegram refuses the webhook's address: it wants https on port 443, 80, 88 or 8443"
        case _:
            return "Telegram cannot be reached"
