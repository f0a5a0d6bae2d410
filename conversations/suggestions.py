"""What a question offers in one tap: its default, and the few whole numbers that its constraint allows.

* A default is fixed text, read as the question's type; one that its own question would not take is refused.
* Numbers become buttons only where the constraint says so by itself, and allows few.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from conversations.answers import Value
from conversations.expressions import Expression
from conversations.instrument import Question, QuestionType

QUICK_RANGE = range(2, 12)
"""How many buttons a question may have: eleven are the numbers from 0 to 10."""
_TRIED = range(-1, 1001)
"""The first and the last are tried to see that the numbers end there; nobody counts beyond by buttons."""

_WHOLE = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_MIDNIGHT = re.compile(r"[ T]00:00:00$")
"""What a spreadsheet adds to a cell that holds a date."""
_DYNAMIC = re.compile(r"\$\{|^[\w:-]+\(.*\)$")
_ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""For expressions that do not look at the date."""


class DefaultInvalid(ValueError):
    """The default cannot be an answer; the message says what could."""


def read_default(question: Question, text: str) -> Value:
    """The default as an answer to the question; raises DefaultInvalid with a sentence for the form's author."""
    if _DYNAMIC.search(text):
        raise DefaultInvalid("write a fixed value; what is worked out belongs in a 'calculate' row")
    value = _read(question, text)
    if _knows_by_itself(question.constraint) and not _allows(question.constraint, value):
        raise DefaultInvalid("the question's own constraint refuses it: change one of them")
    return value


def _read(question: Question, text: str) -> Value:
    match question.type:
        case QuestionType.SELECT_ONE:
            return _chosen(question, [text])[0]
        case QuestionType.SELECT_MULTIPLE:
            return _several(question, text.split())
        case QuestionType.INTEGER if _WHOLE.fullmatch(text):
            return int(text)
        case QuestionType.INTEGER:
            raise DefaultInvalid("write a whole number, as in 3")
        case QuestionType.DECIMAL if _NUMBER.fullmatch(text):
            return Decimal(text)
        case QuestionType.DECIMAL:
            raise DefaultInvalid("write a number, as in 2.5")
        case QuestionType.DATE:
            return _date(text)
        case QuestionType.TEXT if not question.money:
            return text
        case QuestionType.TEXT:
            raise DefaultInvalid("nobody's income is known beforehand: empty this cell")
        case _:
            raise DefaultInvalid(f"type {question.type} has no answer to begin with: empty this cell")


def _chosen(question: Question, names: list[str]) -> tuple[str, ...]:
    known = [choice.name for choice in question.choices]
    if unknown := [name for name in names if name not in known]:
        missing = " or ".join(f"'{name}'" for name in unknown)
        raise DefaultInvalid(f"there is no choice {missing}: use one of {', '.join(known)}")
    return tuple(name for name in known if name in names)


def _several(question: Question, names: list[str]) -> tuple[str, ...]:
    chosen = _chosen(question, names)
    if len(chosen) > 1 and any(choice.exclusive for choice in question.choices if choice.name in chosen):
        raise DefaultInvalid("an exclusive choice stands alone: leave it, or the others")
    return chosen


def _date(text: str) -> date:
    try:
        return date.fromisoformat(_MIDNIGHT.sub("", text))
    except ValueError:
        raise DefaultInvalid("write a date as year, month and day, as in 2026-03-31") from None


def quick_numbers(question: Question) -> tuple[int, ...]:
    """The whole numbers that can stand on buttons because the question's constraint allows no others; or none."""
    if question.type is not QuestionType.INTEGER or not _knows_by_itself(question.constraint):
        return ()
    allowed: list[int] = []
    for number in _TRIED:
        if _allows(question.constraint, number):
            allowed.append(number)
            if len(allowed) not in range(QUICK_RANGE.stop):
                return ()
    few = len(allowed) in QUICK_RANGE and allowed[-1] - allowed[0] == len(allowed) - 1
    ends = allowed and allowed[0] > _TRIED[0] and allowed[-1] < _TRIED[-1]
    return tuple(allowed) if few and ends else ()


def _knows_by_itself(constraint: Expression | None) -> bool:
    return constraint is not None and constraint.only_this


def _allows(constraint: Expression | None, value: Value) -> bool:
    return constraint is None or constraint.holds({}, at=_ANY_MOMENT, this=value)
