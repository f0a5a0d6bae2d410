"""Whoever presses a button, and wherever it was copied from: the table of permissions decides, and it is walked whole.

* A verb that her role may do reaches its room; any other changes nothing, and says what an old button says.
* Of a woman outside her caseload a promotora finds nothing, whatever number a button carries.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import library
from bot.desk import ALWAYS_VALID
from bot.routing import chat_of
from bot.staff.permissions import ARRIVED, COMMANDS, HEARD, MAY, SENT, may
from scheduler.applied import Plans
from scheduler.plan import SHIPPED_PLAN, read_plan
from storage import calls, cases, departures, files, installation, members, notices
from storage.calls import Attempt, Disposition
from storage.mail import Urgency
from storage.members import Role
from storage.notices import Content, NewNotice
from storage.schema import accounts, broadcasts, checkins, metadata, participants, staff
from tests.support.asking import RELEASED, tapped
from tests.support.calling import contact_of
from tests.support.chat import WORD, Bot, Chat
from tests.support.doors import WatchedDesk, action_of, dump, verb_of, walked
from tests.support.staff import at_work
from tests.support.world import Store

LEAD, EVA, ROSA, LUZ, BERTA, NOBODY, GONE, GROUP = 601, 602, 501, 502, 777, 888, 999, -100
NO_VERBS = ("capture.late", "broadcast.late", "lobby.nothing", "nothing.menu", "pin.ask")
"""What nobody may do by a button: time is over by itself, and the PIN is asked for by the desk."""

STALE, NOTHING_NEW = "Ese botón ya no sirve. Usa el último mensaje.", "Ya no hay nada nuevo aquí."
HERS = ("Berta", "Ajena", "Betina", "R-777", "5512345678", "Clara", "5598765432")
"""What nobody outside her caseload is to read: Berta's names, code and number, and those of whom she named."""


@pytest.fixture
def entered() -> list[str]:
    """Which rooms were entered, by which verb."""
    return []


@pytest.fixture
def bot(store: Store, entered: list[str]) -> Bot:
    shelf = library.build([], library.shipped_sources())
    return Bot(store, shelf=shelf, desk=WatchedDesk(shelf, Plans.of(read_plan(SHIPPED_PLAN)), entered=entered))


async def session_of(chat: Chat) -> str:
    """The beginning of what the newest button in this chat carries."""
    await chat.say("/menu")
    _, data = chat.offered[-1]
    return ".".join(data.split(".")[:2])


def shown(chat: Chat) -> dict[int, tuple[str, Any]]:
    """What stands in a chat."""
    return {id_: (seen.text, seen.rows) for id_, seen in chat.messages.items()}


async def taps(*pressed: tuple[Chat, str]) -> None:
    """All of these are tapped, one after another in each chat."""
    bot = pressed[0][0].bot
    await bot.receive(*((chat.chat_id, tapped(chat, data)) for chat, data in pressed))
    await bot.settle()


def by_button(verb: str) -> bool:
    """Whether a button can ask for it; the others come of what somebody writes or sends."""
    return verb.partition(".")[2] not in (HEARD, SENT, ARRIVED)


async def nothing_comes_of(*pressed: tuple[Chat, str]) -> None:
    """Each tap is answered as an old button's is, or one of a notice that is gone; neither chat nor store changes."""
    (bot,), chats = {chat.bot for chat, _ in pressed}, list({id(chat): chat for chat, _ in pressed}.values())
    before, stands, toasts = dump(bot.store), [shown(chat) for chat in chats], sum(len(chat.toasts) for chat in chats)
    await taps(*pressed)
    assert dump(bot.store) == before
    assert [shown(chat) for chat in chats] == stands
    assert sum(len(chat.toasts) for chat in chats) == toasts + len(pressed)
    assert {toast for chat in chats for toast in chat.toasts} <= {STALE, NOTHING_NEW}


@pytest.mark.holds("S-30")
@pytest.mark.parametrize("role", list(Role))
async def test_each_verb_forged_reaches_its_room_or_changes_nothing(bot: Bot, entered: list[str], role: Role) -> None:
    chat = await at_work(bot, role, chat_id=EVA, name="Eva Prueba")
    lead = await at_work(bot, Role.ADMIN, chat_id=LEAD)
    own, copied = await session_of(chat), await session_of(lead)
    assert own.partition(".")[0] != copied.partition(".")[0]
    walk = {verb: may(role, verb) and by_button(verb) for verb in (*MAY, *NO_VERBS)}
    forbidden, allowed = ([verb for verb, does in walk.items() if does is wanted] for wanted in (False, True))
    assert len(allowed) > 5
    assert len(forbidden) >= len(NO_VERBS)
    entered.clear()
    await nothing_comes_of(*((chat, f"{begin}.{verb}.1f") for begin in (own, copied) for verb in forbidden))
    assert entered == []
    await taps(*((chat, f"{copied}.{verb}.1f") for verb in allowed))
    assert set(allowed) <= set(entered)


@pytest.mark.holds("S-30")
async def test_whoever_is_no_member_reaches_no_room(bot: Bot, entered: list[str]) -> None:
    await bot.enrolled(ROSA)
    gone = await at_work(bot, Role.ADMIN, chat_id=GONE, name="Ida Prueba")
    lead = await at_work(bot, Role.ADMIN, chat_id=LEAD)
    begins = {ROSA: await session_of(lead), NOBODY: await session_of(lead), GONE: await session_of(gone)}
    async with bot.store.database.transact() as tx:
        ida = next(one.staff for one in await members.listed(tx) if one.name == "Ida Prueba")
        assert await departures.revoke(tx, ida)
    entered.clear()
    walk = [(bot.chat(chat_id), f"{begin}.{verb}.1f") for chat_id, begin in begins.items() for verb in MAY]
    assert len(walk) > 300
    await nothing_comes_of(*walk)
    for command in COMMANDS:
        for chat_id in begins:
            await bot.chat(chat_id).say(f"/{command}")
    assert entered == []


# --- whose hand presses


async def asked(bot: Bot) -> tuple[Chat, int]:
    """A woman in the middle of her check-in, for whom something waits; all that she was ever offered is in her chat."""
    rosa = await bot.enrolled(ROSA)
    await bot.pass_time(days=8)
    for said in ("sí", "no necesito nada", "ayuda"):
        await rosa.say(said)
    async with bot.store.database.transact() as tx:
        hers = select(accounts.c.participant_id).where(accounts.c.lane == bot.lane(ROSA))
        her = int((await tx.run(hers)).scalar_one())
        await notices.leave(tx, [NewNotice(her, Content("Mañana hay taller."), "case:1:1")], urgency=Urgency.REPLY)
    await bot.settle()
    return rosa, her


async def test_what_a_woman_was_offered_is_nothing_in_another_hand(bot: Bot) -> None:
    rosa, her = await asked(bot)
    luz, eva, gone = await bot.enrolled(LUZ), await at_work(bot, Role.STAFF, chat_id=EVA), bot.chat(NOBODY)
    copied = list(dict.fromkeys(data for _, data in rosa.offered))
    asking = [data for data in copied if data.endswith(tuple(ALWAYS_VALID))]
    assert {"Abrir", "Sí, ya la tengo"} <= {label for label, _ in rosa.offered}
    assert len(copied) - len(asking) > 25
    before, stands = dump(bot.store, about={her}), shown(rosa)
    await nothing_comes_of(*((chat, data) for chat in (luz, eva, gone) for data in copied if data not in asking))
    await nothing_comes_of(*((chat, data) for chat in (eva, gone) for data in asking))
    await taps(*((luz, data) for data in asking))
    assert (dump(bot.store, about={her}), shown(rosa)) == (before, stands), "she asked for help for herself alone"
    await rosa.tap("Sí, ya la tengo")
    assert dump(bot.store, about={her}) != before, "in her own hand they do"


async def test_a_chat_is_staffs_or_a_womans_and_a_link_of_the_other_kind_changes_nothing(bot: Bot) -> None:
    rosa, eva = await bot.enrolled(ROSA), await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    woman, member = await bot.invite(await bot.register("R-9")), await bot.invite_staff("Nora Prueba")
    before = dump(bot.store)
    for chat, token in ((eva, woman), (rosa, member)):
        (said,) = await chat.start(token)
        assert "es para otro teléfono" in said
    assert dump(bot.store) == before
    assert rosa.commands == ()


@pytest.mark.holds("T-client-6")
async def test_in_a_group_nothing_is_served(bot: Bot, entered: list[str]) -> None:
    lead = await at_work(bot, Role.ADMIN, chat_id=LEAD)
    begin = await session_of(lead)
    entered.clear()
    before, toasts = dump(bot.store), len(lead.toasts)
    updates = [tapped(lead, f"{begin}.{verb}.1f") for verb in MAY]
    for one in updates:
        one["callback_query"]["message"]["chat"] = {"id": GROUP, "type": "supergroup"}
    assert {chat_of(one) for one in updates} == {None}, "it has no lane"
    await bot.receive(*((LEAD, one) for one in updates))
    await bot.settle()
    assert (entered, dump(bot.store), len(lead.toasts)) == ([], before, toasts)


# --- women outside her caseload


async def berta(bot: Bot, lead: Chat) -> tuple[int, set[int]]:
    """A woman of whoever leads, with all that can stand about her; returns her id, and every id that leads to her."""
    her = await bot.register(f"R-{BERTA}", released=RELEASED, name="Berta Ajena")
    token, chat = await bot.invite(her), bot.chat(BERTA)
    await chat.start(token)
    await chat.tap("Sí, puedo")
    await chat.say(WORD)
    await chat.accept()
    await chat.say("todas")
    await chat.say("Betina")
    await chat.tap("En la mañana")
    await chat.say("ayuda")
    await chat.send("voice", file_id="v", duration=4)
    await chat.tap("Pasar este mensaje")
    contact = await contact_of(bot, her, name="Clara Vecina")
    async with bot.store.database.transact() as tx:
        for wanted in await files.due(tx, 10):
            await files.keep(tx, wanted, files.seal(tx.vault, wanted, content=b"sound"))
        first = (await tx.run(select(checkins.c.id).where(checkins.c.participant_id == her).limit(1))).scalar_one()
        await cases.ask_for_calls(tx, [(her, first)])
        leads = (await members.listed(tx))[-1].staff
        await tx.run(update(participants).where(participants.c.id == her).values(birth_year=1990, staff_id=leads))
        await calls.record(tx, her, Attempt(Disposition.BUSY), by="command", try_again_at=tx.now)
    await broadcast(lead)
    return her, {her, contact, *await ids_of(bot, her)}


async def broadcast(lead: Chat) -> None:
    """Something is on its way to her."""
    await lead.say("/difusion")
    await lead.tap("Nueva difusión")
    await lead.say("Hola, {nombre}: el viernes hay taller de cocina.")
    await lead.tap("Enviarme a mí primero")
    await lead.tap("Abrir")
    await lead.tap("Enviar a")


async def ids_of(bot: Bot, her: int) -> set[int]:
    found: set[int] = set()
    async with bot.store.database.read() as tx:
        for table in metadata.tables.values():
            if {"id", "participant_id"} <= set(table.c.keys()) and table.name not in ("outbox", "messages", "sessions"):
                found |= set((await tx.run(select(table.c.id).where(table.c.participant_id == her))).scalars())
        return found | set((await tx.run(select(broadcasts.c.id))).scalars())


async def rosa(bot: Bot) -> None:
    """A woman of the first promotora's caseload."""
    her = await bot.register("R-1", released=RELEASED, name="Rosa Propia")
    async with bot.store.database.transact() as tx:
        await installation.remember(tx, {installation.BOT_USERNAME: "hilo_bot"})
        eva = select(staff.c.id).where(staff.c.role == Role.STAFF).order_by(staff.c.id).limit(1).scalar_subquery()
        await tx.run(update(participants).where(participants.c.id == her).values(staff_id=eva))
        first = (await tx.run(select(checkins.c.id).where(checkins.c.participant_id == her).limit(1))).scalar_one()
        await cases.ask_for_calls(tx, [(her, first)])


def told(chat: Chat) -> list[str]:
    """All that the bot ever said in this chat, with what it offered."""
    return [repr(one.call.params) for one in chat.bot.shown if one.chat_id == chat.chat_id]


@pytest.mark.holds("T-staff-1")
async def test_of_a_woman_outside_her_caseload_she_finds_nothing(bot: Bot, entered: list[str]) -> None:
    eva = await at_work(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    await rosa(bot)
    lead = await at_work(bot, chat_id=LEAD)
    her, ids = await berta(bot, lead)
    about_her = {f"{id_:x}" for id_ in ids}
    copied = [data for data in await walked(lead, words=("Berta",)) if about_her & set(action_of(data).split("."))]
    assert len({verb_of(data) for data in copied}) > 20, "real buttons, with all that they carry"
    forged = [f"{await session_of(eva)}.{verb}.{her:x}" for verb in MAY if may(Role.STAFF, verb) and by_button(verb)]
    before = dump(bot.store, about=ids)
    entered.clear()
    await taps(*((eva, data) for data in (*copied, *forged)))
    assert set(map(verb_of, forged)) <= set(entered), "her desk was open all the time"
    for command in COMMANDS:
        for words in ("", " Berta", f" R-{BERTA}"):
            await eva.say(f"/{command}{words}")
    assert not [line for line in told(eva) if any(word in line for word in HERS)]
    assert dump(bot.store, about=ids) == before


# --- what is ever offered


@pytest.mark.parametrize("role", list(Role))
async def test_whatever_is_offered_stands_in_the_table_and_may_be_done(bot: Bot, role: Role) -> None:
    chat = await at_work(bot, role, chat_id=EVA, name="Eva Prueba")
    if may(role, "roster.card"):
        await berta(bot, chat)
    offered = {verb_of(data) for data in await walked(chat, words=("Berta",), times=1)}
    rooms = {verb.partition(".")[0] for verb in MAY}
    verbs = {verb for verb in offered if verb.partition(".")[0] in rooms}
    assert len(verbs) > (70 if role in (Role.COORDINATOR, Role.ADMIN) else 5)
    assert not {verb for verb in verbs if not may(role, verb)}


def test_every_button_in_the_rooms_stands_in_the_table() -> None:
    written = "\n".join(path.read_text() for path in Path(library.__file__).parent.glob("staff/*.py"))
    offered = set(re.findall(r"""[bB]utton\(\s*f?"([a-z_]+\.[a-z_]+)[."]""", written))
    assert len(offered) > 80
    assert offered <= set(MAY)
