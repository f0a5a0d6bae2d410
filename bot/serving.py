"""A socket of our own and what answers on it; whoever has it served decides what that is.

* Nothing is said of the machine or of the program, and no line is logged for a call.
* Signals are left to the bot.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.cli.refusals import Refused

FINISH_SECONDS = 2
"""How long calls that are under way may take once the bot is told to stop, which must be done within five."""

# It would say a line of its own for each malformed call.
logging.getLogger("uvicorn").setLevel(logging.ERROR)


def listen(host: str, port: int, *, name: str) -> socket.socket:
    """A socket that calls may wait on. Raises Refused if it cannot be had, with the settings of that name."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        why = error.strerror or type(error).__name__
        raise Refused(f"{host} port {port} can't be listened on ({why}): set {name}_host and {name}_port") from None
    listening.listen()  # from here on calls wait until they are served
    return listening


class Server(uvicorn.Server):
    """Serves one application on sockets that are given; `most` connections at once."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            limit_concurrency=most,
            timeout_graceful_shutdown=FINISH_SECONDS,
        )
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None is taken."""
        yield
