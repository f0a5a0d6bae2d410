"""The tray of cases: who sees what, answers that can be undone, hands that collide, and whoever stands in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import cases, cases_office, cases_seen, cases_work, departures, installation
from storage.cases_work import UNDO
from storage.members import Role
from storage.schema import case_log
from storage.schema import cases as table
from tests.support.chat import Bot
from tests.support.staff import LUPE, at_work, rows
from tests.support.tray import LINE, MAYA, actions, asks, id_of, opened
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


@pytest.mark.holds("T-staff-2")
async def test_a_case_is_opened_taken_answered_and_closed(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await asks(bot)
    await opened(lupe)
    assert "me cambié de casa" in lupe.last.text
    assert "Nadie la atiende" in lupe.last.text
    assert (await actions(bot))[-1] == "case_read"
    await lupe.tap("Tomar")
    assert rosa.texts[-1] == "Lo que pediste va en camino."
    await lupe.tap("Ver el caso")
    assert "La atiende: Lupe Prueba" in lupe.last.text
    await lupe.tap("Responder")
    await lupe.say("Hola {nombre}, ya lo anoté.")
    assert "30 segundos" in lupe.last.text
    assert LINE not in rosa.texts
    await bot.pass_time(seconds=31)
    await rosa.tap("Abrir")
    assert rosa.texts[-1] == "Hola Rosa, ya lo anoté."
    await rosa.say("¿y la cita?")
    await opened(lupe)
    assert [line[0] for line in lupe.last.text.splitlines() if line.startswith(("◂", "▸"))][:3] == ["◂", "▸", "◂"]
    await lupe.tap("Cerrar")
    await lupe.tap("Se resolvió")
    (case,) = await rows(bot, table)
    assert (case.state, case.outcome) == ("resolved", "attended")
    assert {"case_taken", "case_answered", "case_closed"} <= set(await actions(bot))
    await lupe.say("/bandeja")
    assert lupe.last.text == "Nadie espera respuesta."


async def test_an_answer_can_be_undone_for_half_a_minute_and_no_longer(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await asks(bot)
    await opened(lupe)
    await lupe.tap("Responder")
    await lupe.say("esto no")
    await lupe.tap("Deshacer")
    assert lupe.last.text == "No se mandó."
    await bot.pass_time(minutes=5)
    assert LINE not in rosa.texts
    await lupe.tap("Responder")
    await lupe.say("esto sí")
    await bot.pass_time(seconds=UNDO.total_seconds())
    await lupe.tap("Deshacer")
    assert lupe.toasts[-1] == "Ya salió: no se puede deshacer."
    await rosa.tap("Abrir")
    assert rosa.texts[-1] == "esto sí"
    assert b"esto" not in b"".join(row.words for row in await rows(bot, case_log))


async def test_what_she_has_seen_already_cannot_be_undone(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await asks(bot)
    for said in ("primero", "segundo"):
        await opened(lupe)
        await lupe.tap("Responder")
        await lupe.say(said)
        if said == "primero":
            await bot.pass_time(minutes=1)
    await rosa.tap("Abrir")
    assert rosa.texts[-2:] == ["primero", "segundo"]
    await lupe.tap("Deshacer")
    assert lupe.toasts[-1] == "Ya salió: no se puede deshacer."


async def test_an_answer_goes_to_the_case_whose_button_was_tapped(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa, luz = await asks(bot, 501), await asks(bot, 502)
    await lupe.say("/bandeja")
    (_, data), *_ = [(label, data) for label, data in lupe.last.buttons.items() if "Mensaje" in label]
    await lupe.tap_data(data)
    await lupe.tap("Responder")
    await luz.say("ayuda")
    await lupe.say("para la primera")
    await bot.pass_time(minutes=1)
    told = [chat for chat in (rosa, luz) if LINE in chat.texts]
    assert len(told) == 1
    assert [row.state for row in await rows(bot, table)].count("on_its_way") == 1


async def test_staff_see_their_own_and_a_forged_button_finds_nothing(bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    maya = await at_work(bot, Role.STAFF, chat_id=MAYA, name="Maya Prueba")
    await asks(bot, of=lupe)
    await maya.say("/bandeja")
    assert maya.last.text == "Nadie espera respuesta."
    await opened(lupe)
    taps = [data for _, data in lupe.offered if ".cases." in data]
    assert len(taps) > 5
    mine = next(data for _, data in maya.offered).split(".")[0]
    for data in taps:
        await maya.tap_data(".".join([mine, *data.split(".")[1:]]))
        assert "me cambié" not in " ".join(maya.texts)
    (case,) = await rows(bot, table)
    assert (case.owner_id, case.closed_at) == (None, None)


async def test_two_who_take_one_case_at_once(bot: Bot) -> None:
    lupe, maya = await at_work(bot), await at_work(bot, chat_id=MAYA, name="Maya Prueba")
    await asks(bot)
    updates = []
    for chat in (lupe, maya):
        await opened(chat)
        data = chat.last.buttons["Tomar"]
        query = {"id": str(chat.chat_id), "from": {"id": chat.chat_id}, "data": data}
        updates.append((chat.chat_id, {"callback_query": query}))
    await bot.receive(*updates)
    await bot.settle()
    (case,) = await rows(bot, table)
    assert case.owner_id == await id_of(bot, lupe)
    assert maya.toasts[-1] == "Lupe Prueba ya lo tomó."


async def test_a_case_that_is_passed_on_keeps_what_is_unread_and_she_is_told(bot: Bot) -> None:
    lupe = await at_work(bot)
    maya = await at_work(bot, Role.STAFF, chat_id=MAYA, name="Maya Prueba")
    rosa = await asks(bot, of=lupe)
    await opened(lupe)
    await lupe.tap("Tomar")
    await opened(lupe)
    give = lupe.last.buttons["Pasar"]
    await rosa.say("otra cosa")
    await rosa.tap("Pasar este mensaje")
    await lupe.tap_data(give)
    await lupe.tap("Maya")
    assert rosa.texts[-1] == "Ahora te atiende otra persona del equipo."
    assert maya.last.text == "Te pasaron un caso."
    await maya.say("/bandeja")
    (label,) = [label for label in maya.last.buttons if "Mensaje" in label]
    assert label.startswith("•")
    await maya.tap(label)
    await maya.tap("Bandeja")
    assert not [label for label in maya.last.buttons if "•" in label]


async def test_the_cover_sees_no_name_before_she_opens_it(bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    maya = await at_work(bot, Role.STAFF, chat_id=MAYA, name="Maya Prueba")
    await asks(bot, of=lupe)
    await lupe.say("/bandeja")
    await lupe.tap("Me ausento")
    await lupe.tap("Maya")
    await lupe.tap("3")
    assert "Maya Prueba te cubre hasta el 04/03" in lupe.last.text
    await maya.say("/bandeja")
    assert next(iter(maya.last.buttons)) == "• Mensaje · 0 h · la cubres"
    await maya.tap("Mensaje")
    assert "Rosa Prueba" in maya.last.text
    assert (await actions(bot))[-1] == "case_read"
    await lupe.say("/bandeja")
    await lupe.tap("Ya volví")
    await maya.say("/bandeja")
    assert maya.last.text == "Nadie espera respuesta."


async def test_an_absence_ends_by_itself(bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    maya = await at_work(bot, Role.STAFF, chat_id=MAYA, name="Maya Prueba")
    await asks(bot, of=lupe)
    async with bot.store.database.transact() as tx:
        away = cases_work.Away(await id_of(bot, lupe), await id_of(bot, maya), bot.store.clock.at.date())
        await cases_work.WRITERS[cases_work.Away](tx, [_entry(away, bot)])
    await bot.settle()
    await maya.say("/bandeja")
    assert "En espera: 1" in maya.last.text
    await bot.pass_time(days=1)
    await maya.say("/bandeja")
    await maya.say("2580")
    await maya.say("/bandeja")
    assert maya.last.text == "Nadie espera respuesta."


def _entry(record: Any, bot: Bot) -> Any:
    from storage.records import Entry

    return Entry(record, bot.store.clock.at, "o", "lane", LUPE, 1)


async def test_ready_answers_notes_and_what_is_not_sendable(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await asks(bot)
    async with bot.store.database.transact() as tx:
        await cases_work.add_canned(tx, "Horario", "Abrimos de 9 a 6, {nombre}.")
    await opened(lupe)
    await lupe.tap("Nota")
    await lupe.say("prefiere la tarde")
    await lupe.tap("Ver el caso")
    assert "✎" in lupe.last.text.splitlines()[-3]
    await lupe.tap("Respuestas")
    await lupe.tap("Horario")
    await lupe.tap("Ver el caso")
    await lupe.tap("Responder")
    await lupe.send("document", file_id="f", file_name="lista.pdf")
    assert "texto, una foto o una nota de voz" in lupe.last.text
    await lupe.say("x" * 3501)
    assert "3501" in lupe.last.text
    await lupe.send("photo")
    await bot.pass_time(minutes=1)
    await rosa.tap("Abrir")
    assert rosa.texts[-1] == "Abrimos de 9 a 6, Rosa."
    assert "tarde" not in " ".join(rosa.texts)


async def test_whoever_cannot_be_reached_is_not_written_to(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await asks(bot)
    await rosa.say("ya no me escriban")
    await opened(lupe)
    await lupe.tap("Responder")
    assert "pidió que no le escriban" in lupe.last.text
    luz = await bot.enrolled(502)
    await luz.say("ayuda")
    await luz.block()
    await lupe.say("/bandeja")
    await lupe.tap("Ayuda")
    await lupe.tap("Responder")
    assert "no tiene chat" in lupe.last.text


async def test_a_revoked_member_with_an_open_case_does_nothing_any_more(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asks(bot)
    await opened(lupe)
    async with bot.store.database.transact() as tx:
        await departures.revoke(tx, await id_of(bot, lupe))
    await lupe.tap("Tomar")
    (case,) = await rows(bot, table)
    assert case.owner_id is None


async def test_a_half_written_answer_survives_a_restart(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await asks(bot)
    await opened(lupe)
    await lupe.tap("Responder")
    after = Bot(store)
    for chat in (lupe, rosa):
        after.chats[chat.chat_id], chat.bot = chat, after
    after.numbers = bot.numbers
    await lupe.say("aquí sigo")
    await after.pass_time(minutes=1)
    await rosa.tap("Abrir")
    assert rosa.texts[-1] == "aquí sigo"


async def test_what_nobody_takes_is_told_to_coordinators_once(bot: Bot) -> None:
    lupe, maya = await at_work(bot), await at_work(bot, Role.STAFF, chat_id=MAYA, name="Maya Prueba")
    await asks(bot)
    await bot.pass_time(hours=3, minutes=55)
    assert "Nadie ha tomado" not in lupe.last.text
    await bot.pass_time(hours=3)
    await bot.settle()
    told = [text for text in lupe.texts if "Nadie ha tomado o abierto: 1" in text]
    assert len(told) == 1
    assert not [text for text in maya.texts if "Nadie ha tomado" in text]


async def test_out_of_hours_she_learns_once_when_somebody_reads(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=4, hours=9)  # Friday at seven in the evening
    await rosa.say("ayuda")
    assert rosa.texts[-2:] == [
        "Ya le avisé al equipo. Una persona te va a buscar.",
        "El equipo lee mensajes otra vez el lunes, desde las 9:00.",
    ]
    await rosa.say("ayuda")
    assert "lunes" not in rosa.texts[-1]


@pytest.mark.holds("T-staffphone-4")
async def test_a_group_of_staff_is_alerted_without_a_name(bot: Bot) -> None:
    async with bot.store.database.transact() as tx:
        await installation.remember(tx, {installation.BOT_ID: "7"})
        await cases_office.keep(tx, await cases_office.office(tx), group=-100500)
    await asks(bot)
    (said,) = bot.chat(-100500).texts
    assert "espera respuesta" in said
    assert "Rosa" not in said


async def test_two_cases_that_are_moved_together_are_told_once(bot: Bot) -> None:
    rosa = await asks(bot)
    await rosa.say("ayuda")
    her = await id_of(bot, rosa)
    for kind in ("ayuda", cases.MESSAGE):
        async with bot.store.database.transact() as tx:
            assert await cases.attend(tx, her, kind)
        await bot.settle()
    assert rosa.texts.count("Lo que pediste va en camino.") == 1
    bot.store.clock.advance(hours=1)
    async with bot.store.database.transact() as tx:
        assert await cases.close_case(tx, her, "ayuda")
        assert await cases.close_case(tx, her, cases.MESSAGE)
    await bot.settle()
    assert len([text for text in rosa.texts if "ya quedó" in text]) == 1


async def test_help_comes_before_messages_and_the_oldest_first(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asks(bot, 501)
    luz = await bot.enrolled(502)
    bot.store.clock.advance(minutes=10)
    await luz.say("ayuda")
    await lupe.say("/bandeja")
    assert [label.split(" ")[1] for label in lupe.last.buttons if " h" in label] == ["Ayuda", "Mensaje"]


async def test_a_tray_of_many_turns_its_pages(bot: Bot) -> None:
    lupe = await at_work(bot)
    for chat_id in range(501, 510):
        await (await bot.enrolled(chat_id)).say("ayuda")
    await lupe.say("/bandeja")
    first = [label for label in lupe.last.buttons if " h" in label]
    turn = [data for data in lupe.last.buttons.values() if "cases.list.1" in data]
    assert (len([row for row in lupe.last.rows if " h" in row[0]]), len(turn), bool(first)) == (8, 1, True)
    await lupe.tap_data(turn[0])
    assert len([row for row in lupe.last.rows if " h" in row[0]]) == 1
    assert [data for data in lupe.last.buttons.values() if "cases.list.0" in data]
    assert not [data for data in lupe.last.buttons.values() if "cases.list.2" in data]


async def test_waiting_is_counted_in_the_hours_of_the_office(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asks(bot)
    await bot.pass_time(hours=20)  # from ten in the morning to six the next
    await lupe.say("/bandeja")
    await lupe.say("2580")
    await lupe.say("/bandeja")
    assert [label for label in lupe.last.buttons if "· 8 h" in label]
    async with bot.store.database.read() as tx:
        assert await cases_seen.waiting(tx) == 1
        assert await cases_office.escalates_after(tx) == timedelta(hours=4)
