"""What differs between two versions of an instrument, and which differences break the comparison of stored answers.

* Answers are stored by question and choice name: a name that is gone, and a type, outcome or formula that is another,
  leave two kinds of data under one name.
* New wording does not break the comparison as far as a program can tell: it is shown, and people judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from conversations.expressions import Expression
from conversations.instrument import DEFAULT_LANGUAGE, Choice, Instrument, Question, Text


class Change(StrEnum):
    """What happened to a question, to one of its choices, or to what they say."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    RENAMED = "renamed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    `choice` is set where it is one of the question's choices, `aspect` where it is one thing about them (a column's
    name, with the language of a text). `breaks`: answers stored before and after cannot be compared by name.
    """

    change: Change
    question: str
    choice: str | None = None
    aspect: str | None = None
    before: str = ""
    after: str = ""
    breaks: bool = False

    def __str__(self) -> str:
        place = self.question if self.choice is None else f"{self.question}, choice {self.choice}"
        told = f"{place}: {self.change}" if self.aspect is None else f"{place}: {self.aspect} {self.change}"
        if self.before or self.after:
            told += f": {' → '.join(repr(text) for text in (self.before, self.after) if text or self.aspect)}"
        return told + (" (stored answers can no longer be compared)" if self.breaks else "")


_TEXTS = ("label", "hint", "short", "constraint_message", "audio")
_ASPECTS = (
    *("relevant", "constraint", "choice_filter", "calculation", "default", "required", "purpose", "sensitive", "risk"),
)
_BREAKING = ("type", "money", "outcome", "calculation")


def differences(old: Instrument, new: Instrument) -> list[Difference]:
    """Everything that differs, in the order of the new version; what is gone comes last."""
    moved = _moved([question.name for question in old.questions], [question.name for question in new.questions])
    found: list[Difference] = []
    for question in new.questions:
        if question.name not in old.by_name:
            found.append(Difference(Change.ADDED, question.name, after=_said(question.label)))
            continue
        if question.name in moved:
            found.append(Difference(Change.MOVED, question.name))
        found.extend(_in_question(old.by_name[question.name], question))
    gone = (question for question in old.questions if question.name not in new.by_name)
    found.extend(Difference(Change.REMOVED, each.name, before=_said(each.label), breaks=True) for each in gone)
    return found


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The names in both that do not follow the others as they did."""
    before = [name for name in old if name in new]
    after = [name for name in new if name in old]
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stayed = {name for block in blocks for name in before[block.a : block.a + block.size]}
    return set(before) - stayed


def _in_question(old: Question, new: Question) -> Iterator[Difference]:
    for aspect in (*_BREAKING[:-1], *_ASPECTS):
        before, after = _as_text(getattr(old, aspect)), _as_text(getattr(new, aspect))
        if before != after:
            breaks = aspect in _BREAKING
            yield Difference(Change.CHANGED, new.name, None, aspect, before, after, breaks)
    for aspect in _TEXTS:
        yield from _in_text(
            aspect, question=new.name, choice=None, before=getattr(old, aspect), after=getattr(new, aspect)
        )
    yield from _in_choices(old, new)


def _in_choices(old: Question, new: Question) -> Iterator[Difference]:
    gone = {choice.name: choice for choice in old.choices if new.choice(choice.name) is None}
    for choice in new.choices:
        former = old.choice(choice.name)
        if former is not None:
            yield from _in_choice(former, choice, question=new.name)
        elif renamed := next((name for name, other in gone.items() if other.label == choice.label), None):
            del gone[renamed]
            yield Difference(Change.RENAMED, new.name, choice.name, "name", renamed, choice.name, breaks=True)
        else:
            yield Difference(Change.ADDED, new.name, choice.name, after=_said(choice.label))
    for name, choice in gone.items():
        yield Difference(Change.REMOVED, new.name, name, before=_said(choice.label), breaks=True)


def _in_choice(old: Choice, new: Choice, *, question: str) -> Iterator[Difference]:
    yield from _in_text("label", question=question, choice=new.name, before=old.label, after=new.label)
    for aspect in ("exclusive", "case", "attributes"):
        before, after = _as_text(getattr(old, aspect)), _as_text(getattr(new, aspect))
        if before != after:
            yield Difference(Change.CHANGED, question, new.name, aspect, before, after)


def _in_text(
    aspect: str, *, question: str, choice: str | None, before: Text | None, after: Text | None
) -> Iterator[Difference]:
    old, new = before or {}, after or {}
    for language in sorted({*old, *new}):
        former, latter = old.get(language, ""), new.get(language, "")
        if former != latter:
            yield Difference(Change.CHANGED, question, choice, f"{aspect}::{language}", former, latter)


def _said(text: Text) -> str:
    return text.get(DEFAULT_LANGUAGE, "")


def _as_text(value: object) -> str:
    """A field as a person would write it into a cell; conditions of groups are joined as they hold together."""
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case Expression():
            return value.source
        case tuple():
            return (" and " if any(isinstance(each, Expression) for each in value) else " ").join(map(_as_text, value))
        case Mapping():
            return " ".join(f"{key}={text}" for key, text in sorted(value.items()))
        case _:
            return str(value)
