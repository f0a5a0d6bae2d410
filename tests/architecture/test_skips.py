"""In CI a skipped test fails the run unless it is on the list; elsewhere it is only reported.

The rule is tried on a real pytest run, alone and with workers, since the workers' reports reach it by another way.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

SKIPPING = """\
import pytest

def test_runs(): pass

@pytest.mark.skip(reason="no chromium")
def test_skips(): pass
"""
SKIPPED_WHOLE = 'import pytest\npytest.skip("no database", allow_module_level=True)\n'
LEAVE = 'from tests.skips import ALLOWED_SKIPS\nALLOWED_SKIPS["test_one.py::test_skips"] = "tried here"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tests of which one is skipped."""
    (tmp_path / "test_one.py").write_text(SKIPPING)
    return tmp_path


def _run(folder: Path, *options: str, ci: bool = True) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-p", "tests.skips", "-p", "no:cacheprovider", *options]
    return subprocess.run(
        [*command, "--rootdir", str(folder), "-c", os.devnull, str(folder)],
        cwd=ROOT,
        env=env | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | ({"CI": "true"} if ci else {}),
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "with workers"])
def test_skips_fail_in_ci(folder: Path, workers: tuple[str, ...]) -> None:
    (folder / "test_whole.py").write_text(SKIPPED_WHOLE)
    result = _run(folder, *workers)
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout
    assert "skipped without leave: test_one.py::test_skips" in result.stdout
    assert "skipped without leave: test_whole.py" in result.stdout


def test_a_skip_passes_elsewhere(folder: Path) -> None:
    assert _run(folder, ci=False).returncode == pytest.ExitCode.OK


def test_nothing_skipped_passes_in_ci(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_runs(): pass\n")
    assert _run(tmp_path).returncode == pytest.ExitCode.OK


def test_a_skip_with_leave_passes_in_ci(folder: Path) -> None:
    (folder / "conftest.py").write_text(LEAVE)
    assert _run(folder).returncode == pytest.ExitCode.OK
