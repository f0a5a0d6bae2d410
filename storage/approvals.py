"""Codes by which a second person lets one identified export go.

* A code is shown once to whoever draws it; the store keeps its digest. It serves once, within a day, only while whoever
  drew it coordinates, and for nobody's own export, where it is known whose that is.
* Drawing is written into the audit trail, and so is the export that the code let go.
* The message that shows it leaves the chat as soon as the code has served, and when it is too old to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from conversations.speech import ChatCleaned
from storage import audit, cases_office
from storage.audit import Act, acting
from storage.database import Tx
from storage.mail import MailState, Parcel, post
from storage.members import SEES_ALL
from storage.records import Entry, Writer
from storage.schema import approvals, exports, outbox, staff

VALID = timedelta(hours=24)
"""How long a code waits to be used."""

_FAMILY = "approval"
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH = 10
"""Of letters and digits that nobody takes for one another: nearly 50 bits."""


class ApprovalInvalid(Exception):
    """The code is none, has served, or is too old; which of these is not told."""

    def __init__(self) -> None:
        super().__init__("that approval code is not valid: another coordinator draws one with /aprobar, for one export")


async def draw(tx: Tx, member: int) -> str:
    """A fresh code of this member of staff, to be told to whoever exports."""
    code = _fresh(tx)
    await _keep(tx, code, member)
    return code


def _fresh(tx: Tx) -> str:
    return "".join(_LETTERS[tx.ids.pick(len(_LETTERS))] for _ in range(_LENGTH))


async def _keep(tx: Tx, code: str, member: int) -> int:
    """From now on it counts; returns the number of the approval."""
    number = tx.ids.random()
    row = {
        "id": number,
        "code_digest": tx.vault.digest(_FAMILY, code),
        "drawn_by": member,
        "drawn_at": tx.now,
        "expires_at": tx.now + VALID,
    }
    await tx.run(approvals.insert(), [row])
    await audit.append(tx, [Act(acting(member), "approval_drawn", subject=str(number))])
    return number


async def check(tx: Tx, code: str) -> int:
    """The number of the approval that this code opens now. Raises ApprovalInvalid."""
    digests = tx.vault.digests(_FAMILY, _plain(code))
    open_ = (
        select(approvals.c.id)
        .join(staff, staff.c.id == approvals.c.drawn_by)
        .where(approvals.c.code_digest.in_(digests), approvals.c.used_at.is_(None))
        .where(approvals.c.expires_at > tx.now, staff.c.revoked_at.is_(None), staff.c.role.in_(SEES_ALL))
    )
    found = (await tx.run(open_)).first()
    if found is None:
        raise ApprovalInvalid
    return int(found.id)


async def use(tx: Tx, code: str, *, export: int) -> None:
    """Let this export go, and no other. Raises ApprovalInvalid, also where whoever drew the code makes the export."""
    approval = await check(tx, code)
    drawn_by = (await tx.run(select(approvals.c.drawn_by).where(approvals.c.id == approval))).scalar_one()
    made_by = (await tx.run(select(exports.c.made_by).where(exports.c.id == export))).scalar_one()
    if made_by == acting(drawn_by):
        raise ApprovalInvalid
    used = update(approvals).where(approvals.c.id == approval).values(used_at=tx.now, export_id=export)
    await tx.run(used)
    shown = update(outbox).where(outbox.c.origin == _gone(approval), outbox.c.state == MailState.READY)
    await tx.run(shown.values(ready_at=tx.now))


def _gone(approval: int) -> str:
    """The origin of the parcel that takes a code out of the chat."""
    return f"approval:{approval:x}:gone"


def _plain(code: str) -> str:
    """The code as it was drawn, however it was typed."""
    return code.upper().replace("-", "").replace(" ", "")


# --- in a chat


@dataclass(frozen=True, slots=True)
class Fresh:
    """A code that nobody has yet, until when it would count, by which clock that is told, and how many of hers count
    already."""

    code: str
    until: datetime
    zone: str
    open: int


@dataclass(frozen=True, slots=True)
class FreshCode:
    """A code for this member to give: the step that asked shows it, and returns the record that keeps it."""

    member: int

    async def find(self, tx: Tx) -> Fresh:
        """Another one each time."""
        hers = (approvals.c.drawn_by == self.member) & approvals.c.used_at.is_(None) & (approvals.c.expires_at > tx.now)
        open_ = (await tx.run(select(func.count()).select_from(approvals).where(hers))).scalar_one()
        return Fresh(_fresh(tx), tx.now + VALID, (await cases_office.office(tx)).zone, open_)


@dataclass(frozen=True, slots=True)
class CodeDrawn:
    """A member of staff was shown this code, in the message of that sprint."""

    code: str
    by: int
    sprint: int


async def _drawn(tx: Tx, entries: Sequence[Entry[CodeDrawn]]) -> None:
    for entry in entries:
        record, gone = entry.record, ChatCleaned(entry.session_id, entry.record.sprint)
        origin = _gone(await _keep(tx, record.code, record.by))
        over = Parcel(origin, entry.lane, entry.chat_id, gone, session_id=entry.session_id, ready_at=tx.now + VALID)
        await post(tx, [over])


WRITERS: dict[type, Writer] = {CodeDrawn: _drawn}
