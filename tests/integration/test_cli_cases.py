"""What women ask of staff, from the word in the chat to the commands that attend to it; and who is told meanwhile."""

import asyncio

import pytest
from sqlalchemy import func, select

from bot.demo.simulator import Simulator
from scheduler.enrolment import enrol
from storage import audit
from storage.imports.participants import ParticipantRow
from storage.members import Role
from storage.schema import audit as trail
from storage.schema import cases, detections, outbox
from tests.support.chat import Bot
from tests.support.danger import DYING, agreed
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.staff import rows
from tests.support.world import HeldClock, Store

TOKEN = "4242:una-palabra"


@pytest.fixture
def bot(store: Store) -> Bot:
    """The bot at work on the operator's store."""
    return Bot(store)


@pytest.fixture
def operator(store: Store) -> Operator:
    """Somebody at the store's command line."""
    return Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS})


async def actions(store: Store) -> list[tuple[str, str | None]]:
    async with store.database.read() as tx:
        assert await audit.verify(tx) is None
        return [(row.action, row.detail) for row in await tx.run(select(trail).order_by(trail.c.number))]


async def arrives(bot: Bot) -> None:
    """What the commands have posted, by the clock of this machine, leaves."""
    async with bot.store.database.read() as tx:
        bot.store.clock.at = (await tx.run(select(func.max(outbox.c.ready_at)))).scalar_one()
    await bot.settle()


async def test_who_asked_is_listed_shown_and_closed(store: Store, bot: Bot, operator: Operator) -> None:
    rosa = await bot.enrolled()
    await rosa.say("ayuda")
    store.clock.advance(hours=1)
    luz = ParticipantRow(line=2, record_id="R-2", name="Luz Ejemplo", zone="America/Tijuana")
    async with store.database.transact() as tx:
        await enrol(tx, [luz], plans=bot.plans)

    listed = await asyncio.to_thread(operator.read, "cases", "list")
    assert [(case["record_id"], case["kind"]) for case in listed] == [("R-501", "ayuda"), ("R-2", "fecha_de_salida")]
    assert (listed[0]["opened_at"][:16], listed[0]["due_at"][:16]) == ("2026-03-02T16:00", "2026-03-03T16:00")
    said = await asyncio.to_thread(operator.done, "cases", "list")
    assert said.splitlines() == [
        "R-501\tayuda\topen\topened 2026-03-02 10:00-06:00\tdue 2026-03-03 10:00-06:00",
        "R-2\tfecha_de_salida\topen\topened 2026-03-02 09:00-08:00\tdue 2026-03-03 09:00-08:00",
    ]
    shown = await asyncio.to_thread(operator.read, "participants", "show", "R-501")
    assert [case["kind"] for case in shown["cases"]] == ["ayuda"]
    assert "open case\tayuda" in await asyncio.to_thread(operator.done, "participants", "show", "R-501")

    await asyncio.to_thread(operator.done, "cases", "close", "r-501", "--kind", "ayuda")
    assert [case["kind"] for case in await asyncio.to_thread(operator.read, "cases", "list")] == ["fecha_de_salida"]
    assert (await asyncio.to_thread(operator.read, "participants", "show", "R-501"))["cases"] == []
    assert [act for act in await actions(store) if act != ("card_read", None)][-1] == ("case_closed", "ayuda")


async def test_only_an_open_case_can_be_closed(store: Store, bot: Bot, operator: Operator) -> None:
    rosa = await bot.enrolled()
    close = ("cases", "close", "R-501", "--kind", "ayuda")
    assert "R-501 has no case ayuda" in await asyncio.to_thread(operator.refused, *close)
    await rosa.say("ayuda")
    await asyncio.to_thread(operator.done, *close)
    assert "has no case" in await asyncio.to_thread(operator.refused, *close)
    assert "nobody is registered" in await asyncio.to_thread(operator.refused, "cases", "close", "R-9", *close[3:])
    assert [action for action, _ in await actions(store)].count("case_closed") == 1
    await rosa.say("ayuda")
    assert len(await asyncio.to_thread(operator.read, "cases", "list")) == 1


async def test_a_crisis_is_closed_with_a_word_on_whether_it_was_one(bot: Bot, operator: Operator) -> None:
    rosa = await agreed(bot)
    await rosa.say(DYING)
    close = ("cases", "close", "R-501", "--kind")
    assert "--found" in await asyncio.to_thread(operator.refused, *close, "crisis")
    assert "nothing was found" in await asyncio.to_thread(operator.refused, *close, "ayuda", "--found", "false")
    await asyncio.to_thread(operator.done, *close, "crisis", "--found", "false")
    (one,) = await rows(bot, detections)
    assert (one.verdict, one.judged_by) == ("false", None)
    found = await asyncio.to_thread(operator.read, "cases", "detections")
    assert {phrase["false"] for phrase in found} == {1}


async def test_whoever_asks_again_is_told_of_again_and_has_one_case(bot: Bot, operator: Operator) -> None:
    rosa, lupe = await bot.enrolled(), bot.chat(900)
    await lupe.start(await bot.invite_staff(role=Role.COORDINATOR))
    for asked in (1, 2):
        await rosa.say("ayuda")
        told = [one for one in bot.shown if one.chat_id == 900 and "espera" in one.call.params.get("text", "")]
        assert len(told) == asked
    assert len(await asyncio.to_thread(operator.read, "cases", "list")) == 1


async def test_a_case_that_is_attended_to_is_on_its_way_and_still_listed(
    store: Store, bot: Bot, operator: Operator
) -> None:
    rosa = await bot.enrolled()
    await rosa.say("ayuda")
    attend = ("cases", "attend", "R-501", "--kind", "ayuda")
    assert await asyncio.to_thread(operator.done, *attend) == "on its way: ayuda of R-501\n"
    assert "has no case ayuda" in await asyncio.to_thread(operator.refused, *attend)
    assert [case["state"] for case in await asyncio.to_thread(operator.read, "cases", "list")] == ["on_its_way"]
    shown = await asyncio.to_thread(operator.read, "participants", "show", "R-501")
    assert [case["state"] for case in shown["cases"]] == ["on_its_way"]
    await arrives(bot)
    assert rosa.last.text == "Lo que pediste va en camino."
    await asyncio.to_thread(operator.done, "cases", "close", "R-501", "--kind", "ayuda")
    await arrives(bot)
    assert rosa.last.text.startswith("Lo que pediste ya quedó.")
    done = [("case_attended", "ayuda"), ("card_read", None), ("case_closed", "ayuda")]
    assert (await actions(store))[-3:] == done


async def test_her_words_are_shown_only_on_request_and_that_is_written_down(
    store: Store, bot: Bot, operator: Operator
) -> None:
    rosa = await bot.enrolled()
    for said in ("me cambié\nde casa", "el teléfono es\x1b[2J el mismo"):
        await rosa.say(said)
    await rosa.send("photo")
    await rosa.tap("Pasar este mensaje")
    before = await actions(store)
    assert "casa" not in await asyncio.to_thread(operator.done, "cases", "list")
    assert "words" not in (await asyncio.to_thread(operator.read, "cases", "list"))[0]
    assert await actions(store) == before

    assert (await asyncio.to_thread(operator.done, "cases", "list", "--words")).splitlines() == [
        "R-501\tmensaje\topen\topened 2026-03-02 10:00-06:00\tdue 2026-03-03 10:00-06:00",
        "\t2026-03-02 10:00-06:00\tme cambié de casa",
        "\t2026-03-02 10:00-06:00\tel teléfono es [2J el mismo",
        "\t2026-03-02 10:00-06:00\t(photo)",
    ]
    (read,) = await asyncio.to_thread(operator.read, "cases", "list", "--words")
    assert [(words["text"], words["kind"]) for words in read["words"]][::2] == [
        ("me cambié\nde casa", "text"),
        ("", "photo"),
    ]
    assert await actions(store) == [*before, ("case_read", "mensaje"), ("case_read", "mensaje")]
    for file in store.home.glob("hilo.sqlite3*"):
        assert "cambié".encode() not in file.read_bytes()


async def test_doctor_says_whether_anybody_is_told(store: Store, bot: Bot, operator: Operator) -> None:
    warning = "MIND   nobody is told when a woman asks for help: run hilo invite staff"
    (store.home / "hilo.sqlite3").chmod(0o600)
    async with Simulator(token=TOKEN, now=HeldClock()).serve() as url:
        settings = {"bot_token": TOKEN, "bot_api_url": url}
        token = await bot.invite_staff(role=Role.COORDINATOR)
        assert warning in await asyncio.to_thread(operator.done, "doctor", **settings)
        await bot.chat(900).start(token)
        assert "ok     staff are told" in await asyncio.to_thread(operator.done, "doctor", **settings)
        await bot.chat(900).block()
        assert warning in await asyncio.to_thread(operator.done, "doctor", **settings)


async def test_staff_answer_note_and_pass_on_from_the_command_line(store: Store, bot: Bot, operator: Operator) -> None:
    rosa, lupe = await bot.enrolled(), bot.chat(900)
    await lupe.start(await bot.invite_staff("Lupe Prueba"))
    await rosa.say("ayuda")
    case = ("R-501", "--kind", "ayuda")
    assert "no case mensaje" in await asyncio.to_thread(
        operator.refused, "cases", "note", case[0], "x", "--kind", "mensaje"
    )
    assert "noted" in await asyncio.to_thread(operator.done, "cases", "note", case[0], "prefiere la tarde", *case[1:])
    assert "has that name" in await asyncio.to_thread(operator.refused, "cases", "give", *case, "--to", "Nadie")
    give = ("cases", "give", *case, "--to", "lupe prueba")
    await lupe.block()
    assert "name somebody who is there" in await asyncio.to_thread(operator.refused, *give)
    await lupe.block(blocked=False)
    await asyncio.to_thread(operator.done, *give)
    assert "that member's already" in await asyncio.to_thread(operator.refused, *give)
    said = await asyncio.to_thread(operator.done, "cases", "reply", case[0], "Hola {nombre}, mañana.", *case[1:])
    assert "30 seconds" in said
    await arrives(bot)
    assert lupe.last.text == "Te pasaron un caso."
    await rosa.tap("Abrir")
    assert rosa.last.text == "Hola Rosa, mañana."
    assert "3501 characters" in await asyncio.to_thread(
        operator.refused, "cases", "reply", case[0], "x" * 3501, *case[1:]
    )
    told = [action for action, _ in await actions(store)]
    assert told[-3:] == ["case_noted", "case_given", "case_answered"]
    await asyncio.to_thread(operator.done, "cases", "close", *case, "--outcome", "referred")
    async with store.database.read() as tx:
        assert (await tx.run(select(cases.c.outcome))).scalar_one() == "referred"


async def test_ready_answers_are_kept_from_the_command_line(operator: Operator, store: Store) -> None:
    for words in ("De 9 a 5.", "De 9 a 6, {nombre}."):
        await asyncio.to_thread(operator.done, "cases", "answer-add", "Horario", words)
    listed = await asyncio.to_thread(operator.read, "cases", "answers")
    assert listed == [{"title": "Horario", "words": "De 9 a 6, {nombre}."}]
    assert "1 to 40" in await asyncio.to_thread(operator.refused, "cases", "answer-add", "x" * 41, "x")
    await asyncio.to_thread(operator.done, "cases", "answer-remove", "Horario")
    assert await asyncio.to_thread(operator.done, "cases", "answers") == ""
    assert "no ready answer" in await asyncio.to_thread(operator.refused, "cases", "answer-remove", "Horario")


async def test_somebody_who_is_there_stands_in_for_another(store: Store, bot: Bot, operator: Operator) -> None:
    for chat_id, name in ((900, "Lupe Prueba"), (901, "Maya Prueba"), (902, "Eva Prueba")):
        await bot.chat(chat_id).start(await bot.invite_staff(name))
    await bot.chat(902).block()
    cover = ("cases", "cover", "Lupe Prueba", "--until", "2999-03-09", "--by")
    assert "there" in await asyncio.to_thread(operator.refused, *cover, "Eva Prueba")
    assert "herself" in await asyncio.to_thread(operator.refused, *cover, "Lupe Prueba")
    over = [one.replace("2999", "2001") for one in cover]
    assert "2001-03-09 is over" in await asyncio.to_thread(operator.refused, *over, "Maya Prueba")
    assert "covered until 2999-03-09" in await asyncio.to_thread(operator.done, *cover, "Maya Prueba")
    assert (await actions(store))[-1][0] == "away"
    away = ("cases", "cover", "Maya Prueba", "--until", "2999-03-09", "--by", "Lupe Prueba")
    assert "away" in await asyncio.to_thread(operator.refused, *away)
