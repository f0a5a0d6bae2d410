"""Cases that go to somebody else: to whom they can go, what happens where nobody opens them, and who is alerted."""

from __future__ import annotations

import pytest

from storage import members
from storage.members import Role
from storage.schema import cases
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work, rows
from tests.support.tray import MAYA, given, opened
from tests.support.world import Store

EVA, AURA = 603, 604
WAITS = "Alguien espera respuesta. En espera: {}."
MORE = "Más ▶️"
LATE = "Nadie ha tomado o abierto: 1."


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def promotora(bot: Bot, chat_id: int = MAYA, name: str = "Maya Prueba") -> Chat:
    return await at_work(bot, Role.STAFF, chat_id=chat_id, name=name)


async def unlinked(bot: Bot, name: str = "Nora Prueba") -> None:
    """Somebody who was invited, and has not come in."""
    async with bot.store.database.transact() as tx:
        await members.invite_staff(tx, name, role=Role.STAFF)


async def away(bot: Bot, whose: Chat, cover: str) -> None:
    await whose.say("/bandeja")
    await whose.tap("Me ausento")
    await whose.tap(cover)
    await whose.tap("7")


async def later(bot: Bot, **time: float) -> None:
    """So much time has passed, and whatever was posted in it has left."""
    await bot.pass_time(**time)
    await bot.settle()


async def test_a_case_is_passed_only_to_who_has_come_in_and_is_not_away(bot: Bot) -> None:
    lupe, maya = await at_work(bot), await promotora(bot)
    eva = await promotora(bot, EVA, "Eva Prueba")
    await unlinked(bot)
    await away(bot, eva, "Lupe")
    await (await bot.enrolled()).say("ayuda")
    await opened(lupe, "Ayuda")
    await lupe.tap("Pasar")
    offered = " ".join(lupe.last.buttons)
    assert "Maya" in offered
    assert "Eva" not in offered
    assert "Nora" not in offered
    give = lupe.last.buttons[next(label for label in lupe.last.buttons if "Maya" in label)]
    await maya.block()
    await lupe.tap_data(give)
    (case,) = await rows(bot, cases)
    assert case.owner_id is None, "she could not be told"
    await opened(lupe, "Ayuda")
    await lupe.tap("Pasar")
    assert "no hay a quién pasarle a Rosa Prueba" not in lupe.last.text, "she herself can have it"


async def test_who_stands_in_has_come_in_too_and_is_told(bot: Bot) -> None:
    lupe = await at_work(bot)
    await unlinked(bot)
    await lupe.say("/bandeja")
    await lupe.tap("Me ausento")
    assert "no hay quién te cubra" in lupe.last.text
    maya = await promotora(bot)
    await away(bot, lupe, "Maya")
    assert "te toca cubrir" in maya.last.text
    assert "Lupe" not in maya.last.text


async def test_what_was_passed_and_is_not_opened_escalates_as_what_nobody_takes(bot: Bot) -> None:
    lupe, maya = await at_work(bot), await promotora(bot)
    await (await bot.enrolled()).say("ayuda")
    await later(bot, hours=5)
    assert lupe.texts.count(LATE) == 1
    await lupe.say("/bandeja")
    await lupe.say("2580")
    await opened(lupe, "Ayuda")
    await lupe.tap("Pasar")
    await lupe.tap("Maya")
    await later(bot, hours=3)  # of four: the office closes meanwhile
    assert lupe.texts.count(LATE) == 1
    await later(bot, hours=20)
    assert lupe.texts.count(LATE) == 2
    assert LATE not in maya.texts


async def test_what_was_passed_and_is_opened_does_not_escalate_until_more_comes(bot: Bot) -> None:
    lupe, maya = await at_work(bot), await promotora(bot)
    rosa = await bot.enrolled()
    await rosa.say("ayuda")
    await opened(lupe, "Ayuda")
    await lupe.tap("Pasar")
    await lupe.tap("Maya")
    await opened(maya, "Ayuda")
    await later(bot, days=2)
    assert LATE not in lupe.texts
    await rosa.say("ayuda")
    await later(bot, days=2)
    assert lupe.texts.count(LATE) == 1


async def test_the_cases_of_whoever_is_away_escalate_unless_her_cover_opens_them(bot: Bot) -> None:
    lupe, maya = await at_work(bot), await promotora(bot)
    eva = await promotora(bot, EVA, "Eva Prueba")
    for chat_id in (501, 502):
        her = await bot.enrolled(chat_id)
        await given(bot, her, maya)
        await her.say("ayuda")
    for _ in range(2):
        await maya.say("/bandeja")
        data = next(data for label, data in maya.last.buttons.items() if label.startswith("•"))
        await maya.tap_data(data)
        await maya.tap("Tomar")
    await away(bot, maya, "Eva")
    await eva.say("/bandeja")
    await eva.tap("Ayuda")
    await later(bot, days=2)
    assert lupe.texts.count(LATE) == 1, "of the one that nobody opened"


async def test_an_alert_reaches_whoever_sees_the_case_and_counts_what_she_sees(bot: Bot) -> None:
    lupe, maya = await at_work(bot), await promotora(bot)
    eva = await promotora(bot, EVA, "Eva Prueba")
    aura = await at_work(bot, Role.AUDITOR, chat_id=AURA, name="Aura Prueba")
    rosa, luz = await bot.enrolled(501), await bot.enrolled(502)
    await given(bot, rosa, maya)
    before = [list(chat.texts) for chat in (eva, aura)]
    await rosa.say("ayuda")
    await luz.say("ayuda")
    assert lupe.texts[-2:] == [WAITS.format(1), WAITS.format(2)]
    assert maya.texts[-1] == WAITS.format(1)
    assert maya.texts.count(WAITS.format(1)) == 1, "of hers, and not of the other"
    assert [list(chat.texts) for chat in (eva, aura)] == before
    await away(bot, maya, "Eva")
    await rosa.say("ayuda")
    assert eva.texts[-1] == WAITS.format(1), "she stands in"


async def test_where_nobody_sees_her_everybody_at_work_learns_that_somebody_waits(bot: Bot) -> None:
    maya = await promotora(bot)
    aura = await at_work(bot, Role.AUDITOR, chat_id=AURA, name="Aura Prueba")
    before = list(aura.texts)
    await (await bot.enrolled()).say("ayuda")
    assert maya.texts[-1] == "Alguien espera respuesta y nadie que la vea tiene chat. Avisa a quien administra."
    assert aura.texts == before


async def test_how_things_stand_counts_the_women_of_a_promotora(bot: Bot) -> None:
    lupe, maya = await at_work(bot), await promotora(bot)
    aura = await at_work(bot, Role.AUDITOR, chat_id=AURA, name="Aura Prueba")
    rosa, luz = await bot.enrolled(501), await bot.enrolled(502)
    await given(bot, rosa, maya)
    await luz.say("ayuda")
    for chat, enrolled, waiting in ((maya, 1, 0), (lupe, 2, 1), (aura, 2, 1)):
        await chat.say("/estado")
        assert f"Inscritas: {enrolled}" in chat.last.text
        assert f"En espera de respuesta: {waiting}" in chat.last.text
    await bot.pass_time(minutes=10)
    await maya.say("/bandeja")
    assert maya.last.text == "Nadie espera respuesta."


async def test_of_a_hundred_colleagues_each_is_on_some_screen(bot: Bot) -> None:
    lupe = await at_work(bot, Role.ADMIN)
    for number in range(3):
        await promotora(bot, 610 + number, f"Maya {number} Prueba")
    async with bot.store.database.transact() as tx:
        for number in range(100):
            await members.invite_staff(tx, f"Nora {number:03} Prueba", role=Role.STAFF)
    await lupe.say("/equipo")
    assert len(set(await screens(lupe, "team.card", 6))) == 104
    await bot.enrolled()
    await lupe.say("/participantes rosa")
    await lupe.tap("Rosa")
    await lupe.tap("Editar")
    await lupe.tap("Persona a cargo")
    assert len(set(await screens(lupe, "woman.give", 6))) == 105, "and nobody at all"


async def screens(chat: Chat, verb: str, count: int) -> list[str]:
    """What each button of this kind does, on all of so many screens."""
    seen: list[str] = []
    for left in range(count - 1, -1, -1):
        assert sum(map(len, chat.last.rows)) < 30
        seen += [data.partition(f".{verb}.")[2] for data in chat.last.buttons.values() if f".{verb}." in data]
        assert bool(left) == (MORE in chat.last.buttons)
        if left:
            await chat.tap(MORE)
    return seen


async def test_a_case_can_be_passed_to_whoever_stands_on_the_second_screen(bot: Bot) -> None:
    lupe = await at_work(bot)
    for number in range(22):
        await promotora(bot, 610 + number, f"Maya {number:02} Prueba")
    await (await bot.enrolled()).say("ayuda")
    await opened(lupe, "Ayuda")
    await lupe.tap("Pasar")
    assert "Maya 21 Prueba" not in lupe.last.buttons
    await lupe.tap(MORE)
    await lupe.tap("Maya 21 Prueba")
    assert "Ahora es de Maya 21 Prueba" in lupe.last.text
    await lupe.say("/bandeja")
    await lupe.tap("Me ausento")
    await lupe.tap(MORE)
    await lupe.tap("Maya 21 Prueba")
    assert "Cuántos días te cubre Maya 21 Prueba" in lupe.last.text
