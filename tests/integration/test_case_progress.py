"""What a woman is told of the things that she asked for: once, in her own hours, in the chat that she uses, or not."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from conversations.session import HELP
from scheduler.writers import WRITERS
from storage import cases
from storage.cases import CaseNow, CaseState, MessagePassed, Words
from storage.database import Conflict, Tx
from storage.facts import who_is_in
from storage.records import Entry
from storage.schema import cases as table
from storage.schema import files, outbox
from storage.vault import Place, Unsealable
from tests.support.chat import WORD, Bot, Chat
from tests.support.outgoing import heard, outgoing
from tests.support.world import Store

ON_ITS_WAY, DONE = "Lo que pediste va en camino.", "Lo que pediste ya quedó. Si no, escríbeme."


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def rows(store: Store, which: Any) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(which)))


async def woman(bot: Bot, chat: Chat) -> int:
    async with bot.store.database.read() as tx:
        who = (await who_is_in(tx, [bot.lane(chat.chat_id)]))[bot.lane(chat.chat_id)]
    assert who.person is not None
    return who.person.participant


async def asked(bot: Bot, chat: Chat) -> tuple[CaseNow, ...]:
    async with bot.store.database.read() as tx:
        return (await cases.asked_by(tx, [await woman(bot, chat)])).get(await woman(bot, chat), ())


async def attend(bot: Bot, participant: int, kind: str = HELP) -> bool:
    async with bot.store.database.transact() as tx:
        moved = await cases.attend(tx, participant, kind)
    await bot.settle()
    return moved


async def close(bot: Bot, participant: int, kind: str = HELP) -> bool:
    async with bot.store.database.transact() as tx:
        moved = await cases.close_case(tx, participant, kind)
    await bot.settle()
    return moved


def told(chat: Chat) -> Sequence[str]:
    return [text for text in chat.texts if text in (ON_ITS_WAY, DONE)]


async def test_each_step_is_told_once_and_only_a_resolved_case_has_an_end(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("ayuda")
    her = await woman(bot, rosa)
    assert await asked(bot, rosa) == (CaseNow(HELP, CaseState.OPEN),)
    assert [await attend(bot, her) for _ in range(2)] == [True, False]
    assert await asked(bot, rosa) == (CaseNow(HELP, CaseState.ON_ITS_WAY),)
    assert [(row.state, row.closed_at) for row in await rows(bot.store, table)] == [("on_its_way", None)]
    assert [await close(bot, her) for _ in range(2)] == [True, False]
    assert not await attend(bot, her)
    assert told(rosa) == [ON_ITS_WAY, DONE]
    assert await asked(bot, rosa) == (CaseNow(HELP, CaseState.RESOLVED),)
    await bot.pass_time(days=7)
    assert await asked(bot, rosa) == ()


async def test_a_case_may_be_resolved_at_once(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("ayuda")
    assert await close(bot, await woman(bot, rosa))
    assert told(rosa) == [DONE]


async def test_what_she_did_not_ask_for_herself_is_not_told(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    async with bot.store.database.transact() as tx:
        await cases.open_cases(tx, [(her, cases.MISSING_DATE, None), (her, cases.STOP, None)])
    assert await asked(bot, rosa) == ()
    assert [await attend(bot, her, kind) for kind in (cases.MISSING_DATE, cases.STOP)] == [True, True]
    assert told(rosa) == []


async def test_whoever_wished_for_silence_is_told_only_of_what_she_asks_for_afterwards(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    await rosa.say("ayuda")
    bot.store.clock.advance(hours=1)
    await rosa.say("ya no me escriban")
    assert await attend(bot, her)
    assert told(rosa) == []
    assert await close(bot, her)
    assert await close(bot, her, cases.STOP)
    bot.store.clock.advance(hours=1)
    await rosa.say("ayuda")
    assert await attend(bot, her)
    assert told(rosa) == [ON_ITS_WAY]


@pytest.mark.parametrize("blocked", [True, False])
async def test_a_woman_without_a_chat_is_told_nothing(bot: Bot, blocked: bool) -> None:
    if blocked:
        rosa = await bot.enrolled()
        await rosa.say("ayuda")
        her = await woman(bot, rosa)
        await rosa.block()
    else:
        her = await bot.register()
        async with bot.store.database.transact() as tx:
            await cases.open_cases(tx, [(her, HELP, None)])
    before = len(await rows(bot.store, outbox))
    assert await attend(bot, her)
    assert await close(bot, her)
    assert len(await rows(bot.store, outbox)) == before


async def test_she_is_told_on_the_phone_that_she_uses_now(bot: Bot) -> None:
    old = await bot.enrolled()
    await old.say("quiero contarles algo")
    await old.tap("Pasar este mensaje")
    her = await woman(bot, old)
    new = bot.chat(502)
    await new.start(await bot.invite(her))
    await new.tap("Sí, puedo")
    await new.say(WORD)
    await new.accept()
    assert await attend(bot, her, cases.MESSAGE)
    assert (told(old), told(new)) == ([], [ON_ITS_WAY])


async def test_at_night_the_line_waits_for_her_morning(bot: Bot) -> None:
    store = bot.store
    rosa = await bot.enrolled(101)
    await rosa.say("ayuda")
    her = await woman(bot, rosa)
    async with outgoing(store) as edge:
        phone, courier = edge.phone(101), edge.courier()
        await asyncio.sleep(12 * 3600)
        async with store.database.transact() as tx:
            assert await cases.attend(tx, her, HELP)
        await courier.drain()
        assert heard(phone) == []
        await asyncio.sleep(11 * 3600)
        await courier.drain()
        assert heard(phone) == ["case.on_its_way"]


async def test_words_are_sealed_for_their_case_alone(bot: Bot) -> None:
    for chat_id, said in ((501, "quiero contarles una"), (502, "quiero contarles otra")):
        chat = await bot.enrolled(chat_id)
        await chat.say(said)
        await chat.tap("Pasar este mensaje")
    first, second = await rows(bot.store, table)
    with pytest.raises(Unsealable):
        bot.store.vault.open(Place("cases", "words", first.id), second.words)
    assert b"contarles" in bot.store.vault.open(Place("cases", "words", first.id), first.words)


async def test_a_voice_note_is_fetched_once_she_wants_it_heard(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("quiero contarles algo")
    for number in (1, 2):
        await rosa.send("voice", file_id=f"f{number}", file_size=900, duration=4)
    assert await rows(bot.store, files) == []
    await rosa.tap("Pasar este mensaje")
    kept = {row.ref: (row.seconds, row.answer_id, row.state) for row in await rows(bot.store, files)}
    async with bot.store.database.transact() as tx:
        (case,) = await cases.with_words(tx)
    assert [words.kind for words in case.words] == ["text", "voice", "voice"]
    assert kept == {words.voice: (4, None, "waiting") for words in case.words[1:]}


@pytest.mark.parametrize("fields", [{"duration": 601}, {"file_size": 20_000_001}])
async def test_a_voice_note_that_cannot_be_kept_is_passed_all_the_same(bot: Bot, fields: dict[str, int]) -> None:
    rosa = await bot.enrolled()
    (said,) = await rosa.send("voice", **{"file_id": "f1", "file_size": 900, "duration": 4, **fields})
    assert said.startswith("Gracias por escribirme."), "staff hear it where it stands"
    await rosa.tap("Pasar este mensaje")
    assert await rows(bot.store, files) == []
    async with bot.store.database.transact() as tx:
        (case,) = await cases.with_words(tx)
    assert [(words.kind, words.voice, words.file_id) for words in case.words] == [("voice", None, "f1")]


async def test_messages_of_one_commit_are_all_kept_in_their_order(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her, at = await woman(bot, rosa), bot.store.clock()

    def entry(text: str) -> Entry[MessagePassed]:
        return Entry(MessagePassed((Words(at, text),)), at, f"o:{text}", "lane", 501, 1, participant_id=her)

    async def write(tx: Tx, *texts: str) -> None:
        await WRITERS[MessagePassed](tx, [entry(text) for text in texts])

    async with bot.store.database.transact() as tx:
        await write(tx, "una", "dos")
    async with bot.store.database.transact() as tx:
        await write(tx, "tres")
        (case,) = await cases.with_words(tx)
    assert [words.text for words in case.words] == ["una", "dos", "tres"]


async def test_the_schema_insists_that_a_resolved_case_has_an_end(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("ayuda")
    with pytest.raises(Conflict):
        async with bot.store.database.transact() as tx:
            await tx.run(table.update().values(closed_at=tx.now))


async def test_a_first_contact_is_not_cut_short_by_a_check_in(bot: Bot) -> None:
    rosa = bot.chat()
    released = bot.store.clock.at.date() - timedelta(days=7)
    await rosa.start(await bot.invite(await bot.register(released=released)))
    await rosa.tap("Sí, puedo")
    await rosa.say(WORD)
    await rosa.accept()
    await bot.pass_time(hours=30)
    assert not [text for text in rosa.texts if "cinco minutos" in text]
    await rosa.say("hola")
    await rosa.say("todas")
    await rosa.say("Rosa")
    await rosa.tap("En la mañana")
    await rosa.say("quiero contarles algo")  # nor does what waits at the door hold it up
    await bot.pass_time(days=1)
    assert [text for text in rosa.texts if "cinco minutos" in text]
