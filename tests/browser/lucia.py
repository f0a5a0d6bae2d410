"""Lucía's part of the demo, as it is played on its page: everything by the names and labels that she sees."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Locator, expect

from tests.browser.rosa import Story

PIN = "2580"
TELLING = (
    "Hola, {nombre}: el jueves a las 5 hay taller de costura en el Centro Norte. "
    "Alma Ejemplo, que salió del penal contigo, pide que llames al 55 8765 4321."
)
"""What must not go out so: a word that gives away, a woman's name, a number that nobody has looked at."""

HARMLESS = "Hola, {nombre}: el jueves a las 5 hay taller de costura. ¿Te apunto?"
EVERYBODY = 47


class Desk:
    """The coordinator's phone on the page of a demo."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.phone = story.lucia
        self.card = self.phone.get_by_role("listitem").filter(has_text="La preparó Lucía")
        """The card of a broadcast that is on its way, or was."""
        self.question = self.phone.get_by_role("listitem").filter(has=story.page.get_by_role("button", name="🙋 Ayuda"))
        """What she asks for Rosa by phone."""

    async def tap(self, *labels: str) -> None:
        """She taps these, each as soon as it is there; the last one that says so, if there are several."""
        for label in labels:
            await self.phone.get_by_role("button", name=label, exact=True).last.click()

    async def choose(self, beginning: str) -> None:
        """She taps what begins so, in a list."""
        await self.phone.get_by_role("button", name=beginning).last.click()

    async def say(self, text: str) -> None:
        """She types."""
        field = self.phone.get_by_role("textbox", name="Escribe un mensaje")
        await field.fill(text)
        await field.press("Enter")

    async def told(self, *words: str) -> None:
        """Wait until the last message of the chat says all of these."""
        for word in words:
            await expect(self.phone.get_by_role("listitem").last).to_contain_text(word)

    async def command(self, name: str) -> None:
        """She gives a command out of the list beside the field."""
        await self.phone.get_by_role("button", name="Menú").first.click()
        await self.phone.get_by_role("menuitem", name=name).click()

    async def choose_pin(self) -> None:
        """Four digits, twice."""
        await self.command("/pin")
        await self.told("Elige un PIN")
        await self.say(PIN)
        await self.told("Escríbelo otra vez")
        await self.say(PIN)
        await self.told("tu PIN está guardado")

    async def give_pin(self) -> None:
        """Her desk has shut meanwhile."""
        await self.told("Escribe tu PIN")
        await self.say(PIN)
        await self.told("Abierto")
        await self.tap("Continuar")

    async def write(self, text: str) -> None:
        """A new broadcast with this text."""
        await self.say("/difusion")
        await self.tap("Nueva difusión")
        await self.told("Donde pongas {nombre}")
        await self.say(text)
        await self.told("Borrador", text)

    async def mend(self) -> None:
        """She puts what is wrong with it right."""
        await self.tap("Cambiar el texto")
        await self.say(HARMLESS)
        await self.told("Borrador", HARMLESS)

    async def see_first(self) -> None:
        """What they will get, she gets first."""
        await self.tap("Enviarme a mí primero", "Abrir")
        await expect(self.phone.get_by_text(HARMLESS.format(nombre="Lucía"))).to_be_visible()
        await self.told("Borrador", f"Enviar a {EVERYBODY} mujeres")

    async def hand_in(self) -> None:
        """To all of them; then she watches."""
        await self.tap(f"Enviar a {EVERYBODY} mujeres")
        await self.told("segundos para deshacer")
        await self.tap("Ver la difusión")

    async def call_off(self) -> None:
        """A broadcast for tomorrow, which never goes."""
        await self.tap("Cuándo", "Mañana 9:00")
        await self.told("a las 9:00")
        await self.tap("« Borrador")
        await self.hand_in()
        await self.told("Programada", f"Lista fija: {EVERYBODY} mujeres")
        await self.tap("Cancelar")
        await self.told("¿La cancelo?")
        await self.tap("Sí, cancelar")
        await self.told("Cancelada")

    async def watch_it_begin(self) -> None:
        """The first have got it."""
        await self.told("Enviándose", "Les llegó:", "▓")

    async def pause(self) -> None:
        """Half of them have got it, and the others wait."""
        await self.tap("Pausar")
        await self.told("En pausa")

    async def watch_it_end(self) -> None:
        """It goes on, in the same message, until all have got it."""
        await self.tap("Seguir")
        await expect(self.card.last).to_contain_text(f"▓▓▓▓▓▓▓▓▓▓ 100 % · {EVERYBODY} de {EVERYBODY}")

    async def report(self, folder: Path) -> Path:
        """The report, as a message and as a file."""
        await self.card.get_by_role("button", name="Informe").last.click()
        await self.tap("Descargar Excel")
        file = self.phone.get_by_role("link", name="Descargar difusion-")
        async with self.story.page.expect_download() as download:
            await file.click()
        kept = folder / (await download.value).suggested_filename
        await (await download.value).save_as(kept)
        return kept

    async def find(self) -> Locator:
        """Rosa's card in the roster."""
        await self.command("/participantes")
        await self.tap("Ver todas")
        await self.told(f"{EVERYBODY} mujeres")
        await self.say("rósa")
        await self.told("1 mujer:", "Rosa Ejemplo Inventada")
        await self.choose("Rosa Ejemplo Inventada")
        await self.told("Folio: D-0001", "Chat: activo")
        return self.phone.get_by_role("listitem").last

    async def answer_rosa(self) -> None:
        """What Rosa asked for, out of the tray."""
        await self.say("/bandeja")
        await self.told("• Ayuda")
        await self.choose("• Ayuda")
        await self.told("Nadie la atiende")
        await self.tap("Tomar", "Ver el caso", "Responder")
        await self.told("Escribe lo que va a leer Rosa")
        await self.say("Hola, {nombre}: te espero el martes a las 10 en el centro.")
        await self.told("Sale en 30 segundos")

    async def ask_by_phone(self) -> None:
        """Rosa's check-in: its first question, which she answers to Lucía."""
        await self.say("/capturar")
        await self.give_pin()
        await self.told("¿A quién vas a preguntar?")
        await self.say("D-0001")
        await self.told("¿A quién vas a preguntar?", "Rosa Ejemplo Inventada")
        await self.choose("Rosa Ejemplo Inventada")
        await self.told("¿cuál seguimiento?")
        await self.choose("Semana 1")
        await self.tap("Por teléfono")
        await self.told("¿Necesitas algo hoy?")
        await self.tap("☐ Trabajo")
        await self.told("☑ Trabajo")
        await self.tap("✅ Listo")
        await expect(self.question).to_contain_text("2 de ")  # that Rosa asks for something may be told below it
