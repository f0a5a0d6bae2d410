"""What the transcripts stand on: one stage for each process, over the migrated store of `tests.support.world`."""

import os
from pathlib import Path

import pytest

from tests.support.world import migrated_file
from tests.transcripts.stage import Stage

__all__ = ["migrated_file", "stage"]


@pytest.fixture(scope="session")
def stage(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Where transcripts are played; what has been played is shared by the worker processes of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "transcripts-played"
    shared.mkdir(exist_ok=True)
    return Stage(migrated_file, tmp_path_factory.mktemp("stage"), shared)
