"""The tables that count instead of telling of single women: the funnel, the indicators, and what the export is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from storage.exports.shape import AMOUNT, FLAG, POINT, TEXT, WHOLE, YES_NO, Column, Table
from storage.fates import Fate
from storage.funnel import Funnel, Tally, sum_up
from storage.outcomes.disclosure import protected
from storage.outcomes.figures import Figure

FUNNEL = Table(
    "funnel",
    "Qué fue de los seguimientos de cada punto",
    (
        POINT,
        Column("plan", TEXT, "Plan"),
        Column("expected", WHOLE, "Se esperaban"),
        Column("invited", WHOLE, "Recibieron la invitación"),
        Column("started", WHOLE, "Empezaron"),
        Column("open", WHOLE, "Siguen abiertos"),
        Column("waiting_for_date", WHOLE, "De los abiertos: esperan una fecha"),
        Column("overdue", WHOLE, "De los abiertos: ya pasó su plazo"),
        *(Column(fate.value, WHOLE, f"Terminaron así: {fate.value}") for fate in Fate),
        Column("rr1", AMOUNT, "Tasa de respuesta RR1 (AAPOR), en %"),
        Column("rr2", AMOUNT, "Tasa de respuesta RR2 (AAPOR), en %"),
    ),
)

INDICATORS = Table(
    "indicators",
    "Los indicadores, con su base y su intervalo",
    (
        Column("id", TEXT, "Indicador"),
        Column("base", TEXT, "De quiénes"),
        Column("scope", TEXT, "Ámbito"),
        Column("moment", TEXT, "Momento"),
        Column("dimension", TEXT, "Por qué se desglosa"),
        Column("code", TEXT, "Grupo"),
        Column("numerator", WHOLE, "Numerador"),
        Column("denominator", WHOLE, "Denominador"),
        Column("eligible", WHOLE, "Elegibles"),
        Column("value", AMOUNT, "Porcentaje sin redondear"),
        Column("percent", WHOLE, "Porcentaje"),
        Column("low", AMOUNT, "Intervalo de Wilson al 95 %: desde"),
        Column("high", AMOUNT, "Intervalo de Wilson al 95 %: hasta"),
        Column("response_rate", AMOUNT, "De cuántas se sabe, en %"),
        Column("lowest", AMOUNT, "Si todas las que faltan hubieran dicho que no, en %"),
        Column("highest", AMOUNT, "Si todas las que faltan hubieran dicho que sí, en %"),
        Column("strict_numerator", WHOLE, "Lectura más estricta: numerador"),
        Column("strict_denominator", WHOLE, "Lectura más estricta: denominador"),
        Column("notes", TEXT, "Notas"),
        Column("suppressed", FLAG, "Suprimido, por ser muy pocas", YES_NO),
    ),
)

METADATA = Table("metadata", "Qué es esta exportación", (Column("name", TEXT, "Qué"), Column("value", TEXT, "Valor")))


def funnel(tallies: Sequence[Tally]) -> Iterator[pa.RecordBatch]:
    """A row for each plan and point, in the order of the tallies."""
    rows = [
        {
            **{"point": point, "plan": plan, "expected": found.expected, "open": found.open, "overdue": found.overdue},
            **{"invited": found.invited, "started": found.started, "waiting_for_date": found.waiting_for_date},
            **{fate.value: number for fate, number in found.fates.items()},
            **{"rr1": found.rr1.percent, "rr2": found.rr2.percent},
        }
        for (plan, point), found in _by_point(tallies).items()
    ]
    yield pa.RecordBatch.from_pylist(rows, schema=FUNNEL.schema)


def public_funnel(tallies: Sequence[Tally]) -> Iterator[pa.RecordBatch]:
    """The same for whoever may not learn of a few women: how many were expected, and what became of them, where that
    can be told. What overlaps with these (invited, started, rates) is left out."""
    whole = [_stood(plan, point, of=found) for (plan, point), found in _by_point(tallies).items()]
    rows = [
        {"point": one.moment, "plan": one.base, "expected": one.numerator}
        | {name: part.numerator for name, part in one.by["stood"].items()}
        for one in protected(whole)
    ]
    yield pa.RecordBatch.from_pylist(rows, schema=FUNNEL.schema)


def _stood(plan: str, point: str, *, of: Funnel) -> Figure:
    """How many were expected at a point, and what became of them, as a figure with its groups."""
    parts = {"open": of.open, **{fate.value: number for fate, number in of.fates.items()}}
    whole = Figure(f"{plan} {point}", plan, "", point, numerator=of.expected, denominator=None, eligible=None)
    return replace(whole, by={"stood": {name: replace(whole, numerator=number) for name, number in parts.items()}})


def _by_point(tallies: Sequence[Tally]) -> dict[tuple[str, str], Funnel]:
    found: dict[tuple[str, str], list[Tally]] = {}
    for tally in tallies:
        found.setdefault((tally.plan, tally.point), []).append(tally)
    return {key: sum_up(own) for key, own in found.items()}


def indicators(figures: Sequence[Figure]) -> Iterator[pa.RecordBatch]:
    """A row for each figure, then one for each of its groups."""
    rows = []
    for whole in figures:
        rows.append(_figure(whole))
        for dimension, groups in whole.by.items():
            named = ({"dimension": dimension, "code": code} for code in groups)
            rows += [_figure(part) | name for part, name in zip(groups.values(), named, strict=True)]
    yield pa.RecordBatch.from_pylist(rows, schema=INDICATORS.schema)


def _figure(figure: Figure) -> dict[str, object]:
    own = {name: getattr(figure, name) for name in INDICATORS.names if hasattr(figure, name)}
    notes = (f"{name}={number}" for name, number in sorted(figure.notes.items()))
    unclear = (f"unclear={name}" for name in figure.unclear)
    return {
        **own,
        "strict_numerator": figure.strict and figure.strict.numerator,
        "strict_denominator": figure.strict and figure.strict.denominator,
        "notes": " ".join([*notes, *unclear]) or None,
        "suppressed": int(figure.suppressed),
    }


def metadata(facts: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """A row for each fact."""
    yield pa.RecordBatch.from_pylist(
        [{"name": name, "value": value} for name, value in facts.items()], schema=METADATA.schema
    )
