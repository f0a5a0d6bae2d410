"""Encryption at rest: who holds the key file can read, nobody else.

* AES-256-GCM; every ciphertext is bound to its table, column and row, so that it cannot be moved elsewhere unnoticed.
* What must be found again (a record_id, a chat) is looked up by a keyed digest under a separate key.
* Ciphertexts, digests and the audit trail's MACs carry the id of their key, so that keys can be changed while old rows
  still read. A vault that meets a key it does not know reads the key file anew, and never forgets one it has known.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import logging
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

log = logging.getLogger(__name__)

KEY_BYTES = 32
NONCE_BYTES = 12
"""NIST SP 800-38D's recommended length for GCM."""

OWNER_ONLY = 0o600
_DIGEST_CHARACTERS = 32
"""128 bits: no two chats of one installation will ever share a digest."""

Chance = Callable[[int], bytes]
"""Draws so many secret bytes."""


class KeyFileInvalid(ValueError):
    """The key file cannot be used; the message says why and never shows its content."""


class Unsealable(Exception):
    """A ciphertext does not belong where it stands, was altered, or its key is gone."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ciphertext belongs."""

    table: str
    column: str
    row: int | str

    @property
    def as_bytes(self) -> bytes:
        """The place as GCM's associated data."""
        return f"{self.table}.{self.column}:{self.row}".encode()


FAMILIES: Mapping[str, str] = {"sealing": "s", "lookup": "d", "audit": "a"}
"""The families of keys, and the letter that their ids begin with."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one installation by their ids; the last of each family is the one in use."""

    sealing: dict[str, bytes]
    lookup: dict[str, bytes]
    audit: dict[str, bytes]

    @property
    def changing(self) -> bool:
        """Whether keys are being changed: earlier ones are still there to be read by."""
        return len(self.sealing) > 1 or len(self.lookup) > 1

    def with_fresh(self, chance: Chance) -> Keys:
        """These and a new one of each family, from now on the one in use. An id is never used twice."""
        return Keys(*({**keys, _next_id(family, keys): chance(KEY_BYTES)} for family, keys in self._families()))

    def without_earlier(self) -> Keys:
        """Only those in use, and all of the audit trail's: by them its earlier entries are proved."""
        return Keys(_last(self.sealing), _last(self.lookup), self.audit)

    def marks(self) -> frozenset[str]:
        """A mark of each key, by which it is known again and which says nothing about it."""
        return frozenset(
            f"{key_id}.{_mac(key, b'mark')[:16]}" for _, keys in self._families() for key_id, key in keys.items()
        )

    def as_text(self) -> str:
        """What stands in the key file."""
        families = {
            family: {key_id: b64encode(key).decode() for key_id, key in keys.items()}
            for family, keys in self._families()
        }
        return json.dumps(families, indent=1)

    def _families(self) -> list[tuple[str, dict[str, bytes]]]:
        return [(family, getattr(self, family)) for family in FAMILIES]


def _next_id(family: str, keys: dict[str, bytes]) -> str:
    letter = FAMILIES[family]
    return f"{letter}{1 + max((int(key_id.removeprefix(letter)) for key_id in keys), default=0)}"


def _last(keys: dict[str, bytes]) -> dict[str, bytes]:
    key_id = next(reversed(keys))
    return {key_id: keys[key_id]}


def _mac(key: bytes, data: bytes) -> str:
    return hmac.digest(key, data, "sha256").hex()


class Vault:
    """Seals and opens cells, and makes look-up digests, with the keys of one installation."""

    def __init__(self, keys: Keys, *, chance: Chance, key_file: Path | None = None) -> None:
        """`key_file` is where the keys come from, and is looked at again by `refresh`."""
        self.key_file = key_file
        self._chance = chance
        self._ciphers: dict[str, AESGCM] = {}
        self._seen: object = ()  # the first look reads once more: the file may have changed since
        self._take(keys)

    def _take(self, keys: Keys) -> None:
        self.keys = keys
        self._ciphers |= {key_id: AESGCM(key) for key_id, key in keys.sealing.items()}
        self._current = next(reversed(keys.sealing))

    def refresh(self) -> None:
        """Know the keys that stand in the key file by now. Where it cannot be read, those that are known stay."""
        if self.key_file is None or (seen := _version(self.key_file)) == self._seen:
            return
        self._seen = seen
        try:
            self._take(read_keys(self.key_file))
        except KeyFileInvalid:
            log.error("the key file cannot be read any more", extra={"action": "key_file_unreadable"})

    def seal(self, place: Place, plain: bytes) -> bytes:
        """Encrypt for one place: key id, nonce, ciphertext."""
        nonce = self._chance(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, plain, place.as_bytes)
        return self.newest + nonce + sealed

    @property
    def newest(self) -> bytes:
        """What whatever is sealed now begins with."""
        return self._current.encode() + b"."

    def open(self, place: Place, sealed: bytes) -> bytes:
        """Decrypt what was sealed for that place; raises Unsealable for anything else."""
        key_id, _, rest = sealed.partition(b".")
        cipher = self._cipher(key_id.decode("ascii", "replace"))
        if cipher is None:
            raise Unsealable(f"{place.table}.{place.column}: no such key")
        try:
            return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place.as_bytes)
        except (InvalidTag, ValueError):  # ValueError: too short to be one of ours
            raise Unsealable(f"{place.table}.{place.column}: not sealed for this row") from None

    def _cipher(self, key_id: str) -> AESGCM | None:
        if key_id not in self._ciphers:
            self.refresh()
        return self._ciphers.get(key_id)

    def renewed(self, place: Place, sealed: bytes) -> bytes:
        """The same under the key in use; raises Unsealable as `open` does."""
        return sealed if sealed.startswith(self.newest) else self.seal(place, self.open(place, sealed))

    def seal_text(self, place: Place, plain: str | None) -> bytes | None:
        """`seal` for a text that may be missing."""
        return None if plain is None else self.seal(place, plain.encode())

    def open_text(self, place: Place, sealed: bytes | None) -> str | None:
        """`open` for a text that may be missing."""
        return None if sealed is None else self.open(place, sealed).decode()

    def digest(self, family: str, text: str) -> str:
        """The look-up digest of a text within one family of texts, under the key in use."""
        return self.digests(family, text)[0]

    def digests(self, family: str, text: str) -> list[str]:
        """The digest under every live key, the one in use first: where a row may stand while keys change."""
        return [
            f"{key_id}.{_mac(key, f'{family}:{text}'.encode())[:_DIGEST_CHARACTERS]}"
            for key_id, key in reversed(self.keys.lookup.items())
        ]

    @property
    def newest_lookup(self) -> str:
        """What every digest made now begins with."""
        return next(reversed(self.keys.lookup)) + "."

    def chain(self, previous: str, entry: str, *, key_id: str | None = None) -> str:
        """The MAC that ties an audit entry to the one before it, under the key in use or the one of that id; raises
        KeyError if there is none."""
        key_id = key_id or next(reversed(self.keys.audit))
        if key_id not in self.keys.audit:
            self.refresh()
        return f"{key_id}.{_mac(self.keys.audit[key_id], f'audit:{previous}:{entry}'.encode())}"

    def fresh_keys(self) -> Keys:
        """The keys and one more of each family, drawn now; nothing is kept of them."""
        return self.keys.with_fresh(self._chance)


# --- the key file


def _version(path: Path) -> tuple[int, int, int] | None:
    """What changes whenever the file is replaced or written; costs a microsecond."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def create_key_file(path: Path, chance: Chance) -> None:
    """Write fresh keys, readable by their owner alone; raises FileExistsError rather than overwrite any."""
    write_new(path, Keys({}, {}, {}).with_fresh(chance).as_text())


def write_new(path: Path, text: str) -> None:
    """Write a new file that is its owner's alone, to the disk; raises FileExistsError rather than overwrite one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, text: str) -> None:
    """Put a text in the place of a file, whole or not at all, its owner's alone, to the disk."""
    fresh = path.with_name(path.name + ".new")
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # two writers would take each other's file
        fresh.unlink(missing_ok=True)  # of a writer that was killed
        write_new(fresh, text)
        fresh.replace(path)
        os.fsync(folder)
    finally:
        os.close(folder)


def read_keys(path: Path) -> Keys:
    """Read the key file; raises KeyFileInvalid if it is missing, readable by others, or damaged."""
    damaged = KeyFileInvalid(f"the key file {path} is damaged: put back your copy of it")
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileInvalid(f"the key file {path} can be read by others: run chmod 600 on it")
        kept = json.loads(path.read_text(encoding="utf-8"))
        families = [{key_id: b64decode(key) for key_id, key in kept[name].items()} for name in FAMILIES]
    except FileNotFoundError:
        raise KeyFileInvalid(f"there is no key file {path}: run hilo init, or put back your copy of it") from None
    except OSError as error:
        raise KeyFileInvalid(f"the key file {path} cannot be read: {error.strerror}") from None
    except KeyFileInvalid:
        raise
    except (ValueError, KeyError, AttributeError, TypeError):
        raise damaged from None
    keys = Keys(*families)
    if not all(_sound(letter, family) for letter, family in zip(FAMILIES.values(), families, strict=True)):
        raise damaged
    return keys


def _sound(letter: str, keys: dict[str, bytes]) -> bool:
    numbered = all(key_id[:1] == letter and key_id[1:].isdecimal() for key_id in keys)
    return bool(keys) and numbered and all(len(key) == KEY_BYTES for key in keys.values())


def open_vault(path: Path, chance: Chance) -> Vault:
    """The vault of that key file; raises KeyFileInvalid as `read_keys` does."""
    return Vault(read_keys(path), chance=chance, key_file=path)
