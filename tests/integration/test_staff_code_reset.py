"""A forgotten code: two things are asked in a call, four numbers are read to her once, and she chooses another."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from storage import audit
from storage.schema import audit as trail
from storage.schema import cases, gates
from tests.integration.test_gate import CODE, tap_code
from tests.integration.test_staff_recovery import bot, known
from tests.integration.test_staff_roster_safety import ROSA, card
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work, rows
from tests.support.world import Store

__all__ = ["bot"]


async def locked_out(bot: Bot) -> Chat:
    """Rosa has a code that she does not remember, and stands before her own chat."""
    rosa = await known(bot)
    await rosa.tap("Cuatro números")
    await tap_code(rosa)
    await tap_code(rosa)
    await bot.pass_time(minutes=11)
    await rosa.say("hola")
    await rosa.tap("La olvidé")
    return rosa


async def called(lupe: Chat) -> str:
    """She is called, both answers are right, and these numbers are read to her."""
    await card(lupe)
    await lupe.tap("Olvidó su clave")
    await lupe.tap("Coincide")
    await lupe.tap("Coincide")
    found = re.search(r"(\d \d \d \d)", lupe.last.text)
    assert found, lupe.last.text
    return found[1].replace(" ", "")


@pytest.mark.holds("S-8")
async def test_she_comes_in_once_by_the_numbers_that_were_read_to_her_and_chooses_anew(store: Store, bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await locked_out(bot)
    code = await called(lupe)
    assert {row.kind: row.closed_at for row in await rows(bot, cases)} == {"clave": None}, (
        "closed by hand, as any other"
    )
    await rosa.say("hola")
    await tap_code(rosa, code)
    assert rosa.last.text.startswith("Ahora elige otra clave.")
    assert "Ahora no" not in rosa.last.buttons
    await rosa.tap("Cuatro números")
    await tap_code(rosa, "7351")
    await tap_code(rosa, "7351")
    (gate,) = await rows(bot, gates)
    assert (gate.reset_hash, gate.kind) == (None, "number")
    await bot.pass_time(minutes=11)
    await rosa.say("hola")
    for wrong in (code, CODE):
        await tap_code(rosa, wrong)
        assert rosa.last.text.startswith("No es."), wrong
    await tap_code(rosa, "7351")
    assert "¿Eres tú?" not in rosa.last.text
    async with store.database.read() as tx:
        acts = [row.action for row in await tx.run(select(trail))]
        assert await audit.verify(tx) is None
    assert acts.count("code_reset") == 1


@pytest.mark.holds("S-8")
async def test_the_numbers_are_kept_as_a_hash_and_end_after_a_day(store: Store, bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await locked_out(bot)
    code = await called(lupe)
    (gate,) = await rows(bot, gates)
    assert gate.reset_hash.startswith("$argon2id$")
    await bot.pass_time(hours=25)
    await rosa.say("hola")
    await tap_code(rosa, code)
    assert rosa.last.text.startswith("No es.")


@pytest.mark.holds("T-partner-5")
async def test_a_wrong_answer_gives_nothing_and_shuts_the_call_for_a_day(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot)
    await locked_out(bot)
    await card(lupe)
    await lupe.tap("Olvidó su clave")
    await lupe.tap("Coincide")
    await lupe.tap("No coincide")
    assert "No le des acceso a nadie" in lupe.last.text
    await card(lupe)
    await lupe.tap("Olvidó su clave")
    assert "otra vez desde el" in lupe.last.text
    (gate,) = await rows(bot, gates)
    assert gate.reset_hash is None


async def test_who_has_no_code_needs_none(bot: Bot) -> None:
    lupe = await at_work(bot)
    await bot.enrolled(ROSA)
    await card(lupe)
    await lupe.tap("Olvidó su clave")
    assert "no tiene clave" in lupe.last.text
