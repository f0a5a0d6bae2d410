"""A sitting of two instruments: asked one after the other, what both ask once, and each answer kept under its own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot import library
from bot.library import Library
from conversations.instrument import clashes, joined
from conversations.xlsform import parse_instrument
from scheduler.plan import Plan, parse_plan
from storage.schema import answers, checkins
from tests.support.chat import Bot
from tests.support.world import Store

FORM = """
| settings |
| | form_title | form_id | version | default_language |
| | {title} | {name} | {version} | Español (es) |

| survey |
| | type | name | label::Español (es) | relevant |
{rows}
"""
NUMBER = "| | integer | {name} | {label} | {relevant} |"


def form(name: str, version: str, *rows: tuple[str, str, str]) -> str:
    told = "\n".join(NUMBER.format(name=row, label=label, relevant=relevant) for row, label, relevant in rows)
    return FORM.format(title=name.title(), name=name, version=version, rows=told)


HOUSE = form("casa", "2", ("hijos", "¿Cuántos hijos viven contigo?", ""), ("cuartos", "¿Cuántos cuartos hay?", ""))
SCHOOL = form(
    "escuela",
    "5",
    ("hijos", "¿Cuántos hijos viven contigo?", ""),
    ("en_escuela", "¿Cuántos van a la escuela?", "${hijos} > 0"),
    ("maestros", "¿Cuántos maestros conoces?", ""),
)

PLAN = """
name = "doble"
[[points]]
name = "d7"
offset = { days = 7 }
window = { after = 13 }
instruments = ["casa", "escuela"]
"""


def plan() -> Plan:
    return parse_plan(PLAN, "doble.toml")


@pytest.fixture
def shelf() -> Library:
    shipped = library.shipped_sources()
    return library.build([], [*shipped, ("casa", "2", HOUSE), ("escuela", "5", SCHOOL)])


async def rows(store: Store, *columns: Any) -> list[tuple[Any, ...]]:
    async with store.database.read() as tx:
        return [tuple(row) for row in await tx.run(select(*columns))]


async def test_a_sitting_asks_both_and_keeps_each_answer_under_its_own_instrument(store: Store, shelf: Library) -> None:
    bot = Bot(store, shelf=shelf, plan=plan())
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    assert await rows(store, checkins.c.instrument, checkins.c.state) == [("casa+escuela", "invited")]
    await rosa.say("sí")
    asked = [rosa.last.text]
    for answer in ("2", "3", "1", "4"):
        await rosa.say(answer)
        asked.append(rosa.last.text)
    starts = ("¿Cuántos hijos", "¿Cuántos cuartos", "¿Cuántos van", "¿Cuántos maestros")
    assert all(start in text for start, text in zip(starts, asked, strict=False)), asked
    assert sum("¿Cuántos hijos" in text for text in asked[:-1]) == 1, "what both ask is asked once"
    kept = await rows(store, answers.c.variable, answers.c.value, answers.c.instrument, answers.c.version)
    assert sorted(kept) == [
        ("cuartos", "3", "casa", "2"),
        ("en_escuela", "1", "escuela", "5"),
        ("hijos", "2", "casa", "2"),
        ("maestros", "4", "escuela", "5"),
    ]
    assert await rows(store, checkins.c.fate) == [("completed",)]


async def test_a_sitting_goes_on_after_a_restart_and_a_new_version_of_a_part(store: Store, shelf: Library) -> None:
    bot = Bot(store, shelf=shelf, plan=plan())
    rosa = await bot.enrolled()
    await bot.pass_time(days=8)
    await rosa.say("sí")
    await rosa.say("0")
    newer = ("casa", "3", HOUSE.replace("| casa | 2 |", "| casa | 3 |"))
    sources = [("casa", "2", HOUSE), newer, ("escuela", "5", SCHOOL)]
    again = Bot(store, shelf=library.build([], [*library.shipped_sources(), *sources]), plan=plan())
    again.chats, again.numbers = bot.chats, bot.numbers
    rosa.bot = again
    assert again.library.latest("casa+escuela").version == "3+5"
    await rosa.say("3")
    assert "¿Cuántos maestros" in rosa.last.text, "a condition reads the answer that the other part has asked for"
    await rosa.say("4")
    kept = await rows(store, answers.c.variable, answers.c.instrument, answers.c.version)
    assert ("cuartos", "casa", "2") in kept


def test_one_name_for_two_questions_is_told_with_both() -> None:
    house, school = (
        parse_instrument("casa", HOUSE),
        parse_instrument("escuela", SCHOOL.replace("¿Cuántos hijos", "¿Hijos")),
    )
    assert [(name, one.name, other.name) for name, one, other in clashes([house, school])] == [
        ("hijos", "casa", "escuela")
    ]
    with pytest.raises(ValueError, match="hijos"):
        joined([house, school])


def test_alone_an_instrument_is_itself() -> None:
    house = parse_instrument("casa", HOUSE)
    assert joined([house]) is house
    assert house.asked_by("hijos") == ("casa", "2")
