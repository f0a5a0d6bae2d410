"""What every channel by which a woman is asked must do: the same script comes to the same answers in each of them.

A new channel is an adapter in `tests/support/channels.py`, and passes this; no module asks that belongs to none.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import bot
from conversations.answers import AnswerStatus
from tests.support.channels import CHANNELS, Channel, Standing
from tests.support.world import Store

GIVEN, UNKNOWN = int(AnswerStatus.GIVEN), int(AnswerStatus.UNKNOWN)
REFUSED, SKIPPED = int(AnswerStatus.REFUSED), int(AnswerStatus.SKIPPED)

ENGINE = {("bot.asking", "Interview"), ("conversations.session", "resume")}
"""What a module takes that asks."""

NO_CHANNEL = {"bot.asking", "bot.staff.practice"}
"""The step that the chats share, and the made-up woman of whom nothing is kept."""


def taken_by(path: Path) -> set[tuple[str | None, str]]:
    """What a module imports, and from where."""
    found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    return {(node.module, name.name) for node in found for name in node.names}


def test_whatever_asks_belongs_to_a_channel() -> None:
    root = Path(bot.__file__).parent
    asking = {path.relative_to(root.parent) for path in root.rglob("*.py") if taken_by(path) & ENGINE}
    modules = {".".join(path.with_suffix("").parts) for path in asking}
    assert modules == NO_CHANNEL.union(*(kind.asks_in for kind in CHANNELS))
    assert len(CHANNELS) > 2


@pytest.fixture(params=CHANNELS, ids=lambda kind: kind.__name__)
async def channel(request: pytest.FixtureRequest, store: Store) -> Channel:
    opened: Channel = request.param(store)
    await opened.open()
    return opened


async def play(channel: Channel, script: str) -> Standing:
    for move in script.split(" | "):
        await channel.does(move)
    return await channel.answers()


def given(**values: Any) -> Standing:
    return {name: (GIVEN, value) for name, value in values.items()}


BEGINNING = "[De acuerdo] | sí | tejido | 40 | 2000 a la semana | sí"
"""Up to the question after her pay."""


async def test_every_type_in_words(channel: Channel) -> None:
    script = f"{BEGINNING} | 61.5 | 01/03/2026 | Bien, gracias. | dos | tres | norte | mercado | azul | (voice)"
    stand = await play(channel, script)
    assert (
        stand.items()
        >= given(
            enterada="ok",
            trabaja="si",
            tipos=["tejido"],
            horas=40,
            pago={"money": "2000", "period": "semana", "high": None, "days": None},
            peso={"decimal": "61.5"},
            desde={"date": "2026-03-01"},
            cuenta="Bien, gracias.",
            hijas=2,
            distancia={"decimal": "3"},
            zona="norte",
            parada="mercado",
            rutas=["azul"],
            voz={"voice": 5},
            resumen="si 40",
        ).items()
    )
    assert await channel.is_over()


async def test_buttons_and_pages(channel: Channel) -> None:
    script = "[De acuerdo] | [Sí] | [Tejido] | [Cocina] | [Listo] | 30 | [Prefiero no decir] | [Saltar] | [Saltar]"
    script += " | [Saltar] | [0] | [2.5] | [Más] | [Puerto] | [Muelle] | [Verde] | [Listo] | [Saltar]"
    stand = await play(channel, script)
    assert stand.items() >= given(tipos=["tejido", "cocina"], horas=30, hijas=0, zona="puerto", parada="muelle").items()
    assert stand.items() >= given(distancia={"decimal": "2.5"}, rutas=["verde"]).items()
    assert stand["pago"] == (REFUSED, None)
    assert {stand[name] for name in ("peso", "desde", "cuenta", "voz")} == {(SKIPPED, None)}
    assert await channel.is_over()


async def test_refusing_skipping_and_not_knowing_in_words(channel: Channel) -> None:
    stand = await play(channel, "[De acuerdo] | sí | no sé | prefiero no decir | saltar | no sé | saltar")
    assert (stand["tipos"], stand["horas"], stand["pago"]) == ((UNKNOWN, None), (REFUSED, None), (SKIPPED, None))
    assert (stand["peso"], stand["desde"]) == ((UNKNOWN, None), (SKIPPED, None))


async def test_what_must_be_answered_is_not_skipped(channel: Channel) -> None:
    stand = await play(channel, "[De acuerdo] | saltar")
    assert "trabaja" not in stand
    assert "me hace falta" in await channel.shown()
    assert (await play(channel, "no"))["trabaja"] == (GIVEN, "no")


async def test_a_reading_that_is_doubtful_waits_for_her_yes(channel: Channel) -> None:
    stand = await play(channel, "[De acuerdo] | sí | tejido | 40 | 2000 a la semana")
    assert "pago" not in stand
    stand = await play(channel, "no")
    assert "pago" not in stand
    stand = await play(channel, "1500 a la quincena | [Sí]")
    assert stand["pago"] == (GIVEN, {"money": "1500", "period": "quincena", "high": None, "days": None})


async def test_what_is_missing_from_an_amount_is_asked_for(channel: Channel) -> None:
    stand = await play(channel, "[De acuerdo] | sí | tejido | 40 | gano 300 | por día | cinco | sí")
    assert stand["pago"] == (GIVEN, {"money": "300", "period": "dia", "high": None, "days": 5})


async def test_going_back_and_answering_otherwise(channel: Channel) -> None:
    stand = await play(channel, "[De acuerdo] | sí | tejido | 40 | [Atrás] | [Atrás] | cocina")
    assert stand["tipos"] == (GIVEN, ["cocina"])
    stand = await play(channel, "[Atrás] | atrás | atrás | no")
    assert stand["trabaja"] == (GIVEN, "no")
    assert not stand.keys() & {"tipos", "horas"}, "they apply no more"


async def test_correcting_at_the_end(channel: Channel) -> None:
    await play(channel, "[De acuerdo] | no" + " | [Saltar]" * 3 + " | 1" + " | [Saltar]" * 4)
    assert await channel.is_over()
    stand = await play(channel, "[Hijas] | 3")
    assert stand["hijas"] == (GIVEN, 3)
    assert await channel.is_over()


async def test_a_pause_keeps_her_place(channel: Channel) -> None:
    before = await play(channel, "[De acuerdo] | sí | tejido | [Pausa]")
    assert "horas" not in before
    stand = await play(channel, "(goes on) | 40")
    assert stand["horas"] == (GIVEN, 40)
    assert all(stand[name] == before[name] for name in ("enterada", "trabaja", "tipos"))


async def test_what_cannot_be_read_is_told_and_kept_from_the_answers(channel: Channel) -> None:
    stand = await play(channel, "[De acuerdo] | sí | tejido | 99")
    assert "De 1 a 84" in await channel.shown()
    assert "horas" not in stand
    stand = await play(channel, "muchas | quién sabe cuántas fueron | 12")
    assert stand["horas"] == (GIVEN, 12)


async def test_a_button_of_a_question_that_is_answered_changes_nothing(channel: Channel) -> None:
    before = await play(channel, "[De acuerdo] | sí | tejido")
    for late in ("[Cocina] late", "[Listo] late", "[No] late", "[De acuerdo] late"):
        await channel.does(late)
    assert await channel.answers() == before
    assert (await play(channel, "40"))["horas"] == (GIVEN, 40)


async def test_asking_for_a_person_costs_no_place(channel: Channel) -> None:
    stand = await play(channel, "[De acuerdo] | sí | ayuda | tejido")
    assert stand["tipos"] == (GIVEN, ["tejido"])
    assert await channel.kinds_of_cases() == {"ayuda"}


async def test_a_choice_that_asks_for_help_is_passed_on(channel: Channel) -> None:
    assert not await channel.kinds_of_cases()
    await play(channel, "[De acuerdo] | sí | ventas")
    assert await channel.kinds_of_cases() == {"ayuda"}


async def test_the_first_line_of_a_question_is_its_number_alone(channel: Channel) -> None:
    for move in ("[De acuerdo]", "sí", "tejido"):
        await channel.does(move)
        number, empty, *_ = (await channel.shown()).split("\n")
        assert number.replace(" de ", "").isdigit()
        assert empty in ("", "·")
