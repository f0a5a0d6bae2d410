"""What she may ask for by law, in her chat and at the desk: a number, a day, a person who finds out who asks."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from conversations.office import Office
from scheduler.office import office_by
from scheduler.retention import keep
from storage import cases_office, erasure, members, people, request_terms
from storage import requests as asked
from storage.database import Conflict
from storage.deletion import Kept
from storage.members import Role
from storage.records import Entry
from storage.schema import accounts, chats, consents, invitations, participants, requests, staff, stops
from storage.vault import Place
from tests.integration.test_gate import tap_code, with_code
from tests.support.chat import Bot, Chat
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.staff import PIN, at_work
from tests.support.world import START, Store

LINE = "Hola. Hay algo nuevo para ti."


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def coordinator(bot: Bot) -> Chat:
    return await at_work(bot, Role.COORDINATOR)


async def rows(store: Store) -> list[tuple[int, str, str]]:
    async with store.database.read() as tx:
        found = select(requests.c.number, requests.c.kind, requests.c.state).order_by(requests.c.number)
        return [tuple(row) for row in await tx.run(found)]


@pytest.mark.parametrize(
    ("last", "left"),
    [(30, 20), (9, 5), (3, 1), (2, 0), (1, -1), (-1, -1), (-2, -2)],
)
def test_days_left_are_working_days(last: int, left: int) -> None:
    assert (
        Office().days_left(datetime(2026, 3, 2, 16, tzinfo=START.tzinfo), date(2026, 3, 1) + timedelta(days=last - 1))
        == left
    )


@pytest.mark.holds("S-16")
def test_terms_count_working_days_alone() -> None:
    asked_on = datetime(2026, 3, 2, 16, tzinfo=START.tzinfo)
    assert Office().day_after(asked_on, 20) == date(2026, 3, 30)
    with_rests = Office(rests=frozenset({date(2026, 3, 16)}))
    assert with_rests.day_after(asked_on, 20) == date(2026, 3, 31), "a rest day counts for nothing"
    assert Office().day_after(asked_on + timedelta(days=5), 1) == date(2026, 3, 9), "what is asked on a Saturday"


def test_the_rest_days_of_the_calendar_lie_far_enough_ahead(bot: Bot) -> None:
    office = office_by(bot.plans.default.calendar, Office(), at=START)
    assert date(2026, 3, 16) in office.rests
    assert max(office.rests) > office.day_after(START, 2 * (request_terms.ANSWER_DAYS + request_terms.CARRY_OUT_DAYS))


@pytest.mark.holds("S-16")
async def test_she_reads_what_is_kept_and_gets_the_file_by_her_code(store: Store, bot: Bot) -> None:
    rosa = await with_code(bot)
    (asking,) = await rosa.say("/misdatos")
    assert "Rosa" not in asking, "the gate stands before it"
    await tap_code(rosa)
    assert "Esto guardamos de ti" in rosa.last.text
    await rosa.tap("Dame el archivo")
    (file,) = rosa.files
    assert any("archivo.txt" in seen.text for seen in rosa.messages.values())
    told = file.decode("utf-8-sig")
    assert "Nombre y teléfono" in told
    assert "R-501" in told
    assert "chat_id" not in told
    assert await rows(store) == [(1, "acceso", "closed")]
    await bot.pass_time(hours=2)
    assert not any("archivo" in seen.text for seen in rosa.messages.values()), "it leaves after an hour"


@pytest.mark.holds("T-partner-6")
async def test_without_a_code_the_team_makes_sure_first(store: Store, bot: Bot) -> None:
    lupe, rosa = await coordinator(bot), await bot.enrolled()
    await rosa.say("mis datos")
    await rosa.tap("Dame el archivo")
    assert rosa.files == []
    assert "Tu número es 1" in rosa.last.text
    assert "a más tardar el 30/3/2026" in rosa.last.text
    assert "Hay una solicitud nueva" in lupe.last.text
    await lupe.say("/derechos")
    await lupe.tap("1 · ver sus datos")
    assert "Todavía no se sabe si es ella" in lupe.last.text
    assert not any(label == "Conceder" for row in lupe.last.rows for label in row)
    await lupe.tap("Ya sé quién es")
    await lupe.tap("Por llamada")
    await lupe.tap("Ver la solicitud")
    await lupe.tap("Conceder")
    await lupe.tap("Ver la solicitud")
    await lupe.tap("Ya está hecho")
    assert await rows(store) == [(1, "acceso", "closed")]


async def test_a_correction_is_queued_in_her_words_and_prolonged_once(store: Store, bot: Bot) -> None:
    lupe, rosa = await coordinator(bot), await bot.enrolled()
    assert "/corregir" in (await rosa.say("/corregir"))[0]
    await rosa.say("/corregir mi apellido es Ejemplo")
    await lupe.say("/derechos")
    await lupe.tap("1 · corregir")
    assert "mi apellido es Ejemplo" in lupe.last.text
    await lupe.tap("La atiendo yo")
    await lupe.tap("Ver la solicitud")
    await lupe.tap("Pedir más plazo")
    await lupe.say("La archivista está de viaje")
    await lupe.tap("Ver la solicitud")
    assert not any(label == "Pedir más plazo" for row in lupe.last.rows for label in row)
    await lupe.tap("Negar")
    assert "palabras sencillas" in lupe.last.text
    await lupe.say("El apellido es el de tu acta.")
    assert "Ella lo lee en su chat" in lupe.last.text
    async with store.database.read() as tx:
        row = (await tx.run(select(requests))).one()
    assert row.answer_by_on == Office().day_after(START, 40)
    assert (row.state, row.answer) == ("closed", "denied")
    assert store.vault.open_text(Place("requests", "denied_why", 1), row.denied_why) == "El apellido es el de tu acta."


# --- where she finds it


@pytest.mark.parametrize("words", ["hola", "/start", "/loquesea", "menú", "/menu"])
async def test_one_entry_leads_to_all_of_it_wherever_she_begins(bot: Bot, words: str) -> None:
    rosa = await bot.enrolled()
    await rosa.say(words)
    if "men" not in words:
        await rosa.tap("Mis datos")
    assert set(rosa.last.buttons) == {"Ver", "Corregir", "Que ya no…", "Borrar"}
    for label, says in (
        ("Ver", "Esto guardamos de ti"),
        ("Corregir", "Dime qué está mal"),
        ("Que ya no…", "¿Qué quieres que ya no hagamos?"),
        ("Borrar", "Puedo borrar lo que guardamos"),
    ):
        await rosa.tap(label)
        assert says in rosa.last.text


@pytest.mark.holds("T-partner-6")
@pytest.mark.parametrize("words", ["hola", "menú", "/misdatos", "/cancelar", "mis derechos"])
async def test_at_her_locked_gate_nothing_tells_that_there_is_such_an_entry(bot: Bot, words: str) -> None:
    rosa = await with_code(bot)
    await rosa.say("hola")
    await tap_code(rosa)
    await rosa.tap("Mis datos")
    offered = [data for label, data in rosa.offered if label in ("Mis datos", "Ver", "Borrar")]
    await bot.pass_time(minutes=30)
    before = len(bot.shown)
    await rosa.say(words)
    for data in offered:
        await rosa.tap_data(data)
    assert not any("datos" in str(one.call.params).casefold() for one in bot.shown[before:])


# --- what she learns of it


async def test_she_is_told_each_step_by_a_harmless_line_and_reads_it_at_her_tap(bot: Bot) -> None:
    lupe, rosa = await coordinator(bot), await bot.enrolled()
    await rosa.say("/corregir mi fecha")
    await answered(lupe, "1 · corregir", "Ya sé quién es", "Por llamada", "Ver la solicitud", "Conceder")
    await bot.pass_time(days=1)
    assert rosa.last.text == LINE
    await rosa.tap("Abrir")
    assert rosa.last.text == "Sobre tu pedido 1: sí.\nLo hacemos a más tardar el 23/3/2026."
    await answered(lupe, "1 · corregir", "Ya está hecho")
    await bot.pass_time(days=1)
    await rosa.tap("Abrir")
    assert "ya está hecho" in rosa.last.text


@pytest.mark.holds("S-42")
async def test_what_is_denied_comes_with_the_reason_and_the_way_to_complain_behind_her_code(bot: Bot) -> None:
    lupe, rosa = await coordinator(bot), await with_code(bot)
    await rosa.say("/oponerme que usen mi foto")
    await tap_code(rosa)
    await answered(lupe, "1 · oponerse", "Negar")
    await lupe.say("La foto está en un <acta> firmada.")
    await bot.pass_time(days=1)
    await rosa.tap("Abrir")
    assert not any("acta" in text or "foto" in text for text in rosa.texts), "the gate stands before it"
    await tap_code(rosa)
    assert "Por qué: La foto está en un &lt;acta&gt; firmada." in rosa.last.text
    assert "Secretaría Anticorrupción y Buen Gobierno, en 15 días hábiles" in rosa.last.text


@pytest.mark.holds("S-42")
@pytest.mark.parametrize("first", ["stop", "ask"])
async def test_whoever_stopped_after_she_asked_is_told_by_staff(bot: Bot, first: str) -> None:
    lupe, rosa = await coordinator(bot), await bot.enrolled()
    for words in ("alto", "/corregir mi fecha") if first == "stop" else ("/corregir mi fecha", "alto"):
        await rosa.say(words)
        bot.store.clock.advance(minutes=1)
    await answered(lupe, "1 · corregir", "Negar")
    await lupe.say("Así está en tu acta.")
    assert ("No le llega por el chat" in lupe.last.text) is (first == "ask")
    await bot.pass_time(days=1)
    assert (LINE in rosa.texts) is (first == "stop")


async def test_a_stop_on_the_way_holds_the_answer_back(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("/corregir mi fecha")
    async with bot.store.database.transact() as tx:
        (one,) = await asked.standing(tx)
        await asked.deny(tx, one, "Así está en tu acta.", by=None)
    await rosa.say("alto")
    await bot.pass_time(days=1)
    assert LINE not in rosa.texts


async def test_the_command_line_answers_too(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("/corregir mi fecha")
    operator = Operator(store.home, {})

    def types() -> None:
        (one,) = operator.read("privacy", "requests")
        assert (one["number"], one["record_id"], one["proved"]) == (1, "R-501", False)
        assert "working days" in operator.done("privacy", "requests")
        assert "--how" in operator.refused("privacy", "grant", "1")
        assert "she reads it in her chat" in operator.done("privacy", "grant", "1", "--how", "en_persona")
        assert "cannot be done" in operator.refused("privacy", "deny", "1", "--reason", "tarde")
        assert "done: request 1" in operator.done("privacy", "done", "1")
        assert operator.read("privacy", "requests") == []

    await asyncio.to_thread(types)


@pytest.mark.parametrize(("first", "second"), [("granted", "denied"), ("denied", "granted"), ("extend", "extend")])
async def test_of_two_who_answer_at_once_the_second_reads_that_it_is_too_late(
    store: Store, bot: Bot, first: str, second: str
) -> None:
    rosa = await bot.enrolled()
    await rosa.say("/corregir mi fecha")
    async with store.database.transact() as tx:
        await asked.prove(tx, (await asked.standing(tx, 1))[0], "llamada", by=None)
        await members.invite_staff(tx, "Lupe Prueba", role=Role.COORDINATOR)
        (lupe,) = (await tx.run(select(staff.c.id))).scalars()

    async def done(what: str) -> None:
        async with store.database.transact() as tx:
            did = asked.Done(1, what, lupe, "porque sí")
            await asked.WRITERS[asked.Done](tx, [Entry(did, START, "o", "l", 1, 1)])

    await done(first)
    before = await rows(store)
    with pytest.raises(Conflict):
        await done(second)
    assert await rows(store) == before


async def answered(lupe: Chat, *labels: str) -> None:
    """Staff open the queue and tap their way."""
    await lupe.say("/derechos")
    if "PIN" in lupe.last.text:
        await lupe.say(PIN)
        await lupe.tap("Continuar")
    for label in labels:
        await lupe.tap(label)


@pytest.mark.holds("T-partner-4")
async def test_whoever_erases_is_gone_at_once_and_staff_undo_it(store: Store, bot: Bot) -> None:
    lupe, rosa = await coordinator(bot), await bot.enrolled()
    await rosa.say("/cancelar")
    await rosa.tap("No, déjalo")
    async with store.database.read() as tx:
        assert len(await people.cards(tx)) == 1
    await rosa.say("/cancelar")
    before = len(rosa.messages)
    await rosa.tap("Sí, bórralo")
    assert "Tu número es 1" in rosa.toasts[-1], "said in passing, and standing nowhere"
    assert len(rosa.messages) < before
    assert [one.text for one in rosa.messages.values() if not one.hers][-1] == "Listo."
    assert len([one for one in rosa.messages.values() if one.buttons]) == 0
    async with store.database.read() as tx:
        assert await people.cards(tx) == []
        assert not (await erasure.set_aside(tx))[0].proved
    stranger = await rosa.say("hola")
    assert "Rosa" not in " ".join(stranger)
    await lupe.say("/derechos")
    await lupe.tap("1 · borrar")
    assert "Sus datos están apartados" in lupe.last.text
    await lupe.tap("Deshacer el borrado")
    await lupe.tap("Por llamada")
    async with store.database.read() as tx:
        assert [card.record_id for card in await people.cards(tx)] == ["R-501"]
    assert await rows(store) == [(1, "cancelacion", "closed")]


async def test_an_old_button_erases_nothing(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("/cancelar")
    (data,) = [data for label, data in rosa.offered if label == "Sí, bórralo"]
    store.clock.advance(minutes=30)
    assert "otra vez" in (await rosa.tap_data(data))[-1]
    async with store.database.read() as tx:
        assert len((await tx.run(select(participants.c.id))).all()) == 1


async def test_whoever_objects_is_heard_at_once(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("/oponerme")
    await rosa.tap("Preguntarme cuánto gano")
    async with store.database.read() as tx:
        last = select(consents.c.purpose, consents.c.given).order_by(consents.c.at.desc(), consents.c.id).limit(5)
        assert ("ingresos", False) in [tuple(row) for row in await tx.run(last)]
    await rosa.say("/oponerme")
    await rosa.tap("Escribirme")
    async with store.database.read() as tx:
        assert len((await tx.run(select(stops.c.id))).all()) == 1
    await rosa.say("/oponerme que usen mi foto")
    assert [(kind, state) for _, kind, state in await rows(store)][-1] == ("oposicion", "open")


async def test_whoever_takes_her_permission_back_is_set_aside_at_once(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await rosa.say("/oponerme")
    await rosa.tap("Preguntarme cómo voy")
    await rosa.tap("Sí, quítalo")
    async with store.database.read() as tx:
        assert await people.cards(tx) == []
        (one,) = await erasure.set_aside(tx)
        assert one.cause is erasure.Cause.WITHDRAWN


async def test_of_a_phone_that_two_share_only_hers_goes(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    async with store.database.transact() as tx:
        (her,) = (await tx.run(select(participants.c.id))).scalars()
    eva = await bot.register("R-EVA", name="Eva Prueba")
    await bot.invite(eva)
    async with store.database.transact() as tx:
        mine = (await tx.run(select(accounts).where(accounts.c.participant_id == her))).one()
        id_ = tx.ids.random()
        sealed = tx.vault.seal(Place("accounts", "chat_id", id_), str(rosa.chat_id).encode())
        hers = (await tx.run(select(invitations.c.id).where(invitations.c.participant_id == eva))).scalar_one()
        row = {**mine._mapping, "id": id_, "participant_id": eva, "chat_id": sealed, "invitation_id": hers}
        await tx.run(accounts.insert().values(row))
        await erasure.erase(tx, her, erasure.Wish("command", proved="llamada"))
    async with store.database.read() as tx:
        assert (await tx.run(select(accounts.c.participant_id))).scalars().all() == [eva]
        assert [card.record_id for card in await people.cards(tx)] == ["R-EVA"]
        assert (await tx.run(select(chats.c.participant_id))).scalars().all() == [None], "nobody is in any more"
    store.clock.advance(days=60)
    assert await keep(store.database, Kept()) == 1
    async with store.database.read() as tx:
        assert (await tx.run(select(accounts.c.participant_id))).scalars().all() == [eva]


@pytest.mark.holds("S-16")
async def test_coordinators_are_warned_before_the_day_passes(store: Store, bot: Bot) -> None:
    lupe, rosa = await coordinator(bot), await bot.enrolled()
    await rosa.say("/corregir mi fecha")
    await bot.pass_time(days=20)
    assert not any("vencen pronto" in one.text for one in lupe.messages.values())
    await bot.pass_time(days=5)
    await bot.settle()
    assert sum("vencen pronto: 1" in one.text for one in lupe.messages.values()) == 1
    await bot.pass_time(days=10)
    await bot.settle()
    assert sum("vencen pronto" in one.text for one in lupe.messages.values()) == 1
    said = await asyncio.to_thread(Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS}).types, "doctor")
    assert "1 of 1 requests about her data are past the day" in said.output


async def test_a_promotora_has_no_such_queue(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/derechos")
    assert "Solicitudes" not in lupe.last.text


async def test_the_office_of_the_settings_counts(store: Store, bot: Bot) -> None:
    async with store.database.transact() as tx:
        await cases_office.keep(tx, Office(rests=frozenset({date(2026, 3, 16)})), group=None)
    rosa = await bot.enrolled()
    await rosa.say("/oponerme a algo")
    assert "31/3/2026" in rosa.last.text
