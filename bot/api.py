"""The Bot API through python-telegram-bot, raw: JSON goes in and comes out, no object is built of it.

* Whatever fails raises python-telegram-bot's errors, and none of them holds the token.
* The long poll has connections of its own, so that it never keeps a message waiting.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TelegramError
from telegram.warnings import PTBUserWarning

from bot.http import AiohttpRequest, Timeouts
from bot.tally import DONE, Tally

CONNECTIONS = 64
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
MOST_UPDATES = 100
"""What one getUpdates gives at most (Bot API)."""

DOWNLOAD_SECONDS = 120.0
"""How long a file may take: 20 MB, the most that a bot may fetch, over the slowest line of a small office."""

POLL_MARGIN = 10.0
"""Seconds beyond the long poll's own in which its empty answer must arrive."""

# python-telegram-bot's own switch: without it, each RetryAfter warns that retry_after will be a timedelta one day.
os.environ.setdefault("PTB_TIMEDELTA", "true")

# At its lowest level python-telegram-bot logs the address with the token, and what women are asked and answer.
logging.getLogger("telegram").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Call:
    """One Bot API call to be made: the method's name and its parameters, both verbatim."""

    method: str
    params: dict[str, Any]


class _RawBot(Bot):
    """A Bot that does not mind being asked for methods that it has."""

    __slots__ = ()

    @classmethod
    def _warn(cls, message: str | PTBUserWarning, *args: Any, **kwargs: Any) -> None:
        if not str(message).startswith("Please use 'Bot."):
            super()._warn(message, *args, **kwargs)


class Api:
    """One bot at one Bot API server; to be entered before use.

    `address` is the server's, without "/bot"; `poll_seconds` is how long getUpdates may wait for something to happen.
    How its calls end is counted in `tally`.
    """

    def __init__(self, token: str, address: str, *, poll_seconds: int = 25) -> None:
        self.tally = Tally()
        self._token = token
        self._files = f"{address}/file/bot{token}"
        self._poll_seconds = poll_seconds
        self._requests = (
            AiohttpRequest(connections=2, timeouts=Timeouts(read=poll_seconds + POLL_MARGIN)),
            AiohttpRequest(connections=CONNECTIONS, timeouts=Timeouts()),
        )
        polling, calling = self._requests
        self._bot = _RawBot(token, base_url=f"{address}/bot", request=calling, get_updates_request=polling)

    @property
    def bot_id(self) -> int:
        """The bot's user id, which its token begins with."""
        return int(self._token.partition(":")[0])

    async def __aenter__(self) -> Self:
        for request in self._requests:
            await request.initialize()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for request in self._requests:
            await request.shutdown()

    async def call(self, method: str, /, **params: Any) -> Any:
        """Telegram's `result` as JSON. Raises TelegramError, as RetryAfter, Forbidden, BadRequest, NetworkError…"""
        try:
            result = await self._bot.do_api_request(method, params)
        except TelegramError as error:
            self.tally.calls[method, type(error).__name__] += 1
            error.message = error.message.replace(self._token, "TOKEN")  # a proxy's error page may quote the address
            raise error from None
        self.tally.calls[method, DONE] += 1
        return result

    async def get_me(self) -> dict[str, Any]:
        """The bot as a User. Raises InvalidToken if Telegram does not know the token."""
        me: dict[str, Any] = await self.call("getMe")
        return me

    async def get_updates(self, offset: int | None) -> list[dict[str, Any]]:
        """Wait for updates from `offset` on, which confirms those before it; None asks for all unconfirmed ones."""
        start = {} if offset is None else {"offset": offset}
        updates: list[dict[str, Any]] = await self.call(
            "getUpdates", limit=MOST_UPDATES, timeout=self._poll_seconds, allowed_updates=ALLOWED_UPDATES, **start
        )
        return updates

    async def download(self, file_path: str) -> bytes:
        """The file that getFile has just given this path. Raises TelegramError, which holds neither token nor path."""
        address = f"{self._files}/{quote(file_path)}"
        _, calling = self._requests
        status, content = await calling.do_request(address, "GET", read_timeout=DOWNLOAD_SECONDS)
        if status != HTTPStatus.OK:
            raise NetworkError(f"the file was answered with {status}")
        return content


def seconds_to_wait(error: RetryAfter) -> float:
    """For how long Telegram wants to hear nothing."""
    wait = error.retry_after
    return float(wait) if isinstance(wait, int) else wait.total_seconds()
