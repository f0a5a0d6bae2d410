"""The women behind the published figures, with exact numbers (domain.md §4), and the shortest way to have them stored.

* `women()` says who they are in words that a file or a check-in could say as well; `store_all` writes them as rows.
* All that could mislead a count is among them: transfers, second workshops, ties, a job that ended before the training,
  an income without days a week, a refusal, scores on another subscale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from conversations.answers import Money, Period
from conversations.income import FACTOR_VERSION, monthly
from storage import bulk
from storage.database import Database, Tx
from storage.schema import employments, enrolments, incomes, measurements, participants, supports

CUT_OFF = date(2026, 3, 1)

REGISTRY, TRAINED_IN_2023, TRAINED, STATUS_KNOWN, EMPLOYED, MORE, MEASURED = 4_221, 571, 1_250, 1_000, 600, 504, 400
NEVER_CAME = 30
"""Women who were enrolled and never attended; they come on top."""

CENTRES = ("BAR", "NZB", "NZS", "CHA", "ECA", "TEX", "SGO", "SMA")
TRADES = ("costura", "tejido", "bordado", "serigrafia")
KINDS = ("autoempleo", "produccion_la_cana", "taller_o_actividad_dentro")


@dataclass(frozen=True, slots=True)
class Enrolled:
    axis: str
    workshop: str
    centre: str
    started_on: date
    sessions: int | None = 8
    completed: bool | None = True


@dataclass(frozen=True, slots=True)
class Job:
    kind: str
    scope: str = "en_libertad"
    started_on: date | None = None
    ended_on: date | None = None
    as_of_on: date = date(2025, 6, 1)


@dataclass(frozen=True, slots=True)
class Pay:
    moment: str
    amount: Decimal | None
    period: Period | None = Period.MONTH
    days_per_week: int | None = None
    on: date = date(2025, 6, 1)
    scope: str = "en_libertad"
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    instrument: str
    moment: str
    score: Decimal
    taken_on: date
    subscale: str = ""
    version: str = "1"


@dataclass(frozen=True, slots=True)
class Woman:
    """One woman; `gave` is yes, no, or the code of why she did not say (None: she was not asked)."""

    number: int
    cohort: str | None = None
    birth_year: int | None = None
    release_on: date | None = None
    enrolled: tuple[Enrolled, ...] = ()
    jobs: tuple[Job, ...] = ()
    pay: tuple[Pay, ...] = ()
    gave: int | None = None
    scores: tuple[Score, ...] = ()

    @property
    def record_id(self) -> str:
        return f"R-{self.number:05d}"


def women() -> list[Woman]:
    """All of them: those trained in a trade first, and of these those who found work first."""
    trained = [_trained(number) for number in range(TRAINED)]
    others = [_other(number) for number in range(TRAINED, REGISTRY)]
    away = [_never_came(number) for number in range(REGISTRY, REGISTRY + NEVER_CAME)]
    return [*map(_measured, [*trained, *others]), *away]


def _somebody(number: int) -> Woman:
    year = 2019 + number % 6
    return Woman(
        number,
        cohort=None if number % 50 == 7 else str(year),
        birth_year=None if number % 40 == 3 else 1960 + number % 45,
        release_on=None if number % 10 == 1 else date(2024, 1 + number % 12, 1 + number % 28),
    )


def _trained(number: int) -> Woman:
    """Of every woman in a trade the first enrolment; some were transferred, some attended a second workshop."""
    year = 2023 if number < TRAINED_IN_2023 else 2021
    first = Enrolled("laboral", TRADES[number % 4], CENTRES[number % 8], date(year, 2, 1 + number % 28))
    enrolled = [first]
    if number % 5 == 0:  # transferred: the same workshop at another centre
        enrolled.append(replace(first, centre=CENTRES[(number + 3) % 8], started_on=date(year, 7, 1), completed=None))
    if number % 7 == 0:
        enrolled.append(replace(first, workshop="panaderia", started_on=date(year, 9, 1), sessions=None))
    if number % 3 == 0:
        enrolled.append(Enrolled("salud_mental", "autoestima", CENTRES[number % 8], date(year, 3, 1)))
    return replace(_somebody(number), enrolled=tuple(enrolled), **_work(number))


def _work(number: int) -> dict[str, Any]:
    if number >= STATUS_KNOWN:  # of these nothing is known, or only what was before
        before = Job("empleo_externo_formal", started_on=date(2015, 1, 1), ended_on=date(2016, 1, 1))
        return {"jobs": (before,) if number % 2 else ()}
    if number >= EMPLOYED:
        return {"jobs": (Job("sin_trabajo"),)}
    return {"jobs": _jobs(number), "pay": _pay(number), "gave": int(_gave(number))}


def _jobs(number: int) -> tuple[Job, ...]:
    """252 on their own, 222 for La Cana, 150 inside: 24 women have two of them."""
    ends = ((24, KINDS[:2]), (252, KINDS[:1]), (450, KINDS[1:2]), (EMPLOYED, KINDS[2:]))
    kinds = next(kinds for end, kinds in ends if number < end)
    scopes = {KINDS[0]: "en_libertad", KINDS[1]: "dentro" if number % 2 else "en_libertad", KINDS[2]: "dentro"}
    return tuple(Job(kind, scopes[kind], date(2024, 1, 1 + number % 28)) for kind in kinds)


def _pay(number: int) -> tuple[Pay, ...]:
    """504 earn more, 40 of them from nothing; 60 the same, in other words; 36 less."""
    before = Decimal(0) if number < 40 else Decimal(3_000)
    told = [Pay("pre_taller", before, on=date(2021, 1, 1), scope="dentro")]
    if number < MORE:
        told.append(Pay("actual", Decimal(1_000), Period.WEEK))
    elif number < 564:
        told.append(Pay("actual", Decimal(1_500), Period.FORTNIGHT))
    else:
        told.append(Pay("actual", Decimal(2_999)))
    if number % 9 == 0:  # earlier, and more: not her latest
        told.append(Pay("actual", Decimal(9_000), on=date(2024, 6, 1)))
    return tuple(told)


def _gave(number: int) -> bool:
    """318 of those who earn more, 60 of the others: 378 of all."""
    return number < 318 or MORE <= number < MORE + 60


def _other(number: int) -> Woman:
    axis, workshop = ("salud_mental", "ansiedad") if number % 2 else ("integracion", "teatro")
    one = Enrolled(axis, workshop, CENTRES[number % 8], date(2019 + number % 6, 5, 1))
    twice = (replace(one, centre=CENTRES[(number + 1) % 8], started_on=date(2025, 5, 1)),) if number % 6 == 0 else ()
    return replace(_somebody(number), enrolled=(one, *twice))


def _never_came(number: int) -> Woman:
    one = Enrolled("laboral", "costura", "BAR", date(2023, 4, 1), sessions=0, completed=number % 2 == 0)
    return replace(_somebody(number), enrolled=(one, replace(one, sessions=None, completed=None)))


# --- scores

_BEFORE, _AFTER = date(2022, 1, 10), date(2022, 6, 10)
GAINS = {"gad7": 300, "erq_ca9": 256, "gem": 232, "brs": 256}
"""How many of the measured get better, by instrument; 40 get worse, the others stay as they were."""

_SCALES = {"gad7": (12, -2), "erq_ca9": (3, 1), "gem": (2, 1), "brs": (3, 1)}
"""The score before, and the step for the better."""

AGREED = 340


def _measured(woman: Woman) -> Woman:
    """Of every tenth or so, both scores on all four instruments and an opinion: 400 women. A hundred more have only a
    first score."""
    place = woman.number % 9
    rank = woman.number // 9
    if place == 4 and rank < MEASURED:
        return replace(woman, scores=(*_pairs(rank), _opinion(rank)))
    if place == 5 and rank < 100:
        return replace(woman, scores=(Score("gad7", "pre", Decimal(9), _BEFORE),))
    return woman


def _pairs(rank: int) -> Sequence[Score]:
    found = []
    for instrument, gains in GAINS.items():
        before, step = _SCALES[instrument]
        change = step if rank < gains else -step if rank >= MEASURED - 40 else 0
        if instrument == "gad7" and rank < 120:
            change *= 2  # more than the least change that matters
        scale = "reevaluacion" if instrument == "erq_ca9" else ""
        found.append(Score(instrument, "pre", Decimal(before), _BEFORE, scale))
        found.append(Score(instrument, "post", Decimal(before + change), _AFTER, scale))
    other_way = [Score("erq_ca9", when, Decimal(n), day, "supresion") for when, n, day in _SUPPRESSION]
    return [*found, *other_way]


_SUPPRESSION = (("pre", 4, _BEFORE), ("post", 2, _AFTER))


def _opinion(rank: int) -> Score:
    return Score("valoracion", "post", Decimal((4 + rank % 2) if rank < AGREED else 3), _AFTER)


# --- as rows


@dataclass
class _Written:
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, table: str, *values: Any) -> None:
        self.rows.setdefault(table, []).append(values)


_SHAPES = {
    "participants": bulk.Shape(participants, ("id", "person", "release_on", "birth_year", "cohort", "added_at")),
    "enrolments": bulk.Shape(
        enrolments,
        (
            *("id", "participant_id", "axis", "workshop", "centre", "started_on", "completed", "sessions_attended"),
            "learned_at",
        ),
    ),
    "employments": bulk.Shape(
        employments,
        ("id", "participant_id", "kind", "scope", "started_on", "ended_on", "as_of_on", "learned_at"),
    ),
    "incomes": bulk.Shape(
        incomes,
        (
            *("id", "participant_id", "moment", "scope", "status", "amount", "period", "days_per_week"),
            *("factor_version", "monthly", "as_of_on", "learned_at"),
        ),
    ),
    "supports": bulk.Shape(supports, ("id", "participant_id", "given", "as_of_on", "learned_at")),
    "measurements": bulk.Shape(
        measurements,
        ("id", "participant_id", "instrument", "version", "subscale", "moment", "taken_on", "score", "learned_at"),
    ),
}


async def store_all(database: Database, them: Sequence[Woman]) -> None:
    """Write these women and all that is known of them, learned now."""
    async with database.transact() as tx:
        await write_all(tx, them)


async def write_all(tx: Tx, them: Sequence[Woman]) -> None:
    """The same, within a transaction."""
    written = _Written()
    for woman in them:
        _write(tx, written, woman)
    for table, rows in written.rows.items():
        await _SHAPES[table].insert(tx, rows)


def _write(tx: Tx, to: _Written, her: Woman) -> None:
    new, now, who = tx.ids.random, tx.now, tx.ids.random()
    to.add("participants", who, f"p{her.number}", her.release_on, her.birth_year, her.cohort, now)
    for e in her.enrolled:
        to.add("enrolments", new(), who, e.axis, e.workshop, e.centre, e.started_on, e.completed, e.sessions, now)
    for job in her.jobs:
        to.add("employments", new(), who, job.kind, job.scope, job.started_on, job.ended_on, job.as_of_on, now)
    for pay in her.pay:
        to.add("incomes", new(), who, *_income(pay, now))
    if her.gave is not None:
        to.add("supports", new(), who, her.gave, date(2025, 6, 1), now)
    for s in her.scores:
        to.add("measurements", new(), who, s.instrument, s.version, s.subscale, s.moment, s.taken_on, s.score, now)


def _income(pay: Pay, now: datetime) -> tuple[Any, ...]:
    if pay.amount is None:
        return pay.moment, pay.scope, -88 if pay.refused else -77, None, None, None, None, None, pay.on, now
    worth = monthly(Money(pay.amount, period=pay.period, days_per_week=pay.days_per_week))
    period = pay.period and pay.period.value
    said = (pay.moment, pay.scope, 0, pay.amount, period, pay.days_per_week)
    return *said, FACTOR_VERSION, worth, pay.on, now
