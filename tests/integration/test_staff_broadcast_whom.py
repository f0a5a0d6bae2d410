"""Whom a broadcast is for: who gets it later than it goes, and that those are written to who were counted."""

from __future__ import annotations

import pytest
from sqlalchemy import update

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
