"""A signed paper is typed in from a woman's card: whole, with nothing ticked beforehand, and as of its day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.consents import ConsentGiven, How, Purpose, purposes_of, record_consents
from storage.schema import audit, consents
from tests.support.asking import rows
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work
from tests.support.world import START, Store

DAY = f"{START.date():%d/%m/%Y}"
PURPOSES = ("cómo voy", "cuánto gano", "cómo me siento", "notas de voz", "corro peligro", "avisos", "estudios")


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def typing(bot: Bot, *words: str) -> tuple[int, Chat]:
    her = await bot.register("R-1")
    lupe = await at_work(bot)
    await lupe.say("/participantes rosa")
    await lupe.tap("Rosa Prueba")
    await lupe.tap("Editar")
    await lupe.tap("Firmó en papel")
    for said in words:
        await lupe.say(said)
    return her, lupe


async def test_each_purpose_is_yes_no_or_not_on_the_paper(store: Store, bot: Bot) -> None:
    _, lupe = await typing(bot, DAY, "1", "Marta Testigo")
    labels = [row[0] for row in lupe.last.rows]
    assert [label for label in labels[:-1] if not label.startswith("☐")] == [], "nothing is ticked beforehand"
    assert all(any(words in label for label in labels) for words in PURPOSES)
    assert "Guardar" not in labels, "there is nothing to note yet"
    for taps in ("cómo voy", "cuánto gano", "cuánto gano", "avisos", "avisos", "avisos", "estudios"):
        await lupe.tap(taps)
    assert [row[0][0] for row in lupe.last.rows[:7]] == ["✅", "🚫", "☐", "☐", "☐", "☐", "✅"]
    await lupe.tap_data(lupe.last.buttons["Guardar"])
    assert "Anotado" in lupe.last.text
    kept = await rows(store, consents)
    assert {(row.purpose, row.given, row.how, row.version) for row in kept} == {
        ("seguimiento", True, "paper", "1"),
        ("ingresos", False, "paper", "1"),
        ("investigacion", True, "paper", "1"),
    }
    assert all(row.recorded_by is not None and row.witness for row in kept)
    assert not any(b"Marta" in row.witness for row in kept)
    acts = [row for row in await rows(store, audit) if row.action in ("consent_given", "consent_refused")]
    assert len(acts) == 3
    assert {row.actor.partition(":")[0] for row in acts} == {"staff"}
    assert not any("Marta" in str(row) or "Rosa" in str(row) for row in acts)


async def test_what_cannot_be_is_asked_again_and_nothing_is_noted(store: Store, bot: Bot) -> None:
    later = f"{START.date() + timedelta(days=2):%d/%m/%Y}"
    _, lupe = await typing(bot)
    for unread in ("ayer", "31/02/2026", later):
        await lupe.say(unread)
        assert "No pude leer" in lupe.last.text
    await lupe.say(DAY)
    for unknown in ("9", "x" * 300):
        await lupe.say(unknown)
        assert "No conozco esa versión. Hay: 1, papel." in lupe.last.text
    await lupe.say("papel")
    await lupe.say("007")
    assert "No pude leer" in lupe.last.text
    await lupe.say("Marta Testigo")
    data = next(iter(lupe.last.buttons.values())).rpartition(".")[0]
    for forged in ("7", "-1", "x", ""):
        await lupe.tap_data(f"{data}.{forged}")
        assert "ya no sirve" in lupe.toasts[-1]
    await lupe.tap_data(data.replace("paper.say", "paper.save"))
    assert not await rows(store, consents)


async def test_a_paper_is_at_hand_or_it_is_not(store: Store, bot: Bot) -> None:
    _, lupe = await typing(bot, DAY, "1", "Marta Testigo")
    await lupe.tap("cómo voy")
    save = lupe.last.buttons["Guardar"]
    await bot.pass_time(hours=2)
    await lupe.tap_data(save)
    assert not await rows(store, consents)


async def test_what_she_has_said_since_stands(store: Store, bot: Bot) -> None:
    her, lupe = await typing(bot, "01/03/2026", "1", "Marta Testigo")
    async with store.database.transact() as tx:
        await record_consents(tx, [(ConsentGiven(her, Purpose.RESEARCH, "1", "h", False, How.CHAT), tx.now)])
    await lupe.tap("cómo voy")
    await lupe.tap("estudios")
    await lupe.tap_data(lupe.last.buttons["Guardar"])
    async with store.database.read() as tx:
        assert (await purposes_of(tx, [her]))[her] == ("seguimiento",)
