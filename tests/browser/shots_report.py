"""Takes the pictures of the report in docs/: `python -m tests.browser.shots_report` from the top of the repository."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import ViewportSize

from storage.database import Database, World
from storage.upgrade import upgrade
from storage.vault import create_key_file, open_vault
from tests.browser.test_report import DESK, PHONE, made, opened
from tests.support.world import CountedIds, HeldClock, Store, sqlite_url

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SHOTS: dict[str, tuple[ViewportSize, str]] = {
    "report-phone.png": (PHONE, "#brief"),
    "report-desktop.png": (DESK, "#points"),
}
"""Each picture, on what it is taken, and what stands at its top."""


async def take() -> None:
    """The report of the women of the fixture, for the team."""
    with TemporaryDirectory() as home:
        report = await made(await _store(Path(home)), Path(home) / "informe.html")
        for name, (viewport, top) in SHOTS.items():
            async with opened(report, viewport) as page:
                await page.locator(top).evaluate("one => one.scrollIntoView()")
                await page.screenshot(path=PICTURES / name)


async def _store(home: Path) -> Store:
    clock, ids, url = HeldClock(), CountedIds(), sqlite_url(home / "hilo.sqlite3")
    await upgrade(url)
    create_key_file(home / "key", ids.chance)
    world = World(now=clock, ids=ids, vault=open_vault(home / "key", ids.chance))
    return Store(Database(url, world), world, clock, ids, world.vault, home, url)


if __name__ == "__main__":
    asyncio.run(take())
