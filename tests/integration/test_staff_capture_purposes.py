"""What a woman allows in an interview: each purpose that the questionnaire needs, once, and none of it by itself."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot import library
from bot.staff import consenting
from scheduler.plan import Plan, parse_plan
from storage.consents import ConsentGiven, How, Purpose, purposes_of, record_consents, signed_at
from storage.schema import answers, consents, measurements
from tests.support.asking import before_consent, chosen, ledger_row, rows, through
from tests.support.chat import Bot, Chat
from tests.support.world import Store

PLAN = """
name = "bienestar"
[[points]]
name = "m1"
offset = { months = 1 }
window = { after = 13 }
instruments = ["seguimiento", "bienestar"]
"""
MONEY, FEELING, STUDIES = "cuánto gana", "cómo se siente", "estudios y cifras públicas"


def both() -> Plan:
    return parse_plan(PLAN, "bienestar.toml")


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store, shelf=library.build([], library.shipped_sources()), plan=both())


async def said(store: Store) -> dict[str, tuple[bool, str]]:
    return {row.purpose: (row.given, row.how) for row in await rows(store, consents)}


async def answered(lupe: Chat, *, of: dict[str, str]) -> None:
    """Each question about what she allows gets its answer; all of them are asked, in this order."""
    for words, answer in of.items():
        assert words in lupe.last.text
        await lupe.tap(answer)
    assert "¿Cómo hablas con ella?" in lupe.last.text


def test_what_is_asked_is_what_the_questionnaire_needs() -> None:
    shipped = library.build([], library.shipped_sources())
    needed = {name: consenting.wanted(shipped.latest(name)) for name in ("seguimiento", "bienestar", "llegada")}
    assert needed == {
        "seguimiento": ("money", "research"),
        "bienestar": ("wellbeing", "research"),
        "llegada": ("research",),
    }


async def test_each_purpose_is_a_yes_or_a_no_of_its_own(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    await chosen(bot, lupe)
    await lupe.tap("De palabra")
    await lupe.tap("Dijo que sí")
    assert await said(store) == {"seguimiento": (True, "oral")}, "nothing is allowed by itself"
    await answered(lupe, of={MONEY: "No", FEELING: "Sí", STUDIES: "No"})
    assert await said(store) == {
        "seguimiento": (True, "oral"),
        "ingresos": (False, "oral"),
        "bienestar": (True, "oral"),
        "investigacion": (False, "oral"),
    }


async def test_on_a_paper_each_purpose_has_its_day_version_and_witness(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    await chosen(bot, lupe)
    await lupe.tap("Ya firmó en papel")
    for words in ("15/02/2026", "v2", "Marta Testigo"):
        await lupe.say(words)
    await answered(lupe, of={MONEY: "Sí", FEELING: "No", STUDIES: "Sí"})
    kept = await rows(store, consents)
    assert len(kept) == 4
    assert {(row.how, row.version, row.at, bool(row.witness)) for row in kept} == {("paper", "v2", kept[0].at, True)}


async def test_without_her_yes_how_she_feels_is_not_asked(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    await chosen(bot, lupe)
    await lupe.tap("De palabra")
    await lupe.tap("Dijo que sí")
    await answered(lupe, of={MONEY: "No", FEELING: "No", STUDIES: "No"})
    await lupe.tap("Por teléfono")
    await through(lupe)
    assert "contestó todo" in lupe.last.text
    assert not any("Calma" in label for seen in lupe.messages.values() for label in seen.buttons)
    assert not await rows(store, measurements)
    async with store.database.read() as tx:
        count = select(func.count()).where(answers.c.variable == "calma", answers.c.status == 0)
        assert (await tx.run(count)).scalar_one() == 0


async def test_what_she_has_said_is_not_asked_again_and_what_she_has_not_is(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    await chosen(bot, lupe)
    await lupe.tap("De palabra")
    await lupe.tap("Dijo que sí")
    await lupe.tap("Sí")
    await chosen(bot, lupe)
    assert FEELING in lupe.last.text, "of money she has spoken"
    await answered(lupe, of={FEELING: "Sí", STUDIES: "Sí"})
    await chosen(bot, lupe)
    assert "¿Cómo hablas con ella?" in lupe.last.text


async def test_nothing_is_noted_before_her_yes_nor_of_what_was_not_asked(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    await chosen(bot, lupe)
    await lupe.tap("De palabra")
    row = await ledger_row(store)
    session, sprint, _ = next(iter(lupe.last.buttons.values())).split(".", 2)
    for verb in ("money", "wellbeing", "research"):
        await lupe.tap_data(f"{session}.{sprint}.capture.{verb}.{row.id:x}.yes")
    assert await said(store) == {}


async def test_a_paper_that_is_older_than_her_no_allows_nothing(store: Store, bot: Bot) -> None:
    lupe = await before_consent(bot)
    await chosen(bot, lupe)
    await lupe.tap("De palabra")
    await lupe.tap("Dijo que no")
    await chosen(bot, lupe)
    await lupe.tap("Ya firmó en papel")
    for words in ("15/02/2026", "v2", "Marta Testigo"):
        await lupe.say(words)
    await lupe.tap("Sí")
    assert "no tiene registrado su consentimiento" in lupe.last.text
    assert "ingresos" not in await said(store)


async def test_of_two_words_of_one_moment_the_later_counts(store: Store, bot: Bot) -> None:
    her = await bot.register("R-1")
    for given in (True, False, True, False):
        async with store.database.transact() as tx:
            paper = ConsentGiven(her, Purpose.INCOME, "2", "", given, How.PAPER, witness="Marta Testigo")
            day = signed_at(date(2026, 2, 15), zone="America/Mexico_City", now=tx.now)
            await record_consents(tx, [(paper, day)])
        async with store.database.read() as tx:
            assert (Purpose.INCOME in (await purposes_of(tx, [her])).get(her, ())) is given
    days = {row.at.astimezone(ZoneInfo("America/Mexico_City")).date() for row in await rows(store, consents)}
    assert days == {date(2026, 2, 15)}
