"""The questions of all versions of all instruments as variables: what stays one variable, and what becomes another.

* A question is known by its name; new wording leaves it the variable that it was.
* Where a version asks something else under the same name, so that answers before and after cannot be compared
  (conversations/difference.py), the older keeps the name and the newer one bears its version: both stand side by side.
* What a later version brings never renames what an earlier export had.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from conversations.difference import differences
from conversations.instrument import Instrument, Question, in_language

LANGUAGE = "es"


@dataclass(slots=True)
class Variable:
    """One question as it was asked, comparably, by one or several versions: the newest wording, and every choice that
    any of them had, the oldest first."""

    name: str
    question: Question
    instrument: str
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The question, in Spanish."""
        return in_language(self.question.label, LANGUAGE)


Key = tuple[str, str, str]
"""An instrument, its version, and a question of it."""


def variables(instruments: Iterable[Instrument]) -> Mapping[Key, Variable]:
    """The variable that each question of each version belongs to; instruments come in the order of their coming."""
    found: dict[Key, Variable] = {}
    kept: dict[str, Variable] = {}
    for instrument in instruments:
        for question in instrument.questions:
            same = (one for one in reversed(kept.values()) if one.question.name == question.name)
            there = next((one for one in same if not _is_another(one.question, question)), None)
            if there is None:
                name = next(name for name in _names(instrument, question.name) if name not in kept)
                there = kept[name] = Variable(name, question, instrument.name)
            there.question = question
            there.choices.update((choice.name, in_language(choice.label, LANGUAGE)) for choice in question.choices)
            found[instrument.name, instrument.version, question.name] = there
    return found


def _names(instrument: Instrument, question: str) -> Iterator[str]:
    """What a variable may be called, the best first."""
    version = _ascii(instrument.version)
    yield from (question, f"{question}_v{version}", f"{question}_{instrument.name}_v{version}")
    yield from (f"{question}_{instrument.name}_v{version}_{number}" for number in count(2))


def _is_another(old: Question, new: Question) -> bool:
    """Whether answers to one cannot be compared with answers to the other."""
    return any(difference.breaks for difference in differences(_alone(old), _alone(new)))


def _alone(question: Question) -> Instrument:
    return Instrument("one", "1", {}, (question,))


def _ascii(version: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", version.lower()).strip("_") or "0"


def each(of: Mapping[Key, Variable]) -> Iterator[Variable]:
    """Every variable once, in the order in which they came."""
    return iter({id(one): one for one in of.values()}.values())
