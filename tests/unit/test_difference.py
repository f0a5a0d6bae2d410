"""What differs between two versions of an instrument, and what of it breaks the comparison of stored answers."""

from dataclasses import replace

import pytest

from conversations.difference import Change, Difference, differences
from conversations.instrument import Instrument
from conversations.xlsform import parse_instrument

SETTINGS = "| settings |\n| | version |\n| | 1 |\n"
SURVEY = """
| survey |
| | type | name | label | label::English (en) | relevant | constraint | calculation | hilo::outcome | default |
| | select_one si_no | trabaja | ¿Trabajas? | Do you work? | | | | activity | |
| | select_multiple tipos | tipos | ¿En qué? | In what? | ${trabaja}='si' | | | | |
| | integer | horas | ¿Cuántas horas? | How many hours? | | . < 99 | | | 8 |
| | calculate | mucho | | | | | ${horas}>40 | employed | |
"""
CHOICES = """
| choices |
| | list_name | name | label::Español (es) | label::English (en) | hilo::exclusive | hilo::case |
| | si_no | si | Sí | Yes | | |
| | si_no | no | No | No | | |
| | tipos | tejido | Tejido | Knitting | | |
| | tipos | cocina | Cocina | Cooking | | |
| | tipos | ninguno | Ninguno | None | yes | |
"""
OLD = parse_instrument("trabajo", SETTINGS + SURVEY + CHOICES)


def changed(before: str, after: str) -> list[Difference]:
    text = SETTINGS + SURVEY + CHOICES
    assert text.count(before) == 1, before
    return differences(OLD, parse_instrument("trabajo", text.replace(before, after)))


def test_a_version_does_not_differ_from_itself() -> None:
    assert differences(OLD, OLD) == []
    assert differences(OLD, replace(OLD, version="2")) == []


@pytest.mark.parametrize(
    ("before", "after", "question", "aspect", "values", "breaks"),
    [
        ("| integer", "| decimal", "horas", "type", ("integer", "decimal"), True),
        ("| activity", "| rescued", "trabaja", "outcome", ("activity", "rescued"), True),
        ("${horas}>40", "${horas}>48", "mucho", "calculation", ("${horas}>40", "${horas}>48"), True),
        ("${trabaja}='si'", "${trabaja}!='no'", "tipos", "relevant", ("${trabaja}='si'", "${trabaja}!='no'"), False),
        (". < 99", ". < 90", "horas", "constraint", (". < 99", ". < 90"), False),
        ("| 8", "| 6", "horas", "default", ("8", "6"), False),
        ("How many hours?", "How long?", "horas", "label::en", ("How many hours?", "How long?"), False),
    ],
)
def test_one_thing_about_a_question(
    before: str, after: str, question: str, aspect: str, values: tuple[str, str], breaks: bool
) -> None:
    assert changed(before, after) == [Difference(Change.CHANGED, question, None, aspect, *values, breaks)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("| Cocina |", "| Cocinar |",
         Difference(Change.CHANGED, "tipos", "cocina", "label::es", "Cocina", "Cocinar")),
        ("| cocina |", "| guisos |",
         Difference(Change.RENAMED, "tipos", "guisos", "name", "cocina", "guisos", breaks=True)),
        ("| | tipos | cocina | Cocina | Cooking | | |\n", "",
         Difference(Change.REMOVED, "tipos", "cocina", before="Cocina", breaks=True)),
        ("| | tipos | ninguno", "| | tipos | ventas | Ventas | | | |\n| | tipos | ninguno",
         Difference(Change.ADDED, "tipos", "ventas", after="Ventas")),
        ("| None | yes", "| None | ",
         Difference(Change.CHANGED, "tipos", "ninguno", "exclusive", "yes", "")),
        ("| Cooking | | |", "| Cooking | | ayuda |",
         Difference(Change.CHANGED, "tipos", "cocina", "case", "", "ayuda")),
    ],
)  # fmt: skip
def test_one_thing_about_a_choice(before: str, after: str, expected: Difference) -> None:
    assert changed(before, after) == [expected]


def ordered(*names: str) -> Instrument:
    rows = "".join(f"| | text | {name} | ¿{name}? |\n" for name in names)
    return parse_instrument("orden", f"{SETTINGS}\n| survey |\n| | type | name | label |\n{rows}")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a b c", "a c b", {("c", Change.MOVED)}),
        ("a b c", "b c a", {("a", Change.MOVED)}),
        ("a b c", "a x b c", {("x", Change.ADDED)}),
        ("a b c", "a c", {("b", Change.REMOVED)}),
        ("a b c d", "d x b c", {("d", Change.MOVED), ("x", Change.ADDED), ("a", Change.REMOVED)}),
    ],
)
def test_questions_come_go_and_move(old: str, new: str, expected: set[tuple[str, Change]]) -> None:
    found = differences(ordered(*old.split()), ordered(*new.split()))
    assert {(each.question, each.change) for each in found} == expected
    assert all(each.breaks is (each.change is Change.REMOVED) for each in found)


def test_a_group_shows_in_the_condition_of_each_question_inside() -> None:
    table = "| survey |\n| | type | name | label | relevant |\n| | text | a | ¿A? | |\n"
    inside = "| | begin group | g | G | ${a} = 'x' |\n| | text | b | ¿B? | ${a} != '' |\n| | end group | | | |\n"
    alone = "| | text | b | ¿B? | ${a} != '' |\n"
    found = differences(
        parse_instrument("g", SETTINGS + table + alone), parse_instrument("g", SETTINGS + table + inside)
    )
    assert [str(each) for each in found] == [
        "b: relevant changed: \"${a} != ''\" → \"${a} = 'x' and ${a} != ''\"",
    ]


@pytest.mark.parametrize(
    ("difference", "line"),
    [
        (Difference(Change.ADDED, "a", after="¿A?"), "a: added: '¿A?'"),
        (Difference(Change.MOVED, "a"), "a: moved"),
        (
            Difference(Change.REMOVED, "a", "b", before="B", breaks=True),
            "a, choice b: removed: 'B' (stored answers can no longer be compared)",
        ),
        (Difference(Change.CHANGED, "a", None, "default", "", "8"), "a: default changed: '' → '8'"),
    ],
)
def test_how_it_is_told(difference: Difference, line: str) -> None:
    assert str(difference) == line
