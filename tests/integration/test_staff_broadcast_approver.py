"""A broadcast that a second person must approve, where there is none."""

from __future__ import annotations

from storage.members import Role
from tests.support import composer
from tests.support.chat import Bot
from tests.support.composer import CARMEN, composed, states, tried, women
from tests.support.staff import at_work

strict = composer.strict


async def test_what_nobody_else_can_approve_stays_a_draft_and_she_learns_how_to_get_somebody(strict: Bot) -> None:
    lupe = await at_work(strict)
    eva = await at_work(strict, Role.STAFF, chat_id=603, name="Eva Prueba")
    await women(strict, 2)
    await composed(lupe)
    await tried(lupe)
    await lupe.tap("Enviar a 2")
    assert "nadie más puede" in lupe.last.text
    assert "/equipo" in lupe.last.text
    assert await states(strict) == ["draft"]
    carmen = await at_work(strict, chat_id=CARMEN, name="Carmen Prueba")
    await carmen.block()
    await lupe.say("/difusion")
    await lupe.tap("Seguir con")
    await lupe.tap("Enviar a 2")
    assert await states(strict) == ["draft"], "whom nothing reaches is not told"
    await carmen.say("/menu")
    await lupe.say("/difusion")
    await lupe.tap("Seguir con")
    await lupe.tap("Enviar a 2")
    assert await states(strict) == ["waiting_approval"]
    assert "Ya les avisé" in lupe.last.text
    await strict.pass_time(seconds=5)
    assert "Ver la difusión" not in eva.last.buttons
    assert "Ver la difusión" in carmen.last.buttons
