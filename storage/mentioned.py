"""Where a woman who is erased stands in what is others': at the desks of staff, and among those who were chosen one by
one.

* A desk at which something of hers is open is closed: whoever sits there begins anew.
* A list that names her keeps its place for her under a name that nobody has: without it, it might mean everybody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import delete, select, update

from storage.cells import SEALED
from storage.database import Tx
from storage.mail import READY
from storage.schema import broadcasts, cases, checkins, erasures, outbox, sessions, set_aside, timers, vault
from storage.vault import Place, Unsealable

NOBODY = "—"
"""No record_id is written so."""

_LONG_ENOUGH = 6
"""Characters of a name or record_id that is looked for: a shorter one stands in half of all words."""

_A_WORD = 4
"""Characters of what is looked for as a whole word."""

_NEAR = 60
"""Characters before and behind that are shown with what names her."""

_NOBODYS_WORDS = (set_aside, erasures, vault)
"""Where she is known to stand, and where others are called what they are called."""


@dataclass(frozen=True, slots=True)
class Marks:
    """By what she is known where somebody has her before them."""

    record_id: str
    texts: tuple[bytes, ...]

    def are_in(self, content: bytes) -> bool:
        """Whether any of them is there."""
        return any(text in content for text in self.texts)


async def marks_of(tx: Tx, woman: int, *, names: Collection[str], record_id: str) -> Marks:
    """The marks of her who is still in the store."""
    ids = [woman]
    for table in (checkins, cases):
        ids += (await tx.run(select(table.c.id).where(table.c.participant_id == woman))).scalars()
    numbers = [form for id_ in ids for form in (f"{id_}", f"{id_:x}") if len(form) >= _LONG_ENOUGH]
    long = [text for text in (*names, record_id) if len(text) >= _LONG_ENOUGH]
    return Marks(record_id, tuple(text.encode() for text in (*numbers, *long)))


async def forget(tx: Tx, marks: Marks) -> None:
    """Have nobody else's rows lead to her."""
    await _close_desks(tx, marks)
    await _drop_parcels(tx, marks)
    await _rename_in_lists(tx, marks.record_id)


async def _close_desks(tx: Tx, marks: Marks) -> None:
    theirs = select(sessions.c.id, sessions.c.state).where(
        sessions.c.participant_id.is_(None), sessions.c.closed_at.is_(None)
    )
    hers = [
        row.id for row in await tx.run(theirs) if marks.are_in(_opened(tx, Place("sessions", "state", row.id), row[1]))
    ]
    await tx.run(delete(timers).where(timers.c.session_id.in_(hers)))
    await tx.run(update(sessions).where(sessions.c.id.in_(hers)).values(closed_at=tx.now, state=None))


async def _drop_parcels(tx: Tx, marks: Marks) -> None:
    waits = READY & outbox.c.participant_id.is_(None)
    waiting = select(outbox.c.id, outbox.c.payload).where(waits)
    hers = [
        row.id for row in await tx.run(waiting) if marks.are_in(_opened(tx, Place("outbox", "payload", row.id), row[1]))
    ]
    await tx.run(delete(outbox).where(outbox.c.id.in_(hers)))


async def _rename_in_lists(tx: Tx, record_id: str) -> None:
    for row in list(await tx.run(select(broadcasts.c.id, broadcasts.c.segment))):
        place = Place("broadcasts", "segment", row.id)
        segment: Any = from_json(_opened(tx, place, row.segment) or b"{}")
        chosen = segment.get("record_ids", [])
        left = [NOBODY if one.casefold() == record_id.casefold() else one for one in chosen]
        if left != chosen:
            segment["record_ids"] = left
            sealed = tx.vault.seal(place, to_json(segment))
            await tx.run(update(broadcasts).where(broadcasts.c.id == row.id).values(segment=sealed))


@dataclass(frozen=True, slots=True)
class Mention:
    """One cell of what is others' in which she is named: its column as TABLE.COLUMN, its row, and what it says."""

    column: str
    key: tuple[Any, ...]
    content: bytes
    near: str

    @property
    def place(self) -> str:
        """How it is called at the command line and in the trail."""
        return ":".join((self.column, *map(str, self.key)))


def pattern(texts: Collection[str]) -> re.Pattern[str]:
    """Any of these, as whole words, however written; nothing where all are too short."""
    known = "|".join(re.escape(text) for text in texts if len(text) >= _A_WORD)
    return re.compile(rf"(?<!\w)(?:{known})(?!\w)" if known else r"(?!)", re.IGNORECASE)


async def mentions(tx: Tx, texts: Collection[str]) -> list[Mention]:
    """The cells of what is others' in which any of these stands: people must look, since words about several women are
    not ours to change. Takes long where women are many."""
    names_her = pattern(texts)
    found = []
    for cells in SEALED:
        if cells.table not in _NOBODYS_WORDS:
            rows = select(*cells.keys, cells.column).where(cells.column.is_not(None))
            for *key, sealed in list(await tx.run(rows)):
                content = _opened(tx, cells.place(*key), sealed)
                said = content.decode("utf-8", "replace")
                if (named := names_her.search(said)) is not None:
                    found.append(Mention(cells.name, tuple(key), content, _around(said, named)))
    return found


def _around(said: str, named: re.Match[str]) -> str:
    near = said[max(0, named.start() - _NEAR) : named.end() + _NEAR]
    return " ".join("".join(char if char.isprintable() else " " for char in near).split())


async def elsewhere(tx: Tx, texts: Collection[str]) -> dict[str, int]:
    """How many of them there are, by TABLE.COLUMN."""
    return dict(sorted(Counter(one.column for one in await mentions(tx, texts)).items()))


def _opened(tx: Tx, place: Place, sealed: bytes | None) -> bytes:
    try:
        return b"" if sealed is None else tx.vault.open(place, sealed)
    except Unsealable:
        return b""
