"""What the transcripts stand on: one stage for each process, over the migrated store of `tests.support.world`."""

from pathlib import Path

import pytest

from tests.support.once import shared_by
from tests.support.world import migrated_file
from tests.transcripts.stage import Stage

__all__ = ["migrated_file", "stage"]


@pytest.fixture(scope="session")
def stage(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Where transcripts are played; what has been played is shared by the worker processes of a run."""
    shared = shared_by(tmp_path_factory) / "transcripts-played"
    shared.mkdir(exist_ok=True)
    return Stage(migrated_file, tmp_path_factory.mktemp("stage"), shared)
