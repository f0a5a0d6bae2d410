"""Calling from the staff's chat: whom, with which number, and what became of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from scheduler.calendar import Slot
from storage import audit, calls, cases
from storage.calls import Disposition
from storage.members import Role
from storage.schema import attempts, participants, preferences, stops, vault
from storage.schema import cases as tasks
from storage.schema import contacts as named
from storage.stops import How
from storage.vault import Place
from tests.support.calling import EVA, PHONE, acts, contact_of, note_down, put, standing, to_call, tried
from tests.support.chat import Bot
from tests.support.staff import at_work
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


# --- whom


async def test_she_is_shown_with_what_a_caller_must_know_and_without_her_number(bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    her = await to_call(bot, whose="Lupe Prueba")
    hours = update(preferences).where(preferences.c.participant_id == her)
    await put(bot, hours.values(slot=Slot.MORNING, days="02"))
    async with bot.store.database.transact() as tx:
        await cases.open_cases(tx, [(her, "ayuda", None)])
    await bot.pass_time(days=2)
    await lupe.say("/llamadas")
    await lupe.say("2580")
    await lupe.tap("Continuar")
    for told in ("Rosa Prueba", "R-1", "hace 2 días", "ayuda", "lunes y miércoles", "En la mañana", "Llamada 1 de 1"):
        assert told in lupe.last.text, told
    assert "5512345678" not in standing(lupe)


async def test_from_the_card_she_is_asked_on_the_phone_and_everything_can_be_stopped(bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    her = await to_call(bot, whose="Lupe Prueba")
    await lupe.say("/llamadas")
    card = dict(lupe.last.buttons)
    await lupe.tap("Preguntar por teléfono")
    assert "Rosa Prueba" in lupe.last.text
    assert "Llamada 1 de 1" not in lupe.last.text
    await lupe.tap_data(card["Ver su número y qué decir"])
    assert "🧊 Congelar" in lupe.last.buttons, "while she speaks with her"
    await lupe.tap_data(card["🧊 Congelar"])
    await lupe.tap("Sí, congelar ya")
    async with bot.store.database.read() as tx:
        frozen = await tx.run(select(participants.c.frozen_at).where(participants.c.id == her))
        assert frozen.scalar_one() is not None


async def test_the_number_comes_with_words_that_give_nothing_away_and_is_written_down(bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    her = await to_call(bot, whose="Lupe Prueba")
    await lupe.say("/llamadas")
    await lupe.tap("Ver su número")
    assert PHONE in lupe.last.text
    assert "Soy Lupe. ¿Está Rosa, por favor?" in lupe.last.text
    assert ("staff", "phone_read") in await acts(bot)
    async with bot.store.database.read() as tx:
        assert await audit.verify(tx) is None
        owner = await tx.run(select(tasks.c.owner_id).where(tasks.c.participant_id == her))
        assert owner.scalar_one() is not None


async def test_each_sees_her_own_women_and_a_forged_button_finds_nobody(bot: Bot) -> None:
    lupe = await at_work(bot, Role.STAFF)
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    hers = await to_call(bot, "R-1", whose="Lupe Prueba")
    other = await to_call(bot, "R-2", name="Marta Prueba", whose="Eva Prueba")
    contact = await contact_of(bot, other)
    await lupe.say("/llamadas")
    assert "Rosa" in lupe.last.text
    assert "Llamada 1 de 1" in lupe.last.text
    forged = next(data for _, data in lupe.offered if f"calls.dial.{hers:x}" in data)
    for verb in ("her", "dial", "take", "contacts"):
        await lupe.tap_data(forged.replace(f"dial.{hers:x}", f"{verb}.{other:x}"))
    await lupe.tap_data(forged.replace(f"dial.{hers:x}", f"ask.{contact:x}"))
    await lupe.tap_data(forged.replace(f"dial.{hers:x}", "dial.zz"))
    assert "Marta" not in standing(lupe)
    assert "Ana" not in standing(lupe)
    assert not [act for act in await acts(bot) if act[1].endswith("_read")]
    await eva.say("/llamadas")
    assert "Marta" in eva.last.text


async def test_a_coordinator_goes_through_all_of_them_and_an_auditor_sees_none(bot: Bot) -> None:
    lupe = await at_work(bot, Role.COORDINATOR)
    await to_call(bot, "R-1", name="Rosa Prueba")
    await to_call(bot, "R-2", name="Marta Prueba")
    await lupe.say("/llamadas")
    seen = {lupe.last.text.partition("\n")[0]}
    await lupe.tap("Siguiente")
    seen.add(lupe.last.text.partition("\n")[0])
    assert len(seen) == 2
    await lupe.tap("Siguiente")
    assert "Ya viste todas" in lupe.last.text
    await lupe.tap("Desde el principio")
    assert "Llamada 1 de 2" in lupe.last.text
    auditor = await at_work(bot, Role.AUDITOR, chat_id=EVA, name="Eva Prueba")
    assert await auditor.say("/llamadas") == await auditor.say("/nada")


async def test_nobody_to_call_is_said(bot: Bot) -> None:
    lupe = await at_work(bot)
    (said,) = await lupe.say("/llamadas")
    assert said == "No hay a quién llamar."


@pytest.mark.parametrize(("column", "told"), [("phone_wrong_at", "ya no sirve"), ("phone_unsafe_at", "no es seguro")])
async def test_a_number_that_is_wrong_or_not_safe_is_never_shown(bot: Bot, column: str, told: str) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    contact = await contact_of(bot, her)
    await put(bot, update(vault).where(vault.c.participant_id == her).values({column: bot.store.clock.at}))
    theirs = column.removeprefix("phone_")
    await put(bot, update(named).where(named.c.id == contact).values({theirs: bot.store.clock.at}))
    await lupe.say("/llamadas")
    assert told in lupe.last.text
    assert not any("otra persona" in label for label in lupe.last.buttons)
    await lupe.tap("Ver su número")
    assert told in lupe.last.text
    dial = next(data for _, data in lupe.offered if "calls.dial" in data)
    await lupe.tap_data(dial.replace(f"dial.{her:x}", f"ask.{contact:x}"))
    assert "5512345678" not in standing(lupe)
    assert "5598765432" not in standing(lupe)


# --- what became of it


async def test_nobody_answers_so_she_is_called_at_another_hour(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Nadie contesta")
    assert "Se le llama otra vez: martes 3 de marzo" in lupe.last.text
    assert await tried(bot, her) == [], "nothing before Guardar"
    await lupe.say("Contesta mejor el domingo")
    assert "Nota: Contesta mejor el domingo" in lupe.last.text
    await lupe.tap("Guardar")
    assert "Anotado" in lupe.last.text
    assert await tried(bot, her) == [Disposition.NO_ANSWER]
    async with bot.store.database.read() as tx:
        row = (await tx.run(select(attempts))).one()
        assert b"domingo" not in row.note
        assert tx.vault.open_text(Place("attempts", "note", row.id), row.note) == "Contesta mejor el domingo"
        assert row.tried_by.startswith("staff:")
    await lupe.say("/llamadas")
    for told in ("nadie contesta (Lupe Prueba)", "«Contesta mejor el domingo»", "Toca llamarla de nuevo"):
        assert told in lupe.last.text, told


async def test_whoever_rests_until_later_comes_after_the_others(bot: Bot) -> None:
    lupe = await at_work(bot)
    await to_call(bot, "R-1", name="Rosa Prueba")
    await to_call(bot, "R-2", name="Marta Prueba")
    await lupe.say("/llamadas")
    first = lupe.last.text.partition("\n")[0]
    await note_down(lupe, "Suena ocupado", "Guardar")
    await lupe.say("/llamadas")
    assert lupe.last.text.partition("\n")[0] != first


async def test_she_asked_to_be_called_another_day(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Pidió que le llamen otro día", "jueves 5 de marzo", "17:00")
    assert "Se le llama otra vez: jueves 5 de marzo, 17:00" in lupe.last.text
    await lupe.tap("Guardar")
    async with bot.store.database.read() as tx:
        (task,) = await calls.to_call(tx)
    assert (task.due_at - bot.store.clock.at) == timedelta(days=3, hours=7)
    assert await tried(bot, her) == [Disposition.CALLBACK]


async def test_today_offers_only_hours_that_are_still_to_come(bot: Bot) -> None:
    lupe = await at_work(bot)
    await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Pidió que le llamen otro día", "lunes 2 de marzo")
    hours = [label for label in lupe.last.buttons if ":" in label]
    assert (hours[0], hours[-1]) == ("11:00", "20:00")
    data = next(data for label, data in lupe.offered if label == "11:00")
    await lupe.tap_data(data.replace("hour.11", "hour.9"))
    assert "Guardar" not in lupe.last.buttons


async def test_a_wrong_number_is_not_offered_again_and_a_new_one_is(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "El número es de otra persona", "Guardar")
    await lupe.say("/llamadas")
    assert "ya no sirve" in lupe.last.text
    await note_down(lupe, "Cambió de número")
    assert "Guardar" not in lupe.last.buttons, "the number is missing"
    await lupe.say("no me acuerdo")
    assert "diez cifras" in lupe.last.text
    await lupe.say("55 1111 2222")
    assert "Número nuevo: 5511112222" in lupe.last.text
    await lupe.tap("Guardar")
    assert await tried(bot, her) == [Disposition.WRONG_NUMBER, Disposition.CHANGED_NUMBER]
    await lupe.say("/llamadas")
    await lupe.tap("Ver su número")
    assert "+525511112222" in lupe.last.text


async def test_an_unsafe_number_stays_so_when_it_is_typed_again(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    unsafe = update(vault).where(vault.c.participant_id == her).values(phone_unsafe_at=bot.store.clock.at)
    await put(bot, unsafe)
    await lupe.say("/llamadas")
    await note_down(lupe, "Cambió de número")
    await lupe.say("55 1234 5678")
    await lupe.tap("Guardar")
    await lupe.say("/llamadas")
    assert "no es seguro" in lupe.last.text


async def test_her_own_refusal_stops_everything_and_is_announced_first(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Otra cosa", "No quiere que la busquen")
    assert "Úsalo solo si lo dijo ella" in lupe.last.text
    await lupe.tap("Guardar")
    assert "Ya no hay que llamarla" in lupe.last.text
    async with bot.store.database.read() as tx:
        assert (await tx.run(select(stops.c.how).where(stops.c.participant_id == her))).scalar_one() == How.CALL
    assert {("staff", "stopped"), ("staff", "case_closed")} <= set(await acts(bot))
    await lupe.tap("Siguiente")
    assert "Rosa" not in lupe.last.text


async def test_a_death_is_written_down_as_of_today(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Otra cosa", "Falleció", "Guardar")
    async with bot.store.database.read() as tx:
        died = (await tx.run(select(participants.c.died_on).where(participants.c.id == her))).scalar_one()
    assert died == bot.store.clock.at.date()


async def test_a_contact_is_asked_with_their_own_words_and_outcomes(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    contact = await contact_of(bot, her)
    await lupe.say("/llamadas")
    await lupe.tap("Preguntar a otra persona (1)")
    await lupe.tap("Ana Ejemplo (hermana o hermano)")
    assert "+525598765432" in lupe.last.text
    assert "¿Hablo con Ana Ejemplo?" in lupe.last.text
    assert "Rosa me dio su número" in lupe.last.text
    await lupe.tap("Anotar qué pasó")
    assert not any("va a responder" in label for label in lupe.last.buttons)
    await lupe.tap("Otra cosa")
    await lupe.tap("No quiere que la busquen")
    assert "A esta persona ya no se le llama" in lupe.last.text
    await lupe.tap("En una visita")
    await lupe.tap("Guardar")
    async with bot.store.database.read() as tx:
        row = (await tx.run(select(attempts))).one()
        assert (row.contact_id, row.channel) == (contact, "visita")
        assert (await tx.run(select(named.c.withdrawn_at))).scalar_one() is not None
        assert len(await calls.to_call(tx)) == 1, "she is still to be called"
    assert ("staff", "contact_phone_read") in await acts(bot)


async def test_a_second_tap_on_guardar_writes_nothing(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await note_down(lupe, "Entra el buzón", "Guardar")
    save = next(data for _, data in reversed(lupe.offered) if data.endswith("calls.save"))
    await lupe.tap_data(save)
    assert await tried(bot, her) == [Disposition.VOICEMAIL]
    assert lupe.toasts


async def test_she_wants_to_answer_now(bot: Bot) -> None:
    lupe = await at_work(bot)
    her = await to_call(bot)
    await lupe.say("/llamadas")
    await lupe.tap("Ver su número")
    await lupe.tap("Quiere responder ahora")
    assert any(f"capture.her.{her:x}" in data for _, data in lupe.offered)
    assert "Rosa" in lupe.last.text
