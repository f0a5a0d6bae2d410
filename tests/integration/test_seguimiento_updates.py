"""`seguimiento` is short: at most a dozen taps and messages of hers, and one message of the bot's for a question.

Counted from what went over the wire between the simulator and the real bot process.
"""

from collections import Counter
from statistics import median

import pytest

from tests.support.process import Installation, enrolled_home, her_phone, installation, telegram
from tests.support.woman import DONE, NO_CHORE, NO_NEED, THANKS, Say, Step, stored

__all__ = ["enrolled_home", "installation"]

MOST_UPDATES = 12
QUESTIONS = 6

BEGIN = Step("cinco minutos", ("Sí, ahora",))
NEEDS_NOTHING = Step("Necesitas algo hoy", (f"☐ {NO_NEED}", DONE))
FAMILY = Step("apoyo a tu familia", ("Las dos cosas",))

ON_HER_OWN_ACCOUNT = (
    BEGIN,
    NEEDS_NOTHING,
    Step("trabajaste aunque fuera", ("Sí, trabajé",)),
    Step("Qué tipo de trabajo es", ("☐ Por mi cuenta", DONE)),
    Step("¿Cuánto te quedó", (Say("mil quinientos a la quincena"),)),
    Step("¿verdad?", ("Sí, así es",)),
    Step("por tu cuenta", ("Trabajo sola o con ayuda",)),
    FAMILY,
)
WITHOUT_WORK = (
    BEGIN,
    NEEDS_NOTHING,
    Step("trabajaste aunque fuera", ("No, no trabajé",)),
    Step("hiciste algo de esto", (f"☐ {NO_CHORE}", DONE)),
    Step("¿buscaste trabajo?", ("Sí",)),
    Step("podrías empezar", ("Sí",)),
    FAMILY,
)


@pytest.mark.parametrize(
    ("steps", "work"),
    [
        (ON_HER_OWN_ACCOUNT, ("autoempleo", "ocupada", "cuenta_propia", None)),
        (WITHOUT_WORK, ("sin_trabajo", "desocupada", None, None)),
    ],
    ids=["own_account", "no_work"],
)
async def test_a_dozen_updates_and_a_message_a_question(
    installation: Installation, steps: tuple[Step, ...], work: tuple[str | None, ...]
) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url, installation.running(url) as bot:
        woman = her_phone(simulator)
        await woman.answer(*steps)
        await woman.told(THANKS)
        await bot.waits_for(lambda: installation.is_idle() and not simulator.updates_waiting)
    handed = {update["update_id"]: update for update in simulator.updates_handed}
    sent = [call.params["text"] for call in simulator.calls if call.method.startswith("send")]
    (first,) = (at for at, text in enumerate(sent) if NEEDS_NOTHING.asked in text)
    (last,) = (at for at, text in enumerate(sent) if THANKS in text)
    a_question = sent_by_question(sent[first:last])
    print(f"{len(handed)} updates from her tap to the summary; messages by question: {a_question}")
    assert len(handed) <= MOST_UPDATES
    assert len(handed) == sum(len(step.does) for step in steps), "all that she did, from the tap on the invitation"
    assert len(a_question) == QUESTIONS
    assert median(a_question) == 1
    assert stored(installation.database, "m1").work == [work]


def sent_by_question(sent: list[str]) -> list[int]:
    """How many messages each question took: the one that asks it, and all that follow until the next one is asked."""
    question, messages = 0, Counter[int]()
    for text in sent:
        question += f"{question + 1} de {QUESTIONS}" in text.splitlines()[0]
        messages[question] += 1
    return list(messages.values())
