"""Check-ins over a real store: rows as she answers, history, fates, and places kept over restarts and new versions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, true, update

from bot import library
from conversations.xlsform import parse_instrument
from storage.outcomes.known import known
from storage.schema import accounts, answers, cases, checkins, employments, files, incomes
from storage.vault import Place
from tests.support.chat import Bot, Chat
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def rows(store: Store, table: Any) -> list[Any]:
    async with store.database.read() as tx:
        holds = known(table) if "replaced_at" in table.c and "learned_at" in table.c else true()
        return list(await tx.run(select(table).where(holds)))


async def standing(store: Store) -> dict[str, tuple[int, str | None]]:
    """The answers that stand: status and value, by variable."""
    return {row.variable: (row.status, row.value) for row in await rows(store, answers) if row.replaced_at is None}


async def fate(store: Store, point: str) -> tuple[str, str | None]:
    (row,) = [row for row in await rows(store, checkins) if row.point == point]
    return row.state, row.fate


async def at_work(bot: Bot) -> Chat:
    """At the question about kinds of work, a month after her release."""
    rosa = await bot.enrolled()
    await bot.pass_time(days=32)
    await rosa.say("sí")
    await rosa.say("no necesito nada por ahora")
    await rosa.say("Sí, trabajé")
    assert "tipo" in rosa.last.text
    return rosa


async def test_rows_land_as_she_answers(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    assert await standing(store) == {
        "necesita": (0, '["nada"]'),
        "trabajo_semana": (0, '"trabaje"'),
        "con_trabajo": (0, '"si"'),
        "ocupada": (0, '"si"'),
    }
    assert await fate(store, "m1") == ("started", None)
    await rosa.say("por mi cuenta y con patrón")
    assert sorted(row.kind for row in await rows(store, employments)) == ["autoempleo", "empleo_externo"]
    await rosa.say("mil quinientos a la quincena")
    assert await rows(store, incomes) == []
    await rosa.say("sí")
    (pay,) = await rows(store, incomes)
    assert (pay.amount, pay.period, pay.monthly, pay.factor_version) == (1500, "quincena", Decimal(3000), "hilo-1")
    await rosa.say("sí")
    assert sorted(row.kind for row in await rows(store, employments)) == ["autoempleo", "empleo_externo_formal"]
    await rosa.say("no, ninguna")
    assert rosa.last.text.startswith("Eso es todo por hoy. Gracias por contarme.")
    assert await fate(store, "m1") == ("closed", "completed")


async def test_a_correction_keeps_what_was_said_before(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    await rosa.say("por mi cuenta")
    for amount in ("800 a la semana", "950 a la semana"):
        await rosa.say(amount)
        await rosa.say("sí")
        await rosa.say("atrás")
    history = sorted(
        (row.revision, row.value, row.replaced_at is None)
        for row in await rows(store, answers)
        if row.variable == "ingreso"
    )
    assert [(revision, '"950"' in value, stands) for revision, value, stands in history] == [
        (1, False, False),
        (2, True, True),
    ]
    (pay,) = await rows(store, incomes)
    assert pay.amount == 950


async def test_what_no_longer_applies_takes_its_rows_with_it(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    await rosa.say("por mi cuenta")
    await rosa.say("800 a la semana")
    await rosa.say("sí")
    for _ in range(3):
        await rosa.say("atrás")
    await rosa.say("no, no trabajé")
    assert await rows(store, employments) == await rows(store, incomes) == []
    assert (await standing(store))["ingreso"] == (-66, None)


async def test_the_day_of_a_row_is_her_day(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    store.clock.at = datetime(2026, 4, 4, 2, 30, tzinfo=UTC)  # in Mexico City still the evening of the third
    await rosa.say("por mi cuenta")
    (job,) = await rows(store, employments)
    assert job.as_of_on == date(2026, 4, 3)
    assert job.learned_at == store.clock.at


async def test_a_restart_in_the_middle_changes_nothing(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    await rosa.tap("Por mi cuenta")
    again = Bot(store)
    again.numbers, again.chats = bot.numbers, bot.chats
    rosa.bot = again
    await rosa.tap("Listo")
    assert "Cuánto te quedó" in rosa.last.text


async def test_a_sitting_ends_on_the_version_it_began_with(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    newer = next(source for name, _, source in library.shipped_sources() if name == "seguimiento")
    newer = newer.replace("| seguimiento | 2 ", "| seguimiento | 3 ").replace("¿Cuánto te quedó", "¿Cuánto ganaste")
    assert parse_instrument("seguimiento", newer).version == "3"
    again = Bot(store, shelf=library.build(library.shipped_sources(), [("seguimiento", "3", newer)]))
    again.numbers, again.chats = bot.numbers, bot.chats
    rosa.bot = again
    await rosa.say("por mi cuenta")
    assert "Cuánto te quedó" in rosa.last.text
    await rosa.say("no sé")
    assert {(row.instrument, row.version) for row in await rows(store, answers)} == {("seguimiento", "2")}
    ana = await again.enrolled(502)
    await again.pass_time(days=32)
    for text in ("sí", "no necesito nada por ahora", "Sí, trabajé", "por mi cuenta"):
        await ana.say(text)
    assert "Cuánto ganaste" in ana.last.text


async def test_she_may_begin_after_all_and_keeps_her_place(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    await rosa.say("al rato")
    await rosa.say("simón")
    await rosa.say("papeles")
    assert await fate(store, "s1") == ("started", None)
    await bot.pass_time(days=2)
    await rosa.say("no la tengo")
    assert "dónde quedarte" in rosa.last.text
    assert (await standing(store))["necesita"] == (0, '["papeles"]')


async def test_her_words_are_kept_sealed_beside_the_value(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    await rosa.say("POR mi  cuenta!!")
    (row,) = [row for row in await rows(store, answers) if row.variable == "tipos_trabajo"]
    assert row.value == '["autoempleo"]'
    assert store.vault.open_text(Place("answers", "raw", row.id), row.raw) == "POR mi  cuenta!!"


async def test_an_end_halfway_is_partial_and_without_an_answer_unreachable(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled(501)
    await bot.pass_time(days=8)
    await rosa.say("sí")
    await rosa.say("no necesito nada por ahora")
    await bot.pass_time(days=20)
    assert await fate(store, "s1") == ("closed", "partial")
    answered = await standing(store)
    assert (answered["papeles"], answered["lugar"]) == ((-99, None), (-97, None))  # asked; never reached


@pytest.mark.parametrize("asked", ["ayuda", "mejor llámenme", "me corrieron de la casa"])
async def test_asking_for_help_alone_is_contact(store: Store, bot: Bot, asked: str) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    await rosa.say(asked)
    if "llámenme" not in asked and asked != "ayuda":
        await rosa.tap("Pasar este mensaje")
    await bot.pass_time(days=20)
    (s1,) = [row for row in await rows(store, checkins) if row.point == "s1"]
    assert (s1.fate, s1.fate_reason) == ("partial", "only_asked_for_help")


async def test_help_opens_one_case_until_it_is_closed(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    for _ in range(3):
        await rosa.say("ayuda")
    call, case = sorted(await rows(store, cases), key=lambda one: one.opened_at)
    assert (call.kind, call.state) == ("llamada", "resolved")  # for the silence of s1, which is over
    assert (case.kind, case.state) == ("ayuda", "open")
    assert case.due_at > store.clock.at


@pytest.mark.parametrize("said", ["ya no me escriban", "baja", "stop", "ALTO", "quítenme de su lista"])
@pytest.mark.parametrize("begun", [False, True])
async def test_a_wish_to_stop_ends_it_and_reaches_the_team(store: Store, bot: Bot, said: str, *, begun: bool) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    if begun:
        await rosa.tap("Sí, ahora")
    (told,) = await rosa.say(said)
    assert told.startswith("Está bien, ya no te escribo.")
    assert await fate(store, "s1") == ("closed", "refused")
    assert [case.kind for case in await rows(store, cases)] == ["baja"]
    assert not any(seen.buttons for seen in rosa.messages.values())
    await bot.pass_time(days=10)
    assert told == rosa.last.text


async def test_later_is_not_promised_where_there_is_no_later(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=20)
    assert await rosa.tap("Más tarde") == ["Está bien. Por esta vez ya no alcanzo a preguntarte después."]
    assert await fate(store, "s1") == ("invited", None)
    await rosa.say("sí")
    assert await fate(store, "s1") == ("started", None)


async def test_an_answer_can_be_corrected_until_the_window_closes(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    for text in ("por mi cuenta", "800 a la semana", "sí", "trabajo sola o con ayuda", "no, ninguna"):
        await rosa.say(text)
    assert await fate(store, "m1") == ("closed", "completed")
    await bot.pass_time(days=3)
    await rosa.say("corregir")
    await rosa.tap("✏️ Ingreso")
    assert await rosa.say("900 a la semana") == ["Quiero anotarlo bien.\nEntonces son $900 a la semana, ¿verdad?"]
    await rosa.tap("Sí, así es")
    (pay,) = await rows(store, incomes)
    assert pay.amount == 900
    await rosa.tap("✏️ Apoyo")
    await rosa.say("me dieron apoyo")
    assert (await standing(store))["apoyo"] == (0, '"recibi"')
    await bot.pass_time(days=25)
    assert [(seen.text, seen.rows) for seen in rosa.messages.values() if seen.buttons] == []
    await rosa.say("corregir")
    assert not rosa.last.buttons or "Ingreso" not in str(rosa.last.buttons), "the window is closed"
    (pay,) = await rows(store, incomes)
    assert pay.amount == 900


async def test_ten_times_what_she_earned_before_is_asked_once_more(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    for text in ("por mi cuenta", "1000 al mes", "sí", "trabajo sola o con ayuda", "no, ninguna"):
        await rosa.say(text)
    await bot.pass_time(days=62)
    for text in ("sí", "no necesito nada por ahora", "Sí, trabajé", "por mi cuenta", "10000 al mes"):
        await rosa.say(text)
    assert rosa.last.text == "Quiero anotarlo bien, por si me faltó o me sobró un cero.\n¿Son $10,000 al mes?"
    await rosa.say("sí")
    assert {pay.amount for pay in await rows(store, incomes)} == {1000, 10000}


async def test_a_second_sitting_waits_for_the_first_but_not_for_its_corrections(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    for text in ("sí", "no necesito nada por ahora", "no la tengo", "no tengo"):
        await rosa.say(text)
    (s1,) = [row for row in await rows(store, checkins) if row.point == "s1"]
    async with store.database.transact() as tx:  # the next point is due while the first can still be corrected
        await tx.run(update(checkins).where(checkins.c.point == "m1").values(opens_at=tx.now, next_at=tx.now))
    await bot.pass_time(days=1)
    assert store.clock.at < s1.closes_at
    assert "¿Tienes cinco minutos?" in rosa.last.text
    assert await fate(store, "m1") == ("invited", None)
    await rosa.tap("Sí, ahora")
    async with store.database.transact() as tx:
        await tx.run(update(checkins).where(checkins.c.point == "m3").values(opens_at=tx.now, next_at=tx.now))
    await bot.pass_time(days=1)
    assert await fate(store, "m3") == ("expected", None)


async def test_a_pause_of_her_own_ends_at_the_hour_she_chose(store: Store, bot: Bot) -> None:
    rosa = await at_work(bot)
    await rosa.tap("Pausa")
    await rosa.tap("La otra semana")
    began = store.clock.at
    await bot.pass_time(days=6)
    assert "¿Seguimos" not in rosa.last.text
    await bot.pass_time(days=2)
    assert rosa.last.text == "Hola. ¿Seguimos donde nos quedamos?"
    (m1,) = [row for row in await rows(store, checkins) if row.point == "m1"]
    assert m1.resting_until is None
    assert m1.reminded_at == began + timedelta(days=7)


async def test_a_voice_note_is_an_answer_where_words_are(store: Store, bot: Bot) -> None:
    told = """
| settings |
|          | form_id     | version |
|          | seguimiento | 9       |

| survey |
| | type | name   | label            |
| | text | cuenta | ¿Cómo te ha ido? |
| | text | otra   | ¿Algo más?       |
"""
    again = Bot(store, shelf=library.build(library.shipped_sources(), [("seguimiento", "9", told)]))
    rosa = await again.enrolled()
    await again.pass_time(days=32)
    await rosa.say("sí")
    await rosa.send("voice", file_id="AwAC", duration=7, file_size=9_000)
    assert "¿Algo más?" in rosa.last.text
    (row,) = [row for row in await rows(store, answers) if row.variable == "cuenta"]
    assert row.value is None  # sealed, as all that is in her own words
    assert '"seconds":7' in (store.vault.open_text(Place("answers", "words", row.id), row.words) or "")
    (file,) = await rows(store, files)
    assert (file.state, file.seconds) == ("waiting", 7)
    await rosa.send("voice", file_id="AwAD", duration=3_600)
    assert rosa.last.text == "Es muy largo para mí. ¿Me lo mandas más corto?"
    assert len(await rows(store, files)) == 1


async def test_a_blocked_chat_is_remembered_and_let_in_again(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled()
    assert await rosa.block() == []
    (account,) = await rows(store, accounts)
    assert account.blocked_at == store.clock.at
    await bot.pass_time(days=8)
    assert "cinco minutos" not in rosa.texts[-1]
    await rosa.block(blocked=False)
    await bot.pass_time(days=1)
    assert "cinco minutos" in rosa.last.text


async def test_a_reminder_on_a_new_phone_is_an_invitation(store: Store, bot: Bot) -> None:
    await bot.enrolled(501)
    await bot.pass_time(days=8)
    (account,) = await rows(store, accounts)
    new = bot.chat(502)
    await new.start(await bot.invite(account.participant_id))
    for text in ("sí puedo", "girasol"):
        await new.say(text)
    await new.accept()
    for text in ("todas", "Rosa", "en la mañana"):
        await new.say(text)
    await bot.pass_time(days=3)
    assert new.last.text == "Hola. ¿Tienes cinco minutos?"
    await new.tap("Sí, ahora")
    assert "¿Necesitas algo hoy?" in new.last.text
    assert await fate(store, "s1") == ("started", None)
