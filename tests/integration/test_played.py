"""A scene that was played once leaves the same world behind when it is not played again."""

import sqlite3
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from storage.consents import Purpose
from tests.support import played
from tests.support.chat import Bot
from tests.support.fieldwork import fresh_store
from tests.support.staff import LUPE, at_work


@asynccontextmanager
async def fresh_bot(home: Path, migrated: Path) -> AsyncIterator[Bot]:
    async with fresh_store(home, migrated) as store:
        yield Bot(store)


def left_by(bot: Bot) -> list[Any]:
    """All that stands in the store, on the phones, and in what the next ids are drawn from."""
    with sqlite3.connect(bot.store.home / "hilo.sqlite3") as rows:
        store = list(rows.iterdump())
    phones = [(id_, chat.messages, chat.offered, chat.commands) for id_, chat in sorted(bot.chats.items())]
    return [store, phones, bot.shown, str(bot.numbers), str(vars(bot.store.ids))]


async def played_by(bot: Bot, *, after: int = 0) -> list[Any]:
    await at_work(bot)
    await bot.enrolled(501)
    await bot.enrolled(502, but_for=[Purpose.INCOME])
    if after:
        await bot.pass_time(days=after)
        await bot.chat(501).say("ayuda")
    return left_by(bot)


async def test_the_second_world_is_the_first_ones_likeness(
    tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(played, "_ended", OrderedDict())
    async with fresh_bot(tmp_path / "one", migrated_file) as bot:
        first = await played_by(bot)
    assert len(played._ended) == 3
    async with fresh_bot(tmp_path / "two", migrated_file) as bot:
        assert await played_by(bot) == first
        assert LUPE in bot.chats
    assert len(played._ended) == 3, "nothing was played again"


async def test_it_goes_on_as_the_first_did(tmp_path: Path, migrated_file: Path) -> None:
    async with fresh_bot(tmp_path / "one", migrated_file) as bot:
        await played_by(bot)
    async with fresh_bot(tmp_path / "two", migrated_file) as one, fresh_bot(tmp_path / "three", migrated_file) as other:
        assert await played_by(one, after=32) == await played_by(other, after=32)


async def test_a_world_that_differs_is_played(
    tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(played, "_ended", OrderedDict())
    async with fresh_bot(tmp_path / "one", migrated_file) as bot:
        await bot.enrolled()
    async with fresh_bot(tmp_path / "two", migrated_file) as bot:
        bot.store.clock.advance(days=1)
        await bot.enrolled()
    async with fresh_bot(tmp_path / "three", migrated_file) as bot:
        await bot.register("R-9")
        await bot.enrolled()
        assert "R-9" not in str(bot.chat().texts)
    assert len(played._ended) == 3
