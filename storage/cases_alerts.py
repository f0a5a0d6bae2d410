"""Who is told that somebody waits, and when she is told that somebody reads.

* No alert names her or says what it is about: it leaves our hands, and stands on screens and in a group. Whoever gets
  it in her own chat goes on to the tray from there.
* Whoever sees the case gets it, and the staff's group where there is one; what nobody takes, or whoever has it does
  not open, goes to coordinators.
* Out of hours she learns once, with what she asked, when somebody will read it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, select, update

from conversations.office import Office
from conversations.speech import Button, Phrase, Said
from storage import cases_office, cases_seen
from storage.cases_kinds import CRISIS, FIRST
from storage.database import Tx
from storage.mail import Parcel, Urgency, post
from storage.members import SEES_ALL, SEES_OWN
from storage.phones import alert, phones
from storage.records import Entry
from storage.schema import cases, staff

READ_KEYS = (
    "office.monday",
    "office.tuesday",
    "office.wednesday",
    "office.thursday",
    "office.friday",
    "office.saturday",
    "office.sunday",
)
"""When somebody reads again, by the day of the week."""

SOON_KEYS = ("office.today", "office.tomorrow")
"""The same, where it is today or tomorrow."""

TO_THE_TRAY = Button("cases.list", Phrase("staff.cases_back"))
"""What stands below an alert, and does what the command does that shows the tray."""

CRISIS_WAITS, CRISIS_AGAIN = timedelta(minutes=15), timedelta(hours=1)
"""After how long coordinators are told of a crisis that nobody has taken, at any hour, and how often from then on."""

_AT_WORK = staff.c.role.in_(SEES_ALL | SEES_OWN)


async def phones_told(tx: Tx) -> int:
    """How many phones of staff an alert would reach."""
    return len(await phones(tx, _AT_WORK))


async def alert_staff(tx: Tx, origin: str, *, about: ColumnElement[bool]) -> None:
    """Tell whoever sees any of these cases (a condition on `cases`), in one neutral line, that somebody waits for an
    answer, and in how many that she sees; in the group, in how many there are. Where no phone of theirs can be reached
    everybody at work learns that somebody waits whom nobody sees."""
    readers = await cases_seen.readers(tx, about)
    parcels = [
        alert(tx, phone, _waits(readers[phone.member.staff]), origin=origin, onward=TO_THE_TRAY)
        for phone in await phones(tx, staff.c.id.in_(readers))
    ]
    if not parcels:  # in whose trays it is not either
        everybody = await phones(tx, _AT_WORK)
        parcels = [alert(tx, phone, Phrase("staff.nobody_sees"), origin=origin) for phone in everybody]
    if (there := await cases_office.group(tx)) is not None:
        said = Said(_waits(await cases_seen.waiting(tx)))
        parcels.append(Parcel(f"{origin}:alert:group", *there, said, Urgency.ALERT))
    await post(tx, parcels)


def _waits(count: int) -> Phrase:
    return Phrase("staff.someone_waits", {"count": count})


async def alert_member(tx: Tx, member: int, phrase: Phrase, *, origin: str) -> None:
    """Tell one member of staff something that names nobody."""
    hers = await phones(tx, staff.c.id == member)
    await post(tx, [alert(tx, phone, phrase, origin=origin, onward=TO_THE_TRAY) for phone in hers])


# --- what nobody takes, or opens


async def escalate(tx: Tx) -> int:
    """Tell coordinators of the cases that nobody has taken for too long, or that whoever has it has not opened since
    something came, or it was passed to her; of each once, but of a crisis again and again. Returns how many these
    are."""
    late = await _late(tx)
    if late:
        await tx.run(update(cases).where(cases.c.id.in_(late)).values(escalated_at=tx.now))
        phrase, origin = Phrase("staff.nobody_took", {"count": len(late)}), f"escalated:{tx.ids.random():x}"
        lead = await phones(tx, staff.c.role.in_(SEES_ALL))
        await post(tx, [alert(tx, phone, phrase, origin=origin, onward=TO_THE_TRAY) for phone in lead])
    return len(late)


async def anybody_waits(tx: Tx) -> bool:
    """Whether there is a case that `escalate` would tell of."""
    return bool(await _late(tx))


async def _late(tx: Tx) -> list[int]:
    unowned = cases.c.owner_id.is_(None) & (cases.c.state == "open")
    unopened = cases.c.owner_id.is_not(None) & cases.c.unread_since.is_not(None)
    somebody_waits = cases.c.kind.in_([kind for kinds in FIRST for kind in kinds])
    not_told = cases.c.escalated_at.is_(None) | (cases.c.kind == CRISIS)
    since = case((unopened, cases.c.unread_since), else_=cases.c.opened_at).label("since")
    those = select(cases.c.id, cases.c.kind, cases.c.escalated_at, since)
    found = list(await tx.run(those.where(cases.c.closed_at.is_(None), unowned | unopened, somebody_waits, not_told)))
    if not found:
        return []
    office, patience = await cases_office.office(tx), await cases_office.escalates_after(tx)
    return [
        row.id
        for row in found
        if (_cannot_wait(row, tx.now) if row.kind == CRISIS else office.worked(row.since, tx.now) >= patience)
    ]


def _cannot_wait(row: Any, now: datetime) -> bool:
    """Whether coordinators are to be told of this crisis now, whatever the hour."""
    told = row.escalated_at
    return bool(now - row.since >= CRISIS_WAITS if told is None else now - told >= CRISIS_AGAIN)


# --- out of hours


async def say_when_read(tx: Tx, entries: Sequence[Entry[Any]], *, asked: Collection[int]) -> None:
    """Where nobody reads now, tell each of these women, who asked just now, when somebody will."""
    read = when_read(await cases_office.office(tx), now=tx.now)
    if not asked or read is None:
        return
    said = Said(read)
    last = {entry.participant_id: entry for entry in entries if entry.participant_id in asked}
    await post(
        tx,
        [
            # As urgent as an alert: it comes after what she is told at once.
            Parcel(f"{one.origin}:office", one.lane, one.chat_id, said, Urgency.ALERT, one.participant_id)
            for one in last.values()
        ],
    )


def when_read(office: Office, *, now: datetime) -> Phrase | None:
    """When somebody reads again; None where somebody reads now, or as good as now."""
    opens = office.next_open(now)
    if opens - now < timedelta(minutes=1):
        return None
    then, today = office.wall(opens), office.wall(now).date()
    days = (then.date() - today).days
    key = SOON_KEYS[days] if days < len(SOON_KEYS) else READ_KEYS[then.weekday()]
    return Phrase(key, {"hour": f"{then:%H:%M}".lstrip("0")})
