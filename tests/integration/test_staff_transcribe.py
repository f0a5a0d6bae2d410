"""Voice notes are heard and written down from the chat of a member of staff, as from the command line."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from bot import library
from storage import files, voices
from storage.members import Role
from storage.schema import answers, audit, cases, participants, staff
from storage.schema import files as notes
from storage.vault import Place
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work
from tests.support.world import Store

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
def bot(store: Store) -> Bot:
    return Bot(store, shelf=library.build(library.shipped_sources(), [("llegada", "9", TELLING)]))


async def rows(store: Store, table: Any) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(table)))


async def spoken(store: Store, bot: Bot, times: int = 1) -> Chat:
    """She has answered so many questions aloud, and what she said has been fetched."""
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    await rosa.say("sí")
    for number in range(times):
        await rosa.send("voice", file_id=f"v{number}", duration=4)
        await fetch(store, f"sound {number}".encode())
        store.clock.advance(seconds=1)
    return rosa


async def fetch(store: Store, sound: bytes) -> None:
    async with store.database.transact() as tx:
        for wanted in await files.due(tx, 10):
            await files.keep(tx, wanted, files.seal(store.vault, wanted, content=sound))


def played(bot: Bot, chat: Chat) -> list[bytes]:
    """The sounds that were sent to this chat."""
    calls = [shown.call for shown in bot.shown if shown.chat_id == chat.chat_id]
    return [call.params["voice"].input_file_content for call in calls if call.method == "sendVoice"]


async def words(store: Store, variable: str) -> str | None:
    (row,) = [row for row in await rows(store, answers) if row.variable == variable and row.replaced_at is None]
    return store.vault.open_text(Place("answers", "words", row.id), row.words)


async def test_she_hears_the_longest_waiting_and_types_what_it_says(store: Store, bot: Bot) -> None:
    await spoken(store, bot, times=2)
    lupe = await at_work(bot)
    await lupe.say("/transcribir")
    assert played(bot, lupe) == [b"sound 0"]
    assert "¿Cómo te ha ido?" in lupe.last.text
    await lupe.say("Bien, ando con mi hermana.")
    assert await words(store, "cuenta") == '"Bien, ando con mi hermana."'
    assert played(bot, lupe) == [b"sound 0", b"sound 1"]
    assert not any("hermana" in text for text in lupe.texts), "nothing of it stays in this chat"
    await lupe.say("Nada más.")
    assert "No queda ninguna" in lupe.last.text
    assert await words(store, "mas") == '"Nada más."'
    assert [case.state for case in await rows(store, cases) if case.kind == files.TRANSCRIPTION] == ["resolved"]
    actions = [row.action for row in await rows(store, audit) if row.actor.startswith("staff:")]
    assert actions.count("voice_heard") == actions.count("voice_transcribed") == 2


async def test_one_is_left_for_later_and_one_cannot_be_made_out(store: Store, bot: Bot) -> None:
    await spoken(store, bot, times=2)
    lupe = await at_work(bot)
    await lupe.say("/transcribir")
    await lupe.tap("Luego")
    assert played(bot, lupe) == [b"sound 0", b"sound 1"]
    await lupe.tap("No se entiende")
    assert "No queda ninguna" in lupe.last.text
    async with store.database.read() as tx:
        (left,) = await voices.queue(tx)
    assert left.question == "cuenta", "what was left for later waits still"
    await lupe.say("/transcribir")
    assert played(bot, lupe)[-1] == b"sound 0"


async def test_the_second_of_two_is_told_and_nothing_is_written_twice(store: Store, bot: Bot) -> None:
    await spoken(store, bot)
    lupe, ana = await at_work(bot), await at_work(bot, chat_id=602, name="Ana Prueba")
    for chat in (lupe, ana):
        await chat.say("/transcribir")
    here = [{"chat": {"id": chat.chat_id, "type": "private"}, "from": {"id": chat.chat_id}} for chat in (lupe, ana)]
    said = [{"message": {"message_id": 9, "text": "Bien.", **place}} for place in here]
    await bot.receive((lupe.chat_id, said[0]), (ana.chat_id, said[1]))
    await bot.settle()
    told = " ".join([*lupe.texts, *ana.texts])
    assert (told.count("Guardado."), told.count("ya no hacía falta")) == (1, 1)
    assert len([row for row in await rows(store, answers) if row.variable == "cuenta"]) == 2


async def test_what_she_has_answered_anew_is_hers(store: Store, bot: Bot) -> None:
    rosa = await spoken(store, bot)
    lupe = await at_work(bot)
    await lupe.say("/transcribir")
    await rosa.tap("Atrás")
    await rosa.say("Mejor lo escribo: bien.")
    await lupe.say("Otra cosa")
    assert any("ya no hacía falta" in text for text in lupe.texts)
    assert await words(store, "cuenta") == '"Mejor lo escribo: bien."'


async def test_a_promotora_hears_her_own_women_and_no_others(store: Store, bot: Bot) -> None:
    await spoken(store, bot)
    lupe = await at_work(bot, Role.STAFF)
    await lupe.say("/transcribir")
    assert "No queda ninguna" in lupe.last.text
    assert not played(bot, lupe)
    async with store.database.transact() as tx:
        member = (await tx.run(select(staff.c.id))).scalar_one()
        await tx.run(update(participants).values(staff_id=member))
    await lupe.say("/transcribir")
    assert played(bot, lupe) == [b"sound 0"]


@pytest.mark.holds("T-staffphone-3")
async def test_a_note_does_not_stand_in_the_chat_for_long(store: Store, bot: Bot) -> None:
    await spoken(store, bot)
    lupe = await at_work(bot)
    await lupe.say("/transcribir")
    await bot.pass_time(hours=2)
    assert not any("¿Cómo te ha ido?" in text for text in lupe.texts)
    async with store.database.read() as tx:
        assert len(await voices.queue(tx)) == 1
    assert not [row for row in await rows(store, notes) if row.transcribed_at is not None]
