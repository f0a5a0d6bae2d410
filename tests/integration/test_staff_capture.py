"""A woman is asked by phone or face to face: her consent first, then the questionnaire of her own chat."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from storage.members import Role
from storage.schema import answers, audit, captures, cases, checkins, consents, participants, sessions
from tests.support.chat import Bot, Chat
from tests.support.staff import PIN, at_work
from tests.support.world import START, Store

LUPE, ANA = 601, 602
RELEASED = START.date() - timedelta(days=32)
"""A month and a day ago: the window of her first month is open."""


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def rows(store: Store, table: Any) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(table)))


async def standing(store: Store) -> dict[str, tuple[str | None, str]]:
    """The answers that stand: value and mode, by variable."""
    return {row.variable: (row.value, row.mode) for row in await rows(store, answers) if row.replaced_at is None}


async def ledger_row(store: Store, point: str = "m1") -> Any:
    (row,) = [row for row in await rows(store, checkins) if row.point == point]
    return row


async def chosen(bot: Bot, lupe: Chat, *, name: str = "Rosa") -> None:
    """She has looked for a woman without a chat of her own, and taken her first month."""
    await lupe.say(f"/capturar {name}")
    await lupe.tap(name)
    await lupe.tap("m1")


async def at_a_number(bot: Bot) -> Chat:
    """A coordinator at work; a woman who was released a month ago, and has no chat of her own."""
    await bot.register("R-1", released=RELEASED)
    return await at_work(bot, Role.COORDINATOR, chat_id=LUPE)


async def asking(bot: Bot, mode: str = "Por teléfono") -> Chat:
    """The first question stands in the coordinator's chat."""
    lupe = await at_a_number(bot)
    await chosen(bot, lupe)
    await lupe.tap("De palabra")
    await lupe.tap("Dijo que sí")
    await lupe.tap("Sí")
    await lupe.tap(mode)
    return lupe


async def through(chat: Chat) -> None:
    """All that is asked from the first question on, in words and by buttons, as in her own chat."""
    await chat.say("no necesito nada por ahora")
    await chat.say("no")
    while "contestó todo" not in chat.last.text:
        labels = [label for row in chat.last.rows for label in row]
        if "Saltar" not in " ".join(labels) and not labels:
            break
        await chat.tap("Saltar" if any("Saltar" in label for label in labels) else labels[0])


async def test_nothing_is_asked_without_consent_which_can_be_given_aloud(store: Store, bot: Bot) -> None:
    lupe = await at_a_number(bot)
    await chosen(bot, lupe)
    assert "no tiene registrado su consentimiento" in lupe.last.text
    await lupe.tap("De palabra")
    assert "no van a ninguna autoridad" in lupe.last.text
    await lupe.tap("Dijo que sí")
    await lupe.tap("Sí")
    assert "¿Cómo hablas con ella?" in lupe.last.text
    kept = await rows(store, consents)
    assert {(row.purpose, row.given, row.how, row.version) for row in kept} == {
        ("seguimiento", True, "oral", "1"),
        ("ingresos", True, "oral", "1"),
    }
    assert all(row.recorded_by is not None and row.text_hash for row in kept)


async def test_a_no_is_kept_and_nothing_is_asked(store: Store, bot: Bot) -> None:
    lupe = await at_a_number(bot)
    await chosen(bot, lupe)
    await lupe.tap("De palabra")
    await lupe.tap("Dijo que no")
    assert "dijo que no" in lupe.last.text
    (row,) = await rows(store, consents)
    assert (row.purpose, row.given) == ("seguimiento", False)
    checkin = await ledger_row(store)
    await lupe.tap_data(f"1.1.capture.begin.{checkin.id:x}.phone")
    assert any("no tiene registrado" in text for text in lupe.texts), "in place of an older message"
    assert not await rows(store, answers)


async def test_a_paper_has_a_date_a_version_and_a_witness(store: Store, bot: Bot) -> None:
    lupe = await at_a_number(bot)
    await chosen(bot, lupe)
    await lupe.tap("Ya firmó en papel")
    for unread in ("ayer", "31/02/2026", "15/03/2030"):
        await lupe.say(unread)
        assert "No pude leer" in lupe.last.text
    await lupe.say("15/02/2026")
    await lupe.say("v2")
    await lupe.say("Marta Testigo")
    await lupe.tap("No")
    assert "¿Cómo hablas con ella?" in lupe.last.text
    kept = {row.purpose: row for row in await rows(store, consents)}
    assert {(name, row.given, row.how, row.version) for name, row in kept.items()} == {
        ("seguimiento", True, "paper", "v2"),
        ("ingresos", False, "paper", "v2"),
    }
    assert kept["seguimiento"].at.date() in (date(2026, 2, 15), date(2026, 2, 16))
    assert kept["seguimiento"].witness and b"Marta" not in kept["seguimiento"].witness


async def test_an_interview_by_phone_lands_in_the_tables_of_a_chat_with_its_mode(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    await lupe.say("Sí, trabajé")
    assert (await standing(store))["trabajo_semana"] == ('"trabaje"', "phone")
    assert {row.interviewer_id for row in await rows(store, answers)} == {(await rows(store, captures))[0].staff_id}
    row = await ledger_row(store)
    assert (row.state, row.owner) == ("started", "bot")
    assert row.last_heard_at is not None


async def test_it_ends_with_a_fate_and_leaves_the_chat_of_whoever_asked(store: Store, bot: Bot) -> None:
    lupe = await asking(bot, "En persona")
    await through(lupe)
    row = await ledger_row(store)
    assert (row.state, row.fate) == ("closed", "completed")
    (capture,) = await rows(store, captures)
    assert (capture.mode, capture.ended_how) == ("in_person", "completed")
    assert {mode for _, mode in (await standing(store)).values()} == {"in_person"}
    await lupe.tap("Terminar y borrar")
    assert not any("necesitas" in text.casefold() for text in lupe.texts)
    assert "guardadas" in lupe.last.text
