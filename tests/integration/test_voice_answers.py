"""A voice note from her thumb to the words that staff write down: the real check-in, the store, Telegram's files."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from bot import library
from bot.api import Api
from bot.demo import samples
from bot.demo.simulator import Simulator
from bot.files import Fetcher
from storage import cases, voices
from storage.files import LONGEST_VOICE, FileState
from storage.schema import answers
from tests.support.chat import Bot, Chat
from tests.support.voice import stored
from tests.support.world import Store

TOKEN = "7:una-palabra"
TELLING = """
| settings |
|          | form_title | form_id | version | default_language |
|          | Llegada    | llegada | 9       | Español (es)     |

| survey |
|        | type | name   | label::Español (es)   |
|        | text | cuenta | ¿Cómo te ha ido?      |
|        | text | mas    | ¿Algo más que decir?  |
"""


@pytest.fixture
def simulator(store: Store) -> Simulator:
    return Simulator(token=TOKEN, now=store.clock)


@pytest.fixture
async def api(simulator: Simulator) -> AsyncIterator[Api]:
    async with simulator.serve() as url, Api(TOKEN, url) as opened:
        yield opened


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store, shelf=library.build(library.shipped_sources(), [("llegada", "9", TELLING)]))


@pytest.fixture
def fetcher(api: Api, bot: Bot, store: Store) -> Fetcher:
    return Fetcher(api, store.database, runner=bot.runner, posted=lambda: None)


async def asked(bot: Bot) -> Chat:
    """At the first question, a week after her release."""
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    await rosa.say("sí")
    assert "¿Cómo te ha ido?" in rosa.last.text
    return rosa


async def speak(rosa: Chat, simulator: Simulator, seconds: int = 4) -> list[str]:
    """She sends a voice note, which stands with Telegram."""
    phone = simulator.phone(user_id=rosa.chat_id, first_name="Rosa")
    phone.chat.opened = True
    phone.voice(seconds)
    voice = simulator.updates_waiting[-1]["message"]["voice"]
    return await rosa.send("voice", **voice)


async def valid(store: Store) -> dict[str, Any]:
    async with store.database.read() as tx:
        return {row.variable: row for row in await tx.run(select(answers)) if row.replaced_at is None}


async def test_it_answers_is_fetched_and_written_down(
    store: Store, bot: Bot, simulator: Simulator, fetcher: Fetcher
) -> None:
    rosa = await asked(bot)
    await speak(rosa, simulator, 12)
    assert "¿Algo más que decir?" in rosa.last.text
    store.clock.advance(seconds=1)
    await speak(rosa, simulator)
    assert await fetcher.fetch_due() == 2
    async with store.database.transact() as tx:
        noted = await voices.queue(tx)
        assert [(note.question, note.seconds, note.state) for note in noted] == [
            ("cuenta", 12, FileState.KEPT),
            ("mas", 4, FileState.KEPT),
        ]
        assert await voices.hear(tx, noted[0].ref) == samples.voice(12)
        assert await voices.transcribe(tx, noted[0].ref, "Bien, gracias.") is None
        kinds = [case.kind for case in await cases.who_waits(tx)]
    assert kinds.count("transcripcion") == 1
    assert {name: row.mode for name, row in (await valid(store)).items()} == {"cuenta": "voice", "mas": "chat"}


async def test_one_that_is_too_long_is_no_answer_and_is_not_fetched(
    store: Store, bot: Bot, simulator: Simulator, fetcher: Fetcher
) -> None:
    rosa = await asked(bot)
    said = await speak(rosa, simulator, int(LONGEST_VOICE.total_seconds()) + 1)
    assert len(said) >= 1
    assert "cuenta" not in await valid(store)
    assert await stored(store) == []
    assert await fetcher.fetch_due() == 0


async def test_a_message_outside_a_check_in_reaches_the_team_only_if_she_wants(
    store: Store, bot: Bot, simulator: Simulator, fetcher: Fetcher
) -> None:
    rosa = await bot.enrolled()
    await speak(rosa, simulator)
    assert await stored(store) == []
    await rosa.say("sí")
    assert await fetcher.fetch_due() == 1
    (row,) = await stored(store)
    assert (row.state, row.answer_id) == ("kept", None)
    async with store.database.read() as tx:
        assert [case.kind for case in await cases.who_waits(tx)] == ["mensaje"]
