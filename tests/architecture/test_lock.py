"""Both locks install the same bytes everywhere: exact versions, hashes, and no word of where they come from.

Whoever installs chooses the index. What pyproject.toml asks for directly must stand in the lock and be new enough;
the lock may not fall behind in silence. What the program runs with is pinned as what it is tested with.
"""

import re
import tomllib
from itertools import pairwise

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.tree import ROOT

PINNED = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; [^\\]+)? \\$")
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}(?: \\)?$")
COMMENT = re.compile(r" *#")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TESTED, RUN = [
    (ROOT / name).read_text(encoding="utf-8").splitlines() for name in ("requirements.lock", "requirements-run.lock")
]
each_lock = pytest.mark.parametrize("lines", [TESTED, RUN], ids=["tested", "run"])


def _pins(lines: list[str]) -> dict[str, Version]:
    found = [match for line in lines if (match := PINNED.match(line))]
    return {match["name"]: Version(match["version"]) for match in found}


def _direct() -> list[Requirement]:
    """Everything that pyproject.toml asks for: to run, to develop, to build."""
    asked = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    ]
    return [Requirement(line) for line in asked]


@each_lock
def test_the_lock_holds_pins_and_hashes_alone(lines: list[str]) -> None:
    assert [line for line in lines if not any(shape.match(line) for shape in (PINNED, HASH, COMMENT))] == []
    assert _pins(lines)


@each_lock
def test_the_lock_names_no_place(lines: list[str]) -> None:
    assert [line for line in lines if "/" in line or "--index" in line] == []


@each_lock
def test_every_pin_has_a_hash(lines: list[str]) -> None:
    bare = [line for line, after in pairwise(lines) if PINNED.match(line) and not HASH.match(after)]
    assert bare == []
    assert not PINNED.match(lines[-1])


@pytest.mark.parametrize("asked", _direct(), ids=lambda asked: asked.name)
def test_what_is_asked_for_is_locked(asked: Requirement) -> None:
    assert any(bound.operator == ">=" for bound in asked.specifier), f"{asked} has no lower bound"
    assert asked.specifier.contains(_pins(TESTED)[canonicalize_name(asked.name)], prereleases=True)


def test_what_runs_is_what_is_tested_and_no_tool() -> None:
    run, tested = _pins(RUN), _pins(TESTED)
    assert run.items() <= tested.items()
    assert {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]} <= run.keys()
    assert not {"pytest", "ruff", "mypy", "hypothesis", "playwright"} & run.keys()
