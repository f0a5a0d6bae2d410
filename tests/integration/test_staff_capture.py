"""A woman is asked by phone or face to face: her consent first, then the questionnaire of her own chat."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from storage import departures, members
from storage.cases import ask_for_calls
from storage.members import Role
from storage.schema import answers, attempts, audit, captures, cases, checkins, consents, sessions
from tests.support.asking import (
    LUPE,
    RELEASED,
    asking,
    before_consent,
    chosen,
    consented,
    halfway,
    ledger_row,
    rows,
    standing,
    through,
)
from tests.support.chat import Bot
from tests.support.staff import PIN, at_work
from tests.support.world import START, Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def test_nothing_is_asked_without_consent_which_can_be_given_aloud(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    await chosen(bot, lupe)
    assert "no tiene registrado su consentimiento" in lupe.last.text
    await lupe.tap("De palabra")
    assert "no van a ninguna autoridad" in lupe.last.text
    await lupe.tap("Dijo que sí")
    assert "cuánto gana" in lupe.last.text
    await lupe.tap("Sí")
    assert "estudios y cifras públicas" in lupe.last.text
    await lupe.tap("No")
    assert "¿Cómo hablas con ella?" in lupe.last.text
    kept = await rows(store, consents)
    assert {(row.purpose, row.given, row.how, row.version) for row in kept} == {
        ("seguimiento", True, "oral", "2"),
        ("ingresos", True, "oral", "2"),
        ("investigacion", False, "oral", "2"),
    }
    assert all(row.recorded_by is not None and row.text_hash for row in kept)


async def test_a_no_is_kept_and_nothing_is_asked(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
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


@pytest.mark.holds("S-15")
async def test_a_paper_has_a_date_a_version_and_a_witness(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    await chosen(bot, lupe)
    await lupe.tap("Ya firmó en papel")
    for unread in ("ayer", "31/02/2026", "15/03/2030"):
        await lupe.say(unread)
        assert "No pude leer" in lupe.last.text
    await lupe.say("15/02/2026")
    await lupe.say("v2")
    await lupe.say("Marta Testigo")
    await lupe.tap("No")
    await lupe.tap("Sí")
    assert "¿Cómo hablas con ella?" in lupe.last.text
    kept = {row.purpose: row for row in await rows(store, consents)}
    assert {(name, row.given, row.how, row.version) for name, row in kept.items()} == {
        ("seguimiento", True, "paper", "v2"),
        ("ingresos", False, "paper", "v2"),
        ("investigacion", True, "paper", "v2"),
    }
    assert kept["seguimiento"].at.date() in (date(2026, 2, 15), date(2026, 2, 16))
    assert kept["seguimiento"].witness
    assert b"Marta" not in kept["seguimiento"].witness


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
    (attempt,) = await rows(store, attempts)
    assert (attempt.channel, attempt.disposition, attempt.checkin_id) == ("visita", "interviewed", row.id)
    assert attempt.tried_by.startswith("staff:")
    assert {mode for _, mode in (await standing(store)).values()} == {"in_person"}
    await lupe.tap("Terminar y borrar")
    assert not any("necesitas" in text.casefold() for text in lupe.texts)
    assert "guardadas" in lupe.last.text


# --- staying and leaving


async def test_it_waits_through_other_work_and_a_restart(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    await lupe.say("/estado")
    after = Bot(store)
    after.chats[lupe.chat_id], after.numbers, lupe.bot = lupe, bot.numbers, after
    await lupe.say("/capturar")
    assert "a medias con Rosa" in lupe.last.text
    await lupe.tap("Seguir yo")
    await lupe.say("Sí, trabajé")
    assert set(await standing(store)) >= {"necesita", "trabajo_semana"}


async def test_a_button_of_the_open_question_works_from_within_other_work(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    await lupe.say("/estado")
    await lupe.tap("Sí, trabajé")
    assert "trabajo_semana" in await standing(store)


async def test_nothing_is_taken_away_that_other_work_has_shown(bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("/estado")
    await lupe.say("/capturar")
    await lupe.tap("Seguir yo")
    await lupe.say("/estado")
    await lupe.tap("No necesito nada")
    await lupe.tap("Listo")
    await through(lupe)
    await lupe.tap("Terminar y borrar")
    assert len([text for text in lupe.texts if "Inscritas" in text]) == 2
    assert not [text for text in lupe.texts if "necesitas" in text.casefold() or "a medias" in text]


async def test_what_she_types_elsewhere_is_no_answer(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("/menu")
    await lupe.say("no necesito nada por ahora")
    assert not await standing(store)


async def test_a_desk_that_is_shut_asks_for_the_pin_and_then_goes_on(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await bot.pass_time(minutes=20)
    await lupe.say("no necesito nada por ahora")
    assert "Escribe tu PIN" in lupe.last.text
    await lupe.say(PIN)
    await lupe.tap("Continuar")
    await lupe.tap("Seguir yo")
    await lupe.say("no necesito nada por ahora")
    assert "necesita" in await standing(store)


async def test_a_corrected_message_is_read_anew(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    await lupe.edit("trabajo", of="no necesito")
    assert (await standing(store))["necesita"] == ('["trabajo"]', "phone")


async def test_after_a_day_of_silence_it_is_put_away_without_a_name(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    await bot.pass_time(days=1)
    assert "quedó a medias" in lupe.last.text
    assert "Rosa" not in lupe.last.text
    assert not any("necesitas" in text.casefold() for text in lupe.texts)
    assert [row.ended_how for row in await rows(store, captures)] == ["left"]
    assert (await ledger_row(store)).state == "started"


async def test_an_interview_that_is_put_away_was_when_she_spoke_and_ends_no_later_call(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    spoke = store.clock.at
    await bot.pass_time(hours=20)
    row = await ledger_row(store)
    async with store.database.transact() as tx:
        await ask_for_calls(tx, [(row.participant_id, row.id)])
    await bot.pass_time(hours=5)
    (attempt,) = await rows(store, attempts)
    assert (attempt.disposition, attempt.at) == ("partial", spoke)
    (task,) = [case for case in await rows(store, cases) if case.kind == "llamada"]
    assert task.state == "open", "she has been silent since"


async def test_the_window_closes_while_it_waits(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    async with store.database.transact() as tx:
        soon = {"closes_at": tx.now + timedelta(minutes=5), "next_at": tx.now + timedelta(minutes=5)}
        await tx.run(update(checkins).where(checkins.c.point == "m1").values(soon))
    await bot.pass_time(minutes=10)
    assert (await ledger_row(store)).fate == "partial"
    await lupe.say("Sí, trabajé")
    assert "ya no está en tus manos" in lupe.last.text
    assert "trabajo_semana" not in await standing(store)


# --- what else follows


async def test_help_that_she_chooses_opens_her_case_and_calls_are_settled(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    row = await ledger_row(store)
    async with store.database.transact() as tx:
        await ask_for_calls(tx, [(row.participant_id, row.id)])
    await consented(bot, lupe)
    await lupe.tap("Por teléfono")
    await lupe.say("trabajo")
    found = {case.kind: (case.participant_id, case.state) for case in await rows(store, cases)}
    assert found["ayuda"] == (row.participant_id, "open")
    assert found["llamada"] == (row.participant_id, "resolved")
    assert any("Quedó pedido" in text for text in lupe.texts)


async def test_staff_ask_from_the_first_day_of_the_window_before_the_bot_would(store: Store, bot: Bot) -> None:
    await bot.register("R-1", released=START.date() - timedelta(days=20))
    lupe = await at_work(bot, Role.COORDINATOR, chat_id=LUPE)
    await lupe.say("/capturar R-1")
    await lupe.tap("Rosa")
    assert not any("Mes 1" in label for label in lupe.last.buttons), "eleven days before the date"
    await bot.pass_time(days=4)
    await lupe.say("/capturar R-1")
    await lupe.say(PIN)
    await lupe.say("/capturar R-1")
    await lupe.tap("Rosa")
    assert any("Mes 1" in label for label in lupe.last.buttons), "seven days before it"


async def test_nobody_is_asked_who_wishes_to_be_left_alone(store: Store, bot: Bot) -> None:
    rosa, lupe = await halfway(bot)
    await rosa.say("ya no me escriban")
    await lupe.say("/capturar Rosa")
    await lupe.tap("Rosa")
    assert "pidió que no la busquemos" in lupe.last.text
    checkin = await ledger_row(store)
    await lupe.tap_data(f"1.1.capture.begin.{checkin.id:x}.phone")
    assert not await rows(store, captures)


async def test_another_caseload_is_not_found_by_name_nor_by_a_forged_button(store: Store, bot: Bot) -> None:
    await bot.register("R-1", released=RELEASED)
    lupe = await at_work(bot, Role.STAFF, chat_id=LUPE)
    await lupe.say("/capturar Rosa")
    assert "No encuentro a nadie" in lupe.last.text
    row = await ledger_row(store)
    for forged in (
        f"her.{row.participant_id:x}",
        *(f"{verb}.{row.id:x}" for verb in ("checkin", "oral", "paper", "take")),
        *(f"{verb}.{row.id:x}.yes" for verb in ("agreed", "money", "wellbeing", "research")),
        f"begin.{row.id:x}.phone",
        *("begin.zz.phone", "her.-1", f"her.{'f' * 16}", "begin..", "on", "back", "done", "answered"),
    ):
        await lupe.tap_data(f"1.1.capture.{forged}")
        assert "ya no sirve" in lupe.toasts[-1], forged
    assert not await rows(store, captures)
    assert not await rows(store, consents)


async def test_a_revoked_member_answers_nothing_more(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    async with store.database.transact() as tx:
        (hers,) = await members.listed(tx)
        await departures.revoke(tx, hers.staff)
    await lupe.tap("No necesito nada por ahora")
    await lupe.say("no necesito nada por ahora")
    assert not await standing(store)


async def test_all_of_it_is_in_the_audit_and_her_name_is_not(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await through(lupe)
    acts = [row.action for row in await rows(store, audit)]
    assert {"consent_given", "capture_began", "capture_ended"} <= set(acts)
    assert not any("Rosa" in str(row) for row in await rows(store, audit))
    assert not [row for row in await rows(store, sessions) if row.checkin_id is not None]
