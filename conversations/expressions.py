"""XLSForm expressions: compiled once when an instrument is loaded, evaluated at each step.

* elementpath parses and evaluates XPath 1.0; what XLSForm adds to it (selected, if, coalesce …) is registered here.
* `${name}` and `.` become variables; an unanswered question is '', and no order holds for it (`'' < 20` is false).
* Evaluation never looks at a clock: `today()` is the date of the event, handed in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Set
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import XML

from elementpath import ElementPathError, XPathContext
from elementpath.xpath1 import XPath1Parser

from conversations.answers import Money, Value

THIS = "this_answer"
TODAY = "event_date"

_REFERENCE = re.compile(r"\$\{\s*([A-Za-z_][\w-]*)\s*\}")
# Quoted text is passed over, so that a full stop inside it stays what it is.
_TEXT_OR_DOT = re.compile(r"'[^']*'|\"[^\"]*\"|(?<![\w.)])\.(?![\w.])")
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTEXT = XPathContext(XML("<empty/>"))
"""Copied for each evaluation: to build one costs more than most expressions."""
_MOST_PLACES = 15
"""Decimal places that a float can tell apart."""


class ExpressionInvalid(ValueError):
    """The expression cannot be compiled; the message says where and why."""


class XLSFormParser(XPath1Parser):
    """XPath 1.0 with the functions that the XLSForm documentation lists for relevance, constraints and calculations."""


def as_text(value: object) -> str:
    """XPath's string(): numbers without a trailing '.0', truth as 'true' or 'false', node sets by their first item."""
    if isinstance(value, list):
        return as_text(value[0]) if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_number(value: object) -> float:
    """XPath's number(), and dates as a count of days; NaN for what is neither, so that no comparison with it holds."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float | Decimal):
        return float(value)
    text = as_text(value).strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        return float(date.fromisoformat(text).toordinal()) if _DATE.fullmatch(text) else math.nan
    except ValueError:
        return math.nan


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return value != 0 and not math.isnan(value)
    return as_text(value) != ""


def _selected(chosen: object, name: object) -> bool:
    return as_text(name) in as_text(chosen).split()


def _coalesce(first: object, second: object) -> object:
    return first if as_text(first) != "" else second


def _regex(text: object, pattern: object) -> bool:
    return re.fullmatch(as_text(pattern), as_text(text)) is not None


def _int(value: object) -> float:
    number = as_number(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


def _round(value: object, digits: object = 0) -> float:
    number, places = as_number(value), as_number(digits)
    if not math.isfinite(number) or not abs(places) <= _MOST_PLACES:
        return number if math.isinf(number) else math.nan
    scale = 10.0 ** int(places)
    return math.floor(number * scale + 0.5) / scale


def _minus(left: object, right: object = None) -> float:
    return -as_number(left) if right is None else as_number(left) - as_number(right)


def _divide(left: float, right: float) -> float:
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
    return left / right


def _remainder(left: float, right: float) -> float:
    return math.nan if right == 0 or math.isinf(left) else math.fmod(left, right)


Arguments = int | tuple[int, int | None]
"""How many arguments a function takes: so many, or from so many up to so many (None: any number)."""

_PLAIN_FUNCTIONS: dict[str, tuple[Arguments, Callable[..., object]]] = {
    "selected": (2, _selected),
    "count-selected": (1, lambda chosen: float(len(as_text(chosen).split()))),
    "coalesce": (2, _coalesce),
    "regex": (2, _regex),
    "int": (1, _int),
    "round": ((1, 2), _round),
    "number": (1, as_number),
    "string": (1, as_text),
    "string-length": (1, lambda text: float(len(as_text(text)))),
    "concat": ((2, None), lambda *texts: "".join(map(as_text, texts))),
    "contains": (2, lambda text, part: as_text(part) in as_text(text)),
    "starts-with": (2, lambda text, start: as_text(text).startswith(as_text(start))),
    "not": (1, lambda value: not _truth(value)),
}

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "+": lambda left, right: left + right,
    "*": lambda left, right: left * right,
    "div": _divide,
    "mod": _remainder,
}

_SUPPORTED = frozenset(
    {*_PLAIN_FUNCTIONS, *_ARITHMETIC, "=", "!=", "-", "and", "or", "if", "today", "true", "false"}
    | {"(", "$", "(string)", "(integer)", "(decimal)", "(float)"}
)
"""The symbols of elementpath that may stand in an expression; all others would look into a document, which is empty."""


def _equal(left: object, right: object) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return _truth(left) == _truth(right)
    if isinstance(left, int | float | Decimal) or isinstance(right, int | float | Decimal):
        return as_number(left) == as_number(right)
    return as_text(left) == as_text(right)


Evaluate = Callable[[Any, Any], Any]


def _applied(function: Callable[..., object]) -> Evaluate:
    """A token's evaluation: the function over its evaluated operands."""

    def evaluate(self: Any, context: Any = None) -> object:
        return function(*(operand.evaluate(context) for operand in self))

    return evaluate


def _if(self: Any, context: Any = None) -> object:
    return self[1 if _truth(self[0].evaluate(context)) else 2].evaluate(context)


def _today(self: Any, context: Any = None) -> object:
    if context is None:  # elementpath tries every expression once without a context, and expects this refusal
        raise self.missing_context()
    return context.variables[TODAY]


def _register_function(name: str, arguments: Arguments, *, evaluate: Evaluate) -> None:
    XLSFormParser.symbol_table.pop(name, None)  # XPath's own of that name, where XLSForm means something else by it
    token: Any = XLSFormParser.function(name, nargs=arguments)
    token.evaluate = evaluate


def _register_operator(symbol: str, evaluate: Evaluate) -> None:
    original: Any = XLSFormParser.symbol_table[symbol]
    XLSFormParser.symbol_table[symbol] = type(original)(original.__name__, (original,), {"evaluate": evaluate})


def _register() -> None:
    for name, (arguments, function) in _PLAIN_FUNCTIONS.items():
        _register_function(name, arguments, evaluate=_applied(function))
    _register_function("if", 3, evaluate=_if)
    _register_function("today", 0, evaluate=_today)
    for symbol, over_numbers in _ARITHMETIC.items():
        _register_operator(symbol, _applied(lambda *sides, of=over_numbers: of(*map(as_number, sides))))
    _register_operator("-", _applied(_minus))
    _register_operator("and", _applied(lambda left, right: _truth(left) and _truth(right)))
    _register_operator("or", _applied(lambda left, right: _truth(left) or _truth(right)))
    _register_operator("=", _applied(_equal))
    _register_operator("!=", _applied(lambda left, right: not _equal(left, right)))
    XLSFormParser.build()


_register()


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled expression and the names of the questions that it reads."""

    source: str
    reads: frozenset[str]
    _token: Any = field(repr=False, compare=False)

    def value(self, answers: Mapping[str, Value | None], *, at: datetime, this: Value | None = None) -> object:
        """What the expression yields over these values; `at` is the moment of the event, `this` the answer tested."""
        variables: dict[str, Any] = {name: as_operand(answers.get(name)) for name in self.reads}
        variables[THIS] = as_operand(this)
        variables[TODAY] = at.date().isoformat()
        context = copy(_CONTEXT)
        context.variables = variables
        return self._token.evaluate(context)

    def holds(self, answers: Mapping[str, Value | None], *, at: datetime, this: Value | None = None) -> bool:
        """Whether the expression is true, by XPath's boolean()."""
        return _truth(self.value(answers, at=at, this=this))


def compile_expression(source: str) -> Expression:
    """Compile an XLSForm expression; raises ExpressionInvalid with a sentence for the form's author."""
    if quoted := [text for text in _TEXT_OR_DOT.findall(source) if "${" in text]:
        raise ExpressionInvalid(f"'{source}' quotes a question: write {quoted[0][1:-1]} without the quotes")
    reads = frozenset(_REFERENCE.findall(source))
    plain = _TEXT_OR_DOT.sub(lambda found: f"${THIS}" if found[0] == "." else found[0], _REFERENCE.sub(r"$\1", source))
    try:
        token = XLSFormParser().parse(plain)
    except (ElementPathError, TypeError) as error:  # TypeError: a lone `*`, which XPath takes for a wildcard
        raise ExpressionInvalid(f"'{source}' cannot be read: {error}") from error
    _check(source, token, known={*reads, THIS})
    return Expression(source=source, reads=reads, _token=token)


def _check(source: str, token: Any, *, known: Set[str]) -> None:
    """Refuse what the parser takes and the engine could not evaluate as the author means it."""
    parts = list(token.iter())
    variables = [part[0] for part in parts if part.symbol == "$"]
    for part in parts:
        if part.symbol == "(name)":
            if part.value not in known or not any(part is variable for variable in variables):
                raise ExpressionInvalid(f"'{source}' names {part.value}: write ${{{part.value}}}, or put it in quotes")
        elif part.symbol not in _SUPPORTED:
            raise ExpressionInvalid(f"'{source}' uses '{part.symbol}', which is not supported")
        elif part.symbol == "regex":
            _check_pattern(source, part[1])


def _check_pattern(source: str, pattern: Any) -> None:
    if pattern.symbol != "(string)":
        raise ExpressionInvalid(f"'{source}': the pattern of regex must be a text in quotes")
    try:
        re.compile(pattern.value)
    except re.error as error:
        raise ExpressionInvalid(f"'{source}': the pattern of regex cannot be read: {error}") from None


def as_operand(value: Value | None) -> str | float:
    """An answer as XPath sees it: choices joined by spaces, a date in ISO form, money by its amount, none as ''."""
    match value:
        case None:
            return ""
        case tuple():
            return " ".join(value)
        case Money():
            return float(value.amount)
        case date():
            return value.isoformat()
        case bool() | int() | Decimal():
            return float(value)
        case str():
            return value
