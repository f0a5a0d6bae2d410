"""Invitations at the command line: a link, its picture and its word; and who gets one only in person."""

import asyncio
import stat
from pathlib import Path

import pytest
import segno
from sqlalchemy import select

from bot.cli.commands import StaffRole
from bot.demo.simulator import Simulator
from bot.words import load_words
from conversations.reading.words import normalise, sound
from storage import freezing
from storage.freezing import Unsafe
from storage.members import Role
from storage.schema import audit
from tests.support.chat import Bot
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import HeldClock, Store

TOKEN = "4242:una-palabra"
ROSTER = "record_id,name,release_date\nLC-001,Rosa Prueba,2026-02-28\nLC-002,Luz Ejemplo,\n"


@pytest.fixture
def staffed(tmp_path: Path) -> Operator:
    """Somebody who has registered two women."""
    operator = Operator(tmp_path / "home", {"HILO_BOT_API_URL": NOBODY_LISTENS})
    operator.begins()
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    operator.done("participants", "import", tmp_path / "roster.csv")
    return operator


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_invitations_need_the_bots_name(staffed: Operator) -> None:
    assert "there is no bot token" in staffed.refused("invite", "participant", "LC-001")
    assert "can't be reached" in staffed.refused("invite", "participant", "LC-001", bot_token=TOKEN)
    assert not list(staffed.home.glob("qr/*"))


async def with_telegram(operator: Operator, *commands: tuple[str, ...], token: str = TOKEN) -> list[str]:
    """Run commands while a Bot API server answers; returns all that each printed."""
    async with Simulator(token=TOKEN, now=HeldClock()).serve() as url:
        settings = {"bot_api_url": url, "bot_token": token}
        results = [await asyncio.to_thread(operator.types, *command, **settings) for command in commands]
    return [result.output for result in results]


async def test_a_woman_is_invited(staffed: Operator) -> None:
    await with_telegram(staffed, ("init", "--no-input"))
    told = await asyncio.to_thread(staffed.read, "invite", "participant", "LC-001")
    assert list(told) == ["record_id", "link", "token", "expires_at", "qr", "word"]
    assert told["link"] == f"https://t.me/hilo_demo_bot?start={told['token']}"
    assert told["word"] in load_words()
    check_picture(Path(told["qr"]), staffed.home)


def check_picture(picture: Path, home: Path) -> None:
    assert (picture.parent, mode(picture), mode(picture.parent)) == (home / "qr", 0o600, 0o700)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "LC-001" not in picture.name


async def test_the_word_stands_apart_from_the_link(staffed: Operator) -> None:
    (said,) = await with_telegram(staffed, ("invite", "participant", "LC-002"))
    link, _, word = said.partition("\n\nWord: ")
    assert "https://t.me/hilo_demo_bot?start=" in link
    assert word.splitlines()[0] in load_words()
    assert word.splitlines()[1] == "Give this in person, not with the link."


async def test_whoever_comes_back_is_let_in_from_here_only_in_person(store: Store) -> None:
    operator = Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS})
    woman = await Bot(store).register("LC-001")
    async with store.database.transact() as tx:
        await freezing.mark_unsafe(tx, woman, Unsafe.NUMBER, by=None)
    command = ("invite", "participant", "LC-001")
    await with_telegram(operator, (*command, "--in-person"))
    assert "--in-person" in await asyncio.to_thread(operator.refused, *command, bot_token=TOKEN)
    async with store.database.transact() as tx:
        acts = await tx.run(select(audit.c.action, audit.c.detail).order_by(audit.c.number.desc()).limit(2))
        assert [tuple(row) for row in acts] == [("invited", None), ("recovery_granted", "in_person")]
        await freezing.freeze(tx, woman, actor="system")
    told = await asyncio.to_thread(operator.refused, *command, "--in-person", bot_token=TOKEN)
    assert "she is frozen" in told


async def test_staff_are_invited_without_a_word(staffed: Operator) -> None:
    (said,) = await with_telegram(staffed, ("invite", "staff", "--role", "coordinator", "--name", "Ana Prueba"))
    assert "https://t.me/hilo_demo_bot?start=" in said
    assert "Word" not in said
    assert "--name is empty" in await asyncio.to_thread(
        staffed.refused, "invite", "staff", "--role", "staff", "--name", " "
    )


async def test_another_bots_token_is_asked_about_anew(staffed: Operator) -> None:
    await with_telegram(staffed, ("init", "--no-input"))
    command = ("invite", "participant", "LC-001")
    told = await asyncio.to_thread(staffed.refused, *command, bot_token="77:otro-bot")
    assert "can't be reached" in told
    await asyncio.to_thread(staffed.done, *command, bot_token=TOKEN)


async def test_a_wrong_token_is_told(staffed: Operator) -> None:
    (said,) = await with_telegram(staffed, ("invite", "participant", "LC-001"), token="4242:equivocada")
    assert "does not accept the bot token" in said
    assert "equivocada" not in said


def test_the_picture_is_readable_by_any_phone() -> None:
    link = "https://t.me/hilo_demo_bot?start=" + "x" * 32
    assert int(segno.make_qr(link, error="m").version) <= 6


def test_roles_are_those_of_the_store() -> None:
    assert set(StaffRole.__args__) == set(Role)


def test_the_words_are_easy_to_tell_apart() -> None:
    words = load_words()
    assert len(words) >= 256
    assert all(word == normalise(word) and word.isalpha() and 4 <= len(word) <= 9 for word in words)
    assert len({sound(word) for word in words}) == len(words)
    assert list(words) == sorted(words)
