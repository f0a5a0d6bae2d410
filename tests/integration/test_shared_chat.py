"""Several women on one phone: each behind her own code, and nothing of one is shown, asked or stopped for another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from conversations.speech import Phrase, Said
from storage import freezing, people
from storage.cases import words_in
from storage.consents import Purpose
from storage.gates import give_reset
from storage.mail import Parcel, post
from storage.schema import accounts, cases, checkins, consents, detections, outbox, stops
from storage.words import hashed
from tests.integration.test_gate import CODE, HARMLESS, chosen, hers, tap_code, with_code
from tests.support import played
from tests.support.chat import WORD, Bot, Chat
from tests.support.danger import DYING
from tests.support.staff import rows
from tests.support.world import Store

OTHER, DURESS = "7305", "6172"


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def joined(bot: Bot, phone: Chat) -> None:
    """Another woman comes by her own link, on the phone of one who has a code, and chooses hers."""
    her = await bot.register("R-2", name="Ana Prueba")
    await phone.start(await bot.invite(her))
    await phone.tap("Sí, puedo")
    await phone.say(WORD)
    await phone.accept()
    await phone.say("ninguna")
    await phone.say("Anita")
    await phone.tap("En la tarde")
    assert phone.last.text.startswith("Este teléfono lo usan varias.")
    assert not any("Ahora no" in label for label in phone.last.buttons)
    await phone.tap("Cuatro números")
    await tap_code(phone, OTHER)
    await tap_code(phone, OTHER)


@pytest.mark.holds("T-phone-4")
async def test_each_comes_in_by_her_own_code_and_sees_only_what_is_hers(bot: Bot) -> None:
    phone = await with_code(bot)
    await joined(bot, phone)
    assert [row.unlinked_at for row in await rows(bot, accounts)] == [None, None]
    await bot.pass_time(minutes=11)
    assert set(hers(phone)) <= HARMLESS
    for code, own, others in ((CODE, "☑ 1.", "☐ 1."), (OTHER, "☐ 1.", "☑ 1.")):
        await phone.say("/permisos")
        assert "¿Eres tú?" in phone.last.text
        await tap_code(phone, code)
        labels = " ".join(phone.last.buttons)
        assert own in labels
        assert others not in labels
        await phone.say("/salir")


async def test_nobody_begins_on_a_phone_whose_woman_has_no_code(bot: Bot) -> None:
    phone = await bot.enrolled()
    her = await bot.register("R-2", name="Ana Prueba")
    token = await bot.invite(her)
    await phone.start(token)
    assert phone.last.text.startswith("Aquí ya escribe alguien más.")
    assert len(await rows(bot, accounts)) == 1
    await phone.say("clave")
    await phone.tap("Cuatro números")
    await tap_code(phone)
    await tap_code(phone)
    await phone.start(token)
    assert phone.last.text == "Hola, qué gusto saludarte.\n¿Puedes leer ahora sin que nadie vea?"
    assert not any("Rosa" in text for text in hers(phone)), "the first was there just now"


async def test_a_first_contact_of_another_ends_with_a_silence_and_the_first_is_asked_for_her_code(bot: Bot) -> None:
    phone = await with_code(bot)
    her = await bot.register("R-2", name="Ana Prueba")
    await phone.start(await bot.invite(her))
    await phone.tap("Sí, puedo")
    await bot.pass_time(minutes=11)
    await phone.say("hola")
    await tap_code(phone)
    assert "Hola" in phone.last.text
    assert len(await rows(bot, accounts)) == 1


async def test_who_went_silent_before_she_chose_comes_in_by_a_code_of_the_team(store: Store, bot: Bot) -> None:
    phone = await with_code(bot)
    her = await bot.register("R-2", name="Ana Prueba")
    await phone.start(await bot.invite(her))
    await phone.tap("Sí, puedo")
    await phone.say(WORD)
    await phone.accept()
    await bot.pass_time(minutes=11)
    await phone.say("hola")
    assert "¿Eres tú?" in phone.last.text
    await tap_code(phone)
    assert "¿Qué más me permites?" not in " ".join(hers(phone)), "that is asked of the other one"
    async with store.database.transact() as tx:
        await give_reset(tx, her, hashed("5026"))
    await phone.say("/salir")
    await phone.say("hola")
    await tap_code(phone, "5026")
    assert "¿Qué más me permites?" in " ".join(hers(phone))
    assert "Este teléfono lo usan varias." in " ".join(hers(phone))


@pytest.mark.holds("T-phone-4")
async def test_the_stop_of_one_is_not_the_stop_of_the_other(bot: Bot) -> None:
    phone = await with_code(bot)
    await joined(bot, phone)
    await phone.say("alto")
    assert phone.last.text.startswith("Está bien, ya no te escribo.")
    (stop,) = await rows(bot, stops)
    await bot.pass_time(days=8)
    await phone.tap("Sí, ahora")
    await tap_code(phone)
    assert "Pregunta 1" in phone.last.text or "1 de" in phone.last.text, "the first is still asked"
    assert stop.participant_id == (await women_of(bot))[1], "who was in said it"


async def test_each_is_asked_what_is_due_to_her_and_by_her_code_alone(bot: Bot) -> None:
    phone = await with_code(bot)
    await joined(bot, phone)
    await phone.say("/salir")
    await bot.pass_time(days=9)
    assert set(hers(phone)) <= HARMLESS
    first, second = await women_of(bot)
    begun: set[int] = set()
    for code, woman in ((CODE, first), (OTHER, second)):
        await phone.say("hola")
        await tap_code(phone, code)
        await phone.tap("Sí, ahora")
        assert "Pregunta 1" in phone.last.text or "1 de" in phone.last.text
        begun.add(woman)
        assert {row.participant_id for row in await rows(bot, checkins) if row.state == "started"} == begun
        await phone.say("/salir")


async def women_of(bot: Bot) -> tuple[int, int]:
    """The woman whose phone it is, and the one who joined."""
    async with bot.store.database.read() as tx:
        joined = (await people.known_record_ids(tx, ["R-2"]))["R-2"]
    (first,) = {row.participant_id for row in await rows(bot, accounts)} - {joined}
    return first, joined


@pytest.mark.holds("S-9")
async def test_a_new_phone_asks_for_the_code_before_anything_of_hers(bot: Bot) -> None:
    old = await with_code(bot)
    (account,) = await rows(bot, accounts)
    phone = bot.chat(777)
    await phone.start(await bot.invite(account.participant_id))
    await phone.tap("Sí, puedo")
    await phone.say(WORD)
    await phone.accept()
    assert "¿Eres tú?" in phone.last.text
    assert not any("Rosa" in text or "permites" in text for text in hers(phone))
    await tap_code(phone, "9999")
    assert phone.last.text.startswith("No es.")
    await tap_code(phone)
    assert "¿Eres tú?" not in " ".join(hers(phone))
    assert len([row for row in await rows(bot, accounts) if row.unlinked_at is None]) == 1
    assert set(hers(old)) <= HARMLESS


async def chooses(phone: Chat, code: str) -> str:
    """She wants this code; what she is told."""
    await tap_code(phone, code)
    if "Otra vez" in phone.last.text:
        await tap_code(phone, code)
    return phone.last.text.partition("\n")[0]


@pytest.mark.holds("T-phone-4")
async def test_nobody_finds_out_the_code_of_another_by_choosing(bot: Bot) -> None:
    phone, _, _ = await shared(bot)
    await phone.say("hola")
    await tap_code(phone, CODE)
    told = []
    for guess in ("7301", "7302", OTHER, "7306"):  # what the other one chose when she came counts too
        await phone.say("/clave")
        await phone.tap("Cambiarla")
        told.append(await chooses(phone, guess))
    waits = "Espera un poco. Prueba otra vez en 1 minuto."
    assert told == [told[0], told[0], waits, waits], "what is another's and what is nobody's are told apart no more"
    await bot.pass_time(seconds=61)
    await phone.say("/clave")
    await phone.tap("Cambiarla")
    assert (await chooses(phone, OTHER)).startswith("Esos no sirven")


# --- what nobody needs a code for


async def shared(bot: Bot) -> tuple[Chat, int, int]:
    """A phone of two women, locked, and their ids."""
    phone = bot.chat()
    await played.once(phone, ("shared",), lambda: _share(bot, phone))
    async with bot.store.database.read() as tx:
        ids = await people.known_record_ids(tx, ["R-501", "R-2"])
    return phone, ids["R-501"], ids["R-2"]


async def _share(bot: Bot, phone: Chat) -> None:
    await chosen(bot)
    await phone.say("/salir")
    await joined(bot, phone)
    await phone.say("/salir")


async def stopped(bot: Bot) -> dict[int, str]:
    return {row.participant_id: row.how for row in await rows(bot, stops) if row.lifted_at is None}


@pytest.mark.holds("T-phone-7")
@pytest.mark.parametrize("said", ["alto", "ya no me escriban"])
async def test_a_stop_of_nobody_knows_whom_holds_for_each_at_once(bot: Bot, said: str) -> None:
    phone, first, second = await shared(bot)
    (told,) = await phone.say(said)
    assert told.startswith("Está bien, ya no te escribo."), "no code is asked for"
    assert await stopped(bot) == dict.fromkeys((first, second), "alguien")
    assert sorted(row.participant_id for row in await rows(bot, cases) if row.kind == "baja") == sorted((first, second))
    before = len(bot.shown)
    await bot.pass_time(days=60)
    assert [shown for shown in bot.shown[before:] if shown.call.method.startswith("send")] == []


@pytest.mark.holds("T-phone-7")
async def test_each_takes_back_by_her_code_what_she_did_not_ask(bot: Bot) -> None:
    phone, _, second = await shared(bot)
    await phone.say("alto")
    await phone.say("hola")
    said = await tap_code(phone)
    assert any(text.startswith("Alguien que usa este teléfono") for text in said)
    await phone.say("quiero volver")
    assert phone.last.text.startswith("Qué gusto tenerte de vuelta.")
    assert await stopped(bot) == {second: "alguien"}
    await phone.say("/salir")
    await phone.say("quiero volver")
    await tap_code(phone)
    assert await stopped(bot) == {second: "alguien"}, "hers alone is hers to take back"


@pytest.mark.holds("T-phone-7")
async def test_who_says_it_by_her_code_meant_it(bot: Bot) -> None:
    phone, first, second = await shared(bot)
    await phone.say("alto")
    await phone.say("hola")
    await tap_code(phone)
    await phone.say("alto")
    assert await stopped(bot) == {first: "chat", second: "alguien"}
    await phone.say("quiero volver")
    assert await stopped(bot) == {first: "chat", second: "alguien"}, "then the team gets in touch, as ever"


@pytest.mark.holds("T-phone-7")
async def test_help_of_nobody_knows_whom_is_asked_for_each(bot: Bot) -> None:
    phone, first, second = await shared(bot)
    assert await phone.say("ayuda") == ["Ya le avisé al equipo. Una persona te va a buscar."]
    assert sorted(row.participant_id for row in await rows(bot, cases)) == sorted((first, second))
    await phone.say("hola")
    assert "¿Eres tú?" in phone.last.text, "it lets nobody in"


@pytest.mark.holds("T-phone-7")
async def test_a_danger_of_nobody_knows_whom_is_told_for_each_who_agreed(bot: Bot) -> None:
    phone, first, second = await shared(bot)
    await phone.say(DYING)
    assert any(line in phone.last.text for line in ("911", "800 911 2000"))
    found = await rows(bot, detections)
    assert {row.participant_id: row.case_id is not None for row in found} == {first: True, second: False}
    await phone.say("es que ya no puedo con todo esto")
    async with bot.store.database.read() as tx:
        (case,) = [row for row in await tx.run(select(cases)) if row.kind == "crisis"]
        told = [words.text for words in words_in(tx, case)]
    assert len(told) == 2
    assert all(text.startswith("(sin clave; este teléfono lo usan varias)") for text in told)
    await phone.tap("Estoy bien")
    assert all(row.fine_at is not None for row in await rows(bot, detections))


async def test_who_agreed_to_nothing_tells_the_team_by_a_tap_for_each(bot: Bot) -> None:
    phone, first, second = await shared(bot)
    async with bot.store.database.transact() as tx:
        await tx.run(delete(consents).where(consents.c.purpose == Purpose.ALERTS))
    await phone.say(DYING)
    assert await rows(bot, cases) == []
    await phone.tap("Avisar al equipo")
    assert sorted(row.participant_id for row in await rows(bot, cases)) == sorted((first, second))


# --- when one of them is frozen


@pytest.mark.holds("T-phone-5")
@pytest.mark.parametrize("how", ["staff", "duress"])
async def test_what_waits_for_the_other_still_comes_when_one_is_frozen(bot: Bot, how: str) -> None:
    phone, first, second = await shared(bot)
    await phone.say("hola")
    await tap_code(phone, OTHER)
    await phone.say("/clave")
    if how == "duress":
        await phone.tap("Otra clave")
        for _ in range(2):
            await tap_code(phone, DURESS)
    async with bot.store.database.transact() as tx:
        (lane,) = set((await tx.run(select(accounts.c.lane))).scalars())
        line, at = Said(Phrase("cleared.left"), harmless=True), tx.now + timedelta(minutes=30)
        later = {her: Parcel(f"for:{her}", lane, phone.chat_id, line, participant_id=her) for her in (first, second)}
        await post(tx, [replace(one, ready_at=at) for one in later.values()])
        if how == "staff":
            await freezing.freeze(tx, second, actor="command")
    if how == "duress":
        await phone.say("/salir")
        await phone.say("hola")
        await tap_code(phone, DURESS)
    await bot.settle()
    assert not any("clave" in text or "Anita" in text for text in hers(phone)), "nothing of hers stands there"
    await phone.say("hola")
    assert "¿Eres tú?" in phone.last.text, "and the other still comes in by hers"
    await tap_code(phone)
    assert "¿Eres tú?" not in phone.last.text
    await bot.pass_time(hours=1)
    became = {row.origin: (row.state, row.reason) for row in await rows(bot, outbox)}
    assert (became[f"for:{first}"], became[f"for:{second}"]) == (("sent", None), ("dropped", "frozen"))
