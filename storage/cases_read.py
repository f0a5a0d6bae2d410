"""Cases as staff see them: who waits, how long by the office's clock, what was said, and who may answer.

* Of the cases that she only covers she sees kind and waiting time first: a name comes with the words, and opening those
  is written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from conversations.office import Office
from storage import caseloads, cases_office
from storage.cases import CaseState, Words, words_in
from storage.cases_kinds import FIRST
from storage.cases_seen import OF_HER, OPEN, Seen, seen_by
from storage.circumstances import know
from storage.database import Tx
from storage.leaving import HerHours
from storage.mail import MailState
from storage.members import Listed, Member, visible_to
from storage.schema import (
    accounts,
    canned_answers,
    case_log,
    cases,
    notices,
    outbox,
    participants,
    staff,
    stops,
    vault,
)
from storage.segments import hours_of
from storage.vault import Place

TEXT = "text"

A_PAGE = 8
"""Cases on one screen of a phone."""

_ORDER = case(
    {kind: place for place, kinds in enumerate(FIRST) for kind in kinds}, value=cases.c.kind, else_=len(FIRST)
)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One open case: `waited` is working time, `covered` says that she sees it only for somebody who is away."""

    id: int
    kind: str
    state: CaseState
    name: str
    waited: timedelta
    due_at: datetime
    late: bool
    unread: bool
    owner: int | None
    owner_name: str
    covered: bool


@dataclass(frozen=True, slots=True)
class CasesPage:
    """One screen of the list, the most urgent first, and how many there are; `away` while she is absent,
    `today` on the wall of the office."""

    lines: tuple[CaseLine, ...]
    count: int
    page: int
    away: bool
    today: date


@dataclass(frozen=True, slots=True)
class CaseList:
    """The open cases that this member sees."""

    member: Member
    page: int = 0

    async def find(self, tx: Tx) -> CasesPage:
        """That screen of them."""
        seen = await seen_by(tx, self.member)
        office = await cases_office.office(tx)
        count = int((await tx.run(select(func.count()).select_from(OF_HER).where(OPEN, seen.which))).scalar_one())
        page = max(min(self.page, (count - 1) // A_PAGE), 0)
        found = _lines().where(OPEN, seen.which).order_by(_ORDER, cases.c.due_at, cases.c.id)
        rows = await tx.run(found.limit(A_PAGE).offset(page * A_PAGE))
        lines = tuple(_line(tx, row, office, seen=seen) for row in rows)
        away, today = await caseloads.is_away(tx, self.member.staff), await caseloads.today(tx)
        return CasesPage(lines, count, page, away=away, today=today)


class Reach(StrEnum):
    """Whether an answer can reach her."""

    FINE = "fine"
    NO_CHAT = "no_chat"
    STOPPED = "stopped"


class Voice(StrEnum):
    """Whose words these are."""

    HERS = "hers"
    REPLY = "reply"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message or note of a case; `kind` is the Bot API's name for what was sent beside or instead of words, and
    `file_id` its id there, where it can be shown again. Of staff `member` says who, None the command line."""

    at: datetime
    voice: Voice
    text: str
    kind: str = TEXT
    by: str = ""
    file_id: str = ""
    member: int | None = None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One open case with all that was said in it, the oldest first; `reader` is the member who looks at it."""

    line: CaseLine
    participant: int
    thread: tuple[Spoken, ...]
    reach: Reach
    office: Office
    hours: HerHours
    reader: int

    @property
    def answers(self) -> tuple[Spoken, ...]:
        """What others than the reader have answered her."""
        return tuple(one for one in self.thread if one.voice is Voice.REPLY and one.member != self.reader)


@dataclass(frozen=True, slots=True)
class CaseOf:
    """An open case, if this member may see it."""

    member: Member
    case: int

    async def find(self, tx: Tx) -> CaseFile | None:
        """The case with its words."""
        seen, office = await seen_by(tx, self.member), await cases_office.office(tx)
        row = (await tx.run(_lines().where(OPEN, seen.which, cases.c.id == self.case))).first()
        if row is None:
            return None
        thread = [_hers(words) for words in words_in(tx, row)] + await _logged(tx, self.case)
        reach = await _reach(tx, row)
        said = tuple(sorted(thread, key=lambda one: one.at))
        woman = int(row.participant_id)
        hours = hours_of((await know(tx, [woman]))[woman])
        return CaseFile(_line(tx, row, office, seen=seen), woman, said, reach, office, hours, self.member.staff)


@dataclass(frozen=True, slots=True)
class InHand:
    """A woman as whoever may have to stop everything to her needs her: `hers` says whether she sees her card, too."""

    id: int
    name: str
    frozen_at: datetime | None
    hers: bool


@dataclass(frozen=True, slots=True)
class WomanInHand:
    """This woman, if the member sees her card or an open case of hers: whoever stands in answers her call, too."""

    member: Member
    woman: int

    async def find(self, tx: Tx) -> InHand | None:
        """She, or None."""
        seen = await seen_by(tx, self.member)
        own = visible_to(self.member)
        in_case = select(cases.c.id).where(cases.c.participant_id == participants.c.id, OPEN, seen.which)
        columns = (participants.c.id, participants.c.frozen_at, vault.c.name, own.label("hers"))
        found = select(*columns).join(vault, vault.c.participant_id == participants.c.id)
        may = or_(own, in_case.correlate(participants).exists())
        row = (await tx.run(found.where(participants.c.id == self.woman, may))).first()
        if row is None:
            return None
        name = tx.vault.open_text(Place("vault", "name", row.id), row.name) or ""
        return InHand(row.id, name, row.frozen_at, bool(row.hers))


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that staff sent: when, whether it waits to leave, and whether she has opened it."""

    case: int
    at: datetime
    waits: bool
    opened: bool


@dataclass(frozen=True, slots=True)
class ReplyOf:
    """The reply that this member sent as the notice of this cause."""

    member: int
    cause: str

    async def find(self, tx: Tx) -> Reply | None:
        """The reply, unless it was taken back."""
        hers = (case_log.c.cause == self.cause) & (case_log.c.staff_id == self.member)
        sent = (
            select(case_log.c.case_id, case_log.c.at, outbox.c.state, notices.c.opened_at)
            .join(notices, notices.c.cause == case_log.c.cause)
            .outerjoin(outbox, outbox.c.origin == notices.c.line)
        )
        row = (await tx.run(sent.where(hers, case_log.c.taken_back_at.is_(None)))).first()
        if row is None:
            return None
        return Reply(row.case_id, row.at, waits=row.state == MailState.READY, opened=row.opened_at is not None)


@dataclass(frozen=True, slots=True)
class Team:
    """Who can be given a case, or stand in for somebody: whoever is there."""

    async def find(self, tx: Tx) -> tuple[Listed, ...]:
        """The members of staff by name."""
        return tuple(await caseloads.who_is_there(tx))


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer that staff give often."""

    id: int
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class CannedAnswers:
    """The answers that staff give often."""

    async def find(self, tx: Tx) -> tuple[Canned, ...]:
        """All of them, by title."""
        rows = await tx.run(select(canned_answers).where(canned_answers.c.removed_at.is_(None)))
        return tuple(sorted((_canned(tx, row) for row in rows), key=lambda one: one.title))


def _canned(tx: Tx, row: Any) -> Canned:
    title, words = (
        tx.vault.open(Place("canned_answers", column, row.id), getattr(row, column)).decode()
        for column in ("title", "words")
    )
    return Canned(row.id, title, words)


# --- one line, and one thread

_OWNED = OF_HER.outerjoin(staff, staff.c.id == cases.c.owner_id)


def _lines() -> Select[Any]:
    hers = (vault.c.participant_id == participants.c.id,)
    columns = (cases, participants.c.staff_id, vault.c.name.label("her_name"), staff.c.name.label("owner_sealed"))
    return select(*columns).select_from(_OWNED.join(vault, *hers))


def _line(tx: Tx, row: Any, office: Office, *, seen: Seen) -> CaseLine:
    owner = "" if row.owner_id is None else tx.vault.open_text(Place("staff", "name", row.owner_id), row.owner_sealed)
    return CaseLine(
        id=row.id,
        kind=row.kind,
        state=CaseState(row.state),
        name=tx.vault.open_text(Place("vault", "name", row.participant_id), row.her_name) or "",
        waited=office.worked(row.opened_at, tx.now),
        due_at=row.due_at,
        late=row.due_at <= tx.now,
        unread=row.unread_since is not None,
        owner=row.owner_id,
        owner_name=owner or "",
        covered=seen.is_covered(row),
    )


def _hers(words: Words) -> Spoken:
    return Spoken(words.at, Voice.HERS, words.text, words.kind, file_id=words.file_id)


async def _logged(tx: Tx, case_id: int) -> list[Spoken]:
    here = (case_log.c.case_id == case_id) & case_log.c.taken_back_at.is_(None)
    written = select(case_log, staff.c.id.label("member"), staff.c.name).outerjoin(
        staff, staff.c.id == case_log.c.staff_id
    )
    found = []
    for row in await tx.run(written.where(here).order_by(case_log.c.at)):
        text = tx.vault.open_text(Place("case_log", "words", row.id), row.words) or ""
        by = "" if row.member is None else tx.vault.open_text(Place("staff", "name", row.member), row.name)
        whose, _, sent = row.kind.partition("_")
        found.append(Spoken(row.at, Voice(whose), text, sent or TEXT, by or "", member=row.member))
    return found


async def _reach(tx: Tx, row: Any) -> Reach:
    hers = stops.c.participant_id == row.participant_id
    stopped = select(stops.c.id).where(hers, stops.c.lifted_at.is_(None), stops.c.at >= row.opened_at)
    if (await tx.run(stopped)).first() is not None:
        return Reach.STOPPED
    in_use = (accounts.c.participant_id == row.participant_id) & accounts.c.unlinked_at.is_(None)
    chat = await tx.run(select(accounts.c.id).where(in_use, accounts.c.blocked_at.is_(None)))
    return Reach.NO_CHAT if chat.first() is None else Reach.FINE
