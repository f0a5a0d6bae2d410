"""First contact over a real store: whose the chat becomes, what is written down, and what never is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.participant.notice import notice_of
from storage import audit
from storage.consents import Purpose
from storage.schema import accounts, cases, consents, invitations, participants, preferences, sessions, timers, vault
from storage.schema import audit as trail
from tests.support.chat import WORD, Bot, Chat, word_shown
from tests.support.world import Store

NAME, PHONE, RECORD, CALLED = "Rosalinda Canaria", "5512345678", "EXP-CANARIO-7", "Chabelita"
CHAT = 7_340_032_123
ASKED = (
    "Una cosa más.\n"
    "¿Qué más me permites? Toca las que quieras, o ninguna. Luego toca «Listo».\n\nTus apoyos siguen igual."
)
STORY = "mil quinientos veintitrés pesotes a la quincena"


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def rows(store: Store, table: Any) -> list[Any]:
    async with store.database.read() as tx:
        return list(await tx.run(select(table)))


async def at_notice(bot: Bot, chat_id: int, token: str) -> Chat:
    chat = bot.chat(chat_id)
    await chat.start(token)
    await chat.tap("Sí, puedo")
    await chat.say(WORD)
    assert "Tú decides." in chat.last.text
    return chat


@pytest.mark.holds("S-12")
async def test_nothing_about_her_is_written_down_before_she_consents(store: Store, bot: Bot) -> None:
    token = await bot.invite(await bot.register())
    await at_notice(bot, 501, token)
    assert await rows(store, accounts) == await rows(store, consents) == []
    (invitation,) = await rows(store, invitations)
    assert (invitation.opened_at is not None, invitation.used_at, invitation.tries) == (True, None, 0)
    (woman,) = await rows(store, participants)
    assert woman.enrolled_at is None


@pytest.mark.holds("S-15")
async def test_her_yes_links_the_chat_and_is_kept_with_what_she_read(store: Store, bot: Bot) -> None:
    await bot.enrolled(but_for=[Purpose.INCOME], slot="En la noche")
    (account,) = await rows(store, accounts)
    (woman,) = await rows(store, participants)
    assert (account.participant_id, account.lane) == (woman.id, bot.lane(501))
    assert woman.enrolled_at == store.clock.at
    given = {row.purpose: (row.given, row.version, row.text_hash, row.how) for row in await rows(store, consents)}
    allowed, read = ("bienestar", "voz", "alertas", "avisos", "investigacion"), notice_of(store.home).text_hash
    assert given == {
        "seguimiento": (True, "1", read, "chat_word"),
        "ingresos": (False, "1", read, "chat"),
        **dict.fromkeys(allowed, (True, "1", read, "chat")),
    }
    assert (await rows(store, preferences))[0].slot == "noche"
    assert all(row.closed_at and row.state is None for row in await rows(store, sessions))
    assert await rows(store, timers) == []


@pytest.mark.holds("T-invite-2")
async def test_an_invitation_works_once(store: Store, bot: Bot) -> None:
    token = await bot.invite(await bot.register())
    rosa = await at_notice(bot, 501, token)
    await rosa.accept()
    ana = bot.chat(502)
    assert await ana.start(token) == ["Este enlace ya se usó. Pide uno nuevo a quien te lo dio."]
    assert len(await rows(store, accounts)) == 1


async def test_two_chats_that_consent_at_once_one_wins_and_the_other_is_told(store: Store, bot: Bot) -> None:
    token = await bot.invite(await bot.register())
    chats = [await at_notice(bot, chat_id, token) for chat_id in (501, 502)]
    for chat in chats:
        await chat.tap("Sí, acepto")
    private = [{"id": chat.chat_id, "type": "private"} for chat in chats]
    await bot.receive(
        *(
            (chat.chat_id, {"message": {"message_id": 1, "chat": here, "text": word_shown(chat.last.text)}})
            for chat, here in zip(chats, private, strict=True)
        )
    )
    await bot.settle()
    assert sorted(chat.last.text for chat in chats) == [
        "Este enlace ya se usó. Pide uno nuevo a quien te lo dio.",
        ASKED,
    ]
    assert len(await rows(store, accounts)) == 1
    assert len(await rows(store, consents)) == 1


@pytest.mark.holds("T-invite-2")
async def test_a_newer_invitation_takes_the_place_of_the_older(store: Store, bot: Bot) -> None:
    woman = await bot.register()
    old, new = await bot.invite(woman), await bot.invite(woman)
    assert await bot.chat(501).start(old) == ["Este enlace ya venció. Pide uno nuevo a quien te lo dio."]
    assert "¿Puedes leer" in (await bot.chat(501).start(new))[0]


async def test_a_second_phone_of_hers_is_linked_beside_the_first(store: Store, bot: Bot) -> None:
    woman = await bot.register()
    for chat_id in (501, 502):
        chat = await at_notice(bot, chat_id, await bot.invite(woman))
        await chat.accept()
    assert {row.participant_id for row in await rows(store, accounts)} == {woman}
    assert len(await rows(store, accounts)) == 2


@pytest.mark.holds("T-invite-1")
async def test_five_wrong_words_over_several_chats_and_only_staff_can_help(store: Store, bot: Bot) -> None:
    token = await bot.invite(await bot.register())
    for chat_id in (501, 502, 503, 504, 505):
        chat = bot.chat(chat_id)
        await chat.start(token)
        await chat.tap("Sí, puedo")
        said = await chat.say("margarita")
    assert said == ["Este enlace quedó cerrado. Pide ayuda a quien te lo dio."]
    for chat_id in (501, 506):
        assert bot.chat(chat_id).chat_id not in (row.lane for row in await rows(store, accounts))
        assert await bot.chat(chat_id).start(token) == ["Este enlace quedó cerrado. Pide ayuda a quien te lo dio."]
    assert await bot.chat(502).say(WORD) == ["Este enlace quedó cerrado. Pide ayuda a quien te lo dio."]


async def test_the_chat_is_clean_when_she_is_through(bot: Bot) -> None:
    rosa = await bot.enrolled()
    assert rosa.texts[:1] == ["Listo, Rosa. Yo te escribo.\nSi necesitas algo, escribe «ayuda»."]
    assert len(rosa.texts) == 2, "and whether she wants a code"


async def test_after_her_yes_nothing_revealing_waits_and_she_is_asked_the_rest_next_day(store: Store, bot: Bot) -> None:
    rosa = await at_notice(bot, 501, await bot.invite(await bot.register()))
    await rosa.accept()
    assert rosa.texts == [ASKED]
    await bot.pass_time(hours=30)
    assert rosa.texts == ["Aquí estoy. Escríbeme cuando quieras."]
    await rosa.say("hola")
    await rosa.say("ninguna")
    await bot.pass_time(hours=30)
    await rosa.say("hola")
    await rosa.say("Chabelita")
    await bot.pass_time(hours=30)
    await rosa.say("hola")
    await rosa.tap("En la noche")
    assert (await rows(store, preferences))[0].slot == "noche"
    assert {row.purpose for row in await rows(store, consents) if row.given} == {"seguimiento"}
    assert len(await rows(store, consents)) == len(Purpose)
    assert await rows(store, timers) == []


async def test_whoever_is_never_asked_the_rest_is_staffs_to_ask_and_misses_no_check_in(store: Store, bot: Bot) -> None:
    rosa = await at_notice(bot, 501, await bot.invite(await bot.register()))
    await rosa.accept()
    await bot.pass_time(days=2)
    assert rosa.texts == []
    assert [row.kind for row in await rows(store, cases)] == ["inscripcion_incompleta"]
    await bot.pass_time(days=6)
    assert rosa.texts == ["Hola. ¿Tienes cinco minutos?"]


async def test_a_link_withdrawn_between_word_and_consent_links_nothing(store: Store, bot: Bot) -> None:
    woman = await bot.register()
    rosa = await at_notice(bot, 501, await bot.invite(woman))
    await bot.invite(woman)  # the newer one takes the place of the one she holds
    await rosa.accept()
    assert rosa.texts == ["Este enlace ya venció. Pide uno nuevo a quien te lo dio."]
    assert await rows(store, accounts) == await rows(store, consents) == []


async def test_the_audit_trail_holds_over_a_first_contact(store: Store, bot: Bot) -> None:
    await bot.enrolled()
    async with store.database.read() as tx:
        assert await audit.verify(tx) is None
        actions = [row.action for row in await tx.run(select(trail).order_by(trail.c.number))]
    assert actions == ["participant_added", "invited", "account_linked", *["consent_given"] * 7]


# --- what never stands in the clear


def _bytes_on_disk(store: Store) -> bytes:
    files = [path for path in store.home.rglob("*") if path.is_file() and path.name != "key"]
    assert any(path.suffix == ".sqlite3" for path in files)
    return b"".join(path.read_bytes() for path in files)


def _spellings(canary: str) -> list[bytes]:
    found = [canary.encode(), canary.encode("utf-16-le"), canary.upper().encode(), canary.lower().encode()]
    return [*found, int(canary).to_bytes(8)[2:]] if canary.isdecimal() else found


@pytest.mark.holds("S-26")
async def test_nothing_that_names_her_or_that_she_said_stands_in_the_clear(store: Store, bot: Bot) -> None:
    woman = await bot.register(RECORD, name=NAME)
    token = await bot.invite(woman)
    canaries = [NAME, "Rosalinda", PHONE, RECORD, CALLED, str(CHAT), token, WORD, STORY, "veintitrés pesotes"]

    def check() -> None:
        disk = _bytes_on_disk(store)
        assert b"seguimiento" in disk, "the search finds what is there"
        for canary in canaries:
            assert not [spelling for spelling in _spellings(canary) if spelling in disk], canary

    rosa = await at_notice(bot, CHAT, token)
    check()
    await rosa.accept()
    await rosa.say("todas")
    await rosa.say(CALLED)
    check()
    await rosa.tap("En la mañana")
    await bot.pass_time(days=32)
    await rosa.say("sí")
    await rosa.say("Sí, trabajé")
    await rosa.say("por mi cuenta")
    await bot.receive((CHAT, {"message": {"message_id": 1, "chat": {"id": CHAT, "type": "private"}, "text": STORY}}))
    check()  # while her words wait in the inbox
    await bot.settle()
    check()  # while the interview waits for her yes
    await rosa.say("sí")
    await rosa.say("ayuda")
    await bot.pass_time(days=60)
    check()
    (sealed,) = await rows(store, vault)
    assert None not in (sealed.name, sealed.phone, sealed.record_id, sealed.called)


async def test_the_word_is_kept_as_argon2id_only(store: Store, bot: Bot) -> None:
    await bot.invite(await bot.register())
    (invitation,) = await rows(store, invitations)
    assert invitation.word_hash.startswith("$argon2id$")
    assert WORD not in str(invitation)
