"""Several women on one phone, whatever is done with it and in whichever order: nothing of one is shown while another is
in or nobody is, and what each says lands with her.

* What is hers is told by her name, which only she writes, and only while she is in.
* Who may be in follows from what was done alone: whose code was given where nobody was, and that nothing closed since.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage import people
from storage.cases import words_in
from storage.schema import answers, cases, chats, checkins
from storage.vault import Place
from tests.integration.test_gate import CODE, tap_code
from tests.integration.test_shared_chat import OTHER, joined
from tests.support import played
from tests.support.chat import Bot, Chat
from tests.support.fieldwork import fresh_store
from tests.support.hands import quick_to_tell
from tests.support.staff import rows
from tests.support.world import Store, migrated_file

__all__ = ["migrated_file"]

EXAMPLES = int(os.environ.get("HILO_EXAMPLES", "6"))

MARKS = {"R-501": re.compile(r"(?i)\brosa\b"), "R-2": re.compile(r"(?i)\b(?:ana|anita)\b")}
OF_HERSELF = {"R-501": "rosa busca trabajo de costura", "R-2": "ana busca trabajo de costura"}
CODES = {"R-501": CODE, "R-2": OTHER}

NEUTRAL = (
    *("hola", "/start", "seguir", "sí", "no", "saltar", "gracias", "corregir", "ayuda", "alto"),
    *("quiero volver", "mis datos", "/permisos", "/misdatos"),
)
LOCKS = ("/borrar", "/salir")
"""What anybody may write, without telling who she is; what closes the chat."""


TO_ANYBODY = (
    *("¿Eres tú?", "No es.", "Espera un poco.", "Está bien. Alguien te va a buscar.", "Está bien, ya no te escribo."),
    *("Ya le avisé al equipo.", "Lo que pediste ya va", "Aquí estoy.", "Hola. ¿Tienes", "Hola otra vez.", "Hola. Aquí"),
    *("Hola. Este es", "Hola. ¿Seguimos", "Hola. Hay algo nuevo", "¿Tienes cinco minutos"),
)
"""How all begins that is shown where nobody has given a code."""


class House:
    """One phone of two women, and which of them may be in."""

    def __init__(self, bot: Bot, phone: Chat, women: dict[str, int], choose: Any) -> None:
        self.bot, self.phone, self.women, self._choose = bot, phone, women, choose
        self.may_be_in: str | None = None
        self.done: list[str] = []

    async def inside(self) -> str | None:
        """The record_id of whoever is in, by the store."""
        async with self.bot.store.database.read() as tx:
            here = chats.c.lane == self.bot.lane(self.phone.chat_id)
            row = (await tx.run(select(chats.c.participant_id, chats.c.open_until).where(here))).first()
        if row is None or row.open_until is None or row.open_until <= self.bot.store.clock.at:
            return None
        return next((record for record, her in self.women.items() if her == row.participant_id), None)

    async def move(self) -> None:
        """Somebody does something; nothing of anybody shows who cannot be in."""
        before, since = self.may_be_in, len(self.bot.shown)
        await self._does()
        assert await self.inside() in (None, self.may_be_in), self.done
        shown = [str(one.call.params) for one in self.bot.shown[since:] if one.chat_id == self.phone.chat_id]
        for record, mark in MARKS.items():
            assert record in (before, self.may_be_in) or not any(map(mark.search, shown)), (record, self.done)
            assert record == self.may_be_in or not any(map(mark.search, self.phone.texts)), (record, self.done)
        if self.may_be_in is None:
            standing = [seen.text for seen in self.phone.messages.values() if not seen.hers]
            assert not [text for text in standing if not text.startswith(TO_ANYBODY)], self.done

    async def _does(self) -> None:
        buttons = [button for seen in self.phone.messages.values() for button in seen.buttons.items()]
        how = self._choose(("code", "code", "say", "say", "mine", "tap" if buttons else "say", "lock", "wait"))
        match how:
            case "code":
                await self._gives_code_of(self._choose((*CODES, *CODES, "nobody")))
            case "mine" if self.may_be_in is not None and await self.inside() == self.may_be_in:
                await self._says(OF_HERSELF[self.may_be_in])
            case "tap":
                label, data = self._choose(buttons)
                self.done.append(f"[{label}]")
                await self.phone.tap_data(data)
                self.may_be_in = None if label == "Ahora no" else self.may_be_in
            case "lock":
                await self._says(self._choose(LOCKS))
                self.may_be_in = None
            case "wait":
                minutes = self._choose((1, 11, 60 * 26))
                self.done.append(f"{minutes} minutes")
                await self.bot.pass_time(minutes=minutes)
                self.may_be_in = self.may_be_in if minutes == 1 else None
            case _:
                await self._says(self._choose(NEUTRAL))

    async def _says(self, text: str) -> None:
        self.done.append(text)
        await self.phone.say(text)

    async def _gives_code_of(self, record: str) -> None:
        self.done.append(f"code of {record}")
        if self.may_be_in is None and record in CODES:
            self.may_be_in = record
        await self._gives(CODES.get(record, "0777"))

    async def _gives(self, code: str) -> None:
        """Tapped where a keypad stands, and else typed."""
        for digit in code:
            if not any(digit in seen.buttons for seen in self.phone.messages.values()):
                await self.phone.say(code)
                return
            await self.phone.tap(digit)


async def lands_with_her(bot: Bot, women: dict[str, int]) -> None:
    """What each wrote of herself stands with her alone, wherever it came to stand."""
    others = {women[record]: [mark for other, mark in MARKS.items() if other != record] for record in MARKS}
    owners = {row.id: row.participant_id for row in await rows(bot, checkins)}
    async with bot.store.database.read() as tx:
        for row in await tx.run(select(answers)):
            said = tx.vault.open_text(Place("answers", "raw", row.id), row.raw) or ""
            assert not [mark for mark in others[owners[row.checkin_id]] if mark.search(said)]
        for row in await tx.run(select(cases)):
            told = " ".join(words.text for words in words_in(tx, row))
            assert not [mark for mark in others.get(row.participant_id, ()) if mark.search(told)]


async def house(store: Store, choose: Any) -> House:
    """Rosa and Ana on one phone, each with a check-in that is due, and a third on her own."""
    bot = Bot(store)
    phone = bot.chat()

    async def begins() -> None:
        await bot.enrolled()
        await phone.say("/clave")
        await phone.tap("Cuatro números")
        for _ in range(2):
            await tap_code(phone, CODE)
        await phone.say("/salir")
        await joined(bot, phone)
        await phone.say("/salir")
        await bot.pass_time(days=8)

    await played.once(phone, ("house",), begins)
    async with bot.store.database.read() as tx:
        women = await people.known_record_ids(tx, list(MARKS))
    return House(bot, phone, women, choose)


async def lives(store: Store, data: Any) -> None:
    def choose(among: Any) -> Any:
        return data.draw(st.sampled_from(list(among)))

    here = await house(store, choose)
    for _ in range(data.draw(st.integers(5, 25))):
        await here.move()
    await lands_with_her(here.bot, here.women)


@pytest.mark.holds("T-phone-4")
@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_nothing_of_one_is_shown_to_another(migrated_file: Path, data: Any) -> None:
    async def play(folder: Path) -> None:
        async with fresh_store(folder / "home", migrated_file) as store:
            await lives(store, data)

    with tempfile.TemporaryDirectory(prefix="hilo-shared-") as folder, quick_to_tell():
        asyncio.run(play(Path(folder)))
