"""The figures and the report in a coordinator's chat: a picture, its sentence, and buttons that say all they need."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select, update

from storage import schema
from storage.members import Role
from storage.report.results import SCOPES, Facet, Question, key_of, question
from tests.support.chat import Bot, Chat
from tests.support.fixture import store_all, women
from tests.support.points import ask_all
from tests.support.staff import at_work
from tests.support.world import Store

EVA = 602
PICTURE = "(file grafica.png)"


@pytest.fixture
async def bot(store: Store) -> Bot:
    await store_all(store.database, women())
    await ask_all(store.database)
    return Bot(store)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def pictures(chat: Chat) -> int:
    return chat.texts.count(PICTURE)


async def test_a_picture_comes_with_a_plain_sentence_and_its_numbers_in_words(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/resultados")
    assert pictures(lupe) == 1
    assert "4,221 mujeres participaron" in lupe.last.text
    assert "Encontraron trabajo: 60 % (600 de 1,000); dentro 26 %, en libertad 43 %; se sabe de 1,000" in plain(
        lupe.last.text
    )
    with Image.open(io.BytesIO(lupe.files[-1])) as picture:
        assert (picture.format, picture.width) == ("PNG", 1080)
    await lupe.tap("Encontraron trabajo")
    sentence = "De 1,000 mujeres de quienes se sabe, 600 encontraron trabajo (60 %; entre 57 y 63). No se sabe de 250."
    assert sentence in plain(lupe.last.text)
    assert "Sin grupo de comparación" in lupe.last.text
    assert "Si se supiera de todas, estaría entre 48 % y 68 %." in plain(lupe.last.text)


async def test_the_picture_before_goes(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/resultados")
    before = lupe.last.message_id
    for label in ("Encontraron trabajo", "Por centro", "Trabajo en libertad", "Todas las cifras"):
        await lupe.tap(label)
        assert pictures(lupe) == 1, label
    assert before not in lupe.messages
    assert len(lupe.files) == 5


async def test_it_is_broken_down_and_narrowed(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/resultados")
    await lupe.tap("Encontraron trabajo")
    await lupe.tap("Con el tiempo")
    assert "Mes 1: 75 %" in plain(lupe.last.text)
    await lupe.tap("Por centro")
    assert "Chalco: 60 % (75 de 125)" in plain(lupe.last.text)
    await lupe.tap("Elegir centro")
    assert pictures(lupe) == 0
    await lupe.tap("Chalco")
    assert "De 125 mujeres de quienes se sabe, 75 encontraron trabajo" in lupe.last.text
    assert "· Chalco" in lupe.last.text
    await lupe.tap("Por generación")
    assert sum(map(int, re.findall(r"^(?:20..|Sin dato): .* de (\d+)\)", lupe.last.text, re.MULTILINE))) == 125
    await lupe.tap("Elegir generación")
    await lupe.tap("2023")
    assert "· Chalco · 2023" in lupe.last.text
    narrowed = lupe.last.text
    await lupe.tap("Trabajo dentro")
    assert lupe.last.text != narrowed
    await lupe.tap("Elegir seguimiento")
    await lupe.tap("Mes 3")
    assert "· Trabajo dentro · Chalco · 2023 · Mes 3" in lupe.last.text


async def test_points_come_in_the_order_of_their_days(bot: Bot) -> None:
    """By its name a week would come after all months."""
    async with bot.store.database.transact() as tx:
        await tx.run(update(schema.checkins).where(schema.checkins.c.point == "m1").values(point="s1"))
    lupe = await at_work(bot)
    await lupe.say("/resultados")
    await lupe.tap("Encontraron trabajo")
    await lupe.tap("Con el tiempo")
    assert re.findall(r"^(\w+ \d+): ", lupe.last.text, re.MULTILINE) == ["Semana 1", "Mes 3", "Mes 6", "Mes 12"]
    assert "solo lo que ahí contestaron" in lupe.last.text


async def test_what_it_is_narrowed_to_is_said(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/resultados")
    await lupe.tap("Trabajo en libertad")
    assert "2026 · Trabajo en libertad" in lupe.last.text
    await lupe.tap("Tienen menos ansiedad")
    assert "libertad" not in lupe.last.text, "of work alone it is known where it is"


async def test_each_figure_can_be_looked_at_in_every_way(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/resultados")
    figures = [data for label, data in lupe.last.buttons.items() if "Elegir" not in label]
    for data in figures:
        await lupe.tap_data(data)
        assert "ya no existe" not in lupe.last.text
        for again in list(lupe.last.buttons.values()):
            assert len(again) <= 64


async def test_an_old_button_still_works_and_so_it_does_after_a_restart(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/resultados")
    (old,) = [data for label, data in lupe.last.buttons.items() if label == "Ganan más que antes"]
    await lupe.tap("Encontraron trabajo")
    after = Bot(bot.store)
    after.chats[lupe.chat_id], after.numbers, lupe.bot = lupe, bot.numbers, after
    await lupe.tap_data(old)
    assert "ganan más que antes" in lupe.last.text
    assert pictures(lupe) == 1


@pytest.mark.parametrize(
    "forged",
    [
        *("F1.w.a.0.0.0", "F99.w.a.0.0.0", "F4.w.a.fffff.0.0", "F4.w.a.0.fffff.0", "F4.w.a.0.0.fffff"),
        *("F4.x.a.0.0.0", "F4.w.z.0.0.0", "F4.w", "F4.w.a.0.0.0.0", "../etc"),
    ],
)
async def test_a_forged_button_finds_nothing(bot: Bot, forged: str) -> None:
    lupe = await at_work(bot)
    await lupe.say("/resultados")
    real = next(data for _, data in lupe.offered if "results.show" in data)
    head = real[: real.index("results.show")]
    await lupe.tap_data(f"{head}results.show.{forged}")
    assert "ya no existe" in lupe.last.text


async def test_whoever_may_not_does_not_learn_that_there_are_figures(bot: Bot) -> None:
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    for command in ("/resultados", "/informe"):
        said = await eva.say(command)
        assert said == await eva.say("/nada")
    assert not {"resultados", "informe"} & set(eva.commands)
    assert not eva.files


async def test_the_picture_leaves_the_chat_after_a_day(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/resultados")
    await bot.pass_time(hours=25)
    assert pictures(lupe) == 0


async def test_the_report_is_handed_over_registered_and_gone_after_a_day(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/informe")
    assert "(file informe-2026-03-02.html)" in lupe.texts
    page = lupe.files[-1].decode()
    assert "Resultados del programa" in page
    assert "Para el equipo" in page
    async with bot.store.database.read() as tx:
        (row,) = (await tx.run(select(schema.exports))).all()
        acts = [act for (act,) in await tx.run(select(schema.audit.c.action))]
    assert (row.format, row.audience, row.made_by.startswith("staff:")) == ("html", "team", True)
    assert acts.count("report_made") == 1
    await bot.pass_time(hours=25)
    assert not any("informe-" in text for text in lupe.texts)


def test_a_question_is_what_its_button_says() -> None:
    asked = Question("F5a", Facet.COHORTS, "d", key_of("BAR"), key_of("2023"), key_of("m12"))
    assert question(str(asked)) == asked
    assert len(f"results.show.{asked}") <= 40
    assert question("") == Question()
    assert set(SCOPES.values()) == {"ambos", "dentro", "en_libertad"}
