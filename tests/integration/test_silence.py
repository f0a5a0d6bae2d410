"""Who wishes that her phone make no sound: it holds for whatever is sent to her, and for nobody else."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.library import Library
from bot.pacing import counts
from bot.rendering import Renderer
from conversations.effects import NoteShown
from conversations.session import HELP
from conversations.speech import (
    ButtonsRemoved,
    Changed,
    ChatCleaned,
    ChatCleared,
    CommandsListed,
    FileHanded,
    Interviewed,
    MessagesTaken,
    Phrase,
    PictureShown,
    PromptPlayed,
    Relayed,
    Said,
    SoundPlayed,
    Speech,
    StoredFileHanded,
    TapAnswered,
)
from locales.catalog import load_catalog
from storage import broadcasts, cases
from storage.broadcasts import Definition, Rules
from storage.mail import Claimed, Parcel, Urgency
from storage.notices import Content
from storage.schema import outbox, preferences
from storage.segments import Segment
from tests.integration.test_gate import tap_code
from tests.integration.test_shared_chat import shared
from tests.support.chat import Bot, Chat, Shown
from tests.support.instruments import EVERYTHING_READ, every
from tests.support.staff import at_work, rows
from tests.support.tray import id_of
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


def sent(bot: Bot, chat: Chat, since: int = 0) -> list[Shown]:
    """What made a message in this chat."""
    return [one for one in bot.shown[since:] if one.chat_id == chat.chat_id and counts(one.call.method)]


def heard(shown: list[Shown]) -> list[str]:
    """Which of these were heard."""
    return [str(one.call.params) for one in shown if one.call.params.get("disable_notification") is not True]


async def every_kind_of_mail(bot: Bot, rosa: Chat) -> None:
    """A reply, an answer to what she asks for by law, an invitation, a reminder, a question with its recording, news of
    what she asked for, a crisis, a line of a broadcast and what it says."""
    await bot.pass_time(days=10)
    await rosa.tap("Sí, ahora")
    for said in ("escuchar", "/borrar", "hola", "/misdatos", "/oponerme no quiero llamadas", "me quiero morir"):
        await rosa.say(said)
    await rosa.tap("Estoy bien")
    await rosa.say("ayuda")
    async with bot.store.database.transact() as tx:
        await cases.attend(tx, await id_of(bot, rosa), HELP)
        await cases.close_case(tx, await id_of(bot, rosa), "crisis")
        drafted = Definition(Content("Hola, {nombre}: el viernes hay taller de cocina."), Segment())
        await broadcasts.submit(tx, await broadcasts.draft(tx, drafted, by=None), None, rules=Rules())
    await bot.pass_time(days=2)
    await rosa.tap("Abrir")


@pytest.mark.holds("S-50")
async def test_nothing_that_reaches_her_is_heard_from_then_on(bot: Bot) -> None:
    lupe, rosa = await at_work(bot), await bot.enrolled()
    assert "¿Quieres una clave?" in rosa.last.text
    for said in ("sin sonido", "con sonido"):
        await rosa.say(said)
    assert heard(sent(bot, rosa)[-1:]), "the last word counts"
    await rosa.say("sin sonido")
    since = len(bot.shown)
    await every_kind_of_mail(bot, rosa)
    shown = sent(bot, rosa, since)
    assert len(shown) > 12
    assert heard(shown) == []
    kinds = {row.urgency for row in await rows(bot, outbox) if row.participant_id == await id_of(bot, rosa)}
    assert kinds == set(Urgency), "of each kind there was one"
    assert heard(sent(bot, lupe, since)), "staff hear what is theirs"


EACH = (
    *(Said(Phrase("door.here")), Relayed("hola"), Relayed("hola", "photo", "x"), SoundPlayed(b"x", 1, 1)),
    *(FileHanded("a.json", b"x", 1), PictureShown(b"x", 1), PromptPlayed("welcome", asked=True)),
    *(StoredFileHanded("a.csv", "a.csv"), Changed(Phrase("door.here"), (), 1, 1), ChatCleared(Phrase("cleared.left"))),
    *(ChatCleaned(1), ButtonsRemoved(1, 1), MessagesTaken((1,)), CommandsListed(()), TapAnswered("1")),
    Interviewed(1, EVERYTHING_READ.name, EVERYTHING_READ.version, NoteShown(EVERYTHING_READ.questions[0].name)),
)


@pytest.mark.holds("S-50")
@pytest.mark.parametrize("speech", EACH, ids=lambda speech: type(speech).__name__)
def test_no_kind_of_message_is_heard(speech: Speech, store: Store) -> None:
    (store.home / "a.csv").write_bytes(b"x")
    render = Renderer(load_catalog(), Library(every()), outgoing=store.home)
    for silent in (True, False):
        calls = render(Claimed(1, Parcel("o", "lane", 501, speech), attempts=1, silent=silent), [])
        marked = [call.params.get("disable_notification") for call in calls if counts(call.method)]
        assert set(marked) <= {True if silent else None}


def test_each_kind_is_looked_at() -> None:
    assert {type(speech) for speech in EACH} == set(get_args(Speech))


async def test_where_a_phone_is_shared_each_has_her_own_wish_and_what_names_nobody_is_not_heard(bot: Bot) -> None:
    phone, first, second = await shared(bot)
    await phone.say("hola")
    await tap_code(phone)
    await phone.say("que no suene")
    await phone.say("/salir")
    assert {row.participant_id: row.silent for row in await rows(bot, preferences)} == {first: True, second: False}
    since = len(bot.shown)
    await phone.say("hola")
    assert heard(sent(bot, phone, since)) == [], "nobody knows yet who it is"
    await tap_code(phone, "7305")
    since = len(bot.shown)
    await phone.say("hola")
    assert heard(sent(bot, phone, since))
