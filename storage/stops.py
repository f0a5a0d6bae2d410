"""Her wish to be left alone: nothing reaches her unasked until she or a recorded request of hers lifts it.

* A woman has at most one stop in force; asking again changes nothing.
* A stop is lifted by a new invitation opened with its word, or by staff who say how she asked. Nothing else lifts it,
  but of one that was asked for where several women share a chat and none had given her code: each takes that back for
  herself, by hers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import audit
from storage.database import Tx
from storage.leaving import Held, drop_what_waits
from storage.looks import look_now
from storage.records import Entry, Writer
from storage.schema import invitations, stops


class How(StrEnum):
    """By which way she asked, to be left alone or to be written to again."""

    CHAT = "chat"
    SOMEBODY = "alguien"  # of those who share a chat, nobody knows who
    CODE = "clave"  # her code, where SOMEBODY had asked
    INVITATION = "invitacion"  # a new one, opened with its word
    CALL = "llamada"
    IN_PERSON = "en_persona"
    IN_WRITING = "por_escrito"


BY_STAFF = (How.CALL, How.IN_PERSON, How.IN_WRITING)
"""The ways that staff record; the others are hers."""


async def stop(tx: Tx, participant: int, how: str, *, by: str | None = None) -> bool:
    """Nothing unasked reaches her from now on, and what waits is dropped. False if that was so already; what SOMEBODY
    had asked is then hers, if it is she who asks.

    The audit names `by`, or else her or the command line, whichever `how` says. Raises ValueError if `how` is no How.
    """
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    row = {"id": tx.ids.random(), "participant_id": participant, "at": tx.now, "how": How(how)}
    asked = dialect.insert(stops).values(row).on_conflict_do_nothing().returning(stops.c.id)
    if (await tx.run(asked)).first() is None:
        somebodys = (
            (stops.c.participant_id == participant) & stops.c.lifted_at.is_(None) & (stops.c.how == How.SOMEBODY)
        )
        await tx.run(update(stops).where(somebodys).values(how=How(how)))
        return False
    await audit.append(tx, [audit.Act(by or _actor(how), "stopped", str(participant), how)])
    await drop_what_waits(tx, participant, Held.STOPPED)
    await look_now(tx, [participant])
    return True


async def lift(tx: Tx, participant: int, how: str, *, by: str | None = None) -> bool:
    """She may be written to again, and her open check-ins are looked at anew. False if nothing was in force.

    The audit names `by`, as of a stop. Raises ValueError if `how` is no How.
    """
    hers = (stops.c.participant_id == participant) & stops.c.lifted_at.is_(None)
    lifted = update(stops).where(hers).values(lifted_at=tx.now, lifted_how=How(how)).returning(stops.c.id)
    if (await tx.run(lifted)).first() is None:
        return False
    await audit.append(tx, [audit.Act(by or _actor(how), "stop_lifted", str(participant), how)])
    await look_now(tx, [participant])
    return True


async def in_force(tx: Tx, women: Sequence[int]) -> set[int]:
    """Who of these women wishes to be left alone at present."""
    hers = stops.c.participant_id.in_(women) & stops.c.lifted_at.is_(None)
    return {row.participant_id for row in await tx.run(select(stops.c.participant_id).where(hers))}


def _actor(how: str) -> str:
    return "command" if how in BY_STAFF else "participant"


# --- records that dialogues return


@dataclass(frozen=True, slots=True)
class StopAsked:
    """She wishes to be left alone, or SOMEBODY does."""

    how: How = How.CHAT


@dataclass(frozen=True, slots=True)
class Lifted:
    """She opened a new invitation with its word, or took back by her code what SOMEBODY had asked. `participant` names
    her in the step that makes the chat hers; `invitation` is used up by it where nothing else is linked."""

    participant: int | None = None
    invitation: int | None = None
    how: How = How.INVITATION


async def _stop_asked(tx: Tx, entries: Sequence[Entry[StopAsked]]) -> None:
    for entry in entries:
        if entry.participant_id is not None and not await stop(tx, entry.participant_id, entry.record.how):
            await drop_what_waits(tx, entry.participant_id, Held.STOPPED)


async def _lifted(tx: Tx, entries: Sequence[Entry[Lifted]]) -> None:
    for entry in entries:
        woman = entry.participant_id if entry.record.participant is None else entry.record.participant
        if woman is not None:
            await lift(tx, woman, entry.record.how)
    used = update(invitations).where(invitations.c.id == bindparam("of")).values(used_at=tx.now)
    await tx.run(used, [{"of": e.record.invitation} for e in entries if e.record.invitation is not None])


WRITERS: dict[type, Writer] = {StopAsked: _stop_asked, Lifted: _lifted}
