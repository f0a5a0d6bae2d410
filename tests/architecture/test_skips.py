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
WORKERS = pytest.mark.parametrize("workers", ["0", "2"])


def _run(folder: Path, workers: str, *, ci: bool) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-n", workers]
    return subprocess.run(
        [*command, "--rootdir", str(folder), "-c", os.devnull, str(folder)],
        cwd=ROOT,
        env=env | ({"CI": "true"} if ci else {}),
        check=False,
        capture_output=True,
        text=True,
    )


@WORKERS
def test_a_skip_fails_in_ci(tmp_path: Path, workers: str) -> None:
    (tmp_path / "test_one.py").write_text(SKIPPING)
    result = _run(tmp_path, workers, ci=True)
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout
    assert "skipped without leave: test_one.py::test_skips" in result.stdout


@WORKERS
def test_a_module_skipped_whole_fails_in_ci(tmp_path: Path, workers: str) -> None:
    (tmp_path / "test_one.py").write_text(SKIPPED_WHOLE)
    (tmp_path / "test_two.py").write_text("def test_runs(): pass\n")
    result = _run(tmp_path, workers, ci=True)
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout
    assert "skipped without leave: test_one.py" in result.stdout


def test_a_skip_passes_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(SKIPPING)
    assert _run(tmp_path, "0", ci=False).returncode == pytest.ExitCode.OK


def test_nothing_skipped_passes_in_ci(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_runs(): pass\n")
    assert _run(tmp_path, "2", ci=True).returncode == pytest.ExitCode.OK


def test_a_skip_with_leave_passes_in_ci(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(SKIPPING)
    (tmp_path / "conftest.py").write_text(
        'from tests.conftest import ALLOWED_SKIPS\nALLOWED_SKIPS["test_one.py::test_skips"] = "tried here"\n'
    )
    assert _run(tmp_path, "0", ci=True).returncode == pytest.ExitCode.OK
