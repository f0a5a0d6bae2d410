"""What in the store cannot be right, is missing, or waits for somebody, each with who can mend it.

* Nothing is changed here, and nothing that is listed is left out of a figure: whoever knows decides.
* An imported row is mended where it came from, by its file and line; of all else her promotora knows most, and where
  she has none a coordinator.
* The database finds, and opens no name but those of women who may be registered twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, null, select, true

from storage import people, voices
from storage.database import Tx
from storage.importing import HERE
from storage.imports.catalogue import SHIPPED, Catalogue, Names
from storage.members import Member, name_of, visible_to
from storage.namesakes import Named, pairs
from storage.outcomes.kinds import Kind
from storage.outcomes.known import known
from storage.outcomes.sources import file_names
from storage.outcomes.suspects import SEARCHES
from storage.records import Lengthy
from storage.schema import enrolments, incomes, measurements, participants, staff, vault
from storage.search import PAGE, Listing, visible
from storage.vault import Place, Vault

CHUNK = 10_000
"""Women asked about in one statement."""


class Mender(StrEnum):
    """Who can put it right."""

    PROMOTORA = "promotora"  # hers
    COORDINATOR = "coordinator"
    IMPORTER = "importer"  # whoever has the file


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: of `woman` (None: it is about a name that so many `women` have), on what day, and about
    `what`: a kind of work, a moment, an instrument, a question, a name as it was written.

    `other` is the woman that she may be, `near` the name that is most like an unknown one. `staff` is her promotora;
    `import_id` and `line` say where an imported row stands.
    """

    kind: Kind
    woman: int | None
    what: str = ""
    day: date | None = None
    import_id: int | None = None
    line: int | None = None
    staff: int | None = None
    other: int | None = None
    near: str | None = None
    women: int = 1

    @property
    def mender(self) -> Mender:
        """Who can put it right."""
        if self.import_id is not None:
            return Mender.IMPORTER
        return Mender.COORDINATOR if self.promotora is None else Mender.PROMOTORA

    @property
    def promotora(self) -> int | None:
        """Her promotora, where it is for her to mend it: whether two women are one is for whoever sees both."""
        return None if self.kind is Kind.DUPLICATE else self.staff


async def find(
    tx: Tx, kind: Kind, member: Member | None = None, *, catalogue: Catalogue = SHIPPED
) -> Sequence[Finding]:
    """All of one kind about the women whom this member may see; without one, about all. By woman, then by day."""
    if kind is Kind.VOICE_WAITS:
        return await _voices(tx, member)
    if kind is Kind.DUPLICATE:
        return await _duplicates(tx, member)
    if kind is Kind.UNKNOWN_NAME:
        return await _unknown_names(tx, member, catalogue=catalogue)
    if kind is Kind.NO_CONSENT_BASIS:
        return await _without_consent(tx, member)
    return await _rows(tx, kind, member)


async def _rows(tx: Tx, kind: Kind, member: Member | None) -> list[Finding]:
    search = SEARCHES[kind]
    found = search.rows().subquery()
    hers = select(found, participants.c.staff_id).join(participants, participants.c.id == found.c.woman)
    rows = await tx.run(hers.where(_seen_by(member)).order_by(found.c.woman, found.c.day, found.c.line.nulls_last()))
    # One thing that several rows say is one thing; the row of a file comes first, since it says where to mend it.
    told = {(row.woman, row.what, row.day): row for row in reversed(list(rows)) if search.holds(row)}
    return [_finding(kind, row) for row in reversed(told.values())]


def _finding(kind: Kind, row: Any) -> Finding:
    return Finding(kind, row.woman, row.what, row.day, row.import_id, row.line, row.staff_id)


def _seen_by(member: Member | None) -> Any:
    return true() if member is None else visible_to(member)


async def _voices(tx: Tx, member: Member | None) -> list[Finding]:
    """The answers in voice that nobody has written down, the longest waiting first."""
    waiting = [note for note in await voices.queue(tx) if note.question is not None]
    promotora = await _promotoras(tx, {note.participant for note in waiting}, member)
    return [
        Finding(Kind.VOICE_WAITS, note.participant, note.question or "", _day(note.sent_at), staff=promotora[her])
        for note in waiting
        if (her := note.participant) in promotora
    ]


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(HERE)).date()


async def _promotoras(tx: Tx, women: Collection[int], member: Member | None) -> dict[int, int | None]:
    """Those of these women whom she may see, and whose each is."""
    found: dict[int, int | None] = {}
    for some in _chunks(women):
        hers = select(participants.c.id, participants.c.staff_id).where(participants.c.id.in_(some), _seen_by(member))
        found |= {row.id: row.staff_id for row in await tx.run(hers)}
    return found


def _chunks(women: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(women)
    return (ordered[place : place + CHUNK] for place in range(0, len(ordered), CHUNK))


async def _duplicates(tx: Tx, member: Member | None) -> list[Finding]:
    """Women with one name, as far as their years of birth allow; at least one of them hers."""
    columns = (participants.c.id, participants.c.birth_year, vault.c.name)
    rows = list(await tx.run(select(*columns).join(vault, vault.c.participant_id == participants.c.id)))
    found = await asyncio.to_thread(_pairs, tx.vault, rows)
    hers = await _promotoras(tx, {one.id for pair in found for one in pair}, member)
    first = (pair if pair[0].id in hers else pair[::-1] for pair in found)
    return [
        Finding(Kind.DUPLICATE, one.id, staff=hers[one.id], other=other.id) for one, other in first if one.id in hers
    ]


def _pairs(key: Vault, rows: Sequence[Any]) -> list[tuple[Named, Named]]:
    names = ((row, key.open_text(Place("vault", "name", row.id), row.name) or "") for row in rows)
    return pairs(Named(row.id, name, row.birth_year) for row, name in names)


async def _unknown_names(tx: Tx, member: Member | None, *, catalogue: Catalogue) -> list[Finding]:
    """Centres and workshops that the catalogue does not have, as they were written."""
    centres, workshops = catalogue.centres, catalogue.workshops
    found = await _strange(tx, member, column=enrolments.c.workshop, names=workshops)
    found += await _strange(tx, member, column=enrolments.c.centre, names=centres)
    hers = participants.c
    codes = sorted(set(centres.codes.values()))
    nowhere = (null().label("import_id"), null().label("line"), func.count().label("women"))
    kept = select(hers.centre.label("what"), *nowhere).where(hers.centre.not_in(codes), _seen_by(member))
    return found + [_strange_one(row, centres) for row in await tx.run(kept.group_by(hers.centre).order_by("what"))]


async def _strange(tx: Tx, member: Member | None, *, column: Any, names: Names) -> list[Finding]:
    one = enrolments.c
    count = func.count(one.participant_id.distinct()).label("women")
    rows = select(column.label("what"), one.import_id, func.min(one.line).label("line"), count)
    hers = rows.join(participants, participants.c.id == one.participant_id)
    strange = hers.where(column.not_in(sorted(set(names.codes.values()))), known(enrolments), _seen_by(member))
    found = await tx.run(strange.group_by(column, one.import_id).order_by(column, one.import_id))
    return [_strange_one(row, names) for row in found]


def _strange_one(row: Any, names: Names) -> Finding:
    near = names.nearest(row.what)
    return Finding(Kind.UNKNOWN_NAME, None, row.what, None, row.import_id, row.line, near=near, women=row.women)


async def _without_consent(tx: Tx, member: Member | None) -> list[Finding]:
    """Imported amounts and scores of which nobody has said on what consent they stand, file by file."""
    found: list[Finding] = []
    for table, what in ((incomes, "ingresos"), (measurements, "puntajes")):
        count = func.count(table.c.participant_id.distinct()).label("women")
        rows = select(table.c.import_id, func.min(table.c.line).label("line"), count)
        hers = rows.join(participants, participants.c.id == table.c.participant_id)
        silent = hers.where(table.c.import_id.is_not(None), table.c.consent_basis.is_(None), known(table))
        files = await tx.run(silent.where(_seen_by(member)).group_by(table.c.import_id).order_by("line"))
        found += [
            Finding(Kind.NO_CONSENT_BASIS, None, what, None, row.import_id, row.line, women=row.women) for row in files
        ]
    return found


async def known_as(tx: Tx, women: Collection[int]) -> dict[int, str]:
    """The record_ids of these women, however many; whose cannot be read is left out."""
    found: dict[int, str] = {}
    for some in _chunks(women):
        found |= await people.record_ids(tx, some)
    return found


# --- at the desk


@dataclass(frozen=True, slots=True)
class Counted:
    """How many findings there are of a kind, and how many women they are about."""

    kind: Kind
    findings: int
    women: int


def count(kind: Kind, found: Sequence[Finding]) -> Counted:
    """The findings of one kind in numbers; of a name that is unknown, how many women have it."""
    women = {one.woman for one in found if one.woman is not None}
    return Counted(kind, len(found), len(women) or sum(one.women for one in found))


@dataclass(frozen=True, slots=True)
class QualityCounts(Lengthy):
    """What there is to look at of the women whom this member may see."""

    member: Member
    catalogue: Catalogue = field(default=SHIPPED, compare=False)

    async def find(self, tx: Tx) -> list[Counted]:
        """The kinds of which there is anything, in their order."""
        each = [count(kind, await find(tx, kind, self.member, catalogue=self.catalogue)) for kind in Kind]
        return [counted for counted in each if counted.findings]


@dataclass(frozen=True, slots=True)
class QualityShown:
    """One screen of findings, its number from 0 and how many screens there are; the women on it by name, their
    promotoras by theirs, and the names of the files that were imported."""

    findings: tuple[Finding, ...]
    number: int
    of: int
    total: int
    women: Mapping[int, Listing]
    staff: Mapping[int, str]
    files: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class QualityPage(Lengthy):
    """A screen of one kind of findings about the women whom this member may see."""

    member: Member
    kind: Kind
    page: int = 0
    catalogue: Catalogue = field(default=SHIPPED, compare=False)

    async def find(self, tx: Tx) -> QualityShown:
        """That screen, or the last."""
        found = await find(tx, self.kind, self.member, catalogue=self.catalogue)
        last = max(0, (len(found) - 1) // PAGE)
        number = min(max(self.page, 0), last)
        shown = tuple(found[number * PAGE : (number + 1) * PAGE])
        women = {her for one in shown for her in (one.woman, one.other) if her is not None}
        listed = {one.participant: one for one in await visible(tx, self.member, participants.c.id.in_(women))}
        team = await _team(tx, {one.staff for one in shown if one.staff is not None})
        return QualityShown(shown, number, last + 1, len(found), listed, team, await file_names(tx))


async def _team(tx: Tx, members: Collection[int]) -> dict[int, str]:
    return {row.id: name_of(tx, row) for row in await tx.run(select(staff).where(staff.c.id.in_(members)))}
