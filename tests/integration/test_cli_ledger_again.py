"""What the ledger said on a day it says again later, whatever staff and plans have changed since."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import DemoClock
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import START

ROSTER = (
    "record_id,name,release_date\nLC-001,Rosa Prueba,2026-02-27\nLC-002,Luz Ejemplo,\n"
    "LC-003,Eva Muestra,2026-03-01\nLC-004,Ana Modelo,2025-12-20\n"
)
PLAN = """name = "seguimiento"
[[points]]
name = "m1"
offset = { months = 1 }
window = { before = 7, after = 21 }
instruments = ["seguimiento"]
[[points]]
name = "m2"
offset = { months = 2 }
window = { before = 7, after = 21 }
instruments = ["seguimiento"]
"""


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Somebody at the command line, whose clock stands where the tests put it."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "clock").touch()
    return Operator(home, {"HILO_BOT_API_URL": NOBODY_LISTENS, "HILO_DEMO_CLOCK": str(home / "clock")})


def test_the_past_stays_as_it_was_told(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "women.csv").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    days: list[Callable[[], object]] = [
        lambda: [operator.done("init", "--no-input"), operator.done("participants", "import", tmp_path / "women.csv")],
        lambda: operator.done("participants", "set", "LC-002", "--release", "2026-02-20"),
        lambda: operator.done("participants", "set", "LC-001", "--release", "2025-11-30"),
        lambda: operator.done("participants", "set", "LC-003", "--died", "2026-03-13"),
        lambda: operator.done("participants", "set", "LC-001", "--release", "2026-03-04"),
        lambda: operator.done("plan", "apply", tmp_path / "plan.toml", "--yes"),
    ]
    told: list[tuple[str, dict[str, Any]]] = []
    for number, happens in enumerate(days):
        now = START + timedelta(days=4 * number)
        DemoClock(operator.home / "clock").move_to(now)
        happens()
        told.append((f"{now:%Y-%m-%d}", counted(operator.read("ledger"))))

    assert len({str(counts) for _, counts in told}) == len(days), "every day changed something"
    for day, counts in told:
        assert counted(operator.read("ledger", "--as-of", day)) == counts
    assert counted(operator.read("ledger", "--as-of", "2026-03-01"))["total"]["expected"] == 0
    (rosa,) = [one for one in operator.read("ledger", "--participant", "LC-001")["checkins"] if one["point"] == "s1"]
    assert [change["cause"] for change in rosa["changes"]] == ["corrected", "corrected", "plan_applied"]


def counted(told: dict[str, Any]) -> dict[str, Any]:
    """The figures without their moment and their order, which follows the plan of today."""
    points = {one["point"]: one for one in told["points"]}
    return {**dict(sorted(points.items())), "total": told["total"]}
