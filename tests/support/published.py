"""The women of the published figures as files that an operator imports, and as women who answer in their chats.

* Files say what `Woman` says, in the import formats; nothing is written as rows here.
* `smallest()` are the fewest women in a trade whose job figures round to the published ones; she who answers says what
  `answers` gives, and all of them go through their check-ins abreast.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from conversations.answers import Period
from tests.support.chat import WORD, Bot, Chat, word_shown
from tests.support.fixture import Enrolled, Job, Pay, Score, Woman
from tests.support.operator import Operator
from tests.support.woman import DONE, NO_CHORE, NO_NEED, Say, Step

Line = dict[str, Any]

# --- as files


def import_all(operator: Operator, them: Sequence[Woman], *, folder: Path) -> None:
    """Her file brings whose release is known, the registry all others."""
    bring(operator, "participants", "import", lines=_roster(them), folder=folder)
    bring(operator, "import", "registry", "--create-people", lines=registry(them), folder=folder)
    bring(operator, "import", "measurements", lines=scores(them), folder=folder)
    bring(operator, "import", "work", lines=work(them), folder=folder)


def bring(operator: Operator, *command: str, lines: Iterable[Line], folder: Path) -> str:
    """Write these lines to a file and import it; returns what the command said. No lines: no import."""
    rows = list(lines)
    if not rows:
        return ""
    path = folder / "file.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return operator.done(*command, path)


def _roster(them: Iterable[Woman]) -> Iterator[Line]:
    for her in them:
        if her.release_on is not None:
            known = {"release_date": her.release_on, "birth_year": her.birth_year, "cohort": her.cohort}
            yield {"record_id": her.record_id, "name": _name(her.number), **known}


def _name(number: int) -> str:
    """Nobody's name, and like no other's: staff would have to say of two who are alike whether they are one."""
    drawn = sha256(str(number).encode()).digest()
    first, *rest = ("".join("bdfglmnprst"[n % 11] + "aeiou"[n % 5] for n in drawn[at : at + 4]) for at in (0, 4, 8))
    return f"{first} {' '.join(rest)}".title()


def registry(them: Iterable[Woman]) -> Iterator[Line]:
    """A line an enrolment; of two that differ in nothing but how they ended, a registry has the first."""
    for her in them:
        places = {(e.axis, e.workshop, e.centre, e.started_on): e for e in reversed(her.enrolled)}
        for (axis, workshop, centre, began), one in places.items():
            where = {"axis": axis, "workshop": workshop, "centre": centre, "started_on": began}
            said = {"completed": _yes_no(one.completed), "sessions_attended": one.sessions}
            yield {"record_id": her.record_id, **where, **said}


def scores(them: Iterable[Woman]) -> Iterator[Line]:
    """A line a score."""
    for her in them:
        for one in her.scores:
            about = {"instrument": one.instrument, "version": one.version, "subscale": one.subscale}
            when = {"moment": one.moment, "taken_on": one.taken_on}
            yield {"record_id": her.record_id, **about, **when, "score": one.score}


def without_ties(them: Iterable[Woman]) -> list[Woman]:
    """The same women, but whose anxiety stayed as it was has a point less: a rule by which ties are a change."""
    return [
        replace(her, scores=tuple(replace(s, score=s.score - 1) if _is_tie(her, s) else s for s in her.scores))
        for her in them
    ]


def _is_tie(her: Woman, score: Score) -> bool:
    first = [s.score for s in her.scores if (s.instrument, s.moment) == (score.instrument, "pre")]
    return (score.instrument, score.moment) == ("gad7", "post") and first == [score.score]


def work(them: Iterable[Woman]) -> Iterator[Line]:
    """A line a job, an income, an answer."""
    for her in them:
        for job in her.jobs:
            days = {"started_on": job.started_on, "ended_on": job.ended_on, "as_of": job.as_of_on}
            yield {"record_id": her.record_id, "scope": job.scope, "kind": job.kind, **days}
        for pay in her.pay:
            earned = {"income_amount": pay.amount, "income_period": pay.period, "days_per_week": pay.days_per_week}
            when = {"income_moment": pay.moment, "as_of": pay.on}
            yield {"record_id": her.record_id, "scope": pay.scope, **earned, **when}
        if her.gave is not None:
            free = {"scope": "en_libertad", "as_of": date(2025, 6, 1)}
            yield {"record_id": her.record_id, **free, "gave_to_family": _yes_no(her.gave)}


def _yes_no(said: bool | int | None) -> str:
    return "no sabe" if said is None else "si" if said else "no"


# --- as women who answer

SMALLEST, FOUND, ON_HER_OWN, INSIDE_FROM = 95, 57, 24, 43
"""All of them; who found work; of these who work for themselves, the first two of them for La Cana too; and from whom
on they worked inside, where no chat asks."""

NOT_ASKED = 24
"""Women trained in a trade of whom nothing else is known."""

RELEASED, ASKED_AT = date(2026, 1, 31), "m1"
"""So that this point is due when the store's clock starts, and none before it is open."""


def smallest() -> list[Woman]:
    """What is imported of them: the training, what they earned before it, and the work inside with its pay; after them
    come those who are not asked."""
    return [*map(_imported, range(SMALLEST)), *map(_not_asked, range(SMALLEST, SMALLEST + NOT_ASKED))]


def _not_asked(number: int) -> Woman:
    """She was trained, and the date of her release is not known; every other one was transferred."""
    training = Enrolled("laboral", "costura", "BAR", date(2023, 2, 1))
    transferred = (replace(training, centre="ECA", started_on=date(2023, 7, 1)),) if number % 2 else ()
    return Woman(number, enrolled=(training, *transferred))


def _imported(number: int) -> Woman:
    training = Enrolled("laboral", "costura", "BAR", date(2023, 2, 1))
    her = Woman(number, release_on=RELEASED, enrolled=(training,))
    if number >= FOUND:
        return her
    before = Pay("pre_taller", Decimal(3_000), on=date(2023, 1, 1), scope="dentro")
    if number < INSIDE_FROM:
        return replace(her, pay=(before,))
    paid = Pay("actual", Decimal(1_000), Period.WEEK, scope="dentro")
    inside = Job("taller_o_actividad_dentro", "dentro", date(2024, 1, 8))
    return replace(her, jobs=(inside,), pay=(before, paid))


_LITTLE = {34: "mil quinientos a la quincena", 39: "entre 500 y 700 a la semana"}
"""From this woman on to the one before INSIDE_FROM: as much as before, or less."""

_MORE = "$2,300 a la semana"


def answers(number: int) -> tuple[Step, ...]:
    """What she says in her check-in: 43 have work now; of these 34 earn more than before, and 36 gave."""
    begin = (Step("cinco minutos", ("Sí, ahora",)), Step("Necesitas algo hoy", (f"☐ {NO_NEED}", DONE)))
    family = Step("apoyo a tu familia", (_gives(number),))
    return (*begin, *(_working(number) if number < INSIDE_FROM else _NO_WORK), family)


_NO_WORK = (
    Step("trabajaste aunque fuera", ("No, no trabajé",)),
    Step("hiciste algo de esto", (f"☐ {NO_CHORE}", DONE)),
    Step("¿buscaste trabajo?", ("Sí",)),
    Step("podrías empezar", ("Sí",)),
)


def _working(number: int) -> tuple[Step, ...]:
    own, for_us = number < ON_HER_OWN, number < 2 or number >= ON_HER_OWN
    kinds = [*(["☐ Por mi cuenta"] if own else []), *(["☐ Tejo o hago piezas"] if for_us else [])]
    said = next((words for start, words in reversed(_LITTLE.items()) if number >= start), _MORE)
    last = Step("IMSS", ("No",)) if for_us else Step("por tu cuenta", ("Trabajo sola o con ayuda",))
    return (
        Step("trabajaste aunque fuera", ("Sí, trabajé",)),
        Step("Qué tipo de trabajo es", (*kinds, DONE)),
        Step("¿Cuánto te quedó", (Say(said),)),
        Step("¿verdad?", ("Sí, así es",)),
        last,
    )


def _gives(number: int) -> str:
    """Thirty of those who earn more, six of those who do not, and many of those who found no work."""
    if number < 30 or 34 <= number < 40 or number >= FOUND + 10:
        return ("Yo di apoyo", "Las dos cosas")[number % 2]
    return ("No, ninguna", "Me dieron apoyo")[number % 2]


async def answer_all(bot: Bot, ids: dict[int, int]) -> None:
    """Every woman (number → participant id) says yes to following up, is asked at ASKED_AT, and answers."""
    await join(bot, ids)
    await bot.pass_time(days=1)
    await abreast(bot, {n: answers(n) for n in ids})


async def join(bot: Bot, ids: dict[int, int]) -> None:
    """Every woman (number → participant id) says yes to following up."""
    tokens = {number: await bot.invite(her) for number, her in ids.items()}
    joining = (
        ("Sí, puedo",),
        (Say(WORD),),
        ("Sí, acepto",),
        (Say(""),),
        (Say("todas"),),
        (Say("Rosa"),),
        ("En la mañana",),
    )
    await abreast(bot, {n: (Step("", (Say(f"/start {token}"),)),) for n, token in tokens.items()})
    await abreast(bot, {n: tuple(Step("", does) for does in joining) for n in ids})


async def abreast(bot: Bot, theirs: dict[int, tuple[Step, ...]]) -> None:
    """All take their first act, then all their second; what they do together arrives together."""
    acts = {n: [(step.asked, act) for step in steps for act in step.does] for n, steps in theirs.items()}
    for place in range(max(map(len, acts.values()))):
        now = [(bot.chat(1_000 + n), *hers[place]) for n, hers in acts.items() if place < len(hers)]
        await bot.receive(*((chat.chat_id, _update(chat, asked, act)) for chat, asked, act in now))
        await bot.settle()


def _update(chat: Chat, asked: str, act: str | Say) -> dict[str, Any]:
    number, same = next(chat.bot.numbers), {"id": chat.chat_id}
    where = {"id": chat.chat_id, "type": "private"}
    if isinstance(act, Say):
        return {
            "message": {
                "message_id": number,
                "chat": where,
                "from": same,
                "text": act.text or word_shown(chat.last.text),
            }
        }
    asking = chat.newest(asked)
    data = next(data for label, data in asking.buttons.items() if label.startswith(act))
    return {"callback_query": {"id": str(number), "from": same, "data": data, "message": {"chat": where}}}
