"""Voice notes on the command line: who waits, hearing one, and writing one down, which makes it her answer."""

import asyncio
import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot.cli import app
from bot.demo import samples
from bot.housekeeping import keep_house
from conversations.answers import Voice
from conversations.answers import from_json as read_value
from storage import audit, cases, voices
from storage import files as kept_files
from storage.files import KEPT_FOR, FileState
from storage.schema import answers, files
from storage.schema import audit as trail
from storage.vault import Place
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.voice import QUESTION, Sender, stored, woman
from tests.support.world import Store

WORDS = "Ya entré a un taller de costura, y me pagan por pieza."


@pytest.fixture
def operator(store: Store) -> Operator:
    """Somebody at the store's command line."""
    return Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS})


@pytest.fixture
async def rosa(store: Store) -> Sender:
    return await woman(store)


async def fetch(store: Store, *, kept: bool = True) -> None:
    """What waits has arrived, or cannot be had."""
    async with store.database.transact() as tx:
        for one in await kept_files.due(tx, 10):
            if kept:
                await kept_files.keep(tx, one, kept_files.seal(store.vault, one, content=samples.voice()))
            else:
                await kept_files.give_up(tx, one)


async def open_kinds(store: Store) -> list[str]:
    async with store.database.read() as tx:
        return [case.kind for case in await cases.who_waits(tx)]


async def acts(store: Store) -> list[tuple[str, str, str | None]]:
    async with store.database.read() as tx:
        assert await audit.verify(tx) is None
        return [(row.actor, row.action, row.detail) for row in await tx.run(select(trail).order_by(trail.c.number))]


def words_of(store: Store, answer: Any) -> Any:
    return read_value(json.loads(store.vault.open(Place("answers", "words", answer.id), answer.words)))


async def test_a_note_is_listed_heard_and_written_down(
    store: Store, rosa: Sender, operator: Operator, tmp_path: Path
) -> None:
    ref = await rosa.voice("voice-1", seconds=64)
    assert "not here yet" in await asyncio.to_thread(operator.done, "voices", "list")
    await fetch(store)
    store.clock.advance(hours=3)
    listed = await asyncio.to_thread(operator.done, "voices", "list")
    assert listed == f"{ref}\tR-1\ts1 {QUESTION}\t1:04\tsent 2026-03-02 10:00-06:00\there\n"
    (told,) = await asyncio.to_thread(operator.read, "voices", "list")
    assert told == {
        "ref": ref,
        "record_id": "R-1",
        "point": "s1",
        "question": QUESTION,
        "seconds": 64,
        "sent_at": "2026-03-02T16:00:00+00:00",
        "state": "kept",
    }
    assert await open_kinds(store) == ["transcripcion"]

    out = tmp_path / "nota.ogg"
    await asyncio.to_thread(operator.done, "voices", "save", ref, "--out", out)
    assert out.read_bytes() == samples.voice()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert await open_kinds(store) == ["transcripcion"]

    await asyncio.to_thread(operator.done, "voices", "transcribe", ref, "--text", f"  {WORDS}\n")
    voice, written = await rosa.revisions()
    assert (voice.revision, voice.mode, words_of(store, voice)) == (1, "chat", Voice(ref, 64))
    assert (written.revision, written.mode, words_of(store, written)) == (2, "voice", WORDS)
    assert (voice.replaced_at is None, written.replaced_at is None) == (False, True)
    assert (written.value, written.raw, written.at, written.status) == (None, None, voice.at, 0)
    assert await asyncio.to_thread(operator.read, "voices", "list") == []
    assert await open_kinds(store) == []
    assert (await acts(store))[-3:] == [
        ("command", "voice_heard", ref),
        ("command", "voice_transcribed", ref),
        ("command", "case_closed", "transcripcion"),
    ]
    refused = await asyncio.to_thread(operator.refused, "voices", "transcribe", ref, "--text", "otra cosa")
    assert "has been written down already" in refused
    assert len(await rosa.revisions()) == 2


async def test_what_she_said_is_sealed(store: Store, rosa: Sender, operator: Operator) -> None:
    ref = await rosa.voice("voice-1")
    await fetch(store)
    await asyncio.to_thread(operator.done, "voices", "transcribe", ref, "--text", WORDS)
    on_disk = b"".join(path.read_bytes() for path in store.home.glob("hilo.sqlite3*"))
    assert ref.encode() in on_disk
    assert b"costura" not in on_disk


async def test_words_come_by_standard_input_too(store: Store, rosa: Sender, operator: Operator) -> None:
    ref = await rosa.voice("voice-1")
    await fetch(store)
    home = {"HILO_HOME": str(store.home)}
    for words, status in (("  \n", 1), (f"{WORDS}\n", 0)):
        typed = await asyncio.to_thread(CliRunner().invoke, app, ["voices", "transcribe", ref], input=words, env=home)
        assert typed.exit_code == status, typed.output
    assert words_of(store, (await rosa.revisions())[-1]) == WORDS


async def test_the_sound_is_deleted_a_week_after_it_was_written_down(
    store: Store, rosa: Sender, operator: Operator, tmp_path: Path
) -> None:
    ref = await rosa.voice("voice-1")
    await fetch(store)
    store.clock.advance(days=40)
    await keep_house(store.database)
    async with store.database.transact() as tx:  # by the store's clock: a command reads the machine's
        assert await voices.transcribe(tx, ref, WORDS) is None
    store.clock.at += KEPT_FOR - timedelta(minutes=1)
    await keep_house(store.database)
    out = tmp_path / "nota.ogg"
    await asyncio.to_thread(operator.done, "voices", "save", ref, "--out", out)
    store.clock.advance(minutes=1)
    await keep_house(store.database)
    (row,) = await stored(store)
    assert (row.content, row.transcribed_at is None) == (None, False)
    gone = await asyncio.to_thread(operator.refused, "voices", "save", ref, "--out", tmp_path / "otra.ogg")
    assert "has been deleted" in gone
    assert not (tmp_path / "otra.ogg").exists()
    assert words_of(store, (await rosa.revisions())[-1]) == WORDS
    assert (await acts(store))[-1] == ("tick", "voice_deleted", ref)


async def test_what_she_has_answered_anew_is_not_written_down_and_its_sound_goes(
    store: Store, rosa: Sender, operator: Operator
) -> None:
    ref = await rosa.voice("voice-1")
    await fetch(store)
    await rosa.answers("mejor escrito")
    assert await asyncio.to_thread(operator.read, "voices", "list") == []
    refused = await asyncio.to_thread(operator.refused, "voices", "transcribe", ref, "--text", WORDS)
    assert "her new answer stands" in refused
    voice, valid = await rosa.revisions()
    assert (voice.replaced_at is None, valid.replaced_at is None) == (False, True)
    assert words_of(store, valid) == "mejor escrito"
    await keep_house(store.database)
    assert await open_kinds(store) == []
    store.clock.at += KEPT_FOR
    await keep_house(store.database)
    (row,) = await stored(store)
    assert row.content is None


async def test_a_correction_of_what_was_written_down_stands(store: Store, rosa: Sender, operator: Operator) -> None:
    ref = await rosa.voice("voice-1")
    await fetch(store)
    await asyncio.to_thread(operator.done, "voices", "transcribe", ref, "--text", WORDS)
    await rosa.answers("ya no es así")
    await keep_house(store.database)
    kept = await rosa.revisions()
    assert [(row.revision, row.replaced_at is None) for row in kept] == [(1, False), (2, False), (3, True)]
    assert words_of(store, kept[-1]) == "ya no es así"


async def test_a_note_that_came_after_it_was_taken_back_asks_nobody(store: Store, rosa: Sender) -> None:
    await rosa.voice("voice-1")
    await rosa.answers("mejor escrito")
    await fetch(store)
    assert await open_kinds(store) == []


async def test_the_case_is_open_until_the_last_note_is_written_down(
    store: Store, rosa: Sender, operator: Operator
) -> None:
    luz = await woman(store, "R-2")
    first, second = await rosa.voice("voice-1"), await rosa.voice("voice-2", question="otra")
    other = await luz.voice("voice-3")
    await fetch(store)
    assert [note["ref"] for note in await asyncio.to_thread(operator.read, "voices", "list")] == sorted(
        (first, second, other), key=[row.ref for row in await stored(store)].index
    )
    for ref, still_open in ((first, 2), (second, 1), (other, 0)):
        await asyncio.to_thread(operator.done, "voices", "transcribe", ref, "--text", WORDS)
        await keep_house(store.database)
        assert len(await open_kinds(store)) == still_open


async def test_what_could_not_be_fetched_can_still_be_written_down(
    store: Store, rosa: Sender, operator: Operator, tmp_path: Path
) -> None:
    ref = await rosa.voice("voice-1")
    early = await asyncio.to_thread(operator.refused, "voices", "transcribe", ref, "--text", WORDS)
    assert "has not arrived yet" in early
    await fetch(store, kept=False)
    assert await open_kinds(store) == ["transcripcion"]
    assert "could not be fetched" in await asyncio.to_thread(operator.done, "voices", "list")
    save = ("voices", "save", ref, "--out", tmp_path / "nota.ogg")
    assert "ask her what she said" in await asyncio.to_thread(operator.refused, *save)
    await asyncio.to_thread(operator.done, "voices", "transcribe", ref, "--text", WORDS)
    assert words_of(store, (await rosa.revisions())[-1]) == WORDS
    assert await open_kinds(store) == []


async def test_a_message_to_the_team_is_heard_and_answers_nothing(
    store: Store, rosa: Sender, operator: Operator, tmp_path: Path
) -> None:
    ref, lost = await rosa.voice("voice-1", question=None), await rosa.voice("voice-2", question=None)
    async with store.database.transact() as tx:
        await tx.run(update(files).where(files.c.ref == lost).values(state=FileState.FAILED, next_at=None))
    await fetch(store)
    listed = await asyncio.to_thread(operator.read, "voices", "list")
    assert {(note["ref"], note["question"], note["state"]) for note in listed} == {
        (ref, None, "kept"),
        (lost, None, "failed"),
    }
    assert await open_kinds(store) == []  # her message has a case of its own
    refused = await asyncio.to_thread(operator.refused, "voices", "transcribe", ref, "--text", WORDS)
    assert "answers no question" in refused
    await asyncio.to_thread(operator.done, "voices", "save", ref, "--out", tmp_path / "nota.ogg")
    await asyncio.to_thread(operator.refused, "voices", "save", lost, "--out", tmp_path / "otra.ogg")
    assert await asyncio.to_thread(operator.read, "voices", "list") == []
    async with store.database.transact() as tx:
        assert list(await tx.run(select(answers))) == []
        await tx.run(update(files).where(files.c.ref == ref).values(forget_at=tx.now))
    await keep_house(store.database)
    assert [row.content for row in await stored(store)] == [None, None]


async def test_what_is_there_is_not_replaced_and_nothing_is_heard_for_it(
    store: Store, rosa: Sender, operator: Operator, tmp_path: Path
) -> None:
    ref = await rosa.voice("voice-1")
    await fetch(store)
    out = tmp_path / "nota.ogg"
    out.write_bytes(b"otra")
    refused = await asyncio.to_thread(operator.refused, "voices", "save", ref, "--out", out)
    assert "is there already" in refused
    assert out.read_bytes() == b"otra"
    assert "voice_heard" not in [action for _, action, _ in await acts(store)]
    for command in (("save", "--out", str(tmp_path / "x.ogg")), ("transcribe", "--text", "x")):
        unknown = await asyncio.to_thread(operator.refused, "voices", command[0], "no-hay", *command[1:])
        assert "there is no voice note no-hay" in unknown
