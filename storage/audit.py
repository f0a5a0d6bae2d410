"""The audit trail: who did what to whom, in ids and codes only, each entry tied to the one before.

* An entry's MAC covers its content and its predecessor's MAC, under a key outside the database: nothing in between
  can be altered, removed or put in another order without `verify` noticing.
* The number and MAC of the last entry, the head, also stand in a file beside the key, so that the last entries cannot
  be taken away either. The file may lag behind a crash and is never ahead; it moves on only from an entry that is
  still there.
* A key of the trail is kept for ever, since its entries are proved by it; none is used again once a later one was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from sqlalchemy import bindparam, select

from storage.database import Database, Tx
from storage.schema import audit
from storage.vault import write_whole


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done: by whom (a role or an id), what, to which id, with which code."""

    actor: str
    action: str
    subject: str | None = None
    detail: str | None = None


def acting(member: int | None) -> str:
    """Who acts: a member of staff by her number, or whoever holds the command line."""
    return "command" if member is None else f"staff:{member}"


async def append(tx: Tx, acts: Sequence[Act]) -> None:
    """Write acts down, in order."""
    last = (await tx.run(select(audit.c.number, audit.c.mac).order_by(audit.c.number.desc()).limit(1))).first()
    number, mac = (last.number, last.mac) if last is not None else (0, "")
    rows: list[dict[str, Any]] = []
    for act in acts:
        number += 1
        row = {
            "number": number,
            "at": tx.now,
            "actor": act.actor,
            "action": act.action,
            "subject": act.subject,
            "detail": act.detail,
        }
        mac = tx.vault.chain(mac, _canonical(row))
        rows.append({**row, "mac": mac})
    await tx.run(audit.insert(), rows)


async def prove(database: Database) -> int | None:
    """`verify` the whole trail, with the head beside the key where there is one. Raises HeadInvalid."""
    key_file = database.vault.key_file
    known = None if key_file is None else read_head(key_file)  # before the store is looked at: it is never ahead
    async with database.read() as tx:
        return await verify(tx, known or EMPTY)


async def verify(tx: Tx, head: Head | None = None) -> int | None:
    """The number of the first entry that does not follow from the one before, or that the head knew otherwise (the
    first that is missing, where entries were taken away from the end); None if all holds."""
    number, mac, key, head = 0, "", "", head or EMPTY
    while rows := (await tx.run(_AFTER, [{"number": number}])).all():
        for row in rows:
            number += 1
            before, key = key, row.mac.partition(".")[0]
            mac = _expected(tx, mac, row, key_id=key)
            if row.number != number or row.mac != mac or _age(key) < _age(before) or head.differs(number, mac):
                return number
    return number + 1 if number < head.number else None


def _expected(tx: Tx, previous: str, row: Any, *, key_id: str) -> str:
    try:
        return tx.vault.chain(previous, _canonical(dict(zip(_NAMES, row, strict=False))), key_id=key_id)
    except KeyError:
        return ""


def _age(key_id: str) -> int:
    """How many keys of the trail there were before this one."""
    return int(key_id[1:] or 0) if key_id[1:].isdecimal() else 0


# --- the head


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of the trail: its number, and its MAC. Of an empty trail 0 and nothing."""

    number: int
    mac: str

    def differs(self, number: int, mac: str) -> bool:
        """Whether this is the entry that it knew, and another one."""
        return number == self.number and mac != self.mac


EMPTY = Head(0, "")


class HeadInvalid(ValueError):
    """The file of the head cannot be read; the message says what to do."""


async def head(tx: Tx) -> Head:
    """The head as the store has it."""
    row = (await tx.run(select(audit.c.number, audit.c.mac).order_by(audit.c.number.desc()).limit(1))).first()
    return EMPTY if row is None else Head(row.number, row.mac)


def head_file(key_file: Path) -> Path:
    """Where the head stands that belongs to this key."""
    return key_file.with_name(f"{key_file.name}.head")


def read_head(key_file: Path) -> Head | None:
    """The head beside the key, or None if there is none. Raises HeadInvalid."""
    file = head_file(key_file)
    try:
        kept = _HEAD.validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        raise HeadInvalid(
            f"{file} cannot be read: if it is damaged, remove it; hilo audit verify writes it anew"
        ) from None
    return kept


def put_head(key_file: Path, head: Head) -> None:
    """Have this stand beside the key, whatever stood there: for a store that was put back."""
    write_whole(head_file(key_file), _HEAD.dump_json(head).decode())


async def keep_head(database: Database) -> bool:
    """Write the head beside the key where it has moved on; returns whether it did. Where what stood there is in the
    store no more, or cannot be read, it stays: `prove` tells."""
    key_file = database.vault.key_file
    if key_file is None:
        return False
    async with database.read() as tx:
        now = await head(tx)
        try:
            known = read_head(key_file)
        except HeadInvalid:
            return False
        if known is not None and (now == known or not await _has(tx, known)):
            return False
    await asyncio.to_thread(put_head, key_file, now)
    return True


async def _has(tx: Tx, head: Head) -> bool:
    if not head.number:
        return True
    there = select(audit.c.number).where(audit.c.number == head.number, audit.c.mac == head.mac)
    return (await tx.run(there)).first() is not None


_HEAD: TypeAdapter[Head] = TypeAdapter(Head)

_NAMES = ("number", "at", "actor", "action", "subject", "detail")
_AFTER = (
    select(*(audit.c[name] for name in _NAMES), audit.c.mac)
    .where(audit.c.number > bindparam("number"))
    .order_by(audit.c.number)
    .limit(1000)  # at a time, so that others have their turn between
)


def _canonical(row: dict[str, Any]) -> str:
    return to_json(row).decode()
