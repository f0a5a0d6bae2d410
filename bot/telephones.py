"""The telephone lines of an installation: its own file in its home, which takes the place of the whole shipped list.

* A file that is wrong stops the bot before it starts: whoever is in danger must not be shown what nobody meant.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from conversations.risk.helplines import FILE_NAME, Helpline, read_helplines, shipped


def source_in(home: Path) -> str:
    """The text of the list in force: the installation's own, or the shipped one. Raises OSError."""
    own = home / FILE_NAME
    return own.read_text(encoding="utf-8") if own.exists() else shipped()


def lines_in(home: Path, *, today: date) -> tuple[Helpline, ...]:
    """The lines in force; only of an installation's own a day that has not come is wrong, since no clock can make the
    shipped list so. Raises HelplinesInvalid, OSError."""
    own = (home / FILE_NAME).exists()
    return read_helplines(source_in(home), file=FILE_NAME, today=today if own else date.max)
