"""Answers: undone though the case is closed, beside another's, in the middle of the night, and their author's last."""

from __future__ import annotations

import pytest

from conversations.speech import Phrase, Said
from storage import cases, cases_work, departures, members, stops
from storage.leaving import Held, may_leave
from storage.mail import Parcel, Urgency
from storage.schema import audit, case_log, notices, outbox
from storage.schema import cases as table
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work, rows
from tests.support.tray import LINE, MAYA, opened
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def answers(chat: Chat, text: str) -> None:
    await chat.tap("Responder")
    await chat.say(text)


async def asking(bot: Bot) -> Chat:
    rosa = await bot.enrolled()
    await rosa.say("ayuda")
    return rosa


# --- undone


async def test_an_answer_is_undone_though_its_case_is_closed_by_now(bot: Bot) -> None:
    rosa, lupe = await asking(bot), await at_work(bot)
    await opened(lupe, "Ayuda")
    await answers(lupe, "te llamo hoy")
    undo = next(data for label, data in reversed(lupe.offered) if label == "Deshacer")
    await lupe.tap("Ver el caso")
    await lupe.tap("Cerrar")
    await lupe.tap("Se resolvió")
    await lupe.tap_data(undo)
    assert lupe.last.text == "No se mandó. El caso sigue cerrado."
    await bot.pass_time(minutes=5)
    assert LINE not in rosa.texts
    assert [row.state for row in await rows(bot, table)] == ["resolved"]
    assert (await rows(bot, audit))[-1].action == "case_answer_taken_back"


async def test_what_is_told_at_closing_is_no_more_than_is_so(bot: Bot) -> None:
    rosa, lupe = await bot.enrolled(), await at_work(bot)
    told = {
        "Se canalizó": "Ya le pasé lo que pediste a alguien que te puede apoyar. Si no te busca, escríbeme.",
        "Ya no hace falta": "Anoté que ya no lo necesitas. Si todavía te hace falta, escríbeme.",
        "Se resolvió": "Lo que pediste ya quedó. Si no, escríbeme.",
    }
    for label, line in told.items():
        await rosa.say("ayuda")
        await opened(lupe, "Ayuda")
        await lupe.tap("Cerrar")
        await lupe.tap(label)
        assert rosa.texts[-1] == line
        bot.store.clock.advance(minutes=11)


async def test_whoever_was_not_found_is_told_nothing(bot: Bot) -> None:
    rosa, lupe = await asking(bot), await at_work(bot)
    before = list(rosa.texts)
    await opened(lupe, "Ayuda")
    await lupe.tap("Cerrar")
    await lupe.tap("No se le encontró")
    assert rosa.texts == before
    async with bot.store.database.read() as tx:
        (case,) = await rows(bot, table)
        assert await cases.asked_by(tx, [case.participant_id]) == {}, "nor when she asks how it stands"


async def test_a_button_that_pretends_to_be_words_answers_nobody(bot: Bot) -> None:
    await asking(bot)
    lupe = await at_work(bot)
    await opened(lupe, "Ayuda")
    answer = lupe.last.buttons["Responder"].split(".cases.")[0]
    for label in ("Responder", "Nota"):
        await lupe.tap(label)
        for forged in ("heard", "sent", "arrived"):
            await lupe.tap_data(f"{answer}.cases.{forged}")
            assert "ya no sirve" in lupe.toasts[-1]
        await lupe.tap("Ver el caso")
    assert await rows(bot, case_log) == []
    assert await rows(bot, notices) == []


# --- beside another's


async def test_whoever_answers_what_another_has_answered_is_told_and_asked(bot: Bot) -> None:
    rosa, lupe = await asking(bot), await at_work(bot)
    maya = await at_work(bot, chat_id=MAYA, name="Maya Prueba")
    await opened(lupe, "Ayuda")
    await opened(maya, "Ayuda")
    await answers(maya, "soy Maya, yo te ayudo")
    await answers(lupe, "soy Lupe, yo te ayudo")
    assert "Maya Prueba ya le contestó a Rosa Prueba: «soy Maya, yo te ayudo»" in lupe.last.text
    assert [row.cause for row in await rows(bot, case_log)] == [row.cause for row in await rows(bot, notices)]
    assert len(await rows(bot, notices)) == 1, "nothing of Lupe's leaves yet"
    await lupe.tap("Mandar también")
    assert "30 segundos" in lupe.last.text
    await bot.pass_time(minutes=1)
    await rosa.tap("Abrir")
    assert rosa.texts[-2:] == ["soy Maya, yo te ayudo", "soy Lupe, yo te ayudo"]
    await opened(lupe, "Ayuda")
    await answers(lupe, "y otra cosa")
    assert "30 segundos" in lupe.last.text, "of Maya's she knows by now, and her own she wrote herself"


async def test_a_ready_answer_asks_too_and_one_that_was_taken_back_does_not_count(bot: Bot) -> None:
    async with bot.store.database.transact() as tx:
        await cases_work.add_canned(tx, "Horario", "Abrimos a las nueve.")
    await asking(bot)
    lupe, maya = await at_work(bot), await at_work(bot, chat_id=MAYA, name="Maya Prueba")
    await opened(lupe, "Ayuda")
    await lupe.tap("Respuestas")
    await opened(maya, "Ayuda")
    await answers(maya, "yo le escribo")
    await lupe.tap("Horario")
    assert "«yo le escribo»" in lupe.last.text
    await maya.tap("Deshacer")
    await lupe.tap("Mandar también")
    assert "30 segundos" in lupe.last.text


async def test_two_who_answer_in_one_moment_do_not_both_write_to_her_unasked(bot: Bot) -> None:
    await asking(bot)
    lupe, maya = await at_work(bot), await at_work(bot, chat_id=MAYA, name="Maya Prueba")
    for chat in (lupe, maya):
        await opened(chat, "Ayuda")
        await chat.tap("Responder")
    chats = [chat.chat_id for chat in (lupe, maya)]
    written = [{"message_id": 9000, "chat": {"id": chat, "type": "private"}, "text": "ya voy"} for chat in chats]
    await bot.receive(*((chat, {"message": one}) for chat, one in zip(chats, written, strict=True)))
    await bot.settle()
    assert len(await rows(bot, notices)) == 1
    assert sorted("ya le contestó" in chat.last.text for chat in (lupe, maya)) == [False, True]


# --- at night


async def test_out_of_her_hours_the_author_is_told_the_time_and_chooses(bot: Bot) -> None:
    rosa, lupe = await asking(bot), await at_work(bot)
    await bot.pass_time(hours=16.5)
    await opened(lupe, "Ayuda")
    await answers(lupe, "ya lo vi")
    assert lupe.last.text == "Son las 2:30 donde está Rosa Prueba. Todavía no sale: ¿cuándo se lo mando?"
    assert await rows(bot, notices) == []
    await lupe.tap("Que salga ahora")
    await bot.pass_time(minutes=1)
    assert rosa.texts[-1] == LINE
    assert (await rows(bot, outbox))[-1].urgency == Urgency.REPLY, "which keeps no hours"


async def test_in_the_morning_it_leaves_and_until_then_it_can_be_undone(bot: Bot) -> None:
    rosa, lupe = await asking(bot), await at_work(bot)
    await bot.pass_time(hours=16.5)
    await opened(lupe, "Ayuda")
    await answers(lupe, "no, mejor no")
    (later,) = [label for label in lupe.last.buttons if label.startswith("Que salga a las")]
    await lupe.tap(later)
    assert lupe.last.text.startswith("Sale a las")
    await bot.pass_time(hours=1)
    assert LINE not in rosa.texts
    await opened(lupe, "Ayuda")
    undo = next(data for label, data in reversed(lupe.offered) if label == "Deshacer")
    await lupe.tap_data(undo)
    assert "No se mandó." in lupe.texts
    await opened(lupe, "Ayuda")
    await answers(lupe, "esto sí")
    await lupe.tap(later)
    await bot.pass_time(hours=7)
    await rosa.tap("Abrir")
    assert rosa.texts[-1] == "esto sí"


async def test_an_old_button_sends_no_other_answer_and_new_words_take_its_place(bot: Bot) -> None:
    rosa, lupe = await asking(bot), await at_work(bot)
    await bot.pass_time(hours=16.5)
    await opened(lupe, "Ayuda")
    await answers(lupe, "una")
    old = next(data for label, data in reversed(lupe.offered) if label == "Que salga ahora")
    await lupe.say("otra")
    await lupe.tap_data(old)
    assert await rows(bot, notices) == []
    await lupe.tap("Que salga ahora")
    await bot.pass_time(minutes=1)
    await rosa.tap("Abrir")
    assert rosa.texts[-1] == "otra"


async def test_an_answer_that_leaves_at_any_hour_leaves_nobody_who_wished_for_silence(bot: Bot) -> None:
    rosa, lupe = await asking(bot), await at_work(bot)
    await opened(lupe, "Ayuda")
    await answers(lupe, "ya lo vi")
    (line,) = [row for row in await rows(bot, outbox) if ":notice:" in row.origin]
    parcel = Parcel(
        line.origin, line.lane, rosa.chat_id, Said(Phrase("notice.waiting")), Urgency(line.urgency), line.participant_id
    )
    async with bot.store.database.transact() as tx:
        assert await may_leave(tx, [parcel]) == [None]
        bot.store.clock.advance(seconds=5)
        await stops.stop(tx, line.participant_id, stops.How.CALL)
        assert await may_leave(tx, [parcel]) == [Held.STOPPED]


# --- its author's last


async def test_an_answer_that_could_be_undone_is_called_back_as_its_author_is_shut_out(bot: Bot) -> None:
    rosa, lupe = await asking(bot), await at_work(bot)
    maya = await at_work(bot, chat_id=MAYA, name="Maya Prueba")
    await opened(lupe, "Ayuda")
    await answers(lupe, "esto queda")
    await bot.pass_time(minutes=5)
    await rosa.tap("Abrir")
    await opened(lupe, "Ayuda")
    await answers(lupe, "esto no debe salir")
    async with bot.store.database.transact() as tx:
        (hers,) = [one.staff for one in await members.listed(tx) if one.name == "Lupe Prueba"]
        assert await departures.revoke(tx, hers)
    await bot.pass_time(minutes=5)
    assert LINE not in rosa.texts[rosa.texts.index("esto queda") :]
    (case,) = await rows(bot, table)
    assert (case.owner_id, case.unread_since is None) == (None, False)
    await opened(maya, "Ayuda")
    assert "esto queda" in maya.last.text
    assert "esto no debe salir" not in maya.last.text
