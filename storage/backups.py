"""Backups: the whole store at one moment, in one encrypted file that proves itself when it is opened.

* The copy is made by SQLite's online backup beside whoever writes: one moment, and nobody waits.
* A file stands under its name only when it is whole and on the disk; whatever a crash leaves has another name, and goes
  with the next backup.
* It is sealed in chunks, each bound to its place, to the header and to whether it is the last: a byte that was changed,
  cut off or added anywhere is found. Memory follows the chunk, not the store.
* Inside stands first what the rest must come to: the rows of each table and a digest of them, the end of the audit
  trail; and the keys without which its cells could not be read once they have been changed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import struct
import tempfile
import threading
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter

from storage import strongbox
from storage.database import Ids
from storage.journal import Head, sync_folder
from storage.vault import Keys, Unsealable, Vault

MAGIC = b"hilo backup 1\n"
PURPOSE = "backup"
CHUNK = 1024 * 1024
TAG = 16
"""Bytes by which GCM makes a chunk longer."""

ROOM = ".backup-"
"""How the name begins of a folder in which a copy stands while it is being worked on."""

_LEVEL = 1
"""zlib's quickest: the store's ciphertext does not shrink, and the rest does so at once."""

_OWNER_ONLY = 0o600
_AT_A_TIME = 500
_LONGEST_HEADER = 4096


class BackupInvalid(Exception):
    """The file cannot be used as a backup; the message says why."""


class BackupStopped(Exception):
    """Whoever makes it was told to stop."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands in one table: how many rows, and a digest of all that is in them."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `journal` is where the journal ended when it was begun; `keys` are those of its cells, by
    family and id."""

    id: str
    made_at: datetime
    hilo: str
    sqlite: str
    schema: str
    tables: dict[str, Rows]
    audit_number: int
    audit_mac: str
    journal: Head
    keys: dict[str, dict[str, str]]


_MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Manifest)


@dataclass(frozen=True, slots=True)
class Making:
    """What it takes to make one; `stop` ends it before its time."""

    vault: Vault
    ids: Ids
    now: datetime
    hilo: str
    journal: Head = field(default_factory=Head)
    stop: threading.Event = field(default_factory=threading.Event)


def make(store: Path, target: Path, *, making: Making) -> Manifest:
    """Back this SQLite file up into `target`, over what stands there. Raises OSError, sqlite3.Error, BackupStopped."""
    with room(store.parent) as folder:
        copy = folder / "copy.sqlite3"
        _copy(store, copy)
        manifest = _described(copy, making)
        _forget_halves(target.parent)
        half = target.with_name(f".{target.name}.{manifest.id}.half")
        try:
            _write(half, _chunks(copy, manifest, stop=making.stop), making=making)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
    sync_folder(target.parent)
    return manifest


def _copy(store: Path, copy: Path) -> None:
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
    with closing(sqlite3.connect(f"file:{quoted(store)}?mode=ro", uri=True)) as source, closing(_opened(copy)) as to:
        to.execute("PRAGMA synchronous=OFF")  # nobody needs it after a crash
        source.backup(to)  # all in one step: what is written meanwhile does not make it begin anew


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None)


def quoted(path: Path) -> str:
    """A path as it stands in SQLite's URI."""
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _described(copy: Path, making: Making) -> Manifest:
    keys = making.vault.keys
    families = {"sealing": keys.sealing, "lookup": keys.lookup}
    with read_only(copy) as rows:
        last = rows.execute("SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        return Manifest(
            id=making.ids.token(96),
            made_at=making.now,
            hilo=making.hilo,
            sqlite=sqlite3.sqlite_version,
            schema=rows.execute("SELECT version_num FROM alembic_version").fetchone()[0],
            tables=digests(rows, stop=making.stop),
            audit_number=last[0] if last else 0,
            audit_mac=last[1] if last else "",
            journal=making.journal,
            keys={name: {id_: b64encode(key).decode() for id_, key in each.items()} for name, each in families.items()},
        )


@contextmanager
def read_only(file: Path) -> Iterator[sqlite3.Connection]:
    """A SQLite file to which nobody writes."""
    with closing(sqlite3.connect(f"file:{quoted(file)}?mode=ro&immutable=1", uri=True)) as rows:
        yield rows


# --- what stands in the tables

_ENCODED: Mapping[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"n",
    int: lambda value: b"i%d;" % value,
    float: lambda value: b"f" + struct.pack(">d", value),
    str: lambda value: b"t%d:" % len(text := value.encode()) + text,
    bytes: lambda value: b"b%d:" % len(value) + value,
}
"""A cell for the digest: no two different rows come to the same bytes, whatever Python or SQLite reads them."""


def digests(rows: sqlite3.Connection, *, stop: threading.Event | None = None) -> dict[str, Rows]:
    """The rows of every table, and a digest of them. Raises BackupStopped."""
    names = rows.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name: _digest(rows, name, stop=stop) for (name,) in sorted(names.fetchall())}


def _digest(rows: sqlite3.Connection, table: str, *, stop: threading.Event | None) -> Rows:
    digest, number = sha256(), 0
    found = rows.execute(f'SELECT * FROM "{table}" ORDER BY rowid')
    while some := found.fetchmany(_AT_A_TIME):
        if stop is not None and stop.is_set():
            raise BackupStopped
        digest.update(b"".join(b"r" + b"".join([_ENCODED[type(cell)](cell) for cell in row]) for row in some))
        number += len(some)
    return Rows(number, digest.hexdigest())


# --- the file


def _chunks(copy: Path, manifest: Manifest, *, stop: threading.Event) -> Iterator[bytes]:
    """The manifest, then the store, made smaller."""
    yield _MANIFEST.dump_json(manifest)
    smaller, waiting = zlib.compressobj(_LEVEL), bytearray()
    with copy.open("rb") as file:
        while piece := file.read(CHUNK):
            if stop.is_set():
                raise BackupStopped
            waiting += smaller.compress(piece)
            while len(waiting) >= CHUNK:
                yield bytes(waiting[:CHUNK])
                del waiting[:CHUNK]
    waiting += smaller.flush()
    yield from (bytes(waiting[at : at + CHUNK]) for at in range(0, len(waiting), CHUNK))


def _write(half: Path, chunks: Iterator[bytes], *, making: Making) -> None:
    key, salt = strongbox.newest(making.vault), making.ids.token(strongbox.SALT_BITS)
    cipher = strongbox.cipher(making.vault, key, purpose=PURPOSE, salt=salt)
    header = MAGIC + json.dumps({"key": key, "salt": salt, "made_at": making.now.isoformat()}).encode() + b"\n"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # says that somebody is at it: see _forget_halves
        file.write(header)
        number, chunk = 0, next(chunks, None)
        while chunk is not None:
            following = next(chunks, None)
            sealed = cipher.encrypt(_nonce(number), chunk, _bound(header, last=following is None))
            file.write(len(sealed).to_bytes(4) + sealed)
            number, chunk = number + 1, following
        file.flush()
        os.fsync(file.fileno())


def _nonce(number: int) -> bytes:
    """Chunks are counted; each file has a key of its own."""
    return number.to_bytes(12)


def _bound(header: bytes, *, last: bool) -> bytes:
    return sha256(header).digest() + bytes([last])


def unpack(file: Path, vault: Vault, *, into: Path) -> Manifest:
    """Write the store that is in a backup to this new file. Raises BackupInvalid, or OSError."""
    with file.open("rb") as sealed:
        chunks = _read(sealed, vault)
        try:
            manifest = _MANIFEST.validate_json(next(chunks))
            descriptor = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
            with os.fdopen(descriptor, "wb") as store:
                _inflate(chunks, store)
        except (ValueError, zlib.error):
            raise BackupInvalid("the backup was made by a program that this version does not know") from None
    return manifest


def _inflate(chunks: Iterator[bytes], store: BinaryIO) -> None:
    larger = zlib.decompressobj()
    for chunk in chunks:
        piece = larger.decompress(chunk, CHUNK)
        while piece:
            store.write(piece)
            piece = larger.decompress(larger.unconsumed_tail, CHUNK)
    if not larger.eof or larger.unused_data:
        raise ValueError("the store does not end where it should")
    store.flush()
    os.fsync(store.fileno())


def _read(sealed: BinaryIO, vault: Vault) -> Iterator[bytes]:
    """The chunks, each proved before it is handed out. Raises BackupInvalid."""
    header = sealed.read(len(MAGIC)) + sealed.readline(_LONGEST_HEADER)
    cipher = _cipher(header, vault)
    number, length = 0, sealed.read(4)
    while True:
        size = int.from_bytes(length)
        chunk = sealed.read(size) if TAG < size <= CHUNK + TAG else b""
        length = sealed.read(4)
        try:
            yield cipher.decrypt(_nonce(number), chunk, _bound(header, last=not length))
        except (InvalidTag, ValueError):
            raise BackupInvalid(f"the backup is damaged or incomplete (at chunk {number + 1})") from None
        number += 1
        if not length:
            return


def _cipher(header: bytes, vault: Vault) -> AESGCM:
    if not header.startswith(MAGIC):
        raise BackupInvalid("this is no backup of Hilo's, or its first bytes are damaged")
    try:
        told = json.loads(header.removeprefix(MAGIC))
        key, salt = str(told["key"]), str(told["salt"])
    except (ValueError, KeyError, TypeError):
        raise BackupInvalid("the backup's first bytes are damaged") from None
    try:
        return strongbox.cipher(vault, key, purpose=PURPOSE, salt=salt)
    except Unsealable:
        raise BackupInvalid(f"the backup was made with the key {key!r}, which the key file does not have") from None


def keys_with(keys: Keys, manifest: Manifest) -> Keys:
    """These keys, and before them those that the backup's cells need and that have been changed since."""
    kept = {name: {id_: b64decode(key) for id_, key in each.items()} for name, each in manifest.keys.items()}
    return Keys(
        {**_lacking(kept["sealing"], keys.sealing), **keys.sealing},
        {**_lacking(kept["lookup"], keys.lookup), **keys.lookup},
        keys.audit,
    )


def _lacking(kept: dict[str, bytes], known: dict[str, bytes]) -> dict[str, bytes]:
    return {id_: key for id_, key in kept.items() if id_ not in known}


# --- places to work in


@contextmanager
def room(parent: Path) -> Iterator[Path]:
    """A folder in `parent` for a while, its owner's alone. What killed processes have left of theirs goes first."""
    for left in parent.glob(f"{ROOM}*"):
        with suppress(OSError), _held(left):
            shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=ROOM, dir=parent) as name, _held(Path(name)):
        yield Path(name)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Raises BlockingIOError if another process is at work in there."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _forget_halves(folder: Path) -> None:
    for half in folder.glob(".*.half"):
        with suppress(OSError), half.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            half.unlink()
