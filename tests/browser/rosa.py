"""Rosa's story as it is played on the demo's page: by the test that checks it, and by the script that takes pictures.

Everything goes through the page, by the names and labels that a person sees.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from playwright.async_api import Locator, Page, async_playwright, expect

from tests.browser.test_page import ARGUMENTS, CHROMIUM
from tests.support.chat import word_shown

PATIENCE = 60_000
"""Milliseconds: Telegram's pace is a message a second, and the machine may be busy."""

A_MONDAY = date(2026, 3, 2)
"""None of the story's days is then a rest day or a Sunday, when nothing unasked would reach her in the morning."""

TIME_PASSES = 300_000
"""Milliseconds in which a month passes, stop by stop, on whatever machine."""


CODE = "4821"


@asynccontextmanager
async def opened(url: str, **context: Any) -> AsyncIterator[Page]:
    """The page in a chromium of its own; afterwards it must have logged no error and asked nobody else for anything."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(**context)
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        errors: list[str] = []
        outside: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(url) else outside.append(request.url))
        await page.goto(url)
        yield page
        assert (errors, outside) == ([], [])
        await browser.close()


class Story:
    """The page of a fresh demo, with Rosa's, Lucía's and time's part of it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.rosa = page.get_by_label("El teléfono de Rosa", exact=True)  # a region, or a tab panel
        self.lucia = page.get_by_label("El teléfono de Lucía", exact=True)
        self.store = page.get_by_role("region", name="Lo que Hilo va guardando")
        self.code: str | None = None
        """What she chose to give before anything is shown."""

    async def tap(self, *labels: str) -> None:
        """Rosa taps these, each as soon as it is there; the last one that says so, if there are several."""
        for label in labels:
            await self.rosa.get_by_role("button", name=label, exact=True).last.click()

    async def tick(self, *labels: str, done: str = "✅ Listo") -> None:
        """Rosa ticks these, sees that they are ticked, and is done."""
        for label in labels:
            await self.tap(f"☐ {label}")
            await expect(self.rosa.get_by_role("button", name=f"☑ {label}", exact=True)).to_be_visible()
        await self.tap(done)

    async def say(self, text: str) -> None:
        """Rosa types."""
        field = self.rosa.get_by_role("textbox", name="Escribe un mensaje")
        await field.fill(text)
        await field.press("Enter")

    async def edit_last(self, text: str) -> None:
        """Rosa changes the last message that she typed, as with the arrow key on a desktop."""
        field = self.rosa.get_by_role("textbox", name="Escribe un mensaje")
        await field.press("ArrowUp")
        await expect(self.rosa.get_by_text("Corriges tu mensaje")).to_be_visible()
        await self.say(text)

    async def asked(self, words: str) -> None:
        """Wait until Rosa is asked so by the last message of the chat."""
        await expect(self.rosa.get_by_role("listitem").last).to_contain_text(words)

    async def confirming(self) -> str:
        """The word that she is shown, to confirm her yes."""
        return word_shown(await self.rosa.get_by_role("listitem").last.inner_text())

    async def confirm(self, amount: str) -> None:
        """She is asked whether this is what she earned, and it is."""
        await self.asked(f"Entonces son {amount}, ¿verdad?")
        await self.tap("Sí, así es")

    async def pass_time(self, step: str) -> None:
        """Turn the clock, and wait until that time has passed: while it does, another press would do nothing."""
        button = self.page.get_by_role("button", name=step)
        await expect(button).to_have_attribute("aria-disabled", "false")
        async with self.page.expect_response("**/demo/advance", timeout=TIME_PASSES) as passed:
            await button.click()
        assert (await passed.value).ok
        await expect(button).to_have_attribute("aria-disabled", "false")

    def row(self, *cells: str) -> Locator:
        """The store's row that has these cells, among others."""
        found = self.store.get_by_role("row")
        for cell in cells:
            found = found.filter(has=self.page.get_by_role("cell", name=cell, exact=True))
        return found

    async def join(self) -> str:
        """Both open their invitations; Rosa consents. Returns the word that she was given on paper."""
        await self.lucia.get_by_role("button", name="Iniciar").click()
        paper = self.page.get_by_role("complementary", name="Lo que la promotora le dio en persona")
        word = (await paper.inner_text()).split()[-1]
        await self.tap("Iniciar", "Sí, puedo")
        await self.asked("Te dieron una palabra")
        await self.say(word)
        await self.tap("Sí, acepto")
        await self.asked("Para confirmar")
        await self.say(await self.confirming())
        await self.asked("¿Qué más me permites?")
        await self.tick("1. Preguntar cuánto gano", "5. Mandarme avisos", done="Listo")
        await self.asked("¿Cómo quieres que te diga?")
        await self.say("Rosy")
        await self.tap("En la mañana")
        await self.asked("¿Quieres una clave?")
        await expect(self.rosa.get_by_text("Listo, Rosy")).to_be_visible()
        return word

    async def choose_no_code(self) -> None:
        """She has her phone to herself."""
        await self.tap("Ahora no")
        await expect(self.rosa.get_by_role("button", name="Cuatro números", exact=True)).to_have_count(0)

    async def choose_code(self) -> None:
        """Four numbers on the keypad, twice."""
        await self.tap("Cuatro números")
        for asked in ("Elige cuatro números", "Otra vez los mismos"):
            await self.asked(asked)
            await self._enter(CODE)
        await self.asked("Te la voy a pedir")
        self.code = CODE

    async def _enter(self, code: str) -> None:
        for before, digit in enumerate(code):  # each is counted before the next
            await self.asked(" ".join("●" * before + "○" * (len(code) - before)))
            await self.tap(digit)

    async def begin(self) -> None:
        """She has time for what she is invited to, and is let in."""
        await self.tap("Sí, ahora")
        if self.code is not None:
            await self.asked("¿Eres tú?")
            await self.let_in(self.code)

    async def let_in(self, code: str = CODE) -> None:
        """She gives her code."""
        await self._enter(code)
        await expect(self.rosa.get_by_text("¿Eres tú?")).to_have_count(0)

    async def arrive(self) -> None:
        """The arrival check, a week on."""
        await self.pass_time("+1 semana")
        await self.begin()
        await self.answer_arrival()

    async def answer_arrival(self) -> None:
        """Its three questions, up to the summary."""
        await self.asked("¿Necesitas algo hoy?")
        await self.tick("Papeles")
        await self.asked("¿Ya tienes tu identificación?")
        await self.tap("Estoy en eso")
        await self.asked("¿Tienes dónde quedarte")
        await self.tap("Sí, por unos días")
        await self.asked("Eso es todo por hoy")

    async def tell_income(self) -> None:
        """A month on: `seguimiento`, up to what she is asked about her income."""
        await self.pass_time("+1 mes")
        await self.begin()
        await self.asked("¿Necesitas algo hoy?")
        await self.tick("No necesito nada por ahora")
        await self.asked("trabajaste aunque fuera una hora")
        await self.tap("Sí, trabajé")
        await self.asked("¿Qué tipo de trabajo es?")
        await self.tick("Por mi cuenta")
        await self.asked("¿Cuánto te quedó")
        await self.say("mil quinientos a la quincena")
        await self.asked("¿verdad?")

    async def confirm_income(self) -> None:
        """It was read rightly."""
        await self.confirm("$1,500 cada quincena")
        await self.asked("¿Cómo trabajas por tu cuenta?")

    async def go_back(self) -> None:
        """She goes back and says another amount."""
        await self.tap("⬅️ Atrás")
        await self.asked("¿Cuánto te quedó")
        await self.say("dos mil a la quincena")
        await self.confirm("$2,000 cada quincena")
        await self.asked("¿Cómo trabajas por tu cuenta?")

    async def finish(self) -> None:
        """The rest of `seguimiento`, up to the summary."""
        await self.tap("Trabajo sola o con ayuda")
        await self.asked("¿diste apoyo a tu familia")
        await self.tap("Las dos cosas")
        await self.asked("Eso es todo por hoy")

    async def correct_support(self) -> None:
        """From the summary, she answers one question anew by its button."""
        await self.tap("✏️ Apoyo")
        await self.asked("¿diste apoyo a tu familia")
        await self.tap("Yo di apoyo")
        await self.asked("Listo. Ahora quedó así.")
        await self.asked("Apoyo: Yo di apoyo")

    async def correct_income(self) -> None:
        """And another one by typing: what she typed before the summary is gone, this stands."""
        await self.tap("✏️ Ingreso")
        await self.asked("¿Cuánto te quedó")
        await self.say("2200 a la quincena")
        await self.confirm("$2,200 cada quincena")
        await self.asked("Ingreso: $2,200 cada quincena")

    async def edit_income(self) -> None:
        """After that, she changes the message in which she did so."""
        await self.edit_last("2500 a la quincena")
        await self.confirm("$2,500 cada quincena")
        await self.asked("Listo. Ahora quedó así.")
        await self.asked("Ingreso: $2,500 cada quincena")
