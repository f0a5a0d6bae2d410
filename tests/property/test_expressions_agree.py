"""What an expression was compiled to yields what elementpath's own evaluation of it yields, whatever it looks at."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import XML

from elementpath import XPathContext
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.answers import Money, Period, Value
from conversations.closures import TODAY
from conversations.expressions import THIS, XLSFormParser, as_operand, compile_expression

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
NAMES = ("a", "b", "c")
DOT = "@"
"""Stands for the full stop until it is written as each of the two wants it."""

VALUES: st.SearchStrategy[Value | None] = st.one_of(
    st.none(),
    st.sampled_from(["si", "no", "", "c0 c1", "12", "2026-02-28", "-3.5"]),
    st.integers(-5, 50),
    st.decimals(-5, 50, places=2),
    st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    st.sampled_from([("c0",), ("c0", "c1"), (), Money(Decimal(1500), Period.WEEK)]),
)

_LEAVES = st.sampled_from(
    [
        *(f"${{{name}}}" for name in NAMES),
        DOT,
        "'si'",
        "'c0'",
        "''",
        "0",
        "2",
        "2.5",
        "-3",
        "today()",
        "true()",
        "false()",
    ]
)


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "and", "or"])
    ones = st.sampled_from(["not", "count-selected", "int", "round", "number", "string", "string-length", "date", "-"])
    twos = st.sampled_from(["selected", "coalesce", "concat", "contains", "starts-with", "round"])
    return st.one_of(
        st.builds(lambda left, by, right: f"({left} {by} {right})", parts, operators, parts),
        st.builds(lambda function, of: f"{function}({of})", ones, parts),
        st.builds(lambda function, one, two: f"{function}({one}, {two})", twos, parts, parts),
        st.builds(lambda condition, one, two: f"if({condition}, {one}, {two})", parts, parts, parts),
        st.builds(lambda text: f"regex({text}, '[a-z0-9]+')", parts),
    )


@settings(max_examples=400, deadline=None)
@given(st.recursive(_LEAVES, _joined, max_leaves=8), st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)), VALUES)
def test_it_agrees_with_elementpath(source: str, answers: dict[str, Value | None], this: Value | None) -> None:
    expected = _by_elementpath(source, {name: as_operand(value) for name, value in answers.items()}, this)
    found = compile_expression(source.replace(DOT, ".")).value(answers, at=AT, this=this)
    if isinstance(expected, float) and math.isnan(expected):
        assert isinstance(found, float)
        assert math.isnan(found)
    else:
        assert (type(found), found) == (type(expected), expected)


def _by_elementpath(source: str, operands: dict[str, Any], this: Value | None) -> object:
    plain = source.replace("${", "$").replace("}", "").replace(DOT, f"${THIS}")
    variables = {**operands, THIS: as_operand(this), TODAY: AT.date().isoformat()}
    return XLSFormParser().parse(plain).evaluate(XPathContext(XML("<empty/>"), variables=variables))
