"""What stands in the repository: a short top level, and no word of the machine that it was made on.

Both read what git holds or would take, so they need a checkout; a downloaded archive skips them.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, named, repository_files

TOP_LEVEL = {
    *("bot", "conversations", "locales", "scheduler", "storage", "tests", "docs", ".ci"),
    *("pyproject.toml", "requirements.lock", "requirements-run.lock", "Makefile", "Dockerfile", "compose.yaml"),
    *("README.md", "CHANGELOG.md", "LICENSE"),
    *(".editorconfig", ".dockerignore", ".gitattributes", ".gitignore"),
}

MACHINE_PATHS = re.compile(r"(?<![\w.}\])])/(?:(?:work|root)\b|(?:home|Users)/\w)|\.\./shared\b")
SCRATCH = re.compile(r"(?<![\w.}\])])/tmp\b")
REGISTRIES = re.compile(
    r"\b(?:(?:\w+\.)?pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org|(?:deb|security)\.debian\.org)\b"
)

needs_checkout = pytest.mark.skipif(
    shutil.which("git") is None
    or subprocess.run(
        ["git", "-C", ROOT, "-c", "safe.directory=*", "rev-parse"], check=False, capture_output=True
    ).returncode
    != 0,
    reason="not a git checkout",
)


def _texts() -> dict[str, str]:
    """Every text file of the repository by name."""
    raw = {named(path): path.read_bytes() for path in repository_files()}
    texts = {name: content.decode("utf-8") for name, content in raw.items() if b"\0" not in content[:8000]}
    assert texts
    return texts


@needs_checkout
def test_the_top_level_is_short() -> None:
    strange = {Path(named(path)).parts[0] for path in repository_files()} - TOP_LEVEL
    assert not strange


@needs_checkout
def test_no_text_names_a_machine_or_a_registry() -> None:
    found = {}
    for name, text in _texts().items():
        words = MACHINE_PATHS.findall(text) + REGISTRIES.findall(text)
        if not name.startswith("tests/") and name != "compose.yaml":  # its scratch is the container's
            words += SCRATCH.findall(text)
        if words and name != named(Path(__file__)):
            found[name] = words
    assert not found


@pytest.mark.parametrize("text", ["cd /work/main", "HOME=/root", "'/home/ana/x'", "/Users/ana", "see ../shared/a.md"])
def test_a_machine_path_is_seen(text: str) -> None:
    assert MACHINE_PATHS.search(text)


@pytest.mark.parametrize("text", ["https://t.me/root", "the /homepage", "a/work/b", "{base}/root", "/rooted"])
def test_other_words_are_let_be(text: str) -> None:
    assert not MACHINE_PATHS.search(text)
