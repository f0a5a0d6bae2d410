"""Encryption at rest: who holds the key file can read, nobody else.

* AES-256-GCM; every ciphertext is bound to its table, column and row, so that it cannot be moved elsewhere unnoticed.
* What must be found again (a record_id, a chat, an invitation) is looked up by a keyed digest under a separate key.
* Both ciphertexts and digests carry the id of their key, so that keys can be changed while old rows still read.
"""

from __future__ import annotations

import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
"""NIST SP 800-38D's recommended length for GCM."""

_OWNER_ONLY = 0o600
_DIGEST_CHARACTERS = 32
"""128 bits: no two chats of one installation will ever share a digest."""


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


class Vault:
    """Seals and opens cells, and makes look-up digests, with the keys of one installation."""

    def __init__(self, sealing: dict[str, bytes], lookup: dict[str, bytes], *, chance: Callable[[int], bytes]) -> None:
        """The last key of each family is the one in use; earlier ones still read."""
        self._ciphers = {key_id: AESGCM(key) for key_id, key in sealing.items()}
        self._current = next(reversed(sealing))
        self._lookup = lookup
        self._chance = chance

    def seal(self, place: Place, plain: bytes) -> bytes:
        """Encrypt for one place: key id, nonce, ciphertext."""
        nonce = self._chance(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, plain, place.as_bytes)
        return b".".join((self._current.encode(), nonce + sealed))

    def open(self, place: Place, sealed: bytes) -> bytes:
        """Decrypt what was sealed for that place; raises Unsealable for anything else."""
        key_id, _, rest = sealed.partition(b".")
        cipher = self._ciphers.get(key_id.decode("ascii", "replace"))
        if cipher is None:
            raise Unsealable(f"{place.table}.{place.column}: no such key")
        try:
            return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place.as_bytes)
        except (InvalidTag, ValueError):  # ValueError: too short to be one of ours
            raise Unsealable(f"{place.table}.{place.column}: not sealed for this row") from None

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
            f"{key_id}.{self._mac(key, f'{family}:{text}'.encode())[:_DIGEST_CHARACTERS]}"
            for key_id, key in reversed(self._lookup.items())
        ]

    def chain(self, previous: str, entry: str) -> str:
        """The MAC that ties an audit entry to the one before it."""
        key_id, key = next(reversed(self._lookup.items()))
        return f"{key_id}.{self._mac(key, f'audit:{previous}:{entry}'.encode())}"

    @staticmethod
    def _mac(key: bytes, data: bytes) -> str:
        return hmac.new(key, data, sha256).hexdigest()


def create_key_file(path: Path, chance: Callable[[int], bytes]) -> None:
    """Write fresh keys, readable by their owner alone; raises FileExistsError rather than overwrite any."""
    keys = {
        "sealing": {"s1": b64encode(chance(KEY_BYTES)).decode()},
        "lookup": {"d1": b64encode(chance(KEY_BYTES)).decode()},
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def open_vault(path: Path, chance: Callable[[int], bytes]) -> Vault:
    """Read the key file; raises KeyFileInvalid if it is missing, readable by others, or damaged."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileInvalid(f"the key file {path} can be read by others: run chmod 600 on it")
        keys = json.loads(path.read_text(encoding="utf-8"))
        families = {
            name: {key_id: b64decode(key) for key_id, key in keys[name].items()} for name in ("sealing", "lookup")
        }
    except FileNotFoundError:
        raise KeyFileInvalid(f"there is no key file {path}: run hilo init, or put back your copy of it") from None
    except OSError as error:
        raise KeyFileInvalid(f"the key file {path} cannot be read: {error.strerror}") from None
    except KeyFileInvalid:
        raise
    except (ValueError, KeyError, AttributeError, TypeError):
        raise KeyFileInvalid(f"the key file {path} is damaged: put back your copy of it") from None
    if any(len(key) != KEY_BYTES for family in families.values() for key in family.values()) or not all(
        families.values()
    ):
        raise KeyFileInvalid(f"the key file {path} is damaged: put back your copy of it")
    return Vault(families["sealing"], families["lookup"], chance=chance)
