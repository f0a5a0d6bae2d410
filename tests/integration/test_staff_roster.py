"""The roster at a desk: who is found and who is not, her card, and what is changed of her from there."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from scheduler.enrolment import enrol
from storage import audit as audit_trail
from storage import caseloads, departures, installation, members
from storage import pauses as rests
from storage.imports.participants import ParticipantRow
from storage.members import Role
from storage.schema import audit, participants, pauses, preferences, stops
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work
from tests.support.world import Store

ANA = 602
RELEASED = date(2026, 3, 1)


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def registered(bot: Bot, *names: str, centre: str = "CHA", first: int = 1) -> list[int]:
    """Women of these names, R-1 and so on, with nobody."""
    rows = [
        ParticipantRow(line=n, record_id=f"R-{n}", name=name, centre=centre, release_date=RELEASED)
        for n, name in enumerate(names, start=first)
    ]
    async with bot.store.database.transact() as tx:
        return await enrol(tx, rows, plans=bot.plans)


async def give(bot: Bot, woman: int, chat: Chat) -> None:
    """She is with the member of staff whose chat this is."""
    async with bot.store.database.transact() as tx:
        (hers,) = [one for one in await members.listed(tx) if one.name.startswith(NAMES[chat.chat_id])]
        await caseloads.assign(tx, {woman: hers.staff}, by="command")


NAMES = {601: "Lupe", ANA: "Ana"}


async def row_of(bot: Bot, woman: int) -> object:
    async with bot.store.database.read() as tx:
        joined = select(participants, preferences).join(preferences)
        return (await tx.run(joined.where(participants.c.id == woman))).one()


async def acts(bot: Bot, action: str) -> list[tuple[str, str | None, str | None]]:
    async with bot.store.database.read() as tx:
        rows = await tx.run(select(audit).where(audit.c.action == action).order_by(audit.c.number))
        return [(row.actor, row.subject, row.detail) for row in rows]


@pytest.mark.parametrize(
    "words",
    [
        "rosa martinez",
        "ROSA",
        "Mrtinez",
        "martinez rosa",
        "R-1",
        "r1",
        "Rsoa",
        "la",
        "rosa chalco",
        "Huitzilzingo rosa",
    ],
)
async def test_she_is_found_however_she_is_written(bot: Bot, words: str) -> None:
    lupe = await at_work(bot)
    await registered(bot, "Rosa Martínez Lara", "Ñengo Inventada Pérez", "Clara Invención Soto")
    await lupe.say("/participantes")
    await lupe.say(words)
    assert lupe.last.rows[0] == ("Rosa Martínez Lara · R-1",)
    assert lupe.last.text == "1 mujer:"


@pytest.mark.parametrize("words", ["Guillermina", "%", "_", "%_%", "🌵", "¿?"])
async def test_what_nobody_is_called_finds_nobody(bot: Bot, words: str) -> None:
    lupe = await at_work(bot)
    await registered(bot, "Rosa Martínez Lara")
    await lupe.say("/participantes")
    await lupe.say(words)
    assert "No encontré a nadie" in lupe.last.text
    await lupe.say("x" * 5000)
    assert "muy largo" in lupe.last.text
    await lupe.say("/participantes rosa")
    assert lupe.last.rows[0] == ("Rosa Martínez Lara · R-1",)


async def test_three_hundred_are_read_page_by_page(bot: Bot) -> None:
    lupe = await at_work(bot)
    await registered(bot, *(f"Persona{n:03} Inventada" for n in range(1, 301)))
    await lupe.say("/participantes")
    await lupe.tap("Ver todas")
    assert lupe.last.text == "300 mujeres:"
    seen = list(lupe.last.rows[:8])
    while any("Más" in label for row in lupe.last.rows for label in row):
        await lupe.tap("Más")
        seen += [row for row in lupe.last.rows if "Persona" in row[0]]
    assert len(seen) == len(set(seen)) == 300
    assert len(lupe.messages) == len({*lupe.messages}), "one message, changed in place"


@pytest.mark.holds("T-staff-1")
async def test_staff_find_their_own_alone_whatever_a_button_carries(bot: Bot) -> None:
    ana = await at_work(bot, Role.STAFF, chat_id=ANA, name="Ana Prueba")
    hers, other = await registered(bot, "Rosa Martínez Lara", "Rosa Pérez Soto")
    await give(bot, hers, ana)
    await ana.say("/participantes")
    await ana.say("rosa")
    assert [row[0] for row in ana.last.rows[:-2]] == ["Rosa Martínez Lara · R-1"]
    session = ana.offered[-1][1].split(".")[:2]
    before = await row_of(bot, other)
    for verb in (
        "roster.card",
        "woman.edit",
        "paper.begin",
        "rest.halt",
        "rest.resume",
        "invite.draw",
        "freeze.now",
        "invite.recover",
    ):
        tail = ".llamada" if verb == "rest.halt" else ""
        await ana.tap_data(".".join((*session, f"{verb}.{other:x}{tail}")))
        assert "Pérez" not in " ".join(ana.texts)
        assert "Ya no está en tu lista" in ana.toasts[-1]
    await ana.tap_data(".".join((*session, f"woman.give.{other:x}")))
    for junk in ("", "zz", "f" * 30, "-1"):
        await ana.tap_data(".".join((*session, f"roster.card.{junk}")))
        assert "Ya no está en tu lista" in ana.toasts[-1]
    assert await row_of(bot, other) == before


async def test_auditors_find_nobody(bot: Bot) -> None:
    eva = await at_work(bot, Role.AUDITOR)
    await registered(bot, "Rosa Martínez Lara")
    await eva.say("/participantes")
    assert "Rosa" not in " ".join(eva.texts)
    assert "Escribe su nombre" not in " ".join(eva.texts)


async def test_a_card_tells_what_is_expected_and_what_was_tried(bot: Bot) -> None:
    lupe = await at_work(bot)
    await bot.enrolled()
    await bot.pass_time(days=60)
    await lupe.say("/participantes")
    await lupe.say("2580")
    await lupe.say("/participantes R-501")
    await lupe.tap("Rosa Prueba")
    text = lupe.last.text
    assert text.startswith("Rosa Prueba\nFolio: R-501")
    assert "Salida: 2 de marzo de 2026" in text
    assert "Seguimiento del" in text
    assert [actor for actor, _, _ in await acts(bot, "card_read")]


async def test_a_release_date_is_shown_with_what_moves_and_then_written(bot: Bot) -> None:
    lupe = await at_work(bot)
    (rosa,) = await registered(bot, "Rosa Martínez Lara")
    await lupe.say("/participantes rosa")
    await lupe.tap("Rosa")
    await lupe.tap("Editar")
    await lupe.tap("Fecha de salida")
    assert "1 de marzo de 2026" in lupe.last.text
    await lupe.say("ayer")
    assert "No lo entendí" in lupe.last.text
    await lupe.say("15/03/2026")
    assert "Se mueve" in lupe.last.text
    assert (await row_of(bot, rosa)).release_on == RELEASED  # type: ignore[attr-defined]
    await lupe.tap("Guardar")
    assert "Guardado" in lupe.last.text
    assert (await row_of(bot, rosa)).release_on == date(2026, 3, 15)  # type: ignore[attr-defined]
    assert [detail for _, _, detail in await acts(bot, "corrected")] == ["release_on"]


async def test_of_two_who_change_one_woman_the_second_is_told(store: Store, bot: Bot) -> None:
    lupe, ana = await at_work(bot), await at_work(bot, chat_id=ANA, name="Ana Prueba")
    (rosa,) = await registered(bot, "Rosa Martínez Lara")
    for chat, day in ((lupe, "15/03/2026"), (ana, "20/03/2026")):
        await chat.say("/participantes rosa")
        await chat.tap("Rosa")
        await chat.tap("Editar")
        await chat.tap("Fecha de salida")
        await chat.say(day)
    taps = [next(data for label, data in reversed(chat.offered) if label == "Guardar") for chat in (lupe, ana)]
    await bot.receive(*(_tap(bot, chat, data) for chat, data in zip((lupe, ana), taps, strict=True)))
    await bot.settle()
    assert "Guardado" in lupe.last.text
    assert "Alguien lo cambió antes que tú" in ana.last.text
    assert "15 de marzo de 2026" in ana.last.text
    assert (await row_of(bot, rosa)).release_on == date(2026, 3, 15)  # type: ignore[attr-defined]


def _tap(bot: Bot, chat: Chat, data: str) -> tuple[int, dict[str, object]]:
    query = {"id": str(next(bot.numbers)), "from": {"id": chat.chat_id}, "data": data}
    return chat.chat_id, {"callback_query": {**query, "message": {"chat": {"id": chat.chat_id, "type": "private"}}}}


async def test_place_hours_and_centre_are_changed_by_words_and_buttons(bot: Bot) -> None:
    lupe = await at_work(bot)
    (rosa,) = await registered(bot, "Rosa Martínez Lara")
    await lupe.say("/participantes rosa")
    await lupe.tap("Rosa")
    for field, answer, typed in (
        ("Estado y municipio", "Chihuahua, Juárez", True),
        ("Horario", "Tarde", False),
        ("Días", "lu, mi", True),
        ("Centro", "Texcoco", False),
    ):
        await lupe.tap("Editar")
        await lupe.tap(field)
        await (lupe.say(answer) if typed else lupe.tap(answer))
        await lupe.tap("Guardar")
        await lupe.tap("Su tarjeta")
    row = await row_of(bot, rosa)
    found = [getattr(row, name) for name in ("zone", "slot", "days", "centre")]
    assert found == ["America/Ciudad_Juarez", "tarde", "02", "TEX"]


async def test_a_coordinator_gives_her_to_somebody_and_she_sees_her_at_once(bot: Bot) -> None:
    lupe = await at_work(bot)
    ana = await at_work(bot, Role.STAFF, chat_id=ANA, name="Ana Prueba")
    await registered(bot, "Rosa Martínez Lara")
    await lupe.say("/participantes rosa")
    await lupe.tap("Rosa")
    await lupe.tap("Editar")
    await lupe.tap("Persona a cargo")
    await lupe.tap("Ana Prueba")
    assert "queda a cargo de: Ana Prueba" in lupe.last.text
    await ana.say("/participantes rosa")
    assert ana.last.rows[0] == ("Rosa Martínez Lara · R-1",)
    await ana.tap("Rosa")
    await ana.tap("Editar")
    assert not any("Persona a cargo" in label for label in ana.last.buttons)


async def test_no_other_pause_takes_the_place_of_a_reentry_and_every_other_one_has_an_end(bot: Bot) -> None:
    lupe = await at_work(bot)
    (woman,) = await registered(bot, "Rosa Martínez Lara")
    await lupe.say("/participantes rosa")
    await lupe.tap("Rosa")
    await lupe.tap("Pausar")
    trip = next(data for label, data in reversed(lupe.offered) if label == "Viaje")
    await lupe.tap("Viaje")
    weeks = next(data for label, data in reversed(lupe.offered) if label == "4 semanas")
    assert list(lupe.last.buttons) == ["2 semanas", "4 semanas", "3 meses", "‹ Su tarjeta"]
    async with bot.store.database.transact() as tx:
        await rests.pause(tx, woman, rests.PauseKind.REENTRY, until_on=None, by=rests.STAFF)
    for button in (trip, weeks):
        await lupe.tap_data(button)
        assert "está en reingreso" in lupe.last.text
    async with bot.store.database.read() as tx:
        assert await rests.away_since(tx, woman) is not None


async def test_a_pause_a_stop_and_their_ends_are_recorded(bot: Bot) -> None:
    lupe = await at_work(bot)
    await registered(bot, "Rosa Martínez Lara")
    await lupe.say("/participantes rosa")
    await lupe.tap("Rosa")
    await lupe.tap("Pausar")
    await lupe.tap("Viaje")
    await lupe.tap("4 semanas")
    assert "descansa hasta el 30 de marzo" in lupe.last.text
    await lupe.tap("Su tarjeta")
    assert "En pausa hasta el 30 de marzo de 2026:\nViaje" in lupe.last.text
    await lupe.tap("Quitar pausa")
    await lupe.tap("Su tarjeta")
    assert "En pausa" not in lupe.last.text
    await lupe.tap("No escribirle más")
    await lupe.tap("En persona")
    old = next(data for label, data in reversed(lupe.offered) if label == "En persona")
    await lupe.tap_data(old)
    assert "ya había pedido" in lupe.last.text
    await lupe.tap("Su tarjeta")
    await lupe.tap("Volver a escribirle")
    await lupe.tap("Por llamada")
    async with bot.store.database.read() as tx:
        (pause,) = (await tx.run(select(pauses))).all()
        (stop,) = (await tx.run(select(stops))).all()
        assert await audit_trail.verify(tx) is None
    assert (pause.kind, pause.ended_at is not None) == ("viaje", True)
    assert (stop.how, stop.lifted_how) == ("en_persona", "llamada")
    assert {actor.split(":")[0] for actor, _, _ in await acts(bot, "stopped")} == {"staff"}


async def test_her_link_and_her_word_are_shown_apart_and_let_her_in(bot: Bot) -> None:
    lupe = await at_work(bot)
    await registered(bot, "Rosa Martínez Lara")
    async with bot.store.database.transact() as tx:
        await installation.remember(tx, {installation.BOT_USERNAME: "hilo_bot"})
    await lupe.say("/participantes rosa")
    await lupe.tap("Rosa")
    await lupe.tap("Invitar")
    await lupe.tap("Crear enlace")
    shown = lupe.newest("https://t.me/hilo_bot?start=")
    link = next(word for word in shown.text.split() if word.startswith("https"))
    await lupe.tap("Ver la palabra")
    word = lupe.last.text.splitlines()[0].removeprefix("Su palabra: ")
    assert word not in shown.text
    assert [content[:4] for content in lupe.files] == [b"\x89PNG"]
    rosa = bot.chat(501)
    await rosa.start(link.partition("=")[2])
    await rosa.tap("Sí, puedo")
    await rosa.say(word)
    assert rosa.last.buttons
    old = next(data for label, data in reversed(lupe.offered) if label == "Ver la palabra")
    await lupe.tap_data(old)
    assert lupe.toasts, "the word is shown once"


async def test_a_revoked_member_with_an_open_card_changes_nothing(bot: Bot) -> None:
    lupe = await at_work(bot)
    await registered(bot, "Rosa Martínez Lara")
    await lupe.say("/participantes rosa")
    await lupe.tap("Rosa")
    await lupe.tap("No escribirle más")
    async with bot.store.database.transact() as tx:
        (hers,) = await members.listed(tx)
        await departures.revoke(tx, hers.staff)
    await lupe.tap("En persona")
    async with bot.store.database.read() as tx:
        assert not (await tx.run(select(stops))).all()


async def test_staff_who_open_a_womans_link_are_told_to_use_another_phone(bot: Bot) -> None:
    lupe = await at_work(bot)
    (rosa,) = await registered(bot, "Rosa Martínez Lara")
    token = await bot.invite(rosa)
    (said,) = await lupe.start(token)
    assert "otro teléfono" in said.casefold()
    await lupe.say("/participantes rosa")
    assert lupe.last.rows[0] == ("Rosa Martínez Lara · R-1",)


async def test_the_card_of_a_woman_who_was_given_away_meanwhile_is_gone(bot: Bot) -> None:
    ana = await at_work(bot, Role.STAFF, chat_id=ANA, name="Ana Prueba")
    (rosa,) = await registered(bot, "Rosa Martínez Lara")
    await give(bot, rosa, ana)
    await ana.say("/participantes rosa")
    await ana.tap("Rosa")
    async with bot.store.database.transact() as tx:
        await tx.run(update(participants).values(staff_id=None))
    await ana.tap("Editar")
    assert "Ya no está en tu lista" in ana.toasts[-1]


async def test_a_sheet_of_codes_is_made_for_those_who_have_not_come_in(bot: Bot) -> None:
    lupe = await at_work(bot)
    await bot.enrolled()
    await registered(bot, "Clara Invención Soto", "Rosa Martínez Lara")
    async with bot.store.database.transact() as tx:
        await installation.remember(tx, {installation.BOT_USERNAME: "hilo_bot"})
    await lupe.say("/participantes")
    await lupe.tap("Ver todas")
    assert len([row for row in lupe.last.rows if "·" in row[0]]) == 3
    await lupe.tap("Hoja de códigos")
    await lupe.tap("Crear la hoja")
    lines = lupe.last.text.splitlines()[1:]
    assert [line.partition(":")[0] for line in lines] == ["1. Clara Invención Soto", "2. Rosa Martínez Lara"]
    (paper,) = lupe.files
    assert paper.startswith(b"%PDF-")
    assert not any(
        name.encode() in paper for name in ("Clara", "Rosa", "R-1", *(line.rpartition(" ")[2] for line in lines))
    )
    assert [actor.partition(":")[0] for actor, _, _ in await acts(bot, "invited")].count("staff") == 2
    old = next(data for label, data in reversed(lupe.offered) if label == "Crear la hoja")
    await lupe.tap_data(old)
    assert len(lupe.files) == 1, "an old button asks again"
