"""Finding a woman among those whom a member of staff may see: by name, record_id or centre, accents and slips forgiven.

* Names are opened in memory and only of the women whom she may see; nothing of them is kept, and no index of them.
* What nobody may see is not found, whoever asks and by whatever number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storage.database import Tx
from storage.imports.cells import folded
from storage.imports.centres import CENTRES
from storage.members import Member, visible_to
from storage.namesakes import Named, Namesakes, nearness, parts
from storage.people import known_record_ids
from storage.schema import participants, vault
from storage.vault import Place

PAGE = 8
"""Women on one screen: each is a button as wide as the phone."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One woman in a list."""

    participant: int
    record_id: str
    name: str
    centre: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The women of one screen, its number from 0, how many screens there are, and how many women."""

    women: tuple[Listing, ...]
    number: int
    of: int
    total: int


@dataclass(frozen=True, slots=True)
class WomenFound:
    """Who of her women is meant by these words, the nearest first; without words all, by name. Signs alone mean
    nobody."""

    member: Member
    words: str = ""
    page: int = 0

    async def find(self, tx: Tx) -> Page:
        """That page of them; the last one where there are fewer."""
        women = await visible(tx, self.member)
        sought = parts(self.words) or folded(self.words).split()
        near = [(nearness(sought, _said_of(one)) if self.words.strip() else 100.0, one) for one in women]
        found = [one for score, one in sorted(near, key=_nearest_first) if score]
        last = max(0, (len(found) - 1) // PAGE)
        number = min(max(self.page, 0), last)
        return Page(tuple(found[number * PAGE : (number + 1) * PAGE]), number, last + 1, len(found))


def _nearest_first(scored: tuple[float, Listing]) -> tuple[float, str, str]:
    score, one = scored
    return (-score, folded(one.name), one.record_id)


def _said_of(one: Listing) -> list[str]:
    """The words by which she can be looked for; her record_id also as it is written, in one piece."""
    centre = one.centre or ""
    names = " ".join((centre, *CENTRES.get(centre, ())))
    record_id = folded(one.record_id)
    return [*parts(one.name), *parts(names), *record_id.split(), record_id.replace(" ", "")]


async def visible(tx: Tx, member: Member, *more: Any) -> list[Listing]:
    """The women whom this member may see, in no order; with `more`, only those of whom that holds, too."""
    columns = (participants.c.id, participants.c.centre, vault.c.record_id, vault.c.name)
    hers = select(*columns).join(vault, vault.c.participant_id == participants.c.id).where(visible_to(member), *more)
    return [_listing(tx, row) for row in await tx.run(hers)]


async def may_see(tx: Tx, member: Member, woman: int) -> bool:
    """Whether this member may see that woman."""
    hers = select(participants.c.id).where(participants.c.id == woman, visible_to(member))
    return (await tx.run(hers)).first() is not None


def _listing(tx: Tx, row: Any) -> Listing:
    record_id = tx.vault.open_text(Place("vault", "record_id", row.id), row.record_id) or ""
    return Listing(row.id, record_id, tx.vault.open_text(Place("vault", "name", row.id), row.name) or "", row.centre)


# --- before a woman is registered


@dataclass(frozen=True, slots=True)
class Likely:
    """Who may be the woman that is to be registered: those whom the member of staff may see, and how many others."""

    seen: tuple[Listing, ...]
    others: int = 0

    def __bool__(self) -> bool:
        return bool(self.seen or self.others)


@dataclass(frozen=True, slots=True)
class LikelyHer:
    """Who of all women may be the one of this name, born in that year where it is known."""

    member: Member
    name: str
    birth_year: int | None = None

    async def find(self, tx: Tx) -> Likely:
        """Those who may be her."""
        return (await likely(tx, self.member, [Named(0, self.name, self.birth_year)])).get(0, Likely(()))


async def likely(tx: Tx, member: Member | None, women: list[Named]) -> dict[int, Likely]:
    """Who of all women may be each of these, by their ids; who is like nobody is left out. None sees everybody."""
    known = Namesakes(await _everybody(tx))
    found = {her.id: [one.id for one in same] for her in women if (same := known.of(her))}
    ids = {id_ for same in found.values() for id_ in same}
    theirs = participants.c.id.in_(ids)
    seen = {one.participant: one for one in await _seen(tx, member, theirs)} if ids else {}
    return {
        her: Likely(tuple(seen[id_] for id_ in same if id_ in seen), sum(id_ not in seen for id_ in same))
        for her, same in found.items()
    }


async def _seen(tx: Tx, member: Member | None, theirs: Any) -> list[Listing]:
    if member is not None:
        return await visible(tx, member, theirs)
    columns = (participants.c.id, participants.c.centre, vault.c.record_id, vault.c.name)
    all_of_them = select(*columns).join(vault, vault.c.participant_id == participants.c.id).where(theirs)
    return [_listing(tx, row) for row in await tx.run(all_of_them)]


async def _everybody(tx: Tx) -> list[Named]:
    columns = (participants.c.id, participants.c.birth_year, vault.c.name)
    rows = await tx.run(select(*columns).join(vault, vault.c.participant_id == participants.c.id))
    return [Named(r.id, tx.vault.open_text(Place("vault", "name", r.id), r.name) or "", r.birth_year) for r in rows]


@dataclass(frozen=True, slots=True)
class RecordIdTaken:
    """Whether somebody is registered with this record_id already."""

    record_id: str

    async def find(self, tx: Tx) -> bool:
        """Whether somebody is."""
        return bool(await known_record_ids(tx, [self.record_id]))
