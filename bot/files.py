"""Fetches what a step wanted of the channel's files: ask where it is, download, seal, and keep it in one commit.

* Nothing is marked before the content is stored with it, so that a crash anywhere costs a download and no file.
* Trouble that may pass is waited out with ever longer pauses; what can never be had is given up, and told.
* The address of a file holds the token: it is never logged, and no error quotes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.api import Api, seconds_to_wait
from bot.pacing import Spell, backoff
from scheduler.batch import Happening
from scheduler.dialogue import FileArrived
from scheduler.runner import Runner
from storage import files
from storage.database import STORE_AWAY, Database, Tx
from storage.files import MOST_BYTES, Purpose, Wanted

log = logging.getLogger(__name__)

AT_A_TIME = 8
"""Files looked up together; they are fetched one after another, since nobody waits for a voice note to be stored."""

LOOK_EVERY = 1.0
"""Seconds after which it is looked for new files at the latest, whoever forgot to call."""

LONGEST_RETRY = 900.0
MAX_ATTEMPTS = 300
"""At LONGEST_RETRY apart three days: a weekend without a network is survived."""

TOO_BIG = "file is too big"
"""In Telegram's answer to getFile beyond its 20 MB."""


class Hopeless(Exception):
    """The file can never be had; the message is a code that says why."""


class Fetcher:
    """Fetches the files that are waiting; whoever has wanted one calls `wake`. `posted` is called when a dialogue has
    been told of one."""

    def __init__(self, api: Api, database: Database, *, runner: Runner, posted: Callable[[], None]) -> None:
        self._api = api
        self._database = database
        self._runner = runner
        self._posted = posted
        self._awake = asyncio.Event()
        self._download: asyncio.Task[bytes] | None = None
        self._stopping = False
        self._trouble_fetching, self._trouble_storing = Spell(), Spell()

    def wake(self) -> None:
        """There may be something new to fetch."""
        self._awake.set()

    async def run(self) -> None:
        """Fetch until cancelled; a download that is then under way is given up, and made anew another time."""
        work = asyncio.create_task(self._work())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._stopping = True
            if self._download is not None:
                self._download.cancel()
            self.wake()
            await work
            raise

    async def fetch_due(self) -> int:
        """Try every file whose time has come, once; returns how many. Raises what STORE_AWAY names."""
        tried = 0
        async with self._database.read() as tx:
            wanted = await files.due(tx, AT_A_TIME)
        for one in wanted:
            if self._stopping:
                break
            await self._try(one)
            tried += 1
        return tried

    async def _work(self) -> None:
        while not self._stopping:
            self._awake.clear()
            pause = LOOK_EVERY
            try:
                if await self.fetch_due():
                    continue
                if self._trouble_storing.end():
                    log.info("files can be kept again", extra={"action": "fetcher_store_restored"})
            except Exception as error:  # a full disk, a row of another version: none may end the fetcher
                pause = self._trouble_storing.pause()
                if self._trouble_storing.is_news("store"):
                    self._tell("files cannot be kept", error, action="fetcher_store_failed")
            await self._rest(pause)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            pass

    # --- one file

    async def _try(self, wanted: Wanted) -> None:
        try:
            await self._fetch(wanted)
        except STORE_AWAY:
            raise
        except Exception as error:  # not even the failure could be written: its neighbours go first
            self._tell("what came of a file cannot be kept", error, action="file_not_marked")
            await self._put_off(wanted, LONGEST_RETRY, counted=False)

    async def _fetch(self, wanted: Wanted) -> None:
        try:
            await self._keep(wanted, await self._content(wanted))
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        except Hopeless as hopeless:
            await self._give_up(wanted, str(hopeless))
        except RetryAfter as error:
            await self._put_off(wanted, seconds_to_wait(error), counted=False)
        except STORE_AWAY:
            raise
        except Exception as error:  # Telegram, the way there, or a fault of ours: it may pass
            await self._failed(wanted, error)
        else:
            if self._trouble_fetching.end():
                log.info("files can be fetched again", extra={"action": "fetcher_restored"})

    async def _content(self, wanted: Wanted) -> bytes:
        if wanted.file_id is None:
            raise Hopeless("unreadable")
        if wanted.size is not None and wanted.size > MOST_BYTES:
            raise Hopeless("too_big")
        self._download = asyncio.create_task(self._get(wanted.file_id))
        try:
            return await self._download
        finally:
            self._download = None

    async def _get(self, file_id: str) -> bytes:
        try:
            found = await self._api.call("getFile", file_id=file_id)
        except BadRequest as error:
            raise (Hopeless("too_big") if TOO_BIG in error.message.lower() else error) from None
        content = await self._api.download(found["file_path"])
        if len(content) > MOST_BYTES:
            raise Hopeless("too_big")
        return content

    async def _keep(self, wanted: Wanted, content: bytes) -> None:
        sealed = files.seal(self._database.vault, wanted, content=content)
        async with self._database.transact() as tx:
            if await files.keep(tx, wanted, sealed):
                await self._announce(tx, wanted, kept=True)
        self._posted()

    async def _give_up(self, wanted: Wanted, reason: str) -> None:
        log.error("a file cannot be had", extra={"action": "file_given_up", "file": wanted.id, "reason": reason})
        async with self._database.transact() as tx:
            if await files.give_up(tx, wanted):
                await self._announce(tx, wanted, kept=False)
        self._posted()

    async def _announce(self, tx: Tx, wanted: Wanted, *, kept: bool) -> None:
        """Tell the chat that sent it, in the commit that keeps it."""
        if wanted.purpose is not Purpose.VOICE and wanted.chat_id is not None:
            arrived = FileArrived(tx.now, wanted.id, kept)
            origin = f"file:{wanted.id}:arrived"
            await self._runner.step(tx, [Happening(origin, wanted.lane, wanted.chat_id, arrived)])

    async def _failed(self, wanted: Wanted, error: Exception) -> None:
        if wanted.attempts + 1 >= MAX_ATTEMPTS:
            await self._give_up(wanted, "unreachable")
            return
        ours = not isinstance(error, TelegramError)
        if self._trouble_fetching.is_news("ours" if ours else "telegram"):
            self._tell("a file cannot be fetched now", error, action="file_failed" if ours else "file_unreachable")
        await self._put_off(wanted, backoff(wanted.attempts + 1, LONGEST_RETRY), counted=True)

    async def _put_off(self, wanted: Wanted, seconds: float, *, counted: bool) -> None:
        async with self._database.transact() as tx:
            await files.put_off(tx, wanted, tx.now + timedelta(seconds=seconds), counted=counted)

    @staticmethod
    def _tell(sentence: str, error: Exception, *, action: str) -> None:
        """Log what went wrong by its kind alone."""
        log.error(sentence, extra={"action": action, "error": type(error).__name__})
