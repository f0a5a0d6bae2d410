"""A phone in the wrong hands: everything stops at one word; and who comes back by a call."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from storage import freezing, installation, orders, recovery
from storage.database import Conflict, Tx
from storage.freezing import Unsafe
from storage.invitations import Key
from storage.mail import MailState
from storage.members import Role
from storage.orders import WomanInvited
from storage.records import Entry
from storage.recovery import RecoveryAsked
from storage.schema import accounts, invitations, messages, outbox, participants, recoveries, sessions
from tests.integration.test_staff_roster import ANA, acts
from tests.support.calling import contact_of, to_call
from tests.support.chat import WORD, Bot, Chat
from tests.support.staff import PIN, at_work
from tests.support.world import Store

ROSA = 501


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def card(chat: Chat, *, pin: bool = False) -> None:
    """She opens Rosa's card, after a while with her PIN."""
    if pin:
        await chat.say("/participantes")
        await chat.say(PIN)
    await chat.say(f"/participantes R-{ROSA}")
    await chat.tap("Rosa")


async def named(bot: Bot) -> None:
    async with bot.store.database.transact() as tx:
        await installation.remember(tx, {installation.BOT_USERNAME: "hilo_bot"})


async def of(tx: Tx, table: object, column: object) -> list[object]:
    return list((await tx.run(select(column).select_from(table))).scalars())  # type: ignore[call-overload]


@pytest.mark.holds("T-phone-5")
async def test_frozen_at_once_nothing_reaches_her_and_nothing_stays(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled(ROSA)
    await bot.pass_time(days=31, hours=20)
    assert len(rosa.messages) > 2
    await card(lupe, pin=True)
    await lupe.tap("Congelar")
    assert rosa.messages
    before = await bot_calls(bot, rosa)
    await lupe.tap("Sí, congelar ya")
    assert "está congelada" in lupe.last.text
    said = await bot_calls(bot, rosa)
    assert [call for call in said[len(before) :] if call != "deleteMessages"] == []
    async with bot.store.database.read() as tx:
        assert all(await of(tx, accounts, accounts.c.unlinked_at.is_not(None) | accounts.c.staff_id.is_not(None)))
        assert all(
            await of(tx, invitations, invitations.c.used_at.is_not(None) | invitations.c.revoked_at.is_not(None))
        )
        hers = sessions.c.participant_id.is_not(None) & sessions.c.closed_at.is_(None)
        assert not any(await of(tx, sessions, hers))
    await bot.pass_time(days=200)
    assert await bot_calls(bot, rosa) == said, "nothing at all, for the rest of her plan"


async def bot_calls(bot: Bot, chat: Chat) -> list[str]:
    return [shown.call.method for shown in bot.shown if shown.chat_id == chat.chat_id]


@pytest.mark.holds("T-phone-5")
async def test_what_48_hours_allow_is_deleted_hers_and_ours(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled(ROSA)
    await bot.pass_time(days=31, hours=20)
    old = set(rosa.messages)
    await rosa.say("sí")
    fresh = set(rosa.messages) - old
    assert len(fresh) > 1
    assert any(rosa.messages[id_].hers for id_ in fresh)
    await card(lupe, pin=True)
    await lupe.tap("Congelar")
    await lupe.tap("Sí, congelar ya")
    assert not fresh & set(rosa.messages)
    async with bot.store.database.read() as tx:
        left = select(messages.c.message_id).where(messages.c.lane == bot.lane(ROSA), messages.c.deleted_at.is_(None))
        assert not fresh & set((await tx.run(left)).scalars())


async def test_what_she_wrote_outside_any_sitting_goes_too_and_so_does_news(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled(ROSA)
    old = set(rosa.messages)
    await rosa.say("necesito ayuda con unos papeles")
    await lupe.say("/bandeja")
    await lupe.tap("Mensaje")
    await lupe.tap("Tomar")
    fresh = set(rosa.messages) - old
    assert len(fresh) >= 3, "her words, our reply, and that somebody sees to it"
    await card(lupe)
    await lupe.tap("Congelar")
    await lupe.tap("Sí, congelar ya")
    assert not fresh & set(rosa.messages)


async def test_what_waited_to_leave_is_dropped_and_a_stranger_has_the_phone(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled(ROSA)
    await bot.pass_time(days=31, hours=20)
    await card(lupe, pin=True)
    await lupe.tap("Congelar")
    await lupe.tap("Sí, congelar ya")
    said = await rosa.say("hola, ¿qué me preguntaste?")
    assert "Rosa" not in " ".join(said)
    async with bot.store.database.read() as tx:
        states = {row.state for row in await tx.run(select(outbox).where(outbox.c.participant_id.is_not(None)))}
    assert MailState.READY not in states


async def test_only_a_coordinator_ends_it_and_no_old_chat_opens(bot: Bot) -> None:
    await named(bot)
    rosa = await bot.enrolled(ROSA)
    lupe = await at_work(bot)
    ana = await at_work(bot, Role.STAFF, chat_id=ANA, name="Ana Prueba")
    async with bot.store.database.transact() as tx:
        await tx.run(
            participants.update().values(staff_id=select(accounts.c.staff_id).where(_is(bot, ANA)).scalar_subquery())
        )
    await card(ana)
    await ana.tap("Congelar")
    await ana.tap("Sí, congelar ya")
    await ana.tap("Su tarjeta")
    assert "Congelada" in ana.last.text
    await ana.tap("Invitar")
    assert "está congelada" in ana.last.text
    await card(ana)
    await ana.tap("Descongelar")
    assert "Solo una coordinadora" in ana.last.text
    await card(lupe)
    await lupe.tap("Descongelar")
    thaw = next(data for label, data in reversed(lupe.offered) if label == "Sí, descongelar")
    await ana.tap_data(thaw)
    assert ana.toasts
    await card(ana)
    assert "Congelada" in ana.last.text, "a forged button changes nothing"
    await lupe.tap("Sí, descongelar")
    assert [action for action, _, _ in await acts(bot, "thawed")]
    assert "Rosa" not in " ".join(await rosa.say("hola"))
    async with bot.store.database.transact() as tx:
        await tx.run(participants.update().values(birth_year=1990))
    await card(lupe)
    await lupe.tap("Invitar")
    assert "recupera su cuenta con una llamada" in lupe.last.text
    await lupe.tap("Recuperar cuenta")
    await lupe.tap("Coincide")
    await lupe.tap("Coincide")
    assert lupe.newest("https://t.me/hilo_bot?start=")


def _is(bot: Bot, chat_id: int) -> object:
    return accounts.c.lane == bot.lane(chat_id)


async def test_a_call_with_two_right_answers_brings_her_back_and_locks_the_old_chat(bot: Bot) -> None:
    await named(bot)
    rosa, lupe = await bot.enrolled(ROSA), await at_work(bot)
    async with bot.store.database.transact() as tx:
        await tx.run(participants.update().values(birth_year=1990))
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    assert "¿en qué año naciste?" in lupe.last.text
    assert "Aquí dice: 1990" in lupe.last.text
    await lupe.tap("Coincide")
    assert "¿qué día saliste?" in lupe.last.text
    await lupe.tap("Coincide")
    link = next(word for word in lupe.newest("https://").text.split() if word.startswith("https"))
    await lupe.tap("Ver la palabra")
    word = lupe.last.text.splitlines()[0].removeprefix("Su palabra: ")
    assert "Rosa" not in " ".join(await rosa.say("hola")), "the old chat is nobody's at once"
    again = bot.chat(777)
    await again.start(link.partition("=")[2])
    await again.tap("Sí, puedo")
    await again.say(word)
    async with bot.store.database.read() as tx:
        linked = (await tx.run(select(accounts).where(accounts.c.participant_id.is_not(None)))).all()
    assert len({row.participant_id for row in linked}) == 1, "her history is one"
    assert [actor.split(":")[0] for actor, _, _ in await acts(bot, "recovery_asked")] == ["staff"]


async def test_whoever_had_a_chat_gets_no_link_without_a_call(bot: Bot) -> None:
    await named(bot)
    lupe, woman = await at_work(bot), await bot.register()
    await lupe.say("/participantes")
    await lupe.tap("Ver todas")
    await lupe.tap("Rosa")
    await lupe.tap("Invitar")
    draw = lupe.last.buttons["Crear enlace"]
    await bot.chat(ROSA).start(await bot.invite(woman))
    await bot.chat(ROSA).tap("Sí, puedo")
    await bot.chat(ROSA).say(WORD)
    await bot.chat(ROSA).accept()
    await lupe.tap_data(draw)
    assert "recupera su cuenta con una llamada" in lupe.last.text, "a button from before she came in draws nothing"
    assert "Recuperar cuenta" in lupe.last.buttons
    assert not [actor for actor, _, _ in await acts(bot, "invited") if actor.startswith("staff")]
    async with bot.store.database.transact() as tx:
        with pytest.raises(Conflict):
            await orders.WRITERS[WomanInvited](tx, [entry(WomanInvited(woman, "t", "girasol", 1))])


async def test_of_whom_anything_is_not_safe_only_a_second_person_lets_a_link_be_drawn(bot: Bot) -> None:
    await named(bot)
    lupe, woman = await at_work(bot), await bot.register()
    token = await bot.invite(woman)
    async with bot.store.database.transact() as tx:
        await tx.run(participants.update().values(birth_year=1990))
        await freezing.mark_unsafe(tx, woman, Unsafe.NUMBER, by=None)
    assert "Rosa" not in " ".join(await bot.chat(ROSA).start(token)), "a link from before is void"
    await lupe.say("/participantes")
    await lupe.tap("Ver todas")
    await lupe.tap("Rosa")
    await lupe.tap("Invitar")
    assert "Crear enlace" not in lupe.last.buttons
    await lupe.tap("Recuperar cuenta")
    await lupe.tap("Coincide")
    await lupe.tap("Coincide")
    assert "falta que una coordinadora lo confirme" in lupe.last.text
    async with bot.store.database.transact() as tx:
        with pytest.raises(Conflict):
            await recovery.WRITERS[RecoveryAsked](tx, [entry(RecoveryAsked(woman, 1, Key("t", "girasol")))])


def entry(record: object) -> Entry[object]:
    """A record as a writer gets it."""
    return Entry(record, datetime(2026, 3, 2, tzinfo=UTC), "test", "lane", 0, 0)


async def test_a_wrong_answer_gives_nothing_away(bot: Bot) -> None:
    lupe = await at_work(bot)
    await bot.enrolled(ROSA)
    async with bot.store.database.transact() as tx:
        await tx.run(participants.update().values(birth_year=1990))
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    right = next(data for label, data in reversed(lupe.offered) if label == "Coincide")
    await lupe.tap("No coincide")
    assert "No le des acceso a nadie" in lupe.last.text
    await lupe.tap_data(right)
    assert lupe.toasts
    async with bot.store.database.read() as tx:
        assert not any(await of(tx, accounts, accounts.c.unlinked_at.is_not(None)))
    assert await acts(bot, "recovery_failed")


async def test_where_something_is_not_safe_a_second_person_must_agree(bot: Bot) -> None:
    await named(bot)
    lupe, ana = await at_work(bot), await at_work(bot, chat_id=ANA, name="Ana Prueba")
    await bot.enrolled(ROSA)
    async with bot.store.database.transact() as tx:
        await tx.run(participants.update().values(birth_year=1990))
    await card(lupe)
    await lupe.tap("Congelar")
    await lupe.tap("Sí, congelar ya")
    await lupe.tap("Su número no es seguro")
    await card(lupe)
    assert "Su número no es seguro" in lupe.last.text
    await lupe.tap("Recuperar cuenta")
    assert "no le llames" in lupe.last.text
    await lupe.tap("Coincide")
    await lupe.tap("Coincide")
    assert "falta que una coordinadora lo confirme" in lupe.last.text
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    assert "Falta que otra persona confirme" in lupe.last.text
    await card(ana)
    await ana.tap("Recuperar cuenta")
    grant = next(data for label, data in reversed(ana.offered) if label == "Sí, crear enlace")
    await lupe.tap_data(grant)
    assert "https" not in " ".join(lupe.texts), "not the one who asked"
    await ana.tap("Sí, crear enlace")
    assert ana.newest("https://t.me/hilo_bot?start=")
    async with bot.store.database.read() as tx:
        (one,) = (await tx.run(select(recoveries))).all()
        frozen = await of(tx, participants, participants.c.frozen_at)
    assert (one.granted, one.decided_by != one.asked_by, frozen) == (True, True, [None])


async def test_a_contact_who_is_not_safe_is_offered_to_nobody_again(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot, "R-501")
    await contact_of(bot, her)
    await card(lupe)
    await lupe.tap("Congelar")
    await lupe.tap("Sí, congelar ya")
    await lupe.tap("Un contacto no es seguro")
    assert "no se le llamará" in lupe.last.text.casefold()
    await lupe.tap("Ana Ejemplo")
    (marked,) = [data for label, data in lupe.offered if "Ana Ejemplo" in label]
    await lupe.tap_data(marked)
    assert "ya no se le llama" in lupe.toasts[-1], "of a contact who is not safe nothing is found"
    await lupe.say("/llamadas")
    assert not [label for label in lupe.last.buttons if "otra persona" in label]
    assert [detail for _, _, detail in await acts(bot, "marked_unsafe")] == ["contacto"]


async def test_whoever_has_no_two_things_to_ask_comes_in_person(bot: Bot) -> None:
    lupe = await at_work(bot)
    await bot.enrolled(ROSA)
    await card(lupe)
    await lupe.tap("Recuperar cuenta")
    assert "Tiene que venir en persona" in lupe.last.text
