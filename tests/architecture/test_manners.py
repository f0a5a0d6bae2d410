"""House rules that no linter holds: what a module opens with, what is left behind, how files are named, what tests do.

The tests judge the tests too, save this folder, which has to name what it forbids.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOMS, imported, named, parsed, sources

HERE = Path(__file__).parent
LEFTOVERS = re.compile(r"\b(TODO|FIXME|NotImplementedError)\b")
SAYS_NOTHING = re.compile(r"(util|helper|common|manager|base)s?")
PATCHES = {"setattr", "delattr"}


def judged_tests() -> list[Path]:
    """Every test file but those that hold the rules."""
    return [path for path in sources("tests") if HERE not in path.parents]


def test_every_module_opens_with_its_rules() -> None:
    silent = [named(path) for path in sources(*ROOMS, "tests") if not ast.get_docstring(parsed(path))]
    assert not silent, f"no module docstring: {silent}"


def test_nothing_is_left_to_be_done() -> None:
    judged = [*sources(*ROOMS), *judged_tests()]
    left = {named(path): found for path in judged if (found := LEFTOVERS.findall(path.read_text(encoding="utf-8")))}
    assert not left


def test_file_names_say_what_is_inside() -> None:
    vague = {
        named(path)
        for path in sources(*ROOMS, "tests")
        for part in (*Path(named(path)).parts[:-1], path.stem)
        if SAYS_NOTHING.fullmatch(part)
    }
    assert not vague


def patched_parts(module: ast.Module) -> list[str]:
    """What of ours a test replaces: by `unittest.mock` of anything, or by `monkeypatch` of a room's code."""
    origins = dict(imported(module))
    mocks = [origin for origin in origins.values() if re.match(r"(unittest\.mock|mock|pytest_mock)\b", origin)]
    return mocks + [
        ast.unparse(call)
        for call in ast.walk(module)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in PATCHES
        and isinstance(call.func.value, ast.Name)
        and "monkeypatch" in call.func.value.id
        and not _foreign(call.args[0], origins)
    ]


def _foreign(target: ast.expr, origins: dict[str, str]) -> bool:
    """Whether it is plain that the target belongs to somebody else: a name that cannot be traced counts as ours."""
    if isinstance(target, ast.Constant):
        return str(target.value).partition(".")[0] not in ROOMS
    while isinstance(target, ast.Attribute):
        target = target.value
    origin = origins.get(target.id, ROOMS[0]) if isinstance(target, ast.Name) else ROOMS[0]
    return origin.partition(".")[0] not in ROOMS


def test_tests_use_the_real_thing() -> None:
    replaced = {named(path): parts for path in judged_tests() if (parts := patched_parts(parsed(path)))}
    assert not replaced


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("from unittest.mock import patch", ["unittest.mock.patch"]),
        ("from unittest import mock", ["unittest.mock"]),
        ("from storage import vault\nmonkeypatch.setattr(vault, 'x', 1)", ["monkeypatch.setattr(vault, 'x', 1)"]),
        ("monkeypatch.setattr('storage.vault.x', 1)", ["monkeypatch.setattr('storage.vault.x', 1)"]),
        ("monkeypatch.setattr(given, 'x', 1)", ["monkeypatch.setattr(given, 'x', 1)"]),
        ("import sys\nmonkeypatch.setattr(sys, 'stdin', None)", []),
        ("monkeypatch.setenv('HILO_HOME', 'x')", []),
    ],
)
def test_a_replaced_part_is_seen(source: str, parts: list[str]) -> None:
    assert patched_parts(ast.parse(source)) == parts
