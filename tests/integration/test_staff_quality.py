"""/calidad: how much there is to mend, whose it is and who can mend it; and nothing of anybody else's women."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from bot.staff.broadcast_card import Terms
from storage import caseloads, members
from storage.imports.catalogue import SHIPPED
from storage.members import Role
from storage.outcomes.kinds import Kind
from storage.schema import employments, incomes, participants
from tests.integration.test_quality import imported
from tests.support.chat import Bot
from tests.support.staff import at_work, member
from tests.support.voice import woman
from tests.support.world import START, Store

EVA, LEAD = 602, 603


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def unclear(bot: Bot, her: int, *, moment: str = "actual") -> None:
    """A day's pay of hers without its days a week."""
    told = {"scope": "en_libertad", "amount": Decimal(300), "period": "dia", "as_of_on": date(2026, 2, 1)}
    row = {"id": bot.store.ids.random(), "participant_id": her, "moment": moment, "learned_at": START, **told}
    async with bot.store.database.transact() as tx:
        await tx.run(incomes.insert(), [row])


async def both(bot: Bot, her: int) -> None:
    """She works and does not."""
    said: dict[str, Any] = {"participant_id": her, "scope": "en_libertad", "as_of_on": date(2026, 2, 1)}
    rows = [{"id": bot.store.ids.random(), "kind": k, "learned_at": START, **said} for k in ("otro", "sin_trabajo")]
    async with bot.store.database.transact() as tx:
        await tx.run(employments.insert(), rows)


async def hers(bot: Bot, her: int, name: str) -> None:
    async with bot.store.database.transact() as tx:
        staff = next(one.staff for one in await members.listed(tx) if one.name == name)
        await caseloads.assign(tx, {her: staff}, by="command")


async def test_where_all_is_well_it_says_so(bot: Bot) -> None:
    lupe = await at_work(bot)
    await bot.register(name="Rosa Prueba")
    await lupe.say("/calidad")
    assert lupe.last.text == "Todo en orden: no hay nada por revisar."


async def test_numbers_come_first_then_the_women_and_their_cards(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await bot.register("R-501", name="Rosa Prueba")
    await unclear(bot, rosa)
    await both(bot, rosa)
    await lupe.say("/calidad")
    assert "Hay 2 cosas por revisar." in lupe.last.text
    assert "Rosa" not in lupe.last.text
    await lupe.tap("Ingresos sin cantidad al mes: 1")
    assert "• Rosa Prueba · actual · 1 de febrero de 2026\n   Quién corrige: una coordinadora" in lupe.last.text
    await lupe.tap("Rosa Prueba · R-501")
    assert "Rosa Prueba" in lupe.last.text


async def test_what_was_mended_is_gone_at_the_next_tap(bot: Bot) -> None:
    lupe = await at_work(bot)
    await unclear(bot, await bot.register(name="Rosa Prueba"))
    await lupe.say("/calidad")
    async with bot.store.database.transact() as tx:
        await tx.run(incomes.delete())
    await lupe.tap("Ingresos sin cantidad al mes: 1")
    assert lupe.last.text == "Ingresos sin cantidad al mes: ya no queda nada por revisar."
    await lupe.tap("« Volver a la lista")
    assert lupe.last.text == "Todo en orden: no hay nada por revisar."


async def test_a_promotora_sees_her_own_women_alone(bot: Bot) -> None:
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    rosa, luz = [await bot.register(f"R-{n}", name=f"{name} Prueba") for n, name in ((501, "Rosa"), (502, "Luz"))]
    await hers(bot, rosa, "Eva Prueba")
    for her in (rosa, luz):
        await unclear(bot, her)
    await eva.say("/calidad")
    await eva.tap("Ingresos sin cantidad al mes: 1")
    assert "Rosa Prueba" in eva.last.text
    assert "Quién corrige: tú" in eva.last.text
    assert "Luz" not in eva.last.text
    lead = await at_work(bot, Role.COORDINATOR, chat_id=LEAD, name="Lupe Prueba")
    await lead.say("/calidad")
    await lead.tap("Ingresos sin cantidad al mes: 2")
    assert "Quién corrige: su promotora, Eva Prueba" in lead.last.text


async def test_of_a_likely_double_in_another_caseload_she_learns_no_name(bot: Bot) -> None:
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    rosa = await bot.register("R-501", name="Rosa Ejemplo Prueba")
    await bot.register("R-502", name="Rosa Ejenplo Prueba")
    await hers(bot, rosa, "Eva Prueba")
    await eva.say("/calidad")
    await eva.tap("Puede estar registrada dos veces: 1")
    assert "• Rosa Ejemplo Prueba · alguien de otra promotora\n   Quién corrige: una coordinadora" in eva.last.text
    assert "Ejenplo" not in str(eva.last)


async def test_many_come_page_by_page(bot: Bot) -> None:
    lupe = await at_work(bot)
    for number in range(11):
        await unclear(bot, await bot.register(f"R-{number}", name=f"Ana {chr(65 + number) * 4} Prueba"))
    await lupe.say("/calidad")
    await lupe.tap("Ingresos sin cantidad al mes: 11")
    first = lupe.last.text
    await lupe.tap("Más ▶️")
    second = lupe.last.text
    assert (first.count("•"), second.count("•")) == (8, 3)
    assert not set(first.splitlines()[2::2]) & set(second.splitlines()[2::2])
    await lupe.tap("◀️ Anteriores")
    assert lupe.last.text == first


async def test_voice_notes_lead_to_their_queue(bot: Bot, store: Store) -> None:
    luz = await woman(store, "R-1")
    await luz.voice("voice-1")
    lupe = await at_work(Bot(store))
    await lupe.say("/calidad")
    await lupe.tap("Notas de voz por transcribir: 1")
    assert "Transcribir" in [label for label, _ in lupe.offered]


async def test_a_name_nobody_knows_is_shown_to_whoever_leads(bot: Bot) -> None:
    lupe = await at_work(bot)
    await bot.register(name="Rosa Prueba")
    async with bot.store.database.transact() as tx:
        await tx.run(update(participants).values(centre="Chalcco"))
    await lupe.say("/calidad")
    await lupe.tap("Centros y talleres con nombre desconocido: 1")
    assert "• «Chalcco» · ¿será chalco? · 1 mujer\n   Quién corrige: una coordinadora" in lupe.last.text


async def test_the_organisations_own_names_are_known(store: Store) -> None:
    own = replace(SHIPPED, centre_names={**SHIPPED.centre_names, "Chalcco": ("Chalcco",)})
    bot = Bot(store, terms=Terms(catalogue=own))
    lupe = await at_work(bot)
    await bot.register(name="Rosa Prueba")
    async with bot.store.database.transact() as tx:
        await tx.run(update(participants).values(centre="Chalcco"))
    await lupe.say("/calidad")
    assert lupe.last.text == "Todo en orden: no hay nada por revisar."


async def test_neither_an_auditor_nor_a_forged_button_learns_anything(bot: Bot) -> None:
    await unclear(bot, await bot.register(name="Rosa Prueba"))
    auditor = await at_work(bot, Role.AUDITOR)
    await auditor.say("/calidad")
    assert "revisar" not in auditor.last.text
    lupe = await at_work(bot, chat_id=LEAD, name="Maya Prueba")
    await lupe.say("/calidad")
    _, data = lupe.offered[-1]
    session, sprint, _ = data.split(".", 2)
    for forged in ("nothing.0", "", "unknown_name.99", f"{Kind.NO_MONTHLY}.-1", f"{Kind.NO_MONTHLY}.x"):
        await lupe.tap_data(f"{session}.{sprint}.quality.kind.{forged}")
    assert "Rosa Prueba" in lupe.last.text


async def test_a_locked_desk_asks_for_the_pin_first(bot: Bot) -> None:
    await unclear(bot, await bot.register(name="Rosa Prueba"))
    lupe = await member(bot)
    await lupe.say("/calidad")
    assert "revisar" not in lupe.last.text


async def test_a_file_that_says_nothing_of_consent_is_whose_brought_it(bot: Bot) -> None:
    lupe = await at_work(bot)
    await unclear(bot, await bot.register(name="Rosa Prueba"))
    await imported(bot.store)
    await lupe.say("/calidad")
    await lupe.tap("sin base de consentimiento")
    assert "«ingresos»" in lupe.last.text
    assert "trabajo.csv" in lupe.last.text
    assert "papel firmado, chat o convenio" in lupe.last.text
    assert "Rosa" not in lupe.last.text
