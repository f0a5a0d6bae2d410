"""A figure that was published holds still; what moves it afterwards is said, woman by woman."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from storage.database import Conflict
from storage.outcomes.figures import Dimension, Figure
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import Asked, compute, members
from storage.outcomes.publishing import Cause, Moved, Published, Sets, Source, moved, names, publish, published
from storage.schema import employments, enrolments, participants
from tests.support import fixture
from tests.support.fixture import Job, Woman
from tests.support.world import Store

CUT_OFF = date(2026, 3, 1)
TWENTY = range(20)


def woman(number: int, *jobs: Job) -> Woman:
    trained = fixture.Enrolled("laboral", "costura", "BAR", date(2023, 2, 1))
    return Woman(number, enrolled=(trained,), jobs=jobs)


def twenty() -> list[Woman]:
    """Twelve found work, four did not, of four it is not known."""
    found = [woman(number, Job("autoempleo", started_on=date(2024, 1, 1))) for number in TWENTY[:12]]
    without = [woman(number, Job("sin_trabajo")) for number in TWENTY[12:16]]
    return [*found, *without, *(woman(number) for number in TWENTY[16:])]


def read(store: Store, asked: Asked) -> tuple[list[Figure], Sets]:
    evidence = gather(store.url, asked.as_of, known_at=asked.known_at)
    return compute(evidence, asked), Sets.of(members(evidence, asked), evidence.women.tolist())


async def made_public(store: Store, name: str = "2026-03", *by: Dimension) -> Published:
    asked = Asked(CUT_OFF, by=by)
    figures, sets = read(store, asked)
    async with store.database.transact() as tx:
        await publish(tx, name, asked=asked, figures=figures, sets=sets)
    store.clock.advance(days=3)
    async with store.database.read() as tx:
        kept = await published(tx, name)
    assert kept is not None
    return kept


async def what_moved(store: Store, before: Published) -> list[Moved]:
    _, sets = read(store, replace(before.asked, known_at=None))
    async with store.database.read() as tx:
        return await moved(tx, before, sets)


async def ids(store: Store) -> dict[str, int]:
    async with store.database.read() as tx:
        return {person: id_ for id_, person in await tx.run(select(participants.c.id, participants.c.person))}


async def run(store: Store, statement: Any, rows: list[dict[str, Any]] | None = None) -> None:
    async with store.database.transact() as tx:
        await tx.run(statement, rows)


def job(store: Store, who: int, kind: str) -> dict[str, Any]:
    says = {"kind": kind, "scope": "en_libertad", "as_of_on": date(2025, 6, 1)}
    return {"id": store.ids.random(), "participant_id": who, "learned_at": store.clock.at, **says}


async def test_what_was_published_is_kept_as_it_was(store: Store) -> None:
    await fixture.store_all(store.database, twenty())
    kept = await made_public(store)
    found = {figure.id: figure for figure in kept.figures}["F4"]
    assert (found.numerator, found.denominator, found.eligible) == (12, 16, 20)
    assert found.by["scope"]["en_libertad"].numerator == 12
    assert kept.definitions == "1"
    assert await what_moved(store, kept) == []
    async with store.database.read() as tx:
        assert await names(tx) == [("2026-03", CUT_OFF)]


async def test_a_name_is_used_once(store: Store) -> None:
    await fixture.store_all(store.database, twenty())
    await made_public(store)
    with pytest.raises(Conflict):
        await made_public(store)


async def test_a_late_row_a_correction_and_an_erasure_are_told_apart(store: Store) -> None:
    await fixture.store_all(store.database, twenty())
    kept = await made_public(store)
    hers = await ids(store)
    late, wrong, gone = hers["p19"], hers["p12"], hers["p3"]
    await run(store, employments.insert(), [job(store, late, "autoempleo")])
    of_hers = update(employments).where(employments.c.participant_id == wrong)
    await run(store, of_hers.values(replaced_at=store.clock.at))
    await run(store, employments.insert(), [job(store, wrong, "produccion_la_cana")])
    for table in (employments, enrolments):
        await run(store, delete(table).where(table.c.participant_id == gone))
    await run(store, delete(participants).where(participants.c.id == gone))

    told = [
        one for one in await what_moved(store, kept) if (one.figure, one.dimension, one.part) == ("F4", "", "numerator")
    ]
    assert {(one.came, one.person, one.cause) for one in told} == {
        (True, "p19", Cause.LATE),
        (True, "p12", Cause.CORRECTED),
        (False, None, Cause.ERASED),
    }
    replaced = Source("employments", replaced=True)
    assert {one.sources for one in told} == {(Source("employments"),), (replaced, Source("employments")), ()}
    assert {one.woman for one in told} == {late, wrong, gone}


async def test_asked_again_for_what_was_known_then_the_same_comes_out(store: Store) -> None:
    await fixture.store_all(store.database, twenty())
    kept = await made_public(store)
    await run(store, employments.insert(), [job(store, (await ids(store))["p19"], "autoempleo")])
    again = replace(kept.asked, known_at=kept.known_at + timedelta(seconds=1))
    figures, sets = read(store, again)
    assert sets.packed() == kept.sets.packed()
    assert figures == list(kept.figures)


BY = (Dimension.CENTRE, Dimension.WORKSHOP, Dimension.AGE, Dimension.POINT)


async def test_the_women_of_every_group_are_kept(store: Store) -> None:
    them = [replace(one, birth_year=1960 + one.number * 2) for one in twenty()]
    await fixture.store_all(store.database, them)
    kept = await made_public(store, "by", *BY)
    hers = await ids(store)
    assert kept.sets.ids(("F4", "", ""), "numerator") == {hers[f"p{number}"] for number in range(12)}
    assert kept.sets.ids(("F4", "centre", "BAR"), "base") == kept.sets.ids(("F4", "", ""), "base")
    assert kept.sets.ids(("F4", "scope", "dentro"), "numerator") == set()
    assert kept.sets.ids(("F4", "centre", "CHA"), "base") == set()
    for figure in kept.figures:
        for dimension, groups in figure.by.items():
            for code, part in groups.items():
                cell = (figure.id, dimension, code)
                assert len(kept.sets.ids(cell, "numerator")) == part.numerator, cell
                assert len(kept.sets.ids(cell, "base")) in {part.denominator, part.numerator}, cell
    assert len(kept.sets.cells) == sum(1 + sum(map(len, figure.by.values())) for figure in kept.figures)


async def test_a_transfer_moves_groups_and_not_the_whole(store: Store) -> None:
    await fixture.store_all(store.database, twenty())
    kept = await made_public(store, "by", Dimension.CENTRE)
    her = (await ids(store))["p5"]
    says = {
        "axis": "laboral",
        "workshop": "costura",
        "centre": "CHA",
        "started_on": date(2024, 2, 1),
        "completed": True,
    }
    row = {"id": store.ids.random(), "participant_id": her, "learned_at": store.clock.at}
    await run(store, enrolments.insert(), [{**row, **says}])
    told = [one for one in await what_moved(store, kept) if one.figure == "F4"]
    assert {(one.dimension, one.code, one.part, one.came) for one in told} == {
        ("centre", code, part, code == "CHA") for code in ("BAR", "CHA") for part in ("eligible", "base", "numerator")
    }
    assert {(one.person, one.cause, one.sources) for one in told} == {("p5", Cause.LATE, (Source("enrolments"),))}


async def test_of_nobody_there_is_nothing_to_keep(store: Store) -> None:
    kept = await made_public(store, "none", *BY)
    assert len(kept.sets.women) == 0
    await fixture.store_all(store.database, twenty())
    assert {one.person for one in await what_moved(store, kept)} == {f"p{number}" for number in TWENTY}
