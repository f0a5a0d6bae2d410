"""`hilo backup` and `hilo restore`: a copy of everything, the proof that it can be put back, and putting it back.

* A check touches nothing of this installation; where it is not at home it needs only the backup and the key file.
* Nothing is put back while a bot runs, nor over a store that is there unless that is asked for.
* What is put back sends nothing to women until a person, having seen what would go out, says that it may.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import getnode

import typer

from bot.cli.opening import open_journal, open_store, open_world
from bot.cli.refusals import Refused
from bot.cli.targets import require_folder, require_not_ours
from bot.nightly import make
from bot.settings import Settings, read_settings
from storage import holding, replaying, restoring, safekeeping
from storage.backups import BackupInvalid, Manifest
from storage.holding import Waiting
from storage.journal import Journal, Kind
from storage.mail import Urgency
from storage.restoring import Proved, PutBack, RestoreRefused
from storage.safekeeping import ProofInvalid, Standing

FRESH = timedelta(hours=36)
"""A backup that is older than this means that a night was missed, and the next day was no better."""

PROVED_FOR = timedelta(days=365)
"""How long a proof on another machine is taken for one: machines, keys and people change."""

_CONFIRM = "Nothing is sent to women until you run hilo restore --confirm."


def back_up(target: Path | None, *, force: bool) -> None:
    """Back the store up into a file that is not there yet. Raises Refused."""
    settings = read_settings()
    if target is None:
        raise Refused("say which file the backup goes to: hilo backup FILE")
    if target.is_dir():
        raise Refused(f"{target} is a folder: name the file that is to be written in it")
    require_not_ours(target, settings)
    require_folder(target)
    if target.exists() and not force:
        raise Refused(f"{target} is there already: choose another name, or add --force to replace it")
    manifest = asyncio.run(_back_up(settings, target.absolute()))
    typer.echo(f"{target} holds the store: {_told(manifest)}")
    typer.echo("Keep it where this disk is not, and apart from the key file; hilo restore FILE --check proves it.")


async def _back_up(settings: Settings, target: Path) -> Manifest:
    async with open_store(settings) as database:
        journal = open_journal(settings, database)
        manifest = await make(database, journal, store=settings.database_file, target=target)
        async with database.transact() as tx:
            await safekeeping.made(tx, manifest, by="command")
    return manifest


def _told(manifest: Manifest) -> str:
    rows = sum(one.number for one in manifest.tables.values())
    return f"{len(manifest.tables)} tables, {rows:,} rows, as of {_moment(manifest.made_at)}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def take_proof(code: str) -> None:
    """Note that a backup was opened on another machine, as this code of its says. Raises Refused."""
    of = asyncio.run(_take_proof(read_settings(), code))
    typer.echo(f"noted: the backup of {of} was opened on another machine")


async def _take_proof(settings: Settings, code: str) -> str:
    async with open_store(settings) as database, database.transact() as tx:
        try:
            of = safekeeping.read_proof(tx.vault, code, machine=this_machine())
        except ProofInvalid as invalid:
            raise Refused(str(invalid)) from None
        await safekeeping.proved(tx, of)
        return of.isoformat()


def this_machine() -> str:
    """What tells this machine from others: the system's own id, or else its name and its network card."""
    for file in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        with suppress(OSError):
            if found := Path(file).read_text(encoding="ascii").strip():
                return found
    return f"{socket.gethostname()}:{getnode():012x}"


# --- proving one


def check(file: Path) -> None:
    """Say that a backup can be put back, and what is in it. Raises Refused with what is wrong."""
    settings = read_settings()
    world = open_world(settings)
    within = settings.home if settings.home.is_dir() else Path(tempfile.gettempdir())
    proved = asyncio.run(_explained(lambda: restoring.prove(file, world, within=within)))
    if proved.faults:
        raise Refused("this backup cannot be trusted:\n" + "\n".join(proved.faults))
    typer.echo(f"{file} can be put back: {_told(proved.manifest)}.")
    trail = f"the audit trail proved to entry {proved.manifest.audit_number}"
    typer.echo(f"Every table counted and compared, {trail}, {proved.cells:,} sealed cells opened; nothing was changed.")
    typer.echo(f"Proof: {safekeeping.proof(world.vault, proved.manifest, machine=this_machine())}")
    typer.echo("If this is not the machine that Hilo runs on, type there: hilo backup --proved CODE")


async def _explained(work: Callable[[], Awaitable[Proved]]) -> Proved:
    try:
        return await work()
    except BackupInvalid as invalid:
        raise Refused(str(invalid)) from None


# --- putting one back


def put_back(file: Path, *, force: bool) -> None:
    """Put a backup in the place of the store; sending is held afterwards. Raises Refused."""
    from bot.app import only_one

    settings = read_settings()
    if not settings.key_file.exists():
        raise Refused(f"there is no key file {settings.key_file}: put your copy of it there first")
    if settings.database_file.exists() and not force:
        raise Refused(f"{settings.database_file} is there: add --force to replace it by the backup (it is kept aside)")
    with only_one(settings.lock_file):
        done, waiting = asyncio.run(_put_back(settings, file))
    typer.echo(f"{settings.database_file} is the store of {_moment(done.manifest.made_at)} again.")
    for line in (*_replayed(done), *_waiting(waiting)):
        typer.echo(line)
    typer.echo(_CONFIRM)


async def _put_back(settings: Settings, file: Path) -> tuple[PutBack, Waiting]:
    world = open_world(settings)
    journal = Journal(settings.journal_folder, world.vault, ids=world.ids)
    await _finish_journal(settings, journal)
    try:
        done = await restoring.put_back(file, settings.database_file, world=world, journal=journal)
    except BackupInvalid as invalid:
        raise Refused(str(invalid)) from None
    except RestoreRefused as refused:
        raise Refused(str(refused)) from None
    async with open_store(settings) as database, database.read() as tx:
        return done, await holding.waiting(tx)


async def _finish_journal(settings: Settings, journal: Journal) -> None:
    """What the store that is replaced has and the journal does not, is written down first, if that can be read."""
    if not settings.database_file.exists():
        return
    try:
        async with open_store(settings) as database, database.read() as tx:
            if await replaying.continues(tx, journal):
                await journal.follow(tx)
    except Exception as error:  # damaged, of another key, newer: that is why it is replaced
        typer.echo(f"The present store cannot be read ({type(error).__name__}): the journal alone says what happened.")


_WORDS = {
    Kind.STOPPED: "women who asked to be left alone",
    Kind.STOP_LIFTED: "women who asked to be written to again",
    Kind.CONSENT_REFUSED: "consents that were refused or withdrawn",
    Kind.CONSENT_WITHDRAWN: "consents that were withdrawn",
    Kind.ERASED: "women who were erased",
    Kind.FROZEN: "phones in other hands",
    Kind.THAWED: "phones that are safe again",
    Kind.LINKED: "people who have another phone since: they need a new link",
    Kind.FACT_SET: "deaths, or mistakes about them",
    Kind.REVOKED: "members of staff who have left",
    Kind.ROLE_CHANGED: "changed roles",
    Kind.COPIES: "lots of broadcast copies that do not go out again",
}
"""What was played over the store, after its number."""


def _replayed(done: PutBack) -> list[str]:
    changed = [f"  {number:>6} {_WORDS[kind]}" for kind, number in done.replayed.changed.items()]
    unknown = [f"  {number:>6} {_WORDS[kind]}: THIS VERSION CANNOT" for kind, number in done.replayed.unknown.items()]
    told = ["From the journal was done again:", *changed, *unknown] if changed or unknown else []
    if done.gap:
        told.append("MIND   The journal does not say all that happened since. Before you confirm, ask the team")
        told.append("       who asked to be left alone, who withdrew, who was erased and who has left.")
    if done.damaged:
        told.append(f"MIND   {done.damaged} lines of the journal cannot be read.")
    if done.aside:
        first, *later = (file.name for file in done.aside)
        told.append(f"The store that was here first is kept beside it until you confirm: {first}.")
        told += [f"So is what another restore had put in its place: {name}." for name in later]
    return told or ["The journal has nothing later."]


def _waiting(waiting: Waiting) -> list[str]:
    words = {
        Urgency.REPLY: "replies",
        Urgency.ALERT: "alerts",
        Urgency.NEWS: "news of what was asked for",
        Urgency.INVITATION: "invitations to check-ins",
        Urgency.REMINDER: "reminders",
        Urgency.BROADCAST: "copies of broadcasts",
    }
    told = [f"  {number:>6} {words[urgency]}" for urgency, number in sorted(waiting.messages.items())]
    told += [f"  {waiting.copies:>6} copies of broadcasts that are under way"] if waiting.copies else []
    told += [f"  {waiting.checkins:>6} check-ins whose day has come"] if waiting.checkins else []
    return ["Would go out, each checked once more:", *told] if told else ["Nothing waits to go out."]


def confirm() -> None:
    """Let sending begin again, having said what goes out. Raises Refused where nothing is held."""
    settings = read_settings()
    waiting = asyncio.run(_confirm(settings))
    for line in _waiting(waiting):
        typer.echo(line)
    if number := restoring.forget_replaced(settings.database_file):
        typer.echo("The store that was replaced is deleted." if number == 1 else f"Deleted: {number} replaced stores.")
    typer.echo("Sending is on again.")


async def _confirm(settings: Settings) -> Waiting:
    async with open_store(settings) as database, database.transact() as tx:
        waiting = await holding.waiting(tx)
        if not await holding.release(tx):
            raise Refused("nothing is held: women get what is due")
    return waiting


# --- for hilo doctor


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of the doctor's, and whether it is a warning."""

    line: str
    mind: bool = False


async def last_backup(settings: Settings) -> Seen:
    """When the last backup was made, or why none was."""
    known, now = await _standing(settings)
    if known.failed_at is not None:
        told = f"the backup of {_moment(known.failed_at)} failed ({known.error})"
        return Seen(f"{told}: is there room, and may the bot write?", mind=True)
    if known.last_at is None:
        return Seen("no backup was made yet: hilo run makes one each night, hilo backup FILE makes one now", mind=True)
    if known.unheard_at is not None:
        return Seen(f"whoever watches the backups was not reached at {_moment(known.unheard_at)}", mind=True)
    old = now - known.last_at > FRESH
    return Seen(f"the last backup was made at {_moment(known.last_at)}" + (": does hilo run?" if old else ""), mind=old)


async def proof_elsewhere(settings: Settings) -> Seen:
    """Whether a backup was proved on another machine."""
    known, now = await _standing(settings)
    if known.proved_at is None:
        return Seen("no backup was proved on another machine: hilo restore FILE --check there says how", mind=True)
    old = now - known.proved_at > PROVED_FOR
    told = f"a backup was proved on another machine at {_moment(known.proved_at)}"
    return Seen(told + (": do it again" if old else ""), mind=old)


async def _standing(settings: Settings) -> tuple[Standing, datetime]:
    async with open_store(settings) as database, database.read() as tx:
        return await safekeeping.standing(tx), tx.now


async def sending(settings: Settings) -> Seen:
    """Whether the store and its journal are in step, and sending is on."""
    async with open_store(settings) as database, database.read() as tx:
        held = await holding.since(tx)
        in_step = await replaying.continues(tx, open_journal(settings, database))
    if not in_step:
        return Seen("the store is older than its journal: hilo run puts that right, and holds sending", mind=True)
    if held is not None:
        return Seen(f"nothing is sent to women since {_moment(held)}: run hilo restore --confirm", mind=True)
    return Seen("the journal is in step with the store, and nothing holds sending")


LOOKS: tuple[Callable[[Settings], Awaitable[Seen]], ...] = (last_backup, proof_elsewhere, sending)
