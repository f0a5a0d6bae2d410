"""The audit trail as whoever audits reads it: in words, without a woman's name, and whether it was altered."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from bot.staff.audit import ACTION_KEYS
from storage import audit, calls, caseloads, members
from storage import trail as trails
from storage.audit import Act, acting
from storage.calls import Attempt, Disposition
from storage.members import Role
from storage.schema import audit as trail
from storage.schema import participants
from tests.support.chat import Bot, Chat
from tests.support.staff import at_work, member
from tests.support.world import Store

EVA = 602
ROOT = Path(__file__).parents[2]


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def happened(bot: Bot) -> int:
    """A woman of Eva's whose number was read and who was called in vain."""
    her = await bot.register(name="Rosa Prueba")
    async with bot.store.database.transact() as tx:
        eva = next(one.staff for one in await members.listed(tx) if one.name == "Eva Prueba")
        await caseloads.assign(tx, {her: eva}, by="command")
        await audit.append(tx, [Act(acting(eva), "phone_read", str(her)), Act("tick", "something_new", "m1", str(her))])
        attempt = Attempt(Disposition.NO_ANSWER)
        await calls.record(tx, her, attempt, by=acting(eva), try_again_at=tx.now)
    return her


async def pseudonym(bot: Bot, her: int) -> str:
    async with bot.store.database.read() as tx:
        return str((await tx.run(select(participants.c.person).where(participants.c.id == her))).scalar_one())


async def auditor_at_work(bot: Bot) -> Chat:
    await member(bot, Role.STAFF, chat_id=EVA, name="Eva Prueba")
    return await at_work(bot, Role.AUDITOR)


@pytest.mark.holds("T-staff-5")
async def test_staff_stand_there_by_name_and_women_by_their_pseudonym(bot: Bot) -> None:
    lupe = await auditor_at_work(bot)
    her = await happened(bot)
    await lupe.say("/auditoria")
    person = await pseudonym(bot, her)
    for told in (
        f"vio el teléfono de {person}",
        f"anotó un intento con {person}: no_answer",
        f"pasó a {person} con Eva Prueba",
        "Eva Prueba",
        "Quien usa el servidor",
        f"something_new · m1 · {person}",
    ):
        assert told in lupe.last.text, told
    for never in ("Rosa", str(her)):
        assert never not in lupe.last.text, never


async def test_that_it_was_read_is_written_down_once_for_all_pages(bot: Bot) -> None:
    lupe = await auditor_at_work(bot)
    for _ in range(6):
        await happened_again(bot)
    await lupe.say("/auditoria")
    newest = lupe.last.text
    await lupe.tap("Más antiguas")
    assert lupe.last.text != newest
    await lupe.tap("Más antiguas")
    async with bot.store.database.read() as tx:
        read = (await tx.run(select(trail).where(trail.c.action == "audit_read"))).all()
    assert len(read) == 1
    await lupe.tap("Las más recientes")
    assert "leyó el registro" in lupe.last.text


async def happened_again(bot: Bot) -> None:
    async with bot.store.database.transact() as tx:
        await audit.append(tx, [Act("command", "plan_applied", "seguimiento", "3")] * 3)


async def test_the_pages_show_every_entry_once(bot: Bot) -> None:
    lupe = await auditor_at_work(bot)
    for _ in range(6):
        await happened_again(bot)
    await lupe.say("/auditoria")
    async with bot.store.database.read() as tx:
        numbers = list((await tx.run(select(trail.c.number).where(trail.c.action != "audit_read"))).scalars())
    shown: list[int] = []
    while True:
        lines = lupe.last.text.splitlines()
        shown += [int(line.split()[1]) for line in lines if line.startswith("№")]
        if "Más antiguas »" not in lupe.last.buttons:
            break
        await lupe.tap("Más antiguas")
    assert sorted(shown) == sorted(numbers)
    assert len(shown) > 16


@pytest.mark.parametrize(
    "tampered",
    [
        update(trail).where(trail.c.number == 2).values(action="card_read"),
        delete(trail).where(trail.c.number == 2),
    ],
)
async def test_what_was_altered_shows(bot: Bot, tampered: object) -> None:
    lupe = await auditor_at_work(bot)
    await lupe.say("/auditoria")
    await lupe.tap("¿Está completo?")
    assert "Todavía no se revisa" in lupe.last.text
    assert await trails.prove(bot.store.database)
    await lupe.tap("Las más recientes")
    await lupe.tap("¿Está completo?")
    assert "completo el 2 de marzo de 2026, 10:00" in lupe.last.text
    async with bot.store.database.transact() as tx:
        await tx.run(tampered)
    assert not await trails.prove(bot.store.database), "it was looked at today"
    await lupe.tap("Revisar ahora")
    assert await trails.prove(bot.store.database)
    assert not await trails.prove(bot.store.database), "once for each wish"
    await lupe.tap("¿Está completo?")
    assert "la entrada 2 no sigue" in lupe.last.text
    bot.store.clock.advance(days=1)
    assert await trails.prove(bot.store.database)


@pytest.mark.parametrize("role", [Role.STAFF, Role.COORDINATOR])
async def test_nobody_else_learns_that_it_can_be_read(bot: Bot, role: Role) -> None:
    lupe = await at_work(bot, role)
    assert await lupe.say("/auditoria") == await lupe.say("/nada")
    session = next(data for _, data in lupe.offered if "lobby." in data).partition(".")[0]
    await lupe.tap_data(f"{session}.1.audit.list")
    await lupe.tap_data(f"{session}.1.audit.proof")
    assert not any("registro" in text.casefold() for text in lupe.texts)
    assert len(lupe.toasts) >= 2


@pytest.mark.holds("T-staff-5")
async def test_an_auditor_sees_counts_and_the_trail_and_nothing_else(bot: Bot) -> None:
    lupe = await auditor_at_work(bot)
    assert set(lupe.commands) == {"menu", "estado", "auditoria", "pin"}


@pytest.mark.parametrize("about", ["zz", "9" * 30, "-1", "1.2"])
async def test_a_forged_page_is_the_first_or_the_last(bot: Bot, about: str) -> None:
    lupe = await auditor_at_work(bot)
    await lupe.say("/auditoria")
    data = next(data for _, data in lupe.offered if data.endswith("audit.proof"))
    await lupe.tap_data(data.replace("audit.proof", f"audit.page.{about}"))
    assert "Registro de lo hecho" in lupe.last.text


def test_whatever_is_written_down_by_name_has_its_words() -> None:
    known = {key.rpartition(".")[2] for key in ACTION_KEYS}
    found = {action for room in ("storage", "scheduler", "bot") for action in _written_by(ROOT / room)}
    assert len(found) > 30
    assert found <= known, found - known


def _written_by(folder: Path) -> set[str]:
    """The actions that stand as such in calls of `audit.Act`."""
    calls_of = (node for path in folder.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    acts = (node for node in calls_of if isinstance(node, ast.Call) and len(node.args) > 1)
    named = (node.args[1] for node in acts if ast.unparse(node.func) == "audit.Act")
    return {str(arg.value) for arg in named if isinstance(arg, ast.Constant)}
