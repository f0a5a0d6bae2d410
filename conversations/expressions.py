"""XLSForm expressions: compiled once when an instrument is loaded, evaluated at each step.

* elementpath parses and evaluates XPath 1.0; what XLSForm adds to it (selected, if, coalesce …) is registered here.
* `${name}` and `.` become variables; an unanswered question is '', and no order holds for it (`'' < 20` is false).
* Evaluation never looks at a clock: `today()` is the date of the event, handed in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
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
_EMPTY_DOCUMENT = XML("<empty/>")


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
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(date.fromisoformat(text).toordinal())
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
    return number if math.isnan(number) else float(math.trunc(number))


def _round(value: object, digits: object = 0) -> float:
    number, scale = as_number(value), 10 ** int(as_number(digits))
    return number if math.isnan(number) else math.floor(number * scale + 0.5) / scale


_PLAIN_FUNCTIONS: dict[str, tuple[int | tuple[int, int], Callable[..., object]]] = {
    "selected": (2, _selected),
    "count-selected": (1, lambda chosen: float(len(as_text(chosen).split()))),
    "coalesce": (2, _coalesce),
    "regex": (2, _regex),
    "int": (1, _int),
    "round": ((1, 2), _round),
    "number": (1, as_number),
    "string": (1, as_text),
    "string-length": (1, lambda text: float(len(as_text(text)))),
}

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "+": lambda left, right: left + right,
    "*": lambda left, right: left * right,
}


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


def _register_function(name: str, arguments: int | tuple[int, int], *, evaluate: Evaluate) -> None:
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
        context = XPathContext(_EMPTY_DOCUMENT, variables=variables)
        return self._token.evaluate(context)

    def holds(self, answers: Mapping[str, Value | None], *, at: datetime, this: Value | None = None) -> bool:
        """Whether the expression is true, by XPath's boolean()."""
        return _truth(self.value(answers, at=at, this=this))


def compile_expression(source: str) -> Expression:
    """Compile an XLSForm expression; raises ExpressionInvalid with a sentence for the form's author."""
    reads = frozenset(_REFERENCE.findall(source))
    plain = _TEXT_OR_DOT.sub(lambda found: f"${THIS}" if found[0] == "." else found[0], _REFERENCE.sub(r"$\1", source))
    try:
        token = XLSFormParser().parse(plain)
    except ElementPathError as error:
        raise ExpressionInvalid(f"'{source}' cannot be read: {error}") from error
    return Expression(source=source, reads=reads, _token=token)


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
