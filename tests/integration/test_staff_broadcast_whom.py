"""Whom a broadcast is for: who gets it later than it goes, and that those are written to who were counted."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from scheduler.writers import WRITERS
from storage import segments
from storage.broadcast_desk import Submitted
from storage.broadcasts import Definition
from storage.composing import DraftRead
from storage.database import Conflict
from storage.members import Member, Role
from storage.records import Entry, Lengthy
from storage.schema import broadcasts, participants, recipients
from tests.support import composer
from tests.support.chat import Bot
from tests.support.composer import composed, states, tried, women
from tests.support.staff import at_work, rows
from tests.support.training import enrolled_in

bot = composer.bot


async def test_who_gets_it_later_is_told_with_the_reasons(bot: Bot) -> None:
    await bot.enrolled(501)
    await bot.enrolled(502, slot="En la noche")
    lupe = await at_work(bot)
    await composed(lupe)
    assert (
        "Les llega a <b>2</b> mujeres.\nSaldrá más tarde para 1:\n· 1: a esta hora no le escribimos" in lupe.last.text
    )
    await lupe.tap("Para quién")
    assert "Saldrá más tarde para 1:" in lupe.last.text
    await lupe.tap("« Borrador")
    await lupe.tap("Cuándo")
    await lupe.say("mañana a las 19")
    assert "· 1: a esta hora no le escribimos" in lupe.last.text, "then it is the other's"
    await lupe.tap("Cuándo")
    await lupe.say("mañana a las 3")
    assert "Saldrá más tarde para 2:\n· 2: a esta hora no les escribimos" in lupe.last.text


async def test_who_sits_over_her_questions_gets_it_later_if_it_goes_now(bot: Bot) -> None:
    rosa = await bot.enrolled(501)
    await bot.pass_time(days=8)
    await rosa.say("sí")
    lupe = await at_work(bot)
    await composed(lupe)
    assert "Saldrá más tarde para 1:\n· 1: está contestando" in lupe.last.text
    await lupe.tap("Cuándo")
    await lupe.say("mañana a las 11")
    assert "Saldrá más tarde" not in lupe.last.text


async def test_nobody_gets_it_later_in_her_own_hours(bot: Bot) -> None:
    await women(bot, 2)
    lupe = await at_work(bot)
    await composed(lupe)
    assert "Saldrá más tarde" not in lupe.last.text


async def test_those_who_were_counted_are_on_the_list_and_nobody_chooses_anew(bot: Bot) -> None:
    await women(bot, 2)
    lupe = await at_work(bot)
    await composed(lupe)
    await tried(lupe)
    assert issubclass(DraftRead, Lengthy), "it is counted before the step, which only writes"
    (draft,) = await rows(bot, broadcasts)
    async with bot.store.database.read() as tx:
        me = Member(draft.made_by, Role.COORDINATOR)
        now = await DraftRead(me).find(tx)
        assert now.chosen == await segments.choose(tx, now.definition.segment, me, spacing=segments.Spacing())
    ids = sorted(now.chosen.included)
    async with bot.store.database.transact() as tx:
        await tx.run(update(participants).where(participants.c.id == ids[0]).values(centre="Norte"))
        submitted = Submitted(draft.id, me, now.definition, now.chosen)
        await WRITERS[Submitted](tx, [Entry(submitted, tx.now, "o", "lane", 601, 1)])
    assert sorted(row.participant_id for row in await rows(bot, recipients)) == ids


async def test_another_draft_than_the_one_that_was_shown_is_not_handed_in(bot: Bot) -> None:
    await women(bot, 1)
    lupe = await at_work(bot)
    await composed(lupe)
    (draft,) = await rows(bot, broadcasts)
    async with bot.store.database.transact() as tx:
        me = Member(draft.made_by, Role.COORDINATOR)
        chosen = (await DraftRead(me).find(tx)).chosen
        with pytest.raises(Conflict):
            await WRITERS[Submitted](
                tx, [Entry(Submitted(draft.id, me, Definition(), chosen), tx.now, "o", "lane", 601, 1)]
            )
    assert await states(bot) == ["draft"]


async def trained(bot: Bot, *workshops: str, axis: str = "laboral") -> None:
    """The first woman has attended all of these."""
    async with bot.store.database.transact() as tx:
        first = (await tx.run(select(func.min(participants.c.id)))).scalar_one()
        for workshop in workshops:
            await enrolled_in(tx, first, workshop, axis=axis)


async def test_axis_and_workshop_are_chosen_by_the_names_that_people_know(bot: Bot) -> None:
    await women(bot, 3)
    lupe = await at_work(bot)
    await composed(lupe)
    await lupe.tap("Para quién")
    assert not {"Por eje", "Por taller"} & set(lupe.last.buttons), "nobody has attended anything"
    await trained(bot, "panaderia", "Danza del Sol")
    await trained(bot, "trauma", axis="salud_mental")
    await lupe.tap("« Borrador")
    await lupe.tap("Para quién")
    await lupe.tap("Por taller")
    assert [label for row in lupe.last.rows[:2] for label in row] == ["Danza del Sol", "Panadería", "Trauma"]
    await lupe.tap("Panadería")
    assert "✓ Panadería" in lupe.last.buttons
    assert "Que fueron al taller: Panadería\nLe llega a <b>1</b>" in lupe.last.text
    await lupe.tap("Para quién")
    await lupe.tap("Por eje")
    assert lupe.last.rows[0] == ("Laboral", "Salud mental")
    await lupe.tap("Salud mental")
    assert "Que fueron al eje: Salud mental\nQue fueron al taller: Panadería\nLes llega a <b>0</b>" in lupe.last.text
    await lupe.tap("Salud mental")
    await lupe.tap("Laboral")
    await lupe.tap("« Borrador")
    await tried(lupe)
    await lupe.tap("Enviar a 1")
    await lupe.tap("Ver la difusión")
    assert "Que fueron al eje: Laboral\nQue fueron al taller: Panadería" in lupe.last.text
    assert len(await rows(bot, recipients)) == 1


async def test_of_many_workshops_each_is_on_some_screen_and_stays_there_as_it_is_chosen(bot: Bot) -> None:
    await women(bot, 1)
    lupe = await at_work(bot)
    await trained(bot, *(f"taller {number:02}" for number in range(42)))
    await composed(lupe)
    await lupe.tap("Para quién")
    await lupe.tap("Por taller")
    assert "taller 39" in lupe.last.buttons
    assert "taller 40" not in lupe.last.buttons
    await lupe.tap("Más ▶️")
    await lupe.tap("taller 41")
    assert lupe.last.rows[0] == ("taller 40", "✓ taller 41")
    forged = lupe.last.buttons["taller 40"].rpartition(".pick.")[0]
    before = lupe.last.text
    for about in ("pick.workshop.00000000.9", "pick.workshop", "by.workshop.99999999999999999"):
        await lupe.tap_data(f"{forged}.{about}")
        assert lupe.last.text == before
    await lupe.tap_data(f"{forged}.by.nonsense")
    assert "Borrador" in lupe.last.text
