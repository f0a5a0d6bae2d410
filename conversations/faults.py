"""What is wrong with a question by itself, as its author wrote it in one row; all of it is told, not the first.

* Each sentence says what to do about it.
* What concerns other rows (names that differ, references, lists) is looked at where these are known.
"""

from __future__ import annotations

from collections.abc import Iterator

from conversations.dialects import HARMLESS_PARAMETERS, REFUSED_APPEARANCES
from conversations.instrument import DEFAULT_LANGUAGE, Question, QuestionType
from conversations.sheet import Row

_FLAGS = ("required", "hilo::money", "hilo::sensitive")
_CHOOSING = (QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE)
_JUDGED = (*_CHOOSING, QuestionType.INTEGER, QuestionType.DECIMAL, QuestionType.CALCULATE)
_NEVER_TYPED = (QuestionType.NOTE, QuestionType.CALCULATE)


def question_problems(row: Row, question: Question) -> Iterator[str]:
    """What is wrong with the question of a row, one sentence each."""
    name, type_ = question.name, question.type
    if DEFAULT_LANGUAGE not in question.label and type_ is not QuestionType.CALCULATE:
        yield f"'{name}' has no label in Spanish: write the question"
    yield from _about_a_calculation(row, type_)
    if question.money and type_ is not QuestionType.TEXT:
        yield f"'{name}': 'hilo::money' belongs to type text, and only there"
    if row.get("choice_filter") and type_ not in _CHOOSING:
        yield f"'{name}': a 'choice_filter' belongs to select_one or select_multiple: empty this cell"
    for column in _FLAGS:
        if row.undecided(column):
            yield f"'{column}' takes yes or no; '{row.get(column)}' is neither"
    if (row.flag("read_only") or row.undecided("read_only")) and type_ not in _NEVER_TYPED:
        yield f"'{name}' is read-only: write type 'note' for what is only shown, or empty 'read_only'"
    for file in (question.audio or {}).values():
        if "/" in file or "\\" in file:
            yield f"audio '{file}': write the file's name alone, as in 'saludo.ogg'"
    if question.risk is not None and type_ not in _JUDGED:
        yield f"'{name}': 'hilo::risk' belongs to a choice, a number or a calculate row: empty this cell"
    yield from _about_other_screens(row, type_)


def _about_other_screens(row: Row, type_: QuestionType) -> Iterator[str]:
    """Appearances and parameters that do more than arrange a screen."""
    for word in row.get("appearance").split():
        for start, remedy in REFUSED_APPEARANCES.items():
            if word == start or (not start.isalpha() and word.startswith(start)):
                yield f"appearance '{word}' is not supported: {remedy}"
    for parameter in row.get("parameters").split():
        if not parameter.startswith(HARMLESS_PARAMETERS.get(type_, ())):
            yield f"parameter '{parameter}' is not supported: choices stand as they are written; empty this cell"


def _about_a_calculation(row: Row, type_: QuestionType) -> Iterator[str]:
    name = row.get("name")
    if type_ is QuestionType.CALCULATE and not row.get("calculation"):
        yield f"fill in 'calculation': how is '{name}' worked out?"
    if type_ is not QuestionType.CALCULATE and row.get("calculation"):
        yield f"'{name}': a 'calculation' belongs to type calculate, and only there: empty this cell"
