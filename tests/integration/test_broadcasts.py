"""A broadcast from its draft to its report, through the real bot: who gets it, when, who does not, who may do what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.demo.phone import Phone
from storage import broadcast_desk, broadcasts, members, people, recipients
from storage.broadcast_desk import Broadcast
from storage.broadcasts import BroadcastState, Definition, MakerApproves, NobodyGetsIt, Rules, When
from storage.cases import open_cases
from storage.cases_kinds import RISK
from storage.database import Conflict
from storage.members import Member, Role
from storage.notices import Content
from storage.pauses import PauseKind
from storage.recipients import RecipientState
from storage.schema import audit, checkins, outbox, sessions
from storage.schema import recipients as kept
from storage.segments import Excluded, Segment, Spacing
from tests.support.fieldwork import Fieldwork, fieldwork, without_threads
from tests.support.office import Office
from tests.support.world import START, Store

HELLO = Content("Hola, {nombre}: el viernes hay taller de cocina.")
ALL = Definition(HELLO, Segment())
CHATS = range(501, 600)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Fieldwork]:
    async with fieldwork(store) as bot:
        yield bot


@pytest.fixture(autouse=True)
def _quickly() -> Any:
    with without_threads():
        yield


async def women(here: Fieldwork, count: int) -> tuple[list[int], list[Phone]]:
    """So many women with linked chats, of whom no check-in is due."""
    ids = await Office(here).register(None, count=count)
    return ids, [await here.link(woman, chat) for woman, chat in zip(ids, CHATS, strict=False)]


async def member(here: Fieldwork, role: Role = Role.COORDINATOR) -> Member:
    async with here.store.database.transact() as tx:
        await members.invite_staff(tx, "Lupe Prueba", role=role)
        return Member(max(one.staff for one in await members.listed(tx) if one.role is role), role)


async def submitted(
    here: Fieldwork, definition: Definition = ALL, *, by: Member | None = None, rules: Rules | None = None
) -> int:
    async with here.store.database.transact() as tx:
        id_ = await broadcasts.draft(tx, definition, by=None if by is None else by.staff)
        await broadcasts.submit(tx, id_, by, rules=rules or Rules())
    return id_


async def look(here: Fieldwork, broadcast: int) -> Broadcast:
    async with here.store.database.read() as tx:
        found = await broadcast_desk.get(tx, broadcast)
    assert found is not None
    return found


async def step(here: Fieldwork, move: Any, broadcast: int, **more: Any) -> Any:
    async with here.store.database.transact() as tx:
        return await move(tx, broadcast, **{"by": None, **more})


def lines(phones: Sequence[Phone]) -> list[int]:
    """How many messages of the bot each phone has."""
    return [sum(message.sender == "bot" for message in phone.history) for phone in phones]


async def passes(here: Fieldwork, time: timedelta = 2 * MINUTE) -> None:
    await here.pass_to(here.now + time)


# --- sending


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


# --- who may do what


async def test_above_a_number_a_second_person_approves_and_never_the_maker(here: Fieldwork) -> None:
    _, phones = await women(here, 3)
    maker, other = await member(here), await member(here, Role.ADMIN)
    id_ = await submitted(here, by=maker, rules=Rules(approval_above=2))
    assert (await look(here, id_)).state is BroadcastState.WAITING_APPROVAL
    await passes(here, timedelta(hours=1))
    assert lines(phones) == [0] * 3
    with pytest.raises(MakerApproves):
        await step(here, broadcasts.approve, id_, by=maker.staff)
    await step(here, broadcasts.approve, id_, by=other.staff)
    with pytest.raises(Conflict):
        await step(here, broadcasts.approve, id_, by=None)
    await passes(here)
    found = await look(here, id_)
    assert (found.state, found.approved_by, lines(phones)) == (BroadcastState.DONE, other.staff, [1] * 3)


async def test_up_to_the_number_nobody_else_is_needed(here: Fieldwork) -> None:
    await women(here, 2)
    id_ = await submitted(here, rules=Rules(approval_above=2))
    assert (await look(here, id_)).state is BroadcastState.SCHEDULED


async def test_undo_makes_it_a_draft_again_that_can_be_changed(here: Fieldwork) -> None:
    _, phones = await women(here, 2)
    maker = await member(here)
    id_ = await submitted(here, by=maker)
    await step(here, broadcasts.take_back, id_, by=maker.staff)
    await passes(here)
    found = await look(here, id_)
    assert (found.state, found.total, found.list_hash, lines(phones)) == (BroadcastState.DRAFT, 0, None, [0, 0])
    assert await submitted(here, by=maker) == id_
    await passes(here)
    with pytest.raises(Conflict):
        await step(here, broadcasts.take_back, id_, by=maker.staff)
    assert lines(phones) == [1, 1]


async def test_paused_nothing_leaves_and_resumed_everybody_gets_it_once(here: Fieldwork) -> None:
    _, phones = await women(here, 3)
    id_ = await submitted(here)
    await step(here, broadcasts.pause, id_)
    with pytest.raises(Conflict):
        await step(here, broadcasts.pause, id_)
    await passes(here, timedelta(hours=1))
    assert lines(phones) == [0] * 3
    await step(here, broadcasts.resume, id_)
    await passes(here)
    assert lines(phones) == [1] * 3


async def test_called_off_whoever_waits_does_not_get_it(here: Fieldwork) -> None:
    _, phones = await women(here, 3)
    id_ = await submitted(here)
    await step(here, broadcasts.cancel, id_)
    await passes(here, timedelta(hours=1))
    found = await look(here, id_)
    assert (found.state, found.tally) == (BroadcastState.CANCELLED, {RecipientState.SKIPPED: 3})
    assert (lines(phones), found.next_at) == ([0] * 3, None)
    for move in (broadcasts.cancel, broadcasts.pause, broadcasts.resume, broadcasts.take_back):
        with pytest.raises(Conflict):
            await step(here, move, id_)


async def test_retired_its_lines_go_from_the_chats(here: Fieldwork) -> None:
    _, phones = await women(here, 2)
    id_ = await submitted(here)
    with pytest.raises(Conflict):
        await step(here, broadcasts.retire, id_)
    await passes(here)
    assert [len(phone.messages) for phone in phones] == [1, 1]
    retired = await step(here, broadcasts.retire, id_)
    await here.settle()
    assert [len(phone.messages) for phone in phones] == [0, 0]
    assert (retired.deleted, retired.stayed) == (2, 0)
    assert (await look(here, id_)).retired == retired


async def test_each_step_is_in_the_audit_trail(here: Fieldwork) -> None:
    await women(here, 1)
    id_ = await submitted(here)
    for move in (broadcasts.pause, broadcasts.resume, broadcasts.cancel):
        await step(here, move, id_)
    async with here.store.database.read() as tx:
        rows = await tx.run(select(audit).where(audit.c.subject == str(id_)).order_by(audit.c.number))
        done = [row.action for row in rows]
    assert done == [f"broadcast_{one}" for one in ("drafted", "scheduled", "paused", "scheduled", "cancelled")]


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
    assert (await look(here, id_)).excluded == {Excluded.RECENT: 1, Excluded.CRISIS: 1}
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
        await tx.run(sessions.insert().values(**row, opened_at=tx.now, updated_at=tx.now))
        assert (await broadcast_desk.segments.count(tx, Segment())).in_sitting == 1
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
