"""What goes wrong on a command line, in one clear line for the operator; what is not foreseen here is a fault of ours.

* A line says what is the matter and what to do; it never quotes a cell, a key or a token.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup


class Refused(Exception):
    """The command can't be done; the message says why, and what to do."""


class Explaining(TyperGroup):
    """A group of commands whose foreseen failures end in a line on standard error and exit status 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; raises typer.Exit for what it can explain, and anything else as it comes."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as wrong:
            wrong.message = plainly(wrong.message)
            raise
        except Exception as error:
            told = explain(error)
            if told is None:
                raise
            typer.echo(told, err=True)
            raise typer.Exit(1) from None


_NO_DAY = re.compile(r"(.*) does not match the formats? .*%Y-%m-%d.*")


def plainly(said: str) -> str:
    """What typer and pydantic say of a value that cannot be, without the words of programs."""
    said = said.removeprefix("Value error, ").removesuffix(", unable to parse string as an integer")
    return _NO_DAY.sub(r"\1 is no day: write it as YYYY-MM-DD", said.replace("Input should be", "must be"))


def explain(error: Exception) -> str | None:
    """The line for a foreseen failure, or None."""
    cause = getattr(error, "orig", None)  # SQLAlchemy wraps what the database said
    if isinstance(cause, sqlite3.Error) or isinstance(error, sqlite3.Error):
        return _database(cause if isinstance(cause, sqlite3.Error) else error)
    if isinstance(error, OSError):
        return _file(error)
    if isinstance(error, Refused):
        return str(error)
    return _ours(error)


def _ours(error: Exception) -> str | None:
    # Imported now: most commands end well, and none of these is light.
    from bot.settings import SettingsInvalid
    from conversations.errors import InstrumentInvalid
    from scheduler.plan import PlanError
    from storage.audit import HeadInvalid
    from storage.imports.catalogue import CatalogueInvalid
    from storage.upgrade import DatabaseNewer
    from storage.vault import KeyFileInvalid, Unsealable

    if isinstance(error, Unsealable):
        return "the key file does not fit what is in the database: put back the one that it was made with"
    files = (KeyFileInvalid, HeadInvalid)
    known = (SettingsInvalid, InstrumentInvalid, PlanError, CatalogueInvalid, DatabaseNewer, *files)
    return str(error) if isinstance(error, known) else None


_DATABASE: Mapping[str, str] = {
    "locked": "another program has been writing to the database for more than 10 s: try again in a while",
    "full": "the disk is full: nothing was written; make room and try again",
    "disk i/o": "the disk can't be read or written: look at its health, then put back a backup if need be",
    "readonly": "the database can't be written: mind who owns it and its folder",
    "unable to open": "the database can't be opened: mind that its folder exists and who may read it",
    "not a database": "the database file is no SQLite database: put back a backup",
    "malformed": "the database file is damaged: put back a backup",
}
"""Words in what SQLite says → what to tell; the first that fits."""


def _database(error: Exception) -> str | None:
    said = str(error).lower()
    return next((told for words, told in _DATABASE.items() if words in said), None)


def _file(error: OSError) -> str | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _DATABASE["full"]
    if error.filename is None or error.strerror is None:
        return None
    return f"{error.filename}: {error.strerror.lower()}"
