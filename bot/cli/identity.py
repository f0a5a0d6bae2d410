"""Who our bot is, as Telegram says: asked once, then remembered by the store until the token is another bot's."""

from __future__ import annotations

from telegram.error import InvalidToken, NetworkError, TelegramError

from bot.api import Api
from bot.cli.refusals import Refused
from bot.settings import Settings
from storage import installation
from storage.database import Database


async def bot_username(settings: Settings, database: Database) -> str:
    """The username for links, remembered or asked for. Raises Refused with what stands in the way."""
    async with database.read() as tx:
        username = await installation.recall(tx, installation.BOT_USERNAME)
        known_id = await installation.recall(tx, installation.BOT_ID)
    if username is not None and settings.bot_id in (None, known_id):
        return username
    return await greet_telegram(settings, database)


async def greet_telegram(settings: Settings, database: Database) -> str:
    """Ask Telegram who our bot is, and have the store remember it; returns the username. Raises Refused."""
    username = await ask_username(settings)
    await remember_bot(settings, username, database=database)
    return username


async def remember_bot(settings: Settings, username: str, *, database: Database) -> None:
    """Have the store remember that the token's bot is called so."""
    facts = {installation.BOT_USERNAME: username, installation.BOT_ID: settings.bot_id or ""}
    async with database.transact() as tx:
        await installation.remember(tx, facts)


async def ask_username(settings: Settings) -> str:
    """What Telegram calls our bot. Raises Refused if there is no token, it is not accepted, or nobody answers."""
    if settings.bot_token is None:
        raise Refused("there is no bot token: set bot_token in config.toml, or HILO_BOT_TOKEN")
    address = settings.bot_api_url
    try:
        async with Api(settings.bot_token.get_secret_value(), address) as api:
            return str((await api.get_me())["username"])
    except InvalidToken:
        raise Refused(f"{address} does not accept the bot token: copy it again from @BotFather") from None
    except NetworkError:
        raise Refused(f"{address} can't be reached: look at the network, then try again") from None
    except TelegramError as error:
        raise Refused(f"{address} refused to say who the bot is: {type(error).__name__}") from None
