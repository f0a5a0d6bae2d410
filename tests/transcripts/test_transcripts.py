"""Golden transcripts: whole conversations, compared line by line.

UPDATE_TRANSCRIPTS=1 writes the bot's half of each file anew; read the difference aloud before you keep it.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.transcripts.play import is_script
from tests.transcripts.stage import FILES, Stage


def test_there_are_transcripts() -> None:
    assert len(FILES) > 20


@pytest.fixture(params=FILES, ids=[path.stem for path in FILES])
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def expected(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def update(path: Path) -> Callable[[list[str]], object] | None:
    """Writes the file anew where that is asked for."""
    if "UPDATE_TRANSCRIPTS" not in os.environ:
        return None
    return lambda played: path.write_text("\n".join(played) + "\n", encoding="utf-8")


async def test_transcript(
    stage: Stage, path: Path, expected: list[str], update: Callable[[list[str]], object] | None
) -> None:
    played = (await stage.perform(path)).lines
    assert not all(map(is_script, played)), "the bot says nothing"
    if update is not None:
        update(played)
        return
    assert played == expected
