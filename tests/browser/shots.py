"""Plays the demo and takes the pictures of docs/: `python -m tests.browser.shots` from the top of the repository."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import expect

from bot.demo.stage import open_stage
from tests.browser.rosa import Story, opened

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
DESKTOP = {"width": 1280, "height": 800}
SETTLES = 700
"""Milliseconds in which the last message has slid into place and the last row has landed."""

PHONE = {"width": 360, "height": 740}


async def take() -> None:
    """Three pictures in the middle of `seguimiento`: as it is, at night, and on a phone."""
    with TemporaryDirectory() as home:
        async with open_stage(Path(home)) as url:
            async with opened(url, viewport=DESKTOP, reduced_motion="reduce") as page:
                story = Story(page)
                await story.join()
                await story.arrive()
                await story.tell_income()
                await shoot(story, "demo.png")
                await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
                await shoot(story, "demo-dark.png")
            async with opened(url, viewport=PHONE, reduced_motion="reduce") as page:
                await shoot(Story(page), "demo-phone.png")


async def shoot(story: Story, name: str) -> None:
    """Once everything has arrived, and nothing is pointed at."""
    await expect(story.rosa.get_by_role("button", name="No sé")).to_be_visible()
    await story.page.mouse.move(1, 1)
    await story.page.evaluate("document.activeElement?.blur()")
    await story.page.wait_for_timeout(SETTLES)
    await story.page.screenshot(path=PICTURES / name)


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    asyncio.run(take())
