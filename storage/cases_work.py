"""What staff do in a case: take it, answer her, note, pass it on, close it; and who stands in for whom.

`by` is the member of staff who does it; None is whoever holds the command line.

* Whoever comes second is told so: a case is taken only by one, and passed on only by who knows whose it is.
* An answer goes out as a notice, after UNDO: until then, and as long as she has not seen it, it can be taken back.
* Each of these is written down, opening her words too; never what was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from conversations.speech import Phrase
from storage import audit, caseloads, cases_alerts, notices, retiring
from storage.cases import CaseState, move, tell_her
from storage.cases_kinds import ASKED_FOR
from storage.cases_kinds import Outcome as Outcome
from storage.cases_read import CannedAnswers
from storage.database import Conflict, Tx
from storage.mail import MailState, Urgency
from storage.notices import UNOPENED, Content, Media, NewNotice
from storage.records import Entry, Writer
from storage.schema import absences, canned_answers, case_log, cases, outbox
from storage.schema import notices as notices_kept
from storage.vault import Place

REPLY, NOTE = "reply", "note"
"""What staff write in a case; of a reply that shows something, its kind follows: "reply_photo"."""

UNDO = timedelta(seconds=30)
"""How long an answer waits before it leaves."""

_OPENED = {"unread_since": None, "escalated_at": None}
"""Nothing in a case waits to be opened; of what comes later coordinators are told anew if nobody opens that."""


@dataclass(frozen=True, slots=True)
class CaseRead:
    """A member of staff opens what was said in a case."""

    case: int
    by: int


@dataclass(frozen=True, slots=True)
class SentSeen:
    """A member of staff sees or hears what was sent in a case."""

    case: int
    by: int


@dataclass(frozen=True, slots=True)
class CaseTaken:
    """A case that is nobody's is hers from now on."""

    case: int
    by: int


@dataclass(frozen=True, slots=True)
class CaseAnswered:
    """She answers the woman of a case; `cause` names this answer, and begins with "case:ID:".

    It leaves at whatever hour, or, with `not_before`, from then on in the woman's own hours. `seen` says how many
    answers of others she knew of (None: however many).
    """

    case: int
    by: int | None
    cause: str
    text: str
    media: Media | None = None
    not_before: datetime | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerTakenBack:
    """The answer of this cause is not to be sent after all."""

    case: int
    by: int | None
    cause: str


@dataclass(frozen=True, slots=True)
class CaseNoted:
    """A note for staff alone."""

    case: int
    by: int | None
    text: str


@dataclass(frozen=True, slots=True)
class CaseGiven:
    """A case goes from `before` (None: nobody) to somebody else, unread words and all."""

    case: int
    by: int | None
    to: int
    before: int | None


@dataclass(frozen=True, slots=True)
class CaseEnded:
    """A case is over, and how."""

    case: int
    by: int | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody stands in for a member of staff through this local day."""

    member: int
    cover: int
    until_on: date


@dataclass(frozen=True, slots=True)
class Back:
    """A member of staff is there again."""

    member: int


async def _read(tx: Tx, entries: Sequence[Entry[CaseRead]]) -> None:
    for entry in entries:
        case, by = await _open(tx, entry.record.case), entry.record.by
        if case.owner_id == by or case.owner_id in await caseloads.covered_by(tx, by):
            await tx.run(update(cases).where(cases.c.id == case.id).values(_OPENED))
        await _write_down(tx, "case_read", case=case, by=by)


async def _sent_seen(tx: Tx, entries: Sequence[Entry[SentSeen]]) -> None:
    for entry in entries:
        await _write_down(tx, "case_sent_seen", case=await _open(tx, entry.record.case), by=entry.record.by)


async def _taken(tx: Tx, entries: Sequence[Entry[CaseTaken]]) -> None:
    for entry in entries:
        case = await _open(tx, entry.record.case)
        await _own(tx, case, to=entry.record.by, before=None)
        await tx.run(update(cases).where(cases.c.id == case.id).values(_OPENED))
        if case.state == CaseState.OPEN:
            await move(tx, case.id, CaseState.ON_ITS_WAY, by=audit.acting(entry.record.by))
        await _write_down(tx, "case_taken", case=case, by=entry.record.by)


async def _answered(tx: Tx, entries: Sequence[Entry[CaseAnswered]]) -> None:
    for entry in entries:
        await answer(tx, entry.record)


async def answer(tx: Tx, said: CaseAnswered) -> None:
    """Send her this, after UNDO; whoever answers first owns the case. Raises Conflict where it was closed meanwhile, or
    somebody has answered of whom the author does not know."""
    case = await _open(tx, said.case)
    if said.seen is not None and await _answers_but_hers(tx, said) > said.seen:
        raise Conflict("somebody else has answered")
    leaves_at = max(tx.now + UNDO, said.not_before or tx.now)
    notice = NewNotice(case.participant_id, Content(said.text, said.media), said.cause, leaves_at)
    await notices.leave(tx, [notice], urgency=Urgency.REPLY if said.not_before is None else Urgency.NEWS)
    kind = REPLY if said.media is None else f"{REPLY}_{said.media.kind}"
    await _log(tx, case, by=said.by, kind=kind, text=said.text, cause=said.cause)
    owner = said.by if case.owner_id is None else case.owner_id
    values = {"owner_id": owner, "state": CaseState.ON_ITS_WAY, **_OPENED}
    await tx.run(update(cases).where(cases.c.id == case.id).values(**values))
    await _write_down(tx, "case_answered", case=case, by=said.by)


async def _answers_but_hers(tx: Tx, said: CaseAnswered) -> int:
    others = case_log.c.staff_id.is_distinct_from(said.by) & (case_log.c.kind != NOTE)
    stand = (case_log.c.case_id == said.case) & case_log.c.taken_back_at.is_(None)
    return int((await tx.run(select(func.count()).select_from(case_log).where(stand, others))).scalar_one())


async def _taken_back(tx: Tx, entries: Sequence[Entry[AnswerTakenBack]]) -> None:
    for entry in entries:
        await take_back(tx, entry.record)


async def take_back(tx: Tx, back: AnswerTakenBack) -> None:
    """The answer is not sent, or goes from her chat; whether its case is open does not matter. Raises Conflict where
    she has read it."""
    if (await retiring.retire(tx, back.cause)).opened:
        raise Conflict("she has read it")
    await tx.run(update(case_log).where(case_log.c.cause == back.cause).values(taken_back_at=tx.now))
    case = (await tx.run(select(cases).where(cases.c.id == back.case))).one()
    await _write_down(tx, "case_answer_taken_back", case=case, by=back.by)


async def call_back(tx: Tx, member: int, *, by: int | None) -> None:
    """What this member has answered and could still undo is not sent; in its case somebody must read again."""
    waits = or_(outbox.c.state == MailState.READY, case_log.c.at > tx.now - UNDO)
    statement = (
        select(case_log.c.case_id, case_log.c.cause)
        .join(notices_kept, notices_kept.c.cause == case_log.c.cause)
        .outerjoin(outbox, outbox.c.origin == notices_kept.c.line)
        .where(case_log.c.staff_id == member, case_log.c.taken_back_at.is_(None), UNOPENED, waits)
    )
    for row in list(await tx.run(statement)):
        await take_back(tx, AnswerTakenBack(row.case_id, by, row.cause))
        still_open = (cases.c.id == row.case_id) & cases.c.closed_at.is_(None)
        await tx.run(update(cases).where(still_open).values(unread_since=tx.now))


async def _noted(tx: Tx, entries: Sequence[Entry[CaseNoted]]) -> None:
    for entry in entries:
        await note(tx, entry.record)


async def note(tx: Tx, noted: CaseNoted) -> None:
    """Keep a note for staff. Raises Conflict where the case was closed meanwhile."""
    case = await _open(tx, noted.case)
    await _log(tx, case, by=noted.by, kind=NOTE, text=noted.text)
    await _write_down(tx, "case_noted", case=case, by=noted.by)


async def _given(tx: Tx, entries: Sequence[Entry[CaseGiven]]) -> None:
    for entry in entries:
        await give(tx, entry.record)


async def give(tx: Tx, given: CaseGiven) -> None:
    """Pass a case on: who gets it is told, and has not opened it; and she is told, if somebody saw to what she asked.
    Raises Conflict where it is not `before`'s any more."""
    case = await _open(tx, given.case)
    await _own(tx, case, to=given.to, before=given.before)
    if given.to != given.by:
        await tx.run(update(cases).where(cases.c.id == case.id).values(**_OPENED | {"unread_since": tx.now}))
    await _write_down(tx, "case_given", case=case, by=given.by, to=given.to)
    origin = f"case:{case.id}:given:{tx.ids.random():x}"
    if given.to != given.by:
        await cases_alerts.alert_member(tx, given.to, Phrase("staff.case_given"), origin=origin)
    if case.kind in ASKED_FOR and given.before is not None:
        await tell_her(tx, case, Phrase("case.transferred"), origin=origin)


async def _ended(tx: Tx, entries: Sequence[Entry[CaseEnded]]) -> None:
    for entry in entries:
        end = entry.record
        if not await move(tx, end.case, CaseState.RESOLVED, by=audit.acting(end.by), outcome=end.outcome):
            raise Conflict("somebody has closed it")


async def _away(tx: Tx, entries: Sequence[Entry[Away]]) -> None:
    for entry in entries:
        await stand_in(tx, entry.record, by=entry.record.member)


async def stand_in(tx: Tx, away: Away, *, by: int | None) -> None:
    """Somebody sees to a member's cases from now on, is told so, and has opened none of them; whoever did before does
    no longer."""
    await _end_absence(tx, away.member)
    hers = (cases.c.owner_id == away.member) & cases.c.closed_at.is_(None)
    await tx.run(update(cases).where(hers).values(**_OPENED | {"unread_since": tx.now}))
    row = {"id": tx.ids.random(), "staff_id": away.member, "cover_id": away.cover}
    await tx.run(absences.insert().values(**row, since_at=tx.now, until_on=away.until_on))
    await audit.append(tx, [audit.Act(audit.acting(by), "away", str(away.member), str(away.cover))])
    await cases_alerts.alert_member(tx, away.cover, Phrase("staff.away_given"), origin=f"away:{row['id']:x}")


async def _back(tx: Tx, entries: Sequence[Entry[Back]]) -> None:
    for entry in entries:
        await _end_absence(tx, entry.record.member)
        await audit.append(tx, [audit.Act(audit.acting(entry.record.member), "back", str(entry.record.member))])


async def _end_absence(tx: Tx, member: int) -> None:
    theirs = update(absences).where(absences.c.staff_id == member, absences.c.ended_at.is_(None))
    await tx.run(theirs.values(ended_at=tx.now))


WRITERS: dict[type, Writer] = {
    CaseTaken: _taken,
    CaseRead: _read,
    SentSeen: _sent_seen,
    CaseAnswered: _answered,
    AnswerTakenBack: _taken_back,
    CaseNoted: _noted,
    CaseGiven: _given,
    CaseEnded: _ended,
    Away: _away,
    Back: _back,
}


async def _open(tx: Tx, case: int) -> Any:
    """The row of an open case. Raises Conflict where it was closed meanwhile."""
    row = (await tx.run(select(cases).where(cases.c.id == case, cases.c.closed_at.is_(None)))).first()
    if row is None:
        raise Conflict("somebody has closed it")
    return row


async def _own(tx: Tx, case: Any, *, to: int, before: int | None) -> None:
    known = (cases.c.id == case.id) & cases.c.owner_id.is_not_distinct_from(before)
    if (await tx.run(update(cases).where(known).values(owner_id=to))).rowcount == 0:
        raise Conflict("it is somebody else's by now")


async def _log(tx: Tx, case: Any, *, by: int | None, kind: str, text: str, cause: str | None = None) -> None:
    id_ = tx.ids.random()
    sealed = tx.vault.seal_text(Place("case_log", "words", id_), text)
    row = {"id": id_, "case_id": case.id, "staff_id": by, "at": tx.now, "kind": kind, "words": sealed, "cause": cause}
    await tx.run(case_log.insert().values(**row))


async def _write_down(tx: Tx, action: str, *, case: Any, by: int | None, to: int | None = None) -> None:
    detail = case.kind if to is None else f"{case.kind}:{to}"
    await audit.append(tx, [audit.Act(audit.acting(by), action, str(case.participant_id), detail)])


# --- answers that are given often


async def add_canned(tx: Tx, title: str, words: str) -> int:
    """Keep an answer that staff give often, in place of one with the same title; returns its number, a small one."""
    await remove_canned(tx, title)
    number = int((await tx.run(select(func.coalesce(func.max(canned_answers.c.id), 0)))).scalar_one()) + 1
    sealed = {
        column: tx.vault.seal(Place("canned_answers", column, number), text.encode())
        for column, text in (("title", title), ("words", words))
    }
    await tx.run(canned_answers.insert().values(id=number, added_at=tx.now, **sealed))
    return number


async def remove_canned(tx: Tx, title: str) -> bool:
    """Offer an answer no longer; False if there is none of this title."""
    same = [one.id for one in await CannedAnswers().find(tx) if one.title == title]
    await tx.run(update(canned_answers).where(canned_answers.c.id.in_(same)).values(removed_at=tx.now))
    return bool(same)
