"""A consent on paper in a file of participants: all of it, or none."""

from __future__ import annotations

import pytest

from storage.imports.problems import Fault
from tests.unit.test_participant_rows import participants, told

PAPER = "record_id;name;consent_on_paper;consent_version;consent_witness\nLC-1;Rosa Prueba;"


@pytest.mark.parametrize(
    ("cells", "faults"),
    [
        ("2026-11-20;v1;Luz Ríos", []),
        ("2026-11-21;v1;Luz Ríos", [("consent_on_paper", Fault.OUT_OF_RANGE)]),
        ("2026-11-20;v1;123", [("consent_witness", Fault.BAD_CELL)]),
        ("2026-11-20;;", [("consent_version", Fault.BAD_CELL), ("consent_witness", Fault.BAD_CELL)]),
        (";;Luz Ríos", [("consent_on_paper", Fault.BAD_CELL), ("consent_version", Fault.BAD_CELL)]),
        (";;", []),
    ],
)
def test_a_consent_on_paper_has_a_date_a_version_and_a_witness(cells: str, faults: list[tuple[str, Fault]]) -> None:
    file = participants(f"{PAPER}{cells}\n")
    assert sorted(told(file)) == sorted((2, *fault) for fault in faults)
    assert len(file.rows) == (not faults)
