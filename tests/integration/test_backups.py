"""A backup is the store of one moment, proves itself, and stands under its name only when it is whole."""

import asyncio
import json
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.nightly import Nightly, Terms
from storage import audit, backups, installation, restoring, safekeeping
from storage.backups import BackupInvalid, BackupStopped, Making
from storage.safekeeping import Kept, ProofInvalid
from storage.schema import audit as trail
from storage.vault import Keys, Vault
from tests.support.chat import Bot
from tests.support.keeping import backed_up, database_of, journal_of, raw
from tests.support.operator import SCRIPT, Operator
from tests.support.world import START, HeldClock, Store

CANARIES = ("Rosalinda Canaria", "5598765432", "R-CANARIO", "quinientos canarios")


async def furnished(store: Store) -> None:
    """A woman with a chat, and words of hers that wait."""
    bot = Bot(store)
    rosa = await bot.enrolled()
    await rosa.say(f"ayuda {CANARIES[3]}")
    await bot.register(CANARIES[2], name=CANARIES[0])


@pytest.mark.holds("S-33")
async def test_what_is_backed_up_is_proved_to_the_last_cell(store: Store, tmp_path: Path) -> None:
    await furnished(store)
    manifest = await backed_up(store, tmp_path / "backup")
    proved = await restoring.prove(tmp_path / "backup", store.world, within=tmp_path)
    assert proved.faults == ()
    assert proved.cells > 5
    assert proved.manifest == manifest
    with closing(sqlite3.connect(database_of(store))) as rows:
        for table, known in manifest.tables.items():
            assert rows.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (known.number,)
    assert manifest.tables["vault"].number == 2
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(tmp_path)) == ["backup", "home"], "nothing is left of the work"


@pytest.mark.holds("T-server-2")
async def test_nobody_reads_anything_in_it(store: Store, tmp_path: Path) -> None:
    await furnished(store)
    await backed_up(store, tmp_path / "backup")
    inside = raw([tmp_path / "backup"])
    for secret in (*CANARIES, "Rosa", "SQLite", "CREATE TABLE", "participants", "seguimiento"):
        assert secret.encode() not in inside


async def test_a_byte_that_was_changed_anywhere_is_found(store: Store, tmp_path: Path) -> None:
    await furnished(store)
    backup, harmed = tmp_path / "backup", tmp_path / "harmed"
    await backed_up(store, backup)
    sound = backup.read_bytes()
    places = [*range(300), *range(300, len(sound), 211), *range(len(sound) - 40, len(sound))]
    for place in places:
        harmed.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        await refused(store, harmed)
    for cut in (1, 16, 1000, len(sound) // 2, len(sound) - 20):
        harmed.write_bytes(sound[:-cut])
        await refused(store, harmed)
    for more in (b"\0", b"\0\0\0\0", sound[-2000:]):
        harmed.write_bytes(sound + more)
        await refused(store, harmed)


async def refused(store: Store, backup: Path) -> None:
    with pytest.raises(BackupInvalid):
        await restoring.prove(backup, store.world, within=store.home)


async def test_a_whole_chunk_that_is_missing_or_moved_is_found(store: Store, tmp_path: Path) -> None:
    await furnished(store)
    with closing(sqlite3.connect(database_of(store))) as rows:
        rows.execute("CREATE TABLE ballast (content BLOB)")
        rows.execute("INSERT INTO ballast VALUES (?)", (Random(1).randbytes(4 * backups.CHUNK),))
        rows.commit()
    backup, harmed = tmp_path / "backup", tmp_path / "harmed"
    await backed_up(store, backup)
    sound = backup.read_bytes()
    at = sound.index(b"\n", len(backups.MAGIC)) + 1
    head, chunks = sound[:at], []
    while at < len(sound):
        length = 4 + int.from_bytes(sound[at : at + 4])
        chunks.append(sound[at : at + length])
        at += length
    assert len(chunks) > 4
    assert len({len(chunk) for chunk in chunks[1:4]}) == 1
    for other in (chunks[:-1], [*chunks[:2], *chunks[3:]], [*chunks[:2], chunks[3], chunks[2], *chunks[4:]]):
        harmed.write_bytes(head + b"".join(other))
        await refused(store, harmed)
    harmed.write_bytes(head + b"".join(chunks))
    assert (await restoring.prove(harmed, store.world, within=store.home)).faults == ()


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "1", "i1;", "t0:"]), st.binary(max_size=2))),
    place=st.integers(0, 99),
    value=st.sampled_from([None, 0, 1, 1.0, "", "1", b"", b"1", "i1;", 2**60]),
)
def test_the_digest_tells_any_two_contents_apart(rows: list[tuple[int, str, bytes]], place: int, value: object) -> None:
    def digest(content: list[tuple[object, ...]]) -> str:
        with closing(sqlite3.connect(":memory:")) as there:
            there.execute("CREATE TABLE t (a, b, c)")
            there.executemany("INSERT INTO t VALUES (?, ?, ?)", content)
            return backups.digests(there)["t"].digest

    before: list[tuple[object, ...]] = [tuple(row) for row in rows]
    after = [list(row) for row in rows]
    if after:
        row = after[place % len(after)]
        row[place % 3] = value
    changed = [tuple(row) for row in after]
    is_same = [[(type(cell), cell) for cell in row] for row in before] == [
        [(type(cell), cell) for cell in row] for row in changed
    ]
    assert (digest(before) == digest(changed)) is is_same
    assert digest(before) != digest([*before, (0, "", b"")])


async def test_a_backup_made_under_load_is_one_moment(store: Store, tmp_path: Path) -> None:
    await furnished(store)
    async with store.database.transact() as tx:
        already = (await tx.run(select(func.count()).select_from(trail))).scalar_one()
        await installation.remember(tx, {"entries": str(already)})
    over = asyncio.Event()

    async def write() -> int:
        """Two places that always say the same, and no end of it."""
        written = already
        while not over.is_set():
            async with store.database.transact() as tx:
                written += 3
                await audit.append(tx, [audit.Act("command", "roster_read")] * 3)
                await installation.remember(tx, {"entries": str(written)})
            await asyncio.sleep(0)
        return written

    writing = asyncio.create_task(write())
    for number in range(5):
        backup = tmp_path / f"backup-{number}"
        manifest = await backed_up(store, backup)
        assert (await restoring.prove(backup, store.world, within=tmp_path)).faults == ()
        backups.unpack(backup, store.vault, into=tmp_path / f"store-{number}")
        with closing(sqlite3.connect(tmp_path / f"store-{number}")) as rows:
            ((kept,),) = rows.execute("SELECT value FROM installation WHERE name = 'entries'")
        assert int(kept) == manifest.audit_number == manifest.tables["audit"].number
    over.set()
    assert await writing > already


async def test_another_key_opens_nothing(store: Store, tmp_path: Path) -> None:
    await backed_up(store, tmp_path / "backup")
    other = Vault(Keys({}, {}, {}).with_fresh(store.ids.chance), chance=store.ids.chance)
    with pytest.raises(BackupInvalid, match="damaged or incomplete"):
        await restoring.prove(tmp_path / "backup", replace(store.world, vault=other), within=tmp_path)


async def test_whoever_is_told_to_stop_leaves_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    making = Making(store.vault, store.ids, START, "0")
    making.stop.set()
    with pytest.raises(BackupStopped):
        backups.make(database_of(store), tmp_path / "kept" / "backup", making=making)
    assert list((tmp_path / "kept").iterdir()) == []
    assert list(store.home.glob(f"{backups.ROOM}*")) == []


# --- killed


def test_sigkill_leaves_no_half_file_under_the_name(tmp_path: Path) -> None:
    operator = Operator(tmp_path / "home", {})
    operator.begins()
    with closing(sqlite3.connect(operator.home / "hilo.sqlite3")) as rows:
        rows.execute("CREATE TABLE ballast (content BLOB)")
        rows.executemany("INSERT INTO ballast VALUES (?)", [(Random(n).randbytes(1_000_000),) for n in range(12)])
        rows.commit()
    target = tmp_path / "away" / "backup"
    target.parent.mkdir()
    environment = {"HILO_HOME": str(operator.home), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen([SCRIPT, "backup", target], env=environment, stdout=subprocess.DEVNULL) as process:
        while not any(half.stat().st_size for half in target.parent.glob(".*.half")):
            assert process.poll() is None, "it was over before anybody looked"
        process.kill()
    assert not target.exists()
    assert [file.name.endswith(".half") for file in target.parent.iterdir()] == [True]
    assert len(list(operator.home.glob(f"{backups.ROOM}*"))) == 1
    operator.done("backup", target)
    assert list(target.parent.iterdir()) == [target], "what the killed one left is gone"
    assert list(operator.home.glob(f"{backups.ROOM}*")) == []
    assert "can be put back" in operator.done("restore", target, "--check")


# --- at the command line


def test_a_backup_is_not_written_over(tmp_path: Path) -> None:
    operator = Operator(tmp_path / "home", {})
    operator.begins()
    operator.done("backup", tmp_path / "one")
    before = (tmp_path / "one").read_bytes()
    assert "--force" in operator.refused("backup", tmp_path / "one")
    assert "is a folder" in operator.refused("backup", tmp_path)
    assert "say which file" in operator.refused("backup")
    assert (tmp_path / "one").read_bytes() == before
    operator.done("backup", tmp_path / "one", "--force")
    assert (tmp_path / "one").read_bytes() != before


def test_a_check_is_proof_of_another_machine_alone(tmp_path: Path) -> None:
    operator = Operator(tmp_path / "home", {})
    operator.begins()
    operator.done("backup", tmp_path / "one")
    told = operator.done("restore", tmp_path / "one", "--check")
    code = next(line.removeprefix("Proof: ") for line in told.splitlines() if line.startswith("Proof: "))
    assert "on this very machine" in operator.refused("backup", "--proved", code)
    assert "no code that" in operator.refused("backup", "--proved", ("A" if code[0] != "A" else "B") + code[1:])
    assert "no code that" in operator.refused("backup", "--proved", "hola")
    assert "no backup was proved on another machine" in operator.types("doctor").output


async def test_a_code_of_another_machine_counts(store: Store, tmp_path: Path) -> None:
    manifest = await backed_up(store, tmp_path / "one")
    code = safekeeping.proof(store.vault, manifest, machine="there")
    assert [len(group) for group in code.split("-")] == [5, 5, 5, 5]
    assert safekeeping.read_proof(store.vault, code.lower(), machine="here") == START.date()
    with pytest.raises(ProofInvalid):
        safekeeping.read_proof(store.vault, code, machine="there")
    operator = Operator(store.home, {})
    assert "was opened on another machine" in await asyncio.to_thread(operator.done, "backup", "--proved", code)
    looked = await asyncio.to_thread(operator.types, "doctor")
    assert "a backup was proved on another machine at" in looked.output


# --- each night


def terms(store: Store, **other: object) -> Terms:
    usual = Terms(database_of(store), store.home / "backups", 3, "America/Mexico_City", Kept(3, 2, 2))
    return replace(usual, **other)  # type: ignore[arg-type]


def nightly(store: Store, **other: object) -> Nightly:
    return Nightly(store.database, journal=journal_of(store), terms=terms(store, **other))


async def nights(store: Store, work: Nightly, count: int) -> list[datetime]:
    """The moments at which a backup was made, of so many days looked at hour by hour."""
    clock, made = store.clock, []
    assert isinstance(clock, HeldClock)
    for _ in range(24 * count):
        clock.advance(hours=1)
        if await work.step():
            made.append(clock.at)
    return made


async def test_one_each_night_and_the_old_ones_go(store: Store) -> None:
    made = await nights(store, nightly(store), 40)
    assert {moment.hour for moment in made} == {9}, "three in the morning in Mexico City"
    assert len(made) == 40
    kept = safekeeping.nightly(store.home / "backups")
    assert list(kept.values()) == sorted(set(made) - safekeeping.spare(made, Kept(3, 2, 2)), reverse=True)
    assert 3 < len(kept) <= 7
    for file in kept:
        assert (await restoring.prove(file, store.world, within=store.home)).faults == ()
    async with store.database.read() as tx:
        assert (await safekeeping.standing(tx)).last_at == made[-1]


async def test_a_night_that_was_slept_through_is_made_up_for(store: Store) -> None:
    work = nightly(store)
    assert await nights(store, work, 2)
    store.clock.advance(days=5, hours=7)
    assert await nightly(store).step()
    assert not await nightly(store).step()


async def test_what_fails_is_told_and_tried_again_in_an_hour(store: Store) -> None:
    assert not await nightly(store).step()
    (store.home / "backups").write_text("in the way", encoding="utf-8")
    store.clock.advance(days=1)
    work = nightly(store)
    assert not await work.step()
    looked = await asyncio.to_thread(Operator(store.home, {}).types, "doctor")
    assert "failed (FileExistsError)" in looked.output
    (store.home / "backups").unlink()
    assert not await work.step(), "not yet"
    store.clock.advance(hours=1)
    assert await work.step()
    async with store.database.read() as tx:
        assert (await safekeeping.standing(tx)).failed_at is None


async def test_other_files_in_the_folder_stay(store: Store) -> None:
    folder = store.home / "backups"
    folder.mkdir()
    others = [folder / name for name in ("notes.txt", "hilo-.backup", "hilo-old.backup", "mine.backup")]
    for other in others:
        other.write_text("mine", encoding="utf-8")
    await nights(store, nightly(store), 12)
    assert all(other.exists() for other in others)


@asynccontextmanager
async def watcher(*, status: int = 200) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """Somebody elsewhere who waits for a sign of life; and the calls that came."""
    calls: list[web.Request] = []

    async def hear(request: web.Request) -> web.Response:
        calls.append(request)
        return web.Response(status=status)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}/ping/secret", calls
    finally:
        await runner.cleanup()


@pytest.mark.holds("S-33")
async def test_somebody_is_told_after_a_backup_and_only_then(store: Store) -> None:
    async with watcher() as (url, calls):
        assert len(await nights(store, nightly(store, ping=url), 3)) == 3
        assert [(call.method, call.path_qs) for call in calls] == [("GET", "/ping/secret")] * 3
        assert all(not call.can_read_body for call in calls)
        (store.home / "elsewhere").write_text("in the way", encoding="utf-8")
        assert not await nights(store, nightly(store, ping=url, folder=store.home / "elsewhere"), 1)
        assert len(calls) == 3


@pytest.mark.parametrize("status", [500, 0], ids=["refuses", "is_away"])
async def test_a_watcher_who_is_not_reached_is_told_of(store: Store, status: int) -> None:
    async with watcher(status=status or 200) as (url, _):
        there = url if status else "http://127.0.0.1:9/ping"
        assert len(await nights(store, nightly(store, ping=there), 1)) == 1
        looked = await asyncio.to_thread(Operator(store.home, {}).types, "doctor")
        assert "whoever watches the backups was not reached" in looked.output
        assert "ping" not in looked.output
    async with watcher() as (url, _):
        assert len(await nights(store, nightly(store, ping=url), 1)) == 1
    async with store.database.read() as tx:
        assert (await safekeeping.standing(tx)).unheard_at is None


@given(
    hours=st.lists(st.integers(0, 24 * 500), unique=True, max_size=200),
    kept=st.builds(Kept, st.integers(1, 9), st.integers(0, 6), st.integers(0, 8)),
)
def test_the_newest_stays_and_no_more_than_asked_for(hours: list[int], kept: Kept) -> None:
    moments = {START + timedelta(hours=hour) for hour in hours}
    stay = moments - safekeeping.spare(moments, kept)
    assert len(stay) <= kept.daily + kept.weekly + kept.monthly
    if moments:
        assert max(moments) in stay
    days = sorted({moment.date() for moment in moments}, reverse=True)[: kept.daily]
    assert {max(m for m in moments if m.date() == day) for day in days} <= stay
    assert safekeeping.spare(stay, kept) == set(), "what stays once stays until others come"


def test_doctor_says_what_a_new_installation_lacks(tmp_path: Path) -> None:
    operator = Operator(tmp_path / "home", {})
    operator.begins()
    assert "no backup was made yet" in operator.types("doctor").output
    operator.done("backup", tmp_path / "one")
    assert "the last backup was made at" in operator.types("doctor").output
    header = (tmp_path / "one").read_bytes().split(b"\n")[1]
    assert set(json.loads(header)) == {"key", "salt", "made_at"}
