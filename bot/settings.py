"""The settings of one installation: the environment, then `config.toml` in its home, then what Hilo ships.

* Every problem is told at once, one line each, under the name that the operator wrote; a value is never repeated.
* The token is a secret: it shows in no representation, no error and no log.
* A clock that can be moved is refused unless the Bot API is on this very machine.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from conversations.office import Office
from scheduler.dialogue import SILENCE
from scheduler.plan import SHIPPED_PLAN

PREFIX = "HILO_"
DEFAULT_HOME = "hilo-data"
TELEGRAM = "https://api.telegram.org"
WEBHOOK_PORT = 8080
MAX_POLL_SECONDS = 50  # Telegram answers a long poll after 50 seconds at the latest
MAX_TICK_SECONDS = 5  # design.md D10
MAX_PAID_PER_SECOND = 1000  # Bot API, allow_paid_broadcast

_SQLITE = "sqlite+aiosqlite:///"
_FOLLOWS = "default_factory_not_called"
"""Pydantic's word for a default that could not be worked out because another setting is wrong."""

_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)


class LogFormat(StrEnum):
    """How a line of the log is written: as `name=value` pairs (logfmt), or as one JSON object."""

    TEXT = "text"
    JSON = "json"


class SettingsInvalid(Exception):
    """The settings can't be used; `problems` has one line for each thing to mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_token(text: str) -> bool:
    """Whether the text has the form of a bot token."""
    return _TOKEN.fullmatch(text) is not None


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _token(token: SecretStr) -> SecretStr:
    if not is_token(token.get_secret_value()):
        raise ValueError("is not a bot token; copy it whole from @BotFather, digits and colon included")
    return token


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"is not the address of a Bot API server; write one such as {TELEGRAM}")
    if parts.scheme == "http" and not is_loopback(url):
        raise ValueError("must begin with https:// unless the server is on this machine")
    return url.rstrip("/")


def _watcher(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an address that can be called; write one such as https://example.org/ping")
    if parts.scheme == "http" and not is_loopback(url.get_secret_value()):
        raise ValueError("must begin with https:// unless it is on this machine")
    return url


def _public(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("is not an address that Telegram can call; write one such as https://example.org/")
    if parts.scheme == "http" and not is_loopback(url):
        raise ValueError("must begin with https://: Telegram calls nothing else")
    return url.rstrip("/")


def _database(url: str) -> str:
    if url.startswith("postgres"):
        raise ValueError("names PostgreSQL, which a later version will know; this one keeps its store in SQLite")
    if not url.startswith(_SQLITE) or not url.removeprefix(_SQLITE):
        raise ValueError(f"is not a database that Hilo knows; write {_SQLITE}FILE")
    return url


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not the name of a time zone; write one such as America/Mexico_City")
    return name


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """All that can be set. Paths are absolute, addresses have no slash at the end, times are seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    home: AbsolutePath = Path(DEFAULT_HOME)
    bot_token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    bot_api_url: Annotated[str, AfterValidator(_address)] = TELEGRAM
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=lambda known: f"{_SQLITE}{known['home'] / 'hilo.sqlite3'}"
    )
    key_file: AbsolutePath = Field(default_factory=lambda known: known["home"] / "key")
    plan_file: AbsolutePath = SHIPPED_PLAN
    demo_clock: AbsolutePath | None = None
    staff_group: int | None = Field(default=None, lt=0)
    office_zone: Annotated[str, AfterValidator(_zone)] = Office.zone
    office_opens: int = Field(default=Office.opens.hour, ge=0, le=22)
    office_closes: int = Field(default=Office.closes.hour, ge=1, le=23)
    escalate_after_hours: int = Field(default=4, ge=1, le=90)
    webhook_url: Annotated[str, AfterValidator(_public)] | None = None
    webhook_host: str = "127.0.0.1"
    webhook_port: int | None = Field(default=None, ge=0, le=65535)
    status_host: str = "127.0.0.1"
    status_port: int | None = Field(default=None, ge=0, le=65535)
    log_format: LogFormat = LogFormat.TEXT
    poll_seconds: int = Field(default=25, ge=0, le=MAX_POLL_SECONDS)
    tick_seconds: float = Field(default=MAX_TICK_SECONDS, gt=0, le=MAX_TICK_SECONDS)
    silence_minutes: int = Field(default=SILENCE // timedelta(minutes=1), ge=1, le=60)
    imminent_danger_policy: bool = False

    journal_folder: AbsolutePath = Field(default_factory=lambda known: known["home"] / "journal")
    backup_folder: AbsolutePath = Field(default_factory=lambda known: known["home"] / "backups")
    backup_hour: int = Field(default=3, ge=0, le=23)
    backup_ping_url: Annotated[SecretStr, AfterValidator(_watcher)] | None = None
    backups_daily: int = Field(default=7, ge=1, le=366)
    backups_weekly: int = Field(default=4, ge=0, le=520)
    backups_monthly: int = Field(default=6, ge=0, le=120)

    blocked_days: int = Field(default=30, ge=0, le=3650)
    accounted_days: int = Field(default=1825, ge=0, le=7300)

    broadcast_approval_above: int = Field(default=50, ge=0)
    broadcast_rest_days: int = Field(default=7, ge=0, le=365)
    broadcast_undo_seconds: int = Field(default=60, ge=0, le=3600)
    broadcast_phones: tuple[str, ...] = ()
    allow_paid_broadcast: int = Field(default=0, ge=0, le=MAX_PAID_PER_SECOND)

    @model_validator(mode="after")
    def _clock_moves_only_at_home(self) -> Self:
        if self.demo_clock is not None and not is_loopback(self.bot_api_url):
            raise ValueError(f"{PREFIX}DEMO_CLOCK: is only for a Bot API server on this machine; remove it")
        return self

    @model_validator(mode="after")
    def _office_opens_before_it_closes(self) -> Self:
        if self.office_opens >= self.office_closes:
            raise ValueError(f"{PREFIX}OFFICE_CLOSES: must be later than office_opens")
        return self

    @property
    def bot_id(self) -> str | None:
        """The bot's id, which begins its token; None without a token."""
        return None if self.bot_token is None else self.bot_token.get_secret_value().partition(":")[0]

    def is_set(self, name: str) -> bool:
        """Whether somebody has set this, if only to what it would be anyway."""
        return name in self.model_fields_set

    @property
    def is_on_telegram(self) -> bool:
        """Whether the Bot API is Telegram's own, where real women are."""
        return urlsplit(self.bot_api_url).hostname == urlsplit(TELEGRAM).hostname

    @property
    def webhook_listens(self) -> tuple[str, int]:
        """The host and port at which calls of Telegram are waited for: behind whatever ends TLS, or on this very
        machine the ones of the address itself."""
        parts = urlsplit(self.webhook_url or "")
        own = parts.port if is_loopback(self.webhook_url or "") else None
        return self.webhook_host, own or WEBHOOK_PORT if self.webhook_port is None else self.webhook_port

    @property
    def config_file(self) -> Path:
        """Where the settings stand that are not in the environment."""
        return self.home / "config.toml"

    @property
    def lock_file(self) -> Path:
        """What a running bot keeps locked, beside its database, so that there is one of them."""
        return self.database_file.with_name(f"{self.database_file.name}.lock")

    @property
    def qr_folder(self) -> Path:
        """Where pictures of invitations are put."""
        return self.home / "qr"

    @property
    def database_file(self) -> Path:
        """The SQLite file of the store."""
        return Path(self.database_url.removeprefix(_SQLITE)).absolute()


def read_settings(**typed: str | None) -> Settings:
    """The settings as they now stand, with what was `typed` before all others. Raises SettingsInvalid with every
    problem found."""
    home = Path(os.environ.get(f"{PREFIX}HOME") or DEFAULT_HOME).expanduser().absolute()
    try:
        given = {name: value for name, value in typed.items() if value is not None}
        return Settings(**{**_from_file(home / "config.toml"), **given})
    except ValidationError as error:
        faults = [fault for fault in error.errors(include_input=False) if fault["type"] != _FOLLOWS]
        raise SettingsInvalid([_told(dict(fault), typed=given.keys()) for fault in faults]) from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsInvalid([f"{path} can't be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise SettingsInvalid([f"{path} is not UTF-8 text; save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid([f"{path} is not valid TOML: {error}"]) from None
    if "home" in found:
        raise SettingsInvalid([f"{path}: home can't be set here; set {PREFIX}HOME instead"])
    for name in ("key_file", "plan_file", "demo_clock", "journal_folder", "backup_folder"):
        if isinstance(found.get(name), str):
            found[name] = path.parent / Path(found[name]).expanduser()  # not where the command happens to be called
    return {name: value for name, value in found.items() if not os.environ.get(f"{PREFIX}{name.upper()}")}


def _told(fault: Mapping[str, Any], *, typed: Collection[str]) -> str:
    """One of pydantic's faults in the operator's words."""
    kind, message = fault["type"], fault["msg"].removeprefix("Value error, ")
    if not fault["loc"]:
        return str(message)
    name = str(fault["loc"][0])
    if kind == "extra_forbidden":
        return f"{name} in config.toml is not a setting of Hilo; remove it or correct its spelling"
    if kind.startswith(("greater_than", "less_than", "int_", "float_")):
        message = message.replace("Input should be", "must be")
    said = f"--{name.replace('_', '-')}" if name in typed else f"{PREFIX}{name.upper()}"
    return f"{said}: {message}"
