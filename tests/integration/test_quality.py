"""What in the store cannot be right, is missing, or waits: each kind is found, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from conversations.answers import Period
from storage import members, people
from storage.imports.catalogue import SHIPPED, Catalogue
from storage.imports.workshops import Axis, Workshop
from storage.members import Member, Role
from storage.outcomes.kinds import Kind
from storage.outcomes.quality import Finding, Mender, QualityCounts, find
from storage.people import NewParticipant
from storage.schema import employments, enrolments, imports, incomes, measurements, participants
from storage.vault import Place
from tests.support import fixture
from tests.support.fixture import Enrolled, Job, Pay, Score, Woman
from tests.support.voice import woman as woman_with_a_chat
from tests.support.world import START, Store

DAY, EARLIER = date(2025, 6, 1), date(2025, 1, 1)
TRAINED = (Enrolled("laboral", "costura", "BAR", date(2023, 2, 1)),)
OWN = Job("autoempleo", started_on=date(2024, 1, 1))
NOW, BEFORE = Pay("actual", Decimal(4_000)), Pay("pre_taller", Decimal(1_000), on=EARLIER, scope="dentro")
UNCLEAR = (Pay("actual", Decimal(300), None),)
FALLEN = (Score("gad7", "pre", Decimal(9), DAY), Score("gad7", "post", Decimal(5), EARLIER))
OTHER_VERSION = (Score("brs", "pre", Decimal(3), EARLIER, version="0"), Score("brs", "m6", Decimal(4), DAY))
AGAIN = tuple(Score("gad7", when, Decimal(5), day) for when, day in (("pre", EARLIER), ("post", DAY), ("pre", DAY)))
ROWS = (enrolments, employments, incomes, measurements)


def her(**told: Any) -> Woman:
    return Woman(1, **told)


async def found(store: Store, kind: Kind, member: Member | None = None) -> Sequence[Finding]:
    async with store.database.read() as tx:
        return await find(tx, kind, member)


async def run(store: Store, *statements: Any) -> None:
    async with store.database.transact() as tx:
        for statement in statements:
            await tx.run(statement)


async def imported(store: Store, *, done: bool = True) -> int:
    """All that is stored came from a file, each row from its fifth line."""
    number = store.ids.random()
    name = store.vault.seal_text(Place("imports", "file_name", number), "trabajo.csv")
    told = {"kind": "work", "file_name": name, "file_hash": "0", "imported_by": "command"}
    row = {"id": number, "at": START, "done_at": START if done else None, **told}
    await run(store, imports.insert().values(row), *(update(t).values(import_id=number, line=5) for t in ROWS))
    return number


async def test_where_all_is_well_nothing_is_listed(store: Store) -> None:
    await fixture.store_all(store.database, fixture.women())
    assert [kind for kind in Kind if await found(store, kind)] == []


AMISS = [
    (Kind.WORKS_AND_NOT, her(jobs=(Job("sin_trabajo"), OWN))),
    (Kind.PAID_WITHOUT_WORK, her(jobs=(Job("sin_trabajo"),), pay=(NOW,))),
    (Kind.ENDED_BEFORE_BEGUN, her(jobs=(Job("otro", started_on=DAY, ended_on=EARLIER),))),
    (
        Kind.POST_BEFORE_PRE,
        her(scores=FALLEN),
    ),
    (Kind.INSIDE_AFTER_RELEASE, her(release_on=date(2024, 5, 1), jobs=(Job("otro", "dentro", started_on=DAY),))),
    (Kind.INSIDE_AFTER_RELEASE, her(release_on=date(2024, 5, 1), jobs=(Job("otro", "dentro", as_of_on=DAY),))),
    (Kind.BASELINES_DIFFER, her(pay=(BEFORE, Pay("pre_taller", Decimal(2_000), on=DAY, scope="dentro")))),
    (Kind.NO_MONTHLY, her(pay=(Pay("actual", Decimal(300), Period.DAY),))),
    (Kind.NO_MONTHLY, her(pay=UNCLEAR)),
    (Kind.NO_INCOME_BEFORE, her(enrolled=TRAINED, jobs=(OWN,), pay=(NOW,))),
    (Kind.NO_SCORE_BEFORE, her(scores=(Score("brs", "post", Decimal(4), DAY),))),
    (
        Kind.NO_SCORE_BEFORE,
        her(scores=OTHER_VERSION),
    ),
    (Kind.UNKNOWN_NAME, her(enrolled=(Enrolled("laboral", "Costurra", "BAR", DAY),))),
]


@pytest.mark.parametrize(("kind", "woman"), AMISS)
async def test_each_kind_is_found_and_it_alone(store: Store, kind: Kind, woman: Woman) -> None:
    await fixture.store_all(store.database, [woman])
    assert {one: len(all_of) for one in Kind if (all_of := await found(store, one))} == {kind: 1}


WELL = [
    her(jobs=(Job("sin_trabajo"), Job("otro", started_on=EARLIER, ended_on=date(2025, 5, 1)))),
    her(jobs=(Job("sin_trabajo", as_of_on=EARLIER), OWN)),
    her(jobs=(Job("sin_trabajo"),), pay=(Pay("actual", Decimal(0)),)),
    her(jobs=(Job("sin_trabajo"),), pay=(Pay("actual", Decimal(900), on=EARLIER),)),
    her(release_on=DAY, jobs=(Job("otro", "dentro", started_on=EARLIER, as_of_on=date(2025, 12, 1)),)),
    her(pay=(BEFORE, BEFORE)),
    her(pay=(BEFORE, Pay("pre_taller", Decimal(500), Period.FORTNIGHT, on=DAY, scope="dentro"))),
    her(pay=(Pay("actual", Decimal(300), Period.DAY, 5), Pay("pre_taller", None, on=EARLIER))),
    her(enrolled=TRAINED, jobs=(OWN,), pay=(NOW, Pay("pre_taller", None, on=EARLIER, refused=True))),
    her(enrolled=TRAINED, jobs=(Job("ayuda_sin_pago"),), pay=(NOW,)),
    her(enrolled=TRAINED, jobs=(Job("otro", ended_on=date(2022, 1, 1)),), pay=(NOW,)),
    her(jobs=(OWN,), pay=(NOW,)),
    her(scores=(Score("valoracion", "post", Decimal(4), DAY), Score("bienestar", "m3", Decimal(4), DAY))),
    her(
        scores=tuple(
            Score("gad7", when, Decimal(5), day) for when, day in (("pre", EARLIER), ("post", DAY), ("pre", DAY))
        )
    ),
]


@pytest.mark.parametrize("woman", WELL)
async def test_what_only_looks_amiss_is_not_listed(store: Store, woman: Woman) -> None:
    await fixture.store_all(store.database, [woman])
    assert [kind for kind in Kind if await found(store, kind)] == []


async def test_who_enrolled_after_her_death(store: Store) -> None:
    await fixture.store_all(store.database, [her(enrolled=TRAINED)])
    assert not await found(store, Kind.ENROLLED_AFTER_DEATH)
    await run(store, update(participants).values(died_on=date(2022, 1, 1)))
    (one,) = await found(store, Kind.ENROLLED_AFTER_DEATH)
    assert (one.what, one.day) == ("costura", date(2023, 2, 1))


async def test_a_large_income_from_a_file_is_unconfirmed_until_she_tells_as_much(store: Store) -> None:
    large, grown = Pay("actual", Decimal(90_000)), Pay("actual", Decimal(12_000))
    little = Pay("actual", Decimal(1_000), on=EARLIER)
    await fixture.store_all(store.database, [her(pay=(large,)), Woman(2, pay=(little, grown)), Woman(3, pay=(grown,))])
    assert not await found(store, Kind.UNUSUAL_INCOME), "in a chat it has been asked about"
    await imported(store)
    listed = await found(store, Kind.UNUSUAL_INCOME)
    assert len({one.woman for one in listed}) == len(listed) == 2
    assert {(one.mender, one.line) for one in listed} == {(Mender.IMPORTER, 5)}


async def test_half_a_file_and_what_was_replaced_are_not_looked_at(store: Store) -> None:
    await fixture.store_all(store.database, [replace(woman, number=place) for place, (_, woman) in enumerate(AMISS)])
    await imported(store, done=False)
    assert [kind for kind in Kind if await found(store, kind)] == []
    await run(store, update(imports).values(done_at=START))
    assert await found(store, Kind.NO_MONTHLY)
    await run(store, *(update(table).values(replaced_at=START) for table in ROWS))
    assert [kind for kind in Kind if await found(store, kind)] == []


async def test_inside_work_without_any_day_contradicts_none(store: Store) -> None:
    """The row of a file that names no day is of the day of its import."""
    undated = Job("otro", "dentro", as_of_on=date(2026, 3, 2))
    await fixture.store_all(store.database, [her(release_on=date(2024, 5, 1), jobs=(undated,))])
    assert await found(store, Kind.INSIDE_AFTER_RELEASE), "in a check-in it was said of that day"
    await imported(store)
    assert not await found(store, Kind.INSIDE_AFTER_RELEASE)


async def registered(store: Store, *women: NewParticipant) -> list[int]:
    async with store.database.transact() as tx:
        return await people.add_participants(tx, list(women))


def named(record_id: str, name: str, birth_year: int | None = None) -> NewParticipant:
    return NewParticipant(record_id, name=name, zone="America/Mexico_City", birth_year=birth_year)


async def test_women_who_may_be_one_are_pairs_for_a_coordinator(store: Store) -> None:
    ana, ana_again, *_ = await registered(
        store,
        named("R-1", "Ana María López Prueba", 1990),
        named("R-2", "Lopez Prueba Ana Mria"),
        named("R-3", "Ana María López Prueba", 1991),
        named("R-4", "Rosa Prueba"),
        named("R-5", ""),
        named("R-6", ""),
    )
    listed = await found(store, Kind.DUPLICATE)
    pairs = {frozenset((one.woman, one.other)) for one in listed}
    assert frozenset((ana, ana_again)) in pairs
    assert len(pairs) == 2, "R-2 may be either of two, who were born in different years"
    assert {one.mender for one in listed} == {Mender.COORDINATOR}


async def test_names_kept_as_written_have_the_nearest_beside_them(store: Store) -> None:
    strange = Enrolled("laboral", "Costurra", "Penal del Norte", DAY)
    await fixture.store_all(store.database, [her(enrolled=(strange,)), Woman(2, enrolled=(strange,))])
    await imported(store)
    told = {one.what: (one.near, one.women, one.line, one.mender) for one in await found(store, Kind.UNKNOWN_NAME)}
    assert told["Costurra"] == ("costura", 2, 5, Mender.IMPORTER)
    assert set(told) == {"Costurra", "Penal del Norte"}
    own = Catalogue(
        {**SHIPPED.centre_names, "Penal del Norte": ("Penal del Norte",)},
        {**SHIPPED.workshop_list, "Costurra": Workshop(Axis.WORK, ("Costurra",))},
    )
    async with store.database.read() as tx:
        assert not await find(tx, Kind.UNKNOWN_NAME, catalogue=own)


async def test_voice_notes_wait_for_whoever_writes_them_down(store: Store) -> None:
    luz = await woman_with_a_chat(store, "R-1")
    await luz.voice("voice-1")
    (one,) = await found(store, Kind.VOICE_WAITS)
    assert (one.woman, one.mender) == (luz.participant, Mender.COORDINATOR)


async def test_a_promotora_sees_her_own_and_can_mend_it(store: Store) -> None:
    await fixture.store_all(
        store.database,
        [her(pay=UNCLEAR), Woman(2, pay=UNCLEAR)],
    )
    async with store.database.transact() as tx:
        for name in ("Eva Prueba", "Ida Prueba"):
            await members.invite_staff(tx, name, Role.STAFF)
        eva, ida = [one.staff for one in await members.listed(tx)]
        await tx.run(update(participants).where(participants.c.person == "p1").values(staff_id=eva))
        hers = (await tx.run(select(participants.c.id).where(participants.c.person == "p1"))).scalar_one()
    (one,) = await found(store, Kind.NO_MONTHLY, Member(eva, Role.STAFF))
    assert (one.woman, one.staff, one.mender) == (hers, eva, Mender.PROMOTORA)
    assert not await found(store, Kind.NO_MONTHLY, Member(ida, Role.STAFF))
    assert len(await found(store, Kind.NO_MONTHLY, Member(ida, Role.COORDINATOR))) == 2
    assert not await found(store, Kind.NO_MONTHLY, Member(ida, Role.AUDITOR))
    async with store.database.read() as tx:
        (counted,) = await QualityCounts(Member(eva, Role.STAFF)).find(tx)
        assert (counted.kind, counted.findings, counted.women) == (Kind.NO_MONTHLY, 1, 1)
