"""Who of the women of a chat is in: the codes that they chose, and for how long one was heard there.

* A code is kept as a hash alone, the one of a woman who is threatened likewise; the word by which she leaves, which
  lets nobody in, is sealed.
* Of several women of one phone at most one is in at a time, and each came in by her own code.
* Wrong codes slow the chat in which they were given, and nothing else: no call of the team's depends on it. Whoever
  leaves, clears the chat or comes in by a code of her own makes nobody else's next guess come sooner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conversations.reading.words import normalise
from storage import audit
from storage.database import Tx
from storage.records import Entry, Lengthy, Writer
from storage.schema import chats, gates
from storage.vault import Place
from storage.words import matches

RESET_STANDS = timedelta(hours=24)
"""How long a code counts that the team gave her because she forgot hers."""


class CodeKind(StrEnum):
    """What she chose to be known by."""

    NUMBER = "number"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands before what is hers: the kind of her code, if she has one; whether she was asked; the word by
    which she leaves."""

    kind: CodeKind | None = None
    asked: bool = False
    leave_word: str | None = None

    def is_left_by(self, text: str) -> bool:
        """Whether she wrote the word by which she leaves, however she spelt it."""
        return self.leave_word is not None and normalise(text) == normalise(self.leave_word)


NOT_ASKED = Gate()


@dataclass(frozen=True, slots=True)
class Tries:
    """How many wrong codes were given in a chat that nobody has made good since, and when the last one was."""

    wrong: int = 0
    at: datetime | None = None


NO_TRIES = Tries()


class Fits(StrEnum):
    """What a code that was given is to the woman whose it is."""

    HERS = "hers"
    DURESS = "duress"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class CodeFound:
    """Whose code was given, and which of hers."""

    participant: int
    fits: Fits


@dataclass(frozen=True, slots=True)
class CodeGiven(Lengthy):
    """Which of these women has this code. Takes tens of milliseconds for each of them."""

    women: tuple[int, ...]
    code: str = field(repr=False)

    async def find(self, tx: Tx) -> CodeFound | None:
        """Whose it is, if it is anybody's."""
        for row in (await tx.run(select(gates).where(gates.c.participant_id.in_(self.women)))).all():
            reset = row.reset_hash if row.reset_until is not None and row.reset_until > tx.now else None
            kept = {Fits.HERS: row.code_hash, Fits.DURESS: row.duress_hash, Fits.RESET: reset}
            for fits, code_hash in kept.items():
                # slow on purpose: the loop is kept free meanwhile
                if code_hash is not None and await asyncio.to_thread(matches, code_hash, self.code):
                    return CodeFound(row.participant_id, fits)
        return None


# --- records, as dialogues return them


@dataclass(frozen=True, slots=True)
class CodeChosen:
    """From now on this woman is known by the code of this hash (`storage.words.Hashed`), or by none. What the team gave
    her counts no more. How she leaves stays as it is."""

    participant: int
    kind: CodeKind | None
    code_hash: str | None = None


@dataclass(frozen=True, slots=True)
class DuressChosen:
    """The hash of the code that she gives where somebody makes her."""

    participant: int
    code_hash: str


@dataclass(frozen=True, slots=True)
class LeaveWordChosen:
    """The word at which the chat closes without a reply, or None for none."""

    participant: int
    word: str | None


@dataclass(frozen=True, slots=True)
class WrongCodes:
    """So many wrong codes were given in this chat by now; 0: all that was wrong is forgotten."""

    count: int


@dataclass(frozen=True, slots=True)
class LetIn:
    """She gave her code: this chat is hers until she is silent."""

    participant: int


@dataclass(frozen=True, slots=True)
class Left:
    """Whoever was in this chat is not any more."""


@dataclass(frozen=True, slots=True)
class DoorstepKept:
    """How far somebody is who is not in yet, as the dialogue's own bytes; None: nobody stands there."""

    state: bytes | None


async def _code_chosen(tx: Tx, entries: Sequence[Entry[CodeChosen]]) -> None:
    for record in (entry.record for entry in entries):
        chosen = {"kind": record.kind, "code_hash": record.code_hash, "asked_at": tx.now}
        await _keep(tx, record.participant, {**chosen, "reset_hash": None, "reset_until": None})
    acts = [("gate_chosen" if e.record.kind else "gate_declined", e.record.participant) for e in entries]
    await audit.append(tx, [audit.Act("participant", action, str(woman)) for action, woman in acts])


async def _duress_chosen(tx: Tx, entries: Sequence[Entry[DuressChosen]]) -> None:
    for record in (entry.record for entry in entries):
        await _keep(tx, record.participant, {"duress_hash": record.code_hash})


async def _leave_word_chosen(tx: Tx, entries: Sequence[Entry[LeaveWordChosen]]) -> None:
    for record in (entry.record for entry in entries):
        sealed = tx.vault.seal_text(_leave_word_of(record.participant), record.word)
        await _keep(tx, record.participant, {"leave_word": sealed})


def _leave_word_of(participant: int) -> Place:
    return Place("gates", "leave_word", participant)


def gate_of(tx: Tx, row: Any) -> Gate:
    """The gate of a row that holds `participant_id` and the columns GATE."""
    if row.gate_asked_at is None:
        return Gate()
    kind = None if row.gate_kind is None else CodeKind(row.gate_kind)
    return Gate(kind, True, tx.vault.open_text(_leave_word_of(row.participant_id), row.gate_leave_word))


TRIES = (chats.c.wrong_codes, chats.c.wrong_at)


def tries_of(row: Any) -> Tries:
    """What was tried in the chat of a row that holds the columns TRIES."""
    return Tries(row.wrong_codes or 0, row.wrong_at)


GATE = tuple(gates.c[name].label(f"gate_{name}") for name in ("kind", "asked_at", "leave_word"))


async def _keep(tx: Tx, participant: int, values: dict[str, Any]) -> None:
    insert = _upserting(tx)(gates).values(participant_id=participant, **values)
    await tx.run(insert.on_conflict_do_update(index_elements=["participant_id"], set_=values))


async def _let_in(tx: Tx, entries: Sequence[Entry[LetIn]]) -> None:
    """The silence after which she is out again is counted with what was heard (`heard`)."""
    for entry in entries:
        await _keep_chat(tx, entry.lane, participant_id=entry.record.participant, doorstep=None)


async def _left(tx: Tx, entries: Sequence[Entry[Left]]) -> None:
    gone = update(chats).where(chats.c.lane == bindparam("there"))
    nobody = gone.values(participant_id=None, open_until=None, doorstep=None)
    await tx.run(nobody, [{"there": entry.lane} for entry in entries])


async def _wrong_codes(tx: Tx, entries: Sequence[Entry[WrongCodes]]) -> None:
    for entry in entries:
        await _keep_chat(tx, entry.lane, wrong_codes=entry.record.count, wrong_at=tx.now)


async def _doorstep(tx: Tx, entries: Sequence[Entry[DoorstepKept]]) -> None:
    for entry in entries:
        state, chat = entry.record.state, await _chat(tx, entry.lane)
        sealed = None if state is None else tx.vault.seal(doorstep_of(chat), state)
        await tx.run(update(chats).where(chats.c.id == chat).values(doorstep=sealed))


def doorstep_of(chat: int) -> Place:
    """Where what is kept with this chat is sealed."""
    return Place("chats", "doorstep", chat)


async def _keep_chat(tx: Tx, lane: str, **values: Any) -> None:
    await tx.run(update(chats).where(chats.c.id == await _chat(tx, lane)).values(**values))


async def _chat(tx: Tx, lane: str) -> int:
    """The chat of this lane, as a place."""
    insert = _upserting(tx)(chats).values(id=tx.ids.random(), lane=lane)
    await tx.run(insert.on_conflict_do_nothing())
    return int((await tx.run(select(chats.c.id).where(chats.c.lane == lane))).scalar_one())


def _upserting(tx: Tx) -> Any:
    return (postgresql if tx.connection.dialect.name == "postgresql" else sqlite).insert


WRITERS: dict[type, Writer] = {
    CodeChosen: _code_chosen,
    DuressChosen: _duress_chosen,
    LeaveWordChosen: _leave_word_chosen,
    LetIn: _let_in,
    Left: _left,
    WrongCodes: _wrong_codes,
    DoorstepKept: _doorstep,
}


# --- a chat as a place


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody did something in this chat; `within` is whether it is to stay hers who is in."""

    lane: str
    within: bool


async def heard(tx: Tx, chats_heard: Sequence[Heard], *, silence: timedelta) -> None:
    """From now on these chats are quiet until something is done there again; after that long a silence they are to be
    cleaned, and whoever was in is out."""
    over = tx.now + silence
    insert = _upserting(tx)(chats)
    for within in (False, True):
        values: dict[str, Any] = {"clean_at": over, **({"open_until": over} if within else {})}
        rows = [{"id": tx.ids.random(), "lane": one.lane, **values} for one in chats_heard if one.within is within]
        await tx.run(insert.on_conflict_do_update(index_elements=["lane"], set_=values), rows)


async def shut(tx: Tx, lanes: Collection[str]) -> None:
    """Nobody is in these chats any more, nobody stands at their door, and they are being cleared."""
    nobody = update(chats).where(chats.c.lane == bindparam("there"))
    nobody = nobody.values(participant_id=None, open_until=None, clean_at=None, doorstep=None, cleared_at=tx.now)
    await tx.run(nobody, [{"there": lane} for lane in lanes])


async def give_reset(tx: Tx, participant: int, code_hash: str) -> datetime:
    """Let her in by the code of this hash, which is read out to her, until she has chosen another; returns until when
    at most."""
    until = tx.now + RESET_STANDS
    await _keep(tx, participant, {"reset_hash": code_hash, "reset_until": until})
    return until
