"""Who opens Rosa's phone learns nothing from it: neither before the gate, nor after a sitting, nor after /salir."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import ViewportSize, expect

from bot.demo.stage import open_stage
from locales.previews import giveaways, shown
from tests.browser import test_page
from tests.browser.rosa import A_MONDAY, CODE, Story, opened
from tests.browser.stranger import TELLING, Moment, moments, seen

pytestmark = test_page.pytestmark

DESKTOP: ViewportSize = {"width": 1280, "height": 800}

HERS = re.compile(r"\b(?:ros[ay]|ejemplo|inventada|d-0001|lucia|equipo|centro)\b")
"""Who she is, and who writes to her."""

ASKED = re.compile(
    r"\b(?:necesit\w*|papel\w*|identificacion|quedarte|trabaj\w*|ingreso|apoyo|familia|pag\w*|quincena)\b"
)
"""What she is asked, and what she answers."""

FIGURES = re.compile(r"\$|\d{3}|\d,\d|\*\d")
"""Sums and numbers to call; an hour of the day has none of these."""


def told(text: str) -> set[str]:
    """What gives her away."""
    plain = shown(text).casefold()
    return {*giveaways(text), *(found[0] for kind in (HERS, ASKED, FIGURES) for found in kind.finditer(plain))}


async def test_who_opens_her_phone_learns_nothing(tmp_path: Path) -> None:
    async with (
        open_stage(tmp_path, today=A_MONDAY) as url,
        opened(url, viewport=DESKTOP, reduced_motion="reduce") as page,
    ):
        story, looked = Story(page), []
        async for moment in moments(story):
            looked.append(moment)
            found = told(await seen(story))
            assert bool(found) is (moment in TELLING), (moment, found)
            assert CODE not in await seen(story)
            await look_at(story, moment)
        assert looked == list(Moment)


async def look_at(story: Story, moment: Moment) -> None:
    """What else is to be said of this moment."""
    match moment:
        case Moment.GATE:
            assert [key for key in await keys_of(story) if not key.isdigit()] == ["⌫ Borrar", "La olvidé"]
        case Moment.SUMMARY | Moment.INCOME:
            assert told(await seen(story)) & {"papeles", "$"}
        case Moment.LEFT:
            assert await keys_of(story) == []
            await expect(story.rosa.get_by_text("/salir")).to_have_count(0)
        case _:
            pass


async def keys_of(story: Story) -> list[str]:
    """The labels of the buttons under the last message; the one to answer it has only a picture."""
    buttons = story.rosa.get_by_role("listitem").last.get_by_role("button")
    return [label for label in await buttons.all_inner_texts() if label]
