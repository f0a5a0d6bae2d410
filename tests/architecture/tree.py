"""The repository as the architecture tests read it.

Sources are found on disk, so a file not yet committed is judged as well; whatever git ignores is no part of the
repository. No list made here may come out empty: a check that inspects nothing would pass for ever.
"""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "conversations", "locales", "scheduler", "storage")


def sources(*folders: str) -> list[Path]:
    """Every Python file of these folders of the repository, sorted; never none."""
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert found, f"no Python file in {folders}"
    return found


def named(path: Path) -> str:
    """The path as the repository names it."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """The file's syntax tree, read once."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=named(path))


def imported(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Each absolute import, wherever it stands, as (the name it binds, what it names in full)."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


@cache
def repository_files() -> list[Path]:
    """Every file that git holds or would take; raises CalledProcessError outside a checkout."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    assert found, "git names no file"
    return found
