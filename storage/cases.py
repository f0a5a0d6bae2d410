"""What a person must attend to: who asked, since when, until when, and whose it is.

* A woman has at most one open case of a kind; asking again does not start the clock anew.
* Whenever she asks, staff are alerted in the same commit, with nothing in the alert that names her or says what it is
  about: whoever asks twice may have been overlooked once.
* A case goes from open over "on its way" to resolved, by a member of staff or because what it asked for has come. She
  is told of each such step in what she asked for herself, once, in one neutral line that says no more than is so, and
  never after she wished to be left alone.
* Her own words are sealed with the case, and shown only to whoever asks for them by name; that is written down. What
  she sent can be shown as long as her case is open.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conversations.effects import CaseOpened
from conversations.office import Office
from conversations.speech import Phrase, Said
from storage import audit, cases_office, holds
from storage.cases_alerts import alert_staff, say_when_read
from storage.cases_kinds import A_DATE as A_DATE
from storage.cases_kinds import ALARM as ALARM
from storage.cases_kinds import ANSWER as ANSWER
from storage.cases_kinds import ANSWER_WITHIN, ASKED_FOR, RESOLVED_KEYS, WITHIN
from storage.cases_kinds import CALL as CALL
from storage.cases_kinds import COME_BACK as COME_BACK
from storage.cases_kinds import DATA as DATA
from storage.cases_kinds import FORGOTTEN_CODE as FORGOTTEN_CODE
from storage.cases_kinds import FORGOTTEN_WORD as FORGOTTEN_WORD
from storage.cases_kinds import MESSAGE as MESSAGE
from storage.cases_kinds import MISSING_DATE as MISSING_DATE
from storage.cases_kinds import STOP as STOP
from storage.cases_kinds import Outcome as Outcome
from storage.database import Tx
from storage.mail import MailState, Parcel, Urgency, post
from storage.records import Entry, Writer
from storage.schema import accounts, cases, checkins, outbox, stops
from storage.vault import Place

LATELY = timedelta(days=7)
"""How long what was resolved still counts as news: until her next weekly sitting."""

TOGETHER = timedelta(minutes=10)
"""What two of her cases come to within so much time, she is told once."""

COMMAND = "command"
"""Whoever holds the command line, as the audit names her."""


class CaseState(StrEnum):
    """Where a case stands; only a resolved one is closed."""

    OPEN = "open"
    ON_ITS_WAY = "on_its_way"
    RESOLVED = "resolved"


def progress_key(state: CaseState, outcome: str | None) -> str | None:
    """How she is told that a case stands so now, or None. What was closed without a word of how is as if attended."""
    if state is CaseState.RESOLVED:
        return RESOLVED_KEYS.get(outcome or Outcome.ATTENDED)
    return "case.on_its_way" if state is CaseState.ON_ITS_WAY else None


async def open_cases(
    tx: Tx, rows: Sequence[tuple[int | None, str, int | None]], *, broadcast: int | None = None
) -> int:
    """Open cases (participant, kind, check-in) that are not open yet, about that broadcast if any; returns how many are
    new."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    office = await cases_office.office(tx) if rows else Office()
    due = {kind: office.after(tx.now, WITHIN.get(kind, ANSWER_WITHIN)) for kind in {kind for _, kind, _ in rows}}
    values = [
        {
            "id": tx.ids.random(),
            "participant_id": participant,
            "kind": kind,
            "checkin_id": checkin,
            "broadcast_id": broadcast,
            "state": CaseState.OPEN,
            "opened_at": tx.now,
            "due_at": due[kind],
        }
        for participant, kind, checkin in rows
    ]
    opened = await tx.run(dialect.insert(cases).on_conflict_do_nothing().returning(cases.c.id), values)
    return 0 if opened is None else len(opened.all())


@dataclass(frozen=True, slots=True)
class Words:
    """One message of hers: what she wrote, or (`kind`) the Bot API's name for what she sent instead.

    `voice` is the name under which a voice note is kept, `file_id` the channel's id of what can be shown again.
    """

    at: datetime
    text: str = ""
    kind: str = "text"
    voice: str | None = None
    file_id: str = ""


_WORDS: TypeAdapter[tuple[Words, ...]] = TypeAdapter(tuple[Words, ...])


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Somebody waits for an answer: who, to what, since when, until when; and in her words, where they are wanted.

    `owner` is the member of staff whose it is.
    """

    participant: int
    kind: str
    state: CaseState
    opened_at: datetime
    due_at: datetime
    words: tuple[Words, ...] = ()
    id: int = 0
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class CaseNow:
    """How something that she asked for stands, and how it ended if it did."""

    kind: str
    state: CaseState
    outcome: str | None = None


async def who_waits(tx: Tx, participant: int | None = None) -> list[OpenCase]:
    """The cases that are not resolved, everybody's or hers, the oldest first; without her words."""
    return [_case(row) for row in await tx.run(_unresolved(participant))]


async def with_words(tx: Tx) -> list[OpenCase]:
    """Everybody's cases as `who_waits` gives them, with her words; whose were read is written down."""
    found = [_case(row, words_in(tx, row)) for row in await tx.run(_unresolved(None))]
    read = [case for case in found if case.words]
    await audit.append(tx, [audit.Act(COMMAND, "case_read", str(case.participant), case.kind) for case in read])
    return found


def _unresolved(participant: int | None) -> Select[Any]:
    somebodys = cases.c.closed_at.is_(None) & cases.c.participant_id.is_not(None)
    statement = select(cases).where(somebodys).order_by(cases.c.opened_at, cases.c.id)
    return statement if participant is None else statement.where(cases.c.participant_id == participant)


def _case(row: Any, words: tuple[Words, ...] = ()) -> OpenCase:
    state = CaseState(row.state)
    return OpenCase(row.participant_id, row.kind, state, row.opened_at, row.due_at, words, row.id, row.owner_id)


def words_in(tx: Tx, row: Any) -> tuple[Words, ...]:
    """What she said in the case of this row, the oldest first."""
    return () if row.words is None else _WORDS.validate_json(tx.vault.open(Place("cases", "words", row.id), row.words))


async def asked_by(tx: Tx, women: Sequence[int]) -> dict[int, tuple[CaseNow, ...]]:
    """How that stands which each of these women asked for, the oldest first; what is long resolved is left out, and
    what ended without anything to tell her."""
    told = cases.c.outcome.is_(None) | (cases.c.outcome != Outcome.UNREACHED)
    news = cases.c.closed_at.is_(None) | ((cases.c.closed_at > tx.now - LATELY) & told)
    hers = cases.c.participant_id.in_(women) & cases.c.kind.in_(ASKED_FOR)
    stand: dict[int, tuple[CaseNow, ...]] = {}
    for row in await tx.run(select(cases).where(hers, news).order_by(cases.c.opened_at, cases.c.id)):
        now = CaseNow(row.kind, CaseState(row.state), row.outcome)
        stand[row.participant_id] = (*stand.get(row.participant_id, ()), now)
    return stand


# --- progress


async def attend(tx: Tx, participant: int, kind: str) -> bool:
    """Somebody sees to her case of that kind: she is told so. False if she has none that nobody sees to."""
    found = await _unlike(tx, participant, kind, to=CaseState.ON_ITS_WAY)
    return found is not None and await move(tx, found, CaseState.ON_ITS_WAY, by=COMMAND)


async def close_case(tx: Tx, participant: int, kind: str, *, by: str = COMMAND) -> bool:
    """Her case of that kind is resolved, by the doing of whom the audit names `by`: she is told so. False if she has
    none that is not."""
    found = await _unlike(tx, participant, kind, to=CaseState.RESOLVED)
    return found is not None and await move(tx, found, CaseState.RESOLVED, by=by)


async def _unlike(tx: Tx, participant: int, kind: str, *, to: CaseState) -> int | None:
    """Her oldest open case of that kind which does not stand so."""
    hers = (cases.c.participant_id == participant) & (cases.c.kind == kind) & cases.c.closed_at.is_(None)
    found = (await tx.run(select(cases.c.id).where(hers, cases.c.state != to).order_by(cases.c.opened_at))).first()
    return None if found is None else int(found.id)


async def move(tx: Tx, case: int, to: CaseState, *, by: str, outcome: str | None = None) -> bool:
    """This case stands so from now on, by the doing of whom the audit names `by`: she is told so where she asked for
    it. False if it does already, or is closed."""
    moving = update(cases).where(cases.c.id == case, cases.c.closed_at.is_(None), cases.c.state != to)
    values = {"state": to, "closed_at": tx.now if to is CaseState.RESOLVED else None, "outcome": outcome}
    moved = (await tx.run(moving.values(**values).returning(cases))).first()
    if moved is None:
        return False
    action = "case_closed" if to is CaseState.RESOLVED else "case_attended"
    await audit.append(tx, [audit.Act(by, action, str(moved.participant_id), moved.kind)])
    await holds.settle(tx, moved)
    if to is CaseState.RESOLVED and moved.words is not None:
        await keep_words(tx, moved.id, [replace(words, file_id="") for words in words_in(tx, moved)])
    if moved.kind in ASKED_FOR and (key := progress_key(to, outcome)) is not None:
        await _tell_progress(tx, moved, key)
    return True


async def keep_words(tx: Tx, case: int, words: Sequence[Words]) -> None:
    """This is all that she said in the case."""
    said = tx.vault.seal(Place("cases", "words", case), _WORDS.dump_json(tuple(words)))
    await tx.run(update(cases).where(cases.c.id == case).values(words=said))


async def _tell_progress(tx: Tx, case: Any, key: str) -> None:
    """Tell her, unless she has just been told the same of another case."""
    ended = func.coalesce(cases.c.outcome, Outcome.ATTENDED) == (case.outcome or Outcome.ATTENDED)
    others = (cases.c.participant_id == case.participant_id) & (cases.c.id != case.id) & (cases.c.state == case.state)
    just_told = select(cases.c.id).where(others, ended, cases.c.told_at > tx.now - TOGETHER)
    to = key.removeprefix("case.")
    of_cases = (outbox.c.origin >= "case:") & (outbox.c.origin < "case;")  # found by the index of origins
    same = of_cases & outbox.c.origin.endswith(f":{to}") & (outbox.c.participant_id == case.participant_id)
    still_to_leave = select(outbox.c.id).where(same, outbox.c.state == MailState.READY)
    if (await tx.run(just_told.limit(1))).first() or (await tx.run(still_to_leave.limit(1))).first():
        return
    if await tell_her(tx, case, Phrase(key), origin=f"case:{case.id}:{tx.ids.random():x}:{to}"):
        await tx.run(update(cases).where(cases.c.id == case.id).values(told_at=tx.now))


def case_told_of(origin: str) -> int:
    """The case of which she is told by what has this origin."""
    return int(origin.split(":")[1])


async def tell_her(tx: Tx, case: Any, phrase: Phrase, *, origin: str) -> bool:
    """Say of this case (its row), in the chat that she uses, in her own hours; not if she has none or wished for
    silence since it was opened. Returns whether it will be said."""
    stopped = select(stops.c.id).where(
        stops.c.participant_id == case.participant_id, stops.c.lifted_at.is_(None), stops.c.at >= case.opened_at
    )
    chats = (
        select(accounts)
        .where(accounts.c.participant_id == case.participant_id, ~stopped.exists())
        .where(accounts.c.unlinked_at.is_(None), accounts.c.blocked_at.is_(None))
        .order_by(accounts.c.linked_at.desc())
        .limit(1)
    )
    chat = (await tx.run(chats)).first()
    if chat is None:
        return False
    chat_id = int(tx.vault.open(Place("accounts", "chat_id", chat.id), chat.chat_id))
    await post(tx, [Parcel(origin, chat.lane, chat_id, Said(phrase), Urgency.NEWS, case.participant_id)])
    return True


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
        await heard(tx, entries, (_of_kinds({kind for _, kind, _ in asked}, {woman for woman, _, _ in asked}),))


async def heard(tx: Tx, entries: Sequence[Entry[Any]], which: Sequence[ColumnElement[bool]]) -> None:
    """These cases have something in them that nobody has read: staff are told, and she when they read, once."""
    unread = update(cases).where(or_(*which), cases.c.closed_at.is_(None), cases.c.unread_since.is_(None))
    newly = (await tx.run(unread.values(unread_since=tx.now).returning(cases.c.participant_id, cases.c.kind))).all()
    await alert_staff(tx, entries[0].origin, about=or_(*which))
    await say_when_read(tx, entries, asked={row.participant_id for row in newly if row.kind in ASKED_FOR})


def _of_kinds(kinds: Collection[str], women: Collection[int]) -> ColumnElement[bool]:
    return cases.c.kind.in_(kinds) & cases.c.participant_id.in_(women) & cases.c.broadcast_id.is_(None)


@dataclass(frozen=True, slots=True)
class WordsExhausted:
    """The word of this woman's invitation was missed too often; only staff can help her now."""

    participant: int


async def _words_exhausted(tx: Tx, entries: Sequence[Entry[WordsExhausted]]) -> None:
    await open_and_tell(tx, {entry.record.participant for entry in entries}, FORGOTTEN_WORD, origin=entries[0].origin)


async def open_and_tell(tx: Tx, women: Collection[int], kind: str, *, origin: str) -> None:
    """Open a case of this kind for each of these women who has none, and tell staff."""
    if await open_cases(tx, [(woman, kind, None) for woman in women]):
        await alert_staff(tx, origin, about=_of_kinds({kind}, women))


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
    taken = []
    for (participant, about), words in hers.items():
        case = await _case_for(tx, participant, about)
        await keep_words(tx, case.id, (*words_in(tx, case), *words))
        taken.append(cases.c.id == case.id)
    if taken:
        await heard(tx, entries, taken)


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
