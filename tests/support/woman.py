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
THANKS, CORRECTED, AS_NOTED = "Eso es todo por hoy", "Ahora quedó así", "Así lo tengo anotado"
"""How the summary begins: at the end, once she has corrected something, and once she has not."""


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


Work = tuple[str, str | None, str | None, str | None]
"""A row of her work: kind, status, position, social security."""


@dataclass(frozen=True)
class Rows:
    """What the store holds of one check-in: (status, value) by variable, work, pesos a month, cases, fate."""

    answers: dict[str, tuple[int, Any]]
    work: list[Work]
    monthly: list[Decimal]
    cases: list[str]
    fate: str | None


@dataclass(frozen=True)
class Story:
    """What she does from the first message to the last, what she then reads, and the rows that must come of it."""

    steps: tuple[Step, ...]
    ending: str
    rows: Rows


NO_NEED = "No necesito nada por ahora"
NEEDS = {
    "Papeles": "papeles",
    "Dónde vivir": "lugar",
    "Trabajo": "trabajo",
    "Comida o ropa": "comida",
    "Platicar con alguien": "platicar",
    "Otra cosa": "otra",
    NO_NEED: "nada",
}
WEEK = {
    "Sí, trabajé": "trabaje",
    "Tengo trabajo, pero no fui": "ausente",
    "Busqué trabajo": "busque",
    "Estudio": "estudio",
    "Atendí mi casa": "casa",
    "Estoy pensionada": "pensionada",
    "Por ahora no puedo": "no_puedo",
    "No, no trabajé": "no_trabaje",
}
NO_CHORE = "No, nada de eso"
CHORES = {
    "Vendí algo o hice un servicio": "autoempleo",
    "Hice piezas para el taller": "produccion_la_cana",
    "Le ayudé a alguien y me pagó": "con_patron",
    "Ayudé sin paga en un negocio": "ayuda_sin_pago",
    NO_CHORE: "nada",
}
KINDS = {
    "Por mi cuenta": "autoempleo",
    "Tejo o hago piezas para el taller": "produccion_la_cana",
    "Con patrón o empresa": "con_patron",
    "Empresa que me presentó el equipo": "empresa_aliada",
    "Ayudo sin paga en un negocio": "ayuda_sin_pago",
    "Otro": "otro",
}
AMOUNTS = {
    "mil quinientos a la quincena": ("1500", None, "quincena", "3000"),
    "$2,300 a la semana": ("2300", None, "semana", "10000.4"),
    "8 mil al mes": ("8000", None, "mes", "8000"),
    "entre 500 y 700 a la semana": ("500", "700", "semana", "2608.8"),
}
SECURITY = {"Sí": "si", "No": "no", "No sé": "no_se"}
POSITION = {"Trabajo sola o con ayuda": "cuenta_propia", "Le pago a alguien más": "empleadora"}
YES_NO = {"Sí": "si", "No": "no"}
SUPPORT = {"Yo di apoyo": "di", "Me dieron apoyo": "recibi", "Las dos cosas": "ambas", "No, ninguna": "ninguna"}

FOR_PAY = ("con_patron", "empresa_aliada", "produccion_la_cana")
INSURABLE = (*FOR_PAY, "otro")
EXTERNAL = {"si": "empleo_externo_formal", "no": "empleo_externo_informal"}
IN_SUMMARY = "Apoyo"

ANSWERS = (
    *("necesita", "trabajo_semana", "con_trabajo", "rescate", "ocupada", "tipos_trabajo", "tipos", "ingreso"),
    *("para_otros", "seguro", "posicion", "busqueda", "busca_trabajo", "disponible", "puede_empezar"),
    *("apoyo", "dio_apoyo", "recibio_apoyo"),
)


class _Writer:
    """Makes up one story, question by question; what she would rather not say is left out of all that follows."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.steps = [Step("cinco minutos", ("Sí, ahora",))]
        self.answers: dict[str, tuple[int, Any]] = {}
        self.monthly: list[Decimal] = []
        self.kinds: list[str] = []

    def story(self) -> Story:
        needs = self._mark("necesita", "Necesitas algo hoy", choices=NEEDS, nothing=NO_NEED)
        occupied = self._occupied()
        if occupied is True:
            self._about_work()
        elif occupied is False:
            self._about_no_work()
        self._support()
        ending = THANKS
        if self.chance.random() < 0.3:  # she looks at what was noted, and says the last of it anew
            self.steps.append(Step(THANKS, (f"✏️ {IN_SUMMARY}",)))
            before = self.answers["apoyo"]
            self._support()
            ending = AS_NOTED if self.answers["apoyo"] == before else CORRECTED
        for variable in ANSWERS:
            self.answers.setdefault(variable, (NOT_APPLICABLE, None))
        asks = needs not in (None, ["nada"])
        rows = Rows(self.answers, sorted(self._rows(occupied)), self.monthly, ["ayuda"] if asks else [], "completed")
        return Story(tuple(self.steps), ending, rows)

    # --- one question

    def _refuses(self, variable: str, asked: str) -> bool:
        """Now and then she would rather not say."""
        if self.chance.random() >= 0.08:
            return False
        self.steps.append(Step(asked, (REFUSE,)))
        self.answers[variable] = (REFUSED, None)
        return True

    def _choose(self, variable: str, asked: str, choices: dict[str, str]) -> str | None:
        if self._refuses(variable, asked):
            return None
        label = self.chance.choice(list(choices))
        self.steps.append(Step(asked, (label,)))
        self.answers[variable] = (0, choices[label])
        return choices[label]

    def _mark(
        self, variable: str, asked: str, *, choices: dict[str, str], nothing: str | None = None
    ) -> list[str] | None:
        """She ticks some of the choices, or the one that says that none of them is hers."""
        if self._refuses(variable, asked):
            return None
        some = [label for label in choices if label != nothing]
        none_of_them = nothing is not None and self.chance.random() < 0.4
        labels = [nothing] if none_of_them else self.chance.sample(some, self.chance.randint(1, 3))
        self.steps.append(Step(asked, (*(f"☐ {label}" for label in labels), DONE)))
        names = [name for label, name in choices.items() if label in labels]
        self.answers[variable] = (0, names)
        return names

    def _follows(self, variable: str, value: bool | None) -> None:
        """What is calculated from an answer; missing as that is, where it is."""
        self.answers[variable] = (REFUSED, None) if value is None else (0, "si" if value else "no")

    # --- her work

    def _occupied(self) -> bool | None:
        week = self._choose("trabajo_semana", "trabajaste aunque fuera", WEEK)
        works = None if week is None else week in ("trabaje", "ausente")
        self._follows("con_trabajo", works)
        occupied = works
        if works:
            self.kinds = self._mark("tipos_trabajo", "Qué tipo de trabajo es", choices=KINDS) or []
        elif works is False:
            chores = self._mark("rescate", "hiciste algo de esto", choices=CHORES, nothing=NO_CHORE)
            occupied = None if chores is None else chores != ["nada"]
            self.kinds = (chores or []) if occupied else []
        self._follows("ocupada", occupied)
        return occupied

    def _about_work(self) -> None:
        self.answers["tipos"] = (0, " ".join(self.kinds)) if self.kinds else (REFUSED, None)
        for_others = any(kind in INSURABLE for kind in self.kinds)
        if self.kinds:
            self._follows("para_otros", for_others)
        owns = "autoempleo" in self.kinds and not for_others
        if self.kinds != ["ayuda_sin_pago"]:
            self._income("IMSS" if for_others else "por tu cuenta" if owns else "apoyo a tu familia")
        if for_others:
            self._choose("seguro", "IMSS", SECURITY)
        if owns:
            self._choose("posicion", "por tu cuenta", POSITION)

    def _income(self, following: str) -> None:
        if self.chance.random() < 0.3:  # she answers, and goes back
            self._amount(self.chance.choice(list(AMOUNTS)))
            self.steps.append(Step(following, (BACK,)))
        if self._refuses("ingreso", "¿Cuánto te quedó"):
            return
        said = self.chance.choice(list(AMOUNTS))
        self._amount(said)
        amount, high, period, monthly = AMOUNTS[said]
        self.answers["ingreso"] = (0, {"money": amount, "period": period, "high": high, "days": None})
        self.monthly = [Decimal(monthly)]

    def _amount(self, said: str) -> None:
        self.steps += [Step("¿Cuánto te quedó", (Say(said),)), Step("¿verdad?", ("Sí, así es",))]

    def _about_no_work(self) -> None:
        _, week = self.answers["trabajo_semana"]
        looked, available = {"busque": "si", "no_puedo": "no"}.get(week), {"no_puedo": "no"}.get(week)
        if looked is None:
            looked = self._choose("busqueda", "¿buscaste trabajo?", YES_NO)
        if available is None:
            available = self._choose("disponible", "podrías empezar", YES_NO)
        for variable, said in (("busca_trabajo", looked), ("puede_empezar", available)):
            self._follows(variable, None if said is None else said == "si")

    def _rows(self, occupied: bool | None) -> list[Work]:
        if occupied is None:
            return []
        if not occupied:
            return [("sin_trabajo", self._status(), None, None)]
        said = {name: value for name, (_, value) in self.answers.items()}
        insured = next((kind for kind in INSURABLE if kind in self.kinds), None)
        positions: dict[str, str | None] = dict.fromkeys(FOR_PAY, "subordinada")
        positions |= {"ayuda_sin_pago": "sin_pago", "autoempleo": said["posicion"], "otro": None}
        rows: list[Work] = []
        for kind in self.kinds:
            name = EXTERNAL.get(said["seguro"], "empleo_externo") if kind == "con_patron" else kind
            rows.append((name, "ocupada", positions[kind], said["seguro"] if kind == insured else None))
        return rows or [("sin_especificar", "ocupada", None, None)]

    def _status(self) -> str | None:
        _, looked = self.answers["busca_trabajo"]
        _, available = self.answers["puede_empezar"]
        if available == "no":
            return "pnea_no_disponible"
        if available is None or looked is None:
            return None
        return "desocupada" if looked == "si" else "pnea_disponible"

    # --- her family

    def _support(self) -> None:
        value = self._choose("apoyo", "apoyo a tu familia", SUPPORT)
        self._follows("dio_apoyo", None if value is None else value in ("di", "ambas"))
        self._follows("recibio_apoyo", None if value is None else value in ("recibi", "ambas"))


def made_up(chance: Random) -> Story:
    """One way through `seguimiento`, the same for the same chance."""
    return _Writer(chance).story()


def stored(database: Path, point: str, lane: str = "%") -> Rows:
    """What the store holds of this point's check-in (of the woman in this lane), read past all of our own code."""
    whose = "select c.id, c.fate from checkins c join accounts a using (participant_id) where point = ? and lane like ?"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as rows:
        ((checkin, fate),) = rows.execute(whose, (point, lane))
        valid = "select variable, status, value from answers where checkin_id = ? and replaced_at is null"
        jobs = "select kind, status, position, social_security from employments"
        work = f"{jobs} where checkin_id = ? and replaced_at is null order by kind"
        pay = "select monthly from incomes where checkin_id = ? and replaced_at is null and amount is not null"
        asked = "select kind from cases where checkin_id = ? order by kind"
        return Rows(
            {name: (status, value and json.loads(value)) for name, status, value in rows.execute(valid, (checkin,))},
            list(rows.execute(work, (checkin,))),
            [Decimal(str(monthly)) for (monthly,) in rows.execute(pay, (checkin,))],
            [kind for (kind,) in rows.execute(asked, (checkin,))],
            fate,
        )
