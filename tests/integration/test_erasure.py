"""Whoever is erased is gone: for everybody at once, for good when her time is over, and from what is put back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from scheduler.retention import keep
from storage import backups, deletion, erasure, funnel, legal_holds, people, request_kinds
from storage import requests as asked
from storage.cells import SEALED
from storage.consents import ConsentGiven, Purpose, record_consents
from storage.database import Tx
from storage.deletion import Kept
from storage.erasure import Cause, State, Wish
from storage.erasure_register import REGISTER, Does, Her
from storage.request_kinds import Answer, Kind
from storage.schema import (
    accounts,
    audit,
    blocked_consents,
    chats,
    erasures,
    files,
    metadata,
    outbox,
    participants,
    remains,
    requests,
    set_aside,
    vault,
)
from storage.schema import legal_holds as legal_holds_kept
from storage.vault import Place, Vault
from tests.integration.test_checkins_cost import query_plan, statements
from tests.integration.test_gate import HARMLESS, hers, tap_code, with_code
from tests.support.canaries import CALLED, HER, HER_CHAT, opened, raw_bytes
from tests.support.chat import Bot
from tests.support.keeping import backed_up, database_of
from tests.support.operator import Operator
from tests.support.world import Store

KEPT = Kept()
BY_STAFF = Wish("command", proved="llamada")

HERS = (
    *("Canariana Ejemplo", "5587650943", CALLED, HER, str(HER_CHAT), "Testiga Canaria", "4,321.98"),
    *("palabras-canario", "tal-cual-canario", "sonido-canario", "me duele-canario"),
    *("nota-canario", "Hermana Canaria", "5544332210", "marcar-canario", "salida-canario"),
    *("puerta-canario", "archivito-canario", "corregir-canario", "plazo-canario", "hacer-canario", "negado-canario"),
    *("apartada-canario", "expediente-canario", "revisado-canario"),
)
"""What leads to a woman of the story; the other canaries are the team's and a stranger's."""


_OF_ACCOUNT = {"notes", "content", "reason", "words", "denied_why", "answer_extended", "carry_out_extended", "members"}
"""The sealed columns of what is kept to account for it: each is emptied, or goes, with the term."""

KEEPING = tuple(table for table, decided in REGISTER.items() if decided.does is Does.KEEPS)
"""Where what is set aside stands, and what must be accounted for."""


def singing(texts: list[bytes]) -> set[str]:
    whole = b"\n".join(texts)
    return {canary for canary in HERS if canary.encode() in whole}


async def in_cells(tx: Tx) -> set[str]:
    """Her canaries in what the key opens."""
    return singing([plain async for _, plain in opened(tx)])


async def women(tx: Tx) -> list[int]:
    return list((await tx.run(select(participants.c.id))).scalars())


async def erased(store: Store, wish: Wish = BY_STAFF) -> list[int]:
    """Everybody in the store is."""
    async with store.database.transact() as tx:
        all_ = await women(tx)
        for woman in all_:
            await erasure.erase(tx, woman, wish)
    return all_


async def deepened(tx: Tx) -> None:
    """What the story does not seal of a woman: who stands at her door, and what a file of hers is called."""
    of_women = select(accounts.c.lane).where(accounts.c.participant_id.is_not(None))
    chat = (await tx.run(select(chats.c.id).where(chats.c.lane.in_(of_women)).limit(1))).scalar_one()
    door = tx.vault.seal(Place("chats", "doorstep", chat), b"puerta-canario")
    await tx.run(update(chats).where(chats.c.id == chat).values(doorstep=door))
    hers = select(files.c.id).where(files.c.participant_id.is_not(None)).limit(1)
    file = (await tx.run(hers)).scalar_one()
    name = tx.vault.seal(Place("files", "name", file), b"archivito-canario")
    await tx.run(update(files).where(files.c.id == file).values(name=name))


async def expected(tx: Tx) -> int:
    """How many check-ins the ledger says are or were expected, by whichever clock they were written."""
    told = funnel.sum_up(await funnel.tallies(tx, tx.now + timedelta(days=4000)))
    assert told.expected == told.open + sum(told.fates.values())
    return told.expected


async def test_every_table_is_in_the_register_and_what_names_her_is_found_by_it() -> None:
    assert {table.name for table in REGISTER} == set(metadata.tables)
    for table, decided in REGISTER.items():
        names_her = "participant_id" in table.c or "checkin_id" in table.c
        if names_her and decided.does is Does.IS_NOT_HERS:
            raise AssertionError(f"{table.name} names women, and the register says that it is not about any")
        assert (decided.hers is not None) == (decided.does in (Does.SETS_ASIDE, Does.TAKES_OUT, Does.ENDS)), table.name
        assert decided.why or decided.hers is not None, table.name
        if decided.does is Does.KEEPS:
            sealed = {cells.column.name for cells in SEALED if cells.table is table}
            assert sealed <= _OF_ACCOUNT


@pytest.mark.holds("S-17")
async def test_after_withdrawal_erasure_and_retention_nothing_of_her_is_left(
    planted_store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, database = planted_store, planted_store.database
    async with database.transact() as tx:
        await deepened(tx)
        assert await in_cells(tx) == set(HERS), "the key finds all of them before"
        hers = await ciphertexts(tx)
        before = await expected(tx)
        for woman in await women(tx):
            no = ConsentGiven(woman, Purpose.FOLLOW_UP, "1", "h", given=False)
            await record_consents(tx, [(no, tx.now)])
    assert before > 0
    assert len(hers) > 20
    raw = raw_bytes(database_of(store))
    assert sum(cell in raw for cell in hers) > 20
    all_ = await erased(store, Wish("participant", Cause.WITHDRAWN, proved="codigo"))
    async with database.read() as tx:
        assert singing([plain async for cells, plain in opened(tx) if cells.table not in KEEPING]) <= {str(HER_CHAT)}, (
            "but that her chat is still to be cleared, nothing is anywhere but where it is set aside"
        )
        assert await expected(tx) == before
    store.clock.advance(days=7 + KEPT.blocked.days, seconds=1)
    assert await keep(database, KEPT) == len(all_) + 1, "they, and she who was set aside before"
    store.clock.advance(days=KEPT.accounted.days, seconds=1)
    assert await keep(database, KEPT) == len(all_) + 1
    async with database.read() as tx:
        assert await in_cells(tx) == set()
        assert await expected(tx) == before
        for table in (erasures, set_aside, blocked_consents):
            assert (await tx.run(select(func.count()).select_from(table))).scalar_one() == 0
    raw = raw_bytes(database_of(store))
    assert not any(cell in raw for cell in hers), "not even sealed"
    assert singing([raw]) == set()
    assert await in_backup(store, tmp_path / "backup") == set()
    out = tmp_path / "later"
    operator = Operator(store.home, {})
    for words in (("export", "--out", str(out)), ("ledger",), ("privacy", "erased"), ("audit", "verify")):
        ran = await asyncio.to_thread(operator.runs, *words)
        assert ran.returncode == 0, ran.stderr
        assert singing([ran.stdout.encode(), ran.stderr.encode()]) == set()
    assert singing([file.read_bytes() for file in out.rglob("*") if file.is_file()]) == set()
    assert singing([caplog.text.encode()]) == set()


async def ciphertexts(tx: Tx) -> list[bytes]:
    """The sealed cells of the rows that are the women's."""
    lanes = tuple((await tx.run(select(accounts.c.lane).where(accounts.c.participant_id.is_not(None)))).scalars())
    found: list[bytes] = []
    for cells in SEALED:
        hers = REGISTER[cells.table].hers
        if hers is None:
            continue
        for woman in await women(tx):
            rows = select(cells.column).where(hers(Her(woman, lanes)), cells.column.is_not(None))
            found += (await tx.run(rows)).scalars()
    return found


async def in_backup(store: Store, file: Path) -> set[str]:
    """Her canaries in what the key opens of a backup that is made now."""
    await backed_up(store, file)
    copy = file.with_name("unpacked.sqlite3")
    manifest = backups.unpack(file, store.vault, into=copy)
    keys = Vault(backups.keys_with(store.vault.keys, manifest), chance=bytes)
    found: list[bytes] = [copy.read_bytes()]
    with backups.read_only(copy) as rows:
        for cells in SEALED:
            names = ", ".join(f'"{key.name}"' for key in cells.keys)
            query = f'SELECT {names}, "{cells.column.name}" FROM "{cells.table.name}"'
            found += [keys.open(cells.place(*row[:-1]), row[-1]) for row in rows.execute(query) if row[-1] is not None]
    assert len(found) > 5
    return singing(found)


async def test_the_story_has_a_sealed_cell_of_hers_in_every_column_that_can_be_hers(planted_store: Store) -> None:
    async with planted_store.database.transact() as tx:
        await deepened(tx)
        lanes = tuple((await tx.run(select(accounts.c.lane).where(accounts.c.participant_id.is_not(None)))).scalars())
        for cells in SEALED:
            hers = REGISTER[cells.table].hers
            if hers is None:
                continue
            rows = [
                select(cells.column).where(hers(Her(woman, lanes)), cells.column.is_not(None)).limit(1)
                for woman in await women(tx)
            ]
            assert any([(await tx.run(one)).first() for one in rows]), cells.name


async def test_she_is_back_as_she_was_for_a_week_and_her_chat_is_not(store: Store) -> None:
    bot = Bot(store)
    chat = await bot.enrolled()
    await chat.say("ayuda")
    before = await rows(store)
    async with store.database.transact() as tx:
        (woman,) = await women(tx)
        await erasure.erase(tx, woman, Wish("participant"))
    async with store.database.read() as tx:
        assert await people.cards(tx) == []
        assert await expected(tx) > 0
        (one,) = await erasure.set_aside(tx)
        assert (one.notes.record_id, one.proved) == ("R-501", False)
        assert await erasure.find(tx, "r-501") == one
    store.clock.advance(days=6)
    assert await keep(store.database, KEPT) == 0
    async with store.database.transact() as tx:
        await erasure.undo(tx, one, by="command")
    after = await rows(store)
    assert {name: number for name, number in after.items() if name in before} == before
    async with store.database.read() as tx:
        assert [card.record_id for card in await people.cards(tx)] == ["R-501"]
        assert (await tx.run(select(func.count()).select_from(remains))).scalar_one() == 0
        assert (await tx.run(select(accounts.c.unlinked_at))).scalar_one() is not None
        digest = (await tx.run(select(vault.c.record_id_digest))).scalar_one()
        assert digest in people.record_id_digests(tx.vault, "R-501")
    assert "R-501" not in " ".join(await chat.say("hola")), "whoever has her phone is a stranger"


async def rows(store: Store) -> dict[str, int]:
    """How many rows the tables have that are set aside."""
    async with store.database.read() as tx:
        return {
            table.name: (await tx.run(select(func.count()).select_from(table))).scalar_one()
            for table, decided in REGISTER.items()
            if decided.does is Does.SETS_ASIDE
        }


@pytest.mark.holds("S-18")
async def test_nothing_is_deleted_that_is_held_doubtful_or_fresh(store: Store) -> None:
    bot = Bot(store)
    for record_id in ("R-1", "R-2", "R-3"):
        await bot.register(record_id)
    async with store.database.transact() as tx:
        known = await people.known_record_ids(tx, ["R-1", "R-2", "R-3"])
        await legal_holds.hold(
            tx, known["R-1"], until=(store.clock.at + timedelta(days=60)).date(), reason="expediente"
        )
        await erasure.erase(tx, known["R-1"], BY_STAFF)
        await erasure.erase(tx, known["R-2"], Wish("participant"))
        await erasure.erase(tx, known["R-3"], BY_STAFF)
    at_once = Kept(timedelta(), KEPT.accounted)
    assert await keep(store.database, at_once) == 0
    store.clock.advance(days=7, seconds=1)
    assert await keep(store.database, at_once) == 1, "R-3, of whom it is known that she wanted it"
    store.clock.advance(days=25)
    assert await keep(store.database, at_once) == 1, "R-2, whom nobody has asked in twenty working days"
    async with store.database.read() as tx:
        assert [one.notes.record_id for one in await erasure.set_aside(tx)] == ["R-1"]
    store.clock.advance(days=40)
    assert await keep(store.database, at_once) == 1
    async with store.database.read() as tx:
        assert (await tx.run(select(erasures.c.state))).scalars().all() == [State.CARRIED_OUT] * 3


@pytest.mark.holds("S-18")
async def test_who_is_held_or_doubtful_costs_a_look_at_an_index_and_opens_nothing(store: Store) -> None:
    bot = Bot(store)
    held = await bot.register("R-1")
    async with store.database.transact() as tx:
        await legal_holds.hold(tx, held, until=(tx.now + timedelta(days=400)).date(), reason="expediente")
        await erasure.erase(tx, held, BY_STAFF)
        await tx.run(update(erasures).values(notes=b"not to be opened"))
        await tx.run(update(legal_holds_kept).values(reason=b"nor this"))
    store.clock.advance(days=200)
    assert await keep(store.database, KEPT) == 0
    with statements(store) as heard:
        async with store.database.read() as tx:
            assert await deletion.due(tx, KEPT) == []
            assert await deletion.accounted(tx, KEPT) == []
    looks = [one for one in heard if "FROM erasures" in one[0]]
    assert len(looks) == 2
    for look in looks:
        (erasures_by, *_) = [step for step in await query_plan(store, *look) if "erasures" in step]
        assert "USING INDEX ix_erasures" in erasures_by


@pytest.mark.holds("S-18")
async def test_what_an_old_erasure_is_forgotten_with_is_not_what_holds_a_new_one(store: Store) -> None:
    bot = Bot(store)
    woman = await bot.register("R-1")
    async with store.database.transact() as tx:
        await erasure.erase(tx, woman, BY_STAFF)
        one = await erasure.of_woman(tx, woman)
        assert one is not None
        await erasure.undo(tx, one, by="command")
    store.clock.advance(days=KEPT.accounted.days - 1)
    async with store.database.transact() as tx:
        number, _ = await asked.open_request(tx, asked.Asked(woman, Kind.ERASE))
        await erasure.erase(tx, woman, BY_STAFF)
        await legal_holds.hold(tx, woman, until=(tx.now + timedelta(days=2)).date(), reason="juicio")
    store.clock.advance(days=1, seconds=1)
    assert await keep(store.database, KEPT) == 0, "while anything of hers is held"
    store.clock.advance(days=3)
    async with store.database.transact() as tx:
        await legal_holds.hold(tx, woman, until=(tx.now + timedelta(days=400)).date(), reason="juicio")
        await tx.run(update(legal_holds_kept).where(legal_holds_kept.c.lifted_at.is_not(None)).values(reason=None))
        assert await deletion.forget(tx, KEPT) == 0
        await legal_holds.lift(tx, woman)
        assert await deletion.forget(tx, KEPT) == 1
        assert [one.number for one in await asked.standing(tx)] == [number], "she is still to be answered"
        assert await erasure.of_woman(tx, woman) is not None


async def test_what_is_closed_by_a_deletion_says_what_was_done_and_what_was_not(store: Store) -> None:
    bot = Bot(store)
    woman = await bot.register("R-1")
    async with store.database.transact() as tx:
        for kind in (Kind.ERASE, Kind.CORRECT):
            await asked.open_request(tx, asked.Asked(woman, kind, words="algo"))
        await erasure.erase(tx, woman, BY_STAFF)
        one = await erasure.of_woman(tx, woman)
        assert one is not None
        await deletion.carry_out(tx, one, by="command")
        rows = (await tx.run(select(requests).order_by(requests.c.number))).all()
    assert [(row.state, row.answer, row.carried_out_at is not None) for row in rows] == [
        (request_kinds.State.CLOSED, Answer.GRANTED, True),
        (request_kinds.State.CLOSED, Answer.WITHDRAWN, False),
    ]


async def test_what_is_blocked_is_read_for_a_legal_reason_alone_and_that_is_written_down(store: Store) -> None:
    await Bot(store).enrolled()
    operator = Operator(store.home, {})

    def types() -> None:
        early = ("privacy", "export", "R-501", "--out", store.home / "early.json", "--legal", "juicio")
        assert "leave out --legal" in operator.refused(*early)
        said = operator.done("privacy", "erase", "R-501", "--how", "llamada")
        assert "What stays" in said
        assert operator.read("privacy", "erased")[0]["record_id"] == "R-501"
        operator.refused("privacy", "export", "R-501", "--out", store.home / "hers.txt", "--legal", "juicio")
        out = store.home / "hers.json"
        assert "say with --legal" in operator.refused("privacy", "export", "R-501", "--out", out)
        operator.done("privacy", "export", "R-501", "--out", out, "--legal", "juicio")
        assert "R-501" in out.read_text(encoding="utf-8")
        assert out.stat().st_mode & 0o077 == 0
        assert "is set aside already: until" in operator.refused("privacy", "erase", "R-501")
        assert "cannot be undone" in operator.refused("privacy", "erase", "R-501", "--now")

    await asyncio.to_thread(types)
    async with store.database.read() as tx:
        found = (await tx.run(select(audit.c.detail).where(audit.c.action == "blocked_read"))).scalars().all()
    assert found == ["juicio"]


@pytest.mark.holds("S-54")
@pytest.mark.parametrize("at_once", [False, True])
async def test_her_chat_is_cleared_however_soon_what_was_kept_of_her_goes(store: Store, at_once: bool) -> None:
    bot = Bot(store)
    rosa = await with_code(bot)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    await tap_code(rosa)
    assert not set(hers(rosa)) <= HARMLESS, "a question stands open"
    async with store.database.transact() as tx:
        (woman,) = await women(tx)
        await erasure.erase(tx, woman, BY_STAFF)
        one = await erasure.of_woman(tx, woman)
        if at_once:
            assert one is not None
            await deletion.carry_out(tx, one, by="command")
    await bot.settle()
    assert set(hers(rosa)) <= HARMLESS
    async with store.database.read() as tx:
        assert (await tx.run(select(outbox.c.lane, outbox.c.payload).where(outbox.c.lane.is_not(None)))).all() == []


@pytest.mark.holds("S-54")
async def test_the_file_she_was_handed_does_not_outlast_her_erasure(store: Store) -> None:
    rosa = await with_code(Bot(store))
    await rosa.say("/misdatos")
    await tap_code(rosa)
    await rosa.tap("Dame el archivo")
    assert "(file archivo.txt)" in hers(rosa)
    await rosa.say("/cancelar")
    await rosa.tap("Sí, bórralo")
    assert set(hers(rosa)) <= HARMLESS | {"Listo."}


async def test_what_others_say_of_her_is_told_to_staff(store: Store) -> None:
    bot = Bot(store)
    await bot.enrolled()
    await bot.register("R-77")
    operator = Operator(store.home, {})

    def types() -> str:
        operator.done("calls", "attempt", "R-77", "--disposition", "busy", "--note", "vive con R-501-Rosa")
        hold = ("privacy", "hold", "R-501", "--until")
        assert "is over" in operator.refused(*hold, "2020-01-01", "--reason", "expediente 6")
        assert "say with --reason" in operator.refused(*hold, "2100-01-01", "--reason", " ")
        operator.done(*hold, "2099-01-01", "--reason", "expediente 6")
        again = operator.types(*hold, "2100-01-01", "--reason", "expediente 7")
        assert "instead of the hold through 2099-01-01 (expediente 6)" in again.stderr
        assert "expediente 7" in operator.done("privacy", "holds")
        assert "a hold keeps" in operator.refused("privacy", "erase", "R-501", "--how", "llamada", "--now")
        operator.done("privacy", "release", "R-501")
        now = ("privacy", "erase", "R-501", "--how", "llamada", "--now")
        assert "say --yes" in operator.refused(*now)
        assert "nothing was erased" in replace(operator, answers="n\n").refused(*now)
        said = replace(operator, answers="y\n").types(*now)
        assert "Delete Rosa Prueba (R-501) for good?" in said.stdout
        assert said.exit_code == 0, said.output
        return said.stderr

    assert "attempts.note (1)" in await asyncio.to_thread(types)
    async with store.database.read() as tx:
        assert (await tx.run(select(func.count()).select_from(set_aside))).scalar_one() == 0
