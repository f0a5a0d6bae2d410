"""What a dialogue asks of the store, as plain data: what to look up before its step, and what to remember after it.

* A dialogue never touches the database: it names its needs and returns records, and the runner has the ones looked up
  and the others written together with everything else of the step.
* Each kind of record has one writer, which gets all of a batch at once and uses bulk statements.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from storage.database import Tx

R = TypeVar("R")
F = TypeVar("F", covariant=True)


class Need(Protocol[F]):
    """A question to the store, as a value that can be compared: what it finds is its answer."""

    async def find(self, tx: Tx) -> F | None:
        """The answer, or None if there is none."""
        ...


class Lengthy:
    """A need that takes long to look up where women are many: that is done before the transaction of the step that asks
    for it, which sees the store as it stood a little earlier."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class About(Generic[R]):
    """A record about this woman, and this check-in of hers, in whoever's chat it came about; at that moment if not now.

    Its writer sees it as if it came from her.
    """

    participant: int
    record: R
    checkin: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry(Generic[R]):
    """One record with where it comes from: the chat, the woman if she is known, the conversation, the moment."""

    record: R
    at: datetime
    origin: str
    lane: str
    chat_id: int
    session_id: int
    participant_id: int | None = None
    checkin_id: int | None = None


Writer = Callable[[Tx, Sequence[Entry[Any]]], Awaitable[None]]
