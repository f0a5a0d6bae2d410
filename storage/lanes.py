"""What a chat is called in the store: its lane, a keyed digest of bot and chat, so that no chat id stands there.

* At each moment all rows of a chat stand under one name. While keys are changed, that is the old name until all of them
  are given the new one in one transaction: order is kept, and no conversation is lost.
* A name is worked out inside the transaction that uses it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, TextClause, select, text

from storage import installation
from storage.database import Tx
from storage.schema import accounts, chats, files, inbox, messages, metadata, notices, outbox, sessions, watches
from storage.vault import Vault

FAMILY = "lane"
TABLES: tuple[Table, ...] = tuple(table for table in metadata.sorted_tables if "lane" in table.c)

LIVE: Mapping[Table, ColumnElement[bool] | TextClause | None] = {
    accounts: None,
    chats: None,
    sessions: sessions.c.closed_at.is_(None),
    messages: None,
    inbox: text("state = 'waiting'"),
    outbox: text("state IN ('ready', 'claimed')"),
    notices: notices.c.opened_at.is_(None) & notices.c.retired_at.is_(None),
    files: text("state = 'waiting'"),
    watches: None,
}
"""The rows by which a chat is found, each in the words of the index that leads there; the rest is history."""


def name_of(vault: Vault, *, bot: int, chat: int) -> str:
    """The lane of a chat that nothing in the store stands under yet."""
    return vault.digest(FAMILY, f"{bot}:{chat}")


def names_of(vault: Vault, *, bot: int, chat: int) -> list[str]:
    """Every name that a chat may have now, the newest first."""
    return vault.digests(FAMILY, f"{bot}:{chat}")


async def named(tx: Tx, bot: int, chats: Collection[int]) -> dict[int, str]:
    """The lane of each of these chats. Costs no look into the store unless keys are being changed."""
    names = {chat: names_of(tx.vault, bot=bot, chat=chat) for chat in chats}
    earlier = {name: chat for chat, (_, *older) in names.items() for name in older}
    lanes = {chat: newest for chat, (newest, *_) in names.items()}
    return lanes | {earlier[name]: name for name in await _in_use(tx, earlier)}


async def standing(tx: Tx, lanes: Mapping[str, int]) -> dict[str, str]:
    """What these lanes are called by now, each given with the id of its chat: whoever learned one in an earlier
    transaction must ask."""
    newest = tx.vault.newest_lookup
    earlier = {lane: chat for lane, chat in lanes.items() if not lane.startswith(newest)}
    bot = await installation.recall(tx, installation.BOT_ID) if earlier and tx.vault.keys.changing else None
    if bot is None:
        return {lane: lane for lane in lanes}
    now = await named(tx, int(bot), set(earlier.values()))
    ours = {lane: now[chat] for lane, chat in earlier.items() if lane in names_of(tx.vault, bot=int(bot), chat=chat)}
    return {lane: ours.get(lane, lane) for lane in lanes}


async def _in_use(tx: Tx, lanes: Iterable[str]) -> set[str]:
    """Those of the lanes under which something stands by which a chat is found."""
    wanted = list(lanes)
    used: set[str] = set()
    for table, live in LIVE.items() if wanted else ():
        found: Any = select(table.c.lane).where(table.c.lane.in_(wanted))
        used |= set((await tx.run(found if live is None else found.where(live))).scalars())
    return used
