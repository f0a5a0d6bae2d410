"""The weekly message to whoever coordinates and wants it: on Monday at nine, by the office's clock, of the week before.

* It is posted, and who got it written down, in one commit: a crash at any moment leaves nobody without it, and nobody
  with two.
* After days without a running bot the last week is told, late; older ones are not made up for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from conversations.speech import Phrase, Said
from storage import cases_office, digest
from storage.database import Database, Tx
from storage.digest import Digest
from storage.mail import Parcel, Urgency, post

AT = time(9)
ONE_WEEK = timedelta(days=7)

Told = Callable[[Digest, ZoneInfo], Phrase]
"""The message that says this, with moments as that clock has them."""


def last_monday(now: datetime, zone: ZoneInfo) -> date:
    """The last Monday whose hour of telling has come."""
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    return monday if datetime.combine(monday, AT, zone) <= local else monday - ONE_WEEK


async def of_week(tx: Tx, monday: date, zone: ZoneInfo) -> Digest:
    """What there is to tell of the seven local days before that Monday."""
    since, until = (datetime.combine(day, time.min, zone) for day in (monday - ONE_WEEK, monday))
    return await digest.look(tx, since, until)


class Digests:
    """Posts the message to everybody who is to have it."""

    def __init__(self, database: Database, *, told: Told) -> None:
        self._database = database
        self._told = told

    async def step(self) -> int:
        """Post what is due now; returns how many were told."""
        async with self._database.read() as tx:
            if not await digest.readers(tx, await _monday(tx)):
                return 0
        async with self._database.transact() as tx:
            return await self._post(tx)

    async def _post(self, tx: Tx) -> int:
        monday, zone = await _monday(tx), await _zone(tx)
        readers = await digest.readers(tx, monday)
        said = Said(self._told(await of_week(tx, monday, zone), zone))
        parcels = [
            Parcel(f"digest:{one.member.staff}:{monday}", one.lane, one.chat_id, said, Urgency.ALERT) for one in readers
        ]
        await post(tx, parcels)
        await digest.told(tx, [one.member.staff for one in readers], monday)
        return len(readers)


async def _monday(tx: Tx) -> date:
    return last_monday(tx.now, await _zone(tx))


async def _zone(tx: Tx) -> ZoneInfo:
    return ZoneInfo((await cases_office.office(tx)).zone)
