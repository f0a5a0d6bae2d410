"""The demo's clock: it goes to the moment at which something is due next, and no further while that is not done."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy import update

from bot import library
from bot.clock import DemoClock
from bot.demo.simulator import Simulator
from bot.demo.stage import Stage, open_stage
from storage.database import Database, World
from storage.files import WRITERS, FileWanted, Purpose, due, give_up
from storage.records import Entry
from storage.schema import files
from tests.support.world import START, Store, migrated_file, store

__all__ = ["migrated_file", "store"]


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


async def test_time_stays_where_something_is_not_done(store: Store) -> None:
    moments = DemoClock(store.home / "clock")
    (store.home / "clock").write_text("0", encoding="ascii")
    moments.move_to(START)
    database = Database(store.url, World(moments, store.ids, store.vault))
    demo = Stage(database, moments, library.Library(), Simulator(token="1:demo", now=moments), patience=0.0)
    tomorrow = START + timedelta(days=1)
    async with database.transact() as tx:
        wanted = FileWanted(Purpose.INSTRUMENT, "file-id", 7, "hoja.xlsx")
        await WRITERS[FileWanted](tx, [Entry(wanted, START, "o", "lane", 1, 1)])
        await tx.run(update(files).values(next_at=tomorrow))
    with pytest.raises(TimeoutError):  # nobody fetches it
        await demo.advance(days=2)
    assert tomorrow <= moments() < tomorrow + timedelta(hours=1)
    async with database.transact() as tx:
        (waiting,) = await due(tx, 1)
        await give_up(tx, waiting)
    assert not await demo.advance_to_next(), "nothing is due any more"
    await demo.advance(days=2)
    assert moments() >= tomorrow + timedelta(days=2)
    await database.close()
