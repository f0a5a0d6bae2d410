"""The report as it is made, in a chat or at the command line, and the register of all of them.

* It is of the day on which it is made, as that stands in the office.
* It is registered like every other file that leaves: who made it, for whom, and its hash.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from zoneinfo import ZoneInfo

from locales.catalog import SPANISH
from storage import audit, cases_office
from storage.audit import Act, acting
from storage.database import Tx
from storage.imports.catalogue import SHIPPED, Catalogue
from storage.records import Entry, Lengthy, Writer
from storage.schema import exports

FORMAT = "html"


@dataclass(frozen=True, slots=True)
class Made:
    """A page, and the day that it is of."""

    day: date
    page: str

    @property
    def hash(self) -> str:
        """By which it is known again."""
        return sha256(self.page.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ReportPage(Lengthy):
    """The report as things stand; centres go by the names of `catalogue`."""

    public: bool = False
    language: str = SPANISH
    catalogue: Catalogue = field(default=SHIPPED, compare=False)

    async def find(self, tx: Tx) -> Made:
        """It."""
        # numpy, pyarrow and Jinja take longer to import than the bot takes to start.
        from storage.report.findings import look
        from storage.report.page import page
        from storage.report.words import Wording

        zone = ZoneInfo((await cases_office.office(tx)).zone)
        day = tx.now.astimezone(zone).date()
        found = await look(tx, day, public=self.public)
        words = Wording(self.language, self.catalogue.centre_names)
        return Made(day, await asyncio.to_thread(page, found, words, zone=zone))


@dataclass(frozen=True, slots=True)
class ReportMade:
    """A member of staff was given a report for the team, of this hash."""

    staff: int
    hash: str


async def register(tx: Tx, file_hash: str, *, by: int | None, public: bool) -> None:
    """Write down that the report of this hash leaves; `by` is a member of staff, or None for the command line."""
    number, audience = tx.ids.random(), "public" if public else "team"
    row = {
        "id": number,
        "at": tx.now,
        "made_by": acting(by),
        "format": FORMAT,
        "audience": audience,
        "identified": False,
        "file_hash": file_hash,
        "counts": json.dumps({}),
    }
    await tx.run(exports.insert(), [row])
    await audit.append(tx, [Act(acting(by), "report_made", str(number), audience)])


async def _made(tx: Tx, entries: Sequence[Entry[ReportMade]]) -> None:
    for record in (entry.record for entry in entries):
        await register(tx, record.hash, by=record.staff, public=False)


WRITERS: dict[type, Writer] = {ReportMade: _made}
