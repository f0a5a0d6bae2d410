"""Rosa's story as it is played on the demo's page: by the test that checks it, and by the script that takes pictures.

Everything goes through the page, by the names and labels that a person sees.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Locator, Page, async_playwright, expect

from tests.browser.test_page import ARGUMENTS, CHROMIUM

PATIENCE = 30_000
"""Milliseconds: Telegram's pace is a message a second, and the machine may be busy."""


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

    async def tap(self, *labels: str) -> None:
        """Rosa taps these, each as soon as it is there; the last one that says so, if there are several."""
        for label in labels:
            await self.rosa.get_by_role("button", name=label, exact=True).last.click()

    async def say(self, text: str) -> None:
        """Rosa types."""
        field = self.rosa.get_by_role("textbox", name="Escribe un mensaje")
        await field.fill(text)
        await field.press("Enter")

    async def asked(self, words: str) -> None:
        """Wait until Rosa is asked so by the last message of the chat."""
        await expect(self.rosa.get_by_role("listitem").last).to_contain_text(words)

    async def pass_time(self, step: str) -> None:
        """Turn the clock, and wait until that time has passed."""
        async with self.page.expect_response("**/demo/advance"):
            await self.page.get_by_role("button", name=step).click()

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
        await self.asked("cuánto ganas")
        await self.tap("Sí")
        await self.asked("¿Cómo quieres que te diga?")
        await self.say("Rosy")
        await self.tap("En la mañana")
        await self.asked("Listo, Rosy")
        return word

    async def arrive(self) -> None:
        """The arrival check, a week on."""
        await self.pass_time("+1 semana")
        await self.tap("Sí, ahora", "Estoy en eso", "Sí, por unos días", "☐ Papeles", "✅ Listo")
        await self.asked("Eso es todo por hoy")

    async def tell_income(self) -> None:
        """A month on: `seguimiento`, up to the question after her income."""
        await self.pass_time("+1 mes")
        await self.tap("Sí, ahora", "Sí, trabajé", "☐ Por mi cuenta", "✅ Listo")
        await self.asked("¿Cuánto te quedó")
        await self.say("mil quinientos a la quincena")
        await self.tap("Sí, así es")
        await self.asked("IMSS")

    async def correct_income(self) -> None:
        """She goes back and says another amount."""
        await self.tap("⬅️ Atrás")
        await self.asked("¿Cuánto te quedó")
        await self.say("dos mil a la quincena")
        await self.tap("Sí, así es")
        await self.asked("IMSS")

    async def finish(self) -> None:
        """The rest of `seguimiento`."""
        await self.tap("No sé", "Las dos cosas", "☐ Nada por ahora", "✅ Listo")
        await self.asked("Eso es todo por hoy")
