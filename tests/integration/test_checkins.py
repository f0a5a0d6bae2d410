"""The tick over a real store: what becomes of a check-in when she blocks us, stops, rests, dies or stays silent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from scheduler.plan import Delay, Offset, Overlap, Plan, Point, Window
from storage import ledger, pauses, people, stops
from storage.consents import ConsentGiven
from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.pauses import HERSELF, STAFF, PauseKind
from storage.people import Linked
from storage.records import Entry
from storage.schema import accounts, cases, checkins, invitations, outbox, participants, preferences
from storage.stops import How
from tests.support.chat import Bot, Chat
from tests.support.world import Store

CITY, DAY = ZoneInfo("America/Mexico_City"), timedelta(days=1)
CLOSES = 21
"""Days from her release, a Monday, to the end of the window of s1."""


def point(name: str = "s1", *, days: int = 7, after: int = 13, instrument: str = "seguimiento") -> Point:
    reminders = (Delay(days=1), Delay(days=2), Delay(days=4))
    offset, window = Offset(days=days), Window(after=after)
    call = Delay(days=3)
    return Point(
        name=name, offset=offset, window=window, instruments=(instrument,), reminders=reminders, call_after=call
    )


def plan(*points: Point, overlap: Overlap = Overlap.QUEUE) -> Plan:
    return Plan(name="prueba", points=points or (point(),), overlap=overlap)


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store, plan=plan())


async def rows(store: Store, table: Any = checkins) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(table)))


async def row(store: Store, name: str = "s1") -> Any:
    (found,) = [one for one in await rows(store) if one.point == name]
    return found


async def fate(store: Store, name: str = "s1") -> tuple[str | None, str | None]:
    found = await row(store, name)
    return found.fate, found.fate_reason


async def calls(store: Store) -> list[Any]:
    return [one for one in await rows(store, cases) if one.kind == "llamada"]


async def sent(store: Store, what: str) -> int:
    """How many events of that kind the tick has spoken of."""
    return len([one for one in await rows(store, outbox) if f":{what}:" in one.origin])


async def her(store: Store) -> int:
    (one,) = await rows(store, participants)
    woman: int = one.id
    return woman


def entry(bot: Bot, chat: Chat, record: Any) -> Entry[Any]:
    return Entry(record, bot.store.clock.at, "test", bot.lane(chat.chat_id), chat.chat_id, 0)


async def enrolled(bot: Bot, chat_id: int = 501) -> Chat:
    """The chat of a woman who was released today, has said yes, and likes mornings."""
    woman = await bot.register(f"R-{chat_id}")
    chat = bot.chat(chat_id)
    async with bot.store.database.transact() as tx:
        invited = invitations.insert().values(
            id=tx.ids.random(), participant_id=woman, token_digest=f"{chat_id}", created_at=tx.now, expires_at=tx.now
        )
        (invitation,) = (await tx.run(invited)).inserted_primary_key
        await people.WRITERS[Linked](tx, [entry(bot, chat, Linked(invitation, participant=woman))])
        await consent(tx, bot, chat, woman=woman, given=True)
        await tx.run(update(preferences).values(slot="manana"))
    return chat


async def consent(tx: Tx, bot: Bot, chat: Chat, *, woman: int, given: bool) -> None:
    said = ConsentGiven(woman, "seguimiento", "1", "", given=given)  # as on paper
    await people.WRITERS[ConsentGiven](tx, [entry(bot, chat, said)])


async def to_day(bot: Bot, days: float) -> None:
    """Go to so many days after her release, at ten in the morning."""
    passed = (bot.store.clock.at.date() - date(2026, 3, 2)).days
    await bot.pass_time(days=days - passed)


# --- silence


async def test_reminders_and_then_a_call_each_in_its_turn(store: Store, bot: Bot) -> None:
    await enrolled(bot)
    await to_day(bot, CLOSES - 1)
    said = [shown.at.astimezone(CITY) for shown in bot.shown if shown.call.method == "sendMessage"]
    # After one, three and seven days, each in another third of her morning; 16 March is a day of rest.
    assert [f"{at:%d %H:%M}" for at in said] == ["09 09:00", "10 10:00", "12 11:00", "17 09:00"]
    (call,) = await calls(store)
    assert call.due_at - call.opened_at == timedelta(days=5), "three days of the office, over a weekend"
    assert (call.checkin_id, call.state) == ((await row(store)).id, "open")
    await to_day(bot, CLOSES)
    assert await fate(store) == (Fate.UNREACHABLE, Reason.NO_ANSWER)
    assert [one.state for one in await calls(store)] == ["open"]


async def test_the_call_is_settled_when_she_answers(store: Store, bot: Bot) -> None:
    rosa = await enrolled(bot)
    await to_day(bot, 18)
    assert [one.state for one in await calls(store)] == ["open"]
    await rosa.tap("Sí, ahora")
    assert [one.state for one in await calls(store)] == ["resolved"]
    await to_day(bot, CLOSES)
    assert len(await calls(store)) == 1


async def test_the_call_is_settled_by_a_fate_that_is_not_for_want_of_reaching_her(store: Store, bot: Bot) -> None:
    await enrolled(bot)
    await to_day(bot, 18)
    async with store.database.transact() as tx:
        await pauses.pause(tx, await her(store), PauseKind.HOSPITAL, until_on=None, by=STAFF)
    await to_day(bot, CLOSES)
    assert await fate(store) == (Fate.PAUSED, Reason.RESTING)
    assert [one.state for one in await calls(store)] == ["resolved"]


async def test_who_wants_no_reminders_gets_none(store: Store, bot: Bot) -> None:
    await enrolled(bot)
    async with store.database.transact() as tx:
        await tx.run(update(preferences).values(reminders=False))
    await to_day(bot, CLOSES)
    assert await sent(store, "invite") == 1
    assert await sent(store, "remind") == 0
    assert len(await calls(store)) == 1


# --- blocked


async def test_a_block_after_the_invitation_asks_for_a_call_and_letting_us_in_goes_on(store: Store, bot: Bot) -> None:
    rosa = await enrolled(bot)
    await to_day(bot, 8)
    assert (await row(store)).reminders_sent == 1
    await rosa.block()
    await bot.tick()
    assert (await row(store)).called_for_at == store.clock.at
    assert len(await calls(store)) == 1
    await to_day(bot, 12)
    assert (await row(store)).reminders_sent == 1
    await rosa.block(blocked=False)
    await to_day(bot, 13)
    found = await row(store)
    assert (found.state, found.reminders_sent) == ("invited", 2)
    assert await sent(store, "invite") == 1
    assert rosa.last.text


@pytest.mark.parametrize(("why", "reason"), [("blocked", Reason.BLOCKED), ("deactivated", Reason.UNDELIVERABLE)])
async def test_a_refusal_of_telegrams_is_no_refusal_of_hers(store: Store, bot: Bot, why: str, reason: Reason) -> None:
    rosa = await enrolled(bot)
    await to_day(bot, 7)
    async with store.database.transact() as tx:
        await people.block(tx, bot.lane(rosa.chat_id), why)
        await people.block(tx, bot.lane(rosa.chat_id), "chat_not_found")  # the first reason stays
    await bot.tick()
    assert [one.state for one in await calls(store)] == ["open"]
    await to_day(bot, CLOSES)
    assert await fate(store) == (Fate.UNREACHABLE, reason)
    assert await sent(store, "remind") == 0


async def test_who_blocked_us_long_before_is_called_when_something_is_due(store: Store, bot: Bot) -> None:
    rosa = await enrolled(bot)
    await rosa.block()
    await to_day(bot, 6)
    assert await calls(store) == []
    await to_day(bot, 7)
    assert len(await calls(store)) == 1
    await rosa.block(blocked=False)
    await bot.tick()
    assert (await row(store)).state == "invited"


async def test_a_chat_that_is_let_in_again_forgets_why_it_was_shut(store: Store, bot: Bot) -> None:
    rosa = await enrolled(bot)
    await rosa.block()
    (account,) = await rows(store, accounts)
    assert (account.blocked_at, account.blocked_why) == (store.clock.at, "blocked")
    await rosa.block(blocked=False)
    (account,) = await rows(store, accounts)
    assert (account.blocked_at, account.blocked_why) == (None, None)


# --- stop, withdrawal, death


async def test_a_stop_holds_everything_until_it_is_lifted(store: Store, bot: Bot) -> None:
    await enrolled(bot)
    async with store.database.transact() as tx:
        assert await stops.stop(tx, await her(store), How.CALL)
        assert not await stops.stop(tx, await her(store), How.CHAT)
    await to_day(bot, 12)
    assert (await row(store)).state == "expected"
    async with store.database.transact() as tx:
        assert await stops.lift(tx, await her(store), How.IN_PERSON)
        assert not await stops.lift(tx, await her(store), How.IN_PERSON)
    await bot.tick()
    assert (await row(store)).state == "invited"


@pytest.mark.parametrize("days", [3, 9])
async def test_a_window_that_closes_on_a_stop_is_refused(store: Store, bot: Bot, days: int) -> None:
    await enrolled(bot)
    await to_day(bot, days)
    reminded = await sent(store, "remind")
    async with store.database.transact() as tx:
        await stops.stop(tx, await her(store), How.IN_WRITING)
    await to_day(bot, CLOSES)
    assert await fate(store) == (Fate.REFUSED, Reason.STOPPED)
    assert await sent(store, "remind") == reminded
    assert await calls(store) == []


@pytest.mark.holds("S-14")
async def test_consent_taken_back_is_a_refusal(store: Store, bot: Bot) -> None:
    rosa = await enrolled(bot)
    woman = await her(store)
    store.clock.advance(days=1)
    async with store.database.transact() as tx:
        await consent(tx, bot, rosa, woman=woman, given=False)
    await to_day(bot, CLOSES)
    assert await fate(store) == (Fate.REFUSED, Reason.WITHDRAWN)
    assert await sent(store, "invite") == 0


async def test_a_death_ends_what_is_open_at_the_next_look(store: Store, bot: Bot) -> None:
    rosa = await enrolled(bot)
    await to_day(bot, 7)
    await rosa.tap("Sí, ahora")
    said = len(bot.shown)
    async with store.database.transact() as tx:
        await tx.run(update(participants).values(died_on=date(2026, 3, 9)))
        await ledger.look_again(tx, [((await row(store)).id, tx.now)])
    await bot.tick()
    assert await fate(store) == (Fate.NOT_DUE, Reason.DIED)
    await to_day(bot, CLOSES)
    assert [s.call.method for s in bot.shown[said:] if s.call.method == "sendMessage"] == []


# --- pauses


async def test_a_pause_ends_by_its_date(store: Store, bot: Bot) -> None:
    await enrolled(bot)
    async with store.database.transact() as tx:
        await pauses.pause(tx, await her(store), PauseKind.REST, until_on=date(2026, 3, 12), by=HERSELF)
    await to_day(bot, 9)
    assert (await row(store)).state == "expected"
    await to_day(bot, 10)
    found = await row(store)
    assert (found.state, found.invited_at.isoformat()) == ("invited", "2026-03-12T15:00:00+00:00")


async def test_a_pause_can_be_ended_before(store: Store, bot: Bot) -> None:
    await enrolled(bot)
    woman = await her(store)
    async with store.database.transact() as tx:
        await pauses.pause(tx, woman, PauseKind.TRIP, until_on=None, by=STAFF)
    await to_day(bot, 9)
    async with store.database.transact() as tx:
        assert not await pauses.resume(tx, woman, "s1")
        assert await pauses.resume(tx, woman, by=HERSELF)
        assert not await pauses.resume(tx, woman)
    await bot.tick()
    assert (await row(store)).state == "invited"


async def test_only_staff_end_a_reentry(store: Store, bot: Bot) -> None:
    await enrolled(bot)
    woman = await her(store)
    async with store.database.transact() as tx:
        await pauses.pause(tx, woman, PauseKind.REENTRY, until_on=None, by=STAFF)
        assert not await pauses.pause(tx, woman, PauseKind.REST, until_on=date(2026, 3, 3), by=HERSELF)
        assert not await pauses.resume(tx, woman, by=HERSELF)
        since = await pauses.away_since(tx, woman)
    await to_day(bot, 2)
    async with store.database.transact() as tx:
        for kind in (PauseKind.TRIP, PauseKind.REENTRY):
            assert not await pauses.pause(tx, woman, kind, until_on=date(2026, 3, 6), by=STAFF)
        assert await pauses.away_since(tx, woman) == since, "her next release begins there"
        assert [one.kind for one in (await pauses.running(tx, [woman]))[woman]] == [PauseKind.REENTRY]
    await to_day(bot, CLOSES)
    assert await fate(store) == (Fate.PAUSED, Reason.RESTING)


async def test_one_series_rests_and_the_other_does_not(store: Store) -> None:
    bot = Bot(store, plan=plan(point("s1", after=13), point("x1", days=8)))
    await enrolled(bot)
    async with store.database.transact() as tx:
        await pauses.pause(tx, await her(store), PauseKind.REST, until_on=None, by=STAFF, series="s1")
    await to_day(bot, 9)
    assert ((await row(store, "s1")).state, (await row(store, "x1")).state) == ("expected", "invited")


# --- one sitting at a time


@pytest.mark.parametrize(
    ("overlap", "days", "ends"),
    [
        (Overlap.CANCEL, 20, (Fate.NOT_DUE, Reason.OVERLAPPED)),
        (Overlap.MERGE, 10, (Fate.NOT_DUE, Reason.MERGED)),
        (Overlap.MERGE, 20, (None, None)),
        (Overlap.QUEUE, 10, (None, None)),
    ],
)
async def test_what_overlaps(
    store: Store, overlap: Overlap, days: int, ends: tuple[Fate | None, Reason | None]
) -> None:
    bot = Bot(store, plan=plan(point("s1", after=20), point("x1", days=days, after=30), overlap=overlap))
    await enrolled(bot)
    await to_day(bot, days + 1)
    assert await fate(store, "x1") == ends
    assert (await row(store, "s1")).state == "invited"
    await to_day(bot, 29)
    assert (await row(store, "x1")).state == ("invited" if ends == (None, None) else "closed")


async def test_two_that_were_overdue_do_not_come_together(store: Store) -> None:
    bot = Bot(store, plan=plan(point("s1", after=20), point("x1", days=8, after=20)))
    await enrolled(bot)
    store.clock.advance(days=10)  # the bot was down
    await bot.tick()
    store.clock.advance(minutes=5)
    await bot.tick()
    assert sorted(one.state for one in await rows(store)) == ["expected", "invited"]


# --- the machine's own troubles


async def test_a_chat_that_cannot_be_read_stops_nobody_else(store: Store, bot: Bot) -> None:
    await enrolled(bot, 501)
    rosa = await enrolled(bot, 502)
    async with store.database.transact() as tx:
        await tx.run(update(accounts).where(accounts.c.lane == bot.lane(501)).values(chat_id=b"?"))
    await to_day(bot, 7)
    assert sorted(one.state for one in await rows(store)) == ["expected", "invited"]
    assert rosa.last.text


async def test_hours_that_never_open_stop_nobody_else(store: Store, bot: Bot) -> None:
    await enrolled(bot, 501)
    await enrolled(bot, 502)
    (first, _) = await rows(store, participants)
    async with store.database.transact() as tx:  # Sunday mornings
        hers = preferences.c.participant_id == first.id
        await tx.run(update(preferences).where(hers).values(days="6"))
    await to_day(bot, 7)
    assert {one.participant_id == first.id: one.state for one in await rows(store)} == {
        True: "expected",
        False: "invited",
    }
    await to_day(bot, CLOSES)
    assert {one.state for one in await rows(store)} == {"closed"}


async def test_a_row_that_was_reopened_is_asked_and_reminded_anew(store: Store, bot: Bot) -> None:
    await enrolled(bot)
    await to_day(bot, 9)
    assert (await row(store)).reminders_sent == 1
    async with store.database.transact() as tx:  # as a corrected date reopens it
        again = {"state": CheckinState.EXPECTED, "invited_at": None, "reminded_at": None, "reminders_sent": 0}
        moment = tx.now + timedelta(days=1)
        await tx.run(update(checkins).values(**again, opens_at=moment, next_at=moment, closes_at=moment + 13 * DAY))
    await bot.pass_time(days=3)
    assert ((await row(store)).state, (await row(store)).reminders_sent) == ("invited", 1)
    assert (await sent(store, "invite"), await sent(store, "remind")) == (2, 4)  # each reminder is two parcels
