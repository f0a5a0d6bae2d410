"""`hilo run` as a process, killed where it hurts: the conversation goes on, no answer is lost, one message may repeat.

Telegram is the simulator over HTTP; answers are read back from SQLite, past all of our own code.
"""

import asyncio
from collections import Counter
from random import Random

from bot.demo.faults import Fault
from bot.demo.simulator import Simulator
from tests.support.process import Installation, enrolled_home, her_phone, installation, telegram
from tests.support.woman import DONE, NO_CHORE, NO_NEED, PATIENCE, Step, made_up, stored

__all__ = ["enrolled_home", "installation"]

FOR_EVER = 600.0
HELD_UP = 2.0
"""Far longer than it takes to see the answer in the store, and soon over for whoever sends after the crash."""

SEED = 20_260_302
KILLS = 4

BEGIN = Step("cinco minutos", ("Sí, ahora",))
NEEDS_NOTHING = Step("Necesitas algo hoy", (f"☐ {NO_NEED}", DONE))
IDLE = Step("trabajaste aunque fuera", ("Por ahora no puedo",))
SOLD_NOTHING = Step("hiciste algo de esto", (f"☐ {NO_CHORE}", DONE))
FAMILY = "apoyo a tu familia"

SOLD_AND_WORKED_NOTHING = {
    "necesita": (0, ["nada"]),
    "trabajo_semana": (0, "no_puedo"),
    "con_trabajo": (0, "no"),
    "rescate": (0, ["nada"]),
    "ocupada": (0, "no"),
    "busca_trabajo": (0, "no"),
    "puede_empezar": (0, "no"),
}
"""What the store holds once these have been answered, and the question about the family is open."""


def repeated(simulator: Simulator) -> int:
    """How many messages were sent more than once: copies are equal in text and in what their buttons carry."""
    sent = (call.params for call in simulator.calls if call.method == "sendMessage")
    copies = Counter(f"{params['text']}{params.get('reply_markup')}" for params in sent)
    return sum(number - 1 for number in copies.values())


async def test_killed_after_the_answer_and_before_the_question(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        async with installation.running(url) as bot:
            await woman.answer(BEGIN, NEEDS_NOTHING)
            question = await woman.question(IDLE.asked)
            simulator.fail_next("sendMessage", Fault(delay=HELD_UP))  # the next question does not get through
            woman.act(question, IDLE)
            answered = "select count(*) from answers where variable = 'trabajo_semana'"
            await bot.waits_for(lambda: installation.query(answered) == [(1,)])
            await bot.kill()
        assert stored(installation.database, "m1").answers["trabajo_semana"] == (0, "no_puedo")
        async with installation.running(url):
            await woman.answer(SOLD_NOTHING)
            await woman.question(FAMILY)
    assert stored(installation.database, "m1").answers == SOLD_AND_WORKED_NOTHING
    assert repeated(simulator) == 0


async def test_killed_when_the_question_has_arrived_and_nobody_knows(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        async with installation.running(url) as bot:
            await woman.answer(BEGIN, NEEDS_NOTHING)
            question = await woman.question(IDLE.asked)
            simulator.fail_next("sendMessage", Fault(applied=True, delay=FOR_EVER))
            woman.act(question, IDLE)
            await woman.question(SOLD_NOTHING.asked)  # she sees it, and the bot does not hear so
            await bot.kill()
        assert not installation.is_idle()
        async with installation.running(url) as bot:
            await simulator.wait_for(lambda: repeated(simulator), PATIENCE)
            await woman.answer(SOLD_NOTHING)
            await woman.question(FAMILY)
    assert stored(installation.database, "m1").answers == SOLD_AND_WORKED_NOTHING
    assert repeated(simulator) == 1
    assert installation.is_idle()


async def test_killed_before_the_update_was_stored(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        async with installation.running(url) as bot:
            await woman.answer(BEGIN, NEEDS_NOTHING)
            question = await woman.question(IDLE.asked)
            await simulator.wait_for(lambda: not simulator.updates_waiting, PATIENCE)  # it has begun to poll again
            simulator.fail_next("getUpdates", Fault(applied=True, delay=FOR_EVER))  # handed over, and never arrives
            woman.act(question, IDLE)
            await woman.question(SOLD_NOTHING.asked)
            await bot.waits_for(installation.is_idle)  # it knows, too, that she sees the question
            woman.phone.send(NO_CHORE)
            await simulator.wait_for(lambda: "message" in simulator.updates_handed[-1], PATIENCE)
            await bot.kill()
        async with installation.running(url):
            await woman.question(FAMILY)
    assert stored(installation.database, "m1").answers == SOLD_AND_WORKED_NOTHING
    assert repeated(simulator) == 0


async def test_killed_again_and_again(installation: Installation) -> None:
    print(f"seed {SEED}")
    chance = Random(SEED)
    story = made_up(chance)
    moments = sorted(chance.sample(range(len(story.steps)), KILLS))
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        begun = 0
        for moment in (*moments, len(story.steps)):
            async with installation.running(url) as bot:
                await woman.answer(*story.steps[begun:moment])
                begun = moment
                if moment == len(story.steps):
                    await woman.told(story.ending)
                else:
                    woman.act(await woman.question(story.steps[moment].asked), story.steps[moment])
                    begun += 1
                    await asyncio.sleep(chance.random() * 0.1)  # somewhere between her answer and the next question
                    await bot.kill()
    assert stored(installation.database, "m1") == story.rows
    assert repeated(simulator) <= len(moments)
    assert installation.is_idle()
