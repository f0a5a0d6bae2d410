"""What staff send her: a harmless line, and what they sent only at her tap; cleaned, replied to, and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from storage import cases, notices, retiring
from storage.cases import ANSWER, MESSAGE
from storage.database import Conflict
from storage.facts import who_is_in
from storage.mail import Urgency
from storage.notices import Content, Media, NewNotice, addressed
from storage.retiring import Retired
from storage.schema import accounts, broadcasts, outbox
from storage.schema import cases as table
from storage.schema import notices as kept
from tests.support.chat import Bot, Chat
from tests.support.world import Store

LINE = "Hola. Hay algo nuevo para ti."
WORDS = "Hola {nombre}, ya hay lugar en el taller."
SHOWN = "Hola Rosa, ya hay lugar en el taller."


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def woman(bot: Bot, chat: Chat) -> int:
    async with bot.store.database.read() as tx:
        who = (await who_is_in(tx, [bot.lane(chat.chat_id)]))[bot.lane(chat.chat_id)]
    assert who.person is not None
    return who.person.participant


async def leave(bot: Bot, *new: NewNotice, urgency: Urgency = Urgency.NEWS) -> None:
    async with bot.store.database.transact() as tx:
        await notices.leave(tx, new, urgency=urgency)
    await bot.settle()


async def retire(bot: Bot, cause: str) -> Retired:
    async with bot.store.database.transact() as tx:
        retired = await retiring.retire(tx, cause)
    await bot.settle()
    return retired


async def rows(bot: Bot, which: Any) -> list[Any]:
    async with bot.store.database.read() as tx:
        return list(await tx.run(select(which)))


async def case_of(bot: Bot, chat: Chat, kind: str = MESSAGE) -> int:
    async with bot.store.database.transact() as tx:
        await cases.open_cases(tx, [(await woman(bot, chat), kind, None)])
    return next(int(row.id) for row in await rows(bot, table) if row.kind == kind)


async def broadcast(bot: Bot) -> int:
    async with bot.store.database.transact() as tx:
        id_ = tx.ids.random()
        await tx.run(broadcasts.insert().values(id=id_, state="done", content=b"", segment=b"", made_at=tx.now))
    return id_


async def words_of(bot: Bot, kind: str) -> list[str]:
    async with bot.store.database.transact() as tx:
        return [one.text for case in await cases.with_words(tx) if case.kind == kind for one in case.words]


@pytest.mark.holds("T-phone-1")
async def test_nothing_but_a_line_comes_before_her_tap_and_all_of_it_after(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    before = list(rosa.texts)
    await leave(bot, NewNotice(her, Content(WORDS), "case:1:a"))
    picture = Content("Mira", Media("photo", "f-1"))
    await leave(bot, NewNotice(her, picture, "case:1:b"), NewNotice(her, Content("Uno más"), "case:1:c"))
    assert rosa.texts == [*before, LINE], "one line a chat"
    assert b"taller" not in b"".join(row.content for row in await rows(bot, kept))
    await rosa.tap("Abrir")
    assert rosa.texts == [*before, LINE, SHOWN, "(photo f-1) Mira", "Uno más"]
    assert list(rosa.last.buttons) == ["Borrar"]
    assert rosa.newest(LINE).buttons == {}
    assert [row.content for row in await rows(bot, kept)] == [None] * 3
    await leave(bot, NewNotice(her, Content("Otro"), "case:1:d"))
    assert rosa.texts[-1] == LINE, "the line before it is opened"


async def test_what_was_shown_goes_at_her_tap_or_after_a_day(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    before = list(rosa.texts)
    await leave(bot, NewNotice(her, Content(WORDS), "case:1:a"))
    await rosa.tap("Abrir")
    await rosa.tap("Borrar")
    assert rosa.texts == before
    await leave(bot, NewNotice(her, Content(WORDS), "case:1:b"))
    await rosa.tap("Abrir")
    await bot.pass_time(hours=25)
    assert SHOWN not in rosa.texts
    assert LINE not in rosa.texts


async def test_a_line_works_however_old_and_says_when_nothing_is_left(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await leave(bot, NewNotice(await woman(bot, rosa), Content(WORDS), "case:1:a"))
    (data,) = rosa.last.buttons.values()
    await bot.pass_time(days=5)
    await rosa.tap_data(data)
    assert SHOWN in rosa.texts
    await rosa.tap_data(data)
    assert rosa.toasts[-1] == "Ya no hay nada nuevo aquí."
    assert rosa.texts.count(SHOWN) == 1


async def test_after_a_stop_she_is_told_nothing_new_and_may_open_what_stands(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    await leave(bot, NewNotice(her, Content(WORDS), "case:1:a"))
    await rosa.say("ya no me escriban")
    await rosa.tap("Abrir")
    assert SHOWN in rosa.texts
    await leave(bot, NewNotice(her, Content("Una lista"), "broadcast:7"), urgency=Urgency.BROADCAST)
    assert rosa.texts.count(LINE) == 1
    (held,) = [row for row in await rows(bot, outbox) if row.origin == f"broadcast:7:notice:{her}"]
    assert (held.state, held.reason) == ("dropped", "stopped")
    await leave(bot, NewNotice(her, Content("Otra cosa"), "case:1:b"))
    assert (await rows(bot, kept))[-1].opened_at is None


async def test_a_sitting_is_not_disturbed_and_only_a_reply_to_the_notice_is_taken_for_one(bot: Bot) -> None:
    rosa = await bot.enrolled()
    case = await case_of(bot, rosa)
    await bot.pass_time(days=7)
    await rosa.tap("Sí, ahora")
    question = rosa.last.text
    await leave(bot, NewNotice(await woman(bot, rosa), Content(WORDS), f"case:{case}:a"))
    await rosa.tap("Abrir")
    assert question in rosa.texts
    await rosa.say("¿A qué hora es?", about="ya hay lugar")
    assert await words_of(bot, MESSAGE) == ["¿A qué hora es?"]
    assert "Listo, ya se lo pasé al equipo." in rosa.texts
    await rosa.say("ya no me escriban", about="ya hay lugar")
    assert await words_of(bot, MESSAGE) == ["¿A qué hora es?"], "a wish is heard as one"


async def test_her_next_words_go_to_the_case_for_a_day(bot: Bot) -> None:
    rosa = await bot.enrolled()
    case = await case_of(bot, rosa)
    await leave(bot, NewNotice(await woman(bot, rosa), Content(WORDS), f"case:{case}:a"))
    await rosa.tap("Abrir")
    await rosa.say("gracias")
    await rosa.say("no voy a poder ir el martes")
    assert await words_of(bot, MESSAGE) == ["no voy a poder ir el martes"]
    await bot.pass_time(hours=25)
    await rosa.say("quiero contarles algo")
    assert await words_of(bot, MESSAGE) == ["no voy a poder ir el martes"], "this one waits for her tap"


async def test_a_reply_to_a_broadcast_is_a_case_of_its_own_for_each(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    for said in ("me interesa", "también me interesa esto"):
        cause = f"broadcast:{await broadcast(bot)}"
        await leave(bot, NewNotice(her, Content(WORDS), cause), urgency=Urgency.BROADCAST)
        await rosa.tap("Abrir")
        await rosa.say(said)
        await rosa.send("voice", file_id="f1", file_size=900, duration=4)
        bot.store.clock.advance(minutes=5)
    answers = [row for row in await rows(bot, table) if row.kind == ANSWER]
    assert {row.broadcast_id for row in answers} == {row.id for row in await rows(bot, broadcasts)}
    assert await words_of(bot, ANSWER) == ["me interesa", "", "también me interesa esto", ""]


async def test_a_reply_to_a_closed_case_is_a_message_to_the_team(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    case = await case_of(bot, rosa, "datos")
    await leave(bot, NewNotice(her, Content(WORDS), f"case:{case}:a"))
    await rosa.tap("Abrir")
    async with bot.store.database.transact() as tx:
        assert await cases.close_case(tx, her, "datos")
    await rosa.say("entonces falta mi apellido")
    assert await words_of(bot, MESSAGE) == ["entonces falta mi apellido"]


async def test_what_is_retired_goes_wherever_it_stands(bot: Bot) -> None:
    rosa, luz, ana = [await bot.enrolled(chat_id) for chat_id in (501, 502, 503)]
    women = [await woman(bot, chat) for chat in (rosa, luz, ana)]
    before = [list(chat.texts) for chat in (rosa, luz)]
    await leave(bot, *[NewNotice(her, Content(WORDS), "broadcast:7") for her in women])
    await rosa.tap("Abrir")
    await ana.tap("Abrir")
    await ana.tap("Borrar")
    assert await retire(bot, "broadcast:7") == Retired(deleted=3, stayed=0, opened=2)
    assert SHOWN not in rosa.texts
    assert luz.texts == before[1]
    assert await retire(bot, "broadcast:7") == Retired()


@pytest.mark.holds("T-telegram-2")
async def test_what_is_too_old_to_delete_is_counted_and_loses_its_button(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await leave(bot, NewNotice(await woman(bot, rosa), Content(WORDS), "broadcast:7"))
    await bot.pass_time(hours=49)
    assert await retire(bot, "broadcast:7") == Retired(stayed=1)
    assert rosa.newest(LINE).buttons == {}


async def test_a_line_behind_which_another_waits_stays(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    await leave(bot, NewNotice(her, Content("Una"), "case:1:a"), NewNotice(her, Content("Otra"), "case:1:b"))
    assert await retire(bot, "case:1:a") == Retired(stayed=1), "its line, behind which nothing of it is left"
    await rosa.tap("Abrir")
    assert rosa.texts[-2:] == [LINE, "Otra"]
    assert await retire(bot, "case:1:b") == Retired(deleted=1, opened=1)
    assert LINE not in rosa.texts, "the last of them takes the line with it"


async def test_what_she_has_opened_goes_with_the_line_above_it(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    await leave(bot, NewNotice(her, Content(WORDS), "broadcast:7"))
    await bot.pass_time(hours=49)
    await rosa.tap("Abrir")
    assert await retire(bot, "broadcast:7") == Retired(stayed=1, opened=1), "a line that is too old to be deleted"
    assert SHOWN not in rosa.texts
    assert rosa.newest(LINE).buttons == {}
    await leave(bot, NewNotice(her, Content(WORDS), "broadcast:8"))
    await rosa.tap("Abrir")
    assert await retire(bot, "broadcast:8") == Retired(deleted=1, opened=1)
    assert rosa.texts.count(LINE) == 1


async def test_what_has_not_left_never_does(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her, at = await woman(bot, rosa), bot.store.clock.at
    await leave(bot, NewNotice(her, Content(WORDS), "case:1:a", ready_at=at.replace(minute=30)))
    assert await retire(bot, "case:1:a") == Retired(deleted=1)
    await bot.pass_time(hours=1)
    assert LINE not in rosa.texts


async def test_a_cause_reaches_a_woman_once(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her = await woman(bot, rosa)
    await leave(bot, NewNotice(her, Content(WORDS), "broadcast:7"))
    with pytest.raises(Conflict):
        await leave(bot, NewNotice(her, Content(WORDS), "broadcast:7"))


async def test_nobody_opens_or_clears_what_is_anothers(bot: Bot) -> None:
    rosa, luz = await bot.enrolled(501), await bot.enrolled(502)
    await leave(bot, NewNotice(await woman(bot, rosa), Content(WORDS), "case:1:a"))
    (data,) = rosa.last.buttons.values()
    await luz.tap_data(data)
    assert SHOWN not in luz.texts
    await rosa.tap("Abrir")
    await luz.tap_data(data.replace("open", "clear"))
    assert SHOWN in rosa.texts


async def test_a_more_urgent_notice_does_not_wait_behind_a_line_that_may_be_held_back(bot: Bot) -> None:
    rosa = await bot.enrolled()
    her, later = await woman(bot, rosa), bot.store.clock.at.replace(minute=30)
    await leave(bot, NewNotice(her, Content("Lista"), "broadcast:7", ready_at=later), urgency=Urgency.BROADCAST)
    await leave(bot, NewNotice(her, Content(WORDS), "case:1:a"))
    await rosa.say("quiero descansar una semana")
    await rosa.tap("Abrir")
    assert rosa.texts.count(LINE) == 1
    assert SHOWN in rosa.texts


@pytest.mark.parametrize(
    ("text", "called", "said"),
    [
        ("Hola {nombre}, ven.", "Ana", "Hola Ana, ven."),
        ("Hola {nombre}, ven.", None, "Hola, ven."),
        ("{nombre}, ven.", None, "Ven."),
        ("Ven.", None, "Ven."),
    ],
)
def test_a_text_without_a_name_reads_on(text: str, called: str | None, said: str) -> None:
    assert addressed(text, called) == said


async def test_a_long_text_comes_after_its_picture(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    long = "Una palabra. " * 100
    await leave(
        bot, NewNotice(await woman(bot, rosa), Content(long, Media("document", "f-9", "taller.pdf")), "case:1:a")
    )
    await rosa.tap("Abrir")
    assert rosa.texts[-2:] == ["(document f-9) ", long]


async def test_what_stands_in_a_chat_that_is_no_longer_hers_stays(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await leave(bot, NewNotice(await woman(bot, rosa), Content(WORDS), "broadcast:7"))
    async with bot.store.database.transact() as tx:
        await tx.run(accounts.update().values(unlinked_at=tx.now))
    assert await retire(bot, "broadcast:7") == Retired(stayed=1)
