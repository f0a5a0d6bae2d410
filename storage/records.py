"""What a dialogue asks the store to remember, as plain data, and who writes each kind.

* A dialogue never touches the database: it returns records, and the runner has them written together with everything
  else of the step.
* Each kind of record has one writer, which gets all of a batch at once and uses bulk statements.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from storage.database import Tx

R = TypeVar("R")


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
