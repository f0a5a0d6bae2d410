"""The desk of a member of staff: what she may do and nothing else, behind her PIN where there are names."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.desk import staff_rooms
from bot.library import build, shipped_sources
from bot.participant.notice import Notice
from bot.staff import permissions
from bot.staff.permissions import COMMAND_KEYS, COMMANDS, MAY, NAMELESS
from bot.staff.pin import OPEN_FOR
from scheduler.applied import Plans
from scheduler.plan import SHIPPED_PLAN, read_plan
from storage import departures, members
from storage.members import Role
from storage.schema import staff
from storage.words import matches
from tests.support.chat import Bot, Chat
from tests.support.staff import PIN, at_work, member
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


ROOMS = staff_rooms(build([], shipped_sources()), Plans.of(read_plan(SHIPPED_PLAN)), notice=Notice("1", ""))


def pressed(chat: Chat, label: str) -> tuple[int, dict[str, Any]]:
    """A tap that arrives together with others."""
    message = {"chat": {"id": chat.chat_id, "type": "private"}}
    query = {"id": str(chat.chat_id), "from": {"id": chat.chat_id}, "message": message}
    return chat.chat_id, {"callback_query": {**query, "data": chat.last.buttons[label]}}


def test_every_room_is_in_the_table_and_the_table_names_no_other() -> None:
    assert {verb.partition(".")[0] for verb in MAY} == {room.name for room in ROOMS}
    assert set(COMMANDS.values()) <= set(MAY)
    assert tuple(f"command.{command}" for command in COMMANDS) == COMMAND_KEYS
    assert len(MAY) > 5


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_sees_its_own_commands_and_no_other(bot: Bot, role: Role) -> None:
    chat = await member(bot, role)
    assert chat.commands == permissions.commands_of(role)
    await chat.say("/menu")
    assert len(chat.last.buttons) == len(chat.commands) - 1
    for command in set(COMMANDS) - set(chat.commands):
        assert await chat.say(f"/{command}") == await chat.say("/nosuchthing")


async def test_a_participant_never_sees_that_there_are_commands_of_staff(bot: Bot) -> None:
    rosa = await bot.enrolled()
    for command in COMMANDS:
        await rosa.say(f"/{command}")
        assert not any("." in data.partition(".")[2] for _, data in rosa.offered if "lobby" in data)
    assert rosa.commands == ()


@pytest.mark.holds("T-staffphone-3")
async def test_the_first_pin_is_chosen_twice_and_never_stays_in_the_chat(bot: Bot) -> None:
    lupe = await member(bot, Role.COORDINATOR)
    await lupe.say("/pin")
    for unfit in ("12", "abcd", "1111", "3456", "123456789"):
        (said,) = await lupe.say(unfit)
        assert "no sirve" in said
    await lupe.say(PIN)
    (said,) = await lupe.say("8640")
    assert "No fueron iguales" in said
    await lupe.say(PIN)
    (said,) = await lupe.say(PIN)
    assert "guardado" in said
    assert not [text for text in lupe.texts if any(digits in text for digits in (PIN, "8640", "3456"))]


@pytest.mark.holds("T-staffphone-1")
async def test_a_desk_left_alone_asks_for_the_pin_and_then_goes_on(bot: Bot) -> None:
    lupe = await at_work(bot, Role.COORDINATOR)
    await bot.pass_time(**{"seconds": OPEN_FOR.total_seconds() + 1})
    await lupe.say("/pin")
    assert "Escribe tu PIN" in lupe.last.text
    (said,) = await lupe.say("9999")
    assert "Te quedan 4" in said
    (said,) = await lupe.say(PIN)
    assert "Elige un PIN" in said


@pytest.mark.holds("T-staffphone-1")
async def test_five_wrong_pins_lock_it(bot: Bot) -> None:
    lupe = await at_work(bot, Role.COORDINATOR)
    await lupe.say("/pin")
    for _ in range(5):
        await lupe.say("9999")
    assert "cerrado" in lupe.last.text
    await lupe.say("/pin")
    await lupe.say(PIN)
    assert "Elige un PIN" not in " ".join(lupe.texts[-2:])


async def test_a_pin_half_chosen_is_nobodys_to_finish_once_the_desk_is_closed(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot, Role.COORDINATOR)
    await lupe.say("/pin")
    await lupe.say(PIN)
    assert "Elige un PIN" in lupe.last.text
    await bot.pass_time(days=1)
    for _ in range(2):
        await lupe.say("8642")
    async with store.database.read() as tx:
        (kept,) = (await tx.run(select(staff.c.pin_hash))).scalars()
    assert matches(kept, PIN), "whoever has the phone by now does not know it"


async def test_words_are_no_try_at_the_pin(bot: Bot) -> None:
    lupe = await at_work(bot, Role.COORDINATOR)
    await bot.pass_time(**{"seconds": OPEN_FOR.total_seconds() + 1})
    await lupe.say("/equipo")
    for _ in range(6):
        await lupe.say("hola, ¿cómo estás?")
    await lupe.say(PIN)
    await lupe.tap("Continuar")
    assert "Lupe Prueba" in lupe.last.buttons


async def test_a_long_search_is_typed_anew_once_the_desk_is_open(bot: Bot) -> None:
    lupe = await at_work(bot, Role.COORDINATOR)
    await bot.pass_time(**{"seconds": OPEN_FOR.total_seconds() + 1})
    await lupe.say("/participantes María Guadalupe Hernández Martínez de la Torre")
    await lupe.say(PIN)
    (label,) = lupe.last.buttons
    assert len(lupe.last.buttons[label].encode()) <= 64
    await lupe.tap(label)
    assert lupe.last.text


async def test_two_admins_do_not_see_each_other_off(store: Store, bot: Bot) -> None:
    one = await at_work(bot, Role.ADMIN)
    other = await at_work(bot, Role.ADMIN, chat_id=602, name="Maya Prueba")
    for chat, name in ((one, "Maya Prueba"), (other, "Lupe Prueba")):
        await chat.say("/equipo")
        await chat.tap(name)
        await chat.tap("Sacar del equipo")
    await bot.receive(*(pressed(chat, "Sí, sacarla") for chat in (one, other)))
    await bot.settle()
    async with store.database.read() as tx:
        assert [member.role for member in await members.listed(tx)] == [Role.ADMIN]


@pytest.mark.holds("T-staff-4")
async def test_revoking_acts_at_once_even_with_an_open_menu(store: Store, bot: Bot) -> None:
    lupe = await member(bot, Role.COORDINATOR)
    await lupe.say("/menu")
    async with store.database.transact() as tx:
        (hers,) = await members.listed(tx)
        assert await departures.revoke(tx, hers.staff)
        assert not await departures.revoke(tx, hers.staff)
        assert not await members.listed(tx)
    await lupe.tap("¿Cómo vamos?")
    assert "Inscritas" not in lupe.last.text
    assert lupe.toasts
    assert "Inscritas" not in " ".join(await lupe.say("/estado"))


async def test_an_open_menu_survives_a_restart(store: Store, bot: Bot) -> None:
    lupe = await member(bot, Role.COORDINATOR)
    await lupe.say("/menu")
    after = Bot(store)
    after.chats[lupe.chat_id], after.numbers, lupe.bot = lupe, bot.numbers, after
    await lupe.tap("¿Cómo vamos?")
    assert "Inscritas: 0" in lupe.last.text, "in place of the menu"


def test_the_rooms_without_names_are_rooms() -> None:
    assert {room.name for room in ROOMS} | set(MAY) >= NAMELESS
