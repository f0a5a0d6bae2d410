"""Whom a segment means, who of them gets nothing now and why, and a line of which nobody knows whether it arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from storage import broadcast_desk, broadcasts, mail, members, segments
from storage.broadcasts import Definition, Rules
from storage.fates import Fate
from storage.members import Member, Role
from storage.mentions import mentions
from storage.notices import Content
from storage.people import NewParticipant, add_participants
from storage.recipients import RecipientState
from storage.schema import checkins, imports, participants
from storage.segments import Excluded, Segment, Spacing, months_before
from tests.support.fieldwork import Fieldwork, fieldwork
from tests.support.office import Office
from tests.support.training import enrolled_in
from tests.support.world import Store


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Fieldwork]:
    async with fieldwork(store) as bot:
        yield bot


async def women(here: Fieldwork, count: int) -> list[int]:
    ids = await Office(here).register(None, count=count)
    for number, woman in enumerate(ids):
        await here.link(woman, 501 + number)
    return ids


async def become(here: Fieldwork, woman: int, **values: object) -> None:
    async with here.store.database.transact() as tx:
        await tx.run(update(participants).where(participants.c.id == woman).values(**values))


async def chosen(here: Fieldwork, segment: Segment, member: Member | None = None) -> Sequence[int]:
    async with here.store.database.read() as tx:
        return (await segments.choose(tx, segment, member)).included


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
        (date(1, 1, 1), 5, date.min),
    ],
)
def test_months_are_counted_back(day: date, months: int, earlier: date) -> None:
    assert months_before(day, months) == earlier


async def test_each_condition_narrows_and_all_hold_at_once(here: Fieldwork) -> None:
    a, b, c = await women(here, 3)
    await become(here, a, centre="norte", cohort="2026", release_on=date(2026, 1, 2))
    await become(here, b, centre="norte", cohort="2025", release_on=date(2025, 11, 2))
    await become(here, c, centre="sur", cohort="2025")
    assert await chosen(here, Segment(centres=("norte",))) == sorted([a, b])
    assert await chosen(here, Segment(centres=("norte", "sur"), cohorts=("2025",))) == sorted([b, c])
    assert await chosen(here, Segment(months_from=2, months_to=3)) == [a]
    assert await chosen(here, Segment(months_from=3)) == [b]
    assert await chosen(here, Segment(record_ids=("R-0", "R-2"), cohorts=("2025",))) == [c]
    async with here.store.database.read() as tx:
        assert await segments.choices(tx) == segments.Choices(("norte", "sur"), ("2025", "2026"))


async def test_axis_and_workshop_are_those_of_one_enrolment_that_holds_and_was_attended(here: Fieldwork) -> None:
    a, b, c, d, e, f, g = await women(here, 7)
    async with here.store.database.transact() as tx:
        file = {"kind": "registry", "file_name": b"", "file_hash": "", "imported_by": "command"}
        await tx.run(imports.insert().values(id=1, at=tx.now, **file))
        await enrolled_in(tx, a, "costura")
        await enrolled_in(tx, a, "autoestima", axis="salud_mental")
        await enrolled_in(tx, b, "costura", sessions_attended=None, completed=True)
        await enrolled_in(tx, c, "panaderia")
        await enrolled_in(tx, d, "costura", sessions_attended=0, completed=True)
        await enrolled_in(tx, e, "costura", sessions_attended=None)
        await enrolled_in(tx, f, "costura", replaced_at=tx.now)
        await enrolled_in(tx, g, "joyeria", import_id=1)
    assert await chosen(here, Segment(workshops=("costura",))) == sorted([a, b])
    assert await chosen(here, Segment(workshops=("costura", "panaderia", "joyeria"))) == sorted([a, b, c])
    assert await chosen(here, Segment(axes=("laboral",))) == sorted([a, b, c])
    assert await chosen(here, Segment(axes=("salud_mental",))) == [a]
    assert await chosen(here, Segment(axes=("salud_mental",), workshops=("costura",))) == [], "not of two enrolments"
    assert await chosen(here, Segment(axes=("laboral",), cohorts=("2031",))) == []
    async with here.store.database.read() as tx:
        found = await segments.choices(tx)
    assert (found.axes, found.workshops) == (("laboral", "salud_mental"), ("autoestima", "costura", "panaderia"))


async def test_of_what_others_attended_a_promotora_is_offered_nothing(here: Fieldwork) -> None:
    a, b = await women(here, 2)
    async with here.store.database.transact() as tx:
        await members.invite_staff(tx, "Lupe Prueba", role=Role.STAFF)
        lupe = Member((await members.listed(tx))[0].staff, Role.STAFF)
        await enrolled_in(tx, a, "costura")
        await enrolled_in(tx, b, "trauma", axis="salud_mental")
    await become(here, a, staff_id=lupe.staff)
    async with here.store.database.read() as tx:
        found = await segments.choices(tx, lupe)
    assert (found.axes, found.workshops) == (("laboral",), ("costura",))
    assert await chosen(here, Segment(axes=("salud_mental",)), lupe) == []


async def test_the_last_outcome_is_the_fate_of_her_latest_closed_check_in(here: Fieldwork) -> None:
    a, b = await women(here, 2)
    async with here.store.database.transact() as tx:
        for woman, fates in ((a, (Fate.COMPLETED, Fate.UNREACHABLE)), (b, (Fate.UNREACHABLE, Fate.COMPLETED))):
            for number, (point, fate) in enumerate(zip(("m1", "m3"), fates, strict=True)):
                closed = {"state": "closed", "fate": fate, "closed_at": tx.now + timedelta(days=number), "owner": None}
                hers = (checkins.c.participant_id == woman) & (checkins.c.point == point)
                await tx.run(update(checkins).where(hers).values(**closed, next_at=None))
    assert await chosen(here, Segment(last_fates=(Fate.UNREACHABLE,))) == [a]
    assert await chosen(here, Segment(last_fates=(Fate.REFUSED,))) == []


async def test_a_promotora_reaches_her_own_women_alone_whatever_she_asks_for(here: Fieldwork) -> None:
    a, b = await women(here, 2)
    async with here.store.database.transact() as tx:
        await members.invite_staff(tx, "Lupe Prueba", role=Role.STAFF)
        lupe = Member((await members.listed(tx))[0].staff, Role.STAFF)
    await become(here, a, staff_id=lupe.staff)
    auditor = Member(lupe.staff, Role.AUDITOR)
    assert await chosen(here, Segment(), lupe) == [a]
    assert await chosen(here, Segment(record_ids=("R-1",)), lupe) == []
    assert await chosen(here, Segment(), auditor) == []
    assert await chosen(here, Segment(caseload=lupe.staff)) == [a]
    assert await chosen(here, Segment()) == sorted([a, b])
    async with here.store.database.read() as tx:
        count = await segments.count(tx, Segment(record_ids=("R-1", "R-7")), lupe)
    assert count.unknown == ("R-1", "R-7")


async def test_who_gets_nothing_is_counted_under_one_reason(here: Fieldwork) -> None:
    office = Office(here)
    a, b, c, d, e = await office.register(None, count=5)
    for chat, woman in enumerate((a, b, c, d), start=501):
        await here.link(woman, chat)
    await become(here, a, died_on=date(2026, 3, 1))
    await become(here, b, frozen_at=here.now)
    await office.stop(c)
    async with here.store.database.read() as tx:
        found = await segments.choose(tx, Segment())
    assert found.excluded == {
        Excluded.DEAD: [a],
        Excluded.FROZEN: [b],
        Excluded.STOPPED: [c],
        Excluded.NO_CONSENT: [e],
    }
    assert found.included == [d]
    assert sum(found.hours.values()) == 1


async def test_a_woman_is_named_by_two_words_of_her_name_side_by_side(here: Fieldwork) -> None:
    async with here.store.database.transact() as tx:
        names = {"R-a": "María Luz Pérez Ríos", "R-b": "Rosa"}
        await add_participants(tx, [NewParticipant(id_, name, "America/Mexico_City") for id_, name in names.items()])
        for text, named in (("Saluda a maria LUZ.", 1), ("Perez_Rios.pdf", 1), ("La rosa, luz y ríos", 0), ("", 0)):
            assert (await mentions(tx, [text])).women == named, text


async def test_whoever_may_not_have_got_a_line_is_listed_and_told_anew_by_the_next(here: Fieldwork) -> None:
    await women(here, 1)
    database, rules = here.store.database, Rules(undo=timedelta(), spacing=Spacing(0))
    async with database.transact() as tx:
        first = await broadcasts.draft(tx, Definition(Content("Uno")), by=None)
        await broadcasts.submit(tx, first, None, rules=rules)
    await here.machine.mailings.step()
    async with database.transact() as tx:
        claimed, _ = await mail.claim(tx, 5)
        assert len(claimed) == 1
        assert await mail.recover(tx) == 0
    await here.pass_to(here.now + timedelta(minutes=1))
    async with database.transact() as tx:
        second = await broadcasts.draft(tx, Definition(Content("Dos")), by=None)
        await broadcasts.submit(tx, second, None, rules=rules)
    await here.pass_to(here.now + timedelta(minutes=1))
    async with database.read() as tx:
        found = [await broadcast_desk.get(tx, one) for one in (first, second)]
    assert [one.tally for one in found if one] == [{RecipientState.UNKNOWN: 1}, {RecipientState.SENT: 1}]
    assert sum(message.sender == "bot" for message in here.phone(501).history) == 1
