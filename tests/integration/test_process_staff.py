"""A day of staff's over real HTTP, with a real bot process: from the first link to a report and an interview."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.clock import SystemIds, chance
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator
from storage import people
from storage.consents import ConsentGiven, Purpose
from storage.database import Database, World
from storage.invitations import invite_participant
from storage.lanes import name_of
from storage.lookups import InvitationByToken
from storage.people import CalledAs, Linked
from storage.records import Entry
from storage.vault import open_vault
from tests.integration.test_staff_roster_file import THREE_HUNDRED
from tests.support.desks import Desk, heard_by
from tests.support.process import STARTED_AT, TOKEN, BotProcess, Installation
from tests.support.staff import PIN

LINE = "Hola. Hay algo nuevo para ti."
INVITED = "cinco minutos"
JOINED = 60
"""How many of the three hundred have a chat: two seconds of a broadcast."""
FIRST_PHONE = 7_000
ADMIN, COORDINATOR, PROMOTORA = 601, 602, 603
SETTINGS = {"HILO_BROADCAST_APPROVAL_ABOVE": "10", "HILO_BROADCAST_UNDO_SECONDS": "0"}
ASKED = "Hola, {nombre}: mañana a las 5 hay taller de cocina."
WEEK = ("no necesito nada", "sí, ya la tengo", "sí, sin problema")
"""What two women answer in their first week: one in her chat, the other on the phone."""


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    (tmp_path / "clock").write_text("0", encoding="ascii")
    installed = Installation(tmp_path)
    installed.clock.move_to(STARTED_AT)
    return installed


async def test_a_day_of_staff(here: Installation) -> None:
    simulator = Simulator(token=TOKEN, now=here.clock, bot_username="hilo_prueba_bot")
    async with simulator.serve() as url:
        assert (await here.hilo("init", "--no-input", url=url)).status == 0
        invited = await here.hilo("invite", "staff", "--role", "admin", "--name", "Alma Prueba", "--json", url=url)
        async with here.running(url, **SETTINGS) as bot:
            desks = await team(simulator, here, bot, token=json.loads(invited.out)["token"])
            await roster(desks["coordinator"])
            women = await joined(here, simulator)
            await composed(desks["coordinator"])
            await approved(desks["admin"])
            await bot.waits_for(lambda: heard_by(women, LINE)() >= JOINED // 4)
            await bot.kill()
        got_it = heard_by(women, LINE)()
        assert got_it < JOINED, "it was killed halfway"
        async with here.running(url, **SETTINGS) as bot:
            for desk in desks.values():
                desk.bot = bot
            await reported(desks["coordinator"], women)
            assert heard_by(women, LINE)() > got_it, "the other half went on"
            await helped(desks["promotora"], next(woman for woman in women[2:] if heard_by([woman], LINE)()))
            await interviewed(desks["promotora"], women)


async def team(simulator: Simulator, here: Installation, bot: BotProcess, *, token: str) -> dict[str, Desk]:
    """The first admin comes by the command line's link; whom she invites come by hers."""
    ids = {"admin": ADMIN, "coordinator": COORDINATOR, "promotora": PROMOTORA}
    desks = {
        role: Desk(simulator, here, bot, simulator.phone(user_id=id_, first_name=role)) for role, id_ in ids.items()
    }
    admin = desks["admin"]
    admin.phone.start(token)
    await admin.says("/pin", PIN, PIN)
    for role, label, name in (
        ("coordinator", "Coordinadora", "Berta Prueba"),
        ("promotora", "Promotora", "Celia Prueba"),
    ):
        await admin.says("/equipo")
        await admin.taps("Invitar", label)
        link = await admin.says(name)
        desks[role].phone.start(link.rpartition("start=")[2].split()[0])
        await desks[role].says("/pin", PIN, PIN)
    return desks


async def roster(coordinator: Desk) -> None:
    """Three hundred women, the first sixty of them the promotora's; of two the first week is due. The file is looked
    through first, and nothing is stored before she says so."""
    header = "record_id,name,birth_year,release_date,staff"
    hers = ["Celia Prueba"] * JOINED + [""] * (len(THREE_HUNDRED) - JOINED)
    lines = [
        f"R-{n},{name},{1960 + n % 40},{'2026-02-23' if n in (1, 2) else '2023-01-15'},{member}"
        for n, (name, member) in enumerate(zip(THREE_HUNDRED, hers, strict=True), start=1)
    ]
    said = await coordinator.sends("lista.csv", "\n".join((header, *lines)).encode())
    assert "Mujeres nuevas: 300" in said, said
    registered = "select count(*), count(staff_id) from participants"
    assert coordinator.here.query(registered) == [(0, 0)]
    assert "300" in await coordinator.taps("Importar")
    assert coordinator.here.query(registered) == [(300, JOINED)]


async def joined(here: Installation, simulator: Simulator) -> list[Phone]:
    """The promotora's women have chats, and have consented, as first contact leaves it."""
    vault = open_vault(here.home / "key", chance)
    database = Database(f"sqlite+aiosqlite:///{here.database}", World(here.clock, SystemIds(), vault))
    bot, phones = int(TOKEN.partition(":")[0]), []
    async with database.transact() as tx:
        known = await people.known_record_ids(tx, [f"R-{n}" for n in range(1, JOINED + 1)])
        for number, (_, woman) in enumerate(sorted(known.items(), key=lambda one: int(one[0][2:]))):
            phone = simulator.phone(user_id=FIRST_PHONE + number, first_name=f"W{number}")
            phone.chat.opened = True
            phones.append(phone)
            invitation = await InvitationByToken((await invite_participant(tx, woman, ["girasol"])).token).find(tx)
            assert invitation is not None
            for record in (
                Linked(invitation.id, participant=woman),
                *(ConsentGiven(woman, purpose, "1", "", given=True) for purpose in Purpose),
                CalledAs(f"Amiga{number}"),
            ):
                chat = FIRST_PHONE + number
                entry = Entry(record, tx.now, f"joined:{chat}", name_of(vault, bot=bot, chat=chat), chat, 0, woman)
                await people.WRITERS[type(record)](tx, [entry])
    await database.close()
    return phones


async def composed(coordinator: Desk) -> None:
    """Written, put right, seen first by her, handed in."""
    await coordinator.says("/difusion")
    await coordinator.taps("Nueva difusión")
    assert "penal" in await coordinator.says("Hola, {nombre}, te escribo del penal.")
    await coordinator.taps("Cambiar el texto")
    assert f"Les llega a {JOINED}" in await coordinator.says(ASKED)
    await coordinator.taps("Enviarme a mí primero", "Abrir")
    handed_in = await coordinator.taps(f"Enviar a {JOINED}")
    assert "aprob" in handed_in, handed_in


async def approved(admin: Desk) -> None:
    """A second person looks at it, and lets it go."""
    await admin.says("/difusion")
    shown = await admin.taps("Hola, {nombre}")
    assert f"Lista fija: {JOINED}" in shown
    admin.presses("Aprobar")


async def reported(coordinator: Desk, women: list[Phone]) -> None:
    """Nobody has it twice, nobody is forgotten, and of whom it is not known that is said: of each woman the report says
    what her phone shows."""
    here = coordinator.here
    moving = "select count(*) from recipients where state in ('waiting', 'posted')"
    await coordinator.bot.waits_for(lambda: here.query(moving) == [(0,)])
    await coordinator.says("/difusion")
    await coordinator.taps("Hola, {nombre}")
    told = await coordinator.taps("Informe")
    await coordinator.taps("Descargar Excel")
    summary, each = sheets(coordinator)
    states = Counter(each.values())
    assert set(each) == {f"R-{n}" for n in range(1, JOINED + 1)}
    assert states.keys() <= {"sent", "unknown"}
    assert f"Les llegó: {states['sent']}" in told
    assert {state: number for state, _, number in summary if state != "excluded"} == states
    assert sum(number for state, _, number in summary if state == "excluded") == len(THREE_HUNDRED) - JOINED
    for number, woman in enumerate(women, start=1):
        lines, state = heard_by([woman], LINE)(), each[f"R-{number}"]
        assert lines == 1 or (state, lines) == ("unknown", 0), f"R-{number}: {state}, {lines} lines"


def sheets(coordinator: Desk) -> tuple[list[tuple[str, str, int]], dict[str, str]]:
    """The newest file in her chat, as a spreadsheet reads it: the numbers, and what became of it by record_id."""
    file = coordinator.last.attachment
    assert file is not None
    _, content = coordinator.simulator.bot.chats.files[file.file_id]
    book = load_workbook(io.BytesIO(content), read_only=True)
    (_, *numbers), (_, *rows) = (list(book[name].iter_rows(values_only=True)) for name in ("summary", "recipients"))
    each = {str(row[0]): str(row[1]) for row in rows}
    assert len(each) == len(rows), "nobody stands there twice"
    return [(str(state), str(reason), int(str(number))) for state, reason, number, *_ in numbers], each


async def helped(promotora: Desk, woman: Phone) -> None:
    """She asks for help in a word; her promotora takes it and answers; that waits behind one line until she taps."""
    hers = Desk(promotora.simulator, promotora.here, promotora.bot, woman)
    assert "taller de cocina" in await hers.taps("Abrir")
    await hers.says("ayuda")
    assert "Alguien espera respuesta" in promotora.last.text
    await promotora.says("/bandeja")
    await promotora.taps("Ayuda", "Tomar", "Ver el caso", "Responder")
    await promotora.says("Claro que sí. Mañana te marco.")
    here = promotora.here
    here.clock.move_to(here.clock() + timedelta(seconds=31))
    await promotora.bot.waits_for(lambda: heard_by([woman], LINE)() == 2)
    assert "Mañana te marco" not in hers.last.text
    await hers.settled()
    assert "Mañana te marco" in await hers.taps("Abrir")
    assert str(PROMOTORA) not in " ".join(message.text for message in woman.history)
    assert here.query("select kind, state, owner_id from cases") == [("ayuda", "on_its_way", *celia(here))]


def celia(here: Installation) -> tuple[int]:
    """The promotora, as the store knows her."""
    (her,) = here.query("select id from staff where role = 'staff'")
    return tuple(her)


_SITTING = """
    select answers.instrument, answers.version, variable, revision, status, value, words is null, raw is null,
           replaced_at is null, plan, point, state, fate, fate_reason
    from answers join checkins on checkins.id = checkin_id where mode = ? order by variable, revision
"""
"""All that the store says of a sitting, but whose it is, when it was, and what is sealed."""


async def interviewed(promotora: Desk, women: list[Phone]) -> None:
    """One woman answers in her chat, another on the phone: the same tables, where only mode and by whom differ."""
    here, hers = promotora.here, Desk(promotora.simulator, promotora.here, promotora.bot, women[1])
    here.to_next_check_in()
    await promotora.bot.waits_for(lambda: heard_by(women[:2], INVITED)() == 2)
    await hers.taps("Sí, ahora")
    await hers.says(*WEEK)
    name = THREE_HUNDRED[0]
    await promotora.says("/capturar", PIN, f"/capturar {name}")
    await promotora.taps(name, "Semana 1", "Por teléfono")
    await promotora.says(*WEEK)
    in_chat, by_phone = (here.query(_SITTING, mode) for mode in ("chat", "phone"))
    assert len(in_chat) >= len(WEEK)
    assert in_chat == by_phone
    assert {row[-2] for row in in_chat} == {"completed"}
    asked = "select distinct mode, interviewer_id from answers order by mode"
    assert here.query(asked) == [("chat", None), ("phone", *celia(here))]
