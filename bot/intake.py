"""What Telegram hands over is stored, and only then confirmed; and the long polling that fetches it.

* `take_in` is the one way in, whichever way Telegram's updates came: what is no update, what is too large and what has
  a shape that nobody promised us opens nothing, and is counted.
* The offset moves after the commit; a crash or a full disk before means a second delivery, which the inbox passes over.
* No offset comes from the store (update_ids may start anew after a silence): the first request carries none.
* A webhook that is set, from an earlier run, is removed: who polls wants no other way.
* Trouble is told once a spell, and is waited out with ever longer pauses.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.api import Api, seconds_to_wait
from bot.pacing import Spell
from bot.routing import chat_of
from storage import lanes, mail, turned_away
from storage.database import Database
from storage.mail import Letter
from storage.turned_away import What

log = logging.getLogger(__name__)

MAX_BYTES = 1_000_000
"""Of one update, in JSON: the longest message with all that Telegram says about it takes a tenth of this."""

_MOST = 1 << 63
"""Ids are smaller than this, in Telegram's words and in a database."""

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
        updates = await self._get_updates()
        if not updates:
            # An empty answer means that all is confirmed; an offset kept for longer could hide ids that start anew.
            self._offset = None
            return 0
        last = await take_in(self._database, updates, bot_id=self._api.bot_id)
        if last is None:
            raise NetworkError("no update among what came")
        self._offset = last + 1
        self._arrived.set()
        return len(updates)

    async def _get_updates(self) -> list[dict[str, Any]]:
        try:
            return await self._api.get_updates(self._offset)
        except Conflict as conflict:
            if "webhook" not in conflict.message.lower():
                raise
        await self._api.call("deleteWebhook", drop_pending_updates=False)
        log.warning("a webhook was set and is removed", extra={"action": "webhook_removed"})
        return await self._api.get_updates(self._offset)

    def _trouble(self, error: Exception) -> float:
        """Tell of it where it is news; returns the seconds to wait."""
        action = _action(error)
        if self._spell.is_news(action):
            log.error(_SENTENCES[action], extra={"action": action, "error": type(error).__name__})
        pause = self._spell.pause()
        return seconds_to_wait(error) if isinstance(error, RetryAfter) else pause


async def take_in(database: Database, updates: Sequence[Any], *, bot_id: int) -> int | None:
    """Store these updates in one transaction, and count what is turned away; returns the last one's update_id, or None
    where none of them is an update. Raises what the database raises, and then nothing is stored."""
    away: Counter[What] = Counter()
    whole = [update for update in updates if is_update(update)]
    away[What.MALFORMED] = len(updates) - len(whole)
    chats = [_chat_of(update, away) for update in whole]
    async with database.transact() as tx:
        names = await lanes.named(tx, bot_id, {chat_id for chat_id in chats if chat_id is not None})
        letters = [
            Letter(bot_id, update["update_id"], None if chat_id is None else names[chat_id], update)
            for update, chat_id in zip(whole, chats, strict=True)
        ]
        away[What.REPEATED] = len(letters) - await mail.receive(tx, letters)
        await turned_away.count(tx, away)
    return letters[-1].update_id if letters else None


def is_update(update: Any) -> bool:
    """Whether this can be told from other updates."""
    return isinstance(update, dict) and type(number := update.get("update_id")) is int and 0 <= number < _MOST


def _chat_of(update: dict[str, Any], away: Counter[What]) -> int | None:
    """The chat to serve, or None for an update that is not served: by its number alone it is kept, so that it does not
    come back for ever."""
    what = What.STRANGE
    try:
        if len(orjson.dumps(update)) > MAX_BYTES:
            what = What.TOO_LARGE
        elif (chat_id := chat_of(update)) is None or (type(chat_id) is int and abs(chat_id) < _MOST):
            return chat_id
    except (KeyError, TypeError, AttributeError):  # orjson raises a TypeError where it is nested too deep
        pass
    away[what] += 1
    log.error("an update has a strange shape", extra={"action": f"update_{what}", "update": update["update_id"]})
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
