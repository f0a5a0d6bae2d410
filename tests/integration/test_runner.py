"""The runner over a real store: what goes wrong in one chat stays in that chat, and nothing that arrived is lost."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic_core import from_json
from sqlalchemy import Engine, event, func, select
from sqlalchemy.exc import OperationalError

from bot import library
from bot.desk import Desk
from bot.participant.notice import Notice
from scheduler.applied import Plans
from scheduler.runner import MAX_ATTEMPTS
from storage import mail
from storage.mail import Letter
from storage.schema import checkins, inbox, installation, messages, metadata, outbox, sessions
from tests.support.chat import BOT_ID, Bot
from tests.support.faulty import CANARY, FAULTS, FaultyDesk
from tests.support.world import Store

STRANGER, APOLOGY = "Hola. No puedo ayudarte por aquí.", "Perdón, algo falló de nuestro lado."


@pytest.fixture
def desk() -> FaultyDesk:
    shelf = library.build([], library.shipped_sources())
    return FaultyDesk(Desk(shelf, plans=Plans(default=""), notice=Notice("1", "h")))


@pytest.fixture
def bot(store: Store, desk: FaultyDesk) -> Bot:
    return Bot(store, desk=desk)


async def rows(store: Store, table: Any) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(table)))


def texts(bot: Bot, chat_id: int) -> list[str]:
    return [seen.text for seen in bot.chat(chat_id).messages.values() if not seen.hers]


def wrote(bot: Bot, chat_id: int, text: str) -> tuple[int, dict[str, Any]]:
    chat = {"id": chat_id, "type": "private"}
    return chat_id, {"message": {"message_id": next(bot.numbers), "chat": chat, "from": {"id": chat_id}, "text": text}}


@contextmanager
def asked_of_the_store() -> Iterator[list[str]]:
    """Every statement that is executed meanwhile, but for those that open a transaction."""
    asked: list[str] = []

    def note(*told: Any) -> None:
        if not told[2].startswith("BEGIN"):
            asked.append(told[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_a_look_into_an_empty_inbox_costs_one_query(bot: Bot) -> None:
    with asked_of_the_store() as asked:
        assert await bot.runner.take_letters() == 0
    assert len(asked) == 1, asked
    await bot.receive(wrote(bot, 501, "hola"))
    with asked_of_the_store() as asked:
        assert await bot.runner.take_letters() == 1
    assert len(asked) > 1


# --- what goes wrong


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_fails_is_set_aside_and_its_neighbours_go_on(
    store: Store, bot: Bot, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await bot.receive(wrote(bot, 501, "hola"), wrote(bot, 502, fault), wrote(bot, 503, "hola"))
        await bot.settle()
    states = {row.state: row for row in await rows(store, inbox)}
    assert texts(bot, 501) == texts(bot, 503) == [STRANGER]
    assert [text.partition(" Lo")[0] for text in texts(bot, 502)] == [APOLOGY]
    kept = states["set_aside"]
    letter = Letter(kept.bot_id, kept.update_id, kept.lane, {})
    assert from_json(store.vault.open(letter.place, kept.payload))["message"]["text"] == fault
    assert kept.outcome == "failed"
    assert states["done"].payload is None
    assert CANARY not in caplog.text
    told = [record for record in caplog.records if getattr(record, "action", "") == "step_failed"]
    assert [getattr(record, "origin", "") for record in told] == [letter.origin]


async def test_what_is_set_aside_does_not_hold_up_its_own_chat(bot: Bot) -> None:
    await bot.receive(wrote(bot, 501, "conflict"), wrote(bot, 501, "hola"), wrote(bot, 501, "step"))
    await bot.settle()
    assert [text.partition(" Lo")[0] for text in texts(bot, 501)] == [APOLOGY, STRANGER, APOLOGY]


async def test_an_update_that_cannot_be_read_is_set_aside(store: Store, bot: Bot) -> None:
    broken = {"my_chat_member": {"chat": {"id": 502, "type": "private"}}}
    await bot.receive(wrote(bot, 501, "hola"), (502, broken))
    await bot.settle()
    assert texts(bot, 501) == [STRANGER]
    assert sorted((row.state, row.attempts) for row in await rows(store, inbox)) == [
        ("done", 0),
        ("set_aside", MAX_ATTEMPTS),
    ]


async def test_a_full_disk_sets_nothing_aside(store: Store, bot: Bot) -> None:
    await bot.receive(*(wrote(bot, 500 + number, "hola" * 300) for number in range(40)))
    async with store.database.transact() as tx:
        pages = (await tx.connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for _ in range(2 * MAX_ATTEMPTS):
        with pytest.raises(OperationalError, match="full"):
            await bot.runner.take_letters()
    assert {(row.state, row.attempts) for row in await rows(store, inbox)} == {("waiting", 0)}
    async with store.database.transact() as tx:
        await tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10_000}")
    await bot.settle()
    assert all(texts(bot, 500 + number) == [STRANGER] for number in range(40))


async def test_an_invitation_that_fails_on_our_side_is_tried_again_and_apologises_to_nobody(
    store: Store, bot: Bot, desk: FaultyDesk
) -> None:
    rosa = await bot.enrolled()
    await bot.pass_time(hours=1)  # the chat is quiet by then
    desk.checkins = True
    before = len(rosa.messages)
    await bot.pass_time(days=7, hours=4)
    assert len(rosa.messages) == before
    (due,) = [row for row in await rows(store, checkins) if row.point == "s1"]
    assert due.state == "expected"
    desk.checkins = False
    await bot.pass_time(days=1)
    assert rosa.last.text == "Hola. ¿Tienes cinco minutos?"


# --- order


async def test_a_chat_keeps_its_order_and_a_batch_takes_one_of_each(bot: Bot) -> None:
    rosa, ana = await bot.enrolled(501), await bot.enrolled(502)
    await bot.pass_time(days=8)
    await rosa.tap("Sí, ahora")
    words = [
        wrote(bot, 501, text) for text in ("no necesito nada por ahora", "no la tengo", "atrás", "sí, ya la tengo")
    ]
    await bot.receive(*words[:2], wrote(bot, 502, "sí"), *words[2:])
    assert await bot.runner.take_letters() == 2
    assert [await bot.runner.take_letters() for _ in range(4)] == [1, 1, 1, 0]
    await bot.settle()
    folded = [text for text in rosa.texts if text.startswith("✓")]
    assert [text.partition("\n")[2] for text in folded] == [
        "<b>No necesito nada por ahora</b>",
        "<b>Sí, ya la tengo</b>",
    ]
    assert "Necesitas algo" in ana.last.text


async def test_an_update_delivered_twice_counts_once(store: Store, bot: Bot) -> None:
    _, content = wrote(bot, 501, "hola")
    letter = Letter(BOT_ID, 77, bot.lane(501), content)
    for _ in range(2):
        async with store.database.transact() as tx:
            await mail.receive(tx, [letter, letter])
        await bot.settle()
    assert texts(bot, 501) == [STRANGER]
    assert len(await rows(store, inbox)) == 1


# --- strangers


@pytest.mark.holds("S-41")
async def test_a_stranger_leaves_nothing_behind(store: Store, bot: Bot) -> None:
    stranger = bot.chat(901)
    for text in ("hola", "/start", "/start no-es-nada", "ayuda"):
        await stranger.say(text)
    await stranger.send("photo")
    await stranger.tap_data("7fffffffffffffff.3.c:no")
    await stranger.block()
    await bot.tick()
    assert [(row.state, row.lane, row.payload) for row in await rows(store, inbox)] == [("done", None, None)] * 7
    sent = await rows(store, outbox)
    assert len(sent) == 6
    assert {(row.state, row.lane, row.payload) for row in sent} == {("sent", None, None)}
    async with store.database.read() as tx:
        counts = {
            table.name: (await tx.run(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
        }
        kept = (await tx.run(select(installation.c.name, installation.c.value))).all()
    assert {name for name, count in counts.items() if count} <= {"inbox", "outbox", "alembic_version", "installation"}
    assert dict(map(tuple, kept)) == {"turned_away_unknown_link": "1", "turned_away_stale_button": "1"}  # counts alone


async def test_a_stranger_who_had_a_link_leaves_nothing_but_that_it_was_opened(store: Store, bot: Bot) -> None:
    token = await bot.invite(await bot.register())
    stranger = bot.chat(901)
    await stranger.start(token)
    await stranger.tap("Sí, puedo")
    assert len(await rows(store, sessions)) == 1
    await stranger.say("girasol")
    await stranger.tap("No acepto")
    await bot.tick()
    assert await rows(store, sessions) == []
    assert await rows(store, messages) == []
    assert {(row.lane, row.payload) for row in await rows(store, inbox)} == {(None, None)}
    assert {(row.lane, row.payload) for row in await rows(store, outbox)} == {(None, None)}
