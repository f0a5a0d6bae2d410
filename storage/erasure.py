"""Erasure: she is gone for everybody at once, can be put back for a week, and then is gone for good.

* At her wish, or the organisation's, every row of hers leaves its table in one commit: nothing reaches her, nobody sees
  her, no figure counts her. What is set aside is sealed, and read by nobody but whoever puts it back.
* She can be put back until the week is over, through staff: whoever held her phone may not have been she. A chat is
  hers again only by a new link.
* What becomes of it then: storage/deletion.py. What stays is what must be accounted for: ids, consents, the audit
  trail; and counts that lead nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select, update

from conversations.speech import ChatCleared, CommandsListed, Phrase, Speech
from storage import audit, installation, lanes, mentioned, remains, setting_aside, traces
from storage.cases_kinds import CRISIS, RISK
from storage.database import Tx
from storage.erasure_register import Her
from storage.looks import look_now
from storage.mail import Parcel, post
from storage.people import record_id_digests
from storage.schema import (
    accounts,
    blocked_consents,
    cases,
    consents,
    erasures,
    invitations,
    outbox,
    participants,
    vault,
)
from storage.vault import Place

UNDO = timedelta(days=7)
"""How long she can be put back: a week has a day on which she reaches somebody of the team."""

GONE = Phrase("cleared.gone")
"""What is left standing in her chat: it promises nothing, for nobody answers there any more."""

SHRINK = "shrink_wanted"
"""The fact that says that SQLite's journal still has pages of what was deleted."""


class Cause(StrEnum):
    """Why she was set aside, as the audit trail says it. The values are stored: none is ever renamed."""

    ERASED = "erased"
    WITHDRAWN = "consent_withdrawn"


class State(StrEnum):
    """How far an erasure is; only what is set aside can be undone."""

    SET_ASIDE = "set_aside"
    UNDONE = "undone"
    CARRIED_OUT = "carried_out"


UNPROVED = "unproved"
"""What the audit trail says beside an erasure of which nobody knows yet whether it was she who asked."""


@dataclass(frozen=True, slots=True)
class Wish:
    """By whose wish she is erased (as the audit names them), and how it is known that it is hers (None: it is not)."""

    by: str
    cause: Cause = Cause.ERASED
    proved: str | None = None
    told: str = ""
    """With what the origins begin of that by which she is told."""

    @property
    def detail(self) -> str | None:
        """What stands beside it in the audit trail."""
        return None if self.proved is not None else UNPROVED


@dataclass(frozen=True, slots=True)
class Notes:
    """How somebody who was set aside can be found and called, and what was made of her."""

    record_id: str
    name: str
    phone: str | None
    pseudonym: str
    lanes: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    in_danger: bool = False
    """Whether staff were seeing to a danger that she was in: whoever erased her may be that danger."""


_NOTES: TypeAdapter[Notes] = TypeAdapter(Notes)


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody who is set aside: who, since when, until when she can be put back, and whether it was she who asked."""

    id: int
    woman: int
    cause: Cause
    asked_at: datetime
    asked_by: str
    undo_until: datetime
    proved: bool
    notes: Notes


async def erase(tx: Tx, woman: int, wish: Wish, *, at: datetime | None = None) -> int | None:
    """Take her out of everything, as of `at` (None: now); returns the number of the erasure, None if she is not
    there."""
    if (await tx.run(select(participants.c.id).where(participants.c.id == woman))).first() is None:
        return None
    chats = (await tx.run(select(accounts).where(accounts.c.participant_id == woman))).all()
    her = await _her(tx, woman, chats, told=wish.told)
    notes = await _notes(tx, her)
    id_ = await _begin(tx, woman, wish, at=at or tx.now)
    await _block_consents(tx, woman, id_)
    await mentioned.forget(tx, await mentioned.marks_of(tx, woman, names=(notes.name,), record_id=notes.record_id))
    pseudonym = await remains.leave_behind(tx, woman)
    await _unname(tx, her)
    await setting_aside.take_out(tx, her, erasure=id_)
    await _keep_notes(tx, id_, replace(notes, pseudonym=pseudonym, lanes=tuple(her.lanes), shared=tuple(her.shared)))
    await _clear(tx, id_, chats)
    await audit.append(tx, [audit.Act(wish.by, wish.cause, str(woman), wish.detail)])
    await installation.remember(tx, {SHRINK: "yes"})
    return id_


async def _her(tx: Tx, woman: int, chats: Sequence[Any], *, told: str = "") -> Her:
    hers = {row.lane for row in chats}
    others = accounts.c.participant_id.is_distinct_from(woman) & accounts.c.lane.in_(hers)
    shared = set((await tx.run(select(accounts.c.lane).where(others))).scalars())
    return Her(woman, tuple(sorted(hers - shared)), tuple(sorted(shared)), told)


async def _notes(tx: Tx, her: Her) -> Notes:
    row = (await tx.run(select(vault).where(vault.c.participant_id == her.id))).one()
    record_id, name, phone = (
        tx.vault.open_text(Place("vault", column, her.id), getattr(row, column))
        for column in ("record_id", "name", "phone")
    )
    urgent = (cases.c.participant_id == her.id) & cases.c.closed_at.is_(None) & cases.c.kind.in_((CRISIS, RISK))
    in_danger = (await tx.run(select(cases.c.id).where(urgent))).first() is not None
    return Notes(record_id or "", name or "", phone, "", in_danger=in_danger)


async def _begin(tx: Tx, woman: int, wish: Wish, *, at: datetime) -> int:
    id_ = tx.ids.random()
    row = {"id": id_, "participant_id": woman, "cause": wish.cause, "state": State.SET_ASIDE, "asked_by": wish.by}
    proved = {} if wish.proved is None else {"proved_at": tx.now, "proved_by": wish.proved}
    notes = tx.vault.seal(_place(id_), b"{}")
    await tx.run(erasures.insert().values(**row, asked_at=at, undo_until=at + UNDO, notes=notes, **proved))
    return id_


def _place(id_: int) -> Place:
    return Place("erasures", "notes", id_)


async def _keep_notes(tx: Tx, id_: int, notes: Notes) -> None:
    sealed = tx.vault.seal(_place(id_), _NOTES.dump_json(notes))
    await tx.run(update(erasures).where(erasures.c.id == id_).values(notes=sealed))


_PROOF = ("id", "participant_id", "purpose", "version", "text_hash", "given", "how", "at", "recorded_by")
"""What of a consent must be accounted for; a witness is somebody else, and stands on the paper."""


async def _block_consents(tx: Tx, woman: int, erasure: int) -> None:
    hers = select(*(consents.c[name] for name in _PROOF)).where(consents.c.participant_id == woman)
    rows = [{**row._mapping, "erasure_id": erasure} for row in await tx.run(hers)]
    await tx.run(insert(blocked_consents), rows)


async def _unname(tx: Tx, her: Her) -> None:
    """What she is told as she goes names nobody any more, and leaves all the same."""
    if her.told:
        told = outbox.c.origin.startswith(her.told) & (outbox.c.participant_id == her.id)
        await tx.run(update(outbox).where(told).values(participant_id=None))


def clearing(erasure: int) -> str:
    """With what the origins begin of that by which the chats of this erasure are cleared."""
    return f"erasure:{erasure:x}:"


async def _clear(tx: Tx, erasure: int, chats: Sequence[Any]) -> None:
    """Her chats are cleared, of files of hers too, and offer nothing any more; nobody need remember what stood there
    until then."""
    parcels = []
    for row in chats:
        if row.unlinked_at is None:
            chat_id = int(tx.vault.open(Place("accounts", "chat_id", row.id), row.chat_id))
            cleared = ChatCleared(GONE, await traces.stood_in(tx, row.lane), files=True)
            speeches: tuple[Speech, ...] = (cleared, CommandsListed(()))
            for number, speech in enumerate(speeches):
                parcels.append(Parcel(f"{clearing(erasure)}{row.id:x}:{number}", row.lane, chat_id, speech))
    await post(tx, parcels)


# --- finding, proving and undoing


async def set_aside(tx: Tx) -> list[Standing]:
    """Everybody who is set aside, the first first. What this gives names people."""
    rows = await tx.run(select(erasures).where(erasures.c.state == State.SET_ASIDE).order_by(erasures.c.asked_at))
    return [_standing(tx, row) for row in rows]


def _standing(tx: Tx, row: Any) -> Standing:
    return Standing(
        id=row.id,
        woman=row.participant_id,
        cause=Cause(row.cause),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        undo_until=row.undo_until,
        proved=row.proved_at is not None,
        notes=_NOTES.validate_json(tx.vault.open(_place(row.id), row.notes)),
    )


async def find(tx: Tx, record_id: str) -> Standing | None:
    """Who is set aside under this record_id, however it is written."""
    wanted = record_id.casefold()
    return next((one for one in await set_aside(tx) if one.notes.record_id.casefold() == wanted), None)


async def by_id(tx: Tx, erasure: int) -> Standing | None:
    """The erasure of this number, while it can be undone."""
    row = (await tx.run(select(erasures).where(erasures.c.id == erasure, _OPEN))).first()
    return None if row is None else _standing(tx, row)


async def of_woman(tx: Tx, woman: int) -> Standing | None:
    """The erasure by which this woman is set aside."""
    row = (await tx.run(select(erasures).where(erasures.c.participant_id == woman, _OPEN))).first()
    return None if row is None else _standing(tx, row)


_OPEN = erasures.c.state == State.SET_ASIDE


async def prove(tx: Tx, erasure: int, *, how: str, by: str) -> bool:
    """It was she who asked. False if that is known already, or nothing is to be proved any more."""
    doubtful = (erasures.c.id == erasure) & _OPEN & erasures.c.proved_at.is_(None)
    proved = update(erasures).where(doubtful).values(proved_at=tx.now, proved_by=how)
    row = (await tx.run(proved.returning(erasures.c.participant_id))).first()
    if row is not None:
        await audit.append(tx, [audit.Act(by, "erasure_proved", str(row.participant_id), how)])
    return row is not None


async def undo(tx: Tx, one: Standing, *, by: str, how: str = "") -> None:
    """Put her back as she was, her chats excepted, which are hers again by a new link. Raises IntegrityError where her
    record_id is somebody else's by now."""
    await remains.take_back(tx, one.notes.pseudonym)
    await tx.run(delete(blocked_consents).where(blocked_consents.c.erasure_id == one.id))
    names = await _names_of_lanes(tx)
    await setting_aside.put_back(tx, one.id, changed=lambda table, row: _anew(tx, table, row, names=names))
    settled = {"state": State.UNDONE, "settled_at": tx.now, "notes": None}
    await tx.run(update(erasures).where(erasures.c.id == one.id).values(settled))
    unused = (invitations.c.participant_id == one.woman) & invitations.c.used_at.is_(None)
    await tx.run(update(invitations).where(unused, invitations.c.revoked_at.is_(None)).values(revoked_at=tx.now))
    await look_now(tx, [one.woman])
    await audit.append(tx, [audit.Act(by, "erasure_undone", str(one.woman), how or None)])


async def _names_of_lanes(tx: Tx) -> int | None:
    known = await installation.recall(tx, installation.BOT_ID)
    return int(known) if known else None


def _anew(tx: Tx, table: str, row: dict[str, Any], *, names: int | None) -> dict[str, Any]:
    """The row as it stands from now on: digests are made with the key in use, and no chat is hers by itself."""
    match table:
        case "vault":
            record_id = tx.vault.open_text(Place("vault", "record_id", row["participant_id"]), row["record_id"]) or ""
            return row | {"record_id_digest": record_id_digests(tx.vault, record_id)[0]}
        case "accounts":
            chat_id = int(tx.vault.open(Place("accounts", "chat_id", row["id"]), row["chat_id"]))
            lane = row["lane"] if names is None else lanes.name_of(tx.vault, bot=names, chat=chat_id)
            return row | {"lane": lane, "unlinked_at": row["unlinked_at"] or tx.now}
        case "notices":
            return row | {"lane": None, "reading": None, "line": None} if row["opened_at"] is None else row
        case _:
            return row
