"""What is kept of her, as she reads it: complete, in plain words, in her language."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import select

from bot import library
from bot.participant import own_file
from bot.participant.own_labels import INNER, NOT_FOR_HER, SHEETS
from locales.catalog import load_catalog
from storage import own_data, people
from storage.erasure_register import REGISTER, Does
from storage.schema import answers, metadata
from tests.support.canaries import CALLED, HER, HER_CHAT
from tests.support.chat import Bot
from tests.support.operator import Operator
from tests.support.staff import at_work
from tests.support.world import Store

MACHINES = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b")
ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}|\d{2}:\d{2}:\d{2}")


def test_no_table_about_her_can_be_forgotten() -> None:
    about_women = {str(table.name) for table, decided in REGISTER.items() if decided.does is not Does.IS_NOT_HERS}
    assert set(SHEETS) - {"exports"} | set(NOT_FOR_HER) == about_women
    assert not set(SHEETS) & set(NOT_FOR_HER)
    assert set(own_data.told_of()) == set(SHEETS)


@pytest.mark.parametrize("table", sorted(SHEETS))
def test_each_column_is_told_or_is_the_machines(table: str) -> None:
    told, inner = set(SHEETS[table].fields), INNER.get(table, frozenset())
    assert told | inner == own_data.told_of()[table]
    assert not told & inner


async def everybody(store: Store) -> list[str]:
    """The women of the story."""
    async with store.database.read() as tx:
        return [card.record_id for card in await people.cards(tx)]


async def file_of(store: Store, record_id: str, *, speech: str = "es") -> str:
    shelf = library.build([], library.shipped_sources())
    async with store.database.read() as tx:
        woman = (await people.known_record_ids(tx, [record_id]))[record_id]
        await shelf.refresh(tx)
        found = await own_data.gather(tx, woman)
    told = own_file.as_file(found, speech=speech, zone="America/Mexico_City", library=shelf)
    return told.decode("utf-8-sig")


async def test_it_has_all_that_she_is_and_said_and_no_name_of_the_machines(planted_store: Store) -> None:
    told = "\n".join([await file_of(planted_store, her) for her in await everybody(planted_store)])
    for hers in ("Canariana Ejemplo", CALLED, HER, "5587650943", "$4,321.98", "palabras-canario", "me duele-canario"):
        assert hers in told, hers
    for hers in ("nota-canario", "Hermana Canaria", "Testiga Canaria", "corregir-canario", "negado-canario"):
        assert hers in told, hers
    assert str(HER_CHAT) not in told
    assert MACHINES.findall(told) == []
    assert ISO.findall(told) == []
    told = await file_of(planted_store, HER)
    groups = ("QUIÉN ERES", "LO QUE CONTESTASTE", "LO QUE PERMITES", "LO QUE HIZO EL EQUIPO", "QUIÉN LO VIO")
    places = [told.index(group) for group in groups]
    assert places == sorted(places)


async def test_every_table_with_rows_of_hers_has_its_heading(planted_store: Store) -> None:
    seen = set()
    for her in await everybody(planted_store):
        told = await file_of(planted_store, her)
        async with planted_store.database.read() as tx:
            found = await own_data.gather(tx, (await people.known_record_ids(tx, [her]))[her])
        for table in found:
            assert load_catalog().text(SHEETS[table].heading, "es") in told, table
        seen |= set(found)
    assert {"vault", "answers", "files", "consents", "cases", "case_log", "requests", "attempts", "audit"} <= seen


@pytest.mark.parametrize(("speech", "says"), [("es-usted", "QUIÉN ES USTED"), ("en", "WHO YOU ARE")])
async def test_it_speaks_her_language(planted_store: Store, speech: str, says: str) -> None:
    told = await file_of(planted_store, HER, speech=speech)
    assert says in told
    assert MACHINES.findall(told) == []


async def test_an_answer_stands_under_its_question(store: Store) -> None:
    bot = Bot(store)
    await at_work(bot)
    rosa = await bot.enrolled()
    await bot.pass_time(days=7)
    await rosa.tap("Sí, ahora")
    await rosa.say("2")
    async with store.database.read() as tx:
        (row,) = (await tx.run(select(answers))).all()
    told = await file_of(store, "R-501")
    question = bot.library.get(row.instrument, row.version).by_name[row.variable]
    assert f"{question.label['es']}\n  → " in told
    assert row.variable not in told.replace(question.label["es"], "") or "_" not in row.variable
    assert "Día: 9 de marzo de 2026" in told
    assert "Momento: mes 12" in told


async def test_who_saw_it_is_told_by_role_and_not_by_name(store: Store) -> None:
    bot = Bot(store)
    lupe, rosa = await at_work(bot), await bot.enrolled()
    await rosa.say("ayuda")
    await lupe.say("/bandeja")
    await lupe.tap("Rosa")
    told = await file_of(store, "R-501")
    assert "Quién: coordinación" in told
    assert "Lupe" not in told


async def test_the_team_hands_over_the_same_text(store: Store) -> None:
    await Bot(store).enrolled()
    out = store.home / "hers.txt"
    await asyncio.to_thread(Operator(store.home, {}).done, "privacy", "export", "R-501", "--out", out)
    assert "QUIÉN ERES" in out.read_text(encoding="utf-8-sig")


def test_the_tables_that_she_is_not_shown_are_tables() -> None:
    assert set(NOT_FOR_HER) | set(SHEETS) <= set(metadata.tables)
