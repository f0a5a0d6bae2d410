"""What a check-in gives to the outcome store beside her work: incomes, support, her own record, scores; and what was
known of each before it was corrected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, select

from bot import library
from bot.cli.opening import open_plan
from conversations.answers import Answer, AnswerStatus, Money, Period, Value
from conversations.effects import OutcomesChanged
from scheduler.applied import Plans
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN, Plan, parse_plan
from storage import interviews
from storage.consents import Purpose
from storage.imports.participants import read_participants
from storage.imports.sheets import read_sheet
from storage.interviews import AnswerChanged
from storage.outcomes.known import known
from storage.records import Entry
from storage.schema import checkins, incomes, measurements, participants, supports
from tests.support.chat import Bot
from tests.support.world import START, Store

ROSTER = b"record_id,name,release_date,schooling\nLC-001,Rosa Prueba,2026-02-28,primaria\n"
EVENING = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
"""Nine in the evening of 2 March in Mexico City."""

REFUSED, UNKNOWN = Answer(AnswerStatus.REFUSED), Answer(AnswerStatus.UNKNOWN)
PAY = Money(Decimal(1500), Period.FORTNIGHT)


def given(value: Value) -> Answer:
    return Answer(AnswerStatus.GIVEN, value)


SI, NO = given("si"), given("no")


class Sitting:
    """One check-in of one woman, a month after her release, and what is written of it."""

    def __init__(self, store: Store, her: int, checkin: int) -> None:
        self.store, self.her, self.checkin = store, her, checkin

    async def amounts_to(self, *, at: datetime = EVENING, **outcomes: Answer) -> None:
        """These outcomes hold now."""
        await self._write(OutcomesChanged(outcomes), at=at)

    async def answers(self, form: str, items: Mapping[str, Answer], *, version: str = "1") -> None:
        """These are her answers now."""
        for name, answer in items.items():
            await self._write(AnswerChanged(name, answer, False, form, version), at=EVENING)

    async def _write(self, record: Any, *, at: datetime) -> None:
        async with self.store.database.transact() as tx:
            entry = Entry(record, at, "o", "lane", 1, 1, participant_id=self.her, checkin_id=self.checkin)
            await interviews.WRITERS[type(record)](tx, [entry])

    async def rows(self, table: Table, *columns: str, at: datetime | None = None) -> list[tuple[Any, ...]]:
        """What holds, or held then, in these columns."""
        async with self.store.database.read() as tx:
            found = await tx.run(select(*(table.c[name] for name in columns)).where(known(table, at)))
            return sorted(tuple(row) for row in found)


@pytest.fixture
async def sitting(store: Store) -> Sitting:
    async with store.database.transact() as tx:
        file = read_participants(read_sheet(ROSTER, "x.csv"), today=START.date(), zone_for=lambda *_: None)
        (her,) = await enrol(tx, file.rows, plans=Plans.of(open_plan(SHIPPED_PLAN)))
        first = select(checkins.c.id).where(checkins.c.participant_id == her, checkins.c.point == "m1")
        return Sitting(store, her, (await tx.run(first)).scalar_one())


# --- incomes and support


async def test_incomes_before_have_their_moment_and_a_refusal_its_code(sitting: Sitting) -> None:
    await sitting.amounts_to(income_pre_detencion=given(PAY), income_pre_taller=REFUSED, income=UNKNOWN)
    assert await sitting.rows(incomes, "moment", "scope", "status", "amount", "monthly") == [
        ("actual", "en_libertad", -77, None, None),
        ("pre_detencion", "en_libertad", 0, 1500, 3000),
        ("pre_taller", "dentro", -88, None, None),
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"support_given": SI, "support_received": NO}, [(1, 0)]),
        ({"support_given": REFUSED, "support_received": UNKNOWN}, [(-88, -77)]),
        ({"support_given": NO}, [(0, None)]),
        ({"employed": NO}, []),
    ],
)
async def test_support_is_a_row(
    sitting: Sitting, said: dict[str, Answer], expected: list[tuple[int | None, int | None]]
) -> None:
    await sitting.amounts_to(**said)
    assert await sitting.rows(supports, "given", "received") == expected


async def test_the_day_of_a_row_is_hers(sitting: Sitting) -> None:
    await sitting.amounts_to(support_given=SI, income=given(PAY), employed=SI)
    days = await sitting.rows(supports, "as_of_on") + await sitting.rows(incomes, "as_of_on")
    assert days == [(date(2026, 3, 2),)] * 2


async def test_what_was_known_before_a_correction_is_still_there(sitting: Sitting) -> None:
    await sitting.amounts_to(support_given=NO, income_pre_taller=given(PAY))
    (before,) = await sitting.rows(incomes, "id")
    then = sitting.store.clock.at
    sitting.store.clock.advance(days=1)
    await sitting.amounts_to(support_given=SI, income_pre_taller=given(PAY), at=EVENING + timedelta(days=1))
    assert await sitting.rows(supports, "given") == [(1,)]
    assert await sitting.rows(supports, "given", at=then) == [(0,)]
    assert await sitting.rows(incomes, "id") == [before], "who says the same again has said it then"


# --- her own record


async def her_record(sitting: Sitting) -> tuple[Any, ...]:
    columns = (participants.c.schooling, participants.c.dependants_0_5, participants.c.dependants_adult)
    async with sitting.store.database.read() as tx:
        return tuple((await tx.run(select(*columns))).one())


async def test_her_record_takes_what_she_says_and_loses_nothing_by_what_she_does_not(sitting: Sitting) -> None:
    await sitting.amounts_to(dependants_0_5=given(2), dependants_adult=REFUSED)
    assert await her_record(sitting) == ("primaria", 2, None)
    await sitting.amounts_to(schooling=given("secundaria"), dependants_0_5=UNKNOWN, dependants_adult=given(0))
    assert await her_record(sitting) == ("secundaria", 2, 0)


# --- scores

GAD7 = {f"gad7_{number}": given(f"op_{number % 4}") for number in range(1, 8)}  # 1 2 3 0 1 2 3
SCORE = ("instrument", "version", "subscale", "moment", "taken_on", "score", "answered")


async def test_a_score_comes_with_the_last_of_its_items(sitting: Sitting) -> None:
    *most, last = GAD7.items()
    await sitting.answers("gad7", dict(most))
    assert await sitting.rows(measurements, *SCORE) == []
    await sitting.answers("gad7", dict([last]))
    assert await sitting.rows(measurements, *SCORE) == [("gad7", "1", "", "m1", date(2026, 3, 2), 12, 7)]


async def test_a_gap_is_filled_and_too_many_are_not(sitting: Sitting) -> None:
    await sitting.answers("gad7", GAD7 | {"gad7_3": REFUSED})
    assert await sitting.rows(measurements, "score", "answered") == [(Decimal("10.5"), 6)]
    await sitting.answers("gad7", {"gad7_4": Answer(AnswerStatus.NOT_REACHED)})
    assert await sitting.rows(measurements, "score", "answered") == []


async def test_a_corrected_item_replaces_the_score_and_leaves_what_was_known(sitting: Sitting) -> None:
    await sitting.answers("gad7", GAD7)
    (before,) = await sitting.rows(measurements, "id")
    then = sitting.store.clock.at
    sitting.store.clock.advance(minutes=5)
    await sitting.answers("gad7", {"gad7_1": given("op_1")})
    assert await sitting.rows(measurements, "id") == [before], "the same score stays as it was"
    await sitting.answers("gad7", {"gad7_1": given("op_3")})
    assert await sitting.rows(measurements, "score") == [(14,)]
    assert await sitting.rows(measurements, "score", at=then) == [(12,)]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(lambda sitting: sitting.answers("gad7", GAD7 | {"gad7_1": given("op_4")}), id="other_codes"),
        pytest.param(lambda sitting: sitting.answers("animo", GAD7), id="no_pack"),
    ],
)
async def test_what_its_pack_does_not_know_has_no_score(sitting: Sitting, told: Any) -> None:
    await told(sitting)
    assert await sitting.rows(measurements, *SCORE) == []


async def test_two_versions_make_no_score_together(sitting: Sitting) -> None:
    *most, last = GAD7.items()
    await sitting.answers("gad7", dict(most), version="1")
    await sitting.answers("gad7", dict([last]), version="2")
    assert await sitting.rows(measurements, *SCORE) == []


async def test_subscales_stand_side_by_side(sitting: Sitting) -> None:
    told = {f"reevaluacion_{n}": given(n) for n in range(1, 6)} | {f"supresion_{n}": given(1) for n in range(1, 5)}
    await sitting.answers("erq_ca9", told)
    assert await sitting.rows(measurements, "subscale", "score") == [("reevaluacion", 3), ("supresion", 1)]


# --- in her chat

PLAN = """
name = "doble"
[[points]]
name = "m1"
offset = { months = 1 }
window = { after = 13 }
instruments = ["valoracion", "bienestar"]
"""


def both() -> Plan:
    return parse_plan(PLAN, "doble.toml")


async def asked(store: Store, *answers: str, consents: bool) -> list[tuple[Any, ...]]:
    """Her scores after both of our own instruments were asked in one sitting."""
    bot = Bot(store, shelf=library.build([], library.shipped_sources()), plan=both())
    rosa = await bot.enrolled(but_for=[] if consents else [Purpose.WELLBEING])
    await bot.pass_time(days=32)
    for said in ("sí", "no necesito nada por ahora", *answers):
        await rosa.say(said)
    assert "¿" not in rosa.last.text, "everything is asked"
    async with store.database.read() as tx:
        columns = (measurements.c.instrument, measurements.c.moment, measurements.c.score, measurements.c.answered)
        return sorted(tuple(row) for row in await tx.run(select(*columns).where(known(measurements))))


async def test_our_own_instruments_are_scored_as_she_answers(store: Store) -> None:
    told = ("De acuerdo", "A veces", "Siempre", "Muchas veces", "prefiero no decir")
    assert await asked(store, *told, consents=True) == [("valoracion", "m1", 4, 1)], "3 of 4 are 75 %"


async def test_wellbeing_is_scored_once_all_is_answered(store: Store) -> None:
    told = ("Para nada", "A veces", "Siempre", "Muchas veces", "Nunca")
    assert await asked(store, *told, consents=True) == [
        ("bienestar", "m1", Decimal("3.25"), 4),
        ("valoracion", "m1", 1, 1),
    ]


async def test_wellbeing_is_not_asked_without_her_consent(store: Store) -> None:
    assert await asked(store, "Totalmente de acuerdo", consents=False) == [("valoracion", "m1", 5, 1)]
