"""Figures that were made public, and what has moved them since.

* Published is what was asked, what came out, and which women counted: frozen with the moment up to which things were
  known. Nothing of it changes any more.
* Later the same question is asked of what is known now. Each woman whom a figure has gained or lost is traced to the
  rows of hers that were learned, corrected or erased in between.
"""

from __future__ import annotations

import json
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
from storage.outcomes.definitions import VERSION, Members
from storage.outcomes.figures import Asked, Figure
from storage.outcomes.sources import file_names
from storage.schema import (
    checkins,
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

Sets = Mapping[str, Mapping[str, frozenset[int]]]
"""Figure → part → the participants' ids."""


class Cause(StrEnum):
    """Why a woman counts otherwise than when a figure was published."""

    ERASED = "erased"  # she is no longer in the store
    CORRECTED = "corrected"  # a row of hers was replaced by a truer one
    LATE = "late"  # a row of hers was learned only afterwards
    LEDGER = "ledger"  # what was expected of her changed
    OTHER = "other"  # none of her own rows moved


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
    """Where rows of hers that moved stand: the table, and of an imported row the file and the line in it."""

    table: str
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A woman whom a figure counts now and did not then (`came`), or the other way round: in its `part`, for this
    cause, because of what moved in these places. `woman` is her id; `person` is None of who was erased."""

    figure: str
    part: str
    came: bool
    woman: int
    person: str | None
    cause: Cause
    sources: tuple[Source, ...] = ()


async def publish(
    tx: Tx, name: str, *, asked: Asked, figures: Sequence[Figure], members: Mapping[str, Members], women: Sequence[int]
) -> None:
    """Freeze these figures under a name; `women` are the ids that the places of `members` stand for. Raises Conflict
    where the name is taken."""
    row = {
        "name": name,
        "at": tx.now,
        "as_of_on": asked.as_of,
        "known_at": asked.known_at or tx.now,
        "definitions": VERSION,
        "asked": _ASKED.dump_json(asked).decode(),
        "figures": _FIGURES.dump_json(list(figures)).decode(),
        "members": _packed(sets_of(members, women)),
        "published_by": audit.acting(None),
    }
    await tx.run(publications.insert(), [row])
    await audit.append(tx, [audit.Act(audit.acting(None), "figures_published", detail=name)])


def sets_of(members: Mapping[str, Members], women: Sequence[int]) -> Sets:
    """The women of each figure by their ids."""
    ids = np.asarray(women)
    return {id_: {part: frozenset(ids[getattr(of, part)].tolist()) for part in PARTS} for id_, of in members.items()}


def _packed(sets: Sets) -> bytes:
    plain = {id_: {part: sorted(women) for part, women in parts.items()} for id_, parts in sets.items()}
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 9)


def _unpacked(packed: bytes) -> Sets:
    plain = json.loads(zlib.decompress(packed))
    return {id_: {part: frozenset(women) for part, women in parts.items()} for id_, parts in plain.items()}


async def published(tx: Tx, name: str) -> Published | None:
    """What was published under this name, or None."""
    row = (await tx.run(select(publications).where(publications.c.name == name))).one_or_none()
    if row is None:
        return None
    figures = _FIGURES.validate_json(row.figures)
    asked = _ASKED.validate_json(row.asked)
    return Published(row.name, row.at, row.known_at, row.definitions, asked, figures, _unpacked(row.members))


async def names(tx: Tx) -> list[tuple[str, date]]:
    """What has been published, and the cut-off of each, the oldest first."""
    rows = await tx.run(select(publications.c.name, publications.c.as_of_on).order_by(publications.c.at))
    return [(name, as_of) for name, as_of in rows]


# --- what moved them


async def moved(tx: Tx, before: Published, now: Sets) -> list[Moved]:
    """Who counts otherwise in which figure, and why, in the order of the figures."""
    changed = list(_changes(before.sets, now))
    women = {woman for *_, woman in changed}
    persons = await _persons(tx, women)
    sources = await _sources(tx, women & persons.keys(), since=before.known_at)
    told = []
    for id_, part, came, woman in changed:
        cause, where = (Cause.ERASED, ()) if woman not in persons else _cause(sources.get(woman, {}))
        told.append(Moved(id_, part, came, woman, persons.get(woman), cause, where))
    return told


def _changes(before: Sets, now: Sets) -> Iterable[tuple[str, str, bool, int]]:
    for id_, parts in now.items():
        for part, women in parts.items():
            were = before.get(id_, {}).get(part, frozenset())
            yield from ((id_, part, True, woman) for woman in sorted(women - were))
            yield from ((id_, part, False, woman) for woman in sorted(were - women))


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
                source = Source(table.name, files.get(row.import_id), row.line)
                found.setdefault(row.participant_id, {}).setdefault(cause, set()).add(source)
        revised = select(checkins.c.participant_id).join(revisions, revisions.c.checkin_id == checkins.c.id)
        for woman in (
            await tx.run(revised.where(checkins.c.participant_id.in_(some), revisions.c.at > since))
        ).scalars():
            found.setdefault(woman, {}).setdefault(Cause.LEDGER, set()).add(Source(checkins.name))
    return found


def _moved_rows(table: Table, women: Sequence[int], *, since: datetime) -> Any:
    late = or_(table.c.learned_at > since, table.c.replaced_at > since, imports.c.done_at > since)
    rows = select(table.c.participant_id, table.c.replaced_at, table.c.import_id, table.c.line)
    return rows.outerjoin(imports, imports.c.id == table.c.import_id).where(table.c.participant_id.in_(women), late)


def _cause(sources: Mapping[Cause, Collection[Source]]) -> tuple[Cause, tuple[Source, ...]]:
    cause = next((one for one in (Cause.CORRECTED, Cause.LATE, Cause.LEDGER) if one in sources), Cause.OTHER)
    return cause, tuple(sorted(sources.get(cause, ()), key=lambda one: (one.table, one.file or "", one.line or 0)))


def _chunks(women: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(women)
    return (ordered[place : place + CHUNK] for place in range(0, len(ordered), CHUNK))
