"""Drafts the next step from the difference between `storage.schema` and the steps that there are.

* `python -m storage.migrations.draft "what changes"` adds a step, to be read before it is kept.
* `python -m storage.migrations.draft --anew` replaces all steps by one, as long as nothing was released.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from storage.upgrade import MIGRATIONS, alembic_config

ANEW = "--anew"
FIRST = "The first store"


def draft(message: str) -> str:
    """Write the next step and return its file's name."""
    with create_engine("sqlite://").connect() as connection:
        config = alembic_config(connection)
        steps = ScriptDirectory.from_config(config)
        number = f"{len(list(steps.walk_revisions())) + 1:04}"
        command.upgrade(config, "head")
        slug = message.lower().replace(" ", "_")
        config.set_main_option("file_template", f"{number}_{slug}")
        command.revision(config, message=message, autogenerate=True, rev_id=number)
    path = MIGRATIONS / "versions" / f"{number}_{slug}.py"
    _without_alembics_remarks(path)
    for arguments in (["check", "--fix", "--select", "I,W"], ["format"], ["check", "--add-noqa", "--select", "E501"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, "--quiet", str(path)], check=True)
    return path.name


def _without_alembics_remarks(path: Path) -> None:
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("# ###")]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Draft a step with the message given, or all anew."""
    if arguments == [ANEW]:
        for old in (MIGRATIONS / "versions").glob("[0-9]*.py"):
            old.unlink()
        arguments = [FIRST]
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    print(draft(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
