"""A hostile client: what is forged, replayed, misshapen or injected opens and crashes nothing, and is counted."""

import asyncio
import copy
import html
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.demo import markup
from bot.demo.simulator import Simulator
from bot.intake import MAX_BYTES, take_in
from storage import turned_away
from storage.schema import accounts, answers, cases, consents, inbox, invitations, participants, preferences, staff
from storage.turned_away import What
from tests.support.awkward import FORMULAS
from tests.support.chat import BOT_ID, WORD, Bot, Chat
from tests.support.operator import Operator
from tests.support.staff import PIN, at_work
from tests.support.tray import MAYA
from tests.support.world import Store

TOKEN = "4242:una-palabra"
STRANGER = 666

WATCHED = (accounts, answers, cases, consents, invitations, participants, preferences)
"""What nobody may change from outside."""

FORGED = (
    *("", ".", "..", "x", "yes", "1", "1.", "1.1", "1.1..", "0.1.yes", "-1.1.yes", "1.-1.yes", "1.x.yes", "g.1.yes"),
    *(" 1 .1.yes", "0x1.1.yes", "1_0.1.yes", "１.1.yes", "1.1.\x00", "1.1.%s", "1.1.{name}", "1.1." + "a" * 60),
    *("ffffffffffffffffffffff.1.yes", "8000000000000000.1.yes", "1.999999999999999999999999.yes"),
    *("1.1.cases.open.1", "1.1.cases.heard", "1.1.audit.list", "1.1.team.become.1", "1.1.export.whole"),
    *("1.1.roster.arrived", "1.1.lobby.late"),
)
"""What no button of ours carries, or none of this chat."""

INJECTED = (
    *("<b>Rosa</b>", "<a href='tg://user?id=1'>x</a>", "&lt;b&gt;"),
    *("*Rosa*", "_Rosa_", "[Rosa](http://x.test)", "`Rosa`"),
    *("{name}", "{}", "{0}", "{0.__class__}", "{nombre}", "%s", "%(name)s", "%n%n", "${7*7}", "{{7*7}}"),
    *("'; drop table x;--", "\\u0000", "../../etc/x", "$(reboot)"),
    *(word for word in FORMULAS if len(word) <= 40),
)
"""What somebody or something might take for more than words."""


async def state(store: Store) -> list[list[Any]]:
    async with store.database.read() as tx:
        return [[tuple(row) for row in await tx.run(select(table))] for table in WATCHED]


async def counted(store: Store) -> dict[What, int]:
    async with store.database.read() as tx:
        return await turned_away.counted(tx)


async def set_aside(store: Store) -> int:
    async with store.database.read() as tx:
        found = select(func.count()).select_from(inbox).where(inbox.c.state.in_(("set_aside", "waiting")))
        return int((await tx.run(found)).scalar_one())


# --- buttons and links


@pytest.mark.holds("T-client-1")
async def test_forged_buttons_open_nothing(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    bot = Bot(store)
    rosa, lupe, stranger = await bot.enrolled(), await at_work(bot), bot.chat(STRANGER)
    before = await state(store)
    for chat in (rosa, lupe, stranger):
        for data in FORGED:
            said = await chat.tap_data(data)
            assert "Prueba" not in "".join(said)
    assert await state(store) == before
    assert await set_aside(store) == 0
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    away = await counted(store)
    assert away[What.FORGED_BUTTON] >= 3 * 12
    assert away[What.STALE_BUTTON] >= 1


@pytest.mark.holds("T-client-2")
async def test_other_peoples_buttons_open_nothing(store: Store) -> None:
    bot = Bot(store)
    rosa, luz = await bot.enrolled(), await bot.enrolled(502)
    await rosa.say("me cambié de casa")
    maya = await at_work(bot, chat_id=MAYA, name="Maya Prueba")
    await maya.say("/bandeja")
    hers = [data for _, data in (*rosa.offered, *maya.offered) if not data.endswith(".help")]  # that is always heard
    assert len(hers) > 5
    before = await state(store)
    for data in hers:
        for other in (luz, bot.chat(STRANGER)):
            said = "".join(await other.tap_data(data))
            assert "Rosa" not in said
            assert "Prueba" not in said
    assert await state(store) == before
    assert (await counted(store))[What.STALE_BUTTON] > len(hers)


@pytest.mark.holds("T-client-2")
async def test_other_peoples_and_made_up_links_open_nothing(store: Store) -> None:
    bot = Bot(store)
    token = await bot.invite(await bot.register("R-9"))
    rosa, lupe = await bot.enrolled(), await at_work(bot)
    mine = await bot.invite_staff("Ana Prueba")
    before = await state(store)
    for chat in (rosa, lupe):
        for stolen in (token, mine):
            (said,) = await chat.start(stolen)
            assert said.startswith(("Este enlace es para otro teléfono", "Aquí ya escribe alguien más"))
    stranger = bot.chat(STRANGER)
    for made_up in ("x", token[:-1], token.upper(), f"{token} ", "{name}", "%s", "a" * 4000, "'; --", "../"):
        if made_up.strip() != token:
            assert "no funciona" in "".join(await stranger.start(made_up))
    assert await state(store) == before
    away = await counted(store)
    assert away[What.LINK_OF_ANOTHER] == 3  # a phone may be shared: one woman may open another's link on it
    assert away[What.UNKNOWN_LINK] == 8


@pytest.mark.holds("T-invite-1")
async def test_a_guessed_word_opens_nothing_and_ends(store: Store) -> None:
    bot = Bot(store)
    token = await bot.invite(await bot.register())
    stranger = bot.chat(STRANGER)
    await stranger.start(token)
    await stranger.tap("Sí, puedo")
    for guess in ("luna", "%s", "{word}", "mesa", "*", WORD[:-2], WORD):
        await stranger.say(guess)
    async with store.database.read() as tx:
        assert (await tx.run(select(func.count()).select_from(accounts))).scalar_one() == 0
    (said,) = await stranger.start(token)
    assert "leer ahora" not in said
    assert (await counted(store))[What.SPENT_LINK] == 1


# --- updates


def update(number: int, chat: int, **content: Any) -> dict[str, Any]:
    private = {"id": chat, "type": "private"}
    return {"update_id": number, "message": {"message_id": number, "chat": private, "from": {"id": chat}, **content}}


@pytest.mark.holds("T-client-3")
async def test_replayed_updates_change_nothing(store: Store) -> None:
    bot = Bot(store)
    rosa = await bot.enrolled()
    await rosa.say("me cambié de casa")
    told = [update(9_000 + number, rosa.chat_id, text=text) for number, text in enumerate(("ayuda", "hola", "ayuda"))]
    await take_in(store.database, told, bot_id=BOT_ID)
    await bot.settle()
    before, said = await state(store), rosa.texts
    for _ in range(3):
        await take_in(store.database, told, bot_id=BOT_ID)
        assert await bot.settle(rosa) == []
    assert await state(store) == before
    assert rosa.texts == said
    assert await counted(store) == {What.REPEATED: 9}


SHAPES: tuple[dict[str, Any], ...] = (
    {"message": {"message_id": 5, "chat": {"id": 501, "type": "private"}, "text": "hola", "from": {"id": 501}}},
    {"edited_message": {"message_id": 5, "chat": {"id": 501, "type": "private"}, "text": "hola"}},
    {"message": {"message_id": 5, "chat": {"id": 501, "type": "private"}, "voice": {"file_id": "x", "duration": 3}}},
    {
        "message": {
            "message_id": 5,
            "chat": {"id": 501, "type": "private"},
            "document": {"file_id": "x", "file_name": "y", "file_size": 7},
            "caption": "z",
            "reply_to_message": {"message_id": 4},
        }
    },
    {"callback_query": {"id": "7", "from": {"id": 501}, "data": "1.1.yes", "message": {"chat": {"id": 501}}}},
    {"my_chat_member": {"chat": {"id": 501, "type": "private"}, "new_chat_member": {"status": "member"}}},
)
JUNK: tuple[Any, ...] = (None, [], {}, "x", -1, 1.5, True, 1 << 70, "a" * 5000, [[]], {"id": {}}, "\x00")


def paths(value: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, inner in value.items():
        yield (*before, name)
        if isinstance(inner, dict):
            yield from paths(inner, (*before, name))


def misshapen() -> Iterator[dict[str, Any]]:
    """Each update that we know, with each of its parts left out or made into something else."""
    for shape in SHAPES:
        for path in paths(shape):
            for junk in (*JUNK, ...):
                spoilt = copy.deepcopy(shape)
                within: Any = spoilt
                for name in path[:-1]:
                    within = within[name]
                if junk is ...:
                    del within[path[-1]]
                else:
                    within[path[-1]] = junk
                yield spoilt


@pytest.mark.holds("T-client-4")
async def test_misshapen_updates_stop_nobody(store: Store) -> None:
    bot = Bot(store)
    rosa, luz = await bot.enrolled(), await bot.enrolled(502)
    before = await state(store)
    spoilt = [{"update_id": 50_000 + number, **one} for number, one in enumerate(misshapen())]
    assert len(spoilt) > 400
    for start in range(0, len(spoilt), 100):
        assert await take_in(store.database, spoilt[start : start + 100], bot_id=BOT_ID) is not None
        while await bot.runner.take_letters():
            pass
    async with store.database.read() as tx:
        number = select(inbox.c.state, func.count()).where(inbox.c.update_id >= 50_000).group_by(inbox.c.state)
        states = dict(tuple(row) for row in await tx.run(number))
    assert sum(states.values()) == len(spoilt)
    assert set(states) <= {"done", "set_aside"}
    assert (await counted(store))[What.STRANGE] > 50
    assert [before[place] for place in (0, 1, 3, 4)] == [(await state(store))[place] for place in (0, 1, 3, 4)]
    assert await luz.say("hola") != []
    assert rosa is not luz


@pytest.mark.holds("T-client-4")
async def test_what_is_no_update_or_too_large_is_passed_over_and_counted(store: Store) -> None:
    bot = Bot(store)
    rosa = await bot.enrolled()
    deep: Any = []
    for _ in range(2_000):
        deep = [deep]
    large = update(90_001, 501, text="a" * MAX_BYTES)
    nested = update(90_002, 501, text="hola", entities=deep)
    sound = update(90_003, 501, text="hola")
    numbers = [{"update_id": number} for number in (None, True, -1, 1 << 64)]
    no_updates = [None, 7, "x", [], {}, *numbers]
    assert await take_in(store.database, [*no_updates, large, nested, sound], bot_id=BOT_ID) == 90_003
    assert await bot.settle(rosa) != []
    assert await take_in(store.database, no_updates, bot_id=BOT_ID) is None
    assert await counted(store) == {What.MALFORMED: 18, What.TOO_LARGE: 1, What.STRANGE: 1}


# --- words


@pytest.mark.holds("T-client-5")
@pytest.mark.parametrize("words", INJECTED)
async def test_what_is_injected_stays_words(store: Store, words: str) -> None:
    bot = Bot(store)
    rosa = await named(bot, words)
    lupe = await at_work(bot)
    await rosa.say(words)
    await rosa.send("document", file_id="f", file_name=f"{words}/../{words}.xlsx", caption=words)
    for label in ("Pasar",):
        if any(label in shown for shown in rosa.last.buttons):
            await rosa.tap(label)
    await lupe.say("/bandeja")
    if any(label for label in lupe.last.buttons if "Mensaje" in label):
        await lupe.tap("Mensaje")
        assert words.strip() in html.unescape(lupe.last.text)
    await lupe.say(f"/participantes {words}")
    await lupe.send("document", file_id="g", file_name=f"{words}.xlsx")
    assert await set_aside(store) == 0
    for shown in bot.shown:
        text = shown.call.params.get("text", shown.call.params.get("caption", ""))
        plain, entities = markup.read(text, shown.call.params.get("parse_mode"))  # refuses what Telegram would
        ours = [one for one in entities if one["type"] not in ("url", "bot_command")]
        assert not {plain[one["offset"] :][: one["length"]] for one in ours} & {"Rosa", "x"}


async def named(bot: Bot, words: str) -> Chat:
    """A woman who wants to be called so."""
    rosa = bot.chat()
    await rosa.start(await bot.invite(await bot.register("R-1", name=words)))
    await rosa.tap("Sí, puedo")
    await rosa.say(WORD)
    await rosa.accept()
    await rosa.say("todas")
    said = await rosa.say(words)
    if not any("A qué hora" in one for one in said):  # it is no name
        await rosa.say("Rosa")
    assert "A qué hora" in rosa.last.text
    said = await rosa.tap("En la mañana")
    assert any(" ".join(words.split()) in html.unescape(one) or "Rosa" in one for one in said)
    return rosa


# --- the counts


@pytest.mark.holds("T-client-7")
async def test_doctor_tells_what_was_turned_away(store: Store) -> None:
    bot = Bot(store)
    await bot.chat(STRANGER).tap_data("x")
    await bot.chat(STRANGER).start("made-up")
    for file in store.home.glob("hilo.sqlite3*"):
        file.chmod(0o600)
    operator = Operator(store.home, {"HILO_BOT_TOKEN": TOKEN})
    async with Simulator(token=TOKEN, now=store.clock).serve() as url:
        plain = await asyncio.to_thread(operator.types, "doctor", bot_api_url=url)
        told = await asyncio.to_thread(operator.types, "doctor", "--json", bot_api_url=url)
    assert "turned away so far: 1 forged_button, 1 unknown_link" in plain.stdout
    read = json.loads(told.stdout)
    assert read["turned_away"] == {"forged_button": 1, "unknown_link": 1}
    assert {line["state"] for line in read["checks"]} <= {"ok", "mind", "wrong"}
    assert PIN not in told.stdout
    assert staff is not None
