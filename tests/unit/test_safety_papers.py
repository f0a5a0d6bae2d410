"""The papers of docs/ for a bad day and the first: their texts give nothing away, and what they say to type exists."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from bot.cli import backups, doctor, launch
from bot.cli.commands import app
from bot.launch import NOTICE_FILE
from bot.neutrality import doubts, problems
from bot.participant.notice import OWN, SHIPPED
from locales.previews import first_line, giveaways
from storage.notices import Content

DOCS = Path(__file__).parents[2] / "docs"
BREACH, NOTICE, LAUNCH = (DOCS / f"{name}.md" for name in ("breach", "privacy-notice", "launch"))
PAPERS = (BREACH, NOTICE, LAUNCH, DOCS / "safety.md")
MOST_ON_A_SCREEN = 300

_TEXT = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TYPED = re.compile(r"`hilo ([^`]+)`|^    hilo ([^#\n]+)", re.MULTILINE)
_CHECKS = re.compile(r"`(\w+)\.py: ([\w, ]+)`")


def texts(paper: Path) -> list[str]:
    """What the paper gives to be said, sent or handed over."""
    return _TEXT.findall(paper.read_text(encoding="utf-8"))


def typed(text: str) -> list[list[str]]:
    """The commands that it says to type, without `hilo`."""
    return [(inside or shown).split() for inside, shown in _TYPED.findall(text)]


def missing(words: list[str]) -> str | None:
    """What of a command there is not."""
    command: Any = typer.main.get_command(app)
    for word in words:
        inner = getattr(command, "commands", {})
        if not inner or not re.fullmatch(r"[a-z-]+", word) or word.startswith("-"):
            break
        if word not in inner:
            return word
        command = inner[word]
    known = {"--help", *(name for param in command.params for name in param.opts)}
    return next((word for word in words if word.startswith("--") and word not in known), None)


def test_there_are_texts_to_look_at() -> None:
    assert [len(texts(paper)) for paper in (BREACH, NOTICE)] == [4, 1]


@pytest.mark.parametrize("text", [*texts(BREACH), *texts(NOTICE)])
def test_a_first_line_gives_nothing_away(text: str) -> None:
    assert giveaways(first_line(text)) == []
    assert first_line(text).startswith("Hola")


def test_what_is_sent_passes_as_any_broadcast_does() -> None:
    sent, *_ = texts(BREACH)
    assert (problems(Content(sent)), doubts(Content(sent))) == ((), ())
    assert len(sent) <= MOST_ON_A_SCREEN


def test_a_telling_first_line_would_be_found() -> None:
    assert giveaways(first_line("Se robaron los datos de la cárcel.\nHola"))


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.stem)
def test_what_is_to_be_typed_exists(paper: Path) -> None:
    commands = typed(paper.read_text(encoding="utf-8"))
    assert commands
    assert {" ".join(words): missing(words) for words in commands if missing(words)} == {}


@pytest.mark.parametrize(
    ("said", "told"),
    [("`hilo keys turn`", "turn"), ("`hilo journal`", "journal"), ("`hilo doctor --lunch`", "--lunch")],
)
def test_what_does_not_exist_would_be_found(said: str, told: str) -> None:
    (words,) = typed(said)
    assert missing(words) == told


def test_the_launch_list_names_each_check_and_no_other() -> None:
    named = {
        (module, name)
        for module, names in _CHECKS.findall(LAUNCH.read_text(encoding="utf-8"))
        for name in names.split(", ")
    }
    looked = {(inspect.getmodulename(inspect.getfile(look)), look.__name__) for look in launch.Looking().checks}
    heeded = {("backups", look.__name__) for look in backups.LOOKS}
    always = {("doctor", check.__name__) for check in doctor.CHECKS if check.__module__ == doctor.__name__} - {
        ("doctor", "check"),  # those of backups
        *(("doctor", name) for name in ("_helplines", "_alarm", "_lock", "_turned_away", "_requests")),  # only minded
    }
    assert named == looked | heeded | always


def test_the_notice_is_where_the_paper_says() -> None:
    said = NOTICE.read_text(encoding="utf-8")
    assert OWN == NOTICE_FILE == SHIPPED.name
    assert f"../bot/participant/{SHIPPED.name}" in said
    numbered = re.findall(r"^(\d)\. ", SHIPPED.read_text(encoding="utf-8"), re.MULTILINE)
    named = set(re.findall(r"^\| .+ \| (\d) \| .+ \|$", said, re.MULTILINE))
    assert named == set(numbered), "each part of the template is explained"
