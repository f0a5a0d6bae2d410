"""An invitation or reminder that never left, or left late: the ledger says that she was asked only if she was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from telegram.error import BadRequest

from bot.demo.phone import Phone
from storage import funnel
from storage.fates import CheckinState, Fate, Reason
from storage.funnel import Course, Open
from storage.leaving import Held
from storage.mail import MailState
from storage.schema import checkins, outbox
from tests.support.fieldwork import Fieldwork, fieldwork
from tests.support.office import Office
from tests.support.world import Store

INVITED = datetime(2026, 3, 9, 15, tzinfo=UTC)
"""9:00 in Mexico City, a week after her release."""

CLOSES = datetime(2026, 3, 23, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Fieldwork]:
    async with fieldwork(store) as stage:
        yield stage


@pytest.fixture
async def rosa(here: Fieldwork) -> Phone:
    (woman,) = await Office(here).register(here.now.date())
    return await here.link(woman, 501)


async def row(here: Fieldwork) -> Any:
    async with here.store.database.read() as tx:
        return (await tx.run(select(checkins).where(checkins.c.point == "s1"))).one()


async def posted(here: Fieldwork, what: str) -> list[Any]:
    """What the tick has posted of that kind, and what became of it; not what takes buttons away."""
    async with here.store.database.read() as tx:
        found = list(await tx.run(select(outbox).order_by(outbox.c.id)))
    said = [one for one in found if one.message_id is not None or one.state != MailState.SENT]
    return [one for one in said if f":{what}:" in one.origin]


def heard(phone: Phone) -> list[str]:
    """What the bot has said in this chat."""
    return [message.text for message in phone.messages if message.sender == "bot"]


@contextmanager
def failing(here: Fieldwork, error: Exception) -> Any:
    """Meanwhile nothing can be sent, for this reason."""

    async def fails(*_: object, **__: object) -> None:
        raise error

    real, here.line.call = here.line.call, fails  # type: ignore[method-assign]
    yield
    here.line.call = real  # type: ignore[method-assign]


# --- failed for good, and the fault is ours

OURS = [BadRequest("can't parse entities"), RuntimeError("out of our own making")]


@pytest.mark.parametrize("error", OURS, ids=["refused", "not_sendable"])
async def test_an_invitation_that_fails_is_made_again_each_day_and_is_ours_to_the_end(
    here: Fieldwork, rosa: Phone, error: Exception
) -> None:
    with failing(here, error):
        await here.pass_to(INVITED)
        found = await row(here)
        assert (found.state, found.invited_at) == (CheckinState.EXPECTED, None)
        await here.pass_to(CLOSES)
    found = await row(here)
    assert (found.fate, found.fate_reason) == (Fate.MISSED_BY_US, Reason.NOT_SENT)
    tried = [one.done_at for one in await posted(here, "invite")]
    assert tried[:2] == [INVITED, INVITED + DAY]
    assert 10 < len(tried) <= 14  # but for Sundays' later hours and days of rest, one a day
    assert heard(rosa) == []


async def test_an_invitation_that_failed_and_leaves_the_next_day_counts_from_then(here: Fieldwork, rosa: Phone) -> None:
    with failing(here, OURS[0]):
        await here.pass_to(INVITED + HOUR)
    await here.pass_to(INVITED + DAY)
    found = await row(here)
    assert (found.state, found.invited_at, found.reminders_sent) == (CheckinState.INVITED, INVITED + DAY, 0)
    assert len(heard(rosa)) == 1


async def test_a_reminder_that_fails_does_not_count(here: Fieldwork, rosa: Phone) -> None:
    await here.pass_to(INVITED)
    with failing(here, OURS[0]):
        await here.pass_to(INVITED + 3 * DAY)
    found = await row(here)
    assert (found.state, found.reminders_sent, found.reminded_at) == (CheckinState.INVITED, 0, None)
    assert len({one.done_at.date() for one in await posted(here, "remind")}) == 2  # once a day
    await here.pass_to(INVITED + 4 * DAY)
    first = (await row(here)).reminded_at
    assert (await row(here)).reminders_sent == 1
    with failing(here, OURS[0]):
        await here.pass_to(INVITED + 7 * DAY)
    found = await row(here)
    assert (found.reminders_sent, found.reminded_at) == (1, first)
    await here.pass_to(CLOSES)
    assert ((await row(here)).fate, len(heard(rosa))) == (Fate.UNREACHABLE, 4)


# --- her deadline comes first


async def test_what_is_put_back_beyond_the_deadline_is_dropped_and_was_never_made(here: Fieldwork, rosa: Phone) -> None:
    here.store.clock.at = datetime(2026, 3, 23, 2, 29, tzinfo=UTC)  # 20:29, the last minute of her last day
    await here.machine.checkins.take_due()
    assert (await row(here)).state == CheckinState.INVITED
    here.store.clock.at += timedelta(minutes=2)
    await here.settle()
    assert [(one.state, one.reason) for one in await posted(here, "invite")] == [("dropped", Held.OVERTAKEN)]
    await here.pass_to(CLOSES + DAY)
    found = await row(here)
    assert (found.fate, found.fate_reason) == (Fate.MISSED_BY_US, Reason.NOT_SENT)
    assert heard(rosa) == []


async def test_what_still_waits_when_the_window_closes_never_leaves_and_was_never_made(
    here: Fieldwork, rosa: Phone
) -> None:
    here.store.clock.at = INVITED
    await here.machine.checkins.take_due()
    here.store.clock.at = CLOSES
    await here.machine.checkins.take_due()
    found = await row(here)
    assert (found.fate, found.fate_reason) == (Fate.MISSED_BY_US, Reason.NOT_SENT)
    here.store.clock.at = CLOSES + timedelta(hours=10)
    await here.settle()
    assert [(one.state, one.reason) for one in await posted(here, "invite")] == [("dropped", Held.OVERTAKEN)]
    assert heard(rosa) == []


# --- an outage of the line


async def idle(here: Fieldwork, until: datetime) -> None:
    """The tick at work, hour by hour, and nothing leaves."""
    while here.now < until:
        here.store.clock.at += HOUR
        await here.machine.checkins.take_due()


async def test_after_an_outage_one_message_reaches_her_and_the_next_in_its_own_time(
    here: Fieldwork, rosa: Phone
) -> None:
    here.store.clock.at = INVITED
    await here.machine.checkins.take_due()
    await idle(here, INVITED + timedelta(days=4, hours=1))
    assert await posted(here, "remind") == []
    back = here.now
    await here.pass_to(back + timedelta(hours=12))
    assert len(heard(rosa)) == 1
    assert (await row(here)).invited_at == back
    await here.pass_to(back + 2 * DAY)
    assert len(heard(rosa)) == 2


async def test_no_second_reminder_is_posted_while_the_first_waits(here: Fieldwork, rosa: Phone) -> None:
    await here.pass_to(INVITED)
    await idle(here, INVITED + timedelta(days=8, hours=1))
    assert (await row(here)).reminders_sent == 1
    back = here.now
    await here.pass_to(back + DAY)
    assert len(heard(rosa)) == 2
    assert (await row(here)).reminded_at == back


# --- what the ledger said of it, it says again


class Told:
    """What the ledger said whenever it was asked."""

    def __init__(self, here: Fieldwork) -> None:
        self._here = here
        self._told: list[tuple[datetime, Course]] = []

    async def ask(self) -> Course:
        """How her first check-in stands now."""
        course = await self._as_of(self._here.now)
        self._told.append((self._here.now, course))
        return course

    async def holds(self) -> bool:
        """Whether it says of each of those moments what it said then."""
        self._here.store.clock.at += HOUR
        return [(at, await self._as_of(at)) for at, _ in self._told] == self._told

    async def _as_of(self, at: datetime) -> Course:
        async with self._here.store.database.read() as tx:
            woman = (await tx.run(select(checkins.c.participant_id).limit(1))).scalar_one()
            (course,) = [one for one in await funnel.courses_of(tx, woman, at=at) if one.point == "s1"]
        return course


@pytest.fixture
def told(here: Fieldwork) -> Told:
    return Told(here)


async def test_an_invitation_that_was_held_back(here: Fieldwork, rosa: Phone, told: Told) -> None:
    here.store.clock.at = INVITED
    await here.machine.checkins.take_due()
    assert (await told.ask()).stood is Open.INVITED
    here.store.clock.at += HOUR
    await Office(here).stop((await row(here)).participant_id)
    assert (await told.ask()).stood is Open.EXPECTED
    here.store.clock.at += HOUR
    await Office(here).lift((await row(here)).participant_id)
    await here.tick()
    course = await told.ask()
    assert (course.stood, course.invited_at, len(heard(rosa))) == (Open.INVITED, here.now, 1)
    assert [(change.cause, change.stood) for change in course.changes] == [("never_left", "invited")]
    assert await told.holds()


async def test_an_invitation_that_left_late(here: Fieldwork, rosa: Phone, told: Told) -> None:
    here.store.clock.at = INVITED
    await here.machine.checkins.take_due()
    assert (await told.ask()).invited_at == INVITED
    here.store.clock.at += 2 * HOUR
    await here.settle()
    course = await told.ask()
    assert (course.invited_at, [change.cause for change in course.changes]) == (here.now, ["left_late"])
    assert await told.holds()


async def test_one_that_never_left_before_its_window_closed(here: Fieldwork, rosa: Phone, told: Told) -> None:
    here.store.clock.at = INVITED
    await here.machine.checkins.take_due()
    assert (await told.ask()).stood is Open.INVITED
    here.store.clock.at = CLOSES
    await here.machine.checkins.take_due()
    course = await told.ask()
    assert (course.stood, course.invited_at) == (Fate.MISSED_BY_US, None)
    await here.settle()
    assert await told.ask() == course
    assert await told.holds()


async def test_who_put_off_her_invitation_was_invited_even_if_the_second_never_leaves(
    here: Fieldwork, rosa: Phone, told: Told
) -> None:
    await here.pass_to(INVITED)
    rosa.tap(rosa.messages[-1].message_id, "Más tarde")
    await here.settle()
    put_off = await row(here)
    assert (put_off.state, put_off.invited_at) == (CheckinState.EXPECTED, INVITED)
    here.store.clock.at = INVITED + DAY
    await here.machine.checkins.take_due()
    assert (await told.ask()).invited_at == INVITED + DAY
    here.store.clock.at += HOUR
    await Office(here).stop(put_off.participant_id)
    course = await told.ask()
    assert (course.stood, course.invited_at) == (Open.INVITED, INVITED)
    assert await told.holds()


# --- what nobody can read


async def damage(here: Fieldwork, what: str) -> None:
    async with here.store.database.transact() as tx:
        ready = (outbox.c.state == MailState.READY) & outbox.c.origin.contains(f":{what}:")
        assert (await tx.run(update(outbox).where(ready).values(payload=b"s1.damaged"))).rowcount > 0


async def test_an_invitation_that_cannot_be_read_is_made_again_tomorrow(here: Fieldwork, rosa: Phone) -> None:
    here.store.clock.at = INVITED
    await here.machine.checkins.take_due()
    await damage(here, "invite")
    await here.settle()
    found = await row(here)
    assert (found.state, found.invited_at) == (CheckinState.EXPECTED, None)
    assert {one.reason for one in await posted(here, "invite")} == {"unreadable"}
    await here.pass_to(INVITED + DAY)
    assert ((await row(here)).invited_at, len(heard(rosa))) == (INVITED + DAY, 1)


async def test_a_reminder_that_cannot_be_read_does_not_count(here: Fieldwork, rosa: Phone) -> None:
    await here.pass_to(INVITED)
    while not (await row(here)).reminders_sent:
        here.store.clock.at += HOUR
        await here.machine.checkins.take_due()
    await damage(here, "remind")
    await here.settle()
    found = await row(here)
    assert (found.state, found.reminders_sent, found.reminded_at) == (CheckinState.INVITED, 0, None)
    await here.pass_to(INVITED + 3 * DAY)
    assert ((await row(here)).reminders_sent, len(heard(rosa))) == (1, 2)


async def test_a_part_that_cannot_be_read_takes_nothing_back_where_another_has_reached_her(
    here: Fieldwork, rosa: Phone
) -> None:
    await here.pass_to(INVITED)
    (sent,) = await posted(here, "invite")
    async with here.store.database.transact() as tx:
        part = {**sent._mapping, "id": tx.ids.ordered(), "origin": sent.origin[:-1] + "9", "message_id": None}
        await tx.run(outbox.insert(), [{**part, "state": MailState.READY, "payload": b"s1.damaged"}])
    await here.settle()
    assert (await row(here)).state == CheckinState.INVITED


async def test_who_wishes_silence_has_it_though_something_that_waits_cannot_be_read(
    here: Fieldwork, rosa: Phone
) -> None:
    here.store.clock.at = INVITED
    await here.machine.checkins.take_due()
    await damage(here, "invite")
    await Office(here).stop((await row(here)).participant_id)
    await here.pass_to(CLOSES)
    assert (heard(rosa), (await row(here)).fate) == ([], Fate.REFUSED)
