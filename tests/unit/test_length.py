"""How many questions are still to come: the longest way that is still open, and no longer than that."""

from __future__ import annotations

from conversations.answers import Answer, AnswerStatus, Value
from conversations.instrument import Instrument
from conversations.length import MOST_REMEMBERED, still_to_ask
from conversations.walk import Way
from conversations.xlsform import parse_instrument
from tests.support.draws import AT
from tests.support.instruments import SHORT_READ


def form(*rows: str, choices: int = 3) -> Instrument:
    """An instrument of these rows (type | name | relevant | calculation), with as many choices in its one list."""
    survey = "\n".join(f"| | {row.replace('|', '| ¿? |', 1)} |" for row in rows)
    listed = "\n".join(f"| | l | c{at} | C{at} |" for at in range(choices))
    return parse_instrument(
        "prueba",
        "| settings |\n| | version |\n| | 1 |\n"
        f"| survey |\n| | type | label | name | relevant | calculation |\n{survey}\n"
        f"| choices |\n| | list_name | name | label |\n{listed}\n",
    )


def left(instrument: Instrument, **values: Value | None) -> int:
    """What is still to ask when these are the answers."""
    answers = {
        name: Answer(AnswerStatus.REFUSED if value is None else AnswerStatus.GIVEN, value)
        for name, value in values.items()
    }
    way = Way(instrument, (), AT)
    return still_to_ask(way, way.walked(answers).answers)


def test_whichever_choice_leads_furthest_is_counted() -> None:
    forked = form(
        "select_one l | a | |",
        "text | b | ${a} = 'c0' |",
        "text | c | ${a} = 'c1' |",
        "text | d | ${a} = 'c1' |",
        "text | e | ${a} = '' |",
    )
    assert left(forked) == 3
    assert left(forked, a="c0") == left(forked, a=None) == 1
    assert left(forked, a="c1") == 2
    assert left(forked, a="c1", c="sí") == 1
    assert left(forked, a="c2") == 0


def test_a_choice_that_is_refused_may_lead_furthest() -> None:
    assert left(form("select_one l | a | |", "text | b | ${a} = '' |", "text | c | ${a} != 'c0' |")) == 3


def test_ticks_are_tried_together() -> None:
    rows = ["select_multiple l | a | |", "text | b | selected(${a}, 'c0') and selected(${a}, 'c2') |"]
    assert left(form(*rows)) == 2
    assert left(form(*rows, choices=9)) == 2, "too many to try: all that hangs on them is counted"
    assert left(form("select_multiple l | a | |", "text | b | count-selected(${a}) > 3 |")) == 1


def test_a_way_through_calculations_is_followed() -> None:
    rows = (
        "select_one l | a | |",
        "calculate | b | | if(${a} = 'c1', 'x', 'y')",
        "text | c | ${b} = 'x' |",
        "text | d | ${b} = 'y' |",
    )
    assert left(form(*rows)) == 2
    assert left(form(*rows), a="c1", c="sí") == 0


def test_what_hangs_on_words_and_numbers_is_counted_until_they_are_known() -> None:
    rows = ("integer | a | |", "text | b | ${a} > 5 |", "text | c | ${a} <= 5 |")
    assert left(form(*rows)) == 3
    assert left(form(*rows), a=7) == left(form(*rows), a=3) == 1
    words = form(
        "text | a | |", "text | b | string-length(${a}) > 3 |", "calculate | c | | ${a}", "text | d | ${c} = 'x' |"
    )
    assert left(words) == left(words, a="x") + 1 == 3
    assert not any("x" in str(key) for key in words.lengths), "her own words are not remembered"


def test_a_filter_narrows_what_can_be_chosen() -> None:
    source = """
    | settings |
    |          | version |
    |          | 1       |
    | survey |
    | | type         | name | label | choice_filter | relevant     |
    | | select_one z | a    | ¿A?   |               |              |
    | | select_one p | b    | ¿B?   | zona = ${a}   |              |
    | | text         | c    | ¿C?   |               | ${b} = 'sur' |
    | choices |
    | | list_name | name  | label | zona |
    | | z         | n     | N     |      |
    | | z         | s     | S     |      |
    | | p         | norte | Norte | n    |
    | | p         | sur   | Sur   | s    |
    """
    filtered = parse_instrument("filtrada", "\n".join(line.strip() for line in source.splitlines()))
    assert left(filtered) == 3
    assert left(filtered, a="n") == 1
    assert left(filtered, a="s") == 2


def test_too_many_ways_are_counted_together() -> None:
    names = "abcdef"
    rows = [f"select_multiple l | {name} | |" for name in names]
    fork = [f"text | x{name} | selected(${{{name}}}, 'c0') and not(selected(${{{name}}}, 'c0')) |" for name in names]
    assert left(form(*rows)) == 6
    assert left(form(*rows, *fork, choices=5)) == 12, "no way asks these, which is too much to find out"


def test_what_is_found_out_is_remembered_for_a_while() -> None:
    SHORT_READ.lengths.clear()
    assert left(SHORT_READ) == left(SHORT_READ) == 3
    assert len(SHORT_READ.lengths) == 1
    SHORT_READ.lengths.update(dict.fromkeys(range(MOST_REMEMBERED), 0))
    assert left(SHORT_READ, hizo="trabaje") == 1
    assert len(SHORT_READ.lengths) == 1
