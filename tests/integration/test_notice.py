"""The privacy notice: whole on request, hashed into every consent, and asked again where it has changed."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.participant.first_contact import CONFIRMING
from bot.participant.notice import FILE, SHIPPED, Notice, NoticeUnreadable, notice_of
from storage.consents import Agreed
from storage.schema import consents
from tests.support.chat import Bot, Chat, word_shown
from tests.support.staff import rows
from tests.support.world import Store

CHANGED = "Cambió el aviso"
PURPOSES = ("Seguimiento", "Ingresos", "Bienestar", "Voz", "Alertas", "Avisos", "Investigación")
NEW = Notice("2", "h2", "Aviso. Versión 2\nTodo.")


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


def shown(chat: Chat) -> str:
    return "\n".join(one.text for one in chat.messages.values())


async def changed(bot: Bot) -> Chat:
    """A check-in waits for Rosa, and the notice has changed since she said yes."""
    rosa = await bot.enrolled()
    bot.runner._desk = Desk(bot.library, plans=bot.plans, notice=NEW)
    await bot.pass_time(days=8)
    return rosa


@pytest.mark.holds("S-15")
async def test_a_notice_that_has_changed_is_asked_before_the_next_question(bot: Bot) -> None:
    rosa = await changed(bot)
    await rosa.tap("Sí, ahora")
    assert CHANGED in shown(rosa)
    assert "1 de" not in shown(rosa)
    await rosa.tap("Sí, acepto")
    word = word_shown(rosa.last.text)
    assert word in CONFIRMING
    await rosa.say(word)
    assert "1 de" in shown(rosa)
    assert CHANGED not in shown(rosa)
    last = max(await rows(bot, consents), key=lambda row: row.at)
    assert (last.purpose, last.version, last.text_hash, last.given, last.how) == (
        *("seguimiento", "2", "h2", True, "chat_word"),
    )
    await rosa.tap("Pausa")
    assert CHANGED not in shown(rosa)


async def test_her_no_to_it_is_a_no_to_be_followed_and_ends_what_is_asked(bot: Bot) -> None:
    rosa = await changed(bot)
    await rosa.tap("Sí, ahora")
    await rosa.tap("No acepto")
    assert rosa.last.text.startswith("Está bien, ya no te escribo.")
    last = max(await rows(bot, consents), key=lambda row: row.at)
    assert (last.purpose, last.given) == ("seguimiento", False)
    await rosa.say("hola")
    assert "cinco minutos" not in rosa.last.text, "nothing is asked of her any more"
    said = len(rosa.messages)
    await bot.pass_time(days=30)
    assert len(rosa.messages) <= said


async def test_whatever_else_she_does_shows_it_again_and_help_comes_without_it(bot: Bot) -> None:
    rosa = await changed(bot)
    await rosa.tap("Sí, ahora")
    await rosa.say("¿qué es esto?")
    assert shown(rosa).count(CHANGED) == 1
    await rosa.say("ayuda")
    assert "Ya le avisé al equipo." in shown(rosa)
    await rosa.say("sí")
    await rosa.say(word_shown(rosa.last.text))
    assert "1 de" in shown(rosa)


@pytest.mark.holds("S-15")
async def test_a_yes_counts_only_while_the_notice_stands_in_the_chat(bot: Bot) -> None:
    rosa = await changed(bot)
    await rosa.tap("Sí, ahora")
    await bot.pass_time(days=1)
    assert CHANGED not in shown(rosa)
    await rosa.say("sí")
    assert CHANGED in shown(rosa), "asked anew, and no word to write"
    assert not any(row.version == "2" for row in await rows(bot, consents))


async def test_who_agreed_to_this_version_on_paper_is_not_asked(bot: Bot) -> None:
    assert NEW.is_what(Agreed("2", ""))
    assert NEW.is_what(Agreed("2", "h2"))
    assert not NEW.is_what(Agreed("2", "h1"))
    assert not NEW.is_what(Agreed("1", ""))
    assert not NEW.is_what(None)


async def test_the_whole_notice_is_a_file_that_leaves_within_an_hour(store: Store) -> None:
    whole = notice_of(store.home)
    bot = Bot(store, desk=Desk(Bot(store).library, plans=Bot(store).plans, notice=whole))
    rosa = await bot.enrolled()
    await rosa.say("aviso")
    (sent,) = [one for one in bot.shown if one.call.method == "sendDocument"]
    assert sent.chat_id == rosa.chat_id
    assert [content.decode("utf-8-sig") for content in rosa.files] == [whole.text]
    await bot.pass_time(minutes=59)
    assert f"(file {FILE})" in shown(rosa)
    await bot.pass_time(minutes=2)
    assert FILE not in shown(rosa)


def test_any_change_of_the_text_is_another_hash(tmp_path: Path) -> None:
    shipped = notice_of(tmp_path)
    own = tmp_path / "aviso.md"
    own.write_text(shipped.text.replace("Versión 1", "Versión 2026-12"))
    assert notice_of(tmp_path).version == "2026-12"
    before = notice_of(tmp_path).text_hash
    own.write_text(own.read_text() + ".")
    assert notice_of(tmp_path).text_hash not in (before, shipped.text_hash, sha256(own.read_bytes()).hexdigest())


def test_a_text_that_names_no_version_is_called_by_its_hash(tmp_path: Path) -> None:
    (tmp_path / "aviso.md").write_text("Aviso\nVersión 2")
    notice = notice_of(tmp_path)
    assert notice.version == notice.text_hash[:8]
    (tmp_path / "aviso.md").write_bytes(b"\xff\xfe")
    with pytest.raises(NoticeUnreadable):
        notice_of(tmp_path)


def test_what_is_shipped_says_what_must_be_completed() -> None:
    assert SHIPPED.read_text().count("[") > 4
    assert all(f"- {purpose}:" in SHIPPED.read_text() for purpose in PURPOSES)
