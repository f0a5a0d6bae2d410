"""How the simulator says no: one exception, worded as Telegram words it, that any layer may raise."""

from __future__ import annotations

from typing import Any


class RefusedError(Exception):
    """A call that Telegram would not carry out; `answer()` is the body it sends, `error_code` also the HTTP status."""

    def __init__(self, error_code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.error_code = error_code
        self.description = description
        self.retry_after = retry_after

    def answer(self) -> dict[str, Any]:
        """The JSON object of a failed call."""
        body: dict[str, Any] = {"ok": False, "error_code": self.error_code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(what: str) -> RefusedError:
    """A 400 with Telegram's prefix."""
    return RefusedError(400, f"Bad Request: {what}")
