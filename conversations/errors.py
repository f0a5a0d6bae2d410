"""The engine's errors, split by whose they are.

Hers is an effect (AnswerRejected); the author's stops loading; an event that does not fit raises EventRejected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with an instrument: where it stands (`row` as spreadsheets count) and what to do about it."""

    sheet: str
    row: int | None
    message: str

    def __str__(self) -> str:
        place = self.sheet if self.row is None else f"{self.sheet}, row {self.row}"
        return f"[{place}] {self.message}"


class InstrumentInvalid(ValueError):
    """The instrument cannot be used; `problems` names everything that is wrong with it, at once."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__(
            "\n".join([f"instrument {name} has {len(self.problems)} problem(s):", *map(str, self.problems)])
        )


class Rejection(StrEnum):
    """Why an event could not be taken in the session's present state; each has a kind sentence in the catalogue."""

    STALE = "stale"
    SESSION_OVER = "session_over"
    NOT_ACCEPTED = "not_accepted"
    FIRST_QUESTION = "first_question"
    REQUIRED = "required"
    UNKNOWN_CHOICE = "unknown_choice"
    EDITED = "edited"
    UNKNOWN_COMMAND = "unknown_command"


class EventRejected(Exception):
    """The event does not fit the session, which stays exactly as it was."""

    def __init__(self, reason: Rejection) -> None:
        self.reason = reason
        super().__init__(reason.value)
