"""The audit trail: whatever is altered, taken out, put in or moved shows."""

import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from storage import audit as trail
from storage import rotation
from storage.audit import Act, Head, HeadInvalid
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


@pytest.mark.holds("S-31")
@pytest.mark.parametrize("column", ["actor", "action", "subject", "detail", "mac"])
@pytest.mark.parametrize("number", [1, 3, 6])
async def test_an_altered_entry_shows(kept: Store, column: str, number: int) -> None:
    await change(kept, update(audit).where(audit.c.number == number).values({column: "otra"}))
    assert await first_wrong(kept) == number


async def test_an_entry_moved_in_time_shows(kept: Store) -> None:
    await change(kept, update(audit).where(audit.c.number == 2).values(at=kept.clock.at))
    assert await first_wrong(kept) == 2


@pytest.mark.holds("S-31")
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


@pytest.mark.holds("S-31")
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


# --- the head beside the key


def key_of(store: Store) -> Path:
    return store.home / "key"


@pytest.fixture
async def headed(kept: Store) -> Store:
    """The same, with its head beside the key."""
    assert await trail.keep_head(kept.database)
    return kept


async def test_the_head_is_its_owners_alone_and_is_written_when_it_moves(headed: Store) -> None:
    file = trail.head_file(key_of(headed))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not await trail.keep_head(headed.database), "nothing has moved"
    async with headed.database.transact() as tx:
        await trail.append(tx, [Act("system", "checked")])
    assert await trail.keep_head(headed.database)
    kept = trail.read_head(key_of(headed))
    assert kept is not None
    assert kept.number == 7


@pytest.mark.holds("T-server-4")
@pytest.mark.parametrize("number", range(1, 7))
async def test_entries_taken_from_the_end_show(headed: Store, number: int) -> None:
    await change(headed, delete(audit).where(audit.c.number >= number))
    assert await first_wrong(headed) == number


async def test_an_entry_written_over_a_removed_one_shows(headed: Store) -> None:
    await change(headed, delete(audit).where(audit.c.number == 6))
    for _ in range(3):
        async with headed.database.transact() as tx:
            await trail.append(tx, [Act("system", "checked")])
        assert not await trail.keep_head(headed.database), "what it knew is gone: it does not move on"
        assert await first_wrong(headed) == 6


async def test_a_head_that_a_crash_left_behind_is_no_fault_and_catches_up(headed: Store) -> None:
    async with headed.database.transact() as tx:
        await trail.append(tx, ACTS)
    assert await first_wrong(headed) is None
    assert await trail.keep_head(headed.database)
    await change(headed, delete(audit).where(audit.c.number == 12))
    assert await first_wrong(headed) == 12


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"number": "x", "mac": ""}', "\0"])
async def test_a_damaged_head_is_told_and_stays(headed: Store, content: str) -> None:
    trail.head_file(key_of(headed)).write_text(content)
    with pytest.raises(HeadInvalid, match=r"key\.head cannot be read"):
        await first_wrong(headed)
    assert not await trail.keep_head(headed.database)


async def test_a_store_that_was_put_back_is_given_its_own_head(headed: Store) -> None:
    async with headed.database.read() as tx:
        before = await trail.head(tx)
        assert await trail.verify(tx, before) is None
        assert await trail.verify(tx, Head(9, "a1.00")) == 7
    await change(headed, delete(audit).where(audit.c.number > 4))
    assert await first_wrong(headed) == 5
    async with headed.database.read() as tx:
        trail.put_head(key_of(headed), await trail.head(tx))
    assert await first_wrong(headed) is None


# --- keys that change


async def rotated(store: Store) -> None:
    assert await rotation.begin(store.database)
    done = await rotation.renew(store.database, nobody_runs=lambda: True)
    assert not done.left
    await rotation.finish(store.database)


async def test_the_trail_holds_across_changes_of_keys(headed: Store) -> None:
    for _ in range(2):
        await rotated(headed)
        async with headed.database.transact() as tx:
            await trail.append(tx, ACTS)
    assert await first_wrong(headed) is None
    async with headed.database.read() as tx:
        macs = [row.mac.partition(".")[0] for row in await tx.run(select(audit).order_by(audit.c.number))]
    assert macs == ["a1"] * 7 + ["a2"] * 8 + ["a3"] * 7
    await change(headed, update(audit).where(audit.c.number == 2).values(actor="otra"))
    assert await first_wrong(headed) == 2


async def test_no_entry_is_believed_under_an_earlier_key_once_a_later_one_was_used(headed: Store) -> None:
    await rotated(headed)
    async with headed.database.transact() as tx:
        await trail.append(tx, ACTS[:1])
        row = (await tx.run(select(audit).order_by(audit.c.number.desc()).limit(1))).one()
        forged = {"number": row.number + 1, "at": tx.now, "actor": "nadie", "action": "nada"}
        entry = trail._canonical({name: forged.get(name) for name in trail._NAMES})
        await tx.run(insert(audit).values(**forged, mac=tx.vault.chain(row.mac, entry, key_id="a1")))
    assert await first_wrong(headed) == row.number + 1
