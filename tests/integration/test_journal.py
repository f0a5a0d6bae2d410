"""The journal keeps what a store that is put back must not forget: in order, sealed, whatever happens in between."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from storage import broadcasts, members, replaying, stops
from storage.broadcasts import Definition, Rules
from storage.database import Tx
from storage.journal import SEGMENT_BYTES, Head, Kind, Record
from storage.members import Role
from storage.notices import Content
from storage.recipients import RecipientState
from storage.schema import audit as trail
from storage.schema import recipients, staff
from storage.segments import Segment
from storage.stops import How
from tests.support.chat import Bot
from tests.support.fieldwork import fieldwork
from tests.support.keeping import journal_of, raw
from tests.support.office import Office
from tests.support.world import START, Store


def told(store: Store) -> list[tuple[Kind, int]]:
    """What the journal says, without how it began."""
    found = journal_of(store).read()
    assert found.damaged == 0
    return [(record.kind, record.whom) for record in found.records if record.kind is not Kind.RESTORED]


async def stop(store: Store, woman: int) -> None:
    async with store.database.transact() as tx:
        assert await stops.stop(tx, woman, How.CALL)


async def test_what_is_promised_is_written_down_before_the_promise_leaves(store: Store) -> None:
    async with fieldwork(store) as here:
        office = Office(here)
        (woman,) = await office.register(START.date())
        phone = await here.link(woman, 501)
        phone.send("ya no me escribas")
        heard = []

        async def listening(method: str, /, **params: object) -> object:
            heard.append(told(store))
            return await call(method, **params)

        call, here.line.call = here.line.call, listening  # type: ignore[method-assign]
        await here.settle()
    assert heard
    assert all((Kind.STOPPED, woman) in journal for journal in heard)


async def test_each_thing_is_written_once_and_in_order(store: Store) -> None:
    bot = Bot(store)
    women = [await bot.register(f"R-{number}") for number in range(3)]
    async with store.database.transact() as tx:
        await members.invite_staff(tx, "Lupe Prueba", role=Role.STAFF)
        (lupe,) = (await tx.run(select(staff.c.id))).scalars()
    for woman in women:
        await stop(store, woman)
    async with store.database.transact() as tx:
        await stops.lift(tx, women[0], How.CALL)
    journal = journal_of(store)
    for _ in range(2):
        async with store.database.read() as tx:
            await journal.follow(tx)
            await journal_of(store).follow(tx)
    assert told(store) == [*((Kind.STOPPED, woman) for woman in women), (Kind.STOP_LIFTED, women[0])]
    assert lupe not in [whom for _, whom in told(store)]


async def test_what_a_crash_kept_from_the_journal_is_made_up_for_at_the_start(store: Store) -> None:
    woman = await Bot(store).register()
    await stop(store, woman)  # and the process is gone before the courier looks
    assert told(store) == []
    assert not await replaying.take_up(store.database, journal_of(store))
    assert told(store) == []  # the journal began with this start: whatever was before is in every backup that has it
    async with store.database.transact() as tx:
        await stops.lift(tx, woman, How.CALL)
    assert not await replaying.take_up(store.database, journal_of(store))
    assert told(store) == [(Kind.STOP_LIFTED, woman)]


async def test_a_line_that_is_only_half_there_is_cut_off(store: Store) -> None:
    journal = journal_of(store)
    journal.append([Record(Kind.STOPPED, START, 1)])
    (file,) = journal.folder.glob("*.jsonl")
    with file.open("ab") as writing:
        writing.write(b'{"n": 2, "key": "a1", "sal')
    assert [record.whom for record in journal_of(store).read().records] == [1]
    assert journal_of(store).append([Record(Kind.STOPPED, START, 2)]) == 2
    assert [record.whom for record in journal_of(store).read().records] == [1, 2]


@pytest.mark.parametrize("harm", ["altered", "removed", "moved", "another"])
def test_whoever_touches_a_line_is_found_out(store: Store, harm: str) -> None:
    journal = journal_of(store)
    journal.append([Record(Kind.STOPPED, START, number) for number in range(1, 5)])
    (file,) = journal.folder.glob("*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    if harm == "altered":
        told = json.loads(lines[1])
        lines[1] = json.dumps({**told, "sealed": told["sealed"][::-1]}).encode() + b"\n"
    elif harm == "removed":
        del lines[1]
    elif harm == "moved":
        lines[1], lines[2] = lines[2], lines[1]
    else:
        lines[1] = lines[0]
    file.write_bytes(b"".join(lines))
    assert journal_of(store).read().damaged >= 1


def test_a_journal_that_was_cut_or_is_another_one_does_not_reach_back(store: Store) -> None:
    journal = journal_of(store)
    journal.append([Record(Kind.STOPPED, START, number) for number in range(1, 4)])
    head = journal.head()
    journal.append([Record(Kind.STOPPED, START, 4)])
    assert journal.reaches(head)
    assert journal.reaches(Head())
    (file,) = journal.folder.glob("*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[3:]))
    assert journal_of(store).reaches(head), "what is older was forgotten, and nothing later"
    file.write_bytes(b"".join(lines[:2]))
    assert not journal_of(store).reaches(head)
    other = journal_of(store, "other")
    other.append([Record(Kind.STOPPED, START, number) for number in range(1, 9)])
    assert not other.reaches(head)


def test_old_files_go_and_the_cursor_stays(store: Store) -> None:
    journal = journal_of(store)
    journal.append([Record(Kind.STOPPED, START, 1, entry=7, print="seven")])
    many = tuple(range(10**18, 10**18 + 400))
    day = timedelta(days=1)
    for number in range(1, 80):
        journal.append([Record(Kind.COPIES, START + number * day, number, women=many)])
    files = sorted(journal.folder.glob("*.jsonl"))
    assert len(files) > 2
    assert all(file.stat().st_size < 2 * SEGMENT_BYTES for file in files)
    kept = journal.read().records
    assert journal.forget(START + 70 * day) >= 1
    left = journal_of(store).read()
    assert left.damaged == 0
    assert set(left.records) < set(kept)
    assert {record for record in kept if record.at >= START + 70 * day} <= set(left.records)
    cursor = journal_of(store).cursor()
    assert cursor is not None
    assert (cursor.entry, cursor.print) == (7, "seven")
    assert journal.forget(START + 1000 * day) >= 0
    assert journal_of(store).append([Record(Kind.STOPPED, START, 2)]) > kept[-1].number


async def test_two_processes_write_without_a_gap(store: Store) -> None:
    one, other = journal_of(store), journal_of(store)

    def write(journal: object, first: int) -> None:
        for number in range(first, first + 20):
            journal.append([Record(Kind.STOPPED, START, number)])  # type: ignore[attr-defined]

    await asyncio.gather(asyncio.to_thread(write, one, 100), asyncio.to_thread(write, other, 200))
    found = journal_of(store).read()
    assert found.damaged == 0
    assert [record.number for record in found.records] == list(range(1, 41))
    assert sorted(record.whom for record in found.records) == [*range(100, 120), *range(200, 220)]


async def sent_to(store: Store, count: int = 2) -> tuple[int, list[int]]:
    """A broadcast that so many women got, and the women."""
    async with fieldwork(store) as here:
        women = await Office(here).register(None, count=count)
        for place, woman in enumerate(women):
            await here.link(woman, 501 + place)
        async with store.database.transact() as tx:
            broadcast = await broadcasts.draft(tx, Definition(Content("Hola"), Segment()), by=None)
            await broadcasts.submit(tx, broadcast, None, rules=Rules(undo=timedelta()))
        await here.pass_to(here.now + timedelta(minutes=2))
    return broadcast, women


async def states(tx: Tx, broadcast: int) -> set[str]:
    rows = await tx.run(select(recipients.c.state).where(recipients.c.broadcast_id == broadcast))
    return set(rows.scalars())


async def test_copies_that_were_written_down_and_never_committed_do_not_go(store: Store) -> None:
    broadcast, women = await sent_to(store)
    async with store.database.transact() as tx:
        await tx.run(delete(recipients))
        row = {"broadcast_id": broadcast, "state": RecipientState.WAITING, "next_at": tx.now}
        await tx.run(recipients.insert(), [{**row, "participant_id": woman} for woman in women])
    journal_of(store).append([Record(Kind.COPIES, store.clock.at, broadcast, women=tuple(women))])
    assert not await replaying.take_up(store.database, journal_of(store)), "a crash is no reason to hold anything"
    async with store.database.read() as tx:
        assert await states(tx, broadcast) == {RecipientState.UNKNOWN}


async def test_a_store_whose_trail_is_another_is_noticed(store: Store) -> None:
    woman = await Bot(store).register()
    await replaying.take_up(store.database, journal_of(store))
    await stop(store, woman)
    async with store.database.read() as tx:
        await journal_of(store).follow(tx)
    async with store.database.transact() as tx:
        last = select(trail.c.number).order_by(trail.c.number.desc()).limit(1).scalar_subquery()
        await tx.run(delete(trail).where(trail.c.number == last))
    assert await replaying.take_up(store.database, journal_of(store))
    assert not await replaying.take_up(store.database, journal_of(store)), "and put right"


@pytest.mark.holds("T-server-2")
async def test_nobody_reads_anything_in_it(store: Store) -> None:
    broadcast, women = await sent_to(store)
    await stop(store, women[0])
    async with store.database.read() as tx:
        await journal_of(store).follow(tx)
    bytes_there = raw(sorted((store.home / "journal").glob("*.jsonl")))
    assert (Kind.STOPPED, women[0]) in told(store)
    assert (Kind.COPIES, broadcast) in told(store)
    for secret in ("Rosa", "R-0", "stopped", "broadcast", *map(str, women), str(broadcast)):
        assert secret.encode() not in bytes_there, secret
