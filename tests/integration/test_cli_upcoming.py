"""What is to come, as the command line foretells it, against what the tick then does."""

import asyncio
import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import Result

from bot.cli.upcoming import look_ahead
from bot.clock import DemoClock
from storage import cases, stops
from storage.schema import cases as tasks
from storage.schema import checkins, participants, preferences
from storage.stops import How
from tests.support.chat import Bot
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    """The bot at work on the operator's store."""
    return Bot(store)


class Foreteller:
    """Somebody who asks at the command line what is to come, at the store's present."""

    def __init__(self, store: Store) -> None:
        self._clock, self._store = store.home / "clock", store
        self._clock.touch()
        self._operator = Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_DEMO_CLOCK": str(self._clock)})

    async def asks(self, *options: str) -> list[dict[str, Any]]:
        """What is to come, read by a program."""
        DemoClock(self._clock).move_to(self._store.clock.at)
        found: list[dict[str, Any]] = await asyncio.to_thread(self._operator.read, "upcoming", *options)
        return found

    async def types(self, *options: str) -> Result:
        """What is to come, with what is said beside it."""
        DemoClock(self._clock).move_to(self._store.clock.at)
        return await asyncio.to_thread(self._operator.types, "upcoming", *options)

    async def reads(self, *options: str) -> list[str]:
        """What is to come, line by line."""
        DemoClock(self._clock).move_to(self._store.clock.at)
        return (await asyncio.to_thread(self._operator.done, "upcoming", *options)).splitlines()


@pytest.fixture
def foreteller(store: Store) -> Foreteller:
    """Somebody who wants to know."""
    return Foreteller(store)


def instants(told: list[dict[str, Any]], *what: str) -> list[datetime]:
    return [datetime.fromisoformat(one["at"]) for one in told if one["what"] in what]


async def test_what_is_foretold_comes_to_pass_if_she_stays_silent(
    store: Store, bot: Bot, foreteller: Foreteller
) -> None:
    await bot.enrolled()
    told = await foreteller.asks("--days", "25")
    kinds = [(one["point"], one["what"], one["number"]) for one in told]
    assert kinds[:2] == [("s1", "invitation", None), ("s1", "reminder", 1)]
    assert kinds[-1] == ("s1", "closing", None)
    assert all(one["local"].startswith(("2026-03-09", "2026-03-1", "2026-03-2")) for one in told)
    said = len(bot.shown)
    await bot.pass_time(days=24, hours=23)

    sent = [shown.at for shown in bot.shown[said:] if shown.call.method == "sendMessage"]
    assert sorted(set(sent)) == instants(told, "invitation", "reminder")
    async with store.database.read() as tx:
        called = (await tx.run(select(tasks.c.opened_at).where(tasks.c.kind == cases.CALL))).scalars().all()
        s1 = (await tx.run(select(checkins).where(checkins.c.point == "s1"))).one()
    assert called == instants(told, "call")
    assert [(one["fate"], one["why"]) for one in told if one["what"] == "closing"] == [(s1.fate, s1.fate_reason)]
    assert instants(told, "closing") == [s1.closed_at]


async def test_it_looks_as_far_as_it_is_asked_to_and_names_nobody(bot: Bot, foreteller: Foreteller) -> None:
    await bot.enrolled()
    assert await foreteller.asks("--days", "2") == []
    (first, *_) = await foreteller.reads()
    assert first == "2026-03-09 09:00-06:00\tAmerica/Mexico_City\tR-501\ts1\tinvitation\tdue"
    assert not any("Rosa" in line for line in await foreteller.reads("--days", "30"))


async def test_what_is_too_much_is_cut_at_a_moment_before_which_all_is_told(store: Store, bot: Bot) -> None:
    await bot.enrolled()
    await bot.pass_time(hours=1)
    async with store.database.read() as tx:
        whole = await look_ahead(tx, 60, plans=bot.plans)
        part = await look_ahead(tx, 60, plans=bot.plans, most=1)
    (uncut, everything), (cut, shown) = ((one.cut, list(one.coming)) for one in (whole, part))
    first = next(number for number, one in enumerate(everything) if one.row.point == "m1")
    assert (uncut, cut) == (None, everything[first].planned.at)
    assert shown == everything[:first] != []


async def test_of_whom_something_cannot_be_read_hides_nobody_elses_future(
    store: Store, bot: Bot, foreteller: Foreteller
) -> None:
    await bot.register("R-1")
    luz = await bot.register("R-2")
    told = await foreteller.asks("--days", "60")
    for damaged in (preferences.c.zone, preferences.c.slot):
        async with store.database.transact() as tx:
            await tx.run(update(preferences).where(preferences.c.participant_id == luz).values({damaged: "Gone"}))
        result = await foreteller.types("--days", "60", "--json")
        assert json.loads(result.stdout) == [one for one in told if one["record_id"] == "R-1"] != []
        assert "left out: R-2" in result.stderr
        async with store.database.transact() as tx:
            whole = {preferences.c.zone: "America/Mexico_City", preferences.c.slot: "any"}
            await tx.run(update(preferences).where(preferences.c.participant_id == luz).values(whole))


async def test_of_whoever_wishes_silence_only_the_closing_is_foretold(
    store: Store, bot: Bot, foreteller: Foreteller
) -> None:
    await bot.enrolled()
    async with store.database.transact() as tx:
        her = (await tx.run(select(participants.c.id))).scalar_one()
        await stops.stop(tx, her, How.CALL)
    told = await foreteller.asks("--days", "25")
    assert [(one["point"], one["what"], one["fate"], one["why"]) for one in told] == [
        ("s1", "closing", "refused", "stopped")
    ]
