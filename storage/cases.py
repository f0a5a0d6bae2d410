"""What a person must attend to: who asked, since when, until when, and whose it is.

* A woman has at most one open case of a kind; asking again does not start the clock anew.
* Whenever she asks, staff are alerted in the same commit, with nothing in the alert that names her or says what it is
  about: whoever asks twice may have been overlooked once.
* A case is open until a member of staff closes it, or what it asked for has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conversations.effects import CaseOpened
from conversations.speech import Phrase, Said
from storage import audit
from storage.database import Tx
from storage.mail import Parcel, Urgency, post
from storage.records import Entry, Writer
from storage.schema import accounts, cases, staff
from storage.vault import Place

ANSWER_WITHIN = timedelta(days=1)
"""Until part of the settings says otherwise, a request should be attended to within a day."""

OPEN, CLOSED = "open", "closed"
MISSING_DATE = "fecha_de_salida"
"""The kind of case that asks staff for a release date, without which no check-in can be planned."""

FORGOTTEN_WORD = "palabra"
"""The kind of case of a woman who could not give the word of her invitation."""


async def open_cases(tx: Tx, rows: Sequence[tuple[int, str, int | None]]) -> int:
    """Open cases (participant, kind, check-in) that are not open yet; returns how many are new."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    values = [
        {
            "id": tx.ids.random(),
            "participant_id": participant,
            "kind": kind,
            "checkin_id": checkin,
            "state": OPEN,
            "opened_at": tx.now,
            "due_at": tx.now + ANSWER_WITHIN,
        }
        for participant, kind, checkin in rows
    ]
    opened = await tx.run(dialect.insert(cases).on_conflict_do_nothing().returning(cases.c.id), values)
    return 0 if opened is None else len(opened.all())


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Somebody waits for an answer: who, to what, since when, until when."""

    participant: int
    kind: str
    opened_at: datetime
    due_at: datetime


async def waiting(tx: Tx) -> int:
    """How many cases are open."""
    open_ones = select(func.count()).select_from(cases).where(cases.c.closed_at.is_(None))
    return int((await tx.run(open_ones)).scalar_one())


async def who_waits(tx: Tx, participant: int | None = None) -> list[OpenCase]:
    """The open cases, everybody's or hers, the oldest first."""
    statement = select(cases).where(cases.c.closed_at.is_(None)).order_by(cases.c.opened_at, cases.c.id)
    if participant is not None:
        statement = statement.where(cases.c.participant_id == participant)
    return [OpenCase(row.participant_id, row.kind, row.opened_at, row.due_at) for row in await tx.run(statement)]


async def close_case(tx: Tx, participant: int, kind: str) -> bool:
    """Close her open case of that kind, and write down that it was done; False if there is none."""
    hers = (cases.c.participant_id == participant) & (cases.c.kind == kind) & cases.c.closed_at.is_(None)
    closed = await tx.run(update(cases).where(hers).values(state=CLOSED, closed_at=tx.now))
    if not closed.rowcount:
        return False
    await audit.append(tx, [audit.Act("command", "case_closed", str(participant), kind)])
    return True


async def _opened(tx: Tx, entries: Sequence[Entry[CaseOpened]]) -> None:
    asked = [(e.participant_id, e.record.kind, e.checkin_id) for e in entries if e.participant_id is not None]
    await open_cases(tx, asked)
    if asked:
        await alert_staff(tx, entries[0].origin)


async def phones_told(tx: Tx) -> int:
    """How many phones of staff an alert would reach."""
    return int((await tx.run(select(func.count()).select_from(_phones().subquery()))).scalar_one())


def _phones() -> Select[Any]:
    return (
        select(accounts)
        .join(staff, staff.c.id == accounts.c.staff_id)
        .where(accounts.c.unlinked_at.is_(None), accounts.c.blocked_at.is_(None), staff.c.revoked_at.is_(None))
    )


async def alert_staff(tx: Tx, origin: str) -> None:
    """Tell every member of staff, in one neutral line, that somebody waits for an answer."""
    phrase = Phrase("staff.someone_waits", {"count": await waiting(tx)})
    await post(tx, [_alert(tx, row, phrase, origin=origin) for row in await tx.run(_phones())])


def _alert(tx: Tx, account: Any, phrase: Phrase, *, origin: str) -> Parcel:
    chat_id = int(tx.vault.open(Place("accounts", "chat_id", account.id), account.chat_id))
    return Parcel(f"{origin}:alert:{account.id}", account.lane, chat_id, Said(phrase), Urgency.ALERT)


@dataclass(frozen=True, slots=True)
class WordsExhausted:
    """The word of this woman's invitation was missed too often; only staff can help her now."""

    participant: int


async def _words_exhausted(tx: Tx, entries: Sequence[Entry[WordsExhausted]]) -> None:
    if await open_cases(tx, [(entry.record.participant, FORGOTTEN_WORD, None) for entry in entries]):
        await alert_staff(tx, entries[0].origin)


WRITERS: dict[type, Writer] = {CaseOpened: _opened, WordsExhausted: _words_exhausted}
