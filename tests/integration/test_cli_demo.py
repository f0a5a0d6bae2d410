"""The demo's clock with the real bot behind it: it goes to the moment at which something is due next, no further."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession

from bot.demo.stage import open_stage


async def clock(browser: ClientSession) -> tuple[datetime, datetime]:
    """The demo's moment and the next check-in, once the page's server has looked for it."""
    async with browser.get("/demo/events") as stream:
        event = ""
        async for line in stream.content:
            name, _, told = line.decode().strip().partition(": ")
            event = told if name == "event" else event
            if (name, event) != ("data", "clock") or not (shown := json.loads(told))["next"]:
                continue
            now, following = datetime.fromisoformat(shown["now"]), datetime.fromisoformat(shown["next"])
            if following > now:  # the server looks for it a few times a second
                return now, following
    raise AssertionError("the stream ended without a clock")


async def test_time_passes_to_the_next_thing_that_is_due(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as url, ClientSession(url) as browser:
        began, first = await clock(browser)
        assert timedelta() < first - began < timedelta(days=14)
        async with browser.post("/demo/advance", json={"next": True}) as answer:
            assert await answer.json() == {"ok": True, "moved": True}
        now, following = await asyncio.wait_for(clock(browser), 10)
        assert now == first < following
        async with browser.post("/demo/advance", json={"next": "1"}) as answer:
            assert answer.status == 400
