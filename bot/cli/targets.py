"""Where a command may write: never in the place of what Hilo itself lives on.

* `--force` replaces what people have made, and neither store, keys, settings nor journal, wherever these lie.
* What stands in a folder of Hilo's stays; something new may be put beside it, but for the journal.
* A name is what it leads to: a link to a file of ours is that file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bot.cli.refusals import Refused
from bot.settings import Settings
from storage.audit import head_file
from storage.restoring import ASIDE, BESIDE
from storage.vault import OWNER_ONLY


def require_not_ours(out: Path, settings: Settings) -> None:
    """Raises Refused if writing there would put an end to something of Hilo's, whatever `--force` says."""
    if out.name and (what := _of_ours(out.expanduser().resolve(), settings)) is not None:
        raise Refused(f"{out} is {what}: name another file, nothing of Hilo's own is ever replaced")


def require_new(out: Path, settings: Settings) -> None:
    """Raises Refused unless a file that is not there yet can be put there, in a folder that is."""
    require_not_ours(out, settings)
    if out.exists():
        raise Refused(f"{out} is there already: choose another name")
    require_folder(out)


def require_folder(out: Path) -> None:
    """Raises Refused if there is no folder to put that file in."""
    if not out.absolute().parent.is_dir():
        raise Refused(f"{out.absolute().parent}: there is no such folder")


def write_new(out: Path, content: bytes) -> None:
    """Write a new file that is its owner's alone. Raises OSError, FileExistsError too."""
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _of_ours(out: Path, settings: Settings) -> str | None:
    for file, what in _files(settings):
        if out == file.resolve() or (out.exists() and file.exists() and out.samefile(file)):
            return what
    if out.is_relative_to(settings.journal_folder.resolve()):
        return "in the journal"
    store = settings.database_file.resolve()
    if out.parent == store.parent and out.name.startswith(store.name + ASIDE):
        return "a store that a restore has put aside"
    folders = ((settings.home, "Hilo's own folder"), (settings.backup_folder, "the folder of the nightly backups"))
    return next((f"there already, in {what}" for folder, what in folders if _stands_in(out, folder)), None)


def _stands_in(out: Path, folder: Path) -> bool:
    return out.exists() and out.is_relative_to(folder.resolve())


def _files(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Each file of ours, there or not: one that is not there yet may be made at any moment."""
    key, database = settings.key_file, settings.database_file
    yield key, "the key file"
    yield head_file(key), "the head of the audit trail"
    yield key.with_name(f"{key.name}.new"), "the key file as it is being changed"
    for suffix in BESIDE:
        yield database.with_name(database.name + suffix), "the database"
    yield settings.lock_file, "the lock of the database"
    yield settings.config_file, "the file of the settings"
    yield settings.plan_file, "the file of the plan"
