"""requirements.lock installs the same bytes everywhere: exact versions, hashes, and no word of where they come from.

Whoever installs chooses the index. What pyproject.toml asks for directly must stand in the lock and be new enough;
the lock may not fall behind in silence.
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
LINES = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()


def _pins() -> dict[str, Version]:
    found = [match for line in LINES if (match := PINNED.match(line))]
    return {match["name"]: Version(match["version"]) for match in found}


def _direct() -> list[Requirement]:
    """Everything that pyproject.toml asks for: to run, to develop, to build."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    return [Requirement(line) for line in asked]


def test_the_lock_holds_pins_and_hashes_alone() -> None:
    assert [line for line in LINES if not any(shape.match(line) for shape in (PINNED, HASH, COMMENT))] == []
    assert _pins()


def test_the_lock_names_no_place() -> None:
    assert [line for line in LINES if "/" in line or "--index" in line] == []


def test_every_pin_has_a_hash() -> None:
    bare = [line for line, after in pairwise(LINES) if PINNED.match(line) and not HASH.match(after)]
    assert bare == []
    assert not PINNED.match(LINES[-1])


@pytest.mark.parametrize("asked", _direct(), ids=lambda asked: asked.name)
def test_what_is_asked_for_is_locked(asked: Requirement) -> None:
    assert any(bound.operator == ">=" for bound in asked.specifier), f"{asked} has no lower bound"
    assert asked.specifier.contains(_pins()[canonicalize_name(asked.name)], prereleases=True)
