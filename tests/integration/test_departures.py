"""Whoever leaves the team: what she was doing waits for somebody else, and nothing of hers leaves by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from storage import broadcasts as steps
from storage import caseloads, cases_alerts, departures, members, people
from storage.broadcasts import BroadcastState, Rules, When
from storage.members import Role
from storage.schema import audit, broadcasts, cases
from tests.support.chat import Bot, Chat
from tests.support.composer import handed_in, states, women
from tests.support.mailings import ALL
from tests.support.staff import at_work, rows
from tests.support.world import Store

EVA = 602
ADMIN = 603


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def leaves(bot: Bot, name: str = "Lupe Prueba") -> None:
    async with bot.store.database.transact() as tx:
        (hers,) = [one.staff for one in await members.listed(tx) if one.name == name]
        assert await departures.revoke(tx, hers)


async def seen_off(bot: Bot, by: Chat, name: str) -> None:
    await by.say("/equipo")
    await by.tap(name)
    await by.tap("Sacar del equipo")
    assert "sus casos quedan libres" in by.last.text
    await by.tap("Sí, sacarla")


async def card(chat: Chat) -> None:
    """The card of the only broadcast."""
    await chat.say("/difusion")
    await chat.tap("el viernes")


async def test_her_cases_are_nobodys_again_and_coordinators_hear_of_them(bot: Bot) -> None:
    rosa, lupe = await bot.enrolled(), await at_work(bot)
    eva = await at_work(bot, chat_id=EVA, name="Eva Prueba")
    admin = await at_work(bot, Role.ADMIN, chat_id=ADMIN, name="Ada Prueba")
    await rosa.say("me cambié de casa")
    await rosa.tap("Pasar este mensaje")
    await lupe.say("/bandeja")
    await lupe.tap("Mensaje")
    await lupe.tap("Tomar")
    async with bot.store.database.transact() as tx:
        await tx.run(update(cases).values(escalated_at=tx.now))
    await seen_off(bot, admin, "Lupe Prueba")
    (case,) = await rows(bot, cases)
    assert (case.owner_id, case.state, case.escalated_at) == (None, "open", None)
    told = [(row.actor.partition(":")[0], row.detail) for row in await rows(bot, audit) if row.action == "case_given"]
    assert told == [("staff", "mensaje:")]
    async with bot.store.database.transact() as tx:
        await tx.run(update(cases).values(opened_at=tx.now - timedelta(days=7)))
        assert await cases_alerts.escalate(tx) == 1
    await eva.say("/bandeja")
    await eva.tap("Mensaje")
    await eva.tap("Tomar")
    (case,) = await rows(bot, cases)
    assert case.state == "on_its_way", "taken a second time, which she is told a second time"
    assert rosa.texts.count("Lo que pediste va en camino.") == 2


async def test_what_she_had_scheduled_stands_still_until_a_coordinator_goes_on_with_it(bot: Bot) -> None:
    (rosa,) = await women(bot, 1)
    await bot.pass_time(minutes=15)  # her chat is quiet since
    lupe, eva = await at_work(bot), await at_work(bot, chat_id=EVA, name="Eva Prueba")
    await handed_in(lupe)
    before = len(rosa.texts)
    await leaves(bot)
    await bot.pass_time(hours=30)
    assert len(rosa.texts) == before
    assert await states(bot) == ["paused"]
    await eva.say("/difusion")
    await eva.say("2580")
    await card(eva)
    assert "Quien la preparó ya no está en el equipo" in eva.last.text
    await eva.tap("Seguir")
    await bot.pass_time(days=1)
    assert len(rosa.texts) == before + 1
    assert await states(bot) == ["done"]


async def test_a_promotora_does_not_take_up_what_another_left(bot: Bot) -> None:
    await women(bot, 1)
    lupe = await at_work(bot)
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    await handed_in(lupe)
    await leaves(bot)
    (one,) = await rows(bot, broadcasts)
    await eva.say("/difusion")
    session = next(data for _, data in eva.offered if "broadcast." in data).partition(".")[0]
    await eva.tap_data(f"{session}.9.broadcast.resume.{one.id:x}")
    assert eva.toasts[-1] == "Eso ya no está."
    assert await states(bot) == ["paused"]


async def made(bot: Bot, *, when: When | None = None, rules: Rules | None = None) -> int:
    """One that Lupe has handed in."""
    async with bot.store.database.transact() as tx:
        (hers,) = [one for one in await members.listed(tx) if one.name == "Lupe Prueba"]
        definition = ALL if when is None else replace(ALL, when=when)
        id_ = await steps.draft(tx, definition, by=hers.staff)
        await steps.submit(tx, id_, members.Member(hers.staff, hers.role), rules=rules or Rules())
    return id_


async def row(bot: Bot, broadcast: int) -> Any:
    (found,) = [one for one in await rows(bot, broadcasts) if one.id == broadcast]
    return found


async def test_what_waited_for_approval_still_does_once_somebody_takes_it_up(bot: Bot) -> None:
    await women(bot, 2)
    await at_work(bot)
    id_ = await made(bot, rules=Rules(approval_above=1))
    await leaves(bot)
    assert (await row(bot, id_)).state == "paused"
    async with bot.store.database.transact() as tx:
        await steps.resume(tx, id_, by=None)
    await bot.pass_time(hours=24)
    assert (await row(bot, id_)).state == BroadcastState.WAITING_APPROVAL
    async with bot.store.database.transact() as tx:
        await steps.approve(tx, id_, by=None)
    await bot.pass_time(minutes=5)
    assert (await row(bot, id_)).state == BroadcastState.DONE


async def test_what_repeats_is_paused_and_its_list_is_drawn_on_its_day_as_ever(bot: Bot) -> None:
    await women(bot, 1)
    await at_work(bot)
    today = bot.store.clock.at.date()
    first = await made(bot, when=When(today + timedelta(days=1), 12, repeat_weeks=4))
    await bot.pass_time(days=2)
    (following,) = [one for one in await rows(bot, broadcasts) if one.repeats == first]
    planned = following.next_at
    await leaves(bot)
    await bot.pass_time(days=1)
    async with bot.store.database.transact() as tx:
        await steps.resume(tx, following.id, by=None)
    again = await row(bot, following.id)
    assert (again.state, again.next_at, again.frozen_at) == (BroadcastState.SCHEDULED, planned, None)


async def test_what_she_was_composing_is_dropped_and_what_is_over_stays(bot: Bot) -> None:
    await women(bot, 1)
    await at_work(bot)
    over = await made(bot)
    await bot.pass_time(minutes=5)
    async with bot.store.database.transact() as tx:
        (hers,) = [one.staff for one in await members.listed(tx)]
        await steps.draft(tx, ALL, by=hers)
    await leaves(bot)
    assert [(one.id, one.state) for one in await rows(bot, broadcasts)] == [(over, "done")]
    async with bot.store.database.read() as tx:
        last = (await tx.run(select(audit.c.action).order_by(audit.c.number.desc()).limit(1))).scalar_one()
        assert last == "broadcast_discarded"


async def demoted(bot: Bot, by: Chat, name: str = "Lupe Prueba") -> None:
    await by.say("/equipo")
    await by.tap(name)
    await by.tap("Cambiar su papel")
    await by.tap("Promotora")


@pytest.mark.parametrize("begun", [False, True])
async def test_what_goes_to_women_whom_its_maker_no_longer_sees_waits_for_a_lead(bot: Bot, begun: bool) -> None:
    rosa, luz = await women(bot, 2)
    await bot.pass_time(minutes=15)  # their chats are quiet since
    lupe, admin = await at_work(bot), await at_work(bot, Role.ADMIN, chat_id=ADMIN, name="Ada Prueba")
    await handed_in(lupe)
    before = [len(chat.texts) for chat in (rosa, luz)]
    if begun:
        await card(lupe)
        await lupe.tap("Pausar")
    await demoted(bot, admin)
    if begun:
        (one,) = await rows(bot, broadcasts)
        async with bot.store.database.transact() as tx:
            await steps.resume(tx, one.id, by=one.made_by)
    await bot.pass_time(minutes=5)
    assert [len(chat.texts) for chat in (rosa, luz)] == before
    assert await states(bot) == ["paused"]
    await card(admin)
    assert "mujeres que ya no son de quien la preparó" in admin.last.text
    await admin.tap("Seguir")
    await bot.pass_time(minutes=5)
    assert await states(bot) == ["done"]
    assert [len(chat.texts) for chat in (rosa, luz)] == [length + 1 for length in before]


async def test_a_card_and_its_report_are_open_to_nobody_whose_women_these_are_not(bot: Bot) -> None:
    await women(bot, 2)
    lupe, admin = await at_work(bot), await at_work(bot, Role.ADMIN, chat_id=ADMIN, name="Ada Prueba")
    await handed_in(lupe)
    await bot.pass_time(minutes=5)
    await card(lupe)
    taps = {label: data for label, data in lupe.offered if "broadcast." in data}
    await demoted(bot, admin)
    for label in ("Informe", "Retirar", "Ver la difusión"):
        await lupe.tap_data(taps[label])
        assert lupe.toasts[-1] == "Eso ya no está."
    await lupe.say("/difusion")
    assert not any("el viernes" in label for label in lupe.last.buttons)


async def test_a_caseload_that_shrinks_holds_what_is_still_to_go(bot: Bot) -> None:
    rosa, _ = await women(bot, 2)
    await at_work(bot, chat_id=EVA, name="Eva Prueba")
    await at_work(bot, Role.STAFF)
    async with bot.store.database.transact() as tx:
        team = {one.name: one.staff for one in await members.listed(tx)}
        hers = await people.known_record_ids(tx, ("R-501", "R-502"))
        await caseloads.assign(tx, dict.fromkeys(hers.values(), team["Lupe Prueba"]), by="command")
    await made(bot)
    before = len(rosa.texts)
    async with bot.store.database.transact() as tx:
        await caseloads.assign(tx, {hers["R-502"]: team["Eva Prueba"]}, by="command")
    await bot.pass_time(minutes=5)
    assert await states(bot) == ["paused"]
    assert len(rosa.texts) == before
