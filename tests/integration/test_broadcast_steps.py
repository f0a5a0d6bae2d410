"""The steps of a broadcast, through the real bot: who may take which, and what then still leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.demo.phone import Phone
from storage import broadcasts, recipients
from storage.broadcasts import BroadcastState, MakerApproves, Rules
from storage.database import Conflict
from storage.members import Role
from storage.recipients import RecipientState
from storage.schema import audit
from tests.support.fieldwork import Fieldwork, fieldwork
from tests.support.mailings import MINUTE, lines, look, member, passes, step, submitted, women
from tests.support.world import START, Store


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Fieldwork]:
    async with fieldwork(store) as bot:
        yield bot


@pytest.mark.holds("S-5")
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


async def waiting_for_her_hours(here: Fieldwork, count: int) -> tuple[int, list[Phone]]:
    """A broadcast whose lines were ready when the day ended, and could not leave any more."""
    _, phones = await women(here, count)
    id_ = await submitted(here)
    here.store.clock.at += 2 * MINUTE
    await here.machine.mailings.step()
    here.store.clock.at = START.replace(hour=4) + timedelta(days=1)  # ten in the evening where she lives
    await here.settle()
    assert lines(phones) == [0] * count
    assert (await look(here, id_)).tally == {RecipientState.POSTED: count}
    return id_, phones


async def test_called_off_no_line_comes_when_her_hours_begin(here: Fieldwork) -> None:
    id_, phones = await waiting_for_her_hours(here, 3)
    await step(here, broadcasts.cancel, id_)
    await passes(here, timedelta(days=1))
    assert lines(phones) == [0] * 3
    found = await look(here, id_)
    assert found.tally == {RecipientState.SKIPPED: 3}
    async with here.store.database.read() as tx:
        assert await recipients.reasons(tx, id_) == {(RecipientState.SKIPPED, recipients.CANCELLED): 3}


async def test_paused_no_line_comes_when_her_hours_begin_and_all_come_once_it_goes_on(here: Fieldwork) -> None:
    id_, phones = await waiting_for_her_hours(here, 3)
    await step(here, broadcasts.pause, id_)
    await passes(here, timedelta(days=1))
    assert lines(phones) == [0] * 3
    await step(here, broadcasts.resume, id_)
    await passes(here, timedelta(days=1))
    assert lines(phones) == [1] * 3
    assert (await look(here, id_)).tally == {RecipientState.SENT: 3}


async def test_whose_answer_is_lost_gets_no_second_copy_and_is_told_of(here: Fieldwork) -> None:
    _, phones = await women(here, 2)
    id_ = await submitted(here)
    here.line.loses_answer = True
    await passes(here)
    assert sorted(lines(phones)) == [1, 1]
    found = await look(here, id_)
    assert found.tally == {RecipientState.SENT: 1, RecipientState.UNKNOWN: 1}
    assert "parcel_unknown" in here.failures.told[0]


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


async def test_retired_twice_it_says_what_both_did(here: Fieldwork) -> None:
    _, phones = await women(here, 2)
    id_ = await submitted(here)
    await passes(here)
    first = await step(here, broadcasts.retire, id_)
    second = await step(here, broadcasts.retire, id_)
    await here.settle()
    assert (first.deleted, second.deleted) == (2, 0)
    assert (await look(here, id_)).retired == first
    assert [len(phone.messages) for phone in phones] == [0, 0]
