"""An invitation or reminder that never left, or left late: the ledger says that she was asked only if she was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from telegram.error import BadRequest

from bot.demo.phone import Phone
from storage.fates import CheckinState, Fate, Reason
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
