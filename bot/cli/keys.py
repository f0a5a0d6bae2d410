"""`hilo keys` and `hilo audit`: a copy of the keys, new keys, and whether the audit trail was touched.

* What is printed never shows a key. A copy is written where neither the database nor the key file is, once, and is its
  owner's alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import typer

from bot.cli.opening import is_bot_running, open_store
from bot.cli.refusals import Refused
from bot.cli.targets import require_not_ours
from bot.settings import Settings, read_settings
from storage import audit, rotation
from storage.rotation import Done
from storage.vault import read_keys, write_new


def back_up_keys(file: Path) -> None:
    """Write a copy of the key file, to be kept apart. Raises Refused where it would stand beside what it opens."""
    settings = read_settings()
    require_not_ours(file, settings)
    file = file.expanduser().resolve()
    for folder, what in _forbidden(settings):
        if file.is_relative_to(folder.resolve()):
            raise Refused(f"{file} would stand in {what}: name a file on another disk, away from what it opens")
    asyncio.run(_back_up(settings, file))
    typer.echo(f"The copy is {file}, and its owner's alone.")
    typer.echo("Take it to another place now: whoever has it and the database can read everything, and without it and")
    typer.echo(f"{settings.key_file} nobody can. Backups open with it as well.")


async def _back_up(settings: Settings, file: Path) -> None:
    async with open_store(settings) as database:
        keys = read_keys(settings.key_file)
        try:
            write_new(file, keys.as_text())
        except FileExistsError:
            raise Refused(f"{file} is there already: name a new file, nothing is overwritten") from None
        copied = read_keys(file)  # as the disk has it
        async with database.transact() as tx:
            await rotation.note_copy(tx, copied)


def _forbidden(settings: Settings) -> tuple[tuple[Path, str], ...]:
    return (
        (settings.home, "Hilo's own folder"),
        (settings.database_file.parent, "the folder of the database"),
        (settings.key_file.parent, "the folder of the key file"),
        (settings.backup_folder, "the folder of the backups"),
    )


def rotate_keys() -> None:
    """Bring everything under new keys beside a running bot; a run that was cut short goes on. Where a copy of all of
    today's keys is kept and nothing needs the earlier ones any more, these go. Raises Refused with what still does."""
    settings = read_settings()
    asyncio.run(_rotate(settings))


async def _rotate(settings: Settings) -> None:
    async with open_store(settings) as database:
        fresh = await rotation.begin(database)
        if fresh:
            typer.echo(f"New keys stand in {settings.key_file}, and are used from now on.")
        done = await rotation.renew(database, nobody_runs=lambda: not is_bot_running(settings))
        typer.echo(_told(done))
        if done.left:
            raise Refused("\n".join(_waiting(done.left)))
        async with database.read() as tx:
            copied = await rotation.is_copied(tx)
        if fresh or not copied:
            await rotation.shrink(database)
            typer.echo("Nothing needs the earlier keys any more; older backups bring their own. The copy that you have")
            typer.echo("does not have the new ones: what is sealed from now on could not be read with it. So now:")
            typer.echo("  hilo keys backup FILE    writes a copy of today's keys, to be kept apart")
            typer.echo("  hilo keys rotate         then takes the earlier ones out of the key file")
            return
        await rotation.finish(database)
        typer.echo(f"The earlier keys are gone from {settings.key_file}; older backups open all the same.")


def _told(done: Done) -> str:
    numbers = ", ".join(f"{number:,} {what}" for what, number in done.changed.items())
    unread = f"; {done.unreadable} cells that no key opens stay as they are" if done.unreadable else ""
    return f"Under the keys in use now: {numbers}{unread}."


_REASONS: Mapping[str, str] = {
    "lane": "chats have a message on its way",
    "approvals.code_digest": "approval codes wait to be used, for a day at most",
}


def _waiting(left: Mapping[str, int]) -> list[str]:
    why = [f"{number:,} {_REASONS.get(what, f'cells of {what}')}" for what, number in left.items()]
    return [f"the earlier keys are still needed: {'; '.join(why)}", "nothing is lost: run hilo keys rotate again"]


def verify_trail() -> None:
    """Say that nobody has touched the audit trail. Raises Refused with the first entry that tells otherwise."""
    typer.echo(asyncio.run(_verify(read_settings())))


async def _verify(settings: Settings) -> str:
    async with open_store(settings) as database:
        known = audit.read_head(settings.key_file)
        wrong = await audit.prove(database)
        async with database.read() as tx:
            last = (await audit.head(tx)).number
        if wrong is not None:
            raise Refused(audit_broken(wrong, last))
        if known is None and last:
            file = audit.head_file(settings.key_file)
            raise Refused(
                f"{last:,} entries follow from each other, but {file} is gone: whether later ones were taken away\n"
                "cannot be told. It is written anew now"
            )
    return f"the audit trail holds: {last:,} entries"


def audit_broken(entry: int, last: int) -> str:
    """What is wrong with the trail, from this entry on."""
    if entry > last:
        return f"the audit trail ends with entry {last}, but entry {entry} was there: somebody took it away"
    return f"the audit trail does not hold from entry {entry} on: somebody changed, removed or moved it"
