"""Permissions that were taken back in a woman's chat, and for a week can be given back through staff.

* Taking one back counts at once; whoever held her phone may not have been she, and one may have been alerts.
* It is given back as she agreed before, to whoever staff know to be she; until she says so nothing is assumed.
* To take back being followed up at all is an erasure, and undone as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from conversations.speech import Phrase
from storage import people
from storage.consents import IN_CHAT, ConsentGiven, How, Purpose, record_consents
from storage.database import Tx
from storage.erasure import UNDO
from storage.records import Entry, Writer
from storage.request_terms import tell_staff
from storage.schema import consents
from storage.stops import How as Way

GIVEN_BACK_AS = {Way.CALL: How.ORAL, Way.IN_PERSON: How.ORAL, Way.IN_WRITING: How.PAPER}
"""How a permission counts as given that staff were told of in this way."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What somebody took back in a chat within the week, and nobody has given since; the text is that of the yes."""

    woman: int
    purpose: Purpose
    at: datetime
    name: str
    record_id: str
    version: str
    text_hash: str


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """All of them."""

    async def find(self, tx: Tx) -> list[Withdrawn]:
        """They, the last first. What this gives names people."""
        return await recent(tx)


async def recent(tx: Tx) -> list[Withdrawn]:
    """What was taken back within the week in a chat, the last first."""
    since = consents.c.at > tx.now - UNDO
    women = select(consents.c.participant_id).where(since, ~consents.c.given, consents.c.how.in_(IN_CHAT))
    in_order = (consents.c.at, consents.c.given.desc(), consents.c.id)
    said = select(consents).where(consents.c.participant_id.in_(women)).order_by(*in_order)
    words: dict[tuple[int, str], list[Any]] = {}
    for row in await tx.run(said):
        words.setdefault((row.participant_id, row.purpose), []).append(row)
    found = [await _withdrawn(tx, rows) for rows in words.values() if _was_taken_back(tx, rows)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _was_taken_back(tx: Tx, rows: Sequence[Any]) -> bool:
    last = rows[-1]
    in_time = last.at > tx.now - UNDO and last.how in IN_CHAT and last.purpose != Purpose.FOLLOW_UP
    return not last.given and in_time and any(row.given for row in rows)


async def _withdrawn(tx: Tx, rows: Sequence[Any]) -> Withdrawn:
    last, yes = rows[-1], [row for row in rows if row.given][-1]
    (card,) = await people.cards(tx, last.participant_id)
    purpose = Purpose(last.purpose)
    return Withdrawn(last.participant_id, purpose, last.at, card.name, card.record_id, yes.version, yes.text_hash)


# --- records that dialogues return


@dataclass(frozen=True, slots=True)
class GivenBack:
    """She told this member of staff, in that way, that she permits it all the same."""

    woman: int
    purpose: Purpose
    way: str
    staff: int


@dataclass(frozen=True, slots=True)
class AlertsWithdrawn:
    """Nobody is to be told any more if she is in danger: staff learn that, without a name."""


async def _given_back(tx: Tx, entries: Sequence[Entry[GivenBack]]) -> None:
    for record in (entry.record for entry in entries):
        for one in await recent(tx):
            if (one.woman, one.purpose) == (record.woman, record.purpose):
                how = GIVEN_BACK_AS[Way(record.way)]
                yes = ConsentGiven(one.woman, one.purpose, one.version, one.text_hash, given=True, how=how)
                at = max(tx.now, one.at + timedelta(microseconds=1))  # her last word, however fast that was
                await record_consents(tx, [(replace(yes, recorded_by=record.staff), at)])


async def _alerts_withdrawn(tx: Tx, entries: Sequence[Entry[AlertsWithdrawn]]) -> None:
    for entry in entries:
        await tell_staff(tx, Phrase("staff.rights_alerts_gone"), origin=f"{entry.origin}:alerts")


WRITERS: dict[type, Writer] = {GivenBack: _given_back, AlertsWithdrawn: _alerts_withdrawn}
