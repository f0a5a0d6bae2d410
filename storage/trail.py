"""The audit trail as whoever audits reads it: page by page, with staff by name and women by their pseudonym.

* A woman's name, and her internal id, never leave here; of what is neither a woman nor staff an id says nothing.
* That the trail was read is itself written down.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import func, select

from storage import audit, cases_office, installation
from storage.database import Database, Tx
from storage.members import name_of
from storage.records import Entry, Writer
from storage.schema import audit as trail
from storage.schema import participants, staff

log = logging.getLogger(__name__)

PROOF, PROOF_WANTED = "trail_proof", "trail_proof_wanted"
PROVED_EVERY = timedelta(days=1)

A_PAGE = 8
"""Entries of one message: each takes two lines of a small screen."""

_STAFF = audit.acting(0).removesuffix("0")
_ID = re.compile(r"\d{10,}")
"""A number this long is an id of ours and not a count: one of 63 bits is practically never shorter."""


@dataclass(frozen=True, slots=True)
class Written:
    """One entry of the trail. `actor` is the name of a member of staff, or the code of who else acts; `subject` and
    `detail` are names of staff, pseudonyms of women, or codes ("" for none, and for ids of anything else)."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class TrailPage:
    """The newest A_PAGE entries before this number; 0: the newest of all."""

    before: int = 0

    async def find(self, tx: Tx) -> Page:
        """The page."""
        entries = select(trail).order_by(trail.c.number.desc()).limit(A_PAGE + 1)
        rows = (await tx.run(entries.where(trail.c.number < self.before) if self.before else entries)).all()
        last = (await tx.run(select(func.max(trail.c.number)))).scalar_one() or 0
        known = await _names(tx, rows)
        written = tuple(_written(row, known) for row in rows[:A_PAGE])
        return Page(written, len(rows) > A_PAGE, last, (await cases_office.office(tx)).zone)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first; whether there are `older` ones; the number of the `last`; the office's clock."""

    entries: tuple[Written, ...]
    older: bool
    last: int
    zone: str


# --- whether it was altered


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the chain held at a moment: `broken_at` is the first entry that did not follow from the one before (0: it
    held), `entries` how many there were."""

    at: datetime
    entries: int
    broken_at: int


@dataclass(frozen=True, slots=True)
class TrailProof:
    """What the last look at the whole chain found."""

    async def find(self, tx: Tx) -> Told | None:
        """It; None before the first."""
        kept = await installation.recall(tx, PROOF)
        return None if not kept else Told(_PROOF.validate_json(kept), (await cases_office.office(tx)).zone)


@dataclass(frozen=True, slots=True)
class Told:
    """A proof, and the office's clock."""

    proof: Proof
    zone: str


@dataclass(frozen=True, slots=True)
class ProofWanted:
    """Whoever audits wants the chain looked at now."""


async def _wanted(tx: Tx, entries: Sequence[Entry[ProofWanted]]) -> None:
    await installation.remember(tx, {PROOF_WANTED: "yes"})


async def prove(database: Database) -> bool:
    """Look at the whole chain, where that is wanted or was last done a day ago; returns whether it was done now.

    It takes about a second for 100,000 entries, and stands in no writer's way.
    """
    async with database.read() as tx:
        last = await TrailProof().find(tx)
        wanted = await installation.recall(tx, PROOF_WANTED)
        if last is not None and not wanted and tx.now < last.proof.at + PROVED_EVERY:
            return False
        entries, now = (await tx.run(select(func.count()).select_from(trail))).scalar_one(), tx.now
    proof = Proof(now, entries, await audit.prove(database) or 0)
    if proof.broken_at:
        log.error("the audit trail was altered", extra={"action": "audit_altered", "entry": proof.broken_at})
    async with database.transact() as tx:
        await installation.remember(tx, {PROOF: _PROOF.dump_json(proof).decode(), PROOF_WANTED: ""})
    return True


_PROOF: TypeAdapter[Proof] = TypeAdapter(Proof)

# --- names


async def _names(tx: Tx, rows: Iterable[Any]) -> dict[str, str]:
    """What the ids in these entries are called that are women's or staff's."""
    ids = {int(id_) for row in rows for text in (row.actor, row.subject, row.detail) for id_ in _ID.findall(text or "")}
    women = select(participants.c.id, participants.c.person).where(participants.c.id.in_(ids))
    known = {str(row.id): row.person for row in await tx.run(women)}
    return known | {str(row.id): name_of(tx, row) for row in await tx.run(select(staff).where(staff.c.id.in_(ids)))}


def _written(row: Any, known: dict[str, str]) -> Written:
    actor, subject, detail = (
        _ID.sub(lambda found: known.get(found[0], ""), text or "")
        for text in (row.actor.removeprefix(_STAFF), row.subject, row.detail)
    )
    return Written(row.number, row.at, actor, row.action, subject, detail)


@dataclass(frozen=True, slots=True)
class TrailRead:
    """A member of staff opens the trail."""

    by: int


async def _read(tx: Tx, entries: Sequence[Entry[TrailRead]]) -> None:
    await audit.append(tx, [audit.Act(audit.acting(entry.record.by), "audit_read") for entry in entries])


WRITERS: dict[type, Writer] = {TrailRead: _read, ProofWanted: _wanted}
