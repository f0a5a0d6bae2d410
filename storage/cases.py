"""What a person must attend to: who asked, since when, until when, and whose it is.

* A woman has at most one open case of a kind; asking again does not start the clock anew.
* Whenever she asks, staff are alerted in the same commit, with nothing in the alert that names her or says what it is
  about: whoever asks twice may have been overlooked once.
* A case goes from open over "on its way" to resolved, by a member of staff or because what it asked for has come. She
  is told of each such step in what she asked for herself, once, in one neutral line, and never after she wished to be
  left alone.
* Her own words are sealed with the case, and shown only to whoever asks for them by name; that is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conversations.effects import CaseOpened
from conversations.session import HELP
from conversations.speech import Phrase, Said
from storage import audit
from storage.database import Tx
from storage.mail import Parcel, Urgency, post
from storage.records import Entry, Writer
from storage.schema import accounts, cases, checkins, staff, stops
from storage.vault import Place

ANSWER_WITHIN = timedelta(days=1)
"""Until part of the settings says otherwise, a request should be attended to within a day."""

LATELY = timedelta(days=7)
"""How long what was resolved still counts as news: until her next weekly sitting."""


class CaseState(StrEnum):
    """Where a case stands; only a resolved one is closed."""

    OPEN = "open"
    ON_ITS_WAY = "on_its_way"
    RESOLVED = "resolved"


MESSAGE = "mensaje"
"""The kind of case of a woman who had a message passed to the team."""

ANSWER = "respuesta"
"""The kind of case of a woman who wrote back to a broadcast: one for each broadcast."""

ASKED_FOR = (HELP, MESSAGE, ANSWER)
"""The kinds that she opens for herself, and is told of."""

STOP = "baja"
"""The kind of case of a woman who does not want to be written to any more."""

DATA = "datos"
"""The kind of case of a woman who wants to see, correct or erase what is kept of her."""

COME_BACK = "volver"
"""The kind of case of a woman who asked to be left alone, and now that she be written to again."""

PROGRESS_KEYS = {CaseState.ON_ITS_WAY: "case.on_its_way", CaseState.RESOLVED: "case.resolved"}

MISSING_DATE = "fecha_de_salida"
"""The kind of case that asks staff for a release date, without which no check-in can be planned."""

FORGOTTEN_WORD = "palabra"
"""The kind of case of a woman who could not give the word of her invitation."""

CALL = "llamada"
"""The kind of case that asks staff to call a woman who is silent, or out of reach, while a check-in is due."""

ALARM = "alarma"
"""The kind of the one case that is about no woman: something was due, and nothing left us."""

NOT_ASKED = (CALL, ALARM)
"""The kinds for which nobody waits for an answer."""

WITHIN = {CALL: timedelta(days=3)}
"""Until when a case should be attended to, where not within ANSWER_WITHIN."""


async def open_cases(
    tx: Tx, rows: Sequence[tuple[int | None, str, int | None]], *, broadcast: int | None = None
) -> int:
    """Open cases (participant, kind, check-in) that are not open yet, about that broadcast if any; returns how many are
    new."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    values = [
        {
            "id": tx.ids.random(),
            "participant_id": participant,
            "kind": kind,
            "checkin_id": checkin,
            "broadcast_id": broadcast,
            "state": CaseState.OPEN,
            "opened_at": tx.now,
            "due_at": tx.now + WITHIN.get(kind, ANSWER_WITHIN),
        }
        for participant, kind, checkin in rows
    ]
    opened = await tx.run(dialect.insert(cases).on_conflict_do_nothing().returning(cases.c.id), values)
    return 0 if opened is None else len(opened.all())


@dataclass(frozen=True, slots=True)
class Words:
    """One message of hers: what she wrote, or (`kind`) the Bot API's name for what she sent instead.

    `voice` is the name under which a voice note is kept.
    """

    at: datetime
    text: str = ""
    kind: str = "text"
    voice: str | None = None


_WORDS: TypeAdapter[tuple[Words, ...]] = TypeAdapter(tuple[Words, ...])


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Somebody waits for an answer: who, to what, since when, until when; and in her words, where they are wanted."""

    participant: int
    kind: str
    state: CaseState
    opened_at: datetime
    due_at: datetime
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseNow:
    """How something that she asked for stands."""

    kind: str
    state: CaseState


async def waiting(tx: Tx) -> int:
    """How many cases are not resolved in which somebody waits for an answer."""
    unresolved = cases.c.closed_at.is_(None) & cases.c.kind.not_in(NOT_ASKED)
    open_ones = select(func.count()).select_from(cases).where(unresolved)
    return int((await tx.run(open_ones)).scalar_one())


async def who_waits(tx: Tx, participant: int | None = None) -> list[OpenCase]:
    """The cases that are not resolved, everybody's or hers, the oldest first; without her words."""
    return [_case(row) for row in await tx.run(_unresolved(participant))]


async def with_words(tx: Tx) -> list[OpenCase]:
    """Everybody's cases as `who_waits` gives them, with her words; whose were read is written down."""
    found = [_case(row, _words(tx, row)) for row in await tx.run(_unresolved(None))]
    read = [case for case in found if case.words]
    await audit.append(tx, [audit.Act("command", "case_read", str(case.participant), case.kind) for case in read])
    return found


def _unresolved(participant: int | None) -> Select[Any]:
    somebodys = cases.c.closed_at.is_(None) & cases.c.participant_id.is_not(None)
    statement = select(cases).where(somebodys).order_by(cases.c.opened_at, cases.c.id)
    return statement if participant is None else statement.where(cases.c.participant_id == participant)


def _case(row: Any, words: tuple[Words, ...] = ()) -> OpenCase:
    return OpenCase(row.participant_id, row.kind, CaseState(row.state), row.opened_at, row.due_at, words)


def _words(tx: Tx, row: Any) -> tuple[Words, ...]:
    return () if row.words is None else _WORDS.validate_json(tx.vault.open(Place("cases", "words", row.id), row.words))


async def asked_by(tx: Tx, women: Sequence[int]) -> dict[int, tuple[CaseNow, ...]]:
    """How that stands which each of these women asked for, the oldest first; what is long resolved is left out."""
    news = cases.c.closed_at.is_(None) | (cases.c.closed_at > tx.now - LATELY)
    hers = cases.c.participant_id.in_(women) & cases.c.kind.in_(ASKED_FOR)
    stand: dict[int, tuple[CaseNow, ...]] = {}
    for row in await tx.run(select(cases).where(hers, news).order_by(cases.c.opened_at, cases.c.id)):
        now = CaseNow(row.kind, CaseState(row.state))
        stand[row.participant_id] = (*stand.get(row.participant_id, ()), now)
    return stand


# --- progress


async def attend(tx: Tx, participant: int, kind: str) -> bool:
    """Somebody sees to her case of that kind: she is told so. False if she has none that nobody sees to."""
    return await _move(tx, participant, kind=kind, to=CaseState.ON_ITS_WAY)


async def close_case(tx: Tx, participant: int, kind: str) -> bool:
    """Her case of that kind is resolved: she is told so. False if she has none that is not."""
    return await _move(tx, participant, kind=kind, to=CaseState.RESOLVED)


async def _move(tx: Tx, participant: int, *, kind: str, to: CaseState) -> bool:
    hers = (cases.c.participant_id == participant) & (cases.c.kind == kind) & cases.c.closed_at.is_(None)
    values = {"state": to, "closed_at": tx.now if to is CaseState.RESOLVED else None}
    moving = update(cases).where(hers, cases.c.state != to).values(values)
    moved = (await tx.run(moving.returning(cases.c.id, cases.c.opened_at))).first()
    if moved is None:
        return False
    action = "case_closed" if to is CaseState.RESOLVED else "case_attended"
    await audit.append(tx, [audit.Act("command", action, str(participant), kind)])
    if kind in ASKED_FOR:
        await _tell_her(tx, participant, origin=f"case:{moved.id}:{to}", since=moved.opened_at, to=to)
    return True


def case_told_of(origin: str) -> int:
    """The case of which she is told by what has this origin."""
    return int(origin.split(":")[1])


async def _tell_her(tx: Tx, participant: int, *, origin: str, since: datetime, to: CaseState) -> None:
    """Say it in the chat that she uses, in her own hours; nowhere if she has none or wished for silence since then."""
    stopped = select(stops.c.id).where(
        stops.c.participant_id == participant, stops.c.lifted_at.is_(None), stops.c.at >= since
    )
    chats = (
        select(accounts)
        .where(accounts.c.participant_id == participant, ~stopped.exists())
        .where(accounts.c.unlinked_at.is_(None), accounts.c.blocked_at.is_(None))
        .order_by(accounts.c.linked_at.desc())
        .limit(1)
    )
    chat = (await tx.run(chats)).first()
    if chat is None:
        return
    chat_id = int(tx.vault.open(Place("accounts", "chat_id", chat.id), chat.chat_id))
    said = Said(Phrase(PROGRESS_KEYS[to]))
    await post(tx, [Parcel(origin, chat.lane, chat_id, said, Urgency.NEWS, participant)])


# --- calls, and the alarm


async def ask_for_calls(tx: Tx, rows: Sequence[tuple[int, int]]) -> None:
    """Ask staff to call these women (participant, check-in). Who is to be called already is from now on called about
    this check-in; the clock of the case does not start anew."""
    await open_cases(tx, [(participant, CALL, checkin) for participant, checkin in rows])
    theirs = (cases.c.participant_id == bindparam("woman")) & (cases.c.kind == CALL) & cases.c.closed_at.is_(None)
    about = update(cases).where(theirs).values(checkin_id=bindparam("about"))
    await tx.run(about, [{"woman": participant, "about": checkin} for participant, checkin in rows])


async def settle_calls(tx: Tx, checkin_ids: Sequence[int], *, whichever: bool = False) -> None:
    """Nobody needs to call about these check-ins any more; with `whichever`, nor to call these women about any."""
    if not checkin_ids:
        return
    women = select(checkins.c.participant_id).where(checkins.c.id.in_(checkin_ids))
    hers = cases.c.participant_id.in_(women)
    settled = update(cases).where(hers, cases.c.kind == CALL, cases.c.closed_at.is_(None))
    if not whichever:
        settled = settled.where(cases.c.checkin_id.in_(checkin_ids))
    await tx.run(settled.values(state=CaseState.RESOLVED, closed_at=tx.now))


async def alarm_since(tx: Tx) -> datetime | None:
    """Since when something is due and nothing leaves, or None while all is well."""
    raised = select(cases.c.opened_at).where(cases.c.kind == ALARM, cases.c.closed_at.is_(None))
    since: datetime | None = (await tx.run(raised.limit(1))).scalar_one_or_none()
    return since


async def set_alarm(tx: Tx, *, wanted: bool) -> bool:
    """Raise the alarm, of which there is one at a time, or end it; returns whether that changed anything."""
    if wanted == (await alarm_since(tx) is not None):
        return False
    if wanted:
        await open_cases(tx, [(None, ALARM, None)])
    else:
        raised = (cases.c.kind == ALARM) & cases.c.closed_at.is_(None)
        await tx.run(update(cases).where(raised).values(state=CaseState.RESOLVED, closed_at=tx.now))
    return True


# --- what dialogues open


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


@dataclass(frozen=True, slots=True)
class MessagePassed:
    """She wants the team to read these messages. `about` is the cause of the notice that they reply to."""

    words: tuple[Words, ...]
    about: str = ""


async def _message_passed(tx: Tx, entries: Sequence[Entry[MessagePassed]]) -> None:
    hers: dict[tuple[int, str], tuple[Words, ...]] = {}
    for entry in entries:
        if entry.participant_id is not None:
            key = entry.participant_id, entry.record.about
            hers[key] = (*hers.get(key, ()), *entry.record.words)
    if not hers:
        return
    for (participant, about), words in hers.items():
        case = await _case_for(tx, participant, about)
        said = tx.vault.seal(Place("cases", "words", case.id), _WORDS.dump_json((*_words(tx, case), *words)))
        await tx.run(update(cases).where(cases.c.id == case.id).values(words=said))
    await alert_staff(tx, entries[0].origin)


async def _case_for(tx: Tx, participant: int, about: str) -> Any:
    """The open case of hers to which her words belong that reply to a notice of this cause; a new one where there is
    none, or it is closed by now."""
    what, _, number = about.partition(":")
    hers = (cases.c.participant_id == participant) & cases.c.closed_at.is_(None)
    if what == "case":
        replied_to = select(cases).where(hers, cases.c.id == case_told_of(about))
        if (case := (await tx.run(replied_to)).first()) is not None:
            return case
    broadcast = int(number) if what == "broadcast" else None
    kind = MESSAGE if broadcast is None else ANSWER
    await open_cases(tx, [(participant, kind, None)], broadcast=broadcast)
    return (
        await tx.run(
            select(cases).where(hers, cases.c.kind == kind, cases.c.broadcast_id.is_not_distinct_from(broadcast))
        )
    ).one()


WRITERS: dict[type, Writer] = {
    CaseOpened: _opened,
    WordsExhausted: _words_exhausted,
    MessagePassed: _message_passed,
}
