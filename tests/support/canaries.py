"""A story in which every word that must stay between her and the team is a canary, told by no other word.

* Each canary is unlike anything that the code, the catalogues or the questionnaires say.
* What has been planted is found again in the sealed cells, with the key: a story that plants nothing proves nothing.
"""

from __future__ import annotations

import asyncio
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from conversations.answers import Answer, AnswerStatus
from conversations.office import Office
from scheduler.writers import WRITERS
from storage import (
    approvals,
    cases_office,
    erasure,
    files,
    gates,
    installation,
    legal_holds,
    members,
    mention_reviews,
    people,
    requests,
)
from storage.cells import SEALED, Cells
from storage.database import Tx
from storage.exports import jobs
from storage.interviews import AnswerChanged
from storage.members import AuthenticatorChosen, Role
from storage.mention_reviews import Review, Verdict
from storage.records import Entry
from storage.request_kinds import Kind
from tests.support.chat import BOT_ID, WORD, Bot
from tests.support.once import once_a_run
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.staff import LUPE, at_work
from tests.support.voice import QUESTION, woman
from tests.support.world import CountedIds, Store, store_in, store_of

HER_CHAT, STRANGERS_CHAT, GROUP = 5_512_345_678, 5_598_701_234, -1_009_876_543_210
HER = "R-CANARIO-77"
CALLED = "Chelacanaria"

PLANTED = (
    *("Canariana Ejemplo", "5587650943", CALLED, HER, str(HER_CHAT), str(STRANGERS_CHAT), str(GROUP)),
    *("Testiga Canaria", "tallercito-canario.csv", "4,321.98", "palabras-canario", "tal-cual-canario"),
    *("sonido-canario", "archivo-canario", "me duele-canario", "hola-canario", "nota-canario", "respuesta-canario"),
    *("Hermana Canaria", "5544332210", "marcar-canario", "difusion-canario", "motivo-canario", "fundacion-canario"),
    *("titulo-canario", "lista-canario", "SECRETOCANARIO", "Promotora Canaria", "encargo-canario", "para-canario"),
    *("salida-canario", "umbral-canario", "apartada-canario", "expediente-canario", "corregir-canario"),
    *("plazo-canario", "hacer-canario", "negado-canario", "Avala Canaria", "revisado-canario"),
)
"""Names, phones, chat ids, codes, and whatever anybody typed or said."""


async def planted(store: Store, folder: Path) -> Bot:
    """The whole story: she is brought in, joins, answers, asks for help; staff write, call, send and export."""
    bot = Bot(store)
    operator = Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_BROADCAST_UNDO_SECONDS": "0"})
    await asyncio.to_thread(_brought_in, operator, folder)
    async with store.database.transact() as tx:
        known = {installation.BOT_ID: str(BOT_ID), installation.BOT_USERNAME: "hilo_prueba_bot"}
        await installation.remember(tx, known)
        await cases_office.keep(tx, Office(), group=GROUP)
    await _joins(bot)
    await at_work(bot, Role.COORDINATOR, name="Promotora Canaria")
    await _answers(bot)
    await asyncio.to_thread(_attended, operator, folder)
    await bot.tick()
    await _under_way(bot)
    return bot


@pytest.fixture(scope="session")
def planted_home(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """The home of a store in which the story has happened; to be copied and not changed."""

    def make(folder: Path) -> None:
        store = store_in(folder / "home", migrated_file)

        async def play() -> None:
            await planted(store, folder)
            await store.database.close()

        asyncio.run(play())

    return once_a_run(tmp_path_factory, "planted", make) / "home"


@pytest.fixture
async def planted_store(planted_home: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A store of one's own in which the story has happened."""
    shutil.copytree(planted_home, tmp_path / "home")
    ids = CountedIds("after the story")
    for _ in range(1_000):
        ids.ordered()  # the story has drawn some of them
    store = store_of(tmp_path / "home", ids)
    yield store
    await store.database.close()


async def opened(tx: Tx) -> AsyncIterator[tuple[Cells, bytes]]:
    """What every sealed cell says, with the key. Raises Unsealable where one does not open at its own place."""
    for cells in SEALED:
        rows = select(*cells.keys, cells.column).where(cells.column.is_not(None))
        for *key, sealed in (await tx.run(rows)).all():
            yield cells, tx.vault.open(cells.place(*key), sealed)


def raw_bytes(database: Path) -> bytes:
    """All that SQLite has written, as a thief would carry it away."""
    files = (database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm"))
    return b"".join(file.read_bytes() for file in files if file.exists())


def told_by(raw: bytes) -> set[str]:
    """Which canaries sing: as text in any of the usual encodings, or a number as SQLite would write it."""
    return {canary for canary in PLANTED if any(form in raw for form in _forms(canary))}


def _forms(canary: str) -> list[bytes]:
    forms = [canary.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1")]
    forms += [canary.encode().hex().encode(), b64encode(canary.encode()).rstrip(b"=")[:-1]]
    if canary.lstrip("-").isdecimal():
        forms += [int(canary).to_bytes(width, "big", signed=True) for width in (6, 8)]
    return forms


# --- the story


def _brought_in(operator: Operator, folder: Path) -> None:
    """Registered from a roster with a consent on paper, and known from files that stand on another."""
    roster, work, scores = folder / "lista-canario.csv", folder / "tallercito-canario.csv", folder / "puntajes.csv"
    paper = "consent_on_paper,consent_version,consent_witness"
    hers = f"{HER},Canariana Ejemplo,5587650943,2026-02-20,2026-02-21,1,Testiga Canaria"
    roster.write_text(f"record_id,name,phone,release_date,{paper}\n{hers}\n", encoding="utf-8")
    earned = "income_amount,income_period,income_moment,gave_to_family"
    row = f'{HER},en_libertad,autoempleo,2026-02-25,"4,321.98",mes,actual,si'
    work.write_text(f"record_id,scope,kind,as_of,{earned}\n{row}\n", encoding="utf-8")
    scores.write_text(f"record_id,instrument,moment,taken_on,score\n{HER},gad7,pre,2026-02-21,9\n", encoding="utf-8")
    signed = ("--consent-basis", "papel", "--consent-on", "2026-02-21", "--consent-version", "1")
    operator.done("participants", "import", roster)
    operator.done("import", "work", work, *signed, "--consent-witness", "Avala Canaria")
    operator.done("import", "measurements", scores, *signed, "--consent-witness", "Avala Canaria")


async def _joins(bot: Bot) -> None:
    async with bot.store.database.transact() as tx:
        her = (await people.known_record_ids(tx, [HER]))[HER]
    chat = bot.chat(HER_CHAT)
    await chat.start(await bot.invite(her))
    await chat.tap("Sí, puedo")
    await chat.say(WORD)
    await chat.accept()
    await chat.say("todas")
    await chat.say(CALLED)
    await chat.tap("En la mañana")
    await chat.say("ayuda")
    await chat.say("me duele-canario")
    await chat.tap("Pasar este mensaje")


async def _answers(bot: Bot) -> None:
    """A free text, and a voice note that has come."""
    sender = await woman(bot.store, "R-2")
    answer = Answer(AnswerStatus.GIVEN, "palabras-canario", "tal-cual-canario")
    await sender.write(AnswerChanged(QUESTION, answer, free_text=True, instrument="llegada", version="1"))
    await sender.voice("archivo-canario")
    async with bot.store.database.transact() as tx:
        for one in await files.due(tx, 10):
            await files.keep(tx, one, files.seal(tx.vault, one, content=b"sonido-canario"))
    await sender.wants("archivo-canario", name="lista-canario.xlsx")
    await sender.voice("archivo-canario")


def _attended(operator: Operator, folder: Path) -> None:
    """What staff type about her."""
    case = (HER, "--kind", "ayuda")
    operator.done("cases", "note", HER, "nota-canario", *case[1:])
    operator.done("cases", "reply", HER, "respuesta-canario", *case[1:])
    operator.done("cases", "answer-add", "titulo-canario", "respuesta-canario")
    permitted = ("--relation", "vecina", "--how", "llamada")
    operator.done("contacts", "add", HER, "--name", "Hermana Canaria", "--phone", "5544332210", *permitted)
    operator.done("calls", "attempt", HER, "--disposition", "busy", "--note", "marcar-canario")
    kept = ("--reason", "motivo-canario", "--recipient", "fundacion-canario")
    made = operator.runs("export", "--out", folder / "out", *kept)
    assert made.returncode == 0, made.stderr
    draft = operator.read("broadcast", "new", "--text", "difusion-canario")
    operator.done("broadcast", "send", draft["broadcast"])


async def _under_way(bot: Bot) -> None:
    """What a thief would find half done: a stranger at the door, letters unread, parcels to be sent, a file to make."""
    await bot.chat(STRANGERS_CHAT).say("hola-canario")
    hello = {"chat": {"id": STRANGERS_CHAT, "type": "private"}, "message_id": 9, "text": "hola-canario"}
    await bot.receive((STRANGERS_CHAT, {"message": hello}))
    await bot.receive((HER_CHAT, {"message": hello | {"chat": {"id": HER_CHAT, "type": "private"}}}))
    await bot.runner.take_letters()
    await bot.receive((STRANGERS_CHAT, {"message": hello}))
    async with bot.store.database.transact() as tx:
        lupe = (await members.listed(tx))[0].staff
        secret = AuthenticatorChosen(lupe, "SECRETOCANARIO")
        ordered = jobs.ExportOrdered(jobs.Order("csv", reason="encargo-canario", recipient="para-canario"), lupe, 1)
        her = (await people.known_record_ids(tx, [HER]))[HER]
        word, step = gates.LeaveWordChosen(her, "salida-canario"), gates.DoorstepKept(b"umbral-canario")
        for record in (secret, ordered, word, step):
            await WRITERS[type(record)](tx, [Entry(record, tx.now, "o", bot.lane(LUPE), LUPE, 1)])
        await approvals.draw(tx, lupe)
        await _has_rights(tx, her)


async def _has_rights(tx: Tx, her: int) -> None:
    """What somebody asked for by law, and somebody who is set aside."""
    number, _ = await requests.open_request(tx, requests.Asked(her, Kind.CORRECT, "corregir-canario", "codigo"))
    for step in ("plazo-canario", "hacer-canario"):
        (one,) = await requests.standing(tx, number)
        await requests.extend(tx, one, step, by=None)
        await requests.grant(tx, one, by=None)
    number, _ = await requests.open_request(tx, requests.Asked(her, Kind.OBJECT, "apartada-canario"))
    (one,) = await requests.standing(tx, number)
    await requests.deny(tx, one, "negado-canario", by=None)
    other = people.NewParticipant("R-APARTADA", "apartada-canario", "America/Mexico_City")
    (woman,) = await people.add_participants(tx, [other])
    await legal_holds.hold(tx, woman, until=tx.now.date(), reason="expediente-canario")
    await erasure.erase(tx, woman, erasure.Wish("command", proved="llamada"))
    aside = await erasure.of_woman(tx, woman)
    assert aside is not None
    stays = Review(f"requests.words:{number}", Verdict.KEPT, "revisado-canario")
    assert await mention_reviews.keep(tx, aside, stays, by="command")
