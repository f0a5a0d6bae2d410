"""How many questions are still to come at most, for the "3 de 6" that she sees.

* Every way that her answers can still take is followed, and the longest counts: the total may shrink on the way, never
  grow, unless she corrects an answer.
* Ways are one as soon as no question to come can tell them apart; what is found is remembered with the instrument.
* An answer that cannot be tried out (words, open numbers) leaves open what hangs on it, and all of that is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from enum import Enum
from itertools import combinations
from typing import cast

from conversations.answers import Value
from conversations.expressions import as_text
from conversations.instrument import Choice, Question, QuestionType
from conversations.walk import Answers, Values, Way

MOST_WAYS = 400
"""Ways kept apart at once, some milliseconds' worth; a sitting of six questions has up to some hundreds."""

MOST_TICKED = 6
"""Choices of a select_multiple that are tried out together in every combination: 64 of them."""

MOST_REMEMBERED = 4096
"""Findings kept with one instrument; they begin anew beyond that."""


class _Open(Enum):
    """The value of an answer that cannot be tried out."""

    VALUE = "?"


Known = dict[str, Value | _Open | None]
"""What is taken for granted on one way: the answers that a later condition looks at."""

Ways = dict[tuple[object, ...], tuple[Known, int]]
"""The ways that can be told apart, each with the most questions asked on it."""


def still_to_ask(way: Way, answers: Answers) -> int:
    """The most questions that may still be asked, given the answers that stand."""
    instrument = way.instrument
    remembered = instrument.lengths
    given = tuple((name, _seen(way, answers, name=name)) for name in answers if name in instrument.deciding)
    key = (frozenset(answers), given, way.purposes, way.at.date() if instrument.dated else None)
    if key not in remembered:
        if len(remembered) >= MOST_REMEMBERED:
            remembered.clear()
        remembered[key] = _longest(way, answers)
    return remembered[key]


def _seen(way: Way, answers: Answers, *, name: str) -> Value | _Open | None:
    """What is known of an answer; her own words are not remembered here."""
    value = answers[name].value
    return _Open.VALUE if value is not None and way.instrument.by_name[name].free_text else value


def _longest(way: Way, answers: Answers) -> int:
    ways: Ways = {(): ({}, 0)}
    for question, needed in zip(way.instrument.questions, way.instrument.lookahead, strict=True):
        if question.waits or question.name in needed:
            ways = _after(way, question, ways=ways, answers=answers, needed=needed)
            ways = ways if len(ways) <= MOST_WAYS else _blurred(ways)
    return max(count for _, count in ways.values())


def _after(way: Way, question: Question, *, ways: Ways, answers: Answers, needed: tuple[str, ...]) -> Ways:
    """The ways on from a question: as many as its answers open that something to come can tell apart."""
    onward: Ways = {}
    for known, before in ways.values():
        count = before
        values: Iterable[Value | _Open | None] = (None,)
        tried, unknown = _parted(known)
        if way.consented(question) and not way.ruled_out(question, tried, unknown=unknown):
            count += question.waits and question.name not in answers
            if question.name in needed:
                values = _values(way, question, known=tried, unknown=unknown, answers=answers)
        kept = {name: known.get(name) for name in needed}
        for value in values:
            after = {**kept, question.name: value} if question.name in kept else kept
            told_apart = tuple(after.values())
            if told_apart not in onward or onward[told_apart][1] < count:
                onward[told_apart] = (after, count)
    return onward


def _parted(known: Known) -> tuple[Values, Set[str]]:
    """The values that can be looked at, and the names of those that are open."""
    if _Open.VALUE not in known.values():  # nearly always
        return cast(Values, known), frozenset()
    tried: Values = {name: value for name, value in known.items() if not isinstance(value, _Open)}
    return tried, known.keys() - tried.keys()


def _values(
    way: Way, question: Question, *, known: Values, unknown: Set[str], answers: Answers
) -> Iterable[Value | _Open | None]:
    """What a question that may apply can come to, none included."""
    if question.calculation is not None:
        looks = question.calculation.reads.union(*(condition.reads for condition in question.relevant))
        if not unknown.isdisjoint(looks):
            return (_Open.VALUE,)
        return (as_text(question.calculation.value(known, at=way.at)) or None,)
    if question.name in answers:
        sure = all(unknown.isdisjoint(condition.reads) for condition in question.relevant)
        given = _seen(way, answers, name=question.name)
        return (given,) if sure else (given, None)
    return (None, *_tries(way, question, known=known, unknown=unknown))


def _tries(way: Way, question: Question, *, known: Values, unknown: Set[str]) -> Iterator[Value | _Open]:
    """Answers after which the way may go on differently."""
    allowed = question.choice_filter
    offered = question.choices if allowed is None or allowed.reads & unknown else way.offered(question, known)
    match question.type:
        case QuestionType.SELECT_ONE:
            yield from (choice.name for choice in offered)
        case QuestionType.SELECT_MULTIPLE if sum(not choice.exclusive for choice in offered) <= MOST_TICKED:
            yield from _ticked(offered)
        case QuestionType.INTEGER if question.quick:
            yield from question.quick
        case QuestionType.ACKNOWLEDGE:
            yield "ok"
        case QuestionType.NOTE:
            pass
        case _:
            yield _Open.VALUE


def _ticked(offered: tuple[Choice, ...]) -> Iterator[tuple[str, ...]]:
    yield from ((choice.name,) for choice in offered if choice.exclusive)
    together = [choice.name for choice in offered if not choice.exclusive]
    for count in range(1, len(together) + 1):
        yield from combinations(together, count)


def _blurred(ways: Ways) -> Ways:
    """One way for too many: what differs between them is open."""
    known, _ = next(iter(ways.values()))
    together: Known = {
        name: value if all(other[name] == value for other, _ in ways.values()) else _Open.VALUE
        for name, value in known.items()
    }
    return {tuple(together.values()): (together, max(count for _, count in ways.values()))}
