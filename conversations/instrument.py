"""What an instrument is: questions in order, with their texts, choices, and conditions.

* The vocabulary is XLSForm's; what XLSForm has no word for comes from our `hilo::` columns and is named after them.
* An instrument is immutable and known by name and version; an open session finishes on the version it began with.
* Several that are asked in one sitting are joined into one, whose name says which.
* Groups are gone by the time an instrument stands: their `relevant` has been joined to that of each question within.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from conversations.answers import Value
from conversations.expressions import Expression
from conversations.risk.thresholds import Threshold

DEFAULT_LANGUAGE = "es"
MAX_NAME = 32
"""Longest name of a question or choice: Stata's limit for a variable, and it fits callback_data's 64 bytes."""

AND = "+"
"""Between the names, and the versions, of instruments that are joined: no name holds it."""

CHOICES_A_PAGE = 8
"""Choices that are shown at once: more make a list too long for a small phone."""

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
    AUDIO = "audio"
    CALCULATE = "calculate"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a list; `exclusive` unticks all others ("ninguna"), `case` is the kind of case that it opens.

    `attributes` are the list's further columns, which choice filters compare.
    """

    name: str
    label: Text
    exclusive: bool = False
    case: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the survey sheet.

    `outcome` says which outcome this answer feeds (storage derives rows from it); `purpose` names the consent without
    which it is not asked; `money` means that a text is read as an amount with its period; `sensitive` marks answers
    that must be cleaned from the chat; `risk` says which answers tell of a danger. `short` names the question in the
    summary ("Trabajo"). `default` is an answer that one tap gives, and with which a select_multiple begins. `quick` are
    the whole numbers that stand on buttons because the constraint allows no others. `choice_filter` says, choice by
    choice, which are offered. `audio` is the file of a recorded prompt.
    """

    name: str
    type: QuestionType
    label: Text
    hint: Text | None = None
    short: Text | None = None
    audio: Text | None = None
    choices: tuple[Choice, ...] = ()
    choice_filter: Expression | None = None
    default: Value | None = None
    quick: tuple[int, ...] = ()
    required: bool = False
    relevant: tuple[Expression, ...] = ()
    constraint: Expression | None = None
    constraint_message: Text | None = None
    calculation: Expression | None = None
    outcome: str | None = None
    purpose: str | None = None
    money: bool = False
    sensitive: bool = False
    risk: Threshold | None = None

    def choice(self, name: str) -> Choice | None:
        """The choice of that name, or None."""
        return next((choice for choice in self.choices if choice.name == name), None)

    @property
    def free_text(self) -> bool:
        """Whether an answer is her own words, written or spoken, which are never stored in the open."""
        return self.type is QuestionType.AUDIO or (self.type is QuestionType.TEXT and not self.money)

    @property
    def waits(self) -> bool:
        """Whether the interview stops here until she says something."""
        return self.type not in (QuestionType.NOTE, QuestionType.CALCULATE)


@dataclass(frozen=True)
class Instrument:
    """A whole questionnaire: `name` and `version` identify it, `questions` stand in the order of asking.

    `parts` are the instruments that it is joined from, if it is.
    """

    name: str
    version: str
    title: Text
    questions: tuple[Question, ...]
    parts: tuple[Instrument, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Question]:
        """The questions by their names."""
        return {question.name: question for question in self.questions}

    @cached_property
    def lookahead(self) -> tuple[tuple[str, ...], ...]:
        """For each question, the answers that decide which of those after it are asked; its own may be among them."""
        needed: set[str] = set()
        found: list[tuple[str, ...]] = []
        for question in reversed(self.questions):
            found.append(tuple(sorted(needed)))
            looks = question.name in needed
            needed.discard(question.name)
            if question.waits or looks:
                needed |= {name for condition in question.relevant for name in condition.reads}
            for expression in (question.calculation, question.choice_filter):
                if looks and expression is not None:
                    needed |= expression.reads
        return tuple(reversed(found))

    @cached_property
    def deciding(self) -> frozenset[str]:
        """The questions whose answers decide whether another is asked, directly or by a calculation."""
        needed = {name for names in self.lookahead for name in names}
        return frozenset(name for name in needed if self.by_name[name].calculation is None)

    @cached_property
    def dated(self) -> bool:
        """Whether what is asked, calculated or offered depends on the date."""
        return any(
            expression.dated
            for question in self.questions
            for expression in (*question.relevant, question.calculation, question.choice_filter)
            if expression is not None
        )

    @cached_property
    def lengths(self) -> dict[object, int]:
        """What `length` has found out about the ways through this instrument."""
        return {}

    def asked_by(self, name: str) -> tuple[str, str]:
        """The name and version of the instrument that this question belongs to: of several parts, the first."""
        found = next((part for part in self.parts if name in part.by_name), self)
        return found.name, found.version

    def position(self, name: str) -> int:
        """Where the question stands, from 0; raises ValueError for a name that is not in the instrument."""
        return next(index for index, question in enumerate(self.questions) if question.name == name)


def in_language(text: Text, language: str) -> str:
    """The text in that language, or in Spanish, or in whatever language there is."""
    return text.get(language) or text.get(DEFAULT_LANGUAGE) or next(iter(text.values()), "")


def joined(parts: Sequence[Instrument]) -> Instrument:
    """One sitting that asks all of these, in order; a question of the same name is asked once, where it first stands.

    Raises ValueError if one name stands for different questions: see `clashes`.
    """
    if len(parts) == 1:
        return parts[0]
    if different := list(clashes(parts)):
        raise ValueError(f"asked in different ways: {', '.join(name for name, _, _ in different)}")
    questions = {question.name: question for part in parts for question in part.questions}
    languages = {language for part in parts for language in part.title}
    return Instrument(
        name=AND.join(part.name for part in parts),
        version=AND.join(part.version for part in parts),
        title={language: " · ".join(in_language(part.title, language) for part in parts) for language in languages},
        questions=tuple(questions.values()),
        parts=tuple(parts),
    )


def clashes(parts: Sequence[Instrument]) -> Iterator[tuple[str, Instrument, Instrument]]:
    """Each question that two of these instruments define differently: its name, and the two."""
    first: dict[str, Instrument] = {}
    for part in parts:
        for question in part.questions:
            there = first.setdefault(question.name, part)
            if there.by_name[question.name] != question:
                yield question.name, there, part
