"""Long polling: what Telegram hands over is stored, and only then confirmed.

* The offset moves after the commit; a crash or a full disk before means a second delivery, which the inbox passes over.
* No offset comes from the store (update_ids may start anew after a silence): the first request carries none.
* Trouble is told once a spell, and is waited out with ever longer pauses.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.api import Api, seconds_to_wait
from bot.pacing import Spell
from bot.routing import chat_of
from storage import lanes, mail
from storage.database import Database
from storage.mail import Letter

log = logging.getLogger(__name__)

_SENTENCES = {
    "token_refused": "Telegram refuses the bot token",
    "intake_conflict": "another program receives this bot's updates, or a webhook is set",
    "intake_unreachable": "Telegram cannot be reached",
    "intake_not_stored": "updates cannot be stored",
}


class Intake:
    """Fetches updates into the inbox and sets `arrived` when there are any."""

    def __init__(
        self,
        api: Api,
        database: Database,
        *,
        arrived: asyncio.Event,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._database = database
        self._arrived = arrived
        self._sleep = sleep
        self._offset: int | None = None
        self._spell = Spell()

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            try:
                await self.poll_once()
            except (TelegramError, SQLAlchemyError, OSError) as error:
                await self._sleep(self._trouble(error))
            else:
                if self._spell.end():
                    log.info("updates arrive again", extra={"action": "intake_restored"})

    async def poll_once(self) -> int:
        """Fetch and store what is there, waiting for it if need be; returns how many. Raises whatever went wrong."""
        updates = await self._api.get_updates(self._offset)
        if not updates:
            # An empty answer means that all is confirmed; an offset kept for longer could hide ids that start anew.
            self._offset = None
            return 0
        chats = [_chat_of(update) for update in updates]
        async with self._database.transact() as tx:
            names = await lanes.named(tx, self._api.bot_id, {chat_id for chat_id in chats if chat_id is not None})
            letters = [
                Letter(self._api.bot_id, update["update_id"], None if chat_id is None else names[chat_id], update)
                for update, chat_id in zip(updates, chats, strict=True)
            ]
            await mail.receive(tx, letters)
        self._offset = letters[-1].update_id + 1
        self._arrived.set()
        return len(updates)

    def _trouble(self, error: Exception) -> float:
        """Tell of it where it is news; returns the seconds to wait."""
        action = _action(error)
        if self._spell.is_news(action):
            log.error(_SENTENCES[action], extra={"action": action, "error": type(error).__name__})
        pause = self._spell.pause()
        return seconds_to_wait(error) if isinstance(error, RetryAfter) else pause


def _chat_of(update: dict[str, Any]) -> int | None:
    """The chat to serve, or None for an update of a shape that nobody promised us: it must not come back for ever."""
    try:
        return chat_of(update)
    except (KeyError, TypeError, AttributeError):
        log.error(
            "an update has a strange shape", extra={"action": "update_strange", "update": update.get("update_id")}
        )
        return None


def _action(error: Exception) -> str:
    match error:
        case InvalidToken():
            return "token_refused"
        case Conflict():
            return "intake_conflict"
        case TelegramError():
            return "intake_unreachable"
        case _:
            return "intake_not_stored"
