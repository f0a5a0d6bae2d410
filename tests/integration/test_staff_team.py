"""Who is in the team: brought in by a link, given a role, seen off at once."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from storage import installation, members
from storage.members import Role
from storage.schema import audit
from tests.support.chat import Bot, Chat
from tests.support.staff import PIN, at_work, member
from tests.support.world import Store

OTHER = 602


@pytest.fixture
async def bot(store: Store) -> Bot:
    async with store.database.transact() as tx:
        await installation.remember(tx, {installation.BOT_USERNAME: "hilo_prueba_bot"})
    return Bot(store)


def link_in(chat: Chat) -> str:
    """The token of the newest link in the chat."""
    return chat.last.text.rpartition("start=")[2].split()[0]


async def invited(bot: Bot, by: Chat, role: str, name: str) -> Chat:
    """Somebody new, by the link that was drawn for her."""
    await by.say("/equipo")
    await by.tap("Invitar")
    await by.tap(role)
    await by.say(name)
    assert " ".join(name.split()) in by.last.text
    chat = bot.chat(OTHER)
    await chat.start(link_in(by))
    return chat


async def acts(store: Store) -> list[str]:
    async with store.database.read() as tx:
        return list((await tx.run(select(audit.c.action).order_by(audit.c.number))).scalars())


async def test_an_admin_brings_in_a_coordinator_by_a_link_that_serves_once(store: Store, bot: Bot) -> None:
    admin = await at_work(bot, Role.ADMIN)
    carmen = await invited(bot, admin, "Coordinadora", "Carmen  Prueba")
    assert "equipo" in carmen.commands
    await admin.say("/equipo")
    assert list(admin.last.buttons) == ["Carmen Prueba", "Lupe Prueba", "Invitar a alguien"]
    stranger = bot.chat(700)
    await stranger.start(admin.offered and link_of_texts(admin))
    assert not stranger.commands
    async with store.database.read() as tx:
        assert [(one.name, one.role, one.linked) for one in await members.listed(tx)] == [
            ("Carmen Prueba", Role.COORDINATOR, True),
            ("Lupe Prueba", Role.ADMIN, True),
        ]


def link_of_texts(chat: Chat) -> str:
    """The token of the last link that the chat ever showed."""
    return next(text for text in reversed(chat.texts) if "start=" in text).rpartition("start=")[2].split()[0]


async def test_a_coordinator_brings_in_promotoras_alone(bot: Bot) -> None:
    lupe = await at_work(bot, Role.COORDINATOR)
    await lupe.say("/equipo")
    await lupe.tap("Invitar")
    assert list(lupe.last.buttons) == ["Promotora", "« Equipo"]
    session = next(data for _, data in lupe.offered if data.endswith("team.name.staff")).partition(".")[0]
    await lupe.tap_data(f"{session}.1.team.name.admin")
    assert lupe.toasts
    await lupe.say("Eva Prueba")
    assert "Eva" not in lupe.last.text


@pytest.mark.holds("T-staff-4")
async def test_whoever_is_seen_off_is_out_at_once(store: Store, bot: Bot) -> None:
    admin = await at_work(bot, Role.ADMIN)
    eva = await invited(bot, admin, "Promotora", "Eva Prueba")
    await eva.say("/menu")
    await admin.say("/equipo")
    await admin.tap("Eva Prueba")
    await admin.tap("Sacar del equipo")
    await admin.tap("Sí, sacarla")
    assert "ya no está" in admin.last.text
    await eva.tap("¿Cómo vamos?")
    assert not any("Inscritas" in text for text in eva.texts)
    assert "staff_revoked" in await acts(store)
    assert eva.commands == ()


async def test_the_last_admin_stays_and_nobody_sees_off_herself(bot: Bot) -> None:
    admin = await at_work(bot, Role.ADMIN)
    await admin.say("/equipo")
    await admin.tap("Lupe Prueba")
    assert list(admin.last.buttons) == ["« Equipo"]
    verb = next(data for _, data in admin.offered if ".team.card." in data)
    for forged in ("revoked", "role", "pin"):
        await admin.tap_data(verb.replace(".card.", f".{forged}."))
    await admin.tap_data(verb.replace(".card.", ".become.") + ".staff")
    await admin.say("/equipo")
    assert list(admin.last.buttons) == ["Lupe Prueba", "Invitar a alguien"]


async def test_a_role_changes_at_once(store: Store, bot: Bot) -> None:
    admin = await at_work(bot, Role.ADMIN)
    eva = await invited(bot, admin, "Promotora", "Eva Prueba")
    await admin.say("/equipo")
    await admin.tap("Eva Prueba")
    await admin.tap("Cambiar su papel")
    await admin.tap("Auditora")
    await bot.settle()
    assert "equipo" not in eva.commands
    assert "auditoria" in eva.commands
    assert await eva.say("/equipo") == await eva.say("/nada")
    assert "role_changed" in await acts(store)


@pytest.mark.holds("T-staffphone-2")
async def test_a_lost_phone_is_shut_out_by_the_new_link(bot: Bot) -> None:
    admin = await at_work(bot, Role.ADMIN)
    eva = await invited(bot, admin, "Promotora", "Eva Prueba")
    await admin.say("/equipo")
    await admin.tap("Eva Prueba")
    await admin.tap("Enlace nuevo")
    assert "Inscritas" not in " ".join(await eva.say("/estado"))
    hers = bot.chat(603)
    await hers.start(link_in(admin))
    assert hers.commands


@pytest.mark.holds("T-staffphone-2")
async def test_a_new_phone_asks_for_the_pin_however_lately_the_old_one_was_at_work(bot: Bot) -> None:
    admin = await at_work(bot, Role.ADMIN)
    eva = await at_work(bot, Role.COORDINATOR, chat_id=OTHER, name="Eva Prueba")
    await bot.enrolled(501)
    assert "Rosa" in str((await eva.say("/participantes rosa"), eva.last.buttons))
    await admin.say("/equipo")
    await admin.tap("Eva Prueba")
    await admin.tap("Enlace nuevo")
    hers = bot.chat(603)
    await hers.start(link_in(admin))
    await hers.say("/participantes rosa")
    assert "Escribe tu PIN" in hers.last.text
    assert not [label for label in hers.last.buttons if "Rosa" in label]
    await hers.say(PIN)
    await hers.say("/participantes rosa")
    assert [label for label in hers.last.buttons if "Rosa" in label]
    assert await admin.say("/participantes rosa"), "the desk of everybody else stays open"
    assert [label for label in admin.last.buttons if "Rosa" in label]


async def test_a_forgotten_pin_is_chosen_anew(bot: Bot) -> None:
    admin = await at_work(bot, Role.ADMIN)
    eva = await invited(bot, admin, "Coordinadora", "Eva Prueba")
    for text in ("/equipo", PIN, PIN):
        await eva.say(text)
    await admin.say("/equipo")
    await admin.tap("Eva Prueba")
    await admin.tap("Olvidó su PIN")
    await eva.say("/equipo")
    assert "Elige un PIN" in eva.last.text


async def test_codes_of_an_app_serve_once(store: Store, bot: Bot) -> None:
    lupe = await at_work(bot, Role.COORDINATOR)
    await lupe.say("/pin")
    await lupe.say(PIN)
    await lupe.tap("app de códigos")
    secret = lupe.last.text.split("\n")[1]
    app = pyotp.TOTP(secret)
    await lupe.say("000000" if app.at(store.clock.at) != "000000" else "111111")
    assert "no es" in lupe.last.text
    await lupe.say(app.at(store.clock.at))
    assert secret not in " ".join(lupe.texts)
    store.clock.at += timedelta(hours=1)
    await lupe.say("/equipo")
    code = app.at(store.clock.at)
    assert "código de tu app" in lupe.last.text
    await lupe.say(PIN)
    assert "Te quedan 4" in lupe.last.text
    await lupe.say(code)
    await lupe.tap("Continuar")
    assert "Lupe Prueba" in lupe.last.buttons
    await lupe.say("/pin")
    await lupe.say(code)
    assert "Elige" not in lupe.last.text, "it has served"
    assert code not in " ".join(lupe.texts)


async def test_a_promotora_is_offered_no_app(bot: Bot) -> None:
    eva = await at_work(bot, Role.STAFF)
    await eva.say("/pin")
    await eva.say(PIN)
    assert not eva.last.buttons


async def test_without_the_bots_name_no_link_is_shown(store: Store) -> None:
    bot = Bot(store)
    admin = await at_work(bot, Role.ADMIN)
    await admin.say("/equipo")
    await admin.tap("Invitar")
    await admin.tap("Auditora")
    await admin.say("Eva Prueba")
    assert "start=" not in admin.last.text
    async with store.database.read() as tx:
        assert len(await members.listed(tx)) == 1


async def test_the_member_helper_gives_each_role(bot: Bot) -> None:
    chat = await member(bot, Role.AUDITOR)
    assert set(chat.commands) == {"menu", "estado", "auditoria", "pin"}
