"""XLSForm expressions: what each operator and function yields, and what is refused before anybody is asked."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from conversations.answers import Money, Period, Value, Voice
from conversations.expressions import Expression, ExpressionInvalid, compile_expression

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
ANSWERS: dict[str, Value | None] = {
    "none": None,
    "yes": "si",
    "five": 5,
    "half": Decimal("2.5"),
    "many": ("tejido", "cocina"),
    "day": date(2026, 2, 28),
    "pay": Money(Decimal(1500), Period.FORTNIGHT),
    "words": "el 3. de abril",
    "infinity": "inf",
}


def value(source: str, this: Value | None = None) -> object:
    return compile_expression(source).value(ANSWERS, at=AT, this=this)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # comparison: no order holds for what is not there
        ("'' < 20", False),
        ("'' > 20", False),
        ("${none} <= 0", False),
        ("${none} = ''", True),
        ("${none} != ''", False),
        ("${five} < 20", True),
        ("${five} >= 5", True),
        ("${half} > 2", True),
        ("${five} = '5'", True),
        ("${yes} = 'si'", True),
        ("${yes} != 'no'", True),
        ("${pay} > 1000", True),
        ("true() = ${yes}", True),
        # dates, by the day of the event
        ("today()", "2026-03-02"),
        ("${day} < today()", True),
        ("${day} > '2026-02-27'", True),
        ("today() - ${day}", 2.0),
        ("${day} = '2026-02-28'", True),
        ("'2026-13-01' < today()", False),
        # arithmetic
        ("1 + 2", 3.0),
        ("${five} - 2", 3.0),
        ("-${five}", -5.0),
        ("${five} * ${half}", 12.5),
        ("7 div 2", 3.5),
        ("1 div 0", math.inf),
        ("-1 div 0", -math.inf),
        ("7 mod 3", 1.0),
        ("-7 mod 3", -1.0),
        # and, or, not
        ("${five} > 1 and ${five} < 9", True),
        ("${none} or ${yes}", True),
        ("${none} and ${yes}", False),
        ("not(${none})", True),
        ("not(${five} = 5)", False),
        ("true() and not(false())", True),
        # functions
        ("selected(${many}, 'cocina')", True),
        ("selected(${many}, 'coci')", False),
        ("selected(${none}, 'cocina')", False),
        ("count-selected(${many})", 2.0),
        ("count-selected(${none})", 0.0),
        ("coalesce(${none}, 'x')", "x"),
        ("coalesce(${yes}, 'x')", "si"),
        ("if(${yes} = 'si', 'a', 'b')", "a"),
        ("if(${none}, 'a', 'b')", "b"),
        ("if(${none} = '', if(${five} = 5, 'a', 'b'), 'c')", "a"),
        ("regex(${yes}, 's.')", True),
        ("regex(${yes}, 's')", False),
        ("int(2.9)", 2.0),
        ("int(-2.9)", -2.0),
        ("round(2.5)", 3.0),
        ("round(2.345, 2)", 2.35),
        ("round(1250, -2)", 1300.0),
        ("number('12')", 12.0),
        ("string(${five})", "5"),
        ("string(1 = 1)", "true"),
        ("string-length('año')", 3.0),
        ("concat('a', ${five}, ${none})", "a5"),
        ("date('2026-02-28') = ${day}", True),
        ("${day} < date('2026-03-01')", True),
        ("${day} >= date('2026-03-01')", False),
        ("date('mañana') > ${day}", False),
        # precedence, as XPath has it
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("2 * 3 div 4", 1.5),
        ("10 - 4 - 3", 3.0),
        ("7 mod 4 + 1", 4.0),
        ("-2 * 3", -6.0),
        ("1 + 1 = 2", True),
        ("(1 < 2) = true()", True),
        ("true() or false() and false()", True),
        ("(true() or false()) and false()", False),
        ("1 = 2 or 2 = 2 and 3 = 3", True),
        ("not(1 = 2) and 1 = 1", True),
        ("${yes} = ‘si’ and ${yes} = “si”", True),
        ("contains(${words}, 'abril')", True),
        ("starts-with(${words}, 'el')", True),
    ],
)
def test_what_it_yields(source: str, expected: object) -> None:
    assert value(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "${none} + 1",
        "number('')",
        "number('1_000')",
        "number('１２')",
        "number(${infinity})",
        "int(${infinity})",
        "0 div 0",
        "5 mod 0",
        "round(1, 400)",
        "round(${none})",
        "number('12 pesos')",
    ],
)
def test_what_is_no_number_is_not_a_number(source: str) -> None:
    found = value(source)
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize(
    ("source", "this", "holds"),
    [
        (". >= 1 and . <= 84", 84, True),
        (". >= 1 and . <= 84", 85, False),
        (".>0", 1, True),
        ("(.) > 0", 1, True),
        (". = 'a.b. c'", "a.b. c", True),
        ("regex(., '[0-9]{2}.[0-9]')", "12x3", True),
        (". <= today()", date(2026, 3, 2), True),
        (". <= today()", date(2026, 3, 3), False),
        (". > 0.5", Decimal("0.6"), True),
        (". > .5", Decimal("0.4"), False),
        (". < ${pay}", Money(Decimal(1499)), True),
        ("count-selected(.) < 2", ("a", "b"), False),
    ],
)
def test_the_dot_is_the_answer_under_test(source: str, this: Value, holds: bool) -> None:
    assert compile_expression(source).holds(ANSWERS, at=AT, this=this) is holds


def test_today_is_the_date_where_the_event_happened() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=timezone(timedelta(hours=-6)))
    assert compile_expression("today()").value({}, at=late) == "2026-03-02"
    assert compile_expression("today()").value({}, at=late.astimezone(UTC)) == "2026-03-03"


def test_what_it_reads_is_known() -> None:
    expression = compile_expression("${ a } = 'b' or selected(${c-d}, 'e')")
    assert expression.reads == {"a", "c-d"}
    assert isinstance(expression, Expression)
    assert not expression.holds({}, at=AT)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "cannot be read"),
        ("${a} = ", "cannot be read"),
        ("(${a}", "cannot be read"),
        ("if(1)", "cannot be read"),
        ("1 2", "cannot be read"),
        ("unheard-of(1)", "'unheard-of', which is not supported: there are coalesce, concat"),
        ("* = 3", "cannot be read"),
        ("+${a} > 1", "begins a number with '+': leave it out"),
        ("1 < 2 = true()", "cannot be read"),
        ("yes = 'si'", "write ${yes}, or put it in quotes"),
        ("$yes = 'si'", "write ${yes}, or put it in quotes"),
        ("${yes} = si", "write ${si}, or put it in quotes"),
        ("'${yes}' = 'si'", "without the quotes"),
        ("/data/yes = 'si'", "'/', which is not supported"),
        ("../yes = 'si'", "not supported"),
        ("position() = 1", "'position', which is not supported"),
        ("count(${a})", "'count', which is not supported"),
        ("once(${a})", "'once', which is not supported: write what stands inside it"),
        ("pulldata('a', 'b', 'c', ${a})", "put the list on the choices sheet"),
        ("jr:choice-name(${a}, 'a')", "compare the choice's name"),
        ("now() > 1", "use today()"),
        ("random() < 1", "leave it out"),
        ("indexed-repeat(${a}, ${a}, 1)", "there are no repeats here"),
        ("if(${a} = 'once(1)', foo(1), 2)", "'foo', which is not supported"),
        ("${last-saved#a} = 1", "with nothing else inside"),
        ("regex(., '[')", "cannot be read"),
        ("regex(., ${a})", "must be a text in quotes"),
    ],
)
def test_what_is_refused(source: str, told: str) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        compile_expression(source)
    assert told in str(refused.value)


# --- choice filters


@pytest.mark.parametrize(
    ("source", "row", "holds"),
    [
        ("state = ${yes}", {"state": "si"}, True),
        ("state = ${yes}", {"state": "no"}, False),
        ("state = ${yes}", {}, False),
        ("state = ''", {}, True),
        ("name != 'x' and state = 'si'", {"name": "a", "state": "si"}, True),
        ("selected(${many}, name)", {"name": "cocina"}, True),
        ("selected(${many}, name)", {"name": "otra"}, False),
        ("age-group > 3", {"age-group": "4"}, True),
        ("'state' = state", {"state": "state"}, True),
        ("contains(state, '.')", {"state": "a.b"}, True),
        ("if(state = 'si', name = 'a', true())", {"name": "b", "state": "si"}, False),
    ],
)
def test_a_filter_looks_at_a_choice(source: str, row: dict[str, str], holds: bool) -> None:
    expression = compile_expression(source, columns={"name", "state", "age-group"})
    assert expression.holds(ANSWERS, at=AT, row=row) is holds


def test_a_filter_knows_its_columns() -> None:
    expression = compile_expression("state = ${yes} and 'city' != name", columns={"name", "state", "city"})
    assert (expression.columns, expression.reads) == ({"state", "name"}, {"yes"})


@pytest.mark.parametrize("source", ["state = 'x'", "${yes} = state", "state(1)"])
def test_only_columns_may_stand_bare(source: str) -> None:
    with pytest.raises(ExpressionInvalid):
        compile_expression(source, columns={"city"})


def test_a_function_named_like_a_column_is_no_column() -> None:
    assert compile_expression("string(string) = 'a'", columns={"string"}).holds({}, at=AT, row={"string": "a"})


@pytest.mark.parametrize(
    ("source", "alone"),
    [(". > 3", True), ("1 = 1", True), (". > ${a}", False), (". > today()", False), ("regex(., '[ab]')", True)],
)
def test_whether_it_looks_at_nothing_but_the_answer(source: str, alone: bool) -> None:
    assert compile_expression(source).only_this is alone


def test_a_voice_note_counts_as_an_answer() -> None:
    answers: dict[str, Value | None] = {"told": Voice("v1", 12)}
    assert compile_expression("${told} != ''").holds(answers, at=AT)
