"""The rooms import downwards and only the libraries that are theirs.

import-linter holds the contracts of pyproject.toml; here one forbidden import for each is planted in a copy and must
be caught. The libraries are an allow-list, which import-linter has no contract for: a new one is a decision.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOMS, ROOT, imported, named, parsed, sources

LIBRARIES = {
    "conversations": {
        "babel",
        "dateparser",
        "elementpath",
        "pydantic",
        "pydantic_core",
        "pyxform",
        "rapidfuzz",
        "text_to_num",
    },
    "storage": {
        "alembic",
        "argon2",
        "PIL",
        "adbc_driver_manager",
        "adbc_driver_sqlite",
        "cryptography",
        "jinja2",
        "markupsafe",
        "numpy",
        "openpyxl",
        "orjson",
        "pandas",
        "pyarrow",
        "pydantic",
        "pydantic_core",
        "pyotp",
        "pyreadstat",
        "rapidfuzz",
        "sqlalchemy",
        "xlsxwriter",
    },
    "scheduler": {"apscheduler", "orjson", "pydantic", "pydantic_core"},
    "locales": {"babel"},
    "bot": {
        *("aiohttp", "argon2", "babel", "orjson", "pydantic", "pydantic_settings", "segno", "sqlalchemy"),
        *("prometheus_client", "starlette", "structlog", "telegram", "typer", "uvicorn", "yarl"),
    },
}


def _libraries(room: str) -> dict[str, set[str]]:
    """Library → the room's files that import it."""
    found: dict[str, set[str]] = {}
    for path in sources(room):
        for _, origin in imported(parsed(path)):
            root = origin.partition(".")[0]
            if root not in sys.stdlib_module_names and root not in ROOMS:
                found.setdefault(root, set()).add(named(path))
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_its_libraries(room: str) -> None:
    strange = {library: files for library, files in _libraries(room).items() if library not in LIBRARIES[room]}
    assert not strange


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The five rooms and their contracts, free to be spoilt."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-cache", "--no-logo"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"},
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_contracts_hold(copy: Path) -> None:
    result = _contracts(copy)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "5 kept, 0 broken" in result.stdout


@pytest.mark.parametrize(
    ("planted_in", "line", "contract"),
    [
        ("conversations/planted.py", "import asyncio", "The interview engine does no I/O"),
        ("conversations/planted.py", "from sqlalchemy import select", "The interview engine does no I/O"),
        ("storage/planted.py", "import scheduler", "Imports point down"),
        ("scheduler/planted.py", "def late() -> None:\n    import bot", "Imports point down"),
        ("scheduler/planted.py", "import locales", "Only the bot, the report and the exports"),
        ("locales/planted.py", "import conversations", "The catalogues know none"),
        ("bot/planted.py", "import bot.demo", "Nothing but the command line starts the demo"),
    ],
)
def test_a_forbidden_import_is_caught(copy: Path, planted_in: str, line: str, contract: str) -> None:
    (copy / planted_in).write_text(f'"""Planted."""\n\n{line}\n', encoding="utf-8")
    result = _contracts(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    broken = result.stdout.partition("Broken contracts")[2]
    assert contract in broken
    assert planted_in.removesuffix(".py").replace("/", ".") in broken
