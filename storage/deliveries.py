"""What a desk is told of a broadcast afterwards: how many got it and why others did not, and the same as a workbook.

* Only record_ids and codes stand in it, never a name; whoever may not see the broadcast finds nothing.
* That a workbook was made is written down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storage import audit, broadcast_desk, recipients, retiring
from storage.broadcasts import cause_of
from storage.database import Tx
from storage.exports.deliveries import Told, workbook
from storage.members import Member
from storage.recipients import RecipientState
from storage.records import Entry, Lengthy, Writer
from storage.retiring import Retired

MOST_ROWS = 10_000
"""Longer workbooks are made on the command line: every chat would wait while this one is written."""


@dataclass(frozen=True, slots=True)
class ReasonsOf:
    """How many of a broadcast's recipients ended how, and why, if she may see it."""

    broadcast: int
    member: Member

    async def find(self, tx: Tx) -> Mapping[tuple[RecipientState, str | None], int] | None:
        """The numbers."""
        if await broadcast_desk.get(tx, self.broadcast, self.member) is None:
            return None
        return await recipients.reasons(tx, self.broadcast)


@dataclass(frozen=True, slots=True)
class Retirable:
    """What retiring this broadcast does now, if she may see it: the step that finds it does just that."""

    broadcast: int
    member: Member

    async def find(self, tx: Tx) -> Retired | None:
        """The numbers."""
        if await broadcast_desk.get(tx, self.broadcast, self.member) is None:
            return None
        return await retiring.retire(tx, cause_of(self.broadcast), really=False)


@dataclass(frozen=True, slots=True)
class DeliverySheet(Lengthy):
    """What became of a broadcast for each woman, if she may see it and it is not too long; `told` says reasons in
    words."""

    broadcast: int
    member: Member
    told: Told = str

    async def find(self, tx: Tx) -> bytes | None:
        """The .xlsx file."""
        found = await broadcast_desk.get(tx, self.broadcast, self.member)
        if found is None or found.total > MOST_ROWS:
            return None
        reasons = await recipients.reasons(tx, self.broadcast)
        each = await recipients.deliveries(tx, self.broadcast)
        return await asyncio.to_thread(workbook, reasons, found.excluded, each=each, told=self.told)


@dataclass(frozen=True, slots=True)
class SheetMade:
    """She was given the workbook of a broadcast."""

    broadcast: int
    member: Member


async def _made(tx: Tx, entries: Sequence[Entry[SheetMade]]) -> None:
    acts = [
        audit.Act(audit.acting(entry.record.member.staff), "broadcast_reported", str(entry.record.broadcast))
        for entry in entries
    ]
    await audit.append(tx, acts)


WRITERS: dict[type, Writer] = {SheetMade: _made}
