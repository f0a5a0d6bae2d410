"""Giving chats their new names when the look-up key was changed, each in one transaction.

* A chat's name changes in all rows by which it is found at once, so its order holds and its conversations go on.
* While a message of it is on its way somebody holds the old name in memory: such a chat waits for the next round.
* Which chat an old name stands for is found among the chats that are sealed in the store, by the earlier key.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, false, func, or_, select, text, update

from storage import installation
from storage.cells import SEALED, Cells
from storage.database import Database, Tx
from storage.lanes import FAMILY, LIVE, TABLES, names_of
from storage.schema import inbox, outbox
from storage.vault import Place, Unsealable, Vault

LANES_AT_ONCE, ROWS_AT_ONCE = 10, 300
"""Of one transaction; a chat is never divided, however many rows it has."""

ROUNDS_WITHOUT_ANY = 10
A_WHILE = 0.5
"""Seconds between rounds in which nothing could be renamed: a message is on its way for no longer."""

Rows = dict[Table, list[tuple[Any, ...]]]
"""The primary keys of a chat's rows."""


async def rename(database: Database, *, nobody_runs: Callable[[], bool]) -> int:
    """Call every chat by its newest name; returns how many were renamed. Some stay where messages do not stop being on
    their way: `count_older` tells. `nobody_runs`: whether no bot is at work, so that what is on its way never ends."""
    renamed = rounds = 0
    while rounds < ROUNDS_WITHOUT_ANY:
        older = await _older(database)
        names = await _names(database, older)
        before = renamed
        for some in _batches(older):
            async with database.transact_in_turn() as tx:
                moving = await _on_their_way(tx, some)
                free = some if not moving or nobody_runs() else some - moving
                await _move(tx, {lane: older[lane] for lane in free}, names)
                renamed += len(free)
        if not older:
            return renamed
        if renamed == before:
            rounds += 1
            await asyncio.sleep(A_WHILE)
    return renamed


async def count_older(tx: Tx) -> int:
    """How many chats are still called by an earlier name."""
    found: set[str] = set()
    for table in TABLES:
        found |= set((await tx.run(select(table.c.lane).where(under_earlier(tx.vault, table.c.lane)))).scalars())
    return len(found)


def under_earlier(vault: Vault, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a digest in this column was made with an earlier key that is still live."""
    earlier = [f"{key_id}." for key_id in list(vault.keys.lookup)[:-1]]
    return or_(false(), *(func.substr(column, 1, len(prefix)) == prefix for prefix in earlier))


async def _older(database: Database) -> dict[str, Rows]:
    """The chats that are still called by an earlier name, and where."""
    found: dict[str, Rows] = defaultdict(lambda: defaultdict(list))
    async with database.read() as tx:
        for table in TABLES if tx.vault.keys.changing else ():
            keys = table.primary_key.columns
            for lane, *key in await tx.run(select(table.c.lane, *keys).where(under_earlier(tx.vault, table.c.lane))):
                found[lane][table].append(tuple(key))
    return found


def _batches(older: Mapping[str, Rows]) -> Iterator[set[str]]:
    some: set[str] = set()
    rows = 0
    for lane, its in older.items():
        some.add(lane)
        rows += sum(map(len, its.values()))
        if len(some) >= LANES_AT_ONCE or rows >= ROWS_AT_ONCE:
            yield some
            some, rows = set(), 0
    if some:
        yield some


async def _on_their_way(tx: Tx, lanes: Iterable[str]) -> set[str]:
    moving = select(outbox.c.lane).where(outbox.c.lane.in_(lanes), text("state IN ('ready', 'claimed')"))
    moving = moving.where(outbox.c.state == "claimed")
    return set((await tx.run(moving)).scalars())


async def _move(tx: Tx, chats: Mapping[str, Rows], names: Mapping[str, str]) -> None:
    moves = [{"old": lane, "new": names[lane]} for lane in chats]
    for table in TABLES:
        keys = list(table.primary_key.columns)
        if table.c.lane in keys or table.c.lane.unique:
            await _drop_doubles(tx, table, [key for key in keys if table.c.lane in keys], moves=moves)
        if table.c.lane not in keys:
            rows = [
                {"old": lane, "new": names[lane], **{f"key_{n}": part for n, part in enumerate(key)}}
                for lane, its in chats.items()
                for key in its.get(table, ())
            ]
            these = and_(*(column == bindparam(f"key_{n}") for n, column in enumerate(keys)))
            await tx.run(_called_anew(table).where(these), rows)
        live = LIVE[table]
        await tx.run(_called_anew(table) if live is None else _called_anew(table).where(live), moves)


def _called_anew(table: Table) -> Any:
    return update(table).where(table.c.lane == bindparam("old")).values(lane=bindparam("new"))


async def _drop_doubles(tx: Tx, table: Table, keys: Sequence[Any], *, moves: list[dict[str, str]]) -> None:
    """What was written twice, under either name, stands under the new one."""
    other = table.alias()
    beside = (other.c[key.name] == key for key in keys if key.name != "lane")
    there = select(other.c.lane).where(other.c.lane == bindparam("new"), *beside).exists()
    await tx.run(delete(table).where(table.c.lane == bindparam("old"), there), moves)


# --- which chat an old name stands for


async def _names(database: Database, lanes: Iterable[str]) -> dict[str, str]:
    """The new name of each of these lanes; of one whose chat nobody knows any more, a new one all the same."""
    wanted = set(lanes)
    names: dict[str, str] = {}
    async with database.read() as tx:
        bots = await _bots(tx)
        for cells, read in _TOLD_BY if wanted else ():
            for *key, sealed in await tx.run(select(*cells.keys, cells.column).where(cells.column.is_not(None))):
                for chat in _chats(tx.vault, cells.place(*key), sealed=sealed, read=read):
                    for newest, *older in (names_of(tx.vault, bot=bot, chat=chat) for bot in bots):
                        names |= {lane: newest for lane in older if lane in wanted}
        return {lane: names.get(lane) or tx.vault.digest(FAMILY, f"nobody:{lane}") for lane in wanted}


async def _bots(tx: Tx) -> list[int]:
    """The bots whose chats stand here: another token may have been in use before."""
    known = await installation.recall(tx, installation.BOT_ID)
    met = set((await tx.run(select(inbox.c.bot_id).distinct())).scalars())
    return sorted(met | ({int(known)} if known else set()))


def _chats(vault: Vault, place: Place, *, sealed: bytes, read: Callable[[bytes], Iterable[int]]) -> list[int]:
    try:
        return list(read(vault.open(place, sealed)))
    except (Unsealable, ValueError):
        return []


def _numbers(plain: bytes) -> Iterator[int]:
    """Every number in a JSON text: of an update one of them is the chat's id, and the lane proves which."""
    found = [from_json(plain)]
    while found:
        match found.pop():
            case dict() as inner:
                found += inner.values()
            case list() as inner:
                found += inner
            case int() as number:
                yield number
            case _:
                pass


def _first_number(plain: bytes) -> Iterator[int]:
    yield int(plain.partition(b" ")[0])


_BY_NAME = {cells.name: cells for cells in SEALED}
_TOLD_BY: tuple[tuple[Cells, Callable[[bytes], Iterable[int]]], ...] = (
    (_BY_NAME["accounts.chat_id"], _first_number),
    (_BY_NAME["files.chat_id"], _first_number),
    (_BY_NAME["sessions.state"], _first_number),
    (_BY_NAME["outbox.payload"], _numbers),
    (_BY_NAME["inbox.payload"], _numbers),
)
"""The sealed cells that tell of chats."""
