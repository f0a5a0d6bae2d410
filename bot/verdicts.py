"""What an error of Telegram's means for the message that met it.

* A second attempt that finds the first one done counts as done.
* Whoever blocked us, is gone, or was never there is told apart: nothing reaches that chat any more.
"""

from __future__ import annotations

from enum import Enum

from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

# Telegram's words for what a second attempt meets when the first one worked, or when there is nothing left to do.
ALREADY_DONE = (
    "message is not modified",
    "message to edit not found",
    "message to delete not found",
    "query is too old",
)


class Verdict(Enum):
    """What an error of Telegram's means for the parcel that met it."""

    DONE = "done"
    RETRY = "retry"
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    NO_CHAT = "chat_not_found"
    REFUSED = "bad_request"


SHUT = (Verdict.BLOCKED, Verdict.DEACTIVATED, Verdict.NO_CHAT)
"""Nothing reaches this chat any more."""


def judge(error: TelegramError) -> Verdict:
    """What to do about any error but RetryAfter."""
    match error:
        case Forbidden():
            return Verdict.DEACTIVATED if "deactivated" in error.message.lower() else Verdict.BLOCKED
        case BadRequest():
            said = error.message.lower()
            if "chat not found" in said:
                return Verdict.NO_CHAT
            return Verdict.DONE if any(words in said for words in ALREADY_DONE) else Verdict.REFUSED
        case ChatMigrated():
            return Verdict.REFUSED
        case _:
            return Verdict.RETRY
