"""What a newcomer gets: a wheel with every data file, commands that explain themselves, a clear word when Python lacks.

The wheel is built by the real backend; make is the real make.
"""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.architecture.test_repository import needs_checkout
from tests.architecture.tree import ROOMS, ROOT, named, repository_files


@needs_checkout
def test_the_wheel_carries_every_file_of_the_rooms(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("hilo-*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {name for path in repository_files() if (name := named(path)).split("/")[0] in ROOMS}
    assert wanted
    assert wanted <= inside
    assert {name.split("/")[0] for name in inside if ".dist-info/" not in name} == set(ROOMS)


def test_make_says_what_can_be_done() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for target in ("demo", "test", "check", "bench", "run", "lock", "clean", "help"):
        assert f"make {target} " in said


def test_make_says_that_python_lacks(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("make", "sh"):
        (tools / tool).symlink_to(Path(str(shutil.which(tool))).resolve())
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    bare = {"PATH": str(tools), "SHELL": str(tools / "sh"), "LC_ALL": "C"}
    result = subprocess.run(["make", "test"], cwd=tmp_path, env=bare, check=False, capture_output=True, text=True)
    assert result.returncode != 0
    assert "Hilo needs Python 3.11 or newer" in result.stderr
    assert not (tmp_path / ".venv").exists()
