"""A call that was asked for says nothing of what came after it: another window, another silence, another block."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.replanning import correct
from storage import calls as callings
from storage import people
from storage.calls import Attempt, Disposition
from storage.fates import Fate, Reason
from storage.people import Linked
from storage.roster import Facts
from storage.schema import invitations
from tests.integration.test_checkins import CLOSES, DAY, calls, consent, entry, fate, her, plan, row, to_day
from tests.integration.test_checkins import enrolled as enrolled_in
from tests.support.chat import Bot, Chat
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store, plan=plan())


async def joins(bot: Bot, chat_id: int = 501) -> Chat:
    """The chat of the one registered woman, who links it now and says yes."""
    woman, chat = await her(bot.store), bot.chat(chat_id)
    async with bot.store.database.transact() as tx:
        invited: Any = invitations.insert().values(
            id=tx.ids.random(), participant_id=woman, token_digest=f"{chat_id}", created_at=tx.now, expires_at=tx.now
        )
        (invitation,) = (await tx.run(invited)).inserted_primary_key
        await people.WRITERS[Linked](tx, [entry(bot, chat, Linked(invitation, participant=woman))])
        await consent(tx, bot, chat, woman=woman, given=True)
    return chat


async def called(bot: Bot, disposition: Disposition = Disposition.WILL_ANSWER) -> None:
    """Staff called her, and this came of it."""
    async with bot.store.database.transact() as tx:
        attempt = Attempt(disposition)
        await callings.record(tx, await her(bot.store), attempt, by="command", try_again_at=tx.now + DAY)


async def states(store: Store) -> list[str]:
    return [one.state for one in await calls(store)]


async def test_a_window_that_is_moved_settles_its_call_and_has_one_of_its_own(store: Store, bot: Bot) -> None:
    woman = await bot.register()
    await to_day(bot, 12)
    assert await states(store) == ["open"], "she never enrolled"
    async with store.database.transact() as tx:
        await correct(tx, woman, Facts(release_on=date(2026, 3, 2) + timedelta(days=60)), plans=bot.plans)
    assert await states(store) == ["resolved"], "nothing is due for two months"
    await joins(bot)
    await to_day(bot, 60 + CLOSES - 1)
    assert (await row(store)).reminders_sent == 3
    assert await states(store) == ["resolved", "open"]
    await to_day(bot, 60 + CLOSES)
    assert await fate(store) == (Fate.UNREACHABLE, Reason.NO_ANSWER)


async def test_who_joins_after_a_call_and_is_silent_is_called_again(store: Store, bot: Bot) -> None:
    await bot.register()
    await to_day(bot, 10.5)
    assert await states(store) == ["open"]
    await called(bot)
    await to_day(bot, 11)
    await joins(bot)
    await to_day(bot, CLOSES + 1)
    assert await states(store) == ["resolved", "open"]
    assert await fate(store) == (Fate.UNREACHABLE, Reason.NO_ANSWER)


async def test_who_lets_us_in_after_a_call_and_is_silent_is_called_again(store: Store, bot: Bot) -> None:
    rosa = await enrolled_in(bot)
    await to_day(bot, 8)
    await rosa.block()
    await bot.tick()
    await called(bot)
    await to_day(bot, 9)
    await rosa.block(blocked=False)
    await to_day(bot, 19)
    assert await states(store) == ["resolved", "open"]
    found = await row(store)
    assert found.called_for_at > found.reminded_at


async def test_a_call_that_is_still_to_be_made_is_not_asked_for_twice(store: Store, bot: Bot) -> None:
    rosa = await enrolled_in(bot)
    await to_day(bot, 8)
    await rosa.block()
    await bot.tick()
    (asked,) = await calls(store)
    await rosa.block(blocked=False)
    await to_day(bot, CLOSES - 1)
    (still,) = await calls(store)
    assert (still.state, still.due_at) == ("open", asked.due_at)


async def test_a_silence_is_called_for_once(store: Store, bot: Bot) -> None:
    await enrolled_in(bot)
    await to_day(bot, 18)
    assert await states(store) == ["open"]
    await called(bot)
    await to_day(bot, CLOSES)
    assert await states(store) == ["resolved"], "who said that she will answer is left in peace"
