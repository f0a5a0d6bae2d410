"""Lucía's part of the demo in a real chromium, with the real bot behind it; then the same rows from SQLite."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from playwright.async_api import Page, ViewportSize, expect

from bot.demo.stage import Pace, open_stage
from tests.browser import test_page
from tests.browser.lucia import EVERYBODY, HARMLESS, PIN, TELLING, Desk
from tests.browser.rosa import A_MONDAY, Story, opened

pytestmark = test_page.pytestmark

BRISK = Pace(sends_a_second=5, undo_seconds=4)
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
SCREENS: list[dict[str, Any]] = [
    {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    for width, height in ((1280, 800), (390, 844), (360, 740))
    for scheme in ("light", "dark")
]
STICKS_OUT = """() => [document.documentElement, ...document.querySelectorAll(".log")]
    .filter(part => part.scrollWidth > part.clientWidth)
    .concat([...document.querySelectorAll(".log .bubble, .log .key, .composer-row > *")].filter(part => {
        const box = part.getBoundingClientRect(), phone = part.closest(".phone").getBoundingClientRect();
        const inside = phone.left <= box.left && box.right <= phone.right && part.scrollWidth <= part.clientWidth + 1;
        return part.checkVisibility() && !inside;
    })).map(part => part.textContent.slice(0, 60))"""
"""What is wider than the room that it has."""


async def test_lucia(tmp_path: Path) -> None:
    async with open_stage(tmp_path, today=A_MONDAY, pace=BRISK) as url:
        async with opened(url, viewport=DESKTOP) as page:
            story, desk = Story(page), Desk(Story(page))
            await begin(story, desk)
            await call_off(desk)
            await send(story, desk)
            await look_at_report(desk, tmp_path)
            await meet_rosa(story, desk)
        for screen in SCREENS:
            async with opened(url, **screen) as page:
                await look(page)
    read_back(tmp_path / "hilo.sqlite3")


async def begin(story: Story, desk: Desk) -> None:
    """Her commands stand beside the field; her PIN does not stay in the chat."""
    await expect(story.rosa.get_by_role("button", name="Menú")).to_have_count(0)
    await story.join()
    await desk.choose_pin()
    await expect(desk.phone.get_by_text(PIN)).to_have_count(0)
    field = desk.phone.get_by_role("textbox")
    await field.press_sequentially("/me")
    await expect(desk.phone.get_by_role("menuitem")).to_have_count(1)
    await field.press("ArrowUp")
    await desk.story.page.keyboard.press("Enter")
    await desk.told("¿Qué quieres hacer?", "Difusiones")
    await expect(field).to_have_value("")


async def call_off(desk: Desk) -> None:
    await desk.write(TELLING)
    await desk.told("Antes de enviar hay que cambiar esto", "«penal»", "el nombre de una participante", "55 8765 4321")
    await expect(desk.phone.get_by_role("button", name="Enviarme a mí primero")).to_have_count(0)
    await desk.mend()
    await desk.see_first()
    await desk.call_off()


async def send(story: Story, desk: Desk) -> None:
    """One message shows it from the first woman to the last."""
    await desk.write(HARMLESS)
    await desk.tap("Para quién", "Por centro", "Centro Norte")
    await desk.told("Les llega a 23 mujeres")
    await desk.tap("✓ Centro Norte")
    await desk.told(f"Les llega a {EVERYBODY} mujeres")
    await desk.tap("« Borrador")
    await desk.see_first()
    await desk.hand_in()
    await desk.watch_it_begin()
    await desk.pause()
    await expect(desk.card.last).not_to_contain_text("100 %")
    await desk.watch_it_end()
    await expect(desk.phone.get_by_text("Terminó tu difusión.")).to_be_visible()
    await expect(desk.card).to_have_count(2)  # the one that was called off, and this one
    await story.tap("Abrir")
    await story.asked(HARMLESS.format(nombre="Rosy"))


async def look_at_report(desk: Desk, folder: Path) -> None:
    file = await desk.report(folder)
    assert file.name == f"difusion-{A_MONDAY}.xlsx"
    sheet = (await asyncio.to_thread(load_workbook, file))["recipients"]
    told = sorted((row[0].value, row[1].value) for row in sheet.iter_rows(min_row=2))
    assert told == [(f"D-{number:04}", "sent") for number in range(1, EVERYBODY + 1)]


async def meet_rosa(story: Story, desk: Desk) -> None:
    await story.say("ayuda")
    await story.asked("Ya le avisé al equipo")
    await desk.told("Alguien espera respuesta")
    await expect(await desk.find()).to_contain_text("Próximo seguimiento")
    await desk.answer_rosa()
    await story.pass_time("Hasta la próxima")
    await story.tap("Abrir")
    await story.asked("Hola, Rosy: te espero el martes a las 10")
    await story.pass_time("+1 semana")
    await desk.ask_by_phone()
    await expect(story.row("s1", "necesita", "Trabajo", "vigente")).to_be_visible()


async def look(page: Page) -> None:
    """Her whole chat: nothing in it is wider than the screen."""
    lucia = Story(page).lucia
    await lucia.wait_for(state="attached")
    if not await lucia.is_visible():
        await page.get_by_role("tab", name="Lucía").click()
    await expect(lucia.get_by_text("¿Necesitas algo hoy?")).to_be_visible()
    assert await page.evaluate(STICKS_OUT) == []


def read_back(file: Path) -> None:
    """The rows that she has made, past all of our own code."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as rows:
        ways = rows.execute(
            "select b.state, r.state, count(*) from broadcasts b join recipients r on r.broadcast_id = b.id"
            " group by b.id, r.state order by b.made_at"
        ).fetchall()
        asked = rows.execute(
            "select variable, value, mode, interviewer_id = (select id from staff) from answers"
        ).fetchall()
        said = rows.execute("select k.kind, l.kind from cases k join case_log l on l.case_id = k.id").fetchall()
    assert ways == [("cancelled", "skipped", EVERYBODY), ("done", "sent", EVERYBODY)]
    assert asked == [("necesita", '["trabajo"]', "phone", 1)]
    assert said == [("ayuda", "reply")]
