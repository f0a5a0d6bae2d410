"""Names in what is sent to many: found, and no way to learn whose they are."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.staff.broadcast_card import Terms
from storage import caseloads, members, people
from storage.broadcasts import Rules
from storage.members import Role
from storage.mentions import Mentions, mentions
from storage.people import NewParticipant
from storage.schema import vault
from storage.segments import Spacing
from storage.vault import Place
from tests.support.chat import Bot
from tests.support.composer import composed, handed_in, states, tried, women
from tests.support.staff import at_work
from tests.support.world import Store

EVA = 602
ZONE = "America/Mexico_City"
OTHERS = "Hola: el viernes viene Berta Ejemplo."
NAMED = "nombre de una participante"


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store, terms=Terms(Rules(approval_above=1, spacing=Spacing(0))))


async def hers(bot: Bot, *record_ids: str) -> None:
    """These women are with Eva."""
    async with bot.store.database.transact() as tx:
        (eva,) = [one.staff for one in await members.listed(tx) if one.name == "Eva Prueba"]
        women = await people.known_record_ids(tx, record_ids)
        await caseloads.assign(tx, dict.fromkeys(women.values(), eva), by="command")


async def test_a_promotora_learns_of_no_name_that_is_not_of_her_caseload(bot: Bot) -> None:
    await women(bot, 1)
    await bot.register("R-9", name="Berta Ejemplo")
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    await hers(bot, "R-501")
    await composed(eva, OTHERS)
    taking_part = eva.last.text
    await eva.tap("Cambiar el texto")
    await eva.say(OTHERS.replace("Berta", "Nadie"))
    assert eva.last.text == taking_part.replace("Berta", "Nadie"), "the same of who takes part and of who does not"
    await eva.tap("Cambiar el texto")
    await eva.say("Hola: el viernes viene Rosa Prueba.")
    assert NAMED in eva.last.text
    await hers(bot, "R-501", "R-9")
    await eva.tap("Cambiar el texto")
    await eva.say(OTHERS)
    assert NAMED in eva.last.text


async def test_whoever_approves_is_told_of_any_name_and_approves_it_not(bot: Bot) -> None:
    await women(bot, 2)
    eva, lupe = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba"), await at_work(bot)
    await hers(bot, "R-501", "R-502")
    await handed_in(eva, OTHERS)
    assert await states(bot) == ["waiting_approval"]
    await lupe.say("/difusion")
    await lupe.tap("el viernes")
    assert NAMED not in lupe.last.text
    before = lupe.last.buttons["Aprobar"]
    await bot.register("R-9", name="Berta Ejemplo")
    await lupe.tap_data(before)
    assert NAMED in lupe.toasts[-1]
    assert NAMED in lupe.last.text
    assert "aprobar" not in " ".join(lupe.last.buttons).casefold()
    assert await states(bot) == ["waiting_approval"]


@pytest.mark.parametrize(
    ("text", "women", "alone"),
    [
        ("Hola: viene Berta Ejemplo.", 1, ("Berta",)),
        ("EJEMPLO, BERTA", 1, ("BERTA",)),
        ("la lista de Bertita Ejemplo", 1, ("Bertita",)),
        ("Güera Ejemplo trae pan", 1, ("Güera",)),
        ("Ber\u200bta Eje\u00admplo", 1, ("Berta",)),
        ("Berta de la Muñoz", 1, ("Berta",)),
        ("ejemplo-berta2.pdf", 1, ("berta",)),
        ("listaBertaMunoz.pdf", 1, ("Berta",)),
        ("bertaejemplo.jpg", 1, ()),
        ("Gpe. Cruz y Lupita Cruz", 1, ("Gpe", "Lupita")),
        ("Pregunta por Berta.", 0, ("Berta",)),
        ("berta.pdf", 0, ("berta",)),
        ("Las güeras y la berta, por ejemplo", 0, ()),
        ("Por ejemplo, trae cruz y canela", 0, ()),
        ("", 0, ()),
    ],
)
async def test_a_name_is_found_in_any_order_and_alone_it_is_a_doubt(
    store: Store, text: str, women: int, alone: tuple[str, ...]
) -> None:
    async with store.database.transact() as tx:
        names = {"R-1": "Berta Ejemplo Muñoz", "R-2": "Guadalupe Cruz"}
        new = [NewParticipant(id_, name, ZONE) for id_, name in names.items()]
        berta, _ = await people.add_participants(tx, new)
        called = tx.vault.seal_text(Place("vault", "called", berta), "Güera")
        await tx.run(update(vault).where(vault.c.participant_id == berta).values(called=called))
        assert await mentions(tx, [text]) == Mentions(women, alone)


async def test_a_given_name_alone_is_looked_at_again_and_may_go(bot: Bot) -> None:
    await women(bot, 1)
    lupe = await at_work(bot)
    await composed(lupe, "Hola: Rosa trae el pan a la junta.")
    assert NAMED not in lupe.last.text
    assert "Revisa esto" in lupe.last.text
    assert "«Rosa»" in lupe.last.text
    await tried(lupe)
    await lupe.tap("Lo revisé: enviar a 1 mujer")
    assert await states(bot) != ["draft"]


async def test_what_a_promotora_is_asked_to_look_at_tells_nothing_of_others(bot: Bot) -> None:
    await women(bot, 1)
    await bot.register("R-9", name="Berta Ejemplo")
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    await hers(bot, "R-501")
    await composed(eva, "Hola: viene Berta.")
    assert "«Berta»" not in eva.last.text
    await hers(bot, "R-501", "R-9")
    await eva.tap("Cambiar el texto")
    await eva.say("Hola: viene Berta.")
    assert "«Berta»" in eva.last.text
