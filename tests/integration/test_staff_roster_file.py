"""A roster that a coordinator sends: looked through whole, told apart with her, and stored at her word."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from scheduler.registering import MOST_BYTES, MOST_ROWS
from storage import audit as audit_trail
from storage.members import Role
from storage.schema import checkins, participants
from storage.schema import files as files_kept
from tests.integration.test_staff_instruments import arrives, contents
from tests.integration.test_staff_roster import acts, registered
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work, member
from tests.support.world import Store

HEADER = "record_id,name,birth_year,release_date"
GIVEN = ("Rosa", "Clara", "Ines", "Julia", "Olga", "Petra", "Sonia", "Tomasa", "Ursula", "Violeta")
FIRST = ("Abasolo", "Barrios", "Cordero", "Duarte", "Escamilla", "Fonseca")
SECOND = ("Galindo", "Ibarra", "Jurado", "Quiroz", "Zepeda")
THREE_HUNDRED = [f"{g} {f} {s}" for g in GIVEN for f in FIRST for s in SECOND]


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


def roster(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows)).encode()


async def count(bot: Bot, table: object = participants) -> int:
    async with bot.store.database.read() as tx:
        return int((await tx.run(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]


async def sends(chat: Chat, name: str, *, size: int = 1000) -> list[str]:
    """She sends a document of that name, and does not say yet what it is."""
    return await chat.send("document", file_id=f"telegram:{name}", file_name=name, file_size=size)


async def brought(bot: Bot, chat: Chat, content: bytes, name: str = "lista.csv") -> str:
    """She sends this list, and it is fetched; returns what is said of it."""
    await sends(chat, name)
    if name.endswith("xlsx"):
        await chat.tap("Una lista de participantes")
    (said,) = await arrives(bot, content)
    return said


async def test_three_hundred_women_are_looked_through_and_then_registered(bot: Bot) -> None:
    lupe = await at_work(bot)
    rows = [f"R-{n},{name},{1960 + n % 40},2026-02-28" for n, name in enumerate(THREE_HUNDRED, start=1)]
    said = await brought(bot, lupe, roster(*rows))
    assert "sin errores" in said
    assert "Mujeres nuevas: 300" in said
    assert await count(bot) == 0, "nothing is stored before she says so"
    await lupe.tap("Importar")
    assert "Mujeres nuevas: 300" in lupe.last.text
    assert await count(bot) == 300
    assert await count(bot, checkins) == 1800
    assert await contents(bot.store) == [None], "the file has served its turn"
    ((actor, _, numbers),) = await acts(bot, "roster_imported")
    assert (actor.split(":")[0], numbers) == ("staff", "300 0")
    await lupe.tap("Ver todas")
    assert lupe.last.text == "300 mujeres:"
    async with bot.store.database.read() as tx:
        assert await audit_trail.verify(tx) is None


async def test_a_workbook_does_the_same(bot: Bot) -> None:
    lupe = await at_work(bot)
    book, saved = Workbook(), BytesIO()
    book.active.append(HEADER.split(","))
    book.active.append(["R-1", "Rosa Prueba", 1990, "28/02/2026"])
    book.save(saved)
    assert "Mujeres nuevas: 1" in await brought(bot, lupe, saved.getvalue(), "Lista nueva.xlsx")
    await lupe.tap("Importar")
    assert await count(bot) == 1


async def test_all_mistakes_are_told_at_once_with_their_places_and_nothing_is_stored(bot: Bot) -> None:
    lupe = await at_work(bot)
    bad = roster(
        "R-1,Rosa Prueba,90,2026-02-28", "5512345678,Luz Ejemplo,,31/13/2026", ",Ana Prueba,,", "R-4,Eva Uno,,"
    )
    said = await brought(bot, lupe, bad)
    assert "«lista.csv» tiene 4 errores. No se guardó nada:" in said
    assert "Fila 2, año de nacimiento (birth_year): ese dato no puede ser" in said
    assert "Fila 3, folio (record_id): dice quién es" in said
    assert "Fila 3, fecha de salida (release_date): escribe la fecha como dd/mm/aaaa" in said
    assert "Fila 4, folio (record_id): está vacía" in said
    assert "Rosa" not in said
    assert not lupe.last.buttons
    assert (await count(bot), await contents(bot.store)) == (0, [None])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "El archivo está vacío"),
        (b"name,phone\nRosa Prueba,5512345678\n", "Falta la columna folio (record_id)"),
        (b"\x89PNG\r\n\x1a\n", "No es una hoja de cálculo"),
        (b"PK\x03\x04nonsense", "El libro está dañado"),
        (HEADER.encode(), "No hay filas debajo de los títulos"),
        (roster(*(f"R-{n},Rosa Prueba,," for n in range(MOST_ROWS + 1))), f"Aquí caben {MOST_ROWS}"),
    ],
    ids=["empty", "columns", "picture", "damaged", "no rows", "too many rows"],
)
async def test_what_is_no_roster_gets_a_clear_answer(bot: Bot, content: bytes, told: str) -> None:
    lupe = await at_work(bot)
    assert told in await brought(bot, lupe, content)
    assert await count(bot) == 0


async def test_a_file_that_is_too_big_or_of_another_kind_is_not_even_fetched(bot: Bot) -> None:
    lupe = await at_work(bot)
    (said,) = await sends(lupe, "lista.csv", size=MOST_BYTES + 1)
    assert "muy grande" in said
    await sends(lupe, "lista.xlsx")
    await lupe.tap("Una lista")
    assert await count(bot, files_kept) == 1


async def test_whoever_may_be_registered_is_told_apart_one_by_one(bot: Bot) -> None:
    lupe = await at_work(bot)
    await registered(bot, "María López Hernández", "Clara Invención Soto")
    said = await brought(
        bot,
        lupe,
        roster("N-1,Maria Lopez Hernandes,,", "N-2,Soto Clara Invencion,,", "N-3,Otra Distinta Mujer,,"),
    )
    assert "2 se parecen a mujeres ya registradas" in said
    assert "López" not in said, "no name without the PIN"
    assert lupe.last.rows == (("Decidir una por una",), ("Descartar",))
    await lupe.tap("Decidir")
    assert "1 de 2. Fila 2: Maria Lopez Hernandes" in lupe.last.text
    assert "María López Hernández · R-1 · Chalco" in lupe.last.text
    other = next(data for label, data in reversed(lupe.offered) if label == "Es otra mujer")
    await lupe.tap("Es otra mujer")
    assert "2 de 2. Fila 3" in lupe.last.text
    assert other
    await lupe.tap("Es la misma: dejarla fuera")
    assert "Mujeres nuevas: 2" in lupe.last.text
    assert "Se quedan fuera: 1" in lupe.last.text
    await lupe.tap("Importar")
    assert await count(bot) == 4


async def test_names_of_those_who_are_alike_need_the_pin(bot: Bot) -> None:
    lupe = await member(bot)
    await registered(bot, "María López Hernández")
    await brought(bot, lupe, roster("N-1,Maria Lopez Hernandez,,"))
    await lupe.tap("Decidir")
    assert "PIN" in lupe.last.text
    assert "López" not in " ".join(lupe.texts)


async def test_what_somebody_registered_meanwhile_stops_the_import(bot: Bot) -> None:
    lupe = await at_work(bot)
    await brought(bot, lupe, roster("R-1,Rosa Prueba Uno,,", "R-2,Clara Prueba Dos,,"))
    await registered(bot, "Rosa Prueba Uno")
    await lupe.tap("Importar")
    assert "alguien registró a una de ellas" in lupe.last.text
    assert await count(bot) == 1


async def test_a_list_can_be_discarded_and_an_old_button_does_nothing(bot: Bot) -> None:
    lupe = await at_work(bot)
    await brought(bot, lupe, roster("R-1,Rosa Prueba Uno,,"))
    await lupe.tap("Descartar")
    assert "Descartada" in lupe.last.text
    old = next(data for label, data in reversed(lupe.offered) if label == "Importar")
    await lupe.tap_data(old)
    assert lupe.toasts
    assert (await count(bot), await contents(bot.store)) == (0, [None])


async def test_a_restart_in_the_middle_of_telling_apart_loses_nothing(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot)
    await registered(bot, "María López Hernández")
    await brought(bot, lupe, roster("N-1,Maria Lopez Hernandez,,"))
    await lupe.tap("Decidir")
    after = Bot(store)
    after.chats[lupe.chat_id], after.numbers, lupe.bot = lupe, bot.numbers, after
    await lupe.tap("Es otra mujer")
    await lupe.tap("Importar")
    assert await count(after) == 2


async def test_a_promotora_imports_nothing(bot: Bot) -> None:
    ana = await at_work(bot, Role.STAFF)
    await sends(ana, "lista.csv")
    await sends(ana, "lista.xlsx")
    assert await count(bot, files_kept) == 0


async def test_all_of_many_mistakes_stand_in_a_file_and_none_of_the_cells(bot: Bot) -> None:
    lupe = await at_work(bot)
    said = await brought(bot, lupe, roster(*(f"R-{n},Rosa Secreta{n},nunca,2026-02-28" for n in range(900))))
    assert "tiene 900 errores" in said
    assert "… y 890 más" in said
    (file,) = lupe.files
    lines = file.decode("utf-8-sig").splitlines()
    assert lines[0] == "Fila,Columna,Qué corregir"
    assert len(lines) == 901
    assert "año de nacimiento (birth_year)" in lines[900]
    assert lines[900].startswith("901,")
    assert not {"Secreta", "nunca"} & set(re.findall(r"[A-Za-z]+", file.decode()))


async def test_a_column_with_an_endless_name_is_cut(bot: Bot) -> None:
    lupe = await at_work(bot)
    wide = f"{HEADER},{'=x' * 900}\nR-1,Rosa Prueba,1990,2026-02-28,1\n".encode()
    said = await brought(bot, lupe, wide)
    assert "sin errores" in said
    assert len(said) < 600
