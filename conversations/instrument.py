"""What an instrument is: questions in order, with their texts, choices, and conditions.

* The vocabulary is XLSForm's; what XLSForm has no word for comes from our `hilo::` columns and is named after them.
* An instrument is immutable and known by name and version; an open session finishes on the version it began with.
* Groups are gone by the time an instrument stands: their `relevant` has been joined to that of each question within.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from conversations.expressions import Expression

DEFAULT_LANGUAGE = "es"
MAX_NAME = 32
"""Longest name of a question or choice: Stata's limit for a variable, and it fits callback_data's 64 bytes."""

Text = Mapping[str, str]
"""One text in several languages, by ISO 639-1 code."""


class QuestionType(StrEnum):
    """The XLSForm question types that the engine can ask."""

    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"
    NOTE = "note"
    ACKNOWLEDGE = "acknowledge"
    CALCULATE = "calculate"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a list; `exclusive` unticks all others ("ninguna"), `case` is the kind of case that it opens."""

    name: str
    label: Text
    exclusive: bool = False
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the survey sheet.

    `outcome` says which outcome this answer feeds (storage derives rows from it); `purpose` names the consent without
    which it is not asked; `money` means that a text is read as an amount with its period; `sensitive` marks answers
    that must be cleaned from the chat.
    """

    name: str
    type: QuestionType
    label: Text
    hint: Text | None = None
    choices: tuple[Choice, ...] = ()
    required: bool = False
    relevant: tuple[Expression, ...] = ()
    constraint: Expression | None = None
    constraint_message: Text | None = None
    calculation: Expression | None = None
    outcome: str | None = None
    purpose: str | None = None
    money: bool = False
    sensitive: bool = False

    def choice(self, name: str) -> Choice | None:
        """The choice of that name, or None."""
        return next((choice for choice in self.choices if choice.name == name), None)

    @property
    def free_text(self) -> bool:
        """Whether an answer is her own words, which are never stored in the open."""
        return self.type is QuestionType.TEXT and not self.money

    @property
    def waits(self) -> bool:
        """Whether the interview stops here until she says something."""
        return self.type not in (QuestionType.NOTE, QuestionType.CALCULATE)


@dataclass(frozen=True)
class Instrument:
    """A whole questionnaire: `name` and `version` identify it, `questions` stand in the order of asking."""

    name: str
    version: str
    title: Text
    questions: tuple[Question, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Question]:
        """The questions by their names."""
        return {question.name: question for question in self.questions}

    def position(self, name: str) -> int:
        """Where the question stands, from 0; raises ValueError for a name that is not in the instrument."""
        return next(index for index, question in enumerate(self.questions) if question.name == name)


def in_language(text: Text, language: str) -> str:
    """The text in that language, or in Spanish, or in whatever language there is."""
    return text.get(language) or text.get(DEFAULT_LANGUAGE) or next(iter(text.values()), "")
