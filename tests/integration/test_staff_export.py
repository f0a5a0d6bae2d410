"""A coordinator takes out tables from her chat: the file is the command line's, it comes once, and it goes again."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from bot.app import OUTGOING
from bot.staff.export_room import chosen
from storage.exports import jobs
from storage.exports.exporting import COMMA, FORMATS, PUBLIC
from storage.exports.jobs import Order
from storage.exports.staging import sha256
from storage.exports.writing import SEPARATORS
from storage.members import Role
from storage.vault import Place
from tests.support.chat import Bot
from tests.support.exporting import acts, asked, files, jobs_of, made, registered
from tests.support.exports import copies, fill, write_export
from tests.support.operator import Operator
from tests.support.staff import at_work
from tests.support.world import Store

EVA = 602


@pytest.fixture
async def bot(store: Store) -> Bot:
    await fill(store)
    return Bot(store)


def tables(archive: bytes | Path) -> dict[str, list[dict[str, str]]]:
    """The tables of a ZIP of CSV, but for what is of the moment or of the asker."""
    with ZipFile(io.BytesIO(archive) if isinstance(archive, bytes) else archive) as packed:
        return {
            name: list(csv.DictReader(io.StringIO(packed.read(name).decode("utf-8-sig"), newline="")))
            for name in packed.namelist()
            if name.endswith(".csv") and name != "metadata.csv"
        }


# --- the file


async def test_the_file_is_what_the_command_line_writes(bot: Bot, tmp_path: Path) -> None:
    await copies(bot.store, 5)
    lupe = await at_work(bot)
    await asked(lupe, "Para el equipo", "CSV", "Coma", "Quitar lo que distingue")
    await made(bot)
    assert files(lupe) == ["(file datos-2026-03-02-csv.zip)"]
    await write_export(bot.store, tmp_path / "same.zip", reason=None, recipient="la Fundación")
    assert tables(lupe.files[-1]) == tables(tmp_path / "same.zip")
    assert len(tables(lupe.files[-1])["people.csv"]) == 7


@pytest.mark.holds("T-staff-3")
async def test_it_is_registered_and_audited_with_its_hash(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para el equipo", "Excel", "Quitar lo que distingue")
    await made(bot)
    (row,), (job,) = await registered(bot), await jobs_of(bot)
    assert (row.made_by, row.format, row.audience, row.identified) == (f"staff:{job.staff_id}", "xlsx", "team", False)
    assert (row.file_hash, job.state) == (sha256(_kept(bot, lupe.files[-1])), "done")
    assert bot.store.vault.open_text(Place("exports", "recipient", row.id), row.recipient) == "la Fundación"
    assert row.reason is None
    assert json.loads(row.counts)["people"] == 2
    (told,) = await asyncio.to_thread(Operator(bot.store.home, {}).read, "exports", "list")
    assert (told["made_by"], told["sha256"], told["recipient"]) == ("Lupe Prueba", row.file_hash, "la Fundación")
    assert (told["reason"], told["counts"]["people"]) == (None, 2)
    (act,) = await acts(bot, "export_made")
    assert (act.actor, act.subject, act.detail) == (row.made_by, str(row.id), "xlsx team")
    assert [one.detail for one in await acts(bot, "export_asked")] == ["xlsx team"]
    assert (job.reason, job.recipient) == (None, None)
    assert not list((bot.store.home / OUTGOING).iterdir())
    book = load_workbook(io.BytesIO(lupe.files[-1]), read_only=True)
    assert {"people", "answers", "metadata"} <= set(book.sheetnames)


def _kept(bot: Bot, content: bytes) -> Path:
    path = bot.store.home / "read-back"
    path.write_bytes(content)
    return path


async def test_the_public_gets_no_rows_of_women(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/exportar")
    await lupe.tap("Para publicar")
    await lupe.tap("JSON")
    assert "¿Quién va a recibir" in lupe.last.text, "nobody can stand out"
    await lupe.tap("Se queda en el equipo")
    await made(bot)
    assert files(lupe) == ["(file cifras-publicas-2026-03-02-jsonl.zip)"]
    with ZipFile(io.BytesIO(lupe.files[-1])) as packed:
        found = {name.partition(".")[0] for name in packed.namelist()}
    assert {"indicators", "funnel", "codebook", "metadata"} <= found
    assert not found & {"people", "answers", "wide", "checkins", "incomes", "employments"}
    (row,) = await registered(bot)
    assert (row.audience, row.recipient) == ("public", None)


@pytest.mark.parametrize("order", [Order("csv"), Order("sav"), Order("sav", audience=PUBLIC)])
async def test_how_far_it_is_counts_the_tables_that_there_are(bot: Bot, order: Order) -> None:
    made = await bot.making(order.asked(bot.store.home / "file.zip", by=1), lambda *_: None)
    assert tuple(made.counts) == order.tables


def test_what_can_be_asked_for_is_what_can_be_made() -> None:
    assert {COMMA, jobs.SEMICOLON} <= set(SEPARATORS)
    longest = max((f"export.whole.{chosen(f'team.{one}.semicolon')}" for one in FORMATS), key=len)
    assert len(longest) <= 40


async def test_a_file_opened_where_a_semicolon_is_wanted(bot: Bot) -> None:
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "CSV", "Punto y coma")
    await made(bot)
    with ZipFile(io.BytesIO(lupe.files[-1])) as packed:
        assert packed.read("funnel.csv").decode("utf-8-sig").startswith("point;plan;")


# --- who stands out


async def test_of_whom_would_stand_out_something_is_left_out_and_told(bot: Bot) -> None:
    await copies(bot.store, 5)
    lupe = await at_work(bot)
    await lupe.say("/exportar")
    await lupe.tap("Para el equipo")
    await lupe.tap("SPSS")
    assert "se distinguen en el archivo: 2 de 7" in lupe.last.text
    assert "Sin nadie igual: 2" in lupe.last.text
    await lupe.tap("Quitar lo que distingue")
    await lupe.tap("Se queda en el equipo")
    await made(bot)
    said = next(text for text in lupe.texts if text.startswith("Listo."))
    assert "· el centro de 2 mujeres" in said
    (row,) = await registered(bot)
    assert row.reason is None


async def test_going_on_whole_takes_a_reason_that_is_kept(bot: Bot) -> None:
    await copies(bot.store, 5)
    lupe = await at_work(bot)
    await lupe.say("/exportar")
    await lupe.tap("Para el equipo")
    await lupe.tap("CSV")
    await lupe.tap("Coma")
    await lupe.tap("Va todo")
    assert "¿Por qué debe ir todo?" in lupe.last.text
    assert not await jobs_of(bot)
    await lupe.say("evaluación con la universidad")
    assert "¿Quién va a recibir" in lupe.last.text
    await lupe.say("Universidad")
    await made(bot)
    (row,) = await registered(bot)
    opened = [
        bot.store.vault.open_text(Place("exports", name, row.id), getattr(row, name))
        for name in ("reason", "recipient")
    ]
    assert opened == ["evaluación con la universidad", "Universidad"]
    assert {one["centre"] for one in tables(lupe.files[-1])["people.csv"]} == {"tepepan", "SMA", ""}
    assert not any("quité" in text for text in lupe.texts)


async def test_where_nobody_stands_out_nothing_is_asked_about_it(store: Store) -> None:
    await copies(store, 6)
    lupe = await at_work(Bot(store))
    await lupe.say("/exportar")
    await lupe.tap("Para el equipo")
    await lupe.tap("Stata")
    assert "¿Quién va a recibir" in lupe.last.text


# --- who may, and what never leaves


@pytest.mark.holds("T-staff-3")
async def test_with_record_ids_it_is_made_on_the_server_alone(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/exportar")
    await lupe.tap("Con folio y fechas")
    assert "hilo export --identified" in lupe.last.text
    assert "/aprobar" in lupe.last.text
    await lupe.tap("Empezar de nuevo")
    assert "¿Para quién es el archivo?" in lupe.last.text
    assert not await jobs_of(bot)


async def test_whoever_may_not_does_not_learn_that_there_are_exports(bot: Bot) -> None:
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    for command in ("/exportar", "/aprobar"):
        assert await eva.say(command) == await eva.say("/nada")
    assert not {"exportar", "aprobar"} & set(eva.commands)
    lupe = await at_work(bot)
    await asked(lupe, "Para publicar", "Excel")
    for _, data in lupe.offered:
        if ".export." in data:
            await eva.tap_data(data)
    assert len(await jobs_of(bot)) == 1
    await made(bot)
    assert not eva.files


@pytest.mark.parametrize(
    "forged",
    [
        *("as.team.exe.comma", "as.all.csv.comma", "as.team.csv.pipe", "as.team.csv", "for.all", "less.x", "us"),
        *("whole.public.csv.comma", "stop", "us.team.csv.comma", "as.../../etc.csv.comma"),
    ],
)
async def test_a_forged_button_begins_nothing(bot: Bot, forged: str) -> None:
    lupe = await at_work(bot)
    await lupe.say("/exportar")
    real = next(data for _, data in lupe.offered if ".export." in data)
    await lupe.tap_data(f"{real[: real.index('export.')]}export.{forged}")
    assert lupe.toasts == ["Ese botón ya no sirve. Usa el último mensaje."]
    assert not await jobs_of(bot)


async def test_she_has_one_at_a_time_and_a_second_tap_makes_no_second(bot: Bot) -> None:
    lupe = await at_work(bot)
    await lupe.say("/exportar")
    await lupe.tap("Para publicar")
    await lupe.tap("Excel")
    (us,) = [data for label, data in lupe.offered if label == "Se queda en el equipo"]
    await lupe.tap_data(us)
    await lupe.tap_data(us)
    first = lupe.last
    await lupe.say("/exportar")
    assert "Preparando el archivo" in lupe.last.text
    assert len(await jobs_of(bot)) == 1
    shown = lupe.last.message_id
    assert (bool(lupe.messages[shown].buttons), bool(lupe.messages[first.message_id].buttons)) == (True, False)
    await made(bot)
    assert len(files(lupe)) == 1
    assert lupe.messages[shown].text.startswith("Listo."), "it is the last one that follows"
    assert not lupe.messages[shown].buttons


async def test_the_desk_asks_for_the_pin_first(bot: Bot) -> None:
    lupe = await at_work(bot)
    bot.store.clock.advance(hours=1)
    assert "PIN" in (await lupe.say("/exportar"))[-1]
