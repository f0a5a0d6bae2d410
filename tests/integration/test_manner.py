"""How she is spoken to: as staff registered her, as she asks, and as nobody in particular before she is known."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from storage.facts import who_is_in
from storage.schema import preferences
from tests.support.chat import WORD, Bot, Chat
from tests.support.world import Store

ALLOWED = {
    "es": "Una cosa más.\n"
    "¿Qué más me permites? Toca las que quieras, o ninguna. Luego toca «Listo».\n\nTus apoyos siguen igual.",
    "es-usted": "Una cosa más.\n"
    "¿Qué más me permite? Toque las que quiera, o ninguna. Luego toque «Listo».\n\nSus apoyos siguen igual.",
    "en": "One more thing.\n"
    "What else do you allow? Tap those you like, or none. Then tap «Done».\n\nThe support you get stays the same.",
}


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def chosen(store: Store) -> list[tuple[str, str]]:
    async with store.database.read() as tx:
        return [(row.language, row.trato) for row in await tx.run(select(preferences))]


async def registered(store: Store, bot: Bot, **manner: Any) -> str:
    """The invitation of a woman whom staff have registered so."""
    token = await bot.invite(await bot.register())
    async with store.database.transact() as tx:
        await tx.run(update(preferences).values(**manner))
    return token


async def consenting(bot: Bot, token: str, *asides: str) -> Chat:
    """She goes through first contact up to her yes; `asides` is what she says before it."""
    chat = bot.chat()
    await chat.start(token)
    await chat.tap("Sí, puedo")
    await chat.say(WORD)
    for aside in asides:
        await chat.say(aside)
    await chat.accept()
    return chat


@pytest.mark.parametrize(
    ("manner", "speech"),
    [
        ({"trato": "tu"}, "es"),
        ({"trato": "usted"}, "es-usted"),
        ({"trato": "usted", "language": "en"}, "en"),
        ({"trato": "tu", "language": "en"}, "en"),
    ],
)
async def test_staff_say_how_she_is_spoken_to_from_her_yes_on(
    store: Store, bot: Bot, manner: dict[str, str], speech: str
) -> None:
    rosa = await consenting(bot, await registered(store, bot, **manner))
    assert rosa.last.text == ALLOWED[speech]
    async with store.database.read() as tx:
        person = (await who_is_in(tx, [bot.lane(501)]))[bot.lane(501)].person
    assert person is not None
    assert person.speech == speech


@pytest.mark.parametrize(
    ("asides", "speech", "kept"),
    [
        (["hábleme de usted"], "es-usted", ("es", "usted")),
        (["English please"], "en", ("en", "tu")),
        (["hábleme de usted", "tutéame"], "es", ("es", "tu")),
    ],
)
async def test_what_she_asks_before_her_yes_is_kept_with_it(
    store: Store, bot: Bot, asides: list[str], speech: str, kept: tuple[str, str]
) -> None:
    token = await bot.invite(await bot.register())
    rosa = await consenting(bot, token, *asides)
    assert rosa.last.text == ALLOWED[speech]
    assert await chosen(store) == [kept]


async def test_without_her_yes_nothing_that_she_asked_is_kept(store: Store, bot: Bot) -> None:
    rosa = bot.chat()
    await rosa.start(await bot.invite(await bot.register()))
    await rosa.say("English please")
    await rosa.tap("Ahora no")
    assert await chosen(store) == [("es", "tu")]


@pytest.mark.parametrize(
    ("asked", "said", "kept"),
    [
        ("háblame de usted por favor", "Claro que sí. Le hablo de usted.", ("es", "usted")),
        ("in english", "Sure, we go on in English.", ("en", "tu")),
        ("háblame de tú", "Claro que sí. Nos hablamos de tú.", ("es", "tu")),
        ("español por favor", "Claro, seguimos en español.", ("es", "tu")),
    ],
)
async def test_a_word_outside_a_check_in_changes_it(
    store: Store, bot: Bot, asked: str, said: str, kept: tuple[str, str]
) -> None:
    rosa = await bot.enrolled()
    assert await rosa.say(asked) == [said]
    assert await chosen(store) == [kept]


async def test_going_to_english_and_back_keeps_usted(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("de usted por favor")
    await rosa.say("in english")
    assert await rosa.say("en español") == ["Claro, seguimos en español."]
    assert await chosen(store) == [("es", "usted")]
    assert await rosa.say("tutéame") == ["Claro que sí. Nos hablamos de tú."]


async def test_asking_for_usted_in_english_asks_for_spanish(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("in english")
    assert await rosa.say("hábleme de usted") == ["Claro que sí. Le hablo de usted."]
    assert await chosen(store) == [("es", "usted")]


async def test_only_hers_changes(store: Store, bot: Bot) -> None:
    await bot.enrolled(501)
    ana = await bot.enrolled(502)
    await ana.say("hábleme de usted")
    assert sorted(await chosen(store)) == [("es", "tu"), ("es", "usted")]


async def test_an_invitation_to_a_check_in_is_worded_as_she_likes_it_now(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("hábleme de usted")
    await bot.pass_time(days=7)
    assert rosa.last.text == "Hola. ¿Tiene cinco minutos?"
