"""Rests that she or staff asked for: from all check-ins or from one series, until a local day or until they are ended.

* A woman has at most one running pause for a series, and one for everything (`series` empty); a new one replaces it.
* A pause for `reingreso` rests everything, without end, and is staff's alone: nothing that is said in her chat, by
  whoever holds the phone, begins or ends it, no other pause replaces it, and no file without names tells it from one.
* No reason is asked in chat: hers are all called `descanso`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from storage import audit
from storage.database import Tx
from storage.looks import look_now
from storage.records import Entry, Writer
from storage.schema import pauses, preferences

HERSELF, STAFF = "participant", "command"
"""Who asked for a pause, or ended it: she in her chat, or staff on the command line."""

EVERYTHING = ""
"""The `series` of a pause that rests all of her check-ins."""


class PauseKind(StrEnum):
    """What a pause is for, as far as anybody said."""

    TRIP = "viaje"
    HOSPITAL = "hospital"
    CARE = "cuidado"
    REST = "descanso"  # hers: nobody asked why
    REENTRY = "reingreso"


@dataclass(frozen=True, slots=True)
class Pause:
    """One rest that has not been ended. `until_on` is the local day on which she is asked again; None: not before
    somebody ends it. It may lie in the past: then the pause rests nothing any more."""

    participant: int
    kind: PauseKind
    series: str
    since_at: datetime
    until_on: date | None

    def rests(self, series: str, *, on: date) -> bool:
        """Whether check-ins of that series rest on that local day of hers."""
        return self.series in (EVERYTHING, series) and (self.until_on is None or on < self.until_on)


async def pause(
    tx: Tx, participant: int, kind: PauseKind, *, until_on: date | None, by: str, series: str = EVERYTHING
) -> bool:
    """Rest one series of hers, or EVERYTHING, until that local day (None: until it is ended).

    Replaces the pause that she has for it. False where a `reingreso` rests her: that ends with her next release, or
    when staff end it, and until then staff may rest one series besides, and nothing else rests her. `by` is HERSELF, or
    whoever of staff acts, as the audit names her.
    """
    if (by == HERSELF or series == EVERYTHING) and await is_away(tx, participant):
        return False
    hers = (pauses.c.participant_id == participant) & (pauses.c.series == series) & pauses.c.ended_at.is_(None)
    await tx.run(update(pauses).where(hers).values(ended_at=tx.now))
    row = {"participant_id": participant, "kind": kind, "series": series, "until_on": until_on}
    asked_by = HERSELF if by == HERSELF else STAFF
    await tx.run(pauses.insert().values(id=tx.ids.random(), since_at=tx.now, asked_by=asked_by, **row))
    await audit.append(tx, [audit.Act(by, "paused", str(participant), _told(kind, series))])
    await look_now(tx, [participant])
    return True


async def resume(tx: Tx, participant: int, series: str = EVERYTHING, *, by: str = STAFF) -> bool:
    """End her pause of that series, or of EVERYTHING, and look at her open check-ins again. False if there is none.

    Each pause is ended on its own: a series that was silenced stays so. A `reingreso` is ended only by staff.
    """
    hers = (pauses.c.participant_id == participant) & (pauses.c.series == series) & pauses.c.ended_at.is_(None)
    if by == HERSELF:
        hers &= pauses.c.kind != PauseKind.REENTRY
    ending = update(pauses).where(hers).values(ended_at=tx.now).returning(pauses.c.kind)
    ended = (await tx.run(ending)).first()
    if ended is None:
        return False
    await audit.append(tx, [audit.Act(by, "resumed", str(participant), _told(ended.kind, series))])
    await look_now(tx, [participant])
    return True


async def running(tx: Tx, women: Sequence[int]) -> dict[int, tuple[Pause, ...]]:
    """The pauses of these women that nobody has ended, the oldest first; whoever has none is left out."""
    statement = (
        select(pauses)
        .where(pauses.c.participant_id.in_(women), pauses.c.ended_at.is_(None))
        .order_by(pauses.c.since_at, pauses.c.id)
    )
    found: dict[int, tuple[Pause, ...]] = {}
    for row in await tx.run(statement):
        one = Pause(row.participant_id, PauseKind(row.kind), row.series, row.since_at, row.until_on)
        found[one.participant] = (*found.get(one.participant, ()), one)
    return found


async def away_since(tx: Tx, participant: int) -> datetime | None:
    """Since when a `reingreso` rests all of her check-ins, as it does today; None if none does."""
    zone = (await tx.run(select(preferences.c.zone).where(preferences.c.participant_id == participant))).scalar_one()
    today = tx.now.astimezone(ZoneInfo(zone)).date()
    hers = (await running(tx, [participant])).get(participant, ())
    away = (one.since_at for one in hers if one.kind is PauseKind.REENTRY and one.rests(EVERYTHING, on=today))
    return next(away, None)


async def is_away(tx: Tx, participant: int) -> bool:
    """Whether a `reingreso` rests all of her check-ins today."""
    return await away_since(tx, participant) is not None


def _told(kind: str, series: str) -> str:
    return f"{kind} {series}".rstrip()


# --- records that dialogues return


@dataclass(frozen=True, slots=True)
class PauseAsked:
    """She wants to rest from all check-ins, and to be asked again on that local day of hers."""

    until_on: date


@dataclass(frozen=True, slots=True)
class Resumed:
    """She wants to go on before her pause is over."""


async def _pause_asked(tx: Tx, entries: Sequence[Entry[PauseAsked]]) -> None:
    for entry in entries:
        if (woman := entry.participant_id) is not None:
            until_on = entry.record.until_on
            await pause(tx, woman, PauseKind.REST, until_on=until_on, series=EVERYTHING, by=HERSELF)


async def _resumed(tx: Tx, entries: Sequence[Entry[Resumed]]) -> None:
    for entry in entries:
        if entry.participant_id is not None:
            await resume(tx, entry.participant_id, by=HERSELF)


WRITERS: dict[type, Writer] = {PauseAsked: _pause_asked, Resumed: _resumed}
