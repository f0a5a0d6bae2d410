"""Telegram's Bot API over real HTTP on this machine, for one bot: for the demo and for end-to-end tests.

- Loopback only; nothing goes out, and a token is just the word that both sides agreed on.
- Every call passes the trimmed API description before it touches a chat; what fails changes nothing.
- One event loop owns all state: people act through `phone()` from that loop, the bot through HTTP.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from aiohttp import web

from bot.demo import spec
from bot.demo.chats import Chat, Chats
from bot.demo.faults import Fault, FaultPlan, SendingLimit
from bot.demo.methods import BotMethods
from bot.demo.phone import Phone
from bot.demo.refusal import RefusedError, bad_request
from bot.demo.updates import Update, UpdateQueue

T = TypeVar("T")

LOOPBACK = "127.0.0.1"
MAX_BODY_BYTES = 64_000_000  # above the API's own 50 MB, so that its own refusal is seen
DOWNLOAD = "download"
"""What `fail_next` calls the fetching of a file, which is no method."""

LONGEST_POLL = 50  # seconds; what Telegram's server allows
_TAKEN_OVER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_HAS_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@dataclass(frozen=True, slots=True)
class Call:
    """One Bot API call that was carried out: canonical method, typed parameters, moment."""

    method: str
    params: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """One Bot API call that got an error instead, whatever the reason."""

    method: str
    error_code: int
    description: str


class Bell:
    """Wakes everyone who waits for a change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake all who wait now."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def heard(self, seconds: float) -> None:
        """Return at the next ring, or after `seconds`."""
        with suppress(TimeoutError):
            # Not wait_for: until Python 3.12 it forgets a cancellation that comes together with the ring.
            async with asyncio.timeout(max(seconds, 0)):
                await self._event.wait()


class Simulator:
    """A Telegram for one bot. `calls` leaves getUpdates out: what it gave is in `updates_handed`."""

    def __init__(
        self, *, token: str, now: Callable[[], datetime], bot_username: str = "hilo_demo_bot", first_update_id: int = 1
    ) -> None:
        self.token = token
        self.now = now
        me = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Hilo", "username": bot_username}
        abilities = {"can_join_groups": False, "can_read_all_group_messages": False, "supports_inline_queries": False}
        self._updates = UpdateQueue(first_update_id)
        self.bot = BotMethods({**me, **abilities}, Chats(), self._updates)
        self.calls: list[Call] = []
        self.refused: list[Refused] = []
        self.bell = Bell()
        self._faults = FaultPlan()
        self._limit: SendingLimit | None = None
        self._poll = 0  # the poll that holds the line; a newer one ends it
        self._closing = False

    # People

    def phone(self, *, user_id: int, first_name: str, language_code: str = "es") -> Phone:
        """The phone of a person; asking again for the same `user_id` gives the same chat."""
        chat = self.bot.chats.by_user.setdefault(user_id, Chat(user_id, first_name, language_code))
        return Phone(chat, self.bot, now=self.now, changed=self.bell.ring)

    # What happened, and what shall

    @property
    def updates_handed(self) -> list[Update]:
        """Every update as often as getUpdates delivered it."""
        return self._updates.handed

    @property
    def updates_confirmed(self) -> list[int]:
        """The ids that an offset has confirmed."""
        return self._updates.confirmed

    @property
    def updates_waiting(self) -> list[Update]:
        """Updates that are not confirmed, delivered or not."""
        return self._updates.waiting

    def fail_next(self, method: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next `times` calls of `method`, or downloads, go wrong; faults of one method queue up."""
        if method not in (*spec.load()["methods"], DOWNLOAD):
            raise ValueError(f"the simulator has no method {method}")
        self._faults.add(method, [fault] * times)

    def sending_limit(self, *, per_second: int = 30, per_chat: float = 1, burst: int = 1) -> None:
        """From now on refuse with 429 what goes beyond these limits, on the simulator's clock."""
        self._limit = SendingLimit(per_second, per_chat, burst)

    async def wait_for(self, predicate: Callable[[], T], seconds: float = 5) -> T:
        """The first truthy value of `predicate`, tried at every change. Raises TimeoutError after real `seconds`."""
        async with asyncio.timeout(seconds):
            while not (value := predicate()):
                await self.bell.heard(0.05)  # some predicates look at what rings no bell
            return value

    # Serving

    @asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator[str]:
        """Serve the Bot API on the loopback; yields "http://127.0.0.1:PORT"."""
        async with self.serve_app(self.application(), port) as url:
            yield url

    def application(self) -> web.Application:
        """The aiohttp application, for one who adds pages to it."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        return app

    @asynccontextmanager
    async def serve_app(self, app: web.Application, port: int = 0) -> AsyncIterator[str]:
        """Serve `app` (made by `application`) on the loopback; open polls end when the block does."""
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, LOOPBACK, port)
        try:
            await site.start()
            yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
        finally:
            self._closing = True
            self.bell.ring()
            await runner.cleanup()
            self._closing = False

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        named = request.match_info["method"]
        method = spec.method_named(named)
        try:
            if request.match_info["token"] != self.token:
                raise RefusedError(401, "Unauthorized")
            if method is None:
                raise RefusedError(404, "Not Found: method not found")
            raw, uploads = await _parameters(request)
            result = await self._carry_out(method, spec.read_call(method, raw, uploads=uploads), request=request)
        except RefusedError as refusal:
            self.refused.append(Refused(method or named, refusal.error_code, refusal.description))
            return web.json_response(refusal.answer(), status=refusal.error_code)
        return web.json_response({"ok": True, "result": result})

    async def _carry_out(self, method: str, given: dict[str, Any], *, request: web.Request) -> Any:
        fault = self._faults.next_for(method)
        if fault is None:
            return await self._apply(method, given)
        result = await self._apply(method, given) if fault.applied else None
        await self._meet(fault, request)
        return result if fault.applied else await self._apply(method, given)

    @staticmethod
    async def _meet(fault: Fault | None, request: web.Request) -> None:
        """Let the request run into the fault. Raises RefusedError where it gets no further."""
        if fault is None:
            return
        await asyncio.sleep(fault.delay)
        if fault.drop:
            if request.transport:
                request.transport.abort()
            raise RefusedError(500, "the connection is gone")
        if refusal := fault.refusal():
            raise refusal

    async def _apply(self, method: str, given: dict[str, Any]) -> Any:
        if method == "getUpdates":
            return await self._get_updates(given)
        call = Call(method, given, self.now())
        self._keep_pace(call)
        result = self.bot.call(method, given, at=call.at)
        self.calls.append(call)
        self.bell.ring()
        return result

    def _keep_pace(self, call: Call) -> None:
        if self._limit is None or not _is_sending(call.method):
            return
        if wait := self._limit.wait(self._sends(), chat_id=call.params["chat_id"], at=call.at):
            raise RefusedError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)

    def _sends(self) -> Iterator[tuple[int, datetime]]:
        return ((call.params["chat_id"], call.at) for call in reversed(self.calls) if _is_sending(call.method))

    async def _get_updates(self, given: dict[str, Any]) -> list[Update]:
        if self.bot.webhook:
            raise RefusedError(409, _HAS_WEBHOOK)
        self._updates.allow(given.get("allowed_updates"))
        self._poll += 1
        poll = self._poll
        self.bell.ring()  # an older poll hears that it has lost the line
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + min(given.get("timeout", 0), LONGEST_POLL)
        while True:
            if poll != self._poll:
                raise RefusedError(409, _TAKEN_OVER)
            updates = self._updates.take(given.get("offset", 0), given.get("limit", 100))
            if updates or self._closing or loop.time() >= ends_at:
                return updates
            await self.bell.heard(ends_at - loop.time())

    async def _download(self, request: web.Request) -> web.Response:
        try:
            await self._meet(self._faults.next_for(DOWNLOAD), request)
        except RefusedError as refusal:
            return web.json_response(refusal.answer(), status=refusal.error_code)
        found = self.bot.chats.files.get(request.match_info["path"].partition("/")[2])
        if request.match_info["token"] != self.token or found is None:
            return web.json_response(RefusedError(404, "Not Found").answer(), status=404)
        return web.Response(body=found[1], content_type="application/octet-stream")


def _is_sending(method: str) -> bool:
    return method.startswith("send") and method != "sendChatAction"


async def _parameters(request: web.Request) -> tuple[dict[str, object], dict[str, spec.Upload]]:
    """Parameters of all four forms that the Bot API takes: query string, URL-encoded form, JSON, multipart."""
    raw: dict[str, object] = dict(request.query)
    uploads: dict[str, spec.Upload] = {}
    if request.content_type == "application/json":
        try:
            raw |= await request.json()
        except (json.JSONDecodeError, TypeError, ValueError):
            raise bad_request("can't parse the JSON body") from None
    else:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                with value.file as file:
                    uploads[name] = spec.Upload(value.filename, value.content_type, file.read())
            else:
                raw[name] = value
    return raw, uploads
