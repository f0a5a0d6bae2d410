"""Figures that were made public, and what has moved them since.

* Published is what was asked, what came out, and which women counted: frozen with the moment up to which things were
  known. Nothing of it changes any more.
* Later the same question is asked of what is known now. Each woman whom a figure, or a group of it, has gained or lost
  is traced to the rows of hers that were learned, corrected or erased in between.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import Table, or_, select

from storage import audit
from storage.database import Tx
from storage.outcomes.definitions import DEFINITIONS, VERSION, Members
from storage.outcomes.evidence import Mask, Numbers
from storage.outcomes.figures import Asked, Figure
from storage.outcomes.indicators import Cell
from storage.outcomes.sources import file_names
from storage.schema import (
    checkins,
    consents,
    employments,
    enrolments,
    imports,
    incomes,
    measurements,
    participants,
    publications,
    revisions,
    supports,
)

PARTS = ("eligible", "base", "numerator")
EVIDENCE = (enrolments, employments, incomes, supports, measurements)
"""Tables whose rows decide who counts."""

CHUNK = 500
"""Women asked about in one statement."""

_ASKED: TypeAdapter[Asked] = TypeAdapter(Asked)
_FIGURES: TypeAdapter[list[Figure]] = TypeAdapter(list[Figure])
_CELLS: TypeAdapter[list[Cell]] = TypeAdapter(list[Cell])


class Cause(StrEnum):
    """Why a woman counts otherwise than when a figure was published."""

    ERASED = "erased"  # she is no longer in the store
    CORRECTED = "corrected"  # a row of hers was replaced by a truer one
    LATE = "late"  # a row of hers was learned only afterwards
    LEDGER = "ledger"  # what was expected of her changed
    CONSENT = "consent"  # she has said otherwise of what may be counted
    OTHER = "other"  # none of her own rows moved


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """Which women counted: `women` are their ids in order, and each part of a cell says of every one whether."""

    women: Numbers
    cells: Mapping[Cell, Mapping[str, Mask]]

    @classmethod
    def of(cls, members: Mapping[Cell, Members], women: Sequence[int]) -> Sets:
        """The same, told by the places that these women have there."""
        ids = np.asarray(women, dtype=np.int64)
        order = np.argsort(ids)
        return cls(
            ids[order], {cell: {part: getattr(of, part)[order] for part in PARTS} for cell, of in members.items()}
        )

    def ids(self, cell: Cell, part: str) -> frozenset[int]:
        """Who counted there."""
        return frozenset(self.women[self._mask(cell, part)].tolist())

    def among(self, women: Numbers, cell: Cell, *, part: str) -> Mask:
        """Which of these women, who are at least all of its own, counted there."""
        found = np.zeros(len(women), dtype=np.bool_)
        found[np.searchsorted(women, self.women)] = self._mask(cell, part)
        return found

    def _mask(self, cell: Cell, part: str) -> Mask:
        nobody = np.zeros(len(self.women), dtype=np.bool_)
        return self.cells.get(cell, {}).get(part, nobody)

    def packed(self) -> bytes:
        """As it is stored: a line that names the cells, the ids, then a bit for each woman, cell by cell and part by
        part."""
        bits = (np.packbits(parts[part]).tobytes() for parts in self.cells.values() for part in PARTS)
        head = _CELLS.dump_json(list(self.cells)) + b"\n" + len(self.women).to_bytes(8, "big")
        return zlib.compress(b"".join((head, self.women.astype(">i8").tobytes(), *bits)), 9)

    @classmethod
    def unpacked(cls, packed: bytes) -> Sets:
        """What was packed."""
        head, rest = zlib.decompress(packed).split(b"\n", 1)
        cells, size = _CELLS.validate_json(head), int.from_bytes(rest[:8], "big")
        women = np.frombuffer(rest, ">i8", size, 8).astype(np.int64)
        bits = np.frombuffer(rest[8 + 8 * size :], np.uint8).reshape(len(cells) * len(PARTS), -(-size // 8))
        masks = iter(np.unpackbits(bits, axis=1, count=size).astype(np.bool_))
        return cls(women, {cell: {part: next(masks) for part in PARTS} for cell in cells})


@dataclass(frozen=True, slots=True)
class Published:
    """A set of figures as it was published; `definitions` is the version of the definitions that it was made with."""

    name: str
    at: datetime
    known_at: datetime
    definitions: str
    asked: Asked
    figures: Sequence[Figure]
    sets: Sets


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows of hers that moved stand: the table, and of an imported row the file and the line in it. `replaced`:
    the row no longer stands."""

    table: str
    file: str | None = None
    line: int | None = None
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A woman whom a figure counts now and did not then (`came`), or the other way round: in its `part`, for this
    cause, because of what moved in these places. `woman` is her id; `person` is None of who was erased. `dimension` and
    `code` name the group; they are empty for the whole."""

    figure: str
    part: str
    came: bool
    woman: int
    person: str | None
    cause: Cause
    sources: tuple[Source, ...] = ()
    dimension: str = ""
    code: str = ""


async def publish(tx: Tx, name: str, *, asked: Asked, figures: Sequence[Figure], sets: Sets) -> None:
    """Freeze these figures and who counted under a name. Raises Conflict where the name is taken."""
    row = {
        "name": name,
        "at": tx.now,
        "as_of_on": asked.as_of,
        "known_at": asked.known_at or tx.now,
        "definitions": VERSION,
        "asked": _ASKED.dump_json(asked).decode(),
        "figures": _FIGURES.dump_json(list(figures)).decode(),
        "members": sets.packed(),
        "published_by": audit.acting(None),
    }
    await tx.run(publications.insert(), [row])
    await audit.append(tx, [audit.Act(audit.acting(None), "figures_published", detail=name)])


async def published(tx: Tx, name: str) -> Published | None:
    """What was published under this name, or None."""
    row = (await tx.run(select(publications).where(publications.c.name == name))).one_or_none()
    if row is None:
        return None
    figures = _FIGURES.validate_json(row.figures)
    asked = _ASKED.validate_json(row.asked)
    return Published(row.name, row.at, row.known_at, row.definitions, asked, figures, Sets.unpacked(row.members))


async def names(tx: Tx) -> list[tuple[str, date]]:
    """What has been published, and the cut-off of each, the oldest first."""
    rows = await tx.run(select(publications.c.name, publications.c.as_of_on).order_by(publications.c.at))
    return [(name, as_of) for name, as_of in rows]


# --- what moved them


async def moved(tx: Tx, before: Published, now: Sets) -> list[Moved]:
    """Who counts otherwise in which figure, and why, in the order of the figures; after each its groups."""
    changed = list(_changes(before.sets, now))
    women = {woman for *_, woman in changed}
    persons = await _persons(tx, women)
    sources = await _sources(tx, women & persons.keys(), since=before.known_at)
    told = []
    for (id_, dimension, code), part, came, woman in changed:
        cause, where = (Cause.ERASED, ()) if woman not in persons else _cause(sources.get(woman, {}))
        told.append(Moved(id_, part, came, woman, persons.get(woman), cause, where, dimension, code))
    return told


def _changes(before: Sets, now: Sets) -> Iterable[tuple[Cell, str, bool, int]]:
    everybody = np.union1d(before.women, now.women)
    for cell in sorted({*before.cells, *now.cells}, key=_place):
        for part in PARTS:
            were, are = (sets.among(everybody, cell, part=part) for sets in (before, now))
            yield from ((cell, part, True, woman) for woman in everybody[are & ~were].tolist())
            yield from ((cell, part, False, woman) for woman in everybody[were & ~are].tolist())


_ORDER = [definition.id for definition in DEFINITIONS]


def _place(cell: Cell) -> tuple[int, str, str]:
    id_, dimension, code = cell
    return _ORDER.index(id_) if id_ in _ORDER else len(_ORDER), dimension, code


async def _persons(tx: Tx, women: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in _chunks(women):
        asked = select(participants.c.id, participants.c.person).where(participants.c.id.in_(some))
        found |= {row.id: row.person for row in await tx.run(asked)}
    return found


async def _sources(tx: Tx, women: Collection[int], *, since: datetime) -> dict[int, dict[Cause, set[Source]]]:
    """What changed of each of these women after that moment."""
    found: dict[int, dict[Cause, set[Source]]] = {}
    files = await file_names(tx)
    for some in _chunks(women):
        for table in EVIDENCE:
            for row in await tx.run(_moved_rows(table, some, since=since)):
                corrected = row.replaced_at is not None and row.replaced_at > since
                cause = Cause.CORRECTED if corrected else Cause.LATE
                source = Source(table.name, files.get(row.import_id), row.line, corrected)
                found.setdefault(row.participant_id, {}).setdefault(cause, set()).add(source)
        revised = select(checkins.c.participant_id).join(revisions, revisions.c.checkin_id == checkins.c.id)
        for woman in (
            await tx.run(revised.where(checkins.c.participant_id.in_(some), revisions.c.at > since))
        ).scalars():
            found.setdefault(woman, {}).setdefault(Cause.LEDGER, set()).add(Source(checkins.name))
        spoken = select(consents.c.participant_id).where(consents.c.participant_id.in_(some), consents.c.at > since)
        for woman in (await tx.run(spoken)).scalars():
            found.setdefault(woman, {}).setdefault(Cause.CONSENT, set()).add(Source(consents.name))
    return found


def _moved_rows(table: Table, women: Sequence[int], *, since: datetime) -> Any:
    late = or_(table.c.learned_at > since, table.c.replaced_at > since, imports.c.done_at > since)
    rows = select(table.c.participant_id, table.c.replaced_at, table.c.import_id, table.c.line)
    return rows.outerjoin(imports, imports.c.id == table.c.import_id).where(table.c.participant_id.in_(women), late)


def _cause(sources: Mapping[Cause, Collection[Source]]) -> tuple[Cause, tuple[Source, ...]]:
    """The first cause that there is, with its places; beside rows that were replaced, those that took their place."""
    cause = next(
        (one for one in (Cause.CORRECTED, Cause.LATE, Cause.LEDGER, Cause.CONSENT) if one in sources), Cause.OTHER
    )
    where = set(sources.get(cause, ()))
    if cause is Cause.CORRECTED:
        tables = {one.table for one in where}
        where |= {one for one in sources.get(Cause.LATE, ()) if one.table in tables}
    return cause, tuple(sorted(where, key=_order))


def _order(one: Source) -> tuple[str, bool, str, int]:
    return one.table, not one.replaced, one.file or "", one.line or 0


def _chunks(women: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(women)
    return (ordered[place : place + CHUNK] for place in range(0, len(ordered), CHUNK))
