"""From a parsed expression to one plain function, made when an instrument is loaded.

* What the tree means, its operators and functions decide; here it is only walked once instead of at each step.
* `and`, `or` and `if` look at no more than they need; all else has its operands evaluated first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_LITERALS = ("(string)", "(integer)", "(decimal)", "(float)")

TODAY = "event_date"
"""The operand that holds the date of the event."""

Known = Mapping[str, Any]
"""The operands, by the names of the variables."""

Evaluate = Callable[[Known], Any]

TRUTH = "boolean"
"""The function, among those given, that tells what counts as true."""


def closure(token: Any, functions: Mapping[str, Callable[..., Any]]) -> Evaluate:
    """The function that evaluates this tree of elementpath's tokens; raises KeyError for a symbol without a function.

    `functions` has those of the operators and functions by symbol, and TRUTH.
    """
    symbol = token.symbol
    if symbol in ("$", "today"):
        name = TODAY if symbol == "today" else token[0].value
        return lambda known: known[name]
    if symbol in _LITERALS:
        constant = token.value
        return lambda known: constant
    operands = tuple(closure(operand, functions) for operand in token)
    if symbol == "(":
        return operands[0]
    if symbol in ("and", "or", "if"):
        return _lazy(symbol, operands, truth=functions[TRUTH])
    if len(token) == 2 and token[0].symbol == "$" and token[1].symbol in _LITERALS:
        return _beside_a_literal(functions[symbol], name=token[0][0].value, literal=token[1].value)
    return _strict(functions[symbol], operands)


def _beside_a_literal(function: Callable[..., Any], *, name: str, literal: Any) -> Evaluate:
    """`${a} = 'b'` and the like, of which nearly all conditions are made."""
    return lambda known: function(known[name], literal)


def _lazy(symbol: str, operands: tuple[Evaluate, ...], *, truth: Callable[[Any], bool]) -> Evaluate:
    first, second = operands[0], operands[1]
    if symbol == "and":
        return lambda known: truth(first(known)) and truth(second(known))
    if symbol == "or":
        return lambda known: truth(first(known)) or truth(second(known))
    otherwise = operands[2]
    return lambda known: second(known) if truth(first(known)) else otherwise(known)


def _strict(function: Callable[..., Any], operands: tuple[Evaluate, ...]) -> Evaluate:
    match operands:
        case (only,):
            return lambda known: function(only(known))
        case (left, right):
            return lambda known: function(left(known), right(known))
        case _:
            return lambda known: function(*[operand(known) for operand in operands])
