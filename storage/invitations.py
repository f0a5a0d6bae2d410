"""The invitations by which a chat becomes somebody's.

* An invitation is a secret of 128 bits or more, kept as a digest; it links one chat, once, before it expires.
* A woman's goes with a word that reaches her by another way; after MAX_TRIES wrong words only staff can help.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, update

from storage import audit, installation
from storage.database import Tx
from storage.records import Entry, Writer
from storage.schema import invitations
from storage.words import hashed

TOKEN_BITS = 192
"""Longer than the 128 bits that guessing would need; as base64 it is 32 of the 64 characters of a start parameter."""

INVITATION_DAYS = 30
MAX_TRIES = 5


def digest_of(token: str) -> str:
    """What the store keeps of a token. No key goes into it: of TOKEN_BITS there is nothing to guess, and a link that
    was handed over works on whatever keys are changed."""
    return sha256(f"invitation:{token}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class InvitationOpened:
    """Somebody pressed Iniciar with this invitation."""

    invitation: int


@dataclass(frozen=True, slots=True)
class WordMissed:
    """A word was tried that is not hers."""

    invitation: int


async def _opened(tx: Tx, entries: Sequence[Entry[InvitationOpened]]) -> None:
    first = invitations.c.opened_at.is_(None)
    statement = update(invitations).where(invitations.c.id == bindparam("invitation"), first).values(opened_at=tx.now)
    await tx.run(statement, [{"invitation": entry.record.invitation} for entry in entries])


async def _word_missed(tx: Tx, entries: Sequence[Entry[WordMissed]]) -> None:
    statement = (
        update(invitations).where(invitations.c.id == bindparam("invitation")).values(tries=invitations.c.tries + 1)
    )
    await tx.run(statement, [{"invitation": entry.record.invitation} for entry in entries])


WRITERS: dict[type, Writer] = {
    InvitationOpened: _opened,
    WordMissed: _word_missed,
}


# --- drawing them


@dataclass(frozen=True, slots=True)
class Invitation:
    """A fresh invitation, shown once: the secret token, and the word that goes to her by another way."""

    token: str
    word: str | None
    expires_at: datetime


async def invite_participant(
    tx: Tx, participant: int, words: Sequence[str], *, token: str | None = None, by: int | None = None
) -> Invitation:
    """Keep a new invitation for a woman, with a word out of `words`; earlier unused ones stop working. Draws a token
    where none is given."""
    await void(tx, participant)
    return await invite(tx, word=words[tx.ids.pick(len(words))], token=token, by=by, participant_id=participant)


@dataclass(frozen=True, slots=True)
class Key:
    """A link's token and the word that goes with it, as a member of staff was shown them."""

    token: str
    word: str


async def give(tx: Tx, woman: int, key: Key, *, by: int) -> None:
    """She may come in by what this member of staff was shown."""
    await invite_participant(tx, woman, [key.word], token=key.token, by=by)


async def void(tx: Tx, participant: int) -> None:
    """No link that a woman has not used works any more."""
    unused = (invitations.c.participant_id == participant) & invitations.c.used_at.is_(None)
    await tx.run(update(invitations).where(unused, invitations.c.revoked_at.is_(None)).values(revoked_at=tx.now))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A token that nobody has yet, and the link that carries it (None while the bot's name is unknown)."""

    token: str
    link: str | None


@dataclass(frozen=True, slots=True)
class FreshInvitation:
    """A token to invite somebody with: the step that asked shows its link, and returns the record that keeps it."""

    async def find(self, tx: Tx) -> Drawn:
        """A new one each time."""
        token = tx.ids.token(TOKEN_BITS)
        username = await installation.recall(tx, installation.BOT_USERNAME)
        return Drawn(token, None if username is None else link_of(username, token))


def link_of(username: str, token: str) -> str:
    """The address that opens the bot with this invitation."""
    return f"https://t.me/{username}?start={token}"


async def invite(
    tx: Tx, *, word: str | None, token: str | None = None, by: int | None = None, **owner: int
) -> Invitation:
    """Keep an invitation for its `owner`: participant_id or staff_id; with a `word`, only who knows it may use it.
    Draws a token where none is given."""
    token = token or tx.ids.token(TOKEN_BITS)
    invitation = Invitation(token, word, tx.now + timedelta(days=INVITATION_DAYS))
    await tx.run(
        invitations.insert().values(
            id=tx.ids.random(),
            token_digest=digest_of(token),
            word_hash=None if word is None else await asyncio.to_thread(hashed, word),
            created_at=tx.now,
            expires_at=invitation.expires_at,
            **owner,
        )
    )
    await audit.append(tx, [audit.Act(audit.acting(by), "invited", str(next(iter(owner.values()))))])
    return invitation
