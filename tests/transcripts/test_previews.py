"""Transcripts that `hilo instruments preview --repro` printed, played again by the command in their first line.

UPDATE_TRANSCRIPTS=1 writes the bot's half of each file anew; read the difference aloud before you keep it.
"""

import os
import shlex
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import app

HERE = Path(__file__).parent / "previews"
FILES = sorted(HERE.glob("*.txt"))
HER = "Rosa> "


def replayed(transcript: list[str], home: Path) -> list[str]:
    """The transcript as the command prints it now, when the same is typed."""
    command, *lines = transcript
    words = shlex.split(command.removeprefix("# hilo "))
    words[2] = str(HERE / words[2]) if words[2].endswith(".md") else words[2]
    return printed(words, [line.removeprefix(HER) for line in lines if line.startswith(HER)], home)


def printed(words: list[str], typed: list[str], home: Path) -> list[str]:
    """What the command prints when this is typed."""
    said = "".join(f"{line}\n" for line in typed)
    result = CliRunner().invoke(app, [*words, "--repro"], input=said, env={"HILO_HOME": str(home)})
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_there_are_previews() -> None:
    assert len(FILES) >= 3


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_preview_plays_as_it_was_printed(path: Path, tmp_path: Path) -> None:
    expected = path.read_text(encoding="utf-8").splitlines()
    played = replayed(expected, tmp_path)
    if "UPDATE_TRANSCRIPTS" in os.environ:
        path.write_text("\n".join(played) + "\n", encoding="utf-8")
        return
    assert played == expected
    assert any(line.startswith("Hilo> ") for line in played), "the bot says nothing"


WORDS = (
    *("1", "3", "#2", "#99", "sí", "no", "atrás", "saltar", "prefiero no decir", "ayuda", "pausa", "escuchar", "nada"),
    *("1,500 a la quincena", "ayer", "(voice)", "(sticker)", "[Sí]", "[✅ Listo]", "gente", "[", "😀", "mil"),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.lists(st.sampled_from(WORDS), max_size=25), usted=st.booleans())
def test_whatever_is_typed_can_be_played_again(tmp_path: Path, typed: list[str], usted: bool) -> None:
    command = ["instruments", "preview", str(HERE / "taller.md"), "--purposes", "ingresos", "--on", "2026-03-02"]
    first = printed([*command, *(["--trato", "usted"] if usted else [])], typed, tmp_path)
    assert replayed(first, tmp_path) == first
    assert str(HERE) not in "\n".join(first), "a path of this machine"
