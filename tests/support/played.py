"""What has been played once in this process is not played again: the world is put where playing it left it.

* The store, the ids, the message numbers, the clock and the chat together say where a world stands; from there the
  same scene always ends in the same place, so nothing but time is saved.
* A scene that other chats take part in, or that a desk or instruments of a test's own may change, is always played.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from storage.database import Database

if TYPE_CHECKING:
    from tests.support.chat import Bot, Chat, Shown

KEPT = 96
"""Worlds in which a scene has ended; the one that was longest of no use makes room for another."""

_HEADER = 100
"""Bytes at the head of a SQLite file, which count how often it was written and copied."""


@dataclass(frozen=True)
class _Ended:
    """How a world stood after a scene."""

    rows: sqlite3.Connection
    ids: dict[str, Any]
    numbers: Any
    chat: dict[str, Any]
    shown: list[Shown]
    at: datetime


_ended: OrderedDict[bytes, _Ended] = OrderedDict()


async def once(chat: Chat, scene: tuple[object, ...], play: Callable[[], Awaitable[None]]) -> None:
    """Bring about what `play` does in a chat that is still empty; `scene` names it and all that it was told."""
    if not _is_usual(chat):
        await play()
        return
    key = _where(chat.bot, (chat.chat_id, *scene))
    if key in _ended:
        _ended.move_to_end(key)
        _put(chat, _ended[key])
        return
    before = len(chat.bot.shown)
    await play()
    if {shown.chat_id for shown in chat.bot.shown[before:]} <= {chat.chat_id}:
        _ended[key] = _kept(chat, before)
        if len(_ended) > KEPT:
            _ended.popitem(last=False)[1].rows.close()


def _is_usual(chat: Chat) -> bool:
    bot = chat.bot
    return bot.is_usual and type(bot.store.database) is Database and not any(_state(chat).values())


def _state(chat: Chat) -> dict[str, Any]:
    return {name: value for name, value in vars(chat).items() if name not in ("bot", "chat_id")}


def _where(bot: Bot, scene: tuple[object, ...]) -> bytes:
    """Where this world stands, and what is about to be done in it."""
    plans = [(name, plan and plan.version) for name in bot.plans.names for plan in [bot.plans.get(name)]]
    told = (scene, plans, bot.library.names, bot.numbers, vars(bot.store.ids), bot.store.clock.at)
    with closing(_copied(bot)) as rows:
        file = rows.serialize()
    return hashlib.sha256(repr(told).encode() + file[_HEADER:]).digest()


def _kept(chat: Chat, before: int) -> _Ended:
    bot = chat.bot
    ids, numbers, state, shown = deepcopy((vars(bot.store.ids), bot.numbers, _state(chat), bot.shown[before:]))
    return _Ended(_copied(bot), ids, numbers, state, shown, bot.store.clock.at)


def _put(chat: Chat, ended: _Ended) -> None:
    bot = chat.bot
    with closing(sqlite3.connect(bot.store.home / "hilo.sqlite3")) as file:
        file.execute("PRAGMA synchronous=OFF")
        ended.rows.backup(file)
    ids, bot.numbers, state, shown = deepcopy((ended.ids, ended.numbers, ended.chat, ended.shown))
    vars(bot.store.ids).update(ids)
    bot.store.clock.at = ended.at
    vars(chat).update(state)
    bot.shown += shown


def _copied(bot: Bot) -> sqlite3.Connection:
    """The store as it stands, in memory."""
    rows = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(bot.store.home / "hilo.sqlite3")) as file:
        file.backup(rows)
    return rows
