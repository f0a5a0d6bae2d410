"""docs/safety.md and the tests say the same: each line names the tests that hold it, and those tests carry its id.

* Lines and marks are compared as pairs of id and test, both ways: nothing is promised untested, and no test holds what
  nobody reads.
* Marks are read from the source, so that a test that is not collected here counts as well.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed, sources

DOCUMENT = ROOT / "docs/safety.md"
HELD = re.compile(r"(?:S|T-[a-z]+)-\d+")
BY_PEOPLE = re.compile(r"P-\d+")
_LINE = re.compile(r"^\| \*\*([^*|]+)\*\* \|(.*)\|$")
_TEST = re.compile(r"`([\w/]+\.py::\w+)`")

Pair = tuple[str, str]
"""An id, and a test that holds it: its file below tests/, and its function."""


def lines_of(text: str) -> list[tuple[str, list[str]]]:
    """Each line's id and its cells."""
    found = (_LINE.match(line) for line in text.splitlines())
    return [(one[1], [cell.strip() for cell in one[2].split("|")]) for one in found if one]


def promised(text: str) -> list[Pair]:
    """Each id with each test that its line names."""
    return [(id_, test) for id_, cells in lines_of(text) for test in _TEST.findall(cells[-1])]


def marks(module: ast.Module, name: str) -> Iterator[Pair]:
    """Each id with the test that carries it; a mark whose ids cannot be read is a fault of its own."""
    for node in module.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.holds":
                for given in mark.args:
                    yield (given.value if _is_text(given) else "?"), f"{name}::{node.name}"  # type: ignore[attr-defined]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def names_in(module: ast.Module, name: str) -> Iterator[str]:
    """The tests that stand in a file."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield f"{name}::{node.name}"


def faults(text: str, carried: Iterable[Pair], there: Iterable[str]) -> list[str]:
    """All in which the document, the marks and the tests differ."""
    lines, said, held, known = lines_of(text), promised(text), Counter(carried), set(there)
    kinds = {id_ for id_, _ in lines if not HELD.fullmatch(id_) and not BY_PEOPLE.fullmatch(id_)}
    return [
        *(f"{id_} is no id" for id_ in sorted(kinds)),
        *(f"{id_} stands there twice" for id_, count in Counter(id_ for id_, _ in lines).items() if count > 1),
        *(f"{id_} is held by no test" for id_, cells in lines if HELD.fullmatch(id_) and not _TEST.search(cells[-1])),
        *(f"{id_} is for people and names a test" for id_, _ in said if BY_PEOPLE.fullmatch(id_)),
        *(f"{id_} names {test} twice" for (id_, test), count in Counter(said).items() if count > 1),
        *(f"{test} is marked {id_} twice" for (id_, test), count in held.items() if count > 1),
        *(f"{id_} names {test}, which is not there" for id_, test in said if test not in known),
        *(f"{id_} names {test}, which does not carry it" for id_, test in said if (id_, test) not in held),
        *(f"{test} holds {id_}, whose line does not name it" for id_, test in held if (id_, test) not in set(said)),
    ]


def _named(path: Path) -> str:
    return path.relative_to(ROOT / "tests").as_posix()


def test_each_promise_has_its_tests_and_each_mark_its_promise() -> None:
    files = [(parsed(path), _named(path)) for path in sources("tests")]
    carried = [pair for module, name in files for pair in marks(module, name)]
    there = [test for module, name in files for test in names_in(module, name)]
    assert len(carried) > 100
    assert faults(DOCUMENT.read_text(encoding="utf-8"), carried, there) == []


def test_whom_we_think_of_is_all_there() -> None:
    """Those whom the threat model must name."""
    kinds = {id_.split("-")[1] for id_, _ in lines_of(DOCUMENT.read_text(encoding="utf-8")) if id_.startswith("T-")}
    assert kinds == {"phone", "partner", "server", "staff", "staffphone", "invite", "telegram", "client"}


def test_each_line_says_what_is_done_and_what_is_not() -> None:
    lines = [(id_, cells) for id_, cells in lines_of(DOCUMENT.read_text(encoding="utf-8")) if HELD.fullmatch(id_)]
    assert {id_ for id_, cells in lines if len(cells) != 4 or not all(cells)} == set()


def test_what_people_must_do_is_on_the_list_that_they_sign() -> None:
    named = {id_ for id_, _ in lines_of(DOCUMENT.read_text(encoding="utf-8")) if BY_PEOPLE.fullmatch(id_)}
    assert len(named) > 5
    assert set(BY_PEOPLE.findall((ROOT / "docs/launch.md").read_text(encoding="utf-8"))) == named


SOUND = "| **S-1** | a | b | c | `unit/test_a.py::test_a` |\n| **P-1** | somebody looks |\n"
CARRIED = [("S-1", "unit/test_a.py::test_a")]
THERE = ["unit/test_a.py::test_a", "unit/test_a.py::test_b"]


def test_what_agrees_has_no_fault() -> None:
    assert faults(SOUND, CARRIED, THERE) == []


@pytest.mark.parametrize(
    ("text", "carried", "there", "told"),
    [
        (SOUND, [], THERE, "S-1 names unit/test_a.py::test_a, which does not carry it"),
        (SOUND, CARRIED, [], "S-1 names unit/test_a.py::test_a, which is not there"),
        (SOUND, CARRIED * 2, THERE, "unit/test_a.py::test_a is marked S-1 twice"),
        ("", CARRIED, THERE, "unit/test_a.py::test_a holds S-1, whose line does not name it"),
        (SOUND, [*CARRIED, ("S-1", "unit/test_a.py::test_b")], THERE, "unit/test_a.py::test_b holds S-1, whose line"),
        (SOUND, [*CARRIED, ("S-2", "unit/test_a.py::test_a")], THERE, "unit/test_a.py::test_a holds S-2, whose line"),
        (SOUND + SOUND, CARRIED, THERE, "S-1 stands there twice"),
        ("| **S-1** | a | b | c | – |", [], THERE, "S-1 is held by no test"),
        (SOUND.replace("S-1", "X-1"), [("X-1", CARRIED[0][1])], THERE, "X-1 is no id"),
        (SOUND.replace("S-1", "P-2"), [("P-2", CARRIED[0][1])], THERE, "P-2 is for people and names a test"),
    ],
)
def test_each_difference_is_told(text: str, carried: list[Pair], there: list[str], told: str) -> None:
    assert any(fault.startswith(told) for fault in faults(text, carried, there)), faults(text, carried, there)


def test_marks_are_read_from_the_source() -> None:
    source = """\
import pytest

@pytest.mark.holds("S-1", "T-phone-2")
@pytest.mark.parametrize("a", [1])
async def test_a(a): ...

@pytest.mark.holds(ID)
def test_b(): ...

def test_c(): ...
"""
    module = ast.parse(source)
    assert list(marks(module, "x.py")) == [
        ("S-1", "x.py::test_a"),
        ("T-phone-2", "x.py::test_a"),
        ("?", "x.py::test_b"),
    ]
    assert list(names_in(module, "x.py")) == ["x.py::test_a", "x.py::test_b", "x.py::test_c"]
