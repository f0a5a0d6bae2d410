"""Every verb of the command line, typed for real: what it comes near to stands in the table, and is written down.

* A new verb stands in COMMAND_LINE, and gets its line in `walk`.
* Who does not hold the key opens nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from sqlalchemy import func, select

import bot
from bot.cli.commands import app
from bot.demo import samples
from bot.library import shipped_sources
from bot.staff.permissions import COMMAND_LINE, Near
from storage import broadcasts, contacts, erasure, files, holding, installation, members
from storage.broadcasts import Definition, Rules
from storage.contacts import NewContact, Relation
from storage.members import Member, Role
from storage.notices import Content
from storage.schema import audit as trail
from storage.segments import Segment
from storage.stops import How
from tests.support.chat import Bot
from tests.support.doors import dump
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.voice import woman
from tests.support.world import Store

TOLD = "Hola, {nombre}: el viernes hay taller."
SETTINGS = {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_BROADCAST_UNDO_SECONDS": "0"}
OTHER_PLAN = Path(bot.__file__).parent.parent / "docs/examples/plan_mensual.toml"
WITHOUT_A_TOKEN = ("doctor", "run")
"""What ends by saying that it has none: with one, the bot would run until it is stopped."""

FILES = {
    "roster": "record_id,name\nR-9,Nora Ejemplo\n",
    "registry": "record_id,axis,workshop,centre,started_on,completed\nR-9,laboral,costura,BAR,2024-02-01,si\n",
    "measurements": "record_id,instrument,moment,taken_on,score\nR-9,GAD-7,pre,2024-02-01,9\n",
    "work": "record_id,scope,kind,as_of\nR-9,dentro,autoempleo,2024-09-01\n",
}
"""What is brought in, by the name of its file."""

AUDITED = {Near.NAMES, Near.EXPORT, Near.CHANGE, Near.SEND}
"""What is written down whenever it is done."""

NOT_YET_WRITTEN: set[str] = set()
"""What stands in no audit trail, though it ought to: whoever mends one takes it out of here."""


@pytest.fixture
def operator(store: Store) -> Operator:
    return Operator(store.home, SETTINGS)


def verbs(group: object, before: str = "") -> Iterator[str]:
    """All that can be typed after `hilo`; of a group itself only where it does something."""
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        if inner is None or command.invoke_without_command:
            yield f"{before}{name}"
        if inner is not None:
            yield from verbs(command, f"{before}{name} ")


def test_every_verb_is_in_the_table() -> None:
    assert set(verbs(typer.main.get_command(app))) == set(COMMAND_LINE)
    assert Counter(COMMAND_LINE.values()).keys() == set(Near)


async def furnished(store: Store) -> dict[str, str]:
    """A store in which each verb finds what it is about; returns how that is named there."""
    bot = Bot(store)
    rosa = await bot.enrolled()
    for words in ("ayuda", "/corregir mi calle con Previa Ejemplo", "/oponerme a Previa Ejemplo"):
        await rosa.say(words)
    for chat, name in ((900, "Lupe Prueba"), (901, "Maya Prueba")):
        await bot.chat(chat).start(await bot.invite_staff(name))
    before = await bot.register("R-8", name="Previa Ejemplo")
    async with store.database.transact() as tx:
        await erasure.erase(tx, before, erasure.Wish("command", proved="llamada"))
    luz = await woman(store, "R-1")
    note = await luz.voice("voice-1")
    async with store.database.transact() as tx:
        for one in await files.due(tx, 10):
            await files.keep(tx, one, files.seal(tx.vault, one, content=samples.voice()))
        await installation.remember(tx, {installation.BOT_USERNAME: "hilo_prueba_bot"})
        await holding.hold(tx)
        assert luz.participant is not None
        kept = NewContact("Ana Ejemplo", "5598765432", Relation.SIBLING, tx.now, How.CALL)
        contact = await contacts.add_contact(tx, luz.participant, kept)
        lupe = Member((await members.listed(tx))[0].staff, Role.COORDINATOR)
        made = await broadcasts.draft(tx, Definition(Content(TOLD), Segment()), by=lupe.staff)
        await broadcasts.submit(tx, made, lupe, rules=Rules(approval_above=0))
        own = await broadcasts.draft(tx, Definition(Content(TOLD), Segment()), by=None)
    return {"note": note, "contact": str(contact), "broadcast": f"{made:x}", "own": f"{own:x}"}


async def entries(store: Store) -> int:
    async with store.database.read() as tx:
        return int((await tx.run(select(func.count()).select_from(trail))).scalar_one())


@pytest.mark.holds("S-32")
async def test_each_verb_is_typed_and_what_matters_is_written_down(
    store: Store, operator: Operator, tmp_path: Path
) -> None:
    typed = list(walk(tmp_path, **await furnished(store)))
    assert [verb for verb, _ in typed if verb in COMMAND_LINE] == [verb for verb, _ in typed]
    assert {verb for verb, _ in typed} == set(COMMAND_LINE)
    assert len(typed) > 50
    unlike = set()
    for verb, words in typed:
        before = await entries(store)
        result = await asyncio.to_thread(operator.types, *verb.split(), *words)
        assert (result.exit_code, result.exception is None) == (0, True) or (
            verb in WITHOUT_A_TOKEN and "there is no bot token" in result.output
        ), (verb, result.output)
        if (await entries(store) > before) is not (COMMAND_LINE[verb] in AUDITED):
            unlike.add(verb)
    assert unlike == NOT_YET_WRITTEN


@pytest.mark.holds("S-28")
async def test_whoever_does_not_hold_the_key_opens_nothing(store: Store, operator: Operator, tmp_path: Path) -> None:
    typed = list(walk(tmp_path, **await furnished(store)))
    (store.home / "key").rename(tmp_path / "key")
    before = dump(store)
    behind_the_key = [(verb, words) for verb, words in typed if COMMAND_LINE[verb] is not Near.MACHINE]
    assert len(behind_the_key) > 40
    for verb, words in behind_the_key:
        assert "its key file" in await asyncio.to_thread(operator.refused, *verb.split(), *words), verb
    assert dump(store) == before
    written = ("breach.txt", "form.md", "home", "key", *(f"{name}.csv" for name in FILES))
    assert sorted(os.listdir(tmp_path)) == sorted(written)


def walk(
    folder: Path, *, note: str, contact: str, broadcast: str, own: str
) -> Iterator[tuple[str, tuple[str | Path, ...]]]:
    """Each verb, in an order in which each can be done."""
    name, version, form = shipped_sources()[0]
    (folder / "form.md").write_text(form, encoding="utf-8")
    for name_of, text in FILES.items():
        (folder / f"{name_of}.csv").write_text(text, encoding="utf-8")
    case = ("R-501", "--kind", "ayuda")
    yield "init", ("--no-input",)
    yield from ((one, ()) for one in ("doctor", "db upgrade", "db check", "instruments list"))
    yield from ((one, (folder / "form.md",)) for one in ("instruments check", "instruments install"))
    yield from ((one, (OTHER_PLAN,)) for one in ("plan check", "plan preview"))
    yield "plan apply", (OTHER_PLAN, "--yes")
    yield "instruments preview", (name,)
    yield "instruments diff", (name, version, folder / "form.md")
    yield from ((one, ()) for one in ("ledger", "upcoming", "indicators", "calls", "participants list", "voices list"))
    yield "participants import", (folder / "roster.csv",)
    yield "participants show", ("R-9",)
    yield "import registry", (folder / "registry.csv",)
    yield "import measurements", (folder / "measurements.csv",)
    yield "import work", (folder / "work.csv",)
    yield from ((one, ()) for one in ("indicators", "quality"))
    yield from ((f"indicators {one}", ("2026-03",)) for one in ("publish", "compare"))
    yield "participants set", ("R-9", "--release", "2026-02-01")
    yield "participants pause", ("R-9", "--kind", "reingreso")
    yield "participants resume", ("R-9",)
    yield from ((f"participants {one}", ("R-9", "--how", "llamada")) for one in ("stop", "reopen"))
    yield from ((f"cases {one}", ()) for one in ("list", "detections"))
    yield "cases attend", case
    yield "cases note", (case[0], "prefiere la tarde", *case[1:])
    yield "cases give", (*case, "--to", "Lupe Prueba")
    yield "cases reply", (case[0], "Mañana te marco.", *case[1:])
    yield "cases close", case
    yield "cases answer-add", ("Horario", "De 9 a 5.")
    yield "cases answers", ()
    yield "cases answer-remove", ("Horario",)
    yield "cases cover", ("Lupe Prueba", "--by", "Maya Prueba", "--until", "2100-01-01")
    yield "calls script", ("R-501",)
    yield "calls attempt", ("R-501", "--disposition", "busy")
    yield "contacts list", ("R-1",)
    neighbour = ("--name", "Eva Ejemplo", "--phone", "5511223344", "--relation", "vecina")
    yield "contacts add", ("R-501", *neighbour, "--how", "llamada")
    yield from ((f"contacts {one}", (contact,)) for one in ("unsafe", "withdraw"))
    yield "voices save", (note, "--out", folder / "note.ogg")
    yield "voices transcribe", (note, "--text", "Ya entré a un taller.")
    yield "invite participant", ("R-9",)
    yield "invite staff", ("--role", "staff", "--name", "Nora Prueba")
    yield "broadcast list", ()
    yield "broadcast new", ("--text", TOLD)
    yield from ((f"broadcast {one}", (own,)) for one in ("send", "undo"))
    for step in ("approve", "show", "preview", "pause", "resume", "cancel", "retire"):
        yield f"broadcast {step}", (broadcast,)
    yield "broadcast report", (broadcast, "--out", folder / "report.xlsx")
    yield "keys backup", (folder / "copy",)
    yield "keys rotate", ()
    yield "audit verify", ()
    yield "report", ("--out", folder / "report.html")
    yield "export", ("--out", folder / "out.zip")
    yield "exports list", ()
    yield "backup", (folder / "backup",)
    yield "privacy export", ("R-9", "--out", folder / "hers.json")
    signed = ("--on", "2026-02-21", "--notice", "papel", "--witness", "Luz Ríos")
    yield "consents record", ("R-9", "--yes", "seguimiento", *signed)
    yield "notice", ()
    (folder / "breach.txt").write_text("Hola, ¿nos marcas?", encoding="utf-8")
    yield "privacy breach", (folder / "breach.txt", "--everybody", "--send")
    yield "privacy told", ()
    yield "privacy requests", ()
    yield "privacy grant", ("1", "--how", "llamada")
    yield "privacy done", ("1",)
    yield "privacy deny", ("2", "--reason", "No lo tenemos")
    yield "privacy mentions", ("R-8",)
    yield "privacy redact", ("R-8", "requests.words:1")
    yield "privacy keep", ("R-8", "requests.words:2", "--reason", "juicio")
    yield "privacy hold", ("R-9", "--until", "2100-01-01", "--reason", "expediente 12")
    yield "privacy holds", ()
    yield "privacy release", ("R-9",)
    yield "privacy erase", ("R-9",)
    yield "privacy erased", ()
    yield from ((f"privacy {one}", ("R-9", "--how", "llamada")) for one in ("prove", "undo"))
    yield "restore", ("--confirm",)
    yield "demo", ("--reset",)
    yield "run", ()
