"""The sealed journal: what a store that is put back must not forget, kept in a folder outside the database.

* What the audit trail says of it is written after its commit, and before anything more leaves; copies of a broadcast
  before anybody can see them, within the commit that hands them over. So after a restore nobody gets one twice.
* A line is one record: ids and codes alone, sealed for its number, each naming the line before it.
* When `append` returns the disk has it. What a crash left half-written was never promised to anybody, and is cut off.
* Several processes may write: each holds the folder's lock meanwhile, and takes up what others have written.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from pydantic import TypeAdapter
from sqlalchemy import bindparam, select

from storage import installation, strongbox
from storage.database import Ids, Tx
from storage.schema import audit, invitations, participants
from storage.vault import Unsealable, Vault

SEGMENT_BYTES = 256 * 1024
"""A file of the journal is followed by another once it is longer: so much is read when a process begins."""

MARK = "journal_mark"
"""The fact of the store that says which record of copies its last handing over has made."""

PURPOSE = "journal"

_NONCE = bytes(12)
"""Each line has a key of its own, so that one nonce does for all."""

_OWNER_ONLY, _PRINT, _AT_A_TIME = 0o600, 16, 500


class Kind(StrEnum):
    """What happened. All but the last three are actions of the audit trail, under the names that they have there; the
    values are stored: none is ever renamed."""

    STOPPED = "stopped"
    STOP_LIFTED = "stop_lifted"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ERASED = "erased"
    ERASURE_PROVED = "erasure_proved"
    ERASURE_UNDONE = "erasure_undone"
    ERASURE_CARRIED_OUT = "erasure_carried_out"
    HOLD_SET = "hold_set"
    HOLD_LIFTED = "hold_lifted"
    FROZEN = "frozen"
    THAWED = "thawed"
    LINKED = "account_linked"  # whoever it is answers in another chat since, and in no older one
    FACT_SET = "participant_set"  # her death, or that she lives: no other fact
    REVOKED = "staff_revoked"
    ROLE_CHANGED = "role_changed"
    COPIES = "broadcast_copies"
    RESTORED = "store_restored"
    CONTINUED = "continued"


_OF_THE_TRAIL = frozenset(Kind) - {Kind.COPIES, Kind.RESTORED, Kind.CONTINUED}
_OF_HER_DEATH = ("died_on", "alive")
PARTICIPANT, STAFF = "participant", "staff"
"""Whose chat was linked."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened to `whom` (a woman, a member of staff, a broadcast; by internal id).

    `entry` is its number in the audit trail, and `print` a digest of what stands there (0 and "" for what the trail
    does not have); `women` are those whom copies of a broadcast went to.
    """

    kind: Kind
    at: datetime
    whom: int = 0
    detail: str = ""
    women: tuple[int, ...] = ()
    entry: int = 0
    print: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a journal says, in its order, and how many of its lines cannot be read or do not follow."""

    records: tuple[Record, ...] = ()
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """Where a journal ended: the number of its last record, and a digest of that line."""

    number: int = 0
    line: str = ""


@dataclass(frozen=True, slots=True)
class _Tail:
    """Where the journal ends: its last file and that one's length, the last record's number and line, and the last
    record that stands in the audit trail."""

    file: Path | None = None
    size: int = 0
    number: int = 0
    line: bytes = b""
    cursor: Record | None = None


_RECORD: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


class Journal:
    """The journal in one folder, sealed with the keys of one installation."""

    def __init__(self, folder: Path, vault: Vault, *, ids: Ids) -> None:
        self.folder = folder
        self._vault = vault
        self._ids = ids
        self._turn = threading.Lock()
        self._known = _Tail()
        self._seen: int | None = None

    # --- reading

    def read(self, after: int = 0) -> Found:
        """What was written after the record of that number; a line that is only half there is none."""
        records: list[Record] = []
        damaged, before = 0, ""
        for line in (line for file in self._files() for line in _lines(file)):
            record = self._opened(line, before=before)
            damaged += record is None
            if record is not None and record.number > after and record.kind is not Kind.CONTINUED:
                records.append(record)
            before = _digest(line)
        return Found(tuple(records), damaged)

    def cursor(self) -> Record | None:
        """The last record that stands in the audit trail; None if there is none."""
        with self._turn, self._locked():
            return self._end().cursor

    def head(self) -> Head:
        """Where it ends now."""
        with self._turn, self._locked():
            end = self._end()
            return Head(end.number, _digest(end.line) if end.number else "")

    def reaches(self, head: Head) -> bool:
        """Whether it has all that was written after it ended there."""
        lines = (line for file in self._files() for line in _lines(file))
        first = next(lines, None)
        if first is None or head.number == 0:
            return head.number == 0 and (first is None or _number(first) == 1)
        if _number(first) == head.number + 1:
            return self._opened(first, before=head.line) is not None
        return any(_number(line) == head.number and _digest(line) == head.line for line in (first, *lines))

    # --- writing

    def append(self, news: Sequence[Record]) -> int:
        """Write these down, but for those of the trail that are written already; returns the last record's number.

        Raises OSError, and then it is not known which of them are kept: write them again.
        """
        with self._turn, self._locked():
            end = self._end()
            since = 0 if end.cursor is None else end.cursor.entry
            fresh = [one for one in news if not one.entry or one.entry > since or one.kind is Kind.RESTORED]
            self._known = self._written(end, fresh) if fresh else end
            return self._known.number

    def forget(self, before: datetime) -> int:
        """Drop the files in which all is older than that; returns how many. The last one stays."""
        gone = 0
        with self._turn, self._locked():
            for file in self._files()[:-1]:
                records = [record for line in _lines(file) if (record := self._opened(line)) is not None]
                if any(record.at >= before for record in records):
                    break
                file.unlink()
                gone += 1
        return gone

    async def follow(self, tx: Tx) -> None:
        """Write down what the audit trail says since it was last looked at. Nothing may have been written in `tx`
        before: what is not committed has not happened."""
        if self._seen is None:
            cursor = await asyncio.to_thread(self.cursor)
            self._seen = 0 if cursor is None else cursor.entry
        while rows := (await tx.run(_AFTER, [{"number": self._seen}])).all():
            news = [one for row in rows if (one := await _told(tx, row)) is not None]
            if news:
                await asyncio.to_thread(self.append, news)
            self._seen = rows[-1].number

    async def hand_over(self, tx: Tx, broadcast: int, *, women: Sequence[int]) -> None:
        """These women get a copy by the commit that `tx` ends with: call it last, so that hardly anything can go wrong
        in between."""
        if women:
            copies = Record(Kind.COPIES, tx.now, broadcast, women=tuple(women))
            number = await asyncio.to_thread(self.append, [copies])
            await installation.remember(tx, {MARK: str(number)})

    async def begin(self, tx: Tx) -> None:
        """See to it that there is something in it, by which it is known again."""
        if (await asyncio.to_thread(self.head)).number == 0:
            await self.restart(tx)

    async def restart(self, tx: Tx) -> None:
        """From here on it goes on from where this store's audit trail now ends."""
        row = (await tx.run(select(audit).order_by(audit.c.number.desc()).limit(1))).first()
        entry, mark = (0, "") if row is None else (row.number, printed(row))
        record = Record(Kind.RESTORED, tx.now, entry=entry, print=mark)
        number = await asyncio.to_thread(self.append, [record])
        await installation.remember(tx, {MARK: str(number)})
        self._seen = entry

    # --- files and lines

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def _end(self) -> _Tail:
        """Where it ends now, whoever has written."""
        files = self._files()
        if not files:
            return _Tail()
        if (files[-1], files[-1].stat().st_size) == (self._known.file, self._known.size):
            return self._known
        _cut_off_half_a_line(files[-1])
        end = _Tail(files[-1], files[-1].stat().st_size)
        for file in reversed(files):
            lines = _lines(file)
            records = [record for line in lines if (record := self._opened(line)) is not None]
            if lines and not end.line:
                ends_at = max(int(file.stem) + len(lines) - 1, *(_number(line) for line in lines))
                end = replace(end, line=lines[-1], number=ends_at)
            for record in reversed(records):
                if record.print:
                    return replace(end, cursor=record)
        return end

    def _written(self, end: _Tail, fresh: Sequence[Record]) -> _Tail:
        number, line, cursor, file = end.number, end.line, end.cursor, end.file
        if file is None or end.size > SEGMENT_BYTES:
            file = self.folder / f"{number + 1:012}.jsonl"
            again = [] if cursor is None else [replace(cursor, kind=Kind.CONTINUED, whom=0, detail="", women=())]
            fresh = [*again, *fresh]
        lines = []
        for record in fresh:
            number += 1
            line = self._sealed(replace(record, number=number), before=line)
            lines.append(line)
            cursor = record if record.print else cursor
        _add(file, b"".join(one + b"\n" for one in lines))
        return _Tail(file, file.stat().st_size, number, line, cursor)

    def _sealed(self, record: Record, *, before: bytes) -> bytes:
        told = {"kind": record.kind, "at": record.at.isoformat(), "after": _digest(before)}
        more = {"whom": record.whom, "detail": record.detail, "women": record.women}
        rest = {**more, "entry": record.entry, "print": record.print}
        plain = json.dumps(told | {name: value for name, value in rest.items() if value}).encode()
        key, salt = strongbox.newest(self._vault), self._ids.token(strongbox.SALT_BITS)
        cipher = strongbox.cipher(self._vault, key, purpose=PURPOSE, salt=salt)
        sealed = cipher.encrypt(_NONCE, plain, _place(record.number))
        return json.dumps({"n": record.number, "key": key, "salt": salt, "sealed": b64encode(sealed).decode()}).encode()

    def _opened(self, line: bytes, *, before: str = "") -> Record | None:
        """What the line says; None if it cannot be read, or does not follow the line of that digest, where one is
        given."""
        try:
            number, outside = _number(line), json.loads(line)
            cipher = strongbox.cipher(self._vault, outside["key"], purpose=PURPOSE, salt=outside["salt"])
            plain = cipher.decrypt(_NONCE, b64decode(outside["sealed"], validate=True), _place(number))
            told = _RECORD.validate_json(plain)
            after, kind, at = told.pop("after"), Kind(told.pop("kind")), datetime.fromisoformat(told.pop("at"))
            women = tuple(told.pop("women", ()))
            follows = not before or after == before
            return Record(kind, at, women=women, number=number, **told) if follows else None
        except (Unsealable, InvalidTag, ValueError, KeyError, TypeError, AttributeError):
            return None


def _place(number: int) -> bytes:
    """What a line is bound to, as GCM's associated data."""
    return f"line {number}".encode()


def _number(line: bytes) -> int:
    """The number of a line's record; 0 where it cannot be read."""
    try:
        return int(json.loads(line)["n"])
    except (ValueError, KeyError, TypeError):
        return 0


def _digest(line: bytes) -> str:
    return sha256(line).hexdigest()[:32]


def _lines(file: Path) -> list[bytes]:
    """Its whole lines."""
    return file.read_bytes().split(b"\n")[:-1]


def _cut_off_half_a_line(file: Path) -> None:
    content = file.read_bytes()
    if content and not content.endswith(b"\n"):
        os.truncate(file, content.rfind(b"\n") + 1)


def _add(file: Path, content: bytes) -> None:
    is_new = not file.exists()
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _OWNER_ONLY)
    with os.fdopen(descriptor, "ab") as writing:
        writing.write(content)
        writing.flush()
        os.fsync(writing.fileno())
    if is_new:
        sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk keep which files are in this folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- what the audit trail says


_AFTER = (
    select(audit.c.number, audit.c.at, audit.c.action, audit.c.subject, audit.c.detail)
    .where(audit.c.number > bindparam("number"))
    .order_by(audit.c.number)
    .limit(_AT_A_TIME)
)


def printed(row: Any) -> str:
    """What tells this entry of the trail from another of the same number."""
    return sha256(f"{row.number}:{row.at.isoformat()}:{row.action}:{row.subject}".encode()).hexdigest()[:_PRINT]


async def _told(tx: Tx, row: Any) -> Record | None:
    """What the journal keeps of an entry; None where it is nothing of its business."""
    if row.action not in _OF_THE_TRAIL:
        return None
    kind, whom, detail = Kind(row.action), int(row.subject or 0), row.detail or ""
    if kind is Kind.LINKED:
        whom, detail = await _whose(tx, whom)
    elif kind is Kind.FACT_SET:
        if detail not in _OF_HER_DEATH:
            return None
        detail = await _died_on(tx, whom)
    return Record(kind, row.at, whom, detail, entry=row.number, print=printed(row))


async def _whose(tx: Tx, invitation: int) -> tuple[int, str]:
    owner = select(invitations.c.participant_id, invitations.c.staff_id).where(invitations.c.id == invitation)
    row = (await tx.run(owner)).first()
    if row is None:
        return 0, PARTICIPANT
    return (row.staff_id, STAFF) if row.participant_id is None else (row.participant_id, PARTICIPANT)


async def _died_on(tx: Tx, woman: int) -> str:
    day = (await tx.run(select(participants.c.died_on).where(participants.c.id == woman))).scalar_one_or_none()
    return "" if day is None else day.isoformat()
