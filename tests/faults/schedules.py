"""What goes wrong between the bot and Telegram on one evening, drawn from a seed.

* A fault stands for a network or a Telegram that people have met: a refusal, a broken answer, a line that goes dead.
* Whether a call was carried out is known here, and only here: copies are counted against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from bot.demo.faults import Fault
from bot.demo.simulator import Simulator

NONE = Fault()
SLOW = Fault(delay=0.3)
REFUSALS = (Fault(429, retry_after=1), Fault(500), Fault(502, "Bad Gateway"), Fault(drop=True))
UNKNOWN = (Fault(500, applied=True), Fault(drop=True, applied=True))
"""Carried out, and the bot is told that they were not, or nothing at all."""

SILENCE = (Fault(delay=11.0), Fault(delay=11.0, applied=True))
"""Longer than the bot listens for an answer; taken sparingly, since it takes real time."""

CHANGING = ("editMessageText", "editMessageReplyMarkup", "deleteMessages", "answerCallbackQuery")
SENDS, OTHERS, POLLS = 18, 24, 12
"""So many first calls of a method may go wrong: of messages, fewer than any evening has."""


@dataclass(frozen=True)
class Schedule:
    """The faults of one evening by method, in the order of the calls that they hit."""

    faults: dict[str, list[Fault]]

    def ask(self, simulator: Simulator) -> None:
        """Let all this happen."""
        for method, faults in self.faults.items():
            for fault in faults:
                simulator.fail_next(method, fault)

    @property
    def unknown_sends(self) -> int:
        """How many messages arrive without the bot's knowing so; each of them comes once more."""
        return sum(fault.applied for fault in self.faults["sendMessage"])


def drawn(chance: Random, *, silence: bool) -> Schedule:
    """A schedule; with `silence`, one of its messages meets a line that goes dead."""
    sends = _some(chance, (*REFUSALS, *UNKNOWN, SLOW), calls=SENDS, often=0.4)
    if silence:
        sends[chance.randrange(SENDS)] = chance.choice(SILENCE)
    changes = {method: _some(chance, (*REFUSALS, *UNKNOWN), calls=OTHERS, often=0.08) for method in CHANGING}
    broken = (Fault(500), Fault(drop=True), Fault(drop=True, applied=True))
    polls = [NONE, *_some(chance, broken, calls=POLLS, often=0.1)]
    return Schedule({"sendMessage": sends, **changes, "getUpdates": polls})


def _some(chance: Random, kinds: tuple[Fault, ...], *, calls: int, often: float) -> list[Fault]:
    return [chance.choice(kinds) if chance.random() < often else NONE for _ in range(calls)]
