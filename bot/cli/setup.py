"""The first minutes of an installation: folder, key, database, settings.

* Safe to repeat: what is there stays as it is, and only what is missing is made.
* Folder and files are their owner's alone.
"""

from __future__ import annotations

import asyncio
import os

import typer

from bot import clock
from bot.cli.identity import greet_telegram
from bot.cli.opening import claim_database_file, open_plans, open_world, require_key, require_key_file
from bot.cli.refusals import Refused
from bot.settings import Settings, is_token, read_settings
from scheduler.plan import PlanError
from storage import audit, installation
from storage.database import Database
from storage.upgrade import upgrade
from storage.vault import create_key_file

CONFIG = """\
# Settings of this installation. The environment wins over this file: HILO_BOT_TOKEN over bot_token, and so on.

# The bot's token, from @BotFather. Whoever has it is the bot: keep it to yourself.
{token}

# Only if it isn't Telegram's own server:
# bot_api_url = "https://api.telegram.org"

# Paths that don't begin with / are taken from this folder.
# key_file = "key"
# plan_file = "plan.toml"
"""
NO_TOKEN = '# bot_token = ""'


def initialise(*, ask: bool) -> None:
    """Make what is missing, and say the next step. Raises Refused where making anything would do harm."""
    settings = read_settings()
    _make_home(settings)
    _make_key(settings)
    if not settings.config_file.exists():
        _make_config(settings, _ask_for_token() if ask and settings.bot_token is None else None)
        settings = read_settings()
    asyncio.run(_make_database(settings))
    typer.echo(f"Hilo lives in {settings.home}")
    typer.echo(f"The key is {settings.key_file}: without it nobody can read the data, not even you.")
    typer.echo("Have a copy of it in a safe place apart: hilo keys backup FILE.")
    typer.echo(_next_step(settings))


def _make_home(settings: Settings) -> None:
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)


def _make_key(settings: Settings) -> None:
    if settings.key_file.exists():
        return
    require_key_file(settings)
    create_key_file(settings.key_file, clock.chance)


def _ask_for_token() -> str | None:
    """A token of the right form, or None for later."""
    while True:
        prompt = "Token from @BotFather (Enter: later)"
        token: str = typer.prompt(prompt, default="", hide_input=True, show_default=False)
        if is_token(token.strip()) or not token.strip():
            return token.strip() or None
        typer.echo("This is not a bot token; copy it whole, digits and colon included.", err=True)


def _make_config(settings: Settings, token: str | None) -> None:
    line = NO_TOKEN if token is None else f'bot_token = "{token}"'
    descriptor = os.open(settings.config_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(token=line))


async def _make_database(settings: Settings) -> None:
    claim_database_file(settings)
    await upgrade(settings.database_url)
    database = Database(settings.database_url, open_world(settings))
    try:
        await require_key(database)
        async with database.transact() as tx:
            await installation.mark_key(tx)
        await _apply_plan(settings, database)
        if settings.bot_token is not None:
            await _meet(settings, database)
        await audit.keep_head(database)
    finally:
        await database.close()


async def _apply_plan(settings: Settings, database: Database) -> None:
    """A plan that can't be used is no reason to have no store: what is wrong is told, and nothing stops."""
    try:
        async with database.transact() as tx:
            await open_plans(tx, settings)
    except PlanError as error:
        typer.echo(f"For later: {error}", err=True)


async def _meet(settings: Settings, database: Database) -> None:
    """An installation without a network is one all the same: what is wrong is told, and nothing stops."""
    try:
        typer.echo(f"The bot is @{await greet_telegram(settings, database)}")
    except Refused as refused:
        typer.echo(f"For later: {refused}", err=True)


def _next_step(settings: Settings) -> str:
    if settings.bot_token is None:
        return f"Next: write the bot's token into {settings.config_file}, then hilo doctor."
    return "Next: hilo participants import FILE.csv"
