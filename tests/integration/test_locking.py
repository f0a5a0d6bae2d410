"""What closes a chat at once: another number, another account, and her own wish that it be cleared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from scheduler.enrolment import enrol
from storage import calls, cases
from storage.calls import Attempt, Disposition
from storage.imports.participants import ParticipantRow
from storage.schema import accounts, checkins, vault
from storage.vault import Place
from tests.integration.test_gate import HARMLESS, hers, tap_code, with_code
from tests.integration.test_promises import asked
from tests.integration.test_shared_chat import OTHER, joined
from tests.support.calling import contact_of, note_down
from tests.support.chat import WORD, Bot, Chat
from tests.support.staff import at_work, rows
from tests.support.world import Store

NUMBER, ANOTHER = "5512345678", "5598760000"


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def let_in(bot: Bot) -> tuple[Chat, int]:
    """A woman who has just given her code and has something on her screen, and her id."""
    rosa = await with_code(bot)
    await rosa.say("/permisos")
    await tap_code(rosa)
    assert "Listo" in rosa.last.buttons
    (account,) = await rows(bot, accounts)
    return rosa, account.participant_id


async def is_asked(rosa: Chat) -> bool:
    """Whether her code is asked for before anything."""
    await rosa.say("/permisos")
    return "¿Eres tú?" in rosa.last.text


# --- another number


async def on_a_card(bot: Bot, her: int) -> None:
    lupe = await at_work(bot)
    first = min(row.id for row in await rows(bot, checkins) if row.participant_id == her)
    async with bot.store.database.transact() as tx:
        await cases.ask_for_calls(tx, [(her, first)])
    await lupe.say("/llamadas")
    await note_down(lupe, "Cambió de número")
    await lupe.say(ANOTHER)
    await lupe.tap("Guardar")


async def by_command(bot: Bot, her: int) -> None:
    await told(bot, her, Attempt(Disposition.CHANGED_NUMBER, new_phone=ANOTHER))


async def by_a_contact(bot: Bot, her: int) -> None:
    sister = await contact_of(bot, her)
    await told(bot, her, Attempt(Disposition.MESSAGE_LEFT, contact=sister, new_phone=ANOTHER))


async def by_a_roster(bot: Bot, her: int) -> None:
    """Who she is comes from a later file than that she is."""
    async with bot.store.database.transact() as tx:
        nobody = {"name": tx.vault.seal_text(Place("vault", "name", her), ""), "phone": None}
        await tx.run(update(vault).where(vault.c.participant_id == her).values(nobody))
        await enrol(tx, [ParticipantRow(line=2, record_id="R-501", name="Rosa Prueba", phone=ANOTHER)], plans=bot.plans)


async def told(bot: Bot, her: int, attempt: Attempt) -> None:
    async with bot.store.database.transact() as tx:
        await calls.record(tx, her, attempt, by="command", try_again_at=tx.now)


WAYS = (on_a_card, by_command, by_a_contact, by_a_roster)


@pytest.mark.holds("T-phone-6")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_another_number_closes_her_chat_at_once(bot: Bot, way: Callable[[Bot, int], Awaitable[None]]) -> None:
    rosa, her = await let_in(bot)
    await way(bot, her)
    await bot.settle()
    assert set(hers(rosa)) <= HARMLESS, "nothing stands that was shown before"
    assert await is_asked(rosa)
    await tap_code(rosa)
    assert "Listo" in rosa.last.buttons


async def of_the_same_number(bot: Bot, her: int) -> None:
    await told(bot, her, Attempt(Disposition.CHANGED_NUMBER, new_phone=NUMBER))


async def of_a_contacts_number(bot: Bot, her: int) -> None:
    sister = await contact_of(bot, her)
    await told(bot, her, Attempt(Disposition.CHANGED_NUMBER, contact=sister, new_phone=ANOTHER))


@pytest.mark.parametrize("way", [of_the_same_number, of_a_contacts_number], ids=lambda way: way.__name__)
async def test_what_is_no_change_of_hers_closes_nothing(bot: Bot, way: Callable[[Bot, int], Awaitable[None]]) -> None:
    rosa, her = await let_in(bot)
    await way(bot, her)
    await bot.settle()
    assert not await is_asked(rosa)


async def test_another_number_of_one_woman_puts_nobody_else_out(bot: Bot) -> None:
    phone = await with_code(bot)
    (first,) = [row.participant_id for row in await rows(bot, accounts)]
    await joined(bot, phone)
    await by_command(bot, first)
    await bot.settle()
    await phone.say("/permisos")
    assert "Listo" in phone.last.buttons, "it is the other one who is in"


# --- another account


@pytest.mark.holds("S-9")
async def test_whoever_comes_back_to_her_old_account_is_asked_there_too(bot: Bot) -> None:
    old, her = await let_in(bot)
    new = bot.chat(777)
    for phone in (new, old):
        await phone.start(await bot.invite(her))
        await phone.tap("Sí, puedo")
        await phone.say(WORD)
        await phone.accept()
        assert "¿Eres tú?" in phone.last.text, "within ten minutes of her code"
        if phone is new:
            assert set(hers(old)) <= HARMLESS, "what stood there has gone at once"
            await tap_code(phone)


# --- her wish


@pytest.mark.holds("S-10")
async def test_what_is_cleared_is_closed_and_keeps_her_place(bot: Bot) -> None:
    rosa = await asked(bot, skipping=1)
    question = rosa.last.text
    assert await rosa.say("/borrar") == []
    assert set(hers(rosa)) <= HARMLESS
    await rosa.say("hola")
    assert "¿Eres tú?" in rosa.last.text
    await tap_code(rosa)
    assert rosa.last.text == question, "the same instant, by the clock of this test"
    await rosa.say("saltar")
    assert rosa.last.text != question


async def test_who_has_no_code_goes_on_where_she_was_after_she_cleared(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    question = rosa.last.text
    for said in ("borrar", "Borra todo"):
        await rosa.say(said)
        assert set(hers(rosa)) <= HARMLESS
        assert await rosa.say("hola") == [question]


async def test_an_answer_to_what_was_cleared_is_taken_as_one(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    question = rosa.last.text
    await rosa.say("/borrar")
    await rosa.say("saltar")
    assert "Pregunta" in rosa.last.text or "de" in rosa.last.text
    assert rosa.last.text != question


# --- what was said at the door


async def test_a_greeting_said_twice_at_the_door_is_answered_once(bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("hola")
    await rosa.say("Hola?")
    await rosa.start()
    assert len(await tap_code(rosa)) == 1


async def test_what_differs_is_each_taken(bot: Bot) -> None:
    rosa = await with_code(bot)
    await rosa.say("hola")
    await rosa.say("/permisos")
    said = await tap_code(rosa)
    assert len(said) == 2
    assert "permites" in said[1]


# --- guessing


@pytest.mark.holds("T-partner-2")
@pytest.mark.parametrize("way", ["/salir", "/borrar"])
async def test_who_guesses_does_not_begin_anew_by_leaving_or_clearing(bot: Bot, way: str) -> None:
    rosa = await with_code(bot)
    await rosa.say("hola")
    for _ in range(3):
        await tap_code(rosa, "1111")
    await rosa.say(way)
    await rosa.say("hola")
    assert "Prueba otra vez en 1 minuto" in rosa.last.text
    await tap_code(rosa)
    assert "Prueba otra vez en 1 minuto" in rosa.last.text


@pytest.mark.holds("T-phone-4")
async def test_her_own_code_gives_nobody_more_guesses_at_anothers(bot: Bot) -> None:
    phone = await with_code(bot)
    await joined(bot, phone)
    for _ in range(2):
        await phone.say("/salir")
        await phone.say("hola")
        await tap_code(phone, "1111")
        await tap_code(phone, OTHER)
    await phone.say("/salir")
    await phone.say("hola")
    await tap_code(phone, "1111")
    assert "Prueba otra vez en 1 minuto" in phone.last.text
    await bot.pass_time(days=1)
    await phone.say("hola")
    await tap_code(phone, "1111")
    assert phone.last.text.startswith("No es."), "by then it was long ago"


@pytest.mark.holds("T-partner-2")
async def test_who_guesses_on_one_phone_slows_nobody_on_another(bot: Bot) -> None:
    phone = await with_code(bot)
    await phone.say("hola")
    for _ in range(3):
        await tap_code(phone, "1111")
    other = await bot.enrolled(777)
    await other.tap("Cuatro números")
    for _ in range(2):
        await tap_code(other, OTHER)
    await other.say("/salir")
    await other.say("hola")
    await tap_code(other, OTHER)
    assert "¡Hola!" in other.last.text
