"""What nobody asked for, at the moment of leaving: her wishes and hours as they are then, not as they were at posting.

Most parcels here are in the courier's hand already, parked by Telegram, when something changes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.app import hours_by
from bot.courier import ASK_AGAIN, NOT_SAID
from bot.demo.faults import Fault
from bot.demo.phone import Phone
from conversations.speech import ButtonsRemoved, Phrase, Said
from scheduler.applied import Plans
from scheduler.calendar import Calendar
from scheduler.plan import SHIPPED_PLAN, Group, Plan, read_plan
from storage import due, leaving, ledger, pauses, people, schema, stops
from storage.cases import open_cases
from storage.database import Tx
from storage.fates import CheckinState
from storage.invitations import invite_participant
from storage.leaving import Held
from storage.ledger import NewCheckin
from storage.mail import Parcel, Urgency, post
from storage.pauses import PauseKind
from storage.schema import accounts, cases, checkins, consents, invitations, outbox, participants, preferences, sessions
from storage.vault import Place
from tests.support.outgoing import PATIENCE, SESSION, Outgoing, heard, outgoing
from tests.support.world import Store

UNASKED = [urgency for urgency in Urgency if urgency.unasked]
ASKED = [urgency for urgency in Urgency if not urgency.keeps_hours]
TO_EVENING = 10 * 3600 + 1800  # from 10:00 in Mexico City to 20:30, when nothing unasked may leave any more
PARKED = 30
MORNING_AFTER = datetime(2026, 3, 3, 15, tzinfo=UTC)
"""9:00 in Mexico City."""


@pytest.fixture
async def edge(store: Store) -> AsyncIterator[Outgoing]:
    async with outgoing(store) as stage:
        yield stage


@pytest.fixture
def rosa(edge: Outgoing) -> Phone:
    return edge.phone(101)


@pytest.fixture
async def her(edge: Outgoing, rosa: Phone) -> int:
    """The woman whose chat it is, with her consent."""
    async with edge.store.database.transact() as tx:
        (woman,) = await people.add_participants(tx, [people.NewParticipant("R-1", "Rosa", "America/Mexico_City")])
        await invite_participant(tx, woman, ["girasol"])
        invitation = (await tx.run(select(invitations.c.id))).scalar_one()
        chat = tx.vault.seal(Place("accounts", "chat_id", 1), b"101")
        linked = {"id": 1, "lane": "lane-101", "chat_id": chat, "invitation_id": invitation, "linked_at": tx.now}
        await tx.run(accounts.insert().values(participant_id=woman, **linked))
        await _consent(tx, woman, given=True)
    return woman


async def _consent(tx: Tx, woman: int, *, given: bool) -> None:
    text = {"purpose": "seguimiento", "version": "1", "text_hash": "h", "how": "chat"}
    await tx.run(consents.insert().values(id=tx.ids.random(), participant_id=woman, given=given, at=tx.now, **text))


async def _stop(tx: Tx, woman: int) -> None:
    await stops.stop(tx, woman, "chat")


async def _rest(tx: Tx, woman: int) -> None:
    await pauses.pause(tx, woman, PauseKind.REST, until_on=date(2026, 3, 9), by=pauses.HERSELF)


async def _die(tx: Tx, woman: int) -> None:
    await tx.run(update(participants).where(participants.c.id == woman).values(died_on=date(2026, 3, 1)))


async def _withdraw(tx: Tx, woman: int) -> None:
    await _consent(tx, woman, given=False)


Change = Callable[[Tx, int], Awaitable[None]]


async def _in_hand(edge: Outgoing, her: int, *, urgency: Urgency) -> asyncio.Task[None]:
    """One parcel that the courier has taken, and that Telegram has sent back for a while."""
    edge.simulator.fail_next("sendMessage", Fault(429, retry_after=PARKED))
    await edge.post(101, "hola", urgency=urgency, participant_id=her)
    sending = asyncio.create_task(edge.courier().drain())
    await edge.simulator.wait_for(lambda: len(edge.simulator.refused) == 1, seconds=PATIENCE)
    return sending


async def _change(edge: Outgoing, her: int, *changes: Change) -> None:
    await asyncio.sleep(1)
    async with edge.store.database.transact() as tx:
        for change in changes:
            await change(tx, her)


@pytest.mark.parametrize("urgency", UNASKED)
@pytest.mark.parametrize(
    ("change", "why"),
    [(_stop, Held.STOPPED), (_rest, Held.PAUSED), (_die, Held.DIED), (_withdraw, Held.WITHDRAWN)],
)
async def test_what_changed_since_it_was_taken_in_hand_drops_it(
    edge: Outgoing, rosa: Phone, her: int, change: Change, why: Held, urgency: Urgency
) -> None:
    sending = await _in_hand(edge, her, urgency=urgency)
    await _change(edge, her, change)
    await sending
    (row,) = await edge.post.rows()
    assert heard(rosa) == []
    assert (row.state, row.reason, row.payload) == ("dropped", why, None)


@pytest.mark.parametrize("urgency", ASKED)
async def test_what_she_asked_for_leaves_whatever_she_wishes(
    edge: Outgoing, rosa: Phone, her: int, urgency: Urgency
) -> None:
    sending = await _in_hand(edge, her, urgency=urgency)
    await _change(edge, her, _stop, _rest, _die, _withdraw)
    await sending
    assert heard(rosa) == ["hola"]


@pytest.mark.holds("S-11")
async def test_what_waits_is_dropped_by_a_stop_and_never_sent_even_when_it_is_lifted(
    edge: Outgoing, rosa: Phone, her: int
) -> None:
    later = edge.store.clock() + timedelta(hours=1)
    await edge.post(101, "hola", urgency=Urgency.INVITATION, participant_id=her, ready_at=later)
    await _change(edge, her, _stop)
    assert await edge.post.ends() == [("dropped", Held.STOPPED)]
    async with edge.store.database.transact() as tx:
        assert await stops.lift(tx, her, "llamada")
    await asyncio.sleep(2 * 3600)
    await edge.courier().drain()
    assert heard(rosa) == []


@pytest.mark.parametrize(("asked_after", "told"), [(True, ["hola"]), (False, [])])
async def test_news_reach_her_only_of_what_she_asked_for_since(
    edge: Outgoing, rosa: Phone, her: int, told: list[str], *, asked_after: bool
) -> None:
    changes: list[Change] = [_stop, _ask_for_help] if asked_after else [_ask_for_help, _stop]
    for change in changes:
        await _change(edge, her, change, _rest)
    async with edge.store.database.transact() as tx:
        case = (await tx.run(select(cases.c.id))).scalar_one()
        said = Said(Phrase("hola"))
        await post(tx, [Parcel(f"case:{case}:on_its_way", "lane-101", 101, said, Urgency.NEWS, her)])
    await edge.courier().drain()
    assert heard(rosa) == told


async def _ask_for_help(tx: Tx, woman: int) -> None:
    await open_cases(tx, [(woman, "ayuda", None)])


async def test_a_pause_that_is_over_and_one_of_another_series_hold_nothing_back(
    edge: Outgoing, rosa: Phone, her: int
) -> None:
    async with edge.store.database.transact() as tx:
        await pauses.pause(tx, her, PauseKind.TRIP, until_on=date(2026, 3, 2), by=pauses.HERSELF)
        await pauses.pause(tx, her, PauseKind.REST, until_on=None, by=pauses.STAFF, series="m")
    await edge.post(101, "hola", urgency=Urgency.REMINDER, participant_id=her)
    await edge.courier().drain()
    assert heard(rosa) == ["hola"]


@pytest.mark.parametrize(("series", "state"), [("s", "dropped"), ("m", "sent")])
async def test_a_series_that_she_silenced_is_held_back_alone(
    edge: Outgoing, rosa: Phone, her: int, series: str, state: str
) -> None:
    await _invited(edge, her)
    async with edge.store.database.transact() as tx:
        await pauses.pause(tx, her, PauseKind.REST, until_on=None, by=pauses.STAFF, series=series)
    await edge.courier().drain()
    assert (await edge.post.states())[state] == 1


async def test_a_slow_queue_stops_at_the_end_of_her_hours(edge: Outgoing, rosa: Phone, her: int) -> None:
    await asyncio.sleep(TO_EVENING - PARKED / 2)
    sending = await _in_hand(edge, her, urgency=Urgency.BROADCAST)
    await sending
    assert heard(rosa) == []
    (row,) = await edge.post.rows()
    assert (row.state, row.ready_at) == ("ready", MORNING_AFTER)
    await asyncio.sleep((MORNING_AFTER - edge.store.clock()).total_seconds())
    await edge.courier().drain()
    assert heard(rosa) == ["hola"]


async def _prefer(edge: Outgoing, her: int, **hers: str) -> None:
    await asyncio.sleep(1)
    async with edge.store.database.transact() as tx:
        await tx.run(update(preferences).where(preferences.c.participant_id == her).values(**hers))


@pytest.mark.parametrize(
    ("hers", "opens"),
    [
        ({"zone": "America/Cancun"}, datetime(2026, 3, 3, 14, tzinfo=UTC)),
        ({"slot": "manana"}, MORNING_AFTER),
        ({"days": "5"}, datetime(2026, 3, 7, 15, tzinfo=UTC)),
    ],
)
async def test_her_zone_her_hours_and_her_days_are_those_of_the_moment(
    edge: Outgoing, rosa: Phone, her: int, hers: dict[str, str], opens: datetime
) -> None:
    await asyncio.sleep(TO_EVENING - 3600)  # 19:30 in Mexico City, and 20:30 in Cancun
    sending = await _in_hand(edge, her, urgency=Urgency.INVITATION)
    await _prefer(edge, her, **hers)
    await sending
    (row,) = await edge.post.rows()
    assert (row.state, row.ready_at) == ("ready", opens)
    assert heard(rosa) == []


async def test_taking_buttons_away_says_nothing_and_is_not_held_back(edge: Outgoing, rosa: Phone, her: int) -> None:
    await edge.post(101, "hola", sprint=1)
    await edge.courier().drain()
    await edge.post(101, ButtonsRemoved(SESSION, 1), urgency=Urgency.REMINDER, participant_id=her)
    await _change(edge, her, _stop)
    await edge.courier().drain()
    assert await edge.post.states() == {"sent": 2}


async def test_while_the_store_does_not_answer_nothing_unasked_leaves(edge: Outgoing, rosa: Phone, her: int) -> None:
    sending = await _in_hand(edge, her, urgency=Urgency.INVITATION)
    await edge.rename("pauses", "elsewhere")
    await asyncio.sleep(PARKED + 10)
    assert heard(rosa) == []
    await edge.rename("elsewhere", "pauses")
    await sending
    assert heard(rosa) == ["hola"]


# --- the store holds what nobody can read


async def _no_such_zone(tx: Tx, woman: int) -> None:
    await tx.run(update(preferences).where(preferences.c.participant_id == woman).values(zone="Nowhere"))


async def _no_such_pause(tx: Tx, woman: int) -> None:
    rest = {"id": tx.ids.random(), "participant_id": woman, "kind": "nothing", "since_at": tx.now, "asked_by": "-"}
    await tx.run(schema.pauses.insert().values(**rest))


@pytest.mark.parametrize("change", [_no_such_zone, _no_such_pause])
async def test_one_woman_of_whom_nobody_can_tell_keeps_no_other_waiting(
    edge: Outgoing, rosa: Phone, her: int, change: Change
) -> None:
    ana = edge.phone(102)
    async with edge.store.database.transact() as tx:
        (other,) = await people.add_participants(tx, [people.NewParticipant("R-2", "Ana", "America/Mexico_City")])
        await change(tx, her)
    await edge.post(101, "hola", urgency=Urgency.REMINDER, participant_id=her)
    await edge.post(102, "hola", urgency=Urgency.REMINDER, participant_id=other)
    await edge.courier().drain()
    await edge.post(101, "sí", participant_id=her)
    await edge.courier().drain()
    assert (heard(rosa), heard(ana)) == (["sí"], ["hola"])
    assert await edge.post.ends() == [("ready", NOT_SAID), ("sent", None), ("sent", None)]
    async with edge.store.database.transact() as tx:
        assert await due.outbox_stands_still(tx, tx.now)  # and if nothing else leaves, that is told
        await tx.run(update(preferences).values(zone="America/Mexico_City"))
        await tx.run(schema.pauses.delete())
    await asyncio.sleep(ASK_AGAIN.total_seconds())
    await edge.courier().drain()
    assert heard(rosa) == ["sí", "hola"]
    assert (await edge.post.ends())[0] == ("sent", None)


# --- the plan whose calendar counts

POINTS, LATE = read_plan(SHIPPED_PLAN).points, Calendar(quiet_until=time(11))
PLANS = Plans.of(
    Plan(name="early", points=POINTS),
    Plan(name="late", points=POINTS, calendar=LATE),
    Plan(name="tijuana", points=POINTS, calendar=LATE, who=Group(centre=("tijuana",))),
)
ELEVEN = datetime(2026, 3, 2, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hers", "opens"),
    [
        ({"plan": None}, None),
        ({"plan": "late"}, ELEVEN),
        ({"centre": "tijuana"}, ELEVEN),
        ({"centre": "tijuana", "plan": "early"}, None),
        ({"plan": "gone"}, None),
    ],
)
@pytest.mark.parametrize("urgency", [Urgency.NEWS, Urgency.BROADCAST])
async def test_the_calendar_is_that_of_her_plan(
    edge: Outgoing, rosa: Phone, her: int, hers: dict[str, str | None], opens: datetime | None, urgency: Urgency
) -> None:
    async with edge.store.database.transact() as tx:
        await tx.run(update(participants).values(**hers))
    await edge.post(101, "hola", urgency=urgency, participant_id=her)
    await edge.courier(hours=hours_by(PLANS, edge.store.clock)).drain()
    (row,) = await edge.post.rows()
    assert (row.state, row.ready_at if opens else None) == ("ready" if opens else "sent", opens)


@pytest.mark.parametrize(("of_row", "of_hers", "state"), [("late", "early", "ready"), ("early", "late", "sent")])
async def test_the_calendar_is_that_of_the_plan_that_the_check_in_belongs_to(
    edge: Outgoing, rosa: Phone, her: int, of_row: str, of_hers: str, state: str
) -> None:
    await _invited(edge, her)
    async with edge.store.database.transact() as tx:
        await tx.run(update(checkins).values(plan=of_row))
        await tx.run(update(participants).values(plan=of_hers))
    await edge.courier(hours=hours_by(PLANS, edge.store.clock)).drain()
    assert await edge.post.states() == {state: 1}


# --- an invitation that never left


async def _invited(edge: Outgoing, her: int) -> int:
    """A check-in of the series `s` whose invitation waits in the outbox; returns its id."""
    now = edge.store.clock()
    ends: dict[str, Any] = {"due_on": now.date(), "opens_at": now, "closes_at": now + timedelta(days=7)}
    async with edge.store.database.transact() as tx:
        expected = NewCheckin(her, "p", "s1", "s", "llegada", CheckinState.EXPECTED, now, **ends)
        await ledger.expect(tx, [expected])
        checkin = int((await tx.run(select(checkins.c.id))).scalar_one())
        opened = {"id": SESSION, "lane": "lane-101", "participant_id": her, "checkin_id": checkin, "sprint": 1}
        times = {"opened_at": tx.now}
        await tx.run(sessions.insert().values(dialogue="checkin", state=b"-", **opened, **times))
        await _post_invitation(tx, her)
        await ledger.invited(tx, [(checkin, now + timedelta(days=1))])
    return checkin


async def _post_invitation(tx: Tx, her: int) -> None:
    said = Said(Phrase("hola"), (), SESSION, 1)
    await post(tx, [Parcel("invite:0", "lane-101", 101, said, Urgency.INVITATION, her, SESSION)])


@pytest.mark.parametrize("change", [_stop, _rest])
async def test_an_invitation_that_never_left_was_never_made(
    edge: Outgoing, rosa: Phone, her: int, change: Change
) -> None:
    checkin = await _invited(edge, her)
    await _change(edge, her, change)
    await edge.courier().drain()
    assert heard(rosa) == []
    async with edge.store.database.transact() as tx:
        row = (await tx.run(select(checkins).where(checkins.c.id == checkin))).one()
        assert (row.state, row.invited_at, row.next_at) == (CheckinState.EXPECTED, None, tx.now)
        await _post_invitation(tx, her)  # it may be made again, for the same cause
    assert [row.state for row in await edge.post.rows()] == ["dropped", "ready"]


async def test_a_reminder_that_was_dropped_takes_no_invitation_back(edge: Outgoing, rosa: Phone, her: int) -> None:
    checkin = await _invited(edge, her)
    await edge.courier().drain()
    await edge.post(101, "otra vez", urgency=Urgency.REMINDER, participant_id=her)
    await _change(edge, her, _stop)
    async with edge.store.database.read() as tx:
        row = (await tx.run(select(checkins).where(checkins.c.id == checkin))).one()
    assert row.state == CheckinState.INVITED
    assert heard(rosa) == ["hola"]


# --- the check itself


async def test_each_reason_has_its_turn_and_death_comes_first(edge: Outgoing, her: int) -> None:
    parcel = Parcel("o", "lane-101", 101, Said(Phrase("hola")), Urgency.INVITATION, her)
    async with edge.store.database.transact() as tx:
        assert await leaving.may_leave(tx, [parcel]) == [leaving.HerHours("America/Mexico_City", "cualquiera")]
        for change, why in (
            (_rest, Held.PAUSED),
            (_withdraw, Held.WITHDRAWN),
            (_stop, Held.STOPPED),
            (_die, Held.DIED),
        ):
            await change(tx, her)
            assert await leaving.may_leave(tx, [parcel]) == [why]
        assert {state for (state,) in await tx.run(select(outbox.c.state))} == set()
