"""The one place that builds everything and lets it run: intake, runner, fetcher, courier and tick over one store.

* One `hilo run` a database: a lock on a file, which the system frees even after SIGKILL.
* It starts by finishing what a crash left, says "ready" when it takes updates, and when told to stop it finishes what
  is in hand.
* Trouble that passes (no network, a full disk, a locked database) is said once and waited out; nothing is confirmed
  meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, TelegramError

from bot import library
from bot.api import Api
from bot.cli.opening import nightly_terms, open_journal, open_plans, open_store, require_home
from bot.cli.refusals import Refused
from bot.courier import Courier, Hours
from bot.desk import Desk
from bot.exporting import Exporting, making
from bot.files import Fetcher
from bot.housekeeping import clear_chats, keep_house, warn_of_lines
from bot.intake import Intake
from bot.launch import SHUT, LaunchWatch
from bot.logs import start_logging
from bot.mailing import limits, paid_for, rules_of, terms_of
from bot.nightly import Nightly
from bot.pacing import Pacer
from bot.participant.notice import Notice, NoticeUnreadable, notice_of
from bot.recordings import SHIPPED_RECORDINGS, recorded_in
from bot.rendering import Renderer
from bot.routing import read
from bot.serving import listen
from bot.settings import Settings
from bot.staff import digest
from bot.staff.following import EVERY, Following
from bot.status import Status, open_status
from bot.tally import Tally
from bot.telephones import lines_in, source_in
from bot.web import WebIntake, doorway
from conversations.office import Office
from conversations.risk.helplines import HelplinesInvalid
from locales.catalog import load_catalog
from scheduler.applied import Plans
from scheduler.checkins import Checkins
from scheduler.digest import Digests
from scheduler.her_hours import may_send_by
from scheduler.mailings import PER_SECOND, Mailings
from scheduler.office import office_by
from scheduler.retention import keep
from scheduler.runner import Runner
from scheduler.tick import Tick
from scheduler.watch import Watch
from storage import (
    audit,
    care,
    cases_office,
    due,
    holding,
    installation,
    instruments,
    replaying,
    trail,
)
from storage.database import Database, Tx
from storage.deletion import Kept
from storage.journal import Journal

log = logging.getLogger(__name__)

T = TypeVar("T")

HOUSEKEEPING_SECONDS = 60.0
WATCH_SECONDS = 300.0
LAUNCH_SECONDS = 3600.0
MAILING_SECONDS = 1.0
"""How often a broadcast that is under way is looked at; while there is none, this costs nothing."""

CLEARING_SECONDS = 5.0
"""How often quiet chats are looked for: what is to be gone after ten minutes is gone soon after."""

LOOK_AGAIN_SECONDS = 1.0
"""How long the runner waits for news before it looks at the inbox by itself."""

STOP_WITHIN_SECONDS = 5.0

HELD = "This store was put back: nothing is sent to women until hilo restore --confirm."

EXPORTING_SECONDS = 1.0
"""How often it is looked for exports that staff wait for; while there are none, this costs nothing."""

RECORDINGS = "audio"
"""The folder in the installation's home where its own recorded prompts stand."""

OUTGOING = "outgoing"
"""The folder in the installation's home where files stand that are on their way to a chat."""


@dataclass(frozen=True)
class Machine:
    """Everything that runs, wired together; `arrived` wakes the runner."""

    database: Database
    intake: Intake | WebIntake
    runner: Runner
    fetcher: Fetcher
    courier: Courier
    checkins: Checkins
    mailings: Mailings
    following: Following
    exporting: Exporting
    shelf: library.Library
    plans: Plans
    arrived: asyncio.Event
    nightly: Nightly
    launch: LaunchWatch
    kept: Kept
    tally: Tally
    status: Status | None


def run(settings: Settings) -> None:
    """Run the bot until it is told to stop. Raises Refused when it cannot start."""
    start_logging(settings.log_format)
    require_home(settings)
    with only_one(settings.lock_file):
        asyncio.run(serve(settings))


@contextmanager
def only_one(lock_file: Path) -> Iterator[None]:
    """Hold the lock of this installation. Raises Refused if another process holds it."""
    with lock_file.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("another hilo run is at work on this database: stop it first") from None
        yield


async def serve(settings: Settings) -> None:
    """Build everything, and run it until SIGTERM or SIGINT."""
    if settings.bot_token is None:
        raise Refused("there is no bot token: set bot_token in config.toml, or HILO_BOT_TOKEN")
    api = Api(settings.bot_token.get_secret_value(), settings.bot_api_url, poll_seconds=settings.poll_seconds)
    async with open_store(settings) as database, api:
        await _greet(api, database)
        machine = await build(settings, database, api=api)
        if await machine.launch.look():
            print(SHUT, flush=True)
        gc.freeze()  # a search for garbage through all that stands here to the end would hold everything for 0.1 s
        stop = asyncio.Event()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
        await operate(machine, stop, tick_seconds=settings.tick_seconds)


async def _greet(api: Api, database: Database) -> None:
    """Learn the bot's name; a refused token ends here, a missing network does not."""
    try:
        me = await api.get_me()
    except InvalidToken:
        raise Refused("Telegram refuses the bot token: copy it again from @BotFather") from None
    except TelegramError:
        return  # intake meets the same at once, says so once, and goes on trying
    known = {installation.BOT_USERNAME: me["username"], installation.BOT_ID: str(me["id"])}
    async with database.transact() as tx:
        await installation.remember(tx, known)


def _notice(settings: Settings) -> Notice:
    try:
        return notice_of(settings.home)
    except NoticeUnreadable as error:
        raise Refused(str(error)) from None


async def build(settings: Settings, database: Database, *, api: Api) -> Machine:
    """Wire everything together over an open store; finishes what a crash left. Raises PlanError or
    InstrumentInvalid."""
    shelf = await _open_library(database)
    async with database.transact() as tx:
        plans = await open_plans(tx, settings, shelf=shelf)
        await _keep_office(tx, settings, plans)
        await _keep_care(tx, settings)
    catalog = load_catalog()
    desk = Desk(shelf, plans=plans, notice=_notice(settings), terms=terms_of(settings))
    runner = Runner(database, desk, read=read, silence=timedelta(minutes=settings.silence_minutes))
    arrived = asyncio.Event()
    hours = hours_by(plans, database.now)
    recorded = recorded_in(settings.home / RECORDINGS, SHIPPED_RECORDINGS)
    render = Renderer(catalog, shelf, recorded=recorded, outgoing=settings.home / OUTGOING)
    paid = settings.allow_paid_broadcast
    shown = paid_for(render) if paid else render
    courier = Courier(api, database, render=shown, pacer=Pacer(limits(paid)), hours=hours)
    intake = await _open_intake(settings, database, api=api, arrived=arrived)
    fetcher = Fetcher(api, database, runner=runner, posted=courier.wake)
    checkins = Checkins(database, runner, plans=plans)
    journal = await _open_journal(settings, database)
    courier.guard = holding.Guard(journal)
    rules, per_second = rules_of(settings), paid or PER_SECOND
    mailings = Mailings(database, may_send=hours.may_send, rules=rules, per_second=per_second, journal=journal)
    following = Following(database, terms_of(settings))
    make = making(database, settings.database_url, shelf=shelf.every_version)
    exporting = Exporting(database, settings.home / OUTGOING, make=make)
    nightly = Nightly(database, journal=journal, terms=nightly_terms(settings))
    watch = LaunchWatch(api, database, settings=settings)
    kept = Kept(timedelta(days=settings.blocked_days), timedelta(days=settings.accounted_days))
    status = open_status(settings, database, tally=api.tally)
    told = (shelf, plans, arrived, nightly, watch, kept, api.tally, status)
    return Machine(database, intake, runner, fetcher, courier, checkins, mailings, following, exporting, *told)


async def _open_intake(
    settings: Settings, database: Database, *, api: Api, arrived: asyncio.Event
) -> Intake | WebIntake:
    """The way in: Telegram calls where an address is set, and is polled where none is."""
    if settings.webhook_url is None:
        return Intake(api, database, arrived=arrived)
    async with database.transact() as tx:
        door = await doorway(tx, settings.webhook_url)
    listening = listen(*settings.webhook_listens, name="webhook")
    return WebIntake(api, database, door=door, listening=listening, arrived=arrived)


async def _open_journal(settings: Settings, database: Database) -> Journal:
    """The journal beside this store, in step with it; says what must be known where sending is held."""
    journal = open_journal(settings, database)
    if await replaying.take_up(database, journal):
        log.error("the store is older than its journal", extra={"action": "store_older"})
    async with database.read() as tx:
        since = await holding.since(tx)
    if since is not None:
        log.warning("nothing is sent to women", extra={"action": "sending_held", "since": f"{since:%Y-%m-%dT%H:%MZ}"})
        print(HELD, flush=True)
    return journal


async def _keep_office(tx: Tx, settings: Settings, plans: Plans) -> None:
    """Whatever opens a case counts by the office's clock as it is set now."""
    opens, closes = time(settings.office_opens), time(settings.office_closes)
    office = Office(settings.office_zone, opens, closes)
    resting = office_by(plans.default.calendar, office, at=tx.now)
    escalate_after = timedelta(hours=settings.escalate_after_hours)
    await cases_office.keep(tx, resting, group=settings.staff_group, escalate_after=escalate_after)


async def _keep_care(tx: Tx, settings: Settings) -> None:
    """What a woman in danger is shown is the file as it is now. Raises Refused where it is wrong."""
    try:
        lines_in(settings.home, today=tx.now.date())
    except HelplinesInvalid as invalid:
        raise Refused(str(invalid)) from None
    await care.keep(tx, source_in(settings.home), imminent=settings.imminent_danger_policy)


async def _open_library(database: Database) -> library.Library:
    """All that is kept, the shipped versions among it; a version that the organisation installed under the same name
    and version stands before a shipped one."""
    shipped = library.shipped_sources()
    shelf = library.Library()
    async with database.transact() as tx:
        await instruments.keep_instruments(tx, shipped)
        kept = {(one.name, one.version): one for one in await instruments.kept_instruments(tx)}
        await shelf.refresh(tx)
    other = [kept[name, version] for name, version, source in shipped if kept[name, version].source != source]
    if changed := [f"{one.name} {one.version}" for one in other if one.installed_at is None]:
        raise Refused(f"these instruments have changed under the same version; raise it: {', '.join(changed)}")
    for one in other:
        told = {"action": "shipped_left_out", "instrument": f"{one.name} {one.version}"}
        log.warning("an installed instrument stands before a shipped one", extra=told)
    return shelf


def hours_by(plans: Plans, now: Callable[[], datetime]) -> Hours:
    """When something unasked may reach each woman, and what time it is."""
    return Hours(now, may_send_by(plans))


async def operate(machine: Machine, stop: asyncio.Event, *, tick_seconds: float) -> None:
    """Let everything run until `stop` is set, then finish what is in hand."""
    tick = _ticking(machine, tick_seconds)
    intake = asyncio.create_task(machine.intake.run(), name="intake")
    runner = asyncio.create_task(_keep_running(machine), name="runner")
    fetcher = asyncio.create_task(machine.fetcher.run(), name="fetcher")
    courier = asyncio.create_task(machine.courier.run(), name="courier")
    tick.start()
    print("ready", flush=True)
    stopping = asyncio.create_task(_until(stop), name="stop")
    status = asyncio.create_task(machine.status.run() if machine.status else _until(stop), name="status")
    await asyncio.wait({intake, runner, fetcher, courier, status, stopping}, return_when=asyncio.FIRST_COMPLETED)
    tick.stop()
    await machine.exporting.stop()
    # The courier last: it still sends what was answered.
    for task in (stopping, status, intake, runner, fetcher, courier):
        if task.done() and not stop.is_set():
            task.result()  # none of them ends by itself: whatever ended it is our bug, and goes up
        task.cancel()
        await asyncio.wait({task}, timeout=STOP_WITHIN_SECONDS)


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


def _ticking(machine: Machine, seconds: float) -> Tick:
    kept: frozenset[tuple[object, ...]] | None = None

    async def checkins() -> None:
        nonlocal kept
        seen = await due.glance(machine.database)
        if seen.kept != kept:
            async with machine.database.read() as tx:
                await machine.shelf.refresh(tx)
                await machine.plans.refresh(tx)
            kept = seen.kept
        taken = await machine.checkins.take_due() if seen.due else 0
        ended = await machine.checkins.end_expired() if seen.expired else 0
        mailed = await machine.mailings.step() if seen.mailing else 0
        if taken + ended + mailed:
            machine.courier.wake()

    async def mailings() -> None:
        if machine.mailings.busy and await machine.mailings.step():
            machine.courier.wake()

    async def waking(step: Awaitable[object]) -> None:
        if await step:
            machine.courier.wake()

    weekly = Digests(machine.database, told=digest.told)
    tick = Tick()
    tick.every(EVERY.total_seconds(), lambda: _to_its_end(waking(machine.following.step())), name="following")
    tick.every(EXPORTING_SECONDS, lambda: _to_its_end(waking(machine.exporting.step())), name="exporting")
    tick.every(MAILING_SECONDS, lambda: _to_its_end(mailings()), name="mailings")
    tick.every(seconds, lambda: _to_its_end(checkins()), name="checkins")
    tick.every(CLEARING_SECONDS, lambda: _to_its_end(waking(clear_chats(machine.database))), name="clearing")
    watch = Watch(machine.database, machine.checkins)
    tick.every(LAUNCH_SECONDS, lambda: _to_its_end(machine.launch.look()), name="launch")
    tick.every(HOUSEKEEPING_SECONDS, machine.nightly.look, name="backups")
    tick.every(HOUSEKEEPING_SECONDS, lambda: _to_its_end(waking(weekly.step())), name="digests")
    tick.every(HOUSEKEEPING_SECONDS, lambda: _to_its_end(trail.prove(machine.database)), name="trail")
    tick.every(seconds, lambda: _to_its_end(audit.keep_head(machine.database)), name="head")
    tick.every(WATCH_SECONDS, lambda: _to_its_end(watch.look()), name="watch")
    tick.every(WATCH_SECONDS, lambda: _to_its_end(waking(warn_of_lines(machine.database))), name="lines")
    tick.every(HOUSEKEEPING_SECONDS, lambda: _to_its_end(keep_house(machine.database)), name="housekeeping")
    tick.every(HOUSEKEEPING_SECONDS, lambda: _to_its_end(keep(machine.database, machine.kept)), name="retention")
    return tick


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Do all of this, and be cancelled afterwards: SQLAlchemy drops the connection of a transaction that is cancelled
    halfway, and the database stays locked until that connection is collected."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def _keep_running(machine: Machine) -> None:
    """Take what arrives, as soon as it arrives."""
    trouble = False
    while True:
        machine.arrived.clear()
        try:
            while taken := await _to_its_end(machine.runner.take_letters()):
                machine.tally.taken += taken
                machine.courier.wake()
                machine.fetcher.wake()
            trouble = False
        except SQLAlchemyError as error:
            if not trouble:
                log.error("the store refuses", extra={"action": "runner_waits", "error": type(error).__name__})
            trouble = True
        with contextlib.suppress(TimeoutError):
            # Not wait_for: until Python 3.12 it forgets a cancellation that comes together with the news.
            async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                await machine.arrived.wait()
