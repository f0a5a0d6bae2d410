"""XLSForm expressions: compiled once when an instrument is loaded, evaluated at each step.

* elementpath parses XPath 1.0; what XLSForm adds to it (selected, if, coalesce …) is registered here. Its tree becomes
  one plain function, which yields what elementpath's own evaluation would.
* `${name}`, `.` and, in a choice filter, the columns of the list become variables; an unanswered question is '', and no
  order holds for it (`'' < 20` is false).
* Evaluation never looks at a clock: `today()` is the date of the event, handed in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from elementpath import ElementPathError
from elementpath.xpath1 import XPath1Parser

from conversations.answers import Money, Value, Voice
from conversations.closures import TODAY, TRUTH, Evaluate, closure

THIS = "this_answer"
COLUMN = "column."
"""Begins the variable of a column: no question's name has a full stop."""

_REFERENCE = re.compile(r"\$\{\s*([A-Za-z_][\w-]*)\s*\}")
_TEXT = r"'[^']*'|\"[^\"]*\""
_TEXTS = re.compile(_TEXT)
# Quoted text is passed over, so that a full stop or a word inside it stays what it is.
_DOT_OR_NAME = re.compile(rf"{_TEXT}|(?P<dot>(?<![\w.)])\.(?![\w.]))|(?P<name>(?<![\w$.-])[A-Za-z_][\w-]*+(?!\s*\())")
_CALL = re.compile(r"([A-Za-z_][\w:.-]*)\s*\(")
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")
"""Word processors and spreadsheets bend quotes as they are typed; pyxform straightens them too."""
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
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
    "date": (1, as_text),
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

_FUNCTIONS = frozenset({*_PLAIN_FUNCTIONS, "if", "today", "true", "false"})
_WORD_OPERATORS = frozenset({"and", "or", "div", "mod"})
_SUPPORTED = frozenset(
    _FUNCTIONS
    | _WORD_OPERATORS
    | {*_ARITHMETIC, "=", "!=", "-", "(", "$", "(string)", "(integer)", "(decimal)", "(float)"}
)
"""The symbols of elementpath that may stand in an expression; all others would look into a document, which is empty."""

_NO_REPEATS = "there are no repeats here: name each question by its own ${name}"
_REPEATABLE = "an answer must lead to the same questions each time it is looked at: leave it out"
_INSTEAD = {
    "once": "write what stands inside it; a calculation is worked out anew at each step",
    "pulldata": "put the list on the choices sheet, and filter it with a choice_filter",
    "instance": "put the list on the choices sheet, and filter it with a choice_filter",
    "jr:choice-name": "compare the choice's name, as in ${trabaja} = 'si'",
    "jr:itext": "compare the choice's name, as in ${trabaja} = 'si'",
    "selected-at": "ask for a choice by its name, as in selected(${tipos}, 'cocina')",
    "now": "use today(), the date of the answer",
    "random": _REPEATABLE,
    "uuid": _REPEATABLE,
    "randomize": _REPEATABLE,
    **dict.fromkeys(("position", "count", "sum", "indexed-repeat", "count-non-empty"), _NO_REPEATS),
}
"""What an author can do who used a function of XLSForm's that is not here."""


def _equal(left: object, right: object) -> bool:
    if isinstance(left, str) and isinstance(right, str):  # nearly always
        return left == right
    if isinstance(left, bool) or isinstance(right, bool):
        return _truth(left) == _truth(right)
    if isinstance(left, int | float | Decimal) or isinstance(right, int | float | Decimal):
        return as_number(left) == as_number(right)
    return as_text(left) == as_text(right)


def _over_numbers(function: Callable[[float, float], object]) -> Callable[..., object]:
    return lambda left, right: function(as_number(left), as_number(right))


_OPERATORS: dict[str, Callable[..., object]] = {
    **{symbol: _over_numbers(function) for symbol, function in _ARITHMETIC.items()},
    "-": _minus,
    "and": lambda left, right: _truth(left) and _truth(right),
    "or": lambda left, right: _truth(left) or _truth(right),
    "=": _equal,
    "!=": lambda left, right: not _equal(left, right),
}
_BY_SYMBOL: dict[str, Callable[..., object]] = {
    **_OPERATORS,
    **{name: function for name, (_, function) in _PLAIN_FUNCTIONS.items()},
    "true": lambda: True,
    "false": lambda: False,
    TRUTH: _truth,
}


def _applied(function: Callable[..., object]) -> Callable[..., object]:
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


def _register_function(name: str, arguments: Arguments, *, evaluate: Callable[..., object]) -> None:
    XLSFormParser.symbol_table.pop(name, None)  # XPath's own of that name, where XLSForm means something else by it
    token: Any = XLSFormParser.function(name, nargs=arguments)
    token.evaluate = evaluate


def _register() -> None:
    for name, (arguments, function) in _PLAIN_FUNCTIONS.items():
        _register_function(name, arguments, evaluate=_applied(function))
    _register_function("if", 3, evaluate=_if)
    _register_function("today", 0, evaluate=_today)
    for symbol, function in _OPERATORS.items():
        original: Any = XLSFormParser.symbol_table[symbol]
        evaluated = {"evaluate": _applied(function)}
        XLSFormParser.symbol_table[symbol] = type(original)(original.__name__, (original,), evaluated)
    XLSFormParser.build()


_register()


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled expression.

    `reads` names the questions and `columns` the columns of the choices sheet that it looks at; `only_this` says that
    it looks at the answer under test and at nothing else, the date included; `dated` that it looks at the date.
    """

    source: str
    reads: frozenset[str]
    columns: frozenset[str] = field(compare=False)
    only_this: bool = field(compare=False)
    dated: bool = field(compare=False)
    _evaluate: Evaluate = field(repr=False, compare=False)

    def __reduce__(self) -> tuple[Callable[..., Expression], tuple[str]]:
        """Its source: whoever gets it from another process compiles it again."""
        return partial(compile_expression, columns=self.columns), (self.source,)

    def value(
        self,
        answers: Mapping[str, Value | None],
        *,
        at: datetime,
        this: Value | None = None,
        row: Mapping[str, str] | None = None,
    ) -> object:
        """What the expression yields over these values.

        `at` is the moment of the event, `this` the answer tested, `row` the choice that a filter looks at: its name
        under "name", and its attributes.
        """
        variables: dict[str, Any] = {THIS: as_operand(this)}
        for name in self.reads:
            variables[name] = as_operand(answers.get(name))
        for name in self.columns:
            variables[COLUMN + name] = (row or {}).get(name, "")
        if self.dated:
            variables[TODAY] = at.date().isoformat()
        return self._evaluate(variables)

    def holds(
        self,
        answers: Mapping[str, Value | None],
        *,
        at: datetime,
        this: Value | None = None,
        row: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether the expression is true, by XPath's boolean()."""
        return _truth(self.value(answers, at=at, this=this, row=row))


def compile_expression(source: str, *, columns: Set[str] = frozenset()) -> Expression:
    """Compile an XLSForm expression; raises ExpressionInvalid with a sentence for the form's author.

    `columns` are the names that may stand in it bare, for cells of the choice that a filter looks at.
    """
    straight = source.translate(_STRAIGHT)
    if quoted := [text for text in _TEXTS.findall(straight) if "${" in text]:
        raise ExpressionInvalid(f"'{source}' quotes a question: write {quoted[0][1:-1]} without the quotes")
    _check_functions(source, straight)
    reads = frozenset(_REFERENCE.findall(straight))
    if "${" in _REFERENCE.sub("", straight):
        raise ExpressionInvalid(f"'{source}' cannot be read: name a question as in ${{name}}, with nothing else inside")
    plain, used = _with_variables(_REFERENCE.sub(r"$\1", straight), columns)
    try:
        token = XLSFormParser().parse(plain)
    except (ElementPathError, TypeError) as error:  # TypeError: a lone `*`, which XPath takes for a wildcard
        raise ExpressionInvalid(f"'{source}' cannot be read: {error}") from error
    _check(source, token, known={*reads, THIS, *(COLUMN + name for name in used)})
    dated = any(part.symbol == "today" for part in token.iter())
    alone = not (reads or used or dated)
    evaluate = closure(token, _BY_SYMBOL)
    return Expression(source, reads, used, only_this=alone, dated=dated, _evaluate=evaluate)


def _with_variables(source: str, columns: Set[str]) -> tuple[str, frozenset[str]]:
    """The source with the full stop and the columns as variables, and which columns it has."""
    used = set()

    def replaced(found: re.Match[str]) -> str:
        if found["dot"]:
            return f"${THIS}"
        if found["name"] not in columns:
            return found[0]
        used.add(found["name"])
        return f"${COLUMN}{found['name']}"

    return _DOT_OR_NAME.sub(replaced, source), frozenset(used)


def _check_functions(source: str, straight: str) -> None:
    for name in _CALL.findall(_TEXTS.sub("''", straight)):
        if name not in _FUNCTIONS | _WORD_OPERATORS:
            instead = _INSTEAD.get(name, f"there are {', '.join(sorted(_FUNCTIONS))}")
            raise ExpressionInvalid(f"'{source}' uses '{name}', which is not supported: {instead}")


def _check(source: str, token: Any, *, known: Set[str]) -> None:
    """Refuse what the parser takes and the engine could not evaluate as the author means it."""
    parts = list(token.iter())
    variables = [part[0] for part in parts if part.symbol == "$"]
    for part in parts:
        if part.symbol == "(name)":
            if part.value not in known or not any(part is variable for variable in variables):
                raise ExpressionInvalid(f"'{source}' names {part.value}: write ${{{part.value}}}, or put it in quotes")
        elif part.symbol not in _SUPPORTED:
            told = "which is not supported: name questions as in ${name}"
            raise ExpressionInvalid(f"'{source}' uses '{part.symbol}', {told}")
        elif part.symbol == "+" and len(part) == 1:
            raise ExpressionInvalid(f"'{source}' begins a number with '+': leave it out")
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
    """An answer as XPath sees it: choices joined by spaces, a date in ISO form, money by its amount, a voice note
    by what finds it, none as ''."""
    match value:
        case str():
            return value
        case None:
            return ""
        case tuple():
            return " ".join(value)
        case Money():
            return float(value.amount)
        case Voice():
            return value.ref
        case date():
            return value.isoformat()
        case bool() | int() | Decimal():
            return float(value)
