"""A broadcast that a second person must approve: where there is none, or no longer, and what she is shown."""

from __future__ import annotations

from storage import departures
from storage.members import Role
from tests.support import composer
from tests.support.chat import Bot, Chat
from tests.support.composer import CARMEN, composed, handed_in, states, tried, women
from tests.support.staff import PIN, at_work
from tests.support.tray import id_of

strict = composer.strict

STUCK = "Una difusión tuya espera aprobación y nadie más puede darla."
WAITS = "Hay una difusión que espera tu aprobación."


async def leaves(bot: Bot, chat: Chat) -> None:
    """This member of staff has left."""
    async with bot.store.database.transact() as tx:
        assert await departures.revoke(tx, await id_of(bot, chat))


def told(chat: Chat, line: str) -> int:
    """How often she was told so."""
    return sum(text.startswith(line) for text in chat.texts)


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


async def test_the_next_of_one_that_repeats_tells_its_maker_once_that_nobody_can_approve_it(strict: Bot) -> None:
    lupe, carmen = await at_work(strict), await at_work(strict, chat_id=CARMEN, name="Carmen Prueba")
    await women(strict, 2)
    await composed(lupe)
    await lupe.tap("Cuándo")
    await lupe.say("mañana a las 12")
    await lupe.tap("Cuándo")
    await lupe.tap("Cada semana")
    await lupe.tap("« Borrador")
    await tried(lupe)
    await lupe.tap("Enviar a 2")
    await strict.pass_time(seconds=5)
    await carmen.tap("Ver la difusión")
    await carmen.tap("Aprobar")
    await strict.pass_time(days=3)
    assert sorted(await states(strict)) == ["done", "scheduled"]
    await strict.enrolled(503)
    await leaves(strict, carmen)
    await strict.pass_time(days=6)
    assert sorted(await states(strict)) == ["done", "waiting_approval"], "it has grown beyond what was approved"
    assert (told(lupe, STUCK), told(lupe, WAITS)) == (1, 0)
    eva = await at_work(strict, Role.ADMIN, chat_id=603, name="Eva Prueba")
    await strict.pass_time(minutes=1)
    assert told(eva, WAITS) == 1, "who can by now"
    await eva.tap("Ver la difusión")
    await eva.tap("Aprobar")
    await strict.pass_time(days=2)
    assert sorted(await states(strict)) == ["done", "done", "scheduled"]
    assert (told(lupe, STUCK), told(lupe, "Terminó tu difusión.")) == (1, 2)


async def test_its_maker_is_told_too_when_the_only_one_leaves_who_was_asked(strict: Bot) -> None:
    lupe, carmen = await at_work(strict), await at_work(strict, chat_id=CARMEN, name="Carmen Prueba")
    await women(strict, 2)
    await handed_in(lupe)
    await strict.pass_time(seconds=5)
    assert (told(carmen, WAITS), told(lupe, STUCK)) == (1, 0)
    await leaves(strict, carmen)
    await strict.pass_time(hours=1)
    assert told(lupe, STUCK) == 1
    await lupe.tap("Ver la difusión")
    await lupe.say(PIN)
    await lupe.tap("Continuar")
    await lupe.tap("Volver a borrador")
    assert await states(strict) == ["draft"]


async def test_whoever_approves_is_shown_what_its_maker_was_to_look_at_and_says_so(strict: Bot) -> None:
    lupe, carmen = await at_work(strict), await at_work(strict, chat_id=CARMEN, name="Carmen Prueba")
    await women(strict, 2)
    await composed(lupe, "Hola: Rosa trae pan a la plática de salud.")
    await tried(lupe)
    await lupe.tap("Lo revisé: enviar a 2")
    await strict.pass_time(seconds=5)
    await carmen.tap("Ver la difusión")
    shown = carmen.last.text
    assert "Revisa esto también tú" in shown
    assert "«salud»" in shown
    assert "«Rosa»" in shown
    await strict.pass_time(seconds=30)
    assert carmen.last.text == shown, "nor does it go by itself"
    await carmen.tap("Verla como")
    await carmen.tap("Abrir")
    assert carmen.last.text == shown
    await lupe.tap("Ver la difusión")
    assert "Revisa esto" not in lupe.last.text, "of her own she has said it"
    await carmen.tap("Lo revisé: aprobar")
    assert "Revisa esto" not in carmen.last.text
    assert await states(strict) == ["scheduled"]
