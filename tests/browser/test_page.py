"""The demo's page in a real chromium, with a small scripted bot behind it.

Every test also proves that the page logs no error and asks nobody but its own server for anything.
"""

import asyncio
import io
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Message, ReplyParameters, Update

from bot.demo import samples
from bot.demo.page import PhoneCard, Table, serve_page
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and "CI" not in os.environ, reason="no chromium on this machine"),
]

TOKEN = "4242:una-palabra"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
QUESTION = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Sí, puedo", callback_data="si"), InlineKeyboardButton("Ahora no", callback_data="no")]]
)
TINY_STEP = timedelta(days=1)


@dataclass
class SmallStage:
    """A stage of one clock and one table."""

    at: datetime = datetime(2026, 3, 4, 16, 20, tzinfo=UTC)
    due: datetime | None = None
    answers: list[list[str]] = field(default_factory=list)
    phones: list[PhoneCard] = field(
        default_factory=lambda: [
            PhoneCard(101, "Rosa", "participant", "invitacion", "jacaranda"),
            PhoneCard(202, "Marta", "coordinator", "equipo"),
        ]
    )

    def now(self) -> datetime:
        return self.at

    async def advance(self, *, days: int = 0, months: int = 0) -> None:
        for _ in range(days + 30 * months):
            self.at += TINY_STEP
            await asyncio.sleep(0)

    async def advance_to_next(self) -> bool:
        if self.due is None:
            return False
        self.at, self.due = self.due, None
        return True

    async def next_checkin(self) -> datetime | None:
        return self.due

    async def tables(self) -> list[Table]:
        return [Table("Respuestas", ["variable", "value"], [list(row) for row in self.answers])]


@dataclass
class SmallBot:
    """Greets, asks one thing, notes what is tapped and typed."""

    api: Bot
    stage: SmallStage

    async def run(self) -> None:
        offset = None
        while True:
            for update in await self.api.get_updates(offset=offset, timeout=30):
                offset = update.update_id + 1
                await self.answer(update)

    async def answer(self, update: Update) -> None:
        if (query := update.callback_query) and query.message:
            self.stage.answers.append(["puede_leer", query.data or ""])
            await self.api.answer_callback_query(query.id, "Anotado")
            await self.api.edit_message_text(f"Tu respuesta: {query.data}", 101, query.message.message_id)
        elif update.edited_message:
            await self.api.send_message(update.edited_message.chat.id, "Vi tu corrección.")
        elif (message := update.message) and message.text:
            await self.hear(message, message.text)

    async def hear(self, message: Message, text: str) -> None:
        if text.startswith("/start"):
            await self.api.send_message(message.chat.id, "¿Puedes leer ahora?", reply_markup=QUESTION)
        else:
            self.stage.answers.append(["texto", text])
            await self.api.send_message(
                message.chat.id, f"Entendí: {text}", reply_parameters=ReplyParameters(message.message_id)
            )


@dataclass
class Demo:
    """What a test has in hand: the page open in a browser, the bot's own client, the phones behind it."""

    url: str
    page: Page
    api: Bot
    stage: SmallStage
    simulator: Simulator
    outside: list[str]

    @property
    def rosa(self) -> Phone:
        return self.simulator.phone(user_id=101, first_name="Rosa")


@asynccontextmanager
async def opened(browser: Browser, **context: Any) -> AsyncIterator[Demo]:
    """A demo with its page open; afterwards the page must have been clean."""
    stage = SmallStage()
    simulator = Simulator(token=TOKEN, now=stage.now)
    async with serve_page(simulator, stage) as url, Bot(TOKEN, base_url=f"{url}/bot") as api:
        polling = asyncio.create_task(SmallBot(api, stage).run())
        page = await browser.new_page(**context)
        errors: list[str] = []
        outside: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(url) else outside.append(request.url))
        await page.goto(url)
        await expect(page.locator("#control")).to_be_attached()
        yield Demo(url, page, api, stage, simulator, outside)
        assert (errors, outside) == ([], [])
        await page.context.close()
        polling.cancel()
        with suppress(asyncio.CancelledError):
            await polling


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    assert CHROMIUM, "CI must have chromium"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        await started.close()


@pytest.fixture
async def demo(browser: Browser) -> AsyncIterator[Demo]:
    async with opened(browser, viewport={"width": 1280, "height": 800}) as shown:
        yield shown


async def test_a_newcomer_sees_what_is_what(demo: Demo) -> None:
    page = demo.page
    for name in ("El teléfono de Rosa", "El teléfono de Marta", "El tiempo y los datos"):
        await expect(page.get_by_role("region", name=name)).to_be_visible()
    await expect(page.get_by_role("complementary")).to_contain_text("jacaranda")
    await expect(page.get_by_text("Empieza aquí")).to_be_visible()
    await expect(page.get_by_text("miércoles, 10:20 · Ciudad de México")).to_be_visible()
    await expect(page.get_by_text("4 de marzo de 2026")).to_be_visible()


async def test_a_conversation_with_the_keyboard_alone(demo: Demo) -> None:
    page = demo.page
    await page.keyboard.press("Tab")  # the other language
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Iniciar").first).to_be_focused()
    await page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Escribe un mensaje")
    await expect(field).to_be_focused()
    await expect(page.get_by_role("button", name="Sí, puedo")).to_be_visible()
    for _ in range(3):  # past the menu, over "Ahora no", to "Sí, puedo"
        await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name="Sí, puedo")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").get_by_text("Anotado")).to_be_visible()
    answered = page.get_by_role("log").get_by_text("Tu respuesta: si")
    await expect(answered).to_be_visible()
    await expect(page.get_by_role("button", name="Sí, puedo")).to_have_count(0)

    for _ in range(3):  # from the message that was redrawn, over its reply control and the menu, to the field
        await page.keyboard.press("Tab")
    await expect(field).to_be_focused()
    await page.keyboard.type("mil quinientos")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Entendí: mil quinientos")).to_be_visible()
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_text("Corriges tu mensaje")).to_be_visible()
    await page.keyboard.type(" pesos")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Vi tu corrección.")).to_be_visible()
    await expect(page.get_by_text("editado")).to_have_count(2)  # hers, and the bot's answered question
    assert [message.text for message in demo.rosa.messages if message.sender == "person"] == [
        "/start invitacion",
        "mil quinientos pesos",
    ]


async def test_rows_land_and_time_passes(demo: Demo) -> None:
    page = demo.page
    await expect(page.get_by_text("Sin filas todavía")).to_be_visible()
    demo.stage.answers.append(["trabajo", "si"])
    row = page.get_by_role("row", name="trabajo si")
    await expect(row).to_have_class("fresh")
    await page.get_by_role("button", name="+1 mes").click()
    await expect(page.get_by_text("3 de abril de 2026")).to_be_visible()
    await expect(page.get_by_role("button", name="+1 mes")).to_have_attribute("aria-disabled", "false")
    await page.get_by_role("button", name="+1 semana").click()
    await expect(page.get_by_text("10 de abril de 2026")).to_be_visible()
    demo.rosa.start()
    await expect(page.get_by_role("log").first.get_by_text("10 de abril")).to_be_visible()


async def test_time_passes_to_what_is_due_next(demo: Demo) -> None:
    page = demo.page
    step = page.get_by_role("button", name="Hasta la próxima")
    await step.press("Enter")
    await expect(page.get_by_text("No hay nada pendiente")).to_be_visible()
    await expect(page.get_by_text("Próxima cita")).to_have_count(0)
    demo.stage.due = datetime(2026, 5, 23, 16, 0, tzinfo=UTC)
    await expect(page.get_by_text("Próxima cita: 23 de mayo")).to_be_visible()
    await step.press("Enter")
    await expect(page.get_by_text("23 de mayo de 2026")).to_be_visible()
    await expect(page.get_by_text("Hilo escribe solo")).to_be_visible()
    await expect(step).to_be_focused()


async def test_all_that_can_stand_in_a_chat(demo: Demo) -> None:
    page, api, rosa = demo.page, demo.api, demo.rosa
    rosa.start()
    log = page.get_by_role("log", name="Chat con Hilo en el teléfono de Rosa")
    await expect(log.get_by_text("¿Puedes leer ahora?")).to_be_visible()
    await api.send_chat_action(101, "typing")
    await expect(page.get_by_text("escribiendo…")).to_be_visible()
    text = (
        "<b>Gor<i>da</i></b> <tg-spoiler>callada</tg-spoiler>\n<a href='https://example.org/'>liga</a> /ayuda &lt;b&gt;"
    )
    await api.send_message(101, text, parse_mode="HTML")
    await expect(page.get_by_text("escribiendo…")).to_have_count(0)
    await expect(log.locator("strong", has_text="Gorda").locator("em")).to_have_text("da")
    await expect(log.get_by_role("link", name="liga")).to_have_attribute("rel", "noopener noreferrer")
    await expect(log.get_by_text("<b>")).to_be_visible()
    await log.get_by_role("button", name="Mostrar lo oculto").click()
    await expect(log.get_by_text("callada")).to_be_visible()

    await api.send_document(101, io.BytesIO(b"a;b\n" * 600), filename="datos.csv")
    async with page.expect_download() as download:
        await log.get_by_role("link", name="Descargar datos.csv").click()
    assert (await download.value).suggested_filename == "datos.csv"
    await api.send_photo(101, samples.photo(), caption="tarjeta")
    await expect(log.get_by_role("img", name="Foto")).to_be_visible()
    await api.send_voice(101, samples.voice(75), duration=75)
    await expect(log.get_by_role("group", name="Nota de voz, 1:15")).to_be_visible()
    await api.send_audio(101, io.BytesIO(samples.voice()), filename="aviso.ogg", duration=9)
    await play(page, log.get_by_role("group", name="Grabación, 0:09"))
    await page.get_by_role("button", name="Enviar otra cosa").press("Enter")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(log.get_by_role("img", name="Sticker 🌻")).to_be_visible()

    await api.delete_messages(101, [message.message_id for message in rosa.messages])
    await expect(log.locator(".message")).to_have_count(0)


async def play(page: Page, sound: Locator) -> None:
    """Listen to its beginning: the file is there, and the browser can play it."""
    async with page.expect_response("**/demo/files/*"):
        await sound.get_by_role("button", name="Escuchar").click()
    await expect(sound.get_by_role("button", name="Pausar")).to_be_visible()


async def test_she_sends_a_voice_note_with_the_keyboard_alone(demo: Demo) -> None:
    page = demo.page
    demo.rosa.start()
    await page.get_by_role("textbox", name="Escribe un mensaje").focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Mandar nota de voz")).to_be_focused()
    await page.keyboard.press("Enter")
    note = page.get_by_role("log").get_by_role("group", name="Nota de voz, 0:04")
    await play(page, note)
    sent = demo.rosa.messages[-1].attachment
    assert sent is not None
    assert (sent.kind, sent.seconds, sent.mime_type) == ("voice", 4, "audio/ogg")


async def test_replies_quote_and_commands_are_offered(demo: Demo) -> None:
    page = demo.page
    await demo.api.set_my_commands([BotCommand("ayuda", "Hablar con alguien")])
    demo.rosa.start()
    await page.get_by_role("button", name="Responder a: ¿Puedes leer ahora?").press("Enter")
    await page.keyboard.type("luego")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Entendí: luego")).to_be_visible()
    assert [message.reply_to for message in demo.rosa.messages] == [None, None, 2, 3]
    await page.get_by_role("button", name="Menú").press("Enter")
    await page.get_by_role("menuitem", name="/ayuda").press("Enter")
    await expect(page.get_by_text("Entendí: /ayuda")).to_be_visible()
    await expect(page.locator(".quote").first).to_contain_text("Hilo¿Puedes leer ahora?")


async def test_a_narrow_screen_has_tabs(browser: Browser) -> None:
    async with opened(browser, viewport={"width": 360, "height": 740}) as demo:
        page = demo.page
        await page.get_by_role("button", name="Iniciar").click()
        await expect(page.get_by_role("button", name="Ahora no")).to_be_visible()
        demo.stage.answers.append(["una_variable_de_nombre_largo", "un valor tan largo que no cabe en la pantalla"])
        for name in ("Tiempo y datos", "Marta", "Rosa"):
            await page.get_by_role("tab", name=name).click()
            await expect(page.get_by_role("tabpanel")).to_have_count(1)
            assert await page.evaluate("document.documentElement.scrollWidth") == 360
        unread = page.get_by_role("tab", name="Marta mensajes nuevos")
        await expect(unread).to_have_count(0)
        demo.simulator.phone(user_id=202, first_name="Marta").start()
        await expect(unread).to_be_visible()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("tabpanel", name="El teléfono de Marta")).to_be_visible()
        await expect(unread).to_have_count(0)


async def test_english_is_one_link_away(demo: Demo) -> None:
    await demo.page.get_by_role("link", name="English").click()
    await expect(demo.page.get_by_role("button", name="Start").first).to_be_visible()
    await expect(demo.page.get_by_text("Begin here")).to_be_visible()
    await expect(demo.page.get_by_text("4 March 2026")).to_be_visible()
    assert await demo.page.evaluate("document.documentElement.lang") == "en"


async def test_the_page_comes_back_after_the_server_does(browser: Browser) -> None:
    stage = SmallStage()
    simulator = Simulator(token=TOKEN, now=stage.now)
    page = await browser.new_page()
    async with serve_page(simulator, stage) as url:
        await page.goto(url)
        await expect(page.get_by_role("button", name="Iniciar")).to_have_count(2)
    await expect(page.get_by_text("Sin conexión")).to_be_visible()
    simulator.phone(user_id=101, first_name="Rosa").start()
    async with serve_page(simulator, stage, port=int(url.rpartition(":")[2])):
        await expect(page.get_by_text("Sin conexión")).to_have_count(0)
        await expect(page.get_by_role("log").first.get_by_text("/start")).to_be_visible()
        await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_pair_of_colours_reads_well(browser: Browser, scheme: str) -> None:
    pairs = [
        *[("soft", behind) for behind in ("paper", "panel", "chat", "theirs", "own")],
        *[("ink", behind) for behind in ("paper", "panel", "theirs", "own", "tint")],
        *[("accent", behind) for behind in ("panel", "theirs", "own", "tint")],
        *[("leaf", "leaf-tint"), ("leaf", "panel"), ("on-accent", "accent"), ("note-ink", "note"), ("paper", "ink")],
    ]
    async with opened(browser, color_scheme=scheme) as demo:
        value = "name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()"
        poor = []
        for front, behind in pairs:
            lights = sorted(
                [light(await demo.page.evaluate(value, front)), light(await demo.page.evaluate(value, behind))]
            )
            if (lights[1] + 0.05) / (lights[0] + 0.05) < 4.5:
                poor.append((front, behind))
        assert poor == []


def light(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
