"""What figures and exports may tell of, after whatever women have said of each purpose; and after one is erased."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from conversations.income import FACTOR_VERSION
from conversations.xlsform import parse_instrument
from scheduler.applied import Plans
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN, read_plan
from storage import erasure, instruments
from storage.consents import ConsentGiven, How, Purpose, record_consents
from storage.exports.exporting import ExportRefused
from storage.imports.participants import ParticipantRow
from storage.outcomes.evidence import Evidence
from storage.outcomes.figures import Asked
from storage.outcomes.gathering import gather
from storage.outcomes.indicators import compute, members
from storage.outcomes.publishing import Cause, Sets, moved, publish, published
from storage.schema import checkins, employments, enrolments, incomes, measurements, supports
from tests.support.exports import answer, given, write_export
from tests.support.world import START, Store

FILE, CHECKIN = "file", "checkin"
WORDS = [words for length in range(3) for words in product((True, False), repeat=length)]
"""All that somebody can have said of one purpose, up to twice: nothing, yes, no, yes and then no, …"""

SPOKEN = (Purpose.INCOME, Purpose.WELLBEING, Purpose.RESEARCH)
DAY = date(2026, 2, 1)
LEARNED = {"learned_at": START}


async def registered(store: Store, number: int) -> list[int]:
    rows = [
        ParticipantRow(line=n, record_id=f"R-{n}", name=f"Rosa {n}", release_date=DAY, centre="BAR")
        for n in range(number)
    ]
    async with store.database.transact() as tx:
        return await enrol(tx, rows, plans=Plans.of(read_plan(SHIPPED_PLAN)))


async def outcomes(store: Store, woman: int, source: str) -> None:
    """A job, an income, an answer about her family, how anxious she is, and what she thinks of the workshops."""
    async with store.database.transact() as tx:
        first = select(checkins.c.id).where(checkins.c.participant_id == woman, checkins.c.point == "m1")
        checkin = (await tx.run(first)).scalar_one() if source == CHECKIN else None
        her = {"participant_id": woman, "checkin_id": checkin, **LEARNED}
        then, new = {**her, "as_of_on": DAY}, tx.ids.random
        await tx.run(employments.insert(), [{**then, "id": new(), "kind": "autoempleo", "scope": "en_libertad"}])
        pay = {"moment": "actual", "scope": "en_libertad", "amount": Decimal(3000), "period": "mes"}
        worth = {"monthly": Decimal(3000), "factor_version": FACTOR_VERSION}
        await tx.run(incomes.insert(), [{**then, **pay, **worth, "id": new()}])
        await tx.run(supports.insert(), [{**then, "id": new(), "given": 1}])
        score = {**her, "version": "1", "moment": "post", "taken_on": DAY}
        scales = ({"instrument": "gad7", "score": Decimal(3)}, {"instrument": "valoracion", "score": Decimal(4)})
        await tx.run(measurements.insert(), [{**score, **scale, "id": new()} for scale in scales])


async def trained(store: Store, women: Sequence[int]) -> None:
    began = DAY - timedelta(days=90)
    course = {"axis": "laboral", "workshop": "costura", "centre": "BAR", "started_on": began, "completed": True}
    async with store.database.transact() as tx:
        rows = [{**course, **LEARNED, "id": tx.ids.random(), "participant_id": woman} for woman in women]
        await tx.run(enrolments.insert(), rows)


async def says(store: Store, woman: int, purpose: Purpose, *words: bool) -> None:
    for word in words:
        store.clock.advance(minutes=1)
        async with store.database.transact() as tx:
            await record_consents(tx, [(ConsentGiven(woman, purpose, "1", "h", word, How.CHAT), tx.now)])


def counted(store: Store, *, public: bool) -> dict[int, Counter[str]]:
    """Of each woman, how many rows of each kind figures stand on."""
    evidence: Evidence = gather(store.url, DAY + timedelta(days=60), public=public)
    found: dict[int, Counter[str]] = {int(woman): Counter() for woman in evidence.women}
    scales = [name.split("\x1f")[0] for name in evidence.scores.what.names]
    for kind in ("jobs", "incomes", "supports"):
        for place in getattr(evidence, kind).woman:
            found[int(evidence.women[place])][kind] += 1
    for place, what in zip(evidence.scores.woman, evidence.scores.what.index, strict=True):
        found[int(evidence.women[place])][scales[what]] += 1
    return found


def expected(purpose: Purpose, words: Sequence[bool], source: str, *, public: bool) -> Counter[str]:
    """The rule of docs/privacy.md, in other words."""
    everything = Counter({"jobs": 1, "incomes": 1, "supports": 1, "gad7": 1, "valoracion": 1})
    agrees = words[-1] if purpose is Purpose.RESEARCH and words else None
    if public and (agrees is False or (agrees is None and source == CHECKIN)):
        return Counter()
    if words and not words[-1] and True in words:
        del everything[{Purpose.INCOME: "incomes", Purpose.WELLBEING: "gad7"}.get(purpose, "")]
    return everything


@pytest.mark.holds("S-47")
async def test_whatever_she_has_said_counts_is_what_she_allows(store: Store) -> None:
    cases = list(product(SPOKEN, WORDS, (FILE, CHECKIN)))
    women = await registered(store, len(cases))
    for woman, (purpose, words, source) in zip(women, cases, strict=True):
        await outcomes(store, woman, source)
        await says(store, woman, purpose, *words)
    for public in (False, True):
        found = counted(store, public=public)
        for woman, (purpose, words, source) in zip(women, cases, strict=True):
            assert found[woman] == expected(purpose, words, source, public=public), (purpose, words, source, public)


async def test_what_is_withheld_is_unknown_and_she_is_still_one_of_those_who_took_part(store: Store) -> None:
    woman, other = await registered(store, 2)
    await trained(store, (woman, other))
    for one in (woman, other):
        await outcomes(store, one, FILE)
    await says(store, woman, Purpose.RESEARCH, False)
    asked = Asked(DAY + timedelta(days=1))
    told = {one.id: one for one in compute(gather(store.url, asked.as_of, public=True), asked)}
    assert told["F1"].numerator == 2
    assert (told["F4"].numerator, told["F4"].denominator, told["F4"].eligible) == (1, 1, 2)
    team = {one.id: one for one in compute(gather(store.url, asked.as_of), asked)}
    assert (team["F4"].numerator, team["F4"].denominator, team["F4"].eligible) == (2, 2, 2)


# --- what was published


async def test_what_was_published_stays_and_the_comparison_says_why_it_moved(store: Store) -> None:
    one, two, three = await registered(store, 3)
    await trained(store, (one, two, three))
    for her in (one, two, three):
        await outcomes(store, her, FILE)
    asked = Asked(DAY + timedelta(days=1), public=True)
    evidence = gather(store.url, asked.as_of, public=True)
    figures = compute(evidence, asked)
    async with store.database.transact() as tx:
        sets = Sets.of(members(evidence, asked), evidence.women.tolist())
        await publish(tx, "marzo", asked=asked, figures=figures, sets=sets)
    await says(store, one, Purpose.RESEARCH, False)
    async with store.database.transact() as tx:
        await erasure.erase(tx, two, erasure.Wish("command", proved="llamada"))
    async with store.database.read() as tx:
        before = await published(tx, "marzo")
        assert before is not None
        assert before.asked.public
        assert before.figures == figures, "what was said stays said"
        again = gather(store.url, asked.as_of, public=before.asked.public)
        now = Sets.of(members(again, asked), again.women.tolist())
        causes = {(each.woman, each.part, each.cause) for each in await moved(tx, before, now) if each.figure == "F4"}
    assert causes == {
        *((one, part, Cause.CONSENT) for part in ("base", "numerator")),
        *((two, part, Cause.ERASED) for part in ("eligible", "base", "numerator")),
    }
    assert not np.isin([two], again.women).any()


# --- exports


FORM = """
| settings |         |
|          | version |
|          | 7 |

| survey |      |         |                     |               |
|        | type | name    | label::Español (es) | hilo::purpose |
|        | integer | ingreso | ¿Cuánto?            | ingresos      |
|        | integer | animo   | ¿Cómo estás?        | bienestar     |
|        | integer | hijos | ¿Cuántas?          |               |
"""


async def told(store: Store, folder: Path, **asked: Any) -> dict[str, list[dict[str, str]]]:
    await write_export(store, folder, **asked)
    return tables(folder)


def tables(folder: Path) -> dict[str, list[dict[str, str]]]:
    found = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            found[path.stem] = list(csv.DictReader(lines))
    return found


async def answered(store: Store, women: Sequence[int]) -> None:
    parse_instrument("seguimiento", FORM)
    async with store.database.transact() as tx:
        await instruments.keep_instruments(tx, [("seguimiento", "7", FORM)])
    for woman in women:
        await outcomes(store, woman, CHECKIN)
        async with store.database.transact() as tx:
            first = select(checkins.c.id).where(checkins.c.participant_id == woman, checkins.c.point == "m1")
            checkin = (await tx.run(first)).scalar_one()
            for name in ("ingreso", "animo", "hijos"):
                await answer(tx, checkin, name, given=given(2))


async def test_what_she_takes_back_leaves_in_no_export_and_all_else_does(store: Store, tmp_path: Path) -> None:
    women = one, two, three = await registered(store, 3)
    await answered(store, women)
    await says(store, one, Purpose.INCOME, True, False)
    await says(store, two, Purpose.WELLBEING, True, False)
    await says(store, three, Purpose.INCOME, False)
    found = await told(store, tmp_path / "team")
    assert [len(found[name]) for name in ("people", "employments", "supports")] == [3, 3, 3]
    assert (len(found["incomes"]), len(found["measurements"])) == (2, 5)
    assert Counter(row["variable"] for row in found["answers"]) == {"ingreso": 2, "animo": 2, "hijos": 3}
    assert sorted((row["ingreso_m1"], row["animo_m1"], row["hijos_m1"]) for row in found["wide"]) == sorted(
        [("", "2", "2"), ("2", "", "2"), ("2", "2", "2")]
    )


@pytest.mark.holds("S-47")
async def test_for_a_study_only_women_who_said_yes_leave(store: Store, tmp_path: Path) -> None:
    women = yes, no, took_back, *_ = await registered(store, 4)
    await answered(store, women)
    await says(store, yes, Purpose.RESEARCH, True)
    await says(store, no, Purpose.RESEARCH, False)
    await says(store, took_back, Purpose.RESEARCH, True, False)
    found = await told(store, tmp_path / "study", audience="research", reason="tesis", recipient="la universidad")
    assert len(found["people"]) == 1
    persons = {row["person"] for rows in found.values() for row in rows if "person" in row}
    assert persons == {found["people"][0]["person"]}
    assert all(found[name] for name in ("answers", "wide", "checkins", "incomes", "measurements"))
    assert found["people"][0]["centre"] == "", "she stands alone among those who leave, whatever the reason"
    assert {row["suppressed"] for row in found["indicators"]} != {"0"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"identified": True, "reason": "tesis", "recipient": "x"}, "--identified"),
        ({"reason": None, "recipient": "x"}, "--reason and --recipient"),
        ({"reason": "tesis"}, "--reason and --recipient"),
    ],
)
async def test_a_study_has_its_reason_and_recipient_and_no_names(
    store: Store, tmp_path: Path, asked: dict[str, Any], words: str
) -> None:
    with pytest.raises(ExportRefused, match=words):
        await write_export(store, tmp_path / "study", audience="research", **asked)
