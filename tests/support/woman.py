"""A woman who answers on the simulator's phone, and what the store must hold once she is through.

* She looks at her phone as people do: she waits until there is a question that she has not answered yet, however often
  it was sent.
* A story is her answers together with the rows that must come of them, so that a test compares with what she meant.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from bot.demo.chats import Message
from bot.demo.phone import Phone
from bot.demo.simulator import Simulator

PATIENCE = 60.0
"""Seconds that she waits for the next question: far longer than a noisy machine needs."""

NOT_APPLICABLE, REFUSED = -66, -88
BACK, REFUSE, DONE, HELP = "⬅️ Atrás", "Prefiero no decir", "✅ Listo", "🙋 Ayuda"
THANKS = "Eso es todo por hoy"


@dataclass(frozen=True)
class Say:
    """She types."""

    text: str


@dataclass(frozen=True)
class Step:
    """What she does when a question containing `asked` is there: labels that she taps one by one, or what she types."""

    asked: str
    does: tuple[str | Say, ...]


@dataclass
class Woman:
    """One woman with her phone. `hasty` makes her tap twice, or elsewhere too, as impatient thumbs do."""

    simulator: Simulator
    phone: Phone
    hasty: Random | None = None
    answered: set[str] = field(default_factory=set)

    async def answer(self, *steps: Step) -> None:
        """Go through these steps, waiting for each question."""
        for step in steps:
            self.act(await self.question(step.asked), step)

    async def question(self, words: str) -> Message:
        """The message that asks so and that she has not answered yet. Raises TimeoutError."""
        return await self.simulator.wait_for(lambda: self._open_question(words), PATIENCE)

    async def told(self, words: str) -> Message:
        """The message that says so. Raises TimeoutError."""
        said = lambda: next((message for message in self.phone.messages if words in message.text), None)  # noqa: E731
        return await self.simulator.wait_for(said, PATIENCE)

    def act(self, message: Message, step: Step) -> None:
        """Do at once what the step says."""
        self.answered.add(_mark(message))
        for act in step.does:
            if isinstance(act, Say):
                self.phone.send(act.text)
            else:
                self._tap(message, act)

    def _tap(self, message: Message, label: str) -> None:
        buttons = [button for row in message.buttons for button in row if button.callback_data]
        data = next(button.callback_data for button in buttons if button.text == label)
        assert data is not None
        self.phone.tap(message.message_id, data, stale=True)  # by its data: the label may change while she looks
        if self.hasty is None:
            return
        if self.hasty.random() < 0.3:
            self.phone.tap(message.message_id, data, stale=True)
        if self.hasty.random() < 0.2 and "☐" not in label:
            harmless = [str(other.callback_data) for other in buttons if other.text != HELP]
            self.phone.tap(message.message_id, self.hasty.choice(harmless), stale=True)

    def _open_question(self, words: str) -> Message | None:
        asked = [m for m in self.phone.messages if m.sender == "bot" and m.buttons and words in m.text]
        unanswered = [message for message in asked if _mark(message) not in self.answered]
        if not unanswered:
            return None
        return unanswered[-1] if self.hasty is None else self.hasty.choice(unanswered)


def _mark(message: Message) -> str:
    """What all copies of one question have in common and nothing else has: session and sprint."""
    return str(message.buttons[0][0].callback_data).rpartition(".")[0]


@dataclass(frozen=True)
class Rows:
    """What the store holds of one check-in: (status, value) by variable, work kinds, pesos a month, cases, fate."""

    answers: dict[str, tuple[int, Any]]
    kinds: list[str]
    monthly: list[Decimal]
    cases: list[str]
    fate: str | None


@dataclass(frozen=True)
class Story:
    """What she does from the first message to the last, and the rows that must come of it."""

    steps: tuple[Step, ...]
    rows: Rows


WEEK = {
    "Sí, trabajé": "trabaje",
    "Tengo trabajo, pero no fui": "ausente",
    "No, busqué trabajo": "busque",
    "No trabajé": "no_trabaje",
}
KINDS = {"Por mi cuenta": "autoempleo", "Empresa que me presentó el equipo": "empresa_aliada", "Otro": "otro"}
AMOUNTS = {
    "mil quinientos a la quincena": ("1500", "quincena", "3000"),
    "$2,300 a la semana": ("2300", "semana", "10000.4"),
    "8 mil al mes": ("8000", "mes", "8000"),
}
SECURITY = {"Sí": "si", "No": "no"}
SUPPORT = {"Di apoyo": "di", "Recibí apoyo": "recibi", "Las dos cosas": "ambas", "Ninguna": "ninguna"}
NEEDS = {"Papeles": "papeles", "Trabajo": "trabajo", "Nada por ahora": "nada"}


class _Writer:
    """Makes up one story, question by question."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.steps = [Step("cinco minutos", ("Sí, ahora",))]
        self.answers: dict[str, tuple[int, Any]] = {}
        self.kinds: list[str] = []
        self.monthly: list[Decimal] = []

    def story(self) -> Story:
        works = self._week()
        helped = works or self._rescue()
        self.answers["ocupada"] = (0, "si" if helped else "no")
        if helped:
            self._work()
        if works:
            self._security()
        for variable in ("rescate", "tipos_trabajo", "ingreso", "seguro"):
            self.answers.setdefault(variable, (NOT_APPLICABLE, None))
        self._support()
        needs = self._needs()
        rows = Rows(self.answers, self.kinds, self.monthly, [] if needs == ["nada"] else ["ayuda"], "completed")
        return Story(tuple(self.steps), rows)

    def _choose(self, asked: str, choices: dict[str, str]) -> str:
        label = self.chance.choice(list(choices))
        self.steps.append(Step(asked, (label,)))
        return choices[label]

    def _week(self) -> bool:
        value = self._choose("trabajaste aunque fuera", WEEK)
        works = value in ("trabaje", "ausente")
        self.answers |= {"trabajo_semana": (0, value), "con_trabajo": (0, "si" if works else "no")}
        return works

    def _rescue(self) -> bool:
        value = self._choose("vendiste algo", {"Sí": "si", "No": "no"})
        self.answers["rescate"] = (0, value)
        return value == "si"

    def _mark(self, asked: str, labels: list[str], *, choices: dict[str, str]) -> list[str]:
        self.steps.append(Step(asked, (*(f"☐ {label}" for label in labels), DONE)))
        return [name for label, name in choices.items() if label in labels]

    def _work(self) -> None:
        labels = self.chance.sample(list(KINDS), self.chance.randint(1, 3))
        self.kinds = self._mark("¿De qué tipo fue?", labels, choices=KINDS)
        self.answers["tipos_trabajo"] = (0, self.kinds)
        self._income()

    def _income(self) -> None:
        if self.chance.random() < 0.3:  # she answers, and goes back
            self._amount(self.chance.choice(list(AMOUNTS)))
            following = "IMSS" if self.answers["con_trabajo"] == (0, "si") else "apoyo de tu familia"
            self.steps.append(Step(following, (BACK,)))
        if self.chance.random() < 0.2:
            self.steps.append(Step("¿Cuánto te quedó", (REFUSE,)))
            self.answers["ingreso"] = (REFUSED, None)
            return
        said = self.chance.choice(list(AMOUNTS))
        self._amount(said)
        amount, period, monthly = AMOUNTS[said]
        self.answers["ingreso"] = (0, {"money": amount, "period": period, "high": None, "days": None})
        self.monthly = [Decimal(monthly)]

    def _amount(self, said: str) -> None:
        self.steps += [Step("¿Cuánto te quedó", (Say(said),)), Step("¿Está bien así?", ("Sí, así es",))]

    def _security(self) -> None:
        self.answers["seguro"] = (0, self._choose("IMSS", SECURITY))

    def _support(self) -> None:
        value = self._choose("apoyo de tu familia", SUPPORT)
        gave, got = value in ("di", "ambas"), value in ("recibi", "ambas")
        self.answers["apoyo"] = (0, value)
        self.answers |= {"dio_apoyo": (0, "si" if gave else "no"), "recibio_apoyo": (0, "si" if got else "no")}

    def _needs(self) -> list[str]:
        needs = self._mark("¿Necesitas algo?", [self.chance.choice(list(NEEDS))], choices=NEEDS)
        self.answers["necesita"] = (0, needs)
        return needs


def made_up(chance: Random) -> Story:
    """One way through `seguimiento`, the same for the same chance."""
    return _Writer(chance).story()


def stored(database: Path, point: str, lane: str = "%") -> Rows:
    """What the store holds of this point's check-in (of the woman in this lane), read past all of our own code."""
    whose = "select c.id, c.fate from checkins c join accounts a using (participant_id) where point = ? and lane like ?"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as rows:
        ((checkin, fate),) = rows.execute(whose, (point, lane))
        valid = "select variable, status, value from answers where checkin_id = ? and replaced_at is null"
        work = "select kind from employments where checkin_id = ? order by rowid"
        pay = "select monthly from incomes where checkin_id = ?"
        asked = "select kind from cases where checkin_id = ? order by kind"
        return Rows(
            {name: (status, value and json.loads(value)) for name, status, value in rows.execute(valid, (checkin,))},
            [kind for (kind,) in rows.execute(work, (checkin,))],
            [Decimal(str(monthly)) for (monthly,) in rows.execute(pay, (checkin,))],
            [kind for (kind,) in rows.execute(asked, (checkin,))],
            fate,
        )
