"""`hilo doctor --launch`: whether real women may be invited, one line for each thing that must stand.

* A check gives its line where all is well, and raises Refused with what to do where it is not.
* What it saw is kept as digests: a change asks anew (`bot/launch.py`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date

from telegram.error import InvalidToken, TelegramError

from bot.api import Api
from bot.cli.opening import open_store
from bot.cli.refusals import Refused
from bot.launch import DESK, FACE, LINES, NOTICE, NOTICE_FILE, read_face, seen_here
from bot.settings import Settings
from bot.telephones import source_in
from conversations.risk.helplines import FILE_NAME, STALE_AFTER, HelplinesInvalid, read_helplines, stale
from conversations.risk.kinds import Kind
from storage import launch
from storage.members import SEES_ALL

LONGEST_SILENCE = 30
"""Minutes after which a chat that nobody touches is cleared and locked at the latest, where real women write."""

_PLACEHOLDER = re.compile(r"\[[^\]\n]{2,}\](?!\()|\{\{[^}\n]*\}\}|_{3,}|\bPOR COMPLETAR\b", re.IGNORECASE)
"""What a template has where the organisation writes its own: in brackets that are no link, in braces, a blank line."""


class Looking:
    """The checks, in their order, and what they saw."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    @property
    def checks(self) -> tuple[Callable[[Settings], Awaitable[str]], ...]:
        """Each takes the settings."""
        return (self._gate, self._notice, self._lines, self._duty, self._face)

    async def _gate(self, settings: Settings) -> str:
        if settings.silence_minutes > LONGEST_SILENCE:
            told = f"chats are cleared and locked only after {settings.silence_minutes} minutes of silence"
            raise Refused(f"{told}: set silence_minutes to {LONGEST_SILENCE} or less")
        return f"a code can stand before what is hers; chats are cleared after {settings.silence_minutes} minutes"

    async def _notice(self, settings: Settings) -> str:
        file = settings.home / NOTICE_FILE
        if not file.exists():
            raise Refused(f"there is no {file}: complete the template of the privacy notice and put it there")
        if blank := _PLACEHOLDER.search(file.read_text(encoding="utf-8")):
            raise Refused(f"{file} has something to complete: {blank.group()[:40]}")
        self.seen[NOTICE] = seen_here(settings)[NOTICE]
        return f"the privacy notice {file.name} is complete"

    async def _lines(self, settings: Settings) -> str:
        today = await _today(settings)
        try:
            lines = read_helplines(source_in(settings.home), file=FILE_NAME, today=today)
        except HelplinesInvalid as invalid:
            raise Refused(str(invalid)) from None
        if old := stale(lines, on=today):
            told = ", ".join(sorted({line.number for line in old}))
            days = STALE_AFTER.days
            raise Refused(f"nobody has called these lines for {days} days: {told}; see docs/crisis.md")
        shown = [line for line in lines if line.verified_on is not None]
        without = [kind for kind in Kind if not any(kind in line.kinds and not line.regions for line in shown)]
        if without:
            raise Refused(f"no verified line for all of Mexico is there for {', '.join(without)}: see docs/crisis.md")
        self.seen[LINES] = seen_here(settings)[LINES]
        return f"{len(shown)} telephone lines were verified within {STALE_AFTER.days} days"

    async def _duty(self, settings: Settings) -> str:
        async with open_store(settings) as database, database.read() as tx:
            there = await launch.on_duty(tx)
        lead = [one for one, role in there.items() if role in SEES_ALL]
        if not lead or len(there) < 2:
            has = f"{len(there)} with a chat and a PIN, {len(lead)} of them coordinators"
            raise Refused(f"alerts need a coordinator and one more member of staff: {has}; run hilo invite staff")
        self.seen[DESK] = seen_here(settings)[DESK]
        hours = f"{settings.office_opens}:00 to {settings.office_closes}:00"
        return f"{len(there)} members of staff get alerts, coordinators among them: {len(lead)}; they read from {hours}"

    async def _face(self, settings: Settings) -> str:
        if settings.bot_token is None:
            raise Refused("there is no bot token: set bot_token in config.toml, or HILO_BOT_TOKEN")
        try:
            async with Api(settings.bot_token.get_secret_value(), settings.bot_api_url) as api:
                face = await read_face(api)
        except InvalidToken:
            raise Refused(f"{settings.bot_api_url} does not accept the bot token: copy it from @BotFather") from None
        except TelegramError as error:
            raise Refused(f"what the bot looks like can't be read: {type(error).__name__}; try again") from None
        if found := list(face.gives_away()):
            raise Refused("the bot gives away what it is; change at @BotFather:\n" + "\n".join(found))
        self.seen[FACE] = face.digest()
        picture = "its picture shows nothing: look at it yourself" if face.picture else "it has no picture"
        return f"@{face.username}, its texts and its commands are neutral; {picture}"


async def _today(settings: Settings) -> date:
    async with open_store(settings) as database:
        return database.now().date()


async def note_passed(settings: Settings, seen: launch.Seen) -> None:
    """Keep that the check has passed, and what it saw."""
    async with open_store(settings) as database, database.transact() as tx:
        await launch.passed(tx, seen)


async def require_passed(settings: Settings) -> None:
    """Raises Refused where no woman may be invited yet."""
    async with open_store(settings) as database, database.read() as tx:
        if not await launch.is_shut(tx, asked=settings.is_on_telegram):
            return
        changed = await launch.changed(tx)
    since = f" since this has changed: {', '.join(changed)}" if changed else ""
    raise Refused(f"no woman can be invited yet{since}: run hilo doctor --launch, and mend what it says")
