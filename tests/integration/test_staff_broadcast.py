"""The room where staff write to many: tried, approved, watched, taken back, and whose it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select, update

from bot.staff.broadcast_card import bar
from storage import broadcasts as steps
from storage import departures, members
from storage.broadcast_desk import Broadcast
from storage.broadcasts import BroadcastState, Definition, Rules, When
from storage.members import Role
from storage.recipients import RecipientState
from storage.schema import audit, broadcasts, participants, watches
from tests.support import composer
from tests.support.chat import Bot
from tests.support.composer import (
    CARMEN,
    LINE,
    SEEN,
    composed,
    handed_in,
    states,
    tried,
    women,
)
from tests.support.mailings import ALL
from tests.support.staff import PIN, at_work, member, rows
from tests.support.world import START

bot, strict = composer.bot, composer.strict


async def test_a_broadcast_goes_from_its_first_word_to_its_report(bot: Bot) -> None:
    rosa, ana = await women(bot, 2)
    lupe = await at_work(bot)
    await composed(lupe)
    assert "Les llega a <b>2</b> mujeres." in lupe.last.text
    assert "Enviar a" not in " ".join(lupe.last.buttons), "she has not seen it yet"
    await lupe.tap("Enviarme a mí primero")
    assert lupe.last.text == LINE
    await lupe.tap("Abrir")
    assert any("Hola, Lupe: el viernes" in text for text in lupe.texts)
    await lupe.tap("Enviar a 2 mujeres")
    assert "Tienes 60 segundos para deshacer." in lupe.last.text
    assert rosa.last.text != LINE
    await bot.pass_time(minutes=2)
    assert [chat.last.text for chat in (rosa, ana)] == [LINE, LINE]
    await rosa.tap("Abrir")
    assert SEEN in rosa.texts
    assert await states(bot) == ["done"]
    assert lupe.last.text == "Terminó tu difusión."
    await lupe.tap("Ver la difusión")
    assert "▓▓▓▓▓▓▓▓▓▓ 100 % · 2 de 2" in lupe.last.text
    await lupe.tap("Informe")
    assert "Les llegó: 2" in lupe.last.text
    await lupe.tap("Descargar Excel")
    (file,) = lupe.files
    sheet = load_workbook(BytesIO(file))["recipients"]
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["record_id", "R-501", "R-502"]
    assert "broadcast_reported" in [row.action for row in await rows(bot, audit)]


async def test_the_card_changes_in_place_while_it_goes_and_ends_with_another_view(bot: Bot) -> None:
    await women(bot, 3)
    lupe = await at_work(bot)
    await handed_in(lupe)
    await lupe.tap("Ver la difusión")
    shown = lupe.last.message_id
    assert "Programada" in lupe.last.text
    await bot.pass_time(seconds=62)
    assert "Enviándose" in lupe.messages[shown].text or "Terminada" in lupe.messages[shown].text
    assert len([one for one in bot.shown if one.call.params.get("message_id") == shown]) >= 2
    await bot.pass_time(seconds=10)
    assert "3 de 3" in lupe.messages[shown].text
    assert not await rows(bot, watches), "what is over changes no more"


async def test_pause_go_on_cancel_and_retire(bot: Bot) -> None:
    (rosa,) = await women(bot, 1)
    lupe = await at_work(bot)
    await handed_in(lupe)
    await lupe.tap("Ver la difusión")
    await lupe.tap("Pausar")
    assert "En pausa" in lupe.last.text
    await bot.pass_time(minutes=5)
    assert rosa.last.text != LINE
    await lupe.tap("Seguir")
    await bot.pass_time(seconds=5)
    assert rosa.last.text == LINE
    await bot.pass_time(seconds=5)
    await lupe.tap("Ver la difusión")
    await lupe.tap("Retirar")
    await lupe.tap("Sí, retirar")
    assert LINE not in rosa.texts
    assert "Ya no están: 1" in lupe.last.text, "at once"
    await bot.pass_time(seconds=5)
    assert "Ya no están: 1" in lupe.last.text
    await lupe.tap("Retirar")
    await lupe.tap("Sí, retirar")
    assert "Ya no están: 1" in lupe.last.text, "what both did"
    await bot.pass_time(seconds=5)
    assert "Ya no están: 1" in lupe.last.text


async def test_a_repeated_tap_shows_the_same_confirmation_and_sends_once(bot: Bot) -> None:
    rosa, _ = await women(bot, 2)
    lupe = await at_work(bot)
    await composed(lupe)
    await tried(lupe)
    (sends,) = [data for label, data in lupe.last.buttons.items() if "Enviar a" in label]
    await lupe.tap_data(sends)
    told, buttons = lupe.last.text, list(lupe.last.buttons)
    await lupe.tap_data(sends)
    assert (lupe.last.text, list(lupe.last.buttons)) == (told, buttons)
    assert await states(bot) == ["scheduled"]
    await lupe.tap("Deshacer")
    assert await states(bot) == ["draft"]
    await lupe.tap_data(sends)
    await bot.pass_time(minutes=3)
    await lupe.tap_data(sends)
    assert any("▓" in text for text in lupe.texts), "how it went"
    assert rosa.texts.count(LINE) == 1


async def test_of_one_that_repeats_the_list_is_told_only_once_it_is_drawn(bot: Bot) -> None:
    await women(bot, 2)
    lupe = await at_work(bot)
    today = bot.store.clock.at.date()
    async with bot.store.database.transact() as tx:
        (hers,) = await members.listed(tx)
        definition = replace(ALL, when=When(today + timedelta(days=1), 12, repeat_weeks=4))
        id_ = await steps.draft(tx, definition, by=hers.staff)
        await steps.submit(tx, id_, members.Member(hers.staff, hers.role), rules=Rules())
    await bot.pass_time(days=2)
    (following,) = [one for one in await rows(bot, broadcasts) if one.repeats == id_]
    await lupe.say("/difusion")
    await lupe.say(PIN)
    await lupe.tap("Continuar")
    session = next(data for _, data in lupe.offered if "broadcast." in data).partition(".")[0]
    await lupe.tap_data(f"{session}.9.broadcast.card.{following.id:x}")
    shown = " ".join(lupe.texts)
    assert "La lista se arma ese día." in shown
    assert "0 mujeres" not in shown
    assert "Empieza" not in shown


async def test_calling_off_asks_once_more_and_says_who_did_not_get_it(bot: Bot) -> None:
    (rosa,) = await women(bot, 1)
    lupe = await at_work(bot)
    await handed_in(lupe)
    await lupe.tap("Ver la difusión")
    await lupe.tap("Cancelar")
    await lupe.tap("No")
    assert await states(bot) == ["scheduled"]
    await lupe.tap("Cancelar")
    await lupe.tap("Sí, cancelar")
    await bot.pass_time(minutes=5)
    assert "Cancelada" in lupe.last.text
    assert LINE not in rosa.texts
    assert "Pausar" not in lupe.last.buttons
    pause = next(data for label, data in reversed(lupe.offered) if label == "Pausar")
    await lupe.tap_data(pause)
    assert "Ya no está así" in lupe.toasts[-1]
    assert await states(bot) == ["cancelled"]


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_bar_is_full_only_when_all_are_through(through: int, remaining: int) -> None:
    tally = {RecipientState.SENT: through, RecipientState.WAITING: remaining}
    none = (None, None, None)
    found = Broadcast(1, BroadcastState.SENDING, Definition(), None, None, START, *none, *none[:2], {}, None, tally)
    cells, percent, _ = bar(found).split()
    assert len(cells) == 10
    assert (cells.count("▓") == 10) is (remaining == 0) is (percent == "100")


async def test_undo_makes_it_a_draft_again(bot: Bot) -> None:
    (rosa,) = await women(bot, 1)
    lupe = await at_work(bot)
    await handed_in(lupe)
    await lupe.tap("Deshacer")
    assert "otra vez un borrador" in lupe.last.text
    await bot.pass_time(minutes=5)
    assert rosa.last.text != LINE
    await lupe.tap("Seguir con mi borrador")
    assert SEEN.replace("Rosa", "{nombre}") in lupe.last.text
    await lupe.tap("Descartar")
    await lupe.tap("Sí, descartar")
    assert not await rows(bot, broadcasts)


async def test_above_the_number_a_second_person_approves_what_she_sees(strict: Bot) -> None:
    bot = strict
    rosa, _ = await women(bot, 2)
    lupe, carmen = await at_work(bot), await at_work(bot, chat_id=CARMEN, name="Carmen Prueba")
    await handed_in(lupe)
    assert "otra persona tiene que aprobarla" in lupe.last.text
    await bot.tick()
    assert carmen.last.text == "Hay una difusión que espera tu aprobación."
    assert "espera tu aprobación" not in " ".join(lupe.texts), "never its maker"
    await bot.tick()
    assert carmen.texts.count("Hay una difusión que espera tu aprobación.") == 1
    await carmen.tap("Ver la difusión")
    assert "La preparó Lupe Prueba" in carmen.last.text
    assert "{nombre}: el viernes" in carmen.last.text
    assert "Lista fija: <b>2</b> mujeres. Clave" in carmen.last.text
    (row,) = await rows(bot, broadcasts)
    assert row.list_hash[:8] in carmen.last.text
    approve = carmen.last.buttons["Aprobar"]
    await lupe.tap_data(approve)
    assert "la aprueba otra persona" in lupe.toasts[-1]
    assert await states(bot) == ["waiting_approval"]
    await lupe.tap("Volver a borrador")
    await lupe.tap("Seguir con mi borrador")
    await lupe.tap("Cambiar el texto")
    await lupe.say("Otra cosa")
    await tried(lupe)
    await lupe.tap("Enviar a 2")
    await carmen.tap_data(approve)
    assert "cambió" in carmen.toasts[-1], "it is not what she saw"
    assert await states(bot) == ["waiting_approval"]
    await carmen.tap("Verla como la recibirían")
    await carmen.tap("Abrir")
    assert "Otra cosa" in carmen.texts
    await carmen.tap("Aprobar")
    assert carmen.toasts[-1] == "Aprobada."
    await bot.pass_time(minutes=2)
    assert rosa.last.text == LINE


async def test_of_two_who_approve_at_once_the_second_sees_how_it_stands(strict: Bot) -> None:
    bot = strict
    await women(bot, 2)
    lupe = await at_work(bot)
    others = [await at_work(bot, chat_id=CARMEN + n, name=f"Otra{n} Prueba") for n in range(2)]
    await handed_in(lupe)
    await bot.tick()
    for chat in others:
        await chat.tap("Ver la difusión")
    taps = [(chat.chat_id, chat.last.buttons["Aprobar"]) for chat in others]
    await bot.receive(
        *(
            (
                chat_id,
                {
                    "callback_query": {
                        "id": f"t{chat_id}",
                        "from": {"id": chat_id},
                        "data": data,
                        "message": {"chat": {"id": chat_id, "type": "private"}},
                    }
                },
            )
            for chat_id, data in taps
        )
    )
    await bot.settle()
    assert sorted(chat.toasts[-1] for chat in others) == ["Aprobada.", "Ya no está así: mira cómo va."]
    assert [row.action for row in await rows(bot, audit)].count("broadcast_scheduled") == 1


async def test_a_promotora_writes_to_her_own_women_and_finds_no_other_broadcast(strict: Bot) -> None:
    bot = strict
    rosa, ana = await women(bot, 2)
    eva = await at_work(bot, Role.STAFF, chat_id=CARMEN, name="Eva Prueba")
    async with bot.store.database.transact() as tx:
        (hers,) = [one.staff for one in await members.listed(tx) if one.name == "Eva Prueba"]
        first = (await tx.run(select(participants.c.id).order_by(participants.c.id).limit(1))).scalar_one()
        await tx.run(update(participants).where(participants.c.id == first).values(staff_id=hers))
    await handed_in(eva)
    await bot.pass_time(minutes=2)
    assert sorted([LINE in rosa.texts, LINE in ana.texts]) == [False, True]
    lupe = await at_work(bot)
    await at_work(bot, chat_id=603, name="Ida Prueba")  # who could approve it
    await handed_in(lupe, "De otra")
    (waiting,) = [row for row in await rows(bot, broadcasts) if row.state == "waiting_approval"]
    session = next(data for _, data in eva.offered if "broadcast." in data).partition(".")[0]
    for verb in ("card", "pause", "cancelled", "open", "sheet", "back"):
        await eva.tap_data(f"{session}.9.broadcast.{verb}.{waiting.id:x}")
        assert eva.toasts[-1] == "Eso ya no está."
    before = len(eva.toasts)
    await eva.tap_data(f"{session}.9.broadcast.approve.{waiting.id:x}.00000")
    assert len(eva.toasts) == before + 1
    assert waiting.id in [row.id for row in await rows(bot, broadcasts) if row.state == "waiting_approval"]
    assert "De otra" not in " ".join(eva.texts)


async def test_a_coordinator_who_is_revoked_can_do_nothing_from_an_open_menu(bot: Bot) -> None:
    (rosa,) = await women(bot, 1)
    lupe = await at_work(bot)
    await composed(lupe)
    await tried(lupe)
    data = next(data for label, data in lupe.last.buttons.items() if "Enviar a 1" in label)
    async with bot.store.database.transact() as tx:
        (hers,) = await members.listed(tx)
        assert await departures.revoke(tx, hers.staff)
    await lupe.tap_data(data)
    assert await states(bot) == [], "her draft went with her"
    await rosa.tap_data(data)
    assert await states(bot) == [], "nor can a woman to whom the message was forwarded"


async def test_a_desk_that_has_closed_shows_no_progress_and_asks_for_the_pin(bot: Bot) -> None:
    await women(bot, 1)
    lupe = await at_work(bot)
    await composed(lupe)
    await lupe.tap("Cuándo")
    await lupe.say("mañana a las 11")
    await tried(lupe)
    await lupe.tap("Enviar a 1")
    await lupe.tap("Ver la difusión")
    shown = lupe.last.message_id
    await bot.pass_time(hours=30)
    assert "Programada" in lupe.messages[shown].text
    assert lupe.last.text == "Terminó tu difusión."
    await lupe.tap("Ver la difusión")
    assert "PIN" in lupe.last.text


async def test_a_member_of_staff_who_is_a_participant_gets_it_in_her_own_chat(bot: Bot) -> None:
    (her_own,) = await women(bot, 1)
    lupe = await at_work(bot)
    await lupe.start(await bot.invite(await bot.register("R-900")))
    assert "teléfono" in lupe.last.text, "a chat has one owner"
    await handed_in(lupe)
    assert "1 mujer" in lupe.last.text
    before = len(lupe.texts)
    await bot.pass_time(minutes=2)
    assert her_own.last.text == LINE
    assert LINE not in lupe.texts[before:]


async def test_an_auditor_has_no_such_room(bot: Bot) -> None:
    chat = await member(bot, Role.AUDITOR)
    assert "difusion" not in chat.commands
    assert await chat.say("/difusion") == await chat.say("/nosuchthing")
