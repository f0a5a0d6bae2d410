"""Sealing for what stands outside the database: backups and the journal.

* Their keys are derived from the audit trail's, which a change of keys keeps: what was sealed before it still opens.
* Each thing has a key of its own, by a salt that is drawn for it, so that no two ever share one.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.vault import KEY_BYTES, Unsealable, Vault

SALT_BITS = 256


def newest(vault: Vault) -> str:
    """The id of the key by which something is to be sealed now."""
    return next(reversed(vault.keys.audit))


def cipher(vault: Vault, key_id: str, *, purpose: str, salt: str) -> AESGCM:
    """The cipher of one thing. Raises Unsealable if there is no such key."""
    if key_id not in vault.keys.audit:
        vault.refresh()
    key = vault.keys.audit.get(key_id)
    if key is None:
        raise Unsealable(f"{purpose}: no such key")
    derived = HKDF(SHA256(), KEY_BYTES, salt.encode(), f"hilo {purpose}".encode()).derive(key)
    return AESGCM(derived)
