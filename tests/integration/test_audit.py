"""The audit trail: whatever is altered, taken out, put in or moved shows."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from storage import audit as trail
from storage.audit import Act
from storage.schema import audit
from tests.support.world import Store

ACTS = [Act("coordinator", "exported", f"{number}", "csv") for number in range(6)]


@pytest.fixture
async def kept(store: Store) -> Store:
    """A store whose trail holds six entries, written in two transactions."""
    for acts in (ACTS[:4], ACTS[4:]):
        async with store.database.transact() as tx:
            await trail.append(tx, acts)
        store.clock.advance(minutes=5)
    return store


async def first_wrong(store: Store) -> int | None:
    return await trail.prove(store.database)


async def change(store: Store, *statements: Any) -> None:
    async with store.database.transact() as tx:
        for statement in statements:
            await tx.run(statement)


async def test_an_untouched_trail_holds(kept: Store) -> None:
    assert await first_wrong(kept) is None
    async with kept.database.read() as tx:
        written = [(row.number, row.subject) for row in await tx.run(select(audit).order_by(audit.c.number))]
    assert written == [(number, f"{number - 1}") for number in range(1, 7)]


async def test_an_empty_trail_holds(store: Store) -> None:
    assert await first_wrong(store) is None
    async with store.database.transact() as tx:
        await trail.append(tx, [])
    assert await first_wrong(store) is None


@pytest.mark.parametrize("column", ["actor", "action", "subject", "detail", "mac"])
@pytest.mark.parametrize("number", [1, 3, 6])
async def test_an_altered_entry_shows(kept: Store, column: str, number: int) -> None:
    await change(kept, update(audit).where(audit.c.number == number).values({column: "otra"}))
    assert await first_wrong(kept) == number


async def test_an_entry_moved_in_time_shows(kept: Store) -> None:
    await change(kept, update(audit).where(audit.c.number == 2).values(at=kept.clock.at))
    assert await first_wrong(kept) == 2


@pytest.mark.parametrize("number", [1, 3, 5])
async def test_a_removed_entry_shows(kept: Store, number: int) -> None:
    await change(kept, delete(audit).where(audit.c.number == number))
    assert await first_wrong(kept) == number


async def test_a_removed_entry_shows_even_if_the_rest_closes_up(kept: Store) -> None:
    await change(
        kept,
        delete(audit).where(audit.c.number == 3),
        *(update(audit).where(audit.c.number == number).values(number=number - 1) for number in (4, 5, 6)),
    )
    assert await first_wrong(kept) == 3


async def test_two_entries_in_each_others_place_show(kept: Store) -> None:
    await change(
        kept,
        update(audit).where(audit.c.number == 2).values(number=99),
        update(audit).where(audit.c.number == 3).values(number=2),
        update(audit).where(audit.c.number == 99).values(number=3),
    )
    assert await first_wrong(kept) == 2


async def test_an_entry_put_in_shows(kept: Store) -> None:
    row = {"number": 7, "at": kept.clock.at, "actor": "nadie", "action": "nada", "mac": "d1.00"}
    await change(kept, insert(audit).values(row))
    assert await first_wrong(kept) == 7


async def test_what_is_written_after_a_forgery_does_not_heal_it(kept: Store) -> None:
    await change(kept, update(audit).where(audit.c.number == 4).values(actor="otra"))
    async with kept.database.transact() as tx:
        await trail.append(tx, [Act("system", "checked")])
    assert await first_wrong(kept) == 4
