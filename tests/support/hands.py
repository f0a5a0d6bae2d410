"""Whoever holds a phone, drawn move by move: what may be done in a chat is what stands there, and what people write.

* A move is drawn from a source of choices, so that hypothesis decides, and finds the shortest way to what is wrong.
* She may be anywhere: in a sitting, at her code, in danger, asking for what the law gives her, or shutting it all off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from argon2 import PasswordHasher

from bot.api import Call
from storage import broadcasts, words
from storage.broadcasts import Definition, NobodyGetsIt, Rules
from storage.notices import Content
from storage.segments import Segment
from tests.support.chat import Bot, Chat, Seen

Choose = Callable[[Any], Any]
"""Draws one of several."""

ANSWERS = (
    *("sí", "no", "2", "la tercera", "quinientos a la semana", "gano 3,250 a la quincena", "como 1500", "el 5 de mayo"),
    *("en el tianguis con mi tía Canariana", "saltar", "prefiero no decir", "atrás", "no sé", "pausa", "seguir"),
    *("corregir", "escuchar", "nada"),
)
CALLS = ("ayuda", "mi marido me pega", "me quiero morir", "estoy bien", "sí puedo", "ahora no", "me urge hablar")
WISHES = ("hola", "gracias", "alto", "quiero volver", "voy de viaje", "horario", "en la tarde", "sin sonido", "usted")
RIGHTS = ("/misdatos", "/corregir mi apellido es Canariana", "/cancelar", "/oponerme", "/permisos", "permisos 1 y 3")
DOORS = ("/clave", "cambiar mi clave", "nopalito", "recetas", "9999", "/borrar", "/salir", "/start")
WRITTEN = (ANSWERS, CALLS, WISHES, RIGHTS, DOORS)

NOTE = Content("Hola, {nombre}: el sábado hay taller de cocina en la colonia Canaria, calle 12.")


class Unsteady(Bot):
    """A bot whose deletions are refused as often as is drawn, once it is told so."""

    refusing = 0

    def refuses(self, call: Call) -> bool:
        """Whatever takes something out of the chat, so many times."""
        hides = call.method in ("deleteMessages", "editMessageText", "editMessageReplyMarkup")
        if not hides or not self.refusing:
            return False
        self.refusing -= 1
        return True


@contextmanager
def quick_to_tell() -> Iterator[None]:
    """A code is told from another in no time: what is slow on purpose is no part of what is tried."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


class Hands:
    """Hands on one phone, of somebody who knows this code."""

    def __init__(self, bot: Unsteady, phone: Chat, code: str, *, choose: Choose) -> None:
        self.bot, self.phone, self.code = bot, phone, code
        self._choose = choose

    async def move(self) -> str:
        """Do something; returns what."""
        buttons = [button for seen in self._standing()[-3:] for button in seen.buttons.items()]
        how = self._choose(("tap", "tap", "say", "say", "wait", "note") if buttons else ("say", "say", "wait", "note"))
        match how:
            case "tap":
                label, data = self._choose(buttons)
                await self.phone.tap_data(data)
                return f"[{label}]"
            case "say":
                text = self._choose(self._choose(WRITTEN))
                await self.phone.say(text)
                return str(text)
            case "wait":
                minutes = self._choose((1, 5, 9))
                await self.bot.pass_time(minutes=minutes)
                return f"{minutes} minutes"
            case _:
                await self._is_written_to()
                return "a note"

    async def comes_in(self) -> None:
        """Greet, and give the code where it is asked for and may be given."""
        await self.phone.say("hola")
        for digit in self.code if any("key.1" in str(data) for data in self._keys()) else ():
            await self.phone.tap(digit)

    async def _is_written_to(self) -> None:
        """The team writes to all, and she opens it if she comes to see it; nothing where nobody may be written to."""
        with suppress(NobodyGetsIt):
            await self._write_to_all()
        await self.bot.tick()

    async def _write_to_all(self) -> None:
        async with self.bot.store.database.transact() as tx:
            drafted = await broadcasts.draft(tx, Definition(NOTE, Segment()), by=None)
            await broadcasts.submit(tx, drafted, None, rules=Rules())

    def _standing(self) -> list[Seen]:
        return [self.phone.messages[id_] for id_ in sorted(self.phone.messages)]

    def _keys(self) -> list[str]:
        return [data for seen in self._standing() if "¿Eres tú?" in seen.text for data in seen.buttons.values()]
