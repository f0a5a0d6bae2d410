"""The report in a real chromium, on a phone and on a desk, by day, at night and on paper.

Every test also proves that the page logs no error and asks nobody for anything but its own file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize, async_playwright
from sqlalchemy import update

from storage.report.findings import look
from storage.report.page import page as written
from storage.report.words import Wording
from storage.schema import enrolments
from tests.support.fixture import CUT_OFF, store_all, women
from tests.support.points import ask_all
from tests.support.world import Store

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and "CI" not in os.environ, reason="no chromium on this machine"),
]

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
PAPER: ViewportSize = {"width": 680, "height": 1000}
"""A4 between the margins of the page."""

WIDTHS = pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
"""Of axe-core: what the guidelines ask for at level AA, contrast and landmarks among them."""

LONGEST = "Centro Federal de Readaptación con un nombre que no acaba nunca, ni siquiera aquí"
UNBROKEN = "N" * 90


@pytest.fixture
async def report(store: Store, tmp_path: Path) -> Path:
    """The report of the women of the fixture, for the team."""
    return await made(store, tmp_path / "informe.html")


async def made(store: Store, path: Path, *, public: bool = False) -> Path:
    await store_all(store.database, women())
    await ask_all(store.database)
    return await again(store, path, public=public)


async def again(store: Store, path: Path, *, public: bool = False) -> Path:
    async with store.database.read() as tx:
        found = await look(tx, CUT_OFF, public=public)
    keep(path, written(found, Wording(), zone=ZoneInfo("America/Mexico_City")))
    return path


def keep(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def without_main(path: Path) -> None:
    keep(path, path.read_text(encoding="utf-8").replace("<main id", "<div id").replace("</main>", "</div>"))


@asynccontextmanager
async def opened(path: Path, viewport: ViewportSize) -> AsyncIterator[Page]:
    """The page as whoever gets the file opens it."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await chromium.new_page(viewport=viewport)
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(path.as_uri())
        yield page
        assert said == []
        assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
        await chromium.close()


async def open_all(page: Page) -> None:
    for summary in await page.locator("summary:visible").all():
        await summary.click()


async def overflowing(page: Page) -> Any:
    """What sticks out to the right of the screen, but for what scrolls within a frame of its own."""
    return await page.evaluate(
        """() => [...document.body.querySelectorAll('*')]
            .filter(one => !one.closest('.scroll') && one.getBoundingClientRect().right > innerWidth + 0.5)
            .map(one => one.outerHTML.slice(0, 120))"""
    )


async def faults(page: Page) -> list[str]:
    """What axe-core finds."""
    found = await Axe().run(page, options=RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found.response["violations"]]


@WIDTHS
async def test_nothing_sticks_out_even_with_all_numbers_open(report: Path, viewport: ViewportSize) -> None:
    async with opened(report, viewport) as page:
        await open_all(page)
        assert await page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        assert await overflowing(page) == []


@WIDTHS
async def test_axe_finds_nothing_by_day_and_at_night(report: Path, viewport: ViewportSize) -> None:
    async with opened(report, viewport) as page:
        await open_all(page)
        assert await faults(page) == []
        await page.emulate_media(color_scheme="dark")
        assert await faults(page) == []


async def test_axe_would_find_something(report: Path) -> None:
    without_main(report)
    async with opened(report, PHONE) as page:
        assert any(fault.startswith("landmark-one-main") for fault in await faults(page))


async def test_the_letters_of_the_pictures_stand_out_by_day_and_at_night(report: Path) -> None:
    """Axe-core does not look into pictures."""
    async with opened(report, DESK) as page:
        by_day = await page.evaluate(CONTRASTS)
        await page.emulate_media(color_scheme="dark")
        at_night = await page.evaluate(CONTRASTS)
    assert len(by_day) > 100
    assert by_day != at_night
    assert min(*by_day, *at_night) >= 4.5


CONTRASTS = """() => {
  const bright = text => {
    const [r, g, b] = text.match(/[\\d.]+/g).map(n => n / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = bright(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll('svg text')].map(one => {
    const ink = bright(getComputedStyle(one).fill);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
}"""


async def test_no_text_of_a_picture_covers_another(report: Path) -> None:
    async with opened(report, PHONE) as page:
        covered = await page.evaluate(
            """() => [...document.querySelectorAll('svg')].flatMap(svg => {
                const texts = [...svg.querySelectorAll('text')].filter(one => one.textContent.trim());
                const boxes = texts.map(one => one.getBoundingClientRect());
                return texts.flatMap((one, i) => texts.slice(i + 1).flatMap((other, j) => {
                    const a = boxes[i], b = boxes[i + 1 + j];
                    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                    return wide > 1 && high > 4 ? [one.textContent + ' / ' + other.textContent] : [];
                }));
            })"""
        )
    assert covered == []


async def test_long_names_stay_inside(store: Store, tmp_path: Path) -> None:
    path = await made(store, tmp_path / "informe.html")
    async with store.database.transact() as tx:
        await tx.run(update(enrolments).where(enrolments.c.centre == "CHA").values(centre=LONGEST))
        await tx.run(update(enrolments).where(enrolments.c.centre == "TEX").values(centre=UNBROKEN))
    await again(store, path)
    async with opened(path, PHONE) as page:
        await open_all(page)
        assert await overflowing(page) == []
        assert await page.get_by_text(UNBROKEN).count() > 0


async def test_on_paper_all_numbers_are_there(report: Path) -> None:
    async with opened(report, PAPER) as page:
        await page.emulate_media(media="print")
        assert await page.evaluate("document.documentElement.scrollWidth") == PAPER["width"]
        hidden = await page.evaluate(
            "[...document.querySelectorAll('details table')].filter(one => !one.checkVisibility()).length"
        )
        assert hidden == 0
        assert await page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"


async def test_on_a_desk_the_numbers_of_one_picture_stand_beside_it(report: Path) -> None:
    async with opened(report, DESK) as page:
        picture, table = page.locator("#brief svg"), page.locator("#brief table")
        left, right = await picture.bounding_box(), await table.bounding_box()
        assert left is not None
        assert right is not None
        assert left["x"] + left["width"] < right["x"]
        assert not await page.locator("#points table").first.is_visible()


async def test_by_keyboard_one_reaches_the_numbers(report: Path) -> None:
    async with opened(report, PHONE) as page:
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        assert await page.locator("#brief table").is_visible()
