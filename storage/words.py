"""Short secrets that people type: the word of a woman's invitation, the PIN of a member of staff.

* They are kept as argon2id hashes, and matched however they are spelt: without accents or capitals will do.
* Hashing takes long on purpose: whoever needs one asks for it before the transaction that keeps it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from conversations.reading.words import normalise
from storage.database import Tx
from storage.records import Lengthy

# OWASP's second recommended choice for argon2id (19 MiB, t=2, p=1): a few tens of milliseconds on a small server.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hashed(word: str) -> str:
    """What is kept of a word; takes tens of milliseconds."""
    return _HASHER.hash(normalise(word))


@dataclass(frozen=True, slots=True)
class Hashed(Lengthy):
    """What is to be kept of this word."""

    word: str = field(repr=False)

    async def find(self, tx: Tx) -> str:
        """Its hash, another one each time."""
        return await asyncio.to_thread(hashed, self.word)


def matches(kept: str, tried: str) -> bool:
    """Whether what was typed is the word of which that is kept. Takes tens of milliseconds."""
    try:
        return _HASHER.verify(kept, normalise(tried))
    except VerifyMismatchError:
        return False
