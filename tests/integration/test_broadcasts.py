"""A broadcast from its draft to its report, through the real bot: who gets it, when, and who does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from storage import broadcast_desk, broadcasts, people, recipients, segments
from storage.broadcasts import BroadcastState, Definition, NobodyGetsIt, Rules, When
from storage.cases import open_cases
from storage.cases_kinds import RISK
from storage.members import Role
from storage.notices import Content
from storage.pauses import PauseKind
from storage.recipients import RecipientState
from storage.schema import checkins, outbox, sessions
from storage.schema import recipients as kept
from storage.segments import Excluded, Segment, Spacing
from tests.support.fieldwork import Fieldwork, fieldwork
from tests.support.mailings import ALL, CHATS, HELLO, MINUTE, lines, look, member, passes, step, submitted, women
from tests.support.office import Office
from tests.support.world import START, Store


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Fieldwork]:
    async with fieldwork(store) as bot:
        yield bot


# --- sending


@pytest.mark.holds("T-phone-1")
async def test_everybody_gets_one_harmless_line_once_the_undo_window_is_over(here: Fieldwork) -> None:
    _, phones = await women(here, 5)
    id_ = await submitted(here)
    await passes(here, timedelta(seconds=59))
    assert lines(phones) == [0] * 5
    await passes(here)
    assert lines(phones) == [1] * 5
    assert not any("cocina" in message.text for phone in phones for message in phone.history)
    found = await look(here, id_)
    assert (found.state, found.total, found.tally) == (BroadcastState.DONE, 5, {RecipientState.SENT: 5})
    assert found.next_at is None
    assert not here.failures.told


async def test_what_was_sent_is_read_by_name_at_her_tap(here: Fieldwork) -> None:
    _, (phone,) = await women(here, 1)
    await submitted(here)
    await passes(here)
    phone.tap(phone.messages[-1].message_id, "Abrir")
    await here.settle()
    assert "el viernes hay taller de cocina" in phone.messages[-1].text.lower()
    assert "{" not in phone.messages[-1].text


async def test_who_has_an_earlier_line_unopened_gets_no_second_one_and_counts_as_reached(here: Fieldwork) -> None:
    _, phones = await women(here, 2)
    for _ in range(2):
        id_ = await submitted(here, rules=Rules(spacing=Spacing(0)))
        await passes(here)
    assert lines(phones) == [1, 1]
    async with here.store.database.read() as tx:
        assert await recipients.reasons(tx, id_) == {(RecipientState.SENT, recipients.UNOPENED): 2}


async def test_a_local_hour_is_that_of_each_womans_zone(here: Fieldwork) -> None:
    zones = ("America/Cancun", "America/Mexico_City", "America/Tijuana")
    office = Office(here)
    ids = [woman for zone in zones for woman in await office.register(None, zone=zone)]
    phones = [await here.link(woman, chat) for woman, chat in zip(ids, CHATS, strict=False)]
    when = When(date(2026, 3, 4), 12)
    await submitted(here, Definition(HELLO, Segment(), when))
    await here.pass_to(datetime(2026, 3, 5, tzinfo=START.tzinfo))
    heard = [next(m.sent_at for m in phone.history if m.sender == "bot") for phone in phones]
    assert [at.hour for at in heard] == [17, 18, 20]


async def test_at_night_it_waits_for_each_womans_morning(here: Fieldwork) -> None:
    _, phones = await women(here, 3)
    here.store.clock.advance(hours=12)
    id_ = await submitted(here)
    await passes(here, timedelta(hours=2))
    assert lines(phones) == [0] * 3
    found = await look(here, id_)
    assert found.tally == {RecipientState.WAITING: 3}
    assert found.next_at is not None
    assert found.next_at - here.now > timedelta(hours=5)
    await passes(here, timedelta(hours=12))
    assert lines(phones) == [1] * 3


async def test_it_repeats_with_a_fresh_list_until_it_is_called_off(here: Fieldwork) -> None:
    _, phones = await women(here, 2)
    when = When(date(2026, 3, 4), 12, repeat_weeks=2)
    await submitted(here, Definition(HELLO, Segment(), when), rules=Rules(spacing=Spacing(0)))
    await here.pass_to(datetime(2026, 3, 5, tzinfo=START.tzinfo))
    async with here.store.database.read() as tx:
        following, first = await broadcast_desk.listed(tx)
    assert (first.state, following.state) == (BroadcastState.DONE, BroadcastState.SCHEDULED)
    assert following.definition.when == replace(when, send_on=date(2026, 3, 18))
    assert (following.total, following.list_hash) == (0, None)
    await here.pass_to(datetime(2026, 3, 19, tzinfo=START.tzinfo))
    assert (await look(here, following.id)).total == 2
    async with here.store.database.read() as tx:
        latest = (await broadcast_desk.listed(tx))[0]
    await step(here, broadcasts.cancel, latest.id)
    await here.pass_to(datetime(2026, 4, 10, tzinfo=START.tzinfo))
    async with here.store.database.read() as tx:
        assert len(await broadcast_desk.listed(tx)) == 3
    assert lines(phones) == [1, 1]


async def test_an_approval_covers_so_many_as_were_approved_and_a_longer_list_waits_for_another(here: Fieldwork) -> None:
    rules = Rules(approval_above=2, spacing=Spacing(0))
    here.machine.mailings._rules = rules
    *three, fourth = await Office(here).register(None, count=4)
    for woman, chat in zip(three, CHATS, strict=False):
        await here.link(woman, chat)
    when = When(date(2026, 3, 4), 12, repeat_weeks=1)
    first = await submitted(here, Definition(HELLO, Segment(), when), rules=rules)
    await step(here, broadcasts.approve, first, by=(await member(here)).staff)
    await here.pass_to(datetime(2026, 3, 12, tzinfo=START.tzinfo))
    async with here.store.database.read() as tx:
        third, second, _ = await broadcast_desk.listed(tx)
    assert (second.state, second.total) == (BroadcastState.DONE, 3)
    await here.link(fourth, CHATS[3])
    await here.pass_to(datetime(2026, 3, 20, tzinfo=START.tzinfo))
    grown = await look(here, third.id)
    assert (grown.state, grown.total, grown.approved_by) == (BroadcastState.WAITING_APPROVAL, 4, None)


# --- who does not get it


async def test_who_changes_after_the_list_was_frozen_is_skipped_and_nobody_joins(here: Fieldwork) -> None:
    ids, phones = await women(here, 3)
    id_ = await submitted(here)
    office = Office(here)
    await office.stop(ids[0])
    await office.pause(ids[1], PauseKind.TRIP, None)
    before = (await look(here, id_)).list_hash
    async with here.store.database.transact() as tx:
        woman = people.NewParticipant("R-late", "Luz Prueba", "America/Mexico_City")
        (late,) = await people.add_participants(tx, [woman])
    phone = await here.link(late, 599)
    await passes(here)
    assert lines([*phones, phone]) == [0, 0, 1, 0]
    async with here.store.database.read() as tx:
        assert await recipients.reasons(tx, id_) == {
            (RecipientState.SENT, None): 1,
            (RecipientState.SKIPPED, "stopped"): 1,
            (RecipientState.SKIPPED, "resting"): 1,
        }
        assert recipients.list_hash(await recipients.listed(tx, id_)) == before


async def test_who_has_blocked_us_and_what_telegram_refuses_is_told_apart(here: Fieldwork) -> None:
    _, phones = await women(here, 3)
    id_ = await submitted(here)
    phones[0].block()
    here.line.refuses[phones[1].chat.user_id] = "Bad Request: whatever"
    await here.pass_to(here.now + MINUTE / 2)  # that she blocked us has not been heard of yet
    await passes(here)
    assert (await look(here, id_)).tally[RecipientState.SENT] == 1
    async with here.store.database.read() as tx:
        found = await recipients.reasons(tx, id_)
    assert (RecipientState.FAILED, "bad_request") in found
    assert sum(found.values()) == 3


async def test_an_empty_segment_is_refused_and_nothing_is_left(here: Fieldwork) -> None:
    await women(here, 1)
    with pytest.raises(NobodyGetsIt):
        await submitted(here, Definition(HELLO, Segment(centres=("nowhere",))))
    async with here.store.database.read() as tx:
        assert (await tx.run(select(func.count()).select_from(kept))).scalar_one() == 0


async def test_a_member_has_one_draft_and_sees_her_own_broadcasts(here: Fieldwork) -> None:
    await women(here, 1)
    maker, boss, auditor = await member(here, Role.STAFF), await member(here), await member(here, Role.AUDITOR)
    async with here.store.database.transact() as tx:
        first = await broadcasts.draft(tx, ALL, by=maker.staff)
        second = await broadcasts.draft(tx, Definition(Content("Otra cosa"), Segment()), by=maker.staff)
        assert first == second
        kept = await broadcast_desk.DraftOf(maker).find(tx)
        assert kept is not None
        assert kept.definition.content.text == "Otra cosa"
        assert await broadcast_desk.DraftOf(boss).find(tx) is None
        seen = [await broadcast_desk.BroadcastById(first, one).find(tx) is not None for one in (maker, boss, auditor)]
    assert seen == [True, True, False]


async def test_only_a_few_seconds_worth_waits_in_the_outbox(here: Fieldwork) -> None:
    await women(here, 60)
    mailings = here.machine.mailings
    mailings._window = 20
    id_ = await submitted(here, rules=Rules(approval_above=60))
    here.store.clock.advance(minutes=2)
    assert await mailings.step() == 20
    here.store.clock.advance(seconds=2)
    assert await mailings.step() == 0
    assert (await look(here, id_)).tally == {RecipientState.WAITING: 40, RecipientState.POSTED: 20}
    await passes(here)
    assert (await look(here, id_)).tally == {RecipientState.SENT: 60}


async def test_who_was_in_a_crisis_or_got_one_lately_is_left_out_with_the_reason(here: Fieldwork) -> None:
    ids, phones = await women(here, 3)
    await submitted(here, Definition(HELLO, Segment(record_ids=("R-0",))))
    await passes(here)
    async with here.store.database.transact() as tx:
        await open_cases(tx, [(ids[1], RISK, None)])
    id_ = await submitted(here)
    assert (await look(here, id_)).excluded == {Excluded.RECENT: 1, Excluded.RESTING: 1}
    await passes(here)
    assert lines(phones) == [1, 0, 1]


async def test_who_sits_over_her_questions_gets_it_a_little_later(here: Fieldwork) -> None:
    ids, (phone, _) = await women(here, 2)
    async with here.store.database.transact() as tx:
        hers = (await tx.run(select(checkins.c.id).where(checkins.c.participant_id == ids[0]).limit(1))).scalar_one()
        begun = {"state": "started", "started_at": tx.now, "next_at": tx.now + timedelta(days=9), "owner": "bot"}
        dated = {"due_on": date(2026, 3, 2), "opens_at": tx.now, "closes_at": tx.now + timedelta(days=9)}
        await tx.run(update(checkins).where(checkins.c.id == hers).values(**begun, **dated))
        row = {"id": 5, "lane": "elsewhere", "dialogue": "checkin", "sprint": 1, "state": b"", "checkin_id": hers}
        await tx.run(sessions.insert().values(**row, opened_at=tx.now))
        assert (await segments.count(tx, Segment())).in_sitting == 1
    await submitted(here)
    await passes(here)
    assert lines([phone]) == [0]
    await passes(here, timedelta(minutes=45))
    assert lines([phone]) == [1]


async def test_an_idle_tick_does_nothing_about_broadcasts(here: Fieldwork) -> None:
    await women(here, 1)
    id_ = await submitted(here)
    await passes(here)
    await here.keep_house()
    assert not here.machine.mailings.busy
    async with here.store.database.read() as tx:
        assert await broadcasts.due(tx) == []
        origins = list((await tx.run(select(outbox.c.origin).order_by(outbox.c.id))).scalars())
    assert [origin.startswith(f"broadcast:{id_}:notice:") for origin in origins] == [True]
