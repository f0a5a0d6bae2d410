"""A coordinator sends a questionnaire to the bot: checked, shown with two buttons, asked from the next sitting on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.library import SHIPPED, build, shipped_sources
from bot.staff.instruments import LONGEST_LINE, MOST_TOLD
from scheduler.batch import Happening
from scheduler.dialogue import FileArrived
from scheduler.plan import parse_plan
from storage import departures, files, members
from storage.members import Role
from storage.schema import audit, instruments, sessions
from storage.schema import files as files_
from tests.integration.test_instruments import SOURCE
from tests.integration.test_several_instruments import HOUSE, PLAN, SCHOOL
from tests.support.chat import Bot, Chat
from tests.support.staff import member
from tests.support.world import Store
from tests.unit.test_workbook import SMALL, Rows, saved

ROSA, ANA = 501, 502
SMALL_MD = SOURCE.format(version="2", label="¿Qué pasó?").encode()
BROKEN_MD = SOURCE.format(version="2", label="").encode()
SEGUIMIENTO = (SHIPPED / "seguimiento.md").read_text(encoding="utf-8")


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def sends(chat: Chat, name: str, *, size: int = 1000) -> list[str]:
    """She sends a document of that name, and says what a workbook is; nothing is fetched yet."""
    document = {"file_id": f"telegram:{name}", "file_name": name, "file_size": size}
    said = await chat.send("document", **document)
    if not name.lower().endswith(".xlsx"):
        return said
    assert said == [f"¿Qué es «{name}»?"]
    return await chat.tap("Un cuestionario")


async def arrives(bot: Bot, content: bytes | None) -> list[str]:
    """The file that is waited for is fetched, or (None) cannot be had; returns what is said of it."""
    async with bot.store.database.transact() as tx:
        (wanted,) = await files.due(tx, 10)
        assert wanted.chat_id is not None
        kept = content is not None
        if content is not None:
            assert await files.keep(tx, wanted, files.seal(tx.vault, wanted, content=content))
        else:
            assert await files.give_up(tx, wanted)
        event = FileArrived(tx.now, wanted.id, kept)
        await bot.runner.step(tx, [Happening(f"file:{wanted.id}:arrived", wanted.lane, wanted.chat_id, event)])
    return await bot.settle(bot.chat(wanted.chat_id))


async def kept_versions(store: Store) -> list[tuple[str, str]]:
    async with store.database.read() as tx:
        return [(row.name, row.version) for row in await tx.run(select(instruments))]


async def contents(store: Store) -> list[bytes | None]:
    async with store.database.read() as tx:
        return list((await tx.run(select(files_.c.content))).scalars())


async def open_sessions(store: Store) -> int:
    async with store.database.read() as tx:
        return len((await tx.run(select(sessions).where(sessions.c.closed_at.is_(None)))).all())


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN])
async def test_a_sound_questionnaire_is_installed_at_her_word(store: Store, bot: Bot, role: Role) -> None:
    lupe = await member(bot, role)
    assert await sends(lupe, "una.md") == ["Recibí tu archivo. Lo reviso y te aviso."]
    assert await arrives(bot, SMALL_MD) == ["Revisé «una», versión 2: 1 pregunta, sin problemas."]
    assert lupe.last.rows == (("Instalar", "Descartar"),)
    assert not await kept_versions(store), "nothing is installed before she says so"
    await lupe.tap("Instalar")
    assert "«una», versión 2" in lupe.last.text
    assert not lupe.last.buttons
    assert await kept_versions(store) == [("una", "2")]
    assert await contents(store) == [None], "the file has served its turn"
    async with store.database.read() as tx:
        (act,) = (await tx.run(select(audit).where(audit.c.action == "instrument_installed"))).all()
        (row,) = (await tx.run(select(instruments))).all()
    assert (act.actor, act.subject, act.detail) == (row.installed_by, "una", "2")
    assert row.installed_by.isdigit(), "who did it, by her id"


async def test_a_workbook_is_installed_as_markdown(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    assert await sends(lupe, "Encuesta NUEVA.XLSX") == ["Recibí tu archivo. Lo reviso y te aviso."]
    await arrives(bot, saved(SMALL))
    await lupe.tap("Instalar")
    async with store.database.read() as tx:
        (row,) = (await tx.run(select(instruments))).all()
    assert row.source.startswith("| settings |\n")


async def test_the_next_sitting_begins_with_what_she_installed(bot: Bot) -> None:
    rosa, lupe = await bot.enrolled(ROSA), await member(bot)
    await bot.pass_time(days=32)
    before = bot.library.latest("seguimiento")
    newer = SEGUIMIENTO.replace("¿Necesitas", "¿Te falta")
    newer = newer.replace(f"| seguimiento | {before.version} ", f"| seguimiento | {int(before.version) + 1} ")
    await sends(lupe, "seguimiento.md")
    await arrives(bot, newer.encode())
    await lupe.tap("Instalar")
    ana = await bot.enrolled(ANA)
    await rosa.say("sí")
    assert "¿Necesitas" in rosa.last.text, "hers began before"
    await bot.pass_time(days=32)
    await ana.say("sí")
    assert "¿Te falta" in ana.last.text
    assert bot.library.get("seguimiento", before.version) is before


async def test_problems_are_told_with_their_places(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    await sends(lupe, "una.md")
    (said,) = await arrives(bot, BROKEN_MD)
    first, header, problem = said.split("\n")
    assert first == "Revisé «una.md». Hay 1 cosa por corregir."
    assert header == "Hoja · fila · qué hacer (en inglés):"
    assert problem.startswith("survey · 2 · ")
    assert not lupe.last.buttons
    assert await contents(store) == [None]


async def test_what_is_hard_to_read_is_told_before_she_decides(bot: Bot) -> None:
    lupe = await member(bot)
    await sends(lupe, "una.md")
    long_sentence = SOURCE.format(version="2", label=" ".join(["y luego"] * 12) + "?").encode()
    (said,) = await arrives(bot, long_sentence)
    assert said.startswith("Revisé «una», versión 2: 1 pregunta. Se puede instalar.\n")
    assert "unica (es): has a sentence of 24 words" in said
    assert lupe.last.rows == (("Instalar", "Descartar"),)


async def test_at_most_ten_problems_are_told(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    rows: Rows = [["type", "name", "label"], *(["telepathy", f"n{number}", "x" * 300] for number in range(14))]
    rows.append([f"{'t' * 300}", "una", "¿Qué?"])
    await sends(lupe, "una.xlsx")
    (said,) = await arrives(bot, saved({**SMALL, "survey": rows}))
    lines = said.split("\n")
    assert lines[-1] == f"y {15 - MOST_TOLD} más"
    assert len(lines) == 2 + MOST_TOLD + 1
    assert max(map(len, lines)) <= LONGEST_LINE + 1


async def test_a_discarded_questionnaire_is_forgotten(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    await sends(lupe, "una.md")
    await arrives(bot, SMALL_MD)
    await lupe.tap("Descartar")
    assert (lupe.last.text, lupe.last.buttons) == ("Descartado. No cambié nada.", {})
    assert (await kept_versions(store), await contents(store)) == ([], [None])


async def test_a_version_that_is_kept_with_other_content_is_refused(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    for content in (SMALL_MD, SMALL_MD.replace("pasó".encode(), "pasó hoy".encode())):
        await sends(lupe, "una.md")
        (said,) = await arrives(bot, content)
        if lupe.last.buttons:
            await lupe.tap("Instalar")
            await bot.tick()
    assert "settings · 2 · " in said
    assert "raise the 'version'" in said


async def test_what_its_partner_in_a_plan_cannot_be_asked_with_is_refused(store: Store) -> None:
    sources = [*shipped_sources(), ("casa", "2", HOUSE), ("escuela", "5", SCHOOL)]
    bot = Bot(store, shelf=build([], sources), plan=parse_plan(PLAN, "doble.toml"))
    lupe = await member(bot)
    newer = HOUSE.replace("| casa | 2 |", "| casa | 3 |")
    for content in (newer.replace("¿Cuántos hijos", "¿Hijos"), newer):
        await sends(lupe, "casa.md")
        (said,) = await arrives(bot, content.encode())
        parted = "casa and escuela ask hijos in different ways, and the plan doble asks them together" in said
        assert parted is not bool(lupe.last.buttons)
    assert lupe.last.buttons


async def test_another_file_takes_the_place_of_the_first(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    await sends(lupe, "una.md")
    await arrives(bot, SMALL_MD)
    (_, install), *_ = lupe.last.buttons.items()
    await sends(lupe, "dos.md")
    await arrives(bot, SMALL_MD.replace(b"| una ", b"| dos "))
    await lupe.tap_data(install)
    assert lupe.toasts, "the first file's button is stale"
    assert not await kept_versions(store)
    await lupe.tap("Instalar")
    assert await kept_versions(store) == [("dos", "2")]


async def test_she_can_look_at_her_summary_in_between(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    await sends(lupe, "una.md")
    await arrives(bot, SMALL_MD)
    (said,) = await lupe.say("/estado")
    assert "Inscritas" in said
    await lupe.tap("Instalar")
    assert await kept_versions(store) == [("una", "2")]


async def test_an_undecided_questionnaire_is_forgotten_in_a_day(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    await sends(lupe, "una.md")
    await arrives(bot, SMALL_MD)
    await bot.pass_time(days=1, minutes=1)
    assert not any(seen.buttons for seen in lupe.messages.values() if "Revisé" in seen.text)
    assert await contents(store) == [None]


async def test_a_file_that_does_not_come_is_told(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    await sends(lupe, "una.md")
    assert await arrives(bot, None) == ["No pude bajar el archivo. Mándalo otra vez, por favor."]


async def test_a_file_that_comes_late_is_reviewed_all_the_same(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    await sends(lupe, "una.md")
    await bot.pass_time(**{"seconds": timedelta(hours=2).total_seconds()})
    assert "No pude bajar" in lupe.last.text
    assert "sin problemas" in (await arrives(bot, SMALL_MD))[0]
    await lupe.tap("Instalar")
    assert await kept_versions(store) == [("una", "2")]


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("una.pdf", 1000, "No puedo leer ese archivo"),
        ("", 1000, "No puedo leer"),
        ("una.xlsx", 2_000_001, "muy grande"),
    ],
)
async def test_what_cannot_be_a_questionnaire_is_not_even_fetched(bot: Bot, name: str, size: int, said: str) -> None:
    lupe = await member(bot)
    (told,) = await sends(lupe, name, size=size)
    assert said in told
    assert not await contents(bot.store)


@pytest.mark.parametrize(("name", "content"), [("una.xlsx", b"PK torn"), ("una.md", b"hola"), ("una.md", b"\xff")])
async def test_what_is_none_after_all_is_told(store: Store, bot: Bot, name: str, content: bytes) -> None:
    lupe = await member(bot)
    await sends(lupe, name)
    (said,) = await arrives(bot, content)
    assert "Hay 1 cosa por corregir" in said
    assert "workbook" in said


async def test_whoever_may_not_install_one_does_not_learn_that_it_can_be_done(store: Store, bot: Bot) -> None:
    chat = await member(bot, Role.STAFF)
    assert await sends(chat, "una.md") == await chat.send("sticker", file_id="s"), "as of whatever nothing takes"
    assert not await contents(store)


async def test_a_participants_document_is_no_questionnaire(store: Store, bot: Bot) -> None:
    rosa = await bot.enrolled(ROSA)
    said = await sends(rosa, "una.md")
    assert not any("cuestionario" in text for text in said)
    assert not await contents(store)


async def test_who_has_left_the_team_installs_nothing(store: Store, bot: Bot) -> None:
    lupe = await member(bot)
    await sends(lupe, "una.md")
    async with store.database.transact() as tx:
        (hers,) = await members.listed(tx)
        assert await departures.revoke(tx, hers.staff)
    assert await arrives(bot, SMALL_MD) == []
    assert (await contents(store), await open_sessions(store)) == ([None], 0)
