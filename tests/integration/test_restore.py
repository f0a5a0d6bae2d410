"""A store that is put back brings no ghosts: who was silent stays silent, who was out stays out, nobody gets a second
copy, and nothing reaches a woman before a person has said so."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.demo.phone import Phone
from bot.demo.simulator import Simulator
from storage import audit, backups, broadcasts, departures, freezing, holding, members, replaying, rotation
from storage.backups import BackupInvalid
from storage.broadcasts import BroadcastState, Definition, Rules, When
from storage.circumstances import know
from storage.consents import ConsentGiven, Purpose, allowed_by, record_consents
from storage.journal import Kind, Record
from storage.members import Role
from storage.notices import Content
from storage.recipients import RecipientState
from storage.restoring import RestoreRefused
from storage.roster import Facts
from storage.schema import accounts, cases, outbox, participants, recipients, staff, stops
from storage.segments import Segment
from storage.vault import Place
from tests.support.fieldwork import TOKEN, Fieldwork, fieldwork
from tests.support.keeping import backed_up, database_of, journal_of, put_back
from tests.support.mailings import lines
from tests.support.office import Office
from tests.support.operator import Operator
from tests.support.world import START, Store

HELLO = Definition(Content("Hola, {nombre}: el viernes hay taller."), Segment())
MINUTES = timedelta(minutes=3)


@dataclass
class Town:
    """Three women with phones in a Telegram that outlives every store, and a member of staff."""

    store: Store
    simulator: Simulator
    women: list[int]
    phones: list[Phone]
    lupe: int

    @property
    def heard(self) -> list[int]:
        """How many messages each phone has had."""
        return lines(self.phones)


async def founded(store: Store, *, released_on: date | None = None) -> Town:
    """The town, with check-ins expected of the women if they have been released."""
    simulator = Simulator(token=TOKEN, now=store.clock)
    async with fieldwork(store, simulator=simulator) as here:
        women = await Office(here).register(released_on, count=3)
        phones = [await here.link(woman, 501 + place) for place, woman in enumerate(women)]
        async with store.database.transact() as tx:
            await members.invite_staff(tx, "Lupe Prueba", role=Role.COORDINATOR)
            (lupe,) = (await tx.run(select(staff.c.id))).scalars()
    return Town(store, simulator, women, phones, lupe)


async def send_to_all(here: Fieldwork, definition: Definition = HELLO) -> int:
    """A broadcast that is handed in now."""
    async with here.store.database.transact() as tx:
        id_ = await broadcasts.draft(tx, definition, by=None)
        await broadcasts.submit(tx, id_, None, rules=Rules(undo=timedelta()))
    return id_


async def confirmed(store: Store) -> None:
    """A person says that sending may begin."""
    async with store.database.transact() as tx:
        assert await holding.release(tx)


async def opened(here: Fieldwork, town: Town) -> None:
    """Whoever has a line in her chat opens it."""
    for phone in town.phones:
        for message in phone.messages:
            if any(button.text == "Abrir" for row in message.buttons for button in row):
                phone.tap(message.message_id, "Abrir")
    await here.settle()


async def became(store: Store, broadcast: int) -> dict[int, str]:
    """How the recipients of a broadcast stand."""
    async with store.database.read() as tx:
        rows = await tx.run(select(recipients).where(recipients.c.broadcast_id == broadcast))
        return {row.participant_id: row.state for row in rows}


@pytest.mark.holds("S-34")
async def test_no_ghosts(store: Store, tmp_path: Path) -> None:
    town = await founded(store, released_on=START.date() - timedelta(days=6))
    a, b, c = town.women
    backup = tmp_path / "backup"
    async with fieldwork(store, simulator=town.simulator) as here:
        await backed_up(store, backup)
        await Office(here).stop(b)
        broadcast = await send_to_all(here)
        async with store.database.transact() as tx:
            assert await departures.revoke(tx, town.lupe)
            await freezing.freeze(tx, a, actor="command")
        await here.pass_to(here.now + MINUTES)
        assert (await became(store, broadcast))[c] == RecipientState.SENT
    heard = town.heard
    done = await put_back(store, backup)
    assert not done.gap
    assert {Kind.STOPPED, Kind.REVOKED, Kind.FROZEN} <= done.replayed.changed.keys()
    assert done.replayed.unknown == {}
    async with fieldwork(store, simulator=town.simulator) as here:
        async with store.database.read() as tx:
            assert (await tx.run(select(stops.c.participant_id))).scalars().all() == [b]
            assert (await tx.run(select(staff.c.revoked_at))).scalar_one() is not None
            assert await holding.since(tx) is not None
            assert await audit.verify(tx) is None
        await here.pass_to(here.now + timedelta(days=2))
        assert town.heard == heard, "nothing reaches anybody before a person has said so"
        await confirmed(store)
        await here.pass_to(here.now + timedelta(days=2))
        assert town.heard[:2] == heard[:2], "one is frozen, the other wants to be left alone"
        assert town.heard[2] > heard[2], "her check-in comes"
        assert sum("taller" in message.text for message in town.phones[2].history) <= 1


@pytest.mark.parametrize("when", ["before", "frozen", "amid", "after"])
async def test_nobody_gets_a_second_copy_whenever_the_backup_was_made(store: Store, tmp_path: Path, when: str) -> None:
    town = await founded(store)
    backup = tmp_path / "backup"
    async with fieldwork(store, simulator=town.simulator) as here:
        if when == "before":
            async with store.database.transact() as tx:
                id_ = await broadcasts.draft(tx, HELLO, by=None)
            await backed_up(store, backup)
            async with store.database.transact() as tx:
                await broadcasts.submit(tx, id_, None, rules=Rules(undo=timedelta()))
        else:
            id_ = await send_to_all(here)
        if when == "frozen":
            await backed_up(store, backup)
        if when == "amid":
            here.line.is_down = True
            await here.machine.mailings.step()
            await backed_up(store, backup)
            here.line.is_down = False
        await here.pass_to(here.now + MINUTES)
        if when == "after":
            await backed_up(store, backup)
    heard = town.heard
    assert all(heard)
    await put_back(store, backup)
    async with fieldwork(store, simulator=town.simulator) as here:
        await confirmed(store)
        if when == "before":
            async with store.database.read() as tx:
                assert await broadcasts.state_of(tx, id_) is BroadcastState.CANCELLED
        for _ in range(3):
            await here.pass_to(here.now + timedelta(days=5))
        await opened(here, town)
    copies = [sum("taller" in message.text for message in phone.history) for phone in town.phones]
    assert max(copies) <= 1
    assert town.heard[0] - heard[0] <= 1, "at most what her tap brought"


async def test_a_series_that_went_on_does_not_go_again(store: Store, tmp_path: Path) -> None:
    town = await founded(store)
    backup = tmp_path / "backup"
    again = Definition(HELLO.content, HELLO.segment, When(START.date(), 12, repeat_weeks=2))
    async with fieldwork(store, simulator=town.simulator) as here:
        await send_to_all(here, again)
        await here.pass_to(here.now + timedelta(days=1))
        await opened(here, town)
        await backed_up(store, backup)
        before = town.heard
        await here.pass_to(here.now + timedelta(days=14))
        assert town.heard == [number + 1 for number in before]
    heard = town.heard
    await put_back(store, backup)
    async with fieldwork(store, simulator=town.simulator) as here:
        await confirmed(store)
        await here.pass_to(here.now + timedelta(days=1))
    assert town.heard == heard


@pytest.mark.holds("T-server-4")
async def test_a_file_that_somebody_just_copied_back_is_noticed(store: Store, tmp_path: Path) -> None:
    town = await founded(store)
    async with fieldwork(store, simulator=town.simulator) as here:
        for given in (False, True):
            store.clock.advance(minutes=1)
            async with store.database.transact() as tx:
                word = ConsentGiven(town.women[0], Purpose.BROADCASTS, "1", "h", given=given)
                await record_consents(tx, [(word, tx.now)])
        await here.settle()
    written = {record.kind for record in journal_of(store).read().records}
    assert {Kind.LINKED, Kind.CONSENT_REFUSED} <= written
    await store.database.close()
    shutil.copy(database_of(store), tmp_path / "old")
    async with fieldwork(store, simulator=town.simulator) as here:
        await Office(here).stop(town.women[1])
        await send_to_all(here)
        await here.pass_to(here.now + MINUTES)
    heard = town.heard
    await store.database.close()
    shutil.copy(tmp_path / "old", database_of(store))
    async with fieldwork(store, simulator=town.simulator) as here:
        async with store.database.read() as tx:
            assert await holding.since(tx) is not None
            assert (await tx.run(select(stops.c.participant_id))).scalars().all() == [town.women[1]]
            in_use = select(accounts.c.participant_id).where(accounts.c.unlinked_at.is_(None))
            assert set((await tx.run(in_use)).scalars()) >= set(town.women), "what it knew itself is not played again"
            assert await allowed_by(tx, Purpose.BROADCASTS, town.women[:1]) == {town.women[0]}
        await here.pass_to(here.now + timedelta(days=1))
        assert town.heard == heard


async def test_staff_are_served_while_women_wait(store: Store, tmp_path: Path) -> None:
    town = await founded(store)
    async with fieldwork(store, simulator=town.simulator) as here:
        async with store.database.transact() as tx:
            token = (await members.invite_staff(tx, "Maya Prueba", role=Role.COORDINATOR)).token
        maya = here.phone(900)
        maya.start(token)
        await here.settle()
        await backed_up(store, tmp_path / "backup")
    heard, desk = town.heard, lines([maya])
    await put_back(store, tmp_path / "backup")
    async with fieldwork(store, simulator=town.simulator) as here:
        town.phones[0].send("ayuda")
        maya.send("/menu")
        await here.settle()
        assert town.heard == heard
        assert lines([maya])[0] > desk[0]
        async with store.database.read() as tx:
            assert "ayuda" in set((await tx.run(select(cases.c.kind))).scalars()), "what she asks for is not lost"
        await confirmed(store)
        await here.settle()
        assert town.heard[0] > heard[0]


async def test_the_journal_is_played_in_its_order(store: Store, tmp_path: Path) -> None:
    town = await founded(store)
    a, b, c = town.women
    async with fieldwork(store, simulator=town.simulator) as here:
        office = Office(here)
        await office.stop(c)
        await backed_up(store, tmp_path / "backup")
        await office.stop(a)
        await office.lift(a)
        await office.stop(b)
        await office.lift(c)
        await office.correct(b, Facts(died_on=START.date()))
        async with store.database.transact() as tx:
            await freezing.freeze(tx, c, actor="command")
            await freezing.thaw(tx, c, by=None)
            await tx.run(update(staff).values(role=Role.AUDITOR))
            await audit.append(tx, [audit.Act("command", "role_changed", str(town.lupe), Role.AUDITOR)])
        await here.settle()
    for _ in range(2):  # the second time over a backup that has it all
        await put_back(store, tmp_path / "backup")
        async with store.database.read() as tx:
            in_force = select(stops.c.participant_id).where(stops.c.lifted_at.is_(None))
            assert (await tx.run(in_force)).scalars().all() == [b]
            died = select(participants.c.died_on).where(participants.c.id == b)
            assert (await tx.run(died)).scalar_one() == START.date()
            assert (await tx.run(select(participants.c.frozen_at))).scalars().all() == [None] * 3
            assert (await tx.run(select(staff.c.role))).scalar_one() == Role.AUDITOR
        await backed_up(store, tmp_path / "backup")


async def test_a_consent_that_was_withdrawn_stays_so(store: Store, tmp_path: Path) -> None:
    town = await founded(store)
    woman = town.women[0]
    async with fieldwork(store, simulator=town.simulator) as here:
        await backed_up(store, tmp_path / "backup")
        no = ConsentGiven(woman, Purpose.FOLLOW_UP, "1", "h", given=False)
        async with store.database.transact() as tx:
            await record_consents(tx, [(no, tx.now)])
        await here.settle()
    store.clock.advance(hours=1)
    done = await put_back(store, tmp_path / "backup")
    assert done.replayed.changed.get(Kind.CONSENT_REFUSED) == 1
    async with store.database.read() as tx:
        hers = await know(tx, town.women)
        assert [hers[one].consented for one in town.women] == [False, True, True]


async def test_who_has_another_phone_since_needs_a_new_link(store: Store, tmp_path: Path) -> None:
    town = await founded(store)
    async with fieldwork(store, simulator=town.simulator) as here:
        await backed_up(store, tmp_path / "backup")
        await here.link(town.women[0], 777)
        await here.settle()
    done = await put_back(store, tmp_path / "backup")
    assert Kind.LINKED in done.replayed.changed
    async with store.database.read() as tx:
        in_use = select(accounts.c.participant_id).where(accounts.c.unlinked_at.is_(None))
        assert set((await tx.run(in_use)).scalars()) == set(town.women[1:])


async def test_what_the_journal_cannot_say_is_told(store: Store, tmp_path: Path) -> None:
    town = await founded(store)
    async with fieldwork(store, simulator=town.simulator) as here:
        await backed_up(store, tmp_path / "backup")
        await Office(here).stop(town.women[1])
        await here.settle()
    journal_of(store).append([Record(Kind.ERASED, store.clock.at, town.women[0], "x", entry=10**6, print="p")])
    shutil.copytree(store.home / "journal", store.home / "whole")
    for file in (store.home / "journal").glob("*.jsonl"):
        file.unlink()
    lost = await put_back(store, tmp_path / "backup")
    assert lost.gap
    assert lost.replayed.changed == {}
    known = {kind for kind in Kind if kind in replaying.REPLAYS}
    whole = await put_back(store, tmp_path / "backup", journal="whole")
    assert not whole.gap
    assert (Kind.ERASED in whole.replayed.unknown) is (Kind.ERASED not in known)
    async with store.database.read() as tx:
        assert await holding.since(tx) is not None


async def test_a_backup_outlives_a_change_of_keys(store: Store, tmp_path: Path) -> None:
    town = await founded(store)
    async with fieldwork(store, simulator=town.simulator) as here:
        await backed_up(store, tmp_path / "backup")
        await Office(here).stop(town.women[1])
        await here.settle()
    assert await rotation.begin(store.database)
    assert not (await rotation.renew(store.database, nobody_runs=lambda: True)).left
    await rotation.finish(store.database)
    assert not store.vault.keys.changing
    await put_back(store, tmp_path / "backup")
    assert store.vault.keys.changing, "what was put back stands under the earlier keys, which are there again"
    async with store.database.read() as tx:
        assert (await tx.run(select(stops.c.participant_id))).scalars().all() == [town.women[1]]
        for row in await tx.run(select(accounts)):
            assert int(tx.vault.open(Place("accounts", "chat_id", row.id), row.chat_id)) in (501, 502, 503)


async def test_what_is_not_sound_is_not_put_back(store: Store, tmp_path: Path) -> None:
    await founded(store)
    with closing(sqlite3.connect(database_of(store))) as rows:
        rows.execute("UPDATE accounts SET chat_id = x'73312e00' WHERE lane = (SELECT min(lane) FROM accounts)")
        rows.commit()
    await backed_up(store, tmp_path / "backup")
    with closing(sqlite3.connect(database_of(store))) as rows:
        before = backups.digests(rows)
    with pytest.raises(RestoreRefused, match="1 cells cannot be opened"):
        await put_back(store, tmp_path / "backup")
    (tmp_path / "backup").write_bytes(b"hilo backup 1\nnothing")
    with pytest.raises(BackupInvalid):
        await put_back(store, tmp_path / "backup")
    with closing(sqlite3.connect(database_of(store))) as rows:
        assert backups.digests(rows) == before


@pytest.mark.holds("S-34")
async def test_what_would_go_out_is_counted(store: Store, tmp_path: Path) -> None:
    town = await founded(store, released_on=START.date() - timedelta(days=8))
    async with fieldwork(store, simulator=town.simulator) as here:
        here.line.is_down = True
        store.clock.advance(days=1)
        await here.machine.checkins.take_due()
        await backed_up(store, tmp_path / "backup")
    await put_back(store, tmp_path / "backup")
    async with store.database.read() as tx:
        waiting = await holding.waiting(tx)
        ready = (await tx.run(select(outbox.c.id).where(outbox.c.state == "ready"))).all()
    assert sum(waiting.messages.values()) + waiting.checkins >= 3
    assert len(ready) == sum(waiting.messages.values())
    said = await asyncio.to_thread(Operator(store.home, {}).done, "restore", "--confirm")
    assert "Would go out" in said
