"""`hilo run` as a process, killed where it hurts: the conversation goes on, nothing is lost, at most one message comes twice.

Telegram is the simulator over HTTP; answers are read back from SQLite, past all of our own code.
"""

import asyncio
from collections import Counter
from random import Random

import pytest

from bot.demo.faults import Fault
from bot.demo.simulator import Simulator
from tests.support.process import Installation, enrolled_home, her_phone, installation, telegram
from tests.support.woman import THANKS, Step, made_up, stored

__all__ = ["enrolled_home", "installation"]

FOR_EVER = 600.0
SEED = 20_260_302

BEGIN = Step("cinco minutos", ("Sí, ahora",))
IDLE = Step("trabajaste aunque fuera", ("No trabajé",))
SOLD_NOTHING = Step("vendiste algo", ("No",))
FAMILY = Step("apoyo de tu familia", ("Ninguna",))
NOTHING = Step("¿Necesitas algo?", ("☐ Nada por ahora", "✅ Listo"))
SHORT = (BEGIN, IDLE, SOLD_NOTHING, FAMILY, NOTHING)
"""The shortest way through `seguimiento`."""

NOTHING_WORKED = {
    **dict.fromkeys(("con_trabajo", "rescate", "ocupada", "dio_apoyo", "recibio_apoyo"), (0, "no")),
    **dict.fromkeys(("tipos_trabajo", "ingreso", "seguro"), (-66, None)),
    "trabajo_semana": (0, "no_trabaje"),
    "apoyo": (0, "ninguna"),
    "necesita": (0, ["nada"]),
}


def repeated(simulator: Simulator) -> int:
    """How many messages were sent more than once: copies are equal in text and in what their buttons carry."""
    sent = Counter(f"{c.params['text']}{c.params.get('reply_markup')}" for c in simulator.calls if c.method == "sendMessage")
    return sum(copies - 1 for copies in sent.values())


def nothing_in_hand(installation: Installation) -> bool:
    """Whether no message is on its way and no update waits."""
    claimed = installation.query("select count(*) from outbox where state = 'claimed'")
    waiting = installation.query("select count(*) from inbox where state = 'waiting'")
    return claimed + waiting == [(0,), (0,)]


async def test_killed_after_the_answer_and_before_the_question(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        async with installation.running(url) as bot:
            await woman.answer(BEGIN)
            question = await woman.question(IDLE.asked)
            simulator.fail_next("sendMessage", Fault(delay=FOR_EVER))  # the next question does not get through
            woman.act(question, IDLE)
            answered = "select count(*) from answers where variable = 'trabajo_semana'"
            await bot.waits_for(lambda: installation.query(answered) == [(1,)])
            await bot.kill()
        assert stored(installation.database, "m1").answers["trabajo_semana"] == (0, "no_trabaje")
        async with installation.running(url):
            await woman.answer(SOLD_NOTHING, FAMILY, NOTHING)
            await woman.told(THANKS)
    assert stored(installation.database, "m1").answers == NOTHING_WORKED
    assert repeated(simulator) == 0


async def test_killed_when_the_question_has_arrived_and_nobody_knows(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        async with installation.running(url) as bot:
            await woman.answer(BEGIN)
            question = await woman.question(IDLE.asked)
            simulator.fail_next("sendMessage", Fault(applied=True, delay=FOR_EVER))
            woman.act(question, IDLE)
            await woman.question(SOLD_NOTHING.asked)  # she sees it, and the bot does not hear so
            await bot.kill()
        assert not nothing_in_hand(installation)
        async with installation.running(url) as bot:
            await simulator.wait_for(lambda: repeated(simulator), 60)
            await woman.answer(SOLD_NOTHING, FAMILY, NOTHING)
            await woman.told(THANKS)
    assert stored(installation.database, "m1").answers == NOTHING_WORKED
    assert repeated(simulator) == 1
    assert nothing_in_hand(installation)


async def test_killed_before_the_update_was_stored(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        async with installation.running(url) as bot:
            await woman.answer(BEGIN)
            question = await woman.question(IDLE.asked)
            simulator.fail_next("getUpdates", Fault(applied=True, delay=FOR_EVER))  # handed over, and never arrives
            woman.act(question, IDLE)
            await woman.question(SOLD_NOTHING.asked)
            woman.phone.send("no")
            await simulator.wait_for(lambda: simulator.updates_handed[-1]["message"]["text"] == "no", 60)
            await bot.kill()
        async with installation.running(url):
            await woman.answer(FAMILY, NOTHING)
            await woman.told(THANKS)
    assert stored(installation.database, "m1").answers == NOTHING_WORKED
    assert repeated(simulator) == 0


@pytest.mark.parametrize("seed", [SEED, SEED + 1])
async def test_killed_again_and_again(installation: Installation, seed: int) -> None:
    print(f"seed {seed}")
    chance = Random(seed)
    story = made_up(chance)
    moments = sorted(chance.sample(range(len(story.steps)), 3))
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        begun = 0
        for moment in (*moments, len(story.steps)):
            async with installation.running(url) as bot:
                await woman.answer(*story.steps[begun:moment])
                begun = moment
                if moment == len(story.steps):
                    await woman.told(THANKS)
                else:
                    woman.act(await woman.question(story.steps[moment].asked), story.steps[moment])
                    begun += 1
                    await asyncio.sleep(chance.random() * 0.1)  # somewhere between her answer and the next question
                    await bot.kill()
    assert stored(installation.database, "m1") == story.rows
    assert repeated(simulator) <= len(moments)
    assert nothing_in_hand(installation)
