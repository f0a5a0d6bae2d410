"""Women who are registered from a desk: one whom a member of staff tells of, or all of a file that she sent.

* A file is looked through whole before anything is stored: its problems, and who may be known under another record_id.
* Who may be known is registered only where somebody has said that she is another woman; nobody is merged.
* What was looked through is read again from the kept file when it is stored, so that nothing else can get in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from scheduler.applied import Plans
from scheduler.calendar import local_day
from scheduler.enrolment import DEFAULT_ZONE, Sorted, enrol, fill_dates, sort_rows
from scheduler.zones import zone_for
from storage import audit, caseloads, files
from storage.database import Conflict, Tx
from storage.imports.participants import ParticipantRow, read_participants
from storage.imports.problems import Fault, SheetProblem
from storage.imports.sheets import Sheet, read_sheet
from storage.namesakes import Named, Namesakes
from storage.records import Entry, Writer
from storage.schema import files as files_kept
from storage.search import Listing, likely


@dataclass(frozen=True, slots=True)
class WomanAdded:
    """A member of staff has registered this woman; she is with `staff` from now on (None: with nobody yet)."""

    row: ParticipantRow
    staff: int | None
    by: int
    plans: Plans = field(compare=False)


async def _added(tx: Tx, entries: Sequence[Entry[WomanAdded]]) -> None:
    """Raises Conflict if somebody else has registered her record_id meanwhile."""
    for record in (entry.record for entry in entries):
        by = audit.acting(record.by)
        (woman,) = await enrol(tx, [record.row], plans=record.plans, by=by)
        await caseloads.assign(tx, {woman: record.staff}, by=by)
        await audit.append(tx, [audit.Act(by, "woman_registered", str(woman))])


# --- a file


@dataclass(frozen=True, slots=True)
class Twin:
    """A row whose woman may be known, or stand in the file twice: who else she may be, and on which earlier lines."""

    row: ParticipantRow
    known: tuple[Listing, ...]
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file holds: what can be stored, everything that is wrong, what is only worth a look, and whom somebody
    must tell apart."""

    sorted: Sorted
    problems: tuple[SheetProblem, ...]
    warnings: tuple[SheetProblem, ...]
    twins: tuple[Twin, ...]

    def without(self, left_out: Collection[int]) -> Sorted:
        """What is stored without the rows of these lines."""
        kept = [row for row in self.sorted.new if row.line not in left_out]
        return replace(self.sorted, new=kept)


async def check(tx: Tx, sheet: Sheet, *, plans: Plans, twins: bool = True) -> Checked:
    """Look a file of women through; nothing is stored. Without `twins` nobody is told apart."""
    today = local_day(tx.now, ZoneInfo(DEFAULT_ZONE))
    read = read_participants(sheet, today=today, zone_for=zone_for)
    found = await sort_rows(tx, read.rows, plans=plans)
    problems = sorted((*read.problems, *found.problems), key=lambda problem: problem.line or 0)
    same = await _twins(tx, found.new) if twins else ()
    return Checked(found, tuple(problems), read.warnings, tuple(same))


async def _twins(tx: Tx, rows: Sequence[ParticipantRow]) -> list[Twin]:
    named = [Named(row.line, row.name, row.birth_year) for row in rows]
    known = await likely(tx, None, named)
    of_file = Namesakes(named)
    twins = []
    for row, her in zip(rows, named, strict=True):
        earlier = tuple(sorted(one.id for one in of_file.of(her) if one.id < row.line))
        if row.line in known or earlier:
            twins.append(Twin(row, known[row.line].seen if row.line in known else (), earlier))
    return twins


MOST_ROWS = 1000
"""Rows of a file that the bot takes: it looks them all through between two messages. The command line takes more."""

MOST_BYTES = 2_000_000
"""The same in bytes: ten times what a workbook of so many rows needs."""


@dataclass(frozen=True, slots=True)
class FileChecked:
    """What the file holds that a member of staff sent; with `twins`, who in it may be known already, too."""

    file: int
    plans: Plans = field(compare=False)
    twins: bool = True

    async def find(self, tx: Tx) -> Checked | None:
        """It; None where the file is not kept any more."""
        kept = await files.fetched(tx, self.file)
        return (
            None
            if kept is None
            else await check(tx, readable(kept.content, kept.name), plans=self.plans, twins=self.twins)
        )


def readable(content: bytes, name: str) -> Sheet:
    """The sheet; one with more than MOST_ROWS is no sheet for the bot, and says so."""
    sheet = read_sheet(content, name)
    if len(sheet.rows) <= MOST_ROWS:
        return sheet
    message = f"there are more than {MOST_ROWS} rows: import it with hilo participants import, or split it"
    return Sheet(problems=(SheetProblem(None, None, Fault.TOO_LARGE, message),))


@dataclass(frozen=True, slots=True)
class FileImported:
    """The women of this file are registered, but for the rows of these lines; `women` and `dates` are how many of
    either were shown."""

    file: int
    left_out: tuple[int, ...]
    women: int
    dates: int
    by: int
    plans: Plans = field(compare=False)


async def _imported(tx: Tx, entries: Sequence[Entry[FileImported]]) -> None:
    """Raises Conflict if the file is gone, or holds other news now than it did when it was shown."""
    for record in (entry.record for entry in entries):
        checked = await FileChecked(record.file, record.plans, twins=False).find(tx)
        if checked is None or checked.problems:
            raise Conflict("the file cannot be stored any more")
        found = checked.without(record.left_out)
        if (len(found.new), len(found.dates)) != (record.women, record.dates):
            raise Conflict("the file holds other news by now")
        await store(tx, found, plans=record.plans, by=audit.acting(record.by))
        await _forget(tx, record.file)


async def store(tx: Tx, found: Sorted, *, plans: Plans, by: str) -> None:
    """Register these women and fill in these dates."""
    await enrol(tx, found.new, plans=plans, by=by)
    await fill_dates(tx, found.dates, plans=plans)
    numbers = f"{len(found.new)} {len(found.dates)}"
    await audit.append(tx, [audit.Act(by, "roster_imported", None, numbers)])


async def _forget(tx: Tx, file: int) -> None:
    gone = {"content": None, "name": None, "forget_at": None}
    await tx.run(files_kept.update().where(files_kept.c.id == file).values(gone))


WRITERS: dict[type, Writer] = {WomanAdded: _added, FileImported: _imported}
