"""`hilo doctor`: what is missing, wrong or old, in plain words, all of it at once.

* Each check gives one line when all is well, or raises what any command would have said; nothing is told twice.
* What is missing and stops nothing is a warning, and the exit status does not mind it; before real women are invited
  (`--launch`) some of it has to be there.
* Looking changes nothing but what the store remembers of the bot's name.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from bot import clock
from bot.cli import backups
from bot.cli.identity import ask_username, remember_bot
from bot.cli.launch import Looking, note_passed
from bot.cli.opening import is_bot_running, open_plan, open_plans, open_shelf, open_store, open_world, require_home
from bot.cli.printing import print_json
from bot.cli.refusals import Refused, explain
from bot.desk import Desk
from bot.library import shipped_sources
from bot.participant.notice import Notice
from bot.routing import read
from bot.settings import Settings, SettingsInvalid, read_settings
from bot.telephones import lines_in
from conversations.risk.helplines import HelplinesInvalid, stale
from scheduler.checkins import Checkins
from scheduler.enrolment import DEFAULT_ZONE
from scheduler.runner import Runner
from scheduler.watch import Watch
from storage import cases, cases_alerts, plans, request_terms, rotation, turned_away

FREE_MB = 500
"""Less room than this is told: a year of a thousand women takes about a fifth of it, backups the rest."""

RETENTION = ("blocked_days", "accounted_days")
"""The settings whose defaults are ours and no law's: the organisation confirms them by writing them down."""

_OTHERS = 0o077
_OTHERS_WRITE = 0o022


class Warned(Exception):
    """The installation works, and something that it needs in the field is missing; the message says what."""


Check = Callable[[Settings], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """How one thing stands: `ok`, `mind` or `wrong`."""

    state: str
    text: str

    def __str__(self) -> str:
        return f"{self.state if self.state == 'ok' else self.state.upper():<6} " + self.text.replace("\n", "\n       ")


def report(*, launch: bool, as_json: bool) -> None:
    """Print the state of the installation. Raises typer.Exit(1) if anything is missing or wrong."""
    told = _Told(as_json)
    try:
        settings = read_settings()
    except SettingsInvalid as invalid:
        for problem in invalid.problems:
            told.take(Line("wrong", problem))
    else:
        asyncio.run(_launch(settings, told) if launch else _look(settings, CHECKS, told=told))
    if as_json:
        print_json({"checks": [asdict(line) for line in told.lines], "turned_away": told.turned_away})
    if not told.all_well:
        raise typer.Exit(1)


class _Told:
    """The lines so far: printed as they come, or kept for one who reads JSON."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self.lines: list[Line] = []
        self.turned_away: dict[str, int] = {}

    @property
    def all_well(self) -> bool:
        """Whether nothing is wrong."""
        return all(line.state != "wrong" for line in self.lines)

    def take(self, line: Line) -> None:
        """One more; what was said already is not said again."""
        if line in self.lines:
            return
        self.lines.append(line)
        if not self._as_json:
            typer.echo(str(line))


async def _look(
    settings: Settings, checks: Collection[Check], *, told: _Told, must: Collection[Check] = frozenset()
) -> None:
    """Take each check; what only warns is wrong where it `must` stand."""
    for check in checks:
        try:
            told.take(Line("ok", await check(settings)))
        except Warned as warned:
            told.take(Line("wrong" if check in must else "mind", str(warned)))
        except Exception as error:
            refused = explain(error)
            if refused is None:
                raise
            told.take(Line("wrong", refused))
    if settings.database_file.exists() and told.all_well:
        async with open_store(settings) as database, database.read() as tx:
            told.turned_away = {what.value: number for what, number in (await turned_away.counted(tx)).items()}


async def _launch(settings: Settings, told: _Told) -> None:
    looking = Looking()
    usual = [check for check in CHECKS if check is not _helplines]  # whose lines the launch looks at more closely
    await _look(settings, (*usual, *looking.checks), told=told, must=MUST)
    if told.all_well:
        await note_passed(settings, looking.seen)
        told.take(Line("ok", "women may be invited; a change of what was seen here asks for this anew"))
    else:
        told.take(Line("wrong", "no woman can be invited until all of this stands"))


async def _home(settings: Settings) -> str:
    require_home(settings)
    if settings.home.stat().st_mode & _OTHERS:
        raise Refused(f"{settings.home} can be looked into by others: run chmod 700 on it")
    return f"the folder is {settings.home}, and its owner's alone"


async def _config(settings: Settings) -> str:
    if not settings.config_file.exists():
        return "there is no config.toml: settings come from the environment"
    if settings.config_file.stat().st_mode & _OTHERS:
        raise Refused(f"{settings.config_file} can be read by others: run chmod 600 on it")
    return "config.toml is its owner's alone"


async def _key(settings: Settings) -> str:
    open_world(settings)
    folder = settings.key_file.parent
    if folder.stat().st_mode & _OTHERS_WRITE:
        raise Refused(f"others may put another key file into {folder}: run chmod go-w on it")
    if folder.is_relative_to(settings.database_file.parent):
        raise Warned(
            f"the key file lies with the database, in {folder}: whoever copies that folder can read everything;\n"
            "       better on another disk, with its path in HILO_KEY_FILE or as key_file in config.toml"
        )
    return f"the key file is {settings.key_file}, apart from the database"


async def _key_copy(settings: Settings) -> str:
    async with open_store(settings) as database, database.read() as tx:
        if not await rotation.is_copied(tx):
            raise Warned("no copy of today's keys is kept apart: run hilo keys backup FILE")
        if tx.vault.keys.changing:
            raise Warned("the keys are being changed: run hilo keys rotate again, which takes the earlier ones away")
    return "a copy of the keys was made; mind that it lies in a safe place apart"


async def _database(settings: Settings) -> str:
    async with open_store(settings) as database, database.transact():
        _require_private(settings.database_file)
        return f"the database is {settings.database_file}; it can be written, and the key fits"


def _require_private(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file = database.with_name(database.name + suffix)
        if file.exists() and file.stat().st_mode & _OTHERS:
            raise Refused(f"{file} can be read by others: run chmod 600 on it")


async def _staff(settings: Settings) -> str:
    async with open_store(settings) as database, database.read() as tx:
        phones = await cases_alerts.phones_told(tx)
    if not phones:
        raise Warned("nobody is told when a woman asks for help: run hilo invite staff")
    return f"staff are told when a woman asks for help; linked phones: {phones}"


async def _room(settings: Settings) -> str:
    there = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(there).free // 1024**2
    if free < FREE_MB:
        raise Refused(f"the disk has {free} MB left: make room, for {FREE_MB} MB at least")
    return f"the disk has {free:,} MB left"


async def _telegram(settings: Settings) -> str:
    username = await ask_username(settings)
    if settings.database_file.exists():
        async with open_store(settings) as database:
            await remember_bot(settings, username, database=database)
    return f"the bot is @{username} at {settings.bot_api_url}"


async def _instruments(settings: Settings) -> str:
    found = [f"{name} {version}" for name, version, _ in shipped_sources()]
    return f"the instruments are sound: {', '.join(found)}"


async def _plan(settings: Settings) -> str:
    plan = open_plan(settings.plan_file, await open_shelf(settings))
    applied = await _applied(settings)
    if applied.get(plan.name, plan.version) != plan.version:
        raise Warned(f"the file of the plan {plan.name} is not what is applied: run hilo plan preview, then apply")
    others = sorted(applied.keys() - {plan.name})
    also = f"; also applied: {', '.join(others)}" if others else ""
    return f"the plan is {plan.name}: {', '.join(point.name for point in plan.points)}{also}"


async def _applied(settings: Settings) -> dict[str, str]:
    """The version of each applied plan; none where there is no store yet."""
    if not settings.database_file.exists():
        return {}
    async with open_store(settings) as database, database.read() as tx:
        return dict(await plans.state(tx))


async def _helplines(settings: Settings) -> str:
    today = clock.now().date()
    try:
        lines = lines_in(settings.home, today=today)
    except HelplinesInvalid as invalid:
        raise Refused(str(invalid)) from None
    old = {line.number for line in stale(lines, on=today)}
    unverified = [line.number for line in lines if line.verified_on is None]
    told = [
        *([f"call again, nobody has for 90 days: {', '.join(sorted(old))}"] if old else []),
        *([f"never shown, since nobody has made sure of them: {', '.join(unverified)}"] if unverified else []),
    ]
    if told:
        raise Warned(f"telephone lines: {'; '.join(told)}")
    return f"the telephone lines were all verified in the last 90 days: {len(lines)}"


async def _zones(settings: Settings) -> str:
    try:
        summer = datetime(2026, 7, 1, tzinfo=ZoneInfo(DEFAULT_ZONE)).utcoffset()
    except ZoneInfoNotFoundError:
        raise Refused("there are no time zones on this machine: install tzdata") from None
    if summer != timedelta(hours=-6):  # Mexico gave up summer time in October 2022
        raise Refused("the time zones of this machine are older than 2022: update tzdata")
    return "the time zones know that Mexico has no summer time"


async def _alarm(settings: Settings) -> str:
    shelf = await open_shelf(settings)
    async with open_store(settings) as database, database.read() as tx:
        applied = await open_plans(tx, settings, shelf=shelf, keep=False)
        desk = Desk(shelf, plans=applied, notice=Notice("", ""))  # nothing is said in any chat
        checkins = Checkins(database, Runner(database, desk, read=read), plans=applied)
        seen = await Watch(database, checkins).see(tx)
        since = await cases.alarm_since(tx)
    if seen.wrong:
        known = "" if since is None else f", as the bot has seen since {since:%Y-%m-%d %H:%M} UTC"
        raise Warned(f"messages are due for an hour and none leaves{known}: is hilo run at work? look into the log")
    return "what is due leaves"


def _heeded(look: Callable[[Settings], Awaitable[backups.Seen]]) -> Check:
    async def check(settings: Settings) -> str:
        seen = await look(settings)
        if seen.mind:
            raise Warned(seen.line)
        return seen.line

    return check


async def _requests(settings: Settings) -> str:
    async with open_store(settings) as database, database.read() as tx:
        wait = await request_terms.waiting(tx)
    if wait.late:
        raise Warned(
            f"{wait.late} of {wait.open} requests about her data are past the day by law: /derechos shows them"
        )
    return f"{wait.open} requests about data wait, none past its day; of {wait.soon} it is near"


async def _retention(settings: Settings) -> str:
    unset = [f"HILO_{name.upper()} ({getattr(settings, name)})" for name in RETENTION if not settings.is_set(name)]
    if unset:
        raise Warned(f"nobody has said how long data are kept: confirm {' and '.join(unset)} by setting it")
    return f"what is erased is blocked {settings.blocked_days} days, and accounted for {settings.accounted_days}"


async def _lock(settings: Settings) -> str:
    if is_bot_running(settings):
        return "a bot is running here"
    return "no bot is running here" + ("; one ran before" if settings.lock_file.exists() else "")


async def _turned_away(settings: Settings) -> str:
    async with open_store(settings) as database, database.read() as tx:
        known = await turned_away.counted(tx)
    return "turned away so far: " + (", ".join(f"{number} {what}" for what, number in known.items()) or "nothing")


_HEEDED = tuple(map(_heeded, backups.LOOKS))

CHECKS: tuple[Check, ...] = (
    *(_home, _config, _key, _database, _key_copy, _staff, _room, _telegram, _instruments, _plan),
    *(_helplines, _alarm, _zones, _lock),
    *(*_HEEDED, _turned_away, _requests, _retention),
)

MUST: frozenset[Check] = frozenset({_key_copy, _staff, _retention, *_HEEDED})
"""What has to stand, and not only be minded, where real women write."""
