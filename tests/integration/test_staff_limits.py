"""No screen of the staff's desk is longer than Telegram takes, however much there is to show; none has to be cut."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import update

from bot.fitting import length
from bot.staff.broadcast_card import Terms
from bot.staff.permissions import COMMANDS
from storage import calls
from storage.calls import Attempt, Channel, Disposition
from storage.members import Role
from storage.schema import participants
from tests.support.calling import to_call
from tests.support.chat import Bot, Chat
from tests.support.composer import composed
from tests.support.staff import at_work
from tests.support.world import Store

LIMIT, MOST_BUTTONS = 4096, 100
CUT = "no cabe en un mensaje"
LONG = "Ñandú & <nada> "
MOST_TAPS = 400


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store, terms=Terms(phones=()))


def seen(text: str) -> str:
    return unescape(re.sub(r"</?[a-z]+>", "", text))


def fits(bot: Bot) -> None:
    """Whatever was shown so far was shown whole."""
    for shown in bot.shown:
        text = seen(shown.call.params.get("text", ""))
        assert length(text) <= LIMIT
        assert CUT not in text, text[:200]
        keyboard = shown.call.params.get("reply_markup", {}).get("inline_keyboard", [])
        assert sum(map(len, keyboard)) <= MOST_BUTTONS


async def everywhere(bot: Bot, chat: Chat) -> set[str]:
    """Tap every kind of button there is, once; returns what was tapped."""
    done: set[str] = set()
    for command in COMMANDS:
        await chat.say(f"/{command}")
        while len(done) < MOST_TAPS:
            ahead = [data for _, data in chat.offered if kind(data) not in done]
            if not ahead:
                break
            done.add(kind(ahead[-1]))
            await chat.tap_data(ahead[-1])
            fits(bot)
    return done


def kind(data: str) -> str:
    """The room and the verb, and what is chosen where that is no number; of a question's button what it answers."""
    room, *rest = data.split(".")[2:]
    return ".".join((room, *rest[:1], *(one for one in rest[1:][-1:] if not re.search("[0-9]", one))))


async def full(bot: Bot) -> None:
    """A woman whose everything is as long as it can be, who has written much, was called often, and is not alone."""
    rosa = await bot.enrolled(501)
    for number in range(14):
        await rosa.say(f"{number} {LONG * 60}")
    await rosa.tap("Pasar este mensaje")
    await rosa.say(LONG * 250)
    await rosa.tap("Pasar este mensaje")
    for number in range(12):
        her = await to_call(bot, f"R-{number}-{'x' * 55}", name=f"Ana {number} {LONG * 12}"[:200])
        async with bot.store.database.transact() as tx:
            long = {"cohort": f"{number} {LONG * 10}"[:200], "centre": f"{number} {LONG * 10}"[:200]}
            await tx.run(update(participants).where(participants.c.id == her).values(long))
            for day in range(5):
                attempt = Attempt(
                    Disposition.NO_ANSWER, Channel.PHONE, note=(LONG * 80)[:1000], at=tx.now - timedelta(days=5 - day)
                )
                await calls.record(tx, her, attempt, by="command", try_again_at=tx.now)


async def test_no_screen_of_any_room_is_too_long(bot: Bot) -> None:
    await full(bot)
    lupe = await at_work(bot, Role.ADMIN)
    await composed(lupe, "\n".join(f"{LONG} 55 {number:04} 4321" for number in range(90)))
    visited = await everywhere(bot, lupe)
    rooms = {one.split(".")[0] for one in visited}
    assert rooms >= {"cases", "calls", "roster", "broadcast", "capture", "team", "audit", "woman", "rest"}


async def test_a_long_case_is_read_screen_by_screen_and_none_of_it_is_lost(bot: Bot) -> None:
    rosa = await bot.enrolled(501)
    for number in range(14):
        await rosa.say(f"mensaje {number}: {'tengo un problema ' * 40}")
    await rosa.tap("Pasar este mensaje")
    lupe = await at_work(bot)
    await lupe.say("/bandeja")
    await lupe.tap("Rosa")
    read = lupe.last.text
    assert "mensaje 13" in read
    while "◀️ Lo de antes" in lupe.last.buttons:
        await lupe.tap("Lo de antes")
        read += lupe.last.text
    assert all(f"mensaje {number}:" in read for number in range(14))
    assert read.count("tengo un problema") == 14 * 40
    await lupe.tap("Lo de después")
    await lupe.tap("Tomar")
    assert "Ver el caso" in " ".join(lupe.last.buttons)
    fits(bot)


async def test_a_long_note_is_short_on_the_card_and_whole_a_tap_away(bot: Bot) -> None:
    await full(bot)
    lupe = await at_work(bot)
    await lupe.say("/llamadas")
    assert (LONG * 80)[:1000].strip() not in unescape(lupe.last.text)
    await lupe.tap("Leer las notas")
    assert (LONG * 80)[:1000].strip() in unescape(lupe.last.text)
    await lupe.tap("Más")
    await lupe.tap("Anteriores")
    fits(bot)


async def test_a_draft_with_a_hundred_numbers_tells_the_first_and_how_many_more(bot: Bot) -> None:
    lupe = await at_work(bot)
    await composed(lupe, "\n".join(f"Llama al 55 {number:04} 4321" for number in range(100)))
    assert "… y 90 más" in lupe.last.text
    assert "Cambiar el texto" in lupe.last.buttons
    fits(bot)
