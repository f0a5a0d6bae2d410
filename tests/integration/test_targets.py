"""No command puts its file in the place of what Hilo lives on, whatever it is forced to."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from inspect import signature
from pathlib import Path
from typing import get_args

import pytest
import typer

from bot.cli.commands import app
from bot.cli.refusals import Refused
from bot.cli.targets import require_not_ours
from bot.settings import Settings
from tests.support.operator import NOBODY_LISTENS, Operator

COMMANDS: dict[str, tuple[str, ...]] = {
    "backup file": ("backup", "--force"),
    "export out": ("export", "--force", "--out"),
    "report out": ("report", "--force", "--out"),
    "keys backup file": ("keys", "backup"),
    "voices save out": ("voices", "save", "ABC", "--out"),
    "broadcast report out": ("broadcast", "report", "ABC", "--out"),
    "privacy export out": ("privacy", "export", "R-1", "--out"),
}
"""Every command that writes a file, by the name of the parameter that says where; the name comes last."""

READS = {
    *(
        "privacy breach file",
        "participants import file",
        "import registry file",
        "import measurements file",
        "import work file",
    ),
    *("restore file", "instruments check file", "instruments install file"),
    *("plan apply file", "plan check file", "plan preview file"),
}
"""Every parameter that names a file to be read."""

OURS = ("key", "key.head", "hilo.sqlite3", "hilo.sqlite3-wal", "hilo.sqlite3.lock", "hilo.sqlite3.replaced.2")
LINKS = ("../link", "../twin", "../other/new")
STANDING = ("config.toml", "journal", "journal/lock", "aviso.md", "backups/hilo-20260101T090000Z.backup", ".")


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """Somebody with a notice and a nightly backup of her own, and links that lead to Hilo's files."""
    office = tmp_path_factory.mktemp("office")
    operator = Operator(office / "home", {"HILO_BOT_API_URL": NOBODY_LISTENS})
    operator.done("init", "--no-input")
    (operator.home / "aviso.md").write_text("Aviso", encoding="utf-8")
    (operator.home / "backups").mkdir()
    operator.done("backup", operator.home / "backups" / "hilo-20260101T090000Z.backup")
    (office / "link").symlink_to(operator.home / "key")
    (office / "twin").hardlink_to(operator.home / "hilo.sqlite3")
    (office / "other").symlink_to(operator.home / "journal")
    return operator


def named(group: typer.Typer, before: str = "") -> Iterator[str]:
    """Every parameter of every command that is a path."""
    for one in group.registered_groups:
        assert one.typer_instance is not None
        yield from named(one.typer_instance, f"{before}{one.name} ")
    for command in group.registered_commands:
        assert command.callback is not None
        verb = command.name or command.callback.__name__
        for name, given in signature(command.callback, eval_str=True).parameters.items():
            kind = get_args(given.annotation)[:1] or (given.annotation,)
            if Path in (*kind, *get_args(kind[0])):
                yield f"{before}{verb} {name}"


def test_every_command_that_names_a_file_is_known() -> None:
    assert set(named(app)) == COMMANDS.keys() | READS


def contents(home: Path) -> dict[str, str]:
    """Every file, and what is in it."""
    found = [path for path in home.rglob("*") if path.is_file()]
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.mark.holds("S-48")
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_command_writes_over_what_hilo_lives_on(operator: Operator, command: tuple[str, ...]) -> None:
    before = contents(operator.home)
    for name in ("key", "journal/new"):
        said = operator.refused(*command, operator.home / name)
        assert str(operator.home / name) in said
        assert "nothing of Hilo's own is ever replaced" in said
    assert contents(operator.home) == before


@pytest.mark.parametrize("name", [*OURS, *STANDING, "journal/new", *LINKS])
def test_what_hilo_lives_on_is_no_target(operator: Operator, name: str) -> None:
    settings = Settings(home=operator.home)
    with pytest.raises(Refused, match="ever replaced"):
        require_not_ours(operator.home / name, settings)


def test_what_lies_elsewhere_is_ours_as_well(operator: Operator, tmp_path: Path) -> None:
    apart = Settings(home=operator.home, key_file=tmp_path / "key", journal_folder=tmp_path / "journal")
    for name in ("key", "key.head", "journal/00000001.jsonl"):
        with pytest.raises(Refused):
            require_not_ours(tmp_path / name, apart)
    require_not_ours(tmp_path / "key.copy", apart)


def test_beside_them_there_is_room(operator: Operator) -> None:
    operator.done("backup", operator.home / "backups" / "before-the-move")
    again = operator.refused("backup", operator.home / "backups" / "before-the-move", "--force")
    assert "there already, in Hilo's own folder" in again


def test_a_folder_that_is_not_there_is_named(operator: Operator, tmp_path: Path) -> None:
    assert operator.refused("backup", tmp_path / "no" / "bk") == f"{tmp_path / 'no'}: there is no such folder\n"


def test_a_target_is_refused_before_anything_is_read(operator: Operator, tmp_path: Path) -> None:
    """What would be found wrong in the store later is not what is told: an export begins no process in vain."""
    (tmp_path / "there").touch()
    unread = ("export", "--identified", "--reason", "prueba", "--approval", "wrong", "--out")
    assert "approval" in operator.refused(*unread, tmp_path / "new")
    assert "is there already" in operator.refused(*unread, tmp_path / "there")
    assert "of another kind" in operator.refused(*unread, tmp_path / "there", "--force")
    assert "no such folder" in operator.refused(*unread, tmp_path / "no" / "there")
    assert "name too long" in operator.refused(*unread, tmp_path / ("x" * 300))
    nowhere = f"sqlite+aiosqlite:///{tmp_path}/gone.sqlite3"
    for command in (("backup", "--force"), ("report", "--out"), ("export", "--out")):
        assert "is the key file" in operator.refused(*command, operator.home / "key", database_url=nowhere)
