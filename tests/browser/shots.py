"""Plays the demo and takes the pictures of docs/: `python -m tests.browser.shots` from the top of the repository."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Locator, Page, ViewportSize

from bot.demo.stage import open_stage
from tests.browser.lucia import HARMLESS, TELLING, Desk
from tests.browser.rosa import A_MONDAY, Story, opened
from tests.browser.stranger import Moment, moments

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
CALM: dict[str, Any] = {"reduced_motion": "reduce"}
SETTLES = 700
"""Milliseconds in which the last message has slid into place and the last row has landed."""

PHONE: ViewportSize = {"width": 360, "height": 740}
TALL: ViewportSize = {"width": 1280, "height": 1200}
"""For the chat alone: so much of it is seen at once that it shows what has become of the earlier questions."""


async def take() -> None:
    """`seguimiento`: the tidy chat at an amount that is confirmed, the whole page at the next question by day, at night
    and on a phone, and the summary at the end."""
    with TemporaryDirectory() as home:
        async with open_stage(Path(home), today=A_MONDAY) as url, opened(url, viewport=DESKTOP, **CALM) as page:
            story = Story(page)
            await story.join()
            await story.choose_no_code()
            await story.arrive()
            await story.tell_income()
            await shoot_chat(url, "tidy-chat.png", last="¿verdad?")
            await story.confirm_income()
            await shoot(page, "demo.png")
            await page.emulate_media(color_scheme="dark", **CALM)
            await shoot(page, "demo-dark.png")
            async with opened(url, viewport=PHONE, **CALM) as narrow:
                await Story(narrow).asked("¿Cómo trabajas por tu cuenta?")
                await shoot(narrow, "demo-phone.png")
            await story.finish()
            await shoot_chat(url, "summary.png", last="Eso es todo por hoy")


async def take_staff() -> None:
    """Lucía's broadcast: what must be changed in it on her phone, and on the page as it goes out."""
    with TemporaryDirectory() as home:
        async with open_stage(Path(home), today=A_MONDAY) as url, opened(url, viewport=DESKTOP, **CALM) as page:
            story, desk = Story(page), Desk(Story(page))
            await story.join()
            await desk.choose_pin()
            await desk.write(TELLING)
            async with opened(url, viewport=TALL, **CALM) as tall:
                near = Desk(Story(tall))
                await near.told("Antes de enviar")
                await shoot(tall, "staff-lint.png", of=near.phone.locator(".phone"))
            await desk.mend()
            await desk.see_first()
            await desk.hand_in()
            await desk.watch_it_begin()
            await story.tap("Abrir")
            await story.asked(HARMLESS.format(nombre="Rosy"))
            await shoot(page, "staff.png")


async def take_stranger() -> None:
    """What a stranger sees on Rosa's phone: before her code, after a sitting, and once she has left."""
    names = {Moment.GATE: "gate", Moment.AFTER: "after", Moment.LEFT: "salir"}
    with TemporaryDirectory() as home:
        async with open_stage(Path(home), today=A_MONDAY) as url, opened(url, viewport=DESKTOP, **CALM) as page:
            story = Story(page)
            async for moment in moments(story):
                if moment in names:
                    await shoot(page, f"stranger-{names[moment]}.png", of=story.rosa.locator(".phone"))


async def shoot_chat(url: str, name: str, *, last: str) -> None:
    """Rosa's phone alone, which ends with this message."""
    async with opened(url, viewport=TALL, **CALM) as page:
        story = Story(page)
        await story.asked(last)
        await shoot(page, name, of=story.rosa.locator(".phone"))


async def shoot(page: Page, name: str, *, of: Locator | None = None) -> None:
    """The page, or a part of it, once everything has arrived and nothing is pointed at."""
    await page.mouse.move(1, 1)
    await page.evaluate("document.activeElement?.blur()")
    await page.wait_for_timeout(SETTLES)
    await (of or page).screenshot(path=PICTURES / name)


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    asyncio.run(take())
    asyncio.run(take_staff())
    asyncio.run(take_stranger())
