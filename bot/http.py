"""python-telegram-bot's HTTP, carried by aiohttp: one session, connections kept alive, JSON bodies by orjson.

* Whatever goes wrong on the way becomes TimedOut or NetworkError; what the server answers, python-telegram-bot judges.
* The address holds the token: no error made here quotes it, nor the answer, nor what was to be sent.
* Redirects are not followed: nobody sends the token elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import orjson
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    FormData,
    TCPConnector,
)
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

Seconds = Any
"""python-telegram-bot's ODVInput: a float, None for no limit, or BaseRequest.DEFAULT_NONE for the instance's own."""

_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each stage of a request: waiting for a free connection, connecting, sending, hearing an answer."""

    pool: float = 5.0
    connect: float = 5.0
    write: float = 5.0
    upload: float = 20.0
    read: float = 10.0


SLOWEST = 100_000
"""Bytes a second that a file gets through at least, over the line of a small office: 50 MB in eight minutes."""


class AnswerLost(NetworkError):
    """The request was on its way and no answer came: whether Telegram took it nobody knows."""

    __slots__ = ()


class AnswerLate(AnswerLost, TimedOut):
    """No answer came in time."""

    __slots__ = ()


class AiohttpRequest(BaseRequest):
    """Requests over one aiohttp session with at most `connections` open; to be initialised in a running loop."""

    __slots__ = ("_connections", "_session", "_timeouts")

    def __init__(self, *, connections: int, timeouts: Timeouts) -> None:
        self._connections = connections
        self._timeouts = timeouts
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer where a call says nothing else."""
        return self._timeouts.read

    async def initialize(self) -> None:
        """Open the session; once open, nothing."""
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=self._connections, ttl_dns_cache=300),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close the session; `initialize` opens a new one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        write_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        connect_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        pool_timeout: Seconds = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer. Raises TimedOut or NetworkError, as AnswerLost where the request may have been
        taken all the same, or BadRequest if a parameter is no JSON."""
        if self._session is None:
            raise RuntimeError("the request is not initialised")
        usual = self._timeouts
        files = {} if request_data is None else request_data.multipart_data
        sending = usual.upload + sum(map(_size, files.values())) / SLOWEST if files else usual.write
        timeout = _timeout(
            pool=_given(pool_timeout, usual.pool),
            connect=_given(connect_timeout, usual.connect),
            write=_given(write_timeout, sending),
            read=_given(read_timeout, usual.read),
        )
        body, headers = _body(request_data, files)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except ConnectionTimeoutError:
            raise TimedOut from None
        except TimeoutError:
            raise AnswerLate from None
        except ClientConnectorError as error:
            raise NetworkError(type(error).__name__) from None
        except (ClientError, OSError) as error:
            raise AnswerLost(type(error).__name__) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The JSON object of an answer. Raises TelegramError, and logs nothing of what it could not read."""
        try:
            answer: dict[str, Any] = orjson.loads(payload)
        except ValueError:
            raise TelegramError("Invalid server response") from None
        return answer


def _given(timeout: Seconds, usual: float) -> float | None:
    if timeout is BaseRequest.DEFAULT_NONE:
        return usual
    return None if timeout is None else float(timeout)


def _timeout(*, pool: float | None, connect: float | None, write: float | None, read: float | None) -> ClientTimeout:
    """aiohttp has no limit for sending alone: it counts into the total, which stays open if any stage is."""
    stages = [seconds for seconds in (pool, connect, write, read) if seconds is not None]
    return ClientTimeout(
        total=sum(stages) if len(stages) == 4 else None,
        connect=None if pool is None or connect is None else pool + connect,
        sock_connect=connect,
        sock_read=read,
    )


Upload = tuple[str, bytes | IO[bytes], str]
"""A file of a form as python-telegram-bot hands it over: its name, its content, its type."""


def _size(file: Upload) -> int:
    content = file[1]
    return len(content) if isinstance(content, bytes) else os.fstat(content.fileno()).st_size


def _body(
    data: RequestData | None, files: Mapping[str, Upload]
) -> tuple[bytes | FormData | None, dict[str, str] | None]:
    """The body and its headers: JSON, or a form where there are files."""
    if data is None:
        return None, None
    try:
        if not files:
            return orjson.dumps(data.parameters), _JSON
        fields = {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in data.parameters.items()
        }
    except TypeError:
        raise BadRequest("a parameter is no JSON") from None
    form = FormData(quote_fields=False)  # Telegram takes names of files as they are, in UTF-8
    for name, value in fields.items():
        form.add_field(name, value)
    for name, (file_name, content, mime_type) in files.items():
        form.add_field(name, content, filename=file_name, content_type=mime_type)
    return form, None
