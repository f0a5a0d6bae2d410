"""Killed at any step of inviting, reminding, calling for and closing, the bot goes on as if nothing had happened.

Every write, every commit and every call of every moment in the life of one check-in is a place to die at; what the
store holds after the restart must be what it holds where nobody died. Telegram may have heard one message twice: the
one that was on its way.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Sequence, Set
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.demo.phone import Phone
from bot.demo.simulator import Simulator
from storage.cases import CALL
from tests.support.crashes import Death
from tests.support.fieldwork import TOKEN, Fieldwork, fieldwork, without_threads
from tests.support.lives import MOST_TAPS, Her
from tests.support.office import Office
from tests.support.world import Store, migrated_file, store

__all__ = ["migrated_file", "store"]

CHATS = (501, 502)
FIRST = "s1"
"""The check-in whose life is played, from its invitation to its fate."""

_SKETCH = (
    "select point, participant_id, state, owner, next_at, invited_at, reminded_at, reminders_sent, called_for_at, fate,"
    " fate_reason, closed_at from checkins order by participant_id, point",
    "select origin, urgency, state, message_id is not null from outbox order by origin",
    "select kind, state, participant_id, checkin_id from cases order by kind, participant_id",
    "select dialogue, checkin_id, sprint, closed_at from sessions order by checkin_id, closed_at",
)
Sketch = list[list[tuple[Any, ...]]]


def sketch(database: Path) -> Sketch:
    """What matters of the store, read past all of our own code."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        return [rows.execute(statement).fetchall() for statement in _SKETCH]


@dataclass
class Scene:
    """A store at a moment at which something is due, to be played again and again."""

    at: datetime
    kept: Path
    after: Sketch = field(default_factory=list)
    steps: int = 0
    sent: Counter[int] = field(default_factory=Counter)


@dataclass
class Theatre:
    """Plays one scene: alive, or until it is killed and then begun anew."""

    store: Store
    simulator: Simulator

    @property
    def file(self) -> Path:
        return self.store.home / "hilo.sqlite3"

    @asynccontextmanager
    async def process(self, death: Death) -> AsyncIterator[Fieldwork]:
        """The bot, from its start to its end; only SQL that was compiled once is not compiled again."""
        async with fieldwork(self.store, simulator=self.simulator) as here:
            death.on_line(here.machine.courier._api)
            with death.over(self.store.database):
                yield here
        await self.store.database.close()

    def put_back(self, scene: Scene) -> None:
        for beside in ("-wal", "-shm"):
            self.file.with_name(self.file.name + beside).unlink(missing_ok=True)
        shutil.copy(scene.kept, self.file)
        self.store.clock.at = scene.at

    async def alive(self, scene: Scene) -> None:
        """Play it undisturbed: what must come of it, and in how many steps."""
        self.put_back(scene)
        before = self.heard()
        death = Death()
        async with self.process(death) as here:
            await here.tick()
            assert not here.failures.told
        scene.after, scene.steps, scene.sent = sketch(self.file), death.steps, self.heard() - before

    async def killed(self, scene: Scene, at: int) -> None:
        """Play it, die before that step, and go on in a new process."""
        self.put_back(scene)
        before = self.heard()
        death = Death(at)
        async with self.process(death) as here:
            assert await death.during(here.tick)
        async with self.process(Death()) as here:
            await here.tick()
            assert not here.failures.told
        assert sketch(self.file) == scene.after, f"killed at step {at} of {scene.steps}, {scene.at}"
        twice = self.heard() - before - scene.sent
        assert all(times == 1 for times in twice.values()), f"said again after step {at} of {scene.at}"

    def heard(self) -> Counter[int]:
        """How many messages of the bot have reached each phone."""
        chats = self.simulator.bot.chats.by_user.values()
        return Counter(chat.user_id for chat in chats for message in chat.history.values() if message.sender == "bot")


@dataclass(frozen=True)
class Cast:
    """Who plays: how many women, how many questions each answers once she is invited, and what becomes of it."""

    women: int
    answers: int
    moments: int
    told: Set[str]
    fate: str
    calls: int

    @property
    def first(self) -> int:
        """The first moment that is hers alone: she who answers is invited as she is who does not."""
        return 1 if self.answers else 0


SILENT = Cast(2, 0, 6, {"invite", "remind", "close"}, "unreachable", calls=2)
"""The invitation, three reminders, the call, the end."""

BREAKS_OFF = Cast(1, 1, 6, {"invite", "remind", "close"}, "partial", calls=1)
"""The same of a sitting that stands open, and ends with the window."""

ANSWERS = Cast(1, MOST_TAPS, 2, {"invite"}, "completed", calls=0)
"""The invitation, and the end of what can still be corrected."""


async def scenes(theatre: Theatre, folder: Path, cast: Cast) -> list[Scene]:
    """The moments in the life of their first check-in, each with the store as it then stood."""
    store = theatre.store
    found: list[Scene] = []
    async with theatre.process(Death()) as here:
        women = await Office(here).register(store.clock.at.date(), count=cast.women)
        phones = [await here.link(woman, chat) for woman, chat in zip(women, CHATS, strict=False)]
        await here.tick()
        while not _over(theatre.file):
            moment = await here.next_moment()
            assert moment is not None
            store.clock.at = moment
            found.append(Scene(moment, folder / f"scene-{len(found)}.sqlite3"))
            with closing(sqlite3.connect(theatre.file)) as now, closing(sqlite3.connect(found[-1].kept)) as kept:
                now.backup(kept)
            await here.tick()
            if len(found) == 1:
                store.clock.advance(minutes=10)
                await _answer(here, phones, cast.answers)
    return found


async def _answer(here: Fieldwork, phones: Sequence[Phone], most: int) -> None:
    for phone in phones if most else ():
        async for _ in Her(phone, Random(1)).answer(most):
            await here.settle()


def _over(database: Path) -> bool:
    """Whether it has its fate, and no conversation about it is open."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        ((left,),) = rows.execute(
            "select count(*) from checkins left join sessions on checkin_id = checkins.id"
            " where point = ? and (checkins.state <> 'closed'"
            " or sessions.id is not null and sessions.closed_at is null)",
            (FIRST,),
        )
    return bool(left == 0)


async def _play(store: Store, folder: Path, cast: Cast) -> list[Scene]:
    theatre = Theatre(store, Simulator(token=TOKEN, now=store.clock))
    found = await scenes(theatre, folder, cast)
    for scene in found:
        await theatre.alive(scene)
    for scene in found[cast.first :]:
        for step in range(1, scene.steps + 1):
            await theatre.killed(scene, step)
    return found


@pytest.mark.parametrize("cast", [SILENT, BREAKS_OFF, ANSWERS], ids=["silent", "breaks_off", "answers"])
def test_death_at_any_step_changes_nothing(store: Store, tmp_path: Path, cast: Cast) -> None:
    with without_threads():
        found = asyncio.run(_play(store, tmp_path, cast))
    ledger, outbox, cases, sessions = found[-1].after
    assert {origin.split(":")[2] for origin, *_ in outbox if origin.startswith("checkin:")} == cast.told
    assert {row[9] for row in ledger if row[0] == FIRST} == {cast.fate}
    assert sum(kind == CALL for kind, *_ in cases) == cast.calls
    assert all(closed_at is not None for *_, closed_at in sessions)
    assert [scene.steps > 9 for scene in found] == [True] * cast.moments
