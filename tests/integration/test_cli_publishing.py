"""`hilo indicators publish` and `compare`, and `hilo quality`: figures that hold still, told woman by woman."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.clock import DemoClock
from storage.schema import publications
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import START, Store

WOMEN = [f"R-{number:02}" for number in range(1, 21)]
MORE = [f"S-{number}" for number in range(9)]
REGISTRY = "record_id,axis,workshop,centre,started_on,completed\n"
WORK = "record_id,scope,kind,started_on,as_of,income_amount,income_period,income_moment\n"
CUT_OFF = ("--as-of", "2026-03-01")


class Later:
    """Somebody at the command line, and the clock by which the days pass."""

    def __init__(self, store: Store) -> None:
        self._clock, self._folder, self._at = store.home / "clock", store.home, START
        self._clock.touch()
        self.operator = Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_DEMO_CLOCK": str(self._clock)})
        self.after(0)

    def after(self, days: int) -> None:
        self._at += timedelta(days=days)
        DemoClock(self._clock).move_to(self._at)

    def bring(self, what: str, name: str, text: str, *options: str) -> None:
        file: Path = self._folder / name
        file.write_text(text, encoding="utf-8")
        self.operator.done("import", what, file, *options)


@pytest.fixture
async def later(store: Store) -> Later:
    """Twenty women were trained; twelve found work and four did not."""
    found = Later(store)
    await asyncio.to_thread(_brought_in, found)
    found.after(1)
    return found


def _brought_in(found: Later) -> None:
    trained = "".join(f"{one},laboral,costura,BAR,2023-02-01,si\n" for one in WOMEN)
    found.bring("registry", "registro.csv", REGISTRY + trained, "--create-people")
    works = "".join(f"{one},en_libertad,autoempleo,2024-01-01,2025-06-01,,,\n" for one in WOMEN[:12])
    none = "".join(f"{one},en_libertad,sin_trabajo,,2025-06-01,,,\n" for one in WOMEN[12:16])
    found.bring("work", "trabajo.csv", WORK + works + none)


def test_a_name_is_published_once(later: Later) -> None:
    assert "14 figures as of 2026-03-01" in later.operator.done("indicators", "publish", "2026-03", *CUT_OFF)
    assert "published as 2026-03 already" in later.operator.refused("indicators", "publish", "2026-03")
    assert "2026-03 (as of 2026-03-01)" in later.operator.refused("indicators", "compare", "2026-04")


def test_before_anything_is_published_there_is_nothing_to_compare(later: Later) -> None:
    assert "there are none yet" in later.operator.refused("indicators", "compare", "2026-03")


def test_as_long_as_nothing_moves_nothing_is_told(later: Later) -> None:
    later.operator.done("indicators", "publish", "2026-03", *CUT_OFF)
    later.after(3)
    told = later.operator.read("indicators", "compare", "2026-03")
    assert [one["id"] for one in told["indicators"] if one["women"] or one["then"] != one["now"]] == []
    assert len(told["indicators"]) == 14
    lines = later.operator.done("indicators", "compare", "2026-03").splitlines()
    assert all(line.endswith("nothing") for line in lines[1:])


def moved(later: Later) -> None:
    """After it was published one late row came, and a correction of another."""
    later.operator.done("indicators", "publish", "2026-03", *CUT_OFF)
    later.after(3)
    later.bring("work", "tarde.csv", WORK + "R-20,en_libertad,autoempleo,2024-01-01,2025-06-01,,,\n")
    later.bring("registry", "corregido.csv", REGISTRY + "R-01,laboral,costura,BAR,2023-02-01,no\n")


def test_each_figure_says_who_moved_it_and_by_what(later: Later) -> None:
    moved(later)
    told = later.operator.read("indicators", "compare", "2026-03")
    assert told["definitions"] == {"then": "1", "now": "1"}
    work = {one["id"]: one for one in told["indicators"]}["F4"]
    assert (work["then"]["numerator"], work["then"]["denominator"], work["then"]["percent"]) == (12, 16, 75)
    assert (work["now"]["numerator"], work["now"]["denominator"], work["now"]["eligible"]) == (12, 16, 19)
    assert work["moved"] == {"late": 1, "corrected": 1}
    (late,) = [one for one in work["women"] if one["cause"] == "late" and one["part"] == "numerator"]
    assert (late["record_id"], late["came"]) == ("R-20", True)
    assert late["sources"] == [{"table": "employments", "file": "tarde.csv", "line": 2, "replaced": False}]
    (gone,) = [one for one in work["women"] if one["cause"] == "corrected" and one["part"] == "eligible"]
    assert (gone["record_id"], gone["came"]) == ("R-01", False)
    places = [(one["table"], one["file"], one["line"], one["replaced"]) for one in gone["sources"]]
    assert places == [("enrolments", "registro.csv", 2, True), ("enrolments", "corregido.csv", 2, False)]


def test_people_read_a_line_a_figure_and_then_the_women(later: Later) -> None:
    moved(later)
    lines = later.operator.done("indicators", "compare", "2026-03").splitlines()
    (line,) = [line for line in lines if line.startswith("F4 ")]
    assert "12/16 75 % -> 12/16 75 %" in line
    assert "late 1" in line
    assert "corrected 1" in line
    assert "  F4\tnumerator\t+\tR-20\tlate\temployments (tarde.csv line 2)" in lines
    places = "enrolments (registro.csv line 2, replaced), enrolments (corregido.csv line 2)"
    assert f"  F4\tnumerator\t-\tR-01\tcorrected\t{places}" in lines


async def test_other_definitions_are_told_of(later: Later, store: Store) -> None:
    await asyncio.to_thread(later.operator.done, "indicators", "publish", "2026-03", *CUT_OFF)
    async with store.database.transact() as tx:
        await tx.run(update(publications).values(definitions="0"))
    told = await asyncio.to_thread(later.operator.done, "indicators", "compare", "2026-03")
    assert "MIND: published by definitions 0, now they are 1" in told


def test_groups_say_what_moved_them_too(later: Later) -> None:
    later.operator.done("indicators", "publish", "por-centro", *CUT_OFF, "--by", "centre")
    later.after(3)
    later.bring("registry", "traslado.csv", REGISTRY + "R-01,laboral,costura,CHA,2024-06-01,si\n")
    told = {one["id"]: one for one in later.operator.read("indicators", "compare", "por-centro")["indicators"]}
    assert told["F4"]["women"] == []
    by = told["F4"]["by"]["centre"]
    assert (by["BAR"]["then"]["numerator"], by["BAR"]["now"]["numerator"], by["BAR"]["moved"]) == (12, 11, {"late": 1})
    assert (by["CHA"]["then"], by["CHA"]["now"]["numerator"]) == (None, 1)
    (one,) = [one for one in by["CHA"]["women"] if one["part"] == "numerator"]
    assert (one["record_id"], one["came"], one["sources"][0]["file"]) == ("R-01", True, "traslado.csv")
    lines = later.operator.done("indicators", "compare", "por-centro").splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("F4 "))
    assert lines[place + 1].split()[:6] == ["centre", "BAR", "12/16", "75", "%", "->"]
    assert "  F4 centre CHA\tnumerator\t+\tR-01\tlate\tenrolments (traslado.csv line 2)" in lines


def test_what_the_public_was_not_told_stays_out(later: Later) -> None:
    later.operator.done("indicators", "publish", "abierto", *CUT_OFF, "--for", "public")
    told = {one["id"]: one for one in later.operator.read("indicators", "compare", "abierto")["indicators"]}
    assert told["F4"]["then"]["suppressed"]
    assert told["F4"]["then"]["numerator"] is None
    assert "left out ->" in later.operator.done("indicators", "compare", "abierto")


async def test_what_is_kept_for_the_public_has_no_asides(later: Later, store: Store) -> None:
    """Counts in notes and stricter readings are small cells too, and nobody has looked at them."""
    for name, audience in (("abierto", "public"), ("propio", "team")):
        command = ("indicators", "publish", name, *CUT_OFF, "--by", "centre", "--for", audience)
        await asyncio.to_thread(later.operator.done, *command)
    async with store.database.read() as tx:
        kept = {row.name: _all_of(json.loads(row.figures)) for row in await tx.run(select(publications))}
    assert len(kept["abierto"]) == len(kept["propio"]) > 14
    assert [one for one in kept["abierto"] if one["strict"] or one["notes"] or one["unclear"]] == []
    assert [one["id"] for one in kept["propio"] if one["strict"] and one["notes"]] != []


def _all_of(figures: Any) -> list[dict[str, Any]]:
    groups = (part for one in figures for parts in one["by"].values() for part in parts.values())
    return [*figures, *groups]


def test_an_option_before_the_verb_is_wrong_usage(later: Later) -> None:
    result = later.operator.types("indicators", *CUT_OFF, "publish", "2026-03")
    assert result.exit_code == 2
    assert "after publish" in result.stderr
    assert later.operator.types("indicators", "publish").exit_code == 2


# --- quality


def amiss(later: Later) -> None:
    rows = ("R-03,en_libertad,,,2025-06-01,90000,mes,actual", "R-02,en_libertad,,,2025-06-01,300,dia,actual")
    later.bring("work", "ingresos.csv", WORK + "\n".join(rows) + "\n")


def test_programs_read_counts_and_findings(later: Later) -> None:
    amiss(later)
    told = later.operator.read("quality")
    counts = {one["kind"]: (one["findings"], one["women"]) for one in told["counts"]}
    assert {kind: numbers for kind, numbers in counts.items() if numbers[0]} == {
        "unusual_income": (1, 1),
        "no_monthly_income": (1, 1),
        "no_income_before": (1, 1),
        "no_consent_basis": (1, 2),
    }
    (one,) = [one for one in told["findings"] if one["kind"] == "unusual_income"]
    assert (one["record_id"], one["mender"], one["file"], one["line"]) == ("R-03", "importer", "ingresos.csv", 2)
    (one,) = [one for one in told["findings"] if one["kind"] == "no_income_before"]
    assert (one["record_id"], one["mender"], one["file"]) == ("R-03", "coordinator", None)


def test_people_read_numbers_first(later: Later) -> None:
    amiss(later)
    lines = later.operator.done("quality").splitlines()
    assert lines[0].split(":")[0].split() == ["0", "works_and_does_not"]
    assert "  R-02\tactual\t2025-06-01\twhoever imported ingresos.csv, line 3" in lines
    assert "  R-03\tpre_taller\ta coordinator" in lines


def test_all_of_one_kind_has_every_line(later: Later) -> None:
    rows = "".join(
        f"{one},en_libertad,,,2025-06-01,300,dia,actual\n" for one in [*WOMEN, *(f"S-{n}" for n in range(9))]
    )
    later.bring("work", "dias.csv", WORK + rows, "--create-people")
    assert "  and 9 more: hilo quality --kind no_monthly_income" in later.operator.done("quality").splitlines()
    lines = later.operator.done("quality", "--kind", "no_monthly_income").splitlines()
    assert len([line for line in lines if "dias.csv" in line]) == 29
    assert len(lines) == 29 + 3
    assert later.operator.types("quality", "--kind", "shoe_size").exit_code == 2


def test_the_organisations_own_names_are_known(later: Later, store: Store) -> None:
    later.bring("registry", "otros.csv", REGISTRY + "R-01,laboral,Velas,Chalcco,2024-02-01,si\n")
    findings = later.operator.read("quality", "--kind", "unknown_name")["findings"]
    assert [(one["what"], one["near"], one["file"], one["line"]) for one in findings] == [
        ("Velas", "telar", "otros.csv", 2),
        ("Chalcco", "chalco", "otros.csv", 2),
    ]
    own = store.home / "catalogue.toml"
    own.write_text('[[workshops]]\ncode = "Velas"\nnames = ["Taller de velas"]\naxis = "laboral"\n', encoding="utf-8")
    (left,) = later.operator.read("quality", "--kind", "unknown_name")["findings"]
    assert left["what"] == "Chalcco"
    own.write_text("[[workshops]]\n", encoding="utf-8")
    assert "catalogue.toml" in later.operator.refused("quality")
