"""What staff do, as their commands do it: register women, correct what is known of them, pause, stop, invite."""

from __future__ import annotations

from datetime import date

from scheduler import replanning
from scheduler.enrolment import enrol
from scheduler.plan import Plan
from scheduler.replanning import apply_plan
from storage import invitations, pauses, stops
from storage.imports.participants import ParticipantRow
from storage.pauses import STAFF, PauseKind
from storage.roster import Facts
from tests.support.chat import WORD
from tests.support.fieldwork import Fieldwork


class Office:
    """Staff at work beside the bot."""

    def __init__(self, bot: Fieldwork) -> None:
        self._bot = bot
        self._registered = 0

    async def register(self, released_on: date | None, *, zone: str | None = None, count: int = 1) -> list[int]:
        """Women with their expected check-ins; returns their internal ids."""
        numbers = range(self._registered, self._registered + count)
        self._registered += count
        rows = [
            ParticipantRow(line=n, record_id=f"R-{n}", name="Rosa", phone=None, release_date=released_on, zone=zone)
            for n in numbers
        ]
        async with self._bot.store.database.transact() as tx:
            return await enrol(tx, rows, plans=self._bot.machine.plans)

    async def correct(self, woman: int, facts: Facts) -> None:
        """Write down what is known of her from now on (`participants set`)."""
        async with self._bot.store.database.transact() as tx:
            await replanning.correct(tx, woman, facts, plans=self._bot.machine.plans)

    async def pause(self, woman: int, kind: PauseKind, until_on: date | None, *, series: str = "") -> None:
        """Let her rest until that local day, or until staff end it."""
        async with self._bot.store.database.transact() as tx:
            await pauses.pause(tx, woman, kind, until_on=until_on, series=series, by=STAFF)

    async def resume(self, woman: int, *, series: str = "") -> None:
        """End a pause."""
        async with self._bot.store.database.transact() as tx:
            await pauses.resume(tx, woman, series)

    async def stop(self, woman: int) -> None:
        """She said on the telephone that she wants no more messages."""
        async with self._bot.store.database.transact() as tx:
            await stops.stop(tx, woman, stops.How.CALL)

    async def lift(self, woman: int) -> None:
        """She said on the telephone that she wants to be written to again."""
        async with self._bot.store.database.transact() as tx:
            await stops.lift(tx, woman, stops.How.CALL)

    async def invite(self, woman: int) -> str:
        """The token of a fresh invitation, whose word is WORD."""
        async with self._bot.store.database.transact() as tx:
            return (await invitations.invite_participant(tx, woman, words=[WORD])).token

    async def apply(self, plan: Plan, source: str) -> None:
        """Apply a plan, batch by batch (`plan apply`)."""
        machine = self._bot.machine
        async for _ in apply_plan(machine.database, plan, plans=machine.plans, source=source, by="command"):
            pass
