"""Every version of every instrument that was ever in use, and which of them new sittings begin with.

* A version, once kept, never changes: its name and version stand in answers, and open sittings end on it.
* In use is what the organisation installed last; a shipped version only where nothing of that name was installed, so
  that a new release of Hilo never undoes a choice of theirs. To go back, or to a shipped version, is to install again.
* Whoever installs is written into the audit trail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import distinct, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conversations.answers import AnswerStatus
from conversations.errors import InstrumentInvalid
from conversations.xlsform import parse_instrument
from storage import audit
from storage.database import Tx
from storage.records import Entry, Writer
from storage.schema import answers, files, instruments


class VersionTaken(Exception):
    """That name and version are kept with other content."""

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version
        super().__init__(f"{name} {version} is stored with other content: raise the version")


@dataclass(frozen=True, slots=True)
class Kept:
    """One version; `installed_at` and `installed_by` are None for one that only came with a release of Hilo."""

    name: str
    version: str
    source: str
    added_at: datetime
    installed_at: datetime | None
    installed_by: str | None


@dataclass(frozen=True, slots=True)
class InstrumentInstalled:
    """A member of staff wants new sittings to begin with this version, which she sent as `file`."""

    name: str
    version: str
    source: str
    staff: int
    file: int


@dataclass(frozen=True, slots=True)
class DraftDiscarded:
    """Nothing comes of the instrument that was sent as this file."""

    file: int


async def keep_instruments(tx: Tx, sources: Sequence[tuple[str, str, str]]) -> None:
    """Keep the text of these instruments (name, version, source), so that open conversations can finish on them."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    rows = [{"name": n, "version": v, "source": source, "added_at": tx.now} for n, v, source in sources]
    await tx.run(dialect.insert(instruments).on_conflict_do_nothing(), rows)


async def kept_instruments(tx: Tx) -> list[Kept]:
    """Every version; of those of one name the one in use is the last."""
    order = (instruments.c.installed_at.nulls_first(), instruments.c.added_at, instruments.c.name)
    return [Kept(**row._mapping) for row in await tx.run(select(instruments).order_by(*order))]


def in_use(kept: Iterable[Kept]) -> Mapping[str, Kept]:
    """Of versions as `kept_instruments` gives them, those that new sittings begin with, by name."""
    return {one.name: one for one in kept}


async def state(tx: Tx) -> tuple[object, ...]:
    """A value that is another one after anything was added or installed; cheap to ask for."""
    columns = (func.count(), func.max(instruments.c.added_at), func.max(instruments.c.installed_at))
    return tuple((await tx.run(select(*columns))).one())


async def install(tx: Tx, source: tuple[str, str, str], *, by: str) -> bool:
    """Keep this version (name, version, source) and put it in use; `by` is a role or the id of a member of staff.

    Returns False if it was in use already. Raises VersionTaken if it is kept with other content; that another text
    says the same is no matter, and the text that is kept stays.
    """
    name, version, text = source
    kept = await kept_instruments(tx)
    same = next((one for one in kept if (one.name, one.version) == (name, version)), None)
    if same is not None and same.source != text and not _says_the_same(same, text):
        raise VersionTaken(name, version)
    if same is not None and same.installed_at is not None and in_use(kept)[name] == same:
        return False
    await keep_instruments(tx, [source])
    key = (instruments.c.name == name) & (instruments.c.version == version)
    await tx.run(update(instruments).where(key).values(installed_at=tx.now, installed_by=by))
    await audit.append(tx, [audit.Act(by, "instrument_installed", name, version)])
    return True


def _says_the_same(kept: Kept, text: str) -> bool:
    try:
        return parse_instrument(kept.name, kept.source) == parse_instrument(kept.name, text)
    except InstrumentInvalid:
        return False


async def checkins_answered(tx: Tx) -> dict[tuple[str, str], int]:
    """By name and version, in how many check-ins at least one answer was given with it."""
    asked_by = (answers.c.instrument, answers.c.version)
    statement = select(*asked_by, func.count(distinct(answers.c.checkin_id))).group_by(*asked_by)
    given = statement.where(answers.c.status == AnswerStatus.GIVEN)
    return {(name, version): count for name, version, count in await tx.run(given)}


async def _installed(tx: Tx, entries: Sequence[Entry[InstrumentInstalled]]) -> None:
    for entry in entries:
        wanted = entry.record
        await install(tx, (wanted.name, wanted.version, wanted.source), by=str(wanted.staff))
    await _empty(tx, [entry.record.file for entry in entries])


async def _discarded(tx: Tx, entries: Sequence[Entry[DraftDiscarded]]) -> None:
    await _empty(tx, [entry.record.file for entry in entries])


async def _empty(tx: Tx, ids: Sequence[int]) -> None:
    """What these files held has served its turn."""
    emptied = update(files).where(files.c.id.in_(ids)).values(content=None, name=None, forget_at=None)
    await tx.run(emptied)


WRITERS: dict[type, Writer] = {InstrumentInstalled: _installed, DraftDiscarded: _discarded}
