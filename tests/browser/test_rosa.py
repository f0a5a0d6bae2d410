"""Rosa's story on the demo's page, in a real chromium with the real bot behind it; then the same rows from SQLite."""

import json
import sqlite3
from pathlib import Path

from playwright.async_api import Page, expect

from bot.demo.stage import open_stage
from tests.browser import test_page
from tests.browser.rosa import A_MONDAY, Story, opened

pytestmark = test_page.pytestmark

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
NOT_TICKED = ("alertas", "bienestar", "investigacion", "voz")


async def test_rosa(tmp_path: Path) -> None:
    async with open_stage(tmp_path, today=A_MONDAY) as url:
        async with opened(url, viewport=DESKTOP) as page:
            await play(Story(page))
        async with opened(url, viewport=PHONE, color_scheme="dark", has_touch=True) as page:
            await look_at_night(Story(page))
    read_back(tmp_path / "hilo.sqlite3")


async def play(story: Story) -> None:
    word = await story.join()
    for gone in ("/start", word, "Antes de empezar"):
        await expect(story.rosa.get_by_role("log").get_by_text(gone)).to_have_count(0)
    await expect(story.row("seguimiento", "sí")).to_be_visible()
    await expect(story.row("ingresos", "sí")).to_be_visible()
    await expect(story.row("avisos", "sí")).to_be_visible()
    for refused in NOT_TICKED:
        await expect(story.row(refused, "no")).to_be_visible()
    await story.choose_no_code()

    await story.arrive()
    await expect(story.row("s1", "necesita", "Papeles", "vigente")).to_be_visible()
    await expect(story.row("s1", "papeles", "Estoy en eso", "vigente")).to_be_visible()
    await expect(story.row("s1", "cerrada", "completa")).to_be_visible()
    await expect(story.lucia.get_by_text("Alguien espera respuesta")).to_be_visible()
    await expect(story.row("ayuda", "abierta")).to_be_visible()

    await story.tell_income()
    await story.confirm_income()
    landed = story.row("m1", "ingreso", "$1,500 quincena", "vigente")
    await expect(landed).to_be_in_viewport()  # what she has just answered is seen without scrolling
    await expect(landed).to_contain_class("fresh")
    await story.go_back()
    await expect(story.row("m1", "ingreso", "$1,500 quincena", "corregida")).to_be_visible()
    await expect(story.row("m1", "ingreso", "$2,000 quincena", "vigente")).to_be_in_viewport()
    await story.finish()
    await expect(story.row("m1", "cerrada", "completa")).to_be_visible()
    await expect(story.row("$2,000", "quincena", "$4,000")).to_be_visible()
    await expect(story.row("autoempleo (Por mi cuenta)", "ocupada", "cuenta propia")).to_be_visible()
    await story.correct_support()
    await expect(story.row("m1", "apoyo", "Las dos cosas", "corregida")).to_be_visible()
    await expect(story.row("m1", "apoyo", "Yo di apoyo", "vigente")).to_be_visible()
    await story.correct_income()
    await expect(story.row("m1", "ingreso", "$2,200 quincena", "vigente")).to_be_visible()
    await story.edit_income()
    await expect(story.row("m1", "ingreso", "$2,500 quincena", "vigente")).to_be_visible()
    await expect(story.row("$2,500", "quincena", "$5,000")).to_be_visible()

    for _ in range(2):  # the point after m1 is m3
        await story.pass_time("+1 mes")
    await expect(story.row("m3", "invitada")).to_be_visible()
    await expect(story.rosa.get_by_role("button", name="Sí, ahora").last).to_be_visible()


async def look_at_night(story: Story) -> None:
    """The same demo on a narrow screen in the dark: everything is there, behind tabs, and nothing sticks out."""
    await expect(story.rosa.get_by_role("button", name="Sí, ahora").last).to_be_visible()
    assert await brightness(story.page) < 80
    await story.tap("Más tarde")
    await story.asked("Te busco otro día")
    await story.page.get_by_role("tab", name="Tiempo y datos").click()
    await expect(story.rosa).to_be_hidden()
    await expect(story.row("m1", "ingreso", "$2,500 quincena", "vigente")).to_be_visible()
    assert await story.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def brightness(page: Page) -> float:
    """The mean of the background's red, green and blue, 0 to 255."""
    colour: str = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    parts = [float(part) for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
    return sum(parts) / 3


def read_back(file: Path) -> None:
    """The rows that she has made, past all of our own code."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as rows:
        said = rows.execute(
            "select point, variable, value, replaced_at is null from answers join checkins c on c.id = checkin_id"
            " where variable in"
            " ('necesita', 'papeles', 'lugar', 'trabajo_semana', 'tipos_trabajo', 'ingreso', 'posicion', 'apoyo')"
            " order by point desc, variable, revision"
        ).fetchall()
        hers = "participant_id = (select participant_id from sessions where dialogue = 'enrolment')"
        fates = dict(rows.execute(f"select point, coalesce(fate, state) from checkins where {hers}").fetchall())
        work = rows.execute(
            "select kind, scope, status, position from employments where replaced_at is null"
        ).fetchall()
        pay = rows.execute("select amount, period, monthly from incomes where replaced_at is null").fetchall()
        agreed = rows.execute(f"select purpose, given, how from consents where {hers} order by purpose").fetchall()
        asked = rows.execute("select kind, state from cases order by kind").fetchall()
    assert [(point, variable, plain(value), valid) for point, variable, value, valid in said] == [
        ("s1", "lugar", "temporal", 1),
        ("s1", "necesita", ["papeles"], 1),
        ("s1", "papeles", "en_tramite", 1),
        ("m1", "apoyo", "ambas", 0),
        ("m1", "apoyo", "di", 1),
        ("m1", "ingreso", "1500 quincena", 0),
        ("m1", "ingreso", "2000 quincena", 0),
        ("m1", "ingreso", "2200 quincena", 0),
        ("m1", "ingreso", "2500 quincena", 1),
        ("m1", "necesita", ["nada"], 1),
        ("m1", "posicion", "cuenta_propia", 1),
        ("m1", "tipos_trabajo", ["autoempleo"], 1),
        ("m1", "trabajo_semana", "trabaje", 1),
    ]
    assert fates == {
        **dict.fromkeys(("s1", "m1"), "completed"),
        **dict.fromkeys(("m3", "m6", "m12", "m24"), "expected"),  # m3 again, since she has put it off
    }
    assert work == [("autoempleo", "en_libertad", "ocupada", "cuenta_propia")]
    assert pay == [(2500, "quincena", 5000)]
    assert agreed == [
        ("alertas", 0, "chat"),
        ("avisos", 1, "chat"),
        ("bienestar", 0, "chat"),
        ("ingresos", 1, "chat"),
        ("investigacion", 0, "chat"),
        ("seguimiento", 1, "chat_word"),  # confirmed by a word that was shown
        ("voz", 0, "chat"),
    ]
    assert asked == [
        ("ayuda", "open"),
        *[("llamada", "resolved")] * 2,  # a month is longer than m1 or m3 wait in silence; then she answered
    ]


def plain(value: str) -> object:
    """A stored value as one would say it."""
    read = json.loads(value)
    return f"{read['money']} {read['period']}" if isinstance(read, dict) else read
