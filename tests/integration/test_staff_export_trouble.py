"""An export that was asked for in a chat, while it is made: shown, cancelled, revoked, killed; then it goes again."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from bot.app import OUTGOING
from bot.exporting import MOST_BYTES, Exporting
from storage import departures, mail, schema
from storage.exports import jobs
from storage.exports.exporting import Asked, Made
from storage.exports.exporting import Progress as Told
from storage.exports.jobs import JobState
from storage.members import Role
from tests.support.chat import Bot
from tests.support.exporting import acts, asked, files, held, jobs_of, made, registered
from tests.support.exports import fill
from tests.support.staff import at_work
from tests.support.world import Store

EVA = 602


@pytest.fixture
async def bot(store: Store) -> Bot:
    await fill(store)
    return Bot(store)


async def written(bot: Bot) -> None:
    """The file that was asked for is written, and nothing is told of it yet."""
    making = await held(bot)
    making.goes_on.set()
    assert bot.exporting.under_way is not None
    await asyncio.wait({bot.exporting.under_way})


# --- while it is made


async def test_how_far_it_is_shows_in_one_message_at_a_modest_rate(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    shown = lupe.last.message_id
    making = await held(bot)
    for seconds, rows in ((1, 10), (1, 20), (1.5, 1_200_000), (1, 1_300_000)):
        bot.store.clock.advance(seconds=seconds)
        making.tell("funnel", rows)
        await bot.exporting.step()
        await bot.settle()
    assert lupe.messages[shown].text == "Preparando el archivo…\nTabla 2 de 5. Filas: 1,200,000"
    edits = [one for one in bot.shown if one.call.method == "editMessageText"]
    assert sum("Tabla" in one.call.params["text"] for one in edits) == 1
    assert "Cancelar" in lupe.messages[shown].buttons
    making.goes_on.set()
    await made(bot)
    assert lupe.messages[shown].text.startswith("Listo.")
    assert not lupe.messages[shown].buttons


async def test_others_are_answered_meanwhile(bot: Bot) -> None:
    lupe, eva = await at_work(bot), await at_work(bot, chat_id=EVA, name="Eva Prueba")
    await asked(lupe, "Para publicar", "Excel")
    making = await held(bot)
    assert "Resultados" in (await eva.say("/resultados"))[-1]
    assert (await lupe.say("/estado"))[-1]
    await eva.say("/exportar")
    await eva.tap("Para publicar")
    await eva.tap("Excel")
    await eva.tap("Se queda en el equipo")
    await bot.exporting.step()
    assert making.begun == 1, "hers waits for its turn"
    making.goes_on.set()
    await made(bot)
    assert (len(files(lupe)), len(files(eva))) == (1, 1)


async def test_she_can_cancel(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    making = await held(bot)
    await lupe.tap("Cancelar")
    assert lupe.last.text == "Cancelado. No salió ningún archivo."
    making.goes_on.set()
    await made(bot)
    assert not lupe.files
    assert not await registered(bot)
    assert lupe.last.text == "Cancelado. No salió ningún archivo."
    (ended,) = await acts(bot, "export_ended")
    assert (ended.detail, ended.actor.startswith("staff:")) == (JobState.CANCELLED, True)
    await asked(lupe, "Para publicar", "Excel")
    await made(bot)
    assert len(files(lupe)) == 1


async def test_what_is_on_its_way_is_not_cancelled(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    (stop,) = [data for label, data in lupe.offered if label == "Cancelar"]
    await written(bot)
    await bot.exporting.step()  # posted, and not yet sent
    await lupe.tap_data(stop)
    await made(bot)
    assert len(files(lupe)) == len(await registered(bot)) == 1
    assert "El archivo ya va en camino." in lupe.toasts
    assert not await acts(bot, "export_ended")


# --- who may have it no more


async def test_whoever_is_revoked_while_it_is_made_gets_nothing(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    making = await held(bot)
    async with bot.store.database.transact() as tx:
        (job,) = await jobs.open_jobs(tx)
        await departures.revoke(tx, job.member)
    await made(bot)
    assert making.begun == 1
    assert not lupe.files
    assert not await registered(bot)
    assert [one.detail for one in await acts(bot, "export_ended")] == [JobState.WITHHELD]
    assert not list((bot.store.home / OUTGOING).iterdir())


async def test_whoever_is_revoked_as_it_is_ready_gets_nothing(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    await written(bot)
    async with bot.store.database.transact() as tx:
        (job,) = await jobs.open_jobs(tx)
        await departures.revoke(tx, job.member)
    await made(bot)
    assert not lupe.files
    assert not await registered(bot)


async def test_whoever_is_no_coordinator_any_more_gets_nothing(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    await held(bot)
    async with bot.store.database.transact() as tx:
        await tx.run(update(schema.staff).values(role=Role.STAFF))
    await made(bot)
    assert not lupe.files
    assert not await registered(bot)


# --- what can go wrong


async def test_what_cannot_be_made_is_told(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    async def fails(asked: Asked, _: Told) -> Made:
        asked.out.write_bytes(b"half")
        raise OSError("Rosa Prueba")

    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    shown = lupe.last.message_id
    bot.exporting = Exporting(bot.store.database, bot.store.home / OUTGOING, make=fails)
    await made(bot)
    assert lupe.last.text.startswith("No pude hacer el archivo")
    assert not lupe.messages[shown].buttons
    assert not await registered(bot)
    assert [one.detail for one in await acts(bot, "export_ended")] == [JobState.FAILED]
    assert not list((bot.store.home / OUTGOING).iterdir())
    assert "OSError" in str([vars(one).get("error") for one in caplog.records])
    assert "Rosa" not in caplog.text


async def test_what_telegram_would_not_take_names_the_command_line(bot: Bot) -> None:
    async def huge(asked: Asked, _: Told) -> Made:
        with asked.out.open("wb") as file:
            file.truncate(MOST_BYTES + 1)
        return Made()

    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    bot.exporting = Exporting(bot.store.database, bot.store.home / OUTGOING, make=huge)
    await made(bot)
    assert "pesa 51 MB, y Telegram deja mandar 50" in lupe.last.text
    assert "hilo export --format xlsx" in lupe.last.text
    assert not lupe.files
    assert not await registered(bot), "it has not left"


async def test_after_a_restart_in_the_middle_it_is_made_once_more_and_comes_once(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    await held(bot)
    (bot.store.home / OUTGOING / "left").mkdir()
    again = Bot(bot.store)
    again.chats, again.numbers, lupe.bot = bot.chats, bot.numbers, again
    await made(again)
    assert len(files(lupe)) == len(await registered(again)) == 1
    assert not list((bot.store.home / OUTGOING).iterdir())


async def test_what_nobody_was_there_to_make_for_long_is_told_and_not_made(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    bot.store.clock.advance(hours=2)
    await made(bot)
    assert "no se hizo a tiempo" in lupe.last.text
    assert not lupe.files
    assert not await registered(bot)


async def test_of_a_file_that_may_have_arrived_she_is_told_and_it_does_not_come_twice(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    await written(bot)
    await bot.exporting.step()
    async with bot.store.database.transact() as tx:
        await mail.claim(tx, 1)  # the word that it is ready
        await tx.run(update(schema.outbox).where(schema.outbox.c.state == "claimed").values(state="sent"))
        ((one,), _) = await mail.claim(tx, 1)
        assert one.parcel.once
        await mail.recover(tx)
    await made(bot)
    assert not lupe.files
    assert lupe.last.text.startswith("No sé si te llegó el archivo")
    assert [row.state for row in await jobs_of(bot)] == [JobState.LOST]
    assert not list((bot.store.home / OUTGOING).iterdir())


# --- it goes again


@pytest.mark.holds("T-staffphone-3")
@pytest.mark.parametrize("meanwhile", ["", "/resultados", "revoked", "restarted"])
async def test_it_leaves_the_chat_after_a_day_whatever_happens(bot: Bot, meanwhile: str) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    await made(bot)
    await lupe.say("/informe")
    assert len(files(lupe)) == 2
    bot.store.clock.advance(hours=1)
    if meanwhile.startswith("/"):
        await lupe.say(meanwhile)
    elif meanwhile == "revoked":
        async with bot.store.database.transact() as tx:
            await departures.revoke(tx, (await jobs_of(bot))[0].staff_id)
    elif meanwhile == "restarted":
        bot, before = Bot(bot.store), bot
        bot.chats, bot.numbers, lupe.bot = before.chats, before.numbers, bot
    await bot.pass_time(hours=22)
    assert len(files(lupe)) == 2
    await bot.pass_time(hours=2)
    assert not files(lupe)


async def test_it_stays_a_day_from_when_it_arrived(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    await written(bot)
    await bot.exporting.step()
    bot.store.clock.advance(hours=30)  # no network
    await bot.settle()
    assert len(files(lupe)) == 1
    await bot.pass_time(hours=23)
    assert len(files(lupe)) == 1
    await bot.pass_time(hours=2)
    assert not files(lupe)
