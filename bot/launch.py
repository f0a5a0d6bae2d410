"""What the launch check looks at, and the bot that runs looks at again: so that a change asks anew.

* The face is what a stranger sees of the bot before anybody writes: names, descriptions, commands, picture.
* On Telegram's own address nobody is invited until `hilo doctor --launch` has passed; on any other nothing is asked.
* A part that cannot be read now is taken as it was last seen.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from telegram.error import TelegramError

from bot.api import Api
from bot.participant.notice import NOTICE_KEYS, OWN
from bot.settings import Settings
from bot.telephones import source_in
from locales.catalog import SPANISH, load_catalog
from locales.previews import giveaways
from storage import launch
from storage.database import Database

log = logging.getLogger(__name__)

FACE, NOTICE, LINES, DESK = "face", "notice", "helplines", "desk"
"""The parts, as they are named where one has changed."""

NOTICE_FILE = OWN
"""In the data folder: the organisation's whole privacy notice."""

LANGUAGES = ("", "es", "en")
"""Those in which a bot's face can differ; the first is for everybody else."""

_TEXTS = {"getMyName": "name", "getMyDescription": "description", "getMyShortDescription": "short_description"}
_SCOPES = ("default", "all_private_chats")

SHUT = "No woman is invited yet: hilo doctor --launch says what is missing."


@dataclass(frozen=True, slots=True)
class Face:
    """What the bot looks like: each text by where it stands, and which picture it has ("": none)."""

    username: str
    texts: Mapping[str, str]
    picture: str

    def gives_away(self) -> Iterator[str]:
        """Each text that says a word which none of ours may say, by where it stands, with the word."""
        for where, text in {"username": self.username, **self.texts}.items():
            yield from (f"{where}: {word}" for word in giveaways(text))

    def digest(self) -> str:
        """What tells this face from any other."""
        return _digest([self.username, dict(self.texts), self.picture])


async def read_face(api: Api) -> Face:
    """The face as Telegram has it now. Raises TelegramError."""
    me = await api.get_me()
    texts = {"first name": str(me.get("first_name", ""))}
    for language in LANGUAGES:
        for method, name in _TEXTS.items():
            told = await api.call(method, language_code=language)
            texts[_where(name.replace("_", " "), language)] = str(told.get(name, ""))
        for scope in _SCOPES:
            listed = await api.call("getMyCommands", scope={"type": scope}, language_code=language)
            texts[_where(f"commands for {scope}", language)] = "\n".join(map(_command, listed))
    photos = await api.call("getUserProfilePhotos", user_id=api.bot_id, limit=1)
    first = photos["photos"][0][-1]["file_unique_id"] if photos["photos"] else ""
    return Face(str(me["username"]), texts, str(first))


def _where(name: str, language: str) -> str:
    return f"{name} ({language})" if language else name


def _command(command: dict[str, Any]) -> str:
    return f"{command['command']} {command['description']}"


def seen_here(settings: Settings) -> dict[str, str]:
    """The digest of each part that this machine holds. Raises OSError where a file cannot be read."""
    catalog = load_catalog()
    shown = [catalog.text(key, SPANISH) for key in NOTICE_KEYS]
    office = [settings.office_zone, settings.office_opens, settings.office_closes, settings.escalate_after_hours]
    return {
        NOTICE: _digest([shown, _text(settings.home / NOTICE_FILE)]),
        LINES: _digest(source_in(settings.home)),
        DESK: _digest([*office, settings.staff_group]),
    }


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _digest(told: object) -> str:
    return sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


class LaunchWatch:
    """Keeps the store told of whether the launch check is asked for, and of how what it looks at looks now."""

    def __init__(self, api: Api, database: Database, *, settings: Settings) -> None:
        self._api = api
        self._database = database
        self._settings = settings
        self._shut = False

    async def look(self) -> bool:
        """Look at every part; returns whether nobody may be invited. Says so where that is news."""
        asked = self._settings.is_on_telegram
        seen = await self._seen() if asked else {}
        async with self._database.transact() as tx:
            await launch.ask(tx, asked=asked)
            await launch.see(tx, seen)
            shut, changed = await launch.is_shut(tx), await launch.changed(tx)
        if shut and not self._shut:
            told = {"action": "invitations_shut", "changed": ",".join(changed) or "never_passed"}
            log.warning("no woman is invited until hilo doctor --launch passes", extra=told)
        self._shut = shut
        return shut

    async def _seen(self) -> dict[str, str]:
        try:
            return {**seen_here(self._settings), FACE: (await read_face(self._api)).digest()}
        except (TelegramError, OSError, UnicodeDecodeError) as error:
            log.warning("the launch is not looked at", extra={"action": "launch_unseen", "error": type(error).__name__})
            return {}
