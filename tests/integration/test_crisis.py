"""What a woman writes of a danger, through the whole bot: wherever she is, whoever is told, and what waits for her."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import library
from storage import care, digest, people, schema
from storage.cases import words_in
from storage.detections import counted
from storage.freezing import freeze
from storage.members import Role
from storage.overheard import overhear
from storage.people import ConsentGiven, Purpose
from storage.schema import accounts, cases, detections, participants, preferences, staff
from storage.segments import Excluded, Segment, choose
from tests.integration.test_gate import tap_code, with_code
from tests.support.chat import WORD, Bot, Chat
from tests.support.composer import handed_in
from tests.support.exports import write_export
from tests.support.staff import at_work, rows
from tests.support.tray import opened
from tests.support.world import Store

HURT = "mi marido me pega"
DYING = "ya no quiero vivir, me quiero morir"
NOW = "está afuera con un arma y me va a matar"
FIRST = "Gracias por decírmelo: lo que te pasa importa."
SHORT = 600
"""Characters: what fits on a small screen without scrolling."""


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


@pytest.fixture
def risky(store: Store) -> Bot:
    return Bot(store, shelf=library.build(library.shipped_sources(), [("llegada", "9", RISKY)]))


async def woman_of(bot: Bot, chat_id: int = 501) -> int:
    hers = select(accounts.c.participant_id).where(accounts.c.lane == bot.lane(chat_id))
    async with bot.store.database.read() as tx:
        return int((await tx.run(hers)).scalar_one())


async def agrees(bot: Bot, chat_id: int = 501) -> None:
    """She agrees that staff be alerted."""
    given = ConsentGiven(await woman_of(bot, chat_id), Purpose.ALERTS, "1", "h", given=True)
    async with bot.store.database.transact() as tx:
        await people.record_consents(tx, [(given, tx.now)])


async def agreed(bot: Bot) -> Chat:
    rosa = await bot.enrolled()
    await agrees(bot)
    return rosa


async def invited(bot: Bot) -> Chat:
    """A woman whose first question stands open."""
    rosa = await agreed(bot)
    await bot.pass_time(days=7)
    await rosa.tap("Sí, ahora")
    return rosa


async def found(bot: Bot) -> Any:
    return (await rows(bot, detections))[-1]


async def kept_words(bot: Bot) -> list[str]:
    async with bot.store.database.read() as tx:
        found = (await tx.run(select(cases).where(cases.c.kind == "crisis"))).first()
        return [] if found is None else [one.text for one in words_in(tx, found)]


async def lives_in(bot: Bot, region: str | None) -> None:
    async with bot.store.database.transact() as tx:
        await tx.run(update(preferences).values(region=region))


# --- who is told


async def test_who_wants_to_die_gets_numbers_at_once_and_staff_get_her_words(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    (said,) = await rosa.say(DYING)
    assert said.startswith(f"{FIRST}\n800-911-2000")
    assert "automático" in said
    assert "Ya le avisé al equipo" in said
    assert "Alguien espera respuesta" in lupe.last.text
    assert "morir" not in lupe.last.text
    assert await kept_words(bot) == [DYING]
    case, one = (await rows(bot, cases))[0], await found(bot)
    assert (one.case_id, one.kinds) == (case.id, "self_harm")
    assert "morir" not in f"{one.phrases} {one.kinds} {case.kind}".replace("wants_to_die", "")


async def test_where_nobody_is_told_no_case_and_no_words_are_kept(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await bot.enrolled()
    before = lupe.texts
    (said,) = await rosa.say(DYING)
    assert "No le avisé a nadie" in said
    assert lupe.texts == before
    assert await rows(bot, cases) == []
    assert (await found(bot)).case_id is None
    await rosa.say("y no tengo con quién hablar")
    assert await rows(bot, cases) == []


async def test_a_signed_policy_tells_of_imminent_danger_alone(bot: Bot) -> None:
    rosa = await bot.enrolled()
    async with bot.store.database.transact() as tx:
        await care.keep(tx, "\n".join(LINE), imminent=True)
    await rosa.say(DYING)
    assert await rows(bot, cases) == []
    await rosa.say(NOW)
    assert await kept_words(bot) == [NOW]


async def test_one_tap_of_hers_tells_the_team_after_all(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await bot.enrolled()
    await rosa.say(DYING)
    (said,) = await rosa.tap("Avisar al equipo")
    assert said.startswith("Ya le avisé al equipo.")
    assert "automático" in said
    assert "Alguien espera respuesta" in lupe.last.text
    assert await kept_words(bot) == ["Avisar al equipo"]
    await rosa.say("no tengo con quien estar")
    assert await kept_words(bot) == ["Avisar al equipo", "no tengo con quien estar"]
    await bot.pass_time(days=9)
    assert not any("cinco minutos" in text for text in rosa.texts)


LINE = (
    '[[line]]\nnumber = "800-123-4567"\nname = "La nuestra"\nhours = "24 h"',
    'kinds = ["danger", "violence", "self_harm"]\nverified_on = 2026-01-01\nsource = "called"',
)


async def test_an_organisations_own_list_takes_the_place_of_the_shipped_one(bot: Bot) -> None:
    rosa = await bot.enrolled()
    async with bot.store.database.transact() as tx:
        await care.keep(tx, "\n".join(LINE), imminent=False)
    (said,) = await rosa.say(DYING)
    assert "800-123-4567 · La nuestra" in said
    assert "800-911-2000" not in said


# --- violence


async def test_of_violence_she_is_asked_first_whether_she_can_write(bot: Bot) -> None:
    rosa = await agreed(bot)
    await lives_in(bot, "CMX")
    (asked,) = await rosa.say(HURT)
    assert "¿Puedes escribir ahora sin peligro?" in asked
    assert not any(char in asked for char in "0*") or "9:00" in asked
    assert "079" not in asked
    (said,) = await rosa.tap("Sí, puedo")
    assert "*765" in said
    assert "Ya le avisé al equipo" in said


@pytest.mark.parametrize(("region", "shown"), [("CMX", True), ("MEX", False), ("JAL", False), (None, False)])
async def test_765_is_shown_in_mexico_city_alone(bot: Bot, region: str | None, shown: bool) -> None:
    rosa = await bot.enrolled()
    await lives_in(bot, region)
    await rosa.say(HURT)
    (said,) = await rosa.say("sí")
    assert ("*765" in said) is shown
    assert ("800-108-4053" in said) is (region == "MEX")


@pytest.mark.parametrize(("centre", "local"), [("SMA", False), ("ECA", True), ("Otro", False)])
async def test_her_centre_stands_for_a_state_that_is_not_known_but_not_for_numbers_of_its_phones(
    bot: Bot, centre: str, local: bool
) -> None:
    rosa = await bot.enrolled()
    async with bot.store.database.transact() as tx:
        await tx.run(update(participants).values(centre=centre))
    await rosa.say(HURT)
    (said,) = await rosa.say("sí")
    assert ("800-108-4053" in said) is local
    assert "*765" not in said
    await lives_in(bot, "CMX")
    (said,) = await rosa.say(f"otra vez {HURT}")
    (said,) = await rosa.say("sí")
    assert "*765" in said
    assert "800-108-4053" not in said


async def test_staff_say_on_her_card_which_state_she_lives_in(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await bot.enrolled()
    async with bot.store.database.transact() as tx:
        await tx.run(update(participants).values(staff_id=(await tx.run(select(staff.c.id))).scalar_one()))
    await lupe.say("/participantes")
    await lupe.tap("Ver todas")
    await lupe.tap("Rosa Prueba")
    await lupe.tap("Editar")
    await lupe.tap("Estado donde vive")
    await lupe.say("cdmx")
    assert "Ciudad de México" in lupe.last.text
    await lupe.tap("Guardar")
    await rosa.say(HURT)
    (said,) = await rosa.say("sí")
    assert "*765" in said


@pytest.mark.parametrize("by_tap", [True, False])
async def test_not_now_closes_quietly(bot: Bot, by_tap: bool) -> None:
    rosa = await agreed(bot)
    await rosa.say(HURT)
    said = await (rosa.tap("Ahora no") if by_tap else rosa.say("ahorita no puedo"))
    assert said == []
    assert set(rosa.texts) <= {"Aquí estoy. Escríbeme cuando quieras."}
    assert await kept_words(bot) == [HURT]
    await rosa.say("hola")
    assert FIRST not in " ".join(rosa.texts)


# --- wherever she is


async def test_a_sitting_stops_and_what_she_writes_is_no_answer(bot: Bot) -> None:
    rosa = await invited(bot)
    question = rosa.last.text
    (said,) = await rosa.say(DYING)
    assert said.startswith(FIRST)
    (passed,) = await rosa.say("no tengo a nadie aquí")
    assert "Ya lo tiene el equipo" in passed
    assert await kept_words(bot) == [DYING, "no tengo a nadie aquí"]
    after = await rosa.tap("Estoy bien")
    assert after[0].startswith("Gracias por avisarme.")
    assert after[-1] == question


async def test_words_below_a_picture_and_changed_words_count(bot: Bot) -> None:
    rosa = await agreed(bot)
    (said,) = await rosa.send("photo", caption=DYING, file_id="f")
    assert said.startswith(FIRST)
    await rosa.say("todo tranquilo por acá")
    (said,) = await rosa.edit(HURT, of="todo tranquilo")
    assert "¿Puedes escribir" in said


async def test_after_a_stop_she_is_answered_too(bot: Bot) -> None:
    rosa = await agreed(bot)
    await rosa.say("alto")
    (said,) = await rosa.say(DYING)
    assert said.startswith(FIRST)
    assert await kept_words(bot) == [DYING]


async def test_at_the_locked_gate_she_is_answered_and_nobody_is_let_in(bot: Bot) -> None:
    rosa = await with_code(bot)
    await agrees(bot)
    (said,) = await rosa.say(DYING)
    assert said.startswith(FIRST)
    assert "Rosa" not in said
    assert await kept_words(bot) == [DYING]
    await rosa.say("estoy bien")
    assert (await found(bot)).fine_at is not None
    await rosa.say("hola")
    assert "¿Eres tú?" in rosa.last.text
    await tap_code(rosa)
    assert "¿Eres tú?" not in rosa.last.text


async def test_in_first_contact_nothing_is_kept_and_it_goes_on_where_it_was(bot: Bot) -> None:
    token = await bot.invite(await bot.register())
    rosa = bot.chat()
    await rosa.start(token)
    await rosa.tap("Sí, puedo")
    (said,) = await rosa.say(DYING)
    assert said.startswith(FIRST)
    assert "No le avisé a nadie" in said
    assert await rows(bot, detections) == await rows(bot, cases) == []
    assert len(await rosa.tap("Estoy bien")) == 2
    await rosa.say(WORD)
    assert "acept" in " ".join(button for row in rosa.last.rows for button in row).lower()


async def test_what_is_said_in_first_contact_goes_with_it(bot: Bot) -> None:
    rosa = bot.chat()
    await rosa.start(await bot.invite(await bot.register()))
    await rosa.say(HURT)
    await bot.pass_time(minutes=11)
    assert rosa.texts == []


async def test_a_stranger_is_shown_numbers_and_nothing_is_remembered(bot: Bot) -> None:
    (said,) = await bot.chat(777).say(DYING)
    assert "800-911-2000" in said
    assert await rows(bot, detections) == []


async def test_of_a_frozen_phone_nothing_is_known_any_more(bot: Bot) -> None:
    rosa = await agreed(bot)
    async with bot.store.database.transact() as tx:
        await freeze(tx, await woman_of(bot), actor="command")
    (said,) = await rosa.say(DYING)
    assert "Rosa" not in said
    assert "No le avisé a nadie" in said
    assert await rows(bot, detections) == []


async def test_behind_a_locked_gate_what_she_writes_next_reaches_the_team_too(bot: Bot) -> None:
    rosa = await with_code(bot)
    await agrees(bot)
    await rosa.say(DYING)
    await rosa.say("no tengo con quien estar")
    assert await kept_words(bot) == [DYING, "no tengo con quien estar"]


@pytest.mark.parametrize("goes", ["/salir", "/borrar"])
async def test_once_her_chat_is_cleared_nothing_of_it_is_shown_to_whoever_writes_next(bot: Bot, goes: str) -> None:
    rosa = await agreed(bot)
    await rosa.say(DYING)
    await bot.pass_time(seconds=5)
    await rosa.say(goes)
    await rosa.say("oye qué estás haciendo")
    assert "equipo. Esto" not in " ".join(rosa.texts)
    assert await kept_words(bot) == [DYING]


async def test_who_is_called_auxilio_may_say_so(bot: Bot) -> None:
    rosa = bot.chat()
    await rosa.start(await bot.invite(await bot.register()))
    for label in ("Sí, puedo", WORD, "Sí, acepto", "Sí"):
        await (rosa.say(label) if label == WORD else rosa.tap(label))
    said = await rosa.say("Auxilio")
    assert "Mucho gusto, Auxilio" in said[-1]
    assert (await rosa.say("auxilio"))[0].startswith(FIRST)


async def test_words_behind_a_command_count(bot: Bot) -> None:
    rosa = await agreed(bot)
    for text in (f"/start {DYING}", f"/menu {DYING}"):
        assert (await rosa.say(text))[0].startswith(FIRST)


# --- what waits for her


async def test_nothing_unasked_is_sent_until_staff_close_the_case(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await rosa.say(DYING)
    await bot.pass_time(days=9)
    assert not any("cinco minutos" in text for text in rosa.texts)
    await closed(lupe, "falsa alarma")
    assert (await found(bot)).verdict == "false"
    await bot.pass_time(days=1)
    assert any("cinco minutos" in text for text in rosa.texts)


async def closed(lupe: Chat, verdict: str) -> None:
    await opened(lupe, "Crisis")
    await lupe.tap("Cerrar")
    await lupe.tap(verdict)
    await lupe.tap("Se resolvió")


async def test_where_nobody_was_told_it_is_held_until_her_next_day(bot: Bot) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(days=6, hours=20)
    await rosa.say(DYING)
    assert (await found(bot)).held_until_on == (bot.store.clock.at - timedelta(hours=6)).date() + timedelta(days=1)
    await bot.pass_time(days=2)
    assert any("cinco minutos" in text for text in rosa.texts)


async def test_a_false_alarm_ends_in_one_tap_and_staff_still_see_it(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await rosa.say(DYING)
    await rosa.tap("Estoy bien")
    one = await found(bot)
    assert one.fine_at == one.freed_at == bot.store.clock.at
    assert await kept_words(bot) == [DYING, "Estoy bien"]
    await bot.pass_time(days=7)
    assert any("cinco minutos" in text for text in rosa.texts)
    await closed(lupe, "Sí, era un peligro")
    (case,) = await rows(bot, cases)
    assert ((await found(bot)).verdict, case.state) == ("right", "resolved")


async def test_a_second_danger_holds_again_in_the_same_case(bot: Bot) -> None:
    rosa = await agreed(bot)
    await rosa.say(DYING)
    await rosa.tap("Estoy bien")
    await rosa.say(HURT)
    assert await kept_words(bot) == [DYING, "Estoy bien", HURT]
    first, second = sorted(await rows(bot, detections), key=lambda one: one.freed_at is None)
    assert first.fine_at is not None
    assert (second.freed_at, second.held_until_on) == (None, None)


# --- what the answers of an instrument tell

RISKY = """
| settings |
|          | version |
|          | 9       |

| survey |
| | type             | name  | label             | calculation   | hilo::risk         |
| | select_one veces | ideas | ¿Qué tan seguido? |               | self_harm: . = 'casi' |
| | integer          | dias  | ¿Cuántos días?    |               | violence: . > 3    |
| | calculate        | total |                   | ${dias} + 1   | self_harm: . > 3   |
| | text             | algo  | ¿Algo más?        |               |                    |

| choices |
| | list_name | name | label       |
| | veces     | nunca | Nunca       |
| | veces     | casi  | Casi diario |
"""


async def asked_from(bot: Bot) -> Chat:
    lupe, rosa = await at_work(bot), await agreed(bot)
    await bot.pass_time(days=7)
    await rosa.tap("Sí, ahora")
    assert lupe.texts
    return rosa


async def test_an_answer_over_its_cut_off_stops_the_sitting(risky: Bot) -> None:
    rosa = await asked_from(risky)
    (said,) = await rosa.tap("Casi diario")
    assert said.startswith(FIRST)
    assert not any("¿Cuántos días?" in text for text in rosa.texts)
    assert await kept_words(risky) == ["(llegada.ideas)"]
    assert (await found(risky)).phrases == "llegada.ideas"
    after = await rosa.tap("Estoy bien")
    assert "¿Cuántos días?" in after[-1]
    (asked,) = await rosa.say("5")
    assert "¿Puedes escribir ahora sin peligro?" in asked
    assert await kept_words(risky) == ["(llegada.ideas)", "Estoy bien", "(llegada.dias) (llegada.total)"]


async def test_a_total_over_its_cut_off_counts_too(risky: Bot) -> None:
    rosa = await asked_from(risky)
    assert "¿Cuántos días?" in (await rosa.tap("Nunca"))[-1]
    (said,) = await rosa.say("3")
    assert said.startswith(FIRST)
    assert (await found(risky)).phrases == "llegada.total"


async def test_an_answer_that_is_corrected_over_its_cut_off_counts(risky: Bot) -> None:
    rosa = await asked_from(risky)
    await rosa.tap("Nunca")
    await rosa.tap("Atrás")
    said = await rosa.tap("Casi diario")
    assert said[-1].startswith(FIRST)


# --- until somebody takes it


async def test_it_goes_to_coordinators_at_any_hour_until_somebody_takes_it(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await bot.pass_time(hours=16)  # the office is shut
    (said,) = await rosa.say(DYING)
    assert "El equipo lee mensajes" in said
    assert said.count("El equipo lee") == 1
    asked = [shown for shown in bot.shown if shown.chat_id == lupe.chat_id]
    assert asked[-1].at == bot.store.clock.at, "an alert waits for no hour"
    for minutes, more in ((14, 0), (2, 1), (30, 1), (31, 2), (60, 3)):
        await bot.pass_time(minutes=minutes)
        await bot.settle()
        late = [shown for shown in bot.shown if "nadie" in str(shown.call.params.get("text", "")).lower()]
        assert len([one for one in late if one.chat_id == lupe.chat_id]) == more, minutes
    await opened(lupe, "Crisis")
    await lupe.tap("Tomar")
    shown = len(bot.shown)
    await bot.pass_time(hours=3)
    assert not [one for one in bot.shown[shown:] if "nadie" in str(one.call.params.get("text", "")).lower()]


@pytest.mark.parametrize("text", [HURT, DYING, NOW, f"{HURT} y {DYING}"])
@pytest.mark.parametrize("region", ["CMX", "MEX", None])
async def test_replies_are_short(bot: Bot, text: str, region: str | None) -> None:
    rosa = await agreed(bot)
    await lives_in(bot, region)
    said = await rosa.say(text)
    if "¿Puedes escribir" in said[0]:
        said += await rosa.tap("Sí, puedo")
    assert all(len(one) <= SHORT for one in said)
    assert all("automático" in one for one in said)


# --- what staff write down of what she says


async def heard_by(bot: Bot, chat_id: int, text: str) -> None:
    """Staff write this down from a voice note of hers."""
    async with bot.store.database.transact() as tx:
        await overhear(tx, await woman_of(bot, chat_id), text, origin="voice:1")
    await bot.settle()


async def test_words_that_staff_write_down_reach_who_sees_to_her_and_not_her_phone(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa, ana = await agreed(bot), await bot.enrolled(502)
    shown = rosa.texts
    await heard_by(bot, 501, "todo bien, ya tengo trabajo")
    assert await rows(bot, detections) == []
    await heard_by(bot, 501, DYING)
    assert "Alguien espera respuesta" in lupe.last.text
    assert await kept_words(bot) == [DYING]
    assert rosa.texts == shown
    await rosa.say("oye qué días hay taller")
    assert await kept_words(bot) == [DYING]
    told = lupe.texts
    await heard_by(bot, 502, DYING)
    assert (lupe.texts, len(await rows(bot, cases))) == (told, 1)
    assert (await found_of(bot, 502)).held_until_on is not None
    await bot.pass_time(days=9)
    assert not any("cinco minutos" in text for text in rosa.texts)
    assert any("cinco minutos" in text for text in ana.texts)


async def found_of(bot: Bot, chat_id: int) -> Any:
    woman = await woman_of(bot, chat_id)
    return next(one for one in await rows(bot, detections) if one.participant_id == woman)


async def test_an_answer_that_staff_take_at_the_telephone_counts_too(risky: Bot) -> None:
    await agreed(risky)
    await risky.pass_time(days=7)
    lupe = await at_work(risky)
    await lupe.say("/capturar Rosa")
    await lupe.tap("Rosa")
    await lupe.tap(lupe.last.rows[0][0])
    await lupe.tap("Por teléfono")
    await lupe.tap("Casi diario")
    assert await kept_words(risky) == ["(llegada.ideas)"]
    await lupe.say("2")
    await lupe.say(HURT)
    assert await kept_words(risky) == ["(llegada.ideas)", HURT]


# --- where none of it may stand


async def test_no_broadcast_is_meant_for_whoever_is_held_and_no_reason_tells_of_it(bot: Bot) -> None:
    rosa, ana = await agreed(bot), await bot.enrolled(502)
    hers = [await woman_of(bot), await woman_of(bot, 502)]
    await rosa.say(DYING)
    await ana.say(DYING)  # of whom nobody was told
    async with bot.store.database.read() as tx:
        chosen = await choose(tx, Segment())
    assert (list(chosen.included), set(chosen.excluded)) == ([], {Excluded.RESTING})
    await rosa.tap("Estoy bien")
    await ana.tap("Estoy bien")
    async with bot.store.database.read() as tx:
        chosen = await choose(tx, Segment())
    assert (list(chosen.included), sorted(chosen.excluded.items())) == ([hers[1]], [(Excluded.RESTING, [hers[0]])])


async def test_a_broadcast_that_is_under_way_passes_her_by(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await handed_in(lupe)
    await rosa.say(DYING)
    await bot.pass_time(hours=3)
    assert not any("Hay algo nuevo para ti" in text for text in rosa.texts)


async def test_no_digest_counts_it(bot: Bot) -> None:
    await at_work(bot)
    rosa = await agreed(bot)
    since = bot.store.clock.at - timedelta(days=1)
    async with bot.store.database.read() as tx:
        before = await digest.look(tx, since, bot.store.clock.at)
    await rosa.say(DYING)
    await bot.pass_time(hours=2)
    async with bot.store.database.read() as tx:
        after = await digest.look(tx, since, bot.store.clock.at)
    assert len(await rows(bot, cases)) == 1
    assert replace(after, until=before.until) == before


async def test_an_export_is_the_same_with_it_and_without(store: Store, tmp_path: Path) -> None:
    bot = Bot(store)
    rosa = await agreed(bot)
    before = await write_export(store, tmp_path / "before")
    await rosa.say(HURT)
    await rosa.tap("Sí, puedo")
    await rosa.say("ya no tarda en llegar mi hermana")
    after = await write_export(store, tmp_path / "after")
    assert len(await rows(bot, detections)) == len(await rows(bot, cases)) == 1
    assert before.hash == after.hash
    assert before.counts == after.counts


def test_only_who_sees_to_her_reads_what_was_found() -> None:
    """A module that reads the table stands here, or is wrong."""
    root = Path(schema.__file__).parent.parent
    reads = re.compile(r"from storage\.schema import [^\n]*\bdetections\b|^    detections,$", re.MULTILINE)
    found = {
        str(file.relative_to(root))
        for room in ("bot", "scheduler", "storage")
        for file in (root / room).rglob("*.py")
        if reads.search(file.read_text(encoding="utf-8"))
    }
    assert found <= {
        "scheduler/writers.py",
        "storage/circumstances.py",
        "storage/detections.py",
        "storage/facts.py",
        "storage/holds.py",
    }


# --- what is told of how well it works, and of the lines


async def test_what_was_found_is_counted_by_phrase_and_names_nobody(bot: Bot) -> None:
    lupe = await at_work(bot)
    rosa = await agreed(bot)
    await rosa.say("me quiero morir")
    await closed(lupe, "falsa alarma")
    await rosa.say("me quiero morir")
    await rosa.tap("Estoy bien")
    async with bot.store.database.read() as tx:
        ((_, one),) = (await counted(tx)).items()
    assert (one.found, one.told, one.fine, one.right, one.false) == (2, 2, 1, 0, 1)


async def test_coordinators_learn_once_a_week_of_lines_that_nobody_has_called(bot: Bot) -> None:
    lupe = await at_work(bot)
    promotora = await at_work(bot, Role.STAFF, name="Nora Prueba", chat_id=778)

    async def warned() -> int:
        async with bot.store.database.transact() as tx:
            await care.keep(tx, "\n".join(LINE), imminent=False)
            told = await care.warn(tx)
        await bot.settle()
        return told

    assert await warned() == 0
    await bot.pass_time(days=90, hours=14)
    assert await warned() == 0  # at night
    await bot.pass_time(hours=12)
    assert await warned() == 1
    assert "nadie ha comprobado en 90 días" in lupe.last.text
    assert not any("90 días" in text for text in promotora.texts)
    assert await warned() == 0
    await bot.pass_time(days=7)
    assert await warned() == 1
